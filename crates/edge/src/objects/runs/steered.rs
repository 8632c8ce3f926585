//! Runs as people steer them.

use flow::run::{Ended, Status};
use serde_json::json;
use wasm_bindgen::JsValue;

use super::{
    home::Home,
    rows::{Again, Kept, read, write},
};
use crate::{
    objects::calls::{RunChange, RunChanged},
    platform::{self, sql::integer},
};

/// Takes what `by` says of a run. What changed is told to nobody yet.
pub fn change(home: &dyn Home, number: i64, change: &RunChange, by: &str) -> Result<RunChanged, JsValue> {
    match change {
        RunChange::Retry { anew } => retry(home, number, *anew),
        RunChange::Cancel => cancel(home, number, by),
        RunChange::Decide { path, approved } => decide(home, number, path, *approved, by),
    }
}

/// Makes a run go on, or end, as `change` says; it gives whether there was something to change, and where the run then stands.
fn changed(
    home: &dyn Home,
    number: i64,
    change: impl FnOnce(&mut Kept, Status) -> Option<Again>,
) -> Result<RunChanged, JsValue> {
    let Some(mut kept) = read(home, number)? else { return Ok(RunChanged::Unknown) };
    let row = home.database().first("SELECT status FROM run WHERE number = ?1", [integer(number)])?;
    let status = row.and_then(|row| row.text(0)).unwrap_or_default();
    let status = serde_json::from_value(json!(status)).unwrap_or(Status::Done);
    let (now, owner) = (platform::now(), home.owner()?);
    let Some(again) = change(&mut kept, status) else { return Ok(RunChanged::Refused) };
    let mut write_all = || {
        write(home, &owner, number, &kept.head, &mut kept.journal, again, now)?;
        Ok(JsValue::UNDEFINED)
    };
    home.storage().transaction(&mut write_all)?;
    Ok(RunChanged::Taken)
}

fn at_once() -> Again {
    Again { status: Status::Running, due: Some(platform::now()), awaits: false, reopens: true }
}

/// Has what failed made once more; `anew` where somebody has looked whether it was done. A run that failed at no step goes on where it stood.
fn retry(home: &dyn Home, number: i64, anew: bool) -> Result<RunChanged, JsValue> {
    changed(home, number, |kept, status| {
        let failed = kept.head.ended.take().and_then(|ended| ended.path);
        let is_there = status == Status::Failed && failed.is_none_or(|path| kept.journal.retry(&path, anew));
        kept.head.run.started_at = platform::now();
        is_there.then(at_once)
    })
}

/// Ends a run.
fn cancel(home: &dyn Home, number: i64, by: &str) -> Result<RunChanged, JsValue> {
    changed(home, number, |kept, status| {
        if status.is_over() && status != Status::Failed {
            return None;
        }
        let detail = Some(format!("cancelled by {by}"));
        kept.head.ended = Some(Ended { status: Status::Cancelled, reason: None, detail, path: None });
        kept.head.asks = None;
        Some(Again { status: Status::Cancelled, due: None, awaits: false, reopens: true })
    })
}

/// Takes a person's yes or no.
fn decide(home: &dyn Home, number: i64, path: &str, approved: bool, by: &str) -> Result<RunChanged, JsValue> {
    changed(home, number, |kept, status| {
        let is_there = !status.is_over() && kept.journal.decided(path, approved, by, platform::now());
        kept.head.asks = None;
        is_there.then(at_once)
    })
}
