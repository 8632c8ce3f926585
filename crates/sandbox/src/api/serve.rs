//! What is common to all operations: finding them, letting calls in, faults, the record of what was called.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use canopy::contract::{Access, Found, Operation};

use super::request::{Parameters, Refusal, Request};
use crate::{
    contract,
    http::{Answer, Call, Reply},
    ids,
    rows::FaultStep,
    world::{Recorded, World},
};

impl World {
    /// Serves one call below [`contract::BASE`].
    pub fn serve_api(&mut self, call: &Call) -> Reply {
        let found = routed(call);
        let id = found.as_ref().map(|(operation, _)| operation.row().id);
        let fault = id.map_or_else(FaultStep::default, |id| self.take_fault(id));
        let recorded = Recorded {
            operation: id.map(str::to_owned),
            fault: fault.name(),
            ..Recorded::of(call, self.now)
        };
        let number = self.record(recorded);
        let answer = match &found {
            None => Some(unrouted(call)),
            Some((operation, parameters)) => {
                fault.lets_work().then(|| self.work(call, *operation, parameters))
            }
        };
        let reply = fault.apply(answer);
        let status = match &reply {
            Reply::Whole { answer, .. } | Reply::Cut { answer, .. } => Some(answer.status),
            Reply::Never { .. } | Reply::AfterEdge { .. } => None,
        };
        if let Some(recorded) = self.requests.get_mut(&number) {
            recorded.status = status;
        }
        reply
    }

    /// Does the work of a call that comes from inside, as this team or as the consumer whose `pull-jwt` it has: not recorded,
    /// no faults, no parameters in its path.
    pub(crate) fn work_inside(&mut self, call: &Call, operation: Operation, team_id: String) -> Answer {
        let parameters = Parameters::new();
        let caller = match operation.row().access {
            Access::Client => Ok(Caller { team_id, ..Caller::default() }),
            _ => self.admit(call, operation, &parameters),
        };
        self.work_as(caller, call, operation, &parameters)
    }

    fn work(&mut self, call: &Call, operation: Operation, parameters: &Parameters) -> Answer {
        let caller = self.admit(call, operation, parameters);
        self.work_as(caller, call, operation, parameters)
    }

    fn work_as(
        &mut self,
        caller: Result<Caller, Refusal>,
        call: &Call,
        operation: Operation,
        parameters: &Parameters,
    ) -> Answer {
        let outcome = caller.and_then(|Caller { team_id, pull_id }| {
            let request = Request { call, parameters, team_id, pull_id };
            let named =
                [request.pull_id.as_str(), request.parameter("pullId")].into_iter().find(|id| !id.is_empty());
            if let Some(pull_id) = named.filter(|id| self.pull_of(&request.team_id, id).is_some()) {
                self.change(pull_id, |pull| {
                    *pull.calls.entry(operation.row().id.to_owned()).or_default() += 1;
                });
            }
            match contract::refusal_of(operation, call) {
                Some(code) => Err(Refusal(code)),
                None => self.dispatch(operation, &request),
            }
        });
        outcome.unwrap_or_else(|Refusal(code)| {
            let usual = match code {
                "UNAUTHORIZED" => 401,
                "NOT_FOUND" => 404,
                _ => 400,
            };
            Answer::error(contract::status_of(operation, code).unwrap_or(usual), code)
        })
    }

    /// Lets the call in, or not.
    fn admit(&self, call: &Call, operation: Operation, parameters: &Parameters) -> Result<Caller, Refusal> {
        match operation.row().access {
            Access::Open => Ok(Caller::default()),
            Access::Client => {
                let (id, secret) = credentials(call).ok_or(Refusal("UNAUTHORIZED"))?;
                if id == "production-client" {
                    return Err(Refusal(
                        if contract::status_of(operation, "INCORRECT_API_KEY_TYPE").is_some() {
                            "INCORRECT_API_KEY_TYPE"
                        } else {
                            "UNAUTHORIZED"
                        },
                    ));
                }
                let named = parameters.get("teamId").map(String::as_str);
                let team_id = self.team_of(&id, &secret, named).ok_or(Refusal("UNAUTHORIZED"))?;
                Ok(Caller { team_id, ..Caller::default() })
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
                    Ok(Caller { team_id: owner.team_id.clone(), pull_id: owner.pull_id.clone() })
                } else {
                    Err(Refusal("UNAUTHORIZED"))
                }
            }
        }
    }
}

/// Who was let in. At an open operation nobody in particular.
#[derive(Default)]
struct Caller {
    team_id: String,
    /// The pull whose `pull-jwt` came with the call.
    pull_id: String,
}

/// The operation that a call below [`contract::BASE`] is for, and its path's parameters.
fn routed(call: &Call) -> Option<(Operation, Parameters)> {
    let found = Found::at(below(call))?;
    let asked = found.operations().iter().find(|operation| operation.row().method.as_str() == call.method)?;
    let parameters = found.parameters().map(|(name, value)| (name.to_owned(), value.to_owned()));
    Some((*asked, parameters.collect()))
}

/// The answer to a call that is for no operation: its path has other methods, or is none of the document's (RFC 9110,
/// section 15.5.6).
fn unrouted(call: &Call) -> Answer {
    let Some(found) = Found::at(below(call)) else { return Answer::error(404, "NOT_FOUND") };
    let methods: Vec<&str> =
        found.operations().iter().map(|operation| operation.row().method.as_str()).collect();
    Answer::error(405, "METHOD_NOT_ALLOWED").with_header("allow", methods.join(", "))
}

fn below(call: &Call) -> &str {
    call.path.strip_prefix(contract::BASE).unwrap_or(&call.path)
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

#[cfg(test)]
mod tests {
    use super::*;

    fn routed_to(method: &str, path: &str) -> Option<(Operation, Parameters)> {
        let path = format!("{}{path}", contract::BASE);
        routed(&Call { method: method.to_owned(), path, ..Call::default() })
    }

    #[test]
    fn a_call_finds_its_operation_and_parameters() {
        let (operation, parameters) = routed_to("GET", "/teams/t/pulls/p/documents/d/pdf").unwrap();
        assert_eq!((operation, parameters["documentId"].as_str()), (Operation::GetDocumentPdf, "d"));
        for path in ["/widget/pull/idv", "/widget/pull/x/idv"] {
            assert_eq!(routed_to("POST", path).unwrap().0, Operation::EnterIdentityCode);
        }
        assert!(routed_to("DELETE", "/tos").is_none());
        assert!(routed_to("GET", "/tos/").is_none());
    }

    #[test]
    fn a_path_of_other_methods_names_them() {
        let answered = |path: &str| {
            let answer = unrouted(&Call { path: format!("{}{path}", contract::BASE), ..Call::default() });
            (answer.status, answer.headers.into_iter().find(|(name, _)| name == "allow"))
        };
        let allow = Some(("allow".to_owned(), "GET, PATCH".to_owned()));
        assert_eq!(answered("/teams/t/pulls/p"), (405, allow));
        assert_eq!(answered("/nothing"), (404, None));
    }
}
