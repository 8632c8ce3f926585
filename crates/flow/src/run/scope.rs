//! What the expressions of a run read.

use std::borrow::Cow;

use canopy::time::UnixMillis;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};

use super::journal::{Journal, State};
use crate::expression::Scope;

/// A run, as it began.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// Its id.
    pub id: String,
    /// The instance that it is of.
    pub instance: String,
    /// The group of that instance.
    pub group: String,
    /// The version of the group.
    pub version: i64,
    /// The flow.
    pub flow: String,
    /// What the instance was configured with.
    pub config: Json,
    /// What it is about.
    #[serde(default)]
    pub pull_id: Option<String>,
    /// The entry that started it.
    #[serde(default)]
    pub cause: Option<i64>,
    /// Where the edge is reached, for links.
    #[serde(default)]
    pub origin: String,
    /// The last entry of before it.
    #[serde(default)]
    pub after: i64,
    /// When it began.
    pub started_at: UnixMillis,
    /// How many runs came before it, each of what the one before had written.
    #[serde(default)]
    pub generation: u8,
}

/// What there is beside the journal.
#[derive(Debug, Clone, Default)]
pub struct World {
    /// The pull's view.
    pub pull: Option<Json>,
    /// The agency's model of it.
    pub intake: Option<Json>,
    /// The entry that started the run.
    pub event: Option<Json>,
    /// Whether this machine may be asked in the place of a service.
    pub is_local: bool,
}

/// Values by the names of their variables.
#[derive(Debug, Clone, Default)]
pub(super) struct Values<'w>(Vec<(String, Cow<'w, Json>)>);

impl<'w> Values<'w> {
    pub fn of(run: &'w Run, world: &'w World, now: UnixMillis) -> Self {
        let about = json!({
            "id": run.id, "instance": run.instance, "group": run.group, "version": run.version, "flow": run.flow,
            "started_at": run.started_at.rfc3339(),
        });
        let mut values = Self::default();
        values.put("run", about);
        values.put("now", json!(now.rfc3339()));
        values.put("steps", Json::Object(Map::new()));
        values.0.push(("config".to_owned(), Cow::Borrowed(&run.config)));
        for (name, value) in [("pull", &world.pull), ("intake", &world.intake), ("event", &world.event)] {
            values.0.push((name.to_owned(), value.as_ref().map_or_else(Cow::default, Cow::Borrowed)));
        }
        values
    }

    pub fn put(&mut self, name: &str, value: Json) {
        match self.0.iter_mut().find(|(known, _)| known == name) {
            Some((_, known)) => *known = Cow::Owned(value),
            None => self.0.push((name.to_owned(), Cow::Owned(value))),
        }
    }

    pub fn remove(&mut self, name: &str) {
        self.0.retain(|(known, _)| known != name);
    }

    /// What a step gave.
    pub fn gave(&mut self, id: &str, result: &Json) {
        self.steps().insert(id.to_owned(), result.clone());
    }

    /// What a round of a loop gave is the round's alone.
    pub fn forget<'s>(&mut self, ids: impl IntoIterator<Item = &'s str>) {
        let steps = self.steps();
        ids.into_iter().for_each(|id| drop(steps.remove(id)));
    }

    fn steps(&mut self) -> &mut Map<String, Json> {
        let found = self.0.iter_mut().find(|(known, _)| known == "steps").map(|(_, value)| value.to_mut());
        found.and_then(Json::as_object_mut).expect("it is put first, as an object")
    }

    pub fn scope(&self) -> Scope<'_> {
        self.0.iter().fold(Scope::default(), |scope, (name, value)| scope.with(name, value))
    }
}

impl Journal {
    /// What a step gave, where it was made.
    pub(super) fn result(&self, path: &str) -> Option<&Json> {
        self.find(path).filter(|record| record.state == State::Done).map(|record| &record.result)
    }
}
