//! What is asked of a pull's intake.

use std::borrow::Cow;

use canopy::{paging::Parameter, problem::Problem};

use crate::{day::Day, forms::Form, redact::Redact, table::Part};

/// Which version, for which day, in which form, and without what.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct IntakeQuery {
    /// The snapshot's version, the latest for 0.
    pub version: u32,
    /// The form.
    pub form: Form,
    /// One table of [`Form::Csv`].
    pub table: Option<Part>,
    /// What is left out.
    pub redact: Redact,
    /// For which day; today for `None`.
    pub day: Option<Day>,
}

impl IntakeQuery {
    /// Reads the parameters of a query. One of another name is refused, as it would change nothing.
    ///
    /// # Errors
    /// [`canopy::problem::Code::InputInvalid`], naming the parameter.
    pub fn read<'q>(parameters: impl Iterator<Item = (Cow<'q, str>, Cow<'q, str>)>) -> Result<Self, Problem> {
        let mut query = Self::default();
        let mut table = None;
        for parameter in Parameter::all(parameters) {
            match parameter.name.as_ref() {
                "version" => query.version = version(&parameter)?,
                "form" => query.form = one_of(&parameter, Form::NAMES)?,
                "redact" => query.redact = one_of(&parameter, Redact::NAMES)?,
                "day" => query.day = Some(day(&parameter)?),
                "table" => {
                    let tables: Vec<_> = Part::ALL.iter().map(|part| (part.as_str(), *part)).collect();
                    query.table = Some(one_of(&parameter, &tables)?);
                    table = Some(parameter);
                }
                _ => {
                    let expected = "no parameter but version, form, table, redact and day";
                    return Err(parameter.invalid(expected));
                }
            }
        }
        match table.filter(|_| query.form != Form::Csv) {
            Some(table) => Err(table.invalid("form=csv beside it")),
            None => Ok(query),
        }
    }
}

/// A version's number, 0 for the latest.
fn version(parameter: &Parameter<'_>) -> Result<u32, Problem> {
    if parameter.value == "latest" { Ok(0) } else { parameter.number(1..=u32::MAX) }
}

/// A day.
pub(crate) fn day(parameter: &Parameter<'_>) -> Result<Day, Problem> {
    Day::parse(&parameter.value).ok_or_else(|| parameter.invalid("a day, like 2026-01-31"))
}

/// One of a list of values by their names.
pub(crate) fn one_of<T: Copy>(parameter: &Parameter<'_>, values: &[(&str, T)]) -> Result<T, Problem> {
    let found = values.iter().find(|(name, _)| *name == parameter.value);
    let names = || values.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
    found.map(|(_, value)| *value).ok_or_else(|| parameter.invalid(&format!("one of {}", names())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &[(&'static str, &'static str)]) -> Result<IntakeQuery, String> {
        let parameters = query.iter().map(|(name, value)| (Cow::Borrowed(*name), Cow::Borrowed(*value)));
        IntakeQuery::read(parameters).map_err(|problem| problem.detail)
    }

    #[test]
    fn each_parameter_is_read() {
        let query = read(&[
            ("version", "3"),
            ("form", "csv"),
            ("table", "people"),
            ("redact", "ids"),
            ("day", "2026-02-28"),
        ]);
        let day = Day::parse("2026-02-28");
        let expected =
            IntakeQuery { version: 3, form: Form::Csv, table: Some(Part::People), redact: Redact::Ids, day };
        assert_eq!(query, Ok(expected));
        assert_eq!(read(&[("version", "latest"), ("form", "")]), Ok(IntakeQuery::default()));
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (name, value, detail) in [
            ("version", "4294967296", "version: expected a whole number from 1 to 4294967295"),
            ("version", "0", "version: expected a whole number from 1 to 4294967295"),
            ("form", "pdf", "form: expected one of json, text, csv, html, flat"),
            ("table", "people", "table: expected form=csv beside it"),
            ("redact", "some", "redact: expected one of contact, ids, all"),
            ("day", "2026-02-29", "day: expected a day, like 2026-01-31"),
            ("verson", "1", "verson: expected no parameter but version, form, table, redact and day"),
        ] {
            assert_eq!(read(&[(name, value)]), Err(detail.to_owned()), "{name}={value}");
        }
        let refused = read(&[("form", "csv"), ("table", "cars")]).unwrap_err();
        assert!(refused.starts_with("table: expected one of pull, contact, people, policies, "), "{refused}");
    }
}
