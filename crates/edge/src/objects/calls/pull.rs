//! The object of one pull.

use canopy::{
    delivery::{Replay, Standing},
    id::{DocumentId, Position, PullId, SessionId, SubscriptionId},
    problem::Problem,
    pull::{Called, Listing, Refresh},
    schedule::{NewEvent, ScheduleQuery, When},
    sweep::{self, Step},
    sync::Taken,
    time::UnixMillis,
    timeline::{Moment, TimelineQuery},
};
use js_sys::{Array, Uint8Array};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use wasm_bindgen::prelude::*;
use web_sys::ReadableStream;
use worker::Env;

use super::{
    dry::DryRun,
    runs::{RunChange, RunChanged},
    stub::stub,
};
use crate::platform::{self, Bytes, Thrown};

#[wasm_bindgen]
extern "C" {
    type PullStub;
    #[wasm_bindgen(method, catch)]
    async fn read(this: &PullStub) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    async fn events(this: &PullStub, after: f64, limit: u32, is_whole: bool) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    async fn snapshot(this: &PullStub, version: u32) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    async fn model(this: &PullStub, version: u32) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    async fn document(this: &PullStub, id: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    async fn retry(this: &PullStub, now: f64) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    async fn relist(this: &PullStub, now: f64) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    async fn listed(
        this: &PullStub,
        body: &str,
        created_at: Option<f64>,
        now: f64,
    ) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    async fn called(
        this: &PullStub,
        body: &str,
        begins: Option<&str>,
        again: bool,
        now: f64,
    ) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    async fn refreshed(this: &PullStub, refresh: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    async fn refresh(this: &PullStub, now: f64) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    async fn tell(this: &PullStub) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    async fn watch(this: &PullStub, pull: &str, session: &str, now: f64) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(method, catch)]
    async fn happen(this: &PullStub, event: &str, is_later: bool, caller: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    async fn cancel(this: &PullStub, schedule_id: &str, caller: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    async fn schedule(this: &PullStub, query: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    async fn at(this: &PullStub, moment: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    async fn timeline(this: &PullStub, query: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    async fn simulate(this: &PullStub, body: &JsValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    async fn wake(this: &PullStub) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    async fn erase(this: &PullStub) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    async fn deliveries(this: &PullStub, asked: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    async fn redeliver(this: &PullStub, subscription: &str, replay: Option<&str>)
    -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    async fn rekey(this: &PullStub, argument: &str, within: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch, js_name = findRun)]
    async fn find_run(this: &PullStub, number: f64) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch, js_name = dryRun)]
    async fn dry_run(this: &PullStub, asked: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch, js_name = beginRun)]
    async fn begin_run(this: &PullStub, instance: &str, flow: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch, js_name = changeRun)]
    async fn change_run(this: &PullStub, number: f64, change: &str, caller: &str)
    -> Result<JsValue, JsValue>;
}

/// What an object says to a caller of the back office.
#[derive(Serialize, Deserialize)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// JSON.
    pub body: String,
}

impl Answer {
    /// A problem.
    pub fn problem(problem: &Problem) -> Self {
        Self { status: problem.status(), body: problem.json().to_string() }
    }

    /// As it goes over.
    pub fn text(&self) -> String {
        serde_json::to_string(self).expect("an answer is plain data")
    }

    fn read(answer: &JsValue) -> Option<Result<Self, Problem>> {
        let answer: Self = serde_json::from_str(&answer.as_string()?).ok()?;
        if answer.status < 400 {
            return Some(Ok(answer));
        }
        Some(Err(Problem::read(&serde_json::from_str(&answer.body).unwrap_or_default())))
    }
}

/// A pull that was deleted.
#[derive(Serialize, Deserialize)]
pub struct Erased {
    pub pull_id: PullId,
    /// RFC 3339
    pub deleted_at: String,
    /// Whether nothing is left of it.
    pub is_done: bool,
}

/// What of a pull's deliveries is asked for.
#[derive(Serialize, Deserialize)]
pub struct AskedDeliveries {
    /// To whom.
    pub subscription_id: SubscriptionId,
    /// Of entries before this one.
    pub below: Option<Position>,
    /// That stand so.
    pub standing: Option<Standing>,
    /// At most so many.
    pub limit: u32,
}

/// Argument of [`sweep::Kind::Deliver`].
#[derive(Serialize, Deserialize)]
pub struct Delivering {
    pub subscription_id: SubscriptionId,
    /// Of the subscription: what was begun for an earlier one is begun anew.
    #[serde(default)]
    pub version: i64,
    /// What is sent again.
    pub replay: Option<Replay>,
}

/// The object of one pull. What it gives is `None` where the pull, or that of it, is unknown.
pub struct PullClient(PullStub);

/// A version of a pull, its body not read: the object gives it chunk by chunk.
#[derive(Debug, Clone, Copy)]
pub struct FoundSnapshot {
    pub version: i64,
    pub chunks: u32,
    /// Bytes.
    pub size: i64,
}

impl From<FoundSnapshot> for JsValue {
    /// `[version, chunks, bytes]`
    fn from(found: FoundSnapshot) -> Self {
        Array::of3(&(found.version as f64).into(), &found.chunks.into(), &(found.size as f64).into()).into()
    }
}

/// A version's model, as it is kept.
pub struct KeptModel {
    pub version: i64,
    /// The first pull of its monitoring, as webhooks tell it.
    pub initial_pull_id: Option<String>,
    /// Its account's identifier, as they tell it.
    pub account: Option<String>,
    /// The documents that lie in R2, by id.
    pub stored: Vec<String>,
    /// For [`intake::model::Model::of_stored`].
    pub bytes: Uint8Array,
}

/// What becomes of asking for a model.
pub enum ModelFound {
    Model(KeptModel),
    /// The version is not mapped: what was expected.
    Refused(String),
    Missing,
    /// Other large bodies are under way.
    NoRoom,
}

impl From<ModelFound> for JsValue {
    /// `[version, initial pull, account, stored, bytes]`, a text, `null`; `undefined` where there is no such version.
    fn from(found: ModelFound) -> Self {
        match found {
            ModelFound::Model(KeptModel { version, initial_pull_id, account, stored, bytes }) => {
                let [initial, account] =
                    [initial_pull_id, account].map(|id| id.map_or(Self::NULL, Self::from));
                let stored: Array = stored.into_iter().map(Self::from).collect();
                Array::of5(&(version as f64).into(), &initial, &account, &stored, &bytes).into()
            }
            ModelFound::Refused(expected) => expected.into(),
            ModelFound::Missing => Self::UNDEFINED,
            ModelFound::NoRoom => Self::NULL,
        }
    }
}

impl ModelFound {
    /// The model, if there is one.
    pub fn model(self) -> Option<KeptModel> {
        if let Self::Model(kept) = self { Some(kept) } else { None }
    }

    fn read(found: &JsValue) -> Self {
        match (found.as_string(), found.dyn_ref::<Array>()) {
            (Some(expected), _) => Self::Refused(expected),
            (None, Some(parts)) => Self::Model(KeptModel {
                version: parts.get(0).as_f64().unwrap_or_default() as i64,
                initial_pull_id: parts.get(1).as_string(),
                account: parts.get(2).as_string(),
                stored: Array::from(&parts.get(3)).iter().filter_map(|id| id.as_string()).collect(),
                bytes: parts.get(4).unchecked_into(),
            }),
            (None, None) if found.is_null() => Self::NoRoom,
            (None, None) => Self::Missing,
        }
    }
}

/// A document that lies in R2.
#[derive(Debug, Serialize, Deserialize)]
pub struct StoredDocument {
    pub title: Option<String>,
    pub content_type: Option<String>,
    /// Bytes, when they are not sealed.
    pub size: Option<i64>,
    pub is_sealed: bool,
}

impl StoredDocument {
    /// Whether an object of so many bytes is this document sealed: one that was stored in the clear is sealed by a rotation, and
    /// then noted to be.
    pub fn is_sealed_as(&self, bytes: f64) -> bool {
        self.is_sealed || self.size.is_some_and(|size| size as f64 != bytes)
    }
}

impl PullClient {
    /// Of the pull `id`.
    pub fn of(env: &Env, id: &PullId) -> Result<Self, Thrown> {
        Ok(Self(stub(env, "PULL", id.as_str())?.unchecked_into()))
    }

    /// The pull's view, as JSON.
    pub async fn view(&self) -> Result<Option<String>, Thrown> {
        Ok(self.0.read().await?.as_string())
    }

    /// A run with its journal, as JSON.
    pub async fn run(&self, number: i64) -> Result<Option<String>, Thrown> {
        Ok(self.0.find_run(number as f64).await?.as_string())
    }

    /// Plays the flows of a group on what is recorded of it.
    pub async fn dry_run(&self, asked: &DryRun) -> Result<Option<Result<Answer, Problem>>, Thrown> {
        let asked = serde_json::to_string(asked).expect("what is asked is plain data");
        Ok(Answer::read(&self.0.dry_run(&asked).await?))
    }

    /// Starts a flow of an instance by hand. Gives an [`Answer`].
    pub async fn begin_run(
        &self,
        instance: &str,
        flow: &str,
    ) -> Result<Option<Result<Answer, Problem>>, Thrown> {
        Ok(Answer::read(&self.0.begin_run(instance, flow).await?))
    }

    /// Says something of a run.
    pub async fn change_run(
        &self,
        number: i64,
        change: &RunChange,
        caller: &str,
    ) -> Result<RunChanged, Thrown> {
        let change = serde_json::to_string(change).expect("a change is plain data");
        let changed = self.0.change_run(number as f64, &change, caller).await?;
        Ok(changed
            .as_string()
            .and_then(|text| serde_json::from_str(&text).ok())
            .unwrap_or(RunChanged::Unknown))
    }

    /// A page of the log, as JSON.
    pub async fn events(&self, after: i64, limit: u32) -> Result<Option<String>, Thrown> {
        Ok(self.0.events(after as f64, limit, true).await?.as_string())
    }

    /// A page of the log, as JSON, with entries that cannot be opened and what keeps them shut.
    pub async fn events_as_they_open(&self, after: i64, limit: u32) -> Result<Option<String>, Thrown> {
        Ok(self.0.events(after as f64, limit, false).await?.as_string())
    }

    /// A version's body, the latest for 0.
    pub async fn snapshot(&self, version: u32) -> Result<Option<ReadableStream>, Thrown> {
        let found = self.0.snapshot(version).await?;
        if found.is_undefined() {
            return Ok(None);
        }
        Ok(Some(platform::of_length(&found)?))
    }

    /// A version's model, the latest for 0.
    pub async fn model(&self, version: u32) -> Result<ModelFound, Thrown> {
        Ok(ModelFound::read(&self.0.model(version).await?))
    }

    /// What is known of a document.
    pub async fn document(&self, id: &DocumentId) -> Result<Option<StoredDocument>, Thrown> {
        let known = self.0.document(id.as_str()).await?.as_string();
        Ok(known.and_then(|text| serde_json::from_str(&text).ok()))
    }

    /// Works failed work again; gives how much.
    pub async fn retry(&self, now: UnixMillis) -> Result<Option<u32>, Thrown> {
        Ok(self.0.retry(now.0 as f64).await?.as_f64().map(|count| count as u32))
    }

    /// Writes the pull's copies anew.
    pub async fn relist(&self, now: UnixMillis) -> Result<(), Thrown> {
        Ok(self.0.relist(now.0 as f64).await.map(drop)?)
    }

    /// Has it take up what Canopy's list says of it.
    pub async fn listed(&self, listing: &Listing, now: UnixMillis) -> Result<Taken, Thrown> {
        let created_at = listing.created_at.map(|at| at.0 as f64);
        let taken = self.0.listed(&listing.body, created_at, now.0 as f64).await?.as_string();
        Ok(taken.map_or(Taken::Failed, |taken| Taken::read(&taken)))
    }

    /// Writes into its log what was asked of Canopy about it, unless that stands there and is told `again`. The pull that it
    /// `begins` is known from then on; of another that is unknown nothing is written.
    pub async fn called(
        &self,
        called: &Called,
        begins: Option<&PullId>,
        again: bool,
        now: UnixMillis,
    ) -> Result<(), Thrown> {
        let called = serde_json::to_string(called).expect("a call is plain data");
        let begins = begins.map(PullId::as_str);
        Ok(self.0.called(&called, begins, again, now.0 as f64).await.map(drop)?)
    }

    /// Tells it of a refresh of its account. Gives whether there is such a pull.
    pub async fn refreshed(&self, refresh: &Refresh) -> Result<bool, Thrown> {
        let refresh = serde_json::to_string(refresh).expect("a refresh is plain data");
        Ok(self.0.refreshed(&refresh).await?.as_bool() == Some(true))
    }

    /// Has it fetched, as somebody has just read it from Canopy.
    pub async fn refresh(&self, now: UnixMillis) -> Result<(), Thrown> {
        Ok(self.0.refresh(now.0 as f64).await.map(drop)?)
    }

    /// Has it tell its session once more what it knows.
    pub async fn tell(&self) -> Result<(), Thrown> {
        Ok(self.0.tell().await.map(drop)?)
    }

    /// Brings an event of `caller`'s, for now or for later.
    pub async fn happen(
        &self,
        event: &NewEvent,
        when: When,
        caller: &str,
    ) -> Result<Option<Result<Answer, Problem>>, Thrown> {
        let event = serde_json::to_string(event).expect("an event is plain data");
        Ok(Answer::read(&self.0.happen(&event, when == When::Later, caller).await?))
    }

    /// Has something scheduled not come.
    pub async fn cancel(
        &self,
        schedule_id: &str,
        caller: &str,
    ) -> Result<Option<Result<Answer, Problem>>, Thrown> {
        Ok(Answer::read(&self.0.cancel(schedule_id, caller).await?))
    }

    /// A page of the schedule, as JSON.
    pub async fn schedule(&self, query: &ScheduleQuery) -> Result<Option<String>, Thrown> {
        let query = serde_json::to_string(query).expect("a query is plain data");
        Ok(self.0.schedule(&query).await?.as_string())
    }

    /// The pull as it stood, or will stand.
    pub async fn at(&self, moment: &Moment) -> Result<Option<Result<Answer, Problem>>, Thrown> {
        let moment = serde_json::to_string(moment).expect("a moment is plain data");
        Ok(Answer::read(&self.0.at(&moment).await?))
    }

    /// A page of its timeline.
    pub async fn timeline(&self, query: &TimelineQuery) -> Result<Option<Result<Answer, Problem>>, Thrown> {
        let query = serde_json::to_string(query).expect("a query is plain data");
        Ok(Answer::read(&self.0.timeline(&query).await?))
    }

    /// A simulation, asked for by the body of a request.
    pub async fn simulate(&self, body: &Bytes) -> Result<Option<Result<Answer, Problem>>, Thrown> {
        Ok(Answer::read(&self.0.simulate(body.as_ref()).await?))
    }

    /// Has it write down what has come by itself, and look after its work.
    pub async fn wake(&self) -> Result<(), Thrown> {
        Ok(self.0.wake().await.map(drop)?)
    }

    /// Deletes it.
    pub async fn erase(&self) -> Result<Option<Erased>, Thrown> {
        let erased = self.0.erase().await?.as_string();
        Ok(erased.and_then(|text| serde_json::from_str(&text).ok()))
    }

    /// Its deliveries, the newest first.
    pub async fn deliveries(&self, asked: &AskedDeliveries) -> Result<Option<Vec<Value>>, Thrown> {
        let asked = serde_json::to_string(asked).expect("a query is plain data");
        let items = self.0.deliveries(&asked).await?.as_string();
        Ok(items.and_then(|text| serde_json::from_str(&text).ok()))
    }

    /// Has it look anew at what a subscription has not got, and send again what `replay` takes. Gives how many entries those are.
    pub async fn redeliver(
        &self,
        subscription: &SubscriptionId,
        replay: Option<&Replay>,
    ) -> Result<Option<u32>, Thrown> {
        let replay = replay.map(|replay| serde_json::to_string(replay).expect("a range is plain data"));
        let count = self.0.redeliver(subscription.as_str(), replay.as_deref()).await?;
        Ok(count.as_f64().map(|count| count as u32))
    }

    /// Makes a step of a walk over all pulls, `within` what the one before gave.
    pub async fn sweep(&self, kind: sweep::Kind, argument: &Value, within: &Value) -> Result<Step, Thrown> {
        let [argument, within] = [argument, within].map(Value::to_string);
        let step = match kind {
            sweep::Kind::Rekey => self.0.rekey(&argument, &within).await?,
            sweep::Kind::Deliver => {
                let Delivering { subscription_id, replay, .. } =
                    serde_json::from_str(&argument).map_err(|_| JsValue::from_str("argument unreadable"))?;
                return self.redeliver(&subscription_id, replay.as_ref()).await.map(|_| Step::Done);
            }
        };
        let step = step.as_string().and_then(|step| serde_json::from_str(&step).ok());
        step.ok_or_else(|| JsValue::from_str("step unreadable").into())
    }

    /// Has the pull tell `session` of what becomes of it.
    pub async fn watch(&self, pull: &PullId, session: &SessionId, now: UnixMillis) -> Result<(), Thrown> {
        Ok(self.0.watch(pull.as_str(), session.as_str(), now.0 as f64).await.map(drop)?)
    }
}
