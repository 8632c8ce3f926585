//! Canopy's carriers and terms for the pages: from this isolate, else from the copy in KV, else from Canopy.

use std::cell::RefCell;

use canopy::{
    api::Call,
    catalogue::{Look, Shelf},
    config::Config,
    problem::{Code, Problem},
};

use super::{limits, origin};
use crate::{
    canopy_client::{self, READ_MILLIS},
    http::{Incoming, Reply},
    platform,
    stores::kv,
};

/// Largest list of carriers or text of terms taken from Canopy, in bytes.
const MAX_BYTES: usize = 4 * 1024 * 1024;

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
    name: &str,
    call: &Call,
) -> Result<Reply, Problem> {
    if incoming.header("origin").is_some() {
        origin::allowed(incoming, config)?;
    }
    loop {
        match kept.with_borrow_mut(|shelf| shelf.look(platform::now(), (READ_MILLIS * 2).into())) {
            Look::Here(text) => return Ok(Reply::json_text(200, &*text)),
            Look::Failed(status) => return Err(failed(name, status)),
            // Another request's promise cannot be waited for here.
            Look::Wait => platform::sleep(LOOK_MILLIS).await,
            Look::Ask => break,
        }
    }
    let text = match kv::catalogue(&incoming.env, name).await {
        Some(text) => text,
        None => {
            limits::check(incoming, limits::CALLS)
                .await
                .inspect_err(|_| kept.with_borrow_mut(Shelf::leave))?;
            let asked = ask(config, call).await;
            let text = asked.map_err(|status| {
                kept.with_borrow_mut(|shelf| shelf.fail(status, platform::now()));
                failed(name, status)
            })?;
            kv::keep_catalogue(&incoming.env, name, &text).await;
            text
        }
    };
    kept.with_borrow_mut(|shelf| shelf.put(text.as_str().into(), platform::now()));
    Ok(Reply::json_text(200, &*text))
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
