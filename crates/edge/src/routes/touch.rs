//! What a call of the proxy's leaves with the pull that it touches.

use canopy::{
    config::Config,
    id::{Id, PullId},
    proxy::{self, Target, Touch},
};
use web_sys::Response;

use crate::{
    entry::access_log::Trace,
    forward::ASKED_BY,
    http::{Incoming, internal},
    left::{self, Left},
    objects::calls::PullClient,
    platform,
};

/// Leaves in the pull's log what was asked about it, and has a pull that was read fetched anew. `answers` is the servicing action that was
/// answered.
pub async fn leave(
    incoming: &Incoming,
    config: &Config,
    trace: &Trace,
    target: &Target<'_>,
    answers: Option<Id>,
    response: &Response,
) {
    if proxy::touch(target.operation) == Touch::Read {
        if response.status() < 300 {
            fetch_anew(incoming, config, target);
        }
        return;
    }
    let asked_by = response.headers().get(ASKED_BY).ok().flatten();
    let request_id = asked_by.unwrap_or_else(|| trace.request_id.clone());
    let left = Left {
        caller: trace.caller.as_deref().unwrap_or_default(),
        again: request_id != trace.request_id,
        request_id: &request_id,
        pull_id: trace.pull_id.as_deref().and_then(|id| PullId::parse(id).ok()),
        answers,
    };
    left::leave(&incoming.env, target, left, response).await;
}

fn fetch_anew(incoming: &Incoming, config: &Config, target: &Target<'_>) {
    let Some(pull_id) = target.pull_id() else { return };
    if !proxy::reads_as_fetched(incoming.query(), config.property_data) {
        return;
    }
    let client = PullClient::of(&incoming.env, &pull_id);
    incoming.later(async move {
        let refreshed = async { client?.refresh(platform::now()).await };
        let _ = refreshed.await.map_err(internal("writing the pull's log"));
    });
}
