//! The edge's own calls of Canopy's API as data: how one is made, and what its answer means.
//! Source: contract, "Authentication", "Errors".

mod answer;
mod call;
mod credentials;
mod login;
mod servicing;
mod upload;

pub use answer::{
    CallError, ServicingDetails, Started, read_consent_token, read_done, read_started, read_uploaded,
};
pub use call::Call;
pub use credentials::{Credentials, PullJwt};
pub use login::{Consent, Login};
pub use servicing::ServicingActions;
pub use upload::{Content, FORM_PACE, FileKind, HEAD_BYTES, MAX_FORM_BYTES, Part, Upload, form_millis};
