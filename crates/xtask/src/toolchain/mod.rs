//! The tools the commands need, each found or installed at its first use.

mod browser;
pub mod npm;
mod rust;
mod wasm_bindgen;

pub use browser::ensure_browser;
pub use rust::{WASM_TARGET, ensure_component, ensure_wasm_target};
pub use wasm_bindgen::WasmBindgen;
