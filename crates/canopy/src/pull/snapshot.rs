//! The pull as Canopy gives it: checked, versioned raw, and searched for its documents.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::id::{DocumentId, Id, PullId};

/// Largest pull taken from Canopy, in bytes. A complete published example has 40 KB.
pub const MAX_SNAPSHOT_BYTES: usize = 24 * 1024 * 1024;

/// A body that is not the pull that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SnapshotError {
    /// Not whole, or not JSON of the documented shape.
    #[error("expected a whole JSON object with a pull")]
    Malformed,
    /// Another pull.
    #[error("expected the pull that was asked for, found another")]
    OtherPull,
}

/// What a pull says of one of its documents.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentRef {
    /// The document.
    pub document_id: DocumentId,
    /// Its title.
    #[serde(default)]
    pub title: Option<String>,
    /// E.g. `DECLARATIONS`.
    #[serde(default)]
    pub document_type: Option<String>,
    /// The policy it belongs to.
    #[serde(default)]
    pub policy_id: Option<Id>,
    /// `application/pdf` or `image/jpeg`.
    #[serde(default)]
    pub mime_type: Option<String>,
}

/// What the edge reads of a pull; the raw bytes are what is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// Its documents, in Canopy's order. Those without a usable id are left to the raw body.
    pub documents: Vec<DocumentRef>,
}

/// The answer of `GET /teams/{teamId}/pulls/{pullId}`: `{success, pull: {…}}`.
#[derive(Deserialize)]
struct Answer<'a> {
    #[serde(borrow)]
    pull: Pull<'a>,
}

#[derive(Deserialize)]
struct Pull<'a> {
    pull_id: PullId,
    #[serde(borrow, default)]
    documents: Option<Vec<&'a RawValue>>,
}

impl Snapshot {
    /// Reads the answer of `get-pull-by-id`, whole.
    ///
    /// # Errors
    /// [`SnapshotError`] when it is cut short, of another shape, or another pull.
    pub fn read(body: &[u8], pull_id: &PullId) -> Result<Self, SnapshotError> {
        let answer: Answer<'_> = serde_json::from_slice(body).map_err(|_| SnapshotError::Malformed)?;
        if answer.pull.pull_id != *pull_id {
            return Err(SnapshotError::OtherPull);
        }
        let documents = answer.pull.documents.unwrap_or_default();
        Ok(Self {
            documents: documents.iter().filter_map(|raw| serde_json::from_str(raw.get()).ok()).collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_published_pull_is_read_with_its_documents() {
        let openapi: serde_json::Value =
            serde_json::from_str(include_str!("../../../../contract/openapi.json")).unwrap();
        let get = &openapi["paths"]["/teams/{teamId}/pulls/{pullId}"]["get"];
        let example = &get["responses"]["200"]["content"]["application/json"]["examples"]["Personal Example Response"]
            ["value"];
        let pull_id = PullId::parse(example["pull"]["pull_id"].as_str().unwrap()).unwrap();
        let documents = example["pull"]["documents"].as_array().unwrap().len();
        let snapshot = Snapshot::read(example.to_string().as_bytes(), &pull_id).unwrap();
        assert!(documents > 0);
        assert_eq!(snapshot.documents.len(), documents);
        let other = PullId::parse("other").unwrap();
        assert_eq!(Snapshot::read(example.to_string().as_bytes(), &other), Err(SnapshotError::OtherPull));
    }

    #[test]
    fn a_body_cut_anywhere_is_refused() {
        let whole =
            r#"{"success":true,"pull":{"pull_id":"p","documents":[{"document_id":"d"},{"document_id":7}]}}"#;
        let pull_id = PullId::parse("p").unwrap();
        assert_eq!(Snapshot::read(whole.as_bytes(), &pull_id).unwrap().documents.len(), 1);
        for end in 0..whole.len() {
            assert_eq!(Snapshot::read(&whole.as_bytes()[..end], &pull_id), Err(SnapshotError::Malformed));
        }
    }
}
