//! Addresses given on the command line, refused there when the edge or Canopy could not use them.

use anyhow::{Context, Result, ensure};
use url::{Host, Url};

/// Where the edge takes webhooks. Source: docs/api.md, "From Canopy".
const WEBHOOK_PATH: &str = "/webhooks/canopy";

/// The origin of a page, as a browser sends it.
pub fn page_origin(text: &str) -> Result<String> {
    let url = checked(text, "/", "an origin as https://www.agency.example or http://localhost:5173")?;
    Ok(url.origin().ascii_serialization())
}

/// The address that Canopy is to send the edge's webhooks to. The edge answers this path and no other, and
/// a webhook that it does not answer is lost.
pub fn webhook(text: &str) -> Result<String> {
    Ok(checked(text, WEBHOOK_PATH, "https://HOST/webhooks/canopy")?.into())
}

fn checked(text: &str, path: &str, expected: &str) -> Result<Url> {
    let url = Url::parse(text).with_context(|| format!("expected {expected}, found no URL"))?;
    let fault = fault(&url, path);
    ensure!(fault.is_none(), "expected {expected}, found {}", fault.unwrap_or_default());
    Ok(url)
}

/// What `url` has that a place of this path, reached safely, has not.
fn fault(url: &Url, path: &str) -> Option<String> {
    match url.scheme() {
        "https" => {}
        "http" if is_loopback(url) => {}
        "http" => return Some("http, which is for this machine alone".to_owned()),
        scheme => return Some(format!("the scheme {scheme}")),
    }
    // A list of origins is split at commas, and a wildcard allows nothing.
    if let Some(Host::Domain(name)) = url.host()
        && !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte))
    {
        return Some(format!("the host {name}"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Some("user info before the host".to_owned());
    }
    if let Some(query) = url.query() {
        return Some(format!("the query ?{query}"));
    }
    if let Some(fragment) = url.fragment() {
        return Some(format!("the fragment #{fragment}"));
    }
    (url.path() != path).then(|| format!("the path {}", url.path()))
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(parse: fn(&str) -> Result<String>, text: &str) -> String {
        parse(text).expect_err(text).to_string()
    }

    #[test]
    fn a_webhook_address_is_one_that_the_edge_answers() {
        for (text, taken) in [
            ("https://edge.example.com/webhooks/canopy", "https://edge.example.com/webhooks/canopy"),
            ("HTTPS://Edge.example.com:443/webhooks/canopy", "https://edge.example.com/webhooks/canopy"),
            ("http://127.0.0.1:8787/webhooks/canopy", "http://127.0.0.1:8787/webhooks/canopy"),
            ("http://[::1]:8787/webhooks/canopy", "http://[::1]:8787/webhooks/canopy"),
            ("http://localhost/webhooks/canopy", "http://localhost/webhooks/canopy"),
        ] {
            assert_eq!(webhook(text).unwrap(), taken);
        }
    }

    #[test]
    fn a_webhook_address_that_the_edge_would_not_answer_is_refused_for_what_is_wrong_with_it() {
        for (text, found) in [
            ("http://edge.example.com/webhooks/canopy", "http, which is for this machine alone"),
            ("http://localhost.example.com/webhooks/canopy", "http, which is for this machine alone"),
            ("ftp://edge.example.com/webhooks/canopy", "the scheme ftp"),
            ("https://edge.example.com/webhooks/canopy/", "the path /webhooks/canopy/"),
            ("https://edge.example.com//webhooks/canopy", "the path //webhooks/canopy"),
            ("https://edge.example.com/webhooks/Canopy", "the path /webhooks/Canopy"),
            ("https://edge.example.com", "the path /"),
            ("https://edge.example.com/webhooks/canopy?key=1", "the query ?key=1"),
            ("https://edge.example.com/webhooks/canopy?", "the query ?"),
            ("https://edge.example.com/webhooks/canopy#top", "the fragment #top"),
            ("https://user@edge.example.com/webhooks/canopy", "user info before the host"),
            ("https://:secret@edge.example.com/webhooks/canopy", "user info before the host"),
            ("edge.example.com/webhooks/canopy", "no URL"),
            ("https:///", "no URL"),
            ("", "no URL"),
        ] {
            let expected = format!("expected https://HOST/webhooks/canopy, found {found}");
            assert_eq!(refusal(webhook, text), expected, "{text}");
        }
    }

    #[test]
    fn an_origin_is_taken_as_a_browser_sends_it() {
        for (text, taken) in [
            ("https://www.agency.example", "https://www.agency.example"),
            ("https://WWW.agency.example:443/", "https://www.agency.example"),
            ("http://localhost:5173", "http://localhost:5173"),
            ("http://127.0.0.1:3000", "http://127.0.0.1:3000"),
        ] {
            assert_eq!(page_origin(text).unwrap(), taken);
        }
    }

    #[test]
    fn what_is_no_origin_is_refused_for_what_is_wrong_with_it() {
        for (text, found) in [
            ("https://www.agency.example/quote", "the path /quote"),
            ("http://www.agency.example", "http, which is for this machine alone"),
            ("https://www.agency.example?x", "the query ?x"),
            ("https://a:b@www.agency.example", "user info before the host"),
            ("localhost:5173", "the scheme localhost"),
            ("file:///home/me/page.html", "the scheme file"),
            ("null", "no URL"),
            ("*", "no URL"),
            ("https://*", "the host *"),
            ("https://a.example,b.example", "the host a.example,b.example"),
            ("https://a.example,https://b.example", "the host a.example,https"),
        ] {
            let error = refusal(page_origin, text);
            assert!(error.ends_with(&format!(", found {found}")), "{text}: {error}");
        }
    }
}
