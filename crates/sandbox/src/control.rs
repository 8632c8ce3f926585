//! `/sandbox…`: what a test or a developer does with the sandbox itself. Not part of Canopy's API.

use canopy::contract::Operation;
use serde_json::{Map, Value, json};

use crate::{
    api, contract,
    delivery::Outgoing,
    http::{Answer, Call, Reply},
    link,
    rows::{Delivery, DeliveryState, Fault, Switches},
    sdk,
    world::{Recorded, World},
};

/// Prefix of all of it.
pub const BASE: &str = "/sandbox";
const OVERVIEW: &str = include_str!("overview.html");

impl World {
    /// Serves any call that is not part of the API.
    pub fn serve(&mut self, call: &Call) -> Reply {
        if call.path.starts_with(contract::BASE) {
            return self.serve_api(call);
        }
        if call.path.starts_with(api::SIGNED) {
            return self.serve_signed(call);
        }
        if !call.path.starts_with(BASE) {
            return self.serve_page(call).into();
        }
        let path = call.path.strip_prefix(BASE).unwrap_or_default().trim_end_matches('/');
        let answer = match (call.method.as_str(), path) {
            (_, path) if path.starts_with(link::BASE) => self.serve_link(call, &path[link::BASE.len()..]),
            ("OPTIONS", _) => Answer::new(204, "text/plain", ""),
            ("GET", "") => Answer::new(200, "text/html; charset=utf-8", OVERVIEW),
            ("POST", "/tokenize") => self.tokenize(call),
            ("GET", "/pulls") => self.overview_of_pulls(),
            ("GET", "/deliveries") => self.overview_of_deliveries(call),
            ("GET", "/requests") => self.overview_of_requests(call),
            ("GET", "/faults") => self.overview_of_faults(),
            ("POST", "/faults") => self.add_faults(call),
            ("DELETE", "/faults") => self.clear_faults(),
            ("POST", "/pace") => self.set_pace(call),
            ("GET", "/clock") => return self.show_clock(call),
            ("POST", "/clock") => return self.move_clock(call),
            ("POST", "/events") => self.send_event(call),
            ("POST", "/reset") => {
                self.reset();
                Answer::json(200, &json!({"reset": true}))
            }
            _ => Answer::error(404, "NOT_FOUND"),
        };
        answer.with_open_cors().into()
    }

    /// Serves the SDK. Whatever else arrives is recorded: a proxy may have let it through.
    fn serve_page(&mut self, call: &Call) -> Answer {
        let answer =
            sdk::serve(call).map(Answer::with_open_cors).unwrap_or_else(|| Answer::error(404, "NOT_FOUND"));
        self.record(Recorded { status: Some(answer.status), ..Recorded::of(call, self.now) });
        answer
    }

    /// Runs what is due.
    pub fn tick(&mut self) -> Vec<Outgoing> {
        self.come_due();
        self.start_deliveries()
    }

    /// When something is due next.
    #[must_use]
    pub fn next_due_ms(&self) -> Option<u64> {
        [self.next_step_ms(), self.next_delivery_ms(), self.next_monitoring_ms()].into_iter().flatten().min()
    }

    fn tokenize(&mut self, call: &Call) -> Answer {
        let tokens = self.tokens_for(&call.json().unwrap_or_default());
        if tokens.is_empty() {
            Answer::error(400, "INVALID_INPUT")
        } else {
            Answer::json(200, &json!({ "tokens": tokens }))
        }
    }

    fn overview_of_pulls(&self) -> Answer {
        let mut pulls: Vec<_> = self.pulls.values().collect();
        pulls.sort_by_key(|pull| pull.number);
        let pulls: Vec<Value> = pulls
            .into_iter()
            .map(|pull| {
                json!({
                    "pull_id": pull.pull_id,
                    "username": pull.username,
                    "carrier": pull.carrier,
                    "type": pull.pull_type,
                    "status": pull.status,
                    "auth_status": pull.auth_status,
                    "sequence": pull.sequence,
                    "meta_data": pull.meta_data,
                    "is_refresh": pull.is_refresh,
                    "steps_to_come": pull.steps.len(),
                    "calls": pull.calls,
                })
            })
            .collect();
        Answer::json(200, &json!({ "pulls": pulls }))
    }

    fn overview_of_deliveries(&self, call: &Call) -> Answer {
        let wanted = call.parameter("pull_id");
        let deliveries: Vec<Value> = self
            .deliveries
            .iter()
            .filter(|(_, delivery)| wanted.is_none_or(|pull_id| delivery.pull_id == pull_id))
            .map(|(number, delivery)| shown(number, delivery))
            .collect();
        let pending =
            self.deliveries.values().filter(|delivery| delivery.state == DeliveryState::Pending).count();
        Answer::json(200, &json!({"pending": pending, "deliveries": deliveries}))
    }

    fn overview_of_requests(&self, call: &Call) -> Answer {
        let after: u64 = call.parameter("after").and_then(|after| after.parse().ok()).unwrap_or(0);
        let requests: Vec<Value> = self
            .requests
            .iter()
            .filter_map(|(number, recorded)| {
                let number: u64 = number.parse().ok()?;
                let mut shown = serde_json::to_value(recorded).ok()?;
                shown["number"] = json!(number);
                (number > after).then_some(shown)
            })
            .collect();
        Answer::json(200, &json!({ "requests": requests }))
    }

