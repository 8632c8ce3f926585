//! How far a pull's object is with bringing all it holds under the first key.

use serde::{Deserialize, Serialize};

use super::Position;
use crate::seal::Left;

/// What is gone through, one after the other.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// The record. Before the log: what is read from the log's end says by an entry's seal how a document lies.
    #[default]
    Record,
    /// The log.
    Entries,
    /// Versions of the pull, each with its chunks.
    Snapshots,
    /// Models, which are made anew from their versions, and what stands beside documents.
    Beside,
    /// What was tried of deliveries.
    Deliveries,
    /// Runs of workflows, each with its steps.
    Runs,
    /// Documents.
    Documents,
    /// The copies are called for.
    Copy,
    /// They are waited for.
    Copied,
}

/// How far it is, as the walk keeps it from step to step.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Rekeying {
    /// Where.
    pub stage: Stage,
    /// The last entry or version that was looked at, the entry of the last delivery, or the last run.
    pub after: Position,
    /// The last document, or the subscription of the last delivery.
    pub document: Option<String>,
    /// Looks for the copies.
    pub looks: u32,
    /// What could not be opened.
    pub left: Left,
}

impl Rekeying {
    /// The stage is gone through: the next begins.
    #[must_use]
    pub fn then(self) -> Self {
        let stage = match self.stage {
            Stage::Record => Stage::Entries,
            Stage::Entries => Stage::Snapshots,
            Stage::Snapshots => Stage::Beside,
            Stage::Beside => Stage::Deliveries,
            Stage::Deliveries => Stage::Runs,
            Stage::Runs => Stage::Documents,
            Stage::Documents => Stage::Copy,
            Stage::Copy | Stage::Copied => Stage::Copied,
        };
        Self { stage, after: 0, document: None, looks: 0, left: self.left }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seal::OpenError;

    #[test]
    fn each_stage_begins_at_its_own_beginning_and_what_was_left_goes_along() {
        let mut rekeying = Rekeying { after: 7, ..Rekeying::default() };
        rekeying.left.note(&OpenError::Tampered);
        let mut stages = Vec::new();
        while rekeying.stage != Stage::Copied {
            rekeying = rekeying.then();
            assert_eq!((rekeying.after, rekeying.left.why().is_some()), (0, true));
            stages.push(rekeying.stage);
        }
        assert_eq!(stages.len(), 8);
    }

    #[test]
    fn it_survives_the_walk() {
        let rekeying =
            Rekeying { stage: Stage::Documents, document: Some("d".to_owned()), ..Rekeying::default() };
        let kept = serde_json::to_value(&rekeying).unwrap();
        assert_eq!(serde_json::from_value::<Rekeying>(kept).unwrap(), rekeying);
    }
}
