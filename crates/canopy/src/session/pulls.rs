//! The pulls that a session has heard of.

use serde::{Deserialize, Serialize};

use super::notice::Notice;
use crate::id::PullId;

/// Most pulls one session remembers: the hosted SDK makes one at each new start. The oldest makes room for another, so
/// that none that others hang on the session keeps its own away.
const MAX_PULLS: usize = 20;

/// Newest notice of each pull, in the order in which the pulls were first heard of.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Pulls(Vec<Notice>);

impl Pulls {
    /// The newest notice of a pull.
    pub fn get(&self, pull_id: &PullId) -> Option<&Notice> {
        self.0.iter().find(|known| known.pull_id == *pull_id)
    }

    /// The newest notice of the pull heard of last.
    pub fn last(&self) -> Option<&Notice> {
        self.0.last()
    }

    /// Takes news of a pull that is known. Gives whether it was news.
    pub fn update(&mut self, notice: Notice) -> bool {
        let Some(known) = self.0.iter_mut().find(|known| known.pull_id == notice.pull_id) else {
            return false;
        };
        // A fetch tells more of the same events.
        let tells_more =
            known.revision == notice.revision && known.no_policies.is_none() && notice.no_policies.is_some();
        if notice.revision <= known.revision && !tells_more {
            return false;
        }
        // What a pull notes for itself is none.
        let is_news = *known != Notice { revision: known.revision, ..notice.clone() };
        *known = notice;
        is_news
    }

    /// Takes the first news of a pull. The one that is `shown` is never forgotten for it.
    pub fn add(&mut self, notice: Notice, shown: Option<&PullId>) {
        if self.0.len() == MAX_PULLS {
            let oldest = self.0.iter().position(|known| Some(&known.pull_id) != shown);
            self.0.remove(oldest.unwrap_or(0));
        }
        self.0.push(notice);
    }
}
