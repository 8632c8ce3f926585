//! Writing down what has come, and what does not come any more.

use canopy::{
    pull::{Entry, Kind, Position, Record, key},
    schedule::{Agenda, OwnEvent},
    time::UnixMillis,
};
use wasm_bindgen::JsValue;

use super::{
    ledger::{Ledger, entry_context},
    store::integer,
};
use crate::platform;

/// Most events that come at once: more than can wait. The rest of what should be more comes with the next entry or alarm.
const MOST_AT_ONCE: usize = 4_000;

/// When the next event comes by itself.
pub fn next(ledger: &Ledger, record: &Record) -> Result<Option<UnixMillis>, JsValue> {
    // A pull of which there is nothing has nothing to come.
    if record.end.position == 0 {
        return Ok(None);
    }
    let config = ledger.config()?;
    Ok(record.state.agenda().next(&record.state.situation(&record.pull_id), &config.plan))
}

/// Writes down what has come by `until`, in the order in which it did. To be called in a change, before another entry.
pub fn catch_up(ledger: &Ledger, record: &mut Record, until: UnixMillis) -> Result<(), JsValue> {
    let config = ledger.config()?;
    for _ in 0..MOST_AT_ONCE {
        let now = record.state.situation(&record.pull_id);
        let Some(due) = record.state.agenda().first(&now, &config.plan, until) else { return Ok(()) };
        let scheduled = due.scheduled_at().map(|at| own_event(ledger, record, at)).transpose()?;
        let (event, cause) = (due.event(&config.plan, scheduled.flatten()), due.cause());
        write(ledger, record, Kind::Fired, Some(cause), &event)?;
    }
    Ok(())
}

/// Writes down what a snapshot took away of what was to come: `before` is what that was, `cause` the snapshot's entry.
pub fn take_away(
    ledger: &Ledger,
    record: &mut Record,
    before: &Agenda,
    cause: Position,
) -> Result<(), JsValue> {
    let config = ledger.config()?;
    let now = record.state.situation(&record.pull_id);
    for event in record.state.agenda().taken_away(before, &now, &config.plan) {
        write(ledger, record, Kind::Void, Some(cause), &event)?;
    }
    Ok(())
}

/// Appends an entry that is an own event.
pub fn write(
    ledger: &Ledger,
    record: &mut Record,
    kind: Kind,
    cause: Option<Position>,
    event: &OwnEvent,
) -> Result<Position, JsValue> {
    let key = key(kind, record.end.position + 1);
    write_as(ledger, record, kind, cause, event, &key)
}

/// The same, with a key of its own.
pub fn write_as(
    ledger: &Ledger,
    record: &mut Record,
    kind: Kind,
    cause: Option<Position>,
    event: &OwnEvent,
    key: &[u8],
) -> Result<Position, JsValue> {
    let body = serde_json::to_vec(event).expect("an event is plain data");
    let entry = Entry::Own(kind, event);
    ledger.insert(record, kind, &event.event_type, key, cause, Some(event.effective_at), &entry, &body)
}

/// The own event of an entry; `None` where none stands there.
pub fn own_event(ledger: &Ledger, record: &Record, position: Position) -> Result<Option<OwnEvent>, JsValue> {
    let query = "SELECT key, sealed, body FROM entry WHERE position = ?1";
    let Some(row) = ledger.database.first(query, [integer(position)])? else { return Ok(None) };
    let mut body = row.bytes(2);
    let context = entry_context(record.pull_id.as_str(), &row.bytes(0));
    let config = ledger.config()?;
    let opened = config.keys.read(&mut body, row.integer(1) == Some(1), &context);
    Ok(serde_json::from_slice(opened.map_err(|error| error.to_string())?).ok())
}

/// Writes down what has come by now; gives whether something had.
pub fn come(ledger: &Ledger) -> Result<bool, JsValue> {
    let now = platform::now();
    let next = ledger.read(|record| next(ledger, record))?.transpose()?.flatten();
    let is_due = next.is_some_and(|next| next <= now);
    if is_due {
        ledger.change(|record| catch_up(ledger, record, now))?;
    }
    Ok(is_due)
}
