//! Room for bodies in this isolate: numbers that its contexts share, and nothing that would tie one to another.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use canopy::room::{CAPACITY_BYTES, HOLD_MILLIS, Room, SEND_MILLIS, Ticket};
use wasm_bindgen::prelude::Closure;

use crate::platform;

/// How often, and after how many milliseconds each, a reader looks for room again.
const LOOKS: (u32, u64) = (40, 200);

/// What `look` gives as soon as there is room; `None` when there is none for long.
pub async fn patiently<T>(mut look: impl AsyncFnMut() -> Option<T>) -> Option<T> {
    for _ in 0..LOOKS.0 {
        if let Some(found) = look().await {
            return Some(found);
        }
        platform::sleep(LOOKS.1).await;
    }
    None
}

/// How much memory a model takes, in lengths of the text that it is made from.
const LENGTHS_OF_MODEL: usize = 3;

/// Room for the model of a text of so many bytes.
pub fn of_model(bytes: usize) -> usize {
    bytes.saturating_mul(LENGTHS_OF_MODEL).min(CAPACITY_BYTES)
}

thread_local! {
    static ROOM: RefCell<Room> = const { RefCell::new(Room::new()) };
}

/// Room for one body, let go of with the last of its clones.
#[derive(Clone)]
pub struct Reservation(Rc<Held>);

struct Held {
    ticket: Ticket,
    bytes: Cell<usize>,
    refused: Cell<bool>,
    is_lent: bool,
}

impl Drop for Held {
    fn drop(&mut self) {
        ROOM.with_borrow_mut(|room| room.release(self.ticket));
    }
}

impl Reservation {
    /// Holds nothing yet.
    pub fn new() -> Self {
        Self::of(false)
    }

    fn of(is_lent: bool) -> Self {
        let ticket = ROOM.with_borrow_mut(Room::ticket);
        Self(Rc::new(Held { ticket, bytes: Cell::default(), refused: Cell::default(), is_lent }))
    }

    /// Holds so many bytes in all; gives whether there is room.
    pub fn hold(&self, bytes: usize) -> bool {
        let is_held = self.hold_for(bytes, HOLD_MILLIS);
        self.0.refused.set(!is_held);
        is_held
    }

    /// Holds what it holds a while longer, for one who is read and may go unheard.
    pub fn keep(&self) {
        self.hold_for(self.0.bytes.get(), SEND_MILLIS);
    }

    fn hold_for(&self, bytes: usize, millis: u64) -> bool {
        self.0.bytes.set(bytes);
        let take = if self.0.is_lent { Room::lend } else { Room::hold };
        ROOM.with_borrow_mut(|room| take(room, self.0.ticket, bytes, platform::now(), millis))
    }

    /// Whether there was no room when it was last asked for.
    pub fn was_refused(&self) -> bool {
        self.0.refused.get()
    }

    /// For `bounded` of `platform.mjs`, which asks before it reads on.
    pub fn asked_from_javascript(&self) -> Closure<dyn FnMut(f64) -> bool> {
        let reservation = self.clone();
        Closure::new(move |bytes: f64| reservation.hold(bytes as usize))
    }

    /// Waits for room, in this context alone; `None` when there is none for long.
    pub async fn wait(bytes: usize) -> Option<Self> {
        Self::new().waited(bytes).await
    }

    /// The same with room that is lent: it is gone at the next [`hold`](Self::hold) where others have taken it.
    pub async fn wait_lent(bytes: usize) -> Option<Self> {
        Self::of(true).waited(bytes).await
    }

    async fn waited(self, bytes: usize) -> Option<Self> {
        patiently(async || self.hold(bytes).then(|| self.clone())).await
    }
}
