//! What a policy is checked for (contract, `PolicyCheckVehicleSetting`, `PolicyCheckPullVehicleSetting`,
//! `PolicyCheckDwellingSetting`). A check that is absent, `null`, `false` or an empty list is not made.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The settings of one check. Members beyond the contract's are left alone.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    pub vehicle: Option<Vehicle>,
    pub dwelling: Option<Dwelling>,
    pub filters: Option<Filters>,
}

impl Settings {
    /// Settings as the API takes them; `None` when one of them is not of the contract's type.
    #[must_use]
    pub fn read(given: &Value) -> Option<Self> {
        // Serde takes a list for a struct, too.
        let is_object = |part: &Value| part.is_object() || part.is_null();
        let is_read = ["vehicle", "dwelling", "filters"].iter().all(|part| is_object(&given[part]));
        Self::deserialize(given).ok().filter(|_| is_read)
    }
}

/// What is asked of an auto policy. Names and VINs are those that have to be there.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "SCREAMING_SNAKE_CASE")]
pub struct Vehicle {
    pub policy_not_active: Option<bool>,
    pub lienholder_name_mismatch: Option<Vec<String>>,
    pub driver_name_mismatch: Option<Vec<String>>,
    pub vin_mismatch: Option<Vec<String>>,
    pub driver_removed: Option<bool>,
    pub vehicle_removed: Option<bool>,
    pub no_collision_coverage: Option<bool>,
    pub no_comprehensive_coverage: Option<bool>,
    pub max_collision_deductible_cents: Option<i64>,
    pub max_comprehensive_deductible_cents: Option<i64>,
    pub min_property_damage_coverage_cents: Option<i64>,
    pub min_bodily_injury_coverage: Option<Limits>,
    pub min_uninsured_motorist_bodily_injury_coverage: Option<Limits>,
}

/// The least that a liability coverage has to pay, in cents.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Limits {
    pub per_person_cents: Option<i64>,
    pub per_accident_cents: Option<i64>,
}

/// What is asked of a policy on a dwelling.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "SCREAMING_SNAKE_CASE")]
pub struct Dwelling {
    pub dwelling_policy_not_active: Option<bool>,
    pub loss_settlement_type_equals_replacement_cost: Option<bool>,
    pub replacement_cost_exceeds_dwelling_limit: Option<bool>,
}

/// Which vehicles are looked at.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Filters {
    pub vehicle: Option<VehicleFilter>,
}

/// Vehicles with this VIN.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct VehicleFilter {
    pub vin: Option<Vin>,
}

/// A VIN, or one that it resembles.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vin {
    pub eq: String,
    #[serde(default)]
    pub partial_match: bool,
}

/// Characters in which a VIN may differ from one that it resembles.
const ALIKE: usize = 2;

impl Vin {
    /// Whether `vin` is meant. With a partial match: when it has the given part, or nearly all the given characters.
    #[must_use]
    pub fn means(&self, vin: &str) -> bool {
        let (vin, wanted) = (vin.to_uppercase(), self.eq.to_uppercase());
        if !self.partial_match {
            return vin == wanted;
        }
        let differing = vin.chars().zip(wanted.chars()).filter(|(one, other)| one != other).count();
        !wanted.is_empty() && (vin.contains(&wanted) || vin.len() == wanted.len() && differing <= ALIKE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_vin_is_meant_exactly_or_nearly() {
        let means = |eq: &str, partial_match| Vin { eq: eq.into(), partial_match }.means("1G1FK1R62J0158884");
        assert!(means("1g1fk1r62j0158884", false) && !means("0158884", false));
        assert!(means("0158884", true) && means("1G1FK1R62J0158800", true));
        assert!(!means("1G1FK1R62J0150000", true) && !means("", true));
    }

    #[test]
    fn settings_of_another_type_are_refused_and_null_is_no_setting() {
        let read = |json: &str| Settings::read(&serde_json::from_str(json).unwrap());
        for wrong in [
            r#"{"vehicle": {"POLICY_NOT_ACTIVE": "yes"}}"#,
            r#"{"vehicle": {"VIN_MISMATCH": "1G1"}}"#,
            r#"{"vehicle": {"MIN_BODILY_INJURY_COVERAGE": 5}}"#,
            r#"{"dwelling": [true]}"#,
            r#"{"filters": {"vehicle": {"vin": {}}}}"#,
        ] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
        let none =
            r#"{"vehicle": {"MAX_COLLISION_DEDUCTIBLE_CENTS": null}, "dwelling": null, "SOMETHING": 1}"#;
        assert_eq!(read(none).unwrap().vehicle, Some(Vehicle::default()));
    }
}
