//! Reading a pull's log from its beginning: how the pull stood, its timeline, and what if.

use std::rc::Rc;

use canopy::{
    paging,
    problem::{Code, Problem},
    pull::{Document, DocumentRef, Kind, LogEnd, Record, Taken},
    schedule::Plan,
    time::UnixMillis,
    timeline::{
        Item, Listeners, MAX_ENTRIES, Moment, Order, Request, Starter, Step, TimelineCursor, TimelineQuery,
        Walk, between, simulate, without_nulls,
    },
};
use flow::definition::Trigger;
use serde_json::{Value, json};
use wasm_bindgen::prelude::*;

use super::{
    ledger::{Ledger, entry_context},
    object::PullObject,
    own::is_begun,
    store::{self, integer},
    view::MAX_PAGE_BYTES,
};
use crate::{
    objects::calls::Answer,
    platform::{self, Row},
    stores::{
        instances::{self, Deployed},
        subscriptions,
    },
};

/// Entries read at a time, and bytes of them.
const BATCH: i64 = 200;
const BATCH_BYTES: i64 = 2 * 1024 * 1024;

/// Most bytes of a log that is simulated, which is held in memory as it was read.
pub const MAX_SIMULATED_BYTES: i64 = 16 * 1024 * 1024;

/// Most that is looked at of what is to come.
const MAX_TO_COME: usize = 4_000;

#[wasm_bindgen]
impl PullObject {
    /// The pull as it stood, or will stand, at a [`Moment`] as JSON. Gives an [`Answer`]; `undefined` when the pull is unknown.
    pub fn at(&self, moment: &str) -> Result<Option<String>, JsValue> {
        let moment: Moment = serde_json::from_str(moment).map_err(|_| "moment unreadable")?;
        self.walked(|ledger, record, plan| view(ledger, record, plan, moment))
    }

    /// A page of the timeline, a [`TimelineQuery`] as JSON. Gives an [`Answer`]; `undefined` when the pull is unknown.
    pub fn timeline(&self, query: &str) -> Result<Option<String>, JsValue> {
        let query: TimelineQuery = serde_json::from_str(query).map_err(|_| "query unreadable")?;
        self.walked(|ledger, record, plan| page(ledger, record, plan, &query))
    }

    /// A simulation, asked for by the body of a request. Gives an [`Answer`]; `undefined` when the pull is unknown.
    pub async fn simulate(&self, body: Vec<u8>) -> Result<Option<String>, JsValue> {
        let this = Self { ledger: Rc::clone(&self.ledger) };
        let config = this.ledger.config()?;
        let known = subscriptions::all(&this.ledger.env, &config, platform::now()).await?;
        let deployed = instances::all(&this.ledger.env, &config, platform::now()).await?;
        let starters: Vec<Starter> = deployed.all.iter().flat_map(|deployed| starters(deployed)).collect();
        this.walked(|ledger, record, plan| {
            let request = match Request::read(&body, &record.pull_id) {
                Ok(request) => request,
                Err(problem) => return Ok(Err(problem)),
            };
            let bytes = ledger.database.first("SELECT sum(length(body)) FROM entry", [])?;
            if bytes.and_then(|row| row.integer(0)).unwrap_or_default() > MAX_SIMULATED_BYTES {
                let detail = "a log of at most 16 MiB is simulated";
                return Ok(Err(Problem::new(Code::SimulationTooLarge, detail)));
            }
            let mut log = Vec::new();
            let documents = documents(ledger, record)?;
            read(ledger, record, record.end.position, |step| log.push(step))?;
            let walk = || start(record, &documents);
            let listeners = Listeners { subscriptions: &known.all, starters: &starters };
            Ok(simulate(&log, walk, plan, &request, listeners, platform::now()))
        })
    }
}

impl PullObject {
    fn walked(
        &self,
        work: impl FnOnce(&Ledger, &Record, &Plan) -> Result<Result<Value, Problem>, JsValue>,
    ) -> Result<Option<String>, JsValue> {
        let ledger = &self.ledger;
        if !is_begun(ledger)? {
            return Ok(None);
        }
        let config = ledger.config()?;
        let told = ledger.read(|record| {
            if record.end.position > MAX_ENTRIES as i64 {
                let detail =
                    format!("a log of at most {MAX_ENTRIES} entries is walked: GET …/events has all of it");
                return Ok(Err(Problem::new(Code::SimulationTooLarge, detail)));
            }
            work(ledger, record, &config.plan)
        });
        let Some(told) = told? else { return Ok(None) };
        let answer = match told? {
            Ok(told) => Answer { status: 200, body: told.to_string() },
            Err(problem) => Answer::problem(&problem),
        };
        Ok(Some(answer.text()))
    }
}

/// The flows of an instance that entries start.
fn starters(deployed: &Deployed) -> impl Iterator<Item = Starter> {
    let Deployed { instance, group } = deployed;
    let since = instance.since.unwrap_or_default();
    group.flows.iter().filter_map(move |(flow, definition)| {
        let Trigger::Event { types, when } = &definition.trigger else { return None };
        Some(Starter {
            instance_id: instance.id.clone(),
            flow: flow.clone(),
            types: types.clone(),
            when: when.as_ref().map(|when| when.source().to_owned()),
            since,
        })
    })
}

