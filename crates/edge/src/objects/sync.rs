//! The Durable Object that compares what the edge knows with Canopy's list, a page at a time.

use std::rc::Rc;

use canopy::{
    config::Config,
    retry::{Failure, Reason},
    sync::{MAX_PAGE_BYTES, Page, Phase, Run, Taken},
    time::UnixMillis,
};
use futures_util::{StreamExt, stream};
use serde_json::json;
use wasm_bindgen::prelude::*;
use worker::Env;

use super::{calls::PullClient, only};
use crate::{
    canopy_client, config,
    platform::{self, Database, ObjectState, ObjectStorage},
    room::Reservation,
};

/// Pulls that are looked at at a time.
const AT_A_TIME: usize = 6;

struct Inner {
    storage: ObjectStorage,
    database: Database,
    env: Env,
}

/// The Rust half of the `Sync` object.
#[wasm_bindgen]
pub struct SyncObject(Rc<Inner>);

#[wasm_bindgen]
impl SyncObject {
    #[wasm_bindgen(constructor)]
    pub fn new(state: ObjectState, env: Env) -> Self {
        let storage = state.storage();
        let database = storage.database();
        Self(Rc::new(Inner { storage, database, env }))
    }

    /// Begins a comparison. Gives it as JSON; `undefined` when one is under way.
    pub fn begin(
        &self,
        caller: &str,
        since: Option<f64>,
        before: Option<f64>,
        now: f64,
    ) -> Result<Option<String>, JsValue> {
        let (inner, now) = (&self.0, UnixMillis(now as i64));
        let known = inner.load()?;
        if known.phase == Phase::Running {
            // Should its alarm have been lost, it is set again.
            inner.storage.set_alarm(known.due.unwrap_or(now).max(now).0);
            return Ok(None);
        }
        let moment = |millis: Option<f64>| millis.map(|millis| UnixMillis(millis as i64));
        let run = Run::begin(caller, moment(since), moment(before), now);
        inner.write(&run)?;
        inner.storage.set_alarm(now.0);
        Ok(Some(run.view().to_string()))
    }

    /// The newest comparison, as JSON.
    pub fn read(&self) -> Result<String, JsValue> {
        Ok(self.0.load()?.view().to_string())
    }

    /// Looks at a page.
    pub async fn alarm(&self) -> Result<(), JsValue> {
        let inner = Rc::clone(&self.0);
        let mut run = inner.load()?;
        if run.phase != Phase::Running {
            return Ok(());
        }
        match config::read(&inner.env) {
            Ok(config) => inner.look(&config, &mut run).await?,
            // What is not configured now may be in a while.
            Err(_) => run.due = Some(platform::now().plus(canopy::retry::CAP_MILLIS)),
        }
        inner.write(&run)?;
        match run.due {
            Some(due) => inner.storage.set_alarm(due.0),
            None => worker::console_log!("{}", json!({ "route": "sync", "run": run.view() })),
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

    /// Asks for the next page and looks at its pulls.
    async fn look(&self, config: &Config, run: &mut Run) -> Result<(), JsValue> {
        let call = run.next(&config.team_id);
        self.write(run)?;
        let Some(_room) = Reservation::wait(MAX_PAGE_BYTES).await else {
            let busy = Failure::without_status(Reason::Storage, platform::now());
            run.missed(&busy, platform::random_u32(), platform::now());
            return Ok(());
        };
        let answer = canopy_client::read(config, &call, MAX_PAGE_BYTES).await;
        let page = answer.and_then(|answer| {
            let of_status = || Failure::of_status(answer.status, None, platform::now());
            let malformed = || Failure::without_status(Reason::Malformed, platform::now());
            if answer.status == 200 {
                Page::read(&answer.body).ok_or_else(malformed)
            } else {
                Err(of_status())
            }
        });
        let page = match page {
            Ok(page) => page,
            Err(failure) => {
                run.missed(&failure, platform::random_u32(), platform::now());
                return Ok(());
            }
        };
        let now = platform::now();
        let looks = page.listings.iter().map(|listing| async move {
            let client = PullClient::of(&self.env, &listing.event.pull_id).ok()?;
            client.listed(listing, now).await.ok()
        });
        let taken: Vec<_> = stream::iter(looks).buffer_unordered(AT_A_TIME).collect().await;
        run.took(&page, taken.into_iter().map(|taken| taken.unwrap_or(Taken::Failed)), platform::now());
        Ok(())
    }
}
