//! A pull's body as `GET /teams/{teamId}/pulls/{pullId}` answers it.

use serde_json::{Value, json};

use super::{
    accounts::{Account, account},
    particulars,
    policies::{self, Days, Place},
    published,
    twists::Twist,
    walk::{each_address, each_id, shift},
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
    /// Day the account's dates stand around; at a refresh an earlier one than the day of creation.
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
    "first_name",
    "middle_name",
    "last_name",
    "email",
    "account_email",
    "phone",
    "mobile_phone",
    "home_phone",
    "work_phone",
    "work_phone_extension",
    "skipped_product_types",
];
const LISTS: [&str; 9] = [
    "policies",
    "drivers",
    "documents",
    "addresses",
    "claims",
    "driving_records",
    "loss_events",
    "agents",
    "answers",
];

/// The whole pull, as far as it is shown. The same view gives the same bytes.
#[must_use]
pub fn pull_body(view: &View<'_>) -> Value {
    let account = account(view.username, view.later);
    let commercial = account.policies.iter().any(|(kind, _)| !kind.is_personal());
    let mut pull =
        frame(view, &account, if commercial { published::commercial() } else { published::personal() });
    if view.shown == Shown::Nothing {
        return pull;
    }
    let template = if commercial { published::commercial() } else { published::personal() };
    let mut documents = Vec::new();
    let today = days::timestamp(view.as_of_ms);
    for (index, (kind, twist)) in account.policies.iter().enumerate() {
        let repeat = account.policies[..index].iter().filter(|(other, _)| other == kind).count();
        let number = account.random_policy_numbers.then(|| {
            format!(
                "{:09}",
                ids::derived_number(&[view.pull_id, "number", &index.to_string()], 1_000_000_000)
            )
        });
        let place = Place {
            days: (!account.static_dates)
                .then(|| Days { around: today.clone(), pulled: days::timestamp(view.created_ms) }),
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
    pull["documents"] = Value::Array(documents);
    particulars::apply(&mut pull, view.username, &today);
    if view.shown < Shown::Everything {
        pull["documents"] = json!([]);
    }
    for (flag, list) in [
        ("no_policies", "policies"),
        ("no_drivers", "drivers"),
        ("no_claims", "claims"),
        ("no_loss_events", "loss_events"),
    ] {
        pull[flag] = json!(pull[list].as_array().is_none_or(Vec::is_empty));
    }
    pull["no_documents"] =
        json!(view.shown == Shown::Everything && pull["documents"].as_array().is_none_or(Vec::is_empty));
    own_ids(&mut pull, view);
    pull
}

/// What is known before the carrier answered, with empty lists.
fn frame(view: &View<'_>, account: &Account, template: &Value) -> Value {
    let meta_data = match view.meta_data {
        Value::Object(members) if account.meta_data_as_text => json!(json!(members).to_string()),
        given => given.clone(),
    };
    let mut pull = json!({
        "pull_id": view.pull_id,
        "status": view.status,
        "account_identifier": view.account_identifier,
        "insurance_provider_name": view.carrier,
        "insurance_provider_friendly_name": carriers::friendly_name(view.carrier),
        "team_id": view.team_id,
        "widget_id": view.widget_id,
        "meta_data": meta_data,
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
    let days = template["policies"][0]["effective_date"]
        .as_str()
        .and_then(|effective| days::between(effective, today))
        .map_or(0, |gap| gap - 100);
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
    if account.policies.iter().any(|(_, twist)| *twist == Twist::Texas) {
        each_address(&mut pull["addresses"], &mut |address| {
            address["city"] = json!("Austin");
            address["state"] = json!("TX");
            address["zip"] = json!("78701");
            address["full_address"] = json!("344 Clinton St, Austin, TX, 78701");
        });
    }
    let held: Vec<Value> =
        pull["policies"].as_array().into_iter().flatten().map(|policy| policy["policy_id"].clone()).collect();
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
        let url = format!(
            "{}{}/teams/{}/pulls/{}/documents/{id}",
            view.origin,
            crate::contract::BASE,
            view.team_id,
            view.pull_id
        );
        document["download_url"] = json!(url);
    }
}

fn push(pull: &mut Value, list: &str, row: Value) {
    if let Some(rows) = pull[list].as_array_mut() {
        rows.push(row);
    }
}
