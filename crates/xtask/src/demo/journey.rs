//! One pull from the page's first call to what the back office reads: each step seen from outside, none assumed.

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use super::client::{Answer, Service, list, text};
use super::live::Live;
use super::local::PUBLIC_ALIAS;
use super::step::step;

const USERNAME: &str = "user_mfa";
const PASSWORD: &str = "pass_good";
/// What the sandbox takes for a wrong code; nearly any other is right (`contract/sandbox-users.json`).
const WRONG_CODE: &str = "000000";
const RIGHT_CODE: &str = "123456";
const CONSENT: &str = "By clicking Connect you agree to the Terms of Service.";

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

pub(super) struct Journey<'run> {
    pub(super) edge: &'run Service,
    pub(super) sandbox: &'run Service,
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
    pub(super) fn step<T>(
        &mut self,
        name: &str,
        action: impl FnOnce(&Self) -> Result<(T, String)>,
    ) -> Result<T> {
        ensure!(!(self.interrupted)(), "interrupted before: {name}");
        step(name, || action(self))
    }

    fn page_post(&self, session: &Session, path: &str, body: &Value) -> Result<Answer> {
        let call = self.edge.post(&format!("{}{path}", session.path), body.to_string());
        call.bearer(&session.token).header("origin", self.edge.origin()).send()
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
            Ok((pull_id.clone(), pull_id))
        })
    }

    fn option(&mut self, session: &Session, live: &mut Live) -> Result<()> {
        let key = self.step("IDENTITY_VERIFICATION_OPTIONS seen live", |_| {
            let document = live.until("IDENTITY_VERIFICATION_OPTIONS with options", |document| {
                auth_is(document, "IDENTITY_VERIFICATION_OPTIONS")
                    && document["auth"]["options"].as_array().is_some_and(|options| !options.is_empty())
            })?;
            let options = list(document, "/auth/options")?;
            let (key, label) = (text(&options[0], "/key")?, text(&options[0], "/label")?);
            Ok((key.to_owned(), format!("{} options, the first “{label}”", options.len())))
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
}

fn auth_is(document: &Value, status: &str) -> bool {
    document["auth"]["status"] == status
}

/// The message of a session document as one text.
fn message(document: &Value) -> String {
    let segments = document["auth"]["message"].as_array().into_iter().flatten();
    segments.filter_map(|segment| segment["text"].as_str()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_read_as_one_message() {
        let document = json!({"auth": {"message": [{"text": "Unlock it "}, {"text": "here", "href": "https://example.com"}]}});
        assert_eq!(message(&document), "Unlock it here");
        assert_eq!(message(&json!({"auth": null})), "");
    }
}
