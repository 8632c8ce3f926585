#![allow(missing_debug_implementations, reason = "handles to the browser have nothing to show")]
//! The page crate: carries what the agency's page, Canopy's scripts and the edge say to the decisions of
//! `canopy::page`, and back. The page's API around it is `js/session.js`; the custom element, `js/element.js`.

mod answers;
mod catalogue;
mod choices;
mod components;
mod data;
mod edge;
mod handle;
mod hosted;
mod live;
mod memory;
mod platform;
mod session;
mod standing;

/// What every visitor downloads is small above all.
#[cfg(all(target_family = "wasm", not(target_feature = "atomics")))]
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();
