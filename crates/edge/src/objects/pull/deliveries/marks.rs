//! What is sent again.

use canopy::{
    delivery::{Edge, Replay, Standing, Subscription},
    id::Position,
};
use wasm_bindgen::JsValue;

use super::{
    super::{ledger::Ledger, store::integer},
    place::{cursor, name_of},
    rows::{find, keep, put},
};

/// Later than every time, and behind every position.
const LAST: i64 = 1 << 52;

/// Entries that are looked at in one transaction.
const AT_A_TIME: i64 = 1_000;

/// Has entries sent again that a range takes. Gives how many.
pub fn mark(ledger: &Ledger, to: &Subscription, replay: &Replay) -> Result<u32, JsValue> {
    ledger.prepare_deliveries()?;
    let ((mut first, from), (last, until)) = (end(replay.from, 0), end(replay.to, LAST));
    // What was not sent yet is sent anyhow.
    let (cursor, _) = cursor(ledger, to)?;
    let last = last.min(cursor);
    // What it did not take before stays passed over.
    keep(ledger, &to.id, cursor)?;
    let mut count = 0;
    while first <= last {
        let end = last.min(first + AT_A_TIME - 1);
        let mut page = || {
            count += mark_page(ledger, to, replay, (first, end), (from, until))?;
            Ok(JsValue::UNDEFINED)
        };
        ledger.storage.transaction(&mut page)?;
        first = end + 1;
    }
    Ok(count)
}

fn mark_page(
    ledger: &Ledger,
    to: &Subscription,
    replay: &Replay,
    (first, last): (Position, Position),
    (from, until): (i64, i64),
) -> Result<u32, JsValue> {
    let rows = ledger.database.all(
        "SELECT entry.position, kind, event_type, state, at FROM entry
         LEFT JOIN delivery ON subscription_id = ?1 AND delivery.position = entry.position
         WHERE entry.position BETWEEN ?2 AND ?3 AND recorded_at BETWEEN ?4 AND ?5",
        [to.id.as_str().into(), integer(first), integer(last), integer(from), integer(until)],
    )?;
    let mut count = 0;
    for row in &rows {
        let name = name_of(row, 1);
        let types = replay.types.as_ref().unwrap_or(&to.settings.types);
        let standing = row.integer(3).and_then(Standing::of_code);
        let is_asked = replay.standing.is_none_or(|asked| standing == Some(asked));
        let was_tried_since = row.integer(4).is_some_and(|at| at > replay.asked_at.0);
        if !types.take(&name) || !is_asked || was_tried_since || standing == Some(Standing::Waiting) {
            continue;
        }
        let position = row.integer(0).unwrap_or_default();
        let mut delivery = find(ledger, &to.id, position)?;
        delivery.standing = Standing::Again;
        put(ledger, &to.id, position, &delivery)?;
        count += 1;
    }
    Ok(count)
}

/// The position and the time of an end of a range, each `open` where it does not name it.
fn end(edge: Option<Edge>, open: i64) -> (Position, i64) {
    match edge {
        Some(Edge::Position(position)) => (position.min(LAST), open),
        Some(Edge::Time(at)) => (open, at),
        None => (open, open),
    }
}
