//! The edge, asked over HTTP, and what it answers.

use canopy::id::SessionId;
use js_sys::{Array, Error};
use wasm_bindgen::prelude::*;

use crate::platform::{self, member};

/// The right to speak for a session, and where Canopy's scripts are.
#[derive(Clone)]
pub struct Access {
    pub session_id: SessionId,
    pub token: String,
    pub public_alias: String,
    pub sdk_url: String,
    pub components_url: String,
    /// Whether the agency takes documents in a login's place.
    pub uploads: bool,
    /// Of its invitation, where Canopy's window begins the pull.
    pub metadata: JsValue,
}

impl Access {
    /// Reads it from an answer of the edge. `token` is what the answer leaves out where the session was opened before.
    pub fn read(answer: &JsValue, token: Option<&str>) -> Option<Self> {
        let text = |name: &str| member(answer, name).as_string();
        Some(Self {
            session_id: SessionId::parse(&text("session_id")?).ok()?,
            token: token.map(str::to_owned).or_else(|| text("token"))?,
            public_alias: text("public_alias")?,
            sdk_url: text("sdk_url")?,
            components_url: text("components_url")?,
            uploads: member(answer, "uploads").is_truthy(),
            metadata: member(answer, "metadata"),
        })
    }

    /// The session's path on the edge, and below it.
    pub fn path(&self, rest: &str) -> String {
        format!("/connect/sessions/{}{rest}", self.session_id)
    }
}

/// Why the edge did not do what it was asked, or could not be asked.
pub struct Refusal {
    /// The edge's code, or `EDGE_UNREACHABLE`, `ORIGIN_NOT_ALLOWED`, `SCRIPT_FAILED`, `FIELDS_INVALID`.
    pub code: String,
    /// HTTP status; 0 without an answer.
    pub status: u16,
    /// For the developer.
    pub detail: String,
    /// The address of what failed, where that is not the edge.
    pub of: Option<String>,
}

impl Refusal {
    /// A refusal of the page's own.
    pub fn of(code: &str, detail: &str) -> Self {
        Self { code: code.to_owned(), status: 0, detail: detail.to_owned(), of: None }
    }

    /// There is no such session, as the edge would say it.
    pub fn unknown() -> Self {
        Self { status: 404, ..Self::of("NOT_FOUND", "there is no session of this name") }
    }

    /// Whoever asked has left the session since.
    pub fn left() -> Self {
        Self::of("SESSION_EXPIRED", "the session was left")
    }

    /// What the script at `url` was to do failed.
    pub fn of_script(url: &str, error: &JsValue) -> Self {
        let detail = member(error, "message").as_string().unwrap_or_default();
        Self { of: Some(url.to_owned()), ..Self::of("SCRIPT_FAILED", &detail) }
    }

    /// Of what [`Self::error`] made.
    pub fn read(error: &JsValue) -> Self {
        let text = |name: &str| member(error, name).as_string().unwrap_or_default();
        let status = member(error, "status").as_f64().map_or(0, |status| status as u16);
        Self { status, ..Self::of(&text("code"), &text("message")) }
    }

    /// As the page's promise is rejected: an `Error` with `code` and `status`.
    pub fn error(&self) -> JsValue {
        let error = Error::new(&format!("{}: {}", self.code, self.detail));
        platform::set(&error, "code", &JsValue::from_str(&self.code));
        platform::set(&error, "status", &JsValue::from(self.status));
        error.into()
    }
}

/// An edge, by its address without a slash at the end.
#[derive(Clone)]
pub struct Edge(pub String);

impl Edge {
    /// Reads what is there.
    pub async fn get(&self, path: &str, token: Option<&str>) -> Result<JsValue, Refusal> {
        self.ask("GET", path, token, &JsValue::UNDEFINED).await
    }

    /// Sends a body.
    pub async fn post(&self, path: &str, token: Option<&str>, body: &JsValue) -> Result<JsValue, Refusal> {
        self.ask("POST", path, token, body).await
    }

    /// Ends a session.
    pub async fn delete(&self, path: &str, token: &str) -> Result<JsValue, Refusal> {
        self.ask("DELETE", path, Some(token), &JsValue::UNDEFINED).await
    }

    async fn ask(
        &self,
        method: &str,
        path: &str,
        token: Option<&str>,
        body: &JsValue,
    ) -> Result<JsValue, Refusal> {
        let url = format!("{}{path}", self.0);
        let answer = platform::request(method, &url, token, body).await;
        let answer = answer.unwrap_or_else(|_| JsValue::from_str("EDGE_UNREACHABLE"));
        if let Some(reason) = answer.as_string() {
            return Err(Refusal::of(&reason, ""));
        }
        let answer: Array = answer.unchecked_into();
        let (status, read) = (answer.get(0).as_f64().map_or(0, |status| status as u16), answer.get(1));
        if (200..300).contains(&status) {
            return Ok(read);
        }
        let text = |name: &str| member(&read, name).as_string();
        let code = text("code").unwrap_or_else(|| "EDGE_UNREACHABLE".to_owned());
        Err(Refusal { code, status, detail: text("detail").unwrap_or_default(), of: None })
    }
}
