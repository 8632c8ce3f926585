//! The intake in forms for people and for other programs.

mod csv;
mod flat;
mod html;
mod linked;
mod style;
mod text;
mod words;

pub use style::{STYLE, STYLE_HASH};

use crate::{name::Name, table::Part, view::Intake};

/// A form.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Form {
    /// All of it, as tables.
    #[default]
    Json,
    /// A summary for a note.
    Text,
    /// A table, or all of them zipped.
    Csv,
    /// A page to print.
    Html,
    /// One object without depth.
    Flat,
}

impl Form {
    /// The values of `form=`.
    pub const NAMES: &[(&str, Self)] = &[
        ("json", Self::Json),
        ("text", Self::Text),
        ("csv", Self::Csv),
        ("html", Self::Html),
        ("flat", Self::Flat),
    ];
}

/// What is answered.
#[derive(Debug)]
pub struct File {
    /// Its media type.
    pub content_type: &'static str,
    /// What it is to be saved as; `None` for what one reads at once.
    pub name: Option<String>,
    /// Its bytes.
    pub body: Vec<u8>,
}

/// The intake in a form. `changes` are sentences of what is not as in the version before; `table` is the one table asked for.
#[must_use]
pub fn file(form: Form, intake: &Intake<'_>, changes: &[String], table: Option<Part>) -> File {
    let pull = intake.model.pull().text(Name::pull_id).unwrap_or("pull");
    let stem =
        format!("intake-{}-v{}", canopy::id::PullId::parse(pull).map_or("pull", |_| pull), intake.version);
    let (content_type, name, body) = match (form, table) {
        (Form::Json, _) => {
            ("application/json", None, serde_json::to_vec(intake).expect("an intake is plain data"))
        }
        (Form::Flat, _) => ("application/json", None, flat::object(intake).into_bytes()),
        (Form::Text, _) => ("text/plain;charset=utf-8", None, text::note(intake, changes).into_bytes()),
        (Form::Html, _) => ("text/html;charset=utf-8", None, html::page(intake, changes).into_bytes()),
        (Form::Csv, Some(part)) => {
            let name = format!("{stem}-{}.csv", part.as_str());
            ("text/csv;charset=utf-8;header=present", Some(name), csv::table(intake, part))
        }
        (Form::Csv, None) => ("application/zip", Some(format!("{stem}.zip")), csv::zipped(intake)),
    };
    File { content_type, name, body }
}

#[cfg(test)]
mod tests;
