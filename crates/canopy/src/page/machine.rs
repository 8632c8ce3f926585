//! From what a page knows to what it shows.

use super::screen::{Recovery, Screen, WaitStep};
use crate::{
    auth::{self, AuthView, Step, step},
    html::Segment,
    id::{Id, PullId},
    session::{Document, PhaseName},
};

/// Who draws the screens of the login.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Canopy, in its own window.
    Hosted,
    /// The page.
    Components,
}

/// What a page announces once a pull.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Milestone {
    /// The carrier accepted the login.
    Authenticated,
    /// The policies can be read.
    PoliciesAvailable,
    /// The documents, too.
    Complete,
}

/// Why it cannot go on.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Failure {
    code: String,
    recovery: Recovery,
}

/// The wish for another way to get a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum OtherWay {
    Unwanted,
    Wanted,
    /// It was chosen; the choice stays on the screen until it is taken.
    Chosen,
}

/// One page's view of one session: the newest document, and what only the page knows.
#[derive(Debug, Clone)]
pub struct Page {
    mode: Mode,
    /// A monitored account is brought back: there is no consent and no carrier to choose before.
    is_reconnect: bool,
    document: Option<Document>,
    has_consent: bool,
    carrier: Option<Id>,
    /// Another carrier than that of the last login is wanted.
    wants_carrier: bool,
    /// Canopy's window is open.
    is_hosted_open: bool,
    /// It has said nothing for long.
    is_silent: bool,
    /// The hosted SDK said so: for a reconnected pull no webhook names this session.
    is_authenticated: bool,
    other_way: OtherWay,
    busy: bool,
    problem: Option<String>,
    failure: Option<Failure>,
    progress: f64,
    announced: Vec<(Option<PullId>, Milestone)>,
}

impl Page {
    /// A page on which nothing has happened.
    #[must_use]
    pub fn new(mode: Mode, is_reconnect: bool) -> Self {
        Self {
            mode,
            is_reconnect,
            document: None,
            has_consent: false,
            carrier: None,
            wants_carrier: false,
            is_hosted_open: false,
            is_silent: false,
            is_authenticated: false,
            other_way: OtherWay::Unwanted,
            busy: false,
            problem: None,
            failure: None,
            progress: 0.0,
            announced: Vec::new(),
        }
    }

    /// The newest document of the session.
    #[must_use]
    pub fn document(&self) -> Option<&Document> {
        self.document.as_ref()
    }

    /// Takes a document of the session, from wherever and in any order: an older one changes nothing.
    /// Gives whether it was news.
    pub fn take(&mut self, document: Document) -> bool {
        let is_news = self.document.as_ref().is_none_or(|known| document.revision > known.revision);
        if is_news {
            let moved = |known: &Document| {
                known.prompt != document.prompt
                    || known.prompt_answered != document.prompt_answered
                    || known.phase != document.phase
            };
            if self.document.as_ref().is_some_and(moved) {
                self.problem = None;
            }
            self.document = Some(document);
        }
        // Whatever it says, the edge can be reached.
        if self.failure.as_ref().is_some_and(|failure| failure.code == "EDGE_UNREACHABLE") {
            self.failure = None;
        }
        is_news
    }

