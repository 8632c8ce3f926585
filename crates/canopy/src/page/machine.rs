//! What a page knows, and how it learns it.

use super::{
    purpose::Purpose,
    screen::{Recovery, Reply},
};
use crate::{
    auth::AuthView,
    id::{Id, PullId},
    session::SessionView,
};

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
pub(super) struct Failure {
    pub code: String,
    pub recovery: Recovery,
}

/// The wish for another way to get a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OtherWay {
    Unwanted,
    Wanted,
    /// It was chosen; the choice stays on the screen until it is taken.
    Chosen,
}

/// One page and its session: the newest view of it, and what only the page knows.
#[derive(Debug, Clone)]
pub struct Page {
    pub(super) purpose: Purpose,
    pub(super) view: Option<SessionView>,
    pub(super) has_consent: bool,
    pub(super) carrier: Option<Id>,
    /// Another carrier than that of the last login is wanted.
    pub(super) wants_carrier: bool,
    /// No carrier of the list is the consumer's. Whether documents may be sent in the login's place.
    pub(super) not_listed: Option<bool>,
    /// Canopy's window is open.
    pub(super) is_hosted_open: bool,
    /// It was closed before the consumer had signed in.
    pub(super) was_closed: bool,
    /// It has said nothing for long.
    pub(super) is_silent: bool,
    /// The hosted SDK said so: for a reconnected pull no webhook names this session.
    pub(super) is_authenticated: bool,
    pub(super) other_way: OtherWay,
    pub(super) reply: Reply,
    pub(super) failure: Option<Failure>,
    pub(super) progress: f64,
    announced: Vec<(Option<PullId>, Milestone)>,
}

impl Page {
    /// A page on which nothing has happened.
    #[must_use]
    pub fn new(purpose: Purpose) -> Self {
        Self {
            purpose,
            view: None,
            has_consent: false,
            carrier: None,
            wants_carrier: false,
            not_listed: None,
            is_hosted_open: false,
            was_closed: false,
            is_silent: false,
            is_authenticated: false,
            other_way: OtherWay::Unwanted,
            reply: Reply::Awaited,
            failure: None,
            progress: 0.0,
            announced: Vec::new(),
        }
    }

    /// The newest view of the session.
    #[must_use]
    pub fn view(&self) -> Option<&SessionView> {
        self.view.as_ref()
    }

    /// Takes a view of the session, from wherever and in any order: an older one changes nothing.
    /// Gives whether it was news.
    pub fn take(&mut self, view: SessionView) -> bool {
        let is_news = self.view.as_ref().is_none_or(|known| view.revision > known.revision);
        if is_news {
            let moved = |known: &SessionView| {
                known.prompt != view.prompt
                    || known.prompt_answered != view.prompt_answered
                    || known.phase != view.phase
            };
            if self.view.as_ref().is_some_and(moved) {
                self.reply.forget_refusal();
            }
            self.view = Some(view);
        }
        is_news
    }

    /// The edge can be reached: that it could not be is of no interest any more. Gives whether the page said so.
    pub fn reach(&mut self) -> bool {
        const CODE: &str = "EDGE_UNREACHABLE";
        let is_failed = self.failure.as_ref().is_some_and(|failure| failure.code == CODE);
        let is_refused = self.reply.problem() == Some(CODE);
        if is_failed {
            self.failure = None;
        }
        if is_refused {
            self.reply.forget_refusal();
        }
        is_failed || is_refused
    }

