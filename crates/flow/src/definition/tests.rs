//! What a definition may be, and what is said of one that may not.

use serde_json::{Value as Json, json};

use super::*;

fn read(group: &Json) -> Result<Group, Vec<(String, String)>> {
    let read = Group::read(&group.to_string(), &Known::NOTHING);
    read.map_err(|problems| problems.into_iter().map(|it| (it.pointer, it.detail)).collect())
}

fn group(trigger: Json, steps: Json) -> Json {
    json!({
        "title": "Renewals",
        "config": { "days": { "type": "integer", "default": 30 }, "key": { "type": "secret" }, "hours": { "type": "cron" }, "zone": { "type": "time_zone" } },
        "flows": { "remind": { "trigger": trigger, "steps": steps } },
    })
}

fn on_event(steps: Json) -> Json {
    group(json!({ "on": "event", "types": ["COMPLETE"] }), steps)
}

fn wrong(group: &Json) -> Vec<(String, String)> {
    read(group).expect_err("something is wrong with it")
}

/// What is wrong with the one step of a flow, its places from that step on.
fn wrong_step(step: Json) -> Vec<(String, String)> {
    let found = wrong(&on_event(json!([step])));
    found
        .into_iter()
        .map(|(pointer, detail)| (pointer.replace("/flows/remind/steps/0", ""), detail))
        .collect()
}

#[test]
fn a_flow_is_read_whole() {
    let steps = json!([
        { "id": "look", "use": "http", "with": { "method": "GET", "url": "https://api.example.com/people/{{ pull.pull_id }}", "query": { "days": "{{ config.days }}" } },
          "secret": { "name": "{{ config.key }}", "as": "bearer" }, "timeout": "PT20S", "retry": { "attempts": 3 }, "on_error": "continue" },
        { "id": "known", "use": "if", "with": { "condition": "steps.look.status == 200",
          "then": [{ "id": "told", "use": "emit", "with": { "event_type": "TOLD", "data": { "id": "{{ steps.look.body.id }}" } } }],
          "else": [{ "id": "over", "use": "stop", "with": { "because": "nobody" } }] } },
        { "id": "all", "use": "each", "with": { "in": "intake.policies", "as": "policy", "limit": 20,
          "steps": [{ "id": "note", "use": "set", "with": { "values": { "number": "{{ policy.number }}" } }, "when": "policy.number != ''" }] } },
        { "id": "bound", "use": "wait", "with": { "types": ["POLICY_BOUND"], "when": "event.data.number == steps.all.rounds[0].note.number", "timeout": "P30D", "on_timeout": "continue" } },
        { "id": "ok", "use": "approve", "with": { "title": "Send it?", "timeout": "P2D", "notify": [{ "id": "ask", "use": "http", "with": { "url": "https://chat.example.com/", "json": { "text": "{{ approval.url }}" } } }] } },
        { "id": "rest", "use": "sleep", "with": { "until": "{{ addTime(now, 'PT1H') }}" } },
        { "id": "asked", "use": "canopy", "with": { "operation": "get-pull-by-id" } },
    ]);
    let group = read(&on_event(steps)).unwrap();
    let flow = &group.flows["remind"];
    assert_eq!(
        (flow.timeout_millis, flow.trigger.subject(), flow.steps.len()),
        (RUN_MILLIS, Subject::Pull, 7)
    );
    let look = &flow.steps[0];
    assert_eq!((look.timeout_millis, look.retry.attempts, look.on_error), (20_000, 3, Failing::Continue));
    assert!(
        matches!(&flow.steps[1].does, Use::If { then, otherwise, .. } if then.len() == 1 && otherwise.len() == 1)
    );
}

