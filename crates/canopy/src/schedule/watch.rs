//! What comes when nothing else does: looked for so long after a sign of the pull's.

use super::{
    Plan,
    since::{Signs, Since, Situation},
};

const MINUTE: u64 = 60_000;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// See above.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Watch {
    RefreshDue,
    ReconnectOverdue,
    LoginAbandoned,
    PullStalled,
    RetentionDue,
    UnauthenticatedDue,
}

/// Types after which a pull is deleted.
const DELETING: [&str; 2] = [Watch::RetentionDue.event_type(), Watch::UnauthenticatedDue.event_type()];

/// Whether the pull is to be deleted when this has come.
#[must_use]
pub(crate) fn is_deleting(event_type: &str) -> bool {
    DELETING.contains(&event_type)
}

impl Watch {
    pub(super) const ALL: [Self; 6] = [
        Self::RefreshDue,
        Self::ReconnectOverdue,
        Self::LoginAbandoned,
        Self::PullStalled,
        Self::RetentionDue,
        Self::UnauthenticatedDue,
    ];

    pub(super) const fn event_type(self) -> &'static str {
        match self {
            Self::RefreshDue => "EDGE_REFRESH_DUE",
            Self::ReconnectOverdue => "EDGE_RECONNECT_OVERDUE",
            Self::LoginAbandoned => "EDGE_LOGIN_ABANDONED",
            Self::PullStalled => "EDGE_PULL_STALLED",
            Self::RetentionDue => "EDGE_RETENTION_DUE",
            Self::UnauthenticatedDue => "EDGE_UNAUTHENTICATED_DUE",
        }
    }

    /// How long it waits, and for how much of what; `None` where it is switched off.
    pub(super) fn span(self, plan: &Plan) -> Option<(u64, u16, &'static str)> {
        let times = &plan.times;
        let (count, unit, name) = match self {
            Self::RefreshDue => (times.refresh_days, DAY, "days"),
            Self::ReconnectOverdue => (times.reconnect_overdue_days, DAY, "days"),
            Self::LoginAbandoned => (times.login_abandoned_minutes, MINUTE, "minutes"),
            Self::PullStalled => (times.stalled_hours, HOUR, "hours"),
            Self::RetentionDue => (plan.retention_days, DAY, "days"),
            Self::UnauthenticatedDue => (times.unauthenticated_days, DAY, "days"),
        };
        count.map(|count| (u64::from(count) * unit, count, name))
    }

    /// The sign after which it waits; `None` while there is nothing to wait for.
    pub(super) fn since(self, signs: &Signs, now: &Situation) -> Option<Since> {
        let Signs { heard, login, reconnect, fetched } = signs;
        match self {
            Self::RefreshDue => fetched.filter(|_| !now.is_refresh),
            Self::ReconnectOverdue => reconnect.filter(|_| now.needs_reconnect),
            Self::LoginAbandoned => login.filter(|_| now.asks && !now.needs_reconnect),
            Self::PullStalled => heard.filter(|_| now.is_under_way && !now.asks && !now.needs_reconnect),
            Self::RetentionDue => (*heard).max(*fetched),
            Self::UnauthenticatedDue => (*heard).filter(|_| now.is_unauthenticated),
        }
    }

    /// What it waits after, in words.
    pub(super) fn after(self) -> &'static str {
        match self {
            Self::RefreshDue => "the account was last fetched",
            Self::ReconnectOverdue => "the consumer was asked to come back",
            Self::LoginAbandoned => "the consumer was asked for something",
            Self::PullStalled => "the last sign of the pull",
            Self::RetentionDue => "the last that came of the pull",
            Self::UnauthenticatedDue => "the last that came of the pull, whose consumer never signed in",
        }
    }
}
