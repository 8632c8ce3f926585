use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Answered, Ask, Mode, News, Notice, Phase, Session, Settings, budget};
use crate::{
    api::{CallError, PullJwt, Started},
    auth::{AuthView, IdentityOption},
    html::Segment,
    id::{Id, PullId, SessionId},
    problem::Code,
    secret::Secret,
    status::PullStatus,
    time::{UnixMillis, UnixSeconds},
};

const NOW: UnixMillis = UnixMillis(1_000);

impl Session {
    fn json(&self) -> Value {
        serde_json::to_value(self.view()).unwrap()
    }
}

fn id(text: &str) -> Id {
    Id::parse(text).unwrap()
}

fn pull(text: &str) -> PullId {
    PullId::parse(text).unwrap()
}

fn session() -> Session {
    Session::open(SessionId::parse("s").unwrap(), Settings::default(), UnixSeconds(3_600), NOW)
}

fn session_of(mode: Mode) -> Session {
    let settings = Settings { mode: Some(mode), ..Settings::default() };
    Session::open(SessionId::parse("s").unwrap(), settings, UnixSeconds(3_600), NOW)
}

fn login() -> Ask {
    let body = json!({"carrier_id": "c", "username": "token", "terms_version": 1, "consent_language": "x"});
    Ask::read("connect", body.to_string().as_bytes()).unwrap().unwrap()
}

fn ask(session: &mut Session, ask: &Ask) -> Result<String, Code> {
    session.begin(ask, "192.0.2.1", "demo", NOW).map(|call| call.path).map_err(|problem| problem.code)
}

fn started(id: &str) -> Result<Answered, CallError> {
    Ok(Answered::Started(Started { pull_id: pull(id), pull_jwt: PullJwt(Secret::new("planted-jwt")) }))
}

