//! What a step does, of what its `with` was read to be.

use std::collections::BTreeMap;

use canopy::{contract::Operation, delivery::Types};
use serde_json::Value as Json;

use super::{
    bounds::{MAX_ROUNDS, MAX_ROWS},
    kind::Kind,
    read::{Place, Reader},
    step::{Body, Decision, Ending, Step, Use},
};
use crate::{
    expression::{Expression, Scope},
    sql::Select,
    template::{Ordered, Template},
    text::Text,
};

/// A part of a step's `with` as its shape has it.
pub enum Part {
    Text(Text),
    Value(Template),
    Expression(Expression),
    Millis(u64),
    Steps(Vec<Step>),
    Types(Types),
    Integer(i64),
    Word(&'static str),
    Boolean(bool),
    Written(String),
    Select(Select),
    Operation(Operation),
}

/// The parts that were read, to be taken one by one.
pub struct Parts(pub BTreeMap<&'static str, Part>);

macro_rules! take {
    ($($method:ident $variant:ident $kind:ty),*) => {
        impl Parts {
            $(pub fn $method(&mut self, name: &str) -> Option<$kind> {
                match self.0.remove(name) {
                    Some(Part::$variant(it)) => Some(it),
                    _ => None,
                }
            })*
        }
    };
}

take!(text Text Text, value Value Template, expression Expression Expression, millis Millis u64, steps Steps Vec<Step>, types Types Types,
    integer Integer i64, word Word &'static str, boolean Boolean bool, written Written String, select Select Select, operation Operation Operation);

/// The step that parts make.
pub fn build(reader: &mut Reader, with: &Place<'_>, kind: &Kind, mut parts: Parts) -> Option<Use> {
    let ending = |word: Option<&str>, otherwise: Ending| match word {
        Some("fail") => Ending::Fail,
        Some("continue") => Ending::Continue,
        Some("stop") => Ending::Stop,
        _ => otherwise,
    };
    Some(match kind.name {
        "http" => {
            let (json, form, text) = (parts.value("json"), parts.value("form"), parts.text("text"));
            let body = match (json, form, text) {
                (None, None, None) => Body::None,
                (Some(json), None, None) => Body::Json(json),
                (None, Some(form), None) => Body::Form(form),
                (None, None, Some(text)) => Body::Text(text),
                _ => {
                    reader.wrong(&with.pointer, "expected one of json, form and text");
                    return None;
                }
            };
            Use::Http {
                method: parts.word("method").unwrap_or("POST"),
                url: parts.text("url")?,
                headers: parts.value("headers"),
                query: parts.value("query"),
                body,
                fails_when: parts.expression("fails_when"),
                result: parts.value("result"),
            }
        }
        "canopy" => Use::Canopy {
            operation: parts.operation("operation")?,
            path: parts.value("path"),
            query: parts.value("query"),
            body: parts.value("body"),
        },
        "wait" => Use::Wait {
            types: parts.types("types")?,
            when: parts.expression("when"),
            timeout_millis: parts.millis("timeout")?,
            on_timeout: ending(parts.word("on_timeout"), Ending::Fail),
        },
        "sleep" => {
            let (for_millis, until) = (parts.millis("for"), parts.text("until"));
            if for_millis.is_some() == until.is_some() {
                reader.wrong(&with.pointer, "expected for or until");
            }
            Use::Sleep { for_millis, until }
        }
        "approve" => Use::Approve {
            title: parts.text("title")?,
            text: parts.text("text"),
            notify: parts.steps("notify").unwrap_or_default(),
            timeout_millis: parts.millis("timeout")?,
            on_timeout: match parts.word("on_timeout") {
                Some("approve") => Decision::Approve,
                Some("fail") => Decision::Fail,
                _ => Decision::Refuse,
            },
            on_refusal: ending(parts.word("on_refusal"), Ending::Stop),
        },
        "if" => {
            let condition = parts.expression("condition")?;
            let (then, otherwise) = (parts.steps("then")?, parts.steps("else").unwrap_or_default());
            for (always, name) in [(false, "then"), (true, "else")] {
                if is_always(&condition, always) && with.member(name).is_some() {
                    reader.wrong(
                        format!("{}/{name}", with.pointer),
                        "expected a condition that can be otherwise: these steps are never reached",
                    );
                }
            }
            Use::If { condition, then, otherwise }
        }
        "each" => Use::Each {
            list: parts.expression("in")?,
            name: parts.written("as")?,
            limit: parts.integer("limit").unwrap_or(MAX_ROUNDS) as usize,
            steps: parts.steps("steps")?,
        },
        "query" => {
            let select = parts.select("sql")?;
            check_parameters(reader, with, &select);
            Use::Query {
                select,
                parameters: parts.value("parameters"),
                limit: parts.integer("limit").unwrap_or(MAX_ROWS) as u32,
            }
        }
        "csv" => Use::Csv {
            name: parts.text("name")?,
            columns: parts.value("columns")?,
            rows: parts.value("rows")?,
        },
        "pdf" => Use::Pdf { name: parts.text("name")?, document: parts.value("document")? },
        "set" => Use::Set { values: parts.value("values")? },
        "emit" => Use::Emit {
            event_type: parts.written("event_type")?,
            data: parts.value("data"),
            page: parts.boolean("page").unwrap_or_default(),
        },
        "schedule" => Use::Schedule {
            event_type: parts.written("event_type")?,
            effective_at: parts.text("effective_at")?,
            data: parts.value("data"),
        },
        "stop" => {
            Use::Stop { because: parts.text("because"), is_failure: parts.word("as") == Some("failed") }
        }
        _ => return None,
    })
}

/// Tells of a list of parameters that is not as long as the SELECT takes it. What an expression gives is counted when it is made.
fn check_parameters(reader: &mut Reader, with: &Place<'_>, select: &Select) {
    let given = match with.member("parameters").map(|parameters| parameters.json) {
        Some(Ordered::List(items)) => items.len(),
        Some(_) => return,
        None => 0,
    };
    if given != select.parameters() {
        reader.wrong(
            format!("{}/parameters", with.pointer),
            format!("expected {} parameters, as the SELECT has; found {given}", select.parameters()),
        );
    }
}

/// Whether it gives that whatever there is.
pub fn is_always(expression: &Expression, value: bool) -> bool {
    expression.is_constant() && expression.evaluate(&Scope::default()) == Ok(Json::Bool(value))
}
