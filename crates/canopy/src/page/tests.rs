use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Milestone, Page, Purpose, Screen};
use crate::{
    auth::AuthView,
    id::{Id, PullId, SessionId},
    session::{Mode, PhaseName, SessionView},
    status::PullStatus,
};

fn id(text: &str) -> Id {
    Id::parse(text).unwrap()
}

pub(super) fn view(revision: u64, change: &Value) -> SessionView {
    let mut view = json!({"session_id": "s", "revision": revision, "phase": "connected", "answer_lost": false,
        "pull_id": "p", "status": null, "auth": null, "prompt": 0, "prompt_answered": false, "prompt_refused": false,
        "chosen_option": null, "login": {"carrier_id": "usaa", "terms_version": 1, "consent_language": "I agree"},
        "policies_available": false, "complete": false, "no_policies": null, "policy_types": [], "error": null, "servicing": [],
        "expires_at": "", "updated_at": ""});
    for (name, value) in change.as_object().unwrap() {
        view[name] = value.clone();
    }
    serde_json::from_value(view).unwrap()
}

pub(super) fn auth(status: &str) -> Value {
    json!({"sequence": 1, "status": status, "options": [{"key": "sms", "label": "Text"}, {"key": "call", "label": "Call"}],
        "message": []})
}

pub(super) fn name(screen: &Screen) -> String {
    serde_json::to_value(screen).unwrap()["name"].as_str().unwrap().to_owned()
}

/// The screen of a page in Components mode that has taken this view.
fn shown(change: &Value) -> Value {
    shown_for(Purpose::Login(Mode::Components), change)
}

/// The screen of a page for this purpose that has taken this view.
pub(super) fn shown_for(purpose: Purpose, change: &Value) -> Value {
    let mut page = Page::new(purpose);
    page.take(view(1, change));
    serde_json::to_value(page.screen()).unwrap()
}

#[test]
fn the_way_to_a_first_login_is_consent_then_carrier_then_credentials() {
    let mut page = Page::new(Purpose::Login(Mode::Components));
    assert_eq!(name(&page.screen()), "consent");
    page.agree();
    assert_eq!(name(&page.screen()), "carriers");
    page.choose_carrier(Some(id("usaa")));
    assert_eq!(serde_json::to_value(page.screen()).unwrap()["carrierId"], "usaa");
    page.choose_carrier(None);
    assert_eq!(name(&page.screen()), "carriers");
    assert_eq!(name(&Page::new(Purpose::Login(Mode::Hosted)).screen()), "start");
    assert_eq!(name(&Page::new(Purpose::Reconnect(Mode::Components)).screen()), "start");
}

#[test]
fn a_company_that_is_not_listed_leads_to_documents_and_back() {
    let mut page = Page::new(Purpose::Login(Mode::Components));
    page.not_listed(true);
    assert_eq!(name(&page.screen()), "consent", "consent comes first");
    page.agree();
    let screen = serde_json::to_value(page.screen()).unwrap();
    let expected = json!({"name": "upload", "allowed": true, "busy": false, "problem": null});
    assert_eq!(screen, expected);
    page.begin();
    page.refuse("FILE_TOO_LARGE");
    assert_eq!(serde_json::to_value(page.screen()).unwrap()["problem"], "FILE_TOO_LARGE");
    page.begin();
    page.refuse("UPLOAD_CANCELLED");
    assert_eq!(serde_json::to_value(page.screen()).unwrap(), expected, "who cancels is told nothing");
    page.begin();
    page.take(view(1, &json!({"phase": "connecting", "uploaded": true, "login": null})));
    assert_eq!(name(&page.screen()), "upload", "the files stay to be seen");
    page.take(view(2, &json!({"phase": "open", "login": null})));
    page.refuse("DOCUMENT_UPLOAD_DISABLED");
    assert_eq!(serde_json::to_value(page.screen()).unwrap()["problem"], "DOCUMENT_UPLOAD_DISABLED");
    page.choose_carrier(None);
    assert_eq!(name(&page.screen()), "carriers");
    page.not_listed(false);
    assert_eq!(serde_json::to_value(page.screen()).unwrap()["allowed"], false);
    page.choose_carrier(Some(id("usaa")));
    assert_eq!(name(&page.screen()), "credentials");
    page.not_listed(true);
    page.take(view(3, &json!({"auth": auth("NOT_AUTHENTICATED"), "prompt": 1})));
    assert_eq!(serde_json::to_value(page.screen()).unwrap()["allowed"], false, "the session has its pull");
}

