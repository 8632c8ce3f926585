//! What comes when, and what does not.

use super::*;
use crate::{
    id::Id,
    schedule::{Data, Day, Times, Zone},
};

const DAY: u64 = 24 * 60 * 60 * 1_000;

fn plan(times: &str) -> Plan {
    let zone = Zone::named("America/New_York").unwrap();
    Plan { times: Times::read(times).unwrap(), retention_days: None, zone }
}

fn moment(text: &str) -> UnixMillis {
    UnixMillis::parse(text).unwrap()
}

fn term(id: &str, expiry: &str) -> Term {
    Term {
        policy_id: Id::parse(id).unwrap(),
        number: None,
        policy_type: Some("AUTO".to_owned()),
        status: Some("ACTIVE".to_owned()),
        expiry_date: Day::parse(expiry),
        renewal_date: None,
    }
}

fn ids(agenda: &Agenda, plan: &Plan) -> Vec<(String, String)> {
    let now = Situation::default();
    let mut due: Vec<_> = agenda.due(&now, plan).map(|due| (due.at.rfc3339(), due.schedule_id())).collect();
    due.sort();
    due
}

const WITHOUT_WATCHES: &str = r#"{"refresh_days":null,"reconnect_overdue_days":null,"login_abandoned_minutes":null,"stalled_hours":null}"#;

#[test]
fn a_policy_is_announced_before_its_renewal_and_when_it_expires() {
    let mut agenda = Agenda::default();
    agenda.fetched(Some(&[term("p", "2026-06-01")]), 3, moment("2026-01-10T00:00:00Z"));
    let plan = plan(WITHOUT_WATCHES);
    let expected = [
        ("2026-04-17T04:00:00.000Z", "EDGE_POLICY_RENEWAL_DUE.p.2026-06-01.45"),
        ("2026-05-18T04:00:00.000Z", "EDGE_POLICY_RENEWAL_DUE.p.2026-06-01.14"),
        ("2026-06-01T04:00:00.000Z", "EDGE_POLICY_EXPIRED.p.2026-06-01"),
    ];
    assert_eq!(ids(&agenda, &plan), expected.map(|(at, id)| (at.to_owned(), id.to_owned())));
    for (at, id) in expected {
        let now = Situation::default();
        let first = agenda.first(&now, &plan, moment(at)).unwrap();
        assert_eq!((first.schedule_id().as_str(), first.cause()), (id, 3));
        assert!(
            agenda.first(&now, &plan, UnixMillis(moment(at).0 - 1)).is_none(),
            "not a millisecond before"
        );
        agenda.fired(id);
    }
    assert_eq!(ids(&agenda, &plan), [], "each once");
}

#[test]
fn of_the_days_that_are_past_when_a_policy_is_first_seen_the_nearest_comes_at_once() {
    let seen = |expiry, at| {
        let mut agenda = Agenda::default();
        agenda.fetched(Some(&[term("p", expiry)]), 1, moment(at));
        ids(&agenda, &plan(WITHOUT_WATCHES))
    };
    let due = seen("2026-06-01", "2026-05-22T12:00:00Z");
    assert_eq!(
        due[0],
        ("2026-05-22T12:00:00.000Z".to_owned(), "EDGE_POLICY_RENEWAL_DUE.p.2026-06-01.14".to_owned())
    );
    assert_eq!(due.len(), 2, "and its expiry");
    let due = seen("2026-06-01", "2026-05-01T12:00:00Z");
    assert_eq!(
        due.iter().map(|(_, id)| id.rsplit('.').next().unwrap()).collect::<Vec<_>>(),
        ["45", "14", "2026-06-01"]
    );
    assert_eq!(seen("2026-06-01", "2026-06-01T12:00:00Z"), [], "it had expired before it was seen");
}

#[test]
fn a_renewed_policy_is_never_announced_as_expired() {
    let plan = plan(WITHOUT_WATCHES);
    let mut agenda = Agenda::default();
    agenda.fetched(Some(&[term("p", "2026-03-01")]), 1, moment("2026-01-01T00:00:00Z"));
    agenda.fired("EDGE_POLICY_RENEWAL_DUE.p.2026-03-01.45");
    let before = agenda.clone();
    agenda.fetched(Some(&[term("p", "2026-09-01")]), 2, moment("2026-02-14T00:00:00Z"));
    let void = agenda.taken_away(&before, &Situation::default(), &plan);
    let void: Vec<_> = void
        .iter()
        .map(|event| (event.schedule_id.as_deref().unwrap(), event.because.as_deref().unwrap()))
        .collect();
    let because = "the policy was renewed: it now expires on 2026-09-01";
    assert_eq!(
        void,
        [("EDGE_POLICY_RENEWAL_DUE.p.2026-03-01.14", because), ("EDGE_POLICY_EXPIRED.p.2026-03-01", because)]
    );
    assert!(ids(&agenda, &plan).iter().all(|(_, id)| id.contains("2026-09-01")));
    assert_eq!(ids(&agenda, &plan).len(), 3);
}

