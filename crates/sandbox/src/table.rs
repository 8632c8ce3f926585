//! Rows in memory that know which of them still have to be written to storage.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Serialize, de::DeserializeOwned};

/// A row to write (`document` is its JSON) or, without a document, to delete.
#[derive(Debug, PartialEq, Eq)]
pub struct Change {
    pub kind: &'static str,
    pub id: String,
    pub document: Option<String>,
}

/// All rows of one kind, by id. Everything handed out mutably counts as changed.
#[derive(Debug)]
pub struct Table<T> {
    kind: &'static str,
    rows: BTreeMap<String, T>,
    changed: BTreeSet<String>,
}

impl<T> Table<T> {
    /// An empty table; `kind` names its rows in storage and must differ between tables.
    #[must_use]
    pub fn new(kind: &'static str) -> Self {
        Self { kind, rows: BTreeMap::new(), changed: BTreeSet::new() }
    }

    #[must_use]
    pub fn get(&self, id: &str) -> Option<&T> {
        self.rows.get(id)
    }

    pub fn get_mut(&mut self, id: &str) -> Option<&mut T> {
        let row = self.rows.get_mut(id)?;
        self.changed.insert(id.to_owned());
        Some(row)
    }

    pub fn insert(&mut self, id: impl Into<String>, row: T) {
        let id = id.into();
        self.changed.insert(id.clone());
        self.rows.insert(id, row);
    }

    pub fn remove(&mut self, id: &str) -> Option<T> {
        let row = self.rows.remove(id)?;
        self.changed.insert(id.to_owned());
        Some(row)
    }

    /// Removes every row for which `keep` is false.
    pub fn retain(&mut self, keep: impl Fn(&T) -> bool) {
        let gone: Vec<String> =
            self.rows.iter().filter(|(_, row)| !keep(row)).map(|(id, _)| id.clone()).collect();
        for id in gone {
            self.remove(&id);
        }
    }

    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&String, &T)> {
        self.rows.iter()
    }

    pub fn values(&self) -> impl DoubleEndedIterator<Item = &T> {
        self.rows.values()
    }

    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The number after the highest used as an id, in digits that sort as numbers do.
    #[must_use]
    pub fn next_number(&self) -> String {
        let last: u64 = self.rows.keys().next_back().and_then(|id| id.parse().ok()).unwrap_or(0);
        format!("{:012}", last + 1)
    }

    /// The id of the row that sorts first.
    #[must_use]
    pub fn first_id(&self) -> Option<String> {
        self.rows.keys().next().cloned()
    }
}

/// A [`Table`] of any row type, as storage sees it.
pub trait Rows {
    fn kind(&self) -> &'static str;
    /// Puts a stored row back. A row of an older shape is dropped: the sandbox keeps nothing of value.
    fn load(&mut self, id: &str, document: &str);
    /// What has changed since the last call.
    fn take_changes(&mut self) -> Vec<Change>;
}

impl<T: Serialize + DeserializeOwned> Rows for Table<T> {
    fn kind(&self) -> &'static str {
        self.kind
    }

    fn load(&mut self, id: &str, document: &str) {
        if let Ok(row) = serde_json::from_str(document) {
            self.rows.insert(id.to_owned(), row);
        }
    }

    fn take_changes(&mut self) -> Vec<Change> {
        std::mem::take(&mut self.changed)
            .into_iter()
            .map(|id| {
                let document =
                    self.rows.get(&id).map(|row| serde_json::to_string(row).expect("rows are plain data"));
                Change { kind: self.kind, id, document }
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_touched_is_written() {
        let mut table: Table<u32> = Table::new("number");
        table.load("a", "1");
        table.load("b", "2");
        *table.get_mut("b").unwrap() += 1;
        table.remove("a");
        assert_eq!(
            table.take_changes(),
            [
                Change { kind: "number", id: "a".into(), document: None },
                Change { kind: "number", id: "b".into(), document: Some("3".into()) },
            ]
        );
        assert!(table.take_changes().is_empty());
    }
}