#[test]
fn who_has_sent_documents_is_done_and_nothing_is_claimed_of_them() {
    let upload = |change: Value| {
        let mut uploaded = json!({"uploaded": true, "login": null});
        uploaded.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        shown(&uploaded)
    };
    for (change, step) in [
        (json!({"phase": "connecting"}), "connecting"),
        (json!({"phase": "unknown", "answer_lost": true}), "uncertain"),
    ] {
        assert_eq!(upload(change)["step"], step);
    }
    let done = json!({"name": "done", "policyTypes": [], "confirmations": []});
    assert_eq!(upload(json!({})), done);
    assert_eq!(upload(json!({"phase": "followed", "answer_lost": true})), done);
    assert_eq!(upload(json!({"complete": true, "no_policies": true})), done);
    assert_eq!(upload(json!({"complete": true, "policy_types": ["AUTO"]}))["policyTypes"], json!(["AUTO"]));
    assert_eq!(upload(json!({"error": "INTERNAL_ERROR"}))["name"], "failed");
    let mut page = Page::new(Purpose::Login(Mode::Components));
    page.take(view(1, &json!({"uploaded": true, "complete": true, "policies_available": true})));
    assert_eq!(
        page.milestones(),
        [Milestone::PoliciesAvailable, Milestone::Complete],
        "nobody has signed in"
    );
}

#[test]
fn each_status_has_its_screen() {
    for (status, name) in [
        ("QUEUED", "waiting"),
        ("BRAND_NEW", "waiting"),
        ("NOT_AUTHENTICATED", "credentials"),
        ("IDENTITY_VERIFICATION_OPTIONS", "identity-option"),
        ("IDENTITY_VERIFICATION", "identity-code"),
        ("GETTING_CONSUMERS", "waiting"),
        ("SUCCESS", "waiting"),
        ("PROVIDER_ERROR", "failed"),
    ] {
        assert_eq!(shown(&json!({"auth": auth(status), "prompt": 1}))["name"], name, "{status}");
    }
    assert_eq!(shown(&json!({"complete": true, "policy_types": ["AUTO"]}))["policyTypes"], json!(["AUTO"]));
    assert_eq!(shown(&json!({"auth": auth("SUCCESS"), "error": "INTERNAL_ERROR"}))["name"], "failed");
}

#[test]
fn a_choice_without_anything_to_choose_waits_for_the_next_status() {
    let mut options = auth("IDENTITY_VERIFICATION_OPTIONS");
    options["options"] = json!([]);
    assert_eq!(shown(&json!({"auth": options, "prompt": 1}))["step"], "verifying");
}

#[test]
fn an_answer_is_under_way_or_refused_or_neither() {
    let mut page = Page::new(Purpose::Login(Mode::Components));
    page.take(view(1, &json!({"auth": auth("IDENTITY_VERIFICATION"), "prompt": 1})));
    let reply = |page: &mut Page| {
        let screen = serde_json::to_value(page.screen()).unwrap();
        (screen["busy"].clone(), screen["problem"].clone())
    };
    assert_eq!(reply(&mut page), (json!(false), Value::Null));
    page.begin();
    assert_eq!(reply(&mut page), (json!(true), Value::Null));
    page.refuse("CANOPY_REFUSED");
    assert_eq!(reply(&mut page), (json!(false), json!("CANOPY_REFUSED")));
    page.succeed();
    assert_eq!(reply(&mut page), (json!(false), json!("CANOPY_REFUSED")), "another answer's end");
    page.retry();
    assert_eq!(reply(&mut page), (json!(false), Value::Null));
}