#[test]
fn triggers_are_read() {
    let step = json!([{ "id": "a", "use": "set", "with": { "values": {} } }]);
    for trigger in [
        json!({ "on": "event", "types": ["*"], "when": "event.data.days == config.days && pull.status == 'SUCCESS'" }),
        json!({ "on": "schedule", "cron": "0 8 * * MON", "time_zone": "America/New_York", "missed": "once" }),
        json!({ "on": "schedule", "cron": "{{ config.hours }}", "time_zone": "{{ config.zone }}", "missed": "skip" }),
        json!({ "on": "manual", "of": "pull" }),
        json!({ "on": "manual", "of": "agency" }),
    ] {
        assert!(read(&group(trigger.clone(), step.clone())).is_ok(), "{trigger}");
    }
    for (trigger, pointer, says) in [
        (json!({ "on": "event" }), "/types", "expected an array of 1 to 100 types"),
        (json!({ "on": "event", "types": ["complete"] }), "/types", "expected an array of 1 to 100 types"),
        (
            json!({ "on": "event", "types": ["*"], "when": "steps.a.b" }),
            "/when",
            "steps.a: expected a step before this one: there is none",
        ),
        (
            json!({ "on": "schedule", "cron": "0 8 * *", "time_zone": "UTC", "missed": "skip" }),
            "/cron",
            "expected a cron pattern",
        ),
        (
            json!({ "on": "schedule", "cron": "{{ config.days }}", "time_zone": "UTC", "missed": "skip" }),
            "/cron",
            "expected a cron pattern",
        ),
        (
            json!({ "on": "schedule", "cron": "0 8 * * *", "time_zone": "UTC" }),
            "/missed",
            "expected once or skip",
        ),
        (json!({ "on": "manual", "of": "nobody" }), "/of", "expected one of pull, agency"),
        (json!({ "on": "webhook" }), "/on", "expected one of event, schedule, manual"),
        (json!({ "on": "manual", "of": "pull", "cron": "x" }), "/cron", "expected one of on, of"),
    ] {
        let found = wrong(&group(trigger.clone(), step.clone()));
        assert_eq!(found.len(), 1, "{trigger}: {found:?}");
        assert_eq!(found[0].0, format!("/flows/remind/trigger{pointer}"), "{trigger}");
        assert!(found[0].1.starts_with(says), "{trigger}: {}", found[0].1);
    }
}

