//! One walk: which pulls are open, where the next page begins, and what became of those before.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{kind::Kind, step::Step};
use crate::{id::PullId, retry, time::UnixMillis};

/// Most pulls that are open at a time.
pub const PAGE: u32 = 16;

/// Attempts at one step before its pull is given up: about half a minute of waits.
const MOST_TRIES: u32 = 6;

/// Longest wait between them, in milliseconds.
const CAP_MILLIS: u64 = 15_000;

/// Most pulls that are named as failed; the others are counted.
const MOST_NAMED: usize = 100;

/// How late a pull may come into the list, in milliseconds: the second round looks so far back.
const LATE_MILLIS: i64 = 60 * 60 * 1_000;

/// How a walk stands.
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
}

/// Pulls that begin meanwhile may lie before the place: they are gone through by themselves at the end.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Round {
    #[default]
    All,
    Begun,
}

/// A pull that is begun and not done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Open {
    pull_id: PullId,
    /// In which it was met.
    round: Round,
    /// Given to the next step.
    within: Value,
    /// Attempts at it.
    tries: u32,
    due: UnixMillis,
    why: Option<String>,
}

/// A pull that was given up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Failed {
    pull_id: PullId,
    why: String,
}

/// The pulls to look up next, in order of their ids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageQuery {
    /// Behind this one.
    pub after: Option<PullId>,
    /// Begun not before.
    pub since: Option<UnixMillis>,
    /// At most so many.
    pub most: u32,
}

/// A step to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// With this pull.
    pub pull_id: PullId,
    /// What the step before gave; null at the first.
    pub within: Value,
}

/// See above. As it is stored.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Run {
    /// How it stands.
    pub phase: Phase,
    /// What is done; `None` before the first walk.
    pub kind: Option<Kind>,
    /// For each pull.
    pub argument: Value,
    caller: Option<String>,
    started_at: Option<UnixMillis>,
    finished_at: Option<UnixMillis>,
    round: Round,
    /// The last pull of the page before.
    place: Option<PullId>,
    is_at_end: bool,
    open: Vec<Open>,
    done: u64,
    failed: u64,
    failures: Vec<Failed>,
    /// Pages in a row that did not come.
    missed: u32,
    /// When it goes on; `None` at its end.
    pub due: Option<UnixMillis>,
}

impl Run {
    /// A walk that begins.
    #[must_use]
    pub fn begin(kind: Kind, argument: Value, caller: &str, now: UnixMillis) -> Self {
        Self {
            phase: Phase::Running,
            kind: Some(kind),
            argument,
            caller: Some(caller.to_owned()),
            started_at: Some(now),
            due: Some(now),
            ..Self::default()
        }
    }

    /// When it began: two walks of one object are told apart by that.
    #[must_use]
    pub fn started(&self) -> Option<UnixMillis> {
        self.started_at
    }

    /// Whether this walk is under way: asking for it again begins none.
    #[must_use]
    pub fn is_under_way(&self, kind: Kind, argument: &Value) -> bool {
        self.phase == Phase::Running && self.kind == Some(kind) && self.argument == *argument
    }

    /// The page to look up before the next steps; `None` while no pull more may be opened, and at the end.
    #[must_use]
    pub fn page(&self) -> Option<PageQuery> {
        let most = PAGE.saturating_sub(self.open.len() as u32);
        let since = self.started_at.filter(|_| self.round == Round::Begun);
        let since = since.map(|at| UnixMillis(at.0 - LATE_MILLIS));
        let is_running = self.phase == Phase::Running && !self.is_at_end && most > 0;
        is_running.then(|| PageQuery { after: self.place.clone(), since, most })
    }

    /// Takes up a page, of which `most` were asked for.
    pub fn took(&mut self, page: Vec<PullId>, most: u32, now: UnixMillis) {
        self.missed = 0;
        let is_short = (page.len() as u32) < most;
        self.place = page.last().cloned().or(self.place.take());
        let round = self.round;
        for pull_id in page {
            if self.open.iter().all(|open| open.pull_id != pull_id) {
                self.open.push(Open { pull_id, round, within: Value::Null, tries: 0, due: now, why: None });
            }
        }
        if is_short && self.round == Round::All {
            (self.round, self.place) = (Round::Begun, None);
        } else if is_short {
            self.is_at_end = true;
        }
    }

