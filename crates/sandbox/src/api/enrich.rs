//! Enrichment lookups: the published example, or a plain answer of the published shape.

use canopy::contract::Operation;
use serde_json::json;

use super::request::{Outcome, Refusal, Request, ok};
use crate::{contract, ids};

pub(super) fn property_data(request: &Request<'_>) -> Outcome {
    let address = request.call.parameter("address").unwrap_or_default();
    if !address.chars().any(char::is_alphabetic) {
        return Err(Refusal("INVALID_ADDRESS"));
    }
    ok(contract::example(Operation::GetPropertyData, "200", None).ok_or(Refusal("NO_PROPERTY_DATA"))?)
}

pub(super) fn driver_license(request: &Request<'_>) -> Outcome {
    let [first, last] = person(request)?;
    ok(&json!({
        "driver_license_id": ids::derived_uuid(&["license", &first, &last]),
        "driver_license": {
            "first_name": first,
            "middle_name": request.call.parameter("middle_name"),
            "last_name": last,
            "date_of_birth_str": request.call.parameter("date_of_birth_str"),
            "drivers_license": "SUP1234017",
            "drivers_license_state": "DC",
            "gender": "MALE",
            "marital_status": "SINGLE",
        },
    }))
}

pub(super) fn driving_record(request: &Request<'_>) -> Outcome {
    let [first, last] = person(request)?;
    ok(&json!({
        "driving_record_iq_id": ids::derived_uuid(&["record", &first, &last]),
        "driving_record_iq": {
            "status": "MINOR_VIOLATIONS",
            "minor_violations": 1,
            "last_minor_violation_date_str": "12/13/2020",
            "major_violations": 0,
            "last_major_violation_date_str": null,
        },
    }))
}

pub(super) fn household(request: &Request<'_>) -> Outcome {
    let [first, last] = person(request)?;
    let vehicle = json!({
        "vin": "1G1FK1R62J0158884",
        "year": 2018,
        "make": "CHEVROLET",
        "model": "Camaro",
        "series": "ZL1",
        "series2": null,
        "type": "PASSENGER CAR",
        "ownership_type": "FINANCE",
        "lien_holder": "Metropolis Bank",
        "purchase_date": null,
    });
    ok(&json!({
        "household_id": ids::derived_uuid(&["household", &first, &last]),
        "drivers": [{
            "first_name": first,
            "middle_name": null,
            "last_name": last,
            "date_of_birth_str": "05/03/1987",
            "drivers_license": "SUP1234017",
            "drivers_license_state": "DC",
            "gender": "MALE",
            "marital_status": "SINGLE",
        }],
        "vehicles": if request.call.parameter("lookup_vehicles") == Some("true") { json!([vehicle]) } else { json!([]) },
    }))
}

/// First and last name; all that is required of a lookup has to be given.
fn person(request: &Request<'_>) -> Result<[String; 2], Refusal> {
    let needed = |name: &str| {
        request
            .call
            .parameter(name)
            .filter(|value| !value.is_empty())
            .map(str::to_owned)
            .ok_or(Refusal("INVALID_INPUT"))
    };
    for name in ["address", "purpose", "employee_name", "employee_job_function"] {
        needed(name)?;
    }
    Ok([needed("first_name")?, needed("last_name")?])
}
