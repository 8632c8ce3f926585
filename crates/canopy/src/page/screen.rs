//! The screens there are, as data. Source: contract, "Components", the flow; `docs/page.md`.

use serde::{Serialize, Serializer, ser::SerializeStruct};

use crate::{
    html::Segment,
    id::Id,
    session::{Confirmation, Ways},
};

/// How it stands with the answer to what a screen asks. Read as `busy` and `problem`, the code of the refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// None has been given.
    Awaited,
    /// One has been sent and is not settled yet.
    UnderWay,
    /// The last one was refused by the edge, with this code.
    Refused(String),
}

impl Reply {
    /// What was under way has come to its end.
    pub(super) fn settle(&mut self) {
        if *self == Self::UnderWay {
            *self = Self::Awaited;
        }
    }

    /// What was refused is of no interest any more.
    pub(super) fn forget_refusal(&mut self) {
        if matches!(self, Self::Refused(_)) {
            *self = Self::Awaited;
        }
    }

    /// Whether an answer is under way.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        *self == Self::UnderWay
    }

    /// The code with which the last answer was refused.
    #[must_use]
    pub fn problem(&self) -> Option<&str> {
        match self {
            Self::Refused(code) => Some(code),
            Self::Awaited | Self::UnderWay => None,
        }
    }
}

impl Serialize for Reply {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut members = serializer.serialize_struct("Reply", 2)?;
        members.serialize_field("busy", &self.is_busy())?;
        members.serialize_field("problem", &self.problem())?;
        members.end()
    }
}

/// What a page shows.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "name", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum Screen {
    /// Nothing has begun: a button.
    Start {
        /// Canopy's window was closed before all was done: the button goes on.
        resumes: bool,
        /// To the button: Canopy\'s window is being opened, or the reconnecting is under way.
        #[serde(flatten)]
        reply: Reply,
    },
    /// Canopy's window is open.
    Hosted {
        /// `SCRIPT_FAILED` while it says nothing: it may be kept from the page.
        problem: Option<String>,
    },
    /// The terms, and the sentence that the consumer agrees to.
    Consent {
        /// To it.
        #[serde(flatten)]
        reply: Reply,
    },
    /// The choice of a carrier.
    Carriers,
    /// No carrier of the list is the consumer's.
    Upload {
        /// Whether the agency takes documents in the login's place.
        allowed: bool,
        /// To it.
        #[serde(flatten)]
        reply: Reply,
    },
    /// The carrier's login.
    Credentials {
        /// The carrier.
        carrier_id: Id,
        /// What the carrier says of the login before; empty at the first.
        message: Vec<Segment>,
        /// Whether there was a login before, which the carrier did not take.
        refused: bool,
        /// Tells one prompt from the next.
        prompt: u32,
        /// To it.
        #[serde(flatten)]
        reply: Reply,
    },
    /// The choice where the code is sent.
    IdentityOption {
        /// The choices.
        #[serde(rename = "options")]
        ways: Ways,
        /// The one chosen before.
        chosen: Option<String>,
        /// What the carrier says.
        message: Vec<Segment>,
        /// Tells one prompt from the next.
        prompt: u32,
        /// To it.
        #[serde(flatten)]
        reply: Reply,
    },
    /// The code.
    IdentityCode {
        /// What the carrier says.
        message: Vec<Segment>,
        /// Whether a code was entered before, which the carrier did not take.
        refused: bool,
        /// Another code can be sent the same way.
        can_resend: bool,
        /// Another way can be chosen.
        can_change: bool,
        /// Tells one prompt from the next.
        prompt: u32,
        /// To it.
        #[serde(flatten)]
        reply: Reply,
    },
    /// Nothing to do.
    Waiting {
        /// What is being done.
        step: WaitStep,
        /// From 0 to 1; it never gets less.
        progress: f64,
        /// The consumer has done their part: the page may be closed.
        may_leave: bool,
    },
    /// A change to a policy, to be confirmed or rejected.
    Confirmation {
        /// The servicing action.
        action_id: Id,
        /// To it.
        #[serde(flatten)]
        reply: Reply,
    },
    /// All has come, or the consumer has sent the documents that there are to send.
    Done {
        /// Types of the policies, where Canopy announced them.
        policy_types: Vec<String>,
        /// What became of the servicing actions, in order.
        confirmations: Vec<Option<Confirmation>>,
    },
    /// All has come, and there is no policy in it.
    NoPolicies {
        /// What became of the servicing actions, in order.
        confirmations: Vec<Option<Confirmation>>,
    },
    /// It cannot go on by itself.
    Failed {
        /// Stable, upper-case: one of the edge's or Canopy's.
        code: String,
        /// What helps.
        recovery: Recovery,
    },
}

/// What is being done while the consumer waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(into = "&'static str")]
pub enum WaitStep {
    /// The login is on its way, or documents are.
    Connecting,
    /// Whether the login, or the documents, arrived is not known.
    Uncertain,
    /// The carrier checks the login.
    SigningIn,
    /// The carrier checks the answer to a prompt.
    Verifying,
    /// The policies are read.
    ReadingPolicies,
    /// The policies are there, the documents are read.
    ReadingDocuments,
    /// A confirmed change is being made.
    Submitting,
}

impl From<WaitStep> for &'static str {
    fn from(step: WaitStep) -> Self {
        match step {
            WaitStep::Connecting => "connecting",
            WaitStep::Uncertain => "uncertain",
            WaitStep::SigningIn => "signing-in",
            WaitStep::Verifying => "verifying",
            WaitStep::ReadingPolicies => "reading-policies",
            WaitStep::ReadingDocuments => "reading-documents",
            WaitStep::Submitting => "submitting",
        }
    }
}

/// What the consumer can do about a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(into = "&'static str")]
pub enum Recovery {
    /// The same once more.
    Retry,
    /// A new session.
    StartOver,
    /// Nothing on this page.
    None,
}

impl From<Recovery> for &'static str {
    fn from(recovery: Recovery) -> Self {
        match recovery {
            Recovery::Retry => "retry",
            Recovery::StartOver => "start-over",
            Recovery::None => "none",
        }
    }
}
