//! The agency's model of a version, in one of its forms.

use std::collections::HashSet;

use super::{
    intake::{Mapped, Unmapped, mapped},
    ledger::Ledger,
    view::{self, Unread},
};
use crate::{config, objects::unseen::Unseen, platform};
use intake::{
    day::Day,
    forms,
    model::Model,
    redact::Redact,
    view::{Asked, Intake},
};

/// The intake of a version, the newest for 0; `None` where there is none, or none that can be shown.
///
/// # Errors
/// Where there is no room for it now, or our own storage failed.
pub fn in_form(ledger: &Ledger, form: forms::Form, version: i64) -> Result<Option<String>, Unseen> {
    let Mapped { version, bytes } = match mapped(ledger, version) {
        Ok(mapped) => mapped,
        Err(Unmapped::Missing | Unmapped::Refused(_) | Unmapped::Unread(Unread::Sealed(_))) => {
            return Ok(None);
        }
        Err(Unmapped::NoRoom) => return Err(Unseen::NoRoom),
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
