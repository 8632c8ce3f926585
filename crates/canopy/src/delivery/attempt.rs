//! What becomes of a delivery: each attempt, and when the next is.

use serde::{Deserialize, Serialize};

use crate::{
    retry::{self, Failure, MAX_RETRY_AFTER_MILLIS, Reason},
    time::UnixMillis,
};

/// How long a receiver may take, in milliseconds. Source: issue, "2xx within 15 s".
pub const TIMEOUT_MILLIS: u32 = 15_000;

/// Bytes of an answer that are kept.
pub const MAX_ANSWER_BYTES: usize = 1_024;

/// Wait before the second attempt, in milliseconds; doubled for each one after.
const BASE_MILLIS: u64 = 5_000;

/// Longest wait between attempts, in milliseconds.
const CAP_MILLIS: u64 = 4 * 60 * 60 * 1_000;

/// How long a delivery is tried, in milliseconds: a day.
const GIVEN_UP_AFTER_MILLIS: u64 = 24 * 60 * 60 * 1_000;

/// Attempts kept: the latest.
const MAX_KEPT: usize = 10;

/// Where a delivery stands. Stored as its place in this list.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Standing {
    /// It is tried, or to be tried again.
    #[default]
    Waiting,
    /// It was taken.
    Delivered,
    /// It was given up.
    Dead,
    /// It is asked for again.
    Again,
}

impl Standing {
    const ALL: [Self; 4] = [Self::Waiting, Self::Delivered, Self::Dead, Self::Again];

    /// As it is stored.
    #[must_use]
    pub fn code(self) -> u8 {
        self as u8
    }

    /// Reads what [`Standing::code`] gave.
    #[must_use]
    pub fn of_code(code: i64) -> Option<Self> {
        Self::ALL.get(usize::try_from(code).ok()?).copied()
    }

    /// Reads the value of `state=`.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|standing| standing.as_str() == text)
    }

    /// As it is shown.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Delivered => "delivered",
            Self::Dead => "dead",
            Self::Again => "again",
        }
    }
}

/// One attempt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tried {
    /// When it began.
    #[serde(with = "crate::schedule::rfc3339")]
    pub at: UnixMillis,
    /// HTTP status of the answer.
    pub status: Option<u16>,
    /// Why it was no success; `None` where it was one.
    pub reason: Option<Reason>,
    /// How long it took.
    pub duration_ms: u64,
    /// First bytes of the answer, as text.
    pub answer: Option<String>,
}

/// What is done next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// What comes after it.
    Delivered,
    /// The same again at that time, and nothing before it.
    Later(UnixMillis),
    /// It is given up: what comes after it.
    Dead,
    /// The receiver wants nothing any more.
    Gone,
}

/// A delivery: one entry to one subscription.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// Where it stands; kept beside it.
    #[serde(skip)]
    pub standing: Standing,
    /// When it was begun, the last time that it was asked for.
    pub since: UnixMillis,
    /// Attempts since then.
    pub count: u32,
    /// Whether those are of one that is sent again.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    is_again: bool,
    /// The latest attempts.
    pub attempts: Vec<Tried>,
}

impl Delivery {
    /// Counts an attempt that begins now. What ends the edge in the middle of it cannot say so: until it is said how it went, it
    /// counts as interrupted. A day that began before the subscription was `taken_up` last begins anew: it was not tried meanwhile.
    pub fn begin(&mut self, taken_up: UnixMillis, now: UnixMillis) {
        let goes_on = match self.standing {
            _ if self.since < taken_up => false,
            Standing::Waiting => self.count > 0,
            Standing::Again => self.is_again,
            Standing::Delivered | Standing::Dead => false,
        };
        if !goes_on {
            (self.since, self.count, self.is_again) = (now, 0, self.standing != Standing::Waiting);
        }
        if self.is_again {
            self.standing = Standing::Again;
        }
        self.count += 1;
        let reason = Some(Reason::Interrupted);
        self.attempts.push(Tried { at: now, status: None, reason, duration_ms: 0, answer: None });
        self.attempts.drain(..self.attempts.len().saturating_sub(MAX_KEPT));
    }

