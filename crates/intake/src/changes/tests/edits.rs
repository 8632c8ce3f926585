//! Known edits of the published pulls, and the changes that each is.

use serde_json::{Value, json};

/// The published pulls, by their places among them.
pub const COMMERCIAL: usize = 0;
pub const PERSONAL: usize = 1;

/// An edit of a pull at a place.
pub struct Edit {
    pub pull: usize,
    /// JSON pointer into the pull.
    pub place: &'static str,
    pub work: Work,
    /// The changes that it is, each with its column.
    pub gives: Vec<(&'static str, Option<&'static str>)>,
}

pub enum Work {
    /// Members come to have these values.
    Set(Value),
    /// The item goes.
    Remove,
    /// Another like it comes behind it, with these members.
    Copy(Value),
}

impl Edit {
    pub fn apply(&self, pull: &mut Value) {
        let set = |item: &mut Value, members: &Value| {
            for (name, value) in members.as_object().unwrap() {
                item[name] = value.clone();
            }
        };
        if let Work::Set(members) = &self.work {
            return set(pull.pointer_mut(self.place).unwrap(), members);
        }
        let (array, at) = self.place.rsplit_once('/').unwrap();
        let at: usize = at.parse().unwrap();
        let items = pull.pointer_mut(array).unwrap().as_array_mut().unwrap();
        if let Work::Copy(members) = &self.work {
            let mut item = items[at].clone();
            set(&mut item, members);
            items.push(item);
        } else {
            items.remove(at);
        }
    }

    /// Whether neither is at the place of the other, or within it.
    pub fn is_apart_from(&self, other: &Self) -> bool {
        let within = |one: &str, other: &str| format!("{one}/").starts_with(&format!("{other}/"));
        !within(self.place, other.place) && !within(other.place, self.place)
    }

    /// Edits in an order in which none moves the place of another: items go last, the last of an array first.
    pub fn order(&self) -> (bool, std::cmp::Reverse<&str>) {
        (matches!(self.work, Work::Remove), std::cmp::Reverse(self.place))
    }
}

fn set(pull: usize, place: &'static str, members: Value, change: &'static str, column: &'static str) -> Edit {
    let column = Some(column).filter(|column| !column.is_empty());
    Edit { pull, place, work: Work::Set(members), gives: vec![(change, column)] }
}

fn copy(pull: usize, place: &'static str, members: Value, change: &'static str) -> Edit {
    Edit { pull, place, work: Work::Copy(members), gives: vec![(change, None)] }
}

fn remove(pull: usize, place: &'static str, change: &'static str) -> Edit {
    Edit { pull, place, work: Work::Remove, gives: vec![(change, None)] }
}

const HOME: &str = "/policies/0";
const AUTO: &str = "/policies/1";
const LIFE: &str = "/policies/2";
const CAR: &str = "/policies/1/vehicles/0";
const DWELLING: &str = "/policies/0/dwellings/0";

/// All edits.
pub fn all() -> Vec<Edit> {
    [policies(), vehicles(), dwellings(), people(), losses(), account(), commercial()]
        .into_iter()
        .flatten()
        .collect()
}

