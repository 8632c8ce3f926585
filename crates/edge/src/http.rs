//! Requests and answers as the routes see them.

use canopy::{
    problem::{Code, Problem},
    retry::Reason,
    seal::OpenError,
};
use http::{HeaderName, HeaderValue, header};
use serde_json::{Value, json};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::future_to_promise;
use web_sys::{ReadableStream, Request, Response};
use worker::Env;

use crate::platform::{self, Bytes, Context, Thrown};

/// How long a body may take to come, in milliseconds.
const BODY_MILLIS: u32 = 20_000;

/// What most answers are.
pub const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// What a problem is. Source: RFC 9457.
pub const PROBLEM_JSON: HeaderValue = HeaderValue::from_static("application/problem+json");

/// Headers, names and values.
pub type Headers = Vec<(HeaderName, HeaderValue)>;

/// A value from outside; `None` for one that no header may have.
pub fn header_value(text: &str) -> Option<HeaderValue> {
    HeaderValue::from_bytes(text.as_bytes()).ok()
}

/// A request with the parts that every route needs.
pub struct Incoming {
    /// The platform's request: its body is unread.
    pub request: Request,
    /// HTTP method.
    pub method: String,
    /// The URL, as the platform has normalised it.
    pub url: String,
    /// The Worker's bindings.
    pub env: Env,
    /// Of this request.
    pub context: Context,
}

impl Incoming {
    /// The path, as it stands in the URL.
    pub fn path(&self) -> &str {
        let rest = &self.url[self.origin().len()..];
        let rest = rest.split_once('#').map_or(rest, |(before, _)| before);
        rest.split_once('?').map_or(rest, |(path, _)| path)
    }

    /// What follows `?`, as it stands in the URL.
    pub fn query(&self) -> Option<&str> {
        let rest = self.url.split_once('#').map_or(self.url.as_str(), |(before, _)| before);
        rest.split_once('?').map(|(_, query)| query)
    }

    /// The parameters of the query, decoded.
    pub fn parameters(&self) -> url::form_urlencoded::Parse<'_> {
        url::form_urlencoded::parse(self.query().unwrap_or_default().as_bytes())
    }

    /// A parameter of the query, decoded; `None` when it is empty.
    pub fn parameter(&self, name: &str) -> Option<String> {
        let (_, value) = self.parameters().find(|(key, _)| key == name)?;
        (!value.is_empty()).then(|| value.into_owned())
    }

    /// Scheme and host that this request came to.
    pub fn origin(&self) -> &str {
        let host = self.url.find("://").map_or(0, |at| at + 3);
        self.url[host..].find('/').map_or(self.url.as_str(), |end| &self.url[..host + end])
    }

    /// A header.
    pub fn header(&self, name: &str) -> Option<String> {
        self.request.headers().get(name).ok().flatten()
    }

    /// The caller's address, as the platform gives it.
    pub fn address(&self) -> String {
        self.header("cf-connecting-ip").unwrap_or_else(|| "127.0.0.1".to_owned())
    }

    /// The body, of at most `most` bytes, to be read here: not compressed.
    pub async fn body(&self, most: usize) -> Result<Bytes, Problem> {
        check_encoding(self.header("content-encoding").as_deref())?;
        self.raw_body(most).await
    }

    /// Goes on with `work` when the answer is given.
    pub fn later(&self, work: impl Future<Output = ()> + 'static) {
        self.context.wait_until(&future_to_promise(async {
            work.await;
            Ok(JsValue::UNDEFINED)
        }));
    }

    /// The body as it came, of at most `most` bytes.
    pub async fn raw_body(&self, most: usize) -> Result<Bytes, Problem> {
        platform::received(self.request.as_ref(), most, BODY_MILLIS).await.map_err(|reason| match reason {
            Reason::TooLarge => {
                Problem::new(Code::BodyTooLarge, format!("expected a body of at most {most} bytes"))
            }
            Reason::TimedOut => {
                let seconds = BODY_MILLIS / 1_000;
                Problem::new(Code::BodyTimedOut, format!("expected the whole body within {seconds} seconds"))
            }
            _ => Problem::new(Code::BodyMalformed, "expected a whole body: the connection broke"),
        })
    }
}

/// Refuses a body that would have to be decoded before it is read: what is signed and bounded are the bytes that came.
pub fn check_encoding(encoding: Option<&str>) -> Result<(), Problem> {
    match encoding.map(str::trim) {
        None | Some("") => Ok(()),
        Some(encoding) if encoding.eq_ignore_ascii_case("identity") => Ok(()),
        Some(_) => Err(Problem::new(Code::EncodingNotSupported, "expected a body without Content-Encoding")),
    }
}

/// The body of an answer.
pub enum Body {
    Empty,
    Text(String),
    Bytes(Vec<u8>),
    Stream(ReadableStream),
}

impl From<Body> for JsValue {
    fn from(body: Body) -> Self {
        match body {
            Body::Empty => Self::NULL,
            Body::Text(text) => text.into(),
            Body::Bytes(bytes) => platform::to_js(&bytes),
            Body::Stream(stream) => stream.into(),
        }
    }
}

/// An answer on its way.
pub enum Reply {
    /// One of the edge's own.
    Own {
        /// HTTP status.
        status: u16,
        headers: Headers,
        body: Body,
    },
    /// Canopy's, streamed, with headers of the edge's own.
    Relayed(Response, Headers),
    /// A WebSocket: goes out as it is.
    Upgraded(Response),
}

impl Reply {
    /// A JSON document.
    pub fn json(status: u16, document: &Value) -> Self {
        Self::json_text(status, document.to_string())
    }

    /// A JSON document that is text already.
    pub fn json_text(status: u16, document: impl Into<String>) -> Self {
        Self::with_type(status, JSON, Body::Text(document.into()))
    }

    /// Any body.
    pub fn with_type(status: u16, content_type: HeaderValue, body: Body) -> Self {
        Self::Own { status, headers: vec![(header::CONTENT_TYPE, content_type)], body }
    }

    /// Nothing.
    pub fn empty(status: u16) -> Self {
        Self::Own { status, headers: Vec::new(), body: Body::Empty }
    }

    /// This answer with one more header; a relayed or upgraded one stays as it is.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        if let Self::Own { headers, .. } = &mut self {
            headers.push((name, value));
        }
        self
    }

    /// HTTP status.
    pub fn status(&self) -> u16 {
        match self {
            Self::Own { status, .. } => *status,
            Self::Relayed(response, _) | Self::Upgraded(response) => response.status(),
        }
    }
}

impl From<&Problem> for Reply {
    fn from(problem: &Problem) -> Self {
        let document = Body::Text(problem.json().to_string());
        let reply = Self::with_type(problem.status(), PROBLEM_JSON, document);
        problem.header().into_iter().fold(reply, |reply, (name, value)| reply.with_header(name, value))
    }
}

/// Our own fault: logged with what the platform says of it, answered without. That a key is missing is said, and which.
pub fn internal(what: &'static str) -> impl Fn(Thrown) -> Problem {
    move |thrown| {
        note(what, &thrown);
        let message = thrown.message().unwrap_or_default();
        let detail = OpenError::key_missing_in(&message)
            .map_or_else(|| format!("{what} failed: try again"), str::to_owned);
        Problem::new(Code::Internal, detail)
    }
}

/// Writes a failure of our own into the log.
pub fn note(what: &'static str, thrown: &Thrown) {
    let line = json!({ "route": "internal", "what": what, "error": thrown.message() });
    worker::console_error!("{line}");
}
