//! `cargo xtask webhook test`: whether an edge believes what is signed with a secret.

use anyhow::{Context, Result, bail, ensure};

use super::sender::{BODY, Sender};
use crate::answer::Answer;
use crate::secret;
use crate::signature;

const SECRET: &str = "CANOPY_WEBHOOK_SIGNING_SECRET";

pub fn run(url: &str) -> Result<()> {
    let given = secret::read(SECRET, "webhook's signing secret")?;
    // Several, where the variable is the edge's own.
    let secrets: Vec<&str> = given.split(',').map(str::trim).filter(|secret| !secret.is_empty()).collect();
    ensure!(!secrets.is_empty(), "expected a secret in {SECRET}, found commas alone");
    let sender = Sender::new();
    let mut unknown = Vec::new();
    for (number, secret) in (1..).zip(&secrets) {
        let answer = sender.post(url, Some(signature::sign(secret, BODY)?));
        let answer = answer.with_context(|| {
            format!("{url} gave no answer: see that the edge is deployed there, and that its name resolves")
        })?;
        if !is_known(url, &answer)? {
            unknown.push(format!("{number}"));
        }
    }
    println!("✓ {url} answers, is configured, and its clock and this machine's agree.");
    if !unknown.is_empty() {
        let which = match secrets.len() {
            1 => "this secret".to_owned(),
            count => format!("number {} of these {count} secrets", unknown.join(" and ")),
        };
        bail!(
            "the edge does not know {which}: set the one that registration showed with \
             `npx wrangler secret put {SECRET} --env production` (--env sandbox for a sandbox key), or, if it is lost, \
             remove the webhook and register it again"
        );
    }
    let secrets = if secrets.len() == 1 { "the secret" } else { "all the secrets" };
    println!("✓ It knows {secrets}. All is well; nothing was stored.");
    Ok(())
}

/// Whether the edge knows the secret that [`BODY`] was signed with; an error says what keeps it from looking. Source:
/// docs/api.md, the table of codes.
fn is_known(url: &str, answer: &Answer) -> Result<bool> {
    let detail = answer.detail();
    if answer.is(503, "NOT_CONFIGURED") {
        bail!("{url} answers, but is not configured; set what it names: {detail}");
    }
    if answer.is(401, "SIGNATURE_EXPIRED") {
        bail!(
            "{url} answers and is configured, but its clock and this machine's do not agree: {detail}; set this \
             machine's, and test again to see whether the secret is right"
        );
    }
    let is_known = answer.is(400, "BODY_MALFORMED");
    ensure!(
        is_known || answer.is(401, "SIGNATURE_MISMATCH"),
        "expected {url} to say whether it knows the secret, found {answer}: is the edge deployed there?"
    );
    Ok(is_known)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(status: u16, code: &str) -> Result<bool, String> {
        let answer = Answer { status, body: json!({"error": code, "detail": "the detail"}) };
        is_known("https://e.example/webhooks/canopy", &answer).map_err(|error| error.to_string())
    }

    #[test]
    fn each_answer_of_an_edge_says_what_is_right_and_what_is_wrong() {
        assert_eq!(of(400, "BODY_MALFORMED"), Ok(true));
        assert_eq!(of(401, "SIGNATURE_MISMATCH"), Ok(false));
        for (status, code, said) in [
            (503, "NOT_CONFIGURED", "is not configured; set what it names: the detail"),
            (401, "SIGNATURE_EXPIRED", "do not agree: the detail;"),
            (401, "SIGNATURE_MISSING", "found 401 SIGNATURE_MISSING"),
            (404, "NOT_FOUND", "found 404 NOT_FOUND"),
            (200, "BODY_MALFORMED", "found 200 BODY_MALFORMED"),
        ] {
            let error = of(status, code).unwrap_err();
            assert!(error.contains(said), "{error}");
        }
    }
}
