//! What is hard to map, each found in the pull of the login that `docs/sandbox.md` names for it.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::view;
use crate::logins::{self, Outcome};

const PAGE: &str = include_str!("../../../../../docs/sandbox.md");

/// What a value is looked at for.
enum Found {
    /// It has this text.
    Text(&'static str),
    True,
    Null,
    /// It says something: neither null, nor empty.
    Something,
    /// The list has so many items or more.
    Items(usize),
}

use Found::{Items, Null, Something, Text, True};

/// Name, login and place. `*` in a place is each item of a list, and `TYPE` behind `policies` each policy of that type.
#[rustfmt::skip]
const FEATURES: [(&str, &str, &str, Found); 79] = [
    ("a removed vehicle", "user_good_complete", "policies/AUTO/vehicles/*/is_removed", True),
    ("premium groups", "user_good_complete", "policies/AUTO/premium_groups", Items(2)),
    ("premium groups", "user_good_complete", "policies/AUTO/vehicles/*/coverages/*/premium_group_id", Something),
    ("a boat with its trailer", "user_good_complete", "policies/BOAT/vehicles/*/hin", Something),
    ("a boat with its trailer", "user_good_complete", "policies/BOAT/vehicles/*/serial_number", Something),
    ("a motorcycle", "user_good_complete", "policies/MOTORCYCLE/vehicles", Items(1)),
    ("articles", "user_good_complete", "policies/PERSONAL_ARTICLES/dwellings/*/coverages", Items(3)),
    ("a cancelled policy", "user_good_complete", "policies/AUTO/canceled_date", Something),
    ("a cancelled policy", "user_good_complete", "policies/AUTO/status", Text("CANCELLED")),
    ("pending ones", "user_good_complete", "policies/BOAT/status", Text("PENDING_CANCELLATION")),
    ("pending ones", "user_good_complete", "policies/EARTHQUAKE/status", Text("PENDING_ACTIVATION")),
    ("one whose term is over", "user_good_complete", "policies/RENTERS/status", Text("EXPIRED")),
    ("one without a term", "user_good_complete", "policies/PERSONAL_ARTICLES/effective_date", Null),
    ("one without a term", "user_good_complete", "policies/PERSONAL_ARTICLES/expiry_date", Null),
    ("documents of many types", "user_good_complete", "documents/*/document_type", Text("NOTICE_OF_CANCELLATION")),
    ("documents of many types", "user_good_complete", "documents/*/document_type", Text("CANCELLATION")),
    ("documents of many types", "user_good_complete", "documents/*/document_type", Text("INSURANCE_BINDER")),
    ("documents of many types", "user_good_complete", "documents/*/document_type", Text("NONRENEWAL_NOTICE")),
    ("documents of many types", "user_good_complete", "documents/*/document_type", Null),
    ("claims", "user_good_complete", "claims", Items(2)),
    ("unlimited coverages", "user_good_auto_compliant", "policies/AUTO/vehicles/*/coverages/*/per_person_unlimited", True),
    ("unlimited coverages", "user_good_auto_compliant", "policies/AUTO/vehicles/*/coverages/*/per_incident_unlimited", True),
    ("stacked uninsured motorists", "user_good_auto_compliant", "policies/AUTO/vehicles/*/coverages/*/is_stacked", True),
    ("a limit per day", "user_good_auto_compliant", "policies/AUTO/vehicles/*/coverages/*/per_day_limit_cents", Something),
    ("a limit per day", "user_good_auto_compliant", "policies/AUTO/vehicles/*/coverages/*/max_days", Something),
    ("an excluded driver", "user_good_auto_noncompliant", "policies/AUTO/vehicles/*/drivers/*/is_excluded", True),
    ("actual cash value", "user_good_auto_noncompliant", "policies/AUTO/vehicles/*/coverages/*/actual_cash_value", True),
    ("declined coverages", "user_good_auto_noncompliant", "policies/AUTO/vehicles/*/coverages/*/is_declined", True),
    ("driving records, one of no driver", "user_good_auto_noncompliant", "driving_records/*/violation_type", Text("DRIVING_UNDER_INFLUENCE")),
    ("driving records, one of no driver", "user_good_auto_noncompliant", "driving_records/*/driver_id", Null),
    ("telematics", "user_good_rater", "policies/AUTO/is_telematics_enabled", True),
    ("a premium per mile", "user_good_rater", "policies/AUTO/vehicles/*/coverages/*/per_mile_premium_tenth_of_cents", Something),
    ("uses and mileage", "user_good_rater", "policies/AUTO/vehicles/*/uses", Items(2)),
    ("uses and mileage", "user_good_rater", "policies/AUTO/vehicles/*/annual_mileage", Something),
    ("policy forms", "user_good_rater", "policies/HOMEOWNERS/forms_and_endorsements", Items(2)),
    ("property data", "user_good_rater", "policies/HOMEOWNERS/dwellings/*/property_data/year_built", Something),
    ("an umbrella with limited access", "user_standard", "policies/UMBRELLA/limited_access", True),
    ("flood by another carrier", "user_standard", "policies/FLOOD/carrier_name", Text("foremost")),
    ("mortgagees of several ranks and of none", "user_good_landlord", "policies/LANDLORD/dwellings/*/mortgagees", Items(3)),
    ("mortgagees of several ranks and of none", "user_good_landlord", "policies/LANDLORD/dwellings/*/mortgagees/*/mortgagee_type", Text("SECOND")),
    ("mortgagees of several ranks and of none", "user_good_landlord", "policies/LANDLORD/dwellings/*/mortgagees/*/mortgagee_type", Null),
    ("additional interests", "user_good_landlord", "policies/LANDLORD/additional_interests", Items(3)),
    ("a loss settled at actual cash value", "user_good_landlord", "policies/LANDLORD/dwellings/*/loss_settlement_type", Text("ACTUAL_CASH_VALUE")),
    ("a limit in months, unlimited", "user_good_landlord", "policies/LANDLORD/dwellings/*/coverages/*/per_incident_limit_months", Something),
    ("a limit in months, unlimited", "user_good_landlord", "policies/LANDLORD/dwellings/*/coverages/*/per_incident_unlimited", True),
    ("percents as text and as numbers", "user_good_landlord", "policies/LANDLORD/dwellings/*/coverages/*/deductible_percent", Text("2.500")),
    ("a deductible in percent alone", "user_good_tx", "policies/HOMEOWNERS/dwellings/*/coverages/*/deductible_percent", Text("1.500")),
    ("declined coverages", "user_good_tx", "policies/HOMEOWNERS/dwellings/*/coverages/*/is_declined", True),
    ("an unlimited one", "user_good_tx", "policies/HOMEOWNERS/dwellings/*/coverages/*/per_person_unlimited", True),
    ("agents of single policies and of none", "user_good_agent", "agents", Items(3)),
    ("enums that are null", "user_good_partial_auto", "policies/AUTO/status", Null),
    ("enums that are null", "user_good_partial_auto", "drivers/*/gender", Null),
    ("enums that are null", "user_good_partial_auto", "claims/*/type", Null),
    ("a vehicle without VIN", "user_good_partial_auto", "policies/AUTO/vehicles/*/vin", Null),
    ("an empty birth date at the pull", "user_consumer_data", "date_of_birth_str", Text("")),
    ("answers", "user_consumer_data", "answers", Items(1)),
    ("beneficiaries of every type, shares in fractions", "user_good_life", "policies/TERM_LIFE/life/life_policy_beneficiaries", Items(4)),
    ("beneficiaries of every type, shares in fractions", "user_good_life", "policies/TERM_LIFE/life/life_policy_beneficiaries/*/type", Text("FINAL")),
    ("riders", "user_good_life", "policies/WHOLE_LIFE/life/life_policy_riders", Items(3)),
    ("cash value, loan and dividends", "user_good_life", "policies/WHOLE_LIFE/life/life_policy_details/*/total_loan_balance_cents", Something),
    ("life details as an object", "user_good_universal_life", "policies/UNIVERSAL_LIFE/life/life_policy_details/face_amount_cents", Something),
    ("a trust as owner", "user_good_universal_life", "policies/UNIVERSAL_LIFE/life/life_policy_details/policy_owner_last_name", Null),
    ("several locations", "user_good_commercial", "policies/BUSINESS_OWNERS/locations", Items(2)),
    ("several locations", "user_good_commercial", "policies/BUSINESS_OWNERS/locations/*/mortgagees/*/mortgagee_name", Something),
    ("limits per term, year, day and employee", "user_good_commercial", "policies/BUSINESS_OWNERS/locations/*/coverages/*/per_term_limit_cents", Something),
    ("limits per term, year, day and employee", "user_good_commercial", "policies/BUSINESS_OWNERS/locations/*/coverages/*/per_policy_year_limit_cents", Something),
    ("limits per term, year, day and employee", "user_good_commercial", "policies/BUSINESS_OWNERS/locations/*/coverages/*/per_day_limit_cents", Something),
    ("limits per term, year, day and employee", "user_good_commercial", "policies/WORKERS_COMPENSATION/locations/*/coverages/*/per_employee_limit_cents", Something),
    ("durations", "user_good_commercial", "policies/BUSINESS_OWNERS/locations/*/coverages/*/waiting_period_duration", Text("PT72H")),
    ("percents", "user_good_commercial", "policies/BUSINESS_OWNERS/locations/*/coverages/*/deductible_percent", Text("2.500")),
    ("operations with class codes", "user_good_commercial", "policies/WORKERS_COMPENSATION/locations/*/operations", Items(3)),
    ("operations with class codes", "user_good_commercial", "policies/WORKERS_COMPENSATION/locations/*/operations/*/class_code", Text("8810")),
    ("a second named insured", "user_good_commercial", "policies/BUSINESS_OWNERS/commercial_named_insureds", Items(2)),
    ("a cancelled policy", "user_good_commercial", "policies/GENERAL_LIABILITY/status", Text("CANCELLED")),
    ("a quote without an end", "user_good_commercial", "policies/COMMERCIAL_UMBRELLA/expiry_date", Null),
    ("loss runs and certificates", "user_good_commercial", "documents/*/document_type", Text("LOSS_RUN")),
    ("loss runs and certificates", "user_good_commercial", "documents/*/document_type", Text("VERIFICATION_OF_INSURANCE")),
    ("loss events", "user_good_commercial", "loss_events", Items(3)),
    ("motor cargo", "user_good_transportation", "policies/COMMERCIAL_AUTO/vehicles/*/coverages/*/name", Text("MOTOR_CARGO")),
];

/// Those that are about more than one value, each with a test of its own.
const OF_SEVERAL_VALUES: [(&str, &str); 5] = [
    ("policies of two carriers", "user_standard"),
    ("vehicles that repeat their addresses", "user_standard"),
    ("drivers who come twice", "user_consumer_data"),
    ("`meta_data` as text", "user_good_partial_auto"),
    ("a VIN with a wrong check digit", "user_good_transportation"),
];

fn pull_of(login: &str) -> Value {
    view(login, &Value::Null)
}

fn values<'a>(of: &'a Value, place: &str) -> Vec<&'a Value> {
    place.split('/').fold(vec![of], |values, step| {
        let items = |value: &'a Value| value.as_array().into_iter().flatten();
        match step {
            "*" => values.into_iter().flat_map(items).collect(),
            _ if step.starts_with(|first: char| first.is_ascii_uppercase()) => {
                values.into_iter().flat_map(items).filter(|policy| policy["policy_type"] == step).collect()
            }
            _ => values.into_iter().filter_map(|value| value.get(step)).collect(),
        }
    })
}

