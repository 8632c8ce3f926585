//! The Worker's variables, read once and named when wrong. Source: design, "Bindings and configuration".

use url::{Host, Url};

use crate::{
    brand::Brand,
    id::Id,
    invitation::InvitationKey,
    listing::ListKey,
    schedule::{Plan, Times, Zone},
    seal::Keys,
    secret::Secret,
    security::{ConnectorSecrets, LocalHosts, PullTokenKey, Scopes, derived_keys},
    signature::SigningSecrets,
};

/// Where Canopy's API is when nothing else is set.
pub const DEFAULT_API_BASE_URL: &str = "https://app.usecanopy.com/api/v1.0.0";

/// Tolerance of webhook timestamps when nothing else is set, in seconds.
pub const DEFAULT_TOLERANCE_SECONDS: u32 = 300;

/// How long the audit log is kept when nothing else is set, in days.
pub const DEFAULT_AUDIT_DAYS: u32 = 400;

/// Where a date becomes a time when nothing else is set.
pub const DEFAULT_TIME_ZONE: &str = "America/New_York";

/// Shortest back-office token and session key, in characters: what nobody can guess.
pub const MIN_SECRET_LENGTH: usize = 32;

/// Shortest session key of a local run, in characters.
const MIN_LOCAL_KEY_LENGTH: usize = 16;

/// A variable that is missing or malformed. Shows what was expected, never what was found.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{variable}: expected {expected}")]
pub struct ConfigError {
    /// The variable's name.
    pub variable: &'static str,
    /// What it has to be.
    pub expected: &'static str,
}

/// A token of the back office.
#[derive(Debug, Clone)]
pub struct ApiToken {
    /// Whose it is: for the log.
    pub name: String,
    /// The token.
    pub token: Secret,
    /// What it is good for.
    pub scopes: Scopes,
}

/// Everything the operator sets.
#[derive(Debug, Clone)]
pub struct Config {
    /// Without a slash at its end.
    pub api_base_url: String,
    /// The team whose pulls these are.
    pub team_id: Id,
    /// Client credentials for Canopy.
    pub client_id: String,
    /// Client credentials for Canopy.
    pub client_secret: Secret,
    /// Secrets of the webhooks.
    pub signing_secrets: SigningSecrets,
    /// The link that the page opens.
    pub public_alias: String,
    /// Tolerance of webhook timestamps, in seconds.
    pub tolerance_seconds: u32,
    /// Tokens of the back office.
    pub api_tokens: Vec<ApiToken>,
    /// Signs session tokens.
    pub session_key: Secret,
    /// Hashes what pulls are found by in the list; derived from the session key.
    pub list_key: ListKey,
    /// Seals what clients have in the place of a `pull_jwt`; derived from the session key.
    pub pull_token_key: PullTokenKey,
    /// Seals what is behind the agency's personal links; derived from the session key.
    pub invitation_key: InvitationKey,
    /// Seals answers that are kept for who asks again; derived from the session key.
    pub kept_keys: Keys,
    /// Seals what is stored.
    pub keys: Keys,
    /// Origins of the agency's pages.
    pub allowed_origins: Vec<String>,
    /// Whether pulls are fetched with the property's own data.
    pub property_data: bool,
    /// Whether the agency's pages take documents where a company is not listed.
    pub uploads: bool,
    /// How long the audit log is kept, in days.
    pub audit_days: u32,
    /// What comes by itself.
    pub plan: Plan,
    /// Whether it is counted how far visitors come.
    pub funnel: bool,
    /// How the agency's own pages look.
    pub brand: Brand,
    /// Of workflow connectors.
    pub connector_secrets: ConnectorSecrets,
    /// Stand-ins for the hosts of other services.
    pub local_hosts: LocalHosts,
    /// Whether this is a run against a stand-in on this machine.
    pub is_local: bool,
}

