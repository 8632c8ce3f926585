//! How changes are said, and what is left out of them.

use serde_json::{Value, json};

use super::{
    changes, edited,
    edits::{self, COMMERCIAL, PERSONAL},
    expected, pulls, sorted,
};
use crate::redact::Redact;

/// What the published pulls say of persons.
const PERSONAL_DATA: &[&str] = &[
    "Clark",
    "Lois",
    "Kent",
    "Lane",
    "Perry",
    "Olsen",
    "1987",
    "Clinton",
    "620",
    "AU192837",
    "HO132483",
    "1G1FK1R6",
    "123456789",
    "SUP1234017",
    "888555",
    "theplanet",
    "example.com",
    "11231",
    "02192",
];

fn all_with(redact: Redact, mut look: impl FnMut(&str, Value)) {
    for edit in edits::all() {
        let pull = &pulls()[edit.pull];
        let changes = changes(pull, &edited(pull, &[&edit]), redact);
        assert_eq!(sorted(&changes), expected(&[&edit]), "{}", edit.place);
        for change in &changes.changes {
            look(&change.sentence, serde_json::to_value(change).unwrap());
        }
    }
}

#[test]
fn no_sentence_tells_who_somebody_is() {
    all_with(Redact::Nothing, |sentence, _| {
        assert!(PERSONAL_DATA.iter().all(|word| !sentence.contains(word)), "{sentence}");
        assert!(
            sentence.ends_with('.') && sentence.starts_with(|letter: char| letter.is_uppercase()),
            "{sentence}"
        );
        if std::env::var("SHOW").is_ok() {
            println!("{sentence}");
        }
    });
}

#[test]
fn what_is_left_out_stands_in_no_change_and_is_one_still() {
    let names = ["Clark", "Lois", "Perry", "Clinton", "888555", "theplanet", "example.com", "1987"];
    let ids = ["AU192837", "HO132483", "1G1FK1R62", "123456789", "SUP1234017", "02192"];
    for (redact, words) in [
        (Redact::Contact, names.to_vec()),
        (Redact::Ids, ids.to_vec()),
        (Redact::All, [names.as_slice(), ids.as_slice()].concat()),
    ] {
        all_with(redact, |_, change| {
            let text = change.to_string();
            assert!(words.iter().all(|word| !text.contains(word)), "{redact:?} {text}");
        });
    }
}

#[test]
fn a_change_says_what_it_is_where_and_from_what_to_what() {
    let pull = &pulls()[PERSONAL];
    let mut after = pull.clone();
    after["policies"][1]["vehicles"][0]["coverages"][0]["deductible_cents"] = json!(100_000);
    let changes = changes(pull, &after, Redact::Nothing);
    let expected = json!({
        "changes": [{
            "change": "deductible_changed",
            "part": "coverages",
            "policy_id": pull["policies"][1]["policy_id"],
            "row_id": pull["policies"][1]["vehicles"][0]["coverages"][0]["vehicle_coverage_id"],
            "column": "deductible_cents",
            "before": 50_000,
            "after": 100_000,
            "sentence": "Collision deductible of the 2018 Chevrolet Camaro went from $500 to $1,000.",
            "source_before": "/pull/policies/1/vehicles/0/coverages/0",
            "source_after": "/pull/policies/1/vehicles/0/coverages/0",
        }],
        "changes_more": 0,
    });
    assert_eq!(serde_json::to_value(&changes).unwrap(), expected);
}

#[test]
fn sentences_read_well() {
    let car = "/policies/1/vehicles/0";
    let sentences = |pull: usize, place: &str, members: Value| -> Vec<String> {
        let before = &pulls()[pull];
        let mut after = before.clone();
        for (name, value) in members.as_object().unwrap() {
            after.pointer_mut(place).unwrap()[name] = value.clone();
        }
        changes(before, &after, Redact::Nothing).changes.into_iter().map(|change| change.sentence).collect()
    };
    for (place, members, expected) in [
        (
            "/policies/1",
            json!({"total_premium_cents": 52_000}),
            "The total premium of the statefarm auto policy went from $507.81 to $520.",
        ),
        (
            "/policies/1",
            json!({"total_premium_cents": null}),
            "The total premium of the statefarm auto policy was $507.81, and is no longer given.",
        ),
        (
            "/policies/2",
            json!({"status": "PENDING_CANCELLATION"}),
            "The status of the State Farm term life policy went from active to pending cancellation.",
        ),
        (
            "/policies/2",
            json!({"canceled_date": "2026-01-31"}),
            "The cancellation date of the State Farm term life policy is 2026-01-31, and was not given before.",
        ),
        ("/policies/1", json!({"paid_in_full": true}), "The statefarm auto policy is paid in full."),
        (
            "/policies/1",
            json!({"effective_date": "2023-06-13", "expiry_date": "2023-12-13"}),
            "The statefarm auto policy was renewed: it runs from 2023-06-13 to 2023-12-13, and ran from 2022-12-13 to 2023-06-13.",
        ),
        (
            car,
            json!({"is_removed": true}),
            "The 2018 Chevrolet Camaro was removed from the statefarm auto policy.",
        ),
        (
            car,
            json!({"annual_mileage": 9_000}),
            "The annual mileage of the 2018 Chevrolet Camaro is 9000, and was not given before.",
        ),
        (
            "/policies/1/vehicles/0/coverages/0",
            json!({"is_declined": true}),
            "Collision of the 2018 Chevrolet Camaro is declined.",
        ),
        (
            "/policies/1/vehicles/0/coverages/2",
            json!({"per_person_limit_cents": 1_000_000_000}),
            "Bodily injury liability limit per person of the 2018 Chevrolet Camaro went from $100,000 to $10,000,000.",
        ),
        (
            "/policies/1/vehicles/0/drivers/0",
            json!({"is_excluded": true}),
            "A driver of the 2018 Chevrolet Camaro is excluded.",
        ),
        (
            "/policies/0/dwellings/0/address",
            json!({"number": "1"}),
            "The address of the dwelling of the statefarm homeowners policy changed.",
        ),
        (
            "/policies/0/dwellings/0/property_data",
            json!({"has_pool": true}),
            "The dwelling of the statefarm homeowners policy is recorded with a pool.",
        ),
        (
            "/policies/0/dwellings/0",
            json!({"extended_replacement_cost_percent": 25}),
            "The extended replacement cost of the dwelling of the statefarm homeowners policy went from 50% to 25%.",
        ),
        (
            "/drivers/0",
            json!({"marital_status": "MARRIED"}),
            "The marital status of a driver went from single to married.",
        ),
        ("/claims/0", json!({"status": "CLOSED"}), "A claim of the statefarm homeowners policy was closed."),
        ("/addresses/0", json!({"number": "1"}), "An address of the account changed."),
        ("", json!({"mobile_phone": "1"}), "The mobile phone of the contact changed."),
    ] {
        assert_eq!(sentences(PERSONAL, place, members), [expected]);
    }
    let coverage = "/policies/1/locations/0/coverages/2";
    let expected = "General aggregate limit per term of a location of the statefarm business owners policy went from \
                    $1,000,000 to $2,000,000.";
    assert_eq!(sentences(COMMERCIAL, coverage, json!({"per_term_limit_cents": 200_000_000})), [expected]);
}
