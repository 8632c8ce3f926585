//! Values for SQLite.

use canopy::time::UnixMillis;
use wasm_bindgen::JsValue;

/// An integer: JavaScript's numbers hold moments, positions and sizes exactly.
pub fn integer(value: i64) -> JsValue {
    JsValue::from_f64(value as f64)
}

/// A moment.
pub trait IntoSql {
    fn into_sql(self) -> JsValue;
}

impl IntoSql for UnixMillis {
    fn into_sql(self) -> JsValue {
        integer(self.0)
    }
}
