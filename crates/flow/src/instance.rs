//! A group that is deployed: which version, how it is configured, and from when it runs.

use std::collections::BTreeMap;

use canopy::time::UnixMillis;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use crate::{
    definition::Group,
    field::{self, Problem, Type},
};

/// Most instances.
pub const MAX_INSTANCES: u32 = 200;

/// What runs that are under way do while their instance is switched off.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Meanwhile {
    /// They go on to their end.
    #[default]
    Finish,
    /// They wait where they are. Their flows' time goes on.
    Hold,
}

/// What its owner says of an instance.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Said {
    /// The group.
    #[serde(default)]
    pub group: Option<String>,
    /// Or the template, which becomes the group of its name.
    #[serde(default)]
    pub template: Option<String>,
    /// The group's version; the newest where none is said.
    #[serde(default)]
    pub version: Option<i64>,
    /// What the group declares, or its default.
    #[serde(default = "nothing")]
    pub config: Json,
    /// Whether it starts runs.
    pub enabled: bool,
    /// What those under way do while it starts none.
    #[serde(default)]
    pub runs: Meanwhile,
}

/// What its owner says anew of some of that.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Patch {
    #[serde(default)]
    version: Option<i64>,
    #[serde(default)]
    config: Option<Json>,
    #[serde(default)]
    enabled: Option<bool>,
    #[serde(default)]
    runs: Option<Meanwhile>,
}

/// How an instance is set, as it is kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// The group.
    pub group: String,
    /// The group's version.
    pub version: i64,
    /// What it declares.
    pub config: Json,
    /// Whether it starts runs.
    pub enabled: bool,
    /// What those under way do while it starts none.
    #[serde(default)]
    pub runs: Meanwhile,
    /// Where the edge was reached when it was set, for links.
    #[serde(default)]
    pub origin: String,
}

fn nothing() -> Json {
    json!({})
}

/// An instance.
#[derive(Debug, Clone, PartialEq)]
pub struct Instance {
    /// Its id.
    pub id: String,
    /// What its owner said, the version filled in.
    pub settings: Settings,
    /// Counted up with each change.
    pub revision: i64,
    /// When it was made.
    pub created_at: UnixMillis,
    /// When it was changed last.
    pub updated_at: UnixMillis,
    /// From when entries start runs; `None` while none do.
    pub since: Option<UnixMillis>,
}

/// Whether it can be the id of an instance or a group.
#[must_use]
pub fn is_id(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let begins = text.bytes().next().is_some_and(|byte| byte.is_ascii_lowercase());
    begins && text.len() <= 40 && text.bytes().all(allowed) && !text.ends_with('-')
}

/// What is expected of an id.
pub const ID_EXPECTED: &str = "1 to 40 small letters, digits and -, a letter first, like renewal-reminders";

impl Said {
    /// Reads what a caller sends.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(body: &[u8]) -> Result<Self, Vec<Problem>> {
        let said: Self = serde_json::from_slice(body).map_err(|error| {
            let expected = format!("expected group or template, enabled, and what else there is: {error}");
            vec![Problem::new("", expected)]
        })?;
        match (&said.group, &said.template) {
            (Some(group), None) if is_id(group) => Ok(said),
            (None, Some(_)) if said.version.is_none() => Ok(said),
            (None, Some(_)) => {
                Err(vec![Problem::new("/version", "expected none beside a template, which is its newest")])
            }
            (Some(_), None) => Err(vec![Problem::new("/group", format!("expected {ID_EXPECTED}"))]),
            _ => Err(vec![Problem::new("", "expected either group or template")]),
        }
    }
}

impl Patch {
    /// Reads what a caller sends.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(body: &[u8]) -> Result<Self, Vec<Problem>> {
        serde_json::from_slice(body).map_err(|error| {
            vec![Problem::new("", format!("expected some of version, config, enabled and runs: {error}"))]
        })
    }

    /// What its owner then says of the instance.
    #[must_use]
    pub fn onto(self, settings: &Settings) -> Said {
        Said {
            group: Some(settings.group.clone()),
            template: None,
            version: Some(self.version.unwrap_or(settings.version)),
            config: self.config.unwrap_or_else(|| settings.config.clone()),
            enabled: self.enabled.unwrap_or(settings.enabled),
            runs: self.runs.unwrap_or(settings.runs),
        }
    }
}

