//! What is asked of the subscriptions and their deliveries.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::Standing;
use crate::{
    id::{Position, PullId, SubscriptionId},
    paging::{DEFAULT_LIMIT, Parameter, digits},
    problem::Problem,
    time::UnixMillis,
};

/// The last subscription of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubscriptionCursor {
    /// When it was made.
    pub created_at: UnixMillis,
    /// Its id.
    pub id: SubscriptionId,
}

impl std::fmt::Display for SubscriptionCursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.created_at.0, self.id)
    }
}

/// A page of the subscriptions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubscriptionQuery {
    /// At most so many.
    pub limit: u32,
    /// Behind this one.
    pub after: Option<SubscriptionCursor>,
}

impl SubscriptionQuery {
    /// Reads the parameters of a query.
    ///
    /// # Errors
    /// Naming the parameter that is not what it should be, or is none.
    pub fn read<'q>(parameters: impl Iterator<Item = (Cow<'q, str>, Cow<'q, str>)>) -> Result<Self, Problem> {
        let mut query = Self { limit: DEFAULT_LIMIT, after: None };
        for parameter in Parameter::all(parameters) {
            match &*parameter.name {
                "limit" => query.limit = parameter.limit()?,
                "cursor" => {
                    let read = |text: &str| {
                        let (at, id) = text.split_once('.')?;
                        let id = SubscriptionId::parse(id).ok()?;
                        Some(SubscriptionCursor { created_at: UnixMillis(digits(at)?), id })
                    };
                    query.after = Some(parameter.cursor(read)?);
                }
                _ => return Err(parameter.invalid("limit or cursor")),
            }
        }
        Ok(query)
    }
}

/// The last delivery of a page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryCursor {
    /// When its pull was delivered to, in milliseconds, as the list of those has it.
    pub updated_at: UnixMillis,
    /// Its pull.
    pub pull_id: PullId,
    /// Its entry.
    pub position: Position,
}

impl std::fmt::Display for DeliveryCursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}.{}", self.updated_at.0, self.pull_id, self.position)
    }
}

/// A page of the deliveries of a subscription, the newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryQuery {
    /// Of this pull.
    pub pull_id: Option<PullId>,
    /// That stand so.
    pub standing: Option<Standing>,
    /// At most so many.
    pub limit: u32,
    /// Behind this one.
    pub after: Option<DeliveryCursor>,
}

impl DeliveryQuery {
    /// Reads the parameters of a query.
    ///
    /// # Errors
    /// Naming the parameter that is not what it should be, or is none.
    pub fn read<'q>(parameters: impl Iterator<Item = (Cow<'q, str>, Cow<'q, str>)>) -> Result<Self, Problem> {
        let mut query = Self { pull_id: None, standing: None, limit: DEFAULT_LIMIT, after: None };
        for parameter in Parameter::all(parameters) {
            match &*parameter.name {
                "pull_id" => query.pull_id = Some(parameter.pull_id()?),
                "state" => {
                    let standing = Standing::read(&parameter.value);
                    let expected = || parameter.invalid("waiting, delivered, dead or again");
                    query.standing = Some(standing.ok_or_else(expected)?);
                }
                "limit" => query.limit = parameter.limit()?,
                "cursor" => {
                    let read = |text: &str| {
                        let mut parts = text.split('.');
                        let updated_at = UnixMillis(digits(parts.next()?)?);
                        let pull_id = PullId::parse(parts.next()?).ok()?;
                        let position = digits(parts.next()?)?;
                        parts.next().is_none().then_some(DeliveryCursor { updated_at, pull_id, position })
                    };
                    query.after = Some(parameter.cursor(read)?);
                }
                _ => return Err(parameter.invalid("pull_id, state, limit or cursor")),
            }
        }
        Ok(query)
    }
}
