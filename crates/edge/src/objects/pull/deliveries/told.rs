//! What there is to tell of an entry.

use std::collections::HashSet;

use canopy::{
    delivery::{Form, Headline, Message, Settings},
    id::Position,
    pull::Kind,
    time::UnixMillis,
};
use intake::{
    day::Day,
    forms,
    model::Model,
    redact::Redact,
    view::{Asked, Intake},
};
use wasm_bindgen::JsValue;

use super::super::{
    intake::{Mapped, Unmapped, mapped},
    ledger::Ledger,
    store::integer,
    view::{self, Unread},
};
use crate::{config, platform};

/// A delivery's `webhook-id` and body.
pub struct Told {
    pub id: String,
    pub body: String,
}

/// Why nothing is told.
pub enum Untold {
    /// Other large bodies are under way.
    NoRoom,
    /// Our own storage failed.
    Storage(JsValue),
}

impl<E: Into<JsValue>> From<E> for Untold {
    fn from(error: E) -> Self {
        Self::Storage(error.into())
    }
}

/// Tells of the entry at a position.
pub fn told(ledger: &Ledger, settings: &Settings, position: Position) -> Result<Told, Untold> {
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
        Form::Intake => intake(ledger, forms::Form::Json)?,
        Form::Flat => intake(ledger, forms::Form::Flat)?,
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

/// The intake of the newest version; `None` where there is none, or none that can be shown.
///
/// # Errors
/// Where there is no room for it now, or our own storage failed.
fn intake(ledger: &Ledger, form: forms::Form) -> Result<Option<String>, Untold> {
    let Mapped { version, bytes } = match mapped(ledger, 0) {
        Ok(mapped) => mapped,
        Err(Unmapped::Missing | Unmapped::Refused(_) | Unmapped::Unread(Unread::Sealed(_))) => {
            return Ok(None);
        }
        Err(Unmapped::NoRoom) => return Err(Untold::NoRoom),
        Err(Unmapped::Unread(Unread::Storage(error))) => return Err(error.into()),
    };
    let Some(model) = std::str::from_utf8(&bytes).ok().and_then(Model::of_stored) else { return Ok(None) };
    let initial = ledger.read(|record| record.state.initial_pull_id().map(ToString::to_string))?.flatten();
    let stored: HashSet<String> = view::stored_documents(ledger)?.into_iter().collect();
    let asked = Asked {
        version,
        day: Day::of(platform::now()),
        initial_pull_id: initial.as_deref(),
        stored: &stored,
        redact: Redact::default(),
        thresholds: &config::thresholds(&ledger.env),
    };
    let file = forms::file(form, &Intake::of(model, &asked), &[], None);
    Ok(String::from_utf8(file.body).ok())
}