    /// Notes how the attempt under way went. `retry_after` is what its answer asked for.
    pub fn end(&mut self, tried: Tried, retry_after: Option<&str>, now: UnixMillis, random: u32) -> Verdict {
        self.attempts.pop();
        let (is_success, status) = (tried.reason.is_none(), tried.status);
        self.attempts.push(tried);
        if is_success {
            self.settle(Standing::Delivered);
            return Verdict::Delivered;
        }
        if status == Some(410) {
            return Verdict::Gone;
        }
        if now >= self.since.plus(GIVEN_UP_AFTER_MILLIS) {
            self.settle(Standing::Dead);
            return Verdict::Dead;
        }
        let wait = retry::backoff(self.count, BASE_MILLIS, CAP_MILLIS, random);
        let asked = retry_after.and_then(|value| retry::read_retry_after(value, now)).unwrap_or_default();
        Verdict::Later(now.plus(wait.max(asked.min(MAX_RETRY_AFTER_MILLIS))))
    }

    fn settle(&mut self, standing: Standing) {
        (self.standing, self.is_again) = (standing, false);
    }
}

impl Tried {
    /// An attempt of `at` that was answered.
    #[must_use]
    pub fn answered(at: UnixMillis, status: u16, duration_ms: u64, answer: &[u8]) -> Self {
        let reason = (!(200..300).contains(&status)).then(|| Failure::of_status(status, None, at).reason);
        let answer = &answer[..answer.len().min(MAX_ANSWER_BYTES)];
        // What was cut in the middle of a character ends before it.
        let answer = answer.utf8_chunks().map(|chunk| chunk.valid()).collect::<Vec<_>>().join("\u{fffd}");
        let answer = answer.trim_end_matches('\u{fffd}').replace('\0', "\u{fffd}");
        Self { at, status: Some(status), reason, duration_ms, answer: Some(answer) }
    }

