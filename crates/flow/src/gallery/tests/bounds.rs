//! Who has much, and of whom nothing is known.

use serde_json::json;

use super::{
    flows::flows,
    household::{complete, intake, large, of_a_business},
    play::Stage,
};
use crate::{
    definition::{Subject, Trigger},
    run::World,
};

/// What expressions may work is bounded: who has much is still within it.
#[test]
fn a_business_and_a_large_household_are_within_the_bounds() {
    let (business, large) = (of_a_business(), large(5));
    assert_eq!(large["policies"].as_array().map(Vec::len), Some(15));
    for (name, flow) in [
        ("chat-summary", "summarize"),
        ("crm-contact", "contact"),
        ("summary-pdf", "summary"),
        ("webhook-action", "act"),
    ] {
        for intake in [&business, &large] {
            let world = World { intake: Some(intake.clone()), ..complete() };
            assert!(!Stage::of(name).ends_well(flow, &world).calls.is_empty(), "{name}");
        }
    }
}

/// Nothing is known of the pull but its id, or of the household but that there is none.
#[test]
fn what_is_absent_fails_nothing() {
    let bare = json!({
        "intake": 1, "contact": null, "policies": [{ "policy_id": "p", "policy_type": null, "carrier_friendly_name": null, "carrier_name": null,
            "status": null, "effective_date": null, "expiry_date": null, "term_months": null, "total_premium_cents": null }],
        "coverages": [], "vehicles": [], "documents": [], "gaps": [],
    });
    let mut nothing = intake();
    for part in nothing.as_object_mut().unwrap().values_mut().filter(|part| part.is_array()) {
        *part = json!([]);
    }
    for (name, flow, world) in flows() {
        let stage = Stage::of(name).full();
        for intake in [None, Some(bare.clone()), Some(nothing.clone())] {
            if matches!(stage.group.flows[flow].trigger, Trigger::Event { .. }) {
                assert_eq!(stage.group.flows[flow].trigger.subject(), Subject::Pull);
                stage.starts(flow, &World { intake: intake.clone(), ..world.clone() });
            }
            stage.ends_well(flow, &World { intake, ..world.clone() });
        }
    }
}
