//! The model as JSON Schema, as `docs/openapi.json` has it.

use serde_json::{Map, Value, json};

use crate::{
    schema::{Kind, Schema},
    table::{Column, Part},
};

/// Components of the document, each row's and each object's.
fn components() -> Map<String, Value> {
    let mut components = Map::new();
    for part in Part::ALL {
        let about = format!("{}.", part.table().about);
        let row = object(part.columns(), &about, &mut components);
        components.insert(row_name(*part), row);
    }
    components
}

/// What a row's component is called.
fn row_name(part: Part) -> String {
    let name = part.as_str();
    let one = match name {
        "people" => "person".to_owned(),
        "addresses" => "account_address".to_owned(),
        "operations" => "operation".to_owned(),
        "policies" => "policy".to_owned(),
        "beneficiaries" => "beneficiary".to_owned(),
        _ => name.strip_suffix('s').unwrap_or(name).to_owned(),
    };
    let words = one.split('_').map(|word| word[..1].to_uppercase() + &word[1..]);
    format!("Intake{}", words.collect::<String>())
}

fn object(columns: &[Column], about: &str, components: &mut Map<String, Value>) -> Value {
    let (mut properties, mut required) = (Map::new(), Vec::new());
    for column in columns {
        let name = column.name.as_str();
        for (name, schema) in members(column, name, components) {
            required.push(name.clone());
            properties.insert(name, schema);
        }
    }
    json!({ "type": "object", "description": about, "required": required, "properties": properties })
}

fn members(column: &Column, name: &str, components: &mut Map<String, Value>) -> Vec<(String, Value)> {
    let of = |kind: &str| json!({ "type": [kind, "null"] });
    let texts = || json!({ "type": ["array", "null"], "items": { "type": "string" } });
    let mut words: Vec<&str> = Vec::new();
    for word in column.words.iter().flat_map(|words| words.split(' ')) {
        if !words.contains(&word) {
            words.push(word);
        }
    }
    let schema = match column.kind {
        Kind::Text => of("string"),
        Kind::Integer => of("integer"),
        Kind::Cents => json!({ "type": ["integer", "null"], "description": "cents" }),
        Kind::Decimal => of("number"),
        Kind::Flag => of("boolean"),
        Kind::Date | Kind::Birthday => json!({ "type": ["string", "null"], "format": "date" }),
        Kind::Moment => json!({ "type": ["string", "null"], "format": "date-time" }),
        Kind::Texts => texts(),
        Kind::Json | Kind::Metadata => json!({}),
        Kind::Object(schema) => {
            let component = object_name(schema);
            if !components.contains_key(&component) {
                let inner =
                    object(&column.columns, &format!("`{}` of the contract.", schema.name), components);
                components.insert(component.clone(), inner);
            }
            json!({ "anyOf": [{ "$ref": format!("#/components/schemas/{component}") }, { "type": "null" }] })
        }
        Kind::Named(_) => {
            let mut with_null: Vec<Value> = words.iter().map(|word| json!(word)).collect();
            with_null.push(Value::Null);
            let raw = json!({ "type": ["string", "null"], "description": "as it came" });
            return vec![(name.to_owned(), json!({ "enum": with_null })), (format!("{name}_raw"), raw)];
        }
        Kind::Names(_) => {
            let known = json!({ "type": ["array", "null"], "items": { "enum": words } });
            return vec![(name.to_owned(), known), (format!("{name}_raw"), texts())];
        }
        Kind::Many(_) | Kind::Left(_) => return Vec::new(),
    };
    vec![(name.to_owned(), schema)]
}

fn object_name(schema: &Schema) -> String {
    format!("Intake{}", schema.name.strip_prefix("Pull").unwrap_or(schema.name))
}

/// The parts' members of the whole.
fn parts() -> Map<String, Value> {
    let row = |part: &Part| json!({ "$ref": format!("#/components/schemas/{}", row_name(*part)) });
    let part = |part: &Part| {
        let schema =
            if part.is_single() { row(part) } else { json!({ "type": "array", "items": row(part) }) };
        (part.as_str().to_owned(), schema)
    };
    Part::ALL.iter().map(part).collect()
}

#[test]
fn the_document_describes_each_table() {
    let document: Value = serde_json::from_str(include_str!("../../../docs/openapi.json")).unwrap();
    let documented = &document["components"]["schemas"];
    if std::env::var("PRINT").is_ok() {
        println!("{}", json!({ "components": components(), "parts": parts() }));
    }
    for (name, schema) in components() {
        assert_eq!(documented[&name], schema, "{name}");
    }
    for (name, schema) in parts() {
        assert_eq!(documented["Intake"]["properties"][&name], schema, "{name}");
    }
}

#[test]
fn the_document_lists_each_rule_and_each_kind_of_change() {
    let document: Value = serde_json::from_str(include_str!("../../../docs/openapi.json")).unwrap();
    let listed = |component: &str, member: &str| {
        document["components"]["schemas"][component]["properties"][member]["enum"].clone()
    };
    assert_eq!(listed("Gap", "rule"), json!(crate::gaps::ids().collect::<Vec<_>>()));
    let kinds: Vec<&str> = crate::changes::ChangeKind::ALL.iter().map(|kind| kind.as_str()).collect();
    assert_eq!(listed("Change", "change"), json!(kinds));
}

#[test]
fn every_answer_is_as_the_document_says() {
    use crate::{model::Model, redact::Redact, tests};
    for pull in tests::published() {
        let text = pull.to_string();
        let intake = tests::intake(Model::of(&text).unwrap(), Redact::Nothing);
        let json: Value = serde_json::to_value(&intake).unwrap();
        let components = components();
        for part in Part::ALL {
            let schema = &components[&row_name(*part)];
            let rows = if part.is_single() {
                vec![&json[part.as_str()]]
            } else {
                json[part.as_str()].as_array().unwrap().iter().collect()
            };
            for row in rows {
                let names: Vec<&String> = row.as_object().unwrap().keys().collect();
                let mut documented: Vec<&String> = schema["properties"].as_object().unwrap().keys().collect();
                documented.sort();
                assert_eq!(names, documented, "{}", part.as_str());
            }
        }
    }
}
