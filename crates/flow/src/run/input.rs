//! What a step is given, worked out when it begins, and what is made of it where nobody else is needed.

use base64::{Engine, prelude::BASE64_STANDARD};
use canopy::time::UnixMillis;
use serde_json::{Value as Json, json};

use super::{machine::Machine, outcome::Reason};
use crate::{
    asked::AskedCanopy,
    connector::{ConnectorError, urlencoded, with_query},
    csv,
    definition::{Body, Step, Use},
    expression::{Fault, Scope},
    field::{self, File, Type},
    pdf,
    request::{Auth, Placement, Request},
    sql::Select,
    template::{Ordered, Template},
    text::{Escape, Text, shown},
};

type Wrong = (Reason, String);

/// Why an expression gave nothing.
pub(super) fn of_fault(fault: Fault) -> Wrong {
    (Reason::Expression, fault.to_string())
}

fn text(text: &Text, scope: &Scope<'_>) -> Result<String, Wrong> {
    text.render(scope, Escape::None).map(shown).map_err(of_fault)
}

fn value(template: &Template, scope: &Scope<'_>) -> Result<Ordered, Wrong> {
    template.render(scope, Escape::None).map_err(of_fault)
}

fn optional(template: Option<&Template>, scope: &Scope<'_>) -> Result<Json, Wrong> {
    template.map_or(Ok(Json::Null), |template| value(template, scope).map(Json::from))
}

/// Names and texts of an object.
fn texts(object: &Ordered) -> impl Iterator<Item = (String, String)> {
    let members = if let Ordered::Object(members) = object { members.as_slice() } else { &[] };
    members.iter().map(|(name, it)| (name.to_ascii_lowercase(), shown(it.clone().into())))
}

impl<'f> Machine<'f> {
    /// What a step is given, and when it goes on where that is not at once.
    pub(super) fn input(&self, step: &'f Step, key: &str) -> Result<(Json, Option<UnixMillis>), Wrong> {
        let scope = self.values.scope();
        let secret = step.secret.as_ref().map(|secret| text(&secret.name, &scope)).transpose()?;
        let mut due = None;
        let input = match &step.does {
            Use::Connector { connector, with, escapes } => {
                let given = given(with, &scope, |name| escapes.get(name) == Some(&Type::Html))?;
                let given = field::check(&connector.inputs, &given, "with").map_err(|problems| {
                    let first = problems.into_iter().next();
                    (
                        Reason::Input,
                        first.map_or_else(String::new, |it| format!("{}: {}", it.pointer, it.detail)),
                    )
                })?;
                let request =
                    connector.request(&given, key, secret.as_deref()).map_err(|error| match error {
                        ConnectorError::Fault(fault) => of_fault(fault),
                        ConnectorError::Request(error) => (Reason::Destination, error.to_string()),
                        ConnectorError::Placement => (Reason::Secret, ConnectorError::Placement.to_string()),
                    })?;
                self.checked(request)?
            }
            Use::Http { method, url, headers, query, body, .. } => {
                let url = shown(url.render(&scope, Escape::Url).map_err(of_fault)?);
                let query = query.as_ref().map(|query| value(query, &scope)).transpose()?;
                let url = query.map_or(url.clone(), |query| with_query(url, &query));
                let headers = headers.as_ref().map(|headers| value(headers, &scope)).transpose()?;
                let mut headers: std::collections::BTreeMap<_, _> = headers.iter().flat_map(texts).collect();
                let (content_type, body) = match body {
                    Body::None => (None, None),
                    Body::Json(json) => (
                        Some("application/json"),
                        Some(serde_json::to_string(&value(json, &scope)?).expect("JSON is plain data")),
                    ),
                    Body::Form(form) => {
                        (Some("application/x-www-form-urlencoded"), Some(urlencoded(&value(form, &scope)?)))
                    }
                    Body::Text(written) => (Some("text/plain; charset=utf-8"), Some(text(written, &scope)?)),
                };
                if let Some(content_type) = content_type {
                    headers.entry("content-type".to_owned()).or_insert_with(|| content_type.to_owned());
                }
                let placement = step.secret.as_ref().and_then(|secret| secret.placement.as_ref());
                let placement = placement.map(|placement| value(placement, &scope)).transpose()?;
                let placement = placement
                    .and_then(|placement| serde_json::from_value::<Placement>(placement.into()).ok());
                let auth = secret.zip(placement).map(|(secret, placement)| Auth { secret, placement });
                self.checked(Request { method: (*method).to_owned(), url, headers, body, auth })?
            }
            Use::Canopy { operation, path, query, body } => {
                let of = |template: &Option<Template>| {
                    template.as_ref().map(|template| value(template, &scope)).transpose()
                };
                let (path, pull_id) = (optional(path.as_ref(), &scope)?, self.run.pull_id.as_deref());
                let (query, body) = (of(query)?, of(body)?);
                let asked = AskedCanopy::of(*operation, &path, query.as_ref(), body.as_ref(), pull_id);
                json!(asked.map_err(|error| (Reason::Input, error.to_string()))?)
            }
            Use::Wait { when, timeout_millis, .. } => {
                let until = self.time().plus(*timeout_millis);
                due = Some(until);
                json!({ "when": when.as_ref().map(|when| when.source()), "until": until.rfc3339() })
            }
            Use::Sleep { for_millis, until } => {
                let at = match until {
                    Some(until) => {
                        let until = text(until, &scope)?;
                        moment_of(&until).ok_or((
                            Reason::Input,
                            "until: expected a time like 2026-01-31T09:00:00Z".to_owned(),
                        ))?
                    }
                    None => self.time().plus(for_millis.unwrap_or_default()),
                };
                due = Some(at);
                json!({ "until": at.rfc3339() })
            }
            Use::Approve { title, text: about, timeout_millis, .. } => {
                let until = self.time().plus(*timeout_millis);
                due = Some(until);
                let about = about.as_ref().map(|about| text(about, &scope)).transpose()?;
                json!({ "title": text(title, &scope)?, "text": about, "until": until.rfc3339() })
            }
            Use::If { condition, .. } => {
                let is_so = condition.evaluate(&scope).map_err(of_fault)?;
                let is_so = is_so
                    .as_bool()
                    .ok_or((Reason::Expression, "condition: expected true or false".to_owned()))?;
                json!({ "condition": is_so })
            }
            Use::Each { list, limit, .. } => {
                let items = list.evaluate(&scope).map_err(of_fault)?;
                let Json::Array(items) = items else {
                    return Err((Reason::Expression, "in: expected a list".to_owned()));
                };
                if items.len() > *limit {
                    return Err((
                        Reason::Bounds,
                        format!("in: expected a list of at most {limit}, got {}", items.len()),
                    ));
                }
                json!({ "items": items })
            }
            Use::Query { select, parameters, .. } => {
                let parameters = optional(parameters.as_ref(), &scope)?;
                json!({ "parameters": parameters_of(select, parameters)? })
            }
            Use::Csv { name, columns, rows } => json!({
                "name": text(name, &scope)?, "columns": Json::from(value(columns, &scope)?), "rows": Json::from(value(rows, &scope)?),
            }),
            Use::Pdf { name, document } => {
                json!({ "name": text(name, &scope)?, "document": Json::from(value(document, &scope)?) })
            }
            Use::Set { values } => json!({ "values": Json::from(value(values, &scope)?) }),
            Use::Emit { data, .. } => json!({ "data": optional(data.as_ref(), &scope)? }),
            Use::Schedule { effective_at, data, .. } => {
                json!({ "effective_at": text(effective_at, &scope)?, "data": optional(data.as_ref(), &scope)? })
            }
            Use::Stop { because, .. } => {
                json!({ "because": because.as_ref().map(|because| text(because, &scope)).transpose()? })
            }
        };
        Ok((input, due))
    }

