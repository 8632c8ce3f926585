//! What becomes of pulls in the book, and what it takes for a question.

use canopy::{
    problem::Code,
    pull::{State, View},
};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::{day::Day, model::Model, tables::LINES, tests::published};

fn of(pull: &Value) -> Vec<Entry> {
    entries(&Model::of(&json!({ "pull": pull }).to_string()).unwrap())
}

fn of_policy(policy: Value) -> Entry {
    let mut policy = policy;
    policy["policy_id"] = json!("p-1");
    of(&json!({"insurance_provider_name": "StateFarm", "policies": [policy]})).remove(0)
}

#[test]
fn a_published_pull_has_its_policies_in_the_book_and_nobody() {
    for pull in published() {
        let entries = of(&pull["pull"]);
        let policies = pull["pull"]["policies"].as_array().unwrap();
        assert_eq!(entries.len(), policies.len());
        for (entry, policy) in entries.iter().zip(policies) {
            assert_eq!(json!(entry.policy_type), policy["policy_type"]);
            assert_eq!(json!(entry.status), policy["status"]);
            assert_eq!(json!(entry.carrier), policy["carrier_name"]);
            assert_eq!(json!(entry.total_premium_cents), policy["total_premium_cents"]);
            assert_eq!(entry.expiry_date.as_deref(), policy["expiry_date"].as_str().map(|day| &day[..10]));
            assert!(entry.line.is_some() && entry.is_held);
        }
        let text = serde_json::to_string(&entries).unwrap();
        let of_pull = ["first_name", "last_name", "account_email", "phone", "account_identifier"];
        let secrets = of_pull.iter().map(|name| &pull["pull"][*name]);
        let secrets =
            secrets.chain(policies.iter().flat_map(|it| [&it["carrier_policy_number"], &it["name"]]));
        for secret in secrets.filter_map(Value::as_str) {
            assert!(!text.contains(secret), "{secret}");
        }
    }
}

#[test]
fn words_are_normalized_and_what_could_be_somebodys_is_left_out() {
    let entry = of_policy(
        json!({"status": "pending cancellation", "policy_type": "Workers-Compensation", "state": "ca"}),
    );
    assert_eq!(entry.status.as_deref(), Some("PENDING_CANCELLATION"));
    assert_eq!(
        (entry.policy_type.as_deref(), entry.line),
        (Some("WORKERS_COMPENSATION"), Some("commercial"))
    );
    assert_eq!((entry.state.as_deref(), entry.carrier.as_deref()), (Some("CA"), Some("statefarm")));
    let entry = of_policy(json!({"status": "Later One", "carrier_name": "Acme Mutual"}));
    assert_eq!((entry.status.as_deref(), entry.carrier.as_deref()), (Some("LATER_ONE"), Some("acme mutual")));
    let entry =
        of_policy(json!({"status": "clark@planet.example", "state": "12 Main Street", "policy_type": "Ä",
        "carrier_name": "é", "total_premium_cents": 1_000_000_000_001_i64, "expiry_date": "soon"}));
    let nothing = Entry { policy_id: "p-1".to_owned(), is_held: true, ..NOTHING };
    assert_eq!(entry, nothing);
}

const NOTHING: Entry = Entry {
    policy_id: String::new(),
    line: None,
    policy_type: None,
    carrier: None,
    status: None,
    effective_date: None,
    expiry_date: None,
    total_premium_cents: None,
    annualized_premium_cents: None,
    state: None,
    is_held: false,
};

#[test]
fn an_account_has_a_line_unless_its_policy_is_over() {
    for (status, is_held) in [
        (Value::Null, true),
        (json!("ACTIVE"), true),
        (json!("UNVERIFIED"), true),
        (json!("PENDING_CANCELLATION"), true),
        (json!("LATER"), true),
        (json!("expired"), false),
        (json!("CANCELLED"), false),
        (json!("RESCINDED"), false),
        (json!("QUOTE"), false),
    ] {
        assert_eq!(of_policy(json!({ "status": status })).is_held, is_held, "{status}");
    }
}

#[test]
fn each_id_stands_once_and_a_pull_has_so_many() {
    let ids = |policies: Value| of(&json!({ "policies": policies })).len();
    assert_eq!(
        ids(json!([{"policy_id": "a"}, {"policy_id": "a"}, {"policy_id": "a/b"}, {}, {"policy_id": 7}])),
        2
    );
    let many: Vec<Value> = (0..MAX_ENTRIES + 5).map(|id| json!({"policy_id": format!("p-{id}")})).collect();
    assert_eq!(ids(many.into()), MAX_ENTRIES);
}

