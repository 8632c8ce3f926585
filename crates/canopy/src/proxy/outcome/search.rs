//! One look for what became of a call: an answer of Canopy's after the other, until it is shown or it is not.

use serde_json::value::RawValue;

use super::{
    asked::{Asked, Sent, Unshown},
    made::{List, pull_of},
    same::same,
    span::Span,
};
use crate::{
    api::Call,
    contract::{Found, Operation},
    id::{Id, PullId},
    json,
    metadata::Metadata,
    time::UnixMillis,
};

/// Pulls, and servicing actions, of a page.
const PAGE: u32 = 100;

/// Most pages of one list.
const MOST_PAGES: u32 = 4;

/// Most pulls whose servicing actions are looked at.
const MOST_PULLS: usize = 4;

/// Most servicing actions of one call.
const MOST_ACTIONS: usize = PAGE as usize;

/// A look.
#[derive(Debug)]
pub struct Search<'a> {
    asked: Asked<'a>,
    sent: Sent<'a>,
    looks: Looks,
}

/// Where it has come to.
#[derive(Debug)]
enum Looks {
    /// Among the pulls that were begun at the time.
    Pulls { by: By, page: u32, found: Vec<PullId> },
    /// Among the servicing actions of each of these pulls, the last first.
    Actions { is_known: bool, pulls: Vec<PullId>, shown: Vec<(PullId, Vec<Id>)> },
    /// Among the pulls of the monitoring.
    Refreshes(Id),
    /// Among the pull's servicing actions, for the one that was to be confirmed.
    Confirmed { pull_id: PullId, action: String, is_confirmed: bool, page: u32 },
    /// In a list of what is set up for long.
    Made { list: &'static List, call: Call },
}

/// What the pull is known by.
#[derive(Debug)]
enum By {
    Marker(String),
    Parent(PullId),
}

/// Calls through the edge that may have brought about the same: without a mark of its own, what is found is a call's only
/// where there was no other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Others {
    /// What they ask.
    pub operation: Operation,
    /// Of which pull, where the call is about one.
    pub pull_id: Option<PullId>,
    /// When they may have begun, both included.
    pub from: UnixMillis,
    /// See above.
    pub to: UnixMillis,
}

impl<'a> Search<'a> {
    /// # Errors
    /// Where no look can show it.
    pub fn begin(asked: Asked<'a>, sent: Sent<'a>) -> Result<Self, Unshown> {
        let text = json::body(asked.body);
        let looks = match asked.operation {
            Operation::ConsentAndConnect => {
                let marker = sent.marker.ok_or(Unshown::Unmarked)?;
                Looks::Pulls { by: By::Marker(marker.to_owned()), page: 0, found: Vec::new() }
            }
            Operation::CreateServicings => {
                let parent = pull_of(&asked).filter(|_| !actions(&text).is_empty()).ok_or(Unshown::NoWay)?;
                Looks::Pulls { by: By::Parent(parent), page: 0, found: Vec::new() }
            }
            Operation::RefreshMonitoring => {
                let path = asked.path.split('?').next().unwrap_or_default();
                let found = Found::at(path).ok_or(Unshown::NoWay)?;
                let monitoring = found.parameter("monitoringId").and_then(|id| Id::parse(id).ok());
                Looks::Refreshes(monitoring.ok_or(Unshown::NoWay)?)
            }
            Operation::ConfirmServicing => {
                let [action, is_confirmed] =
                    json::members(&text, ["servicing_action_id", "is_confirmed"]).unwrap_or_default();
                let action = json::text(action).zip(asked.pull_id.cloned()).ok_or(Unshown::NoWay)?;
                let is_confirmed = match is_confirmed.map(RawValue::get) {
                    Some("true") => true,
                    Some("false") => false,
                    _ => return Err(Unshown::NoWay),
                };
                let (action, pull_id) = action;
                Looks::Confirmed { pull_id, action, is_confirmed, page: 0 }
            }
            operation => {
                let list = List::of(operation).ok_or(Unshown::NoWay)?;
                sent.before.ok_or(Unshown::Unremembered)?;
                Looks::Made { list, call: list.call(&asked).ok_or(Unshown::NoWay)? }
            }
        };
        Ok(Self { asked, sent, looks })
    }

