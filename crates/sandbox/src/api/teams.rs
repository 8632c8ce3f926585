//! Teams, and the policy check settings of the team.

use canopy::contract::Operation;
use serde_json::{Value, json};

use super::request::{Outcome, Refusal, Request, ok};
use crate::{contract, ids, policy_check::Settings, pulls::TEAM_CHECK, world::World};

impl World {
    pub(super) fn get_team(&self, request: &Request<'_>) -> Outcome {
        let team_id = request.parameter("teamId");
        let made = self.settings.get(&team_key(team_id));
        let (name, client_id) = match made {
            Some(team) => (team["company_name"].clone(), team["client_id"].clone()),
            None => (json!("Demo Company"), json!(self.config.client_id)),
        };
        ok(&json!({"team_id": team_id, "company_name": name, "client_id": client_id}))
    }

    pub(super) fn create_team(&mut self, request: &Request<'_>) -> Outcome {
        let team_id = ids::random_uuid();
        let (client_id, client_secret) = (ids::random_uuid(), ids::signing_secret());
        let name = request.body()["company_name"].clone();
        let made = json!({"company_name": name, "client_id": client_id, "client_secret": client_secret});
        self.settings.insert(team_key(&team_id), made);
        ok(
            &json!({"client_id": client_id, "client_secret": client_secret, "team": {"team_id": team_id, "company_name": name}}),
        )
    }

    pub(super) fn delete_team(&mut self, request: &Request<'_>) -> Outcome {
        // The team of the configuration cannot be deleted: the sandbox would have none left.
        self.settings.remove(&team_key(request.parameter("teamId"))).ok_or(Refusal("NOT_FOUND"))?;
        ok(&json!({"success": true}))
    }

    /// Whether these credentials may call for this team; without a team in the path, for any.
    pub(super) fn may_call(&self, client_id: &str, client_secret: &str, team_id: Option<&str>) -> bool {
        let own = team_id.and_then(|team_id| self.settings.get(&team_key(team_id)));
        let is_own =
            own.is_some_and(|team| team["client_id"] == client_id && team["client_secret"] == client_secret);
        let configured = client_id == self.config.client_id && client_secret == self.config.client_secret;
        is_own
            || configured && (own.is_some() || team_id.is_none_or(|team_id| team_id == self.config.team_id))
    }

    pub(super) fn policy_check_settings(&self) -> Outcome {
        let mut settings =
            contract::example(Operation::GetCheckSettings, "200", None).cloned().unwrap_or_else(|| json!({}));
        if let Some(made) = self.settings.get(TEAM_CHECK) {
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
        Settings::read(&settings).ok_or(Refusal("INVALID_INPUT"))?;
        self.settings.insert(TEAM_CHECK, settings);
        self.policy_check_settings()
    }
}

fn team_key(team_id: &str) -> String {
    format!("team {team_id}")
}
