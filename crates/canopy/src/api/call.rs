//! One call of Canopy's API, ready to be carried.

use serde::Serialize;
use serde_json::json;

use super::{Consent, Credentials, Login, PullJwt, ServicingActions};
use crate::{
    contract::{Access, Method, Operation},
    id::{DocumentId, Id, Identifier, PullId},
    metadata::Metadata,
    pull::DocumentForm,
    secret::Secret,
};

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

impl Call {
    /// A call with the team's credentials, or with none where none are needed.
    fn of_team(operation: Operation, parameters: &[(&str, &dyn Identifier)]) -> Self {
        let row = operation.row();
        let is_open = row.access == Access::Open;
        let credentials = if is_open { Credentials::None } else { Credentials::Client };
        Self { method: row.method, path: operation.path(parameters), credentials, body: None }
    }

    /// A call of the consumer's on a pull.
    fn of_consumer(operation: Operation, pull: &PullId, jwt: &PullJwt, body: &impl Serialize) -> Self {
        let path = operation.path(&[("pullId", pull)]);
        let credentials = Credentials::Pull(jwt.clone());
        Self { method: operation.row().method, path, credentials, body: None }.with(body)
    }

    fn with(self, body: &impl Serialize) -> Self {
        Self { body: Some(serde_json::to_string(body).expect("a body is plain data")), ..self }
    }

    /// `get-pull-by-id`, with the property's own data where that is wanted.
    #[must_use]
    pub fn pull(team: &Id, pull: &PullId, property_data: bool) -> Self {
        let mut call = Self::of_team(Operation::GetPull, &[("teamId", team), ("pullId", pull)]);
        if property_data {
            call.path.push_str("?withPropertyData=true");
        }
        call
    }

    /// `get-pulls`: a page of those begun in a span of time, RFC 3339.
    #[must_use]
    pub fn pulls(team: &Id, since: Option<&str>, before: Option<&str>, limit: u32, offset: u32) -> Self {
        let (limit, offset) = (limit.to_string(), offset.to_string());
        let query =
            [("since", since), ("before", before), ("limit", Some(&limit)), ("offset", Some(&offset))];
        Self::listed(Operation::GetPulls, team, &query)
    }

    /// A list of the team's, with those parameters of its query that have a value.
    #[must_use]
    pub fn listed(operation: Operation, team: &Id, query: &[(&str, Option<&str>)]) -> Self {
        Self::of_team(operation, &[("teamId", team)]).asking(query)
    }

    /// `get-servicings`: a page of a pull's.
    #[must_use]
    pub fn servicings(team: &Id, pull: &PullId, limit: u32, offset: u32) -> Self {
        let (limit, offset) = (limit.to_string(), offset.to_string());
        let query = [("pull_id", Some(pull.as_str())), ("limit", Some(&limit)), ("offset", Some(&offset))];
        Self::listed(Operation::GetServicings, team, &query)
    }

    /// `get-monitoring`, with its newest pulls.
    #[must_use]
    pub fn monitored_pulls(team: &Id, monitoring: &Id, limit: u32) -> Self {
        let of = [("teamId", team as &dyn Identifier), ("monitoringId", monitoring)];
        let query = [("with_pulls", Some("true")), ("limit", Some(&*limit.to_string()))];
        Self::of_team(Operation::GetMonitoring, &of).asking(&query)
    }

    fn asking(mut self, query: &[(&str, Option<&str>)]) -> Self {
        let mut text = url::form_urlencoded::Serializer::new(String::new());
        text.extend_pairs(query.iter().filter_map(|(name, value)| Some((name, (*value)?))));
        let text = text.finish();
        if !text.is_empty() {
            self.path.extend(["?", &text]);
        }
        self
    }

    /// `download-document-by-id` or `get-document-by-id`
    #[must_use]
    pub fn document(team: &Id, pull: &PullId, document: &DocumentId, form: DocumentForm) -> Self {
        let operation = match form {
            DocumentForm::SignedUrl => Operation::GetDocument,
            DocumentForm::Pdf => Operation::GetDocumentPdf,
        };
        Self::of_team(operation, &[("teamId", team), ("pullId", pull), ("documentId", document)])
    }