    /// What is looked at, in a sentence.
    #[must_use]
    pub fn looked_at(&self) -> String {
        match &self.looks {
            Looks::Pulls { .. } | Looks::Actions { .. } => {
                let Span { from, to } = self.span();
                let actions = if matches!(self.looks, Looks::Pulls { .. }) {
                    ""
                } else {
                    " and their servicing actions"
                };
                format!("the pulls that Canopy lists from {} to {}{actions}", from.rfc3339(), to.rfc3339())
            }
            Looks::Refreshes(_) => "the pulls of the monitoring".to_owned(),
            Looks::Confirmed { .. } => "the servicing actions of the pull".to_owned(),
            Looks::Made { list, .. } => list.text.to_owned(),
        }
    }

    /// The mark by which the edge's own list may know the pull from its webhooks: see [`Self::told`].
    #[must_use]
    pub fn marker(&self) -> Option<&str> {
        match &self.looks {
            Looks::Pulls { by: By::Marker(marker), .. } => Some(marker),
            _ => None,
        }
    }

    /// When a pull with that mark was begun, both included: what is begun later may be a refresh of it, which carries it on.
    #[must_use]
    pub fn begun(&self) -> [UnixMillis; 2] {
        let Span { from, to } = self.span();
        [from, to]
    }

    /// Takes the pull that has [`Self::marker`] in its metadata, and gives what [`Self::take`] gives.
    pub fn told(&mut self, pull_id: PullId) -> Option<Result<String, Unshown>> {
        if actions(&json::body(self.asked.body)).is_empty() {
            return Some(Ok(answer(&pull_id, &[])));
        }
        self.looks = Looks::Actions { is_known: true, pulls: vec![pull_id], shown: Vec::new() };
        None
    }

    /// What to read next.
    #[must_use]
    pub fn next(&self) -> Call {
        let team = self.asked.team;
        match &self.looks {
            Looks::Pulls { page, .. } => {
                let Span { from, to } = self.span();
                Call::pulls(team, Some(&from.rfc3339()), Some(&to.rfc3339()), PAGE, page * PAGE)
            }
            Looks::Actions { pulls, .. } => {
                let pull_id = pulls.last().expect("it ends with the last pull");
                Call::servicings(team, pull_id, PAGE, 0)
            }
            Looks::Refreshes(monitoring) => Call::monitored_pulls(team, monitoring, PAGE),
            Looks::Confirmed { pull_id, page, .. } => Call::servicings(team, pull_id, PAGE, page * PAGE),
            Looks::Made { call, .. } => call.clone(),
        }
    }