    /// Whether the pull has come to its end, and no other is being made.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        !self.is_hosted_open && self.document.as_ref().is_some_and(|document| document.complete)
    }

    /// What has been reached and was not announced before.
    pub fn milestones(&mut self) -> Vec<Milestone> {
        let pull = self.document.as_ref().and_then(|document| document.pull_id.clone());
        let reached = [
            (self.has_authenticated(), Milestone::Authenticated),
            (
                self.document.as_ref().is_some_and(|document| document.policies_available),
                Milestone::PoliciesAvailable,
            ),
            (self.document.as_ref().is_some_and(|document| document.complete), Milestone::Complete),
        ];
        let mut news = Vec::new();
        for (_, milestone) in reached.into_iter().filter(|(is_reached, _)| *is_reached) {
            // The hosted SDK may report success before the pull is known here.
            let mut announced = self.announced.iter_mut().filter(|(_, other)| *other == milestone);
            match announced.find(|(of, _)| of.is_none() || *of == pull) {
                Some((of, _)) => of.clone_from(&pull),
                None => {
                    self.announced.push((pull.clone(), milestone));
                    news.push(milestone);
                }
            }
        }
        news
    }

    fn has_authenticated(&self) -> bool {
        let by_status = self.auth().is_some_and(|auth| {
            !matches!(step(&auth.status), Step::Failure)
                && auth::progress(&auth.status) >= auth::progress("GETTING_CONSUMERS")
        });
        self.is_authenticated
            || by_status
            || self.document.as_ref().is_some_and(|document| document.policies_available || document.complete)
    }

    /// The consumer agreed to the terms.
    pub fn agree(&mut self) {
        self.has_consent = true;
        self.problem = None;
    }

    /// A carrier was chosen, or with `None` another one is wanted.
    pub fn choose_carrier(&mut self, carrier: Option<Id>) {
        self.wants_carrier = carrier.is_none();
        self.carrier = carrier;
        self.problem = None;
    }

    /// Another way to get a code is wanted.
    pub fn change_option(&mut self) {
        self.other_way = OtherWay::Wanted;
        self.problem = None;
    }

    /// The way to get a code was chosen: `begin` follows.
    pub fn choose_option(&mut self) {
        if self.other_way == OtherWay::Wanted {
            self.other_way = OtherWay::Chosen;
        }
    }

    /// An answer is under way.
    pub fn begin(&mut self) {
        self.busy = true;
        self.problem = None;
        self.failure = None;
    }

    /// An answer was taken.
    pub fn succeed(&mut self) {
        self.busy = false;
        if self.other_way == OtherWay::Chosen {
            self.other_way = OtherWay::Unwanted;
        }
    }

    /// An answer was refused, or could not be given: `code` is the edge's, or the page's own for what kept it from
    /// asking.
    pub fn refuse(&mut self, code: &str) {
        self.busy = false;
        let recovery = match code {
            // The document tells what stands; there is nothing to say about it.
            "CONNECT_IN_PROGRESS"
            | "ALREADY_ANSWERED"
            | "STATE_CONFLICT"
            | "CONNECT_OUTCOME_UNKNOWN"
            | "CANOPY_TIMED_OUT" => return self.succeed(),
            "SESSION_EXPIRED" | "UNAUTHORIZED" | "NOT_FOUND" => Recovery::StartOver,
            // The session has asked as often as one may.
            "TOO_MANY_REQUESTS" if self.document.is_some() => Recovery::StartOver,
            "ORIGIN_NOT_ALLOWED" | "NOT_CONFIGURED" | "RECONNECT_REFUSED" => Recovery::None,
            "SCRIPT_FAILED" => Recovery::Retry,
            _ => {
                self.problem = Some(code.to_owned());
                if self.other_way == OtherWay::Chosen {
                    self.other_way = OtherWay::Wanted;
                }
                return;
            }
        };
        self.failure = Some(Failure { code: code.to_owned(), recovery });
    }

    /// What the page cannot show its next screen without could not be had: asking again may help.
    pub fn lack(&mut self, code: &str) {
        self.busy = false;
        let recovery = if code == "ORIGIN_NOT_ALLOWED" { Recovery::None } else { Recovery::Retry };
        self.failure = Some(Failure { code: code.to_owned(), recovery });
    }

    /// A failure is to be tried again.
    pub fn retry(&mut self) {
        self.failure = None;
        self.problem = None;
    }

    /// Canopy's window was opened or closed.
    pub fn set_hosted(&mut self, is_open: bool) {
        self.is_hosted_open = is_open;
        self.is_silent = false;
        self.is_authenticated &= !is_open;
        self.busy = false;
    }

    /// Canopy's window has said nothing for long, or says something after all.
    pub fn set_silent(&mut self, is_silent: bool) {
        self.is_silent = is_silent && self.is_hosted_open;
    }

    /// Whether Canopy's window is open and has said nothing for long.
    #[must_use]
    pub fn is_silent(&self) -> bool {
        self.is_silent
    }

    /// The hosted SDK reported success.
    pub fn authenticate(&mut self) {
        self.is_authenticated = true;
    }

    fn auth(&self) -> Option<&AuthView> {
        self.document.as_ref()?.auth.as_ref()
    }

    /// The carrier of the login that stands or is to be made.
    #[must_use]
    pub fn carrier(&self) -> Option<&Id> {
        let of_login = || self.document.as_ref()?.login.as_ref().map(|login| &login.carrier_id);
        self.carrier.as_ref().or_else(|| of_login().filter(|_| !self.wants_carrier))
    }

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
        let Some(document) = &self.document else { return self.beginning() };
        match document.phase {
            // The pull of a reconnected account names the session that it began with: no news of it comes here.
            PhaseName::Open if self.is_authenticated && self.is_reconnect => {
                Screen::Done { policy_types: Vec::new(), confirmations: Vec::new() }
            }
            PhaseName::Open if self.is_authenticated => waiting(WaitStep::ReadingPolicies, 0.7, true),
            PhaseName::Open => self.beginning(),
            PhaseName::Connecting => waiting(WaitStep::Connecting, 0.1, false),
            PhaseName::Unknown => waiting(WaitStep::Uncertain, 0.1, false),
            PhaseName::Connected | PhaseName::Followed => self.of_pull(document),
        }
    }

    /// Before there is a pull.
    fn beginning(&self) -> Screen {
        let (busy, problem) = (self.busy, self.problem.clone());
        if self.mode == Mode::Hosted || self.is_reconnect {
            return Screen::Start { busy, problem };
        }
        self.credentials(&[], 0)
    }

    /// The credentials, and what has to be known before they are asked for.
    fn credentials(&self, message: &[Segment], prompt: u32) -> Screen {
        let (busy, problem) = (self.busy, self.problem.clone());
        let has_login = self.document.as_ref().is_some_and(|document| document.login.is_some());
        if !self.has_consent && !has_login {
            return Screen::Consent { busy, problem };
        }
        let Some(carrier_id) = self.carrier().cloned() else { return Screen::Carriers };
        let refused = prompt > 0;
        Screen::Credentials { carrier_id, message: message.to_vec(), refused, prompt, busy, problem }
    }

    /// While there is a pull.
    fn of_pull(&self, document: &Document) -> Screen {
        let (busy, problem, prompt) = (self.busy, self.problem.clone(), document.prompt);
        if document.complete {
            let policy_types = document.policy_types.clone();
            let confirmations = document.servicing.iter().map(|action| action.answer).collect();
            return match document.no_policies {
                _ if !policy_types.is_empty() => Screen::Done { policy_types, confirmations },
                Some(false) => Screen::Done { policy_types, confirmations },
                Some(true) => Screen::NoPolicies { confirmations },
                // Nothing is claimed before it is known.
                None => waiting(WaitStep::ReadingDocuments, 0.95, true),
            };
        }
        if let Some(code) = &document.error {
            return Screen::Failed { code: code.clone(), recovery: self.after_failure() };
        }
        let Some(auth) = &document.auth else { return waiting(WaitStep::Connecting, 0.1, false) };
        let unanswered = document.servicing.iter().find(|action| action.answer.is_none());
        if let Some(action) = unanswered.filter(|_| document.phase == PhaseName::Connected) {
            let action_id = action.servicing_action_id.clone();
            return Screen::Confirmation { action_id, busy, problem };
        }
        let step = step(&auth.status);
        if step == Step::Failure {
            return Screen::Failed { code: auth.status.clone(), recovery: self.after_failure() };
        }
        let asks = matches!(step, Step::Credentials | Step::IdentityOption | Step::IdentityCode);
        if asks && document.phase == PhaseName::Followed {
            return if document.answer_lost {
                Screen::Failed { code: "ANSWER_LOST".to_owned(), recovery: Recovery::StartOver }
            } else {
                Screen::Start { busy, problem }
            };
        }
        if asks && document.prompt_answered {
            return waiting(WaitStep::Verifying, 0.4, false);
        }
        let message = &auth.message;
        match step {
            Step::Credentials => self.credentials(message, prompt),
            Step::IdentityCode if self.other_way == OtherWay::Unwanted || auth.options.is_empty() => {
                Screen::IdentityCode {
                    message: message.clone(),
                    refused: document.prompt_refused,
                    can_resend: document.chosen_option.is_some(),
                    can_change: auth.options.len() > 1,
                    prompt,
                    busy,
                    problem,
                }
            }
            Step::IdentityOption | Step::IdentityCode => Screen::IdentityOption {
                options: auth.options.clone(),
                chosen: document.chosen_option.clone(),
                message: message.clone(),
                prompt,
                busy,
                problem,
            },
            _ => progress_of(document, auth),
        }
    }

    fn after_failure(&self) -> Recovery {
        if self.mode == Mode::Hosted { Recovery::Retry } else { Recovery::StartOver }
    }
}

fn progress_of(document: &Document, auth: &AuthView) -> Screen {
    let rank = auth::progress(&auth.status);
    match auth.status.as_str() {
        "SUBMITTING_CONFIRMATION" => waiting(WaitStep::Submitting, 0.9, true),
        _ if document.policies_available => waiting(WaitStep::ReadingDocuments, 0.85, true),
        _ if rank >= auth::progress("PULLING_DATA") => waiting(WaitStep::ReadingPolicies, 0.7, true),
        _ if rank >= auth::progress("GETTING_CONSUMERS") => waiting(WaitStep::ReadingPolicies, 0.55, true),
        _ if rank > auth::progress("NOT_AUTHENTICATED") => waiting(WaitStep::SigningIn, 0.25, false),
        _ => waiting(WaitStep::Connecting, 0.15, false),
    }
}

fn waiting(step: WaitStep, progress: f64, may_leave: bool) -> Screen {
    Screen::Waiting { step, progress, may_leave }
}
