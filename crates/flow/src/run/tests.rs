//! Runs, driven as the edge drives them, with a service and a log of their own.

use canopy::time::UnixMillis;
use serde_json::{Value as Json, json};

use super::*;
use crate::definition::{Group, Known};

const NOW: UnixMillis = UnixMillis(1_700_000_000_000);
const MINUTE: u64 = 60_000;

/// A run and all around it.
struct Driven {
    group: Group,
    run: Run,
    world: World,
    records: Vec<Record>,
    now: UnixMillis,
    /// What the service answers, call by call; then 200 with `{"ok": true}`.
    answers: Vec<(u16, Json, Option<&'static str>)>,
    calls: Vec<(String, String, Option<String>)>,
    log: Vec<(i64, UnixMillis, Json)>,
    written: Vec<Event>,
    queries: Vec<(String, Vec<Json>, u32)>,
}

impl Driven {
    fn new(steps: Json) -> Self {
        let definition = json!({
            "title": "Test",
            "config": { "url": { "type": "url", "default": "https://api.example.com/x" } },
            "flows": { "f": { "trigger": { "on": "event", "types": ["COMPLETE"] }, "timeout": "P30D", "steps": steps } },
        });
        let known = Known { is_local: true, ..Known::NOTHING };
        let group =
            Group::read(&definition.to_string(), &known).unwrap_or_else(|problems| panic!("{problems:?}"));
        let run = Run {
            id: "p-1-1".to_owned(),
            instance: "i".to_owned(),
            group: "g".to_owned(),
            version: 1,
            flow: "f".to_owned(),
            config: json!({ "url": "https://api.example.com/x" }),
            pull_id: Some("1".to_owned()),
            cause: Some(5),
            origin: "https://edge.example".to_owned(),
            after: 5,
            started_at: NOW,
            generation: 0,
        };
        let world = World {
            pull: Some(json!({ "pull_id": "1", "status": "SUCCESS", "error": null })),
            intake: Some(json!({ "policies": [{ "number": "A" }, { "number": "B" }, { "number": "C" }] })),
            event: Some(json!({ "event_type": "COMPLETE", "position": 5 })),
            is_local: false,
        };
        Self {
            group,
            run,
            world,
            records: Vec::new(),
            now: NOW,
            answers: Vec::new(),
            calls: Vec::new(),
            log: Vec::new(),
            written: Vec::new(),
            queries: Vec::new(),
        }
    }

