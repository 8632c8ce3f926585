//! The instance's object as the home of its runs.

use std::{cell::Cell, rc::Rc};

use canopy::{config::Config, delivery::Types, seal::Left, time::UnixMillis};
use flow::{
    definition::Flow,
    expression::Fault,
    run::{Event, Run, World},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use wasm_bindgen::JsValue;
use worker::Env;

use crate::{
    config,
    objects::{
        runs::{self, Found, Home},
        unseen::Unseen,
    },
    platform::{self, Database, ObjectState, ObjectStorage},
};

/// Who it is, and which flows' schedules are dealt with up to when: of a schedule that was set otherwise that begins anew.
const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS own (only INTEGER PRIMARY KEY CHECK (only = 1), instance_id TEXT NOT NULL, rekeying TEXT);
CREATE TABLE IF NOT EXISTS schedule (flow TEXT PRIMARY KEY, pattern TEXT NOT NULL, last INTEGER NOT NULL) WITHOUT ROWID;
";

/// How far runs are brought under the first key.
#[derive(Default, Serialize, Deserialize)]
pub struct Rekeying {
    pub after: i64,
    pub left: Left,
}

/// What the object holds.
pub struct Keeper {
    storage: ObjectStorage,
    database: Database,
    env: Env,
    is_prepared: Cell<bool>,
    /// Whether somebody woke it while its alarm was at work.
    pub is_woken: Cell<bool>,
}

impl Keeper {
    pub fn new(state: &ObjectState, env: Env) -> Self {
        let storage = state.storage();
        let database = storage.database();
        Self { storage, database, env, is_prepared: Cell::new(false), is_woken: Cell::new(false) }
    }

    /// Notes who it is.
    pub fn begin(&self, id: &str) -> Result<(), JsValue> {
        self.database.run(SCHEMA, [])?;
        runs::prepare(&self.database)?;
        self.is_prepared.set(true);
        self.database.run("INSERT OR IGNORE INTO own (only, instance_id) VALUES (1, ?1)", [id.into()])
    }

    /// Has its alarm go off now.
    pub fn wake(&self) {
        self.is_woken.set(true);
        self.storage.set_alarm(platform::now().0);
    }

    /// How far its runs are brought under the first key; `None` where that is not to be done.
    pub fn rekeying(&self) -> Result<Option<Rekeying>, JsValue> {
        let row = self.database.first("SELECT rekeying FROM own", [])?;
        Ok(row.and_then(|row| serde_json::from_str(&row.text(0)?).ok()))
    }

    /// Keeps that.
    pub fn keep_rekeying(&self, rekeying: Option<&Rekeying>) -> Result<(), JsValue> {
        let text = rekeying.map(|rekeying| serde_json::to_string(rekeying).expect("it is plain data"));
        let text = text.map_or(JsValue::NULL, JsValue::from);
        self.database.run("UPDATE own SET rekeying = ?1", [text])
    }

    /// Which instance it is; `None` for one that nothing was said of yet.
    pub fn id(&self) -> Result<Option<String>, JsValue> {
        let query = "SELECT 1 FROM sqlite_schema WHERE name = 'own'";
        if !self.is_prepared.get() && self.database.first(query, [])?.is_none() {
            return Ok(None);
        }
        self.is_prepared.set(true);
        Ok(self.database.first("SELECT instance_id FROM own", [])?.and_then(|row| row.text(0)))
    }
}

impl Home for Keeper {
    fn env(&self) -> &Env {
        &self.env
    }

    fn storage(&self) -> &ObjectStorage {
        &self.storage
    }

    fn database(&self) -> &Database {
        &self.database
    }

    fn config(&self) -> Result<Rc<Config>, JsValue> {
        config::read(&self.env).map_err(|_| JsValue::from_str("not configured"))
    }

    fn owner(&self) -> Result<String, JsValue> {
        Ok(format!("instance/{}", self.id()?.unwrap_or_default()))
    }

    fn has_runs(&self) -> bool {
        self.id().is_ok_and(|id| id.is_some())
    }

    fn world(&self, _: &Flow, _: &Run) -> Result<World, Unseen> {
        Ok(World { is_local: self.config()?.is_local, ..World::default() })
    }

    fn found(
        &self,
        _: &Types,
        _: i64,
        _: UnixMillis,
        _: &mut dyn FnMut(&Value) -> Result<bool, Fault>,
    ) -> Result<Found, JsValue> {
        Ok(Ok(None))
    }

    fn write(&self, _: &Event, _: &str) -> Result<Result<Value, String>, JsValue> {
        Ok(Err("expected a flow that is about a pull: this one has no log".to_owned()))
    }

    /// What changed is told when the alarm ends.
    fn tell(&self) -> Result<(), JsValue> {
        Ok(())
    }
}
