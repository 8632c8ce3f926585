use proptest::prelude::*;

use super::*;
use crate::id::{DocumentId, SubscriptionId};

const NOW: UnixMillis = UnixMillis(1_700_000_000_000);
const RANDOM: u32 = u32::MAX;

fn after(millis: u64) -> UnixMillis {
    NOW.plus(millis)
}

fn wanted(work: &Work) -> Outbox {
    let mut outbox = Outbox::default();
    outbox.want(work, Some(1), NOW);
    outbox
}

fn with(name: &str, attempts: u32, reasons: &[Reason]) -> Outbox {
    let failures = reasons.iter().map(|reason| Failure::without_status(*reason, NOW)).collect();
    let row = Row {
        standing: Standing::Pending,
        due: NOW,
        attempts,
        done_at: UnixMillis(0),
        failures,
        cause: None,
    };
    Outbox::of([(name.to_owned(), row)], Running::default())
}

fn fetch(outbox: &Outbox) -> &Row {
    outbox.row(&Work::Fetch).unwrap()
}

fn reasons(row: &Row) -> Vec<Reason> {
    row.failures.iter().map(|failure| failure.reason).collect()
}

fn given_up(mut outbox: Outbox) -> Option<Reason> {
    let (attempts, given_up) = outbox.take_due(NOW, RANDOM);
    assert_eq!(attempts.len() + given_up.len(), 1);
    given_up.first().map(|given_up| given_up.reason)
}

#[test]
fn an_attempt_is_interrupted_until_it_is_known_how_it_went() {
    let mut outbox = wanted(&Work::Fetch);
    let (attempts, _) = outbox.take_due(NOW, RANDOM);
    assert_eq!(attempts, [Attempt { work: Work::Fetch, number: 1, cause: Some(1) }]);
    assert_eq!((fetch(&outbox).attempts, reasons(fetch(&outbox))), (1, vec![Reason::Interrupted]));
    assert_eq!(fetch(&outbox).due, after(BASE_MILLIS));
    let (_, shown) = outbox.list().next().unwrap();
    assert_eq!((shown.attempts, shown.failures.len()), (0, 0));
    assert_eq!(outbox.take_due(after(60_000), RANDOM), (vec![], vec![]), "it is being done");
    let apart = |outbox: &Outbox| {
        let mut apart = outbox.clone();
        apart.running = Running::default();
        apart.running.0.borrow_mut().names.insert("fetch".to_owned());
        apart
    };
    let mut fails = apart(&outbox);
    assert!(!fails.fail(&Work::Fetch, &Failure::of_status(500, None, NOW), RANDOM));
    assert_eq!((fetch(&fails).attempts, reasons(fetch(&fails))), (1, vec![Reason::ServerError]));
    let mut waits = apart(&outbox);
    waits.defer(&Work::Fetch, NOW, 0);
    assert_eq!((fetch(&waits).attempts, fetch(&waits).due), (0, after(1_000)));
    outbox.succeed(&Work::Fetch, NOW);
    assert_eq!((fetch(&outbox).standing, fetch(&outbox).failures.len()), (Standing::Done, 0));
}

#[test]
fn an_object_that_was_lost_takes_up_what_it_was_at_alone_and_last() {
    let mut outbox = wanted(&Work::Fetch);
    outbox.want(&Work::Notify, Some(1), NOW);
    outbox.take_due(NOW, RANDOM);
    let mut woken = Outbox::of(outbox.rows, Running::default());
    let work = |taken: (Vec<Attempt>, Vec<GivenUp>)| -> Vec<Work> {
        taken.0.into_iter().map(|attempt| attempt.work).collect()
    };
    assert_eq!(work(woken.take_due(after(5_000), RANDOM)), [Work::Notify]);
    woken.succeed(&Work::Notify, after(5_000));
    assert_eq!(work(woken.take_due(after(5_000), RANDOM)), [Work::Fetch]);
}

#[test]
fn six_are_done_side_by_side_the_longest_due_first() {
    let mut outbox = Outbox::default();
    for number in 0..8_u64 {
        let id = DocumentId::parse(&format!("d{number}")).unwrap();
        outbox.want(&Work::Document(id), None, after(8 - number));
    }
    let (attempts, _) = outbox.take_due(after(8), RANDOM);
    let names: Vec<String> = attempts.iter().map(|attempt| attempt.work.to_string()).collect();
    assert_eq!(names, ["7", "6", "5", "4", "3", "2"].map(|number| format!("document:d{number}")));
}

fn delivery(number: u8) -> Work {
    Work::Deliver(SubscriptionId::parse(&format!("s-{number}")).unwrap())
}

