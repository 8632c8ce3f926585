//! A pull's body as `GET /teams/{teamId}/pulls/{pullId}` answers it.

use serde_json::{Value, json};

use super::{
    accounts::{Account, account},
    policies::{self, Place},
    published,
};
use crate::{carriers, days, ids};

/// How much of a pull can be read yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub enum Shown {
    /// Who and when: the carrier has not answered.
    Nothing,
    /// Policies and people, no documents.
    Policies,
    /// Documents too.
    Everything,
}

/// What a body is made from.
#[derive(Debug, Clone)]
pub struct View<'a> {
    pub pull_id: &'a str,
    pub account_identifier: Option<&'a str>,
    pub created_ms: u64,
    /// Day the data is as of; differs from the day of creation at accounts that are stable across pulls.
    pub as_of_ms: u64,
    pub username: &'a str,
    /// A monitoring pull after the first.
    pub later: bool,
    pub carrier: &'a str,
    pub team_id: &'a str,
    pub widget_id: &'a str,
    pub public_alias: &'a str,
    pub meta_data: &'a Value,
    pub status: &'a str,
    /// Type the pull was made with; an account may have its own.
    pub pull_type: &'a str,
    pub parent_pull_id: Option<&'a str>,
    pub is_archived: bool,
    pub encountered_mfa: bool,
    pub shown: Shown,
    /// Scheme and host of the API, for links.
    pub origin: &'a str,
}

const PERSON: [&str; 11] = [
    "first_name", "middle_name", "last_name", "email", "account_email", "phone", "mobile_phone", "home_phone", "work_phone",
    "work_phone_extension", "skipped_product_types",
];
const LISTS: [&str; 9] =
    ["policies", "drivers", "documents", "addresses", "claims", "driving_records", "loss_events", "agents", "answers"];

/// The whole pull, as far as it is shown. The same view gives the same bytes.
#[must_use]
pub fn pull_body(view: &View<'_>) -> Value {
    let account = account(view.username, view.later);
    let commercial = account.policies.iter().any(|(kind, _)| !kind.is_personal());
    let mut pull = frame(view, &account, if commercial { published::commercial() } else { published::personal() });
    if view.shown == Shown::Nothing {
        return pull;
    }
    let template = if commercial { published::commercial() } else { published::personal() };
    let mut documents = Vec::new();
    let today = days::timestamp(view.as_of_ms);
    for (index, (kind, twist)) in account.policies.iter().enumerate() {
        let repeat = account.policies[..index].iter().filter(|(other, _)| other == kind).count();
        let number = account.random_policy_numbers.then(|| format!("{:09}", ids::derived_number(&[view.pull_id, "number", &index.to_string()], 1_000_000_000)));
        let place = Place {
            today: (!account.static_dates).then_some(today.as_str()),
            repeat,
            carrier: view.carrier,
            carrier_friendly_name: carriers::friendly_name(view.carrier),
            number,
        };
        let paper = policies::policy(*kind, *twist, &place);
        push(&mut pull, "policies", paper.policy);
        documents.extend(paper.documents);
    }
    people(&mut pull, &account, template, &today);
    if view.shown == Shown::Everything {
        pull["documents"] = Value::Array(documents);
    }
    for (flag, list) in [("no_policies", "policies"), ("no_drivers", "drivers"), ("no_claims", "claims"), ("no_loss_events", "loss_events")] {
        pull[flag] = json!(pull[list].as_array().is_none_or(Vec::is_empty));
    }
    pull["no_documents"] = json!(view.shown == Shown::Everything && pull["documents"].as_array().is_none_or(Vec::is_empty));
    own_ids(&mut pull, view);
    pull
}

/// A pull without its lists' contents.
#[must_use]
pub fn summary(view: &View<'_>) -> Value {
    pull_body(&View { shown: view.shown.min(Shown::Policies), ..view.clone() })
}

