//! The login as a consumer's screen follows it: forward, and back only where Canopy asks something again.

use serde::{Deserialize, Deserializer, Serialize};

use super::{status::Sequence, view::AuthView};
use crate::status::Question;

/// Follows a pull's statuses, which may come late, twice or out of order.
///
/// A status is taken when its sequence is above all before it (or when no status had one and it differs). It then
/// moves the screen when it is further on, when it asks the consumer something, or when they have answered what stands
/// there. Source: contract, "Webhooks": "Only `NOT_AUTHENTICATED`, …".
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Track {
    seen: Option<Sequence>,
    /// The status taken last, as it came: what tells a repetition where there is no sequence.
    taken: Option<AuthView>,
    shown: Option<AuthView>,
    /// Counts the statuses shown: tells one prompt from the next.
    turn: u32,
    answered: bool,
    /// The prompt that an answer is under way to.
    asking: Option<u32>,
    /// What was answered last: its being asked again means that the answer was not right.
    #[serde(default, deserialize_with = "question")]
    last_answered: Option<Question>,
    /// Whether what stands is asked again because the answer before was wrong.
    refused: bool,
}

impl Track {
    /// Takes a status. Gives whether it moved the screen.
    pub fn follow(&mut self, auth: &AuthView) -> bool {
        let is_news = match (auth.sequence, self.seen) {
            (None, None) => self.taken.as_ref() != Some(auth),
            (new, seen) => new > seen,
        };
        if !is_news {
            return false;
        }
        self.seen = auth.sequence;
        self.taken = Some(auth.clone());
        let Some(shown) = &self.shown else {
            self.show(auth.clone());
            return true;
        };
        let moves = self.answered
            || auth.status.question().is_some()
            || auth.status.progress() > shown.status.progress();
        if moves {
            // A code may be asked for by another way as long as the ways are known.
            let mut auth = auth.clone();
            if auth.options.is_empty() && auth.status.question() == Some(Question::IdentityCode) {
                auth.options.clone_from(&shown.options);
            }
            self.show(auth);
        }
        moves
    }

    fn show(&mut self, auth: AuthView) {
        // The status may come before the call that answered has returned.
        if self.answered || self.asking == Some(self.turn) {
            self.last_answered = self.shown.as_ref().and_then(|shown| shown.status.question());
        }
        self.refused = match auth.status.question() {
            Some(Question::Credentials) => true,
            asked @ Some(Question::IdentityCode) => self.last_answered == asked,
            Some(Question::IdentityOption) | None => false,
        };
        self.shown = Some(auth);
        self.turn += 1;
        self.answered = false;
    }

    /// Another code is being sent: the next time that it is asked for says nothing about the one before.
    pub fn resend(&mut self) {
        self.last_answered = None;
    }

    /// An answer to what stands is on its way.
    pub fn ask(&mut self) {
        self.asking = Some(self.turn);
    }

    /// The answer on its way was taken, or not. A prompt whose answer was taken is not answered again; one that came
    /// meanwhile stands.
    pub fn settle(&mut self, taken: bool) {
        self.answered |= taken && self.shown.is_some() && self.asking == Some(self.turn);
        self.asking = None;
    }

    /// The status that the screen stands at.
    #[must_use]
    pub fn shown(&self) -> Option<&AuthView> {
        self.shown.as_ref()
    }

    /// The number of the prompt that stands; 0 before any status.
    #[must_use]
    pub fn turn(&self) -> u32 {
        self.turn
    }

    /// Whether what stands has been answered.
    #[must_use]
    pub fn is_answered(&self) -> bool {
        self.answered
    }

    /// Whether what stands is asked for because the answer before was not right.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        self.refused
    }
}

