//! What is to be simulated.

use std::collections::BTreeSet;

use serde_json::value::RawValue;

use super::super::Step;
use crate::{
    id::{Position, PullId},
    json,
    problem::{Code, Problem},
    pull::{Fetched, Kind, LogEnd, Taken},
    schedule::{Data, OwnEvent, Term, Times, invalid, moment, type_of},
    signature,
    time::UnixMillis,
    webhook::Event,
};

/// Most of `with` and of `without`.
const MAX_CHANGES: usize = 100;

/// Most policies of one event.
const MAX_POLICIES: usize = 100;

/// See above.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// How far both courses go; now where it was left out.
    pub until: Option<UnixMillis>,
    /// Events that come as well, in their order.
    with: Vec<With>,
    /// Entries that do not come.
    pub(super) without: BTreeSet<Position>,
    /// What comes by itself in the second course, where that is to be otherwise.
    pub times: Option<Times>,
}

#[derive(Debug, Clone)]
struct With {
    at: Option<UnixMillis>,
    kind: Kind,
    event_type: Option<String>,
    taken: Taken,
}

impl Request {
    /// Reads a body, of the pull `pull_id`.
    ///
    /// # Errors
    /// [`Code::BodyMalformed`] for what is no object, [`Code::InputInvalid`] naming the member that is not what it should be.
    pub fn read(body: &[u8], pull_id: &PullId) -> Result<Self, Problem> {
        let text = json::body(body);
        let members = json::entries(&text).ok_or_else(|| {
            Problem::new(Code::BodyMalformed, "expected a JSON object with until, with, without or policy")
        })?;
        let mut request = Self::default();
        for (name, value) in members {
            match name.as_str() {
                "until" | "with" | "without" | "policy" if value.get() == "null" => {}
                "until" => request.until = Some(moment("until", value)?),
                "with" => {
                    let read = |value: &RawValue| With::read(value, pull_id);
                    request.with = list("with", value)?.into_iter().map(read).collect::<Result<_, _>>()?;
                }
                "without" => {
                    let position = |value: &RawValue| {
                        let position = value.get().parse().ok().filter(|position: &Position| *position > 0);
                        position.ok_or_else(|| invalid("without", "positions of the log"))
                    };
                    request.without =
                        list("without", value)?.into_iter().map(position).collect::<Result<_, _>>()?;
                }
                "policy" => {
                    let times = Times::read(value.get());
                    request.times = Some(times.ok_or_else(|| invalid("policy", Times::EXPECTED))?);
                }
                _ => {
                    return Err(invalid(&name.escape_debug().to_string(), "until, with, without or policy"));
                }
            }
        }
        Ok(request)
    }

    /// The events that come as well, of a log whose end is `end`, at `now` where no time is given.
    pub(super) fn steps(&self, end: Position, now: UnixMillis) -> Vec<Step> {
        let step = |(at, with): (usize, &With)| {
            let moment = with.at.unwrap_or(now);
            let mut taken = with.taken.clone();
            if let Taken::Own(_, event) = &mut taken {
                event.effective_at = moment;
            }
            Step {
                end: LogEnd { position: end + 1 + at as Position, recorded_at: moment.0 },
                kind: Some(with.kind),
                effective_at: Some(moment),
                cause: None,
                event_type: with.event_type.clone(),
                taken,
            }
        };
        self.with.iter().enumerate().map(step).collect()
    }
}

impl With {
    fn read(value: &RawValue, pull_id: &PullId) -> Result<Self, Problem> {
        const EXPECTED: &str =
            "objects with event_type and data, with webhook, or with policies, and effective_at";
        let names = ["event_type", "data", "webhook", "policies", "effective_at"];
        let members = json::members(value.get(), names).ok_or_else(|| invalid("with", EXPECTED))?;
        let [event_type, data, webhook, policies, effective_at] = members;
        let at = effective_at.map(|at| moment("with.effective_at", at)).transpose()?;
        match (event_type, webhook, policies) {
            (Some(event_type), None, None) => {
                let event_type = type_of(event_type)?;
                let data =
                    data.map(|data| Data::read(data).ok_or_else(|| invalid("with.data", Data::EXPECTED)));
                let event = OwnEvent {
                    schedule_id: None,
                    event_type: event_type.clone(),
                    effective_at: at.unwrap_or_default(),
                    data: data.transpose()?.unwrap_or_default(),
                    key: None,
                    page: false,
                    because: None,
                    caller: None,
                };
                let taken = Taken::Own(Kind::Own, event);
                Ok(Self { at, kind: Kind::Own, event_type: Some(event_type), taken })
            }
            (None, Some(webhook), None) => {
                let event = webhook_of(webhook.get(), pull_id)
                    .ok_or_else(|| invalid("with.webhook", "the body of a webhook of this pull"))?;
                let event_type = Some(event.event_type.clone());
                let digest = signature::digest(webhook.get().as_bytes());
                Ok(Self {
                    at,
                    kind: Kind::Webhook,
                    event_type,
                    taken: Taken::Webhook(Box::new(event), digest),
                })
            }
            (None, None, Some(policies)) => {
                let policies = json::items(policies.get(), MAX_POLICIES + 1);
                let term = |policy: &RawValue| {
                    let term = Term::read(policy, pull_id.as_str());
                    term.ok_or_else(|| invalid("with.policies", "objects with a policy_id"))
                };
                let policies = policies.filter(|policies| policies.len() <= MAX_POLICIES);
                let policies = policies.ok_or_else(|| invalid("with.policies", "an array of at most 100"))?;
                let terms = policies.into_iter().map(term).collect::<Result<_, _>>()?;
                // It stands for no version that there is.
                let fetched = Fetched {
                    version: 0,
                    size: 0,
                    sha256: String::new(),
                    no_policies: None,
                    terms: Some(terms),
                };
                Ok(Self { at, kind: Kind::Fetched, event_type: None, taken: Taken::Fetched(fetched) })
            }
            _ => Err(invalid("with", EXPECTED)),
        }
    }
}

/// A webhook, which may leave out whose it is.
fn webhook_of(text: &str, pull_id: &PullId) -> Option<Event> {
    let [named] = json::members(text, ["pull_id"])?;
    if named.is_some() {
        return Event::parse(text.as_bytes()).ok().filter(|event| event.pull_id == *pull_id);
    }
    let rest = text.strip_prefix('{')?;
    let comma = if rest.trim_start().starts_with('}') { "" } else { "," };
    Event::parse(format!("{{\"pull_id\":\"{pull_id}\"{comma}{rest}").as_bytes()).ok()
}

fn list<'v>(member: &str, value: &'v RawValue) -> Result<Vec<&'v RawValue>, Problem> {
    let items = json::items(value.get(), MAX_CHANGES + 1).filter(|items| items.len() <= MAX_CHANGES);
    items.ok_or_else(|| invalid(member, &format!("an array of at most {MAX_CHANGES}")))
}
