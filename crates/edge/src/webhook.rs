//! `POST /webhooks/canopy`: verified over the raw bytes, durable in the pull's object, then answered.

use canopy::{
    config::Config,
    problem::{Code, Problem},
    signature,
    webhook::{Event, MAX_BODY_BYTES},
};

use crate::{
    gateway::Trace,
    http::{Incoming, Reply, internal},
    platform,
};

/// Takes one webhook. Nothing is answered 200 before it is in the log.
pub async fn receive(incoming: &Incoming, config: &Config, trace: &mut Trace) -> Result<Reply, Problem> {
    if incoming.method != "POST" {
        return Err(Problem::new(Code::MethodNotAllowed, "expected POST"));
    }
    let header = incoming.header(signature::HEADER);
    let buffer = incoming.body(MAX_BODY_BYTES).await?;
    let body = platform::from_js(&buffer);
    let now = platform::now();
    let secrets = &config.signing_secrets;
    secrets.verify(header.as_deref(), &body, now.seconds(), config.tolerance_seconds)?;

    let event = Event::parse(&body)?;
    trace.pull_id = Some(event.pull_id.to_string());
    trace.event_type = Some(event.event_type.clone());
    let delivery = crate::pull::Delivery { digest: hex::encode(signature::digest(&body)), event };
    let json = serde_json::to_string(&delivery).expect("an event is plain data");
    let pull = delivery.event.pull_id.as_str();
    let stored = internal("storing the webhook");
    let stub = platform::pull_stub(&incoming.env, pull).map_err(&stored)?;
    let outcome = stub.ingest(&json, &buffer, now.0 as f64).await.map_err(&stored)?;
    trace.outcome = outcome.as_string();
    Ok(Reply::json_text(200, r#"{"received":true}"#))
}
