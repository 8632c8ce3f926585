//! What is refused, and how that is said.

use super::Select;
use crate::sql::MAX_SQL;

fn refused(cases: &[(&str, &str)]) {
    for (sql, says) in cases {
        let error = Select::read(sql).map(|select| panic!("{sql}: taken as {}", select.text())).unwrap_err();
        let text = error.to_string();
        assert!(text.starts_with("expected ") && text.contains(says), "{sql}: {text}");
    }
}

#[test]
fn nothing_but_one_select_is_taken() {
    let one = "expected one SELECT and nothing else";
    refused(&[
        ("", one),
        (" \n", one),
        (";", one),
        ("-- SELECT 1", one),
        ("SELECT 1; SELECT 2", one),
        ("SELECT 1; x", one),
        ("SELECT 1; 'x", one),
        ("DELETE FROM pulls", one),
        ("UPDATE pulls SET status = 'x'", one),
        ("INSERT INTO pulls SELECT * FROM pulls", one),
        ("REPLACE INTO pulls SELECT 1", one),
        ("WITH a AS (SELECT 1) DELETE FROM pulls", one),
        ("PRAGMA table_info(pulls)", one),
        ("ATTACH 'x' AS y", one),
        ("DETACH y", one),
        ("VACUUM", one),
        ("BEGIN", one),
        ("COMMIT", one),
        ("DROP TABLE pulls", one),
        ("CREATE TABLE x AS SELECT 1", one),
        ("CREATE TEMP TABLE x AS SELECT 1", one),
        ("ALTER TABLE pulls ADD x", one),
        ("REINDEX", one),
        ("ANALYZE", one),
        ("EXPLAIN SELECT 1", one),
        ("EXPLAIN QUERY PLAN SELECT 1", one),
        ("VALUES (1)", "VALUES"),
        ("SELECT 1 UNION VALUES (2)", "VALUES"),
        ("SELECT * FROM (VALUES (1))", "VALUES"),
        ("WITH a AS (VALUES (1)) SELECT 1", "VALUES"),
        ("WITH a AS (DELETE FROM pulls RETURNING *) SELECT 1", "syntax error"),
        ("SELECT 1 INTO x", "syntax error"),
        ("SELECT 1 FOR UPDATE", "syntax error"),
        ("SELECT TOP 1 1", "syntax error"),
        ("SELECT 1 FETCH FIRST 1 ROW ONLY", "syntax error"),
        ("(SELECT 1)", "syntax error"),
        ("SELECT", "expected SQL"),
        ("SELECT 'x", "expected SQL"),
        ("SELECT 1 RETURNING 1", "syntax error"),
        ("SELECT 1 -- x\nDELETE FROM pulls", "syntax error"),
        ("SELECT 1 /* x", "expected SQL"),
        ("SELECT RAISE(IGNORE)", "RAISE"),
    ]);
}

