//! Reading a definition: each part is asked for what it must be, and what is wrong is kept with its place.

use crate::{
    expression::Expression,
    field::Problem,
    moment,
    template::{Ordered, Template, escaped},
    text::Text,
};

/// What is wrong so far.
#[derive(Debug, Default)]
pub struct Reader {
    pub problems: Vec<Problem>,
}

/// A value and its place.
#[derive(Debug, Clone)]
pub struct Place<'a> {
    pub json: &'a Ordered,
    pub pointer: String,
}

impl<'a> Place<'a> {
    pub fn new(json: &'a Ordered, pointer: impl Into<String>) -> Self {
        Self { json, pointer: pointer.into() }
    }

    /// A member, where there is one.
    pub fn member(&self, name: &str) -> Option<Self> {
        let Ordered::Object(members) = self.json else { return None };
        let (_, json) = members.iter().find(|(known, _)| known == name)?;
        Some(Self::new(json, format!("{}/{}", self.pointer, escaped(name))))
    }

    /// All members.
    pub fn members(&self) -> Vec<(&'a str, Self)> {
        let Ordered::Object(members) = self.json else { return Vec::new() };
        let place = |(name, json): &'a (String, Ordered)| {
            (name.as_str(), Self::new(json, format!("{}/{}", self.pointer, escaped(name))))
        };
        members.iter().map(place).collect()
    }

    /// All elements.
    pub fn elements(&self) -> Vec<Self> {
        let Ordered::List(items) = self.json else { return Vec::new() };
        let place = |(at, json)| Self::new(json, format!("{}/{at}", self.pointer));
        items.iter().enumerate().map(place).collect()
    }

    pub fn as_str(&self) -> Option<&'a str> {
        match self.json {
            Ordered::Scalar(json) => json.as_str(),
            _ => None,
        }
    }

    pub fn as_i64(&self) -> Option<i64> {
        match self.json {
            Ordered::Scalar(json) => json.as_i64(),
            _ => None,
        }
    }

    pub fn as_bool(&self) -> Option<bool> {
        match self.json {
            Ordered::Scalar(json) => json.as_bool(),
            _ => None,
        }
    }
}

impl Reader {
    pub fn wrong(&mut self, pointer: impl Into<String>, detail: impl Into<String>) {
        self.problems.push(Problem::new(pointer, detail));
    }

    /// Refuses members that are not `known`, and those that stand there twice.
    pub fn only(&mut self, place: &Place<'_>, known: &[&str]) {
        let Ordered::Object(members) = place.json else {
            return self.wrong(&place.pointer, "expected an object");
        };
        for (at, (name, _)) in members.iter().enumerate() {
            let pointer = format!("{}/{}", place.pointer, escaped(name));
            if !known.contains(&name.as_str()) {
                self.wrong(pointer, format!("expected one of {}", known.join(", ")));
            } else if members[..at].iter().any(|(earlier, _)| earlier == name) {
                self.wrong(pointer, "expected it once");
            }
        }
    }

    /// A member that there must be.
    pub fn required<'a>(&mut self, of: &Place<'a>, name: &str, expected: &str) -> Option<Place<'a>> {
        let member = of.member(name);
        if member.is_none() {
            self.wrong(format!("{}/{}", of.pointer, escaped(name)), format!("expected {expected}"));
        }
        member
    }

    pub fn text(&mut self, place: &Place<'_>, most: usize) -> Option<String> {
        let text = place.as_str().filter(|text| (1..=most).contains(&text.chars().count()));
        if text.is_none() {
            self.wrong(&place.pointer, format!("expected a text of 1 to {most} characters"));
        }
        text.map(str::to_owned)
    }

    pub fn expression(&mut self, place: &Place<'_>) -> Option<Expression> {
        let Some(source) = place.as_str() else {
            self.wrong(&place.pointer, "expected an expression");
            return None;
        };
        Expression::compile(source).map_err(|error| self.wrong(&place.pointer, error.to_string())).ok()
    }

    pub fn template(&mut self, place: &Place<'_>) -> Template {
        Template::read(place.json, &place.pointer, &mut |pointer, error| {
            self.problems.push(Problem::new(pointer, error.to_string()));
        })
    }

    /// A text with expressions in it.
    pub fn written(&mut self, place: &Place<'_>) -> Option<Text> {
        let Some(text) = place.as_str() else {
            self.wrong(&place.pointer, "expected a text");
            return None;
        };
        Text::parse(text).map_err(|error| self.wrong(&place.pointer, error.to_string())).ok()
    }

    /// Milliseconds of a length of time.
    pub fn span(&mut self, place: &Place<'_>, most: u64) -> Option<u64> {
        let millis = place.as_str().and_then(|text| moment::millis(text).ok());
        let millis = millis.filter(|millis| (1..=most).contains(millis));
        if millis.is_none() {
            let (days, seconds) = (most / 86_400_000, most / 1_000);
            let most = if days > 0 { format!("{days} days") } else { format!("{seconds} seconds") };
            self.wrong(
                &place.pointer,
                format!("expected a length of time like PT30M or P3D, {most} at most"),
            );
        }
        millis
    }

    pub fn integer(&mut self, place: &Place<'_>, least: i64, most: i64) -> Option<i64> {
        let whole = place.as_i64().filter(|whole| (least..=most).contains(whole));
        if whole.is_none() {
            self.wrong(&place.pointer, format!("expected a whole number from {least} to {most}"));
        }
        whole
    }

    pub fn word(&mut self, place: &Place<'_>, words: &[&'static str]) -> Option<&'static str> {
        let word = place.as_str().and_then(|text| words.iter().find(|word| **word == text));
        if word.is_none() {
            self.wrong(&place.pointer, format!("expected one of {}", words.join(", ")));
        }
        word.copied()
    }

    pub fn boolean(&mut self, place: &Place<'_>) -> Option<bool> {
        let boolean = place.as_bool();
        if boolean.is_none() {
            self.wrong(&place.pointer, "expected true or false");
        }
        boolean
    }
}

/// A name that expressions may read.
pub fn name_of(reader: &mut Reader, place: &Place<'_>) -> Option<String> {
    const TAKEN: &[&str] = &[
        "pull", "intake", "event", "config", "steps", "now", "run", "answer", "approval", "in", "true",
        "false", "null",
    ];
    let allowed = |at: usize, byte: u8| {
        byte.is_ascii_lowercase() || (at > 0 && (byte.is_ascii_digit() || byte == b'_'))
    };
    let is_name = |text: &&str| {
        (1..=40).contains(&text.len())
            && text.bytes().enumerate().all(|(at, byte)| allowed(at, byte))
            && !TAKEN.contains(text)
    };
    let name = place.as_str().filter(is_name);
    if name.is_none() {
        reader.wrong(&place.pointer, "expected a name of 1 to 40 small letters, digits and _, like send_mail, and none that expressions have already");
    }
    name.map(str::to_owned)
}
