//! A workflow group as its owner writes it: read once, with all that is wrong with it told at once.

mod bounds;
mod build;
mod group;
mod kind;
mod known;
mod read;
mod reference;
mod step;
mod steps;
mod trigger;

pub use bounds::*;
pub use group::{Flow, Group};
pub use kind::{KINDS, Kind, Member, Shape};
pub use known::Known;
pub use step::{Body, Decision, Ending, Failing, Retry, Secret, Step, Use};
pub use trigger::{Missed, Subject, Trigger};

#[cfg(test)]
mod tests;
