//! JSON with texts in it. Members keep the order in which they were written.

use std::fmt;

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{MapAccess, SeqAccess, Visitor},
    ser::SerializeMap,
};
use serde_json::{Number, Value as Json};

use crate::{
    expression::{Expression, Fault, Scope},
    text::{Escape, Text, TextError},
};

/// JSON whose members keep their order.
#[derive(Debug, Clone, PartialEq)]
pub enum Ordered {
    /// Null, yes or no, a number or a text.
    Scalar(Json),
    /// A list.
    List(Vec<Self>),
    /// An object.
    Object(Vec<(String, Self)>),
}

impl Serialize for Ordered {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Scalar(json) => json.serialize(serializer),
            Self::List(items) => items.serialize(serializer),
            Self::Object(members) => {
                let mut map = serializer.serialize_map(Some(members.len()))?;
                members.iter().try_for_each(|(name, it)| map.serialize_entry(name, it))?;
                map.end()
            }
        }
    }
}

impl<'de> Deserialize<'de> for Ordered {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reading;
        impl<'de> Visitor<'de> for Reading {
            type Value = Ordered;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("JSON")
            }

            fn visit_unit<E>(self) -> Result<Ordered, E> {
                Ok(Ordered::Scalar(Json::Null))
            }

            fn visit_bool<E>(self, it: bool) -> Result<Ordered, E> {
                Ok(Ordered::Scalar(it.into()))
            }

            fn visit_i64<E>(self, it: i64) -> Result<Ordered, E> {
                Ok(Ordered::Scalar(it.into()))
            }

            fn visit_u64<E>(self, it: u64) -> Result<Ordered, E> {
                Ok(Ordered::Scalar(it.into()))
            }

            fn visit_f64<E>(self, it: f64) -> Result<Ordered, E> {
                Ok(Ordered::Scalar(Number::from_f64(it).map_or(Json::Null, Json::Number)))
            }

            fn visit_str<E>(self, it: &str) -> Result<Ordered, E> {
                Ok(Ordered::Scalar(it.into()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Ordered, A::Error> {
                let mut items = Vec::new();
                while let Some(item) = seq.next_element()? {
                    items.push(item);
                }
                Ok(Ordered::List(items))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Ordered, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Ordered::Object(members))
            }
        }
        deserializer.deserialize_any(Reading)
    }
}

impl From<&Json> for Ordered {
    fn from(json: &Json) -> Self {
        match json {
            Json::Array(items) => Self::List(items.iter().map(Self::from).collect()),
            Json::Object(members) => {
                Self::Object(members.iter().map(|(name, it)| (name.clone(), it.into())).collect())
            }
            scalar => Self::Scalar(scalar.clone()),
        }
    }
}

impl From<Ordered> for Json {
    fn from(ordered: Ordered) -> Self {
        match ordered {
            Ordered::Scalar(json) => json,
            Ordered::List(items) => Self::Array(items.into_iter().map(Self::from).collect()),
            Ordered::Object(members) => {
                Self::Object(members.into_iter().map(|(name, it)| (name, it.into())).collect())
            }
        }
    }
}

/// JSON whose texts may hold expressions.
#[derive(Debug)]
pub enum Template {
    /// Null, yes or no, or a number.
    Scalar(Json),
    /// A text.
    Text(Text),
    /// A list.
    List(Vec<Self>),
    /// An object.
    Object(Vec<(String, Self)>),
}

impl Template {
    /// Reads the texts in `json`, whose place is `pointer`. What cannot be read is told to `wrong` with its own place.
    pub fn read(json: &Ordered, pointer: &str, wrong: &mut dyn FnMut(String, TextError)) -> Self {
        match json {
            Ordered::Scalar(Json::String(text)) => match Text::parse(text) {
                Ok(text) => Self::Text(text),
                Err(error) => {
                    wrong(pointer.to_owned(), error);
                    Self::Scalar(Json::Null)
                }
            },
            Ordered::Scalar(scalar) => Self::Scalar(scalar.clone()),
            Ordered::List(items) => {
                let item = |(at, item)| Self::read(item, &format!("{pointer}/{at}"), wrong);
                Self::List(items.iter().enumerate().map(item).collect())
            }
            Ordered::Object(members) => {
                let member = |(name, it): &(String, Ordered)| {
                    (name.clone(), Self::read(it, &format!("{pointer}/{}", escaped(name)), wrong))
                };
                Self::Object(members.iter().map(member).collect())
            }
        }
    }