#[test]
fn no_other_table_is_read() {
    let table =
        "expected one of the tables pulls, policies, tasks, runs, or a name of WITH before it; found ";
    refused(&[
        ("SELECT * FROM sqlite_schema", table),
        ("SELECT * FROM sqlite_master", table),
        ("SELECT * FROM \"SQLITE_Schema\"", table),
        ("SELECT * FROM main.pulls", "found main.pulls"),
        ("SELECT * FROM temp.pulls", "found temp.pulls"),
        ("SELECT main.pulls.status FROM pulls", "schema"),
        ("SELECT * FROM audit", table),
        ("SELECT * FROM flow_groups", table),
        ("SELECT * FROM subscriptions", table),
        ("SELECT * FROM _cf_KV", table),
        ("SELECT * FROM pragma_table_list", table),
        ("SELECT * FROM pragma_table_info('pulls')", table),
        ("SELECT * FROM dbstat", table),
        ("SELECT * FROM json_tree('[1]')", table),
        ("SELECT * FROM generate_series(1, 9)", table),
        ("SELECT * FROM json_each", table),
        ("SELECT * FROM fts5vocab", table),
        ("SELECT (SELECT settings FROM instances)", table),
        ("SELECT 1 WHERE EXISTS (SELECT 1 FROM audit)", table),
        ("SELECT 1 WHERE 1 IN (SELECT 1 FROM audit)", table),
        ("SELECT 1 ORDER BY (SELECT 1 FROM audit)", table),
        ("SELECT 1 LIMIT (SELECT 1 FROM audit)", table),
        ("SELECT 1 LIMIT 1 OFFSET (SELECT 1 FROM audit)", table),
        ("SELECT 1 GROUP BY (SELECT 1 FROM audit)", table),
        ("SELECT count(*) HAVING (SELECT 1 FROM audit)", table),
        ("SELECT sum(1) FILTER (WHERE (SELECT 1 FROM audit))", table),
        ("SELECT sum(1) OVER (PARTITION BY (SELECT 1 FROM audit))", table),
        ("SELECT sum(1) OVER (ORDER BY (SELECT 1 FROM audit))", table),
        ("SELECT sum(1) OVER w WINDOW w AS (ORDER BY (SELECT 1 FROM audit))", table),
        ("SELECT sum(1) OVER (ROWS (SELECT 1 FROM audit) PRECEDING)", table),
        ("SELECT group_concat(1 ORDER BY (SELECT 1 FROM audit))", table),
        ("SELECT CASE (SELECT 1 FROM audit) WHEN 1 THEN 2 END", table),
        ("SELECT CASE 1 WHEN 1 THEN 1 ELSE (SELECT 1 FROM audit) END", table),
        ("SELECT CASE WHEN (SELECT 1 FROM audit) THEN 2 END", table),
        ("SELECT CAST((SELECT 1 FROM audit) AS text)", table),
        ("SELECT 1 COLLATE nocase IN (1, (SELECT 1 FROM audit))", table),
        ("SELECT 'x' LIKE 'y' ESCAPE (SELECT 1 FROM audit)", table),
        ("SELECT 1 BETWEEN 0 AND (SELECT 1 FROM audit)", table),
        ("SELECT abs((SELECT 1 FROM audit))", table),
        ("SELECT (1, (SELECT 1 FROM audit)) = (1, 2)", table),
        ("SELECT 1 FROM tasks JOIN audit USING (pull_id)", table),
        ("SELECT 1 FROM tasks JOIN runs ON (SELECT 1 FROM audit)", table),
        ("SELECT 1 FROM json_each((SELECT settings FROM instances))", table),
        ("SELECT 1 UNION SELECT 1 FROM audit", table),
        ("WITH a AS (SELECT 1 FROM audit) SELECT 1", table),
        ("SELECT 1 FROM (SELECT 1 FROM audit)", table),
        ("SELECT 1 IS (SELECT 1 FROM audit)", table),
        ("SELECT NOT (SELECT 1 FROM audit)", table),
        ("SELECT (SELECT 1 FROM audit) ISNULL", table),
        ("SELECT 1 IN audit", "table behind IN"),
        ("SELECT 1 IN pulls", "table behind IN"),
        ("SELECT 1 IN pragma_table_list()", "table behind IN"),
        ("SELECT 1 FROM (audit)", "parentheses"),
        ("SELECT 1 FROM (pulls JOIN audit USING (pull_id))", "parentheses"),
        ("SELECT * FROM pulls INDEXED BY pulls_created", "INDEXED BY"),
        ("SELECT * FROM pulls NOT INDEXED", "INDEXED BY"),
        ("SELECT audit.* FROM pulls", "before the dot; found audit"),
    ]);
}