    /// Takes what was read. `None` while there is more to read; at the end the body of the answer that the call had, as far as
    /// it is known, or why nothing is shown.
    pub fn take(&mut self, body: &[u8]) -> Option<Result<String, Unshown>> {
        let text = json::body(body);
        let span = self.span();
        match &mut self.looks {
            Looks::Pulls { by, page, found } => {
                let Some((items, is_last)) = page_of(&text, "pulls", "total_pulls", *page) else {
                    return Some(Err(Unshown::Unread));
                };
                found.extend(items.into_iter().filter_map(|item| by.pull(item, span)));
                if !is_last {
                    *page += 1;
                    return (*page >= MOST_PAGES).then_some(Err(Unshown::TooMuch));
                }
                found.sort();
                found.dedup();
                let (is_known, found) = (matches!(by, By::Marker(_)), std::mem::take(found));
                match found.len() {
                    0 => Some(Err(Unshown::NotThere)),
                    1 if is_known => self.told(found.into_iter().next()?),
                    count if is_known || count > MOST_PULLS => Some(Err(Unshown::Several)),
                    _ => {
                        self.looks = Looks::Actions { is_known: false, pulls: found, shown: Vec::new() };
                        None
                    }
                }
            }
            Looks::Actions { is_known, pulls, shown } => {
                let Some((items, true)) = page_of(&text, "servicings", "total_servicings", 0) else {
                    return Some(Err(Unshown::Unread));
                };
                let asked = json::body(self.asked.body);
                let asked = actions(&asked);
                if items.len() < asked.len() {
                    // They are listed later than their pull, or belong to another call: that is not told from here.
                    return Some(Err(Unshown::NotThere));
                }
                let pull_id = pulls.pop()?;
                match matched(&asked, &items) {
                    Some(ids) => shown.push((pull_id, ids)),
                    // The pull is the call's, whatever Canopy has made of its actions.
                    None if *is_known => return Some(Ok(answer(&pull_id, &[]))),
                    None => {}
                }
                if !pulls.is_empty() {
                    return None;
                }
                Some(match &shown[..] {
                    [] => Err(Unshown::NotThere),
                    [(pull_id, ids)] => Ok(answer(pull_id, ids)),
                    _ => Err(Unshown::Several),
                })
            }
            Looks::Refreshes(_) => Some(refreshed(&text, span)),
            Looks::Confirmed { pull_id, action, is_confirmed, page } => {
                let Some((items, is_last)) = page_of(&text, "servicings", "total_servicings", *page) else {
                    return Some(Err(Unshown::Unread));
                };
                let status = items.into_iter().find_map(|item| {
                    let [id, status] = json::members(item.get(), ["servicing_action_id", "status"])?;
                    (json::text(id)? == *action).then(|| json::text(status).unwrap_or_default())
                });
                match (status, is_last) {
                    (Some(status), _) => Some(confirmed(pull_id, &status, *is_confirmed)),
                    (None, true) => Some(Err(Unshown::NotThere)),
                    (None, false) => {
                        *page += 1;
                        (*page >= MOST_PAGES).then_some(Err(Unshown::TooMuch))
                    }
                }
            }
            Looks::Made { list, .. } => {
                Some(list.answer(&self.asked, self.sent.before.unwrap_or_default(), body))
            }
        }
    }

    /// The other calls that there must not be for what was found to be this one's. To be asked for after it was found.
    #[must_use]
    pub fn others(&self, now: UnixMillis) -> Option<Others> {
        let span = self.span().of_others();
        let of = |pull_id, to| Some(Others { operation: self.asked.operation, pull_id, from: span.from, to });
        match &self.looks {
            // What carries a mark is the call's own, and an action is answered once.
            Looks::Pulls { .. } | Looks::Actions { is_known: true, .. } | Looks::Confirmed { .. } => None,
            Looks::Actions { .. } => of(pull_of(&self.asked), span.to),
            Looks::Refreshes(_) => of(None, span.to),
            Looks::Made { list, .. } => of(list.pull(&self.asked), now.max(span.to)),
        }
    }

    fn span(&self) -> Span {
        Span::of(self.sent.begun_at)
    }
}

impl By {
    /// The pull that an item of the list is, if it is known by this.
    fn pull(&self, item: &RawValue, span: Span) -> Option<PullId> {
        let [pull_id, parent, kind, created_at, metadata] =
            json::members(item.get(), ["pull_id", "parent_pull_id", "type", "created_at", "meta_data"])?;
        let pull = |raw| PullId::parse(&json::text(raw)?).ok();
        let is_it = match self {
            // Refreshes and servicings of the pull carry its metadata.
            Self::Marker(marker) => {
                metadata.and_then(Metadata::read).and_then(|metadata| metadata.call()).as_ref()
                    == Some(marker)
                    && pull(parent).is_none()
                    && span.has(created_at)
            }
            // A refresh has a parent, too.
            Self::Parent(wanted) => {
                pull(parent).as_ref() == Some(wanted)
                    && span.has(created_at)
                    && json::text(kind).is_none_or(|kind| kind == "SERVICING")
            }
        };
        pull(pull_id).filter(|_| is_it)
    }
}

