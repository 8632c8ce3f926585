//! Texts with expressions in them: `Hello {{ intake.applicant.name }}`.

use serde_json::Value as Json;

use crate::{
    expression::{Expression, ExpressionError, Fault, Scope},
    wording::{encode_url, escape_html},
};

/// Longest text, in bytes.
pub const MAX_LENGTH: usize = 64 * 1024;

/// Most expressions of one text.
const MAX_PARTS: usize = 100;

/// A text that was read.
#[derive(Debug)]
pub struct Text(Vec<Part>);

#[derive(Debug)]
enum Part {
    Written(String),
    Given(Expression),
}

/// What becomes of values that are put into a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Escape {
    /// They stand as they are.
    None,
    /// They are no markup.
    Html,
    /// Each is one part of a URL, but for one at its beginning, which is where it begins.
    Url,
}

/// Why a text cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// There is too much of it.
    #[error("expected a text of at most {MAX_LENGTH} bytes with at most {MAX_PARTS} expressions")]
    Length,
    /// An expression does not end.
    #[error("expected }}}} behind {{{{")]
    Open,
    /// An expression is none.
    #[error("in {{{{ {source_text} }}}}: {error}")]
    Expression {
        /// As it was written.
        source_text: String,
        /// What is wrong with it.
        error: ExpressionError,
    },
}

impl Text {
    /// Reads a text.
    ///
    /// # Errors
    /// Where it is too long, or an expression in it is none.
    pub fn parse(text: &str) -> Result<Self, TextError> {
        if text.len() > MAX_LENGTH {
            return Err(TextError::Length);
        }
        let (mut parts, mut rest) = (Vec::new(), text);
        while let Some((before, behind)) = rest.split_once("{{") {
            let end = end_of(behind).ok_or(TextError::Open)?;
            let source = behind[..end].trim();
            let expression = Expression::compile(source).map_err(|error| TextError::Expression {
                source_text: source.chars().take(80).collect(),
                error,
            })?;
            if !before.is_empty() {
                parts.push(Part::Written(before.to_owned()));
            }
            parts.push(Part::Given(expression));
            if parts.len() > 2 * MAX_PARTS {
                return Err(TextError::Length);
            }
            rest = &behind[end + 2..];
        }
        if !rest.is_empty() {
            parts.push(Part::Written(rest.to_owned()));
        }
        Ok(Self(parts))
    }

    /// Its expressions.
    pub fn expressions(&self) -> impl Iterator<Item = &Expression> {
        self.0.iter().filter_map(|part| match part {
            Part::Given(expression) => Some(expression),
            Part::Written(_) => None,
        })
    }

    /// The text where there is no expression in it.
    #[must_use]
    pub fn written(&self) -> Option<&str> {
        match self.0.as_slice() {
            [] => Some(""),
            [Part::Written(text)] => Some(text),
            _ => None,
        }
    }

    /// The expression where it is nothing else.
    #[must_use]
    pub fn alone(&self) -> Option<&Expression> {
        match self.0.as_slice() {
            [Part::Given(expression)] => Some(expression),
            _ => None,
        }
    }

    /// What it gives: of an expression alone its value, else a text. Values in it are written as `escape` says.
    ///
    /// # Errors
    /// Where an expression gives nothing, or the text would be too long.
    pub fn render(&self, scope: &Scope<'_>, escape: Escape) -> Result<Json, Fault> {
        if let (Some(expression), Escape::None) = (self.alone(), escape) {
            return expression.evaluate(scope);
        }
        let mut text = String::new();
        for (at, part) in self.0.iter().enumerate() {
            match part {
                Part::Written(written) => text.push_str(written),
                Part::Given(expression) => {
                    let value = shown(expression.evaluate(scope)?);
                    match escape {
                        Escape::Url if at == 0 => text.push_str(&value),
                        Escape::None => text.push_str(&value),
                        Escape::Html => text.push_str(&escape_html(&value)),
                        // These are no part of a path, however they are written: it would lead elsewhere.
                        Escape::Url if !text.contains('?') && matches!(value.as_str(), "" | "." | "..") => {
                            return Err(Fault::Other("a part of the URL's path is empty, . or .."));
                        }
                        Escape::Url => text.push_str(&encode_url(&value)),
                    }
                }
            }
            if text.len() > 16 * MAX_LENGTH {
                return Err(Fault::Work);
            }
        }
        Ok(Json::String(text))
    }
}