#[test]
fn why_something_does_not_come_is_said() {
    let plan = plan(WITHOUT_WATCHES);
    let over = Term { status: Some("CANCELLED".to_owned()), ..term("p", "2026-03-01") };
    let without = Term { expiry_date: None, ..term("p", "2026-03-01") };
    for (terms, because) in [
        (vec![over], "the policy is CANCELLED"),
        (vec![], "the newest snapshot has no such policy"),
        (vec![term("p", "2026-02-20")], "the policy's days were changed: it now expires on 2026-02-20"),
        (vec![without], "the policy has no expiry date any more"),
    ] {
        let mut agenda = Agenda::default();
        agenda.fetched(Some(&[term("p", "2026-03-01")]), 1, moment("2026-01-01T00:00:00Z"));
        let before = agenda.clone();
        agenda.fetched(Some(&terms), 2, moment("2026-01-02T00:00:00Z"));
        let void = agenda.taken_away(&before, &Situation::default(), &plan);
        assert_eq!(void.len(), 3);
        assert!(void.iter().all(|event| event.because.as_deref() == Some(because)), "{void:?}");
        // What is not known takes nothing away.
        let mut unknown = before.clone();
        unknown.fetched(None, 2, moment("2026-01-02T00:00:00Z"));
        assert_eq!(unknown.taken_away(&before, &Situation::default(), &plan), []);
    }
}

#[test]
fn a_policy_that_is_back_is_not_announced_anew() {
    let plan = plan(WITHOUT_WATCHES);
    let mut agenda = Agenda::default();
    agenda.fetched(Some(&[term("p", "2026-03-01")]), 1, moment("2026-01-01T00:00:00Z"));
    agenda.fired("EDGE_POLICY_RENEWAL_DUE.p.2026-03-01.45");
    agenda.fetched(Some(&[]), 2, moment("2026-01-20T00:00:00Z"));
    assert_eq!(ids(&agenda, &plan), []);
    agenda.fetched(Some(&[term("p", "2026-03-01")]), 3, moment("2026-02-20T00:00:00Z"));
    let due = ids(&agenda, &plan);
    assert_eq!(due.len(), 1, "its 14 days went by while nobody knew of it: {due:?}");
    // Nor is one of which a refresh says that it ends on another day: what is past stays past.
    agenda.fetched(Some(&[term("p", "2026-03-02")]), 4, moment("2026-02-21T00:00:00Z"));
    assert_eq!(ids(&agenda, &plan).len(), 1);
}

#[test]
fn what_holds_after_all_is_announced_from_then_on() {
    let plan = plan(WITHOUT_WATCHES);
    let quote = Term { status: Some("QUOTE".to_owned()), ..term("p", "2026-03-01") };
    let mut agenda = Agenda::default();
    agenda.fetched(Some(&[quote]), 1, moment("2026-01-01T00:00:00Z"));
    assert_eq!(ids(&agenda, &plan), []);
    agenda.fetched(Some(&[term("p", "2026-03-01")]), 2, moment("2026-02-20T00:00:00Z"));
    let due = ids(&agenda, &plan);
    assert_eq!((due.len(), due[0].0.as_str()), (2, "2026-02-20T00:00:00.000Z"));
    assert!(due[0].1.ends_with(".14"), "the nearest, and its expiry");
}

#[test]
fn that_it_is_expired_takes_no_expiry_away() {
    let plan = plan(WITHOUT_WATCHES);
    let mut agenda = Agenda::default();
    agenda.fetched(Some(&[term("p", "2026-03-01")]), 1, moment("2026-01-01T00:00:00Z"));
    let expired = Term { status: Some("EXPIRED".to_owned()), ..term("p", "2026-03-01") };
    agenda.fetched(Some(&[expired]), 2, moment("2026-03-01T04:30:00Z"));
    assert_eq!(
        ids(&agenda, &plan).iter().map(|(_, id)| id.as_str()).collect::<Vec<_>>(),
        ["EDGE_POLICY_EXPIRED.p.2026-03-01"]
    );
}