    /// What it gives. A member whose text gives null is left out.
    ///
    /// # Errors
    /// Where an expression gives nothing.
    pub fn render(&self, scope: &Scope<'_>, escape: Escape) -> Result<Ordered, Fault> {
        Ok(match self {
            Self::Scalar(json) => Ordered::Scalar(json.clone()),
            Self::Text(text) => Ordered::from(&text.render(scope, escape)?),
            Self::List(items) => {
                Ordered::List(items.iter().map(|item| item.render(scope, escape)).collect::<Result<_, _>>()?)
            }
            Self::Object(members) => {
                let mut rendered = Vec::with_capacity(members.len());
                for (name, member) in members {
                    let value = member.render(scope, escape)?;
                    let is_absent = matches!(member, Self::Text(_)) && value == Ordered::Scalar(Json::Null);
                    if !is_absent {
                        rendered.push((name.clone(), value));
                    }
                }
                Ordered::Object(rendered)
            }
        })
    }

    /// Tells `each` its expressions, with their places from `pointer` on.
    pub fn visit<'t>(&'t self, pointer: &str, each: &mut dyn FnMut(&str, &'t Expression)) {
        match self {
            Self::Scalar(_) => {}
            Self::Text(text) => text.expressions().for_each(|expression| each(pointer, expression)),
            Self::List(items) => {
                for (at, item) in items.iter().enumerate() {
                    item.visit(&format!("{pointer}/{at}"), each);
                }
            }
            Self::Object(members) => {
                for (name, member) in members {
                    member.visit(&format!("{pointer}/{}", escaped(name)), each);
                }
            }
        }
    }
}

/// A name as a JSON pointer has it. Source: RFC 6901, section 3.
#[must_use]
pub fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(text: &str) -> (Template, Vec<(String, String)>) {
        let mut wrong = Vec::new();
        let json: Ordered = serde_json::from_str(text).unwrap();
        let template =
            Template::read(&json, "/with", &mut |pointer, error| wrong.push((pointer, error.to_string())));
        (template, wrong)
    }

    #[test]
    fn members_keep_their_order_and_absent_ones_are_left_out() {
        let (template, wrong) = read(
            r#"{"z":"{{ it.n }}","a":["{{ it.none }}",null],"gone":"{{ it.?x }}","null":null,"m":{"k":"v {{ it.n }}"}}"#,
        );
        assert_eq!(wrong, []);
        let value = json!({ "n": 3, "none": null });
        let rendered = template.render(&Scope::default().with("it", &value), Escape::None).unwrap();
        assert_eq!(
            serde_json::to_string(&rendered).unwrap(),
            r#"{"z":3,"a":[null,null],"null":null,"m":{"k":"v 3"}}"#
        );
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        let (_, wrong) = read(r#"{"a":[1,"{{ 1 + }}"],"b/c":"{{ x"}"#);
        let places: Vec<_> = wrong.iter().map(|(pointer, _)| pointer.as_str()).collect();
        assert_eq!(places, ["/with/a/1", "/with/b~1c"]);
    }

    #[test]
    fn expressions_are_visited_with_their_places() {
        let (template, _) = read(r#"{"a":[1,"{{ steps.x }}"],"b":"{{ config.y }} and {{ now }}"}"#);
        let mut places = Vec::new();
        template.visit("/with", &mut |pointer, expression| {
            places.push(format!("{pointer} {}", expression.source()))
        });
        assert_eq!(places, ["/with/a/1 steps.x", "/with/b config.y", "/with/b now"]);
    }
}
