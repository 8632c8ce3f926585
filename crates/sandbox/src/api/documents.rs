//! Documents: streamed, or behind a short-lived signed URL that needs no credentials.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::{
    multipart::UNKNOWN_TYPE,
    request::{Outcome, Refusal, Request},
};
use crate::{
    http::{Answer, Body, Call, Reply},
    ids, pdf,
    rows::{File, Pull},
    world::{Recorded, World},
};

/// Prefix of signed URLs.
pub const SIGNED: &str = "/signed/";
const SIGNED_URL_LIVES_MS: u64 = 60_000;

impl World {
    pub(super) fn document_bytes(&self, request: &Request<'_>) -> Outcome {
        let document = self.named_document(request)?;
        Ok(Answer::pdf(file_of(&document)))
    }

    pub(super) fn document_link(&mut self, request: &Request<'_>) -> Outcome {
        self.named_document(request)?;
        let path = format!("documents/{}/{}", request.parameter("pullId"), request.parameter("documentId"));
        Ok(self.signed_link(&request.call.origin, &path))
    }

    pub(super) fn file_link(&mut self, request: &Request<'_>) -> Outcome {
        let malformed = Refusal("VALIDATION_ERROR");
        let answer_id = request.id("answerId", malformed)?;
        let file_id = request.id("fileId", malformed)?;
        let pull = self.named_pull(request, "VALIDATION_ERROR")?;
        let is_there = |file: &File| file.pull_id == pull.pull_id && file.answer_id == answer_id;
        if !self.files.get(file_id).is_some_and(is_there) {
            return Err(Refusal("NOT_FOUND"));
        }
        Ok(self.signed_link(&request.call.origin, &format!("files/{file_id}")))
    }

    pub(super) fn policy_form_bytes(&self, request: &Request<'_>) -> Outcome {
        let form = self.named_policy_form(request)?;
        Ok(Answer::pdf(form_file(&form)))
    }

    pub(super) fn policy_form_link(&mut self, request: &Request<'_>) -> Outcome {
        self.named_policy_form(request)?;
        let path = format!("policyForms/{}", request.parameter("policyFormId"));
        Ok(self.signed_link(&request.call.origin, &path))
    }

    fn signed_link(&mut self, origin: &str, path: &str) -> Answer {
        let mut expires = self.clock_ms() + SIGNED_URL_LIVES_MS;
        if self.switches().documents.expire_signed_urls > 0 {
            self.change_switches(|switches| switches.documents.expire_signed_urls -= 1);
            expires = self.clock_ms().saturating_sub(1);
        }
        let signature = self.link_signature(path, expires);
        let url = format!("{origin}{SIGNED}{path}?expires={expires}&signature={signature}");
        Answer::json(302, &json!({"url": url})).with_header("location", url)
    }

    fn link_signature(&self, path: &str, expires: u64) -> String {
        ids::keyed_digest(
            &self.config.first().client_secret,
            &[b"signed url", path.as_bytes(), expires.to_string().as_bytes()],
        )
    }

    /// Serves a signed URL. It stands for one file until it expires, whoever asks.
    pub fn serve_signed(&mut self, call: &Call) -> Reply {
        let fault = self.take_fault("signed-url");
        let path = call.path.strip_prefix(SIGNED).unwrap_or_default();
        let answer = self.signed_file(path, call).unwrap_or_else(|| {
            Answer::new(
                403,
                "application/xml",
                "<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>",
            )
        });
        // The query is the signature: as good as a credential.
        self.record(Recorded {
            operation: Some("signed-url".into()),
            query: String::new(),
            status: Some(answer.status),
            fault: fault.name(),
            ..Recorded::of(call, self.now)
        });
        fault.apply(fault.lets_work().then_some(answer))
    }

    fn signed_file(&self, path: &str, call: &Call) -> Option<Answer> {
        let expires: u64 = call.parameter("expires")?.parse().ok()?;
        if call.parameter("signature") != Some(self.link_signature(path, expires).as_str())
            || expires <= self.clock_ms()
        {
            return None;
        }
        let file = match path.split('/').collect::<Vec<_>>()[..] {
            ["documents", pull_id, document_id] => file_of(&self.document(pull_id, document_id)?),
            ["policyForms", form_id] => form_file(&self.policy_form(form_id, |_| true)?),
            ["files", file_id] => return Some(upload(self.files.get(file_id)?)),
            _ => return None,
        };
        Some(Answer::pdf(file))
    }

    fn named_document(&self, request: &Request<'_>) -> Result<Value, Refusal> {
        let document_id = request.id("documentId", Refusal("VALIDATION_ERROR"))?;
        let pull = self.named_pull(request, "VALIDATION_ERROR")?;
        self.document(&pull.pull_id, document_id).ok_or(Refusal("NOT_FOUND"))
    }

    fn document(&self, pull_id: &str, document_id: &str) -> Option<Value> {
        let body = self.body(pull_id);
        body["documents"].as_array()?.iter().find(|document| document["document_id"] == document_id).cloned()
    }

    fn named_policy_form(&self, request: &Request<'_>) -> Result<Value, Refusal> {
        let id = request.id("policyFormId", Refusal("VALIDATION_ERROR"))?;
        let is_own = |pull: &Pull| pull.team_id == request.team_id;
        self.policy_form(id, is_own).ok_or(Refusal("NOT_FOUND"))
    }

    /// A policy form of one of these pulls.
    fn policy_form(&self, form_id: &str, of: impl Fn(&Pull) -> bool) -> Option<Value> {
        self.pulls.values().filter(|pull| of(pull)).find_map(|pull| {
            let body = self.body(&pull.pull_id);
            let policies = body["policies"].as_array()?;
            policies
                .iter()
                .flat_map(|policy| policy["forms_and_endorsements"].as_array())
                .flatten()
                .find(|form| form["policy_form_id"] == form_id)
                .cloned()
        })
    }
}

/// A file as its consumer uploaded it, to be saved under its own name (RFC 6266, RFC 8187).
fn upload(file: &File) -> Answer {
    let kind = &file.content_type;
    let is_printable = !kind.is_empty() && kind.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    let name = utf8_percent_encode(&file.name, NON_ALPHANUMERIC);
    let body = Body::File { file_id: file.file_id.clone(), size: file.size };
    Answer { body, ..Answer::new(200, if is_printable { kind } else { UNKNOWN_TYPE }, "") }
        .with_header("content-disposition", format!("attachment; filename*=UTF-8''{name}"))
        .with_header("x-content-type-options", "nosniff")
}

fn file_of(document: &Value) -> Vec<u8> {
    let field = |name: &str| document[name].as_str().unwrap_or_default().to_owned();
    pdf::document(
        &field("title"),
        &[
            format!("Document {}", field("document_id")),
            format!("Type {}", field("document_type")),
            "Made by the sandbox.".into(),
        ],
    )
}

fn form_file(form: &Value) -> Vec<u8> {
    let field = |name: &str| form[name].as_str().unwrap_or_default().to_owned();
    pdf::document(
        &field("form_name"),
        &[format!("Form {}", field("form_number")), "Made by the sandbox.".into()],
    )
}
