//! The object that compares with Canopy's list.

use canopy::time::UnixMillis;
use wasm_bindgen::prelude::*;
use worker::Env;

use super::stub::stub;
use crate::platform::Thrown;

#[wasm_bindgen]
extern "C" {
    type SyncStub;
    #[wasm_bindgen(method, catch)]
    async fn begin(
        this: &SyncStub,
        caller: &str,
        since: Option<f64>,
        before: Option<f64>,
        now: f64,
    ) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch, js_name = read)]
    async fn view(this: &SyncStub) -> Result<JsValue, JsValue>;
}

/// The object that compares with Canopy's list: there is one.
pub struct SyncClient(SyncStub);

impl SyncClient {
    pub fn of(env: &Env) -> Result<Self, Thrown> {
        Ok(Self(stub(env, "SYNC", "sync")?.unchecked_into()))
    }

    /// Begins a comparison, of pulls begun from `since` to `before`; gives it as JSON, or `None` when one is under way.
    pub async fn begin(
        &self,
        caller: &str,
        since: Option<UnixMillis>,
        before: Option<UnixMillis>,
        now: UnixMillis,
    ) -> Result<Option<String>, Thrown> {
        let millis = |moment: Option<UnixMillis>| moment.map(|moment| moment.0 as f64);
        Ok(self.0.begin(caller, millis(since), millis(before), now.0 as f64).await?.as_string())
    }

    /// The newest comparison, as JSON.
    pub async fn view(&self) -> Result<String, Thrown> {
        Ok(self.0.view().await?.as_string().unwrap_or_default())
    }
}