#[test]
fn what_is_wrong_with_a_step_is_told_with_its_place() {
    for (step, pointer, says) in [
        (json!({ "use": "stop" }), "/id", "expected a name like send_mail"),
        (json!({ "id": "pull", "use": "stop" }), "/id", "expected a name of 1 to 40"),
        (json!({ "id": "a" }), "/use", "expected a kind of step, or a connector"),
        (json!({ "id": "a", "use": "shell" }), "/use", "expected a connector, or one of http, canopy"),
        (json!({ "id": "a", "use": "stop", "if": "true" }), "/if", "expected one of id, use, with"),
        (
            json!({ "id": "a", "use": "stop", "when": "false" }),
            "/when",
            "expected a condition that can be true: this step is never reached",
        ),
        (
            json!({ "id": "a", "use": "stop", "when": "nobody.is" }),
            "/when",
            "nobody: expected one of event, intake, now, pull, run, config, steps",
        ),
        (
            json!({ "id": "a", "use": "set", "with": { "values": { "x": ["{{ config.weeks }}"] } } }),
            "/with/values/x/0",
            "config.weeks: expected one of days, hours, key, zone",
        ),
        (
            json!({ "id": "a", "use": "set", "with": { "values": "{{ steps.b.x }}" } }),
            "/with/values",
            "steps.b: expected a step before this one",
        ),
        (
            json!({ "id": "a", "use": "set", "with": { "values": "{{ steps.a }}" } }),
            "/with/values",
            "steps.a: expected a step before this one",
        ),
        (
            json!({ "id": "a", "use": "set", "with": { "values": "{{ steps }}" } }),
            "/with/values",
            "steps: expected the id",
        ),
        (
            json!({ "id": "a", "use": "wait", "with": { "types": ["X"] } }),
            "/with/timeout",
            "expected How long.",
        ),
        (
            json!({ "id": "a", "use": "wait", "with": { "types": ["X"], "timeout": "P500D" } }),
            "/with/timeout",
            "expected a length of time like PT30M or P3D, 400 days at most",
        ),
        (json!({ "id": "a", "use": "sleep", "with": {} }), "/with", "expected for or until"),
        (
            json!({ "id": "a", "use": "each", "with": { "in": "pull.policies", "as": "x", "limit": 1000, "steps": [] } }),
            "/with/limit",
            "expected a whole number from 1 to 100",
        ),
        (
            json!({ "id": "a", "use": "http", "with": { "url": "https://a.example", "json": 1, "text": "x" } }),
            "/with",
            "expected one of json, form and text",
        ),
        (
            json!({ "id": "a", "use": "http", "with": { "url": "https://a.example" }, "secret": { "name": "sk_live_1", "as": "bearer" } }),
            "/secret/name",
            "expected the name of a secret",
        ),
        (
            json!({ "id": "a", "use": "http", "with": { "url": "https://a.example" }, "secret": { "name": "{{ config.days }}", "as": "bearer" } }),
            "/secret/name",
            "expected the name of a secret, or {{ config.… }}",
        ),
        (
            json!({ "id": "a", "use": "set", "with": { "values": 1 }, "secret": "X" }),
            "/secret",
            "expected no secret",
        ),
        (
            json!({ "id": "a", "use": "canopy", "with": { "operation": "delete-everything" } }),
            "/with/operation",
            "expected an operationId",
        ),
        (
            json!({ "id": "a", "use": "if", "with": { "condition": "1 == 2", "then": [] } }),
            "/with/then",
            "expected a condition that can be otherwise",
        ),
        (
            json!({ "id": "a", "use": "http", "with": { "url": "https://a.example" }, "timeout": "PT5M" }),
            "/timeout",
            "expected a length of time like PT30M or P3D, 60 seconds at most",
        ),
    ] {
        let found = wrong_step(step.clone());
        assert_eq!(found.len(), 1, "{step}: {found:?}");
        assert_eq!(found[0].0, pointer, "{step}: {}", found[0].1);
        assert!(found[0].1.starts_with(says), "{step}: {}", found[0].1);
    }
}

#[test]
fn a_query_is_read_with_its_sql_and_its_parameters() {
    let query = |sql: &str, parameters: Json| {
        let mut with = json!({ "sql": sql });
        if !parameters.is_null() {
            with["parameters"] = parameters;
        }
        json!({ "id": "a", "use": "query", "with": with })
    };
    let sql = "select CARRIER from policies where expires < ?2 and state = ?1 -- soon";
    for parameters in [json!(["CA", "{{ now }}"]), json!("{{ pull.rows }}")] {
        let group = read(&on_event(json!([query(sql, parameters)]))).unwrap();
        let Use::Query { select, limit, .. } = &group.flows["remind"].steps[0].does else {
            panic!("a query")
        };
        assert_eq!(select.text(), "SELECT CARRIER FROM policies WHERE expires < ?2 AND state = ?1");
        assert_eq!(i64::from(*limit), MAX_ROWS);
    }
    for (step, pointer, says) in [
        (query("DELETE FROM pulls", json!(null)), "/with/sql", "expected one SELECT and nothing else"),
        (
            query("SELECT 1; DROP TABLE pulls", json!(null)),
            "/with/sql",
            "expected one SELECT and nothing else",
        ),
        (
            query("SELECT settings FROM subscriptions", json!(null)),
            "/with/sql",
            "expected one of the tables pulls, policies, tasks, runs",
        ),
        (query("SELECT * FROM sqlite_master", json!(null)), "/with/sql", "expected one of the tables"),
        (query("SELECT load_extension('x')", json!(null)), "/with/sql", "expected one of the functions"),
        (
            query("SELECT pull_id FROM pulls WHERE status = :status", json!(null)),
            "/with/sql",
            "expected ?1, ?2, … up to ?20",
        ),
        (
            query("SELECT '{{ pull.pull_id }}' WHERE", json!(null)),
            "/with/sql",
            "expected SQL as SQLite has it",
        ),
        (query(sql, json!(null)), "/with/parameters", "expected 2 parameters, as the SELECT has; found 0"),
        (query(sql, json!(["CA"])), "/with/parameters", "expected 2 parameters, as the SELECT has; found 1"),
        (
            query("SELECT 1", json!([1])),
            "/with/parameters",
            "expected 0 parameters, as the SELECT has; found 1",
        ),
        (json!({ "id": "a", "use": "query", "with": { "sql": 1 } }), "/with/sql", "expected a SELECT"),
    ] {
        let found = wrong_step(step.clone());
        assert_eq!(found.len(), 1, "{step}: {found:?}");
        assert_eq!(found[0].0, pointer, "{step}: {}", found[0].1);
        assert!(found[0].1.starts_with(says), "{step}: {}", found[0].1);
    }
}