#[test]
fn a_pull_without_policies_counts_where_there_are_none() {
    let mut view = State::default().view();
    let (some, none) =
        (json!({"policies": [{"policy_id": "a"}]}), json!({"no_policies": true, "policies": []}));
    let known = |pull: &Value, view: &View| {
        known(&Model::of(&json!({ "pull": pull }).to_string()).unwrap(), view).map(|entries| entries.len())
    };
    view.no_policies = Some(true);
    assert_eq!((known(&some, &view), known(&none, &view)), (None, None), "it was not ready");
    view.policies_available = true;
    assert_eq!((known(&some, &view), known(&none, &view)), (Some(1), Some(0)));
    for nothing in [None, Some(false)] {
        view.no_policies = nothing;
        assert_eq!((known(&some, &view), known(&none, &view)), (Some(1), None), "{nothing:?}");
    }
}

fn read(query: &str) -> Result<PolicyQuery, String> {
    let pairs = query.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    let pairs = pairs.map(|(name, value)| (name.into(), value.into()));
    PolicyQuery::read(pairs).map_err(|problem| {
        assert_eq!(problem.code, Code::InputInvalid);
        problem.detail
    })
}

#[test]
fn a_question_is_read_whole_or_refused_by_name() {
    let query = read(
        "expiring_from=2026-01-01&expiring_before=2026-02-01&line=AUTO,home&line=home&carrier=StateFarm&status=active\
         &has=auto&has=umbrella&lacks=life&metadata.lead=7&limit=3&cursor=2026-01-05.p_1.A-1",
    );
    let query = query.unwrap();
    assert_eq!(
        (query.expiring_from, query.expiring_before),
        (Day::parse("2026-01-01"), Day::parse("2026-02-01"))
    );
    assert_eq!((query.lines, query.carriers), (vec!["auto".into(), "home".into()], vec!["statefarm".into()]));
    assert_eq!((query.statuses, query.has), (vec!["ACTIVE".into()], vec!["auto".into(), "umbrella".into()]));
    assert_eq!((query.lacks, query.metadata.len(), query.limit), (vec!["life".into()], 1, 3));
    assert_eq!(query.after.unwrap().to_string(), "2026-01-05.p_1.a-1");
    let plain = read("line=&cursor=").unwrap();
    assert_eq!(plain, PolicyQuery { limit: 50, ..PolicyQuery::default() });
    let last = format!("{NO_DAY}.p.q");
    assert_eq!(read(&format!("cursor={last}")).unwrap().after.unwrap().to_string(), last);
    for wrong in [
        "expiring_from=2026-02-30",
        "expiring_before=2026-01-01T00:00:00Z",
        "line=boat",
        "has=auto,",
        "lacks=none",
        "carrier=é",
        "status=a;b",
        "limit=0",
        "cursor=x",
        "cursor=soon.p.q",
        "cursor=none.p",
        "cursor=none.p.q.r",
        "metadata.=1",
        "email=a@b.example",
        "since=2026-01-01",
    ] {
        let detail = read(wrong).unwrap_err();
        assert!(detail.starts_with(wrong.split('=').next().unwrap()), "{wrong}: {detail}");
    }
    let many: Vec<String> = (0..21).map(|number| format!("c{number}")).collect();
    assert!(read(&format!("carrier={}", many.join(","))).is_err());
    assert!(read(&format!("carrier={}", many[1..].join(","))).is_ok());
    let many: Vec<String> = (0..9).map(|number| format!("metadata.m={number}")).collect();
    assert!(read(&many.join("&")).is_err() && read(&many[1..].join("&")).is_ok());
    assert!(LINES.split(' ').all(|line| read(&format!("line={line}")).is_ok()));
}

proptest! {
    #[test]
    fn whatever_a_policy_holds_its_entry_is_small_and_plain(
        status in ".{0,80}", kind in ".{0,80}", carrier in ".{0,80}", state in ".{0,4}", premium in any::<i64>(), id in ".{0,80}",
    ) {
        let policy = json!({"policy_id": id, "status": status, "policy_type": kind, "carrier_name": carrier, "state": state,
            "total_premium_cents": premium, "effective_date": status, "expiry_date": kind});
        for entry in of(&json!({"policies": [policy]})) {
            let text = serde_json::to_string(&entry).unwrap();
            prop_assert!(text.is_ascii() && text.len() < 700, "{text}");
        }
    }
}
