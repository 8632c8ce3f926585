//! What a snapshot says of a policy's term, as far as events follow from it.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use super::Day;
use crate::{id::Id, json, text::cut};

/// Longest word kept, in bytes.
const MAX_WORD_LENGTH: usize = 64;

/// Statuses of a policy that was taken back, or only offered. Source: contract, schema `Policy`.
const VOID: [&str; 3] = ["CANCELLED", "RESCINDED", "QUOTE"];

/// Status of one that came to its end.
const EXPIRED: &str = "EXPIRED";

/// See above.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Term {
    /// Canopy's id.
    pub policy_id: Id,
    /// Tells the same policy in another pull, whose ids may be others: a digest of its number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// In capital letters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy_type: Option<String>,
    /// In capital letters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// When it ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expiry_date: Option<Day>,
    /// When the next one begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub renewal_date: Option<Day>,
}

impl Term {
    /// Reads it of a policy of Canopy's, which belongs to the account that began with the pull `root`; `None` without a usable id.
    #[must_use]
    pub fn read(policy: &RawValue, root: &str) -> Option<Self> {
        let names = [
            "policy_id",
            "carrier_policy_number",
            "carrier_name",
            "policy_type",
            "status",
            "expiry_date",
            "renewal_date",
        ];
        let [id, number, carrier, policy_type, status, expiry, renewal] = json::members(policy.get(), names)?;
        let word = |raw| {
            let text = json::text(raw)?;
            Some(cut(text.trim(), MAX_WORD_LENGTH).to_ascii_uppercase()).filter(|word| !word.is_empty())
        };
        let day = |raw| Day::parse(json::text(raw)?.trim());
        let number = json::text_or_number(number);
        let carrier = json::text(carrier).unwrap_or_default();
        Some(Self {
            policy_id: Id::parse(&json::text_or_number(id)?).ok()?,
            number: number.and_then(|number| digest(root, &carrier, &number)),
            policy_type: word(policy_type),
            status: word(status),
            expiry_date: day(expiry),
            renewal_date: day(renewal),
        })
    }

    /// The day that it is renewed on, as far as is known.
    #[must_use]
    pub fn renewal(&self) -> Option<Day> {
        self.renewal_date.or(self.expiry_date)
    }

    /// Whether it was taken back, or only offered: it does not come to its end.
    #[must_use]
    pub fn is_void(&self) -> bool {
        self.status.as_deref().is_some_and(|status| VOID.contains(&status))
    }

    /// Whether it is void, or has come to its end: it is not renewed.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.is_void() || self.status.as_deref() == Some(EXPIRED)
    }

    /// Whether it is the same policy as `other`.
    #[must_use]
    pub fn is_of_the_policy_of(&self, other: &Self) -> bool {
        self.policy_id == other.policy_id || (self.number.is_some() && self.number == other.number)
    }

    /// Whether it ends and is renewed when `other` does.
    #[must_use]
    pub fn has_the_days_of(&self, other: &Self) -> bool {
        (self.expiry_date, self.renewal_date) == (other.expiry_date, other.renewal_date)
    }
}

/// A number as it is compared, within one account alone; `None` for what names no policy.
fn digest(root: &str, carrier: &str, number: &str) -> Option<String> {
    let number: String = number.chars().filter(char::is_ascii_alphanumeric).collect();
    if number.is_empty() {
        return None;
    }
    let text = format!("{root}/{}/{}", carrier.to_ascii_lowercase(), number.to_ascii_uppercase());
    Some(hex::encode(&Sha256::digest(text)[..12]))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn term(policy: Value) -> Option<Term> {
        Term::read(&serde_json::value::to_raw_value(&policy).unwrap(), "p-1")
    }

    #[test]
    fn a_policy_is_read_as_canopy_gives_it() {
        let policy = json!({"policy_id": "a", "carrier_policy_number": "HO-1 2", "carrier_name": "acme", "policy_type": "AUTO",
            "status": "ACTIVE", "expiry_date": "2026-03-01T00:00:00.000Z", "renewal_date": null, "name": "Clark"});
        let read = term(policy).unwrap();
        assert_eq!(read.renewal(), Day::parse("2026-03-01"));
        assert!(!read.is_over());
        let text = serde_json::to_string(&read).unwrap();
        assert!(!text.contains("HO-1") && !text.contains("Clark"), "{text}");
        assert_eq!(serde_json::from_str::<Term>(&text).unwrap(), read);
        let odd =
            term(json!({"policy_id": "a", "status": 7, "expiry_date": "soon", "renewal_date": 5})).unwrap();
        assert_eq!((odd.status.as_ref(), odd.renewal()), (None, None));
        assert_eq!(term(json!({"policy_id": "a/b"})), None);
        assert_eq!(term(json!([])), None);
    }

    #[test]
    fn a_policy_of_another_pull_is_known_by_its_number() {
        let of = |id: &str, number: &str| {
            term(json!({"policy_id": id, "carrier_policy_number": number, "carrier_name": "acme"})).unwrap()
        };
        assert!(of("a", "HO 12").is_of_the_policy_of(&of("b", "ho-12")));
        assert!(!of("a", "HO 12").is_of_the_policy_of(&of("b", "HO 13")));
        assert!(!of("a", "-").is_of_the_policy_of(&of("b", "-")));
        assert!(of("a", "HO 12").is_of_the_policy_of(&of("a", "HO 13")));
    }
}
