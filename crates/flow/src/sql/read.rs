//! One SELECT, read.

use std::fmt;

use sqlite3_parser::{
    Bump, FallibleIterator as _,
    ast::{self, Cmd, Stmt, fmt::ToTokens as _},
    lexer::sql::Parser,
};

use super::{bounds::MAX_SQL, error::SqlError, scope::Scope, select};

/// A SELECT that only reads, of tables that queries may read, and of a bounded size.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Select {
    text: String,
    limited: String,
    parameters: usize,
}

impl Select {
    /// Reads SQL. What is kept, and so run, is written anew from what was understood, and was read and looked at as that.
    ///
    /// # Errors
    /// The first thing that is not as it is to be.
    pub fn read(sql: &str) -> Result<Self, SqlError> {
        if sql.len() > MAX_SQL {
            return Err(SqlError::TooLong);
        }
        if sql.chars().any(|char| char.is_control() && !matches!(char, '\t' | '\n' | '\r')) {
            return Err(SqlError::Control);
        }
        let (text, parameters) = understood(sql)?;
        if understood(&text).ok() != Some((text.clone(), parameters)) {
            return Err(SqlError::Unstable);
        }
        let limited = format!("SELECT * FROM ({text}) LIMIT ?{}", parameters + 1);
        Ok(Self { text, limited, parameters })
    }

    /// It, as it was understood.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The same with a limit of rows, which is one more parameter behind its own.
    #[must_use]
    pub fn limited(&self) -> &str {
        &self.limited
    }

    /// How many values it takes: the number of its highest parameter.
    #[must_use]
    pub fn parameters(&self) -> usize {
        self.parameters
    }
}

/// SQL written anew, and how many values it takes.
fn understood(sql: &str) -> Result<(String, usize), SqlError> {
    let bump = Bump::new();
    let mut parser = Parser::new(&bump, sql.as_bytes());
    let mut next = || parser.next().map_err(|error| SqlError::Syntax(error.to_string()));
    let first = next()?;
    let Some(Cmd::Stmt(Stmt::Select(read))) = first else { return Err(SqlError::Statement) };
    if !matches!(next(), Ok(None)) {
        return Err(SqlError::Statement);
    }
    let mut scope = Scope::default();
    select::query(&mut scope, read)?;
    scope.end()?;
    Ok((Written(read).to_string(), scope.parameters))
}

struct Written<'a>(&'a ast::Select<'a>);

impl fmt::Display for Written<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.to_fmt(f)
    }
}
