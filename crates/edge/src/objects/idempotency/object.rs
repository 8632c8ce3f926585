//! The object: makes the call, gives its answer, or has it looked for.

use std::{cell::Cell, rc::Rc};

use canopy::{
    config::Config,
    contract::Operation,
    problem::{Code, Problem},
    proxy::{
        self, ANSWER_HEADERS,
        idempotency::{Standing, Verdict, judge, standing, was_not_taken},
        outcome::{self, LOOK_MILLIS},
    },
};
use js_sys::Uint8Array;
use serde_json::json;
use wasm_bindgen::prelude::*;
use web_sys::Response;
use worker::Env;

use super::{kept::Kept, look};
use crate::{
    config,
    forward::{self, ASKED_BY, Forward, Sent},
    platform::{self, Bytes, ObjectState},
};

/// Largest answer that is kept, in bytes.
const MAX_KEPT_BYTES: usize = 4 * 1024 * 1024;

/// Bytes of a call's mark: nobody finds it by trying.
const MARKER_BYTES: usize = 16;

struct Inner {
    kept: Kept,
    env: Env,
    /// Whether the call is under way in this instance.
    running: Cell<bool>,
    /// Whether it is looked for.
    looking: Cell<bool>,
}

/// The Rust half of the `Idempotency` object.
#[wasm_bindgen]
pub struct IdempotencyObject(Rc<Inner>);

#[wasm_bindgen]
impl IdempotencyObject {
    #[wasm_bindgen(constructor)]
    pub fn new(state: ObjectState, env: Env) -> Self {
        let (running, looking) = (Cell::default(), Cell::default());
        Self(Rc::new(Inner { kept: Kept::of(&state), env, running, looking }))
    }

    /// Makes the call unless it was made, and gives its answer, kept or found, or a problem as JSON. `body` is an
    /// `ArrayBuffer` or `undefined`, `fingerprint` what the call is known again by.
    pub async fn answer(&self, call: String, fingerprint: String, body: JsValue) -> Result<JsValue, JsValue> {
        let inner = Rc::clone(&self.0);
        let call: Forward = serde_json::from_str(&call).map_err(|_| "call unreadable")?;
        let body = (!body.is_undefined()).then(|| Bytes::from(body));
        let answer = match (call.operation(), config::required(&inner.env)) {
            (Ok(operation), Ok(config)) => {
                Asks { inner: &inner, config: &config, call: &call, operation, fingerprint: &fingerprint }
                    .answer(body)
                    .await?
            }
            (Err(problem), _) | (_, Err(problem)) => Err(problem),
        };
        Ok(answer.map_or_else(|problem| json!(problem).to_string().into(), JsValue::from))
    }

    /// The day is over.
    pub async fn alarm(&self) -> Result<(), JsValue> {
        let inner = Rc::clone(&self.0);
        inner.kept.forget().await
    }
}

/// An answer or a problem, unless the storage fails.
type Answered = Result<Result<Response, Problem>, JsValue>;

/// One that asks for the call.
struct Asks<'a> {
    inner: &'a Inner,
    config: &'a Config,
    call: &'a Forward,
    operation: Operation,
    fingerprint: &'a str,
}