#[test]
fn steps_are_read_by_those_behind_them_alone() {
    let set = |id: &str, values: &str| json!({ "id": id, "use": "set", "with": { "values": values } });
    let branches = |then: Json, otherwise: Json| json!({ "id": "way", "use": "if", "with": { "condition": "pull.complete", "then": [then], "else": [otherwise] } });
    assert!(
        read(&on_event(json!([
            branches(set("one", "x"), set("two", "y")),
            set("end", "{{ steps.?one }}{{ steps.?two }}")
        ])))
        .is_ok()
    );
    let found = wrong(&on_event(json!([branches(set("one", "x"), set("two", "{{ steps.one }}"))])));
    assert_eq!(found[0].0, "/flows/remind/steps/0/with/else/0/with/values");
    let found = wrong(&on_event(json!([branches(set("one", "x"), set("one", "y"))])));
    assert_eq!(
        found,
        [(
            "/flows/remind/steps/0/with/else/0/id".to_owned(),
            "expected another name: there is a step one before".to_owned()
        )]
    );
    let found =
        wrong(&on_event(json!([{ "id": "end", "use": "stop" }, set("late", "x"), set("later", "x")])));
    assert_eq!(
        found,
        [(
            "/flows/remind/steps/1".to_owned(),
            "expected nothing behind a stop: this step is never reached".to_owned()
        )]
    );
    let agency = group(
        json!({ "on": "manual", "of": "agency" }),
        json!([{ "id": "a", "use": "emit", "with": { "event_type": "X" } }, set("b", "{{ pull.status }}")]),
    );
    let places: Vec<_> = wrong(&agency).into_iter().map(|(pointer, _)| pointer).collect();
    assert_eq!(places, ["/flows/remind/steps/0/use", "/flows/remind/steps/1/with/values"]);
}

#[test]
fn all_that_is_wrong_is_told_at_once() {
    let found = wrong(&json!({
        "title": "", "more": 1,
        "config": { "x": { "type": "enum" }, "y": { "type": "integer", "default": "a" }, "z": { "type": "colour" } },
        "flows": { "Bad-Name": { "trigger": { "on": "manual", "of": "pull" }, "steps": [] }, "b": { "steps": [{}] } },
    }));
    let mut places: Vec<_> = found.iter().map(|(pointer, _)| pointer.as_str()).collect();
    places.sort_unstable();
    assert_eq!(
        places,
        [
            "/config/x/values",
            "/config/y/default",
            "/config/z",
            "/flows/Bad-Name",
            "/flows/Bad-Name/steps",
            "/flows/b/steps/0/id",
            "/flows/b/steps/0/use",
            "/flows/b/trigger",
            "/more",
            "/title",
        ]
    );
    assert_eq!(
        wrong(&json!({ "title": "x", "flows": {} })),
        [("/flows".to_owned(), "expected 1 to 20 flows by name".to_owned())]
    );
    let twice = r#"{"title":"a","title":"b","flows":{"f":{"trigger":{"on":"manual","of":"pull"},"steps":[{"id":"a","use":"stop"}]}}}"#;
    let found = Group::read(twice, &Known::NOTHING).unwrap_err();
    assert_eq!((found[0].pointer.as_str(), found[0].detail.as_str()), ("/title", "expected it once"));
}

