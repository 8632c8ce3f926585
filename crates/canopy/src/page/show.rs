//! From what a page knows to what it shows.

use super::{
    machine::{Failure, OtherWay, Page},
    purpose::Purpose,
    screen::{Recovery, Screen, WaitStep},
};
use crate::{
    auth::AuthView,
    html::Segment,
    session::{Mode, PhaseName, Prompt, SessionView},
    status::{Meaning, PullStatus},
};

impl Page {
    /// What to show. Progress is remembered, so that it never gets less.
    pub fn screen(&mut self) -> Screen {
        let screen = self.decide();
        match screen {
            Screen::Waiting { step, progress, may_leave } => {
                self.progress = self.progress.max(progress);
                Screen::Waiting { step, progress: self.progress, may_leave }
            }
            other => other,
        }
    }

    fn decide(&self) -> Screen {
        if let Some(Failure { code, recovery }) = &self.failure {
            return Screen::Failed { code: code.clone(), recovery: *recovery };
        }
        if self.is_hosted_open {
            return Screen::Hosted { problem: self.is_silent.then(|| "SCRIPT_FAILED".to_owned()) };
        }
        let Some(view) = &self.view else { return self.beginning() };
        match view.phase {
            // The pull of a reconnected account names the session that it began with: no news of it comes here.
            PhaseName::Open if self.is_authenticated && matches!(self.purpose, Purpose::Reconnect(_)) => {
                Screen::Done { policy_types: Vec::new(), confirmations: Vec::new() }
            }
            PhaseName::Open if self.is_authenticated => waiting(WaitStep::ReadingPolicies, 0.7, true),
            PhaseName::Open => self.beginning(),
            // The files that are under way stay to be seen until it is known what became of them.
            PhaseName::Connecting if self.not_listed.is_some() && self.reply.is_busy() => self.beginning(),
            PhaseName::Connecting => waiting(WaitStep::Connecting, 0.1, false),
            PhaseName::Unknown => waiting(WaitStep::Uncertain, 0.1, false),
            PhaseName::Connected | PhaseName::Followed => self.of_pull(view),
        }
    }

    /// Before there is a pull.
    fn beginning(&self) -> Screen {
        if self.purpose.begins_by_button() {
            return self.start(false);
        }
        self.credentials(Vec::new(), 0)
    }

    /// `has_begun`: a login of this session waits for the consumer.
    fn start(&self, has_begun: bool) -> Screen {
        Screen::Start { resumes: has_begun || self.was_closed, reply: self.reply.clone() }
    }

    /// The credentials, and what has to be known before they are asked for. `prompt` is 0 at the first login.
    fn credentials(&self, message: Vec<Segment>, prompt: u32) -> Screen {
        let reply = self.reply.clone();
        let has_login = self.view.as_ref().is_some_and(|view| view.login.is_some());
        if !self.has_consent && !has_login {
            return Screen::Consent { reply };
        }
        if let Some(may_upload) = self.not_listed {
            // A session has one pull.
            let allowed = may_upload && self.view.as_ref().is_none_or(|view| view.pull_id.is_none());
            return Screen::Upload { allowed, reply };
        }
        let Some(carrier_id) = self.carrier().cloned() else { return Screen::Carriers };
        Screen::Credentials { carrier_id, message, refused: prompt > 0, prompt, reply }
    }

    /// While there is a pull.
    fn of_pull(&self, view: &SessionView) -> Screen {
        let uploaded = view.uploaded;
        // Documents are read in hours: who sent them has done their part.
        if view.complete || uploaded && view.error.is_none() {
            let policy_types = view.policy_types.clone();
            let confirmations = view.servicing.iter().map(|action| action.answer).collect();
            return match view.no_policies {
                no_policies if uploaded || no_policies == Some(false) || !policy_types.is_empty() => {
                    Screen::Done { policy_types, confirmations }
                }
                Some(_) => Screen::NoPolicies { confirmations },
                // Nothing is claimed before it is known.
                None => waiting(WaitStep::ReadingDocuments, 0.95, true),
            };
        }
        if let Some(error) = &view.error {
            return self.failed(error);
        }
        let Some(auth) = &view.auth else { return waiting(WaitStep::Connecting, 0.1, false) };
        if let Some(prompt) = view.prompt() {
            return self.asked(view, prompt);
        }
        match auth.status.meaning() {
            Meaning::Fails => self.failed(&auth.status),
            Meaning::Asks(_) if view.phase == PhaseName::Connected => {
                waiting(WaitStep::Verifying, 0.4, false)
            }
            Meaning::Asks(_) if view.answer_lost => {
                Screen::Failed { code: "ANSWER_LOST".to_owned(), recovery: self.purpose.recovery() }
            }
            Meaning::Asks(_) => self.start(true),
            Meaning::Waits | Meaning::Succeeds => progress_of(view, auth),
        }
    }

    /// While the consumer is asked.
    fn asked(&self, view: &SessionView, asked: Prompt) -> Screen {
        let (prompt, chosen, reply) = (view.prompt, view.chosen_option.clone(), self.reply.clone());
        match asked {
            Prompt::Credentials { message } => self.credentials(message, prompt),
            Prompt::IdentityOption { ways, message } => {
                Screen::IdentityOption { ways, chosen, message, prompt, reply }
            }
            Prompt::IdentityCode { ways: Some(ways), message, .. }
                if self.other_way != OtherWay::Unwanted =>
            {
                Screen::IdentityOption { ways, chosen, message, prompt, reply }
            }
            Prompt::IdentityCode { ways, refused, message } => Screen::IdentityCode {
                message,
                refused,
                can_resend: chosen.is_some(),
                can_change: ways.is_some_and(|ways| ways.as_slice().len() > 1),
                prompt,
                reply,
            },
            Prompt::Confirmation { action_id } => Screen::Confirmation { action_id, reply },
        }
    }

    fn failed(&self, status: &PullStatus) -> Screen {
        let recovery = match self.purpose.mode() {
            Mode::Hosted => Recovery::Retry,
            Mode::Components => self.purpose.recovery(),
        };
        Screen::Failed { code: status.as_str().to_owned(), recovery }
    }
}

fn progress_of(view: &SessionView, auth: &AuthView) -> Screen {
    let is_past = |status: PullStatus| auth.status.progress() >= status.progress();
    match auth.status {
        PullStatus::SubmittingConfirmation => waiting(WaitStep::Submitting, 0.9, true),
        _ if view.policies_available => waiting(WaitStep::ReadingDocuments, 0.85, true),
        _ if is_past(PullStatus::PullingData) => waiting(WaitStep::ReadingPolicies, 0.7, true),
        _ if is_past(PullStatus::GettingConsumers) => waiting(WaitStep::ReadingPolicies, 0.55, true),
        _ if is_past(PullStatus::Processing) => waiting(WaitStep::SigningIn, 0.25, false),
        _ => waiting(WaitStep::Connecting, 0.15, false),
    }
}

fn waiting(step: WaitStep, progress: f64, may_leave: bool) -> Screen {
    Screen::Waiting { step, progress, may_leave }
}
