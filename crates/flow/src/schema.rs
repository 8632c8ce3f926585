//! The JSON Schema of a definition, by which editors complete it: made of the same tables that it is read by.

use serde_json::{Map, Value as Json, json};

use crate::{
    connector,
    definition::{KINDS, MAX_FLOWS, MAX_STEPS, Member, Shape},
    field::Field,
    sql::MAX_SQL,
};

const TEXT: &str = "A text; what stands in {{ … }} is an expression.";

/// The schema. Source: JSON Schema, draft 2020-12.
#[must_use]
pub fn schema() -> Json {
    let kinds = KINDS.iter().map(|kind| {
        let with =
            object(kind.members.iter().map(|member| (member.name, member_schema(member), member.required)));
        let secret = (kind.name == "http").then(|| json!({ "$ref": "#/$defs/placed_secret" }));
        step(kind.name, kind.description, with, secret)
    });
    let connectors = connector::all().values().map(|connector| {
        let inputs = connector.inputs.iter();
        let with = object(inputs.map(|(name, field)| (name.as_str(), input(field), field.required && field.default.is_none())));
        let secret = connector.takes_secret().then(|| json!({ "type": "string", "description": "The name of the secret in EDGE_SECRETS, or {{ config.… }}." }));
        step(&connector.name, &connector.title, with, secret)
    });
    let steps: Vec<_> = kinds.chain(connectors).collect();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Workflow group",
        "type": "object",
        "required": ["title", "flows"],
        "additionalProperties": false,
        "properties": {
            "$schema": { "type": "string" },
            "title": { "type": "string", "minLength": 1, "maxLength": 120 },
            "description": { "type": "string", "maxLength": 2_000 },
            "config": { "type": "object", "additionalProperties": { "$ref": "#/$defs/field" } },
            "flows": { "type": "object", "minProperties": 1, "maxProperties": MAX_FLOWS, "additionalProperties": { "$ref": "#/$defs/flow" } },
        },
        "$defs": {
            "field": {
                "type": "object",
                "required": ["type"],
                "additionalProperties": false,
                "properties": {
                    "type": { "enum": ["text", "html", "email", "phone", "url", "integer", "boolean", "enum", "time_zone", "cron", "secret", "json"] },
                    "list": { "type": "boolean" }, "required": { "type": "boolean" }, "default": {}, "values": { "type": "array", "items": { "type": "string" } },
                    "title": { "type": "string" }, "description": { "type": "string" }, "minimum": { "type": "integer" }, "maximum": { "type": "integer" },
                },
            },
            "flow": {
                "type": "object",
                "required": ["trigger", "steps"],
                "additionalProperties": false,
                "properties": {
                    "title": { "type": "string" }, "trigger": { "$ref": "#/$defs/trigger" },
                    "timeout": { "$ref": "#/$defs/span", "description": "How long a run may take; 90 days where nothing is said." },
                    "steps": { "$ref": "#/$defs/steps", "minItems": 1 },
                },
            },
            "trigger": { "oneOf": [
                object([("on", json!({ "const": "event" }), true), ("types", types(), true), ("when", expression("Which of them."), false)]),
                object([("on", json!({ "const": "schedule" }), true), ("cron", json!({ "type": "string" }), true), ("time_zone", json!({ "type": "string" }), true), ("missed", json!({ "enum": ["once", "skip"] }), true)]),
                object([("on", json!({ "const": "manual" }), true), ("of", json!({ "enum": ["pull", "agency"] }), true)]),
            ] },
            "span": { "type": "string", "description": "A length of time like PT30M or P3D." },
            "steps": { "type": "array", "maxItems": MAX_STEPS, "items": { "$ref": "#/$defs/step" } },
            "placed_secret": object([
                ("name", json!({ "type": "string" }), true), ("as", json!({ "enum": ["bearer", "basic", "header", "path"] }), true),
                ("user", json!({ "type": "string" }), false), ("header", json!({ "type": "string" }), false),
            ]),
            "step": { "type": "object", "required": ["id", "use"], "oneOf": steps },
        },
    })
}

