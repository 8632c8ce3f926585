//! A webhook that is not what Canopy signed, and for comparison one that is.

use anyhow::{Context, Result, ensure};

use super::client::{Answer, shortened, text};
use super::journey::Journey;
use super::local::SIGNING_SECRET;
use crate::signature::{self, sign};

impl Journey<'_> {
    /// The body of the pull's last webhook again: altered, under a wrong secret, and as it was.
    pub(super) fn tampered(&mut self, pull_id: &str) -> Result<()> {
        let (body, before) = self.step("tampered webhook refused", |at| {
            let deliveries = at.deliveries(pull_id)?;
            let last = deliveries.last().context("expected deliveries of the pull, saw none")?;
            let body = text(last, "/body")?.to_owned();
            let before = at.events(pull_id)?.len();
            let altered = body.replacen(pull_id, &pull_id.chars().rev().collect::<String>(), 1);
            ensure!(altered != body, "expected the pull id in the delivered body, saw {}", shortened(&body));
            let cases = [
                ("an altered body", altered.as_str(), sign(SIGNING_SECRET, &body)?),
                ("a signature by another secret", body.as_str(), sign("another-secret", &body)?),
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
            at.webhook(&body, sign(SIGNING_SECRET, &body)?)?.expect(200)?;
            let after = at.events(pull_id)?.len();
            ensure!(after == before, "expected {before} events still, saw {after}");
            Ok(((), format!("200, still {after} events")))
        })
    }

    fn webhook(&self, body: &str, signature: String) -> Result<Answer> {
        self.edge.post("/webhooks/canopy", body).header(signature::HEADER, signature).send()
    }
}
