use serde_json::{Value, json};

use super::{Asked, Kind, PAGE, Phase, Run, Step};
use crate::{id::PullId, time::UnixMillis};

const NOW: UnixMillis = UnixMillis(1_700_000_000_000);

fn id(number: u32) -> PullId {
    PullId::parse(&format!("p-{number:04}")).unwrap()
}

fn begun() -> Run {
    Run::begin(Kind::Rekey, Value::Null, "ops", NOW)
}

/// A list with so many pulls, of which those of `begun` began while it is walked.
struct List {
    pulls: u32,
    begun: Vec<u32>,
}

impl List {
    fn page(&self, run: &Run) -> Option<(Vec<PullId>, u32)> {
        let query = run.page()?;
        let numbers: Vec<u32> =
            if query.since.is_some() { self.begun.clone() } else { (0..self.pulls).collect() };
        let behind =
            numbers.into_iter().map(id).filter(|id| query.after.as_ref().is_none_or(|after| id > after));
        Some((behind.take(query.most as usize).collect(), query.most))
    }
}

/// One alarm, as the object has it; gives the steps that were made.
fn alarm(
    run: &mut Run,
    list: &List,
    now: UnixMillis,
    mut step: impl FnMut(&Asked) -> Result<Step, String>,
) -> Vec<Asked> {
    if let Some((page, most)) = list.page(run) {
        run.took(page, most, now);
    }
    let asked = run.begin_steps(now);
    // What is stored is what there is after a restart.
    *run = serde_json::from_str(&serde_json::to_string(run).unwrap()).unwrap();
    for asked in &asked {
        run.stepped(&asked.pull_id, step(asked), 0, now);
    }
    run.rest(now);
    asked
}

/// Alarms until its end; gives each pull's steps in order.
fn walk(run: &mut Run, list: &List, mut step: impl FnMut(&Asked) -> Result<Step, String>) -> Vec<Asked> {
    let mut made = Vec::new();
    while let Some(due) = run.due {
        made.extend(alarm(run, list, due, &mut step));
        assert!(made.len() < 100_000, "it comes to an end");
    }
    made
}

#[test]
fn each_pull_is_met_once_in_order_and_no_more_are_open_than_a_page() {
    let (mut run, list) = (begun(), List { pulls: 3 * PAGE + 1, begun: Vec::new() });
    let first = alarm(&mut run, &list, NOW, |_| Ok(Step::Done));
    assert_eq!(first.len(), PAGE as usize);
    let behind = u64::from(list.pulls - PAGE);
    assert_eq!((run.ahead(), &run.view(behind)["left"]), (Some(Some(&id(PAGE - 1))), &json!(behind)));
    let made = walk(&mut run, &list, |_| Ok(Step::Done));
    let met: Vec<_> = first.iter().chain(&made).map(|asked| asked.pull_id.clone()).collect();
    assert_eq!(met, (0..list.pulls).map(id).collect::<Vec<_>>());
    assert_eq!((run.phase, run.due, run.ahead()), (Phase::Done, None, None));
    let view = run.view(0);
    assert_eq!((&view["done"], &view["failed"], &view["left"]), (&json!(list.pulls), &json!(0), &json!(0)));
    assert_eq!(
        (&view["state"], &view["kind"], &view["caller"]),
        (&json!("done"), &json!("rekey"), &json!("ops"))
    );
}

#[test]
fn without_a_pull_it_is_done() {
    let mut run = begun();
    assert!(walk(&mut run, &List { pulls: 0, begun: Vec::new() }, |_| Ok(Step::Done)).is_empty());
    assert_eq!(run.phase, Phase::Done);
    assert_eq!(run.view(0)["finished_at"], NOW.rfc3339());
}

#[test]
fn pulls_that_begin_meanwhile_are_met_wherever_they_stand() {
    let (mut run, list) = (begun(), List { pulls: 2, begun: vec![0, 7] });
    let made = walk(&mut run, &list, |_| Ok(Step::Done));
    let met: Vec<_> = made.into_iter().map(|asked| asked.pull_id).collect();
    assert_eq!(met, [0, 1, 0, 7].map(id));
    assert_eq!(run.view(0)["done"], 2, "of the second round none is counted");
}