/// The items of a page, and whether it is the last; `None` for what is no list.
fn page_of<'b>(body: &'b str, list: &str, total: &str, page: u32) -> Option<(Vec<&'b RawValue>, bool)> {
    let [items, total] = json::members(body, [list, total])?;
    let items = json::items(items?.get(), PAGE as usize)?;
    let seen = u64::from(page * PAGE) + items.len() as u64;
    // Whether the total is of the span that was asked for is left open: only a full page may have another behind it.
    let is_last =
        items.len() < PAGE as usize || json::integer_or_text(total).is_some_and(|total| total <= seen);
    Some((items, is_last))
}

/// The servicing actions that a body asks for; none where there is anything in their place that is not all of them.
fn actions(body: &str) -> Vec<&RawValue> {
    let [actions] = json::members(body, ["servicing_actions"]).unwrap_or_default();
    let actions =
        actions.and_then(|actions| json::items(actions.get(), MOST_ACTIONS + 1)).unwrap_or_default();
    if actions.len() > MOST_ACTIONS { Vec::new() } else { actions }
}

/// The ids of what is listed, in the order asked for, when it is just that.
fn matched(asked: &[&RawValue], listed: &[&RawValue]) -> Option<Vec<Id>> {
    if asked.len() != listed.len() {
        return None;
    }
    let mut left = listed.to_vec();
    let is_same = |one: &RawValue, other: &RawValue| {
        let of = |raw: &'_ RawValue| -> Option<[Box<RawValue>; 2]> {
            let [kind, payload] = json::members(raw.get(), ["type", "payload"])?;
            Some([kind?.to_owned(), payload?.to_owned()])
        };
        of(one).zip(of(other)).is_some_and(|(one, other)| one.iter().zip(&other).all(|(a, b)| same(a, b)))
    };
    let id = |wanted: &&RawValue| {
        let at = left.iter().position(|item| is_same(wanted, item))?;
        let [id] = json::members(left.swap_remove(at).get(), ["servicing_action_id"])?;
        Id::parse(&json::text(id)?).ok()
    };
    asked.iter().map(id).collect()
}

/// What a call that began a pull answers, but for the pull's token, which is shown nowhere.
fn answer(pull_id: &PullId, actions: &[Id]) -> String {
    let mut answer = serde_json::json!({ "pull_id": pull_id });
    if !actions.is_empty() {
        answer["servicing_action_ids"] = serde_json::json!(actions);
    }
    answer.to_string()
}

fn refreshed(body: &str, span: Span) -> Result<String, Unshown> {
    let pulls = json::members(body, ["pulls"]).and_then(|[pulls]| json::items(pulls?.get(), PAGE as usize));
    let pulls = pulls.ok_or(Unshown::Unread)?;
    let of = |item: &RawValue| {
        let [pull_id, created_at] = json::members(item.get(), ["pull_id", "created_at"])?;
        let begun_at = UnixMillis::parse(&json::text(created_at)?)?;
        Some((begun_at, PullId::parse(&json::text(pull_id)?).ok(), span.has(created_at)))
    };
    let is_whole = pulls.len() < PAGE as usize;
    let mut pulls: Vec<_> = pulls.into_iter().filter_map(of).collect();
    pulls.sort_by_key(|(begun_at, ..)| *begun_at);
    // The oldest is the one that the monitoring began with.
    let begun = pulls.into_iter().skip(usize::from(is_whole)).filter(|(.., is_in_time)| *is_in_time);
    match &begun.map(|(_, pull_id, _)| pull_id).collect::<Vec<_>>()[..] {
        [] => Err(Unshown::NotThere),
        [Some(pull_id)] => Ok(answer(pull_id, &[])),
        _ => Err(Unshown::Several),
    }
}

/// Source: openapi.json, `ServicingAction`, `status`.
fn confirmed(pull_id: &PullId, status: &str, is_confirmed: bool) -> Result<String, Unshown> {
    match (status, is_confirmed) {
        ("SUBMITTING_CONFIRMATION" | "SUCCESS", true) | ("UNCONFIRMED", false) => Ok(answer(pull_id, &[])),
        ("SUBMITTING_CONFIRMATION" | "SUCCESS", false) | ("UNCONFIRMED", true) => Err(Unshown::Otherwise),
        _ => Err(Unshown::NotThere),
    }
}
