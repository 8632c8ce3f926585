//! A group of flows.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use super::{
    bounds::{MAX_CONFIG, MAX_DEFINITION, MAX_FLOWS, MAX_RUN_MILLIS, RUN_MILLIS},
    known::Known,
    read::{Place, Reader, name_of},
    reference::Names,
    step::Step,
    steps::Steps,
    trigger::{Subject, Trigger},
};
use crate::{
    field::{Field, Fields, Problem, Type},
    template::Ordered,
};

/// A group that was read.
#[derive(Debug)]
pub struct Group {
    /// What people call it.
    pub title: String,
    /// What it does.
    pub description: Option<String>,
    /// What an instance of it is configured with.
    pub config: Fields,
    /// Its flows by name.
    pub flows: BTreeMap<String, Flow>,
}

/// A flow.
#[derive(Debug)]
pub struct Flow {
    /// What people call it.
    pub title: Option<String>,
    /// What starts it.
    pub trigger: Trigger,
    /// How long a run may take, in milliseconds.
    pub timeout_millis: u64,
    /// What it does.
    pub steps: Vec<Step>,
    /// What its expressions read.
    variables: BTreeSet<String>,
}

impl Group {
    /// Reads a definition.
    ///
    /// # Errors
    /// All that is wrong with it, each with its place.
    pub fn read(text: &str, known: &Known<'_>) -> Result<Self, Vec<Problem>> {
        if text.len() > MAX_DEFINITION {
            return Err(vec![Problem::new(
                "",
                format!("expected a definition of at most {MAX_DEFINITION} bytes"),
            )]);
        }
        let json: Ordered = match serde_json::from_str(text) {
            Ok(json) => json,
            Err(error) => return Err(vec![Problem::new("", format!("expected JSON: {error}"))]),
        };
        let mut reader = Reader::default();
        let place = Place::new(&json, "");
        let group = Self::of(&mut reader, &place, known);
        secrets_in(&mut reader, &place, known);
        match group {
            Some(group) if reader.problems.is_empty() => Ok(group),
            _ => Err(reader.problems),
        }
    }

    fn of(reader: &mut Reader, place: &Place<'_>, known: &Known<'_>) -> Option<Self> {
        reader.only(place, &["$schema", "title", "description", "config", "flows"]);
        let title =
            reader.required(place, "title", "what people call it").and_then(|title| reader.text(&title, 120));
        let description = place.member("description").and_then(|text| reader.text(&text, 2_000));
        let config = place.member("config").map(|config| fields(reader, &config)).unwrap_or_default();
        let flows = reader.required(place, "flows", "its flows by name")?;
        let members = flows.members();
        if !(1..=MAX_FLOWS).contains(&members.len()) {
            reader.wrong(&flows.pointer, format!("expected 1 to {MAX_FLOWS} flows by name"));
            return None;
        }
        let mut read = BTreeMap::new();
        for (name, flow) in members.into_iter().take(MAX_FLOWS) {
            let named = Ordered::Scalar(name.into());
            let name = name_of(reader, &Place::new(&named, &flow.pointer));
            let flow_read = Flow::of(reader, &flow, &config, known);
            if let (Some(name), Some(flow_read)) = (name, flow_read)
                && read.insert(name, flow_read).is_some()
            {
                reader.wrong(&flow.pointer, "expected it once");
            }
        }
        Some(Self { title: title?, description, config, flows: read })
    }
}

impl Group {
    /// Whether it has a flow that is about no pull.
    #[must_use]
    pub fn is_of_agency(&self) -> bool {
        self.flows.values().any(|flow| flow.trigger.subject() == Subject::Agency)
    }
}

impl Flow {
    /// Whether an expression of it reads a variable.
    #[must_use]
    pub fn reads(&self, variable: &str) -> bool {
        self.variables.contains(variable)
    }

