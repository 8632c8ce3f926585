//! The object of one idempotency key.

use canopy::problem::Problem;
use wasm_bindgen::prelude::*;
use web_sys::Response;
use worker::Env;

use super::stub::stub;
use crate::{
    forward::Forward,
    platform::{Bytes, Thrown},
};

#[wasm_bindgen]
extern "C" {
    type IdempotencyStub;
    #[wasm_bindgen(method, catch)]
    async fn answer(
        this: &IdempotencyStub,
        call: &str,
        fingerprint: &str,
        body: &JsValue,
    ) -> Result<JsValue, JsValue>;
}

/// The object of one idempotency key.
pub struct IdempotencyClient(IdempotencyStub);

impl IdempotencyClient {
    /// Of the key that [`canopy::proxy::idempotency::object_name`] names.
    pub fn of(env: &Env, name: &str) -> Result<Self, Thrown> {
        Ok(Self(stub(env, "IDEMPOTENCY", name)?.unchecked_into()))
    }

    /// The answer of the key's call, which is made if it was not.
    pub async fn answer(
        &self,
        call: &Forward,
        fingerprint: &str,
        body: Option<&Bytes>,
    ) -> Result<Result<Response, Problem>, Thrown> {
        let text = serde_json::to_string(call).expect("a call is plain data");
        let body = body.map_or(JsValue::UNDEFINED, |body| body.as_ref().clone());
        let answer = self.0.answer(&text, fingerprint, &body).await?;
        Ok(match answer.as_string() {
            Some(problem) => Err(Problem::read(&serde_json::from_str(&problem).unwrap_or_default())),
            None => Ok(answer.unchecked_into()),
        })
    }
}
