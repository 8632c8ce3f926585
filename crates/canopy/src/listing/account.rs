//! An account's monitoring, of what its pulls name and of what Canopy lists.

use serde::Serialize;
use serde_json::value::RawValue;

use crate::json;

/// Most monitorings of an account that are looked at.
const MOST: usize = 100;

/// A monitoring that an account's pulls name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// The monitoring.
    pub monitoring_id: String,
    /// The pull that it began with.
    pub initial_pull_id: String,
}

/// The account's monitoring.
#[derive(Debug, Serialize)]
pub struct Monitoring<'a> {
    monitoring_id: String,
    initial_pull_id: Option<&'a str>,
    /// As Canopy has it; `null` where Canopy does not say.
    current: Option<&'a RawValue>,
}

/// The active one, else that of the newest pull; `None` where there is none. `named` has the newest first, `body` is what Canopy
/// answers for the account: `get-monitorings`.
#[must_use]
pub fn monitoring<'a>(named: &'a [Named], body: &'a str) -> Option<Monitoring<'a>> {
    let [listed] = json::members(body, ["monitorings"]).unwrap_or_default();
    let listed = listed.and_then(|listed| json::items(listed.get(), MOST)).unwrap_or_default();
    let listed: Vec<(String, Option<String>, &RawValue)> = listed
        .into_iter()
        .filter_map(|item| {
            let [id, status] = json::members(item.get(), ["monitoring_id", "status"])?;
            Some((json::text(id)?, json::text(status), item))
        })
        .collect();
    let active = listed.iter().find(|(_, status, _)| status.as_deref() == Some("ACTIVE"));
    let monitoring_id =
        active.map(|(id, ..)| id).or(named.first().map(|newest| &newest.monitoring_id))?.clone();
    let initial = named.iter().find(|named| named.monitoring_id == monitoring_id);
    let current = listed.iter().find(|(id, ..)| *id == monitoring_id).map(|(.., item)| *item);
    Some(Monitoring {
        monitoring_id,
        initial_pull_id: initial.map(|named| named.initial_pull_id.as_str()),
        current,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    fn named(ids: &[&str]) -> Vec<Named> {
        let of = |id: &&str| Named { monitoring_id: (*id).to_owned(), initial_pull_id: format!("p-{id}") };
        ids.iter().map(of).collect()
    }

    fn shown(ids: &[&str], body: &str) -> Value {
        json!(monitoring(&named(ids), body))
    }

    #[test]
    fn the_active_one_goes_before_that_of_the_newest_pull() {
        let (old, new) = (
            json!({"monitoring_id": "old", "status": "STOPPED"}),
            json!({"monitoring_id": "new", "status": "ACTIVE"}),
        );
        let body = json!({"monitorings": [old, new, {"status": "ACTIVE"}, 7]}).to_string();
        let of = |id: &str, initial: Value, current: &Value| json!({"monitoring_id": id, "initial_pull_id": initial, "current": current});
        assert_eq!(shown(&["old", "new"], &body), of("new", json!("p-new"), &new));
        assert_eq!(shown(&["old"], &body), of("new", Value::Null, &new), "no pull names it yet");
        let stopped = json!({"monitorings": [old]}).to_string();
        assert_eq!(shown(&["old"], &stopped), of("old", json!("p-old"), &old));
        for nothing in ["", "[]", "{}", r#"{"monitorings":null}"#, r#"{"monitorings":[]}"#] {
            assert_eq!(shown(&["new", "old"], nothing), of("new", json!("p-new"), &Value::Null), "{nothing}");
            assert_eq!(shown(&[], nothing), Value::Null);
        }
    }

    proptest! {
        #[test]
        fn whatever_canopy_answers_is_taken(body: String) {
            let shown = shown(&["a"], &body);
            prop_assert_eq!(shown["monitoring_id"].as_str(), Some("a"));
        }
    }
}
