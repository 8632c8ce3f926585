//! What is asked of the object, and its alarm.

use std::rc::Rc;

use canopy::{config::Config, time::UnixMillis};
use serde_json::json;
use wasm_bindgen::prelude::*;
use worker::Env;

use super::{
    home::{Keeper, Rekeying},
    schedule::{manual, start},
};
use crate::{
    objects::{
        calls::{RunChange, RunChanged},
        runs::{self, Home},
        unseen::Unseen,
    },
    platform::{self, ObjectState, Thrown},
    stores::{instances, keys, runs as list},
};

/// When it is looked at again should the edge end in the middle, in milliseconds.
const LEASE_MILLIS: u64 = 15_000;

/// When it is looked at again where that failed, in milliseconds: a time that is missed for so long is not late.
const AGAIN_MILLIS: u64 = 10_000;

/// Runs that are copied into the list at a time.
const COPIED: u32 = 50;

/// Runs that are kept.
const KEPT: u32 = 500;

/// The Rust half of the `Instance` object.
#[wasm_bindgen]
pub struct InstanceObject(Rc<Keeper>);

#[wasm_bindgen]
impl InstanceObject {
    #[wasm_bindgen(constructor)]
    pub fn new(state: ObjectState, env: Env) -> Self {
        Self(Rc::new(Keeper::new(&state, env)))
    }

    /// Looks at how the instance is set now.
    pub fn settle(&self, id: &str) -> Result<(), JsValue> {
        self.0.begin(id)?;
        self.0.wake();
        Ok(())
    }

    /// Starts a flow by hand. Gives the run's id; `undefined` where the flow is none of those.
    pub async fn begin_run(&self, id: String, flow: String) -> Result<Option<String>, JsValue> {
        let keeper = Rc::clone(&self.0);
        let config = keeper.config()?;
        let known = instances::all(keeper.env(), &config, platform::now()).await?;
        let Some(deployed) = known.all.iter().find(|deployed| deployed.instance.id == id) else {
            return Ok(None);
        };
        keeper.begin(&id)?;
        let run_id = manual(&keeper, deployed, &flow, platform::now())?;
        keeper.wake();
        Ok(run_id)
    }

    /// Has its runs brought under the first key.
    pub fn rekey(&self) -> Result<(), JsValue> {
        if self.0.id()?.is_some() {
            self.0.keep_rekeying(Some(&Rekeying::default()))?;
            self.0.wake();
        }
        Ok(())
    }

    /// A run with its journal, as JSON; `undefined` when it is unknown.
    pub fn find_run(&self, number: f64) -> Result<Option<String>, JsValue> {
        Ok(runs::find(&*self.0, number as i64)?.map(|run| run.to_string()))
    }

    /// Takes what `caller` says of a run, a [`RunChange`] as JSON. Gives a [`RunChanged`](crate::objects::calls::RunChanged) as JSON.
    pub fn change_run(&self, number: f64, change: &str, caller: &str) -> Result<String, JsValue> {
        let change: RunChange = serde_json::from_str(change).map_err(|_| "change unreadable")?;
        let changed = runs::change(&*self.0, number as i64, &change, caller)?;
        if matches!(changed, RunChanged::Taken) {
            self.0.wake();
        }
        Ok(serde_json::to_string(&changed).expect("it is plain data"))
    }

    /// Starts what is due, and goes on with what is under way.
    pub async fn alarm(&self) -> Result<(), JsValue> {
        let keeper = Rc::clone(&self.0);
        let Some(id) = keeper.id()? else { return Ok(()) };
        keeper.is_woken.set(false);
        keeper.storage().set_alarm(platform::now().plus(LEASE_MILLIS).0);
        let next = match keeper.config() {
            Ok(config) => go_on(&keeper, &config, &id).await,
            Err(_) => Err(JsValue::from_str("not configured").into()),
        };
        let next = next.unwrap_or_else(|thrown| {
            report(&id, &thrown);
            Some(platform::now().plus(AGAIN_MILLIS))
        });
        match next {
            _ if keeper.is_woken.get() => keeper.storage().set_alarm(platform::now().0),
            Some(next) => keeper.storage().set_alarm(next.0),
            None => keeper.storage().delete_alarm(),
        }
        Ok(())
    }
}

/// Lets go of runs that are over, the oldest first, beyond those that are kept.
async fn trim(keeper: &Keeper, id: &str) -> Result<(), Thrown> {
    let numbers = runs::beyond(keeper, KEPT)?;
    if numbers.is_empty() {
        return Ok(());
    }
    let ids: Vec<_> = numbers.iter().map(|number| format!("i-{id}-{number}")).collect();
    list::let_go(keeper.env(), &ids).await?;
    Ok(runs::let_go(keeper, &numbers)?)
}

/// Whose keys are noted.
fn owner_of_keys(id: &str) -> String {
    format!("{}{id}", keys::RUNS)
}

/// Brings some runs under the first key, where that is to be done. Gives whether there are more.
async fn rekey(keeper: &Keeper, config: &Config, id: &str) -> Result<bool, Thrown> {
    let Some(Rekeying { mut after, mut left }) = keeper.rekeying()? else { return Ok(false) };
    let more = runs::reseal(keeper, config, &mut after, &mut left)?;
    if !more {
        let key_ids: Vec<&str> =
            [config.keys.writes_under()].into_iter().chain(left.keys.iter().map(String::as_str)).collect();
        keys::put(keeper.env(), &owner_of_keys(id), &key_ids).await?;
        // Somebody may have begun anew meanwhile.
        if keeper.is_woken.get() {
            return Ok(true);
        }
    }
    keeper.keep_rekeying(more.then_some(&Rekeying { after, left }))?;
    Ok(more)
}

fn report(id: &str, thrown: &Thrown) {
    let line = json!({ "route": "workflows", "instance_id": id, "error": thrown.message() });
    worker::console_warn!("{line}");
}

/// Gives when something is due again.
async fn go_on(keeper: &Keeper, config: &Config, id: &str) -> Result<Option<UnixMillis>, Thrown> {
    let now = platform::now();
    let known = instances::all(keeper.env(), config, now).await?;
    let deployed = known.all.iter().find(|deployed| deployed.instance.id == id);
    let scheduled = deployed.map(|deployed| start(keeper, deployed, now)).transpose()?.flatten();
    let due = runs::advance(keeper, config).await.map_err(|unseen| match unseen {
        Unseen::NoRoom => Thrown::from(JsValue::from_str("no room")),
        Unseen::Storage(thrown) => thrown.into(),
    })?;
    let told = async {
        copy(keeper, config, id).await?;
        trim(keeper, id).await?;
        rekey(keeper, config, id).await
    };
    // What the list does not take keeps no time from coming.
    let more = match told.await {
        Ok(more) => more.then(platform::now),
        Err(thrown) => {
            report(id, &thrown);
            Some(platform::now().plus(AGAIN_MILLIS))
        }
    };
    Ok(scheduled.into_iter().chain(due).chain(more).min())
}

/// Copies what changed into the list, and the tasks that follow.
async fn copy(keeper: &Keeper, config: &Config, id: &str) -> Result<(), Thrown> {
    loop {
        let ran = runs::page_to_copy(keeper, COPIED)?;
        if ran.is_empty() {
            return Ok(());
        }
        let key = keys::note(&owner_of_keys(id), config.keys.writes_under());
        list::put_all(keeper.env(), id, &ran, &runs::tasks(keeper)?, key).await?;
        runs::set_copied(keeper, &ran)?;
    }
}
