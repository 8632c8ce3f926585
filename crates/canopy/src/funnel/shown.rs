//! The funnel of a day and a link as the back office reads it.

use std::collections::BTreeMap;

use serde_json::{Value, json, value::RawValue};

use super::{Outcome, Stage};

/// Of rows of `[stage, outcome, count, duration_ms]` in JSON: the stages in the order in which a visitor comes to them. A row
/// that is not known here, of another version's screen, is left out by itself.
#[must_use]
pub fn shown(day: &str, link: &str, rows: &str) -> Value {
    let rows: Vec<&RawValue> = serde_json::from_str(rows).unwrap_or_default();
    let rows =
        rows.iter().filter_map(|row| serde_json::from_str::<(Stage, Outcome, u64, u64)>(row.get()).ok());
    let mut stages = BTreeMap::<Stage, BTreeMap<Outcome, (u64, u64)>>::new();
    for (stage, outcome, count, duration_ms) in rows {
        stages.entry(stage).or_default().insert(outcome, (count, duration_ms));
    }
    let stages = stages.into_iter().map(|(stage, outcomes)| {
        let (count, duration) = outcomes.values().fold((0, 0), |sum, it| (sum.0 + it.0, sum.1 + it.1));
        let outcomes = outcomes.into_iter().map(|(outcome, (count, duration_ms))| {
            json!({ "outcome": outcome, "count": count, "mean_duration_ms": mean(duration_ms, count) })
        });
        json!({ "stage": stage, "count": count, "mean_duration_ms": mean(duration, count), "outcomes": outcomes.collect::<Vec<_>>() })
    });
    json!({ "day": day, "link": link, "stages": stages.collect::<Vec<_>>() })
}

/// In whole milliseconds; `None` of nothing.
fn mean(sum: u64, count: u64) -> Option<u64> {
    sum.checked_div(count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stages_come_in_order_with_counts_and_means() {
        let rows = r#"[["waiting","left",1,10],["consent","next",3,100],["consent","left",1,40]]"#;
        let funnel = shown("2026-01-31", "/quote", rows);
        let [consent, waiting] = &funnel["stages"].as_array().unwrap()[..] else { panic!("{funnel}") };
        assert_eq!(
            (&consent["stage"], &consent["count"], &consent["mean_duration_ms"]),
            (&json!("consent"), &json!(4), &json!(35))
        );
        let next = json!({ "outcome": "next", "count": 3, "mean_duration_ms": 33 });
        assert_eq!((&consent["outcomes"][0], &waiting["stage"]), (&next, &json!("waiting")));
    }

    #[test]
    fn what_another_version_has_counted_takes_nothing_with_it() {
        let rows = r#"[["holograms","next",1,10],["consent","dreamt",1,10],["consent","next",3,null],["consent","left",2,40]]"#;
        let known = r#"[["consent","left",2,40]]"#;
        assert_eq!(shown("2026-01-31", "/quote", rows), shown("2026-01-31", "/quote", known));
        assert_eq!(shown("2026-01-31", "/quote", rows)["stages"][0]["count"], 2);
    }
}
