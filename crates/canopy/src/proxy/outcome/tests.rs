use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::{
    contract::Operation,
    id::{Id, PullId},
    time::UnixMillis,
};

const TEAM: &str = "00000000-0000-4000-8000-000000000001";
const BEGUN: UnixMillis = UnixMillis(1_700_000_000_000);
const IN_TIME: &str = "2023-11-14T22:13:21.000Z";
const BEFORE: &str = "2023-11-14T22:10:00.000Z";

/// What a look comes to: `answers` are what Canopy gives to each read. With the paths that were read.
fn looked(
    operation: Operation,
    path: &str,
    body: &Value,
    sent: Sent<'_>,
    answers: &[Value],
) -> (Result<Value, Unshown>, Vec<String>, Option<Others>) {
    let (team, body) = (Id::parse(TEAM).unwrap(), body.to_string());
    let pull_id = PullId::parse("p-1").unwrap();
    let asked = Asked { operation, team: &team, path, pull_id: Some(&pull_id), body: body.as_bytes() };
    let mut search = match Search::begin(asked, sent) {
        Ok(search) => search,
        Err(why) => return (Err(why), Vec::new(), None),
    };
    let mut paths = Vec::new();
    for answer in answers {
        let call = search.next();
        assert_eq!(
            (call.method, &call.credentials),
            (crate::contract::Method::Get, &crate::api::Credentials::Client)
        );
        assert!(!search.looked_at().is_empty());
        paths.push(call.path.strip_prefix(&format!("/teams/{TEAM}")).unwrap().to_owned());
        if let Some(end) = search.take(answer.to_string().as_bytes()) {
            let end = end.map(|answer| serde_json::from_str(&answer).unwrap());
            return (end, paths, search.others(BEGUN));
        }
    }
    panic!("it did not come to an end: {paths:?}");
}

fn sent<'s>(marker: Option<&'s str>, before: Option<&'s str>) -> Sent<'s> {
    Sent { begun_at: BEGUN, marker, before }
}

fn action(id: &str, loan: &str) -> Value {
    json!({"servicing_action_id": id, "status": "QUEUED", "type": "ADD_MORTGAGEE", "payload": {"loan_number": loan, "name": null}})
}

fn asked_for(loans: &[&str]) -> Value {
    let actions: Vec<_> =
        loans.iter().map(|loan| json!({"type": "ADD_MORTGAGEE", "payload": {"loan_number": loan}})).collect();
    json!({"pull_id": "P-1", "servicing_actions": actions})
}

fn child(id: &str, created_at: &str) -> Value {
    json!({"pull_id": id, "parent_pull_id": "p-1", "type": "SERVICING", "created_at": created_at})
}

fn pulls(items: &[Value]) -> Value {
    json!({"total_pulls": items.len(), "pulls": items})
}

fn servicings(items: &[Value]) -> Value {
    json!({"total_servicings": items.len(), "servicings": items})
}

fn changes(loans: &[&str], answers: &[Value]) -> Result<Value, Unshown> {
    looked(Operation::CreateServicings, "", &asked_for(loans), sent(None, None), answers).0
}

#[test]
fn servicing_actions_are_shown_by_the_one_pull_that_has_just_them() {
    let one = pulls(&[
        child("s-1", IN_TIME),
        child("old", BEFORE),
        json!({"pull_id": "x", "parent_pull_id": "p-1", "type": "PULLING_DATA", "created_at": IN_TIME}),
        json!({"pull_id": "y", "created_at": IN_TIME}),
    ]);
    let both = servicings(&[action("a-2", "2"), action("a-1", "1")]);
    let (end, paths, others) = looked(
        Operation::CreateServicings,
        "",
        &asked_for(&["1", "2"]),
        sent(None, None),
        &[one.clone(), both.clone()],
    );
    assert_eq!(end, Ok(json!({"pull_id": "s-1", "servicing_action_ids": ["a-1", "a-2"]})));
    assert_eq!(
        paths,
        [
            "/pulls?since=2023-11-14T22%3A13%3A15.000Z&before=2023-11-14T22%3A14%3A20.000Z&limit=100&offset=0",
            "/servicings?pull_id=s-1&limit=100&offset=0"
        ]
    );
    let others = others.unwrap();
    assert_eq!(others.pull_id, PullId::parse("p-1").ok());
    assert!(others.from < BEGUN && others.to > BEGUN);

    assert_eq!(changes(&["1"], &[pulls(&[])]), Err(Unshown::NotThere));
    assert_eq!(changes(&["1"], &[pulls(&[child("old", BEFORE)])]), Err(Unshown::NotThere));
    // Not all of it is listed, or it is another's.
    assert_eq!(
        changes(&["1", "2"], &[one.clone(), servicings(&[action("a-1", "1")])]),
        Err(Unshown::NotThere)
    );
    assert_eq!(changes(&["1"], &[one.clone(), both]), Err(Unshown::NotThere));
    assert_eq!(changes(&["1"], &[one, servicings(&[action("a-1", "7")])]), Err(Unshown::NotThere));
}

