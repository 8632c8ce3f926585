use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::pull::{Called, Stored};
use crate::{retry::CAP_MILLIS, signature};

const NOW: UnixMillis = UnixMillis(1_700_000_000_000);

/// An object's storage: the log, and the record as it was stored.
#[derive(Default)]
struct Storage {
    log: Vec<(Kind, Vec<u8>, Vec<u8>, LogEnd)>,
    record: Option<(Record, String)>,
}

impl Storage {
    fn store(&mut self, record: &mut Record) {
        record.stored();
        self.record = Some((record.clone(), record.outbox.text()));
    }

    /// As an object does it that wakes.
    fn read(&self, now: UnixMillis) -> Record {
        let (record, outbox) = self.record.as_ref().unwrap();
        let mut record = Record { outbox: Outbox::read(outbox, Running::default()), ..record.clone() };
        let stored_at = record.stored_at.unwrap();
        for (kind, key, body, end) in self.log.iter().filter(|(.., end)| end.position > stored_at) {
            record.replay(&Logged { kind: Some(*kind), key, body, is_sealed: true, end: *end }).unwrap();
        }
        record.resume(now);
        record
    }

    fn listed(&mut self, record: &mut Record, status: &str, now: UnixMillis) {
        let listing = listing(status).after(&record.state);
        let (body, end) = (listing.body.as_bytes(), record.end.next(now));
        self.log.push((Kind::Own, Vec::new(), body.to_vec(), end));
        record.take_up(&Entry::Listed(&listing.event, &signature::digest(body)), end);
    }

    fn called(&mut self, record: &mut Record, operation: &str, number: usize, now: UnixMillis) {
        let id = |text: &str| crate::id::Id::parse(text).unwrap();
        let called = Called {
            operation: operation.to_owned(),
            monitoring_id: Some(id(&format!("m-{number}"))),
            servicing_action_ids: vec![id(&format!("a-{number}"))],
            ..Called::default()
        };
        let end = record.end.next(now);
        self.log.push((Kind::Call, called.key(), serde_json::to_vec(&called).unwrap(), end));
        record.take_up(&Entry::Called(&called), end);
    }

    fn refreshed(&mut self, record: &mut Record, refresh: u8, now: UnixMillis) {
        let pull_id = PullId::parse(&format!("r-{refresh}")).unwrap();
        let refreshed = Refreshed::new(
            record.pull_id.clone(),
            Refresh { pull_id, monitoring_id: None, terms: None, as_of: None },
        );
        let end = record.end.next(now);
        self.log.push((Kind::Own, Vec::new(), serde_json::to_vec(&refreshed).unwrap(), end));
        record.take_up(&Entry::Refreshed(&refreshed.data), end);
    }

    fn webhook(&mut self, record: &mut Record, body: &str, now: UnixMillis) {
        let (event, digest) = (Event::parse(body.as_bytes()).unwrap(), signature::digest(body.as_bytes()));
        let end = record.end.next(now);
        self.log.push((Kind::Webhook, digest.to_vec(), body.as_bytes().to_vec(), end));
        record.take_up(&Entry::Webhook(&event, &digest), end);
        if record.is_far_ahead() {
            self.store(record);
        }
    }
}

fn webhook(event_type: &str, number: usize) -> String {
    json!({"pull_id": "p", "event_type": event_type, "sequence": number, "status": "SUCCESS", "number": number,
        "meta_data": {"edge_session": "s"}, "data": {"auth_status": "SUCCESS"},
        "monitoring": {"initial_pull_id": "first"}})
    .to_string()
}

fn new() -> Record {
    Record::new(PullId::parse("p").unwrap(), NOW, Running::default())
}

fn is_pending(record: &Record, work: &Work) -> bool {
    record.outbox.row(work).is_some_and(|row| row.standing == Standing::Pending)
}

#[test]
fn a_pull_is_stored_with_its_first_entry_and_then_once_in_many() {
    let (mut storage, mut record, mut stored) = (Storage::default(), new(), Vec::new());
    for number in 0..200 {
        storage.webhook(&mut record, &webhook("DATA_UPDATED", number), NOW);
        stored.push(record.stored_at.unwrap());
    }
    stored.dedup();
    assert_eq!(stored, [1, 65, 129, 193]);
    assert_eq!(storage.read(NOW).state, record.state);
}

