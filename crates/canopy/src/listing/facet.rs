//! What a pull is found by, and the hash under which it stands in the list.

use std::collections::BTreeSet;

use hmac::{Hmac, KeyInit, Mac};
use serde_json::value::RawValue;
use sha2::Sha256;

use crate::{
    json,
    metadata::{CALL_MEMBER, INVITATION_MEMBER, SESSION_MEMBER},
    pull::View,
    secret::Secret,
    status::PullStatus,
};

/// Most of what one pull is found by; the rest is found by other means.
pub const MAX_FACETS: usize = 64;

/// Longest value that a pull is found by, in characters.
const MAX_VALUE_LENGTH: usize = 256;

/// Bytes of a posting: enough that no two of a list are ever equal by chance.
const POSTING_BYTES: usize = 12;

/// Kinds of values. As they are asked for in a query, but for metadata, which has its member's name with it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Name {
    /// `policy_number`
    PolicyNumber,
    /// `email`
    Email,
    /// `phone`
    Phone,
    /// `account_identifier`
    Account,
    /// `metadata.<member>`
    Metadata(String),
    /// `carrier`
    Carrier,
    /// `type`
    Type,
}

impl Name {
    const PLAIN: [(&'static str, Self); 6] = [
        ("policy_number", Self::PolicyNumber),
        ("email", Self::Email),
        ("phone", Self::Phone),
        ("account_identifier", Self::Account),
        ("carrier", Self::Carrier),
        ("type", Self::Type),
    ];

    /// The kind that a parameter of a query names.
    #[must_use]
    pub fn read(parameter: &str) -> Option<Self> {
        if let Some(member) = parameter.strip_prefix("metadata.") {
            return (!member.is_empty()).then(|| Self::Metadata(member.to_owned()));
        }
        Self::PLAIN.into_iter().find_map(|(name, kind)| (name == parameter).then_some(kind))
    }

    /// What a query calls it.
    #[must_use]
    pub fn text(&self) -> String {
        let plain = Self::PLAIN.into_iter().find_map(|(name, kind)| (kind == *self).then_some(name));
        match self {
            Self::Metadata(member) => format!("metadata.{member}"),
            _ => plain.unwrap_or_default().to_owned(),
        }
    }

    /// A value as it is compared; `None` for one that nothing is found by.
    fn normalized(&self, value: &str) -> Option<String> {
        let value = value.trim();
        let digits = || value.chars().filter(char::is_ascii_digit).collect::<String>();
        let normalized = match self {
            Self::Email | Self::Carrier => value.to_lowercase(),
            Self::Type => value.to_uppercase(),
            // North American numbers with and without the country's code.
            Self::Phone => match digits() {
                digits if digits.len() == 11 => digits.strip_prefix('1').unwrap_or(&digits).to_owned(),
                digits => digits,
            },
            Self::PolicyNumber => {
                value.chars().filter(|c| c.is_alphanumeric()).collect::<String>().to_uppercase()
            }
            Self::Account | Self::Metadata(_) => value.to_owned(),
        };
        (1..=MAX_VALUE_LENGTH).contains(&normalized.chars().count()).then_some(normalized)
    }
}

impl Name {
    /// Whether so few pulls share a value that each of them can be looked at. Of the others a list in one status has a
    /// posting of its own.
    #[must_use]
    pub fn is_telling(&self) -> bool {
        match self {
            Self::PolicyNumber | Self::Email | Self::Phone | Self::Account => true,
            Self::Metadata(member) => {
                [SESSION_MEMBER, CALL_MEMBER, INVITATION_MEMBER].contains(&member.as_str())
            }
            Self::Carrier | Self::Type => false,
        }
    }
}

/// One thing that a pull is found by.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Facet {
    /// What it is.
    pub name: Name,
    value: String,
}

impl std::fmt::Debug for Facet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.name.fmt(f)
    }
}

impl Facet {
    /// A value as it is compared: an address in any case, a phone number in any writing. `None` for one that nothing is
    /// found by.
    #[must_use]
    pub fn new(name: Name, value: &str) -> Option<Self> {
        let value = name.normalized(value)?;
        Some(Self { name, value })
    }

    /// The mark of the call that began a pull. Source: [`crate::proxy::outcome`].
    #[must_use]
    pub fn of_call(mark: &str) -> Option<Self> {
        Self::new(Name::Metadata(CALL_MEMBER.to_owned()), mark)
    }
}

/// What a pull's webhooks say that it is found by.
#[must_use]
pub fn of_view(view: &View) -> Vec<Facet> {
    let account = view.account_identifier.iter().filter_map(|value| Facet::new(Name::Account, value));
    let types = view.policies.values().flatten().filter_map(|value| Facet::new(Name::Type, value));
    let members = json::entries(view.meta_data.text()).unwrap_or_default();
    let metadata = members.iter().filter_map(|(member, value)| {
        let plain = !value.get().starts_with(['{', '[', 'n']);
        let value = json::text(Some(value)).unwrap_or_else(|| value.get().to_owned());
        Facet::new(Name::Metadata(member.clone()), &value).filter(|_| plain)
    });
    let call = view.call.iter().filter_map(|mark| Facet::of_call(mark));
    let mut facets: Vec<Facet> = call.chain(account).chain(metadata).chain(types).take(MAX_FACETS).collect();
    facets.sort();
    facets.dedup();
    facets
}

