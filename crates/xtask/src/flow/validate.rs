//! `cargo xtask flow validate`.

use std::path::PathBuf;

use ::flow::definition::{Group, Known};
use anyhow::{Result, bail};

use super::definition::Definition;
use crate::edge::Edge;

pub fn run(files: &[PathBuf], edge: Option<&str>) -> Result<()> {
    let edge = edge.map(Edge::at).transpose()?;
    let mut wrong = 0;
    for file in files {
        let definition = Definition::read(file)?;
        let found = match (checked(&definition), &edge) {
            (Ok(flows), Some(edge)) => asked(&definition, edge)?.map_or(Ok(flows), Err),
            (found, _) => found,
        };
        match found {
            Ok(1) => println!("{}: valid, 1 flow", definition.file()),
            Ok(flows) => println!("{}: valid, {flows} flows", definition.file()),
            Err(problems) => {
                problems.iter().for_each(|problem| println!("{problem}"));
                wrong += 1;
            }
        }
    }
    match wrong {
        0 => Ok(()),
        _ => bail!("{wrong} of {} workflow groups cannot be taken", files.len()),
    }
}

/// How many flows there are, or all that is wrong. What secrets there are is not known here.
fn checked(definition: &Definition) -> Result<usize, Vec<String>> {
    let read = Group::read(&definition.text, &Known::NOTHING);
    let wrong = |problems: Vec<::flow::field::Problem>| {
        problems.iter().map(|problem| definition.wrong(&problem.pointer, &problem.detail)).collect()
    };
    read.map(|group| group.flows.len()).map_err(wrong)
}

/// All that an edge says is wrong, if anything is.
fn asked(definition: &Definition, edge: &Edge) -> Result<Option<Vec<String>>> {
    let path = format!("/api/v1/flows/{}?check=true", definition.group(None)?);
    let answer = edge.put(&path, &definition.text)?;
    let refusals = definition.refusals(&answer, "");
    if !refusals.is_empty() {
        return Ok(Some(refusals));
    }
    edge.expect(answer, 200).map(|_| None)
}

#[cfg(test)]
mod tests {
    use std::{env, fs};

    use super::*;

    #[test]
    fn all_that_is_wrong_is_told_with_its_line() {
        let path = env::temp_dir().join(format!("xtask-flow-validate-{}.json", std::process::id()));
        let checked = |text: &str| {
            fs::write(&path, text).unwrap();
            checked(&Definition::read(&path).unwrap())
        };
        let good = r#"{ "title": "T",
            "flows": { "f": { "trigger": { "on": "event", "types": ["COMPLETE"] },
              "steps": [
                { "id": "a", "use": "set", "with": { "values": 1 } }
              ] } } }"#;
        assert_eq!(checked(good), Ok(1));
        let said = checked(&good.replace("\"set\"", "\"sets\"").replace("\"T\"", "\"\"")).unwrap_err();
        let begins = |line: usize, pointer: &str| format!("{}:{line}: {pointer}: expected ", path.display());
        assert!(said[0].starts_with(&begins(1, "/title")), "{said:?}");
        assert!(said[1].starts_with(&begins(4, "/flows/f/steps/0/use")), "{said:?}");
        let said = checked(&good.replace("\"flows\":", "\"flows\"::")).unwrap_err();
        assert!(said[0].starts_with(&format!("{}:2: expected JSON: ", path.display())), "{said:?}");
        fs::remove_file(&path).unwrap();
        assert!(run(&[path], None).unwrap_err().to_string().starts_with("cannot read "));
    }
}
