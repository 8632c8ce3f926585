//! The Durable Object of one idempotency key: the call that it stands for is made here, once, and its answer kept a day.

use std::{cell::Cell, iter::once, rc::Rc};

use canopy::{
    config::Config,
    contract::Operation,
    problem::Problem,
    proxy::{
        self, ANSWER_HEADERS,
        idempotency::{KEPT_MILLIS, Standing, Verdict, judge, standing, was_not_taken},
    },
};
use js_sys::Uint8Array;
use serde_json::json;
use wasm_bindgen::prelude::*;
use web_sys::Response;
use worker::Env;

use crate::{
    config,
    forward::{self, ASKED_BY, Forward, Sent},
    platform::{self, Bytes, Database, ObjectState, ObjectStorage},
};

/// Largest answer that is kept, in bytes.
const MAX_KEPT_BYTES: usize = 4 * 1024 * 1024;

/// Bytes of an answer's part: a row holds 2 MB.
const PART_BYTES: u32 = 1024 * 1024;

struct Inner {
    storage: ObjectStorage,
    database: Database,
    env: Env,
    /// Whether the call is under way in this instance.
    running: Cell<bool>,
}

/// The Rust half of the `Idempotency` object.
#[wasm_bindgen]
pub struct IdempotencyObject(Rc<Inner>);

#[wasm_bindgen]
impl IdempotencyObject {
    #[wasm_bindgen(constructor)]
    pub fn new(state: ObjectState, env: Env) -> Self {
        let storage = state.storage();
        let database = storage.database();
        Self(Rc::new(Inner { storage, database, env, running: Cell::default() }))
    }

    /// Makes the call unless it was made, and gives its answer, or a problem as JSON. `body` is an `ArrayBuffer` or
    /// `undefined`, `fingerprint` what the call is known again by.
    pub async fn answer(&self, call: String, fingerprint: String, body: JsValue) -> Result<JsValue, JsValue> {
        let inner = Rc::clone(&self.0);
        let call: Forward = serde_json::from_str(&call).map_err(|_| "call unreadable")?;
        let answer = match (call.operation(), config::required(&inner.env)) {
            (Ok(operation), Ok(config)) => {
                inner.answer(&config, &call, operation, &fingerprint, body).await?
            }
            (Err(problem), _) | (_, Err(problem)) => Err(problem),
        };
        Ok(answer.map_or_else(|problem| json!(problem).to_string().into(), JsValue::from))
    }

    /// The day is over.
    pub async fn alarm(&self) -> Result<(), JsValue> {
        let inner = Rc::clone(&self.0);
        inner.storage.delete_all().await.map(drop)
    }
}

impl Inner {
    async fn answer(
        &self,
        config: &Config,
        call: &Forward,
        operation: Operation,
        fingerprint: &str,
        body: JsValue,
    ) -> Result<Result<Response, Problem>, JsValue> {
        let kept = self.kept()?;
        let known = kept.as_ref().map(|(known, standing)| (known.as_str(), *standing));
        match judge(known, fingerprint, self.running.get(), operation) {
            Verdict::Refuse(problem) => Ok(Err(problem)),
            // What was sealed with another session key can be given no more.
            Verdict::Give => {
                let kept = self.read(config, fingerprint);
                Ok(kept.map_err(|_| proxy::unanswered(operation, None)))
            }
            Verdict::Begin => {
                self.begin(fingerprint)?;
                self.running.set(true);
                let answer = self.call(config, call, operation, body).await;
                self.running.set(false);
                self.end(config, call, operation, fingerprint, answer).await
            }
        }
    }

    /// The call's answer, read whole. The platform lets nothing out before what was written is durable.
    async fn call(
        &self,
        config: &Config,
        call: &Forward,
        operation: Operation,
        body: JsValue,
    ) -> Result<(Response, Uint8Array), Problem> {
        let body = (!body.is_undefined()).then(|| Bytes::from(body));
        let sent = body.as_ref().map_or(Sent::Nothing, Sent::Whole);
        let response = call.answer(config, sent).await?;
        let body = forward::read(&response, operation, MAX_KEPT_BYTES).await?;
        Ok((response, body))
    }

