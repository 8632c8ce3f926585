//! Teams, and the policy check settings of the team.

use canopy::contract::Operation;
use serde_json::json;

use super::request::{Outcome, Refusal, Request, ok};
use crate::{contract, ids, policy_check::Settings, pulls::check_key, world::World};

impl World {
    pub(super) fn get_team(&self, request: &Request<'_>) -> Outcome {
        let team_id = request.parameter("teamId");
        let made = self.settings.get(&team_key(team_id));
        let (name, client_id) = match made {
            Some(team) => (team["company_name"].clone(), team["client_id"].clone()),
            None => {
                let team = self.config.team(team_id).unwrap_or_else(|| self.config.first());
                (json!(team.company_name), json!(team.client_id))
            }
        };
        ok(&json!({"team_id": team_id, "company_name": name, "client_id": client_id}))
    }

    pub(super) fn create_team(&mut self, request: &Request<'_>) -> Outcome {
        let team_id = ids::random_uuid();
        let (client_id, client_secret) = (ids::random_uuid(), ids::signing_secret());
        let name = request.body()["company_name"].as_str().unwrap_or_default().to_owned();
        let made = json!({
            "company_name": name,
            "client_id": client_id,
            "client_secret": client_secret,
            "made_by": request.team_id,
        });
        self.settings.insert(team_key(&team_id), made);
        ok(
            &json!({"client_id": client_id, "client_secret": client_secret, "team": {"team_id": team_id, "company_name": name}}),
        )
    }

    pub(super) fn delete_team(&mut self, request: &Request<'_>) -> Outcome {
        // A team of the configuration cannot be deleted: the sandbox would have none left.
        self.settings.remove(&team_key(request.parameter("teamId"))).ok_or(Refusal("NOT_FOUND"))?;
        ok(&json!({"success": true}))
    }

    /// The team that these credentials call for: the one named in the path, if they may. A team that was made over the API is
    /// called for with its own, or with those of the team that made it.
    pub(super) fn team_of(
        &self,
        client_id: &str,
        client_secret: &str,
        named: Option<&str>,
    ) -> Option<String> {
        let configured = self.config.teams.iter();
        let mut configured =
            configured.filter(|team| team.client_id == client_id && team.client_secret == client_secret);
        let Some(named) = named else { return configured.next().map(|team| team.team_id.clone()) };
        let may_call = match self.settings.get(&team_key(named)) {
            Some(made) => {
                made["client_id"] == client_id && made["client_secret"] == client_secret
                    || configured.any(|team| made["made_by"] == team.team_id)
            }
            None => configured.any(|team| team.team_id == named),
        };
        may_call.then(|| named.to_owned())
    }

    pub(super) fn policy_check_settings(&self, request: &Request<'_>) -> Outcome {
        let mut settings =
            contract::example(Operation::GetCheckSettings, "200", None).cloned().unwrap_or_else(|| json!({}));
        if let Some(made) = self.settings.get(&check_key(&request.team_id)) {
            settings["vehicle"] = made["vehicle"].clone();
            settings["policy_check_settings"] = made.clone();
        }
        ok(&settings)
    }

    pub(super) fn set_policy_check_settings(&mut self, request: &Request<'_>) -> Outcome {
        let mut body = request.body();
        let Some(settings) = body.get_mut("policy_check_settings") else {
            return self.policy_check_settings(request);
        };
        let mut settings = settings.take();
        for part in ["vehicle", "dwelling"] {
            if settings[part].is_null() {
                settings[part] = json!({});
            }
        }
        Settings::read(&settings).ok_or(Refusal("INVALID_INPUT"))?;
        self.settings.insert(check_key(&request.team_id), settings);
        self.policy_check_settings(request)
    }
}

fn team_key(team_id: &str) -> String {
    format!("team {team_id}")
}
