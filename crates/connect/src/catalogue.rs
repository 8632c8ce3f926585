//! Carriers and terms, read once, and the consent that was given to the terms.

use std::cell::RefCell;

use canopy::id::Id;
use js_sys::{Array, Function, Object, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use crate::{
    data::items,
    edge::{Edge, Refusal},
    platform::{member, set},
};

/// What was read, and what was agreed to.
#[derive(Default)]
pub struct Catalogue {
    carriers: RefCell<Option<Vec<(String, JsValue)>>>,
    /// The one that the tab remembers: at least its id and name.
    known: RefCell<JsValue>,
    /// Gives the carriers that a text finds, at most so many.
    find: RefCell<Option<Function>>,
    terms: RefCell<Option<JsValue>>,
    /// `{terms_version, consent_language}`; `undefined` before it was given.
    consent: RefCell<JsValue>,
}

impl Catalogue {
    /// The terms as the edge gives them.
    pub async fn terms(&self, edge: &Edge) -> Result<JsValue, Refusal> {
        if let Some(terms) = self.terms.borrow().clone() {
            return Ok(terms);
        }
        let terms = edge.get("/connect/terms", None).await?;
        self.terms.replace(Some(terms.clone()));
        Ok(terms)
    }

    /// The consumer agrees to the terms, by the sentence that they were shown. Gives `{terms_version, consent_language}`.
    pub async fn agree(&self, edge: &Edge, language: &str) -> Result<JsValue, Refusal> {
        let terms = self.terms(edge).await?;
        let consent = Object::new();
        set(&consent, "terms_version", &member(&terms, "terms_version"));
        set(&consent, "consent_language", &JsValue::from_str(language));
        self.recall_consent(consent.clone().into());
        Ok(consent.into())
    }

    /// What the consumer agreed to, here or before the page was loaded; `undefined` while that is nothing.
    pub fn given(&self) -> JsValue {
        self.consent.borrow().clone()
    }

    /// Reads the carriers unless they have been read. Gives whether they came now.
    pub async fn load_carriers(&self, edge: &Edge) -> Result<bool, Refusal> {
        if self.carriers.borrow().is_some() {
            return Ok(false);
        }
        let list = edge.get("/connect/carriers", None).await?;
        let read = |carrier: JsValue| {
            let text = |name: &str| member(&carrier, name).as_string();
            text("name")?;
            Some((text("carrier_id")?, carrier.clone()))
        };
        self.carriers.replace(Some(items(&list).into_iter().filter_map(read).collect()));
        Ok(true)
    }

    /// The carriers as Canopy lists them; none before they have been read.
    pub fn carriers(&self) -> Array {
        self.carriers.borrow().iter().flatten().map(|(_, carrier)| carrier.clone()).collect()
    }

    /// Whether the carriers can be searched.
    pub fn is_searchable(&self) -> bool {
        self.find.borrow().is_some()
    }

    /// Makes the carriers that were read searchable by what [`platform::finder`] promised.
    pub async fn make_searchable(&self, finder: Result<Promise, JsValue>) -> Result<(), JsValue> {
        let finder: Function = JsFuture::from(finder?).await?.unchecked_into();
        let find = finder.call1(&JsValue::UNDEFINED, &self.carriers())?;
        self.find.replace(Some(find.unchecked_into()));
        Ok(())
    }

    /// The carriers that `text` finds, the best first, at most `most` of them; none before they are searchable.
    pub fn search(&self, text: &JsValue, most: &JsValue) -> Array {
        let find = self.find.borrow().clone();
        let found = find.and_then(|find| find.call2(&JsValue::UNDEFINED, text, most).ok());
        found.map(JsCast::unchecked_into).unwrap_or_default()
    }

    /// The consumer has agreed to the terms: [`Self::given`].
    pub fn recall_consent(&self, consent: JsValue) {
        self.consent.replace(consent);
    }

    /// A carrier was chosen before the page was loaded: `{carrier_id, name}`.
    pub fn recall_carrier(&self, known: JsValue) {
        self.known.replace(known);
    }

    /// The carrier of this id, as far as it is known.
    pub fn carrier(&self, id: &Id) -> Option<JsValue> {
        let is_known =
            || member(&self.known.borrow(), "carrier_id").as_string().as_deref() == Some(id.as_str());
        self.listed(id).or_else(|| is_known().then(|| self.known.borrow().clone()))
    }

    /// The carrier of this id, as Canopy describes it.
    pub fn listed(&self, id: &Id) -> Option<JsValue> {
        let carriers = self.carriers.borrow();
        let carrier = carriers.iter().flatten().find(|(carrier, _)| carrier == id.as_str());
        carrier.map(|(_, carrier)| carrier.clone())
    }
}
