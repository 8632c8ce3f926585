//! A request that a step makes, as it stands in the journal: without its secret.

use std::collections::BTreeMap;

use canopy::delivery::Destination;
use serde::{Deserialize, Serialize};
use url::Url;

/// Most bytes of a body.
pub const MAX_BODY: usize = 1024 * 1024;

/// Headers that a definition does not set: the edge does, or nobody.
const OURS: &[&str] = &[
    "authorization",
    "connection",
    "content-length",
    "cookie",
    "expect",
    "host",
    "idempotency-key",
    "keep-alive",
    "proxy-authorization",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// A request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// `GET`, `POST`, …
    pub method: String,
    /// Where it goes, its query within. A secret that stands in the path is `{secret}` there.
    pub url: String,
    /// Its headers by small name.
    pub headers: BTreeMap<String, String>,
    /// Its body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// What is put into it when it is sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth: Option<Auth>,
}

/// A secret and where it is put.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Auth {
    /// Its name in `EDGE_SECRETS`.
    pub secret: String,
    /// Where it is put.
    #[serde(flatten)]
    pub placement: Placement,
}

/// Where a secret is put.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "as", rename_all = "snake_case")]
pub enum Placement {
    /// `Authorization: Bearer`.
    Bearer,
    /// `Authorization: Basic`: the password of `user`, or user and password with a colon between.
    Basic {
        /// Its user.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        user: Option<String>,
    },
    /// A header of this name.
    Header {
        /// Its name.
        name: String,
    },
    /// In the place of `{secret}` in the URL.
    Path,
    /// What the service gives for it.
    Oauth(Grant),
}

/// How a service gives a token for a secret. Source: RFC 6749, RFC 7523.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "grant", rename_all = "snake_case")]
pub enum Grant {
    /// For an id and a secret, with a colon between.
    ClientCredentials {
        /// Where.
        token_url: String,
    },
    /// For a signed statement of who asks. Source: RFC 7523, section 2.1.
    Jwt(Statement),
    /// For a signed statement of which client it is. Source: RFC 7523, section 2.2.
    ClientJwt(Statement),
}

/// What is signed; the secret is a private key in base64.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    /// Where it is shown.
    pub token_url: String,
    /// How.
    pub algorithm: Algorithm,
    /// Its header, beside `alg` and `typ`.
    #[serde(default)]
    pub header: BTreeMap<String, String>,
    /// Its claims, beside `iat` and `exp`.
    pub claims: BTreeMap<String, String>,
}

/// How something is signed with an RSA key. Source: RFC 7518, sections 3.3 and 3.5.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Algorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    RS256,
    /// RSASSA-PSS with SHA-256.
    PS256,
}

impl Algorithm {
    /// Its name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::RS256 => "RS256",
            Self::PS256 => "PS256",
        }
    }
}

impl Grant {
    /// Where a token is asked for.
    #[must_use]
    pub fn token_url(&self) -> &str {
        match self {
            Self::ClientCredentials { token_url } => token_url,
            Self::Jwt(statement) | Self::ClientJwt(statement) => &statement.token_url,
        }
    }
}

/// Why a request is not made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// It goes where nothing may go.
    #[error("expected {}", Destination::EXPECTED)]
    Destination,
    /// It is too large.
    #[error("expected a body of at most {MAX_BODY} bytes")]
    Length,
    /// A header is none.
    #[error("expected a header that HTTP allows, and none of those that the edge sets: {0:?}")]
    Header(String),
    /// It goes elsewhere than its connector's do.
    #[error("expected the host {expected}")]
    Host {
        /// Where the connector's go.
        expected: String,
    },
}

impl Request {
    /// Whether it may be made, and a token for it be asked for.
    ///
    /// # Errors
    /// Why not.
    pub fn check(&self, is_local: bool) -> Result<(), RequestError> {
        let url = self.url.replace("{secret}", "secret");
        for url in [Some(url.as_str()), self.grant().map(Grant::token_url)].into_iter().flatten() {
            Destination::read(url, is_local).ok_or(RequestError::Destination)?;
        }
        if self.body.as_ref().is_some_and(|body| body.len() > MAX_BODY) {
            return Err(RequestError::Length);
        }
        match self.headers.iter().find(|(name, value)| !is_header(name, value)) {
            Some((name, _)) => Err(RequestError::Header(name.chars().take(64).collect())),
            None => Ok(()),
        }
    }

