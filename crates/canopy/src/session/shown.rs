//! What a session shows its page: its view, without what only Canopy and the edge may know.

use super::{
    machine::{Phase, Session},
    settings::for_window,
    view::{PhaseName, ServicingView, SessionView},
};
use crate::{auth::AuthView, id::Id, time::UnixMillis};

impl Session {
    /// The login as the page may see it. Of a pull that the session did not begin it sees no masked contacts and no
    /// message: whoever wrote this session's id into a link may be a stranger to the consumer.
    fn shown(&self, auth: &AuthView) -> AuthView {
        match self.phase {
            Phase::Connected { .. } => auth.clone(),
            _ => AuthView { options: Vec::new(), message: Vec::new(), ..auth.clone() },
        }
    }

    /// What the page shows.
    #[must_use]
    pub fn view(&self) -> SessionView {
        let pull = self.current();
        let (phase, answer_lost) = match &self.phase {
            Phase::Open => (PhaseName::Open, false),
            Phase::Connecting => (PhaseName::Connecting, false),
            Phase::Connected { .. } => (PhaseName::Connected, false),
            Phase::Followed { lost, .. } => (PhaseName::Followed, *lost),
            Phase::Unknown => (PhaseName::Unknown, true),
        };
        let servicing = |id: &Id| ServicingView {
            servicing_action_id: id.clone(),
            answer: self.confirmations.get(id).copied(),
        };
        SessionView {
            session_id: self.session_id.clone(),
            revision: self.revision,
            phase,
            answer_lost,
            pull_id: self.pull_id().cloned(),
            status: pull.and_then(|pull| pull.status.clone()),
            auth: self.track.shown().filter(|_| pull.is_some()).map(|auth| self.shown(auth)),
            prompt: self.track.turn(),
            prompt_answered: self.track.is_answered(),
            prompt_refused: self.track.is_refused(),
            chosen_option: self.chosen_option.clone(),
            uploaded: self.uploaded,
            login: self.login.clone(),
            policies_available: pull.is_some_and(|pull| pull.policies_available),
            complete: pull.is_some_and(|pull| pull.complete),
            no_policies: pull.and_then(|pull| pull.no_policies),
            policy_types: pull.map(|pull| pull.policy_types.clone()).unwrap_or_default(),
            error: pull.and_then(|pull| pull.error.clone()),
            servicing: pull.map_or(&[][..], |pull| &pull.servicing).iter().map(servicing).collect(),
            events: pull.map(|pull| pull.events.clone()).unwrap_or_default(),
            metadata: for_window(self.mode, &self.metadata),
            expires_at: UnixMillis(self.expires_at * 1_000).rfc3339(),
            updated_at: self.updated_at.rfc3339(),
        }
    }
}
