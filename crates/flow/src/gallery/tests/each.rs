//! What each template does and does not.

use serde_json::{Value as Json, json};

use super::{
    household::{asks, begun, complete, entry, intake, refreshed, renewal},
    play::{MORNING, Stage},
};
use crate::run::{Reason, Status, World};

const MINUTE: u64 = 60_000;

#[test]
fn a_model_is_told_no_name_address_birth_date_licence_or_number() {
    let played = Stage::of("chat-summary").ends_well("summarize", &complete());
    let prompt = played.calls[0].1.body.as_deref().unwrap();
    assert!(
        prompt.contains("Homeowners") && prompt.contains("Camaro"),
        "it is told what is insured: {prompt}"
    );
    let household = intake();
    let mut secret = Vec::new();
    for (part, columns) in [
        (
            "people",
            &[
                "first_name",
                "last_name",
                "full_name",
                "drivers_license",
                "date_of_birth",
                "email",
                "mobile_phone",
            ][..],
        ),
        ("policies", &["carrier_policy_number", "name", "policy_id"]),
        ("vehicles", &["vin", "lien_holder"]),
        ("addresses", &["street", "full_address", "zip"]),
        ("mortgagees", &["mortgage_loan_number"]),
    ] {
        let rows = household[part].as_array().unwrap().iter();
        secret.extend(rows.flat_map(|row| columns.iter().filter_map(|column| row[*column].as_str())));
    }
    for column in ["first_name", "last_name", "email", "phone", "work_phone", "date_of_birth"] {
        secret.extend(household["contact"][column].as_str());
    }
    assert!(secret.len() > 20);
    for text in secret.into_iter().filter(|text| !text.is_empty()) {
        assert!(!prompt.contains(text), "{text} stands in {prompt}");
    }
}

#[test]
fn a_summary_waits_for_its_approval_and_goes_to_the_consumer_once() {
    let stage = Stage::of("summary-pdf");
    let played = stage.ends_well("summary", &complete());
    assert_eq!(played.paths(), ["approval_of_it.ask_resend", "mail_resend"]);
    let bodies: Vec<Json> = played
        .calls
        .iter()
        .map(|(_, it)| serde_json::from_str(it.body.as_deref().unwrap()).unwrap())
        .collect();
    assert_eq!(
        (&bodies[0]["to"], &bodies[1]["to"]),
        (&json!(["agent@agency.example"]), &json!(["clark.kent@theplanet.com"]))
    );
    assert_eq!(bodies[1]["cc"], json!(["agent@agency.example"]));
    assert!(bodies[0]["text"].as_str().unwrap().contains("https://edge.agency.example/approvals/"));
    assert!(bodies[1]["attachments"][0]["content"].as_str().unwrap().starts_with("JVBERi"), "a PDF");
    let refused = Stage { approves: false, ..stage }.play("summary", &complete());
    assert_eq!((refused.ended.status, refused.ended.reason), (Status::Stopped, Some(Reason::NotApproved)));
    assert_eq!(refused.paths(), ["approval_of_it.ask_resend"]);
    let mut world = complete();
    let stage = Stage::of("summary-pdf");
    world.pull.as_mut().unwrap()["own"] = json!({ "SUMMARY_SENT": { "position": 9, "data": {} } });
    assert!(!stage.starts("summary", &world), "it was sent before");
    let mut world = complete();
    world.pull.as_mut().unwrap()["initial_pull_id"] = json!("another");
    assert!(!stage.starts("summary", &world), "a refresh");
    assert!(stage.with(json!({ "refreshes": true })).starts("summary", &world));
}

