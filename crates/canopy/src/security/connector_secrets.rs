//! Secrets of workflow connectors: each by a name, and for one host alone. Source: design, "Configuration".

use std::collections::BTreeMap;

use crate::secret::Secret;

/// Most secrets.
const MAX_SECRETS: usize = 100;

/// Hosts of this machine, which may have a port behind them.
pub(super) const LOOPBACK: [&str; 3] = ["127.0.0.1", "localhost", "[::1]"];

/// A secret and the host that it may be sent to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectorSecret {
    /// In small letters; in local runs with a port where one is written.
    pub host: String,
    /// The secret.
    pub value: Secret,
}

/// All of them by name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ConnectorSecrets(BTreeMap<String, ConnectorSecret>);

impl ConnectorSecrets {
    /// What is expected.
    pub const EXPECTED: &'static str = "NAME:host:value, several separated by commas, each name of capital letters, digits and _ and there once, each value of 8 characters or more without a comma";

    /// Reads them. A value may have colons.
    #[must_use]
    pub fn read(text: &str, is_local: bool) -> Option<Self> {
        let mut secrets = BTreeMap::new();
        for entry in text.split(',').map(str::trim).filter(|entry| !entry.is_empty()) {
            let (name, secret) = read(entry, is_local)?;
            if secrets.insert(name, secret).is_some() {
                return None;
            }
        }
        (secrets.len() <= MAX_SECRETS).then_some(Self(secrets))
    }

    /// One of them.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&ConnectorSecret> {
        self.0.get(name)
    }

    /// The host of each by its name.
    #[must_use]
    pub fn hosts(&self) -> BTreeMap<String, String> {
        self.0.iter().map(|(name, secret)| (name.clone(), secret.host.clone())).collect()
    }

    /// Whether one of them stands in a text.
    #[must_use]
    pub fn stand_in(&self, text: &str) -> bool {
        self.0.values().any(|secret| text.contains(secret.value.expose()))
    }
}

fn read(entry: &str, is_local: bool) -> Option<(String, ConnectorSecret)> {
    let (name, rest) = entry.split_once(':')?;
    // An address of the sixth version has colons of its own.
    let split = if rest.starts_with('[') { rest.find("]:")? + 1 } else { rest.find(':')? };
    let (host, value) = (&rest[..split], &rest[split + 1..]);
    let (host, value) = match value.split_once(':') {
        Some((port, value)) if is_local && LOOPBACK.contains(&host) && port.parse::<u16>().is_ok() => {
            (format!("{host}:{port}"), value)
        }
        _ => (host.to_owned(), value),
    };
    let host = host.to_ascii_lowercase();
    let is_name = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
    let is_host = |byte: u8| byte.is_ascii_alphanumeric() || b"-.:[]".contains(&byte);
    let in_bounds = (1..=64).contains(&name.len())
        && name.bytes().all(is_name)
        && (1..=253).contains(&host.len())
        && host.bytes().all(is_host)
        && value.len() >= 8
        && value.bytes().all(|byte| (b'!'..=b'~').contains(&byte));
    in_bounds.then(|| (name.to_owned(), ConnectorSecret { host, value: Secret::new(value) }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host_and_value(text: &str, is_local: bool) -> Option<(String, String)> {
        let secrets = ConnectorSecrets::read(text, is_local)?;
        secrets.find("KEY").map(|secret| (secret.host.clone(), secret.value.expose().to_owned()))
    }

    #[test]
    fn a_secret_has_a_host_and_may_have_colons() {
        let found =
            |text, is_local| host_and_value(text, is_local).map(|(host, value)| format!("{host} {value}"));
        assert_eq!(
            found("KEY:api.resend.com:re_12345678", false).as_deref(),
            Some("api.resend.com re_12345678")
        );
        assert_eq!(
            found("A:b.c:12345678, KEY:Api.Twilio.Com:AC1:12345678", false).as_deref(),
            Some("api.twilio.com AC1:12345678")
        );
        assert_eq!(found("KEY:127.0.0.1:9025:secret-1", true).as_deref(), Some("127.0.0.1:9025 secret-1"));
        assert_eq!(found("KEY:127.0.0.1:12345678", true).as_deref(), Some("127.0.0.1 12345678"));
        assert_eq!(found("KEY:127.0.0.1:9025:secret-1", false).as_deref(), Some("127.0.0.1 9025:secret-1"));
        assert_eq!(found("KEY:[::1]:9025:secret-1", true).as_deref(), Some("[::1]:9025 secret-1"));
    }

    #[test]
    fn what_is_none_is_refused_whole() {
        for text in [
            "KEY",
            "KEY:host",
            "KEY:host:short",
            "key:host:12345678",
            "KEY::12345678",
            "KEY:ho st:12345678",
            "KEY:a:12345678,KEY:b:12345678",
            "KEY:a:1234 5678",
            ":a:12345678",
        ] {
            assert_eq!(ConnectorSecrets::read(text, true), None, "{text}");
        }
        assert_eq!(ConnectorSecrets::read("", false), Some(ConnectorSecrets::default()));
    }

    #[test]
    fn they_are_found_in_texts_and_never_printed() {
        let secrets = ConnectorSecrets::read("KEY:a.b:hunter2hunter2", false).unwrap();
        assert!(secrets.stand_in("Bearer hunter2hunter2") && !secrets.stand_in("hunter2"));
        assert!(!format!("{secrets:?}").contains("hunter2"));
    }
}
