//! Canopy Connect, seen from an insurance agency's edge, without I/O.
//!
//! Everything here is a function of its arguments: bytes, the current time and random numbers are
//! passed in, requests to Canopy and work to be done later come out as data. The Worker carries them.

pub mod address;
pub mod api;
pub mod auth;
pub mod brand;
pub mod catalogue;
pub mod config;
pub mod contract;
pub mod credentials;
pub mod delivery;
pub mod directory;
pub mod export;
pub mod formula;
pub mod funnel;
pub mod html;
pub mod id;
pub mod invitation;
pub mod json;
pub mod listing;
pub mod metadata;
pub mod page;
pub mod paging;
pub mod problem;
pub mod proxy;
pub mod pull;
pub mod retry;
pub mod room;
pub mod routes;
pub mod schedule;
pub mod seal;
pub mod secret;
pub mod security;
pub mod session;
pub mod signature;
pub mod status;
pub mod sweep;
pub mod sync;
pub mod task;
mod text;
pub mod time;
pub mod timeline;
pub mod webhook;
