//! Bringing all that the object holds under the first key, a bounded step at a time. What an entry says stays as it is.

mod document;
mod rows;

use std::rc::Rc;

use canopy::{
    config::Config,
    pull::{Rekeying, Stage, Standing, Work},
    sweep::Step,
};
use serde_json::json;
use wasm_bindgen::prelude::*;

use super::{ledger::Ledger, object::PullObject, store::Tables};
use crate::{platform, stores::keys};

/// Wait between looks for the copies, in milliseconds, and how many there are: they are written within seconds, and a step that
/// does not find them is tried again.
const LOOK_MILLIS: u64 = 500;
const MOST_LOOKS: u32 = 60;

#[wasm_bindgen]
impl PullObject {
    /// Makes a step towards the key `to`, `within` what the one before gave, both as JSON. Gives a [`Step`] as JSON.
    pub async fn rekey(&self, to: String, within: String) -> Result<String, JsValue> {
        let ledger = Rc::clone(&self.ledger);
        let to: String = serde_json::from_str(&to).map_err(|_| "key unreadable")?;
        let rekeying: Option<Rekeying> = serde_json::from_str(&within).map_err(|_| "step unreadable")?;
        let step = match ledger.config()?.keys.writes_under() == to {
            true => step(&ledger, rekeying.unwrap_or_default()).await?,
            false => Step::Refused { why: format!("another key seals than {to}: rotate again") },
        };
        Ok(serde_json::to_string(&step).expect("a step is plain data"))
    }
}

async fn step(ledger: &Ledger, mut at: Rekeying) -> Result<Step, JsValue> {
    let config = ledger.config()?;
    // What does not open is not there for anybody, and says which key it needs.
    let is_known = match ledger.is_known() {
        Ok(is_known) => is_known,
        Err(error) => return unopened(error),
    };
    if !is_known {
        return Ok(Step::Done);
    }
    let tables = ledger.tables();
    let next = match at.stage {
        Stage::Record => {
            ledger.store_anyway()?;
            at.then()
        }
        Stage::Entries => rows::entries(ledger, &config, at)?,
        Stage::Snapshots => rows::snapshots(ledger, &config, at)?,
        Stage::Beside => {
            rows::beside(ledger, &config, &mut at)?;
            at.then()
        }
        Stage::Deliveries => rows::deliveries(ledger, &config, at)?,
        Stage::Runs => rows::runs(ledger, &config, at)?,
        Stage::Documents => document::next(ledger, &config, at).await?,
        Stage::Copy => {
            ledger.store(|record| record.outbox.want(&Work::Copy, None, platform::now()))?;
            at.then()
        }
        Stage::Copied => return copied(ledger, &config, at).await,
    };
    Ok(Step::more(json!(passed(next, tables))))
}

/// The next stage of which there is something: what there is nothing of costs no step.
fn passed(at: Rekeying, tables: Tables) -> Rekeying {
    let is_there = match at.stage {
        Stage::Snapshots => tables.snapshots,
        Stage::Deliveries => tables.deliveries,
        Stage::Runs => tables.runs,
        _ => true,
    };
    if is_there { at } else { passed(at.then(), tables) }
}

/// The record itself does not open: nothing can be done until its key is back.
fn unopened(error: JsValue) -> Result<Step, JsValue> {
    let text = error.as_string().unwrap_or_default();
    let missing = canopy::seal::OpenError::key_missing_in(&text).map(str::to_owned);
    missing.map(|why| Step::Refused { why }).ok_or(error)
}

/// The pull is done when its copies are written.
async fn copied(ledger: &Ledger, config: &Config, at: Rekeying) -> Result<Step, JsValue> {
    let copy = ledger.read(|record| record.outbox.row(&Work::Copy).map(|row| row.standing))?.flatten();
    if copy == Some(Standing::Failed) {
        return Ok(Step::Refused { why: "the copies could not be written: retry the pull".to_owned() });
    }
    if copy == Some(Standing::Pending) {
        if at.looks >= MOST_LOOKS {
            return Err("the copies are not written yet".into());
        }
        let next = Rekeying { looks: at.looks + 1, ..at };
        return Ok(Step::More { within: json!(next), after: LOOK_MILLIS });
    }
    let pull_id = ledger.read(|record| record.pull_id.to_string())?.unwrap_or_default();
    let left = at.left.keys.iter().map(String::as_str);
    let key_ids: Vec<&str> = [config.keys.writes_under()].into_iter().chain(left).collect();
    keys::put(&ledger.env, &pull_id, &key_ids).await?;
    Ok(at.left.why().map_or(Step::Done, |why| Step::Refused { why }))
}
