//! Dry runs of each kind of step, with and without answers.

use canopy::time::UnixMillis;
use serde_json::{Value as Json, json};

use super::*;
use crate::{
    connector,
    definition::{Group, Known},
    run::{Run, World},
};

const NOW: UnixMillis = UnixMillis(1_700_000_000_000);
const HOUR: u64 = 60 * 60 * 1_000;

/// Plays these steps; gives what is shown of it.
fn played(steps: &Json, answers: Json, entries: &[Json]) -> Json {
    let trigger = json!({ "on": "event", "types": ["COMPLETE"] });
    let definition = json!({ "title": "Test", "flows": { "f": { "trigger": trigger, "timeout": "P30D", "steps": steps } } });
    let group = Group::read(&definition.to_string(), &Known::NOTHING)
        .unwrap_or_else(|problems| panic!("{problems:?}"));
    let run = Run {
        id: "p-1-1".to_owned(),
        instance: "i".to_owned(),
        group: "g".to_owned(),
        version: 1,
        flow: "f".to_owned(),
        config: json!({}),
        pull_id: Some("1".to_owned()),
        cause: Some(5),
        after: 5,
        origin: "https://edge.example".to_owned(),
        started_at: NOW,
        generation: 0,
    };
    let world = World {
        pull: Some(json!({ "pull_id": "1", "status": "SUCCESS" })),
        intake: Some(json!({ "policies": [{ "number": "A" }, { "number": "B" }, { "number": "C" }] })),
        event: Some(json!({ "event_type": "COMPLETE", "position": 5 })),
        is_local: false,
    };
    let answers = Answers::read(&answers).unwrap();
    play(&group.flows["f"], &run, &Recording { world: &world, entries }, &answers, NOW).view()
}

fn call(id: &str) -> Json {
    json!({ "id": id, "use": "http", "with": { "url": "https://api.example.com/x", "json": { "of": id } } })
}

fn wait(with: Json) -> Json {
    let mut wait = json!({ "id": "bound", "use": "wait", "with": { "types": ["BOUND"], "timeout": "P1D" } });
    wait["with"].as_object_mut().unwrap().extend(with.as_object().unwrap().clone());
    wait
}

fn entry(position: i64, after_millis: u64, event_type: &str, number: &str) -> Json {
    json!({ "position": position, "event_type": event_type, "recorded_at": NOW.plus(after_millis).rfc3339(), "data": { "number": number } })
}

fn step<'v>(view: &'v Json, path: &str) -> &'v Json {
    let mut steps = view["steps"].as_array().unwrap().iter();
    steps.find(|step| step["path"] == path).unwrap_or_else(|| panic!("no {path}: {view}"))
}

/// Its state, and whose answer it had.
fn stands<'v>(view: &'v Json, path: &str) -> (&'v str, Option<&'v str>) {
    let step = step(view, path);
    (step["state"].as_str().unwrap(), step.get("answered_by").map(|by| by.as_str().unwrap()))
}

fn ends(view: &Json) -> (&str, &str) {
    (view["status"].as_str().unwrap(), view["reason"].as_str().unwrap_or_default())
}

#[test]
fn a_call_is_shown_as_it_would_be_sent_and_goes_well_where_nothing_is_said() {
    let mut secret = call("told");
    secret["secret"] = json!({ "name": "CRM", "as": "bearer" });
    let asked = json!({ "id": "asked", "use": "canopy", "with": { "operation": "get-pull-by-id" } });
    let view = played(&json!([secret, asked]), json!({}), &[]);
    assert_eq!((ends(&view), &view["until"]), (("done", ""), &json!(NOW.rfc3339())));
    let told = step(&view, "told");
    let request = json!({
        "method": "POST", "url": "https://api.example.com/x", "headers": { "content-type": "application/json" }, "body": r#"{"of":"told"}"#,
        "auth": { "secret": "CRM", "as": "bearer" },
    });
    assert_eq!((&told["input"], &told["use"], &told["at"]), (&request, &json!("http"), &view["until"]));
    assert_eq!(told["result"], json!({ "status": 200, "body": {} }));
    assert_eq!([stands(&view, "told"), stands(&view, "asked")], [("done", Some("assumed")); 2]);
}

