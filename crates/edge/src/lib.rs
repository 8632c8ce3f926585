#![allow(missing_debug_implementations, reason = "handles to the platform have nothing to show")]
//! The edge Worker: carries requests, objects and storage to the decisions of `canopy` and back.

mod api;
mod carrier;
mod catalogue;
mod config;
mod connect;
mod copies;
mod gateway;
mod http;
mod limits;
mod platform;
mod proxy;
mod pull;
mod room;
mod session;
mod webhook;
