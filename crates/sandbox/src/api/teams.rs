//! Teams, and the policy check settings of the team.

use serde_json::{Value, json};

use super::{Outcome, Refusal, Request, ok};
use crate::{contract, ids, world::World};

impl World {
    pub(super) fn get_team(&self, request: &Request<'_>) -> Outcome {
        let team_id = request.parameter("teamId");
        let made = self.settings.get(&format!("team {team_id}"));
        ok(&made.cloned().unwrap_or_else(|| team(team_id, "Demo Company")))
    }

    pub(super) fn create_team(&mut self, request: &Request<'_>) -> Outcome {
        let body = request.body();
        let made = team(&ids::random_uuid(), body["company_name"].as_str().unwrap_or_default());
        let key = format!("team {}", made["team_id"].as_str().unwrap_or_default());
        self.settings.insert(key, made.clone());
        ok(&made)
    }

    pub(super) fn delete_team(&mut self, request: &Request<'_>) -> Outcome {
        let key = format!("team {}", request.parameter("teamId"));
        // The team of the configuration cannot be deleted: the sandbox would have none left.
        self.settings.remove(&key).ok_or(Refusal("NOT_FOUND"))?;
        ok(&json!({"success": true}))
    }

    pub(super) fn policy_check_settings(&self) -> Outcome {
        let mut settings = contract::example("get-policy-check-team-settings", "200", None).cloned().unwrap_or_else(|| json!({}));
        if let Some(made) = self.settings.get("policy check") {
            settings["vehicle"] = made["vehicle"].clone();
            settings["policy_check_settings"] = made.clone();
        }
        ok(&settings)
    }

    pub(super) fn set_policy_check_settings(&mut self, request: &Request<'_>) -> Outcome {
        let mut settings = request.body()["policy_check_settings"].clone();
        if !settings.is_object() {
            return Err(Refusal("INVALID_INPUT"));
        }
        for part in ["vehicle", "dwelling"] {
            match &settings[part] {
                Value::Null => settings[part] = json!({}),
                Value::Object(_) => {}
                _ => return Err(Refusal("INVALID_INPUT")),
            }
        }
        self.settings.insert("policy check", settings);
        self.policy_check_settings()
    }
}

fn team(team_id: &str, company_name: &str) -> Value {
    json!({"team_id": team_id, "company_name": company_name})
}
