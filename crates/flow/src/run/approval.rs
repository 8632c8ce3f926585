//! The links by which a person says yes or no. A link is bound to a run and to a step's place in its journal, and signed when it is sent: no
//! expression, journal or dry run holds one that is good.

use super::{journal::State, machine::Machine};

/// What stands for the signature until it is sent.
const UNSIGNED: &str = "unsigned";

/// Longest token read, in bytes.
const MAX_LENGTH: usize = 200;

/// What a person is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    /// The run.
    pub run_id: String,
    /// The step's place in its journal.
    pub place: usize,
}

impl Ask {
    /// What is signed.
    #[must_use]
    pub fn subject(&self) -> String {
        format!("{}.{}", self.run_id, self.place)
    }

    /// The token before it is signed.
    #[must_use]
    pub fn unsigned(&self) -> String {
        self.signed(UNSIGNED)
    }

    /// The token with its signature.
    #[must_use]
    pub fn signed(&self, signature: &str) -> String {
        format!("{}.{signature}", self.subject())
    }

    /// Reads a token: what is asked, and the signature, which nobody has looked at yet.
    #[must_use]
    pub fn read(token: &str) -> Option<(Self, &str)> {
        let mut parts = Some(token).filter(|token| token.len() <= MAX_LENGTH)?.rsplitn(3, '.');
        let (signature, place, run_id) = (parts.next()?, parts.next()?, parts.next()?);
        let is_place = (1..=4).contains(&place.len()) && place.bytes().all(|byte| byte.is_ascii_digit());
        let place = place.parse().ok().filter(|_| is_place)?;
        Some((Self { run_id: run_id.to_owned(), place }, signature))
    }
}

impl Machine<'_> {
    /// What persons are asked now.
    pub fn asked(&self) -> impl Iterator<Item = Ask> {
        let records = self.journal.records().iter().enumerate();
        let open = records.filter(|(_, record)| record.kind == "approve" && record.state == State::Open);
        open.map(|(place, _)| Ask { run_id: self.run.id.clone(), place })
    }

    pub(super) fn ask(&self, path: &str) -> Option<Ask> {
        let place = self.journal.records().iter().position(|record| record.path == path)?;
        Some(Ask { run_id: self.run.id.clone(), place })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_read_as_it_was_written_and_others_are_none() {
        let ask = Ask { run_id: "p-a.b-1".to_owned(), place: 12 };
        assert_eq!(ask.unsigned(), "p-a.b-1.12.unsigned");
        assert_eq!(Ask::read(&ask.signed("s-_9")), Some((ask, "s-_9")));
        for wrong in ["", "a", "a.b", "a.b.c", "a.-1.c", "a.99999.c", &format!("{}.1.s", "a".repeat(200))] {
            assert_eq!(Ask::read(wrong), None, "{wrong}");
        }
    }
}
