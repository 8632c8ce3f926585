//! Canopy's hosted SDK: its window over the page or in it.

use std::rc::Rc;

use js_sys::{Object, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::{
    edge::{Access, Refusal},
    handle::Core,
    platform::{self, Canopy, Handler, member, optional, promise, set},
    session::Inner,
};

/// Events of the handler. Source: contract, "The hosted SDK".
const EVENTS: [&str; 7] = [
    "authenticationSuccess",
    "sectionViewed",
    "userAction",
    "selectCustomInsuranceProvider",
    "exit",
    "error",
    "destroy",
];

#[wasm_bindgen]
impl Core {
    /// Opens Canopy's window. `options`: `modal`, `mount`, `hideCloseButton`, `consentToken`, `reconnectToken`.
    #[wasm_bindgen(js_name = openHosted)]
    pub fn open_hosted(&self, options: JsValue) -> Promise {
        let inner = Rc::clone(&self.0);
        promise(async move {
            inner.window.end();
            let turn = inner.window.turn();
            let opened = inner.open_hosted(turn, &options).await;
            opened.map(|()| JsValue::UNDEFINED).map_err(|refusal| {
                if !inner.window.is_over(turn) {
                    inner.window.end();
                    inner.page.borrow_mut().set_hosted(false);
                    inner.refuse(&refusal);
                }
                refusal.error()
            })
        })
    }

    /// Closes Canopy's window, also one that does not answer.
    #[wasm_bindgen(js_name = closeHosted)]
    pub fn close_hosted(&self) {
        let inner = &self.0;
        let Some(window) = inner.window.get() else { return };
        let turn = inner.window.turn();
        let is_silent = inner.page.borrow().is_silent();
        if !is_silent {
            let _ = window.unchecked_into::<Handler>().close_window();
        }
        // It says `exit` by itself when it is well.
        if !inner.window.is_over(turn) {
            inner.window.end();
            inner.end_hosted(&JsValue::UNDEFINED);
            if is_silent {
                inner.page.borrow_mut().refuse("SCRIPT_FAILED");
            }
            inner.changed();
        }
    }
}

impl Inner {
    async fn open_hosted(self: &Rc<Self>, turn: u32, options: &JsValue) -> Result<(), Refusal> {
        self.page.borrow_mut().begin();
        self.changed();
        let is_late = || self.is_closed() || self.window.is_over(turn);
        let access = self.open_access().await?;
        if is_late() {
            return Ok(());
        }
        let failed = |error| Refusal::of_script(&access.sdk_url, &error);
        let canopy = platform::script(&access.sdk_url, "CanopyConnect").await;
        if is_late() {
            return Ok(());
        }
        let canopy: Canopy = canopy.map_err(failed)?.unchecked_into();
        let window = canopy.create(&self.settings(&access, options)).map_err(failed)?;
        self.window.put(window.clone());
        self.listen_hosted(turn, &window).map_err(failed)?;
        let is_mounted = member(options, "modal") == JsValue::FALSE;
        let handler = window.unchecked_ref::<Handler>();
        if is_mounted { handler.mount() } else { handler.open() }.map_err(failed)?;
        if is_late() {
            return Ok(());
        }
        self.page.borrow_mut().set_hosted(true);
        self.changed();
        self.watch(turn, window, access.sdk_url);
        Ok(())
    }

    fn settings(&self, access: &Access, options: &JsValue) -> Object {
        let settings = platform::copy(options);
        let metadata = platform::copy(self.metadata(access));
        set(&metadata, "edge_session", &JsValue::from_str(access.session_id.as_str()));
        set(&settings, "publicAlias", &JsValue::from_str(&access.public_alias));
        set(&settings, "pullMetaData", &metadata);
        if let Some(token) = self.reconnect_token.as_deref() {
            set(&settings, "reconnectToken", &optional(Some(token)));
        }
        settings
    }

    fn listen_hosted(self: &Rc<Self>, turn: u32, window: &JsValue) -> Result<(), JsValue> {
        let weak = Rc::downgrade(self);
        let listen = platform::listener(move |event, data| {
            let Some(inner) = weak.upgrade() else { return JsValue::UNDEFINED };
            match event.as_str() {
                // What ends it says so last.
                "destroy" => inner.tell_hosted("destroy", &data),
                _ if inner.window.is_over(turn) => {}
                "exit" => {
                    inner.end_hosted(&data);
                    // A listener may have opened another one.
                    if !inner.window.is_over(turn) {
                        inner.window.end();
                    }
                    inner.changed();
                }
                _ => {
                    let mut page = inner.page.borrow_mut();
                    page.set_silent(false);
                    if event == "authenticationSuccess" {
                        page.authenticate();
                    }
                    drop(page);
                    inner.tell_hosted(&event, &data);
                    inner.changed();
                }
            }
            JsValue::UNDEFINED
        });
        platform::relay(window, EVENTS.map(str::to_owned).to_vec(), &listen)
    }

    /// The window is closed.
    fn end_hosted(&self, data: &JsValue) {
        self.page.borrow_mut().set_hosted(false);
        self.tell_hosted("exit", data);
    }

    fn tell_hosted(&self, event: &str, data: &JsValue) {
        self.tell("hosted", &js_sys::Array::of2(&JsValue::from_str(event), data));
    }

    /// A window that says nothing may be kept from the page, or slow: the visitor, who sees it, decides. One that the page's
    /// policy forbids will not come.
    fn watch(self: &Rc<Self>, turn: u32, window: JsValue, url: String) {
        let inner = Rc::clone(self);
        spawn_local(async move {
            let Err(is_forbidden) = platform::sign_of_life(&window, &url).await else { return };
            if inner.is_closed() || inner.window.is_over(turn) {
                return;
            }
            let why = "its window says nothing";
            let refusal = Refusal { of: Some(url), ..Refusal::of("SCRIPT_FAILED", why) };
            if is_forbidden.is_truthy() {
                inner.window.end();
                inner.end_hosted(&JsValue::UNDEFINED);
                inner.refuse(&refusal);
            } else {
                inner.lack_window(&refusal);
            }
        });
    }
}
