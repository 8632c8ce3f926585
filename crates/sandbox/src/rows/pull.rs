//! One pull on its way: the steps a login leads through, and the webhook each step sends.

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    household::{self, Shown, View},
    ids,
    logins::{CodeEffect, Login, Mfa, Outcome},
    policy_check,
};

/// Where the code of an identity verification can be sent: key and label.
pub const MFA_OPTIONS: [(&str, &str); 3] = [
    ("SMS_0", "Text message to (***) ***-0000"),
    ("VOICE_0", "Phone call to (***) ***-0000"),
    ("EMAIL_0", "Email to c***@theplanet.com"),
];

/// A pull as the sandbox keeps it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Pull {
    pub pull_id: String,
    pub team_id: String,
    /// Order of creation; two pulls may have been created in the same millisecond.
    pub number: u64,
    pub created_ms: u64,
    /// The day that the account's dates stand around: at a refresh that of the first pull.
    pub as_of_ms: u64,
    pub origin: String,
    /// Empty when no login was given, as with uploaded documents.
    pub username: String,
    pub password: Option<String>,
    pub carrier: String,
    pub widget_id: String,
    pub public_alias: String,
    pub meta_data: Value,
    pub pull_type: String,
    pub parent_pull_id: Option<String>,
    pub jwt: String,
    pub status: String,
    /// The last `AUTH_STATUS` sent, or the one to come when something was submitted since.
    pub auth_status: String,
    pub sequence: u64,
    /// `login_error_message` of the last `AUTH_STATUS`.
    pub message: Option<String>,
    pub shown: Shown,
    pub is_archived: bool,
    pub encountered_mfa: bool,
    /// Set at pulls of a monitoring, the first one included.
    pub monitoring_id: Option<String>,
    pub initial_pull_id: Option<String>,
    /// A pull a monitoring made by itself.
    pub is_refresh: bool,
    /// What it is checked for.
    pub policy_check: Option<policy_check::Settings>,
    pub steps: VecDeque<Step>,
    pub next_step_ms: Option<u64>,
    /// How often each operation was called on this pull.
    pub calls: BTreeMap<String, u64>,
}

/// Something that happens to a pull when its time comes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Step {
    /// An `AUTH_STATUS` webhook; the pull's own status can differ from the authentication's.
    Auth {
        auth_status: String,
        status: String,
        message: Option<String>,
    },
    PolicyAvailable {
        index: usize,
    },
    PoliciesAvailable,
    Complete,
    /// The pull failed with this status.
    Failed {
        status: String,
    },
    /// A monitored refresh needs the consumer.
    Reconnect,
    /// A monitored refresh found what changed.
    MonitoringEvents,
    /// The servicing actions begin, or the next of them.
    NextServicingAction,
    /// The uploaded documents are read.
    Parsing,
}

fn auth(auth_status: &str, status: &str) -> Step {
    Step::Auth { auth_status: auth_status.into(), status: status.into(), message: None }
}

fn refused(auth_status: &str, message: Option<String>) -> Step {
    Step::Auth { auth_status: auth_status.into(), status: auth_status.into(), message }
}

impl Pull {
    /// What the body of this pull is made from.
    #[must_use]
    pub fn view(&self) -> View<'_> {
        View {
            pull_id: &self.pull_id,
            account_identifier: None,
            created_ms: self.created_ms,
            as_of_ms: self.as_of_ms,
            username: &self.username,
            later: self.is_refresh,
            carrier: &self.carrier,
            team_id: &self.team_id,
            widget_id: &self.widget_id,
            public_alias: &self.public_alias,
            meta_data: &self.meta_data,
            status: &self.status,
            pull_type: &self.pull_type,
            parent_pull_id: self.parent_pull_id.as_deref(),
            is_archived: self.is_archived,
            encountered_mfa: self.encountered_mfa,
            shown: self.shown,
            origin: &self.origin,
        }
    }

    /// The same for every pull of one login at one carrier; unknown until the login is accepted.
    #[must_use]
    pub fn account_identifier(&self) -> Option<String> {
        (self.shown > Shown::Nothing).then(|| ids::derived_uuid(&["account", &self.carrier, &self.username]))
    }

    /// The steps after credentials were given.
    #[must_use]
    pub fn after_credentials(&self, login: &Login) -> Vec<Step> {
        let mut steps = vec![auth("QUEUED", "QUEUED"), auth("PROCESSING", "PROCESSING")];
        match (login.outcome, login.mfa) {
            (Outcome::Success, Some(_)) if self.is_refresh => {
                steps.extend([verification(login.mfa), Step::Reconnect])
            }
            (Outcome::Success, Some(_)) => steps.push(verification(login.mfa)),
            (Outcome::Success, None) => steps.extend(self.after_acceptance()),
            (Outcome::NotAuthenticated, _) => steps.push(refused("NOT_AUTHENTICATED", login.refusal())),
            (Outcome::ProviderError, _) => steps.extend(failure("PROVIDER_ERROR")),
            (Outcome::InternalError, _) => steps.extend(failure("INTERNAL_ERROR")),
        }
        steps
    }

    /// The steps after a code was entered.
    #[must_use]
    pub fn after_code(&self, effect: CodeEffect) -> Vec<Step> {
        match effect {
            CodeEffect::Wrong => {
                vec![refused(
                    "IDENTITY_VERIFICATION",
                    Some("The code you entered is wrong. Please check it and try again.".into()),
                )]
            }
            CodeEffect::LoginError => vec![refused(
                "NOT_AUTHENTICATED",
                Some("Your insurance company could not verify your identity. Please sign in again.".into()),
            )],
            CodeEffect::Right => self.after_acceptance(),
        }
    }

    fn after_acceptance(&self) -> Vec<Step> {
        if self.pull_type == "SERVICING" {
            return vec![auth("SUCCESS", "SERVICING"), Step::NextServicingAction];
        }
        let policies = household::account(&self.username, self.is_refresh).policies.len();
        let mut steps = vec![auth("GETTING_CONSUMERS", "GETTING_CONSUMERS"), auth("SUCCESS", "PULLING_DATA")];
        steps.extend((0..policies).map(|index| Step::PolicyAvailable { index }));
        steps.extend([Step::PoliciesAvailable, Step::Complete]);
        if self.is_refresh {
            steps.push(Step::MonitoringEvents);
        }
        steps
    }
}

/// The step that asks the consumer to verify their identity.
#[must_use]
pub fn verification(mfa: Option<Mfa>) -> Step {
    match mfa {
        Some(Mfa::Options) => refused("IDENTITY_VERIFICATION_OPTIONS", None),
        _ => refused("IDENTITY_VERIFICATION", None),
    }
}

fn failure(status: &str) -> [Step; 2] {
    [refused(status, None), Step::Failed { status: status.into() }]
}
