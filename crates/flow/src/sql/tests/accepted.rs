//! What is taken, and as what.

use super::{Select, SqlError, accepted};

#[test]
fn what_is_taken_is_written_anew_and_read_as_the_same() {
    for sql in accepted() {
        let select = Select::read(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
        let again = Select::read(select.text()).unwrap_or_else(|error| panic!("{}: {error}", select.text()));
        assert_eq!(select, again, "{sql}");
        assert!(!select.text().contains(['\n', '\t']) && !select.text().ends_with(';'), "{}", select.text());
    }
}

#[test]
fn comments_and_a_last_semicolon_are_not_run() {
    let select = Select::read("SELECT /* '; */ 1 -- '\n+ 2 ; /* more */ ;").unwrap();
    assert_eq!(select.text(), "SELECT 1 + 2");
    assert_eq!(
        Select::read("SELECT '/*', \"pull_id\" FROM tasks").unwrap().text(),
        "SELECT '/*', \"pull_id\" FROM tasks"
    );
}

#[test]
fn the_limit_is_a_parameter_behind_its_own() {
    let select = Select::read("SELECT pull_id FROM tasks WHERE since > ?3 OR kind = ?1").unwrap();
    assert_eq!(select.parameters(), 3);
    assert_eq!(
        select.limited(),
        "SELECT * FROM (SELECT pull_id FROM tasks WHERE since > ?3 OR kind = ?1) LIMIT ?4"
    );
    assert_eq!(Select::read("SELECT 1").unwrap().limited(), "SELECT * FROM (SELECT 1) LIMIT ?1");
}

/// SQL that has so much of something.
type OfSize<'s> = &'s dyn Fn(usize) -> String;

#[test]
fn every_bound_is_reached_and_not_passed() {
    let nested = |levels: usize| format!("{}SELECT 1{}", "SELECT (".repeat(levels), ")".repeat(levels));
    let joined = |more: usize| format!("SELECT 1 FROM tasks{}", " JOIN tasks USING (kind)".repeat(more));
    let sum = |terms: usize| format!("SELECT {}1", "1+".repeat(terms));
    let minus = |signs: usize| format!("SELECT {}1", "- ".repeat(signs));
    let columns = |more: usize| format!("SELECT 1{}", ",1".repeat(more));
    let union = |more: usize| format!("SELECT 1{}", " UNION SELECT 1".repeat(more));
    let arguments = |more: usize| format!("SELECT max(1{})", ",1".repeat(more));
    let parameter = |number: usize| format!("SELECT ?{number}");
    let long = |bytes: usize| format!("SELECT '{}'", "x".repeat(bytes - 9));
    let cases: [(OfSize<'_>, usize, SqlError); 9] = [
        (&nested, 4, SqlError::TooMany { of: "SELECTs inside each other", most: 4 }),
        (
            &joined,
            5,
            SqlError::TooMany { of: "tables that are read, those of a WITH as often as it is", most: 6 },
        ),
        (&sum, 59, SqlError::TooMany { of: "expressions inside each other", most: 60 }),
        (&minus, 59, SqlError::TooMany { of: "expressions inside each other", most: 60 }),
        (&columns, 59, SqlError::TooMany { of: "columns of a result", most: 60 }),
        (&union, 4, SqlError::TooMany { of: "SELECTs behind each other", most: 5 }),
        (&arguments, 31, SqlError::TooMany { of: "arguments of a function", most: 32 }),
        (&parameter, 20, SqlError::Parameter("?21".to_owned())),
        (&long, 4_000, SqlError::TooLong),
    ];
    for (sql, most, error) in cases {
        assert!(Select::read(&sql(most)).is_ok(), "{}: {:?}", sql(most), Select::read(&sql(most)));
        assert_eq!(Select::read(&sql(most + 1)), Err(error));
    }
}

#[test]
fn what_a_with_gives_counts_as_often_as_it_is_read() {
    let doubling = "WITH a AS (SELECT x.kind FROM tasks x JOIN tasks y USING (kind)), b AS (SELECT x.kind FROM a x JOIN a y USING (kind)), c AS (SELECT x.kind FROM b x JOIN b y USING (kind))";
    assert!(Select::read(&format!("{doubling} SELECT kind FROM b")).is_err(), "c alone reads eight");
    let (two, _) = doubling.split_once(", c AS").unwrap();
    assert!(Select::read(&format!("{two} SELECT b.kind FROM b JOIN a USING (kind)")).is_ok());
    assert!(Select::read(&format!("{two} SELECT x.kind FROM b x JOIN b y USING (kind)")).is_err());
    let rows = "WITH a AS (SELECT 1 AS x UNION SELECT 2)";
    let joins = |more: usize| format!("{rows} SELECT 1 FROM a{}", " JOIN a USING (x)".repeat(more));
    assert!(Select::read(&joins(5)).is_ok() && Select::read(&joins(6)).is_err());
    let derived = "SELECT 1 AS x";
    let joins = |more: usize| {
        format!("SELECT 1 FROM ({derived}){}", format!(" JOIN ({derived}) USING (x)").repeat(more))
    };
    assert!(Select::read(&joins(5)).is_ok() && Select::read(&joins(6)).is_err());
}

#[test]
fn a_star_counts_as_what_it_gives() {
    let stars = |more: usize| format!("SELECT *{} FROM pulls", ", pulls.*".repeat(more));
    assert!(Select::read(&stars(3)).is_ok(), "60");
    assert_eq!(Select::read(&stars(4)), Err(SqlError::TooMany { of: "columns of a result", most: 60 }));
    assert!(Select::read("WITH a AS (SELECT * FROM pulls) SELECT x.*, x.*, x.*, x.* FROM a x").is_ok());
    assert!(Select::read("WITH a AS (SELECT * FROM pulls) SELECT x.*, x.*, x.*, x.*, 1 FROM a x").is_err());
}