impl Config {
    /// Reads the variables through `get`, which gives `None` for one that is not set.
    ///
    /// # Errors
    /// Every [`ConfigError`] there is, not only the first.
    pub fn read(get: impl Fn(&str) -> Option<String>) -> Result<Self, Vec<ConfigError>> {
        let mut reader = Reader { get, errors: Vec::new() };
        let api_base_url = reader.parsed(
            "CANOPY_API_BASE_URL",
            "an https URL without query or credentials, or an http one of this machine",
            |value| base_url(value.unwrap_or(DEFAULT_API_BASE_URL)),
        );
        // What is not known to be deployed is asked for nothing more: it is refused for its address.
        let is_local = api_base_url.as_deref().is_none_or(is_local);
        let (least_token, least_key) =
            if is_local { (1, MIN_LOCAL_KEY_LENGTH) } else { (MIN_SECRET_LENGTH, MIN_SECRET_LENGTH) };
        let read = (
            api_base_url,
            reader.parsed("CANOPY_TEAM_ID", "the team's id", |value| Id::parse(value?).ok()),
            reader.parsed("CANOPY_CLIENT_ID", "the client id", |value| {
                value.filter(|value| is_header_text(value)).map(str::to_owned)
            }),
            reader.parsed("CANOPY_CLIENT_SECRET", "the client secret", |value| {
                value.filter(|value| is_header_text(value)).map(Secret::new)
            }),
            reader.parsed(
                "CANOPY_WEBHOOK_SIGNING_SECRET",
                "the webhook's signing secret, several separated by commas",
                |value| Some(SigningSecrets::new(&secrets(value?)?)),
            ),
            reader.parsed("CANOPY_PUBLIC_ALIAS", "the alias of a Canopy link", |value| {
                Some(value.unwrap_or_default().to_owned())
            }),
            reader.parsed("WEBHOOK_TOLERANCE_SECONDS", "a number of seconds from 1 to 86400", tolerance),
            reader.parsed(
                "EDGE_API_TOKENS",
                "name:token or name:token:scope+scope, several separated by commas, each token random and of 32 characters or more, each scope read, write, servicing or admin",
                |value| api_tokens(value?, least_token),
            ),
            reader.parsed("EDGE_SESSION_KEY", "a random text of 32 characters or more", |value| {
                value.filter(|value| value.chars().count() >= least_key).map(Secret::new)
            }),
            reader.parsed(
                "EDGE_SNAPSHOT_KEY",
                "<key id>:<32 bytes in base64>, several separated by commas, or nothing",
                |value| value.map_or(Some(Keys::default()), |value| Keys::parse(&Secret::new(value)).ok()),
            ),
            reader.parsed(
                "EDGE_ALLOWED_ORIGINS",
                "origins such as https://www.agency.example, http only for this machine, separated by commas",
                |value| origins(value.unwrap_or_default()),
            ),
            reader.parsed("CANOPY_PROPERTY_DATA", "true, false or nothing", |value| {
                value.unwrap_or("false").parse().ok()
            }),
            reader.parsed("EDGE_UPLOADS", "true, false or nothing", |value| {
                value.unwrap_or("false").parse().ok()
            }),
            reader.parsed("EDGE_AUDIT_DAYS", "a number of days from 1 to 36500", |value| {
                let days = value.map_or(Some(DEFAULT_AUDIT_DAYS), |value| value.parse().ok());
                days.filter(|days| (1..=36_500).contains(days))
            }),
            reader.parsed("EDGE_SCHEDULE", Times::EXPECTED, |value| {
                value.map_or(Some(Times::default()), Times::read)
            }),
            reader.parsed("EDGE_TIME_ZONE", "a zone of the IANA database, such as America/Chicago", |value| {
                Zone::named(value.unwrap_or(DEFAULT_TIME_ZONE))
            }),
            reader.parsed("EDGE_RETENTION_DAYS", "a number of days from 1 to 36500, or nothing", |value| {
                let Some(value) = value else { return Some(None) };
                value.parse().ok().filter(|days| (1..=36_500).contains(days)).map(Some)
            }),
            reader.parsed("EDGE_FUNNEL", "true, false or nothing", |value| {
                value.unwrap_or("false").parse().ok()
            }),
            reader.parsed("EDGE_BRAND", Brand::EXPECTED, |value| {
                value.map_or(Some(Brand::default()), Brand::read)
            }),
            reader.parsed("EDGE_SECRETS", ConnectorSecrets::EXPECTED, |value| {
                ConnectorSecrets::read(value.unwrap_or_default(), is_local)
            }),
            reader.parsed("EDGE_LOCAL_HOSTS", LocalHosts::EXPECTED, |value| {
                LocalHosts::read(value.unwrap_or_default(), is_local)
            }),
        );
        let (
            Some(api_base_url),
            Some(team_id),
            Some(client_id),
            Some(client_secret),
            Some(signing_secrets),
            Some(public_alias),
            Some(tolerance_seconds),
            Some(api_tokens),
            Some(session_key),
            Some(keys),
            Some(allowed_origins),
            Some(property_data),
            Some(uploads),
            Some(audit_days),
            Some(times),
            Some(zone),
            Some(retention_days),
            Some(funnel),
            Some(brand),
            Some(connector_secrets),
            Some(local_hosts),
        ) = read
        else {
            return Err(reader.errors);
        };
        Ok(Self {
            api_base_url,
            team_id,
            client_id,
            client_secret,
            signing_secrets,
            public_alias,
            tolerance_seconds,
            api_tokens,
            list_key: ListKey::derive(&session_key),
            pull_token_key: PullTokenKey::derive(&session_key),
            invitation_key: InvitationKey::derive(&session_key),
            kept_keys: derived_keys(&session_key, b"canopy-edge kept answers key v1"),
            session_key,
            keys,
            allowed_origins,
            property_data,
            uploads,
            audit_days,
            plan: Plan { times, retention_days, zone },
            funnel,
            brand,
            connector_secrets,
            local_hosts,
            is_local,
        })
    }