impl Asks<'_> {
    async fn answer(&self, body: Option<Bytes>) -> Answered {
        let kept = self.inner.kept.call()?;
        let known = kept.as_ref().map(|(known, standing)| (known.as_str(), *standing));
        let verdict = judge(known, self.fingerprint, self.inner.running.get());
        if !matches!(
            &verdict,
            Verdict::Begin | Verdict::Refuse(Problem { code: Code::IdempotencyKeyReused, .. })
        ) {
            self.inner.kept.note_asked(self.call.request_id())?;
        }
        match verdict {
            Verdict::Refuse(problem) => Ok(Err(problem)),
            Verdict::Give => Ok(self.give()),
            Verdict::Look => self.look(body).await,
            Verdict::Begin => {
                let whole = body.as_ref().map(Bytes::to_vec).unwrap_or_default();
                let marker = outcome::takes_marker(self.operation)
                    .then(|| hex::encode(platform::random::<MARKER_BYTES>()))
                    .and_then(|marker| Some((outcome::marked(&whole, &marker)?, marker)));
                let (marked, marker) = marker.unzip();
                self.inner.kept.begin(self.fingerprint, self.call.request_id(), marker.as_deref())?;
                self.inner.running.set(true);
                self.remember(&whole).await;
                let body = marked.as_deref().map(Bytes::copied).or(body);
                let answer = self.call(body).await;
                self.inner.running.set(false);
                self.end(answer).await
            }
        }
    }

    /// Notes what there is already of the kind, where what the call makes is told by that alone. It is made without, too.
    async fn remember(&self, body: &[u8]) {
        let asked = self.call.asked(self.config, self.operation, body);
        let Some(call) = outcome::before(&asked) else { return };
        let listed = look::read(self.config, &call).await;
        if let Some(ids) = listed.and_then(|listed| outcome::ids(self.operation, &listed)) {
            let _ = self.inner.kept.remember(&ids);
        }
    }

    /// The call's answer, read whole. The platform lets nothing out before what was written is durable.
    async fn call(&self, body: Option<Bytes>) -> Result<(Response, Uint8Array), Problem> {
        let sent = body.as_ref().map_or(Sent::Nothing, Sent::Whole);
        let response = self.call.answer(self.config, sent).await?;
        let body = forward::read(&response, self.operation, MAX_KEPT_BYTES).await?;
        Ok((response, body))
    }

    /// Keeps what became of the call, and gives it.
    async fn end(&self, answer: Result<(Response, Uint8Array), Problem>) -> Answered {
        let kept = &self.inner.kept;
        let (response, body) = match answer {
            Ok(answer) => answer,
            Err(problem) if was_not_taken(&problem) => {
                kept.forget().await?;
                return Ok(Err(problem));
            }
            Err(problem) => {
                kept.lose()?;
                return Ok(Err(problem));
            }
        };
        match standing(response.status()) {
            None => kept.forget().await?,
            Some(Standing::Answered) => {
                let head = headers(&response, self.call.request_id());
                if kept.keep(self.config, self.fingerprint, response.status(), &head, &body).is_err() {
                    // It was made, and what came of it cannot be given again.
                    kept.lose()?;
                    return Ok(Err(proxy::unanswered(self.operation, None)));
                }
            }
            Some(_) => kept.lose()?,
        }
        let response = platform::with_body(&response, &body)?;
        // What Canopy says by the edge's own headers is not the edge's.
        for name in [ASKED_BY, outcome::HEADER.0] {
            response.headers().delete(name)?;
        }
        Ok(Ok(response))
    }

    /// Has it looked for what became of the call, unless that was done a moment ago.
    async fn look(&self, body: Option<Bytes>) -> Answered {
        let (kept, looking) = (&self.inner.kept, &self.inner.looking);
        let unanswered = || proxy::unanswered(self.operation, None);
        let Some(noted) = kept.noted()? else { return Ok(Err(unanswered())) };
        let now = platform::now();
        if looking.get() || noted.looked_at.is_some_and(|at| now < at.plus(LOOK_MILLIS)) {
            let told = noted.told.map(|detail| Problem::new(Code::OutcomeUnknown, detail));
            return Ok(Err(told.unwrap_or_else(unanswered)));
        }
        kept.look(now)?;
        looking.set(true);
        let body = body.as_ref().map(Bytes::to_vec).unwrap_or_default();
        let asked = self.call.asked(self.config, self.operation, &body);
        let is_own = |id: &str| id == noted.request_id || kept.was_asked_by(id);
        let found = look::look(&self.inner.env, self.config, asked, noted.sent(), is_own).await;
        looking.set(false);
        match found {
            Ok(found) => {
                let (name, value) = outcome::HEADER;
                let asked_by = &noted.request_id;
                let head = format!("content-type\napplication/json\n{name}\n{value}\n{ASKED_BY}\n{asked_by}");
                let kept = kept.keep(self.config, self.fingerprint, 200, &head, &found.as_bytes().into());
                Ok(kept.map_err(|_| unanswered()).and_then(|()| self.give()))
            }
            Err(problem) => {
                kept.tell(&problem.detail)?;
                Ok(Err(problem))
            }
        }
    }

    /// The kept answer. What was sealed with another session key can be given no more.
    fn give(&self) -> Result<Response, Problem> {
        let kept = self.inner.kept.answer(self.config, self.fingerprint);
        kept.map_err(|_| proxy::unanswered(self.operation, None))
    }
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