#[test]
fn a_hostile_definition_is_refused_and_nothing_else() {
    let deep = (0..30).fold(json!([]), |steps, n| json!([{ "id": format!("s{n}"), "use": "each", "with": { "in": "[1]", "as": "x", "steps": steps } }]));
    let many: Vec<_> = (0..5_000)
        .map(|n| json!({ "id": format!("s{n}"), "use": "stop", "when": "pull.complete" }))
        .collect();
    assert!(
        wrong(&on_event(deep))
            .iter()
            .any(|(_, detail)| detail == "expected at most 4 steps inside each other")
    );
    let found = wrong(&on_event(json!(many)));
    assert_eq!(
        found,
        [("/flows/remind/steps/60".to_owned(), "expected at most 60 steps in a flow".to_owned())]
    );
    let nested = "[".repeat(200_000);
    assert!(Group::read(&nested, &Known::NOTHING).unwrap_err()[0].detail.starts_with("expected JSON"));
    assert!(
        Group::read(&"x".repeat(MAX_DEFINITION + 1), &Known::NOTHING).unwrap_err()[0]
            .detail
            .starts_with("expected a definition of at most")
    );
}

#[test]
fn secrets_are_named_known_and_of_the_host() {
    let secrets = [("SHOP", "shop.example"), ("CHAT", "chat.example")]
        .map(|(name, host)| (name.to_owned(), host.to_owned()))
        .into();
    let known = Known {
        secrets: Some(&secrets),
        is_secret: &|text| text.contains("hunter2hunter2"),
        is_local: false,
    };
    let told = |step: Json| {
        let found = Group::read(&on_event(json!([step])).to_string(), &known).err().unwrap_or_default();
        found
            .into_iter()
            .map(|it| (it.pointer.replace("/flows/remind/steps/0", ""), it.detail))
            .collect::<Vec<_>>()
    };
    let call = |url: &str, name: &str| json!({ "id": "a", "use": "http", "with": { "url": url }, "secret": { "name": name, "as": "bearer" } });
    assert_eq!(told(call("https://shop.example/x", "SHOP")), []);
    assert_eq!(told(call("https://{{ pull.pull_id }}.example/x", "SHOP")), []);
    assert_eq!(
        told(call("https://shop.example/x", "DOOR")),
        [("/secret/name".to_owned(), "expected a secret that EDGE_SECRETS has: DOOR is none".to_owned())]
    );
    assert_eq!(
        told(call("https://shop.example/x", "CHAT")),
        [(
            "/secret/name".to_owned(),
            "expected a secret of shop.example: CHAT is one of chat.example".to_owned()
        )]
    );
    let leak = json!({ "id": "a", "use": "http", "with": { "url": "https://shop.example/", "headers": { "x": "key hunter2hunter2" } } });
    let found = told(leak);
    assert_eq!(
        found,
        [("/with/headers/x".to_owned(), "expected no secret in a text: name it in `secret`".to_owned())]
    );
}

/// What the page for people shows is a group, and all that may be used stands on it.
#[test]
fn the_page_shows_what_there_is() {
    let page = include_str!("../../../../docs/workflows.md");
    let (_, rest) = page.split_once("```json\n").unwrap();
    let (shown, _) = rest.split_once("```").unwrap();
    assert!(Group::read(shown, &Known::NOTHING).is_ok(), "{:?}", Group::read(shown, &Known::NOTHING));
    for name in KINDS.iter().map(|kind| kind.name) {
        assert!(page.contains(&format!("`{name}`")), "{name}");
    }
    for name in ["json", "base64", "url", "html", "money", "formatTime", "addTime", "daysBetween"] {
        assert!(page.contains(&format!("`{name}(")), "{name}");
    }
}
