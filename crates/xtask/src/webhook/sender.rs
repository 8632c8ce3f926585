//! Requests to an address of webhooks, as Canopy would send them, with a body that is none.

use std::time::Duration;

use ureq::Agent;

use crate::answer::Answer;
use crate::signature;

/// No webhook, as it names no pull: an edge that believes its signature refuses it all the same, and stores nothing.
pub const BODY: &str = "{}";

/// How long Canopy waits. Source: contract, "Webhooks", "Delivery".
const CALL_LIMIT: Duration = Duration::from_secs(30);

pub struct Sender(Agent);

impl Sender {
    /// It follows no redirect: the address itself has to answer.
    pub fn new() -> Self {
        let agent = Agent::config_builder().http_status_as_error(false).timeout_global(Some(CALL_LIMIT));
        Self(agent.max_redirects(0).build().into())
    }

    /// Posts [`BODY`].
    pub fn post(&self, url: &str, signature: Option<String>) -> Result<Answer, ureq::Error> {
        let mut request = self.0.post(url).header("content-type", "application/json");
        if let Some(signature) = signature {
            request = request.header(signature::HEADER, signature);
        }
        Answer::of(request.send(BODY))
    }

    pub fn get(&self, url: &str) -> Result<Answer, ureq::Error> {
        Answer::of(self.0.get(url).call())
    }
}
