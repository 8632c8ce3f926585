//! What an HTTP service answered: a status, and JSON where there is some.

use std::fmt;

use serde_json::Value;
use ureq::Body;
use ureq::http::Response;

#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    /// `null` where it is no JSON.
    pub body: Value,
}

impl Answer {
    pub fn of(response: Result<Response<Body>, ureq::Error>) -> Result<Self, ureq::Error> {
        let mut response = response?;
        let status = response.status().as_u16();
        let bytes = response.body_mut().read_to_vec()?;
        Ok(Self { status, body: serde_json::from_slice(&bytes).unwrap_or(Value::Null) })
    }

    /// Canopy's code, or the edge's, which stands under the same name. Source: docs/api.md.
    fn code(&self) -> Option<&str> {
        self.body["error"].as_str()
    }

    pub fn is(&self, status: u16, code: &str) -> bool {
        self.status == status && self.code() == Some(code)
    }

    /// What the edge says beside the code.
    pub fn detail(&self) -> &str {
        self.body["detail"].as_str().unwrap_or("it says no more")
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.status, self.code().unwrap_or("without an error code"))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_code_counts_with_its_status_alone() {
        let refused = Answer { status: 400, body: json!({"error": "INVALID_URL"}) };
        assert!(refused.is(400, "INVALID_URL"));
        assert!(!refused.is(401, "INVALID_URL") && !refused.is(400, "INVALID_EVENT_TYPE"));
        assert_eq!(refused.to_string(), "400 INVALID_URL");
        let page = Answer { status: 404, body: Value::Null };
        assert_eq!(page.to_string(), "404 without an error code");
    }
}