/// One document of the pull, with the name its file contents are headed with.
#[must_use]
pub fn document(view: &View<'_>, document_id: &str) -> Option<Value> {
    let pull = pull_body(view);
    pull["documents"].as_array()?.iter().find(|document| document["document_id"] == document_id).cloned()
}

/// What is known before the carrier answered, with empty lists.
fn frame(view: &View<'_>, account: &Account, template: &Value) -> Value {
    let mut pull = json!({
        "pull_id": view.pull_id,
        "status": view.status,
        "account_identifier": view.account_identifier,
        "insurance_provider_name": view.carrier,
        "insurance_provider_friendly_name": carriers::friendly_name(view.carrier),
        "team_id": view.team_id,
        "widget_id": view.widget_id,
        "meta_data": view.meta_data,
        "is_archived": view.is_archived,
        "created_at": days::timestamp(view.created_ms),
        "public_alias": view.public_alias,
        "public_url": format!("{}/c/{}", view.origin, view.public_alias),
        "deleted_at": null,
        "encountered_mfa": view.encountered_mfa,
        "parent_pull_id": view.parent_pull_id,
        "policy_check_status": "NONE",
        "no_policies": false,
        "no_drivers": false,
        "no_documents": false,
        "no_claims": false,
        "no_loss_events": false,
        "type": if view.pull_type == "PULLING_DATA" { account.pull_type.unwrap_or("PULLING_DATA") } else { view.pull_type },
        "funnel": null,
    });
    for list in LISTS {
        pull[list] = json!([]);
    }
    for field in PERSON {
        pull[field] = if view.shown == Shown::Nothing { Value::Null } else { template[field].clone() };
    }
    pull
}

fn people(pull: &mut Value, account: &Account, template: &Value, today: &str) {
    let days = template["policies"][0]["effective_date"].as_str().and_then(|effective| days::between(effective, today)).map_or(0, |gap| gap - 100);
    let days = if account.static_dates { 0 } else { days };
    let mut take = |list: &str, wanted: bool| {
        if wanted {
            pull[list] = template[list].clone();
            shift(&mut pull[list], days);
        }
    };
    take("drivers", account.drivers);
    take("driving_records", account.driving_records);
    take("addresses", true);
    take("loss_events", account.claims);
    take("agents", !account.policies.is_empty());
    take("claims", account.claims);
    if account.policies.iter().any(|(_, twist)| *twist == policies::Twist::Texas) {
        each_address(&mut pull["addresses"], &mut |address| {
            address["city"] = json!("Austin");
            address["state"] = json!("TX");
            address["zip"] = json!("78701");
            address["full_address"] = json!("344 Clinton St, Austin, TX, 78701");
        });
    }
    let held: Vec<Value> = pull["policies"].as_array().into_iter().flatten().map(|policy| policy["policy_id"].clone()).collect();
    // Claims, losses and agents speak of the policies of the example: keep what this account has.
    for list in ["claims", "loss_events"] {
        if let Some(rows) = pull[list].as_array_mut() {
            rows.retain(|row| held.contains(&row["policy_id"]));
        }
    }
    for agent in pull["agents"].as_array_mut().into_iter().flatten() {
        agent["policy_ids"] = json!(held);
    }
    if account.answers {
        pull["answers"] = answers();
    }
}

fn answers() -> Value {
    let field = |label: &str, kind: &str, value: Value| {
        json!({
            "consumer_flow_section_field_id": ids::derived_uuid(&["field", label]),
            "label": label,
            "meta": {},
            "type": kind,
            "value": value,
        })
    };
    json!([{
        "consumer_flow_section_id": ids::derived_uuid(&["section", "about you"]),
        "fields": [
            field("Years at this address", "NUMBER", json!(4)),
            field("Do you own a dog?", "BOOLEAN", json!(false)),
            field("Anything else we should know?", "TEXT", json!("I fly to work.")),
            field("Wanted start of cover", "DATE", Value::Null),
        ],
    }])
}

