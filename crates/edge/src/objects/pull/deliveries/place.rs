//! A subscription's place in the log.

use canopy::{
    delivery::{Standing, Subscription, type_of},
    id::Position,
    pull::{Kind, LONGEST_TAIL},
    time::UnixMillis,
};
use wasm_bindgen::JsValue;

use super::{
    super::{
        ledger::Ledger,
        store::{IntoSql, integer},
    },
    rows::keep,
};
use crate::platform::Row;

/// Entries read at a time where one of a type is looked for.
const AT_A_TIME: i64 = 16;

/// The next entry to send: what is to be sent again before what was not sent yet. `to` is how the subscription stands after the entry
/// at `end`: of what comes later it says nothing.
pub fn next(ledger: &Ledger, to: &Subscription, end: Position) -> Result<Option<Position>, JsValue> {
    if let Some(position) = next_again(ledger, to)? {
        return Ok(Some(position));
    }
    let (cursor, kept) = cursor(ledger, to)?;
    let next = first_after(ledger, cursor, to, end)?;
    let passed = next.map_or(end, |next| next - 1).max(cursor);
    ledger.cursors.borrow_mut().insert(to.id.clone(), passed);
    // It is looked for from there when the object has slept.
    if passed - kept > LONGEST_TAIL {
        keep(ledger, &to.id, passed)?;
    }
    Ok(next)
}

fn next_again(ledger: &Ledger, to: &Subscription) -> Result<Option<Position>, JsValue> {
    if !ledger.tables().deliveries {
        return Ok(None);
    }
    let (from, until) = to.resumed.unwrap_or((UnixMillis(0), UnixMillis(0)));
    let row = ledger.database.first(
        "SELECT position FROM delivery
         WHERE subscription_id = ?1 AND state >= 2 AND (state = 3 OR (at >= ?2 AND at < ?3)) ORDER BY position LIMIT 1",
        [to.id.as_str().into(), from.into_sql(), until.into_sql()],
    )?;
    Ok(row.and_then(|row| row.integer(0)))
}

/// The last position that is settled or passed over, and the one that is kept of it.
pub fn cursor(ledger: &Ledger, to: &Subscription) -> Result<(Position, Position), JsValue> {
    let known = ledger.cursors.borrow().get(&to.id).copied();
    let (mut newest, mut lane) = (None, None);
    if ledger.tables().deliveries {
        let query =
            "SELECT position, state FROM delivery WHERE subscription_id = ?1 ORDER BY position DESC LIMIT 1";
        newest = ledger.database.first(query, [to.id.as_str().into()])?.and_then(|row| {
            let is_waiting = row.integer(1).and_then(Standing::of_code) == Some(Standing::Waiting);
            row.integer(0).map(|position| position - i64::from(is_waiting))
        });
        let query = "SELECT cursor FROM lane WHERE subscription_id = ?1";
        lane = ledger.database.first(query, [to.id.as_str().into()])?.and_then(|row| row.integer(0));
    }
    let kept = match newest.max(lane) {
        Some(kept) => kept,
        None => beginning(ledger, to)?,
    };
    Ok((kept.max(known.unwrap_or_default()), kept))
}

/// The last position of before the subscription.
fn beginning(ledger: &Ledger, to: &Subscription) -> Result<Position, JsValue> {
    let Some(since) = to.since else { return Ok(0) };
    // From the end backwards: most subscriptions are older than most pulls, or newer than all of a pull.
    let query = "SELECT position FROM entry WHERE recorded_at < ?1 ORDER BY position DESC LIMIT 1";
    Ok(ledger.database.first(query, [since.into_sql()])?.and_then(|row| row.integer(0)).unwrap_or_default())
}

/// The first entry behind `position`, up to `end`, of a type that is taken.
fn first_after(
    ledger: &Ledger,
    mut position: Position,
    to: &Subscription,
    end: Position,
) -> Result<Option<Position>, JsValue> {
    loop {
        let query = "SELECT position, kind, event_type, recorded_at FROM entry WHERE position > ?1 AND position <= ?2 ORDER BY position LIMIT ?3";
        let rows = ledger.database.all(query, [integer(position), integer(end), integer(AT_A_TIME)])?;
        let is_taken = |row: &&Row| to.takes(&name_of(row, 1), row.moment(3));
        if let Some(row) = rows.iter().find(is_taken) {
            return Ok(row.integer(0));
        }
        match rows.last().and_then(|row| row.integer(0)) {
            Some(last) => position = last,
            None => return Ok(None),
        }
    }
}

/// The type of an entry downstream: of the columns `kind, event_type` from `column` on.
pub fn name_of(row: &Row, column: u32) -> String {
    let kind = row.integer(column).and_then(Kind::of_code);
    type_of(kind, &row.text(column + 1).unwrap_or_default()).to_owned()
}
