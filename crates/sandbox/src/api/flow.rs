//! The consumer's calls on their pull: credentials again, identity verification, confirmations, coming back.

use serde_json::json;

use super::request::{Outcome, Refusal, Request, ok};
use crate::{
    carriers, ids,
    logins::{self, Mfa},
    rows::{MFA_OPTIONS, Monitoring, Pull, Step, verification},
    world::World,
};

impl World {
    pub(super) fn connect(&mut self, request: &Request<'_>) -> Outcome {
        let body = request.body();
        let carrier = body["insurerName"].as_str().unwrap_or_default();
        if carriers::find(carrier).is_none() {
            return Err(Refusal("UNSUPPORTED_INSURER"));
        }
        // The operation lists no code for a bad token.
        let credentials = self.credentials_of(&body, carrier).map_err(|_| Refusal("INVALID_INPUT"))?;
        if self.pulls.get(&request.pull_id).is_none_or(|pull| pull.auth_status != "NOT_AUTHENTICATED") {
            return Err(Refusal("INVALID_INPUT"));
        }
        self.change(&request.pull_id, |pull| {
            carrier.clone_into(&mut pull.carrier);
            pull.username = credentials.username;
            pull.password = credentials.password;
        });
        self.sign_in(&request.pull_id);
        ok(&json!({"pull": {"pull_id": request.pull_id}, "shouldPoll": true}))
    }

    pub(super) fn choose_option(&mut self, request: &Request<'_>) -> Outcome {
        let key = request.body()["optionKey"].as_str().unwrap_or_default().to_owned();
        if key.is_empty() || !MFA_OPTIONS.iter().any(|(known, _)| *known == key) {
            return Err(Refusal("INVALID_INPUT"));
        }
        // While the code is asked for, choosing sends another one. The published document leaves that open.
        let offered =
            |pull: &Pull| logins::find(&pull.username, pull.password.as_deref()).mfa == Some(Mfa::Options);
        if !self.pulls.get(&request.pull_id).is_some_and(offered) {
            return Err(Refusal("INVALID_ACTION"));
        }
        self.expect_auth_status(request, "IDENTITY_VERIFICATION_OPTIONS")
            .or_else(|_| self.expect_auth_status(request, "IDENTITY_VERIFICATION"))?;
        self.change(&request.pull_id, |pull| pull.auth_status = "PROCESSING".into());
        self.plan(&request.pull_id, vec![verification(None)]);
        ok(&json!({"pull_id": request.pull_id}))
    }

    pub(super) fn enter_code(&mut self, request: &Request<'_>) -> Outcome {
        let code = request.body()["mfaValue"].as_str().unwrap_or_default().to_owned();
        if code.is_empty() {
            return Err(Refusal("INVALID_INPUT"));
        }
        self.expect_auth_status(request, "IDENTITY_VERIFICATION")?;
        let Some(pull) = self.pulls.get(&request.pull_id) else { return Err(Refusal("NOT_FOUND")) };
        let effect = logins::find(&pull.username, pull.password.as_deref()).code(&code);
        let steps = pull.after_code(effect);
        self.change(&request.pull_id, |pull| pull.auth_status = "PROCESSING".into());
        self.plan(&request.pull_id, steps);
        ok(&json!({"pull_id": request.pull_id}))
    }

    pub(super) fn answer_servicing_action(&mut self, request: &Request<'_>) -> Outcome {
        let body = request.body();
        let (Some(action), Some(is_confirmed)) =
            (body["servicing_action_id"].as_str(), body["is_confirmed"].as_bool())
        else {
            return Err(Refusal("INVALID_INPUT"));
        };
        if !ids::is_uuid(action) {
            return Err(Refusal("INVALID_INPUT"));
        }
        if self.servicings.get(action).is_none_or(|servicing| servicing.pull_id != request.pull_id) {
            return Err(Refusal("NOT_FOUND"));
        }
        if !self.confirm_servicing(&request.pull_id, action, is_confirmed) {
            return Err(Refusal("INVALID_ACTION"));
        }
        ok(&json!({"pull_id": request.pull_id}))
    }

    pub(super) fn use_reconnect_token(&mut self, request: &Request<'_>) -> Outcome {
        let body = request.body();
        let token = body["reconnect_token"].as_str().unwrap_or_default();
        let now = self.clock_ms();
        let is_named = |it: &&Monitoring| {
            self.pull_of(&request.team_id, &it.initial_pull_id).is_some()
                && it.reconnect_token.as_deref() == Some(token)
                && it.reconnect_token_expires_ms > now
        };
        let monitoring = self.monitorings.values().find(is_named);
        let monitoring =
            monitoring.filter(|_| !token.is_empty()).ok_or(Refusal("INVALID_RECONNECT_TOKEN"))?;
        if !monitoring.is_active {
            return Err(Refusal("MONITORING_INACTIVE"));
        }
        let (monitoring_id, pull_id) =
            (monitoring.monitoring_id.clone(), monitoring.latest_pull_id().to_owned());
        let pull = self.pulls.get(&pull_id).ok_or(Refusal("NOT_FOUND"))?;
        if pull.auth_status == "SUCCESS" {
            return Err(Refusal("ALREADY_RECONNECTED"));
        }
        let (jwt, auth_status) = (pull.jwt.clone(), pull.auth_status.clone());
        if let Some(monitoring) = self.monitorings.get_mut(&monitoring_id) {
            monitoring.reconnect_token = None;
        }
        // The consumer comes back to where the refresh stopped: say again what it needs.
        if auth_status.starts_with("IDENTITY_VERIFICATION") || auth_status == "NOT_AUTHENTICATED" {
            self.plan(&pull_id, vec![Step::Auth { status: auth_status.clone(), auth_status, message: None }]);
        }
        ok(&json!({"pull_id": pull_id, "pull_jwt": jwt}))
    }

    fn expect_auth_status(&self, request: &Request<'_>, expected: &str) -> Result<(), Refusal> {
        let at = self.pulls.get(&request.pull_id).map(|pull| pull.auth_status.as_str());
        if at == Some(expected) { Ok(()) } else { Err(Refusal("INVALID_ACTION")) }
    }
}
