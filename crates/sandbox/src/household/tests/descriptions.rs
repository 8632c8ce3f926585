//! What the published list says of each login, held against its pull.

use serde_json::{Value, json};

use super::{super::Shown, view, view_as};
use crate::{
    days,
    logins::{self, Outcome},
};

fn types(pull: &Value) -> Vec<&str> {
    pull["policies"]
        .as_array()
        .unwrap()
        .iter()
        .map(|policy| policy["policy_type"].as_str().unwrap())
        .collect()
}

#[test]
fn every_login_that_can_sign_in_has_a_body_of_its_own() {
    for login in logins::all().iter().filter(|login| login.outcome == Outcome::Success) {
        let pull = view(&login.username, &Value::Null);
        let without = login.username.contains("no_policies") || login.username.contains("consumer_only");
        assert_eq!(types(&pull).is_empty(), without, "{}", login.username);
        assert_eq!(pull["no_policies"], without, "{}", login.username);
        let ids: Vec<&Value> =
            pull["policies"].as_array().unwrap().iter().map(|policy| &policy["policy_id"]).collect();
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
    assert_eq!(
        types(&view("user_standard", null)),
        ["AUTO", "HOMEOWNERS", "UMBRELLA", "RECREATIONAL_VEHICLE", "FLOOD"]
    );
    assert_eq!(types(&view("user_good_life", null)), ["TERM_LIFE", "WHOLE_LIFE"]);
    let premium =
        |pull: &Value| pull["policies"][1]["dwellings"][0]["coverages"][0]["premium_cents"].as_i64().unwrap();
    assert_eq!(premium(&view("user_good_expensive", null)), premium(&view("user_good", null)) * 245 / 100);
    let today = days::timestamp(1_790_000_000_000);
    for (username, left) in [("user_good_flood_expiring", 15), ("user_good_flood_expired", -15)] {
        for policy in view(username, null)["policies"].as_array().unwrap() {
            assert_eq!(
                days::between(&today, policy["expiry_date"].as_str().unwrap()),
                Some(left),
                "{username}"
            );
        }
    }
    let mortgagees = |later| {
        view_as("user_good_discover", "p", later, Shown::Everything, null)["policies"][0]["dwellings"][0]
            ["mortgagees"]
            .clone()
    };
    assert!(mortgagees(false).is_null());
    assert!(mortgagees(true).is_array());
    let texan = view("user_good_tx", null);
    assert!(
        texan["claims"].as_array().unwrap().is_empty()
            && texan["driving_records"].as_array().unwrap().is_empty()
    );
    assert_eq!(texan["policies"][1]["dwellings"][0]["address"]["state"], "TX");
    let second = |username: &str| view(username, null)["policies"][1]["status"].clone();
    assert_eq!(
        (second("user_good_complete"), second("user_good_complete_active")),
        (json!("CANCELLED"), json!("ACTIVE"))
    );
}

#[test]
fn two_pulls_of_one_login_share_no_id() {
    let one = view_as("user_good", "one", false, Shown::Everything, &Value::Null);
    let other = view_as("user_good", "other", false, Shown::Everything, &Value::Null);
    assert_ne!(one["policies"][0]["policy_id"], other["policies"][0]["policy_id"]);
    assert_ne!(one["documents"][0]["document_id"], other["documents"][0]["document_id"]);
    assert_eq!(one["policies"][0]["carrier_policy_number"], other["policies"][0]["carrier_policy_number"]);
    let numbers = |pull_id| {
        view_as("user_random_policy_number", pull_id, false, Shown::Everything, &Value::Null)["policies"]
            [0]["carrier_policy_number"]
            .clone()
    };
    assert_ne!(numbers("one"), numbers("other"));
}

#[test]
fn documents_appear_last() {
    assert!(types(&view_as("user_good", "p", false, Shown::Nothing, &Value::Null)).is_empty());
    let early = view_as("user_good", "p", false, Shown::Policies, &Value::Null);
    assert_eq!(
        (types(&early).len(), early["documents"].as_array().unwrap().len(), &early["no_documents"]),
        (2, 0, &json!(false))
    );
}