    /// Keeps what became of the call, and gives it.
    async fn end(
        &self,
        config: &Config,
        call: &Forward,
        operation: Operation,
        fingerprint: &str,
        answer: Result<(Response, Uint8Array), Problem>,
    ) -> Result<Result<Response, Problem>, JsValue> {
        let (response, body) = match answer {
            Ok(answer) => answer,
            Err(problem) if was_not_taken(&problem) => {
                self.storage.delete_all().await?;
                return Ok(Err(problem));
            }
            Err(problem) => {
                self.database.run("UPDATE call SET standing = ?1", [code(Standing::Unknown)])?;
                return Ok(Err(problem));
            }
        };
        let standing = standing(response.status());
        if standing != Some(Standing::Answered) {
            match standing {
                Some(standing) => self.database.run("UPDATE call SET standing = ?1", [code(standing)])?,
                None => drop(self.storage.delete_all().await?),
            }
            return platform::with_body(&response, &body).map(Ok);
        }
        let mut change = || {
            let head = headers(&response, call.request_id()).into_bytes();
            let starts = (0..body.length()).step_by(PART_BYTES as usize);
            let parts = starts
                .map(|start| body.slice(start, start.saturating_add(PART_BYTES).min(body.length())).to_vec());
            for (number, part) in once(head).chain(parts).enumerate() {
                let sealed = config.kept_keys.seal(&part, &place(fingerprint, number), platform::random());
                self.database.run(
                    "INSERT INTO part (number, bytes) VALUES (?1, ?2)",
                    [(number as u32).into(), platform::to_js(&sealed.ok_or("no key")?)],
                )?;
            }
            self.database.run(
                "UPDATE call SET standing = ?1, status = ?2",
                [code(Standing::Answered), response.status().into()],
            )?;
            Ok(JsValue::UNDEFINED)
        };
        if self.storage.transaction(&mut change).is_err() {
            // It was made, and what came of it cannot be given again.
            self.database.run("UPDATE call SET standing = ?1", [code(Standing::Unknown)])?;
            return Ok(Err(proxy::unanswered(operation, None)));
        }
        platform::with_body(&response, &body).map(Ok)
    }

    fn kept(&self) -> Result<Option<(String, Standing)>, JsValue> {
        let is_prepared = self.database.first("SELECT 1 FROM sqlite_schema WHERE name = 'call'", [])?;
        if is_prepared.is_none() {
            return Ok(None);
        }
        let Some(row) = self.database.first("SELECT fingerprint, standing FROM call", [])? else {
            return Ok(None);
        };
        let standing = row.text(1).and_then(|text| serde_json::from_value(text.into()).ok());
        // Of what another version wrote nothing is known but that it was begun.
        Ok(Some((row.text(0).unwrap_or_default(), standing.unwrap_or(Standing::Unknown))))
    }

    fn begin(&self, fingerprint: &str) -> Result<(), JsValue> {
        let mut change = || {
            self.database.run(
                "CREATE TABLE IF NOT EXISTS call (only INTEGER PRIMARY KEY CHECK (only = 1), fingerprint TEXT NOT NULL,
                 standing TEXT NOT NULL, status INTEGER)",
                [],
            )?;
            self.database.run(
                "CREATE TABLE IF NOT EXISTS part (number INTEGER PRIMARY KEY, bytes BLOB NOT NULL)",
                [],
            )?;
            self.database.run(
                "INSERT INTO call (only, fingerprint, standing) VALUES (1, ?1, ?2)",
                [fingerprint.into(), code(Standing::Begun)],
            )?;
            Ok(JsValue::UNDEFINED)
        };
        self.storage.transaction(&mut change)?;
        self.storage.set_alarm(platform::now().plus(KEPT_MILLIS).0);
        Ok(())
    }

    /// The kept answer: its first part is the headers.
    fn read(&self, config: &Config, fingerprint: &str) -> Result<Response, JsValue> {
        let row = self.database.first("SELECT status FROM call", [])?.ok_or("no answer is kept")?;
        let (mut head, mut body) = (String::new(), Vec::new());
        for part in self.database.all("SELECT number, bytes FROM part ORDER BY number", [])? {
            let number = part.integer(0).unwrap_or_default() as usize;
            let mut bytes = part.bytes(1);
            let opened = config.kept_keys.read(&mut bytes, true, &place(fingerprint, number));
            let opened = opened.map_err(|error| error.to_string())?;
            match number {
                0 => head = String::from_utf8_lossy(opened).into_owned(),
                _ => body.extend(opened),
            }
        }
        let status = row.integer(0).unwrap_or_default() as u16;
        platform::answered(status, &head, &platform::to_js(&body))
    }
}

/// Where a part lies, for sealing.
fn place(fingerprint: &str, number: usize) -> String {
    format!("idempotency/{fingerprint}/{number}")
}

fn code(standing: Standing) -> JsValue {
    serde_json::to_value(standing).ok().and_then(|code| Some(code.as_str()?.into())).unwrap_or_default()
}

/// The headers that cross, names and values in turn, in lines, and by which request the answer was asked for.
fn headers(response: &Response, request_id: &str) -> String {
    let all = response.headers();
    let crossing = ANSWER_HEADERS.iter().filter_map(|name| {
        let value = all.get(name.as_str()).ok().flatten()?;
        Some(format!("{name}\n{value}"))
    });
    let asked_by = format!("{ASKED_BY}\n{request_id}");
    crossing.chain([asked_by]).collect::<Vec<_>>().join("\n")
}
