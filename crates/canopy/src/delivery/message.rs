//! The body of a delivery.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json, value::RawValue};

use super::{event_type::is_type, type_of};
use crate::{
    id::{Position, PullId},
    json,
    problem::{Code, Problem},
    pull::{Kind, State, View},
    schedule::invalid,
    time::UnixMillis,
};

/// Largest body, in bytes.
const MAX_BODY_BYTES: usize = 2 * 1024 * 1024;

/// Largest intake that goes along, in bytes.
const MAX_INTAKE_BYTES: usize = 1024 * 1024;

/// Most members that one value becomes in the flat form.
const MAX_MEMBERS: usize = 200;

/// What a subscription gets.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Form {
    /// The entry and the view.
    #[default]
    Event,
    /// The agency's model, too.
    Intake,
    /// One object without depth.
    Flat,
}

/// What an entry is about, beside its body.
#[derive(Debug, Clone)]
pub struct Headline<'a> {
    /// Its pull.
    pub pull_id: &'a PullId,
    /// Where it stands.
    pub position: Position,
    /// What brought it.
    pub kind: Option<Kind>,
    /// Its own type, which may be empty.
    pub event_type: &'a str,
    /// What became of it.
    pub outcome: &'a str,
    /// When it counts.
    pub effective_at: UnixMillis,
    /// Scheme and host of the edge.
    pub origin: &'a str,
}

impl Headline<'_> {
    /// `webhook-id`: of the pull and the position, so that it is the same whenever and however often it is sent.
    #[must_use]
    pub fn id(&self) -> String {
        format!("{}_{}", self.pull_id, self.position)
    }

    /// Its type downstream.
    #[must_use]
    pub fn name(&self) -> &str {
        type_of(self.kind, self.event_type)
    }

    fn link(&self) -> String {
        format!("{}/api/v1/pulls/{}", self.origin, self.pull_id)
    }
}

/// What there is to tell of an entry. All but the headline is JSON.
#[derive(Debug)]
pub struct Message<'a> {
    /// What it is about.
    pub headline: Headline<'a>,
    /// The entry as the log shows it.
    pub entry: &'a str,
    /// The pull as the back office reads it.
    pub pull: &'a str,
    /// What its webhooks say.
    pub view: &'a View,
    /// The intake in the form that [`Form`] asks for, where there is one.
    pub intake: Option<&'a str>,
}

#[derive(Serialize)]
struct Whole<'a> {
    #[serde(rename = "type")]
    name: &'a str,
    timestamp: String,
    data: Data<'a>,
}

#[derive(Serialize)]
struct Data<'a> {
    link: String,
    entry: &'a RawValue,
    pull: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    intake: Option<Option<&'a RawValue>>,
}

impl Message<'_> {
    /// The body in a form.
    #[must_use]
    pub fn body(&self, form: Form) -> String {
        match form {
            Form::Flat => self.flat(),
            Form::Event | Form::Intake => self.whole(form == Form::Intake),
        }
    }

    fn whole(&self, has_intake: bool) -> String {
        let intake = self.intake.filter(|text| text.len() <= MAX_INTAKE_BYTES);
        let intake = has_intake.then(|| intake.and_then(raw));
        let null = RawValue::NULL;
        let write = |entry, pull| {
            let data = Data { link: self.headline.link(), entry, pull, intake };
            let timestamp = self.headline.effective_at.rfc3339();
            let whole = Whole { name: self.headline.name(), timestamp, data };
            serde_json::to_string(&whole).expect("a message is plain data")
        };
        let body = write(raw(self.entry).unwrap_or(null), raw(self.pull));
        if body.len() <= MAX_BODY_BYTES {
            return body;
        }
        let bare = self.without_body();
        write(raw(&bare).unwrap_or(null), None)
    }

    /// The entry, its body left out.
    fn without_body(&self) -> String {
        let entries = json::entries(self.entry).unwrap_or_default();
        let entry = |(name, value): (String, &RawValue)| {
            let value = if name == "body" { "null" } else { value.get() };
            format!("{}:{value}", Value::from(name))
        };
        format!("{{{}}}", entries.into_iter().map(entry).collect::<Vec<_>>().join(","))
    }

    fn flat(&self) -> String {
        let headline = &self.headline;
        let mut members = Map::new();
        let mut put = |name: &str, value: Value| members.insert(name.to_owned(), value);
        put("id", headline.id().into());
        put("type", headline.name().into());
        put("timestamp", headline.effective_at.rfc3339().into());
        put("pull_id", headline.pull_id.as_str().into());
        put("position", headline.position.into());
        put("kind", json!(headline.kind));
        put("outcome", headline.outcome.into());
        put("status", json!(self.view.status));
        put("complete", self.view.complete.into());
        put("account_identifier", json!(self.view.account_identifier));
        put("link", headline.link().into());
        let body = json::members(self.entry, ["body"]).and_then(|[body]| body);
        let data = body.and_then(|body| json::members(body.get(), ["data"])).and_then(|[data]| data);
        spread("data", data.and_then(|data| serde_json::from_str(data.get()).ok()), &mut members);
        spread("metadata", serde_json::to_value(&self.view.meta_data).ok(), &mut members);
        let intake = self.intake.filter(|text| text.len() <= MAX_INTAKE_BYTES);
        if let Some(Value::Object(intake)) = intake.and_then(|text| serde_json::from_str(text).ok()) {
            members.extend(intake.into_iter().map(|(name, value)| (format!("intake_{name}"), value)));
        }
        Value::Object(members).to_string()
    }
}