    fn overview_of_faults(&self) -> Answer {
        let switches = self.switches();
        let faults: Vec<&Fault> = self.faults.values().collect();
        Answer::json(
            200,
            &json!({
                "operations": faults,
                "deliveries": switches.deliveries,
                "documents": switches.documents,
                "webhook": switches.webhook,
                "pace_ms": self.pace_ms(),
            }),
        )
    }

    /// Takes one fault of an operation, or a list of them, and switches; says what it did not understand.
    fn add_faults(&mut self, call: &Call) -> Answer {
        let Some(Value::Object(mut body)) = call.json() else {
            return Answer::unclear("expected a JSON object");
        };
        let mut faults = Vec::new();
        if body.contains_key("operation") {
            let rest = json!({"operation": body.remove("operation"), "steps": body.remove("steps")});
            faults.push(rest);
        }
        if let Some(Value::Array(list)) = body.remove("operations") {
            faults.extend(list);
        }
        let mut switches = self.switches();
        for (name, value) in body {
            let read = match name.as_str() {
                "deliveries" => serde_json::from_value(value).map(|read| switches.deliveries = read),
                "documents" => serde_json::from_value(value).map(|read| switches.documents = read),
                "webhook" => serde_json::from_value(value).map(|read| switches.webhook = read),
                _ => {
                    return Answer::unclear(&format!(
                        "unknown field {name}; expected operation and steps, operations, deliveries, documents or webhook"
                    ));
                }
            };
            if let Err(error) = read {
                return Answer::unclear(&format!("{name}: {error}"));
            }
        }
        let faults: Result<Vec<Fault>, _> = faults.into_iter().map(serde_json::from_value::<Fault>).collect();
        let faults = match faults {
            Ok(faults) => faults,
            Err(error) => return Answer::unclear(&error.to_string()),
        };
        for fault in &faults {
            let known = ["*", "signed-url"].contains(&fault.operation.as_str())
                || Operation::ALL.iter().any(|it| it.row().id == fault.operation);
            if !known || fault.steps.is_empty() {
                return Answer::unclear(&format!("{} is no operationId, or has no steps", fault.operation));
            }
        }
        self.switches.insert("all", switches);
        for fault in faults {
            self.faults.insert(self.faults.next_number(), fault);
        }
        self.overview_of_faults()
    }

    fn clear_faults(&mut self) -> Answer {
        self.faults.retain(|_| false);
        self.change_switches(|switches| {
            let Switches { pace_ms, clock_ahead_ms, .. } = *switches;
            *switches = Switches { pace_ms, clock_ahead_ms, ..Switches::default() };
        });
        self.overview_of_faults()
    }

    fn set_pace(&mut self, call: &Call) -> Answer {
        let Some(pace_ms) = call.json().and_then(|body| body["ms"].as_u64()) else {
            return Answer::unclear("expected {\"ms\": 400}");
        };
        self.change_switches(|switches| switches.pace_ms = Some(pace_ms));
        Answer::json(200, &json!({"pace_ms": pace_ms}))
    }

    /// Sends any event of a pull, signed, with the common fields. Fields besides the named ones go on top
    /// of the body, so that any form can be sent.
    fn send_event(&mut self, call: &Call) -> Answer {
        let Some(Value::Object(mut body)) = call.json() else {
            return Answer::unclear("expected a JSON object");
        };
        let text = |body: &mut Map<String, Value>, name: &str| {
            body.remove(name).and_then(|value| value.as_str().map(str::to_owned))
        };
        let (Some(pull_id), Some(event_type)) = (text(&mut body, "pull_id"), text(&mut body, "event_type"))
        else {
            return Answer::unclear("expected pull_id and event_type");
        };
        if self.pulls.get(&pull_id).is_none() {
            return Answer::error(404, "NOT_FOUND");
        }
        let data = body.remove("data").unwrap_or_else(|| json!({}));
        let before = self.deliveries.len();
        let given_sequence = body.contains_key("sequence") || !data["sequence"].is_null();
        match data["auth_status"].as_str() {
            Some(auth_status) if event_type == "AUTH_STATUS" && !given_sequence => {
                self.change(&pull_id, |pull| {
                    pull.sequence += 1;
                    auth_status.clone_into(&mut pull.auth_status);
                });
                body.insert("sequence".into(), json!(self.pulls.get(&pull_id).map(|pull| pull.sequence)));
                self.send(&pull_id, &event_type, data, body);
            }
            _ => self.send(&pull_id, &event_type, data, body),
        }
        Answer::json(202, &json!({"deliveries": self.deliveries.len() - before}))
    }
}

fn shown(number: &str, delivery: &Delivery) -> Value {
    json!({
        "number": number.parse::<u64>().ok(),
        "pull_id": delivery.pull_id,
        "event_type": delivery.event_type,
        "webhook_id": delivery.webhook_id,
        "url": delivery.url,
        "state": delivery.state,
        "created_ms": delivery.created_ms,
        "due_ms": (delivery.state == DeliveryState::Pending).then_some(delivery.due_ms),
        "attempts": delivery.attempts,
        "last_status": delivery.attempts.last().and_then(|attempt| attempt.status),
        "headers": delivery.attempts.last().map(|attempt| &attempt.headers),
        "body": delivery.body,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::driven::world;

    #[test]
    fn an_end_of_all_faults_leaves_pace_and_clock_as_they_are() {
        let mut world = world();
        world.change_switches(|switches| {
            (switches.pace_ms, switches.clock_ahead_ms) = (Some(5), 7);
            switches.documents.expire_signed_urls = 1;
        });
        world.clear_faults();
        let left = Switches { pace_ms: Some(5), clock_ahead_ms: 7, ..Switches::default() };
        assert_eq!(world.switches(), left);
    }
}