fn policies() -> Vec<Edit> {
    let p = PERSONAL;
    vec![
        set(p, AUTO, json!({"total_premium_cents": 52_000}), "premium_changed", "total_premium_cents"),
        set(p, HOME, json!({"total_premium_cents": null}), "premium_changed", "total_premium_cents"),
        set(p, HOME, json!({"status": "CANCELLED"}), "status_changed", "status"),
        set(p, HOME, json!({"canceled_date": "2023-02-01"}), "status_changed", "canceled_date"),
        set(
            p,
            AUTO,
            json!({
                "effective_date": "2023-06-13", "expiry_date": "2023-12-13", "renewal_date": "2023-12-13",
                "description": "Effective 06/13/2023 - 12/13/2023",
            }),
            "term_renewed",
            "",
        ),
        set(p, HOME, json!({"expiry_date": "2024-01-13"}), "term_changed", "expiry_date"),
        set(p, HOME, json!({"renewal_date": "2023-12-13"}), "term_changed", "renewal_date"),
        set(p, AUTO, json!({"carrier_policy_number": "AU200000"}), "policy_changed", "carrier_policy_number"),
        set(p, AUTO, json!({"limited_access": true}), "policy_changed", "limited_access"),
        set(p, AUTO, json!({"paid_in_full": true}), "payment_changed", "paid_in_full"),
        set(p, LIFE, json!({"amount_due_cents": 0}), "payment_changed", "amount_due_cents"),
        set(p, AUTO, json!({"payment_frequency": "MONTHLY"}), "payment_changed", "payment_frequency"),
        set(p, HOME, json!({"deductible_cents": 100_000}), "deductible_changed", "deductible_cents"),
        copy(
            p,
            LIFE,
            json!({"policy_id": "other", "carrier_policy_number": "UM1", "policy_type": "UMBRELLA"}),
            "policy_added",
        ),
        remove(p, HOME, "policy_removed"),
        remove(p, AUTO, "policy_removed"),
        remove(p, LIFE, "policy_removed"),
        remove(p, "/policies/0/forms_and_endorsements/1", "form_removed"),
        copy(
            p,
            "/policies/1/forms_and_endorsements/0",
            json!({"policy_form_id": "other", "form_name": "Other", "form_number": "X 1"}),
            "form_added",
        ),
        set(
            p,
            "/policies/2/life/life_policy_details/0",
            json!({"face_amount_cents": 5_000_000}),
            "life_changed",
            "face_amount_cents",
        ),
        remove(p, "/policies/2/life/life_policy_riders/0", "rider_removed"),
        set(
            p,
            "/policies/2/life/life_policy_beneficiaries/0",
            json!({"distribution_percent": 50}),
            "beneficiary_changed",
            "distribution_percent",
        ),
        copy(
            p,
            "/policies/2/life/life_policy_beneficiaries/0",
            json!({"life_policy_beneficiary_id": "other", "first_name": "Perry", "full_name": "Perry Lane"}),
            "beneficiary_added",
        ),
    ]
}

fn vehicles() -> Vec<Edit> {
    let p = PERSONAL;
    let moved = |members: Value| json!({"garaging_address": members, "GaragingAddress": members});
    vec![
        set(
            p,
            "/policies/1/vehicles/0/coverages/0",
            json!({"deductible_cents": 100_000}),
            "deductible_changed",
            "deductible_cents",
        ),
        set(
            p,
            "/policies/1/vehicles/0/coverages/1",
            json!({"is_declined": true}),
            "coverage_changed",
            "is_declined",
        ),
        set(
            p,
            "/policies/1/vehicles/0/coverages/2",
            json!({"per_person_limit_cents": 25_000_000}),
            "limit_changed",
            "per_person_limit_cents",
        ),
        set(
            p,
            "/policies/1/vehicles/0/coverages/2",
            json!({"per_incident_unlimited": true}),
            "limit_changed",
            "per_incident_unlimited",
        ),
        set(
            p,
            "/policies/1/vehicles/0/coverages/3",
            json!({"premium_cents": 1}),
            "premium_changed",
            "premium_cents",
        ),
        remove(p, "/policies/1/vehicles/0/coverages/4", "coverage_removed"),
        copy(
            p,
            "/policies/1/vehicles/0/coverages/4",
            json!({"vehicle_coverage_id": "other", "name": "TOWING_AND_LABOR"}),
            "coverage_added",
        ),
        set(p, CAR, json!({"is_removed": true}), "vehicle_removed", "is_removed"),
        remove(p, CAR, "vehicle_removed"),
        copy(
            p,
            CAR,
            json!({"vehicle_id": "other", "vin": "1FTFW1ET5DFC10312", "make": "FORD", "model": "F-150"}),
            "vehicle_added",
        ),
        set(p, CAR, json!({"annual_mileage": 12_000}), "vehicle_changed", "annual_mileage"),
        set(p, CAR, json!({"uses": ["COMMUTE"]}), "vehicle_changed", "uses"),
        set(p, CAR, json!({"lien_holder": "Gotham Bank"}), "lienholder_changed", "lien_holder"),
        set(p, CAR, moved(json!({"street": "Other", "zip": "10001"})), "address_changed", "garaging_address"),
        set(
            p,
            "/policies/1/vehicles/0/drivers/0",
            json!({"is_excluded": true}),
            "driver_changed",
            "is_excluded",
        ),
        remove(p, "/policies/1/vehicles/0/drivers/0", "driver_unassigned"),
    ]
}

