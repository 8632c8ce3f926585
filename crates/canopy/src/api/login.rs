//! What a consumer agrees to and signs in with, as the page sends it and as Canopy takes it.

use serde::Serialize;
use serde_json::value::RawValue;

use super::ServicingActions;
use crate::{
    id::Id,
    json,
    metadata::Metadata,
    problem::{Code, Problem},
    secret::Secret,
};

/// Longest text of consent. Source: `consentAndConnect`, `consent_language`, `maxLength`.
pub const MAX_CONSENT_LANGUAGE: usize = 1024;

/// Lengths of a credential token, in characters. Source: `consentAndConnect`, `insurerUsername`.
const TOKEN_LENGTH: std::ops::RangeInclusive<usize> = 5..=200;

/// The consent to the terms, as the page sends it: `{terms_version, consent_language}`.
#[derive(Debug, Clone)]
pub struct Consent {
    terms_version: u32,
    consent_language: String,
}

impl Consent {
    /// Reads and checks what the page sent.
    ///
    /// # Errors
    /// [`Code::BodyMalformed`] or [`Code::InputInvalid`], naming the member.
    pub fn read(body: &[u8]) -> Result<Self, Problem> {
        let malformed = || Problem::new(Code::BodyMalformed, "expected {terms_version, consent_language}");
        let body = json::body(body);
        let [version, language] =
            json::members(&body, ["terms_version", "consent_language"]).ok_or_else(malformed)?;
        Self::of(version, language, malformed)
    }

    /// Reads and checks the fields of a form.
    ///
    /// # Errors
    /// [`Code::BodyMalformed`] or [`Code::InputInvalid`], naming the field.
    pub fn of_form(version: Option<&str>, language: Option<&str>) -> Result<Self, Problem> {
        let malformed =
            || Problem::new(Code::BodyMalformed, "expected the fields terms_version and consent_language");
        let terms_version = version.and_then(|version| version.parse().ok()).ok_or_else(malformed)?;
        Self::checked(terms_version, language.ok_or_else(malformed)?.to_owned())
    }

    /// The terms consented to.
    #[must_use]
    pub fn terms_version(&self) -> u32 {
        self.terms_version
    }

    /// The text shown.
    #[must_use]
    pub fn language(&self) -> &str {
        &self.consent_language
    }

    fn of(
        version: Option<&RawValue>,
        language: Option<&RawValue>,
        malformed: impl Fn() -> Problem,
    ) -> Result<Self, Problem> {
        let version = json::integer(version).and_then(|version| version.try_into().ok());
        let consent_language = json::text(language).ok_or_else(&malformed)?;
        Self::checked(version.ok_or_else(&malformed)?, consent_language)
    }

    fn checked(terms_version: u32, consent_language: String) -> Result<Self, Problem> {
        if !(1..=MAX_CONSENT_LANGUAGE).contains(&consent_language.chars().count()) {
            return Err(invalid("consent_language", "expected the text shown, of 1 to 1024 characters"));
        }
        Ok(Self { terms_version, consent_language })
    }
}

/// Credentials as tokens, with the consent they were given under: what the page sends to `connect`.
#[derive(Debug, Clone)]
pub struct Login {
    carrier_id: Id,
    username: Secret,
    password: Option<Secret>,
    third_field: Option<Secret>,
    consent: Consent,
}

/// The members of [`Login`], and one that no page may send.
const LOGIN: [&str; 7] = [
    "carrier_id",
    "username",
    "password",
    "third_field",
    "terms_version",
    "consent_language",
    "servicing_actions",
];

impl Login {
    /// Reads and checks what the page sent.
    ///
    /// # Errors
    /// [`Code::BodyMalformed`] or [`Code::InputInvalid`], naming the member.
    pub fn read(body: &[u8]) -> Result<Self, Problem> {
        let malformed = || {
            Problem::new(
                Code::BodyMalformed,
                "expected {carrier_id, username, password?, third_field?, terms_version, consent_language}",
            )
        };
        let body = json::body(body);
        let [carrier_id, username, password, third_field, version, language, actions] =
            json::members(&body, LOGIN).ok_or_else(malformed)?;
        if present(actions).is_some() {
            let expected = "expected none of a page: a session that the back office opens has them";
            return Err(invalid("servicing_actions", expected));
        }
        let carrier_id = Id::parse(&json::text(carrier_id).ok_or_else(malformed)?);
        let carrier_id = carrier_id.map_err(|error| invalid("carrier_id", &error.to_string()))?;
        let username = token("username", username, TOKEN_LENGTH)?
            .ok_or_else(|| invalid("username", "expected the token that Components gave"))?;
        Ok(Self {
            carrier_id,
            username,
            password: token("password", password, TOKEN_LENGTH)?,
            third_field: token("third_field", third_field, 1..=200)?,
            consent: Consent::of(version, language, malformed)?,
        })
    }

