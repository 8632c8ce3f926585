//! Expressions of the Common Expression Language, bounded before they are compiled and before they are evaluated.
//! Source: <https://github.com/google/cel-spec/blob/master/doc/langdef.md>.

mod bound;
mod compile;
mod evaluate;
mod functions;
mod scope;
mod value;

pub use compile::{Expression, ExpressionError, MAX_LENGTH, MAX_NESTING};
pub use scope::{Fault, MAX_WORK, Scope};
