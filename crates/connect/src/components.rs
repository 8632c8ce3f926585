//! Canopy's Components: its frames for the credentials, mounted for the carrier, their tokens sent to the edge.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Function, Object, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};

use crate::{
    edge::Refusal,
    platform::{self, Canopy, Component, EventListener, Form, member, set},
    session::{Core, Inner, promise},
};

#[wasm_bindgen]
impl Core {
    /// Mounts Canopy's frames for the chosen carrier: `targets` are elements or selectors by `username`, `password`,
    /// `thirdField`; `options` go to Canopy's form (`fonts`, `styles`, `usernameStyles`, `passwordStyles`, `thirdfieldStyles`).
    /// Settles when the consumer can type.
    #[wasm_bindgen(js_name = mountForm)]
    pub fn mount_form(&self, targets: JsValue, options: JsValue) -> Promise {
        let inner = Rc::clone(&self.0);
        promise(async move {
            inner.mount_form(&targets, &options).await.map_err(|refusal| {
                inner.refuse(&refusal);
                refusal.error()
            })
        })
    }

    /// Has Canopy turn what was typed into tokens, and signs in with them. Rejected with the code `FIELDS_INVALID` and
    /// `fields`, Canopy's messages by field, when something is missing.
    #[wasm_bindgen(js_name = submitForm)]
    pub fn submit_form(&self) -> Promise {
        let inner = Rc::clone(&self.0);
        promise(async move { inner.submit_form().await })
    }

    /// Takes the form out of the page.
    #[wasm_bindgen(js_name = unmountForm)]
    pub fn unmount_form(&self) {
        self.0.unmount_form();
    }
}

impl Inner {
    /// Takes the form out of the page; one that is still on its way will not come in.
    pub fn unmount_form(&self) {
        if let Some(form) = self.form.end() {
            let _ = form.destroy_form();
        }
    }

    async fn mount_form(self: &Rc<Self>, targets: &JsValue, options: &JsValue) -> Result<JsValue, Refusal> {
        self.unmount_form();
        let turn = self.form.turn();
        let is_late = || self.is_closed() || self.form.is_over(turn);
        let carrier = self.needed_carrier().await?;
        let access = self.access().await?;
        if is_late() {
            return Ok(JsValue::FALSE);
        }
        let canopy = platform::script(&access.components_url, "CanopyConnectComponents").await;
        if is_late() {
            return Ok(JsValue::FALSE);
        }
        let failed = |_| Refusal::of("SCRIPT_FAILED", &access.components_url);
        let canopy: Canopy = canopy.map_err(failed)?.unchecked_into();
        let settings = Object::assign(&Object::new(), options.unchecked_ref::<Object>());
        set(&settings, "carrierConfig", &carrier);
        let form = canopy.form(&settings).map_err(failed)?;
        let ready = self.listen(&form);
        for (component, target) in
            [("username", "username"), ("password", "password"), ("thirdfield", "thirdField")]
        {
            let component = member(&form.components(), component);
            let target = member(targets, target);
            if !component.is_undefined() && !target.is_falsy() {
                component.unchecked_into::<Component>().mount_in(&target).map_err(failed)?;
            }
        }
        let _ = JsFuture::from(ready).await;
        Ok(JsValue::from_bool(!is_late()))
    }

    /// Listens to the form: a promise of its being ready.
    fn listen(self: &Rc<Self>, form: &Form) -> Promise {
        let resolve = Rc::new(RefCell::new(None::<Function>));
        let keep = Rc::clone(&resolve);
        let ready = Promise::new(&mut |then, _| drop(keep.replace(Some(then))));
        let weak = Rc::downgrade(self);
        let listener = EventListener::new(move |name: JsValue, data: JsValue| {
            let Some(inner) = weak.upgrade() else { return };
            match name.as_string().as_deref() {
                Some("ready" | "destroy") => {
                    if let Some(resolve) = resolve.take() {
                        let _ = resolve.call0(&JsValue::NULL);
                    }
                }
                // The enter key in a frame submits, too.
                Some("tokensavailable") => spawn_local(async move {
                    // What went wrong stands on the screen.
                    let _ = inner.sign_in(&data).await;
                }),
                // Nor does it go through `submitForm` when a field is not as it should be.
                Some("error") => inner.tell("fieldErrors", &data),
                _ => {}
            }
        });
        let events = ["ready", "tokensavailable", "error", "destroy"].map(str::to_owned).to_vec();
        platform::relay(form, events, listener.as_ref().unchecked_ref());
        self.form.put(form.clone(), listener);
        ready
    }

    async fn submit_form(self: &Rc<Self>) -> Result<JsValue, JsValue> {
        let form =
            self.form.get().ok_or_else(|| Refusal::of("FORM_MISSING", "mountForm comes first").error())?;
        let result = JsFuture::from(form.submit()?).await?;
        let tokens = member(&result, "tokens");
        if tokens.is_falsy() {
            let error =
                Refusal::of("FIELDS_INVALID", "a field is missing or not of the carrier's form").error();
            set(&error, "fields", &member(&result, "errors"));
            return Err(error);
        }
        self.sign_in(&tokens).await
    }
}
