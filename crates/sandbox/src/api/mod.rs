//! Canopy's API: one function an operation, everything common to all of them here.

mod consent;
mod documents;
mod enrich;
mod flow;
mod monitorings;
mod multipart;
mod public;
mod pulls;
mod servicings;
mod teams;
mod webhooks;
mod widgets;

pub use documents::SIGNED;

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use serde_json::{Value, json};

use crate::{
    contract::{self, Access, Operation, Parameters},
    faults::FaultStep,
    http::{Answer, Call, Reply},
    ids,
    pull::Pull,
    world::{Config, Recorded, World},
};

/// A refused call: one of the contract's error codes. The status is the one the operation gives it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refusal(pub &'static str);

pub(crate) type Outcome = Result<Answer, Refusal>;

/// A call that found its operation and may make it.
pub(crate) struct Request<'a> {
    pub call: &'a Call,
    pub parameters: &'a Parameters,
    /// The pull whose `pull-jwt` came with the call.
    pub pull_id: String,
}

impl Request<'_> {
    /// A path parameter; empty when the path has none of this name.
    pub fn parameter(&self, name: &str) -> &str {
        self.parameters.get(name).map_or("", String::as_str)
    }

    /// A path parameter that must be a UUID.
    pub fn id(&self, name: &str, otherwise: Refusal) -> Result<&str, Refusal> {
        let text = self.parameter(name);
        if ids::is_uuid(text) { Ok(text) } else { Err(otherwise) }
    }

    /// The JSON body; an empty object when there is none.
    pub fn body(&self) -> Value {
        self.call.json().filter(Value::is_object).unwrap_or_else(|| json!({}))
    }

    /// A query parameter as a number within bounds.
    pub fn number(
        &self,
        name: &str,
        default: usize,
        most: usize,
        otherwise: Refusal,
    ) -> Result<usize, Refusal> {
        match self.call.parameter(name) {
            None => Ok(default),
            Some(text) => text.parse().ok().filter(|number| *number <= most).ok_or(otherwise),
        }
    }
}

pub(crate) fn ok(body: &Value) -> Outcome {
    Ok(Answer::json(200, body))
}

/// A `pull-jwt`: a real JWT, for the eyes of those who debug; the sandbox compares it as a whole.
#[must_use]
pub fn pull_jwt(config: &Config, pull_id: &str, now_ms: u64) -> String {
    let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!(
        "{}.{}",
        part(json!({"alg": "HS256", "typ": "JWT"})),
        part(json!({"pull_id": pull_id, "iat": now_ms / 1000}))
    );
    let mac = hex::decode(ids::keyed_digest(&config.client_secret, &[signed.as_bytes()]))
        .expect("a digest is hexadecimal");
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(mac))
}

impl World {
    /// Serves one call below [`contract::BASE`].
    pub fn serve_api(&mut self, call: &Call) -> Reply {
        let path = call.path.strip_prefix(contract::BASE).unwrap_or(&call.path);
        let found = contract::operation(&call.method, path);
        let fault =
            found.as_ref().map_or_else(FaultStep::default, |(operation, _)| self.take_fault(&operation.id));
        let recorded = Recorded {
            operation: found.as_ref().map(|(operation, _)| operation.id.clone()),
            fault: fault.name(),
            ..Recorded::of(call, self.now)
        };
        let number = self.record(recorded);
        let answer = match &found {
            None => Some(Answer::error(404, "NOT_FOUND")),
            Some((operation, parameters)) => {
                fault.lets_work().then(|| self.work(call, operation, parameters))
            }
        };
        let reply = fault.apply(answer);
        let status = match &reply {
            Reply::Whole { answer, .. } | Reply::Cut { answer, .. } => Some(answer.status),
            Reply::Never { .. } => None,
        };
        if let Some(recorded) = self.requests.get_mut(&number) {
            recorded.status = status;
        }
        reply
    }

    /// Does the work of a call that comes from inside: not recorded, no faults.
    pub(crate) fn work_of(&mut self, call: &Call) -> Answer {
        let path = call.path.strip_prefix(contract::BASE).unwrap_or(&call.path);
        match contract::operation(&call.method, path) {
            Some((operation, parameters)) => self.work(call, operation, &parameters),
            None => Answer::error(404, "NOT_FOUND"),
        }
    }

    fn work(&mut self, call: &Call, operation: &Operation, parameters: &Parameters) -> Answer {
        let outcome = self.admit(call, operation, parameters).and_then(|pull_id| {
            let request = Request { call, parameters, pull_id };
            let named =
                [request.pull_id.as_str(), request.parameter("pullId")].into_iter().find(|id| !id.is_empty());
            if let Some(pull) = named.and_then(|id| self.pulls.get_mut(id)) {
                *pull.calls.entry(operation.id.clone()).or_default() += 1;
            }
            self.dispatch(&operation.id, &request)
        });
        outcome.unwrap_or_else(|Refusal(code)| {
            let usual = match code {
                "UNAUTHORIZED" => 401,
                "NOT_FOUND" => 404,
                _ => 400,
            };
            Answer::error(operation.status_of(code).unwrap_or(usual), code)
        })
    }