#[test]
fn a_renewal_is_told_by_day_and_once_for_each_policy_and_term() {
    let stage = Stage::of("renewal-reminders");
    let played = stage.ends_well("remind", &renewal());
    assert_eq!(played.minutes, 0);
    assert!(played.bodies().contains("Your auto policy renews on March 1, 2023"), "{}", played.bodies());
    assert!(played.bodies().contains("%2B18885550000"), "{}", played.bodies());
    let reminded = json!([{ "policy_id": "pol-1", "day": "2023-03-01" }]);
    assert_eq!(played.written, [("RENEWAL_REMINDED".to_owned(), json!({ "reminded": reminded }))]);
    let mut world = renewal();
    world.pull.as_mut().unwrap()["own"] =
        json!({ "RENEWAL_REMINDED": { "position": 9, "data": { "reminded": reminded } } });
    assert!(!stage.starts("remind", &world));
    world.event.as_mut().unwrap()["data"]["policy_id"] = json!("pol-2");
    assert!(stage.starts("remind", &world));
    let both = stage.ends_well("remind", &world).written[0].1["reminded"].as_array().unwrap().len();
    assert_eq!(both, 2, "what was told of others is kept");
    // Half past midnight in New York.
    let night = Stage { now: MORNING.plus(14 * 60 * MINUTE + 30 * MINUTE), ..Stage::of("renewal-reminders") };
    assert_eq!(night.ends_well("remind", &renewal()).minutes, 8 * 60 + 30);
    // Eight in the evening.
    let evening = Stage { now: MORNING.plus(10 * 60 * MINUTE), ..Stage::of("renewal-reminders") };
    assert_eq!(evening.ends_well("remind", &renewal()).minutes, 13 * 60);
}

#[test]
fn a_new_pull_is_told_of_at_its_beginning_and_its_end_or_when_it_waits() {
    let ends = |event_type: &str, after: u64| {
        let log = vec![(MORNING.plus(after * MINUTE), entry(7, event_type, json!(null)))];
        Stage { log, ..Stage::of("new-pull-alerts") }.ends_well("alert", &begun())
    };
    let played = ends("COMPLETE", 20);
    assert_eq!(played.paths(), ["begun_slack", "hours[0].over.ended_slack"]);
    assert!(
        played
            .bodies()
            .contains("A pull is complete (lead_id L-77). https://crm.agency.example/pulls?id=59ced597"),
        "{}",
        played.bodies()
    );
    assert!(ends("ERROR", 70).bodies().contains("A pull failed"));
    assert_eq!(ends("COMPLETE", 200).paths(), ["begun_slack", "waiting_slack", "late_slack"]);
    let never = Stage::of("new-pull-alerts").play("alert", &begun());
    assert_eq!((never.paths(), never.ended.status), (vec!["begun_slack", "waiting_slack"], Status::Stopped));
    let mut later = begun();
    later.event.as_mut().unwrap()["position"] = json!(2);
    assert!(!Stage::of("new-pull-alerts").starts("alert", &later));
}

#[test]
fn monitoring_follows_the_policies_and_is_never_switched_twice() {
    let monitorings =
        |status: &str| json!({ "monitorings": [{ "monitoring_id": "monitoring-1", "status": status }] });
    let switched = |is_active: bool, known: Json, was: Option<bool>| {
        let mut stage = Stage::of("monitoring-switch");
        stage.rows = vec![(
            "SELECT line",
            if is_active {
                json!([{ "line": "home", "expires": "none" }, { "line": "life", "expires": "none" }])
            } else {
                json!([{ "line": "life", "expires": "none" }])
            },
        )];
        stage.canopy = vec![("get-monitorings", known)];
        let mut world = complete();
        if let Some(was) = was {
            world.pull.as_mut().unwrap()["own"] =
                json!({ "MONITORING_SWITCHED": { "position": 5, "data": { "on": was } } });
        }
        let played = stage.ends_well("switch", &world);
        let asked: Vec<_> = played.asked.iter().skip(1).map(|(operation, _)| *operation).collect();
        (asked, played.written.into_iter().map(|(_, data)| data["on"].clone()).collect::<Vec<_>>())
    };
    let none = || json!({ "monitorings": [] });
    assert_eq!(switched(true, none(), None), (vec!["post-monitoring"], vec![json!(true)]));
    assert_eq!(switched(true, monitorings("ACTIVE"), None), (vec![], vec![]));
    assert_eq!(switched(true, monitorings("STOPPED"), None), (vec![], vec![]), "somebody stopped it");
    assert_eq!(
        switched(true, monitorings("STOPPED"), Some(false)),
        (vec!["patch-monitoring"], vec![json!(true)])
    );
    assert_eq!(
        switched(false, monitorings("ACTIVE"), Some(true)),
        (vec!["delete-monitoring"], vec![json!(false)])
    );
    assert_eq!(switched(false, monitorings("STOPPED"), Some(false)), (vec![], vec![]));
    let more = vec![(MORNING.plus(MINUTE), entry(5, "EDGE_POLICY_EXPIRED", json!({})))];
    let superseded = Stage { log: more, ..Stage::of("monitoring-switch") }.ends_well("switch", &complete());
    assert!(superseded.asked.is_empty(), "a later entry decides");
}