#[test]
fn of_two_that_are_equal_neither_is_taken_for_it() {
    let two = pulls(&[child("s-1", IN_TIME), child("s-2", IN_TIME)]);
    let [same, other] = ["1", "7"].map(|loan| servicings(&[action("a", loan)]));
    assert_eq!(changes(&["1"], &[two.clone(), same.clone(), same.clone()]), Err(Unshown::Several));
    let shown = Ok(json!({"pull_id": "s-1", "servicing_action_ids": ["a"]}));
    assert_eq!(changes(&["1"], &[two.clone(), other, same.clone()]), shown);
    assert_eq!(changes(&["1"], &[two, servicings(&[]), same.clone()]), Err(Unshown::NotThere));
    let many: Vec<_> = (0..5).map(|at| child(&format!("s-{at}"), IN_TIME)).collect();
    assert_eq!(changes(&["1"], &[pulls(&many)]), Err(Unshown::Several));
    // One that asks for the same twice makes two.
    let twice = servicings(&[action("a", "1"), action("b", "1")]);
    let made = changes(&["1", "1"], &[pulls(&[child("s-1", IN_TIME)]), twice]).unwrap();
    assert_eq!(made["servicing_action_ids"].as_array().unwrap().len(), 2);
}

#[test]
fn a_pull_that_was_begun_is_known_by_its_mark() {
    let of = |body: &Value, answers: &[Value]| {
        looked(Operation::ConsentAndConnect, "", body, sent(Some("m"), None), answers)
    };
    let marked = |id: &str, metadata: Value| json!({"pull_id": id, "meta_data": metadata, "parent_pull_id": null, "created_at": IN_TIME});
    let text = json!({"edge_call": "m"}).to_string();
    let list = [
        marked("p-1", json!({"edge_call": "n"})),
        marked("p-2", json!(text)),
        marked("p-3", json!({"lead": "m"})),
        marked("p-4", Value::Null),
    ];
    let (end, _, others) = of(&json!({}), &[pulls(&list)]);
    assert_eq!((end, others), (Ok(json!({"pull_id": "p-2"})), None));
    assert_eq!(of(&json!({}), &[pulls(&list[..1])]).0, Err(Unshown::NotThere));
    // What is made of the pull later carries its metadata on.
    let (mut refresh, mut later) = (list[1].clone(), list[1].clone());
    refresh["pull_id"] = json!("p-6");
    refresh["parent_pull_id"] = json!("p-2");
    later["pull_id"] = json!("p-7");
    later["created_at"] = json!("2023-11-14T23:13:21.000Z");
    let family = pulls(&[list[1].clone(), refresh.clone(), later]);
    assert_eq!(of(&json!({}), &[family]).0, Ok(json!({"pull_id": "p-2"})));
    assert_eq!(of(&json!({}), &[pulls(&[refresh])]).0, Err(Unshown::NotThere));
    let twice = pulls(&[list[1].clone(), marked("p-5", json!({"edge_call": "m"}))]);
    assert_eq!(of(&json!({}), &[twice]).0, Err(Unshown::Several));

    let asked = asked_for(&["1"]);
    let ends = |actions: &[Value]| of(&asked, &[pulls(&list), servicings(actions)]).0;
    assert_eq!(ends(&[action("a", "1")]), Ok(json!({"pull_id": "p-2", "servicing_action_ids": ["a"]})));
    assert_eq!(
        ends(&[action("a", "7")]),
        Ok(json!({"pull_id": "p-2"})),
        "the pull is the call's all the same"
    );
    assert_eq!(ends(&[]), Err(Unshown::NotThere), "they are still to be listed");
    let unmarked = looked(Operation::ConsentAndConnect, "", &json!({}), sent(None, None), &[]);
    assert_eq!(unmarked.0, Err(Unshown::Unmarked));
}

