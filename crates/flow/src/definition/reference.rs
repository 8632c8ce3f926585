//! Whether what an expression reads is there.

use std::collections::BTreeSet;

use super::read::Reader;
use crate::{expression::Expression, field::Fields};

/// What expressions may read at some place of a definition.
#[derive(Debug, Clone)]
pub struct Names<'a> {
    pub config: &'a Fields,
    /// Variables, but `config` and `steps`.
    pub variables: BTreeSet<String>,
    /// Steps that were there before.
    pub steps: BTreeSet<String>,
}

impl Names<'_> {
    /// Tells what an expression at `pointer` reads that is not there.
    pub fn check(&self, reader: &mut Reader, pointer: &str, expression: &Expression) {
        for path in expression.references() {
            let missing = match (path[0].as_str(), path.get(1)) {
                ("config", Some(name)) if self.config.contains_key(name) => continue,
                ("config", Some(name)) => {
                    format!("config.{name}: expected one of {}", list(self.config.keys()))
                }
                ("steps", Some(id)) if self.steps.contains(id) => continue,
                ("steps", Some(id)) => {
                    format!("steps.{id}: expected a step before this one: {}", list(&self.steps))
                }
                ("config", None) => continue,
                ("steps", None) => "steps: expected the id of a step behind it, like steps.mail".to_owned(),
                (name, _) if self.variables.contains(name) => continue,
                (name, _) => {
                    let known = self.variables.iter().map(String::as_str).chain(["config", "steps"]);
                    format!("{name}: expected one of {}", known.collect::<Vec<_>>().join(", "))
                }
            };
            reader.wrong(pointer, missing);
        }
    }
}

fn list<'n>(names: impl IntoIterator<Item = &'n String>) -> String {
    let names: Vec<_> = names.into_iter().map(String::as_str).collect();
    if names.is_empty() { "there is none".to_owned() } else { names.join(", ") }
}