impl Found {
    fn is(&self, value: &Value) -> bool {
        match self {
            Text(text) => value == text,
            True => value == true,
            Null => value.is_null(),
            Something => !matches!(value, Value::Null | Value::Bool(_)) && value != "",
            Items(least) => value.as_array().is_some_and(|items| items.len() >= *least),
        }
    }
}

#[test]
fn each_feature_stands_in_the_pull_of_its_login() {
    for (name, login, place, found) in &FEATURES {
        let pull = pull_of(login);
        assert!(values(&pull, place).into_iter().any(|value| found.is(value)), "{login}, {name}: {place}");
    }
}

#[test]
fn the_page_names_each_feature_beside_its_login() {
    let (_, section) = PAGE.split_once("\n## What is hard to map\n").expect("the page has the section");
    let rows: Vec<&str> = section.lines().take_while(|line| !line.starts_with("## ")).collect();
    let of_one_value = FEATURES.iter().map(|(name, login, ..)| (*name, *login));
    for (name, login) in of_one_value.chain(OF_SEVERAL_VALUES) {
        let row = rows.iter().find(|row| row.ends_with(&format!("| `{login}` |")));
        let row = row.unwrap_or_else(|| panic!("no row of {login}"));
        assert!(row.contains(name), "{login}: {name}");
    }
}

