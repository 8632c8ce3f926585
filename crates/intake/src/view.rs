//! What is answered of a model: filled for the day, with gaps and what is missing, redacted.

use std::collections::HashSet;

use crate::{
    cell::Cell,
    day::Day,
    gaps::{self, Gap, Thresholds},
    missing::{self, Missing},
    model::Model,
    name::Name as N,
    redact::Redact,
    scalar::word,
    table::Part,
    term,
};

/// What the answer depends on beside the snapshot.
#[derive(Debug)]
pub struct Asked<'q> {
    /// The snapshot's version.
    pub version: i64,
    /// For which day.
    pub day: Day,
    /// The first pull of its monitoring, which webhooks tell and Canopy's pull does not.
    pub initial_pull_id: Option<&'q str>,
    /// Documents that the edge has stored, by id.
    pub stored: &'q HashSet<String>,
    /// What is left out.
    pub redact: Redact,
    /// Where gaps begin.
    pub thresholds: &'q Thresholds,
}

/// A model as it is answered.
#[derive(Debug)]
pub struct Intake<'a> {
    /// The snapshot's version.
    pub version: i64,
    /// The day that it is for.
    pub day: Day,
    /// Its rows.
    pub model: Model<'a>,
    /// What is worth a talk.
    pub gaps: Vec<Gap>,
    /// What policies of their line usually have, and these lack.
    pub missing: Vec<Missing>,
}

impl<'a> Intake<'a> {
    /// The answer of `model` to what is asked.
    #[must_use]
    pub fn of(mut model: Model<'a>, asked: &Asked<'_>) -> Self {
        for pull in model.part_mut(Part::Pull) {
            pull.set(N::initial_pull_id, asked.initial_pull_id.map(|id| Cell::from(id.to_owned())));
        }
        model.part_mut(Part::Policies).iter_mut().for_each(|policy| {
            let day = |column| policy.text(column).and_then(Day::parse);
            let (from, to) = (day(N::effective_date), day(N::expiry_date));
            let status = |words| policy.text(N::status).and_then(|text| word(words, text));
            let is_ended = status(term::OVER).is_some()
                || day(N::canceled_date).is_some_and(|canceled| canceled <= asked.day);
            let has_begun = from.map(|from| from <= asked.day);
            let is_running = to.map(|to| asked.day < to);
            let is_active = match (has_begun, is_running) {
                _ if is_ended => Some(false),
                (Some(false), _) | (_, Some(false)) => Some(false),
                (Some(true), Some(true)) => Some(true),
                _ => status("ACTIVE PENDING_CANCELLATION").map(|_| true),
            };
            let days = to.map(|to| to.days_since(asked.day));
            policy.set(N::days_to_expiry, days.map(Cell::Integer));
            policy.set(N::is_active, is_active.map(Cell::Flag));
        });
        for document in model.part_mut(Part::Documents) {
            let is_stored = document.text(N::document_id).is_some_and(|id| asked.stored.contains(id));
            document.set(N::is_stored, Cell::Flag(is_stored));
        }
        let gaps = gaps::of(&model, asked.day, asked.thresholds);
        let missing = missing::of(&model);
        asked.redact.apply(&mut model);
        Self { version: asked.version, day: asked.day, model, gaps, missing }
    }
}
