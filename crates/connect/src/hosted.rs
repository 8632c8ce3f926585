//! Canopy's hosted SDK: its window over the page or in it.

use std::rc::Rc;

use js_sys::{Object, Promise};
use wasm_bindgen::prelude::*;

use crate::{
    edge::{Access, Refusal},
    platform::{self, Canopy, EventListener, Handler, member, set},
    session::{Core, Inner, optional, promise},
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
            let opened = inner.open_hosted(&options).await;
            opened.map(|()| JsValue::UNDEFINED).map_err(|refusal| {
                inner.refuse(&refusal);
                refusal.error()
            })
        })
    }

    /// Closes Canopy's window.
    #[wasm_bindgen(js_name = closeHosted)]
    pub fn close_hosted(&self) {
        if let Some(handler) = self.0.window.get() {
            let _ = handler.close();
        }
    }
}

impl Inner {
    /// Takes the window out of the page; one that is still on its way will not open.
    pub fn destroy_window(&self) {
        if let Some(handler) = self.window.end() {
            let _ = handler.destroy();
        }
    }

    async fn open_hosted(self: &Rc<Self>, options: &JsValue) -> Result<(), Refusal> {
        self.destroy_window();
        let turn = self.window.turn();
        self.page.borrow_mut().begin();
        self.changed();
        let is_late = || self.is_closed() || self.window.is_over(turn);
        let access = self.access().await?;
        if is_late() {
            return Ok(());
        }
        let canopy = platform::script(&access.sdk_url, "CanopyConnect").await;
        if is_late() {
            return Ok(());
        }
        let failed = |_| Refusal::of("SCRIPT_FAILED", &access.sdk_url);
        let canopy: Canopy = canopy.map_err(failed)?.unchecked_into();
        let handler = canopy.create(&self.settings(&access, options)).map_err(failed)?;
        self.listen_hosted(&handler);
        if member(options, "modal") == JsValue::FALSE {
            handler.mount().map_err(failed)?;
        } else {
            handler.open().map_err(failed)?;
        }
        self.page.borrow_mut().set_hosted(true);
        self.changed();
        Ok(())
    }

    fn settings(&self, access: &Access, options: &JsValue) -> Object {
        let settings = Object::assign(&Object::new(), options.unchecked_ref::<Object>());
        let metadata = Object::assign(&Object::new(), self.metadata().unchecked_ref::<Object>());
        set(&metadata, "edge_session", &JsValue::from_str(&access.session_id));
        set(&settings, "publicAlias", &JsValue::from_str(&access.public_alias));
        set(&settings, "pullMetaData", &metadata);
        if let Some(token) = self.reconnect_token.as_deref() {
            set(&settings, "reconnectToken", &optional(Some(token)));
        }
        settings
    }

    fn listen_hosted(self: &Rc<Self>, handler: &Handler) {
        let weak = Rc::downgrade(self);
        let listener = EventListener::new(move |name: JsValue, data: JsValue| {
            let Some(inner) = weak.upgrade() else { return };
            let event = name.as_string();
            match event.as_deref() {
                Some("authenticationSuccess") => inner.page.borrow_mut().authenticate(),
                Some("exit") => inner.page.borrow_mut().set_hosted(false),
                _ => {}
            }
            inner.tell("hosted", &js_sys::Array::of2(&name, &data));
            if event.as_deref() == Some("exit") {
                inner.destroy_window();
            }
            inner.changed();
        });
        platform::relay(handler, EVENTS.map(str::to_owned).to_vec(), listener.as_ref().unchecked_ref());
        self.window.put(handler.clone(), listener);
    }
}
