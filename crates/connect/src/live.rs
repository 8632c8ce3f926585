//! The live connection to the session, one at a time.

use std::cell::{Cell, RefCell};

use canopy::page::Live as Attempts;
use wasm_bindgen::prelude::*;

use crate::platform::Live;

/// The connection that stands, and how it fares.
#[derive(Default)]
pub struct Following {
    live: RefCell<Option<Live>>,
    attempts: Cell<Attempts>,
}

impl Following {
    /// Follows the session at `url`, and no other any more. `heard` is called as `js/platform.js` says.
    pub fn begin(&self, url: &str, token: &str, heard: &JsValue) {
        self.end();
        self.live.replace(Live::new(url, token, heard).ok());
    }

    /// Ends the connection.
    pub fn end(&self) {
        let live = self.live.take();
        if let Some(live) = live {
            let _ = live.close();
        }
    }

    /// How it fares.
    pub fn attempts(&self) -> Attempts {
        self.attempts.get()
    }

    /// Notes how it fares. Gives what `what` gives, and whether the page shows another connection by it.
    pub fn note<T>(&self, what: impl FnOnce(&mut Attempts) -> T) -> (T, bool) {
        let (before, mut attempts) = (self.attempts.get(), self.attempts.get());
        let noted = what(&mut attempts);
        self.attempts.set(attempts);
        (noted, before.is_cut_off() != attempts.is_cut_off())
    }

    /// Another session fares as it does.
    pub fn forget(&self) {
        self.attempts.set(Attempts::default());
    }
}
