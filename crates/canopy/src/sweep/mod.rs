//! A walk over all pulls, that does one thing with each: a step at a time, so that it goes on where it was cut short.

mod kind;
mod run;
mod step;
#[cfg(test)]
mod tests;

pub use kind::Kind;
pub use run::{Asked, PAGE, PageQuery, Phase, Run};
pub use step::Step;