    /// One that was not.
    #[must_use]
    pub fn unanswered(at: UnixMillis, reason: Reason, duration_ms: u64) -> Self {
        Self { at, status: None, reason: Some(reason), duration_ms, answer: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixMillis = UnixMillis(1_700_000_000_000);

    fn fails(delivery: &mut Delivery, now: UnixMillis, status: u16, retry_after: Option<&str>) -> Verdict {
        delivery.begin(UnixMillis(0), now);
        delivery.end(Tried::answered(now, status, 3, b"no"), retry_after, now, u32::MAX)
    }

    #[test]
    fn two_hundreds_are_success_and_nothing_else_is() {
        for status in 100..600 {
            let mut delivery = Delivery::default();
            let verdict = fails(&mut delivery, NOW, status, None);
            let expected = match status {
                200..300 => Verdict::Delivered,
                410 => Verdict::Gone,
                _ => Verdict::Later(NOW.plus(BASE_MILLIS)),
            };
            assert_eq!(verdict, expected, "{status}");
            let stands = if status / 100 == 2 { Standing::Delivered } else { Standing::Waiting };
            assert_eq!((delivery.standing, delivery.count, delivery.attempts.len()), (stands, 1, 1));
        }
    }

    #[test]
    fn it_is_tried_for_a_day_ever_more_seldom_and_then_given_up() {
        let (mut delivery, mut now, mut waits) = (Delivery::default(), NOW, Vec::new());
        let last = loop {
            match fails(&mut delivery, now, 500, None) {
                Verdict::Later(next) => {
                    waits.push(next.0 - now.0);
                    now = next;
                }
                verdict => break verdict,
            }
        };
        assert_eq!((last, delivery.standing), (Verdict::Dead, Standing::Dead));
        assert_eq!(waits[..4], [5_000, 10_000, 20_000, 40_000]);
        assert_eq!(waits.last(), Some(&(CAP_MILLIS as i64)));
        let hours = (now.0 - NOW.0) / 3_600_000;
        assert!((24..=28).contains(&hours), "{hours}");
        assert_eq!((delivery.attempts.len(), delivery.count as usize), (MAX_KEPT, waits.len() + 1));
    }

    #[test]
    fn what_a_receiver_asks_for_is_waited_for_and_a_day_at_most() {
        let later = |asked| fails(&mut Delivery::default(), NOW, 429, Some(asked));
        assert_eq!(later("60"), Verdict::Later(NOW.plus(60_000)));
        assert_eq!(later("1"), Verdict::Later(NOW.plus(BASE_MILLIS)));
        assert_eq!(later("Tue, 14 Nov 2023 22:14:20 GMT"), Verdict::Later(NOW.plus(60_000)));
        assert_eq!(later("99999999"), Verdict::Later(NOW.plus(MAX_RETRY_AFTER_MILLIS)));
        assert_eq!(later("soon"), Verdict::Later(NOW.plus(BASE_MILLIS)));
    }

    #[test]
    fn what_ended_the_edge_counts_and_is_tried_again() {
        let mut delivery = Delivery::default();
        delivery.begin(UnixMillis(0), NOW);
        let text = serde_json::to_string(&delivery).unwrap();
        let mut read: Delivery = serde_json::from_str(&text).unwrap();
        assert_eq!(read, delivery);
        assert_eq!(read.attempts[0].reason, Some(Reason::Interrupted));
        assert_eq!(fails(&mut read, NOW.plus(9), 500, None), Verdict::Later(NOW.plus(9 + 2 * BASE_MILLIS)));
        assert_eq!((read.since, read.count), (NOW, 2));
    }

    #[test]
    fn what_is_asked_for_again_has_a_day_of_its_own() {
        let mut delivery = Delivery::default();
        let late = NOW.plus(GIVEN_UP_AFTER_MILLIS);
        fails(&mut delivery, NOW, 500, None);
        assert_eq!(fails(&mut delivery, late, 500, None), Verdict::Dead);
        delivery.standing = Standing::Again;
        assert!(matches!(fails(&mut delivery, late, 500, None), Verdict::Later(_)));
        assert_eq!((delivery.since, delivery.count, delivery.attempts.len()), (late, 1, 3));
        // It is found as what is to be sent again until it is settled, and then as nothing of the kind.
        assert_eq!(delivery.standing, Standing::Again);
        let later = late.plus(GIVEN_UP_AFTER_MILLIS);
        assert_eq!(fails(&mut delivery, later, 500, None), Verdict::Dead);
        delivery.standing = Standing::Again;
        assert!(matches!(fails(&mut delivery, later, 500, None), Verdict::Later(_)));
        assert_eq!(fails(&mut delivery, later, 204, None), Verdict::Delivered);
    }

    #[test]
    fn a_day_in_which_nothing_was_tried_is_none() {
        let mut delivery = Delivery::default();
        fails(&mut delivery, NOW, 503, None);
        let late = NOW.plus(2 * GIVEN_UP_AFTER_MILLIS);
        delivery.begin(late, late);
        let tried = Tried::answered(late, 503, 3, b"no");
        assert!(matches!(delivery.end(tried, None, late, 0), Verdict::Later(_)));
        assert_eq!((delivery.since, delivery.count, delivery.standing), (late, 1, Standing::Waiting));
    }

    #[test]
    fn of_an_answer_its_first_bytes_are_kept_as_text() {
        let answer = |bytes: &[u8]| Tried::answered(NOW, 500, 0, bytes).answer.unwrap();
        assert_eq!(answer(b"down"), "down");
        assert_eq!(answer("aé".as_bytes().split_last().unwrap().1), "a");
        assert_eq!(answer(b"a\xffb"), "a\u{fffd}b");
        assert_eq!(answer(&[b'x'; 5_000]).len(), MAX_ANSWER_BYTES);
    }

    #[test]
    fn standings_are_stored_by_their_place() {
        for (code, standing) in Standing::ALL.into_iter().enumerate() {
            assert_eq!(Standing::of_code(code as i64), Some(standing));
            assert_eq!(Standing::read(standing.as_str()), Some(standing));
        }
        assert_eq!((Standing::of_code(4), Standing::of_code(-1)), (None, None));
    }
}
