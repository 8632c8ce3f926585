//! The object of one session.

use canopy::{
    id::SessionId,
    metadata::Metadata,
    problem::Problem,
    session::{Claims, Settings},
    time::UnixMillis,
};
use serde::{Deserialize, Serialize};
use wasm_bindgen::prelude::*;
use web_sys::{ReadableStream, Request, Response};
use worker::Env;

use super::stub::stub;
use crate::platform::{Bytes, Thrown, form::Written};

#[wasm_bindgen]
extern "C" {
    type SessionStub;
    #[wasm_bindgen(method, catch)]
    async fn open(this: &SessionStub, opening: &str, now: f64) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch, js_name = read)]
    async fn view(this: &SessionStub) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    async fn ask(this: &SessionStub, name: &str, body: &JsValue, device: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch, js_name = mayUpload)]
    async fn may_upload(this: &SessionStub) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    async fn upload(this: &SessionStub, media: &str, body: &ReadableStream) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    async fn notify(this: &SessionStub, notice: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    async fn end(this: &SessionStub) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    async fn fetch(this: &SessionStub, request: &Request) -> Result<JsValue, JsValue>;
}

/// A session to open.
#[derive(Serialize, Deserialize)]
pub struct Opening {
    /// What its token says.
    pub claims: Claims,
    /// What it is for.
    pub settings: Settings,
}

/// Whether a session may send an upload.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Uploading {
    /// It may: what its pull carries.
    Metadata(Metadata),
    /// It may not: the problem as JSON.
    Problem(serde_json::Value),
}

/// The object of one session.
pub struct SessionClient(SessionStub);

impl SessionClient {
    /// Of the session `id`.
    pub fn of(env: &Env, id: &SessionId) -> Result<Self, Thrown> {
        Self::named(env, id.as_str())
    }

    /// Of the session that a pull names.
    pub fn named(env: &Env, id: &str) -> Result<Self, Thrown> {
        Ok(Self(stub(env, "SESSION", id)?.unchecked_into()))
    }

    /// Opens it.
    pub async fn open(&self, opening: &Opening, now: UnixMillis) -> Result<(), Thrown> {
        let opening = serde_json::to_string(opening).expect("a session's beginning is plain data");
        Ok(self.0.open(&opening, now.0 as f64).await.map(drop)?)
    }

    /// Its view, as JSON; `None` when there is no such session.
    pub async fn view(&self) -> Result<Option<String>, Thrown> {
        Ok(self.0.view().await?.as_string())
    }

    /// Asks Canopy something for the page: `{"document":…}`, `{"consent_token":…}` or `{"problem":…}` as JSON; `None` for
    /// what cannot be asked.
    pub async fn ask(&self, name: &str, body: &Bytes, device: &str) -> Result<Option<String>, Thrown> {
        Ok(self.0.ask(name, body.as_ref(), device).await?.as_string())
    }

    /// What an upload's form says of it, or why none may be sent; `None` when there is no such session.
    pub async fn may_upload(&self) -> Result<Option<Result<Metadata, Problem>>, Thrown> {
        let Some(answer) = self.0.may_upload().await?.as_string() else { return Ok(None) };
        let unreadable = || JsValue::from_str("answer unreadable");
        let answer: Uploading = serde_json::from_str(&answer).map_err(|_| unreadable())?;
        Ok(Some(match answer {
            Uploading::Metadata(metadata) => Ok(metadata),
            Uploading::Problem(problem) => Err(Problem::read(&problem)),
        }))
    }

    /// Has it send an upload's form to Canopy, once; the answer as of [`SessionClient::ask`].
    pub async fn upload(&self, form: &Written) -> Result<String, Thrown> {
        Ok(self.0.upload(&form.media, &form.body).await?.as_string().unwrap_or_default())
    }

    /// Tells it of its pull, a [`canopy::session::Notice`] as JSON.
    pub async fn notify(&self, notice: &str) -> Result<(), Thrown> {
        Ok(self.0.notify(notice).await.map(drop)?)
    }

    /// Ends it.
    pub async fn end(&self) -> Result<(), Thrown> {
        Ok(self.0.end().await.map(drop)?)
    }

    /// Opens a socket.
    pub async fn live(&self, request: &Request) -> Result<Response, Thrown> {
        Ok(self.0.fetch(request).await?.unchecked_into())
    }
}
