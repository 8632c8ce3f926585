//! Members of JSON that are looked at one by one, the rest skipped unread.

use serde::Deserialize;
use serde_json::{Value, value::RawValue};

/// What the fold looks at in a webhook's `data`, of all event types together. However large the rest is, it is
/// neither copied nor taken apart.
#[derive(Default, Deserialize)]
pub(crate) struct Data<'a> {
    #[serde(borrow)]
    pub auth_status: Option<&'a RawValue>,
    #[serde(borrow)]
    pub sequence: Option<&'a RawValue>,
    #[serde(borrow)]
    pub login_error_message: Option<&'a RawValue>,
    #[serde(borrow)]
    pub mfa_options: Option<&'a RawValue>,
    #[serde(borrow)]
    pub identity_verification_options: Option<&'a RawValue>,
    #[serde(borrow)]
    pub options: Option<&'a RawValue>,
    #[serde(borrow)]
    pub policy_id: Option<&'a RawValue>,
    #[serde(borrow)]
    pub policy_type: Option<&'a RawValue>,
    #[serde(borrow)]
    pub reconnect_url: Option<&'a RawValue>,
    #[serde(borrow)]
    pub servicing_action_id: Option<&'a RawValue>,
    #[serde(borrow)]
    pub status: Option<&'a RawValue>,
    #[serde(borrow)]
    pub completed_at: Option<&'a RawValue>,
}

impl<'a> Data<'a> {
    /// Reads an object's members; anything else has none.
    pub fn read(json: &'a str) -> Self {
        serde_json::from_str(json).unwrap_or_default()
    }
}

/// A member that is text.
pub(crate) fn text(raw: Option<&RawValue>) -> Option<String> {
    serde_json::from_str(raw?.get()).ok()
}

/// A member as it is; null when there is none.
pub(crate) fn value(raw: Option<&RawValue>) -> Value {
    raw.and_then(|raw| serde_json::from_str(raw.get()).ok()).unwrap_or_default()
}