#[test]
fn a_step_says_how_far_it_is_to_the_next() {
    let (mut run, list) = (begun(), List { pulls: 1, begun: Vec::new() });
    let made = walk(&mut run, &list, |asked| {
        let next = asked.within.as_u64().unwrap_or_default() + 1;
        Ok(if next == 4 { Step::Done } else { Step::More { within: json!(next), after: 500 } })
    });
    let within: Vec<_> = made.into_iter().map(|asked| asked.within).collect();
    assert_eq!(within, [json!(null), json!(1), json!(2), json!(3)]);
}

#[test]
fn what_fails_is_tried_again_later_and_holds_up_no_other() {
    let (mut run, list) = (begun(), List { pulls: 3, begun: Vec::new() });
    let mut fails = 2;
    let step = |asked: &Asked| {
        let is_failing = asked.pull_id == id(1) && fails > 0;
        fails -= i32::from(is_failing);
        if is_failing { Err("no room".to_owned()) } else { Ok(Step::Done) }
    };
    let made = walk(&mut run, &list, step);
    let met: Vec<_> = made.into_iter().map(|asked| asked.pull_id).collect();
    assert_eq!(met, [0, 1, 2, 1, 1].map(id));
    assert_eq!((run.view(0)["done"].as_u64(), run.view(0)["failed"].as_u64()), (Some(3), Some(0)));
}

#[test]
fn what_fails_each_time_and_what_is_refused_is_given_up_with_why() {
    let (mut run, list) = (begun(), List { pulls: 3, begun: vec![2] });
    let made = walk(&mut run, &list, |asked| match asked.pull_id {
        _ if asked.pull_id == id(1) => Err("no room".to_owned()),
        _ if asked.pull_id == id(2) => Ok(Step::Refused { why: "k1 is missing".to_owned() }),
        _ => Ok(Step::Done),
    });
    assert_eq!(made.iter().filter(|asked| asked.pull_id == id(1)).count(), 6);
    let view = run.view(0);
    assert_eq!((&view["done"], &view["failed"]), (&json!(1), &json!(2)), "each is counted once");
    let failures =
        json!([{"pull_id": "p-0002", "why": "k1 is missing"}, {"pull_id": "p-0001", "why": "no room"}]);
    assert_eq!(view["failures"], failures);
}

#[test]
fn a_step_that_ends_the_edge_each_time_is_given_up() {
    let (mut run, list) = (begun(), List { pulls: 2, begun: Vec::new() });
    let (page, most) = list.page(&run).unwrap();
    run.took(page, most, NOW);
    let mut cut_short = 0;
    loop {
        let asked = run.begin_steps(NOW);
        if asked.is_empty() {
            break;
        }
        cut_short += 1;
        assert_eq!(asked.len(), 2);
    }
    assert_eq!((cut_short, run.view(0)["failed"].as_u64()), (6, Some(2)));
    assert_eq!(walk(&mut run, &list, |_| Ok(Step::Done)).len(), 0);
}

#[test]
fn a_page_that_does_not_come_is_asked_for_again() {
    let mut run = begun();
    run.missed(u32::MAX, NOW);
    run.rest(NOW);
    assert_eq!((run.phase, run.due), (Phase::Running, Some(NOW.plus(1_000))));
    run.missed(u32::MAX, NOW);
    run.rest(NOW);
    assert_eq!(run.due, Some(NOW.plus(2_000)));
    walk(&mut run, &List { pulls: 1, begun: Vec::new() }, |_| Ok(Step::Done));
    assert_eq!(run.view(0)["done"], 1);
}

#[test]
fn the_same_walk_is_begun_once() {
    let argument = json!({"key_id": "k2"});
    let run = Run::begin(Kind::Rekey, argument.clone(), "ops", NOW);
    assert!(run.is_under_way(Kind::Rekey, &argument));
    assert!(!run.is_under_way(Kind::Rekey, &json!({"key_id": "k3"})));
    assert!(!Run::default().is_under_way(Kind::Rekey, &Value::Null));
}

#[test]
fn of_many_that_fail_the_first_are_named() {
    let (mut run, list) = (begun(), List { pulls: 150, begun: Vec::new() });
    walk(&mut run, &list, |_| Ok(Step::Refused { why: "x".to_owned() }));
    let view = run.view(0);
    assert_eq!((&view["failed"], view["failures"].as_array().unwrap().len()), (&json!(150), 100));
}
