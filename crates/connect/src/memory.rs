//! What the tab remembers: with it a reload, or a phone that dropped the tab, loses nothing that was answered. Names and passwords are not
//! among it.

use canopy::id::Id;
use js_sys::Object;
use wasm_bindgen::prelude::*;

use crate::{
    catalogue::Consent,
    platform::{self, member, optional, set},
    session::Inner,
};

impl Inner {
    /// Has the tab remember how far this has come; nothing where there is nothing.
    pub fn keep(&self) {
        let Some(key) = &self.storage_key else { return };
        let kept = Object::new();
        if let Some(access) = self.access() {
            set(&kept, "id", &optional(Some(access.session_id.as_str())));
            set(&kept, "token", &optional(Some(&access.token)));
        }
        if let Some(Consent { terms_version, language }) = self.catalogue.given() {
            let consent = Object::new();
            set(&consent, "terms_version", &terms_version.into());
            set(&consent, "language", &optional(Some(&language)));
            set(&kept, "consent", &consent);
        }
        if let Some(chosen) = self.chosen_carrier() {
            let carrier = Object::new();
            for name in ["carrier_id", "name"] {
                set(&carrier, name, &member(&chosen, name));
            }
            set(&kept, "carrier", &carrier);
        }
        let kept = if Object::keys(&kept).length() == 0 { JsValue::UNDEFINED } else { kept.into() };
        let _ = platform::remember(key, &kept);
    }

    /// What the tab remembers; `undefined` where that is nothing.
    pub fn remembered(&self) -> JsValue {
        let kept = self.storage_key.as_deref().map(platform::remembered);
        kept.and_then(Result::ok).unwrap_or(JsValue::UNDEFINED)
    }

    /// Takes up the consent and the carrier of what was `kept`.
    pub fn recall(&self, kept: &JsValue) {
        let text = |of: &JsValue, name: &str| member(of, name).as_string();
        let consent = member(kept, "consent");
        if let (Some(terms_version), Some(language)) =
            (member(&consent, "terms_version").as_f64(), text(&consent, "language"))
        {
            self.catalogue.recall_consent(Consent { terms_version, language });
            self.page.borrow_mut().agree();
        }
        let carrier = member(kept, "carrier");
        if let Some(id) = text(&carrier, "carrier_id").and_then(|id| Id::parse(&id).ok()) {
            self.catalogue.recall_carrier(carrier);
            self.page.borrow_mut().choose_carrier(Some(id));
        }
    }
}
