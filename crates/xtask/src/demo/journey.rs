//! One pull from the page's first call to what the back office reads: each step seen from outside, none assumed.

use std::thread::sleep;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, bail, ensure};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::client::{Answer, Service, list, shortened, text};
use super::live::{LIMIT, Live};
use super::local::{API_TOKEN, PUBLIC_ALIAS, SIGNING_SECRET};
use super::step::step;

const USERNAME: &str = "user_mfa";
const PASSWORD: &str = "pass_good";
/// What the sandbox takes for a wrong code; nearly any other is right (`contract/sandbox-users.json`).
const WRONG_CODE: &str = "000000";
const RIGHT_CODE: &str = "123456";
const CONSENT: &str = "By clicking Connect you agree to the Terms of Service.";
const POLL_EVERY: Duration = Duration::from_millis(100);

/// Takes one pull through and gives its id. `interrupted` is asked between steps.
pub fn one_pull(edge: &Service, sandbox: &Service, interrupted: &mut dyn FnMut() -> bool) -> Result<String> {
    let mut journey = Journey { edge, sandbox, interrupted };
    let session = journey.session()?;
    let choice = journey.carriers_and_terms(&session)?;
    let mut live = journey.live(&session)?;
    let pull_id = journey.connect(&session, &choice, &mut live)?;
    journey.option(&session, &mut live)?;
    journey.codes(&session, &mut live)?;
    journey.success(&mut live)?;
    journey.policies(&pull_id, &mut live)?;
    let pull = journey.complete(&pull_id, &mut live)?;
    journey.read_back(&pull_id, &pull)?;
    journey.tampered(&pull_id)?;
    Ok(pull_id)
}

struct Journey<'run> {
    edge: &'run Service,
    sandbox: &'run Service,
    interrupted: &'run mut dyn FnMut() -> bool,
}

/// What the page keeps of its session.
struct Session {
    path: String,
    token: String,
    session_id: String,
}

/// What the consumer picked and agreed to.
struct Choice {
    carrier_id: String,
    terms_version: Value,
}