    /// The back-office token that `given` is. Every token is compared, so that the time taken tells nothing of which one
    /// matched.
    #[must_use]
    pub fn token(&self, given: &str) -> Option<&ApiToken> {
        let mut found = None;
        for token in &self.api_tokens {
            if token.token.matches(given) {
                found = Some(token);
            }
        }
        found
    }
}

struct Reader<F> {
    get: F,
    errors: Vec<ConfigError>,
}

impl<F: Fn(&str) -> Option<String>> Reader<F> {
    /// Blanks around a value, such as the newline that a shell leaves, are none of it. An empty variable counts as one
    /// that is not set.
    fn parsed<T>(
        &mut self,
        variable: &'static str,
        expected: &'static str,
        parse: impl FnOnce(Option<&str>) -> Option<T>,
    ) -> Option<T> {
        let value = (self.get)(variable);
        let parsed = parse(value.as_deref().map(str::trim).filter(|value| !value.is_empty()));
        if parsed.is_none() {
            self.errors.push(ConfigError { variable, expected });
        }
        parsed
    }
}

fn tolerance(value: Option<&str>) -> Option<u32> {
    let Some(value) = value else { return Some(DEFAULT_TOLERANCE_SECONDS) };
    value.parse().ok().filter(|seconds| (1..=86_400).contains(seconds))
}

fn origins(value: &str) -> Option<Vec<String>> {
    value.split(',').map(str::trim).filter(|text| !text.is_empty()).map(origin).collect()
}

fn is_header_text(value: &str) -> bool {
    value.bytes().all(|byte| (0x20..0x7f).contains(&byte))
}

fn base_url(value: &str) -> Option<String> {
    let url = Url::parse(value).ok()?;
    let is_plain = is_web(&url) && url.query().is_none() && url.fragment().is_none();
    // A URL with credentials is one that fetch refuses.
    let is_plain = is_plain && url.username().is_empty() && url.password().is_none();
    is_plain.then(|| url.as_str().trim_end_matches('/').to_owned())
}

/// Whether this is a run against a stand-in on this machine. Source: design, "Local set-up".
fn is_local(base_url: &str) -> bool {
    Url::parse(base_url).is_ok_and(|url| is_loopback(&url))
}

/// Whether what is said there stays secret on the way: `https`, or `http` that does not leave this machine.
fn is_web(url: &Url) -> bool {
    url.scheme() == "https" || (url.scheme() == "http" && is_loopback(url))
}

/// Whether a URL leads to this machine.
fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

fn origin(value: &str) -> Option<String> {
    let url = Url::parse(value).ok()?;
    let origin = url.origin();
    let is_origin = origin.is_tuple() && is_web(&url) && url.path() == "/";
    (is_origin && url.query().is_none()).then(|| origin.ascii_serialization())
}

