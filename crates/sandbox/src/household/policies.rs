//! One policy of a household, made from the published policy nearest to it.

use serde_json::{Value, json};

use super::{
    kinds::{Kind, make, shape},
    published,
    twists::{Twist, apply},
    walk,
};
use crate::{days, ids};

/// A policy and its documents, ids still those of the published examples.
pub struct Paper {
    pub policy: Value,
    pub documents: Vec<Value>,
}

/// Where a policy stands in time and in its account.
pub struct Place<'a> {
    /// `None` leaves the dates as published.
    pub days: Option<Days>,
    /// How many policies of the same kind come before it.
    pub repeat: usize,
    pub carrier: &'a str,
    pub carrier_friendly_name: &'a str,
    /// A number to use instead of the kind's own.
    pub number: Option<String>,
}

/// Two timestamps.
pub struct Days {
    /// The published dates are moved around this day.
    pub around: String,
    /// The day of the pull: terms that have ended by then are renewed, or the policy has expired.
    pub pulled: String,
}

/// Days of the current term that have passed on the day of the pull.
const DAYS_INTO_TERM: i64 = 100;

/// The policy of this kind.
#[must_use]
pub fn policy(kind: Kind, twist: Twist, place: &Place<'_>) -> Paper {
    let (name, policy_type, base, number) = make(kind);
    let mut policy = published::policy(base);
    let mut documents = published::documents(&policy["policy_id"]);
    shape(kind, &mut policy);
    let number = place.number.clone().unwrap_or_else(|| {
        if place.repeat == 0 { number.to_owned() } else { format!("{number}{}", place.repeat + 1) }
    });
    policy["policy_type"] = json!(policy_type);
    policy["carrier_policy_number"] = json!(number);
    policy["carrier_name"] = json!(place.carrier);
    policy["carrier_friendly_name"] = json!(place.carrier_friendly_name);
    policy["name"] = json!(format!("{name} {number}"));
    policy["is_telematics_enabled"] = json!(kind == Kind::Auto && place.repeat > 0);
    policy["payment_frequency"] = json!(if kind.is_personal() { "MONTHLY" } else { "ANNUALLY" });
    for list in [
        "dwellings",
        "locations",
        "vehicles",
        "commercial_named_insureds",
        "named_insureds",
        "forms_and_endorsements",
        "additional_interests",
    ] {
        if policy[list].is_null() {
            policy[list] = json!([]);
        }
    }
    apply(&mut policy, twist);
    move_dates(&mut policy, &mut documents, twist, place.days.as_ref());
    let effective = policy["effective_date"].as_str().unwrap_or_default().to_owned();
    let expiry = policy["expiry_date"].as_str().unwrap_or_default().to_owned();
    policy["description"] =
        json!(format!("Effective {} - {}", days::slashed(&effective), days::slashed(&expiry)));
    if documents.is_empty() {
        documents.push(declarations(&policy["policy_id"], &effective));
    }
    for document in &mut documents {
        let kind_of_paper = document["title"]
            .as_str()
            .and_then(|title| title.rsplit(" - ").next())
            .unwrap_or("Declarations")
            .to_owned();
        let dated = days::dashed(document["date_added"].as_str().unwrap_or_default());
        document["title"] = json!(format!("{dated} - {name} {number} - {kind_of_paper}"));
    }
    // Two policies made from one published policy must not share its ids.
    if place.repeat > 0 || policy_type != base {
        let salt = format!("{policy_type} {}", place.repeat);
        salted(&mut policy, &salt);
        documents.iter_mut().for_each(|document| salted(document, &salt));
    }
    Paper { policy, documents }
}

fn declarations(policy_id: &Value, effective: &str) -> Value {
    json!({
        "document_id": ids::derived_uuid(&["declarations", policy_id.as_str().unwrap_or_default()]),
        "title": "Declarations",
        "date_added": effective,
        "document_type": "DECLARATIONS",
        "policy_id": policy_id,
        "mime_type": "application/pdf",
    })
}

fn move_dates(policy: &mut Value, documents: &mut [Value], twist: Twist, days: Option<&Days>) {
    let Some(Days { around, pulled }) = days else { return };
    let of = |field: &str| policy[field].as_str().unwrap_or_default();
    let (effective, expiry) = (of("effective_date"), of("expiry_date"));
    let moved = match twist {
        Twist::ExpiresInDays(days) => days::between(expiry, around).map(|gap| gap + days),
        _ => days::between(effective, around).map(|gap| gap - DAYS_INTO_TERM),
    };
    let Some(moved) = moved else { return };
    let ended = days::between(&days::shifted(expiry, moved), pulled);
    let term = days::between(effective, expiry).filter(|term| *term > 0);
    let mut renewed = 0;
    match (twist, ended, term) {
        (Twist::ExpiresInDays(_), Some(1..), _) => policy["status"] = json!("EXPIRED"),
        (Twist::ExpiresInDays(_), ..) => {}
        // The next term begins on the day that this one ends.
        (_, Some(since @ 0..), Some(term)) if policy["status"] == "ACTIVE" => {
            renewed = (since / term + 1) * term
        }
        _ => {}
    }
    walk::shift(policy, moved + renewed);
    for document in documents {
        walk::shift(document, moved + renewed);
    }
}

/// Replaces every id by one derived from it and `salt`.
fn salted(value: &mut Value, salt: &str) {
    walk::each_id(value, &mut |field, id| match field {
        // Addresses and drivers are shared between the policies of a household.
        "address_id" | "driver_id" => id.to_owned(),
        _ => ids::derived_uuid(&["household", salt, id]),
    });
}
