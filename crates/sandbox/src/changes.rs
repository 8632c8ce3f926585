//! What a refresh found to be different from the pull before it.

use serde_json::{Map, Value, json};

/// What an event of a policy can be about, besides its dwelling.
const OF_POLICY: [&str; 4] = ["status", "effective_date", "expiry_date", "total_premium_cents"];

/// The events (contract, `MonitoringEvent`) between the bodies of two pulls of the same account.
#[must_use]
pub fn events(before: &Value, after: &Value) -> Vec<Value> {
    let rows = |pull: &Value| pull["policies"].as_array().cloned().unwrap_or_default();
    let mut events = Vec::new();
    for (old, new) in rows(before).iter().zip(&rows(after)) {
        let changes: Vec<Value> = of_policy(old, new).into_iter().chain(of_dwelling(old, new)).collect();
        if !changes.is_empty() {
            let documents = after["documents"].as_array().into_iter().flatten();
            let documents: Vec<Value> = documents
                .filter(|document| document["policy_id"] == new["policy_id"])
                .take(1)
                .map(|document| json!({"document_id": document["document_id"]}))
                .collect();
            events.push(json!({"type": kind(old, new), "changes": changes, "documents": documents}));
        }
    }
    events
}

fn kind(old: &Value, new: &Value) -> &'static str {
    if old["status"] != new["status"] && new["status"] == "EXPIRED" {
        "EXPIRED"
    } else if old["expiry_date"] != new["expiry_date"] {
        "RENEWAL"
    } else {
        "ENDORSEMENT"
    }
}

fn of_policy(old: &Value, new: &Value) -> Option<Value> {
    let changed: Vec<&str> = OF_POLICY.into_iter().filter(|field| old[field] != new[field]).collect();
    let shown = |of: &Value| -> Map<String, Value> {
        let fields = changed.iter().chain(&["policy_id"]);
        fields.map(|field| ((*field).to_owned(), of[*field].clone())).collect()
    };
    (!changed.is_empty())
        .then(|| json!({"schema": "POLICY", "type": "UPDATE", "before": shown(old), "after": shown(new)}))
}

fn of_dwelling(old: &Value, new: &Value) -> Option<Value> {
    let mortgagees = |of: &Value| of["dwellings"][0]["mortgagees"].as_array().map_or(0, Vec::len);
    let shown = |of: &Value| {
        let dwelling = &of["dwellings"][0];
        json!({"dwelling_id": dwelling["dwelling_id"], "mortgagees": dwelling["mortgagees"]})
    };
    (mortgagees(old) != mortgagees(new))
        .then(|| json!({"schema": "DWELLING", "type": "UPDATE", "before": shown(old), "after": shown(new)}))
}