    /// The carrier.
    #[must_use]
    pub fn carrier_id(&self) -> &Id {
        &self.carrier_id
    }

    /// What the consumer agreed to.
    #[must_use]
    pub fn consent(&self) -> &Consent {
        &self.consent
    }

    /// The body of `post-connect`.
    pub(super) fn insurer(&self) -> Insurer<'_> {
        Insurer {
            name: &self.carrier_id,
            username: self.username.expose(),
            password: self.password.as_ref().map(Secret::expose),
            third_field: self.third_field.as_ref().map(Secret::expose),
        }
    }

    /// The body of `post-consent-and-connect`.
    pub(super) fn consent_and_connect<'a>(
        &'a self,
        device_identifier: &'a str,
        public_alias: &'a str,
        meta_data: &'a Metadata,
        servicing_actions: Option<&'a ServicingActions>,
    ) -> ConsentAndConnect<'a> {
        ConsentAndConnect {
            insurer: self.insurer(),
            device_identifier,
            terms_version: self.consent.terms_version,
            consent_language: &self.consent.consent_language,
            public_alias,
            meta_data,
            servicing_actions,
        }
    }
}

/// A member that may be left out or `null`.
fn present(raw: Option<&RawValue>) -> Option<&RawValue> {
    raw.filter(|raw| raw.get() != "null")
}

fn token(
    member: &str,
    raw: Option<&RawValue>,
    length: std::ops::RangeInclusive<usize>,
) -> Result<Option<Secret>, Problem> {
    let Some(raw) = present(raw) else { return Ok(None) };
    let token = json::text(Some(raw)).filter(|token| length.contains(&token.chars().count()));
    let token = token.ok_or_else(|| invalid(member, "expected the token that Components gave"))?;
    Ok(Some(Secret::new(token)))
}

/// A login as Canopy's API takes it.
#[derive(Serialize)]
pub(super) struct Insurer<'a> {
    #[serde(rename = "insurerName")]
    name: &'a Id,
    #[serde(rename = "insurerUsername")]
    username: &'a str,
    #[serde(rename = "insurerPassword", skip_serializing_if = "Option::is_none")]
    password: Option<&'a str>,
    #[serde(rename = "insurerThirdField", skip_serializing_if = "Option::is_none")]
    third_field: Option<&'a str>,
}

/// The body of `post-consent-and-connect`.
#[derive(Serialize)]
pub(super) struct ConsentAndConnect<'a> {
    #[serde(flatten)]
    insurer: Insurer<'a>,
    device_identifier: &'a str,
    terms_version: u32,
    consent_language: &'a str,
    public_alias: &'a str,
    meta_data: &'a Metadata,
    #[serde(skip_serializing_if = "Option::is_none")]
    servicing_actions: Option<&'a ServicingActions>,
}

fn invalid(member: &str, expected: &str) -> Problem {
    Problem::new(Code::InputInvalid, format!("{member}: {expected}"))
}

#[cfg(test)]
pub(super) mod tests {
    use serde_json::{Value, json};

    use super::*;

    pub fn login(change: &Value) -> Result<Login, Problem> {
        let mut body = json!({"carrier_id": "statefarm", "username": "token-u", "password": "token-p",
            "terms_version": 1, "consent_language": "By clicking…"});
        for (name, value) in change.as_object().unwrap() {
            body[name] = value.clone();
        }
        Login::read(body.to_string().as_bytes())
    }

    #[test]
    fn a_login_prints_no_credentials() {
        let printed = format!("{:?}", login(&json!({"third_field": "token-3"})).unwrap());
        assert!(!printed.contains("token"), "{printed}");
    }

    #[test]
    fn what_a_page_may_not_send_is_named() {
        for (change, member) in [
            (json!({"carrier_id": "a/b"}), "carrier_id"),
            (json!({"servicing_actions": []}), "servicing_actions"),
            (json!({"servicing_actions": [{"type": "T", "payload": {}}]}), "servicing_actions"),
            (json!({"username": "me"}), "username"),
            (json!({"username": "éééé"}), "username"),
            (json!({"password": "x".repeat(201)}), "password"),
            (json!({"third_field": ""}), "third_field"),
            (json!({"consent_language": ""}), "consent_language"),
            (json!({"consent_language": "x".repeat(1025)}), "consent_language"),
            (json!({"terms_version": "1"}), "terms_version"),
        ] {
            assert!(login(&change).unwrap_err().detail.contains(member), "{change}");
        }
    }

    #[test]
    fn a_token_is_measured_in_characters() {
        assert!(login(&json!({"username": "é".repeat(200), "password": "ééééé"})).is_ok());
    }
}
