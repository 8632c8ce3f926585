//! A stand-in for Canopy Connect: its API, its published test logins, its signed webhooks, and faults
//! on demand. Everything but the carrying is plain Rust and runs natively in tests.

pub mod api;
pub mod carriers;
pub mod changes;
pub mod clock;
pub mod config;
pub mod contract;
pub mod control;
pub mod days;
pub mod delivery;
#[cfg(test)]
mod driven;
pub mod due;
pub mod durations;
pub mod edge;
pub mod events;
pub mod faults;
#[cfg(test)]
mod found;
pub mod household;
pub mod http;
pub mod ids;
pub mod jwt;
pub mod link;
pub mod logins;
pub mod message;
pub mod monitorings;
pub mod pdf;
pub mod policy_check;
pub mod progress;
pub mod pulls;
pub mod rows;
pub mod schema;
pub mod sdk;
pub mod servicings;
pub mod table;
pub mod teams;
pub mod uploads;
pub mod world;

#[cfg(target_arch = "wasm32")]
mod outgoing;
#[cfg(target_arch = "wasm32")]
mod platform;
