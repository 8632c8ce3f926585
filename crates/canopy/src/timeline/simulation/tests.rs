//! Logs that are written as the edge writes them, walked and simulated.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::{
    delivery::{NewSubscription, SigningSecret, Subscription, Types},
    id::{Id, PullId, SubscriptionId},
    problem::Code,
    pull::{Fetched, Kind, LogEnd, Position, Record, Running, Taken},
    schedule::{Day, NewEvent, OwnEvent, Plan, Term, Times, When, Zone, of_caller},
    signature,
    time::UnixMillis,
    timeline::{Step, Walk, between, patch::merged, without_nulls},
    webhook::Event,
};

const BEGIN: UnixMillis = UnixMillis(1_790_000_000_000);
const HOUR: u64 = 60 * 60 * 1_000;
const DAY: u64 = 24 * HOUR;

fn pull_id() -> PullId {
    PullId::parse("p-1").unwrap()
}

fn plan() -> Plan {
    let zone = Zone::named("America/New_York").unwrap();
    Plan { times: Times::default(), retention_days: Some(30), zone }
}

fn walk() -> Walk {
    Walk::new(pull_id(), BEGIN, [])
}

/// A pull's object, as far as its log goes.
struct Object {
    record: Record,
    log: Vec<Step>,
    bodies: Vec<String>,
    now: UnixMillis,
}

impl Object {
    fn new() -> Self {
        Self {
            record: Record::new(pull_id(), BEGIN, Running::default()),
            log: Vec::new(),
            bodies: Vec::new(),
            now: BEGIN,
        }
    }

    fn insert(
        &mut self,
        kind: Kind,
        cause: Option<Position>,
        effective_at: Option<UnixMillis>,
        taken: Taken,
    ) {
        let end = self.record.end.next(self.now);
        let event_type = match &taken {
            Taken::Webhook(event, _) => Some(event.event_type.clone()),
            Taken::Own(_, event) => Some(event.event_type.clone()),
            _ => None,
        };
        self.record.take_up(&taken.entry(), end);
        self.log.push(Step { end, kind: Some(kind), effective_at, cause, event_type, taken });
    }

    fn own(&mut self, kind: Kind, cause: Option<Position>, event: OwnEvent) {
        self.insert(kind, cause, Some(event.effective_at), Taken::Own(kind, event));
    }

    fn catch_up(&mut self) {
        let until = UnixMillis(self.record.end.next(self.now).recorded_at);
        loop {
            let now = self.record.state.situation(&pull_id());
            let plan = plan();
            let Some(due) = self.record.state.agenda().first(&now, &plan, until) else { return };
            let scheduled = due.scheduled_at().map(|at| self.log[at as usize - 1].own().unwrap().clone());
            let (event, cause) = (due.event(&plan, scheduled), due.cause());
            self.own(Kind::Fired, Some(cause), event);
        }
    }

    fn webhook(&mut self, body: &str) {
        self.catch_up();
        let digest = signature::digest(body.as_bytes());
        if self.record.seen.position(&digest).is_none() {
            let event = Box::new(Event::parse(body.as_bytes()).unwrap());
            self.bodies.push(body.to_owned());
            self.insert(Kind::Webhook, None, None, Taken::Webhook(event, digest));
        }
    }

    fn fetched(&mut self, terms: Option<Vec<Term>>) {
        self.catch_up();
        let before = self.record.state.agenda().clone();
        let cause = (self.record.end.position > 0).then_some(self.record.end.position);
        let version = self.log.iter().filter(|step| step.kind == Some(Kind::Fetched)).count() as i64 + 1;
        let fetched = Fetched { version, size: 1, sha256: "00".to_owned(), no_policies: None, terms };
        self.insert(Kind::Fetched, cause, None, Taken::Fetched(fetched));
        let (now, position) = (self.record.state.situation(&pull_id()), self.record.end.position);
        for event in self.record.state.agenda().taken_away(&before, &now, &plan()) {
            self.own(Kind::Void, Some(position), event);
        }
    }

