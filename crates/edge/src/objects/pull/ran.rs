//! Runs of workflows as the back office asks for them.

use std::rc::Rc;

use canopy::{
    problem::{Code, Problem},
    pull::Work,
};
use serde_json::json;
use wasm_bindgen::prelude::*;

use super::{object::PullObject, own::is_begun, runs};
use crate::{
    objects::{
        calls::{Answer, DryRun, RunChange, RunChanged},
        runs::{Home, change as runs_change, find},
        unseen::Unseen,
    },
    platform,
    stores::instances,
};

#[wasm_bindgen]
impl PullObject {
    /// A run with its journal, as JSON; `undefined` when it is unknown.
    pub fn find_run(&self, number: f64) -> Result<Option<String>, JsValue> {
        if !is_begun(&self.ledger)? {
            return Ok(None);
        }
        Ok(find(&*self.ledger, number as i64)?.map(|run| run.to_string()))
    }

    /// Plays the flows of a group, a [`DryRun`] as JSON. Gives an [`Answer`]; `undefined` when the pull is unknown.
    pub fn dry_run(&self, asked: &str) -> Result<Option<String>, JsValue> {
        let ledger = &self.ledger;
        let asked: DryRun = serde_json::from_str(asked).map_err(|_| "dry run unreadable")?;
        if !is_begun(ledger)? {
            return Ok(None);
        }
        let pull_id = ledger.owner()?;
        let answer = match runs::dry_run(ledger, &pull_id, &asked) {
            Ok(Ok(told)) => Answer { status: 200, body: told.to_string() },
            Ok(Err(problem)) => Answer::problem(&problem),
            Err(Unseen::NoRoom) => {
                Answer::problem(&Problem::new(Code::Internal, "other large bodies are under way: try again"))
            }
            Err(Unseen::Storage(thrown)) => return Err(thrown),
        };
        Ok(Some(answer.text()))
    }

    /// Starts a flow by hand. Gives an [`Answer`]; `undefined` when the pull is unknown.
    pub async fn begin_run(&self, instance: String, flow: String) -> Result<Option<String>, JsValue> {
        let ledger = Rc::clone(&self.ledger);
        if !is_begun(&ledger)? {
            return Ok(None);
        }
        let config = ledger.config()?;
        let known = instances::all(&ledger.env, &config, platform::now()).await?;
        let deployed = known.all.iter().find(|deployed| deployed.instance.id == instance);
        let begun = deployed.map(|deployed| runs::manual(&ledger, deployed, &flow)).transpose()?.flatten();
        let answer = match begun {
            Some(run_id) => Answer { status: 202, body: json!({ "run_id": run_id }).to_string() },
            None => {
                let detail = "expected an instance that is enabled, and one of its flows that is started by hand on a pull";
                Answer::problem(&Problem::new(Code::StateConflict, detail))
            }
        };
        Ok(Some(answer.text()))
    }

    /// Takes what `caller` says of a run, a [`RunChange`] as JSON. Gives a [`RunChanged`] as JSON.
    pub fn change_run(&self, number: f64, change: &str, caller: &str) -> Result<String, JsValue> {
        let (ledger, number) = (&self.ledger, number as i64);
        let change: RunChange = serde_json::from_str(change).map_err(|_| "change unreadable")?;
        let changed = match change {
            _ if !is_begun(ledger)? => RunChanged::Unknown,
            change => runs_change(&**ledger, number, &change, caller)?,
        };
        if matches!(changed, RunChanged::Taken) {
            let now = platform::now();
            ledger.store(|record| {
                record.outbox.hasten(&Work::Runs, now);
                record.outbox.want(&Work::Copy, None, now);
            })?;
        }
        Ok(serde_json::to_string(&changed).expect("it is plain data"))
    }
}