#[test]
fn one_pull_holds_policies_of_two_carriers() {
    let pull = pull_of("user_standard");
    let carriers: BTreeSet<&str> =
        values(&pull, "policies/*/carrier_name").into_iter().filter_map(Value::as_str).collect();
    assert_eq!(carriers, BTreeSet::from(["foremost", "statefarm"]));
}

#[test]
fn vehicles_repeat_their_addresses_under_another_name() {
    let pull = pull_of("user_standard");
    let vehicle = values(&pull, "policies/AUTO/vehicles/*")[0];
    for (name, again) in
        [("garaging_address", "GaragingAddress"), ("lien_holder_address", "LienHolderAddress")]
    {
        assert!(vehicle[name].is_object() && vehicle[name] == vehicle[again], "{again}");
    }
    let vehicle = values(&pull, "policies/RECREATIONAL_VEHICLE/vehicles/*")[0];
    assert!(vehicle.get("garaging_address").is_none() && vehicle["GaragingAddress"].is_object());
}

#[test]
fn a_driver_comes_from_the_carrier_and_from_the_consumer() {
    let pull = pull_of("user_consumer_data");
    for list in ["drivers", "policies/AUTO/vehicles/*/drivers"] {
        let drivers = values(&pull, &format!("{list}/*"));
        let of_licence: Vec<&&Value> =
            drivers.iter().filter(|driver| driver["drivers_license"] == "SUP1234017").collect();
        assert_eq!(of_licence.len(), 2, "{list}");
        assert_ne!(of_licence[0]["driver_id"], of_licence[1]["driver_id"]);
        assert_ne!(of_licence[0]["first_name"], of_licence[1]["first_name"]);
    }
    let lois: Vec<&Value> =
        values(&pull, "drivers/*").into_iter().filter(|driver| driver["first_name"] == "Lois").collect();
    let born: BTreeSet<&str> =
        lois.iter().filter_map(|driver| driver["date_of_birth_str"].as_str()).collect();
    assert_eq!((lois.len(), born), (2, BTreeSet::from(["11/21/1988"])));
    assert!(lois.iter().any(|driver| driver["drivers_license"].is_null()));
    let ids = |place| values(&pull, place).into_iter().map(ToString::to_string).collect::<BTreeSet<_>>();
    let of_vehicle = ids("policies/AUTO/vehicles/*/drivers/*/driver_id");
    assert!(of_vehicle.is_subset(&ids("drivers/*/driver_id")), "a vehicle's drivers are among the pull's");
}