#[test]
fn a_call_that_the_caller_has_fail_is_tried_as_often_as_it_would_be() {
    let mut tried = call("a");
    tried["retry"] = json!({ "attempts": 3 });
    let view = played(
        &json!([tried, call("b")]),
        json!({ "a": { "status": 503, "headers": { "Retry-After": "3600" } } }),
        &[],
    );
    assert_eq!((ends(&view), &view["path"]), (("failed", "UNAVAILABLE"), &json!("a")));
    assert_eq!(view["detail"], "the service answered 503, the last of 3 attempts");
    assert_eq!(view["until"], json!(NOW.plus(2 * HOUR).rfc3339()));
    assert_eq!(
        (stands(&view, "a"), view["steps"].as_array().unwrap().len()),
        (("failed", Some("caller")), 1)
    );
    tried["on_error"] = "continue".into();
    let view = played(&json!([tried, call("b")]), json!({ "a": { "status": 400 } }), &[]);
    assert_eq!((ends(&view), &step(&view, "a")["reason"]), (("done", ""), &json!("REFUSED")));
}

#[test]
fn each_round_has_its_own_answer_or_that_of_all() {
    let note = json!({ "id": "note", "use": "http", "with": { "url": "https://api.example.com/{{ policy.number }}" } });
    let each = json!([{ "id": "all", "use": "each", "with": { "in": "intake.policies", "as": "policy", "steps": [note] } }]);
    let answers = json!({ "all[].note": { "status": 201, "body": "made" }, "all[1].note": { "status": 200, "body": { "n": 1 } } });
    let view = played(&each, answers, &[]);
    let gave: Vec<_> =
        (0..3).map(|round| &step(&view, &format!("all[{round}].note"))["result"]["body"]).collect();
    assert_eq!(gave, [&json!("made"), &json!({ "n": 1 }), &json!("made")]);
    assert_eq!(step(&view, "all[2].note")["input"]["url"], "https://api.example.com/C");
    assert_eq!((stands(&view, "all[0].note").1, stands(&view, "all")), (Some("caller"), ("done", None)));
}

#[test]
fn a_wait_takes_what_the_log_has_in_time() {
    let entries = [
        entry(5, 0, "BOUND", "A"),
        entry(6, 1, "OTHER", "A"),
        entry(7, 2, "BOUND", "B"),
        entry(8, HOUR, "BOUND", "A"),
        entry(9, 2 * HOUR, "BOUND", "A"),
    ];
    let for_a = json!([wait(json!({ "when": "event.data.number == 'A'" })), call("after")]);
    let view = played(&for_a, json!({}), &entries);
    assert_eq!((ends(&view), stands(&view, "bound")), (("done", ""), ("done", Some("log"))));
    assert_eq!(step(&view, "bound")["result"], json!({ "position": 8, "event": entries[3] }));
    assert_eq!(
        [&step(&view, "bound")["at"], &step(&view, "after")["at"]],
        [&json!(NOW.rfc3339()), &json!(NOW.plus(HOUR).rfc3339())]
    );
    let late = [entry(8, 24 * HOUR + 1, "BOUND", "A")];
    assert_eq!(ends(&played(&for_a, json!({}), &late)), ("failed", "TIMED_OUT"));
    let faulty = json!([wait(json!({ "when": "event.data.names == 1" }))]);
    assert_eq!(ends(&played(&faulty, json!({}), &entries)), ("failed", "EXPRESSION"));
}

#[test]
fn a_wait_is_over_where_nothing_comes_or_the_caller_says_so() {
    let came = [entry(8, HOUR, "BOUND", "A")];
    for (answers, entries, by) in
        [(json!({}), &[][..], "assumed"), (json!({ "bound": { "timed_out": true } }), &came[..], "caller")]
    {
        for (more, ended) in [
            (json!({}), ("failed", "TIMED_OUT")),
            (json!({ "on_timeout": "stop" }), ("stopped", "TIMED_OUT")),
            (json!({ "on_timeout": "continue" }), ("done", "")),
        ] {
            let view = played(&json!([wait(more)]), answers.clone(), entries);
            assert_eq!((ends(&view), stands(&view, "bound")), (ended, ("done", Some(by))));
            assert_eq!(view["until"], json!(NOW.plus(24 * HOUR).rfc3339()));
        }
    }
    let longer = json!([wait(json!({ "timeout": "P31D" }))]);
    let view = played(&longer, json!({}), &[]);
    assert_eq!((ends(&view), stands(&view, "bound").0), (("failed", "TIMED_OUT"), "open"));
    assert_eq!(view["until"], json!(NOW.plus(30 * 24 * HOUR).rfc3339()));
}