fn dwellings() -> Vec<Edit> {
    let p = PERSONAL;
    vec![
        set(p, "/policies/0/dwellings/0/address", json!({"number": "345"}), "address_changed", "address"),
        set(
            p,
            DWELLING,
            json!({"replacement_cost_cents": 60_000_000}),
            "dwelling_changed",
            "replacement_cost_cents",
        ),
        set(
            p,
            "/policies/0/dwellings/0/property_data",
            json!({"year_built": 1951, "last_update_date": "2023-01-01"}),
            "property_changed",
            "property_data.year_built",
        ),
        set(p, DWELLING, json!({"property_data": null}), "property_changed", "property_data"),
        set(
            p,
            DWELLING,
            json!({"mortgage_loan_number": "987654321"}),
            "mortgagee_changed",
            "mortgage_loan_number",
        ),
        set(p, DWELLING, json!({"mortgagee_name": "Gotham Bank"}), "mortgagee_changed", "mortgagee_name"),
        set(
            p,
            "/policies/0/dwellings/0/mortgagee_address",
            json!({"zip": "11218"}),
            "address_changed",
            "mortgagee_address",
        ),
        Edit {
            pull: p,
            place: DWELLING,
            work: Work::Set(json!({"mortgagee_name": "Gotham Bank", "mortgage_loan_number": "5"})),
            gives: vec![("mortgagee_added", None), ("mortgagee_removed", None)],
        },
        set(
            p,
            DWELLING,
            json!({"mortgagee_name": null, "mortgagee_address": null, "mortgage_loan_number": null}),
            "mortgagee_removed",
            "",
        ),
        set(
            p,
            DWELLING,
            json!({"mortgagees": [{
                "mortgagee_id": "m", "mortgagee_name": "METROPOLIS BANK", "mortgage_loan_number": "123-456-789",
                "mortgagee_address": {"number": "620", "street": "Atlantic", "zip": "11217"},
            }]}),
            "mortgagee_changed",
            "mortgagee_name",
        )
        .also("address_changed", "mortgagee_address"),
        remove(p, DWELLING, "dwelling_removed"),
        remove(p, "/policies/0/dwellings/0/coverages/7", "coverage_removed"),
        set(
            p,
            "/policies/0/dwellings/0/coverages/0",
            json!({"per_incident_limit_cents": 30_000_000}),
            "limit_changed",
            "per_incident_limit_cents",
        ),
        set(
            p,
            "/policies/0/dwellings/0/coverages/6",
            json!({"deductible_percent": 2}),
            "deductible_changed",
            "deductible_percent",
        ),
    ]
}

impl Edit {
    fn also(mut self, change: &'static str, column: &'static str) -> Self {
        self.gives.push((change, Some(column)));
        self
    }
}

fn people() -> Vec<Edit> {
    let p = PERSONAL;
    vec![
        set(p, "/drivers/0", json!({"marital_status": "MARRIED"}), "driver_changed", "marital_status"),
        set(p, "/drivers/0", json!({"drivers_license": "SUP1"}), "driver_changed", "drivers_license"),
        copy(
            p,
            "/drivers/0",
            json!({
                "driver_id": "other", "first_name": "Lois", "last_name": "Lane", "drivers_license": "LL12345",
                "date_of_birth_str": "08/17/1989", "relationship_to_insured": "SPOUSE",
            }),
            "driver_added",
        ),
        set(
            p,
            "/policies/0/named_insureds/0",
            json!({"email": "clark@example.com"}),
            "person_changed",
            "email",
        ),
        set(
            p,
            "/policies/1/named_insureds/0",
            json!({"is_primary_named_insured": false}),
            "insured_changed",
            "is_primary_named_insured",
        ),
        copy(
            p,
            "/policies/0/named_insureds/0",
            json!({"named_insured_id": "other", "first_name": "Lois", "last_name": "Lane", "full_name": "Lois Lane"}),
            "insured_added",
        ),
        remove(p, "/policies/2/named_insureds/0", "insured_removed"),
    ]
}