#[test]
fn deliveries_hold_up_nothing_of_the_pulls_own() {
    let mut outbox = Outbox::default();
    (0..5).for_each(|number| outbox.want(&delivery(number), None, NOW));
    outbox.want(&Work::Fetch, None, after(1));
    let taken = |outbox: &mut Outbox, now| {
        let attempts = outbox.take_due(now, RANDOM).0.into_iter();
        attempts.map(|attempt| attempt.work.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(taken(&mut outbox, NOW), ["deliver:s-0", "deliver:s-1", "deliver:s-2"]);
    assert_eq!(taken(&mut outbox, after(1)), ["fetch"]);
    outbox.succeed(&delivery(1), after(2));
    assert!(outbox.row(&delivery(1)).is_none(), "of deliveries there is a log of their own");
    assert_eq!(taken(&mut outbox, after(2)), ["deliver:s-3"]);
    outbox.put_off(&delivery(0), after(5_000), after(3));
    let row = outbox.row(&delivery(0)).unwrap();
    assert_eq!((row.due, row.attempts, reasons(row)), (after(5_000), 0, vec![]));
    assert_eq!(taken(&mut outbox, after(3)), ["deliver:s-4"]);
    outbox.hasten(&delivery(0), after(4));
    assert_eq!(outbox.row(&delivery(0)).unwrap().due, after(4));
    outbox.take_due(after(4), RANDOM);
    outbox.hasten(&delivery(3), after(5));
    outbox.put_off(&delivery(3), after(9_000), after(6));
    assert_eq!(outbox.row(&delivery(3)).unwrap().due, after(6), "that was called for while it was under way");
}

#[test]
fn a_delivery_is_never_given_up_whatever_ends_the_edge_or_fails_in_it() {
    let name = delivery(0).to_string();
    let mut outbox = with(&name, MAX_ATTEMPTS + 1, &[Reason::Interrupted; MAX_FAILURES_KEPT]);
    assert_eq!(outbox.take_due(NOW, RANDOM).0.len(), 1);
    let storage = Failure::without_status(Reason::Storage, NOW);
    assert!(!outbox.fail(&delivery(0), &storage, RANDOM));
    let row = outbox.row(&delivery(0)).unwrap();
    assert_eq!((row.standing, row.due), (Standing::Pending, after(CAP_MILLIS)));
}

#[test]
fn what_falls_due_meanwhile_is_begun_beside_what_is_being_done_but_for_what_fell() {
    let mut outbox = wanted(&Work::Fetch);
    outbox.take_due(NOW, RANDOM);
    outbox.want(&Work::Copy, None, NOW);
    assert_eq!((outbox.next_to_begin(), outbox.next_due()), (Some(after(900)), Some(after(900))));
    let begun = |outbox: &mut Outbox, at: u64| outbox.take_due(after(at), RANDOM).0.len();
    assert_eq!(begun(&mut outbox, 900), 1);
    assert_eq!(
        (outbox.next_to_begin(), outbox.next_due()),
        (None, Some(after(1_000))),
        "should they be lost"
    );
    for number in 0..8 {
        outbox.want(&Work::Document(DocumentId::parse(&format!("d{number}")).unwrap()), None, after(950));
    }
    assert_eq!(begun(&mut outbox, 950), MAX_RUNNING - 2);
    // Two of those fell with the object.
    let mut woken = Outbox::of(outbox.rows, Running::default());
    assert_eq!(begun(&mut woken, 950), 4, "those that did not fall");
    assert_eq!(begun(&mut woken, 5_000), 0, "what fell waits for them");
    woken.begin();
    let rows = woken.rows.into_iter().filter(|(name, _)| name == "fetch" || name == "copy");
    let mut woken = Outbox::of(rows, Running::default());
    assert_eq!(begun(&mut woken, 5_000), 1, "alone");
    woken.want(&Work::Notify, None, after(5_000));
    assert_eq!(begun(&mut woken, 8_000), 0, "and nothing beside it");
}

#[test]
fn work_that_is_interrupted_each_time_is_given_up() {
    let times = |count: u32| with("fetch", count, &vec![Reason::Interrupted; count as usize]);
    assert_eq!(given_up(times(MAX_INTERRUPTED_ATTEMPTS - 1)), None);
    assert_eq!(given_up(times(MAX_INTERRUPTED_ATTEMPTS)), Some(Reason::Interrupted));
    let mut mixed = [Reason::Interrupted; 6];
    mixed[4] = Reason::TimedOut;
    assert_eq!(given_up(with("fetch", 6, &mixed)), None, "one that was heard of in between");
    assert_eq!(given_up(with("fetch", 0, &[Reason::Interrupted; 9])), None, "of what was done before");
    assert_eq!(given_up(with("fetch", MAX_ATTEMPTS - 1, &[Reason::TimedOut; 10])), None);
    assert_eq!(given_up(with("fetch", MAX_ATTEMPTS, &[Reason::TimedOut; 10])), Some(Reason::TimedOut));
}

#[test]
fn work_of_an_unknown_name_is_given_up_with_its_reason() {
    let mut outbox = with("other:1", 0, &[]);
    let (_, given_up) = outbox.take_due(NOW, RANDOM);
    assert_eq!(given_up, [GivenUp { name: "other:1".to_owned(), attempts: 0, reason: Reason::UnknownWork }]);
    let (_, row) = outbox.list().next().unwrap();
    assert_eq!((row.standing, reasons(&row)), (Standing::Failed, vec![Reason::UnknownWork]));
    assert_eq!(outbox.retry(after(1)), 1, "should its version be back");
}

#[test]
fn a_burst_of_events_makes_one_copy_no_more_than_a_second_behind_the_last() {
    let mut outbox = wanted(&Work::Copy);
    for millis in [1, 100, 899] {
        outbox.want(&Work::Copy, Some(2), after(millis));
    }
    let copy = |outbox: &Outbox| outbox.row(&Work::Copy).unwrap().due;
    assert_eq!(copy(&outbox), after(COPY_WAIT_MILLIS));
    outbox.take_due(after(900), RANDOM);
    outbox.want(&Work::Copy, Some(5), after(905));
    outbox.succeed(&Work::Copy, after(910));
    assert_eq!(copy(&outbox), after(1_910), "of what came while it was made");
    outbox.take_due(after(1_910), RANDOM);
    outbox.succeed(&Work::Copy, after(1_920));
    outbox.want(&Work::Copy, Some(6), after(1_930));
    assert_eq!(copy(&outbox), after(2_920));
    outbox.take_due(after(2_920), RANDOM);
    outbox.succeed(&Work::Copy, after(2_930));
    outbox.want(&Work::Copy, Some(7), after(9_000));
    assert_eq!(copy(&outbox), after(9_900));
}

#[test]
fn work_wanted_anew_meanwhile_is_done_once_more() {
    let mut outbox = wanted(&Work::Fetch);
    outbox.take_due(NOW, RANDOM);
    outbox.want(&Work::Fetch, Some(9), NOW);
    outbox.succeed(&Work::Fetch, after(7));
    let row = fetch(&outbox);
    assert_eq!((row.standing, row.due, row.cause), (Standing::Pending, after(7), Some(9)));
    let mut last = with("fetch", 3, &[Reason::Refused; 3]);
    let refused = Failure::of_status(404, None, NOW);
    let mut alone = with("fetch", 3, &[Reason::Refused; 3]);
    alone.take_due(NOW, RANDOM);
    assert!(alone.fail(&Work::Fetch, &refused, RANDOM));
    assert_eq!(fetch(&alone).standing, Standing::Failed);
    last.take_due(NOW, RANDOM);
    last.want(&Work::Fetch, None, NOW);
    assert!(!last.fail(&Work::Fetch, &refused, RANDOM));
    assert_eq!((fetch(&last).standing, fetch(&last).attempts), (Standing::Pending, 0));
}

#[test]
fn rows_read_anew_while_work_is_done_forget_neither_it_nor_that_it_is_wanted_once_more() {
    let mut outbox = wanted(&Work::Fetch);
    outbox.take_due(NOW, RANDOM);
    let mut again = Outbox::of(outbox.rows.clone(), outbox.running.clone());
    again.want(&Work::Fetch, Some(7), NOW);
    again.succeed(&Work::Fetch, after(9));
    assert_eq!((fetch(&again).standing, fetch(&again).cause), (Standing::Pending, Some(7)));
}

#[test]
fn a_notice_that_came_with_the_event_is_not_sent_again() {
    let mut outbox = wanted(&Work::Notify);
    assert_eq!(outbox.next_due(), Some(after(NOTIFY_GRACE_MILLIS)));
    outbox.done(&Work::Notify, after(3));
    assert_eq!(outbox.next_due(), None);
    assert_eq!(outbox.row(&Work::Notify), None, "as if the outbox had not been asked");
    outbox.want(&Work::Notify, Some(1), after(4));
    outbox.take_due(after(3_000), RANDOM);
    outbox.succeed(&Work::Notify, after(3_000));
    assert_eq!(outbox.row(&Work::Notify), None, "nor when it did it");
    let mut failed = with("notify", 1, &[Reason::TimedOut]);
    failed.done(&Work::Notify, after(3));
    failed.done(&Work::Notify, after(4));
    let row = failed.row(&Work::Notify).unwrap();
    assert_eq!((row.standing, row.done_at, row.failures.len()), (Standing::Done, after(3), 1));
}

#[test]
fn the_latest_failures_are_kept_and_one_of_a_later_version_costs_no_other() {
    let mut full = with("fetch", 10, &[Reason::TimedOut; MAX_FAILURES_KEPT]);
    full.take_due(NOW, RANDOM);
    full.fail(&Work::Fetch, &Failure::of_status(503, None, NOW), RANDOM);
    assert_eq!(fetch(&full).failures.len(), MAX_FAILURES_KEPT);
    assert_eq!(fetch(&full).failures.last().unwrap().status, Some(503));
    let foreign =
        r#"[{"at":1,"reason":"TIMED_OUT"},{"at":2,"reason":"UNHEARD_OF"},{"at":3,"reason":"REFUSED"}]"#;
    let reasons: Vec<Reason> = read_failures(foreign).iter().map(|failure| failure.reason).collect();
    assert_eq!(reasons, [Reason::TimedOut, Reason::Refused]);
    assert_eq!(read_failures("no json"), []);
    let rows = format!(
        r#"{{"fetch":{{"attempts":2,"failures":{foreign},"more":1}},"copy":{{"standing":"UNHEARD_OF"}}}}"#
    );
    let outbox = Outbox::read(&rows, Running::default());
    assert_eq!((fetch(&outbox).attempts, fetch(&outbox).failures.len()), (2, 2));
    assert_eq!(outbox.row(&Work::Copy), Some(&Row::default()), "to be done again");
    assert_eq!(Outbox::read("no json", Running::default()).rows, BTreeMap::new());
}

#[test]
fn the_work_for_all_documents_of_a_pull_fits_one_row_however_it_fails() {
    let failure = Failure::of_status(503, Some("86400"), NOW);
    let row = Row {
        attempts: 14,
        failures: vec![failure; MAX_FAILURES_KEPT],
        cause: Some(1_000_000),
        ..Row::default()
    };
    let rows =
        |count: usize| (0..count).map(|n| (format!("document:{n:0>64}"), row.clone())).collect::<Vec<_>>();
    assert!(Outbox::of(rows(2_000), Running::default()).text().len() < 1_000_000);
    let few = Outbox::of(rows(MUCH_WORK), Running::default());
    assert_eq!(Outbox::read(&few.text(), Running::default()).rows, few.rows);
}

#[derive(Debug, Clone)]
enum Do {
    Want(u8),
    Take,
    Succeed(u8),
    Fail(u8, u16),
    Wait(u16),
    Lose,
    Read,
}

fn work(number: u8) -> Work {
    [Work::Copy, Work::Notify, Work::Fetch, Work::Document(DocumentId::parse("d").unwrap())]
        [usize::from(number % 4)]
    .clone()
}

fn steps() -> impl Strategy<Value = Vec<Do>> {
    let step = prop_oneof![
        any::<u8>().prop_map(Do::Want),
        Just(Do::Take),
        any::<u8>().prop_map(Do::Succeed),
        (any::<u8>(), prop::sample::select(vec![404, 429, 500])).prop_map(|(n, status)| Do::Fail(n, status)),
        any::<u16>().prop_map(Do::Wait),
        Just(Do::Lose),
        Just(Do::Read),
    ];
    prop::collection::vec(step, 0..60)
}

proptest! {
    /// Whatever happens, rows that were written are the rows that are there, and work that was wanted stays pending
    /// until it was done or given up.
    #[test]
    fn nothing_wanted_is_forgotten(steps in steps()) {
        let (mut outbox, mut stored, mut now) = (Outbox::default(), String::new(), NOW);
        for step in steps {
            match step {
                Do::Want(number) => outbox.want(&work(number), None, now),
                Do::Take => drop(outbox.take_due(now, RANDOM)),
                Do::Succeed(number) if outbox.running.has(&work(number).to_string()) => {
                    outbox.succeed(&work(number), now);
                }
                Do::Fail(number, status) if outbox.running.has(&work(number).to_string()) => {
                    outbox.fail(&work(number), &Failure::of_status(status, None, now), RANDOM);
                }
                Do::Wait(millis) => now = now.plus(millis.into()),
                Do::Lose => outbox = Outbox::read(&stored, Running::default()),
                Do::Read => outbox = Outbox::read(&stored, outbox.running.clone()),
                Do::Succeed(_) | Do::Fail(..) => {}
            }
            if outbox.has_changed() {
                stored = outbox.text();
                outbox.stored();
            }
            prop_assert_eq!(&Outbox::read(&stored, Running::default()).rows, &outbox.rows);
            if let Do::Want(number) = step {
                let row = outbox.row(&work(number)).unwrap();
                prop_assert_eq!(row.standing, Standing::Pending);
                prop_assert!(row.due <= now.plus(CAP_MILLIS));
            }
        }
    }
}
