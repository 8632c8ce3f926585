//! One comparison: page by page, so that it goes on where it was cut short.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::page::Page;
use crate::{
    api::Call,
    id::Id,
    retry::{Failure, Reason},
    time::UnixMillis,
};

/// How far back the hourly comparison looks, in milliseconds: three days, in which an outage is mended.
pub const HOURLY_SINCE_MILLIS: i64 = 3 * 24 * 60 * 60 * 1_000;

/// Pulls so new are left to their webhooks by the hourly comparison, in milliseconds.
pub const HOURLY_GRACE_MILLIS: i64 = 15 * 60 * 1_000;

/// Pulls of a page.
const PAGE: u32 = 20;

/// Interruptions of one page after which it is taken for what ends the isolate.
const MOST_INTERRUPTED: u32 = 3;

/// Wait before the next page when pulls were adopted, whose fetches go first, in milliseconds.
const PAUSE_MILLIS: u64 = 1_000;

/// How a comparison stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    /// There was none yet.
    #[default]
    Idle,
    /// It goes on.
    Running,
    /// It came to its end.
    Done,
    /// It was given up.
    Failed,
}

/// What became of one pull of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// It was unknown, and is fetched.
    Adopted,
    /// It had gone on without a webhook, and is fetched.
    Fetched,
    /// Nothing was missed.
    Current,
    /// Its object could not be reached.
    Failed,
}

impl Taken {
    const ALL: [(Self, &str); 3] =
        [(Self::Adopted, "adopted"), (Self::Fetched, "fetched"), (Self::Current, "current")];

    /// As a pull's object answers.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        Self::ALL.into_iter().find(|(taken, _)| *taken == self).map_or("failed", |(_, text)| text)
    }

    /// Reads what [`Taken::as_str`] gave.
    #[must_use]
    pub fn read(text: &str) -> Self {
        Self::ALL.into_iter().find(|(_, name)| *name == text).map_or(Self::Failed, |(taken, _)| taken)
    }
}

/// See above. As it is stored.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Run {
    /// How it stands.
    pub phase: Phase,
    /// Who asked for it.
    caller: Option<String>,
    /// Pulls begun not before; `None` for all there are.
    since: Option<UnixMillis>,
    /// And not after.
    before: Option<UnixMillis>,
    started_at: Option<UnixMillis>,
    finished_at: Option<UnixMillis>,
    /// Pulls that were looked at.
    listed: u32,
    total: Option<u64>,
    adopted: u32,
    fetched: u32,
    current: u32,
    failed: u32,
    /// Where the next page begins.
    offset: u32,
    /// Its length: less when Canopy's answer was too large. 0 stands for the usual.
    limit: u32,
    /// Attempts at this page.
    attempts: u32,
    /// Whether one is under way, as far as is known.
    is_open: bool,
    /// How many in a row were cut short.
    interrupted: u32,
    /// When it goes on; `None` at its end.
    pub due: Option<UnixMillis>,
    /// Why it was given up, or what holds it up.
    problem: Option<String>,
}

impl Run {
    /// A comparison that begins.
    #[must_use]
    pub fn begin(
        caller: &str,
        since: Option<UnixMillis>,
        before: Option<UnixMillis>,
        now: UnixMillis,
    ) -> Self {
        Self {
            phase: Phase::Running,
            caller: Some(caller.to_owned()),
            since,
            before: before.or(Some(now)),
            started_at: Some(now),
            due: Some(now),
            ..Self::default()
        }
    }

    /// The call for the next page, counted before it is made. What begins after the comparison shifts no page.
    #[must_use]
    pub fn next(&mut self, team: &Id) -> Call {
        if std::mem::replace(&mut self.is_open, true) {
            self.interrupted += 1;
            if self.interrupted >= MOST_INTERRUPTED {
                self.lessen();
            }
        }
        self.attempts += 1;
        let before = self.before.map(UnixMillis::rfc3339);
        let since = self.since.map(UnixMillis::rfc3339);
        Call::pulls(team, since.as_deref(), before.as_deref(), self.limit(), self.offset)
    }