    fn happens(&mut self, event_type: &str, at: Option<UnixMillis>) {
        self.catch_up();
        let (kind, when) = if at.is_some() { (Kind::Scheduled, When::Later) } else { (Kind::Own, When::Now) };
        let body = json!({"event_type": event_type, "key": "k", "effective_at": at.map(UnixMillis::rfc3339)});
        let event = NewEvent::read(body.to_string().as_bytes(), when).unwrap();
        self.own(kind, None, event.event("crm", self.now));
    }

    fn cancel(&mut self) {
        self.catch_up();
        let plan = plan();
        let now = self.record.state.situation(&pull_id());
        let due = self.record.state.agenda().due(&now, &plan);
        let Some(first) = due.min_by_key(|due| (due.at, due.schedule_id())) else { return };
        let (cause, event) = (first.cause(), first.event(&plan, None));
        self.own(Kind::Cancelled, Some(cause), event);
    }
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

fn webhook(event_type: &str, status: &str, sequence: u64) -> String {
    json!({"pull_id": "p-1", "event_type": event_type, "status": status, "sequence": sequence,
        "data": {"auth_status": status, "policy_id": format!("pol-{sequence}"), "policy_type": "AUTO"}})
    .to_string()
}

#[derive(Debug, Clone)]
enum Do {
    Wait(u64),
    Wake,
    Webhook(usize, u64),
    Fetch(Option<Vec<(u8, u16)>>),
    Happen,
    Schedule(u64),
    Cancel,
}

const WEBHOOKS: [(&str, &str); 6] = [
    ("AUTH_STATUS", "PROCESSING"),
    ("AUTH_STATUS", "IDENTITY_VERIFICATION"),
    ("POLICY_AVAILABLE", "PULLING_DATA"),
    ("DATA_UPDATED", "SUCCESS"),
    ("COMPLETE", "SUCCESS"),
    ("MONITORING_RECONNECT", "NOT_AUTHENTICATED"),
];

fn steps() -> impl Strategy<Value = Vec<Do>> {
    let policies = prop::option::of(prop::collection::vec((0..3_u8, 0..200_u16), 0..4));
    let step = prop_oneof![
        3 => prop_oneof![0..3_u64, 0..HOUR, 0..40 * DAY].prop_map(Do::Wait),
        2 => Just(Do::Wake),
        3 => (0..WEBHOOKS.len(), 0..6_u64).prop_map(|(at, sequence)| Do::Webhook(at, sequence)),
        2 => policies.prop_map(Do::Fetch),
        1 => Just(Do::Happen),
        1 => (1..60 * DAY).prop_map(Do::Schedule),
        1 => Just(Do::Cancel),
    ];
    prop::collection::vec(step, 1..40)
}

fn object(steps: &[Do]) -> Object {
    let mut object = Object::new();
    object.webhook(&webhook("NEW", "QUEUED", 0));
    for step in steps {
        match step {
            Do::Wait(millis) => object.now = object.now.plus(*millis),
            Do::Wake => object.catch_up(),
            Do::Webhook(at, sequence) => {
                object.webhook(&webhook(WEBHOOKS[*at].0, WEBHOOKS[*at].1, *sequence));
            }
            Do::Fetch(policies) => {
                let day = |days: u16| {
                    let at = UnixMillis(BEGIN.0 + i64::from(days) * DAY as i64);
                    at.rfc3339()[..10].to_owned()
                };
                let terms = policies.as_ref().map(|policies| {
                    policies.iter().map(|(id, days)| term(&format!("pol-{id}"), &day(*days))).collect()
                });
                object.fetched(terms);
            }
            Do::Happen => object.happens("QUOTE_SENT", None),
            Do::Schedule(millis) => object.happens("CALL_BACK", Some(object.now.plus(*millis))),
            Do::Cancel => object.cancel(),
        }
    }
    object
}

fn request(body: &Value) -> Request {
    Request::read(body.to_string().as_bytes(), &pull_id()).unwrap()
}

const NOBODY: Listeners<'_> = Listeners { subscriptions: &[], starters: &[] };

fn subscribed(body: &str) -> Subscription {
    let id = SubscriptionId::parse("s-1").unwrap();
    let new = NewSubscription::read(body.as_bytes(), false).unwrap();
    new.made(id, SigningSecret::new([1; 32]), "https://edge.example", UnixMillis(0))
}

fn run(object: &Object, body: &Value) -> Value {
    simulate(&object.log, walk, &plan(), &request(body), NOBODY, object.now).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn the_state_at_a_position_is_the_fold_of_the_entries_up_to_it_and_patches_lead_both_ways(steps in steps()) {
        let object = object(&steps);
        let mut walk = walk();
        let mut before = without_nulls(walk.view());
        let mut views = vec![before.clone()];
        for step in &object.log {
            walk.take(step);
            let after = without_nulls(walk.view());
            prop_assert_eq!(merged(before.clone(), &between(&before, &after)), after.clone());
            views.push(after.clone());
            before = after;
        }
        prop_assert_eq!(&walk.record().state, &object.record.state);
        for (at, pair) in views.windows(2).enumerate().rev() {
            prop_assert_eq!(merged(before.clone(), &between(&pair[1], &pair[0])), pair[0].clone(), "back to {}", at);
            before = pair[0].clone();
        }
    }

    #[test]
    fn a_simulation_of_nothing_is_what_happened(steps in steps(), ahead in 0..100 * DAY) {
        let mut object = object(&steps);
        object.catch_up();
        let told = run(&object, &json!({"until": object.now.plus(ahead).rfc3339()}));
        for course in ["as_it_is", "simulated"] {
            prop_assert_eq!(&told[course]["timeline"], &json!([]), "{}", course);
        }
        prop_assert_eq!(&told["difference"], &json!({"forwards": {}, "backwards": {}}));
        prop_assert_eq!(&told["as_it_is"]["work"], &told["simulated"]["work"]);
        for row in told["automatic"].as_array().unwrap() {
            prop_assert_eq!(&row["as_it_is"], &row["simulated"]);
        }
    }

    #[test]
    fn to_remove_an_event_and_add_it_is_nothing(steps in steps()) {
        let mut object = object(&steps);
        object.happens("NOTE", None);
        object.now = object.now.plus(50 * DAY);
        object.catch_up();
        let note = object.log.iter().find(|step| step.event_type.as_deref() == Some("NOTE")).unwrap();
        let at = UnixMillis(note.end.recorded_at).rfc3339();
        let told = run(&object, &json!({"without": [note.end.position], "with": [{"event_type": "NOTE", "effective_at": at}]}));
        prop_assert_eq!(&told["difference"]["forwards"], &json!({}));
        prop_assert_eq!(&told["simulated"]["timeline"], &json!([]));
        let without = run(&object, &json!({"without": [note.end.position]}));
        prop_assert!(without["difference"]["forwards"]["own"]["NOTE"].is_null());
    }

    #[test]
    fn to_remove_a_webhook_and_add_it_is_nothing(steps in steps(), at in any::<prop::sample::Index>()) {
        let mut object = object(&steps);
        object.catch_up();
        let webhooks: Vec<_> = object.log.iter().filter(|step| step.kind == Some(Kind::Webhook)).collect();
        let webhook = at.get(&webhooks);
        let Taken::Webhook(event, _) = &webhook.taken else { unreachable!() };
        let body = object.bodies.iter().find(|body| Event::parse(body.as_bytes()).unwrap() == **event).unwrap();
        let body: Value = serde_json::from_str(body).unwrap();
        let at = UnixMillis(webhook.end.recorded_at).rfc3339();
        let told = run(&object, &json!({"without": [webhook.end.position], "with": [{"webhook": body, "effective_at": at}]}));
        prop_assert_eq!(&told["difference"]["forwards"], &json!({}));
        prop_assert_eq!(&told["simulated"]["timeline"], &json!([]));
    }

    #[test]
    fn what_has_fired_is_not_due_any_more(steps in steps()) {
        let mut object = object(&steps);
        for _ in 0..200 {
            let now = object.record.state.situation(&pull_id());
            let plan = plan();
            let Some(due) = object.record.state.agenda().first(&now, &plan, UnixMillis(i64::MAX)) else { break };
            let (id, event) = (due.schedule_id(), due.event(&plan, None));
            object.own(Kind::Fired, None, event);
            let agenda = object.record.state.agenda();
            prop_assert!(agenda.due(&now, &plan).all(|due| due.schedule_id() != id), "{}", id);
        }
    }

    #[test]
    fn any_order_of_the_same_webhooks_gives_one_state(
        order in Just((0..WEBHOOKS.len() * 3).collect::<Vec<_>>()).prop_shuffle(),
    ) {
        let of = |order: &[usize]| {
            let mut object = Object::new();
            for at in order {
                let (event_type, status) = WEBHOOKS[at % WEBHOOKS.len()];
                // Equal sequences with different bodies Canopy never sends.
                object.webhook(&webhook(event_type, status, *at as u64 + 1));
            }
            let mut walk = walk();
            object.log.iter().for_each(|step| {
                walk.take(step);
            });
            let now = walk.record().state.situation(&pull_id());
            let plan = plan();
            let mut due: Vec<_> = walk.record().state.agenda().due(&now, &plan).map(|due| (due.at, due.event_type().to_owned())).collect();
            due.sort();
            (walk.view(), due)
        };
        let sorted: Vec<usize> = (0..order.len()).collect();
        prop_assert_eq!(of(&order), of(&sorted));
    }

    #[test]
    fn each_comes_once_and_in_order(steps in steps()) {
        let mut object = object(&steps);
        for _ in 0..10 {
            object.now = object.now.plus(40 * DAY);
            object.catch_up();
        }
        let fired: Vec<_> = object.log.iter().filter(|step| step.kind == Some(Kind::Fired)).collect();
        let mut names: Vec<_> = fired.iter().map(|step| step.own().unwrap().schedule_id.clone()).collect();
        let count = names.len();
        names.sort();
        names.dedup();
        prop_assert_eq!(names.len(), count);
        let moments: Vec<_> = fired.iter().map(|step| step.effective_at).collect();
        prop_assert!(moments.is_sorted(), "{:?}", moments);
    }
}

/// The seed's example: a reminder is due on the 6th; on the 5th a refresh shows the policy renewed.
#[test]
fn without_the_refresh_the_reminder_comes() {
    let mut object = Object::new();
    let moment = |text: &str| UnixMillis::parse(text).unwrap();
    object.now = moment("2026-10-01T12:00:00Z");
    object.webhook(&webhook("COMPLETE", "SUCCESS", 1));
    object.fetched(Some(vec![term("pol", "2026-11-20")]));
    object.now = moment("2026-11-05T12:00:00Z");
    object.fetched(Some(vec![term("pol", "2027-05-20")]));
    let refresh = object.log.iter().rfind(|step| step.kind == Some(Kind::Fetched)).unwrap().end.position;
    let void = object.log.last().unwrap().own().unwrap();
    assert_eq!(void.because.as_deref(), Some("the policy was renewed: it now expires on 2027-05-20"));
    object.now = moment("2026-11-30T12:00:00Z");
    object.catch_up();
    let id = "EDGE_POLICY_RENEWAL_DUE.pol.2026-11-20.14";
    let fired = |object: &Object| {
        object
            .log
            .iter()
            .filter(|step| step.kind == Some(Kind::Fired))
            .filter_map(|step| step.own()?.schedule_id.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(fired(&object), ["EDGE_POLICY_RENEWAL_DUE.pol.2026-11-20.45", "EDGE_RETENTION_DUE.2"]);
    let told = {
        let starter = Starter {
            instance_id: "i-1".to_owned(),
            flow: "remind".to_owned(),
            types: Types::read(vec!["EDGE_POLICY_RENEWAL_DUE".to_owned()]).unwrap(),
            when: Some("config.on".to_owned()),
            since: BEGIN,
        };
        let to = subscribed(
            r#"{"url":"https://crm.example","types":["EDGE_POLICY_RENEWAL_DUE"],"from":"beginning"}"#,
        );
        simulate(
            &object.log,
            walk,
            &plan(),
            &request(&json!({"without": [refresh]})),
            Listeners { subscriptions: &[to], starters: &[starter] },
            object.now,
        )
        .unwrap()
    };
    assert_eq!((&told["as_it_is"]["deliveries"], &told["as_it_is"]["workflows"]), (&json!([]), &json!([])));
    assert_eq!(
        told["simulated"]["workflows"],
        json!([{
            "instance_id": "i-1", "flow": "remind", "when": "config.on", "type": "EDGE_POLICY_RENEWAL_DUE", "position": null,
            "effective_at": "2026-11-06T05:00:00.000Z",
        }])
    );
    assert_eq!(
        told["simulated"]["deliveries"],
        json!([{"subscription_id": "s-1", "type": "EDGE_POLICY_RENEWAL_DUE", "position": null, "effective_at": "2026-11-06T05:00:00.000Z"}])
    );
    assert_eq!(run(&object, &json!({}))["simulated"].get("deliveries"), None, "there is nobody to tell");
    let told = run(&object, &json!({"without": [refresh]}));
    let row = told["automatic"].as_array().unwrap().iter().find(|row| row["schedule_id"] == id).unwrap();
    assert_eq!((&row["as_it_is"]["state"], &row["simulated"]["state"]), (&json!("void"), &json!("fired")));
    assert_eq!(row["simulated"]["effective_at"], "2026-11-06T05:00:00.000Z");
    assert_eq!(
        told["difference"]["forwards"]["own"]["EDGE_POLICY_EXPIRED"]["data"]["expiry_date"],
        "2026-11-20"
    );
    let other = run(&object, &json!({"policy": {"renewal_days": [30]}, "until": "2027-06-01T00:00:00Z"}));
    let ids: Vec<_> = other["automatic"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|row| row["simulated"]["state"] == "fired")
        .map(|row| row["schedule_id"].clone())
        .collect();
    assert!(ids.contains(&json!("EDGE_POLICY_RENEWAL_DUE.pol.2027-05-20.30")), "{ids:?}");
}

#[test]
fn a_number_that_no_reader_takes_costs_no_view() {
    let mut object = Object::new();
    object.webhook(r#"{"pull_id":"p-1","event_type":"NEW","status":"QUEUED","meta_data":{"a":1e400}}"#);
    let mut walk = walk();
    walk.take(&object.log[0]);
    assert_eq!(walk.view()["status"], "QUEUED");
    assert_eq!(run(&object, &json!({}))["difference"]["forwards"], json!({}));
}

#[test]
fn policies_that_change_their_ids_are_announced_each() {
    let numbered =
        |id: &str, number: &str, expiry: &str| Term { number: Some(number.to_owned()), ..term(id, expiry) };
    let mut object = Object::new();
    object.webhook(&webhook("COMPLETE", "SUCCESS", 1));
    object.fetched(Some(vec![numbered("x", "n1", "2027-05-20")]));
    object.fetched(Some(vec![numbered("y", "n1", "2027-05-20")]));
    object.fetched(Some(vec![numbered("x", "n2", "2027-05-20")]));
    object.fetched(Some(vec![numbered("x", "n2", "2027-05-20"), numbered("y", "n1", "2027-05-20")]));
    object.now = UnixMillis::parse("2028-01-01T00:00:00Z").unwrap();
    object.catch_up();
    let expired = object.log.iter().filter(|step| step.kind == Some(Kind::Fired));
    let expired = expired.filter(|step| step.event_type.as_deref() == Some("EDGE_POLICY_EXPIRED"));
    assert_eq!(expired.count(), 2);
}

#[test]
fn what_comes_as_well_is_said() {
    let mut object = Object::new();
    object.webhook(&webhook("AUTH_STATUS", "PROCESSING", 1));
    let with = json!([
        {"webhook": {"event_type": "COMPLETE", "status": "SUCCESS"}},
        {"policies": [{"policy_id": "pol", "expiry_date": "2027-05-20", "status": "ACTIVE"}]},
        {"event_type": "QUOTE_SENT", "data": {"a": 1}},
    ]);
    let told = run(&object, &json!({"with": with, "until": "2027-06-01T00:00:00Z"}));
    let of = |course: &str| {
        told[course]["timeline"]
            .as_array()
            .unwrap()
            .iter()
            .map(|item| item["event_type"].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(of("as_it_is"), ["EDGE_PULL_STALLED", "EDGE_RETENTION_DUE"]);
    let simulated = of("simulated");
    assert!(
        simulated.contains(&json!("EDGE_POLICY_EXPIRED")) && !simulated.contains(&json!("EDGE_PULL_STALLED")),
        "{simulated:?}"
    );
    assert!(told["simulated"]["work"].as_array().unwrap().iter().any(|work| work["work"] == "fetch"));
    assert_eq!(told["simulated"]["view"]["own"]["QUOTE_SENT"]["data"], json!({"a": 1}));
}

#[test]
fn what_is_asked_wrongly_is_named() {
    let read = |body: Value| Request::read(body.to_string().as_bytes(), &pull_id()).unwrap_err();
    for (member, body) in [
        ("until", json!({"until": "soon"})),
        ("with", json!({"with": {}})),
        ("with", json!({"with": [{}]})),
        ("with", json!({"with": [{"event_type": "A", "webhook": {}}]})),
        ("event_type", json!({"with": [{"event_type": "EDGE_A"}]})),
        ("with.data", json!({"with": [{"event_type": "A", "data": 7}]})),
        ("with.webhook", json!({"with": [{"webhook": {"pull_id": "other"}}]})),
        ("with.policies", json!({"with": [{"policies": [{}]}]})),
        ("without", json!({"without": [0]})),
        ("without", json!({"without": (1..=101).collect::<Vec<_>>()})),
        ("policy", json!({"policy": {"renewal_days": [0]}})),
        ("wit", json!({"wit": []})),
        ("wit", json!({"wit": null})),
    ] {
        let problem = read(body);
        assert_eq!(problem.code, Code::InputInvalid);
        assert!(problem.detail.starts_with(member), "{}", problem.detail);
    }
    assert_eq!(read(json!([])).code, Code::BodyMalformed);
    let mut object = Object::new();
    object.webhook(&webhook("NEW", "QUEUED", 0));
    let later = json!({"with": [{"event_type": "A", "effective_at": "2028-01-01T00:00:00Z"}], "until": "2027-01-01T00:00:00Z"});
    for body in [json!({"without": [2]}), later] {
        let told = simulate(&object.log, walk, &plan(), &request(&body), NOBODY, object.now);
        assert_eq!(told.unwrap_err().code, Code::InputInvalid);
    }
    let long: Vec<Step> = (0..10_001)
        .map(|at| Step { end: LogEnd { position: at + 1, recorded_at: BEGIN.0 }, ..object.log[0].clone() })
        .collect();
    assert_eq!(
        simulate(&long, walk, &plan(), &Request::default(), NOBODY, object.now).unwrap_err().code,
        Code::SimulationTooLarge
    );
    assert_eq!(of_caller("A", 3), "A.3");
}
