//! Expressions of the Common Expression Language, bounded before they are compiled and before they are evaluated.
//! Source: <https://github.com/google/cel-spec/blob/master/doc/langdef.md>.

mod bound;
mod compile;
mod evaluate;
mod functions;
mod value;

pub use bound::MAX_WORK;
pub use compile::{Expression, ExpressionError, MAX_LENGTH, MAX_NESTING};
pub use evaluate::{Fault, Scope};