    /// `get-servicing`
    #[must_use]
    pub fn servicing(team: &Id, action: &Id) -> Self {
        Self::of_team(Operation::GetServicing, &[("teamId", team), ("servicingActionId", action)])
    }

    /// `get-monitorings`, those of an account.
    #[must_use]
    pub fn monitorings(team: &Id, account: &str) -> Self {
        let mut call = Self::of_team(Operation::GetMonitorings, &[("teamId", team)]);
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.append_pair("account_identifier", account);
        call.path.extend(["?", &query.finish()]);
        call
    }

    /// `get-carriers`, those of the link `public_alias`.
    #[must_use]
    pub fn carriers(public_alias: &str) -> Self {
        let mut call = Self::of_team(Operation::GetCarriers, &[]);
        if !public_alias.is_empty() {
            let alias =
                percent_encoding::utf8_percent_encode(public_alias, percent_encoding::NON_ALPHANUMERIC);
            call.path.push_str(&format!("?public_alias={alias}"));
        }
        call
    }

    /// `get-tos`
    #[must_use]
    pub fn terms() -> Self {
        Self::of_team(Operation::GetTerms, &[])
    }

    /// `post-consent`
    #[must_use]
    pub fn consent(consent: &Consent, device: &str) -> Self {
        let body = json!({
            "device_identifier": device,
            "terms_version": consent.terms_version(),
            "consent_language": consent.language(),
        });
        Self::of_team(Operation::PostConsent, &[]).with(&body)
    }

    /// `post-consent-and-connect`: makes a pull. Never to be repeated blindly.
    #[must_use]
    pub fn consent_and_connect(
        login: &Login,
        device: &str,
        public_alias: &str,
        metadata: &Metadata,
        servicing_actions: Option<&ServicingActions>,
    ) -> Self {
        let body = login.consent_and_connect(device, public_alias, metadata, servicing_actions);
        Self::of_team(Operation::ConsentAndConnect, &[]).with(&body)
    }

    /// `post-consent-and-documents`: makes a pull. Never to be repeated blindly. Its form has the fields and files of an
    /// [`super::Upload`].
    #[must_use]
    pub fn consent_and_documents() -> Self {
        Self::of_team(Operation::ConsentAndDocuments, &[])
    }

    /// `post-connect`: another login for the same pull.
    #[must_use]
    pub fn connect(pull: &PullId, jwt: &PullJwt, login: &Login) -> Self {
        Self::of_consumer(Operation::Connect, pull, jwt, &login.insurer())
    }

    /// `post-idvoptions`
    #[must_use]
    pub fn identity_option(pull: &PullId, jwt: &PullJwt, option_key: &str) -> Self {
        Self::of_consumer(Operation::ChooseIdentityOption, pull, jwt, &json!({ "optionKey": option_key }))
    }

    /// `post-idv`
    #[must_use]
    pub fn identity_code(pull: &PullId, jwt: &PullJwt, code: &str) -> Self {
        Self::of_consumer(Operation::EnterIdentityCode, pull, jwt, &json!({ "mfaValue": code }))
    }

    /// `post-servicing-action`: not reversible.
    #[must_use]
    pub fn servicing_confirmation(pull: &PullId, jwt: &PullJwt, action: &Id, is_confirmed: bool) -> Self {
        let body = json!({ "servicing_action_id": action, "is_confirmed": is_confirmed });
        Self::of_consumer(Operation::ConfirmServicing, pull, jwt, &body)
    }

