//! The clock: the machine's, which local runs may put forward.

use std::cell::Cell;

use canopy::time::UnixMillis;

thread_local! {
    /// How far it is ahead of the machine's, in milliseconds.
    static AHEAD: Cell<i64> = const { Cell::new(0) };
}

/// What everything but the signatures of webhooks goes by.
pub fn now() -> UnixMillis {
    of_machine(machine())
}

/// The machine's.
pub fn machine() -> UnixMillis {
    UnixMillis(js_sys::Date::now() as i64)
}

/// The time when the machine shows `at`.
pub fn of_machine(at: UnixMillis) -> UnixMillis {
    UnixMillis(at.0.saturating_add(AHEAD.get()))
}

/// What the machine shows at that time.
pub fn on_machine(at: UnixMillis) -> UnixMillis {
    UnixMillis(at.0.saturating_sub(AHEAD.get()))
}

/// Puts it so many milliseconds ahead of the machine's.
pub fn put_ahead(millis: i64) {
    AHEAD.set(millis);
}
