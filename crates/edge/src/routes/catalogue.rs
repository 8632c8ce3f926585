//! Canopy's carriers and terms for the pages: from this isolate, else from the copy in KV, else from Canopy.

use std::cell::RefCell;

use canopy::{
    api::Call,
    catalogue::{FRESH_MILLIS, Look, STALE_MILLIS, Shelf},
    config::Config,
    problem::{Code, Problem},
};

use worker::Env;

use super::{limits, origin};
use crate::{
    canopy_client::{self, READ_MILLIS},
    config,
    http::{Incoming, Reply},
    platform,
    stores::kv,
};

/// Largest list of carriers or text of terms taken from Canopy, in bytes.
const MAX_BYTES: usize = 4 * 1024 * 1024;

/// How long one who asks has for it, in milliseconds.
const LIMIT_MILLIS: u64 = READ_MILLIS as u64 * 2;

/// How often one who waits for another's question looks again, in milliseconds.
const LOOK_MILLIS: u64 = 50;

thread_local! {
    static CARRIERS: RefCell<Shelf> = RefCell::default();
    static TERMS: RefCell<Shelf> = RefCell::default();
}

type Kept = std::thread::LocalKey<RefCell<Shelf>>;

/// `GET /connect/carriers`
pub async fn carriers(incoming: &Incoming, config: &Config) -> Result<Reply, Problem> {
    serve(incoming, config, &CARRIERS, "carriers", &Call::carriers(&config.public_alias)).await
}

/// `GET /connect/terms`
pub async fn terms(incoming: &Incoming, config: &Config) -> Result<Reply, Problem> {
    serve(incoming, config, &TERMS, "terms", &Call::terms()).await
}

async fn serve(
    incoming: &Incoming,
    config: &Config,
    kept: &'static Kept,
    name: &'static str,
    call: &Call,
) -> Result<Reply, Problem> {
    if incoming.header("origin").is_some() {
        origin::of_page(incoming, config)?;
    }
    loop {
        match kept.with_borrow_mut(|shelf| shelf.look(platform::now(), LIMIT_MILLIS)) {
            Look::Here(text) => return Ok(Reply::json_text(200, &*text)),
            Look::Renew(text) => {
                renew(incoming, kept, name, call.clone());
                return Ok(Reply::json_text(200, &*text));
            }
            Look::Failed(status) => return Err(failed(name, status)),
            // Another request's promise cannot be waited for here.
            Look::Wait => platform::sleep(LOOK_MILLIS).await,
            Look::Ask => break,
        }
    }
    // Another isolate may know it. What is no longer new is given out, and the next who asks renews it.
    let now = platform::now();
    let copy = kv::catalogue(&incoming.env, name).await.filter(|(_, at)| now < at.plus(STALE_MILLIS));
    if let Some((text, at)) = copy {
        kept.with_borrow_mut(|shelf| shelf.put(text.as_str().into(), at));
        if now >= at.plus(FRESH_MILLIS)
            && let Look::Renew(_) = kept.with_borrow_mut(|shelf| shelf.look(now, LIMIT_MILLIS))
        {
            renew(incoming, kept, name, call.clone());
        }
        return Ok(Reply::json_text(200, text));
    }
    limits::check(incoming, limits::CALLS).await.inspect_err(|_| kept.with_borrow_mut(Shelf::leave))?;
    let text = fetch(&incoming.env, config, kept, name, call).await.map_err(|status| failed(name, status))?;
    Ok(Reply::json_text(200, text))
}

/// Asks for a newer text, after the answer is given.
fn renew(incoming: &Incoming, kept: &'static Kept, name: &'static str, call: Call) {
    let env = incoming.env.clone();
    incoming.later(async move {
        if let Ok(config) = config::required(&env) {
            // What could not be had is asked for again by one who comes later.
            let _ = fetch(&env, &config, kept, name, &call).await;
        }
    });
}

/// Asks Canopy, and keeps what comes: here, and for the other isolates.
async fn fetch(
    env: &Env,
    config: &Config,
    kept: &'static Kept,
    name: &str,
    call: &Call,
) -> Result<String, Option<u16>> {
    let asked = ask(config, call).await;
    let now = platform::now();
    let text = asked.inspect_err(|status| kept.with_borrow_mut(|shelf| shelf.fail(*status, now)))?;
    kept.with_borrow_mut(|shelf| shelf.put(text.as_str().into(), now));
    kv::keep_catalogue(env, name, &text, now).await;
    Ok(text)
}

/// The text as Canopy gives it, if it is whole JSON; else the status of its answer.
async fn ask(config: &Config, call: &Call) -> Result<String, Option<u16>> {
    let answer = canopy_client::read(config, call, MAX_BYTES).await.map_err(|failure| failure.status)?;
    let text = String::from_utf8(answer.body).ok().filter(|_| answer.status == 200);
    let is_whole = |text: &String| serde_json::from_str::<&serde_json::value::RawValue>(text).is_ok();
    text.filter(is_whole).ok_or(Some(answer.status))
}

fn failed(name: &str, status: Option<u16>) -> Problem {
    let status = status.map_or("no answer".to_owned(), |status| format!("status {status}"));
    Problem::new(Code::CanopyFailed, format!("Canopy did not give the {name} ({status}): try again"))
}