    /// `post-reconnect-token`
    #[must_use]
    pub fn reconnect(reconnect_token: &Secret) -> Self {
        let body = json!({ "reconnect_token": reconnect_token.expose() });
        Self::of_team(Operation::UseReconnectToken, &[]).with(&body)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::{
        super::{login::tests::login, servicing::tests::actions},
        *,
    };
    use crate::{
        contract::{Body, Found},
        id::SessionId,
    };

    #[test]
    fn each_call_is_what_its_row_says() {
        let (id, pull, jwt) =
            (Id::parse("i").unwrap(), PullId::parse("p").unwrap(), PullJwt(Secret::new("j")));
        let (login, secret) = (login(&json!({})).unwrap(), Secret::new("s"));
        let document = DocumentId::parse("d").unwrap();
        for (call, operation) in [
            (Call::pull(&id, &pull, false), Operation::GetPull),
            (Call::document(&id, &pull, &document, DocumentForm::SignedUrl), Operation::GetDocument),
            (Call::document(&id, &pull, &document, DocumentForm::Pdf), Operation::GetDocumentPdf),
            (Call::servicing(&id, &id), Operation::GetServicing),
            (Call::pulls(&id, None, None, 1, 0), Operation::GetPulls),
            (Call::servicings(&id, &pull, 1, 0), Operation::GetServicings),
            (Call::monitored_pulls(&id, &id, 1), Operation::GetMonitoring),
            (Call::listed(Operation::GetWebhooks, &id, &[]), Operation::GetWebhooks),
            (Call::carriers(""), Operation::GetCarriers),
            (Call::terms(), Operation::GetTerms),
            (Call::consent(login.consent(), "d"), Operation::PostConsent),
            (
                Call::consent_and_connect(&login, "d", "a", &Metadata::default(), None),
                Operation::ConsentAndConnect,
            ),
            (Call::consent_and_documents(), Operation::ConsentAndDocuments),
            (Call::connect(&pull, &jwt, &login), Operation::Connect),
            (Call::identity_option(&pull, &jwt, "o"), Operation::ChooseIdentityOption),
            (Call::identity_code(&pull, &jwt, "c"), Operation::EnterIdentityCode),
            (Call::servicing_confirmation(&pull, &jwt, &id, true), Operation::ConfirmServicing),
            (Call::reconnect(&secret), Operation::UseReconnectToken),
        ] {
            let row = operation.row();
            let access = match call.credentials {
                Credentials::None => Access::Open,
                Credentials::Client => Access::Client,
                Credentials::Pull(_) => Access::Pull,
            };
            assert_eq!((call.method, access), (row.method, row.access), "{}", row.id);
            assert_eq!(call.body.is_some(), row.body == Body::Json, "{}", row.id);
            let path = call.path.split('?').next().unwrap();
            assert!(Found::at(path).unwrap().operations().contains(&operation), "{}", row.id);
        }
    }

    #[test]
    fn a_first_login_carries_consent_device_alias_and_session() {
        let metadata = Metadata::default().for_pull(&SessionId::parse("s").unwrap());
        let call =
            Call::consent_and_connect(&login(&json!({})).unwrap(), "192.0.2.1", "demo", &metadata, None);
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
        let wanted = r#"[{"type":"T","payload":{"n":123456789012345678901234567890,"p":1.10,"e":"\ud83d"}}]"#;
        let actions = actions(wanted).unwrap();
        let login = login(&json!({"servicing_actions": null})).unwrap();
        let first = Call::consent_and_connect(&login, "a", "demo", &Metadata::default(), actions.as_ref())
            .body
            .unwrap();
        assert!(first.contains(r#""n":123456789012345678901234567890,"p":1.10,"e":"\ufffd""#), "{first}");
        let again =
            Call::connect(&PullId::parse("p").unwrap(), &PullJwt(Secret::new("j")), &login).body.unwrap();
        assert!(!again.contains("servicing_actions"));
    }

    #[test]
    fn what_is_passed_on_is_said_once() {
        let body =
            br#"{"carrier_id":"c","username":"token","terms_version":1.0,"consent_language":"x","carrier_id":"d"}"#;
        let login = Login::read(body).unwrap();
        let sent = Call::consent_and_connect(&login, "a", "demo", &Metadata::default(), None).body.unwrap();
        for part in [r#""terms_version":1,"#, r#""insurerName":"d""#] {
            assert!(sent.contains(part), "{part} in {sent}");
        }
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
    fn an_alias_cannot_leave_its_parameter() {
        assert_eq!(Call::carriers("a&b=c").path, "/carriers?public_alias=a%26b%3Dc");
        assert_eq!(Call::carriers("").path, "/carriers");
    }
}
