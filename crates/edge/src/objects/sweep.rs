//! The Durable Object of a walk over all pulls, some steps an alarm at a time.

use std::rc::Rc;

use canopy::{
    sweep::{Asked, Kind, Run, Step},
    time::UnixMillis,
};
use futures_util::{StreamExt, stream};
use serde_json::{Value, json};
use wasm_bindgen::prelude::*;
use worker::Env;

use super::{calls::PullClient, only};
use crate::{
    platform::{self, Database, ObjectState, ObjectStorage, Thrown},
    stores::d1,
};

/// Pulls that make a step at a time.
const AT_A_TIME: usize = 4;

struct Inner {
    storage: ObjectStorage,
    database: Database,
    env: Env,
}

/// The Rust half of the `Sweep` object.
#[wasm_bindgen]
pub struct SweepObject(Rc<Inner>);

#[wasm_bindgen]
impl SweepObject {
    #[wasm_bindgen(constructor)]
    pub fn new(state: ObjectState, env: Env) -> Self {
        let storage = state.storage();
        let database = storage.database();
        Self(Rc::new(Inner { storage, database, env }))
    }

    /// Begins a walk, in the place of another; one that is under way already goes on. Gives it as JSON.
    pub async fn begin(
        &self,
        kind: String,
        argument: String,
        caller: String,
        now: f64,
    ) -> Result<String, JsValue> {
        let inner = Rc::clone(&self.0);
        let now = UnixMillis(now as i64);
        let kind: Kind = serde_json::from_str(&kind).map_err(|_| "kind unreadable")?;
        let argument: Value = serde_json::from_str(&argument).map_err(|_| "argument unreadable")?;
        let mut run = inner.load()?;
        if !run.is_under_way(kind, &argument) {
            run = Run::begin(kind, argument, &caller, now);
            inner.write(&run)?;
        }
        // Should its alarm have been lost, it is set again.
        inner.storage.set_alarm(run.due.unwrap_or(now).max(now).0);
        inner.view(&run).await
    }

    /// The newest walk, as JSON.
    pub async fn read(&self) -> Result<String, JsValue> {
        let inner = Rc::clone(&self.0);
        let run = inner.load()?;
        inner.view(&run).await
    }

    /// Makes the steps that are due.
    pub async fn alarm(&self) -> Result<(), JsValue> {
        let inner = Rc::clone(&self.0);
        let mut run = inner.load()?;
        let Some(kind) = run.kind.filter(|_| run.due.is_some()) else { return Ok(()) };
        if let Some(query) = run.page() {
            match d1::pull_ids(&inner.env, &query).await {
                Ok(page) => run.took(page, query.most, platform::now()),
                Err(thrown) => {
                    log(&json!({ "code": "PAGE_FAILED", "error": thrown.message() }));
                    run.missed(platform::random_u32(), platform::now());
                }
            }
        }
        let asked = run.begin_steps(platform::now());
        inner.write(&run)?;
        let argument = run.argument.clone();
        let steps = asked.iter();
        let steps = steps.map(|asked| async { (&asked.pull_id, inner.step(kind, &argument, asked).await) });
        let steps: Vec<_> = stream::iter(steps).buffer_unordered(AT_A_TIME).collect().await;
        let begun = run.started();
        // Another may have been begun in its place meanwhile.
        if inner.load()?.started() != begun {
            return Ok(());
        }
        for (pull_id, step) in steps {
            run.stepped(pull_id, step, platform::random_u32(), platform::now());
        }
        run.rest(platform::now());
        inner.write(&run)?;
        match run.due {
            Some(due) => inner.storage.set_alarm(due.0),
            None => log(&json!({ "run": run.view(0) })),
        }
        Ok(())
    }
}

impl Inner {
    fn load(&self) -> Result<Run, JsValue> {
        only::load(&self.database)
    }

    fn write(&self, run: &Run) -> Result<(), JsValue> {
        only::write(&self.database, run)
    }

    async fn view(&self, run: &Run) -> Result<String, JsValue> {
        let ahead = match run.ahead() {
            Some(place) => d1::count_behind(&self.env, place).await?,
            None => 0,
        };
        Ok(run.view(ahead).to_string())
    }

    async fn step(&self, kind: Kind, argument: &Value, asked: &Asked) -> Result<Step, String> {
        let Asked { pull_id, within } = asked;
        let step = async { PullClient::of(&self.env, pull_id)?.sweep(kind, argument, within).await };
        step.await.map_err(|thrown: Thrown| {
            let error = thrown.message().unwrap_or_default();
            log(&json!({ "pull_id": asked.pull_id, "code": "STEP_FAILED", "error": error }));
            error
        })
    }
}

/// One line for the operator: no consumer's data.
fn log(what: &Value) {
    worker::console_log!("{}", json!({ "route": "sweep", "what": what }));
}