#[test]
fn thresholds_are_thresholds() {
    let told =
        |values: Json| Stage::of("threshold-alerts").with(values).ends_well("changes", &refreshed()).bodies();
    let both = told(json!({}));
    assert!(both.contains("Premium up from $514.00 to $621.00 (20 percent)"), "{both}");
    assert!(both.contains("Limit per person lowered from $100,000.00 to $50,000.00"), "{both}");
    assert!(both.contains("https://crm.agency.example/pulls?id=59ced597"), "{both}");
    assert!(!told(json!({ "percent": 21 })).contains("Premium"));
    assert!(!told(json!({ "limits": false })).contains("Limit"));
    assert_eq!(told(json!({ "percent": 21, "limits": false })), "");
    let waiting = |values: Json| {
        Stage::of("threshold-alerts").with(values).ends_well("waiting", &World::default()).bodies()
    };
    assert!(
        waiting(json!({})).contains("RECONNECT, for 30 hours: https://crm.agency.example/pulls?id=59ced597")
    );
    assert_eq!(waiting(json!({ "kinds": ["DELIVERY"] })), "");
}

#[test]
fn nudges_come_again_until_the_consumer_is_back() {
    let nudged = |stage: Stage| {
        let played = stage.ends_well("nudge", &asks());
        (
            played.written.into_iter().map(|(_, data)| data["time"].clone()).collect::<Vec<_>>(),
            played.minutes / (24 * 60),
        )
    };
    let stage = || Stage::of("reconnect-nudge").with(json!({ "times": 3, "days": 2 }));
    assert_eq!(nudged(stage()), (vec![json!(1), json!(2), json!(3)], 4));
    let back = vec![(MORNING.plus(3 * 24 * 60 * MINUTE), entry(9, "COMPLETE", json!(null)))];
    assert_eq!(nudged(Stage { log: back, ..stage() }), (vec![json!(1), json!(2)], 3));
    let mut stopped = stage();
    stopped.canopy[1].1["monitoring"]["status"] = json!("STOPPED");
    assert_eq!(nudged(stopped), (vec![], 0));
    let played = stage().ends_well("nudge", &asks());
    assert!(
        played.bodies().contains("https%3A%2F%2Fapp.example%2Fc%2Fnew"),
        "the fresh link: {}",
        played.bodies()
    );
}

#[test]
fn a_report_has_the_rows_of_the_book_and_may_stay_away() {
    let played = Stage::of("book-report").ends_well("report", &World::default());
    let body: Json = serde_json::from_str(played.calls[0].1.body.as_deref().unwrap()).unwrap();
    assert!(body["text"].as_str().unwrap().contains("1 policies expire before 2023-02-27"), "{body}");
    assert!(body["text"].as_str().unwrap().contains("statefarm: 2, $1,234.56 a year"), "{body}");
    assert_eq!(body["attachments"][0]["filename"], "expiring-2023-01-13.csv");
    let mut empty = Stage::of("book-report").with(json!({ "send_empty": false }));
    empty.rows.iter_mut().for_each(|(_, rows)| *rows = json!([]));
    assert!(empty.ends_well("report", &World::default()).calls.is_empty());
}