impl Journey<'_> {
    /// A step, unless the user has had enough.
    fn step<T>(&mut self, name: &str, action: impl FnOnce(&Self) -> Result<(T, String)>) -> Result<T> {
        ensure!(!(self.interrupted)(), "interrupted before: {name}");
        step(name, || action(self))
    }

    fn page_post(&self, session: &Session, path: &str, body: &Value) -> Result<Answer> {
        let call = self.edge.post(&format!("{}{path}", session.path), body.to_string());
        call.bearer(&session.token).header("origin", self.edge.origin()).send()
    }

    fn back_office(&self, path: &str) -> Result<Answer> {
        self.edge.get(&format!("/api/v1/pulls{path}")).bearer(API_TOKEN).send()
    }

    fn session(&mut self) -> Result<Session> {
        self.step("session opened", |at| {
            let metadata = json!({"metadata": {"lead_id": "demo"}}).to_string();
            let opened = at
                .edge
                .post("/connect/sessions", metadata)
                .header("origin", at.edge.origin())
                .send()?
                .json(201)?;
            let alias = text(&opened, "/public_alias")?;
            ensure!(alias == PUBLIC_ALIAS, "expected the public alias {PUBLIC_ALIAS}, saw {alias}");
            let session_id = text(&opened, "/session_id")?.to_owned();
            let token = text(&opened, "/token")?.to_owned();
            let path = format!("/connect/sessions/{session_id}");
            let detail = format!("until {}", text(&opened, "/expires_at")?);
            Ok((Session { path, token, session_id }, detail))
        })
    }

    fn carriers_and_terms(&mut self, session: &Session) -> Result<Choice> {
        self.step("carriers and terms read", |at| {
            let read = |path: &str| {
                at.edge.get(path).bearer(&session.token).header("origin", at.edge.origin()).send()?.json(200)
            };
            let carriers = read("/connect/carriers")?;
            let carriers = list(&carriers, "")?;
            let simple = carriers.iter().find(|carrier| {
                carrier["thirdFieldPlaceholder"].is_null() && carrier["disablePasswordField"] != true
            });
            let simple =
                simple.context("expected a carrier with just a username and a password, saw none")?;
            let terms = read("/connect/terms")?;
            ensure!(!text(&terms, "/terms_html")?.is_empty(), "expected the text of the terms, saw none");
            let detail = format!("{} carriers, terms version {}", carriers.len(), terms["terms_version"]);
            let carrier_id = text(simple, "/carrier_id")?.to_owned();
            Ok((Choice { carrier_id, terms_version: terms["terms_version"].clone() }, detail))
        })
    }

    fn live(&mut self, session: &Session) -> Result<Live> {
        self.step("live socket opened", |at| {
            let live = Live::open(at.edge, &session.session_id, &session.token)?;
            let phase = text(&live.newest, "/phase")?.to_owned();
            ensure!(phase == "open", "expected the phase open, saw {phase}");
            Ok((live, format!("phase {phase}")))
        })
    }

    fn connect(&mut self, session: &Session, choice: &Choice, live: &mut Live) -> Result<String> {
        let name = format!("credentials of {USERNAME} connected at {}", choice.carrier_id);
        self.step(&name, |at| {
            let credentials = json!({"username": USERNAME, "password": PASSWORD}).to_string();
            let tokens = at.sandbox.post("/sandbox/tokenize", credentials).send()?.json(200)?;
            let body = json!({
                "carrier_id": choice.carrier_id,
                "username": text(&tokens, "/tokens/username")?,
                "password": text(&tokens, "/tokens/password")?,
                "terms_version": choice.terms_version,
                "consent_language": CONSENT,
            });
            at.page_post(session, "/connect", &body)?.expect(200)?;
            let document =
                live.until("a pull_id on the live socket", |document| document["pull_id"].is_string())?;
            let pull_id = text(document, "/pull_id")?.to_owned();
            Ok((pull_id.clone(), format!("pull {pull_id}")))
        })
    }

    fn option(&mut self, session: &Session, live: &mut Live) -> Result<()> {
        let key = self.step("IDENTITY_VERIFICATION_OPTIONS seen live", |_| {
            let document = live.until("IDENTITY_VERIFICATION_OPTIONS with options", |document| {
                auth_is(document, "IDENTITY_VERIFICATION_OPTIONS")
                    && document["auth"]["options"].as_array().is_some_and(|options| !options.is_empty())
            })?;
            let options = list(document, "/auth/options")?;
            let labels = options.iter().map(|option| text(option, "/label")).collect::<Result<Vec<_>>>()?;
            Ok((text(&options[0], "/key")?.to_owned(), labels.join(", ")))
        })?;
        self.step("option chosen", |at| {
            at.page_post(session, "/identity-option", &json!({"option_key": key}))?.expect(200)?;
            Ok(((), key))
        })
    }

    fn codes(&mut self, session: &Session, live: &mut Live) -> Result<()> {
        let sequence = self.step("IDENTITY_VERIFICATION seen live", |_| {
            let document =
                live.until("IDENTITY_VERIFICATION", |document| auth_is(document, "IDENTITY_VERIFICATION"))?;
            let sequence = document["auth"]["sequence"].as_u64().context("expected a sequence, saw none")?;
            Ok((sequence, format!("sequence {sequence}")))
        })?;
        let name = format!("wrong code {WRONG_CODE} refused");
        self.step(&name, |at| {
            at.page_post(session, "/identity-code", &json!({"code": WRONG_CODE}))?.expect(200)?;
            let document =
                live.until("IDENTITY_VERIFICATION with a higher sequence and a message", |document| {
                    auth_is(document, "IDENTITY_VERIFICATION")
                        && document["auth"]["sequence"].as_u64() > Some(sequence)
                        && !message(document).is_empty()
                })?;
            Ok(((), format!("“{}”", message(document))))
        })?;
        let name = format!("right code {RIGHT_CODE} taken");
        self.step(&name, |at| {
            at.page_post(session, "/identity-code", &json!({"code": RIGHT_CODE}))?.expect(200)?;
            let document = live.until("an auth status beyond the verification", |document| {
                !auth_is(document, "IDENTITY_VERIFICATION")
                    && !auth_is(document, "IDENTITY_VERIFICATION_OPTIONS")
            })?;
            let status = text(document, "/auth/status")?;
            ensure!(
                status != "NOT_AUTHENTICATED",
                "expected the code to be taken, saw {}",
                message(document)
            );
            Ok(((), status.to_owned()))
        })
    }

    fn success(&mut self, live: &mut Live) -> Result<()> {
        self.step("SUCCESS seen live", |_| {
            let document = live.until("the auth status SUCCESS", |document| auth_is(document, "SUCCESS"))?;
            Ok(((), format!("sequence {}", document["auth"]["sequence"])))
        })
    }

    fn policies(&mut self, pull_id: &str, live: &mut Live) -> Result<()> {
        self.step("POLICIES_AVAILABLE: pull fetched and stored", |at| {
            live.until("policies_available", |document| document["policies_available"] == true)?;
            let pull = at.pull_until(pull_id, "snapshot version 1", |pull| snapshot(pull, 1).is_some())?;
            let first = snapshot(&pull, 1).context("expected snapshot version 1, saw none")?;
            Ok(((), format!("version 1, {} bytes", first["size"])))
        })
    }

    fn complete(&mut self, pull_id: &str, live: &mut Live) -> Result<Value> {
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

    fn read_back(&mut self, pull_id: &str, pull: &Value) -> Result<()> {
        self.step("read back: list of pulls", |at| {
            let found = at.until("the pull in the list", || {
                let pulls = at.back_office("?limit=100")?.json(200)?;
                let found = list(&pulls, "/pulls")?.iter().any(|listed| listed["pull_id"] == pull_id);
                Ok((found.then_some(pulls.clone()), pulls))
            })?;
            Ok(((), format!("{} pulls", list(&found, "/pulls")?.len())))
        })?;
        self.step("read back: events, as many as the sandbox delivered", |at| {
            let events = at.events(pull_id)?;
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
                ensure!(raw["pull_id"] == pull_id, "expected the pull {pull_id}, saw {}", raw["pull_id"]);
                ensure!(
                    !list(&raw, "/policies")?.is_empty(),
                    "expected policies in version {version}, saw none"
                );
            }
            Ok(((), "SHA-256 as listed".to_owned()))
        })?;
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

    /// The body of the pull's last webhook again: altered, under a wrong secret, and as it was.
    fn tampered(&mut self, pull_id: &str) -> Result<()> {
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

    /// The whole event log of a pull.
    fn events(&self, pull_id: &str) -> Result<Vec<Value>> {
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
    fn deliveries(&self, pull_id: &str) -> Result<Vec<Value>> {
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
}

fn auth_is(document: &Value, status: &str) -> bool {
    document["auth"]["status"] == status
}

/// The message of a session document as one text.
fn message(document: &Value) -> String {
    let segments = document["auth"]["message"].as_array().into_iter().flatten();
    segments.filter_map(|segment| segment["text"].as_str()).collect()
}

fn snapshot(pull: &Value, version: u64) -> Option<&Value> {
    pull["snapshots"].as_array()?.iter().find(|snapshot| snapshot["version"] == version)
}

/// Whether there are entries in `list` and each is in `state`.
fn all_are(list: &Value, state: &str) -> bool {
    list.as_array()
        .is_some_and(|entries| !entries.is_empty() && entries.iter().all(|entry| entry["state"] == state))
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

    #[test]
    fn an_empty_list_is_never_all_done() {
        assert!(!all_are(&json!([]), "done"));
        assert!(!all_are(&json!([{"state": "done"}, {"state": "failed"}]), "done"));
        assert!(all_are(&json!([{"state": "done"}]), "done"));
    }

    #[test]
    fn segments_read_as_one_message() {
        let document = json!({"auth": {"message": [{"text": "Unlock it "}, {"text": "here", "href": "https://example.com"}]}});
        assert_eq!(message(&document), "Unlock it here");
        assert_eq!(message(&json!({"auth": null})), "");
    }
}