#[test]
fn an_answered_prompt_waits() {
    let change = json!({"auth": auth("IDENTITY_VERIFICATION"), "prompt": 2, "prompt_answered": true});
    assert_eq!(shown(&change)["step"], "verifying");
}

#[test]
fn another_way_to_get_a_code_is_offered_until_it_is_chosen() {
    let mut page = Page::new(Purpose::Login(Mode::Components));
    page.take(view(1, &json!({"auth": auth("IDENTITY_VERIFICATION"), "prompt": 2, "chosen_option": "sms"})));
    let screen = serde_json::to_value(page.screen()).unwrap();
    assert_eq!((&screen["canResend"], &screen["canChange"]), (&json!(true), &json!(true)));
    page.change_option();
    assert_eq!(name(&page.screen()), "identity-option");
    let another = json!({"auth": auth("IDENTITY_VERIFICATION"), "prompt": 3, "chosen_option": "sms"});
    page.take(view(2, &another));
    assert_eq!(name(&page.screen()), "identity-option", "a code that was sent meanwhile is in nobody's way");
    page.succeed();
    assert_eq!(name(&page.screen()), "identity-option", "nor is the end of its being sent");
    page.choose_option();
    page.begin();
    assert_eq!(name(&page.screen()), "identity-option", "what is under way is shown where it was begun");
    page.refuse("CANOPY_UNREACHABLE");
    let screen = serde_json::to_value(page.screen()).unwrap();
    assert_eq!(
        (&screen["name"], &screen["problem"]),
        (&json!("identity-option"), &json!("CANOPY_UNREACHABLE"))
    );
    page.begin();
    page.succeed();
    assert_eq!(name(&page.screen()), "identity-option", "an answer that was no choice leaves it open");
    page.choose_option();
    page.begin();
    page.succeed();
    assert_eq!(name(&page.screen()), "identity-code");
}

#[test]
fn a_servicing_action_is_confirmed_by_the_page_that_may_speak() {
    let servicing = json!([{"servicing_action_id": "a", "answer": "confirmed"}, {"servicing_action_id": "b", "answer": null}]);
    let waits = json!({"auth": auth("SERVICING"), "servicing": servicing});
    assert_eq!(shown(&waits)["actionId"], "b");
    let mut followed = waits.clone();
    followed["phase"] = json!("followed");
    assert_eq!(shown(&followed)["name"], "waiting");
}

#[test]
fn a_lost_answer_is_never_asked_for_again() {
    assert_eq!(shown(&json!({"phase": "unknown", "answer_lost": true}))["step"], "uncertain");
    let followed = json!({"phase": "followed", "answer_lost": true, "auth": auth("IDENTITY_VERIFICATION")});
    assert_eq!(shown(&followed)["code"], "ANSWER_LOST");
    let done = json!({"phase": "followed", "answer_lost": true, "complete": true, "no_policies": false});
    assert_eq!(shown(&done)["name"], "done");
}

#[test]
fn that_policies_have_come_is_said_only_when_it_is_known() {
    let complete = |no_policies: Value, policy_types: Value| {
        shown(&json!({"complete": true, "no_policies": no_policies, "policy_types": policy_types,
            "servicing": [{"servicing_action_id": "a", "answer": "confirmed"}]}))
    };
    let unknown = complete(Value::Null, json!([]));
    assert_eq!((&unknown["step"], &unknown["mayLeave"]), (&json!("reading-documents"), &json!(true)));
    assert_eq!(complete(json!(false), json!([]))["name"], "done");
    assert_eq!(complete(Value::Null, json!(["AUTO"]))["name"], "done", "one was announced");
    let none = complete(json!(true), json!([]));
    assert_eq!((&none["name"], &none["confirmations"]), (&json!("no-policies"), &json!(["confirmed"])));
}

#[test]
fn a_session_that_asked_too_often_is_started_over_and_one_that_cannot_be_opened_waits() {
    let mut page = Page::new(Purpose::Login(Mode::Components));
    page.refuse("TOO_MANY_REQUESTS");
    assert_eq!(serde_json::to_value(page.screen()).unwrap()["problem"], "TOO_MANY_REQUESTS");
    page.take(view(1, &json!({"auth": auth("IDENTITY_VERIFICATION"), "prompt": 1})));
    page.refuse("TOO_MANY_REQUESTS");
    assert_eq!(serde_json::to_value(page.screen()).unwrap()["recovery"], "start-over");
}

