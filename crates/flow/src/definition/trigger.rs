//! What starts a flow.

use canopy::delivery::Types;
use serde_json::Value as Json;

use super::read::{Place, Reader};
use crate::{
    cron::Recurring,
    expression::{Expression, Scope},
    field::{Fields, Type},
    text::{Escape, Text, shown},
};

/// What starts a flow.
#[derive(Debug)]
pub enum Trigger {
    /// An entry of a pull's log.
    Event {
        /// Of these types.
        types: Types,
        /// And for which this is true.
        when: Option<Expression>,
    },
    /// A time that recurs.
    Schedule {
        /// A cron pattern.
        cron: Text,
        /// The zone of its hours.
        time_zone: Text,
        /// What becomes of times that were missed.
        missed: Missed,
    },
    /// Somebody.
    Manual {
        /// On what.
        of: Subject,
    },
}

/// What a run is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// A pull.
    Pull,
    /// No pull.
    Agency,
}

/// What becomes of times at which nothing ran.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missed {
    /// The last of them is made up for.
    Once,
    /// None is.
    Skip,
}

impl Trigger {
    /// What its runs are about.
    #[must_use]
    pub fn subject(&self) -> Subject {
        match self {
            Self::Event { .. } => Subject::Pull,
            Self::Schedule { .. } => Subject::Agency,
            Self::Manual { of } => *of,
        }
    }

    /// When it recurs, as an instance is configured; `None` for one that does not.
    #[must_use]
    pub fn recurring(&self, config: &Json) -> Option<(Recurring, Missed)> {
        let Self::Schedule { cron, time_zone, missed } = self else { return None };
        let scope = Scope::default().with("config", config);
        let text = |text: &Text| text.render(&scope, Escape::None).map(shown).ok();
        Some((Recurring::read(&text(cron)?, &text(time_zone)?).ok()?, *missed))
    }

    pub(super) fn read(reader: &mut Reader, place: &Place<'_>, config: &Fields) -> Option<Self> {
        let on = reader.required(place, "on", "event, schedule or manual")?;
        match reader.word(&on, &["event", "schedule", "manual"])? {
            "event" => {
                reader.only(place, &["on", "types", "when"]);
                let types = reader.required(place, "types", Types::EXPECTED)?;
                let types = types_of(reader, &types)?;
                let when = place.member("when").map(|when| reader.expression(&when));
                Some(Self::Event { types, when: when.flatten() })
            }
            "schedule" => {
                reader.only(place, &["on", "cron", "time_zone", "missed"]);
                let cron = reader.required(place, "cron", "a cron pattern, or {{ config.… }}");
                let cron = cron.and_then(|cron| recurring(reader, &cron, config, Type::Cron));
                let zone = reader.required(place, "time_zone", "a zone, or {{ config.… }}");
                let time_zone = zone.and_then(|zone| recurring(reader, &zone, config, Type::TimeZone));
                let missed = reader.required(place, "missed", "once or skip");
                let missed = missed.and_then(|missed| reader.word(&missed, &["once", "skip"]))?;
                let missed = if missed == "once" { Missed::Once } else { Missed::Skip };
                Some(Self::Schedule { cron: cron?, time_zone: time_zone?, missed })
            }
            _ => {
                reader.only(place, &["on", "of"]);
                let of = reader.required(place, "of", "pull or agency")?;
                let of = reader.word(&of, &["pull", "agency"])?;
                Some(Self::Manual { of: if of == "pull" { Subject::Pull } else { Subject::Agency } })
            }
        }
    }
}

/// A pattern or zone: written there, or a declared value of that type.
fn recurring(reader: &mut Reader, place: &Place<'_>, config: &Fields, kind: Type) -> Option<Text> {
    let text = reader.written(place)?;
    let is_declared = |name: &String| config.get(name).is_some_and(|field| field.kind == kind && !field.list);
    let is_valid = match (text.written(), text.alone()) {
        (Some(pattern), _) if kind == Type::Cron => Recurring::read(pattern, "UTC").is_ok(),
        (Some(zone), _) => Recurring::read("0 0 * * *", zone).is_ok(),
        (None, Some(expression)) => {
            let mut paths = expression.references();
            matches!((paths.next(), paths.next()), (Some([config, name]), None) if config == "config" && is_declared(name))
        }
        (None, None) => false,
    };
    if !is_valid {
        let (what, name) = match kind {
            Type::Cron => ("a cron pattern like 0 8 * * MON-FRI", "cron"),
            _ => ("a zone like America/New_York", "time_zone"),
        };
        reader.wrong(&place.pointer, format!("expected {what}, or {{{{ config.… }}}} of the type {name}"));
    }
    is_valid.then_some(text)
}

/// Types of entries.
pub(super) fn types_of(reader: &mut Reader, place: &Place<'_>) -> Option<Types> {
    let texts = place
        .elements()
        .iter()
        .map(|element| element.as_str().map(str::to_owned))
        .collect::<Option<Vec<_>>>();
    let types = texts.and_then(Types::read);
    if types.is_none() {
        reader.wrong(&place.pointer, format!("expected {}", Types::EXPECTED));
    }
    types
}
