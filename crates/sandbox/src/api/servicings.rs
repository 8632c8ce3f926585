//! The Servicing API.

use serde_json::{Value, json};

use super::{
    consent::Credentials,
    request::{Outcome, Refusal, Request, ok},
};
use crate::{
    ids,
    rows::{Servicing, requested},
    world::World,
};

const MAX_LIMIT: usize = 100;

impl World {
    pub(super) fn list_servicings(&self, request: &Request<'_>) -> Outcome {
        let malformed = Refusal("INVALID_INPUT");
        let pull_id = request.call.parameter("pull_id");
        if pull_id.is_some_and(|id| !ids::is_uuid(id)) {
            return Err(malformed);
        }
        let limit = request.number("limit", MAX_LIMIT, MAX_LIMIT, malformed)?;
        let offset = request.number("offset", 0, usize::MAX, malformed)?;
        let mut found: Vec<&Servicing> =
            self.servicings.values().filter(|it| pull_id.is_none_or(|id| it.pull_id == id)).collect();
        found.retain(|it| self.pull_of(&request.team_id, &it.pull_id).is_some());
        found.sort_by_key(|it| std::cmp::Reverse(it.number));
        let page: Vec<Value> = found.iter().skip(offset).take(limit).map(|it| it.shown()).collect();
        ok(&json!({"total_servicings": found.len(), "servicings": page}))
    }

    pub(super) fn create_servicings(&mut self, request: &Request<'_>) -> Outcome {
        let body = request.body();
        let source_id =
            body["pull_id"].as_str().filter(|id| ids::is_uuid(id)).ok_or(Refusal("INVALID_INPUT"))?;
        let actions = requested(&body["servicing_actions"]).ok_or(Refusal("INVALID_INPUT"))?;
        let source = self.pull_of(&request.team_id, source_id).ok_or(Refusal("NOT_FOUND"))?.clone();
        if source.status != "SUCCESS" {
            return Err(Refusal("INVALID_INPUT"));
        }
        let like = json!({"public_alias": source.public_alias, "meta_data": source.meta_data});
        let credentials = Credentials { username: source.username, password: source.password };
        let pull_id = self.create_pull(request, &like, &source.carrier, credentials, "SERVICING");
        self.change(&pull_id, |pull| pull.parent_pull_id = Some(source.pull_id));
        let made = self.add_servicings(&pull_id, actions, "QUEUED");
        self.sign_in(&pull_id);
        let jwt = self.pulls.get(&pull_id).map(|pull| pull.jwt.clone());
        ok(&json!({"pull_id": pull_id, "pull_jwt": jwt, "servicing_action_ids": made}))
    }

    pub(super) fn get_servicing(&self, request: &Request<'_>) -> Outcome {
        let id = request.id("servicingActionId", Refusal("INVALID_INPUT"))?;
        let is_own = |it: &&Servicing| self.pull_of(&request.team_id, &it.pull_id).is_some();
        ok(&self.servicings.get(id).filter(is_own).ok_or(Refusal("NOT_FOUND"))?.shown())
    }
}