    /// Takes up that a page did not come. What is open goes on.
    pub fn missed(&mut self, random: u32, now: UnixMillis) {
        self.missed += 1;
        self.due = Some(now.plus(retry::backoff(self.missed, retry::BASE_MILLIS, CAP_MILLIS, random)));
    }

    /// The steps to be made now, each counted before it is: store the walk first. One that was cut short each time is given up.
    pub fn begin_steps(&mut self, now: UnixMillis) -> Vec<Asked> {
        let mut asked = Vec::new();
        for mut open in std::mem::take(&mut self.open) {
            if open.due > now {
                self.open.push(open);
            } else if open.tries >= MOST_TRIES {
                let why =
                    open.why.unwrap_or_else(|| "the edge ended in the middle of it each time".to_owned());
                self.give_up(open.pull_id, why);
            } else {
                open.tries += 1;
                asked.push(Asked { pull_id: open.pull_id.clone(), within: open.within.clone() });
                self.open.push(open);
            }
        }
        asked
    }

    /// Takes up how a step went; an error is why it failed.
    pub fn stepped(&mut self, pull_id: &PullId, step: Result<Step, String>, random: u32, now: UnixMillis) {
        let Some(at) = self.open.iter().position(|open| open.pull_id == *pull_id) else { return };
        match step {
            Ok(Step::More { within, after }) => {
                let open = &mut self.open[at];
                (open.within, open.tries, open.due, open.why) = (within, 0, now.plus(after), None);
            }
            Ok(Step::Done) => {
                self.done += u64::from(self.open.remove(at).round == Round::All);
            }
            Ok(Step::Refused { why }) => {
                self.open.remove(at);
                self.give_up(pull_id.clone(), why);
            }
            Err(why) => {
                let open = &mut self.open[at];
                let wait = retry::backoff(open.tries, retry::BASE_MILLIS, CAP_MILLIS, random);
                (open.due, open.why) = (now.plus(wait), Some(why));
            }
        }
    }

    /// When it goes on, after its steps; at its end it is done.
    pub fn rest(&mut self, now: UnixMillis) {
        let is_held_up = self.missed > 0;
        let page = self.page().map(|_| if is_held_up { self.due.unwrap_or(now) } else { now });
        self.due = self.open.iter().map(|open| open.due).chain(page).min();
        if self.due.is_none() && self.phase == Phase::Running {
            (self.phase, self.finished_at) = (Phase::Done, Some(now));
        }
    }

    fn give_up(&mut self, pull_id: PullId, why: String) {
        // The second round meets some once more.
        if self.failures.iter().any(|failed| failed.pull_id == pull_id) {
            return;
        }
        self.failed += 1;
        if self.failures.len() < MOST_NAMED {
            self.failures.push(Failed { pull_id, why });
        }
    }

    /// The place behind which pulls of the first round were not looked up yet; `None` when all were.
    #[must_use]
    pub fn ahead(&self) -> Option<Option<&PullId>> {
        let is_ahead = self.phase == Phase::Running && self.round == Round::All;
        is_ahead.then_some(self.place.as_ref())
    }

    /// As the back office reads it; `ahead` is how many pulls lie behind the place of [`Run::ahead`].
    #[must_use]
    pub fn view(&self, ahead: u64) -> Value {
        let time = |moment: Option<UnixMillis>| moment.map(UnixMillis::rfc3339);
        json!({
            "state": self.phase, "kind": self.kind, "caller": self.caller,
            "started_at": time(self.started_at), "finished_at": time(self.finished_at),
            "done": self.done, "left": ahead + self.open.len() as u64, "failed": self.failed,
            "failures": self.failures,
        })
    }
}
