//! Templates: groups of flows that are ready to be deployed, as data. Each is a file, with a page of the docs and an example of its
//! configuration.

use std::{collections::BTreeMap, sync::LazyLock};

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, value::RawValue};

/// One file each.
const FILES: &[&str] = &[
    include_str!("../gallery/book-report.json"),
    include_str!("../gallery/chat-summary.json"),
    include_str!("../gallery/crm-contact.json"),
    include_str!("../gallery/monitoring-switch.json"),
    include_str!("../gallery/new-pull-alerts.json"),
    include_str!("../gallery/reconnect-nudge.json"),
    include_str!("../gallery/renewal-reminders.json"),
    include_str!("../gallery/summary-pdf.json"),
    include_str!("../gallery/threshold-alerts.json"),
    include_str!("../gallery/webhook-action.json"),
];

/// A template.
#[derive(Debug)]
pub struct Ready {
    /// What instances name it by.
    pub name: String,
    /// What people call it.
    pub title: String,
    /// What it does.
    pub description: String,
    /// The file of its page, from the root of the project on.
    pub documentation: String,
    /// The group, as [`crate::definition::Group::read`] takes it: its members in the file's order.
    pub definition: String,
    /// An instance of it.
    pub example: Example,
}

/// How a template may be configured.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Example {
    /// What the group declares.
    pub config: Json,
    /// Names of the secrets in it.
    pub secrets: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File<'a> {
    name: String,
    title: String,
    description: String,
    documentation: String,
    #[serde(borrow)]
    group: &'a RawValue,
    example: Example,
}

/// All templates, by name.
pub fn all() -> &'static BTreeMap<String, Ready> {
    static ALL: LazyLock<BTreeMap<String, Ready>> = LazyLock::new(|| {
        let read = FILES.iter().map(|text| Ready::read(text).expect("a test reads each file"));
        read.map(|ready| (ready.name.clone(), ready)).collect()
    });
    &ALL
}

impl Ready {
    /// Reads a template's file; its group as it stands there.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(text: &str) -> Result<Self, String> {
        let file: File<'_> = serde_json::from_str(text).map_err(|error| error.to_string())?;
        Ok(Self {
            name: file.name,
            title: file.title,
            description: file.description,
            documentation: file.documentation,
            definition: file.group.get().to_owned(),
            example: file.example,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::*;
    use crate::{
        definition::{Group, Known},
        field::{self, Type},
        instance::is_id,
    };

    fn group(ready: &Ready) -> Group {
        Group::read(&ready.definition, &Known::NOTHING)
            .unwrap_or_else(|problems| panic!("{}: {problems:#?}", ready.name))
    }

    #[test]
    fn each_is_read_and_its_example_configures_it() {
        for text in FILES {
            let ready = Ready::read(text).unwrap_or_else(|error| panic!("{error}: {text}"));
            let group = group(&ready);
            assert!(is_id(&ready.name), "{}", ready.name);
            assert_eq!((&ready.title, Some(&ready.description)), (&group.title, group.description.as_ref()));
            let config = field::check(&group.config, &ready.example.config, "/config");
            let config = config.unwrap_or_else(|problems| panic!("{}: {problems:#?}", ready.name));
            let secrets = group.config.iter().filter(|(_, field)| field.kind == Type::Secret);
            let mut named: Vec<_> = secrets.filter_map(|(name, _)| config[name].as_str()).collect();
            let mut listed: Vec<_> = ready.example.secrets.iter().map(String::as_str).collect();
            (named.sort_unstable(), listed.sort_unstable());
            assert_eq!(named, listed, "{}", ready.name);
        }
        assert_eq!(all().len(), FILES.len(), "each has a name of its own");
    }

    #[test]
    fn each_value_has_a_title_and_stands_on_the_page() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        for ready in all().values() {
            let page = fs::read_to_string(root.join(&ready.documentation))
                .unwrap_or_else(|error| panic!("{}: {error}", ready.documentation));
            assert!(page.starts_with(&format!("# {}\n", ready.title)), "{}", ready.name);
            for (name, field) in group(ready).config {
                assert!(field.title.is_some(), "{}: {name}", ready.name);
                assert!(page.contains(&format!("| `{name}` |")), "{}: {name} is not on its page", ready.name);
            }
        }
    }
}
