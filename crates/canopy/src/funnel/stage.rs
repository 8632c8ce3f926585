//! The screens that are counted, in the order in which a visitor comes to them, and how each can be left.

use serde::{Deserialize, Serialize};

/// A screen, by the name that the page has for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the page's documentation says what each is")]
pub enum Stage {
    Start,
    Consent,
    Hosted,
    Carriers,
    Upload,
    Credentials,
    IdentityOption,
    IdentityCode,
    Waiting,
    Confirmation,
    Done,
    NoPolicies,
    Failed,
}

/// How a screen was left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// To one that comes after it.
    Next,
    /// To one before it.
    Back,
    /// To itself: the answer was refused.
    Refused,
    /// With the page.
    Left,
    /// To the one that says that it cannot go on.
    Failed,
    /// It was the last one.
    Done,
}
