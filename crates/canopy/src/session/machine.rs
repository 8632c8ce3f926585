//! What a session may ask of Canopy when, and what its page is shown.
//!
//! A call that makes a pull is recorded before it is sent and is never sent again unless Canopy refused it:
//! when its answer was lost the session says so, and follows the pull once its webhooks name the session.
//! Source: design, "The way of one pull"; contract, "Errors".

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    ask::Ask,
    budget::Budget,
    mode::Mode,
    notice::{News, Notice},
    pulls::Pulls,
    settings::Settings,
    speaking,
    view::{Confirmation, LoginView},
    watch::Watch,
};
use crate::{
    api::{Call, CallError, PullJwt, ServicingActions, Started},
    auth::Track,
    id::{Id, PullId, SessionId},
    metadata::Metadata,
    problem::{Code, Problem},
    status::{PullStatus, Question},
    time::{UnixMillis, UnixSeconds},
};

/// How long a session is kept after its token expired, in seconds: late webhooks still reach the page.
pub const RETENTION_SECONDS: u32 = 24 * 60 * 60;

/// Where the session stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// No pull yet.
    Open,
    /// The call that starts a pull is under way.
    Connecting,
    /// The pull is the session's own: its page may answer for the consumer.
    Connected {
        /// The pull.
        pull_id: PullId,
        /// Never leaves this object but to Canopy. `None` when nobody can need it any more.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pull_jwt: Option<PullJwt>,
    },
    /// The pull is known from its webhooks alone: the hosted SDK speaks for the consumer, or the answer
    /// to the call that started it was lost.
    Followed {
        /// The pull.
        pull_id: PullId,
        /// Whether an answer was lost: nobody can answer for the consumer then.
        lost: bool,
    },
    /// The answer to the call that starts a pull was lost, and no webhook has come yet.
    Unknown,
}

/// What Canopy answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answered {
    /// A pull, with the right to speak for its consumer.
    Started(Started),
    /// The consent, as a token for the hosted SDK.
    Consented(Id),
    /// A pull on which nobody has to answer: it is read from documents.
    Uploaded(PullId),
    /// Yes.
    Done,
}

/// One page's session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    pub(super) session_id: SessionId,
    pub(super) expires_at: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) mode: Option<Mode>,
    pub(super) metadata: Metadata,
    /// What goes with the login that begins the pull; of no use once there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    servicing_actions: Option<ServicingActions>,
    pub(super) phase: Phase,
    pulls: Pulls,
    /// The shown pull's login, as the screen follows it.
    #[serde(default)]
    pub(super) track: Track,
    #[serde(default)]
    tracked: Option<PullId>,
    #[serde(default)]
    pub(super) login: Option<LoginView>,
    #[serde(default)]
    pub(super) chosen_option: Option<String>,
    /// Documents were sent in the place of a login.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) uploaded: bool,
    pub(super) confirmations: BTreeMap<Id, Confirmation>,
    #[serde(default)]
    budget: Budget,
    /// The pull that has to learn that this session took it over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    watch: Option<Watch>,
    /// Servicing actions that were answered, and whose pull has to learn of that.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    answered: BTreeMap<Id, Watch>,
    #[serde(default)]
    pub(super) revision: u64,
    pub(super) updated_at: UnixMillis,
}