fn losses() -> Vec<Edit> {
    let p = PERSONAL;
    vec![
        set(
            p,
            "/claims/0",
            json!({"status": "CLOSED", "date_closed": "2023-01-13T06:00:00.000Z"}),
            "claim_closed",
            "is_open",
        ),
        set(p, "/claims/1", json!({"status": "OPEN"}), "claim_opened", "is_open"),
        set(p, "/claims/1", json!({"payout_cents": 3_000_000}), "claim_changed", "payout_cents"),
        set(p, "/claims/1", json!({"date_closed": "2022-04-14"}), "claim_changed", "date_closed"),
        set(p, "/claims/1", json!({"vehicle_id": null}), "claim_changed", "vehicle_id"),
        set(p, "/claims/1", json!({"driver_id": null}), "claim_changed", "person_id"),
        copy(
            p,
            "/claims/0",
            json!({"claim_id": "other", "carrier_claim_identifier": "HO-6", "type": "THEFT"}),
            "claim_opened",
        ),
        copy(
            p,
            "/claims/1",
            json!({"claim_id": "other", "carrier_claim_identifier": "AU-6", "type": "VANDALISM"}),
            "claim_added",
        ),
        remove(p, "/claims/0", "claim_removed"),
        set(p, "/driving_records/0", json!({"is_at_fault": true}), "driving_record_changed", "is_at_fault"),
        remove(p, "/driving_records/1", "driving_record_removed"),
        copy(
            p,
            "/driving_records/1",
            json!({"driving_record_id": "other", "incident_date": "2022-01-01"}),
            "driving_record_added",
        ),
    ]
}

fn account() -> Vec<Edit> {
    let p = PERSONAL;
    vec![
        set(p, "", json!({"mobile_phone": "8885550001"}), "contact_changed", "mobile_phone"),
        set(p, "", json!({"account_email": "kent@example.com"}), "contact_changed", "email"),
        remove(p, "/documents/5", "document_removed"),
        copy(
            p,
            "/documents/0",
            json!({"document_id": "other", "title": "06-13-2023", "date_added": "2023-06-13"}),
            "document_added",
        ),
        set(p, "/documents/1", json!({"mime_type": "image/png"}), "document_changed", "mime_type"),
        set(p, "/agents/0", json!({"phone_number": "8885552223"}), "agent_changed", "phone_number"),
        set(p, "/agents/0", json!({"policy_ids": []}), "agent_changed", "policy_ids"),
        remove(p, "/agents/0", "agent_removed"),
        set(
            p,
            "/addresses/0",
            json!({"number": "1", "full_address": "1 Clinton Street, Brooklyn, NY, 11231"}),
            "address_changed",
            "",
        ),
        remove(p, "/addresses/5", "address_removed"),
        copy(p, "/addresses/0", json!({"address_id": "other", "street": "Other"}), "address_added"),
    ]
}

fn commercial() -> Vec<Edit> {
    let c = COMMERCIAL;
    vec![
        set(c, "/loss_events/0", json!({"is_claim_open": true}), "claim_opened", "is_claim_open"),
        set(c, "/loss_events/1", json!({"is_claim_open": false}), "claim_closed", "is_claim_open"),
        set(c, "/loss_events/0", json!({"amount_paid_cents": 1}), "loss_changed", "amount_paid_cents"),
        remove(c, "/loss_events/1", "loss_removed"),
        copy(
            c,
            "/loss_events/0",
            json!({"loss_event_id": "other", "date_of_occurrence": "2024-01-10"}),
            "loss_added",
        ),
        set(
            c,
            "/policies/2/locations/0/operations/0",
            json!({"rate_cents": 36}),
            "operation_changed",
            "rate_cents",
        ),
        set(
            c,
            "/policies/2/locations/0/operations/0",
            json!({"estimated_annual_premium_cents": 360_000}),
            "premium_changed",
            "estimated_annual_premium_cents",
        ),
        remove(c, "/policies/2/locations/0/operations/0", "operation_removed"),
        set(
            c,
            "/policies/1/locations/0/coverages/2",
            json!({"per_term_limit_cents": 1}),
            "limit_changed",
            "per_term_limit_cents",
        ),
        remove(c, "/policies/1/locations/0/coverages/5", "coverage_removed"),
        set(c, "/policies/1/locations/0/address", json!({"city": "Queens"}), "address_changed", "address"),
        set(
            c,
            "/policies/0/locations/0",
            json!({"loss_settlement_type": "ACTUAL_CASH_VALUE"}),
            "location_changed",
            "loss_settlement_type",
        ),
        remove(c, "/policies/2/locations/0", "location_removed"),
        set(
            c,
            "/policies/2/commercial_named_insureds/0",
            json!({"number_of_employees": 12}),
            "person_changed",
            "number_of_employees",
        ),
        set(
            c,
            "/policies/1",
            json!({"total_minimum_premium_cents": 9}),
            "premium_changed",
            "total_minimum_premium_cents",
        ),
        remove(c, "/policies/1", "policy_removed"),
        copy(
            c,
            "/policies/1",
            json!({"additional_interests": [], "policy_id": "other", "carrier_policy_number": "CY1", "policy_type": "CYBER"}),
            "policy_added",
        ),
    ]
}
