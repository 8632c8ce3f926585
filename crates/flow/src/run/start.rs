//! Which entries start a flow.

use canopy::time::UnixMillis;
use serde_json::{Value as Json, json};

use super::scope::World;
use crate::{
    definition::{Flow, Trigger},
    expression::{Fault, Scope},
};

/// Whether entries of a type may start a flow.
#[must_use]
pub fn takes(flow: &Flow, event_type: &str) -> bool {
    matches!(&flow.trigger, Trigger::Event { types, .. } if types.take(event_type))
}

/// Whether an entry starts a flow: `event` is its document, `config` the instance's, `world` how things stand at `now`.
///
/// # Errors
/// Where the flow's condition gives nothing. It starts nothing then.
pub fn starts(
    flow: &Flow,
    event: &Json,
    world: &World,
    config: &Json,
    now: UnixMillis,
) -> Result<bool, Fault> {
    let Trigger::Event { when, .. } = &flow.trigger else { return Ok(false) };
    if !event["event_type"].as_str().is_some_and(|name| takes(flow, name)) {
        return Ok(false);
    }
    let Some(when) = when else { return Ok(true) };
    let [pull, intake] = [&world.pull, &world.intake].map(|read| read.as_ref().unwrap_or(&Json::Null));
    let now = json!(now.rfc3339());
    let scope = Scope::default().with("event", event).with("pull", pull).with("intake", intake);
    Ok(when.evaluate(&scope.with("config", config).with("now", &now))? == Json::Bool(true))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::definition::{Group, Known};

    const NOW: UnixMillis = UnixMillis(1_700_000_000_000);

    fn started(trigger: Json, event: &Json) -> Result<bool, Fault> {
        let steps = json!([{ "id": "a", "use": "set", "with": { "values": 1 } }]);
        let definition = json!({
            "title": "Test", "config": { "least": { "type": "integer", "default": 2 } },
            "flows": { "f": { "trigger": trigger, "steps": steps } },
        });
        let group = Group::read(&definition.to_string(), &Known::NOTHING).unwrap();
        let pull = Some(json!({ "pull_id": "1", "status": "SUCCESS", "error": null }));
        let world = World { pull, intake: Some(json!({ "policies": [1, 2] })), ..World::default() };
        starts(&group.flows["f"], event, &world, &json!({ "least": 2 }), NOW)
    }

    fn when(when: &str) -> Json {
        json!({ "on": "event", "types": ["COMPLETE"], "when": when })
    }

    #[test]
    fn an_entry_starts_a_flow_that_takes_its_type_and_says_so_of_it() {
        let complete = json!({ "event_type": "COMPLETE", "data": { "n": 3 } });
        for (trigger, event, is_started) in [
            (json!({ "on": "event", "types": ["COMPLETE"] }), complete.clone(), true),
            (json!({ "on": "event", "types": ["*"] }), complete.clone(), true),
            (json!({ "on": "event", "types": ["ERROR"] }), complete.clone(), false),
            (json!({ "on": "event", "types": ["*"] }), json!({}), false),
            (json!({ "on": "manual", "of": "pull" }), complete.clone(), false),
            (when("event.data.n > config.least && pull.status == 'SUCCESS'"), complete.clone(), true),
            (
                when("event.data.n > config.least"),
                json!({ "event_type": "ERROR", "data": { "n": 3 } }),
                false,
            ),
            (when("size(intake.policies) > config.least"), complete.clone(), false),
            (when("now == '2023-11-14T22:13:20.000Z'"), complete.clone(), true),
            (when("'true'"), complete.clone(), false),
        ] {
            assert_eq!(started(trigger.clone(), &event), Ok(is_started), "{trigger}");
        }
    }

    #[test]
    fn what_cannot_be_judged_is_a_fault_where_the_type_is_taken() {
        let judged =
            |event_type: &str| started(when("event.data.n > 1"), &json!({ "event_type": event_type }));
        assert_eq!(judged("COMPLETE"), Err(Fault::Absent("data".to_owned())));
        assert_eq!(judged("ERROR"), Ok(false));
    }
}