    /// How its service gives a token, where it takes one.
    #[must_use]
    pub fn grant(&self) -> Option<&Grant> {
        match &self.auth.as_ref()?.placement {
            Placement::Oauth(grant) => Some(grant),
            _ => None,
        }
    }

    /// Its host, with the port where one is written.
    #[must_use]
    pub fn host(&self) -> Option<String> {
        host_of(&self.url)
    }
}

/// The host of a URL, with the port where one is written.
#[must_use]
pub fn host_of(url: &str) -> Option<String> {
    let url = Url::parse(url).ok()?;
    let host = url.host_str()?;
    Some(url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")))
}

/// Whether a definition may set it.
#[must_use]
pub fn is_header(name: &str, value: &str) -> bool {
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    let is_name = (1..=64).contains(&name.len()) && name.bytes().all(is_token);
    let is_ours = OURS.iter().any(|ours| name.eq_ignore_ascii_case(ours))
        || name.to_ascii_lowercase().starts_with("cf-");
    is_name && !is_ours && value.len() <= 8_192 && value.bytes().all(|byte| (b' '..=b'~').contains(&byte))
}

/// Whether `host` is the one that a pattern names: the same, below `*.`, or any for `*`.
#[must_use]
pub fn is_host_of(pattern: &str, host: &str) -> bool {
    match pattern.strip_prefix("*.") {
        Some(domain) => host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.') && rest.len() > 1),
        // The secret says whose it is.
        None => pattern == "*" || pattern == host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(url: &str, headers: &[(&str, &str)]) -> Request {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Request { method: "POST".to_owned(), url: url.to_owned(), headers, body: None, auth: None }
    }

    #[test]
    fn nothing_goes_inside() {
        assert_eq!(request("https://api.example.com/x?y", &[]).check(false), Ok(()));
        assert_eq!(request("https://hooks.example.com/{secret}", &[]).check(false), Ok(()));
        for url in [
            "http://api.example.com",
            "https://127.0.0.1/",
            "https://169.254.169.254/latest",
            "file:///etc/passwd",
            "https://a:b@example.com/",
            "x",
        ] {
            assert_eq!(request(url, &[]).check(false), Err(RequestError::Destination), "{url}");
        }
        assert_eq!(request("http://127.0.0.1:9/", &[]).check(true), Ok(()));
    }

    #[test]
    fn no_token_is_asked_for_inside() {
        let check = |token_url: &str| {
            let grant = Grant::ClientCredentials { token_url: token_url.to_owned() };
            let auth = Auth { secret: "CRM".to_owned(), placement: Placement::Oauth(grant) };
            Request { auth: Some(auth), ..request("https://api.example.com/x", &[]) }.check(false)
        };
        assert_eq!(check("https://sign.example.com/token"), Ok(()));
        for url in
            ["http://sign.example.com/token", "https://127.0.0.1/token", "https://a:b@example.com/token"]
        {
            assert_eq!(check(url), Err(RequestError::Destination), "{url}");
        }
    }

    #[test]
    fn headers_are_headers_and_not_ours() {
        let check = |name, value| request("https://api.example.com", &[(name, value)]).check(false).is_ok();
        assert!(check("x-mine", "a b") && check("content-type", "text/plain"));
        for (name, value) in [
            ("Authorization", "Bearer x"),
            ("host", "a"),
            ("x y", "a"),
            ("", "a"),
            ("x", "a\r\nb: c"),
            ("x", "é"),
            ("CF-Ray", "1"),
            ("idempotency-key", "k"),
        ] {
            assert!(!check(name, value), "{name}");
        }
    }

    #[test]
    fn hosts_are_compared_whole() {
        assert!(
            is_host_of("*.zendesk.com", "acme.zendesk.com") && is_host_of("api.resend.com", "api.resend.com")
        );
        for (pattern, host) in [
            ("*.zendesk.com", "zendesk.com"),
            ("*.zendesk.com", ".zendesk.com"),
            ("*.zendesk.com", "evilzendesk.com"),
            ("*.zendesk.com", "acme.zendesk.com.evil.example"),
            ("a.com", "b.a.com"),
        ] {
            assert!(!is_host_of(pattern, host), "{pattern} {host}");
        }
        assert_eq!(host_of("http://127.0.0.1:9025/x").as_deref(), Some("127.0.0.1:9025"));
    }
}
