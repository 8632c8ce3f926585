//! Starting runs: by the clock, each time once, or by hand.

use canopy::time::UnixMillis;
use flow::{
    definition::{Subject, Trigger},
    due::Due,
    run::Run,
};
use wasm_bindgen::JsValue;

use super::home::Keeper;
use crate::{
    objects::runs::{Home, insert, next_number},
    platform::sql::IntoSql,
    stores::instances::Deployed,
};

/// Starts what is due; gives when the next is.
pub fn start(keeper: &Keeper, deployed: &Deployed, now: UnixMillis) -> Result<Option<UnixMillis>, JsValue> {
    let Some(since) = deployed.instance.since else { return Ok(None) };
    let settings = &deployed.instance.settings;
    let mut first = None;
    for (flow, definition) in &deployed.group.flows {
        let Some((recurring, missed)) = definition.trigger.recurring(&settings.config) else { continue };
        let pattern = recurring.text();
        let query = "SELECT last FROM schedule WHERE flow = ?1 AND pattern = ?2";
        let row = keeper.database().first(query, [flow.as_str().into(), pattern.into()])?;
        // Switched off and on again, or set otherwise, it begins there.
        let begun = row.as_ref().map_or(deployed.instance.updated_at, |row| row.moment(0));
        let last = begun.max(since);
        let due = Due::of(&recurring, missed, last, now);
        if row.is_none() || due.last != begun {
            let mut change = || {
                if let Some(at) = due.run {
                    begin(keeper, deployed, flow, Some(at.0), now)?;
                }
                let query = "INSERT OR REPLACE INTO schedule (flow, pattern, last) VALUES (?1, ?2, ?3)";
                let bindings = [flow.as_str().into(), pattern.into(), due.last.into_sql()];
                keeper.database().run(query, bindings)?;
                Ok(JsValue::UNDEFINED)
            };
            keeper.storage().transaction(&mut change)?;
        }
        first = first.into_iter().chain(due.next).min();
    }
    Ok(first)
}

/// Starts a flow by hand. Gives the run's id; `None` where the flow is none of those.
pub fn manual(
    keeper: &Keeper,
    deployed: &Deployed,
    flow: &str,
    now: UnixMillis,
) -> Result<Option<String>, JsValue> {
    let is_manual = |trigger: &Trigger| {
        matches!(trigger, Trigger::Manual { of: Subject::Agency } | Trigger::Schedule { .. })
    };
    if !deployed.group.flows.get(flow).is_some_and(|flow| is_manual(&flow.trigger)) {
        return Ok(None);
    }
    begin(keeper, deployed, flow, None, now).map(Some)
}

/// Writes a run, unless there is one of this flow for this time.
fn begin(
    keeper: &Keeper,
    deployed: &Deployed,
    flow: &str,
    cause: Option<i64>,
    now: UnixMillis,
) -> Result<String, JsValue> {
    let number = next_number(keeper)?;
    let (id, settings) = (&deployed.instance.id, &deployed.instance.settings);
    let run = Run {
        id: format!("i-{id}-{number}"),
        instance: id.clone(),
        group: settings.group.clone(),
        version: settings.version,
        flow: flow.to_owned(),
        config: settings.config.clone(),
        pull_id: None,
        cause,
        origin: settings.origin.clone(),
        after: 0,
        started_at: now,
        generation: 0,
    };
    let run_id = run.id.clone();
    insert(keeper, &keeper.owner()?, number, run)?;
    Ok(run_id)
}
