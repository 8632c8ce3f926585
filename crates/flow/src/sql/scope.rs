//! What names stand for in a query, and how much of everything it has.

use std::collections::BTreeSet;

use super::{
    bounds::{MAX_EXPRESSIONS, MAX_LEVELS, MAX_PARAMETERS, MAX_TABLES},
    error::SqlError,
    tables::{JSON_EACH, TABLES, Table, is_free},
};

/// What a WITH gives.
#[derive(Debug)]
struct Given {
    name: String,
    width: usize,
    tables: usize,
}

/// What is known so far, while a query is read from its beginning to its end.
#[derive(Debug, Default)]
pub struct Scope {
    /// What the WITHs around this place give, each known to what stands behind it alone: none reads itself.
    given: Vec<Given>,
    /// Names of all WITHs: each is there once.
    taken: BTreeSet<String>,
    /// Tables read.
    tables: usize,
    /// SELECTs around this place.
    levels: usize,
    /// Expressions around this place.
    expressions: usize,
    /// The highest parameter.
    pub parameters: usize,
    /// What columns may be called, and what is before a dot.
    columns: BTreeSet<String>,
    qualifiers: BTreeSet<String>,
    /// What is called so: an AS may stand behind its use.
    named: Vec<String>,
    qualified: Vec<String>,
}

impl Scope {
    /// Goes into a SELECT; [`Scope::leave`] goes out of it.
    pub fn enter(&mut self) -> Result<usize, SqlError> {
        if self.levels > MAX_LEVELS {
            return Err(SqlError::TooMany { of: "SELECTs inside each other", most: MAX_LEVELS });
        }
        self.levels += 1;
        Ok(self.given.len())
    }

    /// Forgets what the SELECT's own WITH gave.
    pub fn leave(&mut self, entered: usize) {
        self.levels -= 1;
        self.given.truncate(entered);
    }

    /// Reads an expression within others.
    pub fn within<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, SqlError>) -> Result<T, SqlError> {
        if self.expressions == MAX_EXPRESSIONS {
            return Err(SqlError::TooMany { of: "expressions inside each other", most: MAX_EXPRESSIONS });
        }
        self.expressions += 1;
        let read = read(self)?;
        self.expressions -= 1;
        Ok(read)
    }

    /// Reads what a WITH gives. It costs where it is read, and as often.
    pub fn give(
        &mut self,
        name: String,
        read: impl FnOnce(&mut Self) -> Result<usize, SqlError>,
    ) -> Result<(), SqlError> {
        if !is_free(&name) || !self.taken.insert(name.clone()) {
            return Err(SqlError::Taken(name));
        }
        let before = self.tables;
        let width = read(self)?;
        let tables = std::mem::replace(&mut self.tables, before) - before;
        self.given.push(Given { name, width, tables: tables.max(1) });
        Ok(())
    }

    /// Reads a SELECT that stands for a table: it is one even if it reads none.
    pub fn derive(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<usize, SqlError>,
    ) -> Result<usize, SqlError> {
        let before = self.tables;
        let width = read(self)?;
        if self.tables == before {
            self.count(1)?;
        }
        Ok(width)
    }

    /// The width of a table that is read by its name.
    pub fn table(&mut self, name: &str) -> Result<usize, SqlError> {
        if let Some(table) = TABLES.iter().find(|table| table.name == name) {
            return self.known(table);
        }
        let given = self.given.iter().find(|given| given.name == name);
        let given = given.ok_or_else(|| SqlError::Table { found: name.to_owned() })?;
        let (width, tables) = (given.width, given.tables);
        self.count(tables)?;
        self.qualifier(name.to_owned());
        Ok(width)
    }

    /// The same of a list in JSON.
    pub fn json_each(&mut self) -> Result<usize, SqlError> {
        self.known(&JSON_EACH)
    }

    fn known(&mut self, table: &Table) -> Result<usize, SqlError> {
        self.count(1)?;
        self.qualifier(table.name.to_owned());
        self.columns.extend(table.columns.iter().map(|&column| column.to_owned()));
        Ok(table.width)
    }

    fn count(&mut self, tables: usize) -> Result<(), SqlError> {
        self.tables += tables;
        if self.tables > MAX_TABLES {
            return Err(SqlError::TooMany {
                of: "tables that are read, those of a WITH as often as it is",
                most: MAX_TABLES,
            });
        }
        Ok(())
    }

    /// A column has this name.
    pub fn column(&mut self, name: String) {
        self.columns.insert(name);
    }

    /// A table has this name.
    pub fn qualifier(&mut self, name: String) {
        self.qualifiers.insert(name);
    }

    /// A column of this name is read.
    pub fn names(&mut self, column: String) {
        self.named.push(column);
    }

    /// A table of this name is meant.
    pub fn qualifies(&mut self, table: String) {
        self.qualified.push(table);
    }

    /// A parameter: the digits behind its question mark, or all of it where it has another sign.
    pub fn parameter(&mut self, written: &str) -> Result<(), SqlError> {
        let number = (1..=MAX_PARAMETERS).find(|number| number.to_string() == written);
        let number = number.ok_or_else(|| {
            let is_digits = written.bytes().all(|byte| byte.is_ascii_digit());
            SqlError::Parameter(if is_digits { format!("?{written}") } else { written.to_owned() })
        })?;
        self.parameters = self.parameters.max(number);
        Ok(())
    }

    /// Looks at its end whether all that is named is there. What is not, SQLite would take for a text where it is quoted, and
    /// refuse otherwise when it is too late.
    pub fn end(&self) -> Result<(), SqlError> {
        // SQLite has these as names.
        let is_value = |name: &str| matches!(name, "true" | "false");
        let column = self.named.iter().find(|name| !self.columns.contains(*name) && !is_value(name));
        if let Some(column) = column {
            return Err(SqlError::Column(column.clone()));
        }
        match self.qualified.iter().find(|name| !self.qualifiers.contains(*name)) {
            Some(name) => Err(SqlError::Qualifier(name.clone())),
            None => Ok(()),
        }
    }
}