/// Makes every id the pull's own, keeping which refers to which, and adds the links made of ids.
fn own_ids(pull: &mut Value, view: &View<'_>) {
    for list in LISTS {
        each_id(&mut pull[list], &mut |field, id| match field {
            "pull_id" => view.pull_id.to_owned(),
            _ => ids::derived_uuid(&[view.pull_id, id]),
        });
    }
    for document in pull["documents"].as_array_mut().into_iter().flatten() {
        let id = document["document_id"].as_str().unwrap_or_default();
        let url = format!("{}{}/teams/{}/pulls/{}/documents/{id}", view.origin, crate::contract::BASE, view.team_id, view.pull_id);
        document["download_url"] = json!(url);
    }
}

fn push(pull: &mut Value, list: &str, row: Value) {
    if let Some(rows) = pull[list].as_array_mut() {
        rows.push(row);
    }
}

/// Calls `change` with the field name and text of every id inside `value`.
pub(super) fn each_id(value: &mut Value, change: &mut impl FnMut(&str, &str) -> String) {
    fn walk(field: &str, value: &mut Value, change: &mut impl FnMut(&str, &str) -> String) {
        match value {
            Value::String(text) if ids::is_uuid(text) => *text = change(field, text),
            Value::Array(rows) => rows.iter_mut().for_each(|row| walk(field, row, change)),
            Value::Object(fields) => fields.iter_mut().for_each(|(name, inner)| walk(name, inner, change)),
            _ => {}
        }
    }
    walk("", value, change);
}

/// Calls `change` with every address inside `value` at which the household itself lives.
pub(super) fn each_address(value: &mut Value, change: &mut impl FnMut(&mut Value)) {
    if value["address_id"].is_string() && value["full_address"].is_string() {
        if matches!(value["address_nature"].as_str(), Some("MAILING" | "PHYSICAL")) {
            change(value);
        }
        return;
    }
    match value {
        Value::Array(rows) => rows.iter_mut().for_each(|row| each_address(row, change)),
        Value::Object(fields) => fields.values_mut().for_each(|inner| each_address(inner, change)),
        _ => {}
    }
}