#[test]
fn a_hosted_window_that_says_nothing_is_named_until_it_speaks_or_closes() {
    let mut page = Page::new(Purpose::Login(Mode::Hosted));
    page.set_silent(true);
    assert_eq!(name(&page.screen()), "start", "there is no window");
    page.set_hosted(true);
    page.set_silent(true);
    assert_eq!(page.screen(), Screen::Hosted { problem: Some("SCRIPT_FAILED".to_owned()) });
    page.set_silent(false);
    assert_eq!(page.screen(), Screen::Hosted { problem: None });
    page.set_silent(true);
    page.set_hosted(false);
    assert_eq!(name(&page.screen()), "start");
    page.set_hosted(true);
    assert!(!page.is_silent());
}

#[test]
fn an_older_view_changes_nothing() {
    let mut page = Page::new(Purpose::Login(Mode::Components));
    assert!(page.take(view(5, &json!({"auth": auth("SUCCESS")}))));
    let screen = page.screen();
    for revision in [4, 5] {
        assert!(!page.take(view(revision, &json!({"auth": auth("NOT_AUTHENTICATED")}))));
        assert_eq!(page.screen(), screen);
    }
}

#[test]
fn what_the_edge_refuses_is_told_where_it_helps() {
    let mut page = Page::new(Purpose::Login(Mode::Components));
    page.take(view(1, &json!({"auth": auth("IDENTITY_VERIFICATION"), "prompt": 1})));
    let mut after = |code: &str| {
        page.retry();
        page.begin();
        page.refuse(code);
        serde_json::to_value(page.screen()).unwrap()
    };
    assert_eq!(after("CANOPY_REFUSED")["problem"], "CANOPY_REFUSED");
    assert_eq!(after("EDGE_UNREACHABLE")["problem"], "EDGE_UNREACHABLE");
    assert_eq!(after("ALREADY_ANSWERED")["problem"], Value::Null);
    assert_eq!(after("SESSION_EXPIRED")["recovery"], "start-over");
    assert_eq!(after("ORIGIN_NOT_ALLOWED")["recovery"], "none");
}

#[test]
fn each_milestone_is_announced_once_a_pull() {
    let mut page = Page::new(Purpose::Login(Mode::Components));
    page.take(view(1, &json!({"auth": auth("GETTING_CONSUMERS")})));
    assert_eq!(page.milestones(), [Milestone::Authenticated]);
    page.take(view(2, &json!({"auth": auth("SUCCESS"), "policies_available": true, "complete": true})));
    assert_eq!(page.milestones(), [Milestone::PoliciesAvailable, Milestone::Complete]);
    assert_eq!(page.milestones(), []);
    page.take(view(3, &json!({"pull_id": "q", "auth": auth("SUCCESS")})));
    assert_eq!(page.milestones(), [Milestone::Authenticated]);
    page.take(view(4, &json!({"pull_id": "r", "auth": auth("PROVIDER_ERROR")})));
    assert_eq!(page.milestones(), []);
}

#[test]
fn a_success_that_the_hosted_sdk_reports_first_is_not_announced_again() {
    let mut page = Page::new(Purpose::Login(Mode::Hosted));
    page.authenticate();
    assert_eq!(page.milestones(), [Milestone::Authenticated]);
    page.take(view(1, &json!({"phase": "followed", "auth": auth("SUCCESS")})));
    assert_eq!(page.milestones(), []);
}

#[test]
fn a_complete_pull_is_settled_unless_another_one_is_being_made() {
    let mut page = Page::new(Purpose::Login(Mode::Hosted));
    page.take(view(1, &json!({"phase": "followed", "auth": auth("SUCCESS"), "policies_available": true})));
    assert!(!page.is_settled(), "the views are still to come");
    page.take(view(2, &json!({"phase": "followed", "complete": true})));
    assert!(page.is_settled());
    page.set_hosted(true);
    assert!(!page.is_settled());
}