#[test]
fn a_wait_takes_the_caller_s_event_if_it_is_what_it_waits_for() {
    let for_a = json!([wait(json!({ "when": "event.data.number == 'A'" }))]);
    let event = |event: Json| json!({ "bound": { "event": event } });
    let view = played(&for_a, event(json!({ "data": { "number": "A" } })), &[]);
    assert_eq!((ends(&view), stands(&view, "bound")), (("done", ""), ("done", Some("caller"))));
    assert_eq!(
        step(&view, "bound")["result"],
        json!({ "position": null, "event": { "data": { "number": "A" } } })
    );
    for other in
        [json!({ "data": { "number": "B" } }), json!({ "event_type": "LOST", "data": { "number": "A" } })]
    {
        let view = played(&for_a, event(other), &[]);
        assert_eq!((ends(&view), stands(&view, "bound")), (("failed", "INPUT"), ("failed", Some("caller"))));
    }
    assert_eq!(ends(&played(&for_a, event(json!({})), &[])), ("failed", "EXPRESSION"));
}

#[test]
fn time_passes_at_once_and_ends_a_run_that_takes_too_long() {
    let rest = |days: u32| json!({ "id": format!("rest{days}"), "use": "sleep", "with": { "for": format!("P{days}D") } });
    let view = played(&json!([rest(3), rest(4), call("a")]), json!({}), &[]);
    assert_eq!((ends(&view), stands(&view, "rest4")), (("done", ""), ("done", None)));
    assert_eq!(step(&view, "rest4")["at"], json!(NOW.plus(3 * 24 * HOUR).rfc3339()));
    assert_eq!([&step(&view, "a")["at"], &view["until"]], [&json!(NOW.plus(7 * 24 * HOUR).rfc3339()); 2]);
    let view = played(&json!([rest(29), rest(2)]), json!({}), &[]);
    assert_eq!(
        (ends(&view), &view["until"]),
        (("failed", "TIMED_OUT"), &json!(NOW.plus(30 * 24 * HOUR).rfc3339()))
    );
}

#[test]
fn an_approval_is_given_refused_or_over_as_the_caller_says() {
    let ask = json!({ "id": "ask", "use": "http", "with": { "url": "https://api.example.com/x", "text": "{{ approval.url }}" } });
    let asked = json!([{ "id": "ok", "use": "approve", "with": { "title": "Send it?", "timeout": "P2D", "notify": [ask] } }, call("send")]);
    for (answers, ended, by, days) in [
        (json!({}), ("done", ""), "assumed", 0),
        (json!({ "ok": { "approved": true } }), ("done", ""), "caller", 0),
        (json!({ "ok": { "approved": false } }), ("stopped", "NOT_APPROVED"), "caller", 0),
        (json!({ "ok": { "timed_out": true } }), ("stopped", "NOT_APPROVED"), "caller", 2),
    ] {
        let view = played(&asked, answers, &[]);
        assert_eq!((ends(&view), stands(&view, "ok")), (ended, ("done", Some(by))));
        assert_eq!(view["until"], json!(NOW.plus(days * 24 * HOUR).rfc3339()));
        assert_eq!(step(&view, "ok.ask")["input"]["body"], "https://edge.example/approvals/p-1-1.0.unsigned");
    }
}

#[test]
fn a_query_has_the_caller_s_rows_or_none() {
    let steps = json!([
        { "id": "book", "use": "query", "with": { "sql": "SELECT pull_id FROM pulls" } },
        { "id": "count", "use": "set", "with": { "values": "{{ size(steps.book.rows) }}" } },
    ]);
    let view = played(&steps, json!({ "book": { "rows": [{ "pull_id": "1" }, { "pull_id": "2" }] } }), &[]);
    assert_eq!((&step(&view, "count")["result"], stands(&view, "book").1), (&json!(2), Some("caller")));
    let view = played(&steps, json!({}), &[]);
    assert_eq!((&step(&view, "count")["result"], stands(&view, "book").1), (&json!(0), Some("assumed")));
}