/// What a pull as Canopy's API gives it is found by. What cannot be read of it is not found.
#[must_use]
pub fn of_snapshot(body: &[u8]) -> Vec<Facet> {
    let body = json::body(body);
    let Some([Some(pull)]) = json::members(&body, ["pull"]) else { return Vec::new() };
    let mut facets = Vec::new();
    let mut read = |from: &RawValue, names: &[(&str, Name)]| {
        let found = json::entries(from.get()).unwrap_or_default();
        facets.extend(found.iter().filter_map(|(member, value)| {
            let (_, name) = names.iter().find(|(known, _)| known == member)?;
            Facet::new(name.clone(), &json::text_or_number(Some(value))?)
        }));
    };
    read(pull, &OF_PULL);
    let [policies] = json::members_of(Some(pull), ["policies"]);
    let policies = policies.and_then(|policies| json::items(policies.get(), MAX_FACETS)).unwrap_or_default();
    policies.into_iter().for_each(|policy| read(policy, &OF_POLICY));
    facets.sort();
    facets.dedup();
    facets.truncate(MAX_FACETS);
    facets
}

/// Members of a pull. Source: openapi.json, `Pull`.
const OF_PULL: [(&str, Name); 9] = [
    ("account_email", Name::Email),
    ("email", Name::Email),
    ("home_phone", Name::Phone),
    ("insurance_provider_friendly_name", Name::Carrier),
    ("insurance_provider_name", Name::Carrier),
    ("mobile_phone", Name::Phone),
    ("phone", Name::Phone),
    ("type", Name::Type),
    ("work_phone", Name::Phone),
];

/// Members of a policy. Source: openapi.json, `Policy`.
const OF_POLICY: [(&str, Name); 4] = [
    ("carrier_friendly_name", Name::Carrier),
    ("carrier_name", Name::Carrier),
    ("carrier_policy_number", Name::PolicyNumber),
    ("policy_type", Name::Type),
];

/// Makes the hashes of a list. Of another key nothing is found by another list.
#[derive(Clone)]
pub struct ListKey(Hmac<Sha256>);

impl ListKey {
    /// Derives it from `EDGE_SESSION_KEY`.
    #[must_use]
    pub fn derive(session_key: &Secret) -> Self {
        let root = Hmac::<Sha256>::new_from_slice(session_key.expose().as_bytes());
        let root = root.expect("HMAC takes a key of any length").chain_update(b"canopy-edge/list/1");
        let key = Hmac::<Sha256>::new_from_slice(&root.finalize().into_bytes());
        Self(key.expect("HMAC takes a key of any length"))
    }

    /// Tells keys apart, and nothing of them.
    #[must_use]
    pub fn id(&self) -> String {
        self.hash([b"id".as_slice()]).0
    }

    /// The posting of pulls that are found by `facet`, in whatever status.
    #[must_use]
    pub fn posting(&self, facet: &Facet) -> Posting {
        self.hash([facet.name.text().as_bytes(), b"\0", facet.value.as_bytes()])
    }

    /// The postings of `facets`, sorted, each once.
    #[must_use]
    pub fn postings(&self, facets: &[Facet]) -> Postings {
        let of = |is_telling: bool| {
            let facets = facets.iter().filter(|facet| facet.name.is_telling() == is_telling);
            let postings: BTreeSet<Posting> = facets.map(|facet| self.posting(facet)).collect();
            postings.into_iter().collect()
        };
        Postings { telling: of(true), broad: of(false) }
    }

    /// The posting of those of `posting` that are in `status`; of all that are, without one.
    #[must_use]
    pub fn in_status(&self, posting: Option<&Posting>, status: &PullStatus) -> Posting {
        let posting = posting.map_or("", |posting| &posting.0);
        self.hash([b"status\0".as_slice(), posting.as_bytes(), b"\0", status.as_str().as_bytes()])
    }

    /// Where a pull stands for its status alone: in one place for all that are only passed through.
    #[must_use]
    pub fn of_status(&self, status: &PullStatus) -> Posting {
        if status.is_passing() { self.hash([b"passing".as_slice()]) } else { self.in_status(None, status) }
    }

    fn hash<'p>(&self, parts: impl IntoIterator<Item = &'p [u8]>) -> Posting {
        let mut mac = self.0.clone();
        parts.into_iter().for_each(|part| mac.update(part));
        Posting(hex::encode(&mac.finalize().into_bytes()[..POSTING_BYTES]))
    }
}

