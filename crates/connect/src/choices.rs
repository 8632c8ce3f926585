//! What the consumer reads and chooses before they sign in: the terms, their consent, the carrier.

use std::rc::Rc;

use canopy::{id::Id, page::Page};
use js_sys::{Array, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::{
    edge::Refusal,
    handle::Core,
    platform::{self, member, promise},
    session::Inner,
};

#[wasm_bindgen]
impl Core {
    /// The terms: `{terms_version, terms_html}`. The HTML is Canopy's: show it in a frame with `sandbox`, or as text.
    pub fn terms(&self) -> Promise {
        let inner = Rc::clone(&self.0);
        promise(
            async move { inner.catalogue.terms(&inner.edge).await.map_err(|refusal| inner.lacking(&refusal)) },
        )
    }

    /// The carriers as Canopy lists them; unless `is_list_enough` they can be searched from then on.
    pub fn carriers(&self, is_list_enough: Option<bool>) -> Promise {
        let inner = Rc::clone(&self.0);
        promise(async move {
            let read = match is_list_enough {
                Some(true) => inner.load_carriers().await,
                _ => inner.load_search().await,
            };
            read.map_err(|refusal| inner.lacking(&refusal))?;
            Ok(inner.catalogue.carriers().into())
        })
    }

    /// The carriers that what the consumer typed finds, the best first; none before `carriers()` is settled.
    #[wasm_bindgen(js_name = searchCarriers)]
    pub fn search_carriers(&self, text: &JsValue, most: &JsValue) -> Array {
        self.0.catalogue.search(text, most)
    }

    /// The carrier of the login; `undefined` while there is none or the list is not read.
    #[wasm_bindgen(getter)]
    pub fn carrier(&self) -> JsValue {
        self.0.chosen_carrier().unwrap_or(JsValue::UNDEFINED)
    }

    /// The consumer agrees to the terms, by the sentence that they were shown.
    pub fn agree(&self, sentence: String) -> Promise {
        let (inner, era) = (Rc::clone(&self.0), self.0.era());
        promise(async move {
            let agreed = async |inner: &Rc<Inner>| {
                inner.go_ahead();
                inner.catalogue.agree(&inner.edge, &sentence).await?;
                inner.open_access().await?;
                Ok(JsValue::UNDEFINED)
            };
            inner.attempt(era, agreed, Page::agree).await
        })
    }

    /// Gives consent to Canopy ahead of the hosted SDK: the token with which it skips its first screen.
    pub fn consent(&self, sentence: String) -> Promise {
        let (inner, era) = (Rc::clone(&self.0), self.0.era());
        promise(async move {
            let given = async |inner: &Rc<Inner>| inner.consent_token(sentence).await;
            inner.attempt(era, given, |_| {}).await
        })
    }

    /// Chooses the carrier to sign in to.
    #[wasm_bindgen(js_name = chooseCarrier)]
    pub fn choose_carrier(&self, carrier_id: &str) -> Result<(), JsValue> {
        let id = Id::parse(carrier_id).map_err(|error| JsValue::from_str(&error.to_string()))?;
        self.0.page.borrow_mut().choose_carrier(Some(id));
        self.0.keep();
        self.0.changed();
        Ok(())
    }

    /// None of the list is the consumer's carrier, for whom they searched by `query`.
    #[wasm_bindgen(js_name = notListed)]
    pub fn not_listed(&self, query: JsValue) {
        let inner = &self.0;
        inner.page.borrow_mut().not_listed(inner.uploads.get());
        inner.changed();
        inner.tell("notListed", &query);
    }

    /// Goes back to the choice of the carrier.
    #[wasm_bindgen(js_name = changeCarrier)]
    pub fn change_carrier(&self) {
        self.0.form.end();
        self.0.page.borrow_mut().choose_carrier(None);
        self.0.keep();
        self.0.changed();
    }
}

impl Inner {
    /// Asks for what comes after the consent, beside what the consent needs: on a slow line one wait in place of three.
    fn go_ahead(self: &Rc<Self>) {
        let (session, list) = (Rc::clone(self), Rc::clone(self));
        // What fails here is asked for again where it is needed, and said there.
        spawn_local(async move { drop(session.open_access().await) });
        spawn_local(async move { drop(list.load_search().await) });
    }

    /// A carrier or the terms are missing: the page says so, and its promise is rejected.
    fn lacking(&self, refusal: &Refusal) -> JsValue {
        self.lack(refusal);
        refusal.error()
    }

    /// Reads the carriers, and beside it loads what searches them.
    async fn load_search(self: &Rc<Self>) -> Result<(), Refusal> {
        if self.catalogue.is_searchable() {
            return Ok(());
        }
        let finder = platform::finder();
        self.load_carriers().await?;
        let failed = |error| Refusal::of_script(&self.edge.0, &error);
        self.catalogue.make_searchable(finder).await.map_err(failed)
    }

    fn listed_carrier(&self) -> Option<JsValue> {
        self.catalogue.listed(self.page.borrow().carrier()?)
    }

    /// The carrier of the login, once the list has been read.
    pub async fn needed_carrier(self: &Rc<Self>) -> Result<JsValue, Refusal> {
        self.load_carriers().await?;
        self.listed_carrier()
            .ok_or_else(|| Refusal::of("CARRIER_UNKNOWN", "expected a carrier_id of the list"))
    }

    /// Does what the consumer asked for, and says how it went unless the session was left meanwhile.
    async fn attempt(
        self: &Rc<Self>,
        era: u32,
        work: impl AsyncFnOnce(&Rc<Self>) -> Result<JsValue, Refusal>,
        note: fn(&mut Page),
    ) -> Result<JsValue, JsValue> {
        if self.is_left(era) {
            return Err(Refusal::left().error());
        }
        self.page.borrow_mut().begin();
        self.changed();
        let done = work(self).await;
        if self.is_left(era) {
            return done.map_err(|refusal| refusal.error());
        }
        match &done {
            Ok(_) => {
                let mut page = self.page.borrow_mut();
                page.succeed();
                note(&mut page);
                drop(page);
                self.keep();
                self.changed();
            }
            Err(refusal) => self.refuse(refusal),
        }
        done.map_err(|refusal| refusal.error())
    }

    async fn consent_token(self: &Rc<Self>, sentence: String) -> Result<JsValue, Refusal> {
        let body = self.catalogue.agree(&self.edge, &sentence).await?;
        let access = self.open_access().await?;
        let answer = self.edge.post(&access.path("/consent"), Some(&access.token), &body).await?;
        Ok(member(&answer, "consent_token"))
    }
}
