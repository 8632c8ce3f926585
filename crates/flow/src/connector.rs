//! Connectors: ready requests to known services, as data. Each is a file; what its request is held to stands in `documentation`.

use std::{collections::BTreeMap, sync::LazyLock};

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use url::form_urlencoded;

use crate::{
    expression::{Expression, Fault, Scope},
    field::{Field, Fields},
    request::{Auth, Placement, Request, RequestError, host_of, is_host_of},
    template::{Ordered, Template},
    text::{Escape, Text, shown},
};

/// One file each.
const FILES: &[&str] = &[
    include_str!("../connectors/azure-openai-chat.json"),
    include_str!("../connectors/google-sheets-append.json"),
    include_str!("../connectors/groq-chat.json"),
    include_str!("../connectors/highlevel-contact.json"),
    include_str!("../connectors/highlevel-note.json"),
    include_str!("../connectors/hubspot-contact.json"),
    include_str!("../connectors/hubspot-note.json"),
    include_str!("../connectors/netsuite-record.json"),
    include_str!("../connectors/openai-chat.json"),
    include_str!("../connectors/postmark.json"),
    include_str!("../connectors/resend.json"),
    include_str!("../connectors/salesforce-file.json"),
    include_str!("../connectors/salesforce-record.json"),
    include_str!("../connectors/sendgrid.json"),
    include_str!("../connectors/slack-message.json"),
    include_str!("../connectors/slack-webhook.json"),
    include_str!("../connectors/teams-webhook.json"),
    include_str!("../connectors/twilio-sms.json"),
    include_str!("../connectors/zendesk-ticket.json"),
];

/// A connector.
#[derive(Debug)]
pub struct Connector {
    /// What steps name it by.
    pub name: String,
    /// What people call it.
    pub title: String,
    /// The page of the service's documentation that the request is held to.
    pub documentation: String,
    /// Where requests go: hosts, or those below `*.`.
    pub hosts: Vec<String>,
    /// What a step gives.
    pub inputs: Fields,
    /// What a call that is made again does.
    pub keyed: Keyed,
    secret: Option<Template>,
    /// Where tokens are given, where the file says so without an input.
    token_host: Option<String>,
    request: Parts,
    error: Option<Expression>,
    fails_when: Option<Expression>,
    result: Template,
    /// As it was recorded.
    pub example: Example,
}

/// What a call that is made again does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Keyed {
    /// Nothing: the service knows its key.
    Header,
    /// The same again on the same record.
    Record,
    /// It is done twice.
    None,
}

#[derive(Debug)]
struct Parts {
    method: String,
    url: Text,
    headers: Template,
    query: Template,
    body: Option<(Form, Template)>,
}

#[derive(Debug, Clone, Copy)]
enum Form {
    Json,
    Urlencoded,
}

/// A recorded call.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Example {
    /// What the step gave.
    pub input: Json,
    /// The secret: made up.
    #[serde(default)]
    pub secret: Option<String>,
    /// What was sent.
    pub request: Json,
    /// What the service answered: status and body.
    pub answer: Json,
    /// What the step then held.
    pub result: Json,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    name: String,
    title: String,
    documentation: String,
    host: Ordered,
    #[serde(default)]
    secret: Option<Ordered>,
    inputs: BTreeMap<String, Field>,
    request: FileRequest,
    #[serde(default)]
    error: Option<String>,
    #[serde(default)]
    fails_when: Option<String>,
    result: Ordered,
    keyed: Keyed,
    example: Example,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileRequest {
    method: String,
    url: String,
    #[serde(default)]
    headers: Option<Ordered>,
    #[serde(default)]
    query: Option<Ordered>,
    #[serde(default)]
    json: Option<Ordered>,
    #[serde(default)]
    form: Option<Ordered>,
}

/// Why a connector made no request.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConnectorError {
    /// An expression gave nothing.
    #[error(transparent)]
    Fault(#[from] Fault),
    /// The request may not be made.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// Its secret has no place.
    #[error("the place of the secret cannot be read")]
    Placement,
}

/// What became of a call by what the service answered.
#[derive(Debug, Clone, PartialEq)]
pub enum Answered {
    /// What the step holds.
    Done(Json),
    /// The service's own words, where it has any.
    Failed(Option<String>),
}

