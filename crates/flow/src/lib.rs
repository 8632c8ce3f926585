//! The agency's workflows, sans I/O: groups of flows, their expressions, connectors to other systems, and the next step of a run.

pub mod approval_page;
pub mod asked;
pub mod blank;
pub mod connector;
pub mod cron;
pub mod csv;
pub mod definition;
pub mod dry;
pub mod due;
pub mod expression;
pub mod field;
pub mod gallery;
pub mod instance;
pub mod moment;
pub mod oauth;
pub mod pdf;
mod place;
pub mod query;
pub mod request;
pub mod run;
pub mod schema;
pub mod sql;
pub mod template;
pub mod text;
pub mod wording;