    /// Asks for less at once; a pull that is too much alone is left out.
    fn lessen(&mut self) {
        (self.interrupted, self.attempts) = (0, 0);
        if self.limit() > 1 {
            // The offset counts pulls, so none is left out.
            self.limit = self.limit() / 2;
            return;
        }
        self.offset += 1;
        self.listed += 1;
        self.failed += 1;
    }

    fn limit(&self) -> u32 {
        if self.limit == 0 { PAGE } else { self.limit }
    }

    /// Takes up a page, and what became of its pulls. The end is where the total says so, else after a page that is shorter
    /// than was asked for.
    pub fn took(&mut self, page: &Page, taken: impl Iterator<Item = Taken>, now: UnixMillis) {
        let mut pause = 0;
        for taken in taken {
            if taken == Taken::Adopted {
                pause = PAUSE_MILLIS;
            }
            let count = match taken {
                Taken::Adopted => &mut self.adopted,
                Taken::Fetched => &mut self.fetched,
                Taken::Current => &mut self.current,
                Taken::Failed => &mut self.failed,
            };
            *count += 1;
        }
        self.failed += page.length.saturating_sub(page.listings.len() as u32);
        self.listed += page.length;
        self.total = page.total;
        self.offset += page.length;
        (self.attempts, self.interrupted, self.is_open, self.problem) = (0, 0, false, None);
        let is_short = page.length < self.limit();
        let is_last = page.total.map_or(is_short, |total| total <= self.offset.into());
        if is_last || page.length == 0 {
            (self.phase, self.finished_at, self.due) = (Phase::Done, Some(now), None);
        } else {
            self.due = Some(now.plus(pause));
        }
    }

    /// Takes up that a page did not come: it is asked for again, or the comparison is given up.
    pub fn missed(&mut self, failure: &Failure, random: u32, now: UnixMillis) {
        (self.interrupted, self.is_open) = (0, false);
        if failure.reason == Reason::TooLarge {
            self.lessen();
            self.due = Some(now);
            return;
        }
        let status = failure.status.map_or("no answer".to_owned(), |status| format!("status {status}"));
        self.problem = Some(format!("Canopy did not give its list ({status})"));
        self.due = failure.next_attempt(self.attempts, random);
        if self.due.is_none() {
            (self.phase, self.finished_at) = (Phase::Failed, Some(now));
        }
    }

