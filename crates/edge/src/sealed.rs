//! A text in a column: TEXT as it is, BLOB sealed.

use canopy::seal::{Keys, OpenError};
use js_sys::Uint8Array;
use wasm_bindgen::JsValue;

use crate::platform;

/// What is written of a text that belongs to the place which `context` names.
pub fn column(keys: &Keys, text: &str, context: &str) -> JsValue {
    let seal = || keys.seal(text.as_bytes(), context, platform::random());
    let sealed = if keys.is_set() { seal() } else { None };
    sealed.map_or_else(|| text.into(), |sealed| platform::to_js(&sealed))
}

/// The text that was written there; empty for NULL.
///
/// # Errors
/// Where it does not open.
pub fn text(keys: &Keys, value: &JsValue, context: &str) -> Result<String, OpenError> {
    let (mut bytes, is_sealed) = match value.as_string() {
        Some(plain) => (plain.into_bytes(), false),
        None if value.is_null() || value.is_undefined() => return Ok(String::new()),
        None => (Uint8Array::new(value).to_vec(), true),
    };
    let opened = keys.read(&mut bytes, is_sealed, context)?;
    String::from_utf8(opened.to_vec()).map_err(|_| OpenError::Malformed)
}
