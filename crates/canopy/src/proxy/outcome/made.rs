//! What is set up for long and listed without a date: of that, what there was before is remembered.

use std::collections::BTreeSet;

use serde_json::value::RawValue;

use super::{
    asked::{Asked, Unshown},
    same::same,
};
use crate::{
    api::Call,
    contract::Operation,
    id::{Id, PullId},
    json,
};

/// A list in which such a thing shows.
#[derive(Debug, PartialEq, Eq)]
pub struct List {
    /// What makes such a thing.
    operation: Operation,
    /// What lists them.
    listed_by: Operation,
    /// The list in that answer.
    member: &'static str,
    /// What one of them is called by.
    id: &'static str,
    /// Most that are listed: where there are so many, there may be more.
    most: usize,
    /// Whether `limit` says how many, and the list is of one pull.
    is_limited: bool,
    is_of_pull: bool,
    /// What was asked for, and where it shows.
    same: &'static [(&'static str, &'static str)],
    /// The answer's member that holds the thing whole, or the members that it has of it.
    answer: Answer,
    /// What the list is, in a sentence.
    pub text: &'static str,
}

#[derive(Debug, PartialEq, Eq)]
enum Answer {
    Whole(&'static str),
    Members(&'static [&'static str]),
}

/// Source: openapi.json, what each operation takes, answers and lists.
const LISTS: [List; 3] = [
    List {
        operation: Operation::CreateMonitoring,
        listed_by: Operation::GetMonitorings,
        member: "monitorings",
        id: "monitoring_id",
        most: 100,
        is_limited: true,
        is_of_pull: true,
        same: &[("interval", "interval")],
        answer: Answer::Whole("monitoring"),
        text: "the monitorings of the pull",
    },
    List {
        operation: Operation::CreateWebhook,
        listed_by: Operation::GetWebhooks,
        member: "webhooks",
        id: "webhook_id",
        most: 1_000,
        is_limited: false,
        is_of_pull: false,
        same: &[("hookUrl", "url")],
        answer: Answer::Members(&["webhook_id", "signing_secret"]),
        text: "the webhooks",
    },
    List {
        operation: Operation::CreateWidget,
        listed_by: Operation::GetWidgets,
        member: "widgets",
        id: "widget_id",
        most: 100,
        is_limited: true,
        is_of_pull: false,
        same: &[("public_alias", "public_alias"), ("company_name", "company_name")],
        answer: Answer::Whole("widget"),
        text: "the widgets",
    },
];

impl List {
    /// The one in which what `operation` makes shows.
    pub fn of(operation: Operation) -> Option<&'static Self> {
        LISTS.iter().find(|list| list.operation == operation)
    }

    /// The call that gives it; `None` where what was asked for names no pull to list for.
    pub fn call(&self, asked: &Asked<'_>) -> Option<Call> {
        let limit = self.is_limited.then(|| self.most.to_string());
        let pull_id = self.pull(asked);
        if self.is_of_pull && pull_id.is_none() {
            return None;
        }
        let query = [("pull_id", pull_id.as_ref().map(PullId::as_str)), ("limit", limit.as_deref())];
        Some(Call::listed(self.listed_by, asked.team, &query))
    }

    /// The pull that the list is of.
    pub fn pull(&self, asked: &Asked<'_>) -> Option<PullId> {
        pull_of(asked).filter(|_| self.is_of_pull)
    }

    /// All there are, by their ids.
    fn items<'b>(&self, body: &'b str) -> Result<Vec<(Id, &'b RawValue)>, Unshown> {
        let items =
            json::members(body, [self.member]).and_then(|[items]| json::items(items?.get(), self.most));
        let items = items.ok_or(Unshown::Unread)?;
        if items.len() >= self.most {
            return Err(Unshown::TooMuch);
        }
        let id = |item: &&'b RawValue| {
            let [id] = json::members(item.get(), [self.id])?;
            Id::parse(&json::text(id)?).ok().map(|id| (id, *item))
        };
        // One without an id could be any.
        items.iter().map(id).collect::<Option<_>>().ok_or(Unshown::Unread)
    }

    /// The answer that the call had, if `body` lists one thing more than there was before, and it is what was asked for.
    pub fn answer(&self, asked: &Asked<'_>, before: &str, body: &[u8]) -> Result<String, Unshown> {
        let before: BTreeSet<Id> = serde_json::from_str(before).map_err(|_| Unshown::Unremembered)?;
        let body = json::body(body);
        let mut more =
            self.items(&body)?.into_iter().filter(|(id, _)| !before.contains(id)).map(|(_, item)| item);
        let (item, is_one) = (more.next().ok_or(Unshown::NotThere)?, more.next().is_none());
        if !is_one {
            return Err(Unshown::Several);
        }
        let text = json::body(asked.body);
        let is_as_asked = self.same.iter().all(|(name, shown)| {
            let [wanted] = json::members(&text, [*name]).unwrap_or([None]);
            let [listed] = json::members(item.get(), [*shown]).unwrap_or([None]);
            let wanted = wanted.filter(|wanted| wanted.get() != "null");
            wanted.is_none_or(|wanted| listed.is_some_and(|listed| same(wanted, listed)))
        });
        if !is_as_asked {
            return Err(Unshown::NotThere);
        }
        Ok(match self.answer {
            Answer::Whole(member) => format!("{{\"success\":true,\"{member}\":{}}}", item.get()),
            Answer::Members(names) => {
                let known = json::entries(item.get()).unwrap_or_default();
                let known = known.into_iter().filter(|(name, _)| names.contains(&name.as_str()));
                let members: Vec<_> =
                    known.map(|(name, value)| format!("\"{name}\":{}", value.get())).collect();
                format!("{{{}}}", members.join(","))
            }
        })
    }
}

/// The pull that a body names.
pub fn pull_of(asked: &Asked<'_>) -> Option<PullId> {
    let body = json::body(asked.body);
    let [pull_id] = json::members(&body, ["pull_id"])?;
    PullId::parse(&json::text(pull_id)?).ok()
}

/// What is to be read before such a call is sent, so that what it makes can be told from what there was.
#[must_use]
pub fn before(asked: &Asked<'_>) -> Option<Call> {
    List::of(asked.operation)?.call(asked)
}

/// What to remember of that answer; `None` when it is not all there is.
#[must_use]
pub fn ids(operation: Operation, body: &[u8]) -> Option<String> {
    let body = json::body(body);
    let ids: Vec<Id> = List::of(operation)?.items(&body).ok()?.into_iter().map(|(id, _)| id).collect();
    serde_json::to_string(&ids).ok()
}
