//! A workflow group's file, and what is wrong in it, with its line.

use std::fs;
use std::path::{Path, PathBuf};

use ::flow::instance::{ID_EXPECTED, is_id};
use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::line;
use crate::answer::Answer;
use crate::edge::Edge;

#[derive(Debug)]
pub struct Definition {
    path: PathBuf,
    pub text: String,
}

impl Definition {
    pub fn read(path: &Path) -> Result<Self> {
        let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        Ok(Self { path: path.to_owned(), text })
    }

    pub fn file(&self) -> String {
        self.path.display().to_string()
    }

    /// What the group is called: as `named`, or as its file.
    pub fn group(&self, named: Option<&str>) -> Result<String> {
        let stem = self.path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        let name = named.unwrap_or(stem);
        if !is_id(name) {
            bail!(
                "expected a group's name of {ID_EXPECTED}, found {name:?}: --group NAME gives another than the file's"
            );
        }
        Ok(name.to_owned())
    }

    /// What is wrong at a JSON pointer, as compilers say it.
    pub fn wrong(&self, pointer: &str, detail: &str) -> String {
        let place = if pointer.is_empty() { String::new() } else { format!(" {pointer}:") };
        format!("{}:{}:{place} {detail}", self.file(), line::of(&self.text, pointer))
    }

    /// All that an edge says is wrong. What stands at `at` in what was sent is the file's.
    pub fn refusals(&self, answer: &Answer, at: &str) -> Vec<String> {
        let errors = answer.body["errors"].as_array().into_iter().flatten();
        let text = |error: &Value, name: &str| error[name].as_str().unwrap_or_default().to_owned();
        let refusal = |error: &Value| {
            let (pointer, detail) = (text(error, "pointer"), text(error, "detail"));
            match pointer.strip_prefix(at).filter(|rest| rest.is_empty() || rest.starts_with('/')) {
                Some(pointer) => self.wrong(pointer, &detail),
                None => format!("{pointer}: {detail}"),
            }
        };
        errors.map(refusal).collect()
    }

    /// What an answer of an edge holds; all that is wrong is printed, each with its line.
    pub fn taken(&self, edge: &Edge, answer: Answer, at: &str) -> Result<Answer> {
        let refusals = self.refusals(&answer, at);
        refusals.iter().for_each(|refusal| println!("{refusal}"));
        match refusals.len() {
            0 if matches!(answer.status, 200 | 201) => Ok(answer),
            0 => edge.expect(answer, 200).and_then(|_| bail!("the edge says nothing of {}", self.file())),
            1 => bail!("the edge does not take {}: 1 thing is wrong", self.file()),
            count => bail!("the edge does not take {}: {count} things are wrong", self.file()),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn definition(path: &str) -> Definition {
        Definition { path: path.into(), text: "{\n  \"title\": 1,\n  \"flows\": {}\n}".to_owned() }
    }

    #[test]
    fn a_group_is_called_as_its_file_or_as_is_said() {
        assert_eq!(definition("flows/tell-crm.json").group(None).unwrap(), "tell-crm");
        assert_eq!(definition("flows/Tell.json").group(Some("crm")).unwrap(), "crm");
        let error = definition("flows/Tell.json").group(None).unwrap_err().to_string();
        assert!(error.contains("small letters") && error.contains("\"Tell\""), "{error}");
    }

    #[test]
    fn what_an_edge_refuses_is_told_with_its_line_where_it_is_the_file_s() {
        let error = |pointer: &str| json!({ "pointer": pointer, "detail": "expected more" });
        let answer = |errors: Value| Answer { status: 422, body: json!({ "errors": errors }) };
        let definition = definition("a.json");
        let put = answer(json!([error(""), error("/flows/f")]));
        assert_eq!(
            definition.refusals(&put, ""),
            ["a.json:1: expected more", "a.json:3: /flows/f: expected more"]
        );
        let played = answer(json!([error("/definition/title"), error("/config/key"), error("/definitions")]));
        assert_eq!(
            definition.refusals(&played, "/definition"),
            ["a.json:2: /title: expected more", "/config/key: expected more", "/definitions: expected more"]
        );
        assert!(definition.refusals(&Answer { status: 200, body: json!({}) }, "").is_empty());
    }
}