    fn checked(&self, request: Request) -> Result<Json, Wrong> {
        request.check(self.is_local()).map_err(|error| (Reason::Destination, error.to_string()))?;
        Ok(serde_json::to_value(request).expect("a request is plain data"))
    }

    /// What a step makes of what it is given.
    pub(super) fn make(&mut self, step: &'f Step, path: &str, input: Json) {
        match &step.does {
            Use::Set { .. } => self.gave(path, input["values"].clone()),
            Use::Csv { .. } | Use::Pdf { .. } => match file(&input) {
                Ok(file) => self.gave(path, json!(file)),
                Err(detail) => self.fail(path, Reason::Input, &detail),
            },
            _ => self.gave(path, input),
        }
    }
}

/// What stands for the parameters of a SELECT: as many as it has.
fn parameters_of(select: &Select, given: Json) -> Result<Vec<Json>, Wrong> {
    let expected = |expected: String| (Reason::Input, format!("parameters: expected {expected}"));
    let parameters = match given {
        Json::Array(parameters) => parameters,
        Json::Null => Vec::new(),
        _ => return Err(expected("a list".to_owned())),
    };
    if parameters.len() != select.parameters() {
        return Err(expected(format!(
            "{}, as the SELECT has; found {}",
            select.parameters(),
            parameters.len()
        )));
    }
    if parameters.iter().any(|parameter| parameter.is_array() || parameter.is_object()) {
        return Err(expected("texts, numbers, true, false or null; a list as json(…)".to_owned()));
    }
    Ok(parameters)
}

/// The file that a step makes of what it is given.
fn file(input: &Json) -> Result<File, String> {
    let (content_type, bytes) = match input.get("document") {
        Some(document) => {
            let document = pdf::Document::read(document).map_err(|error| error.to_string())?;
            ("application/pdf", pdf::render(&document).map_err(|error| error.to_string())?)
        }
        None => {
            let table = json!({ "columns": input["columns"], "rows": input["rows"] });
            let table = csv::Table::read(&table).map_err(|error| error.to_string())?;
            ("text/csv", csv::render(&table).map_err(|error| error.to_string())?)
        }
    };
    let name = input["name"].as_str().unwrap_or_default().to_owned();
    Ok(File { name, content_type: content_type.to_owned(), base64: BASE64_STANDARD.encode(bytes) })
}

/// What a step gives a connector; in markup values are no markup.
fn given(with: &Template, scope: &Scope<'_>, is_html: impl Fn(&str) -> bool) -> Result<Json, Wrong> {
    let Template::Object(members) = with else { return Ok(json!({})) };
    let mut given = serde_json::Map::new();
    for (name, member) in members {
        let escape = if is_html(name) { Escape::Html } else { Escape::None };
        let value = member.render(scope, escape).map_err(of_fault)?;
        given.insert(name.clone(), value.into());
    }
    Ok(Json::Object(given))
}

/// A time, or the beginning of a day in UTC.
fn moment_of(text: &str) -> Option<UnixMillis> {
    UnixMillis::parse(text).or_else(|| UnixMillis::parse(&format!("{text}T00:00:00Z")))
}