    fn of(reader: &mut Reader, place: &Place<'_>, config: &Fields, known: &Known<'_>) -> Option<Self> {
        reader.only(place, &["title", "trigger", "timeout", "steps"]);
        let title = place.member("title").and_then(|title| reader.text(&title, 120));
        let timeout = place.member("timeout").and_then(|timeout| reader.span(&timeout, MAX_RUN_MILLIS));
        let trigger = reader.required(place, "trigger", "what starts it");
        let trigger = trigger.and_then(|place| Some((Trigger::read(reader, &place, config)?, place)));
        let subject = trigger.as_ref().map_or(Subject::Pull, |(trigger, _)| trigger.subject());
        let mut variables = BTreeSet::from(["now", "run"].map(str::to_owned));
        if subject == Subject::Pull {
            variables.extend(["pull", "intake"].map(str::to_owned));
        }
        if matches!(trigger, Some((Trigger::Event { .. }, _)) | None) {
            variables.insert("event".to_owned());
        }
        let mut names = Names { config, variables, steps: BTreeSet::new() };
        if let Some((Trigger::Event { when: Some(when), .. }, place)) = &trigger {
            let mut variables = names.clone();
            variables.variables.remove("run");
            variables.check(reader, &format!("{}/when", place.pointer), when);
        }
        let steps = reader.required(place, "steps", "its steps")?;
        let read =
            Steps { known, subject, count: 0, ids: BTreeSet::new() }.read(reader, &steps, &mut names, 0);
        if read.is_empty() && steps.elements().is_empty() {
            reader.wrong(&steps.pointer, "expected a step at least");
        }
        let mut variables = BTreeSet::new();
        collect(place.json, &mut variables);
        Some(Self {
            title,
            trigger: trigger?.0,
            timeout_millis: timeout.unwrap_or(RUN_MILLIS),
            steps: read,
            variables,
        })
    }
}

/// The variables of a pull's that stand in texts: an expression reads none that does not.
fn collect(json: &Ordered, variables: &mut BTreeSet<String>) {
    match json {
        Ordered::Scalar(scalar) => {
            let text = scalar.as_str().unwrap_or_default();
            let found = ["pull", "intake", "event"].into_iter().filter(|name| text.contains(name));
            variables.extend(found.map(str::to_owned));
        }
        Ordered::List(items) => items.iter().for_each(|item| collect(item, variables)),
        Ordered::Object(members) => members.iter().for_each(|(_, member)| collect(member, variables)),
    }
}

/// What instances are configured with.
fn fields(reader: &mut Reader, place: &Place<'_>) -> Fields {
    let mut fields = Fields::new();
    let members = place.members();
    if members.len() > MAX_CONFIG || !matches!(place.json, Ordered::Object(_)) {
        reader.wrong(&place.pointer, format!("expected at most {MAX_CONFIG} values by name"));
        return fields;
    }
    for (name, member) in members {
        let named = Ordered::Scalar(name.into());
        let name = name_of(reader, &Place::new(&named, &member.pointer));
        let field = match serde_json::from_value::<Field>(Json::from(member.json.clone())) {
            Ok(field) => field,
            Err(error) => {
                reader.wrong(&member.pointer, format!("expected what a value is: {error}"));
                continue;
            }
        };
        if field.kind == Type::Enum && field.values.is_empty() {
            reader.wrong(format!("{}/values", member.pointer), "expected the values of the enum");
        }
        if let Some(Err(detail)) = field.default.as_ref().map(|default| field.check(default)) {
            reader.wrong(format!("{}/default", member.pointer), detail);
        }
        if let Some(name) = name {
            fields.insert(name, field);
        }
    }
    fields
}

/// Refuses secrets that stand in texts.
fn secrets_in(reader: &mut Reader, place: &Place<'_>, known: &Known<'_>) {
    if place.as_str().is_some_and(known.is_secret) {
        reader.wrong(&place.pointer, "expected no secret in a text: name it in `secret`");
    }
    for element in place.elements() {
        secrets_in(reader, &element, known);
    }
    for (name, member) in place.members() {
        if (known.is_secret)(name) {
            reader.wrong(&place.pointer, "expected no secret as a name");
        }
        secrets_in(reader, &member, known);
    }
}