/// All connectors, by name.
pub fn all() -> &'static BTreeMap<String, Connector> {
    static ALL: LazyLock<BTreeMap<String, Connector>> = LazyLock::new(|| {
        let read = FILES.iter().map(|text| Connector::read(text).expect("a test reads each file"));
        read.map(|connector| (connector.name.clone(), connector)).collect()
    });
    &ALL
}

/// Whether a secret of a host may be shown at a URL for a token: at that host, or where a connector's file itself says so.
#[must_use]
pub fn gives_tokens(host: &str, token_url: &str) -> bool {
    let mut of_host = all().values().filter(|it| it.hosts.iter().any(|pattern| is_host_of(pattern, host)));
    of_host.any(|connector| connector.gives_tokens(host, token_url))
}

impl Connector {
    /// Reads a connector's file.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(text: &str) -> Result<Self, String> {
        let file: File = serde_json::from_str(text).map_err(|error| error.to_string())?;
        let mut wrong = Vec::new();
        let mut template = |json: &Ordered, pointer: &str| {
            Template::read(json, pointer, &mut |pointer, error| wrong.push(format!("{pointer}: {error}")))
        };
        let none = Ordered::Object(Vec::new());
        let body = match (&file.request.json, &file.request.form) {
            (Some(json), None) => Some((Form::Json, template(json, "/request/json"))),
            (None, Some(form)) => Some((Form::Urlencoded, template(form, "/request/form"))),
            (None, None) => None,
            (Some(_), Some(_)) => return Err("/request: expected json or form".to_owned()),
        };
        let headers = template(file.request.headers.as_ref().unwrap_or(&none), "/request/headers");
        let query = template(file.request.query.as_ref().unwrap_or(&none), "/request/query");
        let result = template(&file.result, "/result");
        let secret = file.secret.as_ref().map(|secret| template(secret, "/secret"));
        let token_host = file.secret.clone().and_then(|secret| literal_host(&secret.into()));
        let url = Text::parse(&file.request.url).map_err(|error| format!("/request/url: {error}"))?;
        let expression = |source: Option<String>, pointer: &str| {
            let compiled = source.map(|source| Expression::compile(&source)).transpose();
            compiled.map_err(|error| format!("{pointer}: {error}"))
        };
        let error = expression(file.error, "/error")?;
        let fails_when = expression(file.fails_when, "/fails_when")?;
        let hosts = match Json::from(file.host) {
            Json::String(host) => vec![host],
            Json::Array(hosts) => hosts.iter().filter_map(Json::as_str).map(str::to_owned).collect(),
            _ => return Err("/host: expected a host, or several".to_owned()),
        };
        if let Some(first) = wrong.into_iter().next() {
            return Err(first);
        }
        Ok(Self {
            name: file.name,
            title: file.title,
            documentation: file.documentation,
            hosts,
            inputs: file.inputs,
            keyed: file.keyed,
            secret,
            token_host,
            request: Parts { method: file.request.method, url, headers, query, body },
            error,
            fails_when,
            result,
            example: file.example,
        })
    }

    /// Whether it takes a secret.
    #[must_use]
    pub fn takes_secret(&self) -> bool {
        self.secret.is_some()
    }

    /// The request for checked inputs.
    ///
    /// # Errors
    /// Where an expression gives nothing, or the request would go elsewhere.
    pub fn request(&self, input: &Json, key: &str, secret: Option<&str>) -> Result<Request, ConnectorError> {
        let key = Json::from(key);
        let scope = Scope::default().with("input", input).with("key", &key);
        let url = shown(self.request.url.render(&scope, Escape::Url)?);
        let url = with_query(url, &self.request.query.render(&scope, Escape::None)?);
        let mut headers = pairs(&self.request.headers.render(&scope, Escape::None)?);
        headers.iter_mut().for_each(|(name, _)| name.make_ascii_lowercase());
        let body = match &self.request.body {
            Some((Form::Json, template)) => {
                headers.push(("content-type".to_owned(), "application/json".to_owned()));
                let body = template.render(&scope, Escape::None)?;
                Some(serde_json::to_string(&body).expect("JSON is plain data"))
            }
            Some((Form::Urlencoded, template)) => {
                headers.push(("content-type".to_owned(), "application/x-www-form-urlencoded".to_owned()));
                Some(urlencoded(&template.render(&scope, Escape::None)?))
            }
            None => None,
        };
        let placement =
            self.secret.as_ref().map(|template| template.render(&scope, Escape::None)).transpose()?;
        let placement = placement.map(|placement| serde_json::from_value::<Placement>(placement.into()));
        let placement = placement.transpose().map_err(|_| ConnectorError::Placement)?;
        let auth =
            placement.zip(secret).map(|(placement, secret)| Auth { secret: secret.to_owned(), placement });
        let request = Request {
            method: self.request.method.clone(),
            url,
            headers: headers.into_iter().collect(),
            body,
            auth,
        };
        let host = host_of(&request.url.replace("{secret}", "secret")).unwrap_or_default();
        if !self.hosts.iter().any(|pattern| is_host_of(pattern, &host)) {
            return Err(RequestError::Host { expected: self.hosts.join(" or ") }.into());
        }
        if request.grant().is_some_and(|grant| !self.gives_tokens(&host, grant.token_url())) {
            return Err(RequestError::Host { expected: self.token_host.clone().unwrap_or(host) }.into());
        }
        Ok(request)
    }

    fn gives_tokens(&self, host: &str, token_url: &str) -> bool {
        let at = host_of(token_url);
        at.is_some() && (at.as_deref() == Some(host) || at == self.token_host)
    }

    /// What became of a call. `answer` has its `status`, its `headers` by small name, and its `body`, which is JSON where the service's is.
    ///
    /// # Errors
    /// Where what a service answers with success is not what its documentation says.
    pub fn answered(&self, answer: &Json) -> Result<Answered, Fault> {
        let scope = Scope::default().with("answer", answer);
        let is_success = answer["status"].as_u64().is_some_and(|status| (200..300).contains(&status));
        let fails = match &self.fails_when {
            Some(fails) if is_success => fails.evaluate(&scope)? == Json::Bool(true),
            _ => !is_success,
        };
        if fails {
            let words = self.error.as_ref().and_then(|error| error.evaluate(&scope).ok());
            let words = words.filter(|words| !words.is_null()).map(shown);
            return Ok(Answered::Failed(words.map(|words| words.chars().take(500).collect())));
        }
        Ok(Answered::Done(self.result.render(&scope, Escape::None)?.into()))
    }
}

