//! Canopy, asked by a step as the edge's own proxy asks: what cannot be repeated is made once for the step's key.

use canopy::{
    api::Credentials,
    config::Config,
    contract::{Access, Operation, Repeat},
    id::PullId,
    problem::{Code, Problem},
    proxy::{self, Admitted, MAX_ANSWER_BYTES, Target, idempotency},
    retry::Reason,
    security::Scopes,
};
use flow::{asked::AskedCanopy, run};
use web_sys::Response;
use worker::Env;

use super::send::Unmade;
use crate::{
    forward::{self, Forward, Sent},
    left::{Left, leave},
    objects::calls::IdempotencyClient,
    platform::{Bytes, Fetched},
};

/// A call of a step's.
pub struct Asking<'a> {
    pub operation: Operation,
    pub asked: &'a AskedCanopy,
    pub key: &'a str,
    /// Who asks.
    pub caller: &'a str,
    pub pull_id: Option<PullId>,
}

/// Asks.
pub async fn ask(env: &Env, config: &Config, asking: Asking<'_>) -> Result<Fetched, Unmade> {
    let Asking { operation, asked, key, caller, ref pull_id } = asking;
    let row = operation.row();
    let refused = |problem: Problem| Unmade::Refused(run::Reason::Input, problem.detail);
    let target = Target::of(row.method.as_str(), &asked.path).map_err(refused)?;
    let credentials = if row.access == Access::Open { Credentials::None } else { Credentials::Client };
    let admitted = Admitted {
        caller: caller.to_owned(),
        scopes: Some(Scopes::WORKFLOWS),
        credentials,
        pull_id: target.pull_id(),
    };
    proxy::require(Scopes::WORKFLOWS, row.scope).map_err(refused)?;
    let path = target.path(asked.query.as_deref(), &config.team_id).map_err(refused)?;
    let body = asked.body.as_deref().unwrap_or_default().as_bytes();
    let said = proxy::read_body(operation, &admitted, body).map_err(refused)?;
    let about = admitted.pull_id.clone().or(said.pull_id.clone());
    let media = asked.body.iter().map(|_| ("content-type".to_owned(), "application/json".to_owned()));
    let forward = Forward::new(operation, path, media.collect(), admitted, said.confirms, key.to_owned());
    let whole = Bytes::copied(body);
    let sent = asked.body.as_ref().map(|_| &whole);
    let answer = match row.repeat {
        Repeat::Once => once(env, config, &asking, &forward, sent).await?,
        _ => forward.answer(config, sent.map_or(Sent::Nothing, Sent::Whole)).await.map_err(unmade)?,
    };
    let left = Left {
        caller,
        request_id: key,
        again: true,
        pull_id: about.or_else(|| pull_id.clone()),
        answers: said.servicing_action_id,
    };
    leave(env, &target, left, &answer).await;
    let status = answer.status();
    let retry_after = answer.headers().get("retry-after").ok().flatten();
    let headers = retry_after.map(|value| ("retry-after".to_owned(), value));
    let body = forward::read(&answer, operation, MAX_ANSWER_BYTES).await.map_err(unmade)?;
    Ok(Fetched { status, headers: headers.into_iter().collect(), body: Some(body.to_vec()) })
}

/// The answer of the call that the step's key stands for, which is made if it was not.
async fn once(
    env: &Env,
    config: &Config,
    asking: &Asking<'_>,
    forward: &Forward,
    sent: Option<&Bytes>,
) -> Result<Response, Unmade> {
    let body = asking.asked.body.as_deref().unwrap_or_default().as_bytes();
    let fingerprint = idempotency::fingerprint(&config.session_key, asking.operation, forward.path(), body);
    let name = idempotency::object_name(asking.caller, None, asking.key);
    let answer = async { IdempotencyClient::of(env, &name)?.answer(forward, &fingerprint, sent).await };
    match answer.await {
        Ok(answer) => answer.map_err(unmade),
        // It may be made: the object of the key knows when it is asked again.
        Err(_) => Err(Unmade::Unanswered(Reason::Unreachable)),
    }
}

/// What a problem of the proxy's is for a step. One whose outcome is unknown is not made again.
fn unmade(problem: Problem) -> Unmade {
    match problem.code {
        Code::OutcomeUnknown => Unmade::Refused(
            run::Reason::OutcomeUnknown,
            "it is not known whether Canopy took the call: look there before it is made again".to_owned(),
        ),
        _ if problem.status() >= 500 || problem.status() == 409 => Unmade::Unanswered(Reason::Unreachable),
        _ => Unmade::Refused(run::Reason::Input, problem.detail),
    }
}
