//! The browser as this crate uses it.

use js_sys::{Array, Function, Promise};
use wasm_bindgen::prelude::*;

/// What [`relay`] calls: the event's name and its data. One event may lead to the next while it is being told.
pub type EventListener = Closure<dyn Fn(JsValue, JsValue)>;

#[wasm_bindgen(module = "/js/platform.js")]
extern "C" {
    /// `[status, document]`, or the reason why there is no answer.
    pub async fn request(
        method: &str,
        url: &str,
        token: Option<&str>,
        body: &JsValue,
        millis: u32,
    ) -> JsValue;
    /// Loads a script once and gives the global that it sets.
    #[wasm_bindgen(catch)]
    pub async fn script(url: &str, global: &str) -> Result<JsValue, JsValue>;
    /// Calls `callback(name, data)` for each of the emitter's events.
    pub fn relay(emitter: &JsValue, names: Vec<String>, callback: &Function);
    /// `[id, token]` of the session that this tab remembers.
    pub fn remembered(key: &str) -> Option<Array>;
    /// Remembers a session; forgets it without an id.
    pub fn remember(key: &str, id: Option<&str>, token: Option<&str>);
    /// The page's `ccmeta_…` query parameters.
    #[wasm_bindgen(js_name = queryMetadata)]
    pub fn query_metadata() -> js_sys::Object;
    /// Tells the developer why it cannot go on.
    pub fn explain(code: &str, edge: &str);

    /// The session's documents as they change.
    pub type Live;
    #[wasm_bindgen(constructor)]
    pub fn new(url: &str, token: &str, take: &Function, fail: &Function, ask: &Function) -> Live;
    #[wasm_bindgen(method)]
    pub fn close(this: &Live);
}

/// Canopy's global objects and what they give.
#[wasm_bindgen]
extern "C" {
    /// `CanopyConnect` or `CanopyConnectComponents`.
    pub type Canopy;
    #[wasm_bindgen(method, catch)]
    pub fn create(this: &Canopy, options: &JsValue) -> Result<Handler, JsValue>;
    #[wasm_bindgen(method, catch)]
    pub fn form(this: &Canopy, options: &JsValue) -> Result<Form, JsValue>;

    /// The hosted SDK's handler. Source: contract, "The hosted SDK".
    #[derive(Clone)]
    pub type Handler;
    #[wasm_bindgen(method, catch)]
    pub fn open(this: &Handler) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    pub fn mount(this: &Handler) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    pub fn close(this: &Handler) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    pub fn destroy(this: &Handler) -> Result<JsValue, JsValue>;

    /// A Components form. Source: contract, "Components".
    #[derive(Clone)]
    pub type Form;
    #[wasm_bindgen(method, getter)]
    pub fn components(this: &Form) -> JsValue;
    #[wasm_bindgen(method, catch)]
    pub fn submit(this: &Form) -> Result<Promise, JsValue>;
    #[wasm_bindgen(method, catch, js_name = destroy)]
    pub fn destroy_form(this: &Form) -> Result<JsValue, JsValue>;

    /// One field of a form.
    pub type Component;
    #[wasm_bindgen(method, catch, js_name = mount)]
    pub fn mount_in(this: &Component, target: &JsValue) -> Result<JsValue, JsValue>;
}

/// A member of a JavaScript object; `undefined` when there is none.
pub fn member(object: &JsValue, name: &str) -> JsValue {
    js_sys::Reflect::get(object, &JsValue::from_str(name)).unwrap_or(JsValue::UNDEFINED)
}

/// Sets a member of a JavaScript object.
pub fn set(object: &JsValue, name: &str, value: &JsValue) {
    // Plain objects take any member.
    let _ = js_sys::Reflect::set(object, &JsValue::from_str(name), value);
}