    /// As the back office reads it.
    #[must_use]
    pub fn view(&self) -> Value {
        let time = |moment: Option<UnixMillis>| moment.map(UnixMillis::rfc3339);
        json!({
            "state": self.phase, "caller": self.caller, "since": time(self.since),
            "started_at": time(self.started_at), "finished_at": time(self.finished_at),
            "listed": self.listed, "total": self.total, "adopted": self.adopted, "fetched": self.fetched,
            "current": self.current, "failed": self.failed, "problem": self.problem,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixMillis = UnixMillis(1_700_000_000_000);

    fn page(length: u32, total: Option<u64>) -> Page {
        let items: Vec<Value> = (0..length).map(|n| json!({"pull_id": format!("p-{n}")})).collect();
        Page::read(json!({"pulls": items, "total_pulls": total}).to_string().as_bytes()).unwrap()
    }

    fn begun() -> Run {
        Run::begin("crm", None, None, NOW)
    }

    fn query(run: &mut Run) -> String {
        let call = run.next(&Id::parse("t").unwrap());
        call.path.split_once('?').unwrap().1.to_owned()
    }

    #[test]
    fn it_goes_from_page_to_page_to_the_end() {
        let mut run = Run::begin("crm", Some(UnixMillis(0)), None, NOW);
        let first =
            "since=1970-01-01T00%3A00%3A00.000Z&before=2023-11-14T22%3A13%3A20.000Z&limit=20&offset=0";
        assert_eq!(query(&mut run), first);
        run.took(&page(20, None), [Taken::Adopted, Taken::Fetched].into_iter(), NOW);
        assert_eq!(run.phase, Phase::Running);
        assert!(query(&mut run).ends_with("&limit=20&offset=20"));
        run.took(&page(3, None), [Taken::Current, Taken::Failed].into_iter(), NOW);
        assert_eq!(run.phase, Phase::Done);
        let view = run.view();
        let counts =
            ["listed", "adopted", "fetched", "current", "failed"].map(|name| view[name].as_u64().unwrap());
        assert_eq!(counts, [23, 1, 1, 1, 1]);
        assert_eq!((view["state"].as_str(), view["caller"].as_str()), (Some("done"), Some("crm")));
    }

    #[test]
    fn a_whole_page_is_the_last_where_the_total_says_so() {
        let mut run = begun();
        run.took(&page(20, Some(40)), [].into_iter(), NOW);
        assert_eq!(run.phase, Phase::Running);
        run.took(&page(20, Some(40)), [].into_iter(), NOW);
        assert_eq!(run.phase, Phase::Done);
        let mut empty = begun();
        empty.took(&page(0, None), [].into_iter(), NOW);
        assert_eq!(empty.phase, Phase::Done);
    }

    #[test]
    fn a_page_that_is_too_large_is_asked_for_in_parts() {
        let mut run = begun();
        for limit in [10, 5, 2, 1] {
            let _ = query(&mut run);
            let too_large = Failure::without_status(Reason::TooLarge, NOW);
            run.missed(&too_large, 0, NOW);
            assert_eq!(run.due, Some(NOW));
            assert!(query(&mut run.clone()).ends_with(&format!("limit={limit}&offset=0")));
        }
        run.took(&page(1, Some(2)), [].into_iter(), NOW);
        assert!(query(&mut run).ends_with("limit=1&offset=1"));
    }

    #[test]
    fn a_pull_that_ends_the_isolate_each_time_is_left_out_and_no_other() {
        let mut run = begun();
        let _ = query(&mut run);
        let mut asked = Vec::new();
        while run.offset == 0 {
            asked.push(query(&mut run));
        }
        assert_eq!((asked.len(), run.failed, run.listed, run.phase), (15, 1, 1, Phase::Running));
        run.took(&page(1, Some(3)), [Taken::Current].into_iter(), NOW);
        assert_eq!((run.offset, run.current, run.interrupted), (2, 1, 0));
    }

    #[test]
    fn pages_wait_for_what_was_adopted_and_a_short_page_is_no_end_where_the_total_says_more() {
        let mut run = begun();
        run.took(&page(20, None), [Taken::Adopted].into_iter(), NOW);
        assert_eq!(run.due, Some(NOW.plus(1_000)));
        run.took(&page(5, Some(40)), [Taken::Current].into_iter(), NOW);
        assert_eq!(run.due, Some(NOW));
        run.took(&page(15, Some(40)), [].into_iter(), NOW);
        assert_eq!((run.due, run.phase), (None, Phase::Done));
    }

    #[test]
    fn what_does_not_come_is_asked_for_again_and_given_up() {
        let mut run = begun();
        let fault = Failure::of_status(503, None, NOW);
        let mut asked = 0;
        while run.phase == Phase::Running {
            let _ = query(&mut run);
            asked += 1;
            run.missed(&fault, 0, NOW);
            assert_eq!(run.due.is_some(), run.phase == Phase::Running);
        }
        assert_eq!((asked, run.phase), (14, Phase::Failed));
        assert!(run.view()["problem"].as_str().unwrap().contains("503"));
    }

    #[test]
    fn it_survives_storage() {
        let mut run = begun();
        let _ = query(&mut run);
        let stored = serde_json::to_string(&run).unwrap();
        assert_eq!(serde_json::from_str::<Run>(&stored).unwrap(), run);
        assert_eq!(serde_json::from_str::<Run>("{}").unwrap(), Run::default());
    }

    #[test]
    fn what_became_of_a_pull_crosses_as_text() {
        for taken in [Taken::Adopted, Taken::Fetched, Taken::Current, Taken::Failed] {
            assert_eq!(Taken::read(taken.as_str()), taken);
        }
    }
}
