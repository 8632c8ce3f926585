//! Where runs are kept, and what is done there for them.

use std::rc::Rc;

use canopy::{config::Config, delivery::Types, time::UnixMillis};
use flow::{
    definition::Flow,
    expression::Fault,
    run::{Event, Run, World},
};
use serde_json::Value;
use wasm_bindgen::JsValue;
use worker::Env;

use crate::{
    objects::unseen::Unseen,
    platform::{Database, ObjectStorage},
};

/// What a search in the log found: the entry's position, and it as expressions read it; or why its condition gives nothing.
pub type Found = Result<Option<(i64, Value)>, Fault>;

/// See above.
pub trait Home {
    fn env(&self) -> &Env;
    fn storage(&self) -> &ObjectStorage;
    fn database(&self) -> &Database;
    fn config(&self) -> Result<Rc<Config>, JsValue>;

    /// Whose they are, as it stands in the places for sealing.
    fn owner(&self) -> Result<String, JsValue>;

    /// Whether there are tables for them.
    fn has_runs(&self) -> bool;

    /// What a flow reads beside its journal.
    fn world(&self, flow: &Flow, run: &Run) -> Result<World, Unseen>;

    /// The first entry behind a position, written down by then, of these types, that a wait takes.
    fn found(
        &self,
        types: &Types,
        after: i64,
        until: UnixMillis,
        is_awaited: &mut dyn FnMut(&Value) -> Result<bool, Fault>,
    ) -> Result<Found, JsValue>;

    /// Writes an event into the log; once for its key. Gives what the step then holds, or why it was not taken.
    fn write(&self, event: &Event, caller: &str) -> Result<Result<Value, String>, JsValue>;

    /// Has the list told of what changed.
    fn tell(&self) -> Result<(), JsValue>;
}