#[test]
fn a_pull_that_webhooks_told_of_is_not_looked_for() {
    let team = Id::parse(TEAM).unwrap();
    for (body, is_shown) in [(json!({}), true), (asked_for(&["1"]), false)] {
        let body = body.to_string();
        let operation = Operation::ConsentAndConnect;
        let asked = Asked { operation, team: &team, path: "", pull_id: None, body: body.as_bytes() };
        let mut search = Search::begin(asked, sent(Some("m"), None)).unwrap();
        assert_eq!(search.marker(), Some("m"));
        let told = search.told(PullId::parse("p-9").unwrap());
        assert_eq!(told, is_shown.then(|| Ok(r#"{"pull_id":"p-9"}"#.to_owned())));
        if !is_shown {
            assert!(search.next().path.contains("servicings?pull_id=p-9"));
        }
    }
}

#[test]
fn lists_are_read_page_by_page_up_to_a_bound() {
    let full: Vec<_> =
        (0..100).map(|at| json!({"pull_id": format!("x-{at}"), "created_at": IN_TIME})).collect();
    let page = json!({"total_pulls": 1_000, "pulls": full});
    let last = json!({"total_pulls": 201, "pulls": [child("s-1", IN_TIME)]});
    let made = servicings(&[action("a", "1")]);
    let (end, paths, _) = looked(
        Operation::CreateServicings,
        "",
        &asked_for(&["1"]),
        sent(None, None),
        &[page.clone(), page.clone(), last, made],
    );
    assert!(end.is_ok() && paths[2].ends_with("offset=200"), "{paths:?}");
    assert_eq!(changes(&["1"], &[page.clone(), page.clone(), page.clone(), page]), Err(Unshown::TooMuch));
}

#[test]
fn a_refresh_is_the_one_pull_that_the_monitoring_began_at_the_time() {
    let of = |dates: &[&str]| {
        let pulls: Vec<_> = dates
            .iter()
            .enumerate()
            .map(|(at, date)| json!({"pull_id": format!("r-{at}"), "created_at": date}))
            .collect();
        let path = format!("/teams/{TEAM}/monitorings/m-1/refresh?a=b");
        looked(Operation::RefreshMonitoring, &path, &json!(""), sent(None, None), &[json!({"pulls": pulls})])
    };
    let (end, paths, others) = of(&[BEFORE, IN_TIME]);
    assert_eq!(end, Ok(json!({"pull_id": "r-1"})));
    assert_eq!(paths, ["/monitorings/m-1?with_pulls=true&limit=100"]);
    assert_eq!(others.unwrap().pull_id, None);
    assert_eq!(of(&[BEFORE]).0, Err(Unshown::NotThere));
    assert_eq!(of(&[BEFORE, IN_TIME, IN_TIME]).0, Err(Unshown::Several));
    assert_eq!(of(&[IN_TIME]).0, Err(Unshown::NotThere), "the one that the monitoring began with");
    let nowhere = looked(Operation::RefreshMonitoring, "/refresh", &json!(""), sent(None, None), &[]);
    assert_eq!(nowhere.0, Err(Unshown::NoWay));
}

#[test]
fn an_action_is_confirmed_when_it_stands_so() {
    let of = |is_confirmed: bool, status: &str| {
        let body = json!({"servicing_action_id": "a-1", "is_confirmed": is_confirmed});
        let items = [
            json!({"servicing_action_id": "a-0", "status": "SUCCESS"}),
            json!({"servicing_action_id": "a-1", "status": status}),
        ];
        looked(Operation::ConfirmServicing, "", &body, sent(None, None), &[servicings(&items)])
    };
    let (end, paths, others) = of(true, "SUBMITTING_CONFIRMATION");
    assert_eq!((end, others), (Ok(json!({"pull_id": "p-1"})), None));
    assert_eq!(paths, ["/servicings?pull_id=p-1&limit=100&offset=0"], "of this pull alone");
    for (is_confirmed, status, expected) in [
        (true, "SUCCESS", None),
        (false, "UNCONFIRMED", None),
        (true, "UNCONFIRMED", Some(Unshown::Otherwise)),
        (false, "SUCCESS", Some(Unshown::Otherwise)),
        (true, "WAITING_FOR_CONSUMER_CONFIRMATION", Some(Unshown::NotThere)),
        (true, "PROVIDER_ERROR", Some(Unshown::NotThere)),
    ] {
        assert_eq!(of(is_confirmed, status).0.err(), expected, "{status}");
    }
    let other = json!({"servicing_action_id": "b-1", "is_confirmed": true});
    let foreign = servicings(&[action("a-1", "1")]);
    let end = looked(Operation::ConfirmServicing, "", &other, sent(None, None), &[foreign]).0;
    assert_eq!(end, Err(Unshown::NotThere));
}

#[test]
fn what_has_no_date_is_what_was_not_there_before() {
    let remembered = |operation, list: &Value| ids(operation, list.to_string().as_bytes());
    let webhook =
        |id: &str, url: &str| json!({"webhook_id": id, "signing_secret": "s", "url": url, "is_active": true});
    let list = |items: &[Value]| json!({"webhooks": items});
    let operation = Operation::CreateWebhook;
    let before = remembered(operation, &list(&[webhook("w-1", "https://a")])).unwrap();
    assert_eq!(before, r#"["w-1"]"#);
    let of = |items: &[Value]| {
        looked(operation, "", &json!({"hookUrl": "https://a"}), sent(None, Some(&before)), &[list(items)])
    };
    let (end, paths, others) = of(&[webhook("w-1", "https://a"), webhook("w-2", "https://a")]);
    assert_eq!(end, Ok(json!({"webhook_id": "w-2", "signing_secret": "s"})));
    assert_eq!((paths, others.unwrap().operation), (vec!["/webhooks".to_owned()], operation));
    assert_eq!(of(&[webhook("w-1", "https://a")]).0, Err(Unshown::NotThere));
    assert_eq!(of(&[webhook("w-2", "https://b")]).0, Err(Unshown::NotThere));
    assert_eq!(of(&[webhook("w-2", "https://a"), webhook("w-3", "https://b")]).0, Err(Unshown::Several));
    assert_eq!(looked(operation, "", &json!({}), sent(None, None), &[]).0, Err(Unshown::Unremembered));

    let monitoring = |id: &str| json!({"monitoring_id": id, "interval": "P30D", "status": "ACTIVE"});
    let body = json!({"pull_id": "p-1", "interval": "P30D"});
    let list = json!({"monitorings_count": 1, "monitorings": [monitoring("m-1")]});
    let none = remembered(Operation::CreateMonitoring, &json!({"monitorings": []})).unwrap();
    let (end, paths, _) = looked(Operation::CreateMonitoring, "", &body, sent(None, Some(&none)), &[list]);
    assert_eq!(end, Ok(json!({"success": true, "monitoring": monitoring("m-1")})));
    assert_eq!(paths, ["/monitorings?pull_id=p-1&limit=100"]);

    let full: Vec<_> = (0..100).map(|at| json!({"widget_id": format!("w-{at}")})).collect();
    assert_eq!(remembered(Operation::CreateWidget, &json!({"widgets": full})), None, "there may be more");
    assert_eq!(remembered(Operation::CreateWidget, &json!({"widgets": [{}]})), None, "any could be it");
}

#[test]
fn each_operation_that_is_made_once_is_looked_for_or_said_to_be_shown_nowhere() {
    let body = json!({"pull_id": "p-1", "servicing_actions": [{}], "servicing_action_id": "a", "is_confirmed": true});
    for operation in Operation::ALL {
        let path = operation.row().path.replace(['{', '}'], "");
        let team = Id::parse(TEAM).unwrap();
        let (body, pull_id) = (body.to_string(), PullId::parse("p-1").unwrap());
        let asked = Asked {
            operation: *operation,
            team: &team,
            path: &path,
            pull_id: Some(&pull_id),
            body: body.as_bytes(),
        };
        use Operation as O;
        let is_shown = matches!(
            operation,
            O::ConsentAndConnect
                | O::CreateServicings
                | O::ConfirmServicing
                | O::CreateMonitoring
                | O::RefreshMonitoring
                | O::CreateWebhook
                | O::CreateWidget
        );
        let begun = Search::begin(asked, sent(Some("m"), Some("[]")));
        assert_eq!(begun.err(), (!is_shown).then_some(Unshown::NoWay), "{}", operation.row().id);
        assert!(!is_shown || operation.row().repeat == crate::contract::Repeat::Once);
        let is_listed = matches!(operation, O::CreateMonitoring | O::CreateWebhook | O::CreateWidget);
        assert_eq!(before(&asked).is_some(), is_listed, "{}", operation.row().id);
    }
}

#[test]
fn what_stays_unknown_says_what_was_looked_at() {
    let told = unknown("the webhooks", Unshown::NotThere);
    assert_eq!(told.code, Code::OutcomeUnknown);
    assert!(told.detail.contains("Looked at the webhooks: nothing shows it so far"), "{}", told.detail);
    assert!(!unknown("", Unshown::NoWay).detail.contains("Looked at"));
}

/// Any JSON of the names that are looked for.
fn any_json() -> impl Strategy<Value = Value> {
    const NAMES: [&str; 16] = [
        "pulls",
        "total_pulls",
        "pull_id",
        "parent_pull_id",
        "created_at",
        "meta_data",
        "edge_call",
        "servicings",
        "servicing_action_id",
        "status",
        "type",
        "payload",
        "monitorings",
        "webhooks",
        "widgets",
        "webhook_id",
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        prop::sample::select(vec!["p-1", "m", IN_TIME, "SUCCESS", ""]).prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 64, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((prop::sample::select(NAMES.to_vec()), inner), 0..6).prop_map(|members| {
                members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
            }),
        ]
    })
}

proptest! {
    #[test]
    fn whatever_is_asked_and_answered_a_look_comes_to_an_end(
        operation in prop::sample::select(Operation::ALL.to_vec()),
        body in any_json(),
        answers in prop::collection::vec(any_json(), MAX_READS),
        cut in any::<prop::sample::Index>(),
    ) {
        let team = Id::parse(TEAM).unwrap();
        let (body, pull_id) = (body.to_string(), PullId::parse("p-1").unwrap());
        let path = operation.row().path.replace(['{', '}'], "");
        let asked = Asked { operation, team: &team, path: &path, pull_id: Some(&pull_id), body: body.as_bytes() };
        let _ = (marked(body.as_bytes(), "m"), before(&asked));
        if let Ok(mut search) = Search::begin(asked, sent(Some("m"), Some("[]"))) {
            for answer in answers {
                let _ = (search.next(), search.looked_at(), search.others(BEGUN));
                let text = answer.to_string();
                let _ = ids(operation, text.as_bytes());
                let end = if answer.is_null() { text.len() } else { cut.index(text.len() + 1) };
                if let Some(end) = search.take(&text.as_bytes()[..end]) {
                    prop_assert!(end.is_err() || serde_json::from_str::<Value>(&end.unwrap()).is_ok());
                    break;
                }
            }
        }
    }
}

#[test]
fn a_call_that_is_of_no_pull_is_told_from_others_without_one() {
    let listed = json!([{"webhook_id": "w-1", "url": "https://a.example"}]);
    for (operation, member, body) in [
        (Operation::CreateWebhook, "webhooks", json!({"hookUrl": "https://a.example", "pull_id": "p-1"})),
        (Operation::CreateWidget, "widgets", json!({"public_alias": "a", "pull_id": "p-1"})),
    ] {
        let mut listed = listed.clone();
        listed[0]["widget_id"] = json!("w-1");
        listed[0]["public_alias"] = json!("a");
        let (end, _, others) =
            looked(operation, "", &body, sent(None, Some("[]")), &[json!({member: listed})]);
        assert!(end.is_ok() && others.unwrap().pull_id.is_none(), "the audit log names none either");
    }
}
