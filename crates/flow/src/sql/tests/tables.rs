//! The tables of queries are those of the migrations.

use std::{collections::BTreeMap, fs};

use serde_json::{Value, json};
use sqlite3_parser::{
    Bump, FallibleIterator as _,
    ast::{AlterTableBody, Cmd, CreateTableBody, Stmt},
    lexer::sql::Parser,
};

use crate::{
    definition::{Group, Known},
    sql::{
        functions::FUNCTIONS,
        tables::{OTHERS, TABLES, is_free},
    },
};

/// Each table's columns.
fn migrated() -> BTreeMap<String, Vec<String>> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../migrations");
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    let mut tables = BTreeMap::<_, Vec<_>>::new();
    for file in files {
        let (text, bump) = (fs::read_to_string(file).unwrap(), Bump::new());
        let mut parser = Parser::new(&bump, text.as_bytes());
        while let Some(Cmd::Stmt(statement)) = parser.next().unwrap() {
            match statement {
                Stmt::CreateTable {
                    tbl_name,
                    body: CreateTableBody::ColumnsAndConstraints { columns, .. },
                    ..
                } => {
                    let names = columns.iter().map(|column| column.col_name.0.to_owned());
                    tables.insert(tbl_name.name.0.to_owned(), names.collect());
                }
                Stmt::AlterTable(table, AlterTableBody::AddColumn(column)) => {
                    tables.get_mut(table.name.0).unwrap().push(column.col_name.0.to_owned());
                }
                Stmt::CreateIndex { .. } => {}
                other => panic!("{other:?} makes a table otherwise"),
            }
        }
    }
    tables
}

#[test]
fn tables_and_columns_are_those_of_the_migrations() {
    let migrated = migrated();
    for table in TABLES {
        let columns = &migrated[table.name];
        assert_eq!(columns.len(), table.width, "{}", table.name);
        for column in table.columns {
            assert!(columns.iter().any(|known| known == column), "{}.{column}", table.name);
        }
    }
    for name in migrated.keys() {
        assert!(!is_free(name), "{name} stands for a table");
        assert!(OTHERS.contains(&name.as_str()) != TABLES.iter().any(|table| table.name == name), "{name}");
    }
}

#[test]
fn keyed_hashes_are_not_named() {
    let mut columns = TABLES.iter().flat_map(|table| table.columns);
    assert!(!columns.any(|column| ["places", "former_account"].contains(column)));
}

#[test]
fn functions_stand_there_once_and_in_order() {
    assert!(FUNCTIONS.is_sorted_by(|before, after| before < after));
}

/// What people read of queries is what there is.
#[test]
fn the_page_names_every_column() {
    let page = include_str!("../../../../../docs/workflows.md");
    let (_, section) = page.split_once("## Queries").unwrap();
    let (section, _) = section.split_once("\n## ").unwrap();
    for table in TABLES {
        for name in table.columns.iter().chain([&table.name]) {
            assert!(section.contains(&format!("`{name}`")), "{}.{name}", table.name);
        }
    }
    for name in FUNCTIONS {
        assert!(section.contains(&format!("`{name}`")), "{name}");
    }
    let (_, shown) = section.split_once("```json\n").unwrap();
    let (shown, _) = shown.split_once("```").unwrap();
    let step: Value = serde_json::from_str(shown).unwrap();
    let flow = json!({ "trigger": { "on": "manual", "of": "agency" }, "steps": [step] });
    let group = json!({ "title": "As shown", "flows": { "f": flow } });
    let read = Group::read(&group.to_string(), &Known::NOTHING);
    assert!(read.is_ok(), "{read:?}");
}
