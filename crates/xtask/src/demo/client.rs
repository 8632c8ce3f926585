//! HTTP as the demo needs it: a call, and the answer held against what is expected of it.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::Value;
use ureq::Agent;
use ureq::http::Request;

const CALL_LIMIT: Duration = Duration::from_secs(30);
/// How much of an unexpected answer is shown.
const SHOWN: usize = 600;

/// A Worker on this machine.
#[derive(Debug, Clone)]
pub struct Service {
    agent: Agent,
    port: u16,
}

impl Service {
    pub fn new(port: u16) -> Self {
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(CALL_LIMIT))
            .build()
            .into();
        Self { agent, port }
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// The origin of pages that the edge serves itself.
    pub fn origin(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.origin())
    }

    pub fn get(&self, path: &str) -> Call<'_> {
        Call { service: self, method: "GET", path: path.to_owned(), headers: Vec::new(), body: Vec::new() }
    }

    pub fn post(&self, path: &str, body: impl Into<Vec<u8>>) -> Call<'_> {
        let headers = vec![("content-type", "application/json".to_owned())];
        Call { service: self, method: "POST", path: path.to_owned(), headers, body: body.into() }
    }
}

#[derive(Debug)]
pub struct Call<'service> {
    service: &'service Service,
    method: &'static str,
    path: String,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
}

impl Call<'_> {
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub fn bearer(self, token: &str) -> Self {
        self.header("authorization", format!("Bearer {token}"))
    }

    pub fn send(self) -> Result<Answer> {
        let call = format!("{} {}", self.method, self.path);
        let mut request = Request::builder().method(self.method).uri(self.service.url(&self.path));
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        let request = request.body(self.body).with_context(|| format!("{call} is not a valid request"))?;
        let mut response =
            self.service.agent.run(request).with_context(|| format!("{call} got no answer"))?;
        let status = response.status().as_u16();
        let body =
            response.body_mut().read_to_vec().with_context(|| format!("the answer to {call} was cut off"))?;
        Ok(Answer { call, status, body })
    }
}

#[derive(Debug)]
pub struct Answer {
    call: String,
    pub status: u16,
    pub body: Vec<u8>,
}

impl Answer {
    /// The answer itself, if its status is `status`.
    pub fn expect(self, status: u16) -> Result<Self> {
        if self.status != status {
            bail!("expected {} to answer {status}, saw {}", self.call, self.shown());
        }
        Ok(self)
    }

    /// The JSON of an answer with `status`.
    pub fn json(self, status: u16) -> Result<Value> {
        let answer = self.expect(status)?;
        serde_json::from_slice(&answer.body)
            .with_context(|| format!("expected JSON from {}, saw {}", answer.call, answer.shown()))
    }

    pub fn shown(&self) -> String {
        let text = String::from_utf8_lossy(&self.body);
        format!("{} {}", self.status, shortened(&text))
    }
}

/// The beginning of `text`, in characters.
pub fn shortened(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// The text at `pointer` (as `/auth/status`) of `document`.
pub fn text<'document>(document: &'document Value, pointer: &str) -> Result<&'document str> {
    let found = document.pointer(pointer).and_then(Value::as_str);
    found.with_context(|| format!("expected a text at {pointer}, saw {}", shortened(&document.to_string())))
}

/// The list at `pointer` of `document`; `/` is the document itself.
pub fn list<'document>(document: &'document Value, pointer: &str) -> Result<&'document Vec<Value>> {
    let found = document.pointer(pointer).and_then(Value::as_array);
    found.with_context(|| format!("expected a list at {pointer:?}, saw {}", shortened(&document.to_string())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_unexpected_answer_says_what_was_expected_and_what_was_seen() {
        let answer =
            Answer { call: "GET /x".into(), status: 404, body: b"{\"code\":\"NOT_FOUND\"}".to_vec() };
        let error = answer.expect(200).unwrap_err().to_string();
        assert_eq!(error, "expected GET /x to answer 200, saw 404 {\"code\":\"NOT_FOUND\"}");
    }

    #[test]
    fn what_is_missing_in_a_document_is_named() {
        let document = json!({"auth": null});
        assert!(text(&document, "/auth/status").unwrap_err().to_string().contains("/auth/status"));
        assert!(list(&document, "/snapshots").is_err());
    }

    #[test]
    fn a_long_answer_is_shortened_between_characters() {
        let shown = shortened(&"ü".repeat(SHOWN + 1));
        assert_eq!(shown.chars().count(), SHOWN + 1);
        assert!(shown.ends_with('…'));
    }
}
