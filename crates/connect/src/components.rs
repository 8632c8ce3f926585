//! Canopy's Components: its frames for the credentials, mounted for the carrier, their tokens sent to the edge.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use js_sys::{Function, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::{
    edge::Refusal,
    handle::Core,
    platform::{self, Canopy, Component, Form, member, promise, set},
    session::Inner,
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
            inner.form.end();
            let turn = inner.form.turn();
            let mounted = inner.mount_form(turn, &targets, &options).await;
            mounted.map_err(|refusal| {
                if !inner.form.is_over(turn) {
                    inner.form.end();
                    inner.lack_form(&refusal);
                }
                refusal.error()
            })
        })
    }

    /// Has Canopy turn what was typed into tokens, and signs in with them. Rejected with the code `FIELDS_INVALID` and
    /// `fields`, Canopy's messages by field, when something is missing.
    #[wasm_bindgen(js_name = submitForm)]
    pub fn submit_form(&self) -> Promise {
        let (inner, era) = (Rc::clone(&self.0), self.0.era());
        promise(async move { inner.submit_form(era).await })
    }

    /// Takes the form out of the page; one that is still on its way will not come in.
    #[wasm_bindgen(js_name = unmountForm)]
    pub fn unmount_form(&self) {
        self.0.form.end();
    }
}

impl Inner {
    async fn mount_form(
        self: &Rc<Self>,
        turn: u32,
        targets: &JsValue,
        options: &JsValue,
    ) -> Result<JsValue, Refusal> {
        let is_late = || self.is_closed() || self.form.is_over(turn);
        let carrier = self.needed_carrier().await?;
        let access = self.open_access().await?;
        if is_late() {
            return Ok(JsValue::FALSE);
        }
        let failed = |error| Refusal::of_script(&access.components_url, &error);
        let canopy = platform::script(&access.components_url, "CanopyConnectComponents").await;
        if is_late() {
            return Ok(JsValue::FALSE);
        }
        let canopy: Canopy = canopy.map_err(failed)?.unchecked_into();
        let settings = platform::copy(options);
        set(&settings, "carrierConfig", &carrier);
        let form = canopy.form(&settings).map_err(failed)?;
        self.form.put(form.clone());
        let ready = self.listen(turn, &form).map_err(failed)?;
        let components = member(&form, "components");
        for (component, target) in
            [("username", "username"), ("password", "password"), ("thirdfield", "thirdField")]
        {
            let component = member(&components, component);
            let target = member(targets, target);
            if !component.is_undefined() && !target.is_falsy() {
                component.unchecked_into::<Component>().mount_in(&target).map_err(failed)?;
            }
        }
        platform::in_time(&form, &ready, &access.components_url).await.map_err(failed)?;
        Ok(JsValue::from_bool(!is_late()))
    }

    /// Listens to the form: a promise of its being ready.
    fn listen(self: &Rc<Self>, turn: u32, form: &JsValue) -> Result<Promise, JsValue> {
        let resolve = RefCell::new(None::<Function>);
        let ready = Promise::new(&mut |then, _| drop(resolve.replace(Some(then))));
        let resolve = Cell::new(resolve.take());
        let weak = Rc::downgrade(self);
        let listen = platform::listener(move |event, data| {
            if matches!(event.as_str(), "ready" | "destroy") {
                if let Some(resolve) = resolve.take() {
                    let _ = resolve.call0(&JsValue::NULL);
                }
                return JsValue::UNDEFINED;
            }
            let Some(inner) = weak.upgrade().filter(|inner| !inner.form.is_over(turn)) else {
                return JsValue::UNDEFINED;
            };
            match event.as_str() {
                // The enter key in a frame submits, too.
                "tokensavailable" => {
                    let era = inner.era();
                    spawn_local(async move {
                        // What went wrong stands on the screen.
                        let _ = inner.sign_in(era, &data).await;
                    });
                }
                // Nor does it go through `submitForm` when a field is not as it should be.
                _ => inner.tell("fieldErrors", &data),
            }
            JsValue::UNDEFINED
        });
        let events = ["ready", "tokensavailable", "error", "destroy"].map(str::to_owned).to_vec();
        platform::relay(form, events, &listen)?;
        Ok(ready)
    }

    async fn submit_form(self: &Rc<Self>, era: u32) -> Result<JsValue, JsValue> {
        let missing = || Refusal::of("FORM_MISSING", "mountForm comes first").error();
        let form = self.form.get().ok_or_else(missing)?;
        let (turn, url) =
            (self.form.turn(), self.access().map(|access| access.components_url).unwrap_or_default());
        let submitted = form.clone().unchecked_into::<Form>().submit();
        let result = match submitted {
            Ok(tokens) => platform::in_time(&form, &tokens, &url).await,
            Err(error) => Err(error),
        };
        let result = result.map_err(|error| {
            let refusal = Refusal::of_script(&url, &error);
            if !self.form.is_over(turn) {
                self.refuse(&refusal);
            }
            refusal.error()
        })?;
        let tokens = member(&result, "tokens");
        if tokens.is_falsy() {
            let error =
                Refusal::of("FIELDS_INVALID", "a field is missing or not of the carrier's form").error();
            set(&error, "fields", &member(&result, "errors"));
            return Err(error);
        }
        self.sign_in(era, &tokens).await
    }
}