/// The pull as it stood at a position of its log.
pub fn view_at(ledger: &Ledger, position: i64) -> Result<Option<Value>, JsValue> {
    let config = ledger.config()?;
    let view = ledger.read(|record| view(ledger, record, &config.plan, Moment::Position(position)))?;
    Ok(view.transpose()?.and_then(Result::ok))
}

fn start(record: &Record, documents: &[DocumentRef]) -> Walk {
    Walk::new(record.pull_id.clone(), record.created_at, documents.iter().cloned())
}

/// What the pull's snapshots say of its documents.
fn documents(ledger: &Ledger, record: &Record) -> Result<Vec<DocumentRef>, JsValue> {
    let mut documents: Vec<DocumentRef> =
        record.documents.values().map(|Document { named, .. }| named.clone()).collect();
    if ledger.tables().documents {
        let config = ledger.config()?;
        let describe = |row: &Row| {
            let id = row.text(1)?;
            store::description(&config.keys, &row.value(0), record.pull_id.as_str(), &id).ok()?
        };
        let rows = ledger.database.all("SELECT description, document_id FROM document", [])?;
        documents.extend(rows.iter().filter_map(describe));
    }
    Ok(documents)
}

/// Reads the log up to a position, entry by entry.
fn read(ledger: &Ledger, record: &Record, to: i64, mut each: impl FnMut(Step)) -> Result<(), JsValue> {
    let config = ledger.config()?;
    let mut after = 0;
    while after < to {
        let until = batch(ledger, after, to)?;
        let rows = ledger.database.all(
            "SELECT position, kind, recorded_at, effective_at, cause, event_type, key, sealed, body FROM entry
             WHERE position > ?1 AND position <= ?2 ORDER BY position",
            [integer(after), integer(until)],
        )?;
        if rows.is_empty() {
            break;
        }
        for row in &rows {
            let (key, mut body, is_sealed) = (row.bytes(6), row.bytes(8), row.integer(7) == Some(1));
            let context = entry_context(record.pull_id.as_str(), &key);
            let body = config.keys.read(&mut body, is_sealed, &context).map_err(|error| error.to_string())?;
            let step = step(row, &key, body, is_sealed)?;
            after = step.end.position;
            each(step);
        }
    }
    Ok(())
}

/// The last entry of the next batch: at least one.
fn batch(ledger: &Ledger, after: i64, to: i64) -> Result<i64, JsValue> {
    let rows = ledger.database.all(
        "SELECT position, length(body) FROM entry WHERE position > ?1 AND position <= ?2 ORDER BY position LIMIT ?3",
        [integer(after), integer(to), integer(BATCH)],
    )?;
    let mut bytes = 0;
    let fits = rows.iter().take_while(|row| {
        let is_first = bytes == 0;
        bytes += row.integer(1).unwrap_or_default().max(1);
        is_first || bytes <= BATCH_BYTES
    });
    Ok(fits.last().and_then(|row| row.integer(0)).unwrap_or(to))
}

fn step(row: &Row, key: &[u8], body: &[u8], is_sealed: bool) -> Result<Step, &'static str> {
    let kind = row.integer(1).and_then(Kind::of_code);
    Ok(Step {
        end: LogEnd {
            position: row.integer(0).unwrap_or_default(),
            recorded_at: row.integer(2).unwrap_or_default(),
        },
        kind,
        effective_at: row.integer(3).map(UnixMillis),
        cause: row.integer(4),
        event_type: row.text(5).filter(|text| kind == Some(Kind::Webhook) || !text.is_empty()),
        taken: Taken::read(kind, key, body, is_sealed)?,
    })
}

fn view(
    ledger: &Ledger,
    record: &Record,
    plan: &Plan,
    moment: Moment,
) -> Result<Result<Value, Problem>, JsValue> {
    let mut walk = start(record, &documents(ledger, record)?);
    let end = record.end.position;
    let (to, at) = match moment {
        Moment::Position(position) if position > end => {
            let detail = format!("position: expected one of the log's, from 1 to {end}");
            return Ok(Err(Problem::new(Code::InputInvalid, detail)));
        }
        Moment::Position(position) => (position, None),
        Moment::At(at) => (position_at(ledger, at)?, Some(at)),
    };
    if to == 0 {
        let detail = "at: expected a time not before the first entry of the log";
        return Ok(Err(Problem::new(Code::NotFound, detail)));
    }
    read(ledger, record, to, |step| {
        walk.take(&step);
    })?;
    let is_to_come = at.filter(|at| *at > platform::now());
    if let Some(until) = is_to_come {
        walk.run(plan, until, MAX_TO_COME);
    }
    let mut view = walk.view();
    view["is_to_come"] = is_to_come.is_some().into();
    Ok(Ok(view))
}

