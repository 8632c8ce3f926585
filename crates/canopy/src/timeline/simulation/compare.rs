//! Two courses side by side.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{
    super::{Item, Step, Walk, between, without_nulls},
    course::{Course, MAX_STEPS, Places, TooLong},
    request::Request,
};
use crate::{
    delivery::{Subscription, Types, type_of},
    id::Position,
    problem::{Code, Problem},
    pull::Kind,
    schedule::Plan,
    time::UnixMillis,
};

/// Most items of a timeline that are shown: behind them `more` says how many there are.
const MAX_ITEMS: usize = 2_000;

/// Most deliveries that are shown, and most flows.
const MAX_DELIVERIES: usize = 2_000;

/// A flow of a workflow that entries start.
#[derive(Debug, Clone)]
pub struct Starter {
    /// The instance.
    pub instance_id: String,
    /// Its flow.
    pub flow: String,
    /// Of the entries.
    pub types: Types,
    /// The condition that is judged when one comes, as it is written.
    pub when: Option<String>,
    /// From when on.
    pub since: UnixMillis,
}

/// Who hears of what comes.
#[derive(Debug, Clone, Copy)]
pub struct Listeners<'a> {
    /// Who is told downstream.
    pub subscriptions: &'a [Subscription],
    /// What it may start.
    pub starters: &'a [Starter],
}

/// Walks a `log` once as it is and once as `request` would have it, both until then, and tells what differs. `walk` gives a walk
/// before the first entry; `listeners` hear of what comes.
///
/// # Errors
/// [`Code::InputInvalid`] for an entry that there is not, [`Code::SimulationTooLarge`].
pub fn simulate(
    log: &[Step],
    walk: impl Fn() -> Walk,
    plan: &Plan,
    request: &Request,
    listeners: Listeners<'_>,
    now: UnixMillis,
) -> Result<Value, Problem> {
    let end = log.last().map_or(0, |step| step.end.position);
    check(log, request, end)?;
    let mut with = request.steps(end, now);
    put_back(&mut with, log, &request.without);
    let last = with.iter().map(|step| step.end.recorded_at).max().map(UnixMillis);
    let until = request.until.unwrap_or_else(|| last.map_or(now, |last| last.max(now)));
    if last.is_some_and(|last| last > until) {
        let detail = format!("with: expected events by until, which is {}", until.rfc3339());
        return Err(Problem::new(Code::InputInvalid, detail));
    }
    let too_long = |TooLong| {
        let detail = format!(
            "a course has at most {MAX_STEPS} entries and events: ask for a shorter one, with an earlier until"
        );
        Problem::new(Code::SimulationTooLarge, detail)
    };
    let log: Vec<&Step> = log.iter().filter(|step| step.end.recorded_at <= until.0).collect();
    let mut as_it_is = Course::new(walk(), Places::new(), BTreeSet::new());
    as_it_is.replay(&log).and_then(|()| as_it_is.come(plan, until)).map_err(too_long)?;
    as_it_is.end(plan);

    let other = Plan { times: request.times.clone().unwrap_or_else(|| plan.times.clone()), ..plan.clone() };
    let removed = removed(&log, &request.without, &with);
    let is_left = |step: &&Step| !step.is_derived() && !removed.contains(&step.end.position);
    let is_replaced = |step: &&Step| with.iter().any(|new| new.end.position == step.end.position);
    let mut steps: Vec<&Step> =
        log.iter().copied().filter(is_left).filter(|step| !is_replaced(step)).collect();
    steps.extend(&with);
    // What is added comes behind what was written down at the same time.
    steps.sort_by_key(|step| (step.end.recorded_at, step.end.position));
    let mut simulated = Course::new(walk(), places(&log), suppressed(&log, &request.without));
    simulated.derive(&steps, &other).and_then(|()| simulated.come(&other, until)).map_err(too_long)?;
    simulated.end(&other);
    Ok(told(&as_it_is, &simulated, listeners, end, until, now))
}

/// That what is left out is there, and can be left out.
fn check(log: &[Step], request: &Request, end: Position) -> Result<(), Problem> {
    let voids = log.iter().filter(|step| step.kind == Some(Kind::Void)).map(|step| step.end.position);
    let voids: BTreeSet<Position> = voids.collect();
    let cannot = |position: &&Position| **position > end || voids.contains(*position);
    let Some(position) = request.without.iter().find(cannot) else { return Ok(()) };
    let detail = format!(
        "without: expected positions of the log, from 1 to {end}, but of nothing that is void: of that its cause; found {position}"
    );
    Err(Problem::new(Code::InputInvalid, detail))
}

/// The entries that do not come, and all that they caused; what is put back causes what it did.
fn removed(log: &[&Step], without: &BTreeSet<Position>, with: &[Step]) -> BTreeSet<Position> {
    let mut removed = without.clone();
    for step in with {
        removed.remove(&step.end.position);
    }
    for step in log {
        if step.cause.is_some_and(|cause| removed.contains(&cause)) {
            removed.insert(step.end.position);
        }
    }
    removed
}

/// An event that is left out and comes as well has the place that it had.
fn put_back(with: &mut [Step], log: &[Step], without: &BTreeSet<Position>) {
    let mut left: Vec<&Step> = log.iter().filter(|step| without.contains(&step.end.position)).collect();
    for step in with {
        let is_same = |other: &&Step| {
            let moment = |step: &Step| step.effective_at.unwrap_or(UnixMillis(step.end.recorded_at));
            (other.kind, &other.event_type, moment(other)) == (step.kind, &step.event_type, moment(step))
        };
        if let Some(at) = left.iter().position(is_same) {
            step.end = left.remove(at).end;
        }
    }
}

