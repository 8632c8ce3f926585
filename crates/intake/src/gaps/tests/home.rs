use std::slice;

use serde_json::{Value, json};

use super::{OPEN, UNKNOWN, auto, found, gaps_on, home, limits, policy, pull, put, state};
use crate::gaps::Thresholds;

const BELOW: &str = "dwelling_below_replacement_cost";

fn dwelling(limit: i64, with: Value) -> Value {
    let mut dwelling = json!({"coverages": [limits("DWELLING", None, Some(limit))]});
    put(&mut dwelling, with);
    pull(&[home(dwelling)])
}

#[test]
fn a_dwelling_is_measured_by_what_it_costs_to_rebuild() {
    let cost = json!({"replacement_cost_cents": 50_000_000});
    assert_eq!(state(BELOW, &dwelling(499, cost.clone())), OPEN);
    assert_eq!(state(BELOW, &dwelling(500, cost.clone())), None);
    let extended =
        |percent| json!({"replacement_cost_cents": 50_000_000, "extended_replacement_cost_percent": percent});
    assert_eq!(state(BELOW, &dwelling(400, extended(25))), None);
    assert_eq!(state(BELOW, &dwelling(399, extended(25))), OPEN);
    let says = found(BELOW, &dwelling(300, extended(50)))[0].because.clone();
    assert_eq!(
        says,
        "Acme homeowners policy: the dwelling is insured for $450,000 ($300,000 with 50% more), below its replacement \
         cost of $500,000."
    );
    let full = json!({
        "replacement_cost_cents": 50_000_000,
        "coverages": [limits("DWELLING", None, Some(100)), {"name": "REPLACEMENT_COST_FULL_VALUE"}],
    });
    assert_eq!(state(BELOW, &dwelling(100, full)), None);
    let mut condo =
        home(json!({"replacement_cost_cents": 50_000_000, "coverages": [limits("DWELLING", None, Some(1))]}));
    put(&mut condo, json!({"policy_type": "CONDO"}));
    assert_eq!(state(BELOW, &pull(&[condo])), None);
    let gaps = gaps_on(
        &dwelling(400, cost),
        "2026-01-01",
        &Thresholds { dwelling_insured_percent: 80, ..Thresholds::default() },
    );
    assert!(gaps.iter().all(|gap| gap.rule != BELOW));
}

#[test]
fn a_cost_that_is_not_known_or_derived_measures_nothing() {
    assert_eq!(state(BELOW, &dwelling(100, json!({}))), UNKNOWN);
    assert_eq!(state(BELOW, &dwelling(100, json!({"replacement_cost_cents": 0}))), UNKNOWN);
    let derived = json!({"replacement_cost_cents": 50_000_000, "is_replacement_cost_cents_derived": true});
    assert_eq!(state(BELOW, &dwelling(100, derived)), UNKNOWN);
    assert_eq!(state(BELOW, &dwelling(100, json!({"coverages": [], "replacement_cost_cents": 1}))), UNKNOWN);
    assert_eq!(state(BELOW, &pull(&[policy("h", "HOMEOWNERS", json!({}))])), UNKNOWN);
    let huge = json!({"replacement_cost_cents": 9_007_199_254_740_992_i64, "extended_replacement_cost_percent": 9_007_199_254_740_992_i64});
    assert_eq!(state(BELOW, &dwelling(1, huge)), OPEN);
}

#[test]
fn flood_and_earthquake_cover_count_as_coverage_endorsement_or_policy() {
    for (rule, peril) in [("no_flood_cover", "FLOOD"), ("no_earthquake_cover", "EARTHQUAKE")] {
        let base = home(json!({"coverages": [limits("DWELLING", None, Some(500))]}));
        assert_eq!(state(rule, &pull(slice::from_ref(&base))), OPEN);
        assert_eq!(state(rule, &pull(&[base.clone(), policy("x", peril, json!({}))])), None);
        let gone = policy("x", peril, json!({"status": "CANCELLED"}));
        let over = found(rule, &pull(&[base.clone(), gone]));
        assert!(over[0].because.ends_with("policy is over."), "{over:#?}");
        let later =
            policy("x", peril, json!({"effective_date": "2026-02-01", "status": "PENDING_ACTIVATION"}));
        assert_eq!(state(rule, &pull(&[base.clone(), later])), None, "it is taken care of");
        let of = |coverage: Value| pull(&[home(json!({"coverages": [coverage]}))]);
        assert_eq!(state(rule, &of(json!({"name": peril}))), None);
        assert_eq!(state(rule, &of(json!({"name": peril, "is_declined": true}))), OPEN);
        for (is_exclusion, expected) in [(false, None), (true, OPEN)] {
            let kind = format!("{peril}_COVERAGE");
            let form = json!({"endorsement_type": kind, "is_exclusion_endorsement": is_exclusion});
            let mut endorsed = base.clone();
            put(&mut endorsed, json!({"forms_and_endorsements": [form]}));
            assert_eq!(state(rule, &pull(&[endorsed])), expected);
        }
        assert_eq!(state(rule, &pull(&[home(json!({}))])), UNKNOWN);
        assert_eq!(state(rule, &pull(&[policy("h", "CONDO", json!({}))])), UNKNOWN);
        let mut partial = pull(&[base]);
        put(&mut partial, json!({"status": "INCOMPLETE"}));
        assert_eq!(state(rule, &partial), UNKNOWN);
        assert_eq!(
            state(rule, &pull(&[policy("r", "RENTERS", json!({"dwellings": [{"dwelling_id": "d"}]}))])),
            None
        );
    }
}

