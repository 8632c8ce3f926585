#![allow(missing_debug_implementations, reason = "handles to the platform have nothing to show")]
//! The edge Worker: carries requests, objects and storage to the decisions of `canopy` and back.

mod canopy_client;
mod config;
mod custody;
mod entry;
mod forward;
mod http;
mod objects;
mod platform;
mod room;
mod routes;
mod sealed;
mod services;
mod signed;
mod stores;
