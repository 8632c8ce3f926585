//! The pull as Canopy gives it: checked, versioned raw, and searched for its documents.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::{
    id::{DocumentId, Id, PullId},
    json,
    schedule::{MAX_POLICIES, Term},
};

/// Largest pull taken from Canopy, in bytes. A complete published example has 40 KB.
pub const MAX_SNAPSHOT_BYTES: usize = 24 * 1024 * 1024;

/// Most documents of one pull.
const MAX_DOCUMENTS: usize = 2_000;

/// Longest title kept of a document, in bytes.
const MAX_TITLE_LENGTH: usize = 1024;

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
    /// Whether the insurance company has no policies, as Canopy says it, else as the list of them is empty.
    pub no_policies: Option<bool>,
    /// What it says of its policies' terms: of those with a usable id, the first.
    pub terms: Vec<Term>,
}

impl Snapshot {
    /// Reads the answer of `get-pull-by-id`, `{success, pull: {…}}`, whole. What cannot be read of the pull is left to the
    /// raw body; without a readable `pull_id` it is taken for the one that was asked for. `root` is the pull that its account
    /// began with.
    ///
    /// # Errors
    /// [`SnapshotError`] when it is cut short, has no pull, or another one.
    pub fn read(body: &[u8], pull_id: &PullId, root: &PullId) -> Result<Self, SnapshotError> {
        let body = json::body(body);
        let answer = json::members(&body, ["pull"]).and_then(|[pull]| pull);
        let pull = answer
            .and_then(|pull| json::members(pull.get(), ["pull_id", "documents", "policies", "no_policies"]));
        let [id, documents, policies, no_policies] = pull.ok_or(SnapshotError::Malformed)?;
        if json::text_or_number(id).is_some_and(|id| PullId::parse(&id).as_ref() != Ok(pull_id)) {
            return Err(SnapshotError::OtherPull);
        }
        let documents = documents.and_then(|list| json::items(list.get(), MAX_DOCUMENTS)).unwrap_or_default();
        let policies = policies.and_then(|list| json::items(list.get(), MAX_POLICIES));
        let is_empty = policies.as_ref().map(Vec::is_empty);
        let terms = policies.into_iter().flatten().filter_map(|policy| Term::read(policy, root.as_str()));
        Ok(Self {
            documents: documents.into_iter().filter_map(DocumentRef::read).collect(),
            no_policies: no_policies.and_then(|raw| raw.get().parse().ok()).or(is_empty),
            terms: terms.collect(),
        })
    }
}

impl DocumentRef {
    /// One of which nothing is known but its id.
    #[must_use]
    pub fn unnamed(document_id: DocumentId) -> Self {
        Self { document_id, title: None, document_type: None, policy_id: None, mime_type: None }
    }

    fn read(document: &RawValue) -> Option<Self> {
        let names = ["document_id", "title", "document_type", "policy_id", "mime_type"];
        let [id, title, document_type, policy_id, mime_type] = json::members(document.get(), names)?;
        let text = |raw| {
            json::text_or_number(raw)
                .map(|text| text[..text.floor_char_boundary(MAX_TITLE_LENGTH)].to_owned())
        };
        Some(Self {
            document_id: DocumentId::parse(&json::text_or_number(id)?).ok()?,
            title: text(title),
            document_type: text(document_type),
            policy_id: json::text_or_number(policy_id).and_then(|id| Id::parse(&id).ok()),
            mime_type: text(mime_type),
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
        let snapshot = Snapshot::read(example.to_string().as_bytes(), &pull_id, &pull_id).unwrap();
        assert!(documents > 0);
        assert_eq!(snapshot.documents.len(), documents);
        let other = PullId::parse("other").unwrap();
        assert_eq!(
            Snapshot::read(example.to_string().as_bytes(), &other, &other),
            Err(SnapshotError::OtherPull)
        );
    }

    #[test]
    fn a_body_cut_anywhere_is_refused() {
        let whole = r#"{"success":true,"pull":{"pull_id":"p","documents":[{"document_id":"d"},{"document_id":"a/b"}]}}"#;
        let pull_id = PullId::parse("p").unwrap();
        assert_eq!(Snapshot::read(whole.as_bytes(), &pull_id, &pull_id).unwrap().documents.len(), 1);
        for end in 0..whole.len() {
            assert_eq!(
                Snapshot::read(&whole.as_bytes()[..end], &pull_id, &pull_id),
                Err(SnapshotError::Malformed)
            );
        }
    }

    #[test]
    fn one_unreadable_value_takes_no_document_with_it() {
        let pull_id = PullId::parse("p").unwrap();
        let read =
            |pull: &str| Snapshot::read(format!(r#"{{"pull":{pull}}}"#).as_bytes(), &pull_id, &pull_id);
        for (title, read_as) in
            [(r#""Policy \ud83d""#, Some("Policy \u{fffd}")), ("7", Some("7")), ("[1]", None)]
        {
            let pull = format!(
                r#"{{"\ud83d":1e400,"pull_id":"x","pull_id":"P","documents":[],"documents":[{{"document_id":"d","title":{title},"title":{title}}}]}}"#
            );
            let snapshot = read(&pull).unwrap();
            let [document] = &snapshot.documents[..] else { panic!("{title}") };
            assert_eq!((document.document_id.as_str(), document.title.as_deref()), ("d", read_as));
        }
        assert_eq!(read(r#"{"documents":{"a":1}}"#).unwrap().documents, []);
        assert_eq!(read("7"), Err(SnapshotError::Malformed));
    }

    #[test]
    fn a_pull_tells_whether_it_has_policies() {
        let pull_id = PullId::parse("p").unwrap();
        for (members, no_policies) in [
            (r#","no_policies":true,"policies":[1]"#, Some(true)),
            (r#","no_policies":null,"policies":[]"#, Some(true)),
            (r#","policies":[{}]"#, Some(false)),
            (r#","policies":null"#, None),
        ] {
            let body = format!(r#"{{"pull":{{"pull_id":"p"{members}}}}}"#);
            assert_eq!(
                Snapshot::read(body.as_bytes(), &pull_id, &pull_id).unwrap().no_policies,
                no_policies,
                "{members}"
            );
        }
    }
}