/// The host of a placement's `token_url` that no expression stands in.
fn literal_host(placement: &Json) -> Option<String> {
    placement["token_url"].as_str().filter(|url| !url.contains("{{")).and_then(host_of)
}

/// The members of an object as texts.
fn pairs(object: &Ordered) -> Vec<(String, String)> {
    let Ordered::Object(members) = object else { return Vec::new() };
    members.iter().map(|(name, value)| (name.clone(), shown(value.clone().into()))).collect()
}

/// As a form is sent: of a list each of its values. Source: URL standard, "application/x-www-form-urlencoded serializing".
#[must_use]
pub fn urlencoded(object: &Ordered) -> String {
    let mut form = form_urlencoded::Serializer::new(String::new());
    if let Ordered::Object(members) = object {
        for (name, value) in members {
            match value {
                Ordered::List(items) => {
                    form.extend_pairs(items.iter().map(|item| (name, shown(item.clone().into()))))
                }
                one => form.append_pair(name, &shown(one.clone().into())),
            };
        }
    }
    form.finish()
}

/// A URL with more in its query.
#[must_use]
pub fn with_query(url: String, query: &Ordered) -> String {
    match urlencoded(query) {
        query if query.is_empty() => url,
        query => format!("{url}{}{query}", if url.contains('?') { '&' } else { '?' }),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::field;

    /// What its request is, and what is made of the answer, is what was recorded.
    #[test]
    fn each_renders_its_example() {
        for text in FILES {
            let connector = Connector::read(text).unwrap_or_else(|error| panic!("{error}: {text}"));
            let example = &connector.example;
            let input = field::check(&connector.inputs, &example.input, "").unwrap();
            let request =
                connector.request(&input, "run/step", connector.takes_secret().then_some("SECRET")).unwrap();
            assert_eq!(request.check(false), Ok(()), "{}", connector.name);
            for (member, value) in [
                ("method", json!(request.method)),
                ("url", json!(request.url)),
                ("body", json!(request.body)),
            ] {
                assert_eq!(value, example.request[member], "{} {member}", connector.name);
            }
            assert_eq!(request.auth.is_some(), connector.takes_secret(), "{}", connector.name);
            let answered = connector.answered(&example.answer).unwrap();
            assert_eq!(answered, Answered::Done(example.result.clone()), "{}", connector.name);
        }
    }

    #[test]
    fn a_request_goes_to_its_host_and_nowhere_else() {
        let connector = Connector::read(r#"{
            "name": "desk", "title": "Desk", "documentation": "https://example.com", "host": "*.desk.example", "secret": { "as": "basic", "user": "{{ input.user }}/token" },
            "inputs": { "subdomain": { "type": "text", "required": true }, "user": { "type": "email", "required": true }, "tags": { "type": "text", "list": true } },
            "request": { "method": "POST", "url": "https://{{ input.subdomain }}.desk.example/tickets", "query": { "tag": "{{ input.?tags }}" }, "json": { "z": "{{ input.user }}", "a": "{{ input.?absent }}" } },
            "error": "answer.body.?error", "fails_when": "answer.body.?ok.orValue(true) == false", "result": { "id": "{{ answer.body.id }}" }, "keyed": "none",
            "example": { "input": {}, "request": {}, "answer": {}, "result": {} } }"#).unwrap();
        let request = connector
            .request(
                &json!({ "subdomain": "acme", "user": "a@b.co", "tags": ["x y", "z"] }),
                "k",
                Some("DESK"),
            )
            .unwrap();
        assert_eq!(request.url, "https://acme.desk.example/tickets?tag=x+y&tag=z");
        assert_eq!(request.body.as_deref(), Some(r#"{"z":"a@b.co"}"#));
        assert_eq!(
            request.auth,
            Some(Auth {
                secret: "DESK".to_owned(),
                placement: Placement::Basic { user: Some("a@b.co/token".to_owned()) }
            })
        );
        for subdomain in ["evil.example/", "evil.example?x=", "a@evil.example:443/", "127.0.0.1/#", ""] {
            let made = connector.request(&json!({ "subdomain": subdomain, "user": "a@b.co" }), "k", None);
            assert!(made.is_err(), "{subdomain}: {made:?}");
        }
        let answered = |status: u16, body: Json| {
            connector.answered(&json!({ "status": status, "headers": {}, "body": body }))
        };
        assert_eq!(answered(200, json!({ "id": 7 })), Ok(Answered::Done(json!({ "id": 7 }))));
        assert_eq!(
            answered(200, json!({ "ok": false, "error": "gone" })),
            Ok(Answered::Failed(Some("gone".to_owned())))
        );
        assert_eq!(answered(500, json!("<html>")), Ok(Answered::Failed(None)));
        assert!(answered(200, json!("nonsense")).is_err());
    }

    #[test]
    fn a_secret_is_shown_for_a_token_at_its_host_or_where_the_file_says() {
        for (host, url, is_given) in [
            ("acme.my.salesforce.com", "https://acme.my.salesforce.com/services/oauth2/token", true),
            ("acme.my.salesforce.com", "https://other.my.salesforce.com/services/oauth2/token", false),
            ("acme.my.salesforce.com", "https://oauth2.googleapis.com/token", false),
            ("sheets.googleapis.com", "https://oauth2.googleapis.com/token", true),
            ("sheets.googleapis.com", "https://oauth2.googleapis.com.evil.example/token", false),
            ("sheets.googleapis.com", "https://oauth2.googleapis.com:8443/token", false),
            ("sheets.googleapis.com", "none", false),
        ] {
            assert_eq!(gives_tokens(host, url), is_given, "{host} {url}");
        }
    }

    #[test]
    fn no_input_says_where_a_token_is_asked_for() {
        let connector = Connector::read(r#"{
            "name": "desk", "title": "Desk", "documentation": "https://example.com", "host": "desk.example",
            "secret": { "as": "oauth", "grant": "client_credentials", "token_url": "https://{{ input.at }}/token" },
            "inputs": { "at": { "type": "text", "required": true } }, "request": { "method": "POST", "url": "https://desk.example/tickets" },
            "result": {}, "keyed": "none", "example": { "input": {}, "request": {}, "answer": {}, "result": {} } }"#).unwrap();
        let made = |at: &str| connector.request(&json!({ "at": at }), "k", Some("DESK"));
        assert!(made("desk.example").is_ok());
        for at in [
            "evil.example",
            "evil.example/?desk.example",
            "desk.example:8443",
            "desk.example.evil.example",
            "",
        ] {
            let refused = RequestError::Host { expected: "desk.example".to_owned() }.into();
            assert_eq!(made(at), Err(refused), "{at}");
        }
    }
}
