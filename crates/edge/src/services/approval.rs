//! The links of approvals.

use canopy::{config::Config, security::approval};
use flow::run::Ask;

/// The token of a link, signed.
pub fn signed(config: &Config, ask: &Ask) -> String {
    ask.signed(&approval::sign(&config.session_key, &ask.subject()))
}