fn object<'n>(members: impl IntoIterator<Item = (&'n str, Json, bool)>) -> Json {
    let (mut properties, mut required) = (Map::new(), Vec::new());
    for (name, schema, is_required) in members {
        properties.insert(name.to_owned(), schema);
        required.extend(is_required.then_some(name));
    }
    json!({ "type": "object", "additionalProperties": false, "properties": properties, "required": required })
}

fn step(name: &str, description: &str, with: Json, secret: Option<Json>) -> Json {
    let has_required = with["required"].as_array().is_some_and(|required| !required.is_empty());
    let common = [
        ("id", json!({ "type": "string", "pattern": "^[a-z][a-z0-9_]{0,39}$" }), true),
        ("use", json!({ "const": name }), true),
        ("title", json!({ "type": "string", "maxLength": 120 }), false),
        ("when", expression("Whether it is made."), false),
        ("timeout", json!({ "$ref": "#/$defs/span" }), false),
        (
            "retry",
            object([("attempts", json!({ "type": "integer", "minimum": 1, "maximum": 20 }), false)]),
            false,
        ),
        ("on_error", json!({ "enum": ["fail", "continue"] }), false),
        ("with", with, has_required),
    ];
    let mut schema =
        object(common.into_iter().chain(secret.map(|secret| ("secret", secret, name != "http"))));
    schema["description"] = description.into();
    schema
}

fn expression(description: &str) -> Json {
    json!({ "type": "string", "description": format!("{description} An expression of the Common Expression Language.") })
}

fn types() -> Json {
    json!({ "type": "array", "minItems": 1, "maxItems": 100, "items": { "type": "string", "pattern": "^([A-Z0-9_]{1,64}|\\*)$" } })
}

fn member_schema(member: &Member) -> Json {
    let mut schema = match member.shape {
        Shape::Text | Shape::Url => json!({ "type": "string", "$comment": TEXT }),
        Shape::Sql => json!({ "type": "string", "maxLength": MAX_SQL }),
        Shape::Written | Shape::Name | Shape::Operation => json!({ "type": "string" }),
        Shape::Value => json!({}),
        Shape::Expression => return expression(member.description),
        Shape::Span => json!({ "$ref": "#/$defs/span" }),
        Shape::Steps => json!({ "$ref": "#/$defs/steps" }),
        Shape::Types => types(),
        Shape::Integer(least, most) => json!({ "type": "integer", "minimum": least, "maximum": most }),
        Shape::Word(words) => json!({ "enum": words }),
        Shape::Boolean => json!({ "type": "boolean" }),
    };
    schema["description"] = member.description.into();
    schema
}

/// What a step gives a connector: a value, or an expression in its place.
fn input(field: &Field) -> Json {
    let one = field.schema();
    let written = json!({ "type": "string", "pattern": "\\{\\{" });
    let mut either = vec![one.clone(), written];
    if field.list {
        either.push(json!({ "type": "array", "items": { "anyOf": [one, { "type": "string", "pattern": "\\{\\{" }] } }));
    }
    let mut schema = json!({ "anyOf": either });
    for name in ["title", "description"] {
        if let Some(text) = schema["anyOf"][0].get(name).cloned() {
            schema[name] = text;
        }
    }
    schema
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `UPDATE_GOLDEN=1 cargo test -p flow` writes it anew.
    #[test]
    fn the_published_schema_is_the_one_it_is_read_by() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/workflow.schema.json");
        let text = serde_json::to_string_pretty(&schema()).unwrap() + "\n";
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            std::fs::write(path, &text).unwrap();
        }
        assert!(
            std::fs::read_to_string(path).unwrap_or_default() == text,
            "write it anew with UPDATE_GOLDEN=1"
        );
    }
}
