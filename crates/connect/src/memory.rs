//! What the tab remembers: with it a reload, or a phone that dropped the tab, loses nothing that was answered. Names and passwords are not
//! among it.

use canopy::id::Id;
use wasm_bindgen::prelude::*;

use crate::{
    platform::{self, member},
    session::Inner,
};

impl Inner {
    /// Has the tab remember how far this has come; nothing where there is nothing.
    pub fn keep(&self) {
        let Some(key) = &self.storage_key else { return };
        let access = self.access();
        let session = access.as_ref().map(|access| (access.session_id.as_str(), access.token.as_str()));
        let (id, token) = session.unzip();
        let carrier = self.chosen_carrier().unwrap_or_default();
        let _ = platform::remember(key, id, token, &self.catalogue.given(), &carrier);
    }

    /// What the tab remembers; `undefined` where that is nothing.
    pub fn remembered(&self) -> JsValue {
        let kept = self.storage_key.as_deref().map(platform::remembered);
        kept.and_then(Result::ok).unwrap_or_default()
    }

    /// Takes up the consent and the carrier of what was `kept`.
    pub fn recall(&self, kept: &JsValue) {
        let consent = member(kept, "consent");
        if consent.is_truthy() {
            self.catalogue.recall_consent(consent);
            self.page.borrow_mut().agree();
        }
        let carrier = member(kept, "carrier");
        let id = member(&carrier, "carrier_id").as_string();
        if let Some(id) = id.and_then(|id| Id::parse(&id).ok()) {
            self.catalogue.recall_carrier(carrier);
            self.page.borrow_mut().choose_carrier(Some(id));
        }
    }
}
