//! Deleting a pull, as the back office asks for it.

use std::rc::Rc;

use serde_json::json;
use wasm_bindgen::prelude::*;

use super::{
    erasure::{self, Tombstone},
    object::PullObject,
};
use crate::platform;

/// How often it is looked whether all is deleted, and after how many milliseconds each.
const LOOKS: (u32, u64) = (200, 50);

#[wasm_bindgen]
impl PullObject {
    /// Deletes the pull, and waits a while for that. Gives `{"pull_id", "deleted_at", "is_done"}` as JSON; `undefined` when the pull
    /// is unknown.
    pub async fn erase(&self) -> Result<Option<String>, JsValue> {
        let ledger = Rc::clone(&self.ledger);
        match erasure::tombstone(&ledger)? {
            Some(Tombstone { sessions: Some(_), pull_id, .. }) => erasure::wake(&ledger, &pull_id),
            Some(_) => {}
            None if !erasure::begin(&ledger)? => return Ok(None),
            None => {
                if let Some(Tombstone { pull_id, .. }) = erasure::tombstone(&ledger)? {
                    erasure::hide(&ledger, &pull_id).await;
                }
            }
        }
        for _ in 0..LOOKS.0 {
            if erasure::tombstone(&ledger)?.is_some_and(|tombstone| tombstone.sessions.is_none()) {
                break;
            }
            platform::sleep(LOOKS.1).await;
        }
        let shown = erasure::tombstone(&ledger)?.map(|tombstone| {
            json!({
                "pull_id": tombstone.pull_id,
                "deleted_at": tombstone.erased_at.rfc3339(),
                "is_done": tombstone.sessions.is_none(),
            })
        });
        Ok(shown.map(|shown| shown.to_string()))
    }
}