/// Moves every timestamp inside `value` by whole days.
pub(super) fn shift(value: &mut Value, by_days: i64) {
    match value {
        Value::String(text) if text.len() == 24 && text.ends_with('Z') => *text = days::shifted(text, by_days),
        Value::Array(rows) => rows.iter_mut().for_each(|row| shift(row, by_days)),
        Value::Object(fields) => fields.values_mut().for_each(|inner| shift(inner, by_days)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::logins::{self, Outcome};

    fn view(username: &str, meta_data: &'static Value) -> Value {
        view_as(username, "0e2a5a3e-5ca1-4f1a-9d5e-1f6a7b8c9d0e", false, Shown::Everything, meta_data)
    }

    fn view_as(username: &str, pull_id: &str, later: bool, shown: Shown, meta_data: &'static Value) -> Value {
        pull_body(&View {
            pull_id,
            account_identifier: Some("account"),
            created_ms: 1_790_000_000_000,
            as_of_ms: 1_790_000_000_000,
            username,
            later,
            carrier: "statefarm",
            team_id: "00000000-0000-4000-8000-000000000001",
            widget_id: "00000000-0000-4000-8000-000000000002",
            public_alias: "demo",
            meta_data,
            status: "SUCCESS",
            pull_type: "PULLING_DATA",
            parent_pull_id: None,
            is_archived: false,
            encountered_mfa: false,
            shown,
            origin: "http://127.0.0.1:8788",
        })
    }

    fn types(pull: &Value) -> Vec<&str> {
        pull["policies"].as_array().unwrap().iter().map(|policy| policy["policy_type"].as_str().unwrap()).collect()
    }

    #[test]
    fn every_login_that_can_sign_in_has_a_body_of_its_own() {
        for login in logins::all().iter().filter(|login| login.outcome == Outcome::Success) {
            let pull = view(&login.username, &Value::Null);
            let without = login.username.contains("no_policies") || login.username.contains("consumer_only");
            assert_eq!(types(&pull).is_empty(), without, "{}", login.username);
            assert_eq!(pull["no_policies"], without, "{}", login.username);
            let ids: Vec<&Value> = pull["policies"].as_array().unwrap().iter().map(|policy| &policy["policy_id"]).collect();
            for (index, id) in ids.iter().enumerate() {
                assert!(!ids[..index].contains(id), "{} has a policy id twice", login.username);
            }
            for document in pull["documents"].as_array().unwrap() {
                assert!(ids.contains(&&document["policy_id"]), "{}: a document of no policy", login.username);
            }
            for claim in pull["claims"].as_array().unwrap() {
                assert!(ids.contains(&&claim["policy_id"]), "{}: a claim on no policy", login.username);
            }
            assert_eq!(pull, view(&login.username, &Value::Null), "the same view gives the same body");
        }
    }

    #[test]
    fn descriptions_of_the_list_are_kept() {
        let null = &Value::Null;
        assert_eq!(types(&view("user_good", null)), ["AUTO", "HOMEOWNERS"]);
        assert_eq!(types(&view("user_good_flood_only", null)), ["FLOOD"]);
        assert_eq!(types(&view("user_standard", null)), ["AUTO", "HOMEOWNERS", "UMBRELLA", "RECREATIONAL_VEHICLE", "FLOOD"]);
        assert_eq!(types(&view("user_good_life", null)), ["TERM_LIFE", "WHOLE_LIFE"]);
        let premium = |pull: &Value| pull["policies"][1]["dwellings"][0]["coverages"][0]["premium_cents"].as_i64().unwrap();
        assert_eq!(premium(&view("user_good_expensive", null)), premium(&view("user_good", null)) * 245 / 100);
        let today = days::timestamp(1_790_000_000_000);
        for (username, left) in [("user_good_flood_expiring", 15), ("user_good_flood_expired", -15)] {
            for policy in view(username, null)["policies"].as_array().unwrap() {
                assert_eq!(days::between(&today, policy["expiry_date"].as_str().unwrap()), Some(left), "{username}");
            }
        }
        let mortgagees = |later| view_as("user_good_discover", "p", later, Shown::Everything, null)["policies"][0]["dwellings"][0]["mortgagees"].clone();
        assert!(mortgagees(false).is_null());
        assert!(mortgagees(true).is_array());
        let texan = view("user_good_tx", null);
        assert!(texan["claims"].as_array().unwrap().is_empty() && texan["driving_records"].as_array().unwrap().is_empty());
        assert_eq!(texan["policies"][1]["dwellings"][0]["address"]["state"], "TX");
        let second = |username: &str| view(username, null)["policies"][1]["status"].clone();
        assert_eq!((second("user_good_complete"), second("user_good_complete_active")), (json!("CANCELLED"), json!("ACTIVE")));
    }

    #[test]
    fn two_pulls_of_one_login_share_no_id() {
        let one = view_as("user_good", "one", false, Shown::Everything, &Value::Null);
        let other = view_as("user_good", "other", false, Shown::Everything, &Value::Null);
        assert_ne!(one["policies"][0]["policy_id"], other["policies"][0]["policy_id"]);
        assert_ne!(one["documents"][0]["document_id"], other["documents"][0]["document_id"]);
        assert_eq!(one["policies"][0]["carrier_policy_number"], other["policies"][0]["carrier_policy_number"]);
        let numbers = |pull_id| view_as("user_random_policy_number", pull_id, false, Shown::Everything, &Value::Null)["policies"][0]["carrier_policy_number"].clone();
        assert_ne!(numbers("one"), numbers("other"));
    }

    #[test]
    fn documents_appear_last() {
        assert!(types(&view_as("user_good", "p", false, Shown::Nothing, &Value::Null)).is_empty());
        let early = view_as("user_good", "p", false, Shown::Policies, &Value::Null);
        assert_eq!((types(&early).len(), early["documents"].as_array().unwrap().len(), &early["no_documents"]), (2, 0, &json!(false)));
    }
}