    /// Whether the pull has come to its end, and no other is being made.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        !self.is_hosted_open && self.view.as_ref().is_some_and(|view| view.complete)
    }

    /// What has been reached and was not announced before.
    pub fn milestones(&mut self) -> Vec<Milestone> {
        let pull = self.view.as_ref().and_then(|view| view.pull_id.clone());
        let reached = [
            (self.has_authenticated() && !self.has_uploaded(), Milestone::Authenticated),
            (self.view.as_ref().is_some_and(|view| view.policies_available), Milestone::PoliciesAvailable),
            (self.view.as_ref().is_some_and(|view| view.complete), Milestone::Complete),
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

    /// Whether documents were sent in the login's place.
    pub(super) fn has_uploaded(&self) -> bool {
        self.view.as_ref().is_some_and(|view| view.uploaded)
    }

    fn has_authenticated(&self) -> bool {
        let by_status =
            self.view.as_ref().and_then(|view| view.auth.as_ref()).is_some_and(AuthView::is_taken);
        self.is_authenticated
            || by_status
            || self.view.as_ref().is_some_and(|view| view.policies_available || view.complete)
    }

    /// The consumer agreed to the terms.
    pub fn agree(&mut self) {
        self.has_consent = true;
        self.reply.forget_refusal();
    }

    /// A carrier was chosen, or with `None` another one is wanted.
    pub fn choose_carrier(&mut self, carrier: Option<Id>) {
        self.wants_carrier = carrier.is_none();
        self.carrier = carrier;
        self.not_listed = None;
        self.reply.forget_refusal();
    }

    /// None of the list is the consumer's carrier. `may_upload`: the agency takes documents.
    pub fn not_listed(&mut self, may_upload: bool) {
        self.choose_carrier(None);
        self.not_listed = Some(may_upload);
    }

    /// Another way to get a code is wanted.
    pub fn change_option(&mut self) {
        self.other_way = OtherWay::Wanted;
        self.reply.forget_refusal();
    }

    /// The way to get a code was chosen: `begin` follows.
    pub fn choose_option(&mut self) {
        if self.other_way == OtherWay::Wanted {
            self.other_way = OtherWay::Chosen;
        }
    }

    /// An answer is under way.
    pub fn begin(&mut self) {
        self.reply = Reply::UnderWay;
        self.failure = None;
    }

    /// An answer was taken.
    pub fn succeed(&mut self) {
        self.reply.settle();
        if self.other_way == OtherWay::Chosen {
            self.other_way = OtherWay::Unwanted;
        }
    }

    /// An answer was refused, or could not be given: `code` is the edge's, or the page's own for what kept it from
    /// asking.
    pub fn refuse(&mut self, code: &str) {
        self.reply.settle();
        let recovery = match code {
            // The view tells what stands; there is nothing to say about it.
            "CONNECT_IN_PROGRESS"
            | "ALREADY_ANSWERED"
            | "STATE_CONFLICT"
            | "CONNECT_OUTCOME_UNKNOWN"
            | "CANOPY_TIMED_OUT"
            | "UPLOAD_CANCELLED" => return self.succeed(),
            "INVITATION_INVALID" | "INVITATION_EXPIRED" | "INVITATION_REVOKED" => return self.end(),
            "SESSION_EXPIRED" | "UNAUTHORIZED" | "NOT_FOUND" if !self.purpose.can_start_over() => {
                return self.end();
            }
            "SESSION_EXPIRED" | "UNAUTHORIZED" | "NOT_FOUND" => Recovery::StartOver,
            // The session has asked as often as one may, or its address for a minute: where another one can be had, that is
            // sooner.
            "TOO_MANY_REQUESTS" if self.view.is_some() && self.purpose.can_start_over() => {
                Recovery::StartOver
            }
            "ORIGIN_NOT_ALLOWED" | "NOT_CONFIGURED" | "RECONNECT_REFUSED" => Recovery::None,
            "SCRIPT_FAILED" => Recovery::Retry,
            _ => {
                self.reply = Reply::Refused(code.to_owned());
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
        self.reply.settle();
        let recovery = if code == "ORIGIN_NOT_ALLOWED" { Recovery::None } else { Recovery::Retry };
        self.failure = Some(Failure { code: code.to_owned(), recovery });
    }

    /// The fields for an answer could not be had: where that is no failure of its own, asking again may help.
    pub fn lack_form(&mut self, code: &str) {
        self.refuse(code);
        if self.reply.problem().is_some() {
            self.reply.forget_refusal();
            self.lack(code);
        }
    }

    /// Its session is left behind: what was agreed to stays so. One that the back office opened was the only one.
    pub fn start_over(&mut self) {
        *self = Self { has_consent: self.has_consent, ..Self::new(self.purpose) };
        if !self.purpose.can_start_over() {
            self.end();
        }
    }

    /// The session is over, and the page can have no other.
    fn end(&mut self) {
        self.failure = Some(Failure { code: "SESSION_OVER".to_owned(), recovery: Recovery::None });
    }

    /// A failure is to be tried again.
    pub fn retry(&mut self) {
        self.failure = None;
        self.reply.forget_refusal();
    }

    /// Canopy's window was opened or closed.
    pub fn set_hosted(&mut self, is_open: bool) {
        self.was_closed = self.is_hosted_open && !is_open && !self.is_authenticated;
        self.is_hosted_open = is_open;
        self.is_silent = false;
        self.is_authenticated &= !is_open;
        self.reply.settle();
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

    /// The carrier of the login that stands or is to be made.
    #[must_use]
    pub fn carrier(&self) -> Option<&Id> {
        let of_login = || self.view.as_ref()?.login.as_ref().map(|login| &login.carrier_id);
        self.carrier.as_ref().or_else(|| of_login().filter(|_| !self.wants_carrier))
    }
}
