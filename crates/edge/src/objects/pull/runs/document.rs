//! What expressions read of the pull.

use canopy::{
    delivery::type_of,
    id::Position,
    pull::Kind,
    retry::{Failure, Reason},
};
use flow::{definition::Flow, run::World};
use intake::{
    day::Day,
    forms,
    model::Model,
    redact::Redact,
    view::{Asked, Intake},
};
use serde_json::Value;
use wasm_bindgen::JsValue;

use super::super::{
    intake::{Mapped, Unmapped, mapped},
    ledger::Ledger,
    store::integer,
    view::{self, Unread},
};
use crate::{
    config,
    platform::{self, Thrown},
};

/// A failure of our own storage.
pub fn storage<E>(_: E) -> Failure {
    Failure::without_status(Reason::Storage, platform::now())
}

/// Why something cannot be read now.
pub enum Unseen {
    /// Other large bodies are under way.
    NoRoom,
    /// Our own storage failed.
    Storage(JsValue),
}

impl<E: Into<JsValue>> From<E> for Unseen {
    fn from(error: E) -> Self {
        Self::Storage(error.into())
    }
}

impl From<Unseen> for Thrown {
    fn from(unseen: Unseen) -> Self {
        match unseen {
            Unseen::NoRoom => JsValue::from_str("no room for the pull's model now").into(),
            Unseen::Storage(thrown) => thrown.into(),
        }
    }
}

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
    let intake = if flow.reads("intake") { intake(ledger)? } else { None };
    let event = match cause.filter(|_| flow.reads("event")) {
        Some(cause) => Some(event(ledger, cause)?),
        None => None,
    };
    Ok(World { pull, intake, event, approvals: String::new(), is_local: config.is_local })
}

/// The agency's model of the newest version; `None` where there is none.
fn intake(ledger: &Ledger) -> Result<Option<Value>, Unseen> {
    let Mapped { version, bytes } = match mapped(ledger, 0) {
        Ok(mapped) => mapped,
        Err(Unmapped::Missing | Unmapped::Refused(_) | Unmapped::Unread(Unread::Sealed(_))) => {
            return Ok(None);
        }
        Err(Unmapped::NoRoom) => return Err(Unseen::NoRoom),
        Err(Unmapped::Unread(Unread::Storage(error))) => return Err(error.into()),
    };
    let Some(model) = std::str::from_utf8(&bytes).ok().and_then(Model::of_stored) else { return Ok(None) };
    let initial = ledger.read(|record| record.state.initial_pull_id().map(ToString::to_string))?.flatten();
    let stored = view::stored_documents(ledger)?.into_iter().collect();
    let asked = Asked {
        version,
        day: Day::of(platform::now()),
        initial_pull_id: initial.as_deref(),
        stored: &stored,
        redact: Redact::default(),
        thresholds: &config::thresholds(&ledger.env),
    };
    let file = forms::file(forms::Form::Json, &Intake::of(model, &asked), &[], None);
    Ok(serde_json::from_slice(&file.body).ok())
}
