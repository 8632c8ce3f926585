//! The platform's answer, and the log's line with it.

use canopy::{problem::Problem, proxy};
use web_sys::Response;

use super::access_log::{self, Trace};
use crate::{
    http::{Reply, internal},
    platform,
};

/// Writes the log's line and makes the platform's answer, with `headers` as names and values in turn.
pub fn respond(trace: &Trace, result: Result<Reply, Problem>, headers: Vec<String>) -> Response {
    let (reply, problem) = match result {
        Ok(reply) => (reply, None),
        Err(problem) => (Reply::from(&problem), Some(problem)),
    };
    access_log::log(trace, reply.status(), problem.as_ref());
    let is_head = trace.method == "HEAD";
    let response = match reply {
        Reply::Own { status, headers: mut own, body } => {
            own.extend(headers);
            platform::reply(status, &trace.request_id, own, body.into(), is_head)
        }
        Reply::Relayed(response) => {
            let allowed = proxy::ANSWER_HEADERS.map(str::to_owned).to_vec();
            let own = proxy::OWN_HEADERS.iter().flat_map(|(name, value)| [name, value]);
            let headers = own.map(|text| (*text).to_owned()).chain(headers).collect();
            platform::relay(&response, allowed, &trace.request_id, headers, is_head)
        }
        Reply::Upgraded(response) => platform::upgraded(&response, &trace.request_id),
    };
    response.unwrap_or_else(|thrown| {
        let document = internal("answering")(thrown.into()).json().to_string();
        let headers = ["content-type", "application/problem+json"].map(str::to_owned).to_vec();
        let plain = platform::reply(500, &trace.request_id, headers, document.into(), is_head);
        plain.expect("an answer of our own is one that the platform takes")
    })
}
