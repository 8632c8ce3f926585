//! How fast the runs of an isolate go on together: webhooks that come meanwhile go first.

use std::cell::Cell;

use canopy::time::UnixMillis;

use crate::platform::{self, clock};

/// Steps of an isolate's runs begin so far apart while webhooks come, in milliseconds: what one works is less than a tenth of it.
const APART_MILLIS: u64 = 100;

/// How long after a webhook others are awaited, in milliseconds.
const SOON_MILLIS: u64 = 1_000;

/// Longest wait, in milliseconds: however many runs there are, each goes on.
const LONGEST_MILLIS: u64 = 45_000;

thread_local! {
    /// Until when webhooks are awaited, by the machine's clock.
    static AWAITED: Cell<UnixMillis> = const { Cell::new(UnixMillis(0)) };
    /// When the next step may begin.
    static NEXT: Cell<UnixMillis> = const { Cell::new(UnixMillis(0)) };
}

/// Notes that a webhook came to an object of this isolate, when by the machine's clock.
pub fn webhook_came(at: UnixMillis) {
    AWAITED.set(at.plus(SOON_MILLIS));
}

/// Waits until a step may begin.
pub async fn give_way() {
    let now = clock::machine();
    if now >= AWAITED.get() {
        return;
    }
    let turn = NEXT.get().max(now).min(now.plus(LONGEST_MILLIS));
    NEXT.set(turn.plus(APART_MILLIS));
    let wait = u64::try_from(turn.0 - now.0).unwrap_or_default();
    if wait > 0 {
        platform::sleep(wait).await;
    }
}