#[test]
fn what_is_to_be_changed_goes_with_each_login_until_there_is_a_pull() {
    let actions = r#"[{"type":"REMOVE_MORTGAGEE","payload":{"carrier_policy_number":"HO-1"}}]"#;
    let opened = format!(r#"{{"origin":"https://a.example","servicing_actions":{actions}}}"#);
    let (_, settings) = Settings::of_back_office(opened.as_bytes()).unwrap();
    let mut session = Session::open(SessionId::parse("s").unwrap(), settings, UnixSeconds(3_600), NOW);
    for _ in 0..2 {
        let call = session.begin(&login(), "192.0.2.1", "demo", NOW).unwrap();
        assert!(call.body.unwrap().contains(actions));
        session.finish(&login(), &Err(CallError::Refused { status: 422, code: None }), NOW);
        assert_eq!(*session.phase(), Phase::Open);
    }
    assert!(!session.json().to_string().contains("HO-1"), "a page is not told");
    session.begin(&login(), "192.0.2.1", "demo", NOW).unwrap();
    session.finish(&login(), &started("p"), NOW);
    assert!(!serde_json::to_string(&session).unwrap().contains("HO-1"), "nothing of it is kept");
}

#[test]
fn an_upload_is_sent_once_unless_it_was_refused() {
    let mut session = session();
    assert_eq!(session.may_upload().unwrap().text(), r#"{"edge_session":"s"}"#);
    assert_eq!(*session.phase(), Phase::Open, "asking changes nothing");
    assert_eq!(ask(&mut session, &Ask::Documents).unwrap(), "/widget/pull/consentAndDocuments");
    assert_eq!(session.may_upload().unwrap_err().code, Code::ConnectInProgress);
    assert_eq!(ask(&mut session, &login()), Err(Code::ConnectInProgress));
    session.finish(&Ask::Documents, &Err(CallError::Refused { status: 400, code: None }), NOW);
    assert_eq!((session.phase(), &session.json()["uploaded"]), (&Phase::Open, &json!(null)));
    ask(&mut session, &Ask::Documents).unwrap();
    session.finish(&Ask::Documents, &Ok(Answered::Uploaded(pull("p"))), NOW);
    let shown = session.json();
    assert_eq!(
        (&shown["phase"], &shown["pull_id"], &shown["uploaded"]),
        (&json!("connected"), &json!("p"), &json!(true))
    );
    for again in [Ask::Documents, login()] {
        assert_eq!(ask(&mut session, &again), Err(Code::StateConflict), "the session has its pull");
    }
    session.notice(Notice { complete: true, policies_available: true, ..news("p", 1, "SUCCESS") }, NOW);
    assert_eq!(session.json()["complete"], true);
}

#[test]
fn an_upload_whose_answer_was_lost_is_followed_and_not_sent_again() {
    for lose in [
        |session: &mut Session| session.finish(&Ask::Documents, &Err(CallError::Unknown), NOW),
        |session: &mut Session| session.resume(NOW),
    ] {
        let mut session = session();
        ask(&mut session, &Ask::Documents).unwrap();
        lose(&mut session);
        assert_eq!((session.phase(), &session.json()["uploaded"]), (&Phase::Unknown, &json!(true)));
        assert_eq!(session.may_upload().unwrap_err().code, Code::ConnectOutcomeUnknown);
        assert_eq!(ask(&mut session, &login()), Err(Code::ConnectOutcomeUnknown));
        session.notice(news("p", 1, "DOCUMENT_PARSING"), NOW);
        assert_eq!(*session.phase(), Phase::Followed { pull_id: pull("p"), lost: true });
        assert_eq!(ask(&mut session, &Ask::Documents), Err(Code::ConnectOutcomeUnknown));
    }
}

#[test]
fn documents_bring_no_change_to_an_insurance_company() {
    let opened = r#"{"origin":"https://a.example","servicing_actions":[{"type":"T","payload":{}}]}"#;
    let (_, settings) = Settings::of_back_office(opened.as_bytes()).unwrap();
    let session = Session::open(SessionId::parse("s").unwrap(), settings, UnixSeconds(3_600), NOW);
    assert_eq!(session.may_upload().unwrap_err().code, Code::UploadsOff);
}

/// Whether the session still has its pull's token.
fn speaks(session: &Session) -> bool {
    serde_json::to_string(session).unwrap().contains("planted-jwt")
}

fn logged_in() -> Session {
    let mut session = session();
    session.begin(&login(), "192.0.2.1", "demo", NOW).unwrap();
    session.finish(&login(), &started("p"), NOW);
    assert!(speaks(&session));
    session
}

#[test]
fn the_pulls_token_is_forgotten_at_expiry() {
    let mut session = logged_in();
    session.notice(news("p", 1, "PULLING_DATA"), NOW);
    assert!(speaks(&session));
    session.expire();
    assert!(!speaks(&session));
    assert_eq!(session.json()["phase"], "connected", "and nothing else is");
    let code = Ask::read("identity-code", br#"{"code":"123456"}"#).unwrap().unwrap();
    assert_eq!(ask(&mut session, &code), Err(Code::StateConflict));
}

#[test]
fn the_pulls_token_is_forgotten_at_its_end() {
    let mut session = logged_in();
    session.notice(Notice { complete: true, servicing: vec![], ..news("p", 1, "SUCCESS") }, NOW);
    assert!(!speaks(&session));
    assert_eq!((&session.json()["phase"], &session.json()["complete"]), (&json!("connected"), &json!(true)));
    // It came before the answer that has the token.
    let mut session = self::session();
    session.begin(&login(), "192.0.2.1", "demo", NOW).unwrap();
    session.notice(Notice { complete: true, servicing: vec![], ..news("p", 1, "SUCCESS") }, NOW);
    session.finish(&login(), &started("p"), NOW);
    assert!(!speaks(&session));
}

#[test]
fn while_a_change_waits_for_its_consumer_the_pulls_token_is_kept() {
    let mut session = logged_in();
    let asked = Notice { servicing: vec![id("a")], complete: true, ..news("p", 1, "SUCCESS") };
    session.notice(asked, NOW);
    assert!(speaks(&session));
    let confirm = Ask::Confirm { action: id("a"), is_confirmed: true };
    session.begin(&confirm, "192.0.2.1", "demo", NOW).unwrap();
    session.finish(&confirm, &Ok(Answered::Done), NOW);
    assert!(!speaks(&session));
    assert_eq!(ask(&mut session, &confirm), Err(Code::AlreadyAnswered));
}

#[test]
fn a_pull_that_failed_keeps_its_token_and_anothers_end_takes_it_from_none() {
    let mut session = logged_in();
    session.notice(
        Notice {
            error: Some(PullStatus::from("PROVIDER_ERROR".to_owned())),
            ..news("p", 1, "PROVIDER_ERROR")
        },
        NOW,
    );
    session.notice(Notice { complete: true, ..news("q", 1, "SUCCESS") }, NOW);
    assert!(speaks(&session));
}

#[test]
fn an_answer_is_told_to_its_pull_until_it_knows() {
    let mut session = session();
    session.begin(&login(), "192.0.2.1", "demo", NOW).unwrap();
    session.finish(&login(), &started("p"), NOW);
    session.notice(Notice { servicing: vec![id("a")], ..news("p", 1, "PULLING_DATA") }, NOW);
    let confirm = Ask::Confirm { action: id("a"), is_confirmed: true };
    session.begin(&confirm, "192.0.2.1", "demo", NOW).unwrap();
    let nothing = (vec![], vec![]);
    assert_eq!(session.begin_telling(NOW, 0), nothing, "it is not known yet");
    session.finish(&confirm, &Ok(Answered::Done), NOW);
    let stored = |session: &Session| -> Session {
        serde_json::from_str(&serde_json::to_string(session).unwrap()).unwrap()
    };
    let mut woken = stored(&session);
    assert_eq!(woken.next_alarm(NOW), NOW);
    assert_eq!(woken.begin_telling(NOW, 0), (vec![(pull("p"), id("a"))], vec![]));
    assert_eq!(woken.begin_telling(NOW, 0), nothing, "the attempt is counted");
    let mut told = stored(&woken);
    told.told(&id("a"));
    assert_eq!(told.begin_telling(UnixMillis(i64::MAX), 0), nothing);
    // One that never learns of it is given up, and no alarm goes on for it.
    let (mut now, mut attempts) = (NOW, 1);
    loop {
        now = woken.next_alarm(now);
        let (due, given_up) = woken.begin_telling(now, 0);
        woken = stored(&woken);
        assert!(woken.next_alarm(now) > now);
        if given_up == [pull("p")] {
            break;
        }
        assert_eq!(due.len(), 1);
        attempts += 1;
    }
    assert_eq!(attempts, crate::retry::MAX_ATTEMPTS);
}

fn news(id: &str, revision: u64, status: &str) -> Notice {
    Notice {
        pull_id: pull(id),
        revision,
        status: Some(PullStatus::read(status)),
        auth: Some(AuthView {
            sequence: Some(revision),
            status: PullStatus::read(status),
            options: vec![IdentityOption { key: "sms".to_owned(), label: "Text 1234".to_owned() }],
            message: vec![Segment { text: "Locked.".to_owned(), href: None }],
        }),
        policies_available: false,
        complete: false,
        no_policies: None,
        policy_types: vec![],
        error: None,
        servicing: vec![Id::parse("action").unwrap()],
        events: BTreeMap::new(),
    }
}

/// A session whose login was taken and whose pull stands at `status`.
fn connected(status: &str) -> Session {
    let mut session = session();
    let login = login();
    ask(&mut session, &login).unwrap();
    session.finish(&login, &started("p"), NOW);
    session.notice(news("p", 1, status), NOW);
    session
}

fn refused() -> Result<Answered, CallError> {
    Err(CallError::Refused { status: 400, code: None })
}

#[test]
fn a_second_login_while_the_first_is_under_way_is_refused() {
    let mut session = session();
    assert_eq!(ask(&mut session, &login()).unwrap(), "/widget/pull/consentAndConnect");
    assert_eq!(ask(&mut session, &login()), Err(Code::ConnectInProgress));
}

#[test]
fn a_login_whose_answer_was_lost_is_never_sent_again() {
    let mut session = session();
    ask(&mut session, &login()).unwrap();
    session.finish(&login(), &Err(CallError::Unknown), NOW);
    assert_eq!(session.json()["phase"], "unknown");
    assert_eq!(ask(&mut session, &login()), Err(Code::ConnectOutcomeUnknown));
    session.notice(news("p", 1, "PULLING_DATA"), NOW);
    let view = session.json();
    assert_eq!((&view["phase"], &view["pull_id"]), (&json!("followed"), &json!("p")));
    assert_eq!((&view["answer_lost"], &view["status"]), (&json!(true), &json!("PULLING_DATA")));
    assert_eq!(ask(&mut session, &login()), Err(Code::ConnectOutcomeUnknown));
}

#[test]
fn webhooks_that_overtake_the_answer_are_not_lost() {
    for (answer, phase) in [(started("p"), "connected"), (Err(CallError::Unknown), "followed")] {
        let mut session = session();
        ask(&mut session, &login()).unwrap();
        session.notice(news("p", 1, "QUEUED"), NOW);
        assert_eq!(session.json()["phase"], "connecting");
        session.finish(&login(), &answer, NOW);
        assert_eq!(session.json()["phase"], phase);
        assert_eq!(session.json()["status"], "QUEUED");
    }
}

#[test]
fn an_object_restarted_during_the_call_has_lost_its_answer() {
    let mut session = session();
    ask(&mut session, &login()).unwrap();
    let stored = serde_json::to_string(&session).unwrap();
    let mut session: Session = serde_json::from_str(&stored).unwrap();
    let seen = session.json()["revision"].as_u64();
    session.resume(UnixMillis(NOW.0 + 1));
    assert_eq!(*session.phase(), Phase::Unknown);
    assert!(session.json()["revision"].as_u64() > seen);
}

#[test]
fn a_refused_login_may_be_tried_again() {
    let mut session = session();
    ask(&mut session, &login()).unwrap();
    session.finish(&login(), &refused(), NOW);
    assert_eq!(session.json()["phase"], "open");
    assert!(ask(&mut session, &login()).is_ok());
}

#[test]
fn each_prompt_is_answered_once_and_only_when_it_stands() {
    let code = Ask::IdentityCode(Secret::new("1"));
    let option = Ask::IdentityOption("sms".to_owned());
    let mut session = connected("IDENTITY_VERIFICATION_OPTIONS");
    assert_eq!(ask(&mut session, &code), Err(Code::StateConflict));
    assert_eq!(ask(&mut session, &option).unwrap(), "/widget/pull/p/idvoptions");
    session.finish(&option, &Ok(Answered::Done), NOW);
    assert_eq!(ask(&mut session, &option), Err(Code::AlreadyAnswered));
    session.notice(news("p", 2, "IDENTITY_VERIFICATION"), NOW);
    assert_eq!(ask(&mut session, &code).unwrap(), "/widget/pull/p/idv");
    session.finish(&code, &refused(), NOW);
    assert!(ask(&mut session, &code).is_ok());
    assert!(ask(&mut session, &option).is_ok(), "another code may be sent");
    session.finish(&option, &Ok(Answered::Done), NOW);
    assert!(ask(&mut session, &code).is_ok());
    session.finish(&code, &Ok(Answered::Done), NOW);
    assert_eq!(session.json()["prompt_answered"], true);
    assert_eq!(ask(&mut session, &code), Err(Code::AlreadyAnswered));
    session.notice(news("p", 3, "IDENTITY_VERIFICATION"), NOW);
    assert_eq!(session.json()["prompt_answered"], false);
    assert!(ask(&mut session, &code).is_ok());
}

#[test]
fn another_login_needs_a_refused_one() {
    let mut session = connected("PULLING_DATA");
    assert_eq!(ask(&mut session, &login()), Err(Code::StateConflict));
    let mut session = connected("NOT_AUTHENTICATED");
    assert_eq!(ask(&mut session, &login()).unwrap(), "/widget/pull/p/connect");
    session.finish(&login(), &Ok(Answered::Done), NOW);
    assert_eq!(ask(&mut session, &login()), Err(Code::AlreadyAnswered));
}

#[test]
fn a_servicing_action_is_answered_once() {
    let confirm = Ask::Confirm { action: id("action"), is_confirmed: true };
    let other = Ask::Confirm { action: id("other"), is_confirmed: true };
    for (answer, shown, again) in [
        (Ok(Answered::Done), json!("confirmed"), Err(Code::AlreadyAnswered)),
        (Err(CallError::Unknown), json!("unknown"), Err(Code::AlreadyAnswered)),
        (refused(), Value::Null, Ok("/widget/pull/p/servicingAction".to_owned())),
    ] {
        let mut session = connected("WAITING_FOR_CONSUMER_CONFIRMATION");
        assert_eq!(ask(&mut session, &other), Err(Code::StateConflict));
        assert!(ask(&mut session, &confirm).is_ok());
        assert_eq!(ask(&mut session, &confirm), Err(Code::AlreadyAnswered));
        session.finish(&confirm, &answer, NOW);
        assert_eq!(session.json()["servicing"][0]["answer"], shown);
        assert_eq!(ask(&mut session, &confirm), again);
    }
}

#[test]
fn older_news_changes_nothing() {
    let mut session = connected("PULLING_DATA");
    assert_eq!(session.notice(news("p", 5, "SUCCESS"), NOW), News::Lasting);
    assert_eq!(session.notice(news("p", 4, "PULLING_DATA"), NOW), News::None);
    assert_eq!(session.notice(news("p", 5, "PULLING_DATA"), NOW), News::None);
    assert_eq!(session.json()["status"], "SUCCESS");
    let fetched = Notice { no_policies: Some(true), ..news("p", 5, "SUCCESS") };
    assert_eq!(session.notice(fetched.clone(), NOW), News::Lasting);
    assert_eq!(session.notice(fetched, NOW), News::None);
    assert_eq!(session.json()["no_policies"], true);
}

#[test]
fn another_pull_never_takes_the_place_of_the_own_one() {
    let mut session = connected("PULLING_DATA");
    session.notice(news("other", 9, "SUCCESS"), NOW);
    assert_eq!(session.json()["pull_id"], "p");
}

#[test]
fn the_hosted_sdk_is_followed_to_its_latest_pull() {
    let mut session = session();
    session.notice(news("p", 1, "PROVIDER_ERROR"), NOW);
    session.notice(news("q", 1, "QUEUED"), NOW);
    session.notice(news("p", 2, "PROVIDER_ERROR"), NOW);
    assert_eq!(session.json()["pull_id"], "q");
}

#[test]
fn a_pull_that_was_only_heard_of_keeps_no_session_from_its_own() {
    for (mode, outcome) in [
        (Some(Mode::Hosted), Err(Code::StateConflict)),
        (Some(Mode::Components), Ok("/widget/pull/consentAndConnect".to_owned())),
        (None, Ok("/widget/pull/consentAndConnect".to_owned())),
    ] {
        let mut session = mode.map_or_else(session, session_of);
        session.notice(news("foreign", 1, "SUCCESS"), NOW);
        assert_eq!(session.json()["pull_id"].is_null(), mode == Some(Mode::Components), "{mode:?}");
        assert_eq!(ask(&mut session, &login()), outcome, "{mode:?}");
    }
    let mut session = session_of(Mode::Components);
    ask(&mut session, &login()).unwrap();
    for foreign in 0..50 {
        session.notice(news(&format!("foreign-{foreign}"), 1, "SUCCESS"), NOW);
    }
    session.finish(&login(), &started("own"), NOW);
    assert_eq!(session.notice(news("own", 1, "PULLING_DATA"), NOW), News::Lasting);
    for foreign in 50..99 {
        session.notice(news(&format!("foreign-{foreign}"), 1, "SUCCESS"), NOW);
    }
    assert_eq!(
        (&session.json()["pull_id"], &session.json()["status"]),
        (&json!("own"), &json!("PULLING_DATA"))
    );
}

#[test]
fn of_a_pull_that_was_only_heard_of_no_contacts_and_no_message_are_shown() {
    let mut followed = session_of(Mode::Hosted);
    followed.notice(news("p", 1, "IDENTITY_VERIFICATION_OPTIONS"), NOW);
    let own = connected("IDENTITY_VERIFICATION_OPTIONS");
    for (session, shown) in [(followed, 0), (own, 1)] {
        let auth = &session.json()["auth"];
        assert_eq!(auth["status"], "IDENTITY_VERIFICATION_OPTIONS");
        assert_eq!(
            (auth["options"].as_array().unwrap().len(), auth["message"].as_array().unwrap().len()),
            (shown, shown)
        );
    }
}

#[test]
fn a_session_asks_only_so_often() {
    let consent = Ask::read("consent", br#"{"terms_version":1,"consent_language":"x"}"#).unwrap().unwrap();
    for (asked, most) in [(consent, budget::MAX_CONSENTS), (login(), budget::MAX_LOGINS)] {
        let mut session = session();
        for _ in 0..most {
            ask(&mut session, &asked).unwrap();
            session.finish(&asked, &refused(), NOW);
        }
        assert_eq!(ask(&mut session, &asked), Err(Code::TooManyRequests));
    }
    let mut session = connected("IDENTITY_VERIFICATION");
    let code = Ask::IdentityCode(Secret::new("1"));
    let sent = (0..100).take_while(|_| ask(&mut session, &code).is_ok()).count();
    assert_eq!(sent, budget::MAX_ASKS as usize - 1);
    assert_eq!(ask(&mut session, &login()), Err(Code::TooManyRequests));
}

#[test]
fn a_reconnect_takes_over_its_pull() {
    let reconnect = Ask::Reconnect(Secret::new("token"));
    let mut session = session();
    assert_eq!(ask(&mut session, &reconnect).unwrap(), "/widget/pull/reconnectToken");
    session.finish(&reconnect, &started("p"), NOW);
    assert_eq!(session.json()["pull_id"], "p");
    assert_eq!(ask(&mut session, &reconnect), Err(Code::StateConflict));
}

#[test]
fn the_pull_of_a_reconnect_is_told_of_its_session_until_it_knows() {
    let mut session = session();
    assert_eq!(session.next_alarm(NOW), UnixMillis(3_600_000));
    let reconnect = Ask::Reconnect(Secret::new("token"));
    ask(&mut session, &reconnect).unwrap();
    session.finish(&reconnect, &started("p"), NOW);
    let stored = serde_json::to_string(&session).unwrap();
    let mut session: Session = serde_json::from_str(&stored).unwrap();
    assert_eq!(session.next_alarm(NOW), NOW);
    assert_eq!(session.begin_watch(NOW, 0), Some(pull("p")));
    assert_eq!(session.begin_watch(NOW, 0), None, "it is under way");
    let next = session.next_alarm(NOW);
    assert!(next > NOW && next < UnixMillis(10_000));
    assert_eq!(session.begin_watch(next, 0), Some(pull("p")));
    session.watched(&pull("p"));
    assert_eq!(session.begin_watch(UnixMillis(1_000_000), 0), None);
    let over = UnixMillis(3_600_000);
    assert!(session.is_expired(over) && session.next_alarm(over) == session.delete_at());
}

#[test]
fn the_page_sees_no_token() {
    let view = connected("IDENTITY_VERIFICATION").json().to_string();
    assert!(!view.contains("planted-jwt"));
}

/// A session as its object keeps it, and what its page is told.
const STORED: [&str; 2] = [
    r#"{"session_id":"s","expires_at":3600,"metadata":{},"phase":{"connected":{"pull_id":"p","pull_jwt":"planted-jwt"}},"pulls":[{"pull_id":"p","revision":3,"status":"IDENTITY_VERIFICATION","auth":{"sequence":3,"status":"IDENTITY_VERIFICATION","options":[{"key":"sms","label":"Text 1234"}],"message":[{"text":"Locked."}]},"policies_available":false,"complete":false,"no_policies":null,"policy_types":[],"error":null,"servicing":["action"]}],"track":{"seen":3,"taken":{"sequence":3,"status":"IDENTITY_VERIFICATION","options":[{"key":"sms","label":"Text 1234"}],"message":[{"text":"Locked."}]},"shown":{"sequence":3,"status":"IDENTITY_VERIFICATION","options":[{"key":"sms","label":"Text 1234"}],"message":[{"text":"Locked."}]},"turn":3,"answered":false,"asking":null,"last_answered":"IdentityCode","refused":true},"tracked":"p","login":{"carrier_id":"c","terms_version":1,"consent_language":"x"},"chosen_option":"sms","confirmations":{},"budget":{"asks":3,"logins":1,"consents":0},"revision":9,"updated_at":1000}"#,
    r#"{"session_id":"s","revision":9,"phase":"connected","answer_lost":false,"pull_id":"p","status":"IDENTITY_VERIFICATION","auth":{"sequence":3,"status":"IDENTITY_VERIFICATION","options":[{"key":"sms","label":"Text 1234"}],"message":[{"text":"Locked."}]},"prompt":3,"prompt_answered":false,"prompt_refused":true,"chosen_option":"sms","login":{"carrier_id":"c","terms_version":1,"consent_language":"x"},"policies_available":false,"complete":false,"no_policies":null,"policy_types":[],"error":null,"servicing":[{"servicing_action_id":"action","answer":null}],"expires_at":"1970-01-01T01:00:00.000Z","updated_at":"1970-01-01T00:00:01.000Z"}"#,
];

#[test]
fn a_stored_session_is_read_and_written_as_it_stands() {
    let [stored, view] = STORED;
    let session: Session = serde_json::from_str(stored).unwrap();
    assert_eq!(serde_json::to_string(&session).unwrap(), stored);
    assert_eq!(serde_json::to_string(&session.view()).unwrap(), view);
}

#[test]
fn what_is_only_passed_through_need_not_be_stored() {
    let mut session = connected("QUEUED");
    let mut hear = |revision, status, change: fn(&mut Notice)| {
        let mut notice = news("p", revision, status);
        change(&mut notice);
        session.notice(notice, NOW)
    };
    let same = |_: &mut Notice| {};
    assert_eq!(hear(2, "PROCESSING", same), News::Passing);
    assert_eq!(hear(3, "NOT_AUTHENTICATED", same), News::Lasting);
    assert_eq!(hear(4, "PROCESSING", same), News::Lasting, "nothing is asked any more");
    assert_eq!(
        hear(5, "PULLING_DATA", |notice| notice.policy_types = vec!["AUTO".to_owned()]),
        News::Passing
    );
    assert_eq!(hear(6, "PULLING_DATA", |notice| notice.policies_available = true), News::Lasting);
    assert_eq!(session.to_ask_again(), Some(&pull("p")));
    let complete = |revision| Notice { complete: true, ..news("p", revision, "SUCCESS") };
    assert_eq!(session.notice(complete(7), NOW), News::Lasting);
    assert_eq!(session.to_ask_again(), None, "nothing of it is forgotten any more");
    let late = Notice { policy_types: vec!["HOME".to_owned()], ..complete(8) };
    assert_eq!(session.notice(late.clone(), NOW), News::Lasting);
    assert_eq!(session.notice(Notice { revision: 9, ..late }, NOW), News::None);
}

#[test]
fn a_prompt_that_was_overtaken_in_passing_is_not_asked_again() {
    let mut session = connected("QUEUED");
    let mut hear = |revision, status| {
        let policies_available = revision > 2;
        session.notice(Notice { policies_available, ..news("p", revision, status) }, NOW)
    };
    assert_eq!(hear(2, "NOT_AUTHENTICATED"), News::Lasting);
    assert_eq!(hear(3, "QUEUED"), News::Lasting, "there are policies, and the prompt stands");
    assert_eq!(hear(4, "PROCESSING"), News::Lasting, "it is overtaken");
    assert_eq!(hear(5, "QUEUED"), News::Passing);
}

proptest! {
    /// Whatever an object forgets that is lost, once its pull told it again it knows what the page acts on, and the page
    /// takes that for newer than all that it saw.
    #[test]
    fn news_that_were_forgotten_are_made_up_for(steps in prop::collection::vec((0..9_usize, any::<bool>()), 1..40)) {
        const STATUSES: [&str; 8] = ["QUEUED", "PROCESSING", "NOT_AUTHENTICATED", "IDENTITY_VERIFICATION", "GETTING_CONSUMERS",
            "PULLING_DATA", "SUCCESS", "PROVIDER_ERROR"];
        let (mut kept, mut session) = (connected("QUEUED"), connected("QUEUED"));
        let (mut stored, mut newest, mut seen) = (session.clone(), news("p", 1, "QUEUED"), 0);
        let mut now = NOW;
        for (number, (step, policies_available)) in steps.into_iter().enumerate() {
            now = now.plus(10);
            if let Some(status) = STATUSES.get(step) {
                newest = Notice { policies_available, ..news("p", number as u64 + 2, status) };
                kept.notice(newest.clone(), now);
                if session.notice(newest.clone(), now) == News::Lasting {
                    stored = session.clone();
                }
            } else {
                session = stored.clone();
                session.notice(newest.clone(), now);
                let asked = |session: &Session| {
                    let view = session.view();
                    (view.prompt().is_some(), view.prompt_refused, view.status, view.policies_available, view.phase)
                };
                prop_assert_eq!(asked(&session), asked(&kept));
            }
            let revision = session.view().revision;
            prop_assert!(revision >= seen, "{} after {}", revision, seen);
            seen = revision;
        }
    }
}
