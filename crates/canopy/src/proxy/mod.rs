//! Canopy's API through the edge: what is asked, who may ask it, and what crosses.
//!
//! Every operation of the contract's table is served; its row says what for. Source: design, "The proxy".

mod admission;
mod answer;
pub mod idempotency;
mod repeat;
mod target;
mod touch;

pub use admission::{Admitted, Asking, Said, admit, looks_into_body, read_body, require};
pub use answer::{check_answer, crossing, is_looked_into};
pub use repeat::{MAX_ATTEMPTS, MAX_WAIT_MILLIS, unanswered, wait_before_next};
pub use target::{ANY_TEAM, MAX_QUERY_LENGTH, Target};
pub use touch::{Called, Touch, reads_as_fetched, touch, touched};

use http::{HeaderName, HeaderValue, header};

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

#[cfg(test)]
mod tests {
    use super::*;

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
