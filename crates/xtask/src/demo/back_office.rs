//! The back office's side of the pull: snapshots and documents arrive, and all of it is read back.

use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::client::{Answer, list, shortened, text};
use super::journey::Journey;
use super::live::{LIMIT, Live};
use super::local::API_TOKEN;

const POLL_EVERY: Duration = Duration::from_millis(100);

impl Journey<'_> {
    pub(super) fn policies(&mut self, pull_id: &str, live: &mut Live) -> Result<()> {
        self.step("POLICIES_AVAILABLE: pull fetched and stored", |at| {
            live.until("policies_available", |document| document["policies_available"] == true)?;
            let pull = at.pull_until(pull_id, "snapshot version 1", |pull| snapshot(pull, 1).is_some())?;
            let first = snapshot(&pull, 1).context("expected snapshot version 1, saw none")?;
            Ok(((), format!("version 1, {} bytes", first["size"])))
        })
    }

    pub(super) fn complete(&mut self, pull_id: &str, live: &mut Live) -> Result<Value> {
        self.step("COMPLETE: pull fetched again, documents stored", |at| {
            live.until("complete", |document| document["complete"] == true)?;
            let expected = "snapshot version 2, at least one document, all of them stored, and an outbox with nothing left to do";
            let pull = at.pull_until(pull_id, expected, |pull| {
                snapshot(pull, 2).is_some() && all_are(&pull["documents"], "stored") && all_are(&pull["outbox"], "done")
            })?;
            let detail = format!("version 2, {} documents", list(&pull, "/documents")?.len());
            Ok((pull, detail))
        })
    }

    pub(super) fn read_back(&mut self, pull_id: &str, pull: &Value) -> Result<()> {
        self.step("read back: list of pulls", |at| {
            let found = at.until("the pull in the list", || {
                let pulls = at.back_office("?limit=100")?.json(200)?;
                let found = list(&pulls, "/pulls")?.iter().any(|listed| listed["pull_id"] == pull_id);
                Ok((found.then_some(pulls.clone()), pulls))
            })?;
            Ok(((), format!("{} listed", list(&found, "/pulls")?.len())))
        })?;
        self.step("read back: events, as many as the sandbox delivered", |at| {
            let log = at.events(pull_id)?;
            let events: Vec<&Value> = log.iter().filter(|entry| entry["kind"] == "webhook").collect();
            for wanted in ["AUTH_STATUS", "POLICIES_AVAILABLE", "COMPLETE"] {
                let found = events.iter().any(|event| event["event_type"] == wanted);
                ensure!(found, "expected {wanted} in the log, saw {} other events", events.len());
            }
            let delivered = at.deliveries(pull_id)?.len();
            ensure!(
                events.len() == delivered,
                "expected {delivered} events in the log, saw {}",
                events.len()
            );
            Ok(((), format!("{delivered} events")))
        })?;
        self.step("read back: snapshots, whole", |at| {
            for version in [1, 2] {
                let listed =
                    snapshot(pull, version).with_context(|| format!("version {version} is not listed"))?;
                let answer = at.back_office(&format!("/{pull_id}/snapshots/{version}"))?.expect(200)?;
                let seen = hex::encode(Sha256::digest(&answer.body));
                let wanted = text(listed, "/sha256")?;
                ensure!(seen == wanted, "expected version {version} with the SHA-256 {wanted}, saw {seen}");
                let raw = answer.json(200)?;
                let id = text(&raw, "/pull/pull_id")?;
                ensure!(id == pull_id, "expected the pull {pull_id}, saw {id}");
                ensure!(
                    !list(&raw, "/pull/policies")?.is_empty(),
                    "expected policies in version {version}, saw none"
                );
            }
            Ok(((), "SHA-256 as listed".to_owned()))
        })?;
        self.read_intake(pull_id)?;
        self.step("read back: documents", |at| {
            let documents = list(pull, "/documents")?;
            let mut bytes = 0;
            for document in documents {
                let id = text(document, "/document_id")?;
                let pdf = at.back_office(&format!("/{pull_id}/documents/{id}"))?.expect(200)?.body;
                ensure!(
                    pdf.starts_with(b"%PDF-"),
                    "expected a PDF as document {id}, saw {} other bytes",
                    pdf.len()
                );
                let size = document["size"].as_u64();
                ensure!(size == Some(pdf.len() as u64), "expected {size:?} bytes of {id}, saw {}", pdf.len());
                bytes += pdf.len();
            }
            Ok(((), format!("{} PDFs, {bytes} bytes", documents.len())))
        })
    }

    fn read_intake(&mut self, pull_id: &str) -> Result<()> {
        self.step("read back: the agency's rows", |at| {
            let intake = at.back_office(&format!("/{pull_id}/intake"))?.json(200)?;
            let unknown = list(&intake, "/not_understood")?;
            ensure!(unknown.is_empty(), "expected every value to be understood, saw {}", unknown[0]);
            let count = |part: &str| list(&intake, &format!("/{part}")).map(Vec::len);
            let (policies, people, gaps) = (count("policies")?, count("people")?, count("gaps")?);
            ensure!(policies > 0 && people > 0, "expected policies and people, saw {policies} and {people}");
            Ok(((), format!("{policies} policies, {people} people, {gaps} worth a talk")))
        })
    }

    /// The whole event log of a pull.
    pub(super) fn events(&self, pull_id: &str) -> Result<Vec<Value>> {
        let mut events: Vec<Value> = Vec::new();
        loop {
            let after = events.last().map_or(0, |event| event["position"].as_u64().unwrap_or(0));
            let page = self.back_office(&format!("/{pull_id}/events?after={after}"))?.json(200)?;
            events.extend(list(&page, "/events")?.iter().cloned());
            if page["next"].is_null() {
                return Ok(events);
            }
        }
    }

    /// The sandbox's own account of what it has delivered of a pull.
    pub(super) fn deliveries(&self, pull_id: &str) -> Result<Vec<Value>> {
        let deliveries =
            self.sandbox.get(&format!("/sandbox/deliveries?pull_id={pull_id}")).send()?.json(200)?;
        Ok(list(&deliveries, "/deliveries")?.clone())
    }

    fn pull_until(&self, pull_id: &str, expected: &str, fits: impl Fn(&Value) -> bool) -> Result<Value> {
        self.until(expected, || {
            let pull = self.back_office(&format!("/{pull_id}"))?.json(200)?;
            Ok((fits(&pull).then(|| pull.clone()), pull))
        })
    }

    /// Looks again and again until there is a value; what was seen last is for the message when there never is.
    fn until(&self, expected: &str, look: impl Fn() -> Result<(Option<Value>, Value)>) -> Result<Value> {
        let limit = Instant::now() + LIMIT;
        loop {
            match look()? {
                (Some(value), _) => return Ok(value),
                (None, seen) if Instant::now() > limit => {
                    bail!("expected {expected} within {LIMIT:?}, saw {}", shortened(&seen.to_string()))
                }
                (None, _) => sleep(POLL_EVERY),
            }
        }
    }

    fn back_office(&self, path: &str) -> Result<Answer> {
        self.edge.get(&format!("/api/v1/pulls{path}")).bearer(API_TOKEN).send()
    }
}

fn snapshot(pull: &Value, version: u64) -> Option<&Value> {
    pull["snapshots"].as_array()?.iter().find(|snapshot| snapshot["version"] == version)
}

/// Whether there are entries in `list` and each is in `state`.
fn all_are(list: &Value, state: &str) -> bool {
    list.as_array()
        .is_some_and(|entries| !entries.is_empty() && entries.iter().all(|entry| entry["state"] == state))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_empty_list_is_never_all_done() {
        assert!(!all_are(&json!([]), "done"));
        assert!(!all_are(&json!([{"state": "done"}, {"state": "failed"}]), "done"));
        assert!(all_are(&json!([{"state": "done"}]), "done"));
    }
}
