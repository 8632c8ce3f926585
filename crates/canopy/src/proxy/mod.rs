//! Canopy's API through the edge: what is asked, who may ask it, and what crosses.
//!
//! Every operation of the contract's table is served; its row says what for. Source: design, "The proxy".

mod admission;
mod answer;
pub mod idempotency;
pub mod outcome;
mod repeat;
mod target;
mod touch;

pub use admission::{Admitted, Asking, Said, admit, looks_into_body, read_body, require};
pub use answer::{check_answer, crossing, is_looked_into};
pub use repeat::{MAX_ATTEMPTS, MAX_WAIT_MILLIS, unanswered, wait_before_next};
pub use target::{ANY_TEAM, MAX_QUERY_LENGTH, Target};
pub use touch::{Touch, reads_as_fetched, touch, touched};

use http::{HeaderName, HeaderValue, header};

use crate::contract::Body;

/// Path of the proxy on the edge: below it come Canopy's own paths.
pub const PREFIX: &str = "/canopy/api/v1.0.0";

/// Largest JSON body passed on, in bytes.
pub const MAX_BODY_BYTES: usize = 1024 * 1024;

/// Largest upload passed on, in bytes.
pub const MAX_UPLOAD_BYTES: usize = 50 * 1024 * 1024;

/// Largest answer that is looked into, in bytes.
pub const MAX_ANSWER_BYTES: usize = 1024 * 1024;

/// Request headers that cross to Canopy. Everything else stays, credentials and cookies above all.
pub static REQUEST_HEADERS: [HeaderName; 7] = [
    header::ACCEPT,
    header::ACCEPT_LANGUAGE,
    header::CONTENT_TYPE,
    header::IF_MODIFIED_SINCE,
    header::IF_NONE_MATCH,
    header::IF_RANGE,
    header::RANGE,
];

/// Those of them that ask for a part of an answer, or for none: not where it is looked into, which takes the whole.
pub static PARTIAL_HEADERS: [HeaderName; 4] =
    [header::IF_MODIFIED_SINCE, header::IF_NONE_MATCH, header::IF_RANGE, header::RANGE];

/// Answer headers that speak of the very bytes, and are not of others in their place.
pub static BYTES_HEADERS: [HeaderName; 4] =
    [header::ACCEPT_RANGES, header::CONTENT_RANGE, header::ETAG, header::LAST_MODIFIED];

/// Answer headers that cross back: what describes the body, where it is, and when to ask again. Nothing else: a header
/// that a browser obeys would speak for the edge's own address.
pub static ANSWER_HEADERS: [HeaderName; 16] = [
    header::ACCEPT_RANGES,
    header::CONTENT_DISPOSITION,
    header::CONTENT_LANGUAGE,
    header::CONTENT_RANGE,
    header::CONTENT_TYPE,
    HeaderName::from_static("deprecation"),
    header::ETAG,
    header::LAST_MODIFIED,
    header::LOCATION,
    HeaderName::from_static("ratelimit"),
    HeaderName::from_static("ratelimit-policy"),
    header::RETRY_AFTER,
    HeaderName::from_static("sunset"),
    HeaderName::from_static("x-ratelimit-limit"),
    HeaderName::from_static("x-ratelimit-remaining"),
    HeaderName::from_static("x-ratelimit-reset"),
];

/// Headers of every answer that is passed on: it is kept nowhere, is what its type says, and no page that can do anything.
pub static OWN_HEADERS: [(HeaderName, HeaderValue); 3] = [
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("sandbox")),
];

/// A header's value as it crosses. A JSON body is said to be one in UTF-8, whatever the client calls it: it is read here as
/// that, and must not be read otherwise there.
#[must_use]
pub fn crossing_header(name: &HeaderName, value: String, body: Body) -> String {
    const JSON: [&str; 3] =
        ["application/json", "application/json; charset=utf-8", "application/json;charset=utf-8"];
    let is_other = body == Body::Json
        && *name == header::CONTENT_TYPE
        && !JSON.iter().any(|json| value.eq_ignore_ascii_case(json));
    if is_other { JSON[0].to_owned() } else { value }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_json_body_is_said_to_be_json() {
        let crossed = |value: &str, body| crossing_header(&header::CONTENT_TYPE, value.to_owned(), body);
        for kept in ["application/json", "Application/JSON; charset=UTF-8"] {
            assert_eq!(crossed(kept, Body::Json), kept);
        }
        for other in [
            "application/json; charset=utf-16le",
            "application/x-www-form-urlencoded",
            "text/plain",
            "application/json; charset=utf-8; charset=utf-7",
        ] {
            assert_eq!(crossed(other, Body::Json), "application/json");
            assert_eq!(crossed(other, Body::Multipart), other);
        }
        assert_eq!(crossing_header(&header::ACCEPT, "text/html".to_owned(), Body::Json), "text/html");
    }

    #[test]
    fn no_header_that_a_browser_obeys_crosses_back() {
        for name in [
            "set-cookie",
            "clear-site-data",
            "www-authenticate",
            "access-control-allow-origin",
            "refresh",
            "link",
            "cache-control",
            "strict-transport-security",
            "content-security-policy",
            "content-encoding",
            "content-length",
            "service-worker-allowed",
            "pull-jwt",
        ] {
            assert!(ANSWER_HEADERS.iter().all(|allowed| allowed != name), "{name}");
        }
    }
}
