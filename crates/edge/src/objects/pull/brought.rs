//! What becomes of an event that somebody brings, and of the schedule.

use canopy::{
    paging,
    problem::{Code, Problem},
    pull::{Kind, Position, Record},
    schedule::{
        Item, MAX_WAITING, NewEvent, Outlook, OwnEvent, ScheduleCursor, ScheduleQuery, When, of_caller,
    },
    time::UnixMillis,
};
use serde_json::{Value, json};
use wasm_bindgen::JsValue;

use super::{
    ledger::Ledger,
    log::{self, own_event},
    store, view,
};
use crate::{objects::calls::Answer, platform};

/// Takes an event that a step of a workflow brings; once for its key. Gives what the step then holds, or why it was not taken.
pub fn of_run(
    ledger: &Ledger,
    record: &mut Record,
    event: &Value,
    when: When,
    caller: &str,
) -> Result<Result<Value, String>, JsValue> {
    let event = match NewEvent::read(event.to_string().as_bytes(), when) {
        Ok(event) => event,
        Err(problem) => return Ok(Err(problem.detail)),
    };
    let answer = take(ledger, record, event, when, caller)?;
    let body: Value = serde_json::from_str(&answer.body).unwrap_or_default();
    if answer.status >= 400 {
        return Ok(Err(body["detail"].as_str().unwrap_or_default().to_owned()));
    }
    Ok(Ok(json!({ "position": body["position"], "schedule_id": body["schedule_id"] })))
}

/// Takes an event that `caller` brings.
pub fn take(
    ledger: &Ledger,
    record: &mut Record,
    event: NewEvent,
    when: When,
    caller: &str,
) -> Result<Answer, JsValue> {
    ledger.prepare_own()?;
    let clock = platform::now();
    log::catch_up(ledger, record, clock)?;
    let key = event.log_key(when);
    if let Some(position) = store::own_position(&ledger.database, &key)? {
        let is_same = own_event(ledger, record, position)?.is_some_and(|known| known.is_the_event_of(&event));
        if !is_same {
            let detail = "key: expected one that no other event of this pull has";
            return Ok(Answer::problem(&Problem::new(Code::IdempotencyKeyReused, detail)));
        }
        return answer(ledger, record, 200, when, position);
    }
    let now = UnixMillis(record.end.next(clock).recorded_at);
    if let Err(problem) = event.check(when, now) {
        return Ok(Answer::problem(&problem));
    }
    if when == When::Later && record.state.agenda().waiting() >= MAX_WAITING {
        let detail = format!(
            "at most {MAX_WAITING} events of a pull wait at a time: cancel some, or schedule it later"
        );
        return Ok(Answer::problem(&Problem::new(Code::StateConflict, detail)));
    }
    let kind = if when == When::Now { Kind::Own } else { Kind::Scheduled };
    let position = log::write_as(ledger, record, kind, None, &event.event(caller, now), &key, now)?;
    answer(ledger, record, 201, when, position)
}

/// What is said of the entry at `position`: of what is to come, the item of the schedule.
fn answer(
    ledger: &Ledger,
    record: &Record,
    status: u16,
    when: When,
    position: Position,
) -> Result<Answer, JsValue> {
    if when == When::Now {
        return Ok(Answer { status, body: view::entry(ledger, record, position)? });
    }
    let event_type = own_event(ledger, record, position)?.map(|event| event.event_type).unwrap_or_default();
    let item = find(ledger, record, &of_caller(&event_type, position))?;
    Ok(Answer { status, body: json!(item).to_string() })
}

/// Has what is scheduled under this name not come.
pub fn cancel(
    ledger: &Ledger,
    record: &mut Record,
    schedule_id: &str,
    caller: &str,
) -> Result<Answer, JsValue> {
    let now = platform::now();
    log::catch_up(ledger, record, now)?;
    let Some(item) = find(ledger, record, schedule_id)? else {
        let detail = "expected a schedule_id that GET …/schedule shows";
        return Ok(Answer::problem(&Problem::new(Code::NotFound, detail)));
    };
    match item.state {
        Outlook::Cancelled => return Ok(Answer { status: 200, body: json!(item).to_string() }),
        Outlook::Fired | Outlook::Void => {
            let state = if item.state == Outlook::Fired { "has fired" } else { "is void" };
            let detail = format!("it {state}: what is due can be cancelled");
            return Ok(Answer::problem(&Problem::new(Code::StateConflict, detail)));
        }
        Outlook::Due => {}
    }
    let event = OwnEvent {
        schedule_id: Some(item.schedule_id),
        event_type: item.event_type,
        effective_at: item.effective_at,
        data: item.data,
        key: None,
        page: false,
        because: Some(format!("cancelled by {caller}")),
        caller: Some(caller.to_owned()),
    };
    log::write(ledger, record, Kind::Cancelled, item.cause, &event, now)?;
    let item = find(ledger, record, schedule_id)?;
    Ok(Answer { status: 200, body: json!(item).to_string() })
}

