//! Reading the steps of a flow.

use std::collections::{BTreeMap, BTreeSet};

use canopy::contract::Operation;

use super::{
    bounds::{ATTEMPTS, CALL_MILLIS, MAX_ATTEMPTS, MAX_CALL_MILLIS, MAX_DEPTH, MAX_RUN_MILLIS, MAX_STEPS},
    build::{Part, Parts, build, is_always},
    kind::{KINDS, Kind, Shape},
    known::Known,
    read::{Place, Reader, name_of},
    reference::Names,
    step::{Failing, Retry, Secret, Step, Use},
    trigger::{Subject, types_of},
};
use crate::{
    asked::is_asked_by_steps,
    connector::{self, Connector},
    expression::Expression,
    field::{Type, is_secret_name},
    request::{host_of, is_host_of},
    sql::Select,
    template::{Ordered, escaped},
};

/// Reads the steps of one flow.
pub(super) struct Steps<'k> {
    pub known: &'k Known<'k>,
    pub subject: Subject,
    pub count: usize,
    /// Of all steps so far.
    pub ids: BTreeSet<String>,
}

const COMMON: &[&str] = &["id", "use", "with", "title", "when", "timeout", "retry", "on_error", "secret"];

impl Steps<'_> {
    /// Reads a list of steps. `names` grows by what later steps may read.
    pub fn read(
        &mut self,
        reader: &mut Reader,
        place: &Place<'_>,
        names: &mut Names<'_>,
        depth: usize,
    ) -> Vec<Step> {
        if !matches!(place.json, Ordered::List(_)) {
            reader.wrong(&place.pointer, "expected a list of steps");
            return Vec::new();
        }
        if depth > MAX_DEPTH {
            reader.wrong(&place.pointer, format!("expected at most {MAX_DEPTH} steps inside each other"));
            return Vec::new();
        }
        let (mut steps, mut is_over) = (Vec::new(), false);
        for element in place.elements() {
            self.count += 1;
            if self.count > MAX_STEPS {
                if self.count == MAX_STEPS + 1 {
                    reader.wrong(&element.pointer, format!("expected at most {MAX_STEPS} steps in a flow"));
                }
                break;
            }
            if std::mem::take(&mut is_over) {
                reader.wrong(&element.pointer, "expected nothing behind a stop: this step is never reached");
            }
            let step = self.step(reader, &element, names, depth);
            is_over = step
                .as_ref()
                .is_some_and(|step| matches!(step.does, Use::Stop { .. }) && step.when.is_none());
            steps.extend(step);
        }
        steps
    }

    fn step(
        &mut self,
        reader: &mut Reader,
        place: &Place<'_>,
        names: &mut Names<'_>,
        depth: usize,
    ) -> Option<Step> {
        reader.only(place, COMMON);
        let id = reader.required(place, "id", "a name like send_mail").and_then(|id| name_of(reader, &id));
        if let Some(id) = id.as_ref().filter(|id| !self.ids.insert((*id).clone())) {
            reader.wrong(
                format!("{}/id", place.pointer),
                format!("expected another name: there is a step {id} before"),
            );
        }
        let when = place.member("when").and_then(|when| {
            let expression = reader.expression(&when)?;
            names.check(reader, &when.pointer, &expression);
            if is_always(&expression, false) {
                reader.wrong(
                    &when.pointer,
                    "expected a condition that can be true: this step is never reached",
                );
            }
            Some(expression)
        });
        let title = place.member("title").and_then(|title| reader.text(&title, 120));
        let timeout = place.member("timeout").and_then(|timeout| reader.span(&timeout, MAX_CALL_MILLIS));
        let attempts = place.member("retry").and_then(|retry| {
            reader.only(&retry, &["attempts"]);
            retry.member("attempts").and_then(|attempts| reader.integer(&attempts, 1, MAX_ATTEMPTS))
        });
        let on_error =
            place.member("on_error").and_then(|on_error| reader.word(&on_error, &["fail", "continue"]));
        let does = self.does(reader, place, names, depth);
        if let Some(id) = &id {
            names.steps.insert(id.clone());
        }
        let (does, secret) = does?;
        Some(Step {
            id: id?,
            title,
            when,
            does,
            timeout_millis: timeout.unwrap_or(CALL_MILLIS),
            retry: Retry { attempts: attempts.unwrap_or(ATTEMPTS) as u32 },
            on_error: if on_error == Some("continue") { Failing::Continue } else { Failing::Fail },
            secret,
        })
    }

    fn does(
        &mut self,
        reader: &mut Reader,
        place: &Place<'_>,
        names: &mut Names<'_>,
        depth: usize,
    ) -> Option<(Use, Option<Secret>)> {
        let used = reader.required(place, "use", "a kind of step, or a connector")?;
        let name = used.as_str().unwrap_or_default();
        let none = Ordered::Object(Vec::new());
        let with =
            place.member("with").unwrap_or_else(|| Place::new(&none, format!("{}/with", place.pointer)));
        if let Some(connector) = connector::all().get(name) {
            return self.connector(reader, place, &with, connector, names);
        }
        let Some(kind) = KINDS.iter().find(|kind| kind.name == name) else {
            let known: Vec<_> = KINDS.iter().map(|kind| kind.name).collect();
            let detail = format!("expected a connector, or one of {}", known.join(", "));
            reader.wrong(&used.pointer, detail);
            return None;
        };
        let needs_pull = matches!(name, "wait" | "emit" | "schedule");
        if needs_pull && self.subject == Subject::Agency {
            reader.wrong(&used.pointer, "expected a flow that is about a pull: this one has no log");
        }
        let secret = match (name, place.member("secret")) {
            ("http", Some(secret)) => self.secret_of_http(reader, &secret, &with, names),
            (_, Some(secret)) => {
                reader.wrong(&secret.pointer, "expected no secret: this kind of step takes none");
                None
            }
            (_, None) => None,
        };
        let parts = self.parts(reader, &with, kind, names, depth)?;
        Some((build(reader, &with, kind, parts)?, secret))
    }

    fn parts(
        &mut self,
        reader: &mut Reader,
        with: &Place<'_>,
        kind: &'static Kind,
        names: &mut Names<'_>,
        depth: usize,
    ) -> Option<Parts> {
        let known: Vec<_> = kind.members.iter().map(|member| member.name).collect();
        reader.only(with, &known);
        let (mut parts, mut is_whole, before) = (BTreeMap::new(), true, names.clone());
        let round = kind.members.iter().find(|member| member.shape == Shape::Name);
        let round =
            round.and_then(|member| with.member(member.name)).and_then(|place| name_of(reader, &place));
        for member in kind.members {
            let place = if member.required {
                reader.required(with, member.name, member.description)
            } else {
                with.member(member.name)
            };
            let Some(place) = place else {
                is_whole &= !member.required;
                continue;
            };
            let mut inner = before.clone();
            match (kind.name, member.name) {
                ("http", "fails_when" | "result") => drop(inner.variables.insert("answer".to_owned())),
                ("wait", "when") => drop(inner.variables.insert("event".to_owned())),
                // A link is signed when it is sent: it cannot be, within a file.
                ("csv" | "pdf", _) => drop(inner.variables.remove("approval")),
                ("approve", "notify") => drop(inner.variables.insert("approval".to_owned())),
                ("each", "steps") => inner.variables.extend(round.clone()),
                _ => {}
            }
            let part = self.part(reader, &place, member.shape, &mut inner, depth);
            // What is made within may be read behind it, but what rounds make: that stands in the loop's own result.
            if kind.name != "each" {
                names.steps.extend(inner.steps);
            }
            is_whole &= part.is_some();
            parts.extend(part.map(|part| (member.name, part)));
        }
        is_whole.then_some(Parts(parts))
    }

    fn part(
        &mut self,
        reader: &mut Reader,
        place: &Place<'_>,
        shape: Shape,
        names: &mut Names<'_>,
        depth: usize,
    ) -> Option<Part> {
        Some(match shape {
            Shape::Text | Shape::Url => {
                let text = reader.written(place)?;
                text.expressions().for_each(|expression| names.check(reader, &place.pointer, expression));
                Part::Text(text)
            }
            Shape::Value => {
                let template = reader.template(place);
                template.visit(&place.pointer, &mut |pointer, expression| {
                    names.check(reader, pointer, expression)
                });
                Part::Value(template)
            }
            Shape::Expression => {
                let expression = reader.expression(place)?;
                names.check(reader, &place.pointer, &expression);
                Part::Expression(expression)
            }
            Shape::Written => Part::Written(reader.text(place, 4_000)?),
            Shape::Sql => {
                let Some(sql) = place.as_str() else {
                    reader.wrong(&place.pointer, "expected a SELECT");
                    return None;
                };
                let select =
                    Select::read(sql).map_err(|error| reader.wrong(&place.pointer, error.to_string()));
                Part::Select(select.ok()?)
            }
            Shape::Name => Part::Written(name_of(reader, place)?),
            Shape::Span => Part::Millis(reader.span(place, MAX_RUN_MILLIS)?),
            Shape::Steps => Part::Steps(self.read(reader, place, names, depth + 1)),
            Shape::Types => Part::Types(types_of(reader, place)?),
            Shape::Integer(least, most) => Part::Integer(reader.integer(place, least, most)?),
            Shape::Word(words) => Part::Word(reader.word(place, words)?),
            Shape::Boolean => Part::Boolean(reader.boolean(place)?),
            Shape::Operation => {
                let operation = place
                    .as_str()
                    .and_then(|id| Operation::ALL.iter().find(|operation| operation.row().id == id));
                let expected = "expected an operationId of Canopy's API, like post-monitoring";
                let Some(operation) = operation else {
                    reader.wrong(&place.pointer, expected);
                    return None;
                };
                if !is_asked_by_steps(*operation) {
                    let detail = format!(
                        "{expected}, that a workflow may ask for: not one of the consumer, of files, or of the whole team"
                    );
                    reader.wrong(&place.pointer, detail);
                }
                Part::Operation(*operation)
            }
        })
    }

    /// A step that uses a connector: what is written is checked as it will be given.
    fn connector(
        &mut self,
        reader: &mut Reader,
        place: &Place<'_>,
        with: &Place<'_>,
        connector: &'static Connector,
        names: &mut Names<'_>,
    ) -> Option<(Use, Option<Secret>)> {
        let known: Vec<_> = connector.inputs.keys().map(String::as_str).collect();
        reader.only(with, &known);
        for (name, field) in &connector.inputs {
            let given = with.member(name);
            if given.is_none() && field.required && field.default.is_none() {
                reader.wrong(format!("{}/{}", with.pointer, escaped(name)), field.expected());
            }
            if let Some(given) = given.filter(|given| !has_expressions(given.json))
                && let Err(detail) = field.check(&given.json.clone().into())
            {
                reader.wrong(given.pointer, detail);
            }
        }
        let template = reader.template(with);
        template.visit(&with.pointer, &mut |pointer, expression| names.check(reader, pointer, expression));
        let secret = match (connector.takes_secret(), place.member("secret")) {
            (true, Some(secret)) => self.secret(reader, &secret, &connector.hosts, names),
            (true, None) => {
                reader.wrong(
                    format!("{}/secret", place.pointer),
                    "expected the name of a secret in EDGE_SECRETS, or {{ config.… }}",
                );
                None
            }
            (false, Some(secret)) => {
                reader.wrong(&secret.pointer, "expected no secret: this connector takes none");
                None
            }
            (false, None) => None,
        };
        let escapes = connector.inputs.iter().map(|(name, field)| (name.clone(), field.kind)).collect();
        Some((Use::Connector { connector, with: template, escapes }, secret))
    }

    /// The name of a secret: written there, or a declared value of that type.
    fn secret(
        &self,
        reader: &mut Reader,
        place: &Place<'_>,
        hosts: &[String],
        names: &Names<'_>,
    ) -> Option<Secret> {
        let name = reader.written(place)?;
        let of_config = |expression: &Expression| {
            let mut paths = expression.references();
            let declared =
                |name: &String| names.config.get(name).is_some_and(|field| field.kind == Type::Secret);
            matches!((paths.next(), paths.next()), (Some([config, name]), None) if config == "config" && declared(name))
        };
        match (name.written(), name.alone()) {
            (Some(written), _) => match self.known.secrets.map(|secrets| secrets.get(written)) {
                _ if !is_secret_name(written) => {
                    reader.wrong(&place.pointer, "expected the name of a secret, of capital letters, digits and _, and never the secret itself");
                }
                Some(None) => reader.wrong(
                    &place.pointer,
                    format!("expected a secret that EDGE_SECRETS has: {written} is none"),
                ),
                Some(Some(host))
                    if !hosts.is_empty()
                        && !hosts.iter().any(|pattern| is_host_of(pattern, host))
                        && !self.known.is_local =>
                {
                    reader.wrong(
                        &place.pointer,
                        format!("expected a secret of {}: {written} is one of {host}", hosts.join(" or ")),
                    );
                }
                _ => {}
            },
            (None, Some(expression)) if of_config(expression) => {}
            _ => reader
                .wrong(&place.pointer, "expected the name of a secret, or {{ config.… }} of the type secret"),
        }
        Some(Secret { name, placement: None })
    }

    fn secret_of_http(
        &self,
        reader: &mut Reader,
        place: &Place<'_>,
        with: &Place<'_>,
        names: &Names<'_>,
    ) -> Option<Secret> {
        reader.only(place, &["name", "as", "user", "header"]);
        let name = reader.required(place, "name", "the name of a secret")?;
        let url = with.member("url").and_then(|url| url.as_str());
        let hosts: Vec<_> = url.filter(|url| !url.contains("{{")).and_then(host_of).into_iter().collect();
        let secret = self.secret(reader, &name, &hosts, names)?;
        let way = reader.required(place, "as", "bearer, basic, header or path")?;
        let way = reader.word(&way, &["bearer", "basic", "header", "path"])?;
        let mut placement = vec![("as".to_owned(), Ordered::Scalar(way.into()))];
        if way == "header" {
            let header = reader.required(place, "header", "the header's name")?;
            placement.push(("name".to_owned(), Ordered::Scalar(reader.text(&header, 64)?.into())));
        }
        if let Some(user) = place.member("user") {
            placement.push(("user".to_owned(), user.json.clone()));
        }
        let placement = reader.template(&Place::new(&Ordered::Object(placement), &place.pointer));
        placement.visit(&place.pointer, &mut |pointer, expression| names.check(reader, pointer, expression));
        Some(Secret { placement: Some(placement), ..secret })
    }
}

fn has_expressions(json: &Ordered) -> bool {
    match json {
        Ordered::Scalar(scalar) => scalar.as_str().is_some_and(|text| text.contains("{{")),
        Ordered::List(items) => items.iter().any(has_expressions),
        Ordered::Object(members) => members.iter().any(|(_, member)| has_expressions(member)),
    }
}