/// Names of what came by itself and is not to come.
fn suppressed(log: &[&Step], without: &BTreeSet<Position>) -> BTreeSet<String> {
    let fired = log.iter().filter(|step| step.is_derived() && without.contains(&step.end.position));
    fired.filter_map(|step| step.own()?.schedule_id.clone()).collect()
}

fn places(log: &[&Step]) -> Places {
    let mut places = Places::new();
    for step in log.iter().filter(|step| step.is_derived()) {
        if let (Some(kind), Some(id)) = (step.kind, step.own().and_then(|event| event.schedule_id.clone())) {
            places.entry((kind.code(), id)).or_default().push_back(step.end.position);
        }
    }
    places
}

fn told(
    as_it_is: &Course,
    simulated: &Course,
    listeners: Listeners<'_>,
    end: Position,
    until: UnixMillis,
    now: UnixMillis,
) -> Value {
    let views = [as_it_is, simulated].map(|course| {
        let mut view = course.walk.view();
        // How many entries there are, whatever their places.
        view["revision"] = course.items.len().into();
        hide_places(&mut view, end);
        view
    });
    let [from, to] = views.clone().map(without_nulls);
    let names: BTreeSet<&String> = as_it_is.fates.keys().chain(simulated.fates.keys()).collect();
    let automatic: Vec<Value> = names
        .into_iter()
        .map(|id| {
            json!({
                "schedule_id": id, "event_type": id.split('.').next(),
                "as_it_is": as_it_is.fates.get(id), "simulated": simulated.fates.get(id),
            })
        })
        .collect();
    let first =
        as_it_is.items.iter().zip(&simulated.items).take_while(|(one, other)| is_same(one, other)).count();
    let [view, other_view] = views;
    let course = |course: &Course, view: Value| {
        let items: Vec<Value> =
            course.items.iter().skip(first).take(MAX_ITEMS).map(|item| shown(item, end, now)).collect();
        let more = course.items.len().saturating_sub(first + MAX_ITEMS);
        let cause = |cause: Option<Position>| cause.filter(|position| *position <= end);
        let work: Vec<Value> =
            course.work.iter().map(|it| json!({ "work": it.work, "cause": cause(it.cause) })).collect();
        let mut told = json!({ "timeline": items, "more": more, "view": view, "work": work });
        let Listeners { subscriptions, starters } = listeners;
        let items = || course.items.iter().skip(first);
        if !subscriptions.is_empty() {
            let deliveries = items().flat_map(|item| deliveries(item, subscriptions, end));
            told["deliveries"] = deliveries.take(MAX_DELIVERIES).collect();
        }
        if !starters.is_empty() {
            let workflows = items().flat_map(|item| workflows(item, starters, end));
            told["workflows"] = workflows.take(MAX_DELIVERIES).collect();
        }
        told
    };
    json!({
        "pull_id": as_it_is.walk.record().pull_id,
        "until": until.rfc3339(),
        "as_it_is": course(as_it_is, view),
        "simulated": course(simulated, other_view),
        "difference": { "forwards": between(&from, &to), "backwards": between(&to, &from) },
        "automatic": automatic,
    })
}

/// What is sent of an item.
fn deliveries(item: &Item, subscriptions: &[Subscription], end: Position) -> impl Iterator<Item = Value> {
    let name = type_of(item.kind, item.event_type.as_deref().unwrap_or_default());
    let position = item.position.filter(|position| *position <= end);
    let at = item.recorded_at.unwrap_or(item.effective_at);
    let is_told = move |to: &&Subscription| {
        to.is_active() && to.since.is_none_or(|since| since <= at) && to.takes(name, at)
    };
    subscriptions.iter().filter(is_told).map(move |to| {
        json!({ "subscription_id": to.id, "type": name, "position": position, "effective_at": item.effective_at.rfc3339() })
    })
}

/// What an item may start.
fn workflows(item: &Item, starters: &[Starter], end: Position) -> impl Iterator<Item = Value> {
    let name = type_of(item.kind, item.event_type.as_deref().unwrap_or_default());
    let position = item.position.filter(|position| *position <= end);
    let at = item.recorded_at.unwrap_or(item.effective_at);
    starters.iter().filter(move |starter| starter.types.take(name) && starter.since <= at).map(move |starter| {
        json!({
            "instance_id": starter.instance_id, "flow": starter.flow, "when": starter.when, "type": name, "position": position,
            "effective_at": item.effective_at.rfc3339(),
        })
    })
}

/// A place beyond the log's is none.
fn hide_places(view: &mut Value, end: Position) {
    for own in view["own"].as_object_mut().into_iter().flat_map(|own| own.values_mut()) {
        if own["position"].as_i64().is_some_and(|position| position > end) {
            own["position"] = Value::Null;
        }
    }
}

fn is_same(one: &Item, other: &Item) -> bool {
    let of = |item: &Item| {
        (item.kind, item.event_type.clone(), item.schedule_id.clone(), item.effective_at, item.cause)
    };
    of(one) == of(other) && one.because == other.because && one.outcome == other.outcome
}

/// An item as it is shown: a place beyond the log's is none.
fn shown(item: &Item, end: Position, now: UnixMillis) -> Value {
    let place = |position: Option<Position>| position.filter(|position| *position <= end);
    let (position, cause) = (place(item.position), place(item.cause));
    json!(Item { position, cause, is_to_come: position.is_none() && item.effective_at > now, ..item.clone() })
}
