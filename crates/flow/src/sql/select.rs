//! What a SELECT may be: each part of SQLite's grammar is taken apart whole, so that none is passed over.

use sqlite3_parser::ast::{
    As, CommonTableExpr, Expr, FromClause, JoinConstraint, JoinedSelectTable, Limit, Name, OneSelect,
    QualifiedName, ResultColumn, Select, SelectBody, SelectTable, WindowDef,
};

use super::{
    bounds::{MAX_COLUMNS, MAX_COMPOUND},
    error::SqlError,
    expression::{Inside, sorted, window},
    name,
    scope::Scope,
    tables::JSON_EACH,
};

/// Looks at a SELECT with all around it, and gives how many columns it has.
pub fn query(scope: &mut Scope, select: &Select<'_>) -> Result<usize, SqlError> {
    let Select { with, body: SelectBody { select: first, compounds }, order_by, limit } = select;
    let entered = scope.enter()?;
    if let Some(with) = with {
        if with.recursive {
            return Err(SqlError::Refused("RECURSIVE"));
        }
        with.ctes.iter().try_for_each(|given| give(scope, given))?;
    }
    let compounds = compounds.as_deref().unwrap_or_default();
    if compounds.len() >= MAX_COMPOUND {
        return Err(SqlError::TooMany { of: "SELECTs behind each other", most: MAX_COMPOUND });
    }
    let width = one(scope, first)?;
    for compound in compounds {
        if one(scope, &compound.select)? != width {
            return Err(SqlError::Widths);
        }
    }
    expressions(scope, sorted(*order_by))?;
    if let Some(Limit { expr, offset }) = limit {
        expressions(scope, [expr].into_iter().chain(offset))?;
    }
    scope.leave(entered);
    Ok(width)
}

fn give(scope: &mut Scope, given: &CommonTableExpr<'_>) -> Result<(), SqlError> {
    // Whether its rows are kept in between changes none of them.
    let CommonTableExpr { tbl_name, columns, materialized: _, select } = given;
    for column in columns.unwrap_or_default() {
        if column.collation_name.is_some() || column.order.is_some() {
            return Err(SqlError::Refused("order in the names of columns"));
        }
        let column = name::read(column.col_name.0)?;
        scope.column(column);
    }
    let name = name::read(tbl_name.0)?;
    scope.give(name, |scope| query(scope, select))
}

fn one(scope: &mut Scope, select: &OneSelect<'_>) -> Result<usize, SqlError> {
    let OneSelect::Select { distinctness: _, columns, from, where_clause, group_by, having, window_clause } =
        select
    else {
        return Err(SqlError::Refused("VALUES: a list comes as a parameter, read by json_each"));
    };
    let sources = from.as_ref().map_or(Ok(Sources::default()), |from| tables(scope, from))?;
    let mut width = 0;
    for column in *columns {
        width += match column {
            ResultColumn::Expr(it, alias) => {
                expression(scope, it)?;
                if let Some(alias) = called(alias.as_ref())? {
                    scope.column(alias);
                }
                1
            }
            ResultColumn::Star if sources.tables.is_empty() => {
                return Err(SqlError::Refused("* where no table is read"));
            }
            ResultColumn::Star => {
                let all: usize = sources.tables.iter().map(|(_, width)| width).sum();
                all.saturating_sub(sources.shared)
            }
            ResultColumn::TableStar(Name(written)) => {
                let name = name::read(written)?;
                let source = sources.tables.iter().find(|(source, _)| source.as_ref() == Some(&name));
                source.map(|(_, width)| *width).ok_or(SqlError::Qualifier(name))?
            }
        };
    }
    if width > MAX_COLUMNS {
        return Err(SqlError::TooMany { of: "columns of a result", most: MAX_COLUMNS });
    }
    expressions(scope, [where_clause, having].into_iter().flatten().copied())?;
    expressions(scope, group_by.unwrap_or_default())?;
    for WindowDef { name, window: defined } in window_clause.unwrap_or_default() {
        name::read(name.0)?;
        expressions(scope, window(defined)?)?;
    }
    Ok(width)
}

/// What a FROM reads.
#[derive(Default)]
struct Sources {
    /// Each table with its name and its width.
    tables: Vec<(Option<String>, usize)>,
    /// Columns of USING: `*` gives them once.
    shared: usize,
}

fn tables(scope: &mut Scope, from: &FromClause<'_>) -> Result<Sources, SqlError> {
    let first = from.select.ok_or(SqlError::Statement)?;
    let mut sources = Sources { tables: vec![table(scope, first)?], shared: 0 };
    for JoinedSelectTable { operator: _, table: joined, constraint } in
        from.joins.as_deref().unwrap_or_default()
    {
        sources.tables.push(table(scope, joined)?);
        match constraint {
            Some(JoinConstraint::On(condition)) => expression(scope, condition)?,
            Some(JoinConstraint::Using(names)) => {
                for column in names.iter() {
                    let column = name::read(column.0)?;
                    scope.names(column);
                    sources.shared += 1;
                }
            }
            // A list belongs to what it is a list of.
            None if matches!(joined, SelectTable::TableCall(..)) => {}
            None => return Err(SqlError::Join),
        }
    }
    Ok(sources)
}

fn table(scope: &mut Scope, table: &SelectTable<'_>) -> Result<(Option<String>, usize), SqlError> {
    let (alias, name, width) = match table {
        SelectTable::Table(_, _, Some(_)) => return Err(SqlError::Refused("INDEXED BY")),
        SelectTable::Table(named, alias, None) => {
            let name = unqualified(named)?;
            let width = scope.table(&name)?;
            (alias, Some(name), width)
        }
        SelectTable::TableCall(named, arguments, alias) => {
            let name = unqualified(named)?;
            if name != JSON_EACH.name {
                return Err(SqlError::Table { found: name });
            }
            expressions(scope, arguments.unwrap_or_default())?;
            (alias, Some(name), scope.json_each()?)
        }
        SelectTable::Select(select, alias) => (alias, None, scope.derive(|scope| query(scope, select))?),
        SelectTable::Sub(..) => return Err(SqlError::Refused("tables in parentheses")),
    };
    let alias = called(alias.as_ref())?;
    if let Some(alias) = &alias {
        scope.qualifier(alias.clone());
    }
    Ok((alias.or(name), width))
}

/// The name of a table.
fn unqualified(written: &QualifiedName<'_>) -> Result<String, SqlError> {
    let QualifiedName { db_name, name, alias } = written;
    let name = name::read(name.0)?;
    match (db_name, alias) {
        (None, None) => Ok(name),
        (Some(Name(schema)), _) => Err(SqlError::Table { found: format!("{schema}.{name}") }),
        (None, Some(_)) => Err(SqlError::Table { found: name }),
    }
}

fn called(alias: Option<&As<'_>>) -> Result<Option<String>, SqlError> {
    let Some(As::As(Name(written)) | As::Elided(Name(written))) = alias else { return Ok(None) };
    name::read(written).map(Some)
}

fn expression(scope: &mut Scope, it: &Expr<'_>) -> Result<(), SqlError> {
    scope.within(|scope| {
        let inside = Inside::of(scope, it)?;
        expressions(scope, inside.expressions)?;
        inside.selects.into_iter().try_for_each(|select| query(scope, select).map(drop))
    })
}

fn expressions<'e, 'b: 'e>(
    scope: &mut Scope,
    list: impl IntoIterator<Item = &'e Expr<'b>>,
) -> Result<(), SqlError> {
    list.into_iter().try_for_each(|it| expression(scope, it))
}
