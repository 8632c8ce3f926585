//! Objects by their names.

use wasm_bindgen::prelude::*;
use worker::Env;

use crate::platform;

#[wasm_bindgen]
extern "C" {
    type Namespace;
    #[wasm_bindgen(method, catch, js_name = getByName)]
    fn get_by_name(this: &Namespace, name: &str) -> Result<JsValue, JsValue>;
}

pub fn stub(env: &Env, namespace: &str, name: &str) -> Result<JsValue, JsValue> {
    platform::binding(env, namespace)?.unchecked_into::<Namespace>().get_by_name(name)
}
