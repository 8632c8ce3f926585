//! What is to come of a pull: events that the back office scheduled, and those that follow from what is known of it.
//!
//! A pure function of the log gives what waits; whether something has come is itself an entry of the log. Source: design, "Time".

mod agenda;
mod data;
mod due;
mod event;
mod listing;
mod plan;
mod policy;
mod since;
mod term;
mod waiting;
mod watch;
mod zone;

pub use agenda::{Agenda, MAX_WAITING};
pub use data::Data;
pub use due::{Due, of_caller};
pub use event::{NewEvent, OwnEvent, When};
pub(crate) use event::{OURS, invalid, moment, rfc3339, type_of};
pub use listing::{Item, MAX_ID_LENGTH, Origin, Outlook, ScheduleCursor, ScheduleQuery};
pub use plan::{Plan, Times};
pub use policy::MAX_POLICIES;
pub use since::{Sign, Situation};
pub use term::Term;
pub(crate) use watch::is_deleting;
pub use zone::{Day, Zone};
