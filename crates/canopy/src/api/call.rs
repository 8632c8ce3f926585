//! One call of Canopy's API, ready to be carried.

use serde::{Deserialize, Serialize};
use serde_json::{json, value::RawValue};

use super::login_view::LoginView;
use crate::{
    id::{DocumentId, Id, PullId},
    json,
    metadata::Metadata,
    problem::{Code, Problem},
    pull::DocumentForm,
    secret::Secret,
};

/// Longest text of consent. Source: `consentAndConnect`, `consent_language`, `maxLength`.
pub const MAX_CONSENT_LANGUAGE: usize = 1024;

/// Most servicing actions of one login.
const MAX_SERVICING_ACTIONS: usize = 10;

/// Lengths of a credential token, in characters. Source: `consentAndConnect`, `insurerUsername`.
const TOKEN_LENGTH: std::ops::RangeInclusive<usize> = 5..=200;

/// HTTP method of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "they say themselves")]
pub enum Method {
    Get,
    Post,
    Patch,
    Put,
    Delete,
}

impl Method {
    /// As HTTP writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Patch => "PATCH",
            Self::Put => "PUT",
            Self::Delete => "DELETE",
        }
    }
}

/// Authenticates the consumer's calls on one pull. It never leaves the session's object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PullJwt(pub Secret);

impl Serialize for PullJwt {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.expose())
    }
}

impl<'de> Deserialize<'de> for PullJwt {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self(Secret::new(text)))
    }
}

/// What a call authenticates with. Source: contract, "Authentication".
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Credentials {
    /// `carriers`, `tos`.
    None,
    /// The team's client id and secret.
    Client,
    /// Header `pull-jwt`.
    Pull(PullJwt),
}

/// A call as data: the edge adds the base URL and turns the credentials into headers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// HTTP method.
    pub method: Method,
    /// Path and query below the base URL.
    pub path: String,
    /// What it authenticates with.
    pub credentials: Credentials,
    /// JSON body.
    pub body: Option<String>,
}

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

    fn of(
        version: Option<&RawValue>,
        language: Option<&RawValue>,
        malformed: impl Fn() -> Problem,
    ) -> Result<Self, Problem> {
        let version = json::integer(version).and_then(|version| version.try_into().ok());
        let consent_language = json::text(language).ok_or_else(&malformed)?;
        let consent = Self { terms_version: version.ok_or_else(&malformed)?, consent_language };
        let length = consent.consent_language.chars().count();
        if length == 0 || length > MAX_CONSENT_LANGUAGE {
            return Err(invalid("consent_language", "expected the text shown, of 1 to 1024 characters"));
        }
        Ok(consent)
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
    /// What the insurance company is to change, as Canopy's API takes it: `[{type, payload}]`.
    servicing_actions: Option<Vec<Box<RawValue>>>,
}

/// The members of [`Login`].
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
                "expected {carrier_id, username, password?, third_field?, terms_version, consent_language, servicing_actions?}",
            )
        };
        let body = json::body(body);
        let [carrier_id, username, password, third_field, version, language, actions] =
            json::members(&body, LOGIN).ok_or_else(malformed)?;
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
            servicing_actions: servicing_actions(actions, malformed)?,
        })
    }

    /// What a page may be told of it again: neither credentials nor what is to be changed.
    #[must_use]
    pub fn view(&self) -> LoginView {
        LoginView {
            carrier_id: self.carrier_id.clone(),
            terms_version: self.consent.terms_version,
            consent_language: self.consent.consent_language.clone(),
        }
    }

    fn insurer(&self) -> Insurer<'_> {
        Insurer {
            name: &self.carrier_id,
            username: self.username.expose(),
            password: self.password.as_ref().map(Secret::expose),
            third_field: self.third_field.as_ref().map(Secret::expose),
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

fn servicing_actions(
    raw: Option<&RawValue>,
    malformed: impl Fn() -> Problem,
) -> Result<Option<Vec<Box<RawValue>>>, Problem> {
    let Some(raw) = present(raw) else { return Ok(None) };
    let actions = json::items(raw.get(), MAX_SERVICING_ACTIONS + 1);
    let are_objects = |actions: &Vec<&RawValue>| actions.iter().all(|action| action.get().starts_with('{'));
    let actions = actions.filter(are_objects).ok_or_else(malformed)?;
    if !(1..=MAX_SERVICING_ACTIONS).contains(&actions.len()) {
        return Err(invalid("servicing_actions", "expected 1 to 10 of {type, payload}, or nothing"));
    }
    let mended = |action: &RawValue| {
        RawValue::from_string(json::mended(action.get()).into_owned()).expect("a whole value stays whole")
    };
    Ok(Some(actions.into_iter().map(mended).collect()))
}

/// A login as Canopy's API takes it.
#[derive(Serialize)]
struct Insurer<'a> {
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
struct ConsentAndConnect<'a> {
    #[serde(flatten)]
    insurer: Insurer<'a>,
    device_identifier: &'a str,
    terms_version: u32,
    consent_language: &'a str,
    public_alias: &'a str,
    meta_data: &'a Metadata,
    #[serde(skip_serializing_if = "Option::is_none")]
    servicing_actions: Option<&'a [Box<RawValue>]>,
}

