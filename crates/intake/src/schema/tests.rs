//! The tables, held against the contract.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::*;

/// Every table, with the tables beneath it.
fn all() -> Vec<&'static Schema> {
    let mut all: Vec<&'static Schema> = vec![&PULL];
    let mut at = 0;
    while let Some(schema) = all.get(at).copied() {
        for member in schema.members {
            if let Kind::Object(inner) | Kind::Many(inner) = member.kind
                && !all.iter().any(|known| known.is(inner))
            {
                all.push(inner);
            }
        }
        at += 1;
    }
    all
}

fn contract() -> Value {
    serde_json::from_str(include_str!("../../../../contract/openapi.json")).unwrap()
}

fn resolved<'c>(contract: &'c Value, schema: &'c Value) -> &'c Value {
    let Some(reference) = schema["$ref"].as_str() else { return schema };
    let found = contract.pointer(reference.trim_start_matches('#'));
    resolved(contract, found.unwrap_or_else(|| panic!("{reference}")))
}

fn properties<'c>(contract: &'c Value, schema: &'c Value) -> BTreeMap<&'c str, &'c Value> {
    let schema = resolved(contract, schema);
    let mut all = BTreeMap::new();
    for part in schema["allOf"].as_array().into_iter().flatten() {
        all.extend(properties(contract, part));
    }
    let own = schema["properties"].as_object().into_iter().flatten();
    all.extend(own.map(|(name, value)| (name.as_str(), resolved(contract, value))));
    all
}

/// Members that real answers have, and the contract has not.
const SEEN: &[(&str, &str)] = &[("Pull", "date_of_birth_str")];

#[test]
fn every_member_of_the_contract_is_in_its_table_and_no_other() {
    let contract = contract();
    for schema in all() {
        let documented: BTreeSet<&str> =
            properties(&contract, &contract["components"]["schemas"][schema.name]).into_keys().collect();
        let seen = SEEN.iter().filter(|(of, _)| *of == schema.name).map(|(_, member)| *member);
        let documented: BTreeSet<&str> = documented.into_iter().chain(seen).collect();
        let own: BTreeSet<&str> = schema.members.iter().map(Member::contract_name).collect();
        assert_eq!(own, documented, "{}", schema.name);
        assert_eq!(own.len(), schema.members.len(), "{}", schema.name);
    }
    let required = "Pull Policy Vehicle VehicleCoverage VehicleDriver Driver Dwelling DwellingCoverage PropertyData \
                    Location LocationCoverage LocationOperation LifePolicy LifePolicyBeneficiary LifePolicyDetails \
                    LifePolicyRider Claim LossEvent DrivingRecord NamedInsured CommercialNamedInsured \
                    AdditionalInterest Mortgagee PremiumGroup Document AgentInfo Address";
    let known: BTreeSet<&str> = all().iter().map(|schema| schema.name).collect();
    for name in required.split_whitespace() {
        assert!(known.contains(name), "{name}");
    }
}

/// Words that the contract's examples have, and its lists have not.
const BESIDE: &[(&str, &str, &str)] = &[("LocationCoverage", "name", "ALL_PERILS")];

#[test]
fn every_list_of_words_is_the_contracts() {
    let contract = contract();
    for schema in all() {
        let properties = properties(&contract, &contract["components"]["schemas"][schema.name]);
        for member in schema.members {
            let (Kind::Named(words) | Kind::Names(words)) = member.kind else { continue };
            let documented = properties[member.contract_name()];
            let list = if matches!(member.kind, Kind::Names(_)) {
                &documented["items"]["enum"]
            } else {
                &documented["enum"]
            };
            let list: Vec<&str> = list.as_array().unwrap().iter().filter_map(Value::as_str).collect();
            let more =
                BESIDE.iter().filter(|(of, its, _)| (*of, *its) == (schema.name, member.name.as_str()));
            let list: Vec<&str> = list.into_iter().chain(more.map(|(.., word)| *word)).collect();
            assert_eq!(words.split(' ').collect::<Vec<_>>(), list, "{} {}", schema.name, member.name);
        }
    }
}

/// What an example of the documented type is read as, in each kind of member.
#[test]
fn every_member_holds_what_the_contract_says() {
    let contract = contract();
    for schema in all() {
        let properties = properties(&contract, &contract["components"]["schemas"][schema.name]);
        for member in schema.members {
            let Some(documented) = properties.get(member.contract_name()) else { continue };
            let types = match &documented["type"] {
                Value::Array(types) => types.iter().filter_map(Value::as_str).collect(),
                Value::String(only) => vec![only.as_str()],
                _ => continue,
            };
            let fits: &[&str] = match member.kind {
                Kind::Text | Kind::Named(_) | Kind::Birthday | Kind::Date | Kind::Moment => &["string"],
                Kind::Integer | Kind::Cents => &["integer"],
                Kind::Decimal => &["string", "number"],
                Kind::Flag => &["boolean"],
                Kind::Names(_) => &["array"],
                Kind::Many(_) => &["array", "object"],
                Kind::Texts => &["array", "string"],
                Kind::Object(_) => &["object"],
                Kind::Json | Kind::Metadata | Kind::Left(_) => continue,
            };
            let is_fit = types.iter().all(|its| *its == "null" || fits.contains(its));
            assert!(is_fit, "{} {} {types:?}", schema.name, member.name);
            let is_money =
                member.contract_name().ends_with("_cents") && !member.contract_name().contains("tenth");
            assert_eq!(is_money, matches!(member.kind, Kind::Cents), "{} {}", schema.name, member.name);
        }
    }
}
