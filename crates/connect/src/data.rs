//! Views and screens between JavaScript's objects and ours, member by member: serde would do the same in a quarter
//! of what the page may weigh.

use std::collections::BTreeMap;

use canopy::{
    auth::{AuthView, IdentityOption},
    html::Segment,
    id::{Id, PullId, SessionId},
    page::{Reply, Screen},
    session::{Confirmation, LoginView, PhaseName, ServicingView, SessionView},
    status::PullStatus,
};
use js_sys::{Array, Object};
use wasm_bindgen::prelude::*;

use crate::platform::{member, set};

/// Reads a session's view; `None` when it is none.
pub fn session(value: &JsValue) -> Option<SessionView> {
    let text = |name: &str| member(value, name).as_string();
    let number = |name: &str| member(value, name).as_f64();
    let is = |name: &str| member(value, name).is_truthy();
    Some(SessionView {
        session_id: SessionId::parse(&text("session_id")?).ok()?,
        revision: number("revision")? as u64,
        phase: match text("phase")?.as_str() {
            "open" => PhaseName::Open,
            "connecting" => PhaseName::Connecting,
            "connected" => PhaseName::Connected,
            "followed" => PhaseName::Followed,
            _ => PhaseName::Unknown,
        },
        answer_lost: is("answer_lost"),
        pull_id: text("pull_id").and_then(|text| PullId::parse(&text).ok()),
        status: status(value, "status"),
        auth: auth(&member(value, "auth")),
        prompt: number("prompt")? as u32,
        prompt_answered: is("prompt_answered"),
        prompt_refused: is("prompt_refused"),
        chosen_option: text("chosen_option"),
        uploaded: is("uploaded"),
        login: login(&member(value, "login")),
        policies_available: is("policies_available"),
        complete: is("complete"),
        no_policies: {
            let value = member(value, "no_policies");
            // An edge that does not say it knows nothing of pulls without any.
            value.as_bool().or(value.is_undefined().then_some(false))
        },
        policy_types: items(&member(value, "policy_types")).iter().filter_map(JsValue::as_string).collect(),
        error: status(value, "error"),
        servicing: items(&member(value, "servicing")).iter().filter_map(servicing).collect(),
        // The page reads them where the edge wrote them.
        events: BTreeMap::new(),
        metadata: None,
        expires_at: String::new(),
        updated_at: String::new(),
    })
}

fn status(value: &JsValue, name: &str) -> Option<PullStatus> {
    member(value, name).as_string().map(PullStatus::from)
}

fn auth(value: &JsValue) -> Option<AuthView> {
    let option = |option: &JsValue| {
        Some(IdentityOption {
            key: member(option, "key").as_string()?,
            label: member(option, "label").as_string()?,
        })
    };
    let segment = |segment: &JsValue| {
        Some(Segment {
            text: member(segment, "text").as_string()?,
            href: member(segment, "href").as_string(),
        })
    };
    Some(AuthView {
        sequence: member(value, "sequence").as_f64().map(|sequence| sequence as u64),
        status: status(value, "status")?,
        options: items(&member(value, "options")).iter().filter_map(option).collect(),
        message: items(&member(value, "message")).iter().filter_map(segment).collect(),
    })
}

fn login(value: &JsValue) -> Option<LoginView> {
    Some(LoginView {
        carrier_id: Id::parse(&member(value, "carrier_id").as_string()?).ok()?,
        terms_version: member(value, "terms_version").as_f64()? as u32,
        consent_language: member(value, "consent_language").as_string()?,
    })
}

fn servicing(value: &JsValue) -> Option<ServicingView> {
    let answer = match member(value, "answer").as_string().as_deref() {
        Some("confirmed") => Some(Confirmation::Confirmed),
        Some("rejected") => Some(Confirmation::Rejected),
        Some(_) => Some(Confirmation::Unknown),
        None => None,
    };
    let id = member(value, "servicing_action_id").as_string()?;
    Some(ServicingView { servicing_action_id: Id::parse(&id).ok()?, answer })
}