#[test]
fn meta_data_is_text_or_an_object() {
    let given: &'static Value = Box::leak(Box::new(json!({"lead": "L-1"})));
    assert_eq!(view("user_good_partial_auto", given)["meta_data"], r#"{"lead":"L-1"}"#);
    assert_eq!(view("user_good_landlord", given)["meta_data"], *given);
    assert!(pull_of("user_good_partial_auto")["meta_data"].is_null());
}

#[test]
fn premium_groups_name_coverages_of_their_policy() {
    let pull = pull_of("user_good_complete");
    for policy in values(&pull, "policies/AUTO") {
        let ids = values(policy, "vehicles/*/coverages/*/vehicle_coverage_id");
        let groups = values(policy, "premium_groups/*/vehicle_coverage_ids");
        for id in groups.iter().flat_map(|ids| ids.as_str()).flat_map(|ids| ids.split(',')) {
            assert!(ids.iter().any(|coverage| *coverage == id), "{id}");
        }
        let premiums = |place| values(policy, place).into_iter().filter_map(Value::as_i64).sum::<i64>();
        let parts =
            premiums("vehicles/*/coverages/*/premium_cents") + premiums("premium_groups/*/premium_cents");
        assert_eq!(policy["total_premium_cents"], parts);
    }
}

#[test]
fn what_is_told_apart_by_its_id_has_one_of_its_own() {
    const PLACES: [&str; 7] = [
        "policies/*/vehicles/*/vehicle_id",
        "policies/*/vehicles/*/coverages/*/vehicle_coverage_id",
        "policies/*/dwellings/*/coverages/*/dwelling_coverage_id",
        "policies/*/locations/*/coverages/*/location_coverage_id",
        "policies/*/forms_and_endorsements/*/policy_form_id",
        "documents/*/document_id",
        "documents/*/title",
    ];
    for login in logins::all().iter().filter(|login| login.outcome == Outcome::Success) {
        let pull = pull_of(&login.username);
        for place in PLACES {
            let all = values(&pull, place);
            let apart: BTreeSet<String> = all.iter().map(ToString::to_string).collect();
            assert_eq!(apart.len(), all.len(), "{}: {place}", login.username);
        }
    }
}

#[test]
fn one_vin_alone_has_a_wrong_check_digit() {
    let mut wrong = BTreeSet::new();
    for login in logins::all().iter().filter(|login| login.outcome == Outcome::Success) {
        let pull = pull_of(&login.username);
        let vins = values(&pull, "policies/*/vehicles/*/vin").into_iter().filter_map(Value::as_str);
        wrong.extend(
            vins.filter(|vin| !has_right_check_digit(vin))
                .map(|vin| (login.username.clone(), vin.to_owned())),
        );
    }
    assert_eq!(
        wrong,
        BTreeSet::from([("user_good_transportation".to_owned(), "1FTBW2CM9GKA12345".to_owned())])
    );
}

/// The check digit of North American VINs (ISO 3779, 49 CFR 565.15(c)).
fn has_right_check_digit(vin: &str) -> bool {
    const WEIGHTS: [usize; 17] = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];
    /// A letter stands for the place of its column, from 1.
    const LETTERS: [&str; 3] = ["ABCDEFGH", "JKLMN_P_R", "_STUVWXYZ"];
    let worth = |character: char| {
        let digit = character.to_digit(10).and_then(|digit| usize::try_from(digit).ok());
        digit.or_else(|| LETTERS.iter().find_map(|row| row.find(character)).map(|column| column + 1))
    };
    let worths: Option<Vec<usize>> = vin.chars().map(worth).collect();
    let Some(worths) = worths.filter(|worths| worths.len() == WEIGHTS.len()) else { return false };
    let sum: usize = worths.iter().zip(WEIGHTS).map(|(worth, weight)| worth * weight).sum();
    "0123456789X".chars().nth(sum % 11) == vin.chars().nth(8)
}