/// The last entry that was written down by then; 0 before the first.
fn position_at(ledger: &Ledger, at: UnixMillis) -> Result<i64, JsValue> {
    let query = "SELECT position FROM entry WHERE recorded_at <= ?1 ORDER BY position DESC LIMIT 1";
    let row = ledger.database.first(query, [integer(at.0)])?;
    Ok(row.and_then(|row| row.integer(0)).unwrap_or_default())
}

fn page(
    ledger: &Ledger,
    record: &Record,
    plan: &Plan,
    query: &TimelineQuery,
) -> Result<Result<Value, Problem>, JsValue> {
    let (first, last) = asked(ledger, record, query)?;
    let most = i64::from(query.limit) + 1;
    let shown = match query.order {
        Order::Forwards => first..=last.min(first + most - 1),
        Order::Backwards => first.max(last - most + 1)..=last,
    };
    let is_full = query.order == Order::Forwards && shown.clone().count() as i64 == most;
    let looks_ahead = !is_full && query.looks_ahead();
    let mut walk = start(record, &documents(ledger, record)?);
    let (mut items, mut ahead) = (Vec::new(), Vec::new());
    let to = if looks_ahead { record.end.position } else { *shown.end() };
    read(ledger, record, to, |step| {
        let position = step.end.position;
        let place = shown.contains(&position).then_some(TimelineCursor::Entry(position));
        take(&mut walk, &step, place, |is_stale| Item::of(&step, is_stale), &mut items);
    })?;
    let mut number = 0;
    // Of what goes backwards the last that are asked for are wanted.
    let numbers = if looks_ahead { coming(&walk, plan, query) } else { Vec::new() };
    let skipped = match query.order {
        Order::Forwards => 0,
        Order::Backwards => numbers.len().saturating_sub(most as usize),
    };
    let numbers = &numbers[skipped..];
    while let Some(step) = next_of(&walk, plan, numbers) {
        number += 1;
        let is_shown = numbers.contains(&number);
        let place = is_shown.then_some(TimelineCursor::ToCome(number));
        take(&mut walk, &step, place, |_| Item::of(&step, false).would_be(), &mut ahead);
        let is_enough = query.order == Order::Forwards && (items.len() + ahead.len()) as i64 >= most;
        if is_enough || number as usize >= MAX_TO_COME {
            break;
        }
    }
    items.append(&mut ahead);
    if query.order == Order::Backwards {
        items.reverse();
    }
    let mut bytes = 0;
    let fits = items.iter().take(query.limit as usize).take_while(|(item, _)| {
        let is_first = bytes == 0;
        bytes += json!([item.forwards, item.backwards]).to_string().len();
        is_first || bytes <= MAX_PAGE_BYTES
    });
    let (items, cursor) = {
        let limit = fits.count() as u32;
        paging::page(items, limit, |(_, place)| place.to_string())
    };
    let timeline: Vec<Item> = items.into_iter().map(|(item, _)| item).collect();
    Ok(Ok(json!({ "pull_id": record.pull_id, "timeline": timeline, "cursor": cursor })))
}

fn next_of(walk: &Walk, plan: &Plan, numbers: &[u32]) -> Option<Step> {
    numbers.last()?;
    walk.next(plan, UnixMillis::LAST, walk.record().end.position + 1)
}

/// The numbers of what is to come that is asked for and was not shown: nothing that comes calls for more.
fn coming(walk: &Walk, plan: &Plan, query: &TimelineQuery) -> Vec<u32> {
    let record = walk.record();
    let now = record.state.situation(&record.pull_id);
    let mut due: Vec<_> = record.state.agenda().due(&now, plan).map(|due| due.at).collect();
    due.sort();
    let asked =
        (1..).zip(due).filter(|(number, at)| query.has_to_come(*at) && query.is_left_to_come(*number));
    asked.map(|(number, _)| number).collect()
}

/// The entries that are asked for and were not shown: the first and the last of them.
fn asked(ledger: &Ledger, record: &Record, query: &TimelineQuery) -> Result<(i64, i64), JsValue> {
    let first = match query.from {
        None => 1,
        Some(Moment::Position(from)) => from,
        Some(Moment::At(from)) => position_at(ledger, UnixMillis(from.0 - 1))? + 1,
    };
    let last = match query.to {
        None => record.end.position,
        Some(Moment::Position(to)) => to.min(record.end.position),
        Some(Moment::At(to)) => position_at(ledger, to)?,
    };
    Ok(query.left(first, last))
}

/// Takes an entry, and notes it with what it changed where it has a place.
fn take(
    walk: &mut Walk,
    step: &Step,
    place: Option<TimelineCursor>,
    item: impl FnOnce(bool) -> Item,
    items: &mut Vec<(Item, TimelineCursor)>,
) {
    let before = place.map(|_| without_nulls(walk.view()));
    let is_stale = walk.take(step);
    if let (Some(before), Some(place)) = (before, place) {
        let after = without_nulls(walk.view());
        let (forwards, backwards) = (Some(between(&before, &after)), Some(between(&after, &before)));
        items.push((Item { forwards, backwards, ..item(is_stale) }, place));
    }
}
