//! Where a delivery may go: out of this network, and nowhere else.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

/// Longest URL, in bytes.
const MAX_URL_LENGTH: usize = 2_048;

/// Names of this machine or of a local network, and what ends with one. Source: RFC 6761, RFC 6762, RFC 8375, RFC 9476; ICANN,
/// "internal" (2024).
const LOCAL_NAMES: &[&str] =
    &["localhost", "local", "internal", "intranet", "lan", "home", "corp", "home.arpa", "localdomain", "alt"];

/// Ranges that lead to no public machine, each an address and how many of its bits count. Source: IANA, "IPv4
/// Special-Purpose Address Registry", and "IPv4 Multicast Address Space Registry".
const INSIDE_V4: &[([u8; 4], u32)] = &[
    ([0, 0, 0, 0], 8),
    ([10, 0, 0, 0], 8),
    ([100, 64, 0, 0], 10),
    ([127, 0, 0, 0], 8),
    ([169, 254, 0, 0], 16),
    ([172, 16, 0, 0], 12),
    ([192, 0, 0, 0], 24),
    ([192, 0, 2, 0], 24),
    ([192, 31, 196, 0], 24),
    ([192, 52, 193, 0], 24),
    ([192, 88, 99, 0], 24),
    ([192, 168, 0, 0], 16),
    ([192, 175, 48, 0], 24),
    ([198, 18, 0, 0], 15),
    ([198, 51, 100, 0], 24),
    ([203, 0, 113, 0], 24),
    ([224, 0, 0, 0], 3),
];

/// Addresses of the internet at large; what lies in none is not reached. Source: IANA, "IPv6 Global Unicast Address Assignments".
const OUTSIDE_V6: ([u16; 8], u32) = ([0x2000, 0, 0, 0, 0, 0, 0, 0], 3);

/// What of that leads elsewhere: protocol assignments with Teredo, documentation, 6to4, and AS112.
/// Source: IANA, "IPv6 Special-Purpose Address Registry".
const INSIDE_V6: &[([u16; 8], u32)] = &[
    ([0x2001, 0, 0, 0, 0, 0, 0, 0], 23),
    ([0x2001, 0xdb8, 0, 0, 0, 0, 0, 0], 32),
    ([0x2002, 0, 0, 0, 0, 0, 0, 0], 16),
    ([0x2620, 0x4f, 0x8000, 0, 0, 0, 0, 0], 48),
    ([0x3fff, 0, 0, 0, 0, 0, 0, 0], 20),
];

/// A URL that deliveries may go to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Destination(String);

impl Destination {
    /// What is expected.
    pub const EXPECTED: &'static str = "an https URL of a public name or address, without credentials or fragment; in local runs also http to this machine";

    /// Takes `text` where deliveries may go there. `is_local` lets in `http` and `https` to this machine.
    #[must_use]
    pub fn read(text: &str, is_local: bool) -> Option<Self> {
        if text.len() > MAX_URL_LENGTH {
            return None;
        }
        let url = Url::parse(text).ok()?;
        let is_plain = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
        let host = url.host()?;
        let goes = match url.scheme() {
            "https" => is_outside(&host) || (is_local && is_loopback(&host)),
            "http" => is_local && is_loopback(&host),
            _ => false,
        };
        (is_plain && goes).then(|| Self(url.into()))
    }

    /// The URL.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_loopback(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => is_named(name, "localhost"),
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    }
}

fn is_outside(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => {
            let name = name.trim_end_matches('.');
            // A name without a dot is one of a local network.
            name.contains('.') && !LOCAL_NAMES.iter().any(|local| is_named(name, local))
        }
        Host::Ipv4(address) => is_public((*address).into()),
        Host::Ipv6(address) => is_public((*address).into()),
    }
}

fn is_named(name: &str, local: &str) -> bool {
    let name = name.trim_end_matches('.');
    name == local || name.strip_suffix(local).is_some_and(|rest| rest.ends_with('.'))
}

fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => {
            let address = u32::from(address);
            let is_in = |(range, bits): &([u8; 4], u32)| {
                (address ^ u32::from(Ipv4Addr::from(*range))) >> (32 - bits) == 0
            };
            !INSIDE_V4.iter().any(is_in)
        }
        IpAddr::V6(address) => {
            let address = u128::from(address);
            let is_in = |(range, bits): &([u16; 8], u32)| {
                (address ^ u128::from(Ipv6Addr::from(*range))) >> (128 - bits) == 0
            };
            is_in(&OUTSIDE_V6) && !INSIDE_V6.iter().any(is_in)
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn goes(url: &str) -> [bool; 2] {
        [false, true].map(|is_local| Destination::read(url, is_local).is_some())
    }

    #[test]
    fn public_names_and_addresses_are_reached() {
        for url in [
            "https://crm.agency.example/hooks?x=1",
            "https://hooks.zapier.com:8443/a",
            "https://8.8.8.8/",
            "https://192.169.0.1/",
            "https://172.32.0.1/",
            "https://[2606:4700::1111]/",
            "https://agency.example./",
            "https://localhost.example/",
            "https://internal.example/",
            "https://xn--mnchen-3ya.example/",
        ] {
            assert_eq!(goes(url), [true, true], "{url}");
        }
    }

    #[test]
    fn this_machine_is_reached_in_local_runs_alone() {
        for url in [
            "http://127.0.0.1:8799/hook",
            "http://localhost:8799/",
            "http://a.localhost/",
            "http://[::1]:1/",
            "https://127.9.9.9/",
            "http://2130706433/",
            "http://localhost./",
        ] {
            assert_eq!(goes(url), [false, true], "{url}");
        }
    }

    #[test]
    fn nothing_inside_is_reached() {
        for host in [
            "10.0.0.1",
            "10.255.255.255",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "169.254.169.254",
            "169.254.170.2",
            "100.100.100.200",
            "100.64.0.1",
            "0.0.0.0",
            "0",
            "192.0.0.192",
            "192.0.2.1",
            "198.18.0.1",
            "198.19.255.255",
            "203.0.113.9",
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.1",
            "255.255.255.255",
            "0xa000001",
            "012.0.0.1",
            "167772161",
            "10.1",
            "0xA9.0xFE.0xA9.0xFE",
            "１０.0.0.1",
            "10.0.0.1.",
            "[::]",
            "[::ffff:10.0.0.1]",
            "[::ffff:8.8.8.8]",
            "[::10.0.0.1]",
            "[64:ff9b::a00:1]",
            "[64:ff9b:1::a00:1]",
            "[2002:a00:1::]",
            "[2001::1]",
            "[2001:db8::1]",
            "[3fff::1]",
            "[100::1]",
            "[fe80::1]",
            "[fec0::1]",
            "[fc00::1]",
            "[fd00:ec2::254]",
            "[ff02::1]",
            "[5f00::1]",
            "metadata.google.internal",
            "metadata",
            "intranet",
            "router.lan",
            "printer.local",
            "PRINTER.LOCAL.",
            "nas.home.arpa",
            "host.docker.internal",
            "db.localdomain",
            "crm.corp",
        ] {
            assert_eq!(goes(&format!("https://{host}/hook")), [false, false], "{host}");
            assert_eq!(goes(&format!("http://{host}/hook")), [false, false], "{host}");
        }
    }

    #[test]
    fn other_urls_are_none() {
        for url in [
            "",
            "/hook",
            "crm.agency.example",
            "http://crm.agency.example/",
            "ftp://crm.agency.example/",
            "wss://crm.agency.example/",
            "file:///etc/passwd",
            "data:text/plain,a",
            "https://user@crm.agency.example/",
            "https://user:word@crm.agency.example/",
            "https://:word@crm.agency.example/",
            "https://crm.agency.example/#a",
            "https://127.0.0.1@10.0.0.1/",
            "http://8.8.8.8/",
            "https://",
        ] {
            assert_eq!(goes(url), [false, false], "{url}");
        }
        assert_eq!(goes(&format!("https://a.example/{}", "a".repeat(MAX_URL_LENGTH))), [false, false]);
    }

    proptest! {
        /// The standard library's own notions of what is not public are all among ours.
        #[test]
        fn no_private_address_is_public(v4: [u8; 4], v6: [u16; 8]) {
            let address = Ipv4Addr::from(v4);
            let is_inside = address.is_private() || address.is_loopback() || address.is_link_local()
                || address.is_unspecified() || address.is_broadcast() || address.is_multicast() || address.is_documentation();
            prop_assert!(!(is_inside && is_public(address.into())), "{address}");
            let address = Ipv6Addr::from(v6);
            let is_inside = address.is_loopback() || address.is_unspecified() || address.is_multicast()
                || address.is_unique_local() || address.is_unicast_link_local() || address.to_ipv4().is_some();
            prop_assert!(!(is_inside && is_public(address.into())), "{address}");
        }

        #[test]
        fn whatever_is_taken_is_taken_again_as_it_is_kept(text: String, is_local: bool) {
            if let Some(taken) = Destination::read(&text, is_local) {
                prop_assert_eq!(Destination::read(taken.as_str(), is_local), Some(taken));
            }
        }
    }
}