#[test]
fn what_with_gives_is_read_behind_it_alone() {
    let table = "or a name of WITH before it; found ";
    refused(&[
        ("WITH RECURSIVE a AS (SELECT 1) SELECT 1", "expected no RECURSIVE"),
        ("WITH a AS (SELECT 1 UNION ALL SELECT 1 FROM a) SELECT 1", table),
        ("WITH a(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM A) SELECT x FROM a", table),
        ("WITH a AS (SELECT 1 FROM b), b AS (SELECT 1) SELECT 1", table),
        ("WITH a AS (WITH b AS (SELECT 1 AS x) SELECT x FROM b) SELECT x FROM b", table),
        ("WITH a AS (SELECT (SELECT 1 FROM a)) SELECT 1", table),
        ("WITH pulls AS (SELECT 1) SELECT 1", "another name in WITH than pulls"),
        ("WITH \"Audit\" AS (SELECT 1) SELECT 1", "than audit"),
        ("WITH sqlite_x AS (SELECT 1) SELECT 1", "than sqlite_x"),
        ("WITH _cf_x AS (SELECT 1) SELECT 1", "than _cf_x"),
        ("WITH d1_x AS (SELECT 1) SELECT 1", "than d1_x"),
        ("WITH pragma_x AS (SELECT 1) SELECT 1", "than pragma_x"),
        ("WITH json_each AS (SELECT 1) SELECT 1", "than json_each"),
        ("WITH a AS (SELECT 1), A AS (SELECT 2) SELECT 1", "than a"),
        ("WITH a AS (SELECT 1) SELECT (WITH a AS (SELECT 2) SELECT 1)", "than a"),
    ]);
}

#[test]
fn no_other_function_is_called() {
    let function = "expected one of the functions abs, avg, ";
    refused(&[
        ("SELECT load_extension('x')", function),
        ("SELECT randomblob(1e9)", function),
        ("SELECT zeroblob(1e9)", function),
        ("SELECT hex(zeroblob(1000000000))", function),
        ("SELECT printf('%999999999d', 1)", function),
        ("SELECT format('%*d', 1e9, 1)", function),
        ("SELECT readfile('x')", function),
        ("SELECT writefile('x', 'y')", function),
        ("SELECT edit('x')", function),
        ("SELECT fts5()", function),
        ("SELECT sqlite_version()", function),
        ("SELECT sqlite_source_id()", function),
        ("SELECT \"load_extension\"('x')", function),
        ("SELECT LOAD_EXTENSION('x')", function),
        ("SELECT eval('x')", function),
        ("SELECT changes()", function),
        ("SELECT likelihood(1, 0.5)", function),
        ("SELECT random()", function),
        ("SELECT evil(*)", function),
        ("SELECT evil(1) OVER ()", function),
        ("SELECT 'x' REGEXP 'y'", "MATCH and REGEXP"),
        ("SELECT 'x' MATCH 'y'", "MATCH and REGEXP"),
        ("SELECT CAST(1 AS blob)", "expected a CAST"),
        ("SELECT CAST(1 AS text(9))", "expected a CAST"),
        ("SELECT 1 COLLATE evil", "expected COLLATE"),
    ]);
}

#[test]
fn joins_of_each_row_with_each_are_refused() {
    let join = "expected ON or USING for each table that is joined";
    refused(&[
        ("SELECT 1 FROM pulls, policies", join),
        ("SELECT 1 FROM pulls CROSS JOIN policies", join),
        ("SELECT 1 FROM pulls JOIN policies", join),
        ("SELECT 1 FROM pulls NATURAL JOIN policies", join),
        ("SELECT 1 FROM pulls, (SELECT 1)", join),
        ("SELECT 1 FROM pulls NATURAL JOIN policies USING (pull_id)", "NATURAL"),
    ]);
}