/// A configuration with the group's defaults in it.
///
/// # Errors
/// All that is wrong with it.
pub fn configured(
    config: &Json,
    group: &Group,
    secrets: &BTreeMap<String, String>,
    is_secret: &dyn Fn(&str) -> bool,
) -> Result<Json, Vec<Problem>> {
    if is_secret(&config.to_string()) {
        return Err(vec![Problem::new(
            "/config",
            "expected no secret in a value: name it in one of the type secret",
        )]);
    }
    let config = field::check(&group.config, config, "/config")?;
    let declared = group.config.iter().filter(|(_, field)| field.kind == Type::Secret);
    let missing = declared.filter_map(|(name, _)| {
        let secret = config[name].as_str().filter(|secret| !secrets.contains_key(*secret))?;
        Some(Problem::new(
            format!("/config/{name}"),
            format!("expected a secret that EDGE_SECRETS has: {secret} is none"),
        ))
    });
    let missing: Vec<_> = missing.collect();
    if missing.is_empty() { Ok(config) } else { Err(missing) }
}

impl Instance {
    /// One that is made now.
    #[must_use]
    pub fn new(id: &str, settings: Settings, now: UnixMillis) -> Self {
        let since = settings.enabled.then_some(now);
        Self { id: id.to_owned(), settings, revision: 1, created_at: now, updated_at: now, since }
    }

    /// What is shown of it.
    #[must_use]
    pub fn view(&self) -> Json {
        let Settings { group, version, config, enabled, runs, .. } = &self.settings;
        json!({
            "instance_id": self.id, "group": group, "version": version, "config": config, "enabled": enabled, "runs": runs,
            "enabled_from": self.since.map(UnixMillis::rfc3339), "revision": self.revision,
            "created_at": self.created_at.rfc3339(), "updated_at": self.updated_at.rfc3339(),
        })
    }

    /// Whether its runs that are under way wait.
    #[must_use]
    pub fn is_held(&self) -> bool {
        !self.settings.enabled && self.settings.runs == Meanwhile::Hold
    }

    /// The same with other settings, from `now` on. What is switched on starts runs of what comes from then on.
    #[must_use]
    pub fn changed(&self, settings: Settings, now: UnixMillis) -> Self {
        let since = match (settings.enabled, self.since) {
            (false, _) => None,
            (true, Some(since)) => Some(since),
            (true, None) => Some(now),
        };
        Self { settings, since, revision: self.revision + 1, updated_at: now, ..self.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixMillis = UnixMillis(1_700_000_000_000);

    #[test]
    fn ids_are_plain() {
        assert!(is_id("a") && is_id("renewal-reminders-2"));
        for id in ["", "A", "-a", "a-", "1a", "a_b", "a/b", &"a".repeat(41), "é"] {
            assert!(!is_id(id), "{id}");
        }
    }

    #[test]
    fn settings_are_read_and_what_is_wrong_is_said() {
        let said = Said::read(br#"{"group":"renewals","enabled":true}"#).unwrap();
        assert_eq!((said.version, said.config, said.runs), (None, json!({}), Meanwhile::Finish));
        assert!(Said::read(br#"{"template":"book-report","enabled":false,"runs":"hold"}"#).is_ok());
        for body in [
            "",
            "[]",
            "{}",
            r#"{"group":"x"}"#,
            r#"{"group":"x","enabled":true,"more":1}"#,
            r#"{"group":"X","enabled":true}"#,
            r#"{"enabled":true}"#,
            r#"{"group":"x","template":"x","enabled":true}"#,
            r#"{"template":"x","version":1,"enabled":true}"#,
            r#"{"group":"x","enabled":true,"runs":"stop"}"#,
        ] {
            assert!(Said::read(body.as_bytes()).is_err(), "{body}");
        }
    }

    #[test]
    fn it_counts_from_when_it_was_switched_on_last() {
        let settings = |enabled| Settings {
            group: "g".to_owned(),
            version: 1,
            config: json!({}),
            enabled,
            runs: Meanwhile::Hold,
            origin: String::new(),
        };
        let made = Instance {
            id: "i".to_owned(),
            settings: settings(true),
            revision: 1,
            created_at: NOW,
            updated_at: NOW,
            since: Some(NOW),
        };
        let later = made.changed(settings(true), NOW.plus(9));
        assert_eq!((later.since, later.revision), (Some(NOW), 2));
        let off = later.changed(settings(false), NOW.plus(10));
        assert_eq!(off.since, None);
        assert_eq!(off.changed(settings(true), NOW.plus(11)).since, Some(NOW.plus(11)));
        assert_eq!(off.view()["enabled_from"], json!(null));
        assert!(off.is_held() && !later.is_held());
        let patch = Patch::read(br#"{"version":3,"runs":"finish"}"#).unwrap().onto(&off.settings);
        assert_eq!((patch.version, patch.enabled, patch.runs), (Some(3), false, Meanwhile::Finish));
        assert!(Patch::read(br#"{"group":"other"}"#).is_err());
    }
}
