//! Requests and answers as data, so that everything but the carrying runs natively.

use serde_json::{Value, json};

use crate::message::{Message, Then};

/// A request as it arrived.
#[derive(Debug, Clone, Default)]
pub struct Call {
    pub method: String,
    /// Scheme, host and port it was sent to, without a slash at the end.
    pub origin: String,
    pub path: String,
    /// Decoded name and value, in the order sent.
    pub query: Vec<(String, String)>,
    /// Name in lower case, and value.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Call {
    /// The first header of this lower-case name.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(at, _)| at == name).map(|(_, value)| value.as_str())
    }

    /// The first query parameter of this name.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(at, _)| at == name).map(|(_, value)| value.as_str())
    }

    /// The body as JSON; `None` when it is none.
    #[must_use]
    pub fn json(&self) -> Option<Value> {
        serde_json::from_slice(&self.body).ok()
    }
}

/// What is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Body,
}

/// What an answer carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    Here(Vec<u8>),
    /// An uploaded file, which storage holds; `size` in bytes.
    File {
        file_id: String,
        size: usize,
    },
}

impl Body {
    /// Its length in bytes.
    #[must_use]
    pub fn size(&self) -> usize {
        match self {
            Self::Here(bytes) => bytes.len(),
            Self::File { size, .. } => *size,
        }
    }
}

impl Answer {
    #[must_use]
    pub fn new(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Self {
            status,
            headers: vec![("content-type".into(), content_type.into())],
            body: Body::Here(body.into()),
        }
    }

    /// What was not understood.
    #[must_use]
    pub fn unclear(detail: &str) -> Self {
        Self::json(400, &json!({"error": "INVALID_INPUT", "detail": detail}))
    }

    #[must_use]
    pub fn json(status: u16, body: &Value) -> Self {
        Self::new(status, "application/json; charset=utf-8", body.to_string())
    }

    #[must_use]
    pub fn pdf(file: Vec<u8>) -> Self {
        Self::new(200, "application/pdf", file)
    }

    /// An error in Canopy's form: one field, one code.
    #[must_use]
    pub fn error(status: u16, code: &str) -> Self {
        Self::json(status, &json!({ "error": code }))
    }

    #[must_use]
    pub fn with_header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Readable by any page: for what a browser may fetch without credentials.
    #[must_use]
    pub fn with_open_cors(self) -> Self {
        self.with_header("access-control-allow-origin", "*")
            .with_header("access-control-allow-headers", "*")
            .with_header("access-control-allow-methods", "*")
    }
}

/// How an answer reaches the client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// As it is, after `delay_ms`.
    Whole { answer: Answer, delay_ms: u64 },
    /// The connection breaks after `kept` bytes of the body.
    Cut { answer: Answer, kept: usize },
    /// Nothing for `held_ms`, then 504: the client is expected to have given up.
    Never { held_ms: u64 },
    /// Not before the edge has been told `message`; [`World::go_on`](crate::world::World::go_on) gives the rest.
    AfterEdge { message: Message, then: Then },
}

impl From<Answer> for Reply {
    fn from(answer: Answer) -> Self {
        Self::Whole { answer, delay_ms: 0 }
    }
}
