//! The platform's answer, and the log's line with it.

use canopy::{problem::Problem, proxy};
use http::header::CONTENT_TYPE;
use web_sys::Response;

use super::access_log::{self, Trace};
use crate::{
    http::{Headers, PROBLEM_JSON, Reply, internal},
    platform,
};

/// Writes the log's line and makes the platform's answer, with `headers` besides.
pub fn respond(trace: &Trace, result: Result<Reply, Problem>, headers: Headers) -> Response {
    let (reply, problem) = match result {
        Ok(reply) => (reply, None),
        Err(problem) => (Reply::from(&problem), Some(problem)),
    };
    access_log::log(trace, reply.status(), problem.as_ref());
    let is_head = trace.method == "HEAD";
    let response = match reply {
        Reply::Own { status, headers: mut own, body } => {
            own.extend(headers);
            platform::reply(status, &trace.request_id, &own, body.into(), is_head)
        }
        Reply::Relayed(response, own) => {
            let allowed = proxy::ANSWER_HEADERS.iter().map(|name| name.as_str().to_owned()).collect();
            let headers: Headers = proxy::OWN_HEADERS.iter().cloned().chain(own).chain(headers).collect();
            platform::relay(&response, allowed, &trace.request_id, &headers, is_head)
        }
        Reply::Upgraded(response) => platform::upgraded(&response, &trace.request_id),
    };
    response.unwrap_or_else(|thrown| {
        let document = internal("answering")(thrown.into()).json().to_string();
        let headers = vec![(CONTENT_TYPE, PROBLEM_JSON)];
        let plain = platform::reply(500, &trace.request_id, &headers, document.into(), is_head);
        plain.expect("an answer of our own is one that the platform takes")
    })
}
