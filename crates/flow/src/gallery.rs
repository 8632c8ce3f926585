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
mod tests;
