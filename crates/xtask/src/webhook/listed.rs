//! Registered webhooks for people to read, and the one that is meant among them.

use serde_json::Value;
use url::Url;

pub fn show(webhooks: &[Value]) {
    if webhooks.is_empty() {
        println!("No webhook is registered.");
    }
    for webhook in webhooks {
        println!("{}", line(webhook));
    }
}

/// One webhook; its signing secret stays out.
pub fn line(webhook: &Value) -> String {
    let events: Vec<&str> =
        webhook["event_types"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let kind = if webhook["is_sandbox"] == true { "sandbox" } else { "production" };
    let state = if webhook["is_active"] == true { "active" } else { "inactive" };
    let events = if events.is_empty() { "all events".to_owned() } else { events.join(", ") };
    format!("{}  {}  {kind}, {state}  {events}", id(webhook), url(webhook))
}

pub fn id(webhook: &Value) -> &str {
    webhook["webhook_id"].as_str().unwrap_or("(without an id)")
}

pub fn url(webhook: &Value) -> &str {
    webhook["url"].as_str().unwrap_or("(without a URL)")
}

/// Whether `webhook` leads to `address`, in any writing of it.
pub fn is_at(webhook: &Value, address: &str) -> bool {
    let parsed = |text: &str| Url::parse(text).ok();
    url(webhook) == address || parsed(address).is_some_and(|address| parsed(url(webhook)) == Some(address))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_listed_webhook_never_shows_its_secret() {
        let webhook = json!({
            "webhook_id": "w1", "signing_secret": "cBiN66y0", "url": "https://example.com/hook",
            "is_sandbox": true, "is_active": true, "event_types": ["COMPLETE"],
        });
        assert_eq!(line(&webhook), "w1  https://example.com/hook  sandbox, active  COMPLETE");
    }

    #[test]
    fn a_webhook_is_at_its_address_however_that_is_written() {
        let webhook = json!({"webhook_id": "w1", "url": "https://example.com/hook"});
        assert!(is_at(&webhook, "https://example.com/hook"));
        assert!(is_at(&webhook, "HTTPS://Example.com:443/hook"));
        for other in ["https://example.com/hook2", "https://example.com/Hook", "http://example.com/hook", ""]
        {
            assert!(!is_at(&webhook, other), "{other}");
        }
        assert!(!is_at(&json!({"url": "no URL"}), "none either"));
    }
}