#[test]
fn names_parameters_and_characters_have_one_way_to_be_written() {
    refused(&[
        ("SELECT ?", "found ?"),
        ("SELECT ?0", "found ?0"),
        ("SELECT ?21", "found ?21"),
        ("SELECT ?01", "found ?01"),
        ("SELECT ?99999999999999999999", "found ?9"),
        ("SELECT :a", "found :a"),
        ("SELECT @a", "found @a"),
        ("SELECT $a", "found $a"),
        ("SELECT #a", "found #a"),
        ("SELECT [status] FROM pulls", "found [status]"),
        ("SELECT `status` FROM pulls", "found `status`"),
        ("SELECT * FROM 'pulls'", "found 'pulls'"),
        ("SELECT * FROM `pulls`", "found `pulls`"),
        ("SELECT * FROM [pulls]", "found [pulls]"),
        ("SELECT 1 AS 'x'", "found 'x'"),
        ("SELECT 1 \"a\"\"b\"", "found \"a\"\"b\""),
        ("SELECT \"\" FROM pulls", "found \"\""),
        ("SELECT places FROM pulls", "found places"),
        ("SELECT p.former_account FROM pulls p", "found former_account"),
        ("SELECT x.places FROM (SELECT * FROM pulls) x", "found places"),
        ("SELECT rowid FROM pulls", "found rowid"),
        ("SELECT 1 FROM pulls JOIN runs USING (places)", "found places"),
        ("SELECT status FROM pulls ORDER BY places", "found places"),
        ("SELECT \"ACTIVE\" FROM policies", "found active (a text stands in single quotes)"),
        ("SELECT x.status FROM pulls", "before the dot; found x"),
        ("SELECT premium FROM policies", "found premium"),
        ("SELECT 1\0", "control"),
        ("SELECT '\u{1}'", "control"),
        ("SELECT 1\u{c}", "control"),
        ("SELECT '\u{7f}'", "control"),
        ("SELECT '\u{85}'", "control"),
        ("SELECT E'x\\'y'", "expected"),
        ("SELECT N'x'", "expected"),
        ("SELECT 'a\\'b'", "expected"),
        ("SELECT x'0'", "expected SQL"),
        ("SELECT 1e", "expected SQL"),
        ("SELECT \u{a0}1", "expected"),
        ("SELECT “x”", "expected"),
        ("WITH a(x COLLATE nocase) AS (SELECT 1) SELECT x FROM a", "order in the names"),
    ]);
}

#[test]
fn results_have_columns_that_are_known() {
    refused(&[
        ("SELECT *", "no * where no table is read"),
        ("SELECT 1 UNION SELECT 1, 2", "as many columns"),
        ("SELECT pull_id FROM tasks EXCEPT SELECT * FROM tasks", "as many columns"),
    ]);
}

/// The stack of a Worker has a megabyte; a test's frames are larger than its.
#[test]
fn what_is_inside_itself_a_thousand_times_is_refused_with_a_small_stack() {
    let read = || {
        for (open, close) in [
            ("(", ")"),
            ("(1, ", ")"),
            ("(SELECT ", ")"),
            ("NOT ", ""),
            ("- ", ""),
            ("1 + ", ""),
            ("1 IN (", ")"),
            ("1 IN (SELECT ", ")"),
            ("abs(", ")"),
            ("CASE WHEN ", " THEN 1 END"),
            ("CAST(", " AS text)"),
            ("EXISTS (SELECT ", ")"),
            ("1 BETWEEN 1 AND ", ""),
            ("'x' LIKE ", ""),
            ("sum(1) OVER (ORDER BY ", ")"),
            ("sum(1) FILTER (WHERE ", ")"),
            ("1 FROM (SELECT ", ")"),
            ("1 FROM (", ")"),
            ("1 UNION SELECT ", ""),
        ] {
            let times = MAX_SQL / (open.len() + close.len()) - 4;
            for close in [close, ""] {
                let sql = format!("SELECT {}1{}", open.repeat(times), close.repeat(times));
                assert!(sql.len() <= MAX_SQL && Select::read(&sql).is_err(), "{sql}");
            }
        }
    };
    std::thread::Builder::new().stack_size(512 * 1024).spawn(read).unwrap().join().unwrap();
}