#[test]
fn an_event_is_taken_if_the_log_would_take_it() {
    let emit = |event_type: &str| json!([{ "id": "told", "use": "emit", "with": { "event_type": event_type, "data": { "a": 1 } } }]);
    let view = played(&emit("CRM_TOLD"), json!({}), &[]);
    assert_eq!((ends(&view), stands(&view, "told")), (("done", ""), ("done", Some("assumed"))));
    assert_eq!(step(&view, "told")["result"], json!({ "position": null, "schedule_id": null }));
    let schedule = |at: &str| json!([{ "id": "call", "use": "schedule", "with": { "event_type": "CALL_BACK", "effective_at": at } }]);
    assert_eq!(ends(&played(&schedule("{{ addTime(now, 'P3D') }}"), json!({}), &[])), ("done", ""));
    let view = played(&schedule("2020-01-31T09:00:00Z"), json!({}), &[]);
    assert_eq!((ends(&view), stands(&view, "call")), (("failed", "INPUT"), ("failed", None)));
}

#[test]
fn an_answer_of_another_kind_is_told() {
    let steps = |step: Json| json!([step]);
    let approve = json!({ "id": "ok", "use": "approve", "with": { "title": "Send it?", "timeout": "P2D" } });
    let query = json!({ "id": "book", "use": "query", "with": { "sql": "SELECT pull_id FROM pulls" } });
    for (step, path, answer) in [
        (call("a"), "a", json!({ "approved": true })),
        (wait(json!({})), "bound", json!({ "status": 200 })),
        (approve, "ok", json!({ "rows": [] })),
        (query, "book", json!({ "timed_out": true })),
    ] {
        let view = played(&steps(step), json!({ path: answer }), &[]);
        assert_eq!((ends(&view), stands(&view, path)), (("failed", "INPUT"), ("failed", Some("caller"))));
        assert!(view["detail"].as_str().unwrap().starts_with("answers: expected "), "{view}");
    }
}

/// What was recorded of each service is what its step then holds; in the place of a secret its name stands.
#[test]
fn each_connector_answers_as_was_recorded_and_no_secret_is_shown() {
    for connector in connector::all().values() {
        let example = &connector.example;
        let mut step_of = json!({ "id": "it", "use": connector.name, "with": example.input });
        if connector.takes_secret() {
            step_of["secret"] = "SERVICE_KEY".into();
        }
        let view = played(&json!([step_of]), json!({}), &[]);
        assert_eq!(
            (ends(&view), stands(&view, "it")),
            (("done", ""), ("done", Some("example"))),
            "{}",
            connector.name
        );
        let it = step(&view, "it");
        assert_eq!((&it["result"], &it["use"]), (&example.result, &json!(connector.name)));
        assert_eq!(it["input"]["url"], example.request["url"]);
        if let Some(secret) = &example.secret {
            assert_eq!(it["input"]["auth"]["secret"], "SERVICE_KEY");
            assert!(!it["input"]["headers"].to_string().contains(secret.as_str()), "{}", connector.name);
        }
        let refused = played(&json!([step_of]), json!({ "it": { "status": 400, "body": {} } }), &[]);
        assert_eq!((ends(&refused), stands(&refused, "it").1), (("failed", "REFUSED"), Some("caller")));
    }
}

#[test]
fn it_comes_to_an_end() {
    let mut tried = call("a");
    tried["retry"] = json!({ "attempts": 20 });
    tried["on_error"] = "continue".into();
    let rounds: Vec<_> = (0..100).collect();
    let steps = json!([
        { "id": "list", "use": "set", "with": { "values": rounds } },
        { "id": "all", "use": "each", "with": { "in": "steps.list", "as": "one", "steps": [tried] } },
    ]);
    let view =
        played(&steps, json!({ "all[].a": { "status": 503, "headers": { "retry-after": "1" } } }), &[]);
    assert_eq!(ends(&view), ("failed", "BOUNDS"));
    assert_eq!(ends(&played(&steps, json!({}), &[])), ("done", ""));
    let each = |id: &str, step: Json| json!({ "id": id, "use": "each", "with": { "in": "steps.list", "as": format!("of_{id}"), "steps": [step] } });
    let nested = json!([
        steps[0],
        each("outer", each("inner", json!({ "id": "c", "use": "set", "with": { "values": 1 } })))
    ]);
    let view = played(&nested, json!({}), &[]);
    assert_eq!(
        (ends(&view), &view["detail"]),
        (("failed", "BOUNDS"), &json!("expected at most 500 steps in a run"))
    );
}
