//! How much a session may ask of Canopy: each ask is a call with the agency's credentials.

use serde::{Deserialize, Serialize};

use super::ask::Ask;
use crate::problem::{Code, Problem};

/// Most asks of one session. A login with two codes asked for, each sent again once, is ten.
pub const MAX_ASKS: u32 = 60;

/// Most logins, uploads and reconnects of one session: enough for a password forgotten twice, too few to guess one.
pub const MAX_LOGINS: u32 = 12;

/// Most consents of one session: the hosted SDK takes one at each opening.
pub const MAX_CONSENTS: u32 = 12;

/// What a session has asked so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Budget {
    asks: u32,
    logins: u32,
    consents: u32,
}

impl Budget {
    /// Counts an ask that is about to be made.
    ///
    /// # Errors
    /// [`Code::TooManyRequests`] when there have been as many as one visitor could need.
    pub fn spend(&mut self, ask: &Ask) -> Result<(), Problem> {
        let mut spent = *self;
        spent.asks += 1;
        match ask {
            Ask::Connect(_) | Ask::Documents | Ask::Reconnect(_) => spent.logins += 1,
            Ask::Consent(_) => spent.consents += 1,
            Ask::IdentityOption(_) | Ask::IdentityCode(_) | Ask::Confirm { .. } => {}
        }
        if spent.asks > MAX_ASKS || spent.logins > MAX_LOGINS || spent.consents > MAX_CONSENTS {
            let detail = "expected fewer requests of one session: open a new one";
            return Err(Problem::new(Code::TooManyRequests, detail));
        }
        *self = spent;
        Ok(())
    }
}