/// A screen as the page reads it: `docs/page.md`, "The same as an API".
pub fn screen(screen: &Screen) -> Object {
    let object = Object::new();
    let put = |name: &str, value: JsValue| set(&object, name, &value);
    let put_reply = |reply: &Reply| {
        put("busy", reply.is_busy().into());
        put("problem", text(reply.problem()));
    };
    let name = match screen {
        Screen::Start { resumes, reply } => {
            put("resumes", (*resumes).into());
            put_reply(reply);
            "start"
        }
        Screen::Hosted { problem } => {
            put("problem", text(problem.as_deref()));
            "hosted"
        }
        Screen::Consent { reply } => {
            put_reply(reply);
            "consent"
        }
        Screen::Carriers => "carriers",
        Screen::Upload { allowed, reply } => {
            put("allowed", (*allowed).into());
            put_reply(reply);
            "upload"
        }
        Screen::Credentials { carrier_id, message, refused, prompt, reply } => {
            put("carrierId", text(Some(carrier_id.as_str())));
            put("message", segments(message));
            put("refused", (*refused).into());
            put("prompt", (*prompt).into());
            put_reply(reply);
            "credentials"
        }
        Screen::IdentityOption { ways, chosen, message, prompt, reply } => {
            let option = |option: &IdentityOption| pair("key", &option.key, "label", Some(&option.label));
            put("options", ways.as_slice().iter().map(option).collect::<Array>().into());
            put("chosen", text(chosen.as_deref()));
            put("message", segments(message));
            put("prompt", (*prompt).into());
            put_reply(reply);
            "identity-option"
        }
        Screen::IdentityCode { message, refused, can_resend, can_change, prompt, reply } => {
            put("message", segments(message));
            put("refused", (*refused).into());
            put("canResend", (*can_resend).into());
            put("canChange", (*can_change).into());
            put("prompt", (*prompt).into());
            put_reply(reply);
            "identity-code"
        }
        Screen::Waiting { step, progress, may_leave } => {
            put("step", text(Some((*step).into())));
            put("progress", (*progress).into());
            put("mayLeave", (*may_leave).into());
            "waiting"
        }
        Screen::Confirmation { action_id, reply } => {
            put("actionId", text(Some(action_id.as_str())));
            put_reply(reply);
            "confirmation"
        }
        Screen::Done { policy_types, confirmations } => {
            put("policyTypes", policy_types.iter().map(|kind| text(Some(kind))).collect::<Array>().into());
            put("confirmations", answers(confirmations));
            "done"
        }
        Screen::NoPolicies { confirmations } => {
            put("confirmations", answers(confirmations));
            "no-policies"
        }
        Screen::Failed { code, recovery } => {
            put("code", text(Some(code)));
            put("recovery", text(Some((*recovery).into())));
            "failed"
        }
    };
    put("name", text(Some(name)));
    object
}

/// Text, or `null`.
fn text(text: Option<&str>) -> JsValue {
    text.map_or(JsValue::NULL, JsValue::from_str)
}

fn segments(segments: &[Segment]) -> JsValue {
    let segment = |segment: &Segment| pair("text", &segment.text, "href", segment.href.as_deref());
    segments.iter().map(segment).collect::<Array>().into()
}

fn pair(first: &str, value: &str, second: &str, other: Option<&str>) -> Object {
    let object = Object::new();
    set(&object, first, &text(Some(value)));
    if other.is_some() {
        set(&object, second, &text(other));
    }
    object
}

fn answers(confirmations: &[Option<Confirmation>]) -> JsValue {
    let answer = |answer: &Option<Confirmation>| text(answer.map(confirmation_name));
    confirmations.iter().map(answer).collect::<Array>().into()
}

fn confirmation_name(confirmation: Confirmation) -> &'static str {
    match confirmation {
        Confirmation::Unknown => "unknown",
        Confirmation::Confirmed => "confirmed",
        Confirmation::Rejected => "rejected",
    }
}

/// An array's items; none of what is no array.
pub fn items(value: &JsValue) -> Vec<JsValue> {
    if Array::is_array(value) { value.unchecked_ref::<Array>().to_vec() } else { Vec::new() }
}
