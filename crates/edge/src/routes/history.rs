//! A pull's events, and what is to come of it.

use canopy::{
    config::ApiToken,
    problem::{Code, Problem},
    schedule::{MAX_ID_LENGTH, NewEvent, ScheduleQuery, When},
};

use super::back_office::unknown_pull;
use crate::{
    http::{Incoming, Reply, internal},
    objects::calls::{Answer, PullClient},
};

/// Largest body of an event, in bytes: its data may be written with escapes.
const MAX_EVENT_BYTES: usize = 64 * 1024;

/// `POST /api/v1/pulls/{pull_id}/events` and `…/schedule`
pub async fn happen(
    incoming: &Incoming,
    client: &PullClient,
    caller: &ApiToken,
    when: When,
) -> Result<Reply, Problem> {
    let body = incoming.body(MAX_EVENT_BYTES).await?.to_vec();
    let event = NewEvent::read(&body, when)?;
    let answer = client.happen(&event, when, &caller.name).await.map_err(internal("writing the event"))?;
    reply(answer)
}

/// `DELETE /api/v1/pulls/{pull_id}/schedule/{schedule_id}`
pub async fn cancel(client: &PullClient, caller: &ApiToken, schedule_id: &str) -> Result<Reply, Problem> {
    if schedule_id.len() > MAX_ID_LENGTH {
        return Err(Problem::new(Code::NotFound, "expected a schedule_id that GET …/schedule shows"));
    }
    let answer = client.cancel(schedule_id, &caller.name).await.map_err(internal("cancelling"))?;
    reply(answer)
}

/// `GET /api/v1/pulls/{pull_id}/schedule`
pub async fn schedule(incoming: &Incoming, client: &PullClient) -> Result<Reply, Problem> {
    let query = ScheduleQuery::read(incoming.parameters())?;
    let page = client.schedule(&query).await.map_err(internal("reading the schedule"))?;
    page.map(|page| Reply::json_text(200, page)).ok_or_else(unknown_pull)
}

fn reply(answer: Option<Result<Answer, Problem>>) -> Result<Reply, Problem> {
    let Answer { status, body } = answer.ok_or_else(unknown_pull)??;
    Ok(Reply::json_text(status, body))
}
