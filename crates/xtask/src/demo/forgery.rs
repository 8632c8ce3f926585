//! A webhook that is not what Canopy signed, and for comparison one that is.

use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, ensure};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::client::{Answer, shortened, text};
use super::journey::Journey;
use super::local::SIGNING_SECRET;

impl Journey<'_> {
    /// The body of the pull's last webhook again: altered, under a wrong secret, and as it was.
    pub(super) fn tampered(&mut self, pull_id: &str) -> Result<()> {
        let (body, before) = self.step("tampered webhook refused", |at| {
            let deliveries = at.deliveries(pull_id)?;
            let last = deliveries.last().context("expected deliveries of the pull, saw none")?;
            let body = text(last, "/body")?.to_owned();
            let before = at.events(pull_id)?.len();
            let now = SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .context("the clock stands before 1970")?
                .as_secs();
            let altered = body.replacen(pull_id, &pull_id.chars().rev().collect::<String>(), 1);
            ensure!(altered != body, "expected the pull id in the delivered body, saw {}", shortened(&body));
            let cases = [
                ("an altered body", altered.as_str(), signature(SIGNING_SECRET, now, &body)),
                ("a signature by another secret", body.as_str(), signature("another-secret", now, &body)),
            ];
            for (case, body, signature) in cases {
                let refused = at.webhook(body, signature)?.json(401).context(case)?;
                let code = text(&refused, "/code")?;
                ensure!(code == "SIGNATURE_MISMATCH", "expected SIGNATURE_MISMATCH for {case}, saw {code}");
            }
            Ok(((body, before), "401 SIGNATURE_MISMATCH".to_owned()))
        })?;
        // Without this the refusals could come from a mistake of ours in signing.
        self.step("the same webhook, untampered and repeated, taken without effect", |at| {
            let now = SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .context("the clock stands before 1970")?
                .as_secs();
            at.webhook(&body, signature(SIGNING_SECRET, now, &body))?.expect(200)?;
            let after = at.events(pull_id)?.len();
            ensure!(after == before, "expected {before} events still, saw {after}");
            Ok(((), format!("200, still {after} events")))
        })
    }

    fn webhook(&self, body: &str, signature: String) -> Result<Answer> {
        self.edge.post("/webhooks/canopy", body).header("canopy-signature", signature).send()
    }
}

/// `canopy-signature` of `body`, written out anew from the contract: a mistake in the edge must not be made here too.
fn signature(secret: &str, now: u64, body: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("HMAC takes a key of any length");
    mac.update(format!("{now}.{body}").as_bytes());
    format!("t={now},s={}", hex::encode(mac.finalize().into_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_has_the_form_of_the_contract() {
        // The value of `printf '1700000000.{}' | openssl dgst -sha256 -hmac secret`.
        assert_eq!(
            signature("secret", 1_700_000_000, "{}"),
            "t=1700000000,s=b8569b78799ff9e3cbff0fc2d63a33a2b57f3282abd07c37ae5e8e7d79a5f163"
        );
    }
}
