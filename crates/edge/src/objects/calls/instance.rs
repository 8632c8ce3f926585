//! The object of one instance of a workflow group.

use wasm_bindgen::prelude::*;
use worker::Env;

use super::{
    runs::{RunChange, RunChanged},
    stub::stub,
};
use crate::platform::Thrown;

#[wasm_bindgen]
extern "C" {
    type InstanceStub;
    #[wasm_bindgen(method, catch)]
    async fn settle(this: &InstanceStub, id: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    async fn rekey(this: &InstanceStub) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch, js_name = beginRun)]
    async fn begin_run(this: &InstanceStub, id: &str, flow: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch, js_name = findRun)]
    async fn find_run(this: &InstanceStub, number: f64) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch, js_name = changeRun)]
    async fn change_run(
        this: &InstanceStub,
        number: f64,
        change: &str,
        caller: &str,
    ) -> Result<JsValue, JsValue>;
}

/// The object of one instance: its schedule, and its runs that are about no pull.
pub struct InstanceClient(InstanceStub);

impl InstanceClient {
    /// Of the instance of this id.
    pub fn of(env: &Env, id: &str) -> Result<Self, Thrown> {
        Ok(Self(stub(env, "INSTANCE", id)?.unchecked_into()))
    }

    /// Has it look at how the instance is set now.
    pub async fn settle(&self, id: &str) -> Result<(), Thrown> {
        self.0.settle(id).await?;
        Ok(())
    }

    /// Has its runs brought under the first key.
    pub async fn rekey(&self) -> Result<(), Thrown> {
        self.0.rekey().await?;
        Ok(())
    }

    /// Starts a flow by hand. Gives the run's id; `None` where the flow is none of those.
    pub async fn begin_run(&self, id: &str, flow: &str) -> Result<Option<String>, Thrown> {
        Ok(self.0.begin_run(id, flow).await?.as_string())
    }

    /// A run with its journal, as JSON.
    pub async fn run(&self, number: i64) -> Result<Option<String>, Thrown> {
        Ok(self.0.find_run(number as f64).await?.as_string())
    }

    /// Takes what `caller` says of a run.
    pub async fn change_run(
        &self,
        number: i64,
        change: &RunChange,
        caller: &str,
    ) -> Result<RunChanged, Thrown> {
        let change = serde_json::to_string(change).expect("a change is plain data");
        let changed = self.0.change_run(number as f64, &change, caller).await?.as_string();
        let changed = changed.and_then(|text| serde_json::from_str(&text).ok());
        changed.ok_or_else(|| JsValue::from_str("change unreadable").into())
    }
}
