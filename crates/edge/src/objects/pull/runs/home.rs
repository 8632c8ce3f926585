//! The pull's object as the home of the runs that are about it.

use std::rc::Rc;

use canopy::{
    config::Config,
    delivery::{Types, type_of},
    pull::{Kind, Work},
    time::UnixMillis,
};
use flow::{
    definition::Flow,
    expression::Fault,
    run::{Event, Run, World},
};
use serde_json::Value;
use wasm_bindgen::JsValue;
use worker::Env;

use super::{
    super::{brought, ledger::Ledger},
    document::{event, world},
};
use crate::{
    objects::{
        runs::{Found, Home},
        unseen::Unseen,
    },
    platform::{
        self, Database, ObjectStorage, Row,
        sql::{IntoSql, integer},
    },
};

impl Home for Ledger {
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
        self.config()
    }

    fn owner(&self) -> Result<String, JsValue> {
        Ok(self.read(|record| record.pull_id.to_string())?.unwrap_or_default())
    }

    fn has_runs(&self) -> bool {
        self.tables().runs
    }

    fn world(&self, flow: &Flow, run: &Run) -> Result<World, Unseen> {
        world(self, flow, run.cause)
    }

    fn found(
        &self,
        types: &Types,
        mut after: i64,
        until: UnixMillis,
        is_awaited: &mut dyn FnMut(&Value) -> Result<bool, Fault>,
    ) -> Result<Found, JsValue> {
        loop {
            let query = "SELECT position, kind, event_type FROM entry WHERE position > ?1 AND recorded_at <= ?2 ORDER BY position LIMIT 16";
            let rows = self.database.all(query, [integer(after), until.into_sql()])?;
            let Some(last) = rows.last().and_then(|row| row.integer(0)) else { return Ok(Ok(None)) };
            let name = |row: &Row| {
                type_of(row.integer(1).and_then(Kind::of_code), &row.text(2).unwrap_or_default()).to_owned()
            };
            for row in rows.iter().filter(|row| types.take(&name(row))) {
                let position = row.integer(0).unwrap_or_default();
                let event = event(self, position)?;
                match is_awaited(&event) {
                    Ok(true) => return Ok(Ok(Some((position, event)))),
                    Ok(false) => {}
                    Err(fault) => return Ok(Err(fault)),
                }
            }
            after = last;
        }
    }

    fn write(&self, event: &Event, caller: &str) -> Result<Result<Value, String>, JsValue> {
        let written =
            self.change(|record| brought::of_run(self, record, &event.body(), event.when(), caller))?;
        Ok(written.unwrap_or_else(|| Err("the pull is gone".to_owned())))
    }

    fn tell(&self) -> Result<(), JsValue> {
        self.store(|record| record.outbox.want(&Work::Copy, None, platform::now())).map(drop)
    }
}