fn secrets(value: &str) -> Option<Vec<Secret>> {
    let each = value.split(',').map(str::trim);
    each.map(|secret| (!secret.is_empty()).then(|| Secret::new(secret))).collect()
}

/// A colon ends the token, so that a scope that is none is an error and no part of one.
fn api_tokens(value: &str, least: usize) -> Option<Vec<ApiToken>> {
    let token = |entry: &str| {
        let (name, rest) = entry.trim().split_once(':')?;
        let (token, scopes) = match rest.split_once(':') {
            Some((token, scopes)) => (token, Scopes::parse(scopes)?),
            None => (rest, Scopes::DEFAULT),
        };
        let is_token = !name.is_empty() && token.len() >= least && is_header_text(token);
        is_token.then(|| ApiToken { name: name.to_owned(), token: Secret::new(token), scopes })
    };
    let tokens: Vec<ApiToken> = value.split(',').map(token).collect::<Option<_>>()?;
    // Of two that are the same it would not be known whose it is.
    let is_again =
        |(at, token): (usize, &ApiToken)| tokens[..at].iter().any(|other| other.token == token.token);
    let has_two = tokens.iter().enumerate().any(is_again);
    (!has_two).then_some(tokens)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCAL: [(&str, &str); 8] = [
        ("CANOPY_TEAM_ID", "00000000-0000-4000-8000-000000000001"),
        ("CANOPY_CLIENT_ID", "demo-client"),
        ("CANOPY_CLIENT_SECRET", "demo-client-secret"),
        ("CANOPY_WEBHOOK_SIGNING_SECRET", "demo-signing-secret, older"),
        ("CANOPY_API_BASE_URL", "http://127.0.0.1:8788/api/v1.0.0"),
        ("EDGE_API_TOKENS", "demo:demo-token,crm:crm-token:servicing"),
        ("EDGE_SESSION_KEY", "demo-session-key-0123456789"),
        ("EDGE_ALLOWED_ORIGINS", "https://www.agency.example, http://localhost:8787/"),
    ];

    fn read(changed: &[(&str, &str)]) -> Result<Config, Vec<ConfigError>> {
        let find = |list: &[(&str, &str)], name: &str| {
            list.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        };
        Config::read(|name| find(changed, name).or_else(|| find(&LOCAL, name)))
    }

    #[test]
    fn blanks_around_a_value_are_none_of_it() {
        let blank: Vec<(&str, String)> =
            LOCAL.iter().map(|(name, value)| (*name, format!(" {value}\r\n"))).collect();
        let blank: Vec<(&str, &str)> = blank.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let config = read(&blank).unwrap();
        assert_eq!(
            (config.client_id.as_str(), config.client_secret.expose()),
            ("demo-client", "demo-client-secret")
        );
        assert_eq!(config.session_key.expose(), "demo-session-key-0123456789");
        assert_eq!(config.token("crm-token").unwrap().name, "crm");
        assert_eq!(read(&[("EDGE_SESSION_KEY", "  \n")]).unwrap_err()[0].variable, "EDGE_SESSION_KEY");
    }

    #[test]
    fn http_is_for_this_machine_alone() {
        for host in ["127.0.0.1:8788", "127.9.9.9", "[::1]:80", "localhost", "edge.localhost:8787"] {
            for (variable, value) in [
                ("CANOPY_API_BASE_URL", format!("http://{host}")),
                ("EDGE_ALLOWED_ORIGINS", format!("http://{host}")),
            ] {
                assert!(read(&[(variable, &value)]).is_ok(), "{variable}={value}");
            }
        }
        for host in ["app.usecanopy.com", "10.0.0.1", "localhost.example", "[::2]", "128.0.0.1"] {
            for (variable, value) in [
                ("CANOPY_API_BASE_URL", format!("http://{host}")),
                ("EDGE_ALLOWED_ORIGINS", format!("http://{host}")),
            ] {
                assert_eq!(read(&[(variable, &value)]).unwrap_err()[0].variable, variable, "{value}");
            }
        }
    }

    #[test]
    fn the_local_values_are_read() {
        let config = read(&[]).unwrap();
        assert_eq!(config.tolerance_seconds, 300);
        assert_eq!(config.allowed_origins, ["https://www.agency.example", "http://localhost:8787"]);
        let token = |given| config.token(given).map(|token| (token.name.as_str(), token.scopes));
        assert_eq!(token("demo-token"), Some(("demo", Scopes::DEFAULT)));
        assert_eq!(token("crm-token"), Some(("crm", Scopes::parse("servicing").unwrap())));
        for wrong in ["demo-toke", "crm-token:servicing", ""] {
            assert_eq!(token(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn what_is_short_is_for_local_runs_alone() {
        let (long, short) = ("x".repeat(32), "x".repeat(31));
        let deployed = |token: &str, key: &str| {
            let read = read(&[
                ("CANOPY_API_BASE_URL", DEFAULT_API_BASE_URL),
                ("EDGE_API_TOKENS", &format!("a:{token}:admin")),
                ("EDGE_SESSION_KEY", key),
            ]);
            read.map(drop)
                .map_err(|errors| errors.into_iter().map(|error| error.variable).collect::<Vec<_>>())
        };
        assert_eq!(deployed(&long, &long), Ok(()));
        assert_eq!(deployed(&short, &long), Err(vec!["EDGE_API_TOKENS"]));
        assert_eq!(deployed(&long, &short), Err(vec!["EDGE_SESSION_KEY"]));
        assert!(read(&[]).is_ok());
        let variables = [("CANOPY_API_BASE_URL", DEFAULT_API_BASE_URL)];
        assert_eq!(read(&variables).unwrap_err().len(), 2, "the local values are for local runs");
    }

    #[test]
    fn each_wrong_variable_is_named_without_its_value() {
        for (variable, value) in [
            ("CANOPY_API_BASE_URL", "ftp://hidden"),
            ("CANOPY_API_BASE_URL", "https://hidden:hidden@a.example/api"),
            ("CANOPY_TEAM_ID", ""),
            ("CANOPY_CLIENT_ID", ""),
            ("CANOPY_CLIENT_SECRET", "hidden\nhidden"),
            ("CANOPY_WEBHOOK_SIGNING_SECRET", "hidden,,hidden"),
            ("WEBHOOK_TOLERANCE_SECONDS", "0"),
            ("EDGE_API_TOKENS", "hidden"),
            ("EDGE_API_TOKENS", "a:"),
            ("EDGE_API_TOKENS", "a:hidden:raed"),
            ("EDGE_API_TOKENS", "a:hidden:read:write"),
            ("EDGE_API_TOKENS", "a:hidden,"),
            ("EDGE_API_TOKENS", "a:hidden,b:hidden:admin"),
            ("EDGE_SESSION_KEY", "hidden"),
            ("EDGE_SNAPSHOT_KEY", "hidden:hidden"),
            ("EDGE_ALLOWED_ORIGINS", "https://a.example/hidden"),
            ("EDGE_ALLOWED_ORIGINS", "*"),
            ("CANOPY_PROPERTY_DATA", "hidden"),
            ("EDGE_UPLOADS", "hidden"),
            ("EDGE_AUDIT_DAYS", "0"),
            ("EDGE_AUDIT_DAYS", "hidden"),
            ("EDGE_SCHEDULE", r#"{"hidden":1}"#),
            ("EDGE_TIME_ZONE", "Hidden/hidden"),
            ("EDGE_RETENTION_DAYS", "0"),
            ("EDGE_FUNNEL", "hidden"),
            ("EDGE_BRAND", r#"{"hidden":"Maple"}"#),
            ("EDGE_SECRETS", "KEY:api.example.com:hidden"),
        ] {
            let errors = read(&[(variable, value)]).unwrap_err();
            assert_eq!(errors.len(), 1, "{variable}");
            assert_eq!(errors[0].variable, variable);
            assert!(!errors[0].to_string().contains("hidden"));
        }
        assert_eq!(Config::read(|_| None).unwrap_err().len(), 6);
    }

    #[test]
    fn a_configuration_prints_no_secret() {
        let printed = format!("{:?}", read(&[]).unwrap());
        for secret in ["demo-client-secret", "demo-signing-secret", "demo-token", "demo-session-key"] {
            assert!(!printed.contains(secret), "{secret}");
        }
    }
}
