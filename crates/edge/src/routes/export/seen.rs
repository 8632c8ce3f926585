//! What of a pull's view an export goes by.

use canopy::id::{DocumentId, PullId};
use serde::Deserialize;

#[derive(Default, Deserialize)]
pub struct Seen {
    snapshots: Vec<Snapshot>,
    pub documents: Vec<Document>,
    pub initial_pull_id: Option<PullId>,
    pub monitoring_id: Option<String>,
    #[serde(default)]
    pub refreshed_pulls: Vec<PullId>,
}

#[derive(Deserialize)]
struct Snapshot {
    version: u32,
}

#[derive(Deserialize)]
pub struct Document {
    pub document_id: DocumentId,
    pub title: Option<String>,
    state: String,
}

impl Document {
    pub fn is_stored(&self) -> bool {
        self.state == "stored"
    }
}

impl Seen {
    /// Reads the view of a pull's object.
    pub fn read(view: &str) -> Self {
        serde_json::from_str(view).expect("a view has these members")
    }

    /// Versions, the oldest first.
    pub fn versions(&self) -> impl Iterator<Item = u32> {
        self.snapshots.iter().map(|snapshot| snapshot.version)
    }
}