    /// Lets the call in, or not. The pull the consumer's token stands for, if it came with one.
    fn admit(&self, call: &Call, operation: &Operation, parameters: &Parameters) -> Result<String, Refusal> {
        match operation.access {
            Access::Open => Ok(String::new()),
            Access::Team => {
                let (id, secret) = credentials(call).ok_or(Refusal("UNAUTHORIZED"))?;
                if id == "production-client" {
                    return Err(Refusal(if operation.status_of("INCORRECT_API_KEY_TYPE").is_some() {
                        "INCORRECT_API_KEY_TYPE"
                    } else {
                        "UNAUTHORIZED"
                    }));
                }
                let team = parameters.get("teamId").map(String::as_str);
                if self.may_call(&id, &secret, team) {
                    Ok(String::new())
                } else {
                    Err(Refusal("UNAUTHORIZED"))
                }
            }
            Access::Pull => {
                let jwt =
                    call.header("pull-jwt").filter(|jwt| !jwt.is_empty()).ok_or(Refusal("UNAUTHORIZED"))?;
                let named = parameters.get("pullId");
                if let Some(named) = named.filter(|named| self.pulls.get(named).is_none()) {
                    return Err(if ids::is_uuid(named) {
                        Refusal("NOT_FOUND")
                    } else {
                        Refusal("INVALID_INPUT")
                    });
                }
                let owner =
                    self.pulls.values().find(|pull| pull.jwt == jwt).ok_or(Refusal("UNAUTHORIZED"))?;
                if named.is_none_or(|named| *named == owner.pull_id) {
                    Ok(owner.pull_id.clone())
                } else {
                    Err(Refusal("UNAUTHORIZED"))
                }
            }
        }
    }

    fn dispatch(&mut self, operation: &str, request: &Request<'_>) -> Outcome {
        match operation {
            "get-health" => ok(&json!({"healthy": true})),
            "get-tos" => Self::terms(),
            "get-carriers" => self.carriers(request),
            "get-carrier" => self.carrier(request),
            "post-consent" => self.consent(request),
            "post-consent-and-connect" => self.consent_and_connect(request),
            "post-consent-and-documents" => self.consent_and_documents(request),
            "post-policy-search" => self.policy_search(request),
            "post-connect" => self.connect(request),
            "post-idvoptions" => self.choose_option(request),
            "post-idv" => self.enter_code(request),
            "post-servicing-action" => self.answer_servicing_action(request),
            "post-reconnect-token" => self.use_reconnect_token(request),
            "get-pulls" => self.list_pulls(request),
            "get-pull-by-id" => self.get_pull(request),
            "patch-pull-by-id" => self.patch_pull(request),
            "post-pull-policy-check" => self.check_pull(request),
            "get-pull-policy-check-pdf" => self.policy_check_pdf(request),
            "get-document-by-id" => self.document_bytes(request),
            "download-document-by-id" => self.document_link(request),
            "download-file-by-id" => self.file_link(request),
            "get-policy-form-by-id" => self.policy_form_bytes(request),
            "download-policy-form-by-id" => self.policy_form_link(request),
            "get-webhooks" => self.list_webhooks(),
            "post-webhooks" => self.register_webhook(request),
            "patch-webhook" => self.patch_webhook(request),
            "delete-webhook" => self.delete_webhook(request),
            "get-monitorings" => self.list_monitorings(request),
            "post-monitoring" => self.create_monitoring(request),
            "get-monitoring" => self.get_monitoring(request),
            "patch-monitoring" => self.patch_monitoring(request),
            "delete-monitoring" => self.delete_monitoring(request),
            "post-monitoring-refresh" => self.refresh_monitoring(request),
            "get-monitoring-events" => self.events_of_monitoring(request),
            "get-monitoring-reconnect-token" => self.reconnect_token(request),
            "get-servicings" => self.list_servicings(request),
            "post-servicings" => self.create_servicings(request),
            "get-servicing" => self.get_servicing(request),
            "get-property-data" => enrich::property_data(request),
            "get-enrichment-driverlicense" => enrich::driver_license(request),
            "get-enrichment-drivingrecordiq" => enrich::driving_record(request),
            "get-enrichment-household" => enrich::household(request),
            "get-policy-check-team-settings" => self.policy_check_settings(),
            "post-policy-check-team-settings" => self.set_policy_check_settings(request),
            "get-widgets" => self.list_widgets(request),
            "post-widgets" => self.create_widget(request),
            "get-widgetId" => self.get_widget(request),
            "patch-widgetId" => self.patch_widget(request),
            "delete-widgetId" => self.delete_widget(request),
            "put-widgetId-logo" => self.put_widget_image(request, "logo"),
            "put-widgetId-icon" => self.put_widget_image(request, "icon"),
            "get-team" => self.get_team(request),
            "create-team" => self.create_team(request),
            "delete-team" => self.delete_team(request),
            _ => Err(Refusal("NOT_FOUND")),
        }
    }

    /// The pull named in the path.
    fn named_pull(&self, request: &Request<'_>, malformed: &'static str) -> Result<&Pull, Refusal> {
        let id = request.id("pullId", Refusal(malformed))?;
        self.pulls.get(id).ok_or(Refusal("NOT_FOUND"))
    }
}

/// Client id and secret, from either of the two forms.
fn credentials(call: &Call) -> Option<(String, String)> {
    if let (Some(id), Some(secret)) =
        (call.header("x-canopy-client-id"), call.header("x-canopy-client-secret"))
    {
        return Some((id.to_owned(), secret.to_owned()));
    }
    let basic = call.header("authorization")?.strip_prefix("Basic ")?;
    let decoded = String::from_utf8(STANDARD.decode(basic.trim()).ok()?).ok()?;
    let (id, secret) = decoded.split_once(':')?;
    Some((id.to_owned(), secret.to_owned()))
}