/// Where the `}}` of an expression begins: not in its quotes, nor in a map of its own.
fn end_of(behind: &str) -> Option<usize> {
    let (mut quote, mut is_escaped, mut depth) = (None, false, 0_usize);
    for (at, byte) in behind.bytes().enumerate() {
        match (quote, byte) {
            (Some(_), _) if is_escaped => is_escaped = false,
            (Some(_), b'\\') => is_escaped = true,
            (Some(open), _) if open == byte => quote = None,
            (Some(_), _) => {}
            (None, b'"' | b'\'') => quote = Some(byte),
            (None, b'{') => depth += 1,
            (None, b'}') if depth > 0 => depth -= 1,
            (None, b'}') if behind[at..].starts_with("}}") => return Some(at),
            (None, _) => {}
        }
    }
    None
}

/// A value in a text.
#[must_use]
pub fn shown(value: Json) -> String {
    match value {
        Json::Null => String::new(),
        Json::String(text) => text,
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn render(text: &str, escape: Escape) -> Result<Json, Fault> {
        let value = json!({ "name": "<O'Brien & Söhne>", "n": 3, "l": [1], "none": null });
        Text::parse(text).unwrap().render(&Scope::default().with("it", &value), escape)
    }

    #[test]
    fn one_expression_alone_keeps_its_type_and_others_are_texts() {
        for (text, gives) in [
            ("{{ it.n }}", json!(3)),
            ("{{it.l}}", json!([1])),
            (" {{ it.n }}", json!(" 3")),
            ("{{ it.n }}{{ it.n }}", json!("33")),
            ("none: {{ it.none }}.", json!("none: .")),
            ("{{ it.?absent }}", json!(null)),
            ("a {{ {'a': {'b': '}}'}} }} b", json!(r#"a {"a":{"b":"}}"}} b"#)),
            ("{{ \"{{\" }}", json!("{{")),
            ("no } or }} or {", json!("no } or }} or {")),
            ("", json!("")),
        ] {
            assert_eq!(render(text, Escape::None), Ok(gives), "{text}");
        }
    }

    #[test]
    fn what_is_put_in_is_neither_markup_nor_a_path() {
        assert_eq!(
            render("<b>{{ it.name }}</b>", Escape::Html),
            Ok(json!("<b>&lt;O'Brien &amp; Söhne&gt;</b>"))
        );
        assert_eq!(render("{{ it.name }}", Escape::Html), Ok(json!("&lt;O'Brien &amp; Söhne&gt;")));
        assert_eq!(render("/a/{{ '../b?c' }}", Escape::Url), Ok(json!("/a/..%2Fb%3Fc")));
        assert_eq!(render("/a?b={{ '' }}", Escape::Url), Ok(json!("/a?b=")));
        assert!(
            render("/a/{{ '..' }}", Escape::Url).is_err() && render("/a/{{ it.none }}", Escape::Url).is_err()
        );
        assert_eq!(
            render("{{ 'https://a.example/x' }}/{{ '/b' }}", Escape::Url),
            Ok(json!("https://a.example/x/%2Fb"))
        );
    }

    #[test]
    fn what_cannot_be_read_is_said() {
        let refused = |text: &str| Text::parse(text).unwrap_err().to_string();
        assert_eq!(refused("a {{ b"), "expected }} behind {{");
        assert!(refused("{{ 1 + }}").starts_with("in {{ 1 + }}: expected an expression"));
        assert_eq!(
            refused(&"x".repeat(MAX_LENGTH + 1)),
            "expected a text of at most 65536 bytes with at most 100 expressions"
        );
        assert!(Text::parse(&"{{1}}".repeat(500)).is_err());
    }
}
