//! The Pulls API.

use serde_json::{Value, json};

use super::request::{Outcome, Refusal, Request, ok};
use crate::{days, http::Answer, pdf, policy_check::Settings, rows::Pull, world::World};

const MAX_LIMIT: usize = 100;
const DEFAULT_LIMIT: usize = 10;

impl World {
    pub(super) fn list_pulls(&self, request: &Request<'_>) -> Outcome {
        let malformed = Refusal("VALIDATION_ERROR");
        let moment = |name: &str| match request.call.parameter(name) {
            None => Ok(None),
            Some(text) => days::parsed(text).map(Some).ok_or(malformed),
        };
        let (since, before) = (moment("since")?, moment("before")?);
        let limit = request.number("limit", DEFAULT_LIMIT, MAX_LIMIT, malformed)?;
        if limit == 0 {
            return Err(malformed);
        }
        let offset = request.number("offset", 0, usize::MAX, malformed)?;
        let mut pulls: Vec<_> = self
            .pulls
            .values()
            .filter(|pull| {
                pull.team_id == request.team_id
                    && since.is_none_or(|since| pull.created_ms >= since)
                    && before.is_none_or(|before| pull.created_ms <= before)
            })
            .collect();
        pulls.sort_by_key(|pull| std::cmp::Reverse(pull.number));
        let page: Vec<Value> =
            pulls.iter().skip(offset).take(limit).map(|pull| self.body(&pull.pull_id)).collect();
        ok(&json!({"total_pulls": pulls.len(), "pulls": page}))
    }

    pub(super) fn get_pull(&self, request: &Request<'_>) -> Outcome {
        let pull = self.named_pull(request, "VALIDATION_ERROR")?;
        ok(&json!({"success": true, "pull": self.body(&pull.pull_id)}))
    }

    pub(super) fn patch_pull(&mut self, request: &Request<'_>) -> Outcome {
        let pull_id = self.named_pull(request, "INVALID_INPUT")?.pull_id.clone();
        if let Some(is_archived) = request.body()["is_archived"].as_bool() {
            self.change(&pull_id, |pull| pull.is_archived = is_archived);
        }
        ok(&json!({"success": true}))
    }

    pub(super) fn check_pull(&mut self, request: &Request<'_>) -> Outcome {
        let pull_id = self.named_pull(request, "INVALID_INPUT")?.pull_id.clone();
        let body = request.body();
        let mut settings = match &body["policy_check_settings"] {
            Value::Null => self.team_check(&request.team_id).unwrap_or_default(),
            given => Settings::read(given).ok_or(Refusal("INVALID_INPUT"))?,
        };
        let only_filters = json!({"filters": body["filters"]});
        settings.filters = Settings::read(&only_filters).ok_or(Refusal("INVALID_INPUT"))?.filters;
        self.change(&pull_id, |pull| pull.policy_check = Some(settings));
        ok(&json!({"success": true, "pull": self.body(&pull_id)}))
    }

    pub(super) fn policy_check_pdf(&self, request: &Request<'_>) -> Outcome {
        let pull = self.named_pull(request, "INVALID_INPUT")?;
        let body = self.body(&pull.pull_id);
        let mut lines =
            vec![format!("Pull {}", pull.pull_id), format!("Status: {}", text(&body["policy_check_status"]))];
        for policy in body["policies"].as_array().into_iter().flatten() {
            lines.push(format!(
                "{}: {}",
                text(&policy["name"]),
                policy["policy_check"]["status"].as_str().unwrap_or("NONE")
            ));
        }
        Ok(Answer::pdf(pdf::document("Policy Check", &lines)))
    }

    /// The pull named in the path.
    pub(super) fn named_pull(
        &self,
        request: &Request<'_>,
        malformed: &'static str,
    ) -> Result<&Pull, Refusal> {
        let id = request.id("pullId", Refusal(malformed))?;
        self.pull_of(&request.team_id, id).ok_or(Refusal("NOT_FOUND"))
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
