//! What there is to tell of an entry.

use canopy::{
    delivery::{Form, Headline, Message, Settings},
    id::Position,
    pull::Kind,
    time::UnixMillis,
};
use intake::forms;
use wasm_bindgen::JsValue;

use super::super::{ledger::Ledger, model::in_form, store::integer, view};
use crate::objects::unseen::Unseen;

/// A delivery's `webhook-id` and body.
pub struct Told {
    pub id: String,
    pub body: String,
}

/// Tells of the entry at a position.
pub fn told(ledger: &Ledger, settings: &Settings, position: Position) -> Result<Told, Unseen> {
    let query = "SELECT kind, event_type, outcome, coalesce(effective_at, recorded_at) FROM entry WHERE position = ?1";
    let row = ledger.database.first(query, [integer(position)])?;
    let row = row.ok_or_else(|| JsValue::from_str("entry missing"))?;
    let (event_type, outcome) = (row.text(1).unwrap_or_default(), row.text(2).unwrap_or_default());
    let pull_id = ledger.read(|record| record.pull_id.clone())?.ok_or("pull missing")?;
    let pull = view::pull(ledger)?.ok_or("pull missing")?;
    let entry =
        ledger.read(|record| view::entry_or_bare(ledger, record, position))?.ok_or("pull missing")??;
    let intake = match settings.form {
        Form::Event => None,
        Form::Intake => in_form(ledger, forms::Form::Json, 0)?,
        Form::Flat => in_form(ledger, forms::Form::Flat, 0)?,
    };
    let headline = Headline {
        pull_id: &pull_id,
        position,
        kind: row.integer(0).and_then(Kind::of_code),
        event_type: &event_type,
        outcome: &outcome,
        effective_at: row.integer(3).map_or(UnixMillis(0), UnixMillis),
        origin: &settings.origin,
    };
    let id = headline.id();
    let message =
        Message { headline, entry: &entry, pull: &pull.text(), view: pull.view(), intake: intake.as_deref() };
    Ok(Told { id, body: message.body(settings.form) })
}
