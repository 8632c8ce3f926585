//! What expressions read of the pull.

use canopy::{delivery::type_of, id::Position, pull::Kind};
use flow::{definition::Flow, run::World};
use intake::forms::Form;
use serde_json::Value;
use wasm_bindgen::JsValue;

use super::super::{ledger::Ledger, model::in_form, store::integer, view};
use crate::objects::unseen::Unseen;

/// An entry as expressions read it.
pub fn event(ledger: &Ledger, position: Position) -> Result<Value, JsValue> {
    let text =
        ledger.read(|record| view::entry_or_bare(ledger, record, position))?.ok_or("pull missing")??;
    let mut event: Value = serde_json::from_str(&text).map_err(|_| "entry unreadable")?;
    let row = ledger
        .database
        .first("SELECT kind, event_type FROM entry WHERE position = ?1", [integer(position)])?;
    if let Some(row) = row {
        let kind = row.integer(0).and_then(Kind::of_code);
        event["event_type"] = type_of(kind, &row.text(1).unwrap_or_default()).into();
    }
    event["data"] = event["body"]["data"].clone();
    Ok(event)
}

/// What a flow reads: nothing is made that it does not.
pub fn world(ledger: &Ledger, flow: &Flow, cause: Option<Position>) -> Result<World, Unseen> {
    let config = ledger.config()?;
    let pull = match flow.reads("pull") {
        true => view::pull(ledger)?.map(|pull| serde_json::from_str(&pull.text()).unwrap_or_default()),
        false => None,
    };
    let intake = intake(ledger, flow, 0)?;
    let event = match cause.filter(|_| flow.reads("event")) {
        Some(cause) => Some(event(ledger, cause)?),
        None => None,
    };
    Ok(World { pull, intake, event, is_local: config.is_local })
}

/// The agency's model of a version, the newest for 0, where a flow reads it.
pub fn intake(ledger: &Ledger, flow: &Flow, version: i64) -> Result<Option<Value>, Unseen> {
    let text = if flow.reads("intake") { in_form(ledger, Form::Json, version)? } else { None };
    Ok(text.and_then(|text| serde_json::from_str(&text).ok()))
}
