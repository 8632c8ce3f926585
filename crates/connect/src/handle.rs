//! The Rust half of the page's `Session`, as JavaScript calls it. What its consumer does is in
//! `choices`, `answers`, `components` and `hosted`.

use std::rc::Rc;

use canopy::{page::Purpose, session::Mode};
use js_sys::{Function, Promise};
use wasm_bindgen::prelude::*;

use crate::{
    data,
    platform::promise,
    session::{Inner, Settings},
};

/// The Rust half of the page's `Session`.
#[wasm_bindgen]
pub struct Core(pub(crate) Rc<Inner>);

#[wasm_bindgen]
impl Core {
    /// `metadata` is an object, or text: the token of an invitation, which has metadata of its own. `given` is `[id, token]` of the session that the back office has opened for this page, `undefined` where there is none.
    /// `notify(name, detail)` is called at each change: `screen`, a milestone with its pull, or `hosted` with an event of
    /// the hosted SDK.
    #[wasm_bindgen(constructor)]
    pub fn new(
        edge: String,
        is_hosted: bool,
        storage_key: Option<String>,
        metadata: JsValue,
        reconnect_token: Option<String>,
        given: JsValue,
        notify: Function,
    ) -> Self {
        let mode = if is_hosted { Mode::Hosted } else { Mode::Components };
        let purpose = match &reconnect_token {
            _ if !given.is_undefined() => Purpose::Given,
            Some(_) => Purpose::Reconnect(mode),
            None => Purpose::Login(mode),
        };
        let invitation = metadata.as_string();
        let metadata = if invitation.is_some() { JsValue::UNDEFINED } else { metadata };
        let settings =
            Settings { edge, purpose, storage_key, metadata, reconnect_token, invitation, given, notify };
        Self(Rc::new(Inner::new(settings)))
    }

    /// Picks up the session that the back office has opened, or that this tab remembers, if there is one.
    pub fn resume(&self) -> Promise {
        let inner = Rc::clone(&self.0);
        promise(async move {
            inner.resume().await;
            Ok(JsValue::UNDEFINED)
        })
    }

    /// What to show, as data.
    #[wasm_bindgen(getter)]
    pub fn screen(&self) -> JsValue {
        let screen = self.0.page.borrow_mut().screen();
        data::screen(&screen).into()
    }

    /// The session's newest view as the edge sent it; `null` before there is one.
    #[wasm_bindgen(getter)]
    pub fn status(&self) -> JsValue {
        self.0.raw_view()
    }

    /// Whether a session has been opened, or is being.
    #[wasm_bindgen(getter, js_name = isOpen)]
    pub fn is_open(&self) -> bool {
        self.0.is_open()
    }

    /// Where Canopy's Components come from, once a session is there.
    #[wasm_bindgen(getter, js_name = componentsUrl)]
    pub fn components_url(&self) -> Option<String> {
        self.0.access().map(|access| access.components_url)
    }

    /// Whether the status comes as it changes. While it is false the page asks for it now and then.
    #[wasm_bindgen(getter, js_name = isLive)]
    pub fn is_live(&self) -> bool {
        self.0.attempts().is_live()
    }

    /// Whether the edge can neither be heard nor asked.
    #[wasm_bindgen(getter, js_name = isCutOff)]
    pub fn is_cut_off(&self) -> bool {
        self.0.attempts().is_cut_off()
    }

    /// Whether `startOver` leads on: to another session in this one's place.
    #[wasm_bindgen(getter, js_name = canStartOver)]
    pub fn can_start_over(&self) -> bool {
        self.0.purpose.can_start_over()
    }

    /// Tries again what failed.
    pub fn retry(&self) -> Promise {
        self.0.page.borrow_mut().retry();
        self.0.changed();
        self.resume()
    }

    /// Leaves this session behind: the next step opens a new one, but for one of the back office's. Consent that was given
    /// stays given.
    #[wasm_bindgen(js_name = startOver)]
    pub fn start_over(&self) {
        self.0.start_over();
    }

    /// Ends all of it; nothing is left in the page. The edge's session goes on and can be picked up again.
    pub fn close(&self) {
        self.0.close();
    }
}
