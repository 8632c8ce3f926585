//! Writing a pull's log. What has come by itself before an entry stands before it, and what the entry takes away of what was to come
//! stands behind it.

use canopy::{
    pull::{Entry, Kind, LogEnd, Position, Record, key},
    schedule::{Agenda, OwnEvent},
    time::UnixMillis,
};
use serde::Serialize;
use wasm_bindgen::JsValue;

use super::{
    ledger::{Ledger, entry_context},
    store::{NewEntry, integer},
};
use crate::platform;

/// Most events that come at once: more than can wait. Should there be more, the rest comes with the next entry or alarm.
const MOST_AT_ONCE: usize = 4_000;

/// An entry of the edge's own on its way into the log.
pub struct Writing<'e> {
    pub kind: Kind,
    pub event_type: &'e str,
    pub key: &'e [u8],
    pub cause: Option<Position>,
    /// When it counts, where that is not when it is written down.
    pub effective_at: Option<UnixMillis>,
    pub entry: Entry<'e>,
    pub body: &'e [u8],
}

/// Appends an entry of the edge's own; gives its position. To be called in a change, as are all below.
pub fn append(
    ledger: &Ledger,
    record: &mut Record,
    kind: Kind,
    cause: Option<Position>,
    entry: Entry<'_>,
    body: &impl Serialize,
) -> Result<Position, JsValue> {
    let body = serde_json::to_vec(body).expect("a body is plain data");
    append_typed(ledger, record, kind, "", cause, entry, &body)
}

/// The same, of a type that has a name.
pub fn append_typed(
    ledger: &Ledger,
    record: &mut Record,
    kind: Kind,
    event_type: &str,
    cause: Option<Position>,
    entry: Entry<'_>,
    body: &[u8],
) -> Result<Position, JsValue> {
    let now = platform::now();
    catch_up(ledger, record, now)?;
    let key = key(kind, record.end.position + 1);
    let writing = Writing { kind, event_type, key: &key, cause, effective_at: None, entry, body };
    append_as(ledger, record, writing, now)
}

/// The same, with a key of its own.
pub fn append_as(
    ledger: &Ledger,
    record: &mut Record,
    writing: Writing<'_>,
    now: UnixMillis,
) -> Result<Position, JsValue> {
    let learns = matches!(writing.entry, Entry::Fetched(_) | Entry::Refreshed(_));
    let before = learns.then(|| record.state.agenda().clone());
    let position = insert(ledger, record, writing, now)?;
    if let Some(before) = before {
        take_away(ledger, record, &before, position, now)?;
    }
    Ok(position)
}

/// Appends an own event.
pub fn write(
    ledger: &Ledger,
    record: &mut Record,
    kind: Kind,
    cause: Option<Position>,
    event: &OwnEvent,
    now: UnixMillis,
) -> Result<Position, JsValue> {
    let key = key(kind, record.end.position + 1);
    write_as(ledger, record, kind, cause, event, &key, now)
}

/// The same, with a key of its own.
pub fn write_as(
    ledger: &Ledger,
    record: &mut Record,
    kind: Kind,
    cause: Option<Position>,
    event: &OwnEvent,
    key: &[u8],
    now: UnixMillis,
) -> Result<Position, JsValue> {
    let body = serde_json::to_vec(event).expect("an event is plain data");
    let writing = Writing {
        kind,
        event_type: &event.event_type,
        key,
        cause,
        effective_at: Some(event.effective_at),
        entry: Entry::Own(kind, event),
        body: &body,
    };
    insert(ledger, record, writing, now)
}

fn insert(
    ledger: &Ledger,
    record: &mut Record,
    writing: Writing<'_>,
    now: UnixMillis,
) -> Result<Position, JsValue> {
    let Writing { kind, event_type, key, cause, effective_at, entry, body } = writing;
    let end: LogEnd = record.end.next(now);
    let config = ledger.config()?;
    let context = entry_context(record.pull_id.as_str(), key);
    let sealed = config.keys.seal(body, &context, platform::random());
    let written = NewEntry {
        kind,
        end,
        cause,
        effective_at,
        event_type,
        sequence: None,
        outcome: "applied",
        key,
        is_sealed: sealed.is_some(),
        body: platform::to_js(sealed.as_deref().unwrap_or(body)),
    }
    .insert(&ledger.database)?;
    if !written {
        return Err(JsValue::from_str("another entry stands there"));
    }
    record.take_up(&entry, end);
    Ok(end.position)
}

/// Whether something has come by itself before an entry that is written at `now`.
pub fn is_behind(ledger: &Ledger, record: &Record, now: UnixMillis) -> Result<bool, JsValue> {
    let next = ledger.next_event(record)?;
    Ok(next.is_some_and(|next| next.0 <= record.end.next(now).recorded_at))
}

/// Writes down what has come by itself before an entry that is written at `now`, in the order in which it did.
pub fn catch_up(ledger: &Ledger, record: &mut Record, now: UnixMillis) -> Result<(), JsValue> {
    let config = ledger.config()?;
    let until = UnixMillis(record.end.next(now).recorded_at);
    for _ in 0..MOST_AT_ONCE {
        let situation = record.state.situation(&record.pull_id);
        let Some(due) = record.state.agenda().first(&situation, &config.plan, until) else { break };
        let cause = due.cause();
        match due.scheduled_at().map(|at| own_event(ledger, record, at)).transpose() {
            Ok(scheduled) => {
                let event = due.event(&config.plan, scheduled.flatten());
                write(ledger, record, Kind::Fired, Some(cause), &event, now)?;
            }
            // Its key is gone: that holds up nothing that comes after it.
            Err(_) => {
                let because = Some("what was scheduled cannot be opened".to_owned());
                let event = OwnEvent { because, ..due.event(&config.plan, None) };
                write(ledger, record, Kind::Void, Some(cause), &event, now)?;
            }
        }
    }
    Ok(())
}

/// Writes down what has come by now; gives whether something had.
pub fn come(ledger: &Ledger) -> Result<bool, JsValue> {
    let now = platform::now();
    let is_due = ledger.read(|record| is_behind(ledger, record, now))?.transpose()? == Some(true);
    if is_due {
        ledger.change(|record| catch_up(ledger, record, now))?;
    }
    Ok(is_due)
}

/// Writes down what a snapshot took away of what was to come: `before` is what that was, `cause` the snapshot's entry.
fn take_away(
    ledger: &Ledger,
    record: &mut Record,
    before: &Agenda,
    cause: Position,
    now: UnixMillis,
) -> Result<(), JsValue> {
    let config = ledger.config()?;
    let situation = record.state.situation(&record.pull_id);
    for event in record.state.agenda().taken_away(before, &situation, &config.plan) {
        write(ledger, record, Kind::Void, Some(cause), &event, now)?;
    }
    Ok(())
}

/// The own event of an entry; `None` where none stands there.
///
/// # Errors
/// Where it cannot be opened.
pub fn own_event(ledger: &Ledger, record: &Record, position: Position) -> Result<Option<OwnEvent>, JsValue> {
    let query = "SELECT key, sealed, body FROM entry WHERE position = ?1";
    let Some(row) = ledger.database.first(query, [integer(position)])? else { return Ok(None) };
    let mut body = row.bytes(2);
    let context = entry_context(record.pull_id.as_str(), &row.bytes(0));
    let config = ledger.config()?;
    let opened = config.keys.read(&mut body, row.integer(1) == Some(1), &context);
    Ok(serde_json::from_slice(opened.map_err(|error| error.to_string())?).ok())
}
