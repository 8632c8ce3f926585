//! Thresholds as an agency sets them.

use canopy::json;
use serde_json::value::RawValue;
use thiserror::Error;

use crate::{
    gaps::{rules, thresholds::Thresholds},
    wording::clip,
};

/// What a setting that is refused should have been.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0}")]
pub struct ThresholdsError(String);

/// A number that can be set.
struct Number {
    member: &'static str,
    from: i64,
    to: i64,
    place: fn(&mut Thresholds) -> &mut i64,
}

/// More than any personal policy insures for: a billion dollars.
const MOST_CENTS: i64 = 100_000_000_000;

const fn cents(member: &'static str, place: fn(&mut Thresholds) -> &mut i64) -> Number {
    Number { member, from: 0, to: MOST_CENTS, place }
}

const NUMBERS: &[Number] = &[
    Number { member: "expiring_days", from: 0, to: 366, place: |set| &mut set.expiring_days },
    Number { member: "young_driver_age", from: 15, to: 99, place: |set| &mut set.young_driver_age },
    Number {
        member: "dwelling_insured_percent",
        from: 1,
        to: 200,
        place: |set| &mut set.dwelling_insured_percent,
    },
    cents("umbrella_auto_per_person_cents", |set| &mut set.umbrella_auto_per_person_cents),
    cents("umbrella_auto_per_incident_cents", |set| &mut set.umbrella_auto_per_incident_cents),
    cents("umbrella_auto_property_damage_cents", |set| &mut set.umbrella_auto_property_damage_cents),
    cents("umbrella_auto_single_limit_cents", |set| &mut set.umbrella_auto_single_limit_cents),
    cents("umbrella_home_liability_cents", |set| &mut set.umbrella_home_liability_cents),
];

/// Rules that are off.
const OFF: &str = "off";

impl Thresholds {
    /// Reads an object with members of [`Thresholds`]; those that it lacks stay as by default:
    /// `{"expiring_days": 45, "off": ["no_flood_cover"]}`.
    ///
    /// # Errors
    /// [`ThresholdsError`] says what is expected instead of: no object, a member or rule that is none, a number out of range.
    pub fn read(text: &str) -> Result<Self, ThresholdsError> {
        let refused = |expected: String| ThresholdsError(format!("expected {expected}"));
        let entries = json::entries(text)
            .ok_or_else(|| refused(r#"a JSON object such as {"expiring_days": 45}"#.to_owned()))?;
        let mut set = Self::default();
        for (member, value) in entries {
            if member == OFF {
                set.off = off(value).map_err(refused)?;
                continue;
            }
            let Some(number) = NUMBERS.iter().find(|number| number.member == member) else {
                let all: Vec<_> = NUMBERS.iter().map(|number| number.member).chain([OFF]).collect();
                return Err(refused(format!("members {}, found {:?}", all.join(", "), clip(&member))));
            };
            let given = json::integer(Some(value)).and_then(|given| i64::try_from(given).ok());
            *(number.place)(&mut set) =
                given.filter(|given| (number.from..=number.to).contains(given)).ok_or_else(|| {
                    refused(format!("{member} to be a whole number from {} to {}", number.from, number.to))
                })?;
        }
        Ok(set)
    }
}

/// The rules that are off, or what was expected.
fn off(value: &RawValue) -> Result<Vec<String>, String> {
    let items = json::items(value.get(), usize::MAX);
    let off = items.and_then(|items| items.into_iter().map(|item| json::text(Some(item))).collect());
    let off: Vec<String> = off.ok_or_else(|| format!("{OFF} to be a list of rules' ids"))?;
    match off.iter().find(|id| rules::ids().all(|its| its != id.as_str())) {
        Some(id) => {
            let all: Vec<_> = rules::ids().collect();
            Err(format!("{OFF} to name rules of {}, found {:?}", all.join(", "), clip(id)))
        }
        None => Ok(off),
    }
}
