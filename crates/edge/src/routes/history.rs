//! A pull's events, and what is to come of it.

use canopy::{
    config::ApiToken,
    problem::{Code, Problem},
    schedule::{MAX_ID_LENGTH, NewEvent, ScheduleQuery, When},
    timeline::{Moment, TimelineQuery},
};

use crate::{
    http::{Incoming, Reply, internal},
    objects::calls::{Answer, PullClient},
};

/// Largest body of an event, in bytes: its data may be written with escapes.
const MAX_EVENT_BYTES: usize = 64 * 1024;

/// Largest body of a simulation, in bytes.
const MAX_SIMULATION_BYTES: usize = 1024 * 1024;

pub fn unknown_pull() -> Problem {
    Problem::new(Code::NotFound, "expected a pull that a webhook has told of")
}

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

/// The pull as it stood, or will stand.
pub async fn at(client: &PullClient, moment: &Moment) -> Result<Reply, Problem> {
    reply(client.at(moment).await.map_err(internal("reading the log"))?)
}

/// `GET /api/v1/pulls/{pull_id}/timeline`
pub async fn timeline(incoming: &Incoming, client: &PullClient) -> Result<Reply, Problem> {
    let query = TimelineQuery::read(incoming.parameters())?;
    reply(client.timeline(&query).await.map_err(internal("reading the log"))?)
}

/// `POST /api/v1/pulls/{pull_id}/simulations`
pub async fn simulate(incoming: &Incoming, client: &PullClient) -> Result<Reply, Problem> {
    let body = incoming.body(MAX_SIMULATION_BYTES).await?;
    reply(client.simulate(&body).await.map_err(internal("simulating"))?)
}

fn reply(answer: Option<Result<Answer, Problem>>) -> Result<Reply, Problem> {
    let Answer { status, body } = answer.ok_or_else(unknown_pull)??;
    Ok(Reply::json_text(status, body))
}
