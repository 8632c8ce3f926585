//! The browser as this crate uses it. Nothing here may be called while something is borrowed: the page's own code may run in
//! all of it, a getter or a patched function at least.

use std::pin::Pin;

use js_sys::{Function, Object, Promise};
use wasm_bindgen::prelude::*;

/// What JavaScript calls with a name and its data. It lives as long as anything there can call it, and does nothing once
/// what it speaks of is gone. One call may lead to the next before it ends.
pub type Listener = Closure<dyn Fn(JsValue, JsValue) -> JsValue>;

#[wasm_bindgen(module = "/js/platform.js")]
extern "C" {
    /// `[status, body]`, or the reason why there is no answer.
    #[wasm_bindgen(catch)]
    pub async fn request(
        method: &str,
        url: &str,
        token: Option<&str>,
        body: &JsValue,
    ) -> Result<JsValue, JsValue>;
    /// Loads a script once and gives the global that it sets.
    #[wasm_bindgen(catch)]
    pub async fn script(url: &str, global: &str) -> Result<JsValue, JsValue>;
    /// A promise of what makes carriers searchable: of their list a function that gives those which a text finds.
    #[wasm_bindgen(catch)]
    pub fn finder() -> Result<Promise, JsValue>;
    /// What `promise` gives, if it comes in time and the page's policy does not forbid the form's frames. It waits no longer
    /// than the form stands.
    #[wasm_bindgen(catch, js_name = inTime)]
    pub async fn in_time(form: &JsValue, promise: &Promise, url: &str) -> Result<JsValue, JsValue>;
    /// Settles when Canopy's window says something, or ends; rejected with `true` where the page's policy forbids it, with
    /// `false` when it has said nothing for long.
    #[wasm_bindgen(catch, js_name = signOfLife)]
    pub async fn sign_of_life(window: &JsValue, url: &str) -> Result<JsValue, JsValue>;
    /// Calls `callback(name, data)` for each of the events of a form or a window.
    #[wasm_bindgen(catch)]
    pub fn relay(emitter: &JsValue, names: Vec<String>, callback: &JsValue) -> Result<(), JsValue>;
    /// Takes a form or a window out of the page.
    #[wasm_bindgen(catch)]
    pub fn destroy(emitter: &JsValue) -> Result<(), JsValue>;
    /// The object that this tab remembers; `undefined` when there is none.
    #[wasm_bindgen(catch)]
    pub fn remembered(key: &str) -> Result<JsValue, JsValue>;
    /// Remembers a session, a consent and a carrier; forgets where there is none of them.
    #[wasm_bindgen(catch)]
    pub fn remember(
        key: &str,
        id: Option<&str>,
        token: Option<&str>,
        consent: &JsValue,
        carrier: &JsValue,
    ) -> Result<(), JsValue>;
    /// Tells the developer why it cannot go on: the code, whom it is about, what was said.
    #[wasm_bindgen(catch)]
    pub fn explain(code: &str, of: &str, why: &str) -> Result<(), JsValue>;

    /// The session's views as they change.
    pub type Live;
    #[wasm_bindgen(constructor, catch)]
    pub fn new(url: &str, token: &str, call: &JsValue) -> Result<Live, JsValue>;
    #[wasm_bindgen(method, catch)]
    pub fn close(this: &Live) -> Result<(), JsValue>;
}

/// Canopy's global objects and what they give.
#[wasm_bindgen]
extern "C" {
    /// `CanopyConnect` or `CanopyConnectComponents`.
    pub type Canopy;
    #[wasm_bindgen(method, catch)]
    pub fn create(this: &Canopy, options: &JsValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    pub fn form(this: &Canopy, options: &JsValue) -> Result<JsValue, JsValue>;

    /// The hosted SDK's handler. Source: contract, "The hosted SDK".
    pub type Handler;
    #[wasm_bindgen(method, catch)]
    pub fn open(this: &Handler) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    pub fn mount(this: &Handler) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch, js_name = close)]
    pub fn close_window(this: &Handler) -> Result<JsValue, JsValue>;

    /// A Components form. Source: contract, "Components".
    pub type Form;
    #[wasm_bindgen(method, catch)]
    pub fn submit(this: &Form) -> Result<Promise, JsValue>;

    /// One field of a form.
    pub type Component;
    #[wasm_bindgen(method, catch, js_name = mount)]
    pub fn mount_in(this: &Component, target: &JsValue) -> Result<JsValue, JsValue>;
}

/// A function for JavaScript that calls `listen(name, data)`.
pub fn listener(listen: impl Fn(String, JsValue) -> JsValue + 'static) -> JsValue {
    let listen: Box<dyn Fn(JsValue, JsValue) -> JsValue> =
        Box::new(move |name, data| listen(name.as_string().unwrap_or_default(), data));
    Listener::wrap(listen).into_js_value()
}

/// Calls a function of the page's, which reports its own errors.
pub fn call(function: &Function, name: &str, data: &JsValue) {
    let _ = function.call2(&JsValue::NULL, &JsValue::from_str(name), data);
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

/// An object with the members of another one, which may be none.
pub fn copy(object: &JsValue) -> Object {
    let empty = Object::new();
    Object::try_assign(&empty, object.unchecked_ref()).unwrap_or(empty)
}

/// A promise for the page. The future is boxed so that what surrounds it is compiled once, not once for each.
pub fn promise(work: impl Future<Output = Result<JsValue, JsValue>> + 'static) -> Promise {
    let work: Pin<Box<dyn Future<Output = Result<JsValue, JsValue>>>> = Box::pin(work);
    wasm_bindgen_futures::future_to_promise(work)
}

/// Text, or `undefined`.
pub fn optional(text: Option<&str>) -> JsValue {
    text.map_or(JsValue::UNDEFINED, JsValue::from_str)
}
