//! The object of a walk over all pulls.

use canopy::{sweep, time::UnixMillis};
use serde_json::Value;
use wasm_bindgen::prelude::*;
use worker::Env;

use super::stub::stub;
use crate::platform::Thrown;

#[wasm_bindgen]
extern "C" {
    type SweepStub;
    #[wasm_bindgen(method, catch)]
    async fn begin(
        this: &SweepStub,
        kind: &str,
        argument: &str,
        caller: &str,
        now: f64,
    ) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch, js_name = read)]
    async fn view(this: &SweepStub) -> Result<JsValue, JsValue>;
}

/// The object of a walk over all pulls, by its name.
pub struct SweepClient(SweepStub);

impl SweepClient {
    /// The rotation of keys: there is one. Its argument is the id of the key that seals.
    pub fn of_rotation(env: &Env) -> Result<Self, Thrown> {
        Self::of(env, "rekey")
    }

    /// Of the walk `name`.
    pub fn of(env: &Env, name: &str) -> Result<Self, Thrown> {
        Ok(Self(stub(env, "SWEEP", name)?.unchecked_into()))
    }

    /// Begins a walk, unless this very one is under way; gives it as JSON.
    pub async fn begin(
        &self,
        kind: sweep::Kind,
        argument: &Value,
        caller: &str,
        now: UnixMillis,
    ) -> Result<Value, Thrown> {
        let kind = serde_json::to_string(&kind).expect("a kind is plain data");
        Self::read(&self.0.begin(&kind, &argument.to_string(), caller, now.0 as f64).await?)
    }

    /// The newest walk, as JSON.
    pub async fn view(&self) -> Result<Value, Thrown> {
        Self::read(&self.0.view().await?)
    }

    fn read(view: &JsValue) -> Result<Value, Thrown> {
        let view = view.as_string().and_then(|view| serde_json::from_str(&view).ok());
        view.ok_or_else(|| JsValue::from_str("walk unreadable").into())
    }
}