impl std::fmt::Debug for ListKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ListKey")
    }
}

/// What a pull is found by, as postings.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Postings {
    /// Of values that few pulls share, see [`Name::is_telling`].
    pub telling: Vec<Posting>,
    /// Of the others.
    pub broad: Vec<Posting>,
}

/// A place of the list where pulls stand, in hex.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Posting(pub String);

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{pull::State, signature, webhook::Event};

    fn key(text: &str) -> ListKey {
        ListKey::derive(&Secret::new(text))
    }

    fn facet(parameter: &str, value: &str) -> Option<Facet> {
        Facet::new(Name::read(parameter).unwrap(), value)
    }

    #[test]
    fn values_are_compared_as_people_write_them() {
        for (parameter, one, other) in [
            ("email", "Clark.Kent@Planet.example", " clark.kent@planet.EXAMPLE "),
            ("phone", "+1 (888) 555-0000", "8885550000"),
            ("policy_number", "HO-132 483", "ho132483"),
            ("carrier", "StateFarm", "statefarm"),
            ("type", "auto", "AUTO"),
            ("metadata.lead_id", "7", "7"),
        ] {
            assert_eq!(facet(parameter, one).unwrap(), facet(parameter, other).unwrap(), "{parameter}");
        }
        assert_ne!(facet("metadata.lead_id", "a"), facet("metadata.lead_id", "A"));
        assert_ne!(facet("metadata.lead_id", "a"), facet("metadata.lead", "a"));
        for (parameter, nothing) in [("phone", "none"), ("policy_number", "-"), ("email", " ")] {
            assert_eq!(facet(parameter, nothing), None, "{parameter}");
        }
        for unknown in ["metadata.", "metadata", "status", "name", ""] {
            assert_eq!(Name::read(unknown), None, "{unknown}");
        }
    }

    #[test]
    fn a_posting_is_a_lists_own_and_says_nothing() {
        let (one, other) = (key("one"), key("other"));
        let email = facet("email", "clark@planet.example").unwrap();
        let posting = one.posting(&email);
        assert_eq!(posting, one.posting(&email));
        assert_eq!(posting.0.len(), 2 * POSTING_BYTES);
        assert_ne!(posting, other.posting(&email));
        assert_ne!(one.id(), other.id());
        let of_status = [PullStatus::Success, PullStatus::Queued]
            .map(|status| [one.in_status(Some(&posting), &status), one.in_status(None, &status)]);
        let all = std::collections::BTreeSet::from_iter(of_status.into_iter().flatten().chain([posting]));
        assert_eq!(all.len(), 5);
    }

    #[test]
    fn a_pull_is_found_by_what_its_webhooks_say() {
        let body = json!({"pull_id": "p", "event_type": "POLICY_AVAILABLE", "account_identifier": "acc",
            "meta_data": {"lead_id": 7, "campaign": "Spring", "nested": {"a": 1}, "list": [1], "nothing": null, "edge_call": "m"},
            "data": {"policy_id": "x", "policy_type": "AUTO"}});
        let body = body.to_string();
        let mut state = State::default();
        state.apply(&Event::parse(body.as_bytes()).unwrap(), &signature::digest(body.as_bytes()));
        let expected = [
            ("account_identifier", "acc"),
            ("metadata.campaign", "Spring"),
            ("metadata.edge_call", "m"),
            ("metadata.lead_id", "7"),
            ("type", "AUTO"),
        ];
        assert_eq!(of_view(&state.view()), expected.map(|(name, value)| facet(name, value).unwrap()));
    }

    #[test]
    fn a_pull_is_found_by_what_it_holds() {
        let openapi: serde_json::Value =
            serde_json::from_str(include_str!("../../../../contract/openapi.json")).unwrap();
        let get = &openapi["paths"]["/teams/{teamId}/pulls/{pullId}"]["get"];
        let example = &get["responses"]["200"]["content"]["application/json"]["examples"]["Personal Example Response"]
            ["value"];
        let facets = of_snapshot(example.to_string().as_bytes());
        for (name, value) in [
            ("carrier", "statefarm"),
            ("email", "clark.kent@theplanet.com"),
            ("phone", "(888) 555-0000"),
            ("policy_number", "HO132483"),
            ("type", "HOMEOWNERS"),
        ] {
            assert!(facets.contains(&facet(name, value).unwrap()), "{name}");
        }
        assert_eq!(of_snapshot(b"{\"pull\":7}"), []);
        assert_eq!(of_snapshot(b"no json"), []);
    }

    #[test]
    fn every_kind_is_read_as_it_is_written() {
        for (text, name) in Name::PLAIN {
            assert_eq!((Name::read(text), name.text().as_str()), (Some(name), text));
        }
        let metadata = Name::read("metadata.a.b").unwrap();
        assert_eq!((metadata.text().as_str(), metadata), ("metadata.a.b", Name::Metadata("a.b".to_owned())));
    }
}
