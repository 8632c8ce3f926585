//! Whether an address is that of an edge that can take webhooks: asked before Canopy is told to send any there.

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use url::Url;

use super::sender::Sender;
use crate::answer::Answer;

/// What only a registration gives.
const SECRET: &str = "CANOPY_WEBHOOK_SIGNING_SECRET";

/// An edge that a webhook may be registered for.
#[derive(Debug, PartialEq, Eq)]
pub enum Standing {
    /// It has all that it needs.
    Configured,
    /// It lacks the signing secret and nothing else.
    AwaitsSecret,
}

/// Asks the edge at `url`, without a signature, and its `/healthz`.
pub fn check(url: &str) -> Result<Standing> {
    let sender = Sender::new();
    let silent = || format!("{url} gave no answer: deploy the edge before its webhook is registered");
    let webhook = sender.post(url, None).with_context(silent)?;
    let health = Url::parse(url)?.join("/healthz")?;
    let health = sender.get(health.as_str()).with_context(|| format!("{health} gave no answer"))?;
    standing(url, &webhook, &health)
}

/// What the answers to an unsigned webhook and of `/healthz` say. Source: docs/api.md, "From Canopy", "Health".
fn standing(url: &str, webhook: &Answer, health: &Answer) -> Result<Standing> {
    ensure!(
        webhook.is(401, "SIGNATURE_MISSING") || webhook.is(503, "NOT_CONFIGURED"),
        "expected {url} to answer an unsigned webhook with 401 SIGNATURE_MISSING, found {webhook}: is the edge deployed there?"
    );
    if health.status == 200 && health.body["status"] == "ok" {
        return Ok(Standing::Configured);
    }
    let faults = health.body["errors"].as_array().map(Vec::as_slice).unwrap_or_default();
    match faults {
        [] => bail!("expected /healthz to answer 200 or to name what is missing, found {health}"),
        [fault] if fault["variable"] == SECRET => Ok(Standing::AwaitsSecret),
        faults => {
            // It follows from the registration, and is nothing to be set before.
            let faults = faults.iter().filter(|fault| fault["variable"] != SECRET);
            let lines: String = faults.map(|fault| format!("\n  {}", line(fault))).collect();
            bail!("the edge at {url} is not configured; set these first, as README.md says:{lines}");
        }
    }
}

fn line(fault: &Value) -> String {
    let text = |name: &str| fault[name].as_str().unwrap_or("?");
    format!("{}: expected {}", text("variable"), text("expected"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn refused(status: u16, code: &str) -> Answer {
        Answer { status, body: json!({ "error": code }) }
    }

    fn health(missing: &[&str]) -> Answer {
        let errors: Vec<Value> =
            missing.iter().map(|name| json!({"variable": name, "expected": "a value"})).collect();
        Answer { status: 503, body: json!({"status": "not configured", "errors": errors}) }
    }

    fn of(webhook: &Answer, health: &Answer) -> Result<Standing, String> {
        standing("https://e.example/webhooks/canopy", webhook, health).map_err(|error| error.to_string())
    }

    #[test]
    fn an_edge_may_lack_its_signing_secret_and_nothing_else() {
        let healthy = Answer { status: 200, body: json!({"status": "ok"}) };
        assert_eq!(of(&refused(401, "SIGNATURE_MISSING"), &healthy), Ok(Standing::Configured));
        let unset = refused(503, "NOT_CONFIGURED");
        assert_eq!(of(&unset, &health(&[SECRET])), Ok(Standing::AwaitsSecret));
        for missing in [&["CANOPY_TEAM_ID"][..], &["CANOPY_TEAM_ID", SECRET]] {
            let error = of(&unset, &health(missing)).unwrap_err();
            assert!(error.ends_with("says:\n  CANOPY_TEAM_ID: expected a value"), "{error}");
        }
        let error = of(&unset, &health(&[])).unwrap_err();
        assert!(error.ends_with("found 503 without an error code"), "{error}");
    }

    #[test]
    fn what_answers_otherwise_is_no_edge() {
        let healthy = Answer { status: 200, body: json!({"status": "ok"}) };
        for (status, body, found) in [
            (200, json!({"received": true}), "200 without an error code"),
            (301, Value::Null, "301 without an error code"),
            (401, json!({"error": "UNAUTHORIZED"}), "401 UNAUTHORIZED"),
            (404, Value::Null, "404 without an error code"),
            (503, Value::Null, "503 without an error code"),
        ] {
            let error = of(&Answer { status, body }, &healthy).unwrap_err();
            assert!(error.contains(&format!("found {found}: is the edge deployed there?")), "{error}");
        }
    }
}
