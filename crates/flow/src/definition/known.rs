//! What a definition is read against.

use std::{collections::BTreeMap, fmt};

/// What a definition is read against.
#[derive(Clone, Copy)]
pub struct Known<'a> {
    /// The host of each secret, by name; `None` where it is not known what secrets there are.
    pub secrets: Option<&'a BTreeMap<String, String>>,
    /// Whether a text holds a secret.
    pub is_secret: &'a dyn Fn(&str) -> bool,
    /// Whether this machine may be asked in the place of a service.
    pub is_local: bool,
}

impl fmt::Debug for Known<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Known").field("is_local", &self.is_local).finish_non_exhaustive()
    }
}

impl Known<'_> {
    /// Where nothing is known.
    pub const NOTHING: Known<'static> = Known { secrets: None, is_secret: &|_| false, is_local: false };
}
