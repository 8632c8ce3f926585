//! Canopy's API as data: which calls there are, how one is made, and what its answer means.
//! Source: contract, "Authentication", "Errors", `openapi.json`.

mod answer;
mod call;
mod login_view;

pub use answer::{CallError, ServicingDetails, Started, read_consent_token, read_done, read_started};
pub use call::{Call, Consent, Credentials, Login, Method, PullJwt};
pub use login_view::LoginView;
