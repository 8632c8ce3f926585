//! Why SQL is not taken.

use super::{
    bounds::{MAX_PARAMETERS, MAX_SQL},
    functions::FUNCTIONS,
    tables::TABLES,
};

/// What was expected of SQL, and what it has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SqlError {
    /// More of something than there may be.
    #[error("expected at most {most} {of}")]
    TooMany { of: &'static str, most: usize },
    /// More bytes than are read.
    #[error("expected at most {MAX_SQL} bytes of SQL")]
    TooLong,
    /// A character that no SQL needs.
    #[error("expected no control characters but tabs and new lines")]
    Control,
    /// Not SQLite's SQL.
    #[error("expected SQL as SQLite has it: {0}")]
    Syntax(String),
    /// Another statement, or several.
    #[error("expected one SELECT and nothing else")]
    Statement,
    /// What SQLite knows, and a query may not use.
    #[error("expected no {0}")]
    Refused(&'static str),
    /// A table that is not there for queries.
    #[error("expected one of the tables {}, or a name of WITH before it; found {found}", names(TABLES.iter().map(|table| table.name)))]
    Table { found: String },
    /// A name of WITH that stands for something already.
    #[error("expected another name in WITH than {0}: it stands for something already")]
    Taken(String),
    /// A name in other quotes than SQL's.
    #[error("expected a name as it is, or in double quotes; found {0}")]
    Name(String),
    /// A column that is in none of the tables.
    #[error(
        "expected a column of the tables that are read, or an AS; found {0} (a text stands in single quotes)"
    )]
    Column(String),
    /// A qualifier that is no table of the query's.
    #[error("expected a table that is read before the dot; found {0}")]
    Qualifier(String),
    /// A function that is not there for queries.
    #[error("expected one of the functions {}; found {found}", names(FUNCTIONS.iter().copied()))]
    Function { found: String },
    /// A parameter by another name.
    #[error("expected ?1, ?2, … up to ?{MAX_PARAMETERS} for parameters; found {0}")]
    Parameter(String),
    /// A join of each row with each.
    #[error("expected ON or USING for each table that is joined")]
    Join,
    /// SELECTs behind each other that differ.
    #[error("expected as many columns of each SELECT of a UNION, EXCEPT or INTERSECT")]
    Widths,
    /// Another type in CAST.
    #[error("expected a CAST as integer, real, numeric or text; found {0}")]
    Type(String),
    /// Another order of texts.
    #[error("expected COLLATE nocase, binary or rtrim; found {0}")]
    Collation(String),
    /// Written out it is something else.
    #[error("expected SQL that stays the same when it is written out")]
    Unstable,
}

fn names<'n>(names: impl Iterator<Item = &'n str>) -> String {
    names.collect::<Vec<_>>().join(", ")
}
