//! The tools the commands need, each found or installed at its first use.

mod apt;
mod bindgen;
mod browser;
mod firefox;
pub mod npm;
mod php;
mod python;
mod rust;

pub use bindgen::ensure_bindgen;
pub use browser::ensure_browser;
pub use firefox::ensure_firefox;
pub use php::ensure_php;
pub use python::ensure_python;
pub use rust::{WASM_TARGET, ensure_component, ensure_wasm_target};
