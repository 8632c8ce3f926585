//! What the tab remembers: with it a reload, or a phone that dropped the tab, loses nothing that was answered. Names and passwords are not
//! among it.

use wasm_bindgen::prelude::*;

use crate::{edge::Access, platform};

/// Has the tab remember a session, a consent and a carrier; nothing where there is none of them.
pub fn keep(key: &str, access: Option<&Access>, consent: &JsValue, carrier: Option<&JsValue>) {
    let session = access.map(|access| (access.session_id.as_str(), access.token.as_str()));
    let (id, token) = session.unzip();
    let _ = platform::remember(key, id, token, consent, carrier.unwrap_or(&JsValue::UNDEFINED));
}

/// What it remembers: `{id, token, consent, carrier}`; `undefined` where that is nothing.
pub fn kept(key: Option<&str>) -> JsValue {
    key.map(platform::remembered).and_then(Result::ok).unwrap_or_default()
}