fn invalid(member: &str, expected: &str) -> Problem {
    Problem::new(Code::InputInvalid, format!("{member}: {expected}"))
}

impl Call {
    fn get(path: String) -> Self {
        Self { method: Method::Get, path, credentials: Credentials::Client, body: None }
    }

    fn post(path: String, credentials: Credentials, body: &impl Serialize) -> Self {
        let body = serde_json::to_string(body).expect("a body is plain data");
        Self { method: Method::Post, path, credentials, body: Some(body) }
    }

    /// `get-pull-by-id`
    #[must_use]
    pub fn pull(team: &Id, pull: &PullId) -> Self {
        Self::get(format!("/teams/{team}/pulls/{pull}"))
    }

    /// `download-document-by-id` or `get-document-by-id`
    #[must_use]
    pub fn document(team: &Id, pull: &PullId, document: &DocumentId, form: DocumentForm) -> Self {
        let suffix = match form {
            DocumentForm::SignedUrl => "",
            DocumentForm::Pdf => "/pdf",
        };
        Self::get(format!("/teams/{team}/pulls/{pull}/documents/{document}{suffix}"))
    }

    /// `get-servicing`
    #[must_use]
    pub fn servicing(team: &Id, action: &Id) -> Self {
        Self::get(format!("/teams/{team}/servicings/{action}"))
    }

    /// `get-carriers`, those of the link `public_alias`.
    #[must_use]
    pub fn carriers(public_alias: &str) -> Self {
        let alias = percent_encoding::utf8_percent_encode(public_alias, percent_encoding::NON_ALPHANUMERIC);
        let path = if public_alias.is_empty() {
            "/carriers".to_owned()
        } else {
            format!("/carriers?public_alias={alias}")
        };
        Self { credentials: Credentials::None, ..Self::get(path) }
    }

    /// `get-tos`
    #[must_use]
    pub fn terms() -> Self {
        Self { credentials: Credentials::None, ..Self::get("/tos".to_owned()) }
    }

    /// `post-consent`
    #[must_use]
    pub fn consent(consent: &Consent, device: &str) -> Self {
        let body = json!({
            "device_identifier": device,
            "terms_version": consent.terms_version,
            "consent_language": consent.consent_language,
        });
        Self::post("/consent".to_owned(), Credentials::Client, &body)
    }

    /// `post-consent-and-connect`: makes a pull. Never to be repeated blindly.
    #[must_use]
    pub fn consent_and_connect(login: &Login, device: &str, public_alias: &str, metadata: &Metadata) -> Self {
        let body = ConsentAndConnect {
            insurer: login.insurer(),
            device_identifier: device,
            terms_version: login.consent.terms_version,
            consent_language: &login.consent.consent_language,
            public_alias,
            meta_data: metadata,
            servicing_actions: login.servicing_actions.as_deref(),
        };
        Self::post("/widget/pull/consentAndConnect".to_owned(), Credentials::Client, &body)
    }

    /// `post-connect`: another login for the same pull.
    #[must_use]
    pub fn connect(pull: &PullId, jwt: &PullJwt, login: &Login) -> Self {
        Self::of_consumer(pull, jwt, "connect", &login.insurer())
    }

    /// `post-idvoptions`
    #[must_use]
    pub fn identity_option(pull: &PullId, jwt: &PullJwt, option_key: &str) -> Self {
        Self::of_consumer(pull, jwt, "idvoptions", &json!({ "optionKey": option_key }))
    }

    /// `post-idv`
    #[must_use]
    pub fn identity_code(pull: &PullId, jwt: &PullJwt, code: &str) -> Self {
        Self::of_consumer(pull, jwt, "idv", &json!({ "mfaValue": code }))
    }

    /// `post-servicing-action`: not reversible.
    #[must_use]
    pub fn servicing_confirmation(pull: &PullId, jwt: &PullJwt, action: &Id, is_confirmed: bool) -> Self {
        let body = json!({ "servicing_action_id": action, "is_confirmed": is_confirmed });
        Self::of_consumer(pull, jwt, "servicingAction", &body)
    }

    /// `post-reconnect-token`
    #[must_use]
    pub fn reconnect(reconnect_token: &Secret) -> Self {
        let body = json!({ "reconnect_token": reconnect_token.expose() });
        Self::post("/widget/pull/reconnectToken".to_owned(), Credentials::Client, &body)
    }

