//! What a call to Canopy leaves in the log of the pull that it touches.

use canopy::{
    contract::Operation,
    id::{Id, PullId},
    proxy::{self, MAX_ANSWER_BYTES, Target, Touch},
    pull::Called,
};
use web_sys::Response;
use worker::Env;

use crate::{forward, http::internal, objects::calls::PullClient, platform};

/// Who asked for what.
pub struct Left<'a> {
    pub caller: &'a str,
    /// The request, or the step's key.
    pub request_id: &'a str,
    /// Whether the log may have it.
    pub again: bool,
    /// Where the path or the body names it.
    pub pull_id: Option<PullId>,
    /// The servicing action that was answered.
    pub answers: Option<Id>,
}

/// Leaves it. It was done: where this fails it is logged, and the answer is the caller's all the same.
pub async fn leave(env: &Env, target: &Target<'_>, left: Left<'_>, response: &Response) {
    let touch = proxy::touch(target.operation);
    if response.status() >= 300 || matches!(touch, Touch::None | Touch::Read) {
        return;
    }
    let called = Called {
        operation: target.operation.row().id.to_owned(),
        caller: left.caller.to_owned(),
        request_id: left.request_id.to_owned(),
        status: response.status(),
        servicing_action_ids: left.answers.into_iter().collect(),
        ..Called::default()
    };
    // Of an answer that is not what is expected nothing is read, and all of it is the caller's.
    let mut answer = Vec::new();
    if touch == Touch::Answer
        && let Ok(copy) = platform::copied(response)
        && let Ok(body) = forward::read(&copy, target.operation, MAX_ANSWER_BYTES).await
    {
        answer = body.to_vec();
    }
    let monitoring = target.parameter("monitoringId");
    if let Some((pull_id, called)) = proxy::touched(called, left.pull_id, monitoring, &answer) {
        let begins = (target.operation == Operation::RefreshMonitoring).then_some(&pull_id);
        let client = PullClient::of(env, &pull_id);
        let left = async { client?.called(&called, begins, left.again, platform::now()).await };
        let _ = left.await.map_err(internal("writing the pull's log"));
    }
}