#[test]
fn older_data_takes_no_place_of_newer() {
    let plan = plan(WITHOUT_WATCHES);
    let mut agenda = Agenda::default();
    agenda.ready_since(moment("2025-01-01T00:00:00Z"));
    agenda.refreshed(
        &[term("p", "2028-01-01")],
        moment("2026-06-01T00:00:00Z"),
        2,
        moment("2026-06-02T00:00:00Z"),
    );
    // The first pull is fetched when the edge learns of it: long after what it has was there.
    agenda.fetched(Some(&[term("p", "2027-01-01")]), 3, moment("2026-06-03T00:00:00Z"));
    assert!(ids(&agenda, &plan).iter().all(|(_, id)| id.contains("2028-01-01")));
    agenda.refreshed(
        &[term("p", "2027-06-01")],
        moment("2026-05-01T00:00:00Z"),
        4,
        moment("2026-06-04T00:00:00Z"),
    );
    assert!(ids(&agenda, &plan).iter().all(|(_, id)| id.contains("2028-01-01")));
    agenda.ready(moment("2026-07-01T00:00:00Z"));
    agenda.fetched(Some(&[term("p", "2029-01-01")]), 5, moment("2026-07-01T00:00:01Z"));
    assert!(ids(&agenda, &plan).iter().all(|(_, id)| id.contains("2029-01-01")));
}

#[test]
fn a_refresh_announces_nothing_of_the_account() {
    let mut agenda = Agenda::default();
    agenda.fetched(Some(&[term("p", "2026-03-01")]), 1, moment("2026-01-01T00:00:00Z"));
    let refresh = Situation { is_refresh: true, ..Situation::default() };
    assert_eq!(agenda.due(&refresh, &plan("{}")).count(), 0);
}

#[test]
fn a_watch_waits_from_the_last_sign_and_comes_once_after_it() {
    let plan = Plan { retention_days: Some(30), ..plan("{}") };
    let mut agenda = Agenda::default();
    let at = moment("2026-01-01T00:00:00Z");
    agenda.sign(Sign::Heard, 4, at);
    agenda.sign(Sign::Login, 3, at);
    let under_way = Situation { is_under_way: true, ..Situation::default() };
    let of = |agenda: &Agenda, now: &Situation| {
        let mut due: Vec<_> = agenda.due(now, &plan).map(|due| (due.at, due.schedule_id())).collect();
        due.sort();
        due
    };
    let retention =
        |at: UnixMillis, position: i64| (at.plus(30 * DAY), format!("EDGE_RETENTION_DUE.{position}"));
    assert_eq!(
        of(&agenda, &under_way),
        [(at.plus(7_200_000), "EDGE_PULL_STALLED.4".to_owned()), retention(at, 4)]
    );
    agenda.fired("EDGE_PULL_STALLED.4");
    assert_eq!(of(&agenda, &under_way), [retention(at, 4)]);
    let later = at.plus(DAY);
    for sign in [Sign::Heard, Sign::Login, Sign::Reconnect] {
        agenda.sign(sign, 6, later);
    }
    assert_eq!(of(&agenda, &under_way)[0], (later.plus(7_200_000), "EDGE_PULL_STALLED.6".to_owned()));
    let asks = Situation { asks: true, ..under_way };
    assert_eq!(of(&agenda, &asks)[0], (later.plus(1_800_000), "EDGE_LOGIN_ABANDONED.6".to_owned()));
    let reconnect = Situation { needs_reconnect: true, ..asks };
    assert_eq!(of(&agenda, &reconnect)[0], (later.plus(3 * DAY), "EDGE_RECONNECT_OVERDUE.6".to_owned()));
    agenda.fetched(None, 7, later);
    let ended = of(&agenda, &Situation::default());
    assert_eq!(ended, [retention(later, 7), (later.plus(90 * DAY), "EDGE_REFRESH_DUE.7".to_owned())]);
}

#[test]
fn what_is_cancelled_does_not_come() {
    let plan = plan(WITHOUT_WATCHES);
    let mut agenda = Agenda::default();
    agenda.fetched(Some(&[term("p", "2026-03-01")]), 1, moment("2026-01-01T00:00:00Z"));
    let event = OwnEvent {
        schedule_id: None,
        event_type: "CALL_BACK".to_owned(),
        effective_at: moment("2026-01-05T00:00:00Z"),
        data: Data::default(),
        key: None,
        page: false,
        because: None,
        caller: None,
    };
    agenda.scheduled(&event, 2);
    agenda.scheduled(&event, 3);
    assert_eq!((agenda.waiting(), ids(&agenda, &plan).len()), (2, 5));
    agenda.cancelled("CALL_BACK.2");
    agenda.cancelled("EDGE_POLICY_EXPIRED.p.2026-03-01");
    let left = ids(&agenda, &plan);
    assert_eq!((agenda.waiting(), left.len(), left[0].1.as_str()), (1, 3, "CALL_BACK.3"));
    let stored: Agenda = serde_json::from_str(&serde_json::to_string(&agenda).unwrap()).unwrap();
    assert_eq!(stored, agenda);
    agenda.fired("CALL_BACK.3");
    assert_eq!(agenda.waiting(), 0);
}