/// What is scheduled under this name, or was.
fn find(ledger: &Ledger, record: &Record, schedule_id: &str) -> Result<Option<Item>, JsValue> {
    let config = ledger.config()?;
    let now = record.state.situation(&record.pull_id);
    let due = record.state.agenda().due(&now, &config.plan).find(|due| due.schedule_id() == schedule_id);
    if let Some(due) = due {
        let scheduled = due.scheduled_at().map(|at| own_event(ledger, record, at)).transpose()?;
        return Ok(Some(Item::due(&due, &config.plan, scheduled.flatten())));
    }
    let (event_type, mut before) = (schedule_id.split('.').next(), Position::MAX);
    while let Some((item, position)) = ended(ledger, record, before, None, event_type)? {
        if item.as_ref().is_some_and(|item| item.schedule_id == schedule_id) {
            return Ok(item);
        }
        before = position;
    }
    Ok(None)
}

/// What the last entry before that ended something ended, in this state and of this type, and where it stands.
fn ended(
    ledger: &Ledger,
    record: &Record,
    before: Position,
    state: Option<Outlook>,
    event_type: Option<&str>,
) -> Result<Option<(Option<Item>, Position)>, JsValue> {
    const ENDS: [Kind; 3] = [Kind::Cancelled, Kind::Fired, Kind::Void];
    let kinds = ENDS.into_iter().filter(|kind| state.is_none_or(|state| outlook(*kind) == Some(state)));
    let kinds: Vec<u8> = kinds.map(Kind::code).collect();
    let kinds = serde_json::to_string(&kinds).expect("codes are plain data");
    let row = ledger.database.first(
        "SELECT position, kind, cause FROM entry
         WHERE position < ?1 AND kind IN (SELECT value FROM json_each(?2)) AND (?3 IS NULL OR event_type = ?3)
         ORDER BY position DESC LIMIT 1",
        [store::integer(before), kinds.into(), event_type.map_or(JsValue::NULL, JsValue::from_str)],
    )?;
    let Some(row) = row else { return Ok(None) };
    let position = row.integer(0).unwrap_or_default();
    let item =
        own_event(ledger, record, position)?.zip(row.integer(1).and_then(Kind::of_code).and_then(outlook));
    Ok(Some((item.map(|(event, state)| Item::ended(event, state, position, row.integer(2))), position)))
}

fn outlook(kind: Kind) -> Option<Outlook> {
    match kind {
        Kind::Cancelled => Some(Outlook::Cancelled),
        Kind::Fired => Some(Outlook::Fired),
        Kind::Void => Some(Outlook::Void),
        _ => None,
    }
}

/// A page of the schedule.
pub fn page(ledger: &Ledger, record: &Record, query: &ScheduleQuery) -> Result<Value, JsValue> {
    let config = ledger.config()?;
    let now = record.state.situation(&record.pull_id);
    let limit = query.limit as usize;
    let mut items: Vec<(Item, ScheduleCursor)> = Vec::new();
    if query.takes(Outlook::Due) && !matches!(query.after, Some(ScheduleCursor::Ended(_))) {
        let due = record.state.agenda().due(&now, &config.plan);
        let mut due: Vec<_> = due.map(|due| ((due.at, due.schedule_id()), due)).collect();
        due.sort_by(|(one, _), (other, _)| one.cmp(other));
        let is_behind = |(at, id): &(UnixMillis, String)| match &query.after {
            Some(ScheduleCursor::Due(after, of)) => (*at, id) > (*after, of),
            _ => true,
        };
        for (place, due) in due.into_iter().filter(|(place, _)| is_behind(place)).take(limit + 1) {
            let scheduled = due.scheduled_at().map(|at| own_event(ledger, record, at)).transpose()?;
            let item = Item::due(&due, &config.plan, scheduled.flatten());
            items.push((item, ScheduleCursor::Due(place.0, place.1)));
        }
    }
    let mut before =
        if let Some(ScheduleCursor::Ended(before)) = query.after { before } else { Position::MAX };
    while items.len() <= limit && query.state != Some(Outlook::Due) {
        let Some((item, position)) = ended(ledger, record, before, query.state, None)? else { break };
        before = position;
        items.extend(item.map(|item| (item, ScheduleCursor::Ended(position))));
    }
    let (items, cursor) = paging::page(items, query.limit, |(_, place)| place.to_string());
    let items: Vec<Item> = items.into_iter().map(|(item, _)| item).collect();
    Ok(json!({ "schedule": items, "cursor": cursor }))
}
