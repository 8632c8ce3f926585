//! What a session asks of its consumer: read from its view, where each member stands for itself, into what can be answered.

use serde::Serialize;

use super::view::{PhaseName, SessionView};
use crate::{auth::IdentityOption, html::Segment, id::Id, status::Question};

/// Ways to get a code, at least one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Ways(Vec<IdentityOption>);

impl Ways {
    /// `None` where there is none.
    #[must_use]
    pub fn of(options: &[IdentityOption]) -> Option<Self> {
        (!options.is_empty()).then(|| Self(options.to_vec()))
    }

    /// In the order in which the insurance company offers them.
    #[must_use]
    pub fn as_slice(&self) -> &[IdentityOption] {
        &self.0
    }
}

/// What the consumer is asked, with what it takes to answer. `message` is what the carrier says to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Prompt {
    /// Credentials, again.
    Credentials {
        /// See [`Prompt`].
        message: Vec<Segment>,
    },
    /// Where the code is to be sent.
    IdentityOption {
        /// The choices.
        ways: Ways,
        /// See [`Prompt`].
        message: Vec<Segment>,
    },
    /// The code.
    IdentityCode {
        /// The ways by which another one can be sent, where they are known.
        ways: Option<Ways>,
        /// The one asked for before was not right.
        refused: bool,
        /// See [`Prompt`].
        message: Vec<Segment>,
    },
    /// Whether a change to a policy is to be made.
    Confirmation {
        /// The servicing action.
        action_id: Id,
    },
}

impl SessionView {
    /// What the page may answer for the consumer now. Nothing while it may not speak for them, while an answer is being
    /// looked at, and where what was sent cannot be answered: the choice of a way without any.
    #[must_use]
    pub fn prompt(&self) -> Option<Prompt> {
        let auth = self.auth.as_ref().filter(|_| self.phase == PhaseName::Connected)?;
        if let Some(action) = self.servicing.iter().find(|action| action.answer.is_none()) {
            return Some(Prompt::Confirmation { action_id: action.servicing_action_id.clone() });
        }
        let question = auth.status.question().filter(|_| !self.prompt_answered)?;
        let message = auth.message.clone();
        Some(match question {
            Question::Credentials => Prompt::Credentials { message },
            Question::IdentityOption => Prompt::IdentityOption { ways: Ways::of(&auth.options)?, message },
            Question::IdentityCode => {
                Prompt::IdentityCode { ways: Ways::of(&auth.options), refused: self.prompt_refused, message }
            }
        })
    }
}
