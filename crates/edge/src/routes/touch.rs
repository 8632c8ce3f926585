//! What a call of the proxy's leaves with the pull that it touches.

use canopy::{
    config::Config,
    contract::Operation,
    id::{Id, PullId},
    proxy::{self, MAX_ANSWER_BYTES, Target, Touch},
    pull::Called,
};
use web_sys::Response;

use crate::{
    entry::access_log::Trace,
    forward::{self, ASKED_BY},
    http::{Incoming, internal},
    objects::calls::PullClient,
    platform,
};

/// Leaves in the pull's log what was asked about it, and has a pull that was read fetched anew. It was done: where this
/// fails it is logged, and the answer is the client's all the same. `answers` is the servicing action that was answered.
pub async fn leave(
    incoming: &Incoming,
    config: &Config,
    trace: &Trace,
    target: &Target<'_>,
    answers: Option<Id>,
    response: &Response,
) {
    let touch = proxy::touch(target.operation);
    if response.status() >= 300 || touch == Touch::None {
        return;
    }
    let failed = internal("writing the pull's log");
    if touch == Touch::Read {
        if let Some(pull_id) = target.pull_id()
            && proxy::reads_as_fetched(incoming.query(), config.property_data)
        {
            let client = PullClient::of(&incoming.env, &pull_id);
            incoming.later(async move {
                let refreshed = async { client?.refresh(platform::now()).await };
                let _ = refreshed.await.map_err(failed);
            });
        }
        return;
    }
    let asked_by = response.headers().get(ASKED_BY).ok().flatten();
    let request_id = asked_by.unwrap_or_else(|| trace.request_id.clone());
    let again = request_id != trace.request_id;
    let called = Called {
        operation: target.operation.row().id.to_owned(),
        caller: trace.caller.clone().unwrap_or_default(),
        request_id,
        status: response.status(),
        monitoring_id: None,
        servicing_action_ids: answers.into_iter().collect(),
    };
    // Of an answer that is not what is expected nothing is read, and all of it is the client's.
    let mut answer = Vec::new();
    if touch == Touch::Answer
        && let Ok(copy) = platform::copied(response)
        && let Ok(body) = forward::read(&copy, target.operation, MAX_ANSWER_BYTES).await
    {
        answer = body.to_vec();
    }
    let pull_id = trace.pull_id.as_deref().and_then(|id| PullId::parse(id).ok());
    let monitoring = target.parameter("monitoringId");
    if let Some((pull_id, called)) = proxy::touched(called, pull_id, monitoring, &answer) {
        let begins = (target.operation == Operation::RefreshMonitoring).then_some(&pull_id);
        let client = PullClient::of(&incoming.env, &pull_id);
        let left = async { client?.called(&called, begins, again, platform::now()).await };
        let _ = left.await.map_err(failed);
    }
}
