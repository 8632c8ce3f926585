//! One signed delivery to an endpoint.

use canopy::{
    config::Config,
    delivery::{Destination, MAX_ANSWER_BYTES, Subscription, TIMEOUT_MILLIS, Tried, signature},
    retry::Reason,
    time::UnixMillis,
};
use http::{HeaderName, HeaderValue, header};

use crate::{
    http::{Headers, header_value},
    platform::{self, Answered, clock},
};

/// Posts `body`; gives how that went, and the answer's `Retry-After`.
pub async fn post(config: &Config, to: &Subscription, id: &str, body: &str) -> (Tried, Option<String>) {
    let at = platform::now();
    let headers = headers(to, id, body, at);
    let answer = match Destination::read(&to.settings.url, config.is_local) {
        Some(url) => {
            platform::delivered(url.as_str(), &headers, body, TIMEOUT_MILLIS, MAX_ANSWER_BYTES).await
        }
        // A local run had let it in.
        None => Err(Reason::Refused),
    };
    let duration = u64::try_from(platform::now().0 - at.0).unwrap_or_default();
    match answer {
        Ok(Answered { status, retry_after, head }) => {
            (Tried::answered(at, status, duration, &head), retry_after)
        }
        Err(reason) => (Tried::unanswered(at, reason, duration), None),
    }
}

/// The timestamp is the machine's: receivers hold it to theirs. Source: Standard Webhooks, "Webhook Headers".
fn headers(to: &Subscription, id: &str, body: &str, at: UnixMillis) -> Headers {
    let timestamp = clock::machine().seconds().0;
    let signature = signature(&to.secrets(at), id, timestamp, body.as_bytes());
    let named = |name, value: &str| Some((HeaderName::from_static(name), header_value(value)?));
    let own = [
        named("webhook-id", id),
        named("webhook-timestamp", &timestamp.to_string()),
        named("webhook-signature", &signature),
    ];
    let fixed = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (header::USER_AGENT, HeaderValue::from_static("canopy-edge")),
    ];
    own.into_iter().flatten().chain(fixed).collect()
}