#[test]
fn news_that_nobody_knows_to_be_told_are_told_again() {
    let (mut storage, mut record) = (Storage::default(), new());
    storage.webhook(&mut record, &webhook("AUTH_STATUS", 1), NOW);
    assert!(record.untold == Some(1) && !is_pending(&record, &Work::Notify), "the session is told at once");
    assert!(is_pending(&storage.read(NOW), &Work::Notify));
    record.told(0, NOW);
    assert_eq!(record.untold, Some(1), "of what was known before");
    record.told(1, NOW);
    storage.store(&mut record);
    assert!(!is_pending(&storage.read(NOW), &Work::Notify));
    storage.webhook(&mut record, &webhook("AUTH_STATUS", 2), NOW);
    assert!(is_pending(&storage.read(NOW), &Work::Notify));
}

fn document(id: &str) -> DocumentRef {
    serde_json::from_value(json!({"document_id": id, "title": "t".repeat(1_024)})).unwrap()
}

#[test]
fn a_document_that_is_in_the_log_is_not_downloaded_again() {
    let (mut storage, mut record) = (Storage::default(), new());
    storage.webhook(&mut record, &webhook("COMPLETE", 1), NOW);
    assert!(record.name(&document("d"), None, NOW));
    let id = document("d").document_id;
    let work = Work::Document(id.clone());
    record.outbox.take_due(NOW, 0);
    storage.store(&mut record);
    assert!(is_pending(&storage.read(NOW), &work));
    let stored =
        Stored { document_id: id.clone(), size: 1, sha256: String::new(), content_type: String::new() };
    let body = serde_json::to_vec(&stored).unwrap();
    storage.log.push((Kind::Stored, Vec::new(), body, record.end.next(NOW)));
    let mut woken = storage.read(NOW);
    assert!(!is_pending(&woken, &work) && is_pending(&woken, &Work::Fetch));
    assert_eq!(woken.outbox.row(&work).unwrap().failures, []);
    assert!(woken.documents[&id].stored.as_ref().is_some_and(|stored| stored.is_sealed));
    let renamed = DocumentRef { title: None, ..document("d") };
    assert!(woken.name(&renamed, None, NOW) && !is_pending(&woken, &work));
    assert_eq!(woken.documents[&id].named, renamed);
}

#[test]
fn documents_beyond_what_a_row_holds_are_left_to_rows_of_their_own() {
    let mut record = new();
    let named =
        (0..MAX_KNOWN_DOCUMENTS + 5).filter(|n| record.name(&document(&format!("d{n}")), None, NOW)).count();
    assert_eq!((named, record.documents.len()), (MAX_KNOWN_DOCUMENTS, MAX_KNOWN_DOCUMENTS));
    assert!(serde_json::to_string(&record.documents).unwrap().len() < 500_000);
}

#[test]
fn an_entry_that_cannot_be_read_is_not_passed_over() {
    let replayed = |kind, key: &[u8], body: &[u8]| {
        let end = LogEnd::default().next(NOW);
        new().replay(&Logged { kind, key, body, is_sealed: false, end })
    };
    assert_eq!(replayed(Some(Kind::Webhook), &[0; 32], b"sealed"), Err("event unreadable"));
    let short_key = replayed(Some(Kind::Webhook), &[0; 3], webhook("NEW", 1).as_bytes());
    assert_eq!(short_key, Err("event unreadable"));
    assert_eq!(replayed(None, &[], b"of a later version"), Ok(()));
}

fn listing(status: &str) -> Listing {
    let item = json!({"pull_id": "p", "status": status, "meta_data": {"edge_session": "s"}}).to_string();
    Listing::read(serde_json::from_str(&item).unwrap()).unwrap()
}