/// A name that is no question's says nothing of an answer.
fn question<'de, D: Deserializer<'de>>(stored: D) -> Result<Option<Question>, D::Error> {
    let name = Option::<serde_json::Value>::deserialize(stored)?;
    Ok(name.and_then(|name| serde_json::from_value(name).ok()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{auth::IdentityOption, status::PullStatus};

    const STATUSES: [&str; 12] = [
        "QUEUED",
        "PROCESSING",
        "NOT_AUTHENTICATED",
        "IDENTITY_VERIFICATION_OPTIONS",
        "IDENTITY_VERIFICATION",
        "GETTING_CONSUMERS",
        "PULLING_DATA",
        "SUCCESS",
        "PROVIDER_ERROR",
        "BRAND_NEW",
        "WAITING_FOR_CONSUMER_CONFIRMATION",
        "INTERNAL_ERROR",
    ];

    fn at(sequence: impl Into<Option<u64>>, status: &str) -> AuthView {
        AuthView {
            sequence: sequence.into(),
            status: PullStatus::read(status),
            options: vec![],
            message: vec![],
        }
    }

    fn track(statuses: &[(u64, &str)]) -> Track {
        let mut track = Track::default();
        for (sequence, status) in statuses {
            track.follow(&at(*sequence, status));
        }
        track
    }

    fn shown(track: &Track) -> &str {
        track.shown().unwrap().status.as_str()
    }

    fn progress(status: &str) -> u8 {
        PullStatus::read(status).progress()
    }

    fn may_move_back(status: &str) -> bool {
        PullStatus::read(status).question().is_some()
    }

    #[test]
    fn only_three_statuses_move_the_screen_back() {
        for status in STATUSES {
            let track = track(&[(1, "SUCCESS"), (2, status)]);
            let may = may_move_back(status) || progress(status) > progress("SUCCESS");
            assert_eq!(shown(&track), if may { status } else { "SUCCESS" }, "{status}");
        }
    }

    #[test]
    fn a_prompt_stands_until_it_is_answered_or_overtaken() {
        let mut track = track(&[(3, "IDENTITY_VERIFICATION"), (4, "PROCESSING")]);
        assert_eq!((shown(&track), track.turn()), ("IDENTITY_VERIFICATION", 1));
        track.ask();
        track.settle(true);
        assert!(track.is_answered());
        assert!(track.follow(&at(5, "PROCESSING")), "an answered prompt is done with");
        assert!(track.follow(&at(6, "IDENTITY_VERIFICATION")));
        assert!(!track.is_answered() && track.is_refused(), "a wrong code is asked for again");
        assert!(track.follow(&at(7, "PULLING_DATA")), "approved elsewhere");
    }

    #[test]
    fn an_answer_to_the_prompt_before_is_none_to_this_one() {
        let mut track = track(&[(1, "IDENTITY_VERIFICATION")]);
        assert!(!track.is_refused());
        track.ask();
        track.follow(&at(2, "IDENTITY_VERIFICATION"));
        track.settle(true);
        assert!(!track.is_answered() && track.is_refused(), "the code was wrong: another is asked for");
    }

    #[test]
    fn another_code_sent_is_no_refusal() {
        let mut track = track(&[(1, "IDENTITY_VERIFICATION")]);
        track.follow(&at(2, "IDENTITY_VERIFICATION"));
        assert!(!track.is_refused());
        track.ask();
        track.settle(true);
        track.follow(&at(3, "IDENTITY_VERIFICATION"));
        assert!(track.is_refused());
        track.resend();
        track.follow(&at(4, "IDENTITY_VERIFICATION"));
        assert!(!track.is_refused());
    }

    #[test]
    fn without_a_sequence_a_repeated_prompt_is_no_new_one() {
        let mut track = Track::default();
        let way = IdentityOption { key: "sms".to_owned(), label: "Text".to_owned() };
        track.follow(&AuthView { options: vec![way], ..at(None, "IDENTITY_VERIFICATION_OPTIONS") });
        let code = at(None, "IDENTITY_VERIFICATION");
        assert!(track.follow(&code));
        track.ask();
        track.settle(true);
        assert!(!track.follow(&code));
        assert!(track.is_answered() && track.turn() == 2);
    }

    #[test]
    fn what_was_answered_last_is_read_as_it_was_stored() {
        for (stored, read) in
            [(r#""IdentityCode""#, Some(Question::IdentityCode)), (r#""Waiting""#, None), ("null", None)]
        {
            let track = format!(r#"{{"turn":2,"answered":false,"refused":true,"last_answered":{stored}}}"#);
            assert_eq!(serde_json::from_str::<Track>(&track).unwrap().last_answered, read);
        }
    }

    #[test]
    fn before_any_status_nothing_is_answered() {
        let mut track = Track::default();
        track.ask();
        track.settle(true);
        assert!(!track.is_answered());
    }

    #[test]
    fn the_ways_to_get_a_code_stay_known() {
        let mut track = Track::default();
        let way = IdentityOption { key: "sms".to_owned(), label: "Text".to_owned() };
        track.follow(&AuthView { options: vec![way.clone()], ..at(1, "IDENTITY_VERIFICATION_OPTIONS") });
        track.ask();
        track.settle(true);
        track.follow(&at(2, "IDENTITY_VERIFICATION"));
        track.follow(&at(3, "IDENTITY_VERIFICATION"));
        assert_eq!(track.shown().unwrap().options, [way]);
    }

    #[test]
    fn statuses_without_a_sequence_only_go_on() {
        let mut track = Track::default();
        for (status, moved) in [
            ("QUEUED", true),
            ("QUEUED", false),
            ("IDENTITY_VERIFICATION", true),
            ("PROCESSING", false),
            ("SUCCESS", true),
            ("QUEUED", false),
        ] {
            assert_eq!(track.follow(&at(None, status)), moved, "{status}");
        }
        assert!(track.follow(&at(1, "NOT_AUTHENTICATED")));
        assert!(!track.follow(&at(None, "IDENTITY_VERIFICATION")));
    }

    proptest! {
        #[test]
        fn repeated_and_late_statuses_change_nothing(
            statuses in prop::collection::vec(prop::sample::select(&STATUSES[..]), 1..12),
            noise in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>()), 0..30),
        ) {
            let all: Vec<AuthView> = (1..).zip(&statuses).map(|(sequence, status)| at(sequence, status)).collect();
            let mut clean = Track::default();
            let mut noisy = Track::default();
            for (position, auth) in all.iter().enumerate() {
                clean.follow(auth);
                noisy.follow(auth);
                for (when, which) in &noise {
                    if when.index(all.len()) == position {
                        noisy.follow(&all[which.index(position + 1)]);
                    }
                }
                prop_assert_eq!(&clean, &noisy);
            }
        }

        #[test]
        fn unless_asked_the_screen_only_goes_forward(
            statuses in prop::collection::vec((0..20u64, prop::sample::select(&STATUSES[..])), 1..30),
        ) {
            let mut track = Track::default();
            let mut furthest = 0;
            for (sequence, status) in statuses {
                track.follow(&at(sequence, status));
                let now = shown(&track);
                prop_assert!(progress(now) >= furthest || may_move_back(now));
                furthest = progress(now);
            }
        }
    }
}
