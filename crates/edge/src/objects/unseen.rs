//! Why something cannot be read now.

use wasm_bindgen::JsValue;

use crate::platform::Thrown;

/// See above.
pub enum Unseen {
    /// Other large bodies are under way.
    NoRoom,
    /// Our own storage failed.
    Storage(JsValue),
}

impl<E: Into<JsValue>> From<E> for Unseen {
    fn from(error: E) -> Self {
        Self::Storage(error.into())
    }
}

impl From<Unseen> for Thrown {
    fn from(unseen: Unseen) -> Self {
        match unseen {
            Unseen::NoRoom => JsValue::from_str("no room for the pull's model now").into(),
            Unseen::Storage(thrown) => thrown.into(),
        }
    }
}
