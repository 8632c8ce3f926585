//! What is asked stands in the audit log before it is done, and what was answered after.

use std::{borrow::Cow, pin::pin};

use canopy::{
    id::PullId,
    paging,
    problem::{Code, Problem},
    security::audit::AuditQuery,
};
use futures_util::future::{Either, select};
use serde_json::json;

use crate::{
    entry::access_log::Trace,
    http::{Incoming, Reply, internal},
    platform,
    stores::{
        audit::{self, Asked},
        d1,
    },
};

/// Longest wait for D1 before anything is done, in milliseconds.
const BEGIN_MILLIS: u64 = 5_000;

/// Longest that an answer waits for D1, in milliseconds.
const END_MILLIS: u64 = 2_000;

/// What `trace` tells of a request.
pub fn asked(trace: &Trace) -> Asked<'_> {
    Asked {
        at: trace.started,
        request_id: Cow::Borrowed(&trace.request_id),
        caller: trace.caller.as_deref().unwrap_or_default(),
        operation: trace.route,
        method: &trace.method,
        pull_id: trace.pull_id.as_deref(),
    }
}

/// The same request, as it stands in the log of one pull more that it reads.
pub fn asked_of_another<'t>(trace: &'t Trace, pull_id: &'t PullId) -> Asked<'t> {
    let request_id = Cow::Owned(format!("{}-from", trace.request_id));
    Asked { request_id, pull_id: Some(pull_id.as_str()), ..asked(trace) }
}

/// Does what `ask` gives, and writes down that it was asked and what was answered. What cannot be written down is not done.
pub async fn audited(
    incoming: &Incoming,
    asked: &Asked<'_>,
    ask: impl Future<Output = Result<Reply, Problem>>,
) -> Result<Reply, Problem> {
    let begun = within(BEGIN_MILLIS, audit::begin(&incoming.env, asked)).await;
    begun.ok_or_else(unwritten)?.map_err(d1::problem("writing the audit log"))?;
    let result = ask.await;
    let status = result.as_ref().map_or_else(Problem::status, Reply::status);
    let ended = audit::end(&incoming.env, asked, status);
    // It is done: the access log has its status, too.
    if let Some(Err(thrown)) = within(END_MILLIS, ended).await {
        internal("noting the answer in the audit log")(thrown);
    }
    result
}

fn unwritten() -> Problem {
    Problem::new(Code::Internal, "writing the audit log took too long, and nothing was done: try again")
}

/// What `work` gives; `None` when it takes longer.
async fn within<T>(millis: u64, work: impl Future<Output = T>) -> Option<T> {
    match select(pin!(work), pin!(platform::sleep(millis))).await {
        Either::Left((done, _)) => Some(done),
        Either::Right(_) => None,
    }
}

/// `GET /api/v1/audit`
pub async fn page(incoming: &Incoming) -> Result<Reply, Problem> {
    let query = AuditQuery::read(incoming.parameters())?;
    let page = audit::page(&incoming.env, &query).await;
    let entries = page.map_err(d1::problem("reading the audit log"))?;
    let (entries, cursor) = paging::page(entries, query.limit, |last| last.cursor.to_string());
    Ok(Reply::json(200, &json!({ "entries": entries, "cursor": cursor })))
}
