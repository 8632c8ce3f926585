#![allow(missing_debug_implementations, reason = "handles to the platform have nothing to show")]
//! The floor of the benchmark: a Worker that puts each body into the Durable Object of its pull, and nothing else.
//!
//! It uses the `worker` crate as its documentation shows it: macros, and `fetch` to the object. It does not
//! verify, parse, recognise repetitions, fold, log, or work anything off later; the pull is named by a header
//! because it never looks into the body. What the edge costs beyond this is the price of its job.

use worker::{
    DurableObject, Env, Request, RequestInit, Response, Result, SqlStorage, SqlStorageValue, State,
    durable_object, event,
};

/// The header that names the pull.
const PULL_HEADER: &str = "bench-pull";

#[event(fetch)]
async fn fetch(request: Request, env: Env, _context: worker::Context) -> Result<Response> {
    match request.path().as_str() {
        "/healthz" => Response::ok("ok"),
        "/webhooks/canopy" => store(request, &env).await,
        _ => Response::error("not found", 404),
    }
}

async fn store(mut request: Request, env: &Env) -> Result<Response> {
    let Some(pull_id) = request.headers().get(PULL_HEADER)? else {
        return Response::error("expected a bench-pull header", 400);
    };
    let body = request.bytes().await?;
    let mut init = RequestInit::new();
    init.with_method(worker::Method::Post).with_body(Some(js_sys::Uint8Array::from(body.as_slice()).into()));
    let inner = Request::new_with_init("https://pull/", &init)?;
    env.durable_object("PULL")?.get_by_name(&pull_id)?.fetch_with_request(inner).await
}

/// The object of one pull: one table, one row a body.
#[durable_object(fetch)]
pub struct Pull {
    sql: SqlStorage,
}

impl DurableObject for Pull {
    fn new(state: State, _env: Env) -> Self {
        let sql = state.storage().sql();
        sql.exec("CREATE TABLE IF NOT EXISTS event (position INTEGER PRIMARY KEY, body BLOB NOT NULL)", None)
            .expect("the statement is valid SQL");
        Self { sql }
    }

    async fn fetch(&self, mut request: Request) -> Result<Response> {
        let body = request.bytes().await?;
        self.sql.exec("INSERT INTO event (body) VALUES (?1)", vec![SqlStorageValue::Blob(body)])?;
        Response::ok("stored")
    }
}
