use super::*;
use crate::table::Part;

#[test]
fn words_are_written_as_people_write_them() {
    for (code, text) in [
        ("BODILY_INJURY_LIABILITY", "Bodily injury liability"),
        ("RV_MEDICAL", "RV medical"),
        ("ACTIVE", "Active"),
        ("carrier_policy_number", "Carrier policy number"),
        ("State Farm", "State Farm"),
        ("Not In Any List", "Not In Any List"),
        ("", ""),
        ("__", ""),
        ("é_b", "É b"),
    ] {
        assert_eq!(words(code), text);
    }
    assert_eq!(label(N::vin), "VIN");
    assert_eq!(label(N::replacement_cost_cents), "Replacement cost");
    assert_eq!(label(N::drivers_license_state), "Licence of");
}

#[test]
fn a_value_is_written_by_what_its_column_holds() {
    let column = |part: Part, column| part.columns().iter().find(|its| its.name == column).unwrap();
    let text = |text: &'static str| Cell::from(text);
    for (part, of, cell, expected) in [
        (Part::Policies, N::total_premium_cents, Cell::Integer(123_450), "$1,234.50"),
        (Part::Policies, N::term_months, Cell::Integer(6), "6"),
        (Part::Policies, N::status, text("pending cancellation"), "Pending cancellation"),
        (Part::Policies, N::status, text("Odd-One"), "Odd-One"),
        (Part::Policies, N::expiry_date, text("2026-06-01"), "2026-06-01"),
        (Part::Pull, N::created_at, text("2026-06-01T10:00:00.000Z"), "2026-06-01"),
        (Part::Vehicles, N::is_removed, Cell::Flag(true), "yes"),
        (Part::Vehicles, N::uses, Cell::Texts(vec!["WORK".into(), "x_y".into()]), "Work, x_y"),
    ] {
        assert_eq!(value(column(part, of), &cell), expected);
    }
}

#[test]
fn limits_are_said_by_what_each_is_for() {
    let row = |cells: &[(N, Cell<'static>)]| {
        let mut row = Row::default();
        cells.iter().for_each(|(column, cell)| row.set(*column, cell.clone()));
        limits(&row)
    };
    let (cents, yes) = (Cell::Integer, Cell::Flag(true));
    for (cells, expected) in [
        (
            vec![
                (N::per_incident_limit_cents, cents(30_000_000)),
                (N::per_person_limit_cents, cents(10_000_000)),
                (N::deductible_cents, cents(50_000)),
            ],
            "$100,000 a person / $300,000 an incident, deductible $500",
        ),
        (
            vec![(N::per_person_unlimited, yes.clone()), (N::per_incident_limit_cents, cents(100))],
            "unlimited a person / $1 an incident",
        ),
        (
            vec![(N::per_day_limit_cents, cents(4_000)), (N::max_days, Cell::Integer(30))],
            "$40 a day / at most 30 days",
        ),
        (vec![(N::per_term_limit_cents, cents(200_000_000))], "$2,000,000 a term"),
        (vec![(N::per_incident_limit_months, Cell::Integer(12))], "12 months an incident"),
        (vec![(N::als_months, Cell::Integer(12))], "12 months of actual loss"),
        (vec![(N::limit_percent, Cell::from("80"))], "80% covered"),
        (
            vec![
                (N::per_incident_limit_percent, Cell::from("10")),
                (N::deductible_percent, Cell::from("2.5")),
            ],
            "10% of the dwelling’s limit, deductible 2.5%",
        ),
        (
            vec![(N::deductible_cents, cents(0)), (N::actual_cash_value, yes.clone())],
            "deductible $0, actual cash value",
        ),
        (
            vec![(N::deductible_cents, cents(288_380)), (N::deductible_percent, Cell::from("1"))],
            "deductible $2,883.80 (1%)",
        ),
        (vec![(N::is_declined, yes), (N::deductible_cents, cents(0))], "declined"),
        (vec![], "included"),
    ] {
        assert_eq!(row(&cells), expected);
    }
}
