//! Stand-ins on this machine for the hosts of other services, in local runs.

use std::collections::BTreeMap;

use url::Url;

use super::connector_secrets::LOOPBACK;

/// Where requests to a host go instead.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LocalHosts(BTreeMap<String, String>);

impl LocalHosts {
    /// What is expected.
    pub const EXPECTED: &'static str = "host=http://127.0.0.1:port, several separated by commas, and nothing where Canopy is not stood in for on this machine";

    /// Reads them.
    #[must_use]
    pub fn read(text: &str, is_local: bool) -> Option<Self> {
        let pairs = text.split(',').map(str::trim).filter(|pair| !pair.is_empty());
        let pairs = pairs.map(|pair| {
            let (host, origin) = pair.split_once('=')?;
            let url = Url::parse(origin).ok()?;
            let is_here = url.host_str().is_some_and(|host| LOOPBACK.contains(&host))
                && url.path() == "/"
                && url.query().is_none();
            (is_here && !host.is_empty())
                .then(|| (host.to_ascii_lowercase(), origin.trim_end_matches('/').to_owned()))
        });
        let hosts: BTreeMap<_, _> = pairs.collect::<Option<_>>()?;
        (is_local || hosts.is_empty()).then_some(Self(hosts))
    }

    /// The URL that a request to `url` goes to, where its host is stood in for.
    #[must_use]
    pub fn stand_in(&self, url: &str) -> Option<String> {
        let parsed = Url::parse(url).ok()?;
        let origin = self.0.get(parsed.host_str()?)?;
        let (_, rest) = url.split_once("://")?;
        let path = rest.find(['/', '?']).map_or("/", |at| &rest[at..]);
        Some(format!("{origin}{path}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_stood_in_for_on_this_machine_alone() {
        let hosts =
            LocalHosts::read("api.resend.com=http://127.0.0.1:9025, a.b=http://localhost:1/", true).unwrap();
        assert_eq!(
            hosts.stand_in("https://api.resend.com/emails?x=%20y").as_deref(),
            Some("http://127.0.0.1:9025/emails?x=%20y")
        );
        assert_eq!(hosts.stand_in("https://A.B").as_deref(), Some("http://localhost:1/"));
        assert_eq!(hosts.stand_in("https://api.example.com/"), None);
        for text in
            ["a.b", "a.b=", "a.b=https://evil.example", "a.b=http://127.0.0.1:1/path", "=http://127.0.0.1:1"]
        {
            assert_eq!(LocalHosts::read(text, true), None, "{text}");
        }
        assert_eq!(LocalHosts::read("a.b=http://127.0.0.1:1", false), None);
        assert_eq!(LocalHosts::read("", false), Some(LocalHosts::default()));
    }
}
