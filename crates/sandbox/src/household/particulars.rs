//! What is hard to map in single households: the tables of `particulars/`, laid over the pull.
//!
//! A text in them stands for something else where it begins so: `id:NAME` is an id of that name, `day:-30` the time 30 days before
//! the account's day, and `of:AUTO 2/vehicles/0` is what stands there, in the second auto policy; `of:/drivers` in the pull
//! itself. Texts of several places, by commas, become one.

use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::{days, ids};

const TABLES: [&str; 5] = [
    include_str!("particulars/people.json"),
    include_str!("particulars/vehicles.json"),
    include_str!("particulars/homes.json"),
    include_str!("particulars/lives.json"),
    include_str!("particulars/businesses.json"),
];

static HOUSEHOLDS: LazyLock<Vec<Household>> = LazyLock::new(|| {
    let read = |table: &str| -> Vec<Household> {
        serde_json::from_str(table).expect("each table is a list of households")
    };
    TABLES.into_iter().flat_map(read).collect()
});

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Household {
    logins: Vec<String>,
    changes: Vec<Change>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    /// Type of a policy, with a number where it is not the first of its type; the pull itself when empty.
    #[serde(default, rename = "in")]
    policy: String,
    /// JSON Pointer (RFC 6901) from there.
    #[serde(default)]
    at: String,
    /// Members that the object there has then.
    #[serde(default)]
    set: Map<String, Value>,
    /// Members that it has not.
    #[serde(default)]
    drop: Vec<String>,
    /// What comes at the end of the list there.
    #[serde(default)]
    add: Vec<Value>,
}

/// Lays over the pull what its login's household has. `today` is the day that its dates stand around.
///
/// # Panics
/// Where a table names what the household has not.
pub(super) fn apply(pull: &mut Value, username: &str, today: &str) {
    let of_login = HOUSEHOLDS.iter().filter(|household| household.logins.iter().any(|name| name == username));
    for change in of_login.flat_map(|household| &household.changes) {
        let added: Vec<Value> = change.add.iter().map(|row| resolved(row, pull, today)).collect();
        let members: Vec<(String, Value)> =
            change.set.iter().map(|(name, value)| (name.clone(), resolved(value, pull, today))).collect();
        let place = policy_pointer(pull, &change.policy) + &change.at;
        let place = pull.pointer_mut(&place).unwrap_or_else(|| panic!("{username} has no {place}"));
        for (name, value) in members {
            place[name] = value;
        }
        for name in &change.drop {
            place
                .as_object_mut()
                .and_then(|members| members.remove(name))
                .unwrap_or_else(|| panic!("{username} has no {name} at {}", change.at));
        }
        if !added.is_empty() {
            place
                .as_array_mut()
                .unwrap_or_else(|| panic!("{username}: no list at {}", change.at))
                .extend(added);
        }
    }
}

fn resolved(value: &Value, pull: &Value, today: &str) -> Value {
    match value {
        Value::String(text) => match text.split_once(':') {
            Some(("id", name)) => json!(ids::derived_uuid(&["particular", name])),
            Some(("day", offset)) => {
                let offset = offset.parse().expect("a day is a number of days");
                let date = today.get(..10).expect("timestamps begin with a date");
                json!(days::shifted(&format!("{date}T06:00:00.000Z"), offset))
            }
            Some(("of", places)) => match places.split_once(',') {
                None => copied(places, pull).clone(),
                Some(_) => {
                    let texts = places.split(',').filter_map(|place| copied(place, pull).as_str());
                    json!(texts.collect::<Vec<_>>().join(","))
                }
            },
            _ => value.clone(),
        },
        Value::Array(rows) => rows.iter().map(|row| resolved(row, pull, today)).collect(),
        Value::Object(members) => {
            members.iter().map(|(name, value)| (name.clone(), resolved(value, pull, today))).collect()
        }
        _ => value.clone(),
    }
}

fn copied<'a>(place: &str, pull: &'a Value) -> &'a Value {
    let (policy, at) = place.split_at(place.find('/').expect("what is copied has a place"));
    let place = policy_pointer(pull, policy) + at;
    pull.pointer(&place).unwrap_or_else(|| panic!("nothing at {place}"))
}

/// Where the policy named like `AUTO 2` stands in the pull; the pull itself for none.
fn policy_pointer(pull: &Value, name: &str) -> String {
    if name.is_empty() {
        return String::new();
    }
    let (policy_type, number) = name.split_once(' ').unwrap_or((name, "1"));
    let number: usize = number.parse().expect("a policy's number is one");
    let policies = pull["policies"].as_array().into_iter().flatten().enumerate();
    let (index, _) = policies
        .filter(|(_, policy)| policy["policy_type"] == policy_type)
        .nth(number - 1)
        .unwrap_or_else(|| panic!("there is no policy {name}"));
    format!("/policies/{index}")
}
