//! What of Canopy's stands in the page.

use std::cell::{Cell, RefCell};

use wasm_bindgen::JsValue;

use crate::platform;

/// One form or window at a time. Each attempt to put one there has a number: what arrives after it was ended is late.
#[derive(Default)]
pub struct Standing {
    held: RefCell<Option<JsValue>>,
    turn: Cell<u32>,
}

impl Standing {
    /// The number of the attempt that begins now.
    pub fn turn(&self) -> u32 {
        self.turn.get()
    }

    /// Whether that attempt has been ended.
    pub fn is_over(&self, turn: u32) -> bool {
        self.turn.get() != turn
    }

    /// It stands.
    pub fn put(&self, handle: JsValue) {
        self.held.replace(Some(handle));
    }

    /// What stands.
    pub fn get(&self) -> Option<JsValue> {
        self.held.borrow().clone()
    }

    /// Ends the attempt, and takes down what stands. Gives whether anything did.
    pub fn end(&self) -> bool {
        self.turn.set(self.turn.get() + 1);
        let held = self.held.take();
        if let Some(handle) = &held {
            let _ = platform::destroy(handle);
        }
        held.is_some()
    }
}