    fn of_consumer(pull: &PullId, jwt: &PullJwt, call: &str, body: &impl Serialize) -> Self {
        Self::post(format!("/widget/pull/{pull}/{call}"), Credentials::Pull(jwt.clone()), body)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::id::SessionId;

    fn login(change: &Value) -> Result<Login, Problem> {
        let mut body = json!({"carrier_id": "statefarm", "username": "token-u", "password": "token-p",
            "terms_version": 1, "consent_language": "By clicking…"});
        for (name, value) in change.as_object().unwrap() {
            body[name] = value.clone();
        }
        Login::read(body.to_string().as_bytes())
    }

    #[test]
    fn a_first_login_carries_consent_device_alias_and_session() {
        let metadata = Metadata::default().for_pull(&SessionId::parse("s").unwrap());
        let call = Call::consent_and_connect(&login(&json!({})).unwrap(), "192.0.2.1", "demo", &metadata);
        assert_eq!((call.method, call.path.as_str()), (Method::Post, "/widget/pull/consentAndConnect"));
        assert_eq!(call.credentials, Credentials::Client);
        let body: Value = serde_json::from_str(&call.body.unwrap()).unwrap();
        let expected = json!({"insurerName": "statefarm", "insurerUsername": "token-u", "insurerPassword": "token-p",
            "device_identifier": "192.0.2.1", "terms_version": 1, "consent_language": "By clicking…",
            "public_alias": "demo", "meta_data": {"edge_session": "s"}});
        assert_eq!(body, expected);
    }

    #[test]
    fn what_is_to_be_changed_goes_with_the_first_login_only() {
        let actions = json!([{"type": "REMOVE_MORTGAGEE", "payload": {"carrier_policy_number": "HO1"}}]);
        let login = login(&json!({"servicing_actions": actions})).unwrap();
        let first =
            Call::consent_and_connect(&login, "192.0.2.1", "demo", &Metadata::default()).body.unwrap();
        assert_eq!(serde_json::from_str::<Value>(&first).unwrap()["servicing_actions"], actions);
        let again =
            Call::connect(&PullId::parse("p").unwrap(), &PullJwt(Secret::new("j")), &login).body.unwrap();
        assert!(!again.contains("servicing_actions"));
    }

    #[test]
    fn what_is_passed_on_keeps_its_digits() {
        let body = br#"{"carrier_id":"c","username":"token","terms_version":1.0,"consent_language":"x","carrier_id":"d",
            "servicing_actions":[{"type":"T","payload":{"n":123456789012345678901234567890,"p":1.10,"e":"\ud83d"}}]}"#;
        let call = Call::consent_and_connect(&Login::read(body).unwrap(), "a", "demo", &Metadata::default());
        let sent = call.body.unwrap();
        for part in [
            r#""n":123456789012345678901234567890,"p":1.10,"e":"\ufffd""#,
            r#""terms_version":1,"#,
            r#""insurerName":"d""#,
        ] {
            assert!(sent.contains(part), "{part} in {sent}");
        }
    }

    #[test]
    fn a_login_prints_no_credentials() {
        let printed = format!("{:?}", login(&json!({"third_field": "token-3"})).unwrap());
        assert!(!printed.contains("token"), "{printed}");
    }

    #[test]
    fn calls_of_the_consumer_carry_the_pull_jwt_and_no_client_credentials() {
        let (pull, jwt) = (PullId::parse("p").unwrap(), PullJwt(Secret::new("jwt")));
        let login = login(&json!({"third_field": "token-3", "password": null})).unwrap();
        let calls = [
            (
                Call::connect(&pull, &jwt, &login),
                "connect",
                json!({"insurerName": "statefarm", "insurerUsername": "token-u", "insurerThirdField": "token-3"}),
            ),
            (Call::identity_option(&pull, &jwt, "sms"), "idvoptions", json!({"optionKey": "sms"})),
            (Call::identity_code(&pull, &jwt, "123456"), "idv", json!({"mfaValue": "123456"})),
            (
                Call::servicing_confirmation(&pull, &jwt, &Id::parse("a").unwrap(), false),
                "servicingAction",
                json!({"servicing_action_id": "a", "is_confirmed": false}),
            ),
        ];
        for (call, path, body) in calls {
            assert_eq!(call.path, format!("/widget/pull/p/{path}"));
            assert_eq!(call.credentials, Credentials::Pull(jwt.clone()));
            assert_eq!(serde_json::from_str::<Value>(&call.body.unwrap()).unwrap(), body);
        }
    }

    #[test]
    fn what_a_page_may_not_send_is_named() {
        for (change, member) in [
            (json!({"carrier_id": "a/b"}), "carrier_id"),
            (json!({"servicing_actions": []}), "servicing_actions"),
            (json!({"servicing_actions": ["x"]}), "servicing_actions"),
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

    #[test]
    fn an_alias_cannot_leave_its_parameter() {
        assert_eq!(Call::carriers("a&b=c").path, "/carriers?public_alias=a%26b%3Dc");
        assert_eq!(Call::carriers("").path, "/carriers");
    }
}
