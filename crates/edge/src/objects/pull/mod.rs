//! The Durable Object of one pull: its event log, its state, its outbox.

mod alarm;
mod aside;
mod brought;
mod delivered;
mod deliveries;
mod download;
mod erased;
mod erasure;
mod failure;
mod intake;
mod ledger;
mod log;
mod model;
mod object;
mod own;
mod ran;
mod rekey;
mod runs;
mod store;
mod view;
mod walk;
mod work;
