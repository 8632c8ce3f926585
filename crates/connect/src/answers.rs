//! What the consumer answers, each answer sent once.

use std::rc::Rc;

use js_sys::{Object, Promise};
use wasm_bindgen::prelude::*;

use crate::{
    edge::Refusal,
    handle::Core,
    platform::{member, optional, promise, set},
    session::Inner,
};

#[wasm_bindgen]
impl Core {
    /// Signs in with the tokens of Components: `{username, password?, thirdfield?}`.
    #[wasm_bindgen(js_name = signIn)]
    pub fn sign_in(&self, tokens: JsValue) -> Promise {
        let (inner, era) = (Rc::clone(&self.0), self.0.era());
        promise(async move { inner.sign_in(era, &tokens).await })
    }

    /// Sends documents in a login's place: `parcel` is one of `upload.js`, and sends itself.
    #[wasm_bindgen(js_name = _upload)]
    pub fn upload(&self, parcel: JsValue) -> Promise {
        let (inner, era, parcel) = (Rc::clone(&self.0), self.0.era(), Object::from(parcel));
        promise(async move {
            inner.put_consent(&parcel);
            inner.send(era, "/documents", &parcel, |refusal| refusal).await
        })
    }

    /// Chooses where the code is sent, by the option's key.
    #[wasm_bindgen(js_name = chooseOption)]
    pub fn choose_option(&self, key: &str) -> Promise {
        self.0.page.borrow_mut().choose_option();
        self.0.answer("/identity-option", [("option_key", JsValue::from_str(key))])
    }

    /// Has another code sent the way that was chosen before.
    #[wasm_bindgen(js_name = resendCode)]
    pub fn resend_code(&self) -> Promise {
        let chosen = member(&self.0.raw_view(), "chosen_option");
        self.0.answer("/identity-option", [("option_key", chosen)])
    }

    /// Goes to the choice where the code is sent.
    #[wasm_bindgen(js_name = changeOption)]
    pub fn change_option(&self) {
        self.0.page.borrow_mut().change_option();
        self.0.changed();
    }

    /// Enters the code.
    #[wasm_bindgen(js_name = enterCode)]
    pub fn enter_code(&self, code: &str) -> Promise {
        self.0.answer("/identity-code", [("code", JsValue::from_str(code))])
    }

    /// Brings the monitored account back whose token the session was made with.
    pub fn reconnect(&self) -> Promise {
        let (inner, era) = (Rc::clone(&self.0), self.0.era());
        promise(async move {
            let token = optional(inner.reconnect_token.as_deref());
            let refused = |refusal: Refusal| match refusal.code.as_str() {
                // Canopy knows the token no more: another one has to be sent.
                "CANOPY_REFUSED" => Refusal { code: "RECONNECT_REFUSED".to_owned(), ..refusal },
                _ => refusal,
            };
            inner.send(era, "/reconnect", &body([("reconnect_token", token)]), refused).await
        })
    }

    /// What a servicing action would change: `{servicing_action_id, type, status, confirmation_data}`.
    #[wasm_bindgen(js_name = servicingAction)]
    pub fn servicing_action(&self, action_id: String) -> Promise {
        let inner = Rc::clone(&self.0);
        promise(async move {
            let access = inner.open_access().await.map_err(|refusal| refusal.error())?;
            let path = access.path(&format!("/servicing-actions/{action_id}"));
            inner.edge.get(&path, Some(&access.token)).await.map_err(|refusal| refusal.error())
        })
    }

    /// Confirms or rejects a servicing action, once.
    pub fn confirm(&self, action_id: &str, is_confirmed: bool) -> Promise {
        let members = [
            ("servicing_action_id", JsValue::from_str(action_id)),
            ("is_confirmed", JsValue::from_bool(is_confirmed)),
        ];
        self.0.answer("/servicing-confirmation", members)
    }
}

impl Inner {
    fn answer<const N: usize>(self: &Rc<Self>, path: &'static str, members: [(&str, JsValue); N]) -> Promise {
        let (inner, era, body) = (Rc::clone(self), self.era(), body(members));
        promise(async move { inner.send(era, path, &body, |refusal| refusal).await })
    }

    /// Signs in; a second call while one is under way changes nothing.
    pub async fn sign_in(self: &Rc<Self>, era: u32, tokens: &JsValue) -> Result<JsValue, JsValue> {
        let login = self.login(tokens);
        if self.is_left(era) {
            return Err(Refusal::left().error());
        }
        if self.signing_in.replace(Some(era)) == Some(era) {
            return Ok(JsValue::UNDEFINED);
        }
        let signed_in = self.send(era, "/connect", &login, |refusal| refusal).await;
        if self.signing_in.get() == Some(era) {
            self.signing_in.set(None);
        }
        signed_in
    }

    fn login(&self, tokens: &JsValue) -> Object {
        let carrier = self.page.borrow().carrier().map(|carrier| carrier.as_str().to_owned());
        let login =
            body([("carrier_id", optional(carrier.as_deref())), ("username", member(tokens, "username"))]);
        self.put_consent(&login);
        for (name, token) in
            [("password", member(tokens, "password")), ("third_field", member(tokens, "thirdfield"))]
        {
            if token.is_string() {
                set(&login, name, &token);
            }
        }
        login
    }

    /// Says in `body` what the consumer has agreed to: on this page, or with the login before it was loaded anew.
    fn put_consent(&self, body: &Object) {
        let given = self.catalogue.given();
        if given.is_truthy() {
            let _ = Object::try_assign(body, given.unchecked_ref());
            return;
        }
        let page = self.page.borrow();
        let kept = page.view().and_then(|view| view.login.as_ref());
        let (version, language) =
            kept.map(|login| (login.terms_version, login.consent_language.clone())).unzip();
        drop(page);
        set(body, "terms_version", &version.unwrap_or_default().into());
        set(body, "consent_language", &optional(language.as_deref()));
    }

    async fn send(
        self: &Rc<Self>,
        era: u32,
        path: &str,
        body: &Object,
        read: impl FnOnce(Refusal) -> Refusal,
    ) -> Result<JsValue, JsValue> {
        if self.is_left(era) {
            return Err(Refusal::left().error());
        }
        self.page.borrow_mut().begin();
        self.changed();
        let sent = match self.open_access().await {
            Ok(_) if self.is_left(era) => Err(Refusal::left()),
            Ok(access) => self.edge.post(&access.path(path), Some(&access.token), body).await,
            Err(refusal) => Err(refusal),
        };
        match sent.map_err(read) {
            // Nobody waits for the answer any more.
            sent if self.is_left(era) => sent.map_err(|refusal| refusal.error()),
            Ok(view) => {
                self.page.borrow_mut().succeed();
                self.take(view);
                self.changed();
                Ok(JsValue::UNDEFINED)
            }
            Err(refusal) => {
                self.refuse(&refusal);
                self.refresh().await;
                Err(refusal.error())
            }
        }
    }
}

fn body<const N: usize>(members: [(&str, JsValue); N]) -> Object {
    let body = Object::new();
    for (name, value) in members {
        set(&body, name, &value);
    }
    body
}