#[test]
fn the_hosted_window_hides_what_it_asks_for_itself() {
    let mut page = Page::new(Purpose::Login(Mode::Hosted));
    page.set_hosted(true);
    page.take(view(1, &json!({"phase": "followed", "auth": auth("NOT_AUTHENTICATED"), "prompt": 1})));
    assert_eq!(page.screen(), Screen::Hosted { problem: None });
    page.set_hosted(false);
    assert_eq!(name(&page.screen()), "start");
}

proptest! {
    #[test]
    fn progress_never_gets_less(statuses in prop::collection::vec(prop::sample::select(&[
        "QUEUED", "PROCESSING", "NOT_AUTHENTICATED", "IDENTITY_VERIFICATION", "GETTING_CONSUMERS", "PULLING_DATA", "SUCCESS",
    ][..]), 1..20)) {
        let mut page = Page::new(Purpose::Login(Mode::Components));
        let mut before = 0.0;
        for (revision, status) in (1..).zip(statuses) {
            page.take(view(revision, &json!({"auth": auth(status), "prompt": revision})));
            if let Screen::Waiting { progress, .. } = page.screen() {
                prop_assert!(progress >= before);
                before = progress;
            }
        }
    }
}

/// Edge and page together: whatever order the notices come in, the page's screen only goes back where it may.
mod with_the_edges_session {
    use super::*;
    use crate::{
        api::{PullJwt, Started},
        secret::Secret,
        session::{Answered, Ask, Notice, Session, Settings},
        time::{UnixMillis, UnixSeconds},
    };

    fn notice(revision: u64, sequence: u64, status: &str) -> Notice {
        let auth = AuthView {
            sequence: Some(sequence),
            status: PullStatus::read(status),
            options: vec![],
            message: vec![],
        };
        let view = crate::pull::State::default().view();
        Notice { auth: Some(auth), ..Notice::new(PullId::parse("p").unwrap(), revision, view) }
    }

    fn connected() -> Session {
        let mut session = Session::open(
            SessionId::parse("s").unwrap(),
            Settings::default(),
            UnixSeconds(3_600),
            UnixMillis(0),
        );
        let login =
            json!({"carrier_id": "c", "username": "token", "terms_version": 1, "consent_language": "x"});
        let ask = Ask::read("connect", login.to_string().as_bytes()).unwrap().unwrap();
        session.begin(&ask, "192.0.2.1", "demo", UnixMillis(0)).unwrap();
        let started = Started { pull_id: PullId::parse("p").unwrap(), pull_jwt: PullJwt(Secret::new("jwt")) };
        session.finish(&ask, &Ok(Answered::Started(started)), UnixMillis(0));
        session
    }

    proptest! {
        #[test]
        fn no_screen_goes_back_unless_it_may(
            events in prop::collection::vec((1..40u64, 0..20u64, prop::sample::select(&[
                "QUEUED", "PROCESSING", "NOT_AUTHENTICATED", "IDENTITY_VERIFICATION_OPTIONS", "IDENTITY_VERIFICATION",
                "GETTING_CONSUMERS", "PULLING_DATA", "SUCCESS", "BRAND_NEW",
            ][..])), 1..30),
            late in prop::collection::vec(any::<prop::sample::Index>(), 0..10),
        ) {
            let mut session = connected();
            let mut page = Page::new(Purpose::Login(Mode::Components));
            let mut views = vec![session.view()];
            for (revision, sequence, status) in events {
                session.notice(notice(revision, sequence, status), UnixMillis(0));
                views.push(session.view());
            }
            let mut furthest = 0;
            for (position, view) in views.iter().enumerate() {
                page.take(view.clone());
                for late in &late {
                    page.take(views[late.index(position + 1)].clone());
                }
                let Some(auth) = page.view().unwrap().auth.clone() else { continue };
                prop_assert!(auth.status.progress() >= furthest || auth.status.question().is_some());
                furthest = auth.status.progress();
            }
            prop_assert_eq!(page.view().unwrap().phase, PhaseName::Connected);
        }
    }
}