    fn with<T>(&mut self, act: impl FnOnce(&mut Machine<'_>) -> T) -> T {
        let journal = Journal::of(std::mem::take(&mut self.records));
        let mut machine = Machine::new(&self.group.flows["f"], &self.run, &self.world, journal, self.now);
        machine.decide();
        let given = act(&mut machine);
        machine.decide();
        self.records = machine.journal().records().to_vec();
        given
    }

    /// Does one thing, as after a start of the edge: everything is read from the records. Gives what is to be waited for.
    fn step(&mut self) -> Option<String> {
        let journal = Journal::of(std::mem::take(&mut self.records));
        let mut machine = Machine::new(&self.group.flows["f"], &self.run, &self.world, journal, self.now);
        let waits = match machine.decide() {
            Next::Call { path, request, key, .. } => {
                self.calls.push((path.clone(), key, request.body.clone()));
                machine.attempt(&path);
                let answer = if self.answers.is_empty() {
                    (200, json!({ "ok": true }), None)
                } else {
                    self.answers.remove(0)
                };
                match answer {
                    (0, _, _) => machine.unanswered(&path, canopy::retry::Reason::TimedOut, 9, u32::MAX),
                    (1, _, _) => {} // It fell.
                    (status, body, retry_after) => {
                        let body =
                            if let Json::String(text) = &body { text.clone() } else { body.to_string() };
                        machine.answered(
                            &path,
                            Answer {
                                status,
                                headers: &json!({}),
                                body: Some(body.as_bytes()),
                                retry_after,
                                duration_ms: 9,
                            },
                            u32::MAX,
                        );
                    }
                }
                None
            }
            Next::Canopy { path, key, .. } => {
                self.calls.push((path.clone(), key, None));
                machine.attempt(&path);
                match self.answers.pop() {
                    Some((1, _, _)) => {}
                    _ => machine.answered(
                        &path,
                        Answer {
                            status: 200,
                            headers: &json!({}),
                            body: Some(b"{}"),
                            retry_after: None,
                            duration_ms: 1,
                        },
                        0,
                    ),
                }
                None
            }
            Next::Await { path, types, after, until } => {
                let found = self.log.iter().find(|(position, at, event)| {
                    *position > after
                        && *at <= until
                        && types.take(event["event_type"].as_str().unwrap())
                        && machine.is_awaited(&path, event).unwrap()
                });
                match found.cloned() {
                    Some((position, _, event)) => {
                        machine.found(&path, position, event);
                        None
                    }
                    None => {
                        machine.missed(&path);
                        (machine.journal().find(&path).unwrap().state == State::Open)
                            .then(|| format!("await {path}"))
                    }
                }
            }
            Next::Write { path, event } => {
                self.written.push(*event);
                machine.gave(&path, json!({}));
                None
            }
            Next::Query { path, sql, parameters, limit } => {
                self.queries.push((sql.to_owned(), parameters, limit));
                machine.gave(&path, json!({ "rows": [] }));
                None
            }
            Next::Until(at) => Some(format!("until {}", at.0 - NOW.0)),
            Next::Approval { path, .. } => Some(format!("approval {path}")),
            Next::End(ended) => Some(
                format!("{} {}", ended.status.as_str(), ended.detail.unwrap_or_default()).trim().to_owned(),
            ),
        };
        self.records = machine.journal().records().to_vec();
        waits
    }

    fn go(&mut self) -> String {
        for _ in 0..2_000 {
            if let Some(waits) = self.step() {
                return waits;
            }
        }
        panic!("it goes on and on: {:?}", self.records.last());
    }

    fn result(&self, path: &str) -> &Json {
        &self.records.iter().find(|record| record.path == path).unwrap_or_else(|| panic!("no {path}")).result
    }

    fn tried(&self) -> Vec<&str> {
        self.calls.iter().map(|(path, ..)| path.as_str()).collect()
    }
}

fn call(id: &str) -> Json {
    json!({ "id": id, "use": "http", "with": { "url": "https://api.example.com/x", "json": { "of": id } } })
}

#[test]
fn steps_are_made_one_after_the_other_each_once() {
    let mut driven = Driven::new(json!([
        { "id": "a", "use": "http", "with": { "url": "{{ config.url }}", "json": { "id": "{{ pull.pull_id }}", "n": "{{ size(intake.policies) }}" } } },
        { "id": "way", "use": "if", "with": { "condition": "steps.a.body.ok", "then": [call("b")], "else": [call("no")] } },
        { "id": "skipped", "use": "set", "with": { "values": 1 }, "when": "pull.status == 'FAILED'" },
        { "id": "all", "use": "each", "with": { "in": "intake.policies", "as": "policy", "steps": [
            { "id": "post", "use": "http", "with": { "url": "https://api.example.com/x", "json": { "number": "{{ policy.number }}" } } },
            { "id": "kept", "use": "set", "with": { "values": { "number": "{{ policy.number }}", "status": "{{ steps.post.status }}" } } } ] } },
        { "id": "told", "use": "emit", "with": { "event_type": "TOLD", "data": { "last": "{{ steps.all.rounds[2].kept.number }}" }, "page": true } },
        { "id": "later", "use": "schedule", "with": { "event_type": "CALL", "effective_at": "{{ addTime(now, 'P1D') }}" } },
    ]));
    assert_eq!(driven.go(), "done");
    assert_eq!(driven.tried(), ["a", "way.b", "all[0].post", "all[1].post", "all[2].post"]);
    assert_eq!(
        driven.calls[0],
        ("a".to_owned(), "p-1-1/a".to_owned(), Some(r#"{"id":"1","n":3}"#.to_owned()))
    );
    assert_eq!(driven.calls[3].2.as_deref(), Some(r#"{"number":"B"}"#));
    assert_eq!(driven.result("all")["rounds"][1]["kept"], json!({ "number": "B", "status": 200 }));
    let keys: Vec<_> = driven
        .written
        .iter()
        .map(|event| (event.event_type.as_str(), event.key.as_str(), event.writing))
        .collect();
    assert_eq!(
        keys,
        [
            ("TOLD", "p-1-1/told", Writing::Emit { page: true }),
            ("CALL", "p-1-1/later", Writing::Schedule(NOW.plus(24 * 60 * MINUTE))),
        ]
    );
    assert_eq!(driven.written[0].data, json!({ "last": "C" }));
    assert_eq!(driven.go(), "done", "and stays there");
    assert_eq!(driven.tried().len(), 5);
}

#[test]
fn what_fails_is_tried_again_with_the_same_key_and_body_as_often_as_it_may() {
    let mut driven = Driven::new(json!([
        { "id": "a", "use": "http", "with": { "url": "https://api.example.com/x", "json": { "now": "{{ now }}" } }, "retry": { "attempts": 4 } },
    ]));
    driven.answers = vec![(500, json!("down"), None), (429, json!({}), Some("600")), (0, json!(null), None)];
    let mut waits = Vec::new();
    for _ in 0..3 {
        waits.push(driven.go());
        driven.now = driven.now.plus(11 * MINUTE);
    }
    assert_eq!(waits[..2], ["until 2000".to_owned(), format!("until {}", 11 * MINUTE + 600_000)]);
    assert_eq!(driven.go(), "done");
    let first = driven.calls[0].clone();
    assert!(driven.calls.len() == 4 && driven.calls.iter().all(|call| *call == first), "{:?}", driven.calls);

    driven = Driven::new(
        json!([{ "id": "a", "use": "http", "with": { "url": "https://api.example.com/x" }, "retry": { "attempts": 2 } }]),
    );
    driven.answers = vec![(503, json!(""), None), (503, json!(""), None), (503, json!(""), None)];
    driven.go();
    driven.now = driven.now.plus(MINUTE);
    assert_eq!(driven.go(), "failed the service answered 503, the last of 2 attempts");
    assert!(driven.with(|machine| machine.journal().retry("a", false)));
    driven.answers.clear();
    assert_eq!(driven.go(), "done");
    assert_eq!(driven.calls.len(), 3);
}

#[test]
fn what_was_interrupted_is_made_again_and_what_is_made_once_is_not() {
    let mut driven = Driven::new(json!([call("a"), call("b")]));
    driven.answers = vec![(1, json!(null), None), (1, json!(null), None)];
    assert_eq!(driven.go(), "done");
    assert_eq!(driven.tried(), ["a", "a", "a", "b"]);
    let mut driven = Driven::new(
        json!([{ "id": "a", "use": "canopy", "with": { "operation": "post-pull-policy-check" } }]),
    );
    // The object of its key knows for a day what became of it: then nobody does.
    driven.answers = vec![(1, json!(null), None)];
    assert_eq!((driven.step(), driven.calls.len()), (None, 1));
    let (records, now) = (driven.records.clone(), driven.now);
    driven.now = now.plus(12 * 60 * MINUTE);
    assert!(driven.go().starts_with("failed it is not known whether Canopy took the call"));
    (driven.records, driven.now) = (records, now);
    assert_eq!((driven.go().as_str(), driven.calls.len()), ("done", 2));
    assert_eq!(driven.calls[0].1, driven.calls[1].1);
    // One that failed or was not answered may have been made, too; whoever has looked has it made anew.
    for status in [503, 0] {
        let mut driven = Driven::new(
            json!([{ "id": "a", "use": "canopy", "with": { "operation": "post-pull-policy-check" } }]),
        );
        driven.answers = vec![(1, json!(null), None)];
        assert_eq!(driven.step(), None);
        driven.records[0].attempts[0].reason = Some(canopy::retry::Reason::ServerError);
        driven.records[0].attempts[0].status = Some(status);
        driven.now = driven.now.plus(12 * 60 * MINUTE);
        assert!(driven.go().starts_with("failed it is not known"), "{status}");
        for (anew, ended) in [(false, "failed it is not known"), (true, "done")] {
            assert!(driven.with(|machine| machine.journal().retry("a", anew)));
            assert!(driven.go().starts_with(ended), "{status} {anew}");
        }
        assert_eq!(driven.calls.len(), 2);
    }
    // A lookup that costs something each time is kept nowhere.
    let mut driven = Driven::new(
        json!([{ "id": "a", "use": "canopy", "with": { "operation": "get-enrichment-household" } }]),
    );
    driven.answers = vec![(1, json!(null), None)];
    assert!(driven.go().starts_with("failed it is not known whether Canopy took the call"));
    assert_eq!(driven.calls.len(), 1);
    let mut driven =
        Driven::new(json!([{ "id": "a", "use": "canopy", "with": { "operation": "get-pull-by-id" } }]));
    driven.answers = vec![(1, json!(null), None)];
    assert_eq!(driven.go(), "done");
    assert_eq!(driven.calls.len(), 2);
}

#[test]
fn a_query_is_asked_for_one_row_more_than_it_may_give() {
    let query = |parameters: Json| json!({ "id": "a", "use": "query", "with": { "sql": "SELECT pull_id FROM tasks WHERE since < ?2 AND kind IN (SELECT value FROM json_each(?1))", "parameters": parameters, "limit": 7 } });
    let mut driven = Driven::new(json!([query(json!(["{{ json(['x']) }}", "{{ size(intake.policies) }}"]))]));
    assert_eq!(driven.go(), "done");
    let (sql, parameters, limit) = driven.queries.pop().unwrap();
    assert!(
        sql.starts_with("SELECT * FROM (SELECT pull_id FROM tasks ") && sql.ends_with(") LIMIT ?3"),
        "{sql}"
    );
    assert_eq!((json!(parameters), limit), (json!(["[\"x\"]", 3, 8]), 7));
    for (parameters, says) in [
        (json!("{{ [1] }}"), "failed parameters: expected 2, as the SELECT has; found 1"),
        (json!("{{ 1 }}"), "failed parameters: expected a list"),
        (
            json!(["{{ [1] }}", 1]),
            "failed parameters: expected texts, numbers, true, false or null; a list as json(…)",
        ),
    ] {
        let mut driven = Driven::new(json!([query(parameters.clone())]));
        assert_eq!(driven.go(), says, "{parameters}");
        assert!(driven.queries.is_empty());
    }
}

#[test]
fn refusals_and_nonsense_fail_at_once_and_an_error_may_be_passed() {
    let one = |more: Json, answer: (u16, Json)| {
        let mut step = call("a");
        step.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let mut driven = Driven::new(
            json!([step, { "id": "b", "use": "set", "with": { "values": "{{ steps.a.?error.?reason }}" } }]),
        );
        driven.answers = vec![(answer.0, answer.1, None)];
        let ended = driven.go();
        (ended, driven.records.iter().find(|record| record.path == "b").map(|record| record.result.clone()))
    };
    assert_eq!(
        one(json!({}), (400, json!({ "message": "no" }))),
        ("failed the service answered 400".to_owned(), None)
    );
    assert_eq!(
        one(json!({ "on_error": "continue" }), (400, json!(""))),
        ("done".to_owned(), Some(json!("REFUSED")))
    );
    let strict =
        json!({ "with": { "url": "https://api.example.com/x", "result": { "id": "{{ answer.body.id }}" } } });
    let (ended, _) = one(strict.clone(), (200, json!("<html>nonsense")));
    assert!(ended.starts_with("failed the service answered 200, and not what is expected"), "{ended}");
    let picky =
        json!({ "with": { "url": "https://api.example.com/x", "fails_when": "answer.body.ok == false" } });
    assert_eq!(one(picky, (200, json!({ "ok": false }))).0, "failed the service answered 200");
    let inside = json!({ "with": { "url": "https://169.254.169.254/{{ pull.pull_id }}" } });
    assert!(one(inside, (200, json!({}))).0.starts_with("failed expected an https URL of a public name"));
    let faulty = json!({ "with": { "url": "https://api.example.com/", "json": "{{ pull.error.code }}" } });
    assert!(one(faulty, (200, json!({}))).0.contains("a member of null is read here"));
}

#[test]
fn a_step_that_could_not_begin_begins_anew_when_it_is_tried_again() {
    let mut driven =
        Driven::new(json!([{ "id": "a", "use": "set", "with": { "values": "{{ intake.agent.name }}" } }]));
    assert_eq!(driven.go(), "failed there is no \"agent\" here: write `.?agent` for what may be absent");
    driven.world.intake = Some(json!({ "agent": { "name": "Lois" } }));
    assert!(driven.with(|machine| machine.journal().retry("a", false)));
    assert_eq!(driven.go(), "done");
    assert_eq!(driven.result("a"), &json!("Lois"));
    assert!(!driven.with(|machine| machine.journal().retry("a", false)));
}

#[test]
fn a_wait_takes_what_came_before_it_and_nothing_from_before_the_run() {
    let wait = |id: &str, more: Json| {
        let mut with = json!({ "types": ["BOUND"], "timeout": "P1D" });
        with.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({ "id": id, "use": "wait", "with": with })
    };
    let bound = |position: i64, number: &str| {
        (position, NOW, json!({ "event_type": "BOUND", "data": { "number": number } }))
    };
    let mut driven = Driven::new(json!([
        call("a"),
        wait("one", json!({})),
        wait("two", json!({ "when": "event.data.number == 'B'" })),
        call("b")
    ]));
    driven.log = vec![bound(4, "old"), bound(6, "A"), bound(7, "X"), bound(9, "B")];
    assert_eq!(driven.go(), "done");
    assert_eq!(
        (driven.result("one")["position"].clone(), driven.result("two")["event"]["data"]["number"].clone()),
        (json!(6), json!("B"))
    );

    for (more, ended) in [
        (json!({}), "failed what was waited for did not come in time"),
        (json!({ "on_timeout": "stop" }), "stopped what was waited for did not come in time"),
        (json!({ "on_timeout": "continue" }), "done"),
    ] {
        let mut driven = Driven::new(json!([wait("one", more)]));
        assert_eq!(driven.go(), "await one");
        driven.now = NOW.plus(24 * 60 * MINUTE);
        driven.log = vec![(8, NOW.plus(24 * 60 * MINUTE + 1), json!({ "event_type": "BOUND" }))];
        assert_eq!(driven.go(), ended);
    }
    // What came at the last moment is there, however late it is looked for.
    let mut driven = Driven::new(json!([wait("one", json!({}))]));
    driven.go();
    driven.now = NOW.plus(48 * 60 * MINUTE);
    driven.log = vec![(8, NOW.plus(24 * 60 * MINUTE), json!({ "event_type": "BOUND" }))];
    assert_eq!(driven.go(), "done");
}

#[test]
fn an_approval_waits_for_a_person_and_tells_somebody_first() {
    let approve = |more: Json| {
        let mut with = json!({ "title": "Send to {{ pull.pull_id }}?", "timeout": "P2D", "notify": [
            { "id": "ask", "use": "http", "with": { "url": "https://api.example.com/x", "json": { "link": "{{ approval.url }}" } } } ] });
        with.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!([{ "id": "ok", "use": "approve", "with": with }, call("send")])
    };
    let mut driven = Driven::new(approve(json!({})));
    assert_eq!(driven.go(), "approval ok");
    assert_eq!(
        driven.calls[0].2.as_deref(),
        Some(r#"{"link":"https://edge.example/approvals/p-1-1.0.unsigned"}"#)
    );
    assert_eq!(driven.go(), "approval ok");
    assert!(!driven.with(|machine| {
        let now = machine.time();
        machine.journal().decided("send", true, "x", now)
    }));
    assert!(driven.with(|machine| {
        let now = machine.time();
        machine.journal().decided("ok", true, "Lois", now)
    }));
    assert!(
        !driven.with(|machine| {
            let now = machine.time();
            machine.journal().decided("ok", false, "Mallory", now)
        }),
        "once"
    );
    assert_eq!(driven.go(), "done");
    assert_eq!((driven.result("ok")["by"].clone(), driven.tried()), (json!("Lois"), vec!["ok.ask", "send"]));

    for (more, ended) in [
        (json!({}), "stopped it was refused"),
        (json!({ "on_refusal": "fail" }), "failed it was refused"),
        (json!({ "on_refusal": "continue" }), "done"),
    ] {
        let mut driven = Driven::new(approve(more));
        driven.go();
        driven.with(|machine| {
            let now = machine.time();
            machine.journal().decided("ok", false, "Lois", now)
        });
        assert_eq!(driven.go(), ended);
    }
    for (more, ended) in [
        (json!({}), "stopped it was refused"),
        (json!({ "on_timeout": "approve" }), "done"),
        (json!({ "on_timeout": "fail" }), "failed nobody decided in time"),
    ] {
        let mut driven = Driven::new(approve(more));
        driven.go();
        driven.now = NOW.plus(48 * 60 * MINUTE);
        assert_eq!(driven.go(), ended);
        assert!(!driven.with(|machine| {
            let now = machine.time();
            machine.journal().decided("ok", true, "late", now)
        }));
    }
}

#[test]
fn sleeps_stops_and_the_end_of_a_flow_s_time() {
    let mut driven = Driven::new(
        json!([{ "id": "rest", "use": "sleep", "with": { "for": "PT1H" } }, { "id": "day", "use": "sleep", "with": { "until": "2023-11-16" } },
        { "id": "over", "use": "stop", "with": { "because": "it is {{ pull.status }}" } }]),
    );
    assert_eq!(driven.go(), "until 3600000");
    driven.now = NOW.plus(60 * MINUTE);
    assert_eq!(driven.go(), "until 92800000");
    driven.now = NOW.plus(92_800_000);
    assert_eq!(driven.go(), "stopped it is SUCCESS");
    let mut driven = Driven::new(json!([{ "id": "rest", "use": "sleep", "with": { "for": "P40D" } }]));
    driven.go();
    driven.now = NOW.plus(30 * 24 * 60 * MINUTE);
    assert_eq!(driven.go(), "failed the run took longer than its flow may");
}

#[test]
fn files_are_made_of_data() {
    let mut driven = Driven::new(json!([
        { "id": "table", "use": "csv", "with": { "name": "book.csv", "columns": ["number"], "rows": "{{ intake.policies }}" } },
        { "id": "page", "use": "pdf", "with": { "name": "summary.pdf", "document": { "title": "Summary of {{ pull.pull_id }}", "blocks": [{ "text": "{{ intake.policies[0].number }}" }] } } },
    ]));
    assert_eq!(driven.go(), "done");
    assert_eq!(driven.result("table")["content_type"], "text/csv");
    assert!(driven.result("page")["base64"].as_str().unwrap().starts_with("JVBERi"), "%PDF");
    let mut driven = Driven::new(
        json!([{ "id": "page", "use": "pdf", "with": { "name": "x.pdf", "document": { "title": "x", "blocks": [{ "texts": "" }] } } }]),
    );
    assert!(driven.go().starts_with("failed /blocks/0"), "{:?}", driven.records);
}

#[test]
fn too_much_fails_and_is_said() {
    let mut driven = Driven::new(
        json!([{ "id": "all", "use": "each", "with": { "in": "intake.policies", "as": "one", "limit": 2, "steps": [call("a")] } }]),
    );
    assert_eq!(driven.go(), "failed in: expected a list of at most 2, got 3");
    let mut driven =
        Driven::new(json!([{ "id": "big", "use": "set", "with": { "values": "{{ json(intake) }}" } }]));
    driven.world.intake = Some(json!({ "x": "y".repeat(300_000) }));
    assert_eq!(driven.go(), "failed expected a result of at most 262144 bytes");
    let rounds: Vec<_> = (0..100).collect();
    let mut driven = Driven::new(
        json!([{ "id": "a", "use": "each", "with": { "in": "intake.list", "as": "x", "steps": [
        { "id": "b", "use": "each", "with": { "in": "intake.list", "as": "y", "steps": [{ "id": "c", "use": "set", "with": { "values": 1 } }] } }] } }]),
    );
    driven.world.intake = Some(json!({ "list": rounds }));
    assert_eq!(driven.go(), "failed expected at most 500 steps in a run");
}

/// Whatever is lost behind what was kept, it ends the same, and what was kept is not made again.
#[test]
fn it_goes_on_from_whatever_was_kept() {
    let steps = json!([call("a"), { "id": "all", "use": "each", "with": { "in": "intake.policies", "as": "policy", "steps": [call("b")] } }, call("c"),
        { "id": "told", "use": "emit", "with": { "event_type": "TOLD" } }]);
    let mut whole = Driven::new(steps.clone());
    whole.go();
    for kept in 0..whole.records.len() {
        let mut driven = Driven::new(steps.clone());
        driven.records = whole.records[..kept]
            .iter()
            .map(|record| match record.kind.as_str() {
                "each" => Record { state: State::Open, result: Json::Null, ended_at: None, ..record.clone() },
                _ => record.clone(),
            })
            .collect();
        assert_eq!(driven.go(), "done");
        let made: Vec<_> = driven.records.iter().map(|record| (&record.path, &record.result)).collect();
        let expected: Vec<_> = whole.records.iter().map(|record| (&record.path, &record.result)).collect();
        assert_eq!(made, expected);
        assert!(
            driven
                .tried()
                .iter()
                .all(|path| !whole.records[..kept].iter().any(|record| record.path == **path))
        );
    }
}

#[test]
fn what_could_not_be_read_again_is_not_kept() {
    let deep = (0..100).fold(json!(1), |value, _| json!([value]));
    let mut driven = Driven::new(json!([call("a")]));
    driven.answers = vec![(200, deep, None)];
    assert_eq!(driven.go(), "failed expected at most 64 values inside each other in a result");
    let mut driven = Driven::new(
        json!([{ "id": "a", "use": "http", "with": { "url": "https://api.example.com/", "json": "{{ intake }}" } }]),
    );
    driven.world.intake = Some(json!({ "x": "\"".repeat(500_000) }));
    assert!(driven.go().starts_with("failed expected"), "{:?}", driven.records);
    let steps: Vec<_> = (0..30)
        .map(|n| json!({ "id": format!("s{n}"), "use": "set", "with": { "values": "{{ json(intake) }}" } }))
        .collect();
    let mut driven = Driven::new(json!(steps));
    driven.world.intake = Some(json!({ "x": "y".repeat(200_000) }));
    assert!(
        driven.go().starts_with("failed expected at most 4194304 bytes for all steps"),
        "{}",
        driven.records.len()
    );
}

#[test]
fn only_the_step_that_failed_is_made_once_more() {
    let mut passed = call("first");
    passed["on_error"] = "continue".into();
    let mut driven = Driven::new(json!([passed, call("a"), call("b")]));
    driven.answers = vec![(400, json!({}), None), (400, json!({}), None)];
    assert_eq!(driven.go(), "failed the service answered 400");
    let before = driven.calls[1].clone();
    assert!(driven.with(|machine| machine.journal().retry("a", false)));
    assert_eq!(driven.go(), "done");
    assert_eq!(driven.tried(), ["first", "a", "a", "b"]);
    assert_eq!(driven.calls[2], before, "the same request");
    // A wait that was over, and a refusal, are waited for and asked once more.
    let mut driven =
        Driven::new(json!([{ "id": "a", "use": "wait", "with": { "types": ["X"], "timeout": "P1D" } }]));
    driven.go();
    driven.now = NOW.plus(2 * 24 * 60 * MINUTE);
    assert!(driven.go().starts_with("failed what was waited for"));
    assert!(driven.with(|machine| machine.journal().retry("a", false)));
    driven.log = vec![(9, driven.now, json!({ "event_type": "X" }))];
    assert_eq!(driven.go(), "done");
}
