//! People.

use super::{Schema, birthday, date, flag, integer, named, text};
use crate::name::Name as N;

/// `NamedInsured`
pub static NAMED_INSURED: Schema = Schema {
    name: "NamedInsured",
    id: Some(N::named_insured_id),
    members: &[
        text(N::named_insured_id),
        text(N::first_name).contact(),
        text(N::middle_name).contact(),
        text(N::last_name).contact(),
        text(N::full_name).contact(),
        flag(N::is_primary_named_insured),
        text(N::email).contact(),
        text(N::home_phone).contact(),
        text(N::mobile_phone).contact(),
        text(N::work_phone).contact(),
        text(N::work_phone_extension).contact(),
    ],
};

/// `Driver`
pub static DRIVER: Schema = Schema {
    name: "Driver",
    id: Some(N::driver_id),
    members: &[
        text(N::driver_id),
        text(N::first_name).contact(),
        text(N::middle_name).contact(),
        text(N::last_name).contact(),
        text(N::drivers_license).ids(),
        text(N::drivers_license_state),
        birthday(N::date_of_birth).given(&["date_of_birth_str"]).contact(),
        named(N::gender, "MALE FEMALE NONBINARY"),
        named(
            N::marital_status,
            "SINGLE MARRIED SEPARATED DIVORCED WIDOWED CIVIL_UNION DOMESTIC_PARTNERSHIP",
        ),
        named(
            N::relationship_to_insured,
            "INSURED SPOUSE BROTHER SISTER FATHER MOTHER PARENT DAUGHTER SON CHILD RELATIVE DOMESTIC_PARTNERSHIP",
        ),
        integer(N::age),
        date(N::age_on_date),
        named(
            N::education,
            "LESS_THAN_HIGH_SCHOOL HIGH_SCHOOL SOME_COLLEGE BACHELORS DOCTORS ASSOCIATES MASTERS LAW VOCATIONAL \
             PHD HIGH_SCHOOL_GED COLLEGE_DEGREE IN_COLLEGE GRADUATE_WORK",
        ),
        text(N::occupation),
        integer(N::age_licensed),
    ],
};

/// `VehicleDriver`
pub static VEHICLE_DRIVER: Schema = Schema {
    name: "VehicleDriver",
    id: Some(N::driver_id),
    members: &[
        text(N::driver_id),
        text(N::first_name).contact(),
        text(N::middle_name).contact(),
        text(N::last_name).contact(),
        text(N::drivers_license).ids(),
        text(N::drivers_license_state),
        birthday(N::date_of_birth).given(&["date_of_birth_str"]).contact(),
        named(N::gender, "MALE FEMALE NONBINARY"),
        named(
            N::marital_status,
            "SINGLE MARRIED DIVORCED WIDOWED SEPARATED CIVIL_UNION DOMESTIC_PARTNERSHIP",
        ),
        named(
            N::relationship_to_insured,
            "INSURED SPOUSE BROTHER SISTER FATHER MOTHER PARENT DAUGHTER SON CHILD RELATIVE DOMESTIC_PARTNERSHIP",
        ),
        integer(N::age),
        date(N::age_on_date),
        named(
            N::education,
            "LESS_THAN_HIGH_SCHOOL HIGH_SCHOOL SOME_COLLEGE BACHELORS DOCTORS ASSOCIATES MASTERS LAW VOCATIONAL \
             PHD HIGH_SCHOOL_GED COLLEGE_DEGREE IN_COLLEGE GRADUATE_WORK",
        ),
        text(N::occupation),
        integer(N::age_licensed),
        flag(N::is_excluded),
        flag(N::is_primary),
    ],
};