#[test]
fn what_a_record_lacks_of_a_listed_pull() {
    let mut record = new();
    assert_eq!(record.lacks(&listing("QUEUED")), Lack::All);
    Storage::default().webhook(&mut record, &webhook("AUTH_STATUS", 1), NOW);
    assert_eq!(record.lacks(&listing("PULLING_DATA")), Lack::Nothing);
    assert_eq!(record.lacks(&listing("SUCCESS")), Lack::End);
    Storage::default().webhook(&mut record, &webhook("COMPLETE", 2), NOW);
    assert_eq!(record.lacks(&listing("SUCCESS")), Lack::Nothing);
    record.outbox.take_due(NOW, 0);
    let refused = crate::retry::Failure::of_status(403, None, NOW);
    while is_pending(&record, &Work::Fetch) {
        record.outbox.fail(&Work::Fetch, &refused, 0);
        record.outbox.take_due(UnixMillis(i64::MAX), 0);
    }
    assert_eq!(record.lacks(&listing("SUCCESS")), Lack::Snapshot);
}

#[test]
fn a_version_is_outdated_once_in_a_while_and_not_while_another_comes() {
    let mut record = new();
    assert!(record.is_outdated(NOW, NOW.plus(10_000)) && !record.is_outdated(NOW, NOW.plus(9_999)));
    record.outbox.want(&Work::Fetch, None, NOW);
    assert!(!record.is_outdated(NOW, NOW.plus(10_000)));
}

#[derive(Debug, Clone)]
enum Do {
    Webhook(usize),
    Listed(&'static str),
    Called(&'static str),
    Refreshed(u8),
    Take,
    Succeed,
    Tell,
    Store,
    Lose,
}

const TYPES: [&str; 4] = ["AUTH_STATUS", "POLICY_AVAILABLE", "DATA_UPDATED", "COMPLETE"];

fn steps() -> impl Strategy<Value = Vec<Do>> {
    let step = prop_oneof![
        3 => (0..TYPES.len()).prop_map(Do::Webhook),
        1 => prop::sample::select(vec!["SUCCESS", "PROVIDER_ERROR", "QUEUED"]).prop_map(Do::Listed),
        1 => prop::sample::select(vec!["post-servicing-action", "post-monitoring", "delete-monitoring", "of-later"]).prop_map(Do::Called),
        1 => (0..3_u8).prop_map(Do::Refreshed),
        1 => Just(Do::Take),
        1 => Just(Do::Succeed),
        1 => Just(Do::Tell),
        1 => Just(Do::Store),
        1 => Just(Do::Lose),
    ];
    prop::collection::vec(step, 0..150)
}

proptest! {
    /// Whenever an object is lost, the next one knows the same state, and every piece of work that was not done.
    #[test]
    fn an_object_that_is_lost_takes_neither_state_nor_work_with_it(steps in steps()) {
        let (mut storage, mut record, mut now, mut running) = (Storage::default(), new(), NOW, Vec::new());
        storage.webhook(&mut record, &webhook("AUTH_STATUS", 0), now);
        for (number, step) in steps.into_iter().enumerate() {
            now = now.plus(700);
            match step {
                Do::Listed(status) => storage.listed(&mut record, status, now),
                Do::Called(operation) => storage.called(&mut record, operation, number, now),
                Do::Refreshed(refresh) => storage.refreshed(&mut record, refresh, now),
                Do::Webhook(at) => storage.webhook(&mut record, &webhook(TYPES[at], number + 1), now),
                Do::Take => {
                    running.extend(record.outbox.take_due(now, 0).0);
                    storage.store(&mut record);
                }
                Do::Succeed => {
                    running.pop().into_iter().for_each(|attempt| record.outbox.succeed(&attempt.work, now));
                }
                Do::Tell => record.told(record.end.position, now),
                Do::Store => storage.store(&mut record),
                Do::Lose => {
                    record = storage.read(now);
                    running.clear();
                }
            }
            let woken = storage.read(now);
            prop_assert_eq!(&woken.state, &record.state);
            prop_assert_eq!((woken.end, woken.updated_at), (record.end, record.updated_at));
            for work in [Work::Copy, Work::Fetch, Work::Link] {
                prop_assert!(!is_pending(&record, &work) || is_pending(&woken, &work), "{work}");
            }
            prop_assert!(record.untold.is_none() || is_pending(&woken, &Work::Notify));
            prop_assert!(woken.outbox.next_due().is_none_or(|due| due <= now.plus(CAP_MILLIS)));
        }
    }
}
