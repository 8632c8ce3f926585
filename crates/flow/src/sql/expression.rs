//! What an expression may be: one is looked at by itself, and gives what stands in it.

use sqlite3_parser::ast::{
    Expr, FrameBound, FrameClause, FunctionCallOrder, FunctionTail, Id, LikeOperator, Name, Over, Select,
    SortedColumn, Type, Window,
};

use super::{bounds::MAX_ARGUMENTS, error::SqlError, functions::FUNCTIONS, name, scope::Scope};

/// What stands in an expression, and is not looked at yet.
#[derive(Default)]
pub struct Inside<'e, 'b> {
    pub expressions: Vec<&'e Expr<'b>>,
    pub selects: Vec<&'e Select<'b>>,
}

impl<'e, 'b> Inside<'e, 'b> {
    /// What stands in an expression of a known kind.
    pub fn of(scope: &mut Scope, it: &'e Expr<'b>) -> Result<Self, SqlError> {
        let mut inside = Self::default();
        match it {
            Expr::Literal(_) => {}
            Expr::Variable(written) => scope.parameter(written)?,
            Expr::Id(Id(written)) | Expr::Name(Name(written)) => scope.names(name::read(written)?),
            Expr::Qualified(Name(table), Name(column)) => {
                scope.qualifies(name::read(table)?);
                scope.names(name::read(column)?);
            }
            Expr::Between { lhs, not: _, start, end } => inside.expressions.extend([*lhs, *start, *end]),
            Expr::Binary(left, _, right) => inside.expressions.extend([*left, *right]),
            Expr::Case { base, when_then_pairs, else_expr } => {
                let pairs = when_then_pairs.iter().flat_map(|(when, then)| [when, then]);
                inside.expressions.extend(base.iter().copied().chain(pairs).chain(else_expr.iter().copied()));
            }
            Expr::Cast { expr, type_name } => {
                cast(type_name.as_ref())?;
                inside.expressions.push(expr);
            }
            Expr::Collate(expr, collation) => {
                if !["nocase", "binary", "rtrim"].contains(&collation.to_ascii_lowercase().as_str()) {
                    return Err(SqlError::Collation((*collation).to_owned()));
                }
                inside.expressions.push(expr);
            }
            Expr::Exists(select) | Expr::Subquery(select) => inside.selects.push(select),
            Expr::FunctionCall { name: Id(written), distinctness: _, args, order_by, filter_over } => {
                function(written)?;
                let arguments = args.unwrap_or_default();
                if arguments.len() > MAX_ARGUMENTS {
                    return Err(SqlError::TooMany { of: "arguments of a function", most: MAX_ARGUMENTS });
                }
                inside.expressions.extend(arguments);
                let order = order_by.as_ref().map(|FunctionCallOrder::SortList(order)| *order);
                inside.expressions.extend(sorted(order));
                inside.tail(filter_over.as_ref())?;
            }
            Expr::FunctionCallStar { name: Id(written), filter_over } => {
                function(written)?;
                inside.tail(filter_over.as_ref())?;
            }
            Expr::InList { lhs, not: _, rhs } => {
                inside.expressions.push(lhs);
                inside.expressions.extend(rhs.unwrap_or_default());
            }
            Expr::InSelect { lhs, not: _, rhs } => {
                inside.expressions.push(lhs);
                inside.selects.push(rhs);
            }
            Expr::IsNull(expr) | Expr::NotNull(expr) | Expr::Unary(_, expr) => inside.expressions.push(expr),
            Expr::Like { lhs, not: _, op: LikeOperator::Like | LikeOperator::Glob, rhs, escape } => {
                inside.expressions.extend([*lhs, *rhs].into_iter().chain(escape.iter().copied()));
            }
            Expr::Parenthesized(list) => inside.expressions.extend(list),
            Expr::DoublyQualified(..) => return Err(SqlError::Refused("schema before a table")),
            Expr::InTable { .. } => {
                return Err(SqlError::Refused("table behind IN: a SELECT in parentheses may stand there"));
            }
            Expr::Like { op: LikeOperator::Match | LikeOperator::Regexp, .. } => {
                return Err(SqlError::Refused("MATCH and REGEXP"));
            }
            Expr::Raise(..) => return Err(SqlError::Refused("RAISE")),
        }
        Ok(inside)
    }

    /// What stands behind a call: FILTER and OVER.
    fn tail(&mut self, tail: Option<&'e FunctionTail<'b>>) -> Result<(), SqlError> {
        let Some(FunctionTail { filter_clause, over_clause }) = tail else { return Ok(()) };
        self.expressions.extend(filter_clause.iter().copied());
        match over_clause {
            Some(Over::Window(it)) => self.expressions.extend(window(it)?),
            Some(Over::Name(Name(written))) => drop(name::read(written)?),
            None => {}
        }
        Ok(())
    }
}

/// What stands in a window of rows.
pub fn window<'e, 'b>(it: &'e Window<'b>) -> Result<Vec<&'e Expr<'b>>, SqlError> {
    let Window { base, partition_by, order_by, frame_clause } = it;
    if let Some(Name(written)) = base {
        name::read(written)?;
    }
    let mut inside: Vec<_> = partition_by.unwrap_or_default().iter().chain(sorted(*order_by)).collect();
    if let Some(FrameClause { mode: _, start, end, exclude: _ }) = frame_clause {
        for bound in [Some(start), end.as_ref()].into_iter().flatten() {
            match bound {
                FrameBound::Following(it) | FrameBound::Preceding(it) => inside.push(it),
                FrameBound::CurrentRow | FrameBound::UnboundedFollowing | FrameBound::UnboundedPreceding => {}
            }
        }
    }
    Ok(inside)
}

/// What rows are ordered by.
pub fn sorted<'e, 'b>(columns: Option<&'e [SortedColumn<'b>]>) -> impl Iterator<Item = &'e Expr<'b>> {
    columns.unwrap_or_default().iter().map(|SortedColumn { expr, order: _, nulls: _ }| expr)
}

fn function(written: &str) -> Result<(), SqlError> {
    let name = name::read(written)?;
    if FUNCTIONS.contains(&name.as_str()) { Ok(()) } else { Err(SqlError::Function { found: name }) }
}

fn cast(type_name: Option<&Type<'_>>) -> Result<(), SqlError> {
    let name = match type_name {
        Some(Type { name, size: None }) => name.to_ascii_lowercase(),
        Some(Type { name, size: Some(_) }) => format!("{name}(…)"),
        None => "nothing".to_owned(),
    };
    let is_known = ["integer", "real", "numeric", "text"].contains(&name.as_str());
    if is_known { Ok(()) } else { Err(SqlError::Type(name)) }
}
