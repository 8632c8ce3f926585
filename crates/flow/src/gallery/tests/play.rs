//! A run of a template from its beginning to its end, with others' answers as the connectors' files have them.

use std::rc::Rc;

use canopy::time::UnixMillis;
use serde_json::{Map, Value as Json, json};

use crate::{
    connector,
    definition::{Flow, Group, Known, Trigger},
    expression::Scope,
    field,
    gallery::{self, Ready},
    request::{Request, host_of},
    run::{Answer, Ended, Journal, Machine, Next, Reason, Run, Status, World},
};

/// 13 January 2023, 10 o'clock in New York.
pub const MORNING: UnixMillis = UnixMillis(1_673_622_000_000);

/// A template, its configuration, and what others say.
#[derive(Clone)]
pub struct Stage {
    pub ready: &'static Ready,
    pub group: Rc<Group>,
    pub config: Json,
    pub now: UnixMillis,
    /// Rows of a query, by what stands in its SQL.
    pub rows: Vec<(&'static str, Json)>,
    /// Bodies of Canopy's answers, by operation.
    pub canopy: Vec<(&'static str, Json)>,
    /// Entries that come: when, and what.
    pub log: Vec<(UnixMillis, Json)>,
    pub approves: bool,
}

/// What came of it.
#[derive(Debug)]
pub struct Played {
    pub ended: Ended,
    /// Steps with their requests.
    pub calls: Vec<(String, Request)>,
    /// Operations of Canopy's, with what they were given.
    pub asked: Vec<(&'static str, Json)>,
    /// Own events: type and data.
    pub written: Vec<(String, Json)>,
    /// How long it took, in minutes.
    pub minutes: u64,
}

impl Played {
    pub fn hosts(&self) -> Vec<String> {
        let host = |request: &Request| host_of(&request.url.replace("{secret}", "secret")).unwrap();
        self.calls.iter().map(|(_, request)| host(request)).collect()
    }

    pub fn bodies(&self) -> String {
        self.calls.iter().filter_map(|(_, request)| request.body.as_deref()).collect::<Vec<_>>().join("\n")
    }

    pub fn paths(&self) -> Vec<&str> {
        self.calls.iter().map(|(path, _)| path.as_str()).collect()
    }
}

impl Stage {
    /// As the template's example configures it.
    pub fn of(name: &str) -> Self {
        let ready = &gallery::all()[name];
        let group = Rc::new(Group::read(&ready.definition, &Known::NOTHING).unwrap());
        let config = field::check(&group.config, &ready.example.config, "").unwrap();
        let monitoring = json!({
            "monitoring": { "monitoring_id": "monitoring-1", "status": "ACTIVE", "latest_pull_id": "59ced597" },
            "pulls": [{ "account_email": "clark.kent@theplanet.com", "mobile_phone": "(888) 555-0000" }],
        });
        Self {
            ready,
            group,
            config,
            now: MORNING,
            rows: vec![
                ("FROM tasks", json!([{ "kind": "RECONNECT", "pull_id": "59ced597", "hours": 30 }])),
                ("GROUP BY", json!([{ "carrier": "statefarm", "policies": 2, "cents": 123_456 }])),
                ("SELECT line, expires", json!([{ "line": "auto", "expires": "2023-06-12" }])),
                (
                    "SELECT pull_id",
                    json!([{ "pull_id": "59ced597", "line": "auto", "carrier": "statefarm", "expires": "2023-02-12", "premium": 507.81 }]),
                ),
            ],
            canopy: vec![
                ("get-monitorings", json!({ "monitorings_count": 0, "monitorings": [] })),
                ("get-monitoring", monitoring),
                (
                    "get-monitoring-reconnect-token",
                    json!({ "pull_id": "59ced597", "reconnect_url": "https://app.example/c/new", "reconnect_token": "new" }),
                ),
            ],
            log: Vec::new(),
            approves: true,
        }
    }

    /// With other values.
    pub fn with(mut self, values: Json) -> Self {
        let mut config = self.config.as_object().cloned().unwrap();
        config.extend(values.as_object().cloned().unwrap());
        self.config = field::check(&self.group.config, &Json::Object(config), "").unwrap();
        self
    }

    /// With all that there may be.
    pub fn full(self) -> Self {
        let known = json!({
            "mail_key": "MAIL", "from": "desk@agency.example", "from_name": "Desk", "recipients": ["owner@agency.example"], "key": "KEY",
            "teams_host": "default0000.05.environment.api.powerplatform.com", "url": "https://crm.agency.example/hook", "crm_key": "CRM",
            "location_id": "loc-1", "azure_host": "agency.openai.azure.com", "host": "agency.my.salesforce.com", "account_sid": "ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "sms_key": "TWILIO", "sms_from": "+15017122661",
            "reply_to": "agent@agency.example", "link": "https://crm.agency.example/pulls?id=", "member": "lead_id",
        });
        let is_missing =
            |name: &String| self.group.config.contains_key(name) && self.config.get(name).is_none();
        let known = known.as_object().cloned().unwrap().into_iter().filter(|(name, _)| is_missing(name));
        let values = Json::Object(known.collect::<Map<_, _>>());
        self.with(values)
    }

    /// Whether the entry of `world` starts the flow.
    pub fn starts(&self, flow: &str, world: &World) -> bool {
        let Trigger::Event { types, when } = &self.group.flows[flow].trigger else { return true };
        let [event, pull, intake] =
            [&world.event, &world.pull, &world.intake].map(|it| it.clone().unwrap_or_default());
        let now = json!(self.now.rfc3339());
        let scope = Scope::default().with("event", &event).with("pull", &pull).with("intake", &intake);
        let scope = scope.with("config", &self.config).with("now", &now);
        let is_met = when.as_ref().is_none_or(|when| when.evaluate(&scope).unwrap() == Json::Bool(true));
        types.take(event["event_type"].as_str().unwrap()) && is_met
    }

    /// Plays a flow.
    pub fn play(&self, name: &str, world: &World) -> Played {
        let flow: &Flow = &self.group.flows[name];
        let run = Run {
            id: "p-59ced597-1".to_owned(),
            instance: self.ready.name.clone(),
            group: self.ready.name.clone(),
            version: 1,
            flow: name.to_owned(),
            config: self.config.clone(),
            pull_id: world.pull.as_ref().map(|_| "59ced597".to_owned()),
            cause: world.event.as_ref().and_then(|event| event["position"].as_i64()),
            after: world.event.as_ref().and_then(|event| event["position"].as_i64()).unwrap_or_default(),
            origin: "https://edge.agency.example".to_owned(),
            started_at: self.now,
            generation: 0,
        };
        let mut now = self.now;
        let mut machine = Machine::new(flow, &run, world, Journal::default(), now);
        let (mut calls, mut asked, mut written) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..2_000 {
            machine.tick(now);
            match machine.decide() {
                Next::Call { path, request, .. } => {
                    let kind = machine.journal().find(&path).unwrap().kind.clone();
                    let answer = connector::all().get(&kind).map(|it| it.example.answer.clone());
                    let answer = answer.unwrap_or_else(|| json!({ "status": 200, "body": {} }));
                    calls.push((path.clone(), *request));
                    machine.attempt(&path);
                    say(&mut machine, &path, &answer);
                }
                Next::Canopy { path, operation, asked: it, .. } => {
                    let id = operation.row().id;
                    let body =
                        self.canopy.iter().find(|(known, _)| *known == id).map(|(_, body)| body.clone());
                    asked.push((id, json!(it)));
                    machine.attempt(&path);
                    say(&mut machine, &path, &json!({ "status": 200, "body": body.unwrap_or_default() }));
                }
                Next::Query { path, sql, .. } => {
                    let rows =
                        self.rows.iter().find(|(part, _)| sql.contains(part)).map(|(_, rows)| rows.clone());
                    machine
                        .gave(&path, json!({ "rows": rows.unwrap_or_else(|| panic!("no rows for {sql}")) }));
                }
                Next::Await { path, types, after, until } => {
                    let is_it = |event: &Json| {
                        event["position"].as_i64() > Some(after)
                            && types.take(event["event_type"].as_str().unwrap())
                    };
                    let found = self.log.iter().find(|(at, event)| {
                        *at <= until && is_it(event) && machine.is_awaited(&path, event).unwrap()
                    });
                    match found {
                        Some((at, event)) => {
                            now = now.max(*at);
                            machine.tick(now);
                            machine.found(&path, event["position"].as_i64().unwrap(), event.clone());
                        }
                        None => {
                            now = until;
                            machine.tick(now);
                            machine.missed(&path);
                        }
                    }
                }
                Next::Until(at) => now = at,
                Next::Approval { path, .. } => {
                    assert!(machine.journal().decided(&path, self.approves, "boss", now))
                }
                Next::Write { path, event } => {
                    written.push((event.event_type.clone(), event.data.clone()));
                    machine.gave(&path, json!({ "position": 99 }));
                }
                Next::End(ended) => {
                    let sent = format!("{calls:?}{asked:?}{written:?}");
                    assert!(!sent.contains("{{"), "{}: {sent}", self.ready.name);
                    let minutes = (now.0 - self.now.0) as u64 / 60_000;
                    return Played { ended, calls, asked, written, minutes };
                }
            }
        }
        panic!("{} goes on and on", self.ready.name)
    }

    /// The same, which is to end well: at its last step, or where it says why not.
    pub fn ends_well(&self, name: &str, world: &World) -> Played {
        let played = self.play(name, world);
        let stopped = [Reason::Stopped, Reason::TimedOut].map(Some);
        let is_well = played.ended.status == Status::Done
            || (played.ended.status == Status::Stopped && stopped.contains(&played.ended.reason));
        assert!(is_well, "{} {}: {:?}", self.ready.name, self.config, played.ended);
        played
    }
}

fn say(machine: &mut Machine<'_>, path: &str, answer: &Json) {
    let body = answer["body"].as_str().map_or_else(|| answer["body"].to_string(), str::to_owned);
    let headers = answer.get("headers").cloned().unwrap_or_else(|| json!({}));
    let status = answer["status"].as_u64().unwrap() as u16;
    let answer =
        Answer { status, headers: &headers, body: Some(body.as_bytes()), retry_after: None, duration_ms: 9 };
    machine.answered(path, answer, 0);
}
