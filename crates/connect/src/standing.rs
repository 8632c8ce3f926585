//! What of Canopy's stands in the page, with the listener to its events.

use std::cell::{Cell, RefCell};

use wasm_bindgen_futures::spawn_local;

use crate::platform::EventListener;

/// One form or window at a time. Each attempt to put one there has a number: what arrives after it was ended is late.
pub struct Standing<H> {
    held: RefCell<Option<(H, EventListener)>>,
    turn: Cell<u32>,
}

impl<H> Default for Standing<H> {
    fn default() -> Self {
        Self { held: RefCell::default(), turn: Cell::default() }
    }
}

impl<H: Clone + 'static> Standing<H> {
    /// The number of the attempt that begins now.
    pub fn turn(&self) -> u32 {
        self.turn.get()
    }

    /// Whether that attempt has been ended.
    pub fn is_over(&self, turn: u32) -> bool {
        self.turn.get() != turn
    }

    /// It stands, and `listener` hears its events.
    pub fn put(&self, handle: H, listener: EventListener) {
        self.held.replace(Some((handle, listener)));
    }

    /// What stands.
    pub fn get(&self) -> Option<H> {
        self.held.borrow().as_ref().map(|(handle, _)| handle.clone())
    }

    /// Ends the attempt, and gives what stands, to be taken down.
    pub fn end(&self) -> Option<H> {
        self.turn.set(self.turn.get() + 1);
        let (handle, listener) = self.held.take()?;
        // It may be what is running now.
        spawn_local(async move { drop(listener) });
        Some(handle)
    }
}