#[test]
fn home_and_auto_want_an_umbrella() {
    let rule = "no_umbrella";
    let both = [home(json!({})), auto(json!([]))];
    let with = |policy: Value| pull(&[both[0].clone(), both[1].clone(), policy]);
    assert_eq!(state(rule, &pull(&both)), OPEN);
    assert_eq!(state(rule, &pull(&both[..1])), None);
    assert_eq!(state(rule, &pull(&both[1..])), None);
    assert_eq!(state(rule, &with(policy("u", "UMBRELLA", json!({})))), None);
    assert_eq!(state(rule, &with(policy("u", "UMBRELLA", json!({"status": "EXPIRED"})))), OPEN);
    assert_eq!(state(rule, &with(policy("u", "UMBRELLA", json!({"effective_date": "2026-02-01"})))), None);
    let never = json!({"effective_date": "2026-02-01", "canceled_date": "2025-12-20"});
    assert_eq!(state(rule, &with(policy("u", "UMBRELLA", never))), OPEN);
    let mut no_type = policy("x", "UMBRELLA", json!({}));
    put(&mut no_type, json!({"policy_type": null}));
    assert_eq!(state(rule, &with(no_type)), UNKNOWN);
    let mut partial = pull(&both);
    put(&mut partial, json!({"skipped_product_types": ["personal"]}));
    assert_eq!(state(rule, &partial), UNKNOWN);
}

#[test]
fn personal_liability_is_measured_where_an_umbrella_lies_upon_it() {
    let rule = "home_liability_below_umbrella";
    let of = |coverages: Value| home(json!({ "coverages": coverages }));
    let with = |policy: Value| pull(&[policy, self::policy("u", "UMBRELLA", json!({}))]);
    assert_eq!(state(rule, &with(of(json!([limits("PERSONAL_LIABILITY", None, Some(100))])))), OPEN);
    assert_eq!(state(rule, &with(of(json!([limits("FAMILY_LIABILITY_PROTECTION", None, Some(300))])))), None);
    assert_eq!(state(rule, &with(of(json!([{"name": "PERSONAL_LIABILITY", "is_declined": true}])))), OPEN);
    assert_eq!(state(rule, &with(of(json!([{"name": "PERSONAL_LIABILITY"}])))), UNKNOWN);
    assert_eq!(state(rule, &with(of(json!([])))), UNKNOWN);
    assert_eq!(state(rule, &with(policy("r", "RENTERS", json!({})))), UNKNOWN);
    assert_eq!(state(rule, &pull(&[of(json!([limits("PERSONAL_LIABILITY", None, Some(100))]))])), None);
}

#[test]
fn a_mortgagee_is_missed_where_the_home_is_financed() {
    let rule = "mortgagee_missing";
    let of = |dwelling: Value| pull(&[home(dwelling)]);
    let amount = json!({"property_data": {"first_mortgage_amount_cents": 30_000_000}});
    assert_eq!(state(rule, &of(amount.clone())), OPEN);
    assert!(found(rule, &of(amount.clone()))[0].because.contains("$300,000"));
    let lender = of(json!({"property_data": {"first_mortgage_lender": "Bank of Metropolis"}}));
    assert_eq!(state(rule, &lender), OPEN);
    assert!(!found(rule, &lender)[0].because.contains("Metropolis"));
    let mut named = amount;
    put(&mut named, json!({"mortgagees": [{"mortgagee_id": "m", "mortgagee_name": "Bank"}]}));
    assert_eq!(state(rule, &of(named)), None);
    assert_eq!(state(rule, &of(json!({"mortgagee_name": "Bank"}))), None);
    assert_eq!(state(rule, &of(json!({"property_data": {"first_mortgage_amount_cents": 0}}))), None);
    assert_eq!(state(rule, &of(json!({}))), UNKNOWN);
    let rented = policy("l", "LANDLORD", json!({"dwellings": [{"dwelling_id": "d"}]}));
    assert_eq!(state(rule, &pull(&[rented])), None);
}