fn raw(text: &str) -> Option<&RawValue> {
    serde_json::from_str(text).ok()
}

/// Puts an object's members beside each other, those of an object in it under both names.
fn spread(prefix: &str, value: Option<Value>, into: &mut Map<String, Value>) {
    let mut left = vec![(prefix.to_owned(), value.filter(Value::is_object).unwrap_or_default())];
    let most = into.len() + MAX_MEMBERS;
    while let Some((prefix, value)) = left.pop() {
        let Value::Object(members) = value else { continue };
        for (name, value) in members {
            let name = format!("{prefix}_{name}");
            match value {
                Value::Object(_) => left.push((name, value)),
                Value::Array(items) => {
                    let plain: Vec<_> =
                        items.iter().filter(|item| !item.is_object() && !item.is_array()).collect();
                    let text = |item: &&Value| item.as_str().map_or_else(|| item.to_string(), str::to_owned);
                    let text = plain.iter().map(text).collect::<Vec<_>>().join(", ");
                    into.insert(name, text.into());
                }
                scalar => drop(into.insert(name, scalar)),
            }
            if into.len() >= most {
                return;
            }
        }
    }
}

/// The type that a sample is asked for of: the body of a request, which may be empty.
///
/// # Errors
/// [`Code::BodyMalformed`] for what is no object, [`Code::InputInvalid`] for what is no type.
pub fn sample_type(body: &[u8]) -> Result<String, Problem> {
    const DEFAULT: &str = "COMPLETE";
    if body.is_empty() {
        return Ok(DEFAULT.to_owned());
    }
    let text = json::body(body);
    let malformed = || Problem::new(Code::BodyMalformed, "expected {\"type\": \"COMPLETE\"}, {} or nothing");
    let [asked] = json::members(&text, ["type"]).ok_or_else(malformed)?;
    let Some(asked) = asked else { return Ok(DEFAULT.to_owned()) };
    let name = json::text(Some(asked)).filter(|name| is_type(name));
    name.ok_or_else(|| invalid("type", "1 to 64 capital letters, digits and _"))
}

/// The body of a sample, of a pull that there is none of.
#[must_use]
pub fn sample(form: Form, event_type: &str, origin: &str, now: UnixMillis) -> String {
    let pull_id = PullId::parse("00000000-0000-4000-8000-000000000000").expect("an identifier");
    let at = now.rfc3339();
    let is_ours = event_type.starts_with(crate::schedule::OURS);
    let kind = if is_ours { Kind::Own } else { Kind::Webhook };
    let body = json!({ "pull_id": pull_id, "event_type": event_type, "data": {} });
    let entry = json!({
        "position": 1, "kind": kind, "effective_at": at, "recorded_at": at, "received_at": at, "cause": null,
        "event_type": event_type, "sequence": null, "outcome": "applied", "body": body,
    });
    let view = State::default().view();
    let mut pull = json!({
        "pull_id": pull_id, "revision": 1, "created_at": at, "updated_at": at, "snapshots": [], "documents": [], "outbox": [],
    });
    if let (Value::Object(pull), Ok(Value::Object(view))) = (&mut pull, serde_json::to_value(&view)) {
        pull.extend(view);
    }
    let headline = Headline {
        pull_id: &pull_id,
        position: 1,
        kind: Some(kind),
        event_type,
        outcome: "applied",
        effective_at: now,
        origin,
    };
    let message =
        Message { headline, entry: &entry.to_string(), pull: &pull.to_string(), view: &view, intake: None };
    message.body(form)
}