impl Session {
    /// Opens a session.
    #[must_use]
    pub fn open(session_id: SessionId, settings: Settings, expires_at: UnixSeconds, now: UnixMillis) -> Self {
        let Settings { mode, metadata, servicing_actions } = settings;
        Self {
            session_id,
            expires_at: expires_at.0,
            mode,
            metadata,
            servicing_actions,
            phase: Phase::Open,
            pulls: Pulls::default(),
            track: Track::default(),
            tracked: None,
            login: None,
            chosen_option: None,
            uploaded: false,
            confirmations: BTreeMap::new(),
            budget: Budget::default(),
            watch: None,
            answered: BTreeMap::new(),
            revision: 0,
            updated_at: now,
        }
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> &SessionId {
        &self.session_id
    }

    /// Whether the page's hour is over: its sockets end.
    #[must_use]
    pub fn is_expired(&self, now: UnixMillis) -> bool {
        now.0 >= self.expires_at * 1_000
    }

    /// When everything of the session is to be deleted.
    #[must_use]
    pub fn delete_at(&self) -> UnixMillis {
        UnixMillis((self.expires_at + i64::from(RETENTION_SECONDS)) * 1_000)
    }

    /// When the session has to be looked after next.
    #[must_use]
    pub fn next_alarm(&self, now: UnixMillis) -> UnixMillis {
        let end = if self.is_expired(now) { self.delete_at() } else { UnixMillis(self.expires_at * 1_000) };
        self.watch.iter().chain(self.answered.values()).map(Watch::due).fold(end, UnixMillis::min)
    }

    /// The page's hour is over: what it might have asked for is of no use any more.
    pub fn expire(&mut self) {
        self.servicing_actions = None;
        self.forget_token();
    }

    /// The answered servicing actions that their pull has to be told of now, and the pulls that were told to the limit in vain.
    /// The attempts are counted: store the session before they begin, and where something is given up.
    pub fn begin_telling(&mut self, now: UnixMillis, random: u32) -> (Vec<(PullId, Id)>, Vec<PullId>) {
        let (mut due, mut given_up) = (Vec::new(), Vec::new());
        for (action, watch) in std::mem::take(&mut self.answered) {
            if watch.due() > now {
                self.answered.insert(action, watch);
                continue;
            }
            let pull_id = watch.pull_id.clone();
            match watch.begin(now, random) {
                Some(watch) => {
                    due.push((pull_id, action.clone()));
                    self.answered.insert(action, watch);
                }
                None => given_up.push(pull_id),
            }
        }
        (due, given_up)
    }

    /// The pull knows that `action` was answered.
    pub fn told(&mut self, action: &Id) {
        self.answered.remove(action);
    }

    /// The pull that has to be told of this session now. The attempt is counted: store the session before it begins.
    pub fn begin_watch(&mut self, now: UnixMillis, random: u32) -> Option<PullId> {
        let watch = self.watch.take_if(|watch| watch.due() <= now)?;
        let pull_id = watch.pull_id.clone();
        self.watch = watch.begin(now, random);
        self.watch.is_some().then_some(pull_id)
    }

    /// `pull_id` knows of this session.
    pub fn watched(&mut self, pull_id: &PullId) {
        self.watch.take_if(|watch| watch.pull_id == *pull_id);
    }

    /// The pull that the session shows.
    #[must_use]
    pub fn pull_id(&self) -> Option<&PullId> {
        match &self.phase {
            Phase::Connected { pull_id, .. } | Phase::Followed { pull_id, .. } => Some(pull_id),
            Phase::Open | Phase::Connecting | Phase::Unknown => None,
        }
    }

    /// Where the session stands.
    #[must_use]
    pub fn phase(&self) -> &Phase {
        &self.phase
    }

    /// What the form of an upload says of this session, where one may be sent: to be asked before its files are read.
    ///
    /// # Errors
    /// Those of [`Session::begin`], or [`Code::UploadsOff`] where a login has to bring what the insurance company is to change.
    pub fn may_upload(&self) -> Result<Metadata, Problem> {
        // The address is no part of what is decided.
        self.clone().begin(&Ask::Documents, "", "", self.updated_at)?;
        Ok(self.metadata.for_pull(&self.session_id))
    }

    /// Decides whether `ask` may be sent now, and records what must be known should its answer be lost.
    /// Store the session before the call is sent, and give its answer to [`Session::finish`].
    ///
    /// # Errors
    /// [`Code::ConnectInProgress`], [`Code::ConnectOutcomeUnknown`], [`Code::AlreadyAnswered`],
    /// [`Code::StateConflict`] or [`Code::TooManyRequests`], with what to do instead.
    pub fn begin(
        &mut self,
        ask: &Ask,
        device: &str,
        public_alias: &str,
        now: UnixMillis,
    ) -> Result<Call, Problem> {
        let mut budget = self.budget;
        budget.spend(ask)?;
        let call = match (ask, &self.phase) {
            (Ask::Consent(consent), _) => Call::consent(consent, device),
            (_, Phase::Connecting) => {
                return Err(Problem::new(Code::ConnectInProgress, "wait for the answer to the call before"));
            }
            (_, Phase::Unknown | Phase::Followed { lost: true, .. }) => {
                let detail = "the answer to what began the pull was lost and it is not sent twice: watch the status, or open a new session";
                return Err(Problem::new(Code::ConnectOutcomeUnknown, detail));
            }
            (Ask::Connect(login), Phase::Open | Phase::Followed { .. }) if self.may_begin() => {
                let metadata = self.metadata.for_pull(&self.session_id);
                let actions = self.servicing_actions.as_ref();
                let call = Call::consent_and_connect(login, device, public_alias, &metadata, actions);
                self.phase = Phase::Connecting;
                call
            }
            (Ask::Reconnect(token), Phase::Open | Phase::Followed { .. }) if self.may_begin() => {
                self.phase = Phase::Connecting;
                Call::reconnect(token)
            }
            (Ask::Documents, Phase::Open | Phase::Followed { .. }) if self.servicing_actions.is_some() => {
                let detail = "this session is for a change that goes with a login";
                return Err(Problem::new(Code::UploadsOff, detail));
            }
            (Ask::Documents, Phase::Open | Phase::Followed { .. }) if self.may_begin() => {
                (self.phase, self.uploaded) = (Phase::Connecting, true);
                Call::consent_and_documents()
            }
            (Ask::Reconnect(_) | Ask::Documents, _) => {
                return Err(conflict("a session that has no pull yet: open a new one"));
            }
            (_, Phase::Open) => return Err(conflict("a login first")),
            (_, Phase::Followed { .. }) => {
                return Err(conflict("the hosted SDK to speak for the consumer in this session"));
            }
            (Ask::Confirm { action, .. }, Phase::Connected { .. })
                if self.confirmations.contains_key(action) =>
            {
                return Err(Problem::new(Code::AlreadyAnswered, "a servicing action is answered once"));
            }
            (_, Phase::Connected { pull_jwt: None, .. }) => {
                return Err(conflict("a pull that has not come to its end"));
            }
            (Ask::Connect(login), Phase::Connected { pull_id, pull_jwt: Some(pull_jwt) }) => {
                self.expect(&[PullStatus::NotAuthenticated])?;
                Call::connect(pull_id, pull_jwt, login)
            }
            (Ask::IdentityOption(key), Phase::Connected { pull_id, pull_jwt: Some(pull_jwt) }) => {
                // After the code was asked for, choosing an option again sends a new code.
                self.expect(&[PullStatus::IdentityVerificationOptions, PullStatus::IdentityVerification])?;
                Call::identity_option(pull_id, pull_jwt, key)
            }
            (Ask::IdentityCode(code), Phase::Connected { pull_id, pull_jwt: Some(pull_jwt) }) => {
                self.expect(&[PullStatus::IdentityVerification])?;
                Call::identity_code(pull_id, pull_jwt, code.expose())
            }
            (
                Ask::Confirm { action, is_confirmed },
                Phase::Connected { pull_id, pull_jwt: Some(pull_jwt) },
            ) => {
                let asked = self.current().is_some_and(|notice| notice.servicing.contains(action));
                if !asked {
                    return Err(conflict("a servicing action that waits for confirmation"));
                }
                let call = Call::servicing_confirmation(pull_id, pull_jwt, action, *is_confirmed);
                self.confirmations.insert(action.clone(), Confirmation::Unknown);
                call
            }
        };
        self.budget = budget;
        if let Ask::Connect(login) = ask {
            self.login = Some(LoginView::of(login));
        }
        // Whatever was asked before has been settled, or its answer is lost.
        self.track.settle(false);
        if self.is_resend(ask) {
            self.track.resend();
        } else if is_answer(ask) {
            self.track.ask();
        }
        self.change(now);
        Ok(call)
    }

    /// Whether the session may begin a pull of its own. One that it only heard of never keeps it from that, unless the
    /// hosted SDK is who begins pulls here.
    fn may_begin(&self) -> bool {
        self.phase == Phase::Open || self.mode != Some(Mode::Hosted)
    }

    /// A revision is above all before it, also those that were forgotten with an object: the clock goes on.
    fn change(&mut self, now: UnixMillis) {
        self.revision = (self.revision + 1).max(now.0.unsigned_abs());
        self.updated_at = now;
    }

    /// Takes the answer to what [`Session::begin`] let through.
    pub fn finish(&mut self, ask: &Ask, answer: &Result<Answered, CallError>, now: UnixMillis) {
        self.change(now);
        let refused = matches!(answer, Err(CallError::Refused { .. }));
        match (ask, answer) {
            (Ask::Connect(_) | Ask::Reconnect(_), Ok(Answered::Started(started))) => {
                let (pull_id, pull_jwt) = (started.pull_id.clone(), Some(started.pull_jwt.clone()));
                self.phase = Phase::Connected { pull_id, pull_jwt };
                self.servicing_actions = None;
                if matches!(ask, Ask::Reconnect(_)) {
                    self.watch = Some(Watch::new(started.pull_id.clone(), now));
                }
            }
            (Ask::Documents, Ok(Answered::Uploaded(pull_id))) => {
                self.phase = Phase::Connected { pull_id: pull_id.clone(), pull_jwt: None };
            }
            _ if self.phase == Phase::Connecting && refused => {
                self.phase = self.before_any();
                self.uploaded = false;
            }
            _ if self.phase == Phase::Connecting => self.lose_answer(),
            (Ask::Confirm { action, .. }, Err(_)) if refused => {
                self.confirmations.remove(action);
            }
            (Ask::Confirm { action, is_confirmed }, Ok(_)) => {
                let known = if *is_confirmed { Confirmation::Confirmed } else { Confirmation::Rejected };
                self.confirmations.insert(action.clone(), known);
                if let Some(pull_id) = self.pull_id().cloned() {
                    self.answered.insert(action.clone(), Watch::new(pull_id, now));
                }
            }
            (Ask::IdentityOption(key), Ok(_)) => self.chosen_option = Some(key.clone()),
            _ => {}
        }
        if is_answer(ask) {
            self.track.settle(answer.is_ok());
        }
        self.follow();
        self.end_of_pull();
    }

    /// The object was restarted while the call that starts a pull was under way: its answer is lost.
    pub fn resume(&mut self, now: UnixMillis) {
        if self.phase == Phase::Connecting {
            self.lose_answer();
            self.change(now);
            self.follow();
        }
        self.track.settle(false);
    }

    /// Where the session stands without a pull of its own.
    fn before_any(&self) -> Phase {
        let heard_of = self.pulls.last().filter(|_| self.mode != Some(Mode::Components));
        let follow = |notice: &Notice| Phase::Followed { pull_id: notice.pull_id.clone(), lost: false };
        heard_of.map_or(Phase::Open, follow)
    }

    fn lose_answer(&mut self) {
        self.servicing_actions = None;
        let heard_of = self.pulls.last().map(|notice| notice.pull_id.clone());
        self.phase = heard_of.map_or(Phase::Unknown, |pull_id| Phase::Followed { pull_id, lost: true });
    }

    /// Takes a pull's news. What it changes is to be stored where it is lasting.
    pub fn notice(&mut self, notice: Notice, now: UnixMillis) -> News {
        let pull_id = notice.pull_id.clone();
        let stood = self.asked();
        let mut news = News::Lasting;
        if let Some(known) = self.pulls.get(&pull_id) {
            if known.lasting() == notice.lasting() && notice.is_on_the_way() {
                news = News::Passing;
            }
            if !self.pulls.update(notice) {
                return News::None;
            }
        } else {
            if self.phase == Phase::Open && self.mode == Some(Mode::Components) {
                // It has begun none: somebody else's that names this session.
                return News::None;
            }
            let shown = self.pull_id().cloned();
            self.pulls.add(notice, shown.as_ref());
            match self.phase {
                Phase::Open | Phase::Followed { lost: false, .. } => {
                    self.phase = Phase::Followed { pull_id, lost: false };
                }
                Phase::Unknown => self.phase = Phase::Followed { pull_id, lost: true },
                Phase::Connecting | Phase::Connected { .. } | Phase::Followed { lost: true, .. } => {}
            }
        }
        self.change(now);
        self.follow();
        self.end_of_pull();
        // A prompt that is overtaken stays so, whatever its pull stands at when it tells once more.
        if self.asked() == stood { news } else { News::Lasting }
    }

    /// What the consumer is asked, and whether it is asked again.
    fn asked(&self) -> (Option<Question>, bool) {
        let shown = self.track.shown();
        (shown.and_then(|auth| auth.status.question()), self.track.is_refused())
    }

    /// The pull that is to tell once more what it knows, where news of it were forgotten with an object.
    #[must_use]
    pub fn to_ask_again(&self) -> Option<&PullId> {
        self.current().filter(|notice| notice.is_on_the_way()).map(|notice| &notice.pull_id)
    }

    /// Follows the login of the pull that the session shows.
    fn follow(&mut self) {
        let Some(notice) = self.current() else { return };
        let (pull_id, auth) = (notice.pull_id.clone(), notice.auth.clone());
        if self.tracked.as_ref() != Some(&pull_id) {
            self.track = Track::default();
            self.tracked = Some(pull_id);
        }
        if let Some(auth) = auth {
            self.track.follow(&auth);
        }
    }

    /// Forgets the pull's token at its end.
    fn end_of_pull(&mut self) {
        if self.current().is_some_and(|notice| speaking::is_over(notice, &self.confirmations)) {
            self.forget_token();
        }
    }

    fn forget_token(&mut self) {
        if let Phase::Connected { pull_jwt, .. } = &mut self.phase {
            *pull_jwt = None;
        }
    }

    /// The newest of the pull that the session shows.
    pub(super) fn current(&self) -> Option<&Notice> {
        self.pulls.get(self.pull_id()?)
    }

    /// Another code for the prompt that stands is no answer to it.
    fn is_resend(&self, ask: &Ask) -> bool {
        matches!(ask, Ask::IdentityOption(_)) && self.stands_at(&PullStatus::IdentityVerification)
    }

    fn stands_at(&self, status: &PullStatus) -> bool {
        self.track.shown().is_some_and(|auth| auth.status == *status)
    }

    /// Whether the login stands at one of `statuses`, and what it asks was not answered yet.
    fn expect(&self, statuses: &[PullStatus]) -> Result<(), Problem> {
        if !statuses.iter().any(|status| self.stands_at(status)) {
            let named: Vec<&str> = statuses.iter().map(PullStatus::as_str).collect();
            return Err(conflict(&format!("the status {}", named.join(" or "))));
        }
        if self.track.is_answered() {
            return Err(Problem::new(Code::AlreadyAnswered, "wait for the next status"));
        }
        Ok(())
    }
}

/// Whether this answers a prompt of the login.
fn is_answer(ask: &Ask) -> bool {
    matches!(ask, Ask::Connect(_) | Ask::IdentityOption(_) | Ask::IdentityCode(_))
}

fn conflict(expected: &str) -> Problem {
    Problem::new(Code::StateConflict, format!("expected {expected}"))
}
