//! An invitation's token: `mode.base64url(sealed {id, expiry, metadata, agency, language})`, sealed with AES-256-GCM under a key
//! of its own that is derived from `EDGE_SESSION_KEY`. Whoever has the link can neither read nor change what it is for. Its mode, `c` or
//! `h`, can be read: the page draws by it before it has asked the edge. It is bound to the rest: with another one the token does not open.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};

use crate::{
    id::InvitationId,
    metadata::Metadata,
    seal::{Keys, NONCE_BYTES},
    secret::Secret,
    security::derived_keys,
    session::{Mode, Settings},
    time::{UnixMillis, UnixSeconds},
};

/// Longest token read, in bytes: above what the bounds of its parts come to.
pub const MAX_TOKEN_LENGTH: usize = 2048;

/// The modes, each as it stands before the seal and with what the seal is for: nothing that is sealed for another place is taken.
const MODES: [(Mode, &str, &str); 2] = [
    (Mode::Components, "c.", "canopy-edge invitation v1 components"),
    (Mode::Hosted, "h.", "canopy-edge invitation v1 hosted"),
];

/// What the key is derived with.
const KEY_LABEL: &[u8] = b"canopy-edge invitation key v1";

/// Seals invitations, and opens them.
#[derive(Debug, Clone)]
pub struct InvitationKey(Keys);

impl InvitationKey {
    /// Derives it from `EDGE_SESSION_KEY`.
    #[must_use]
    pub fn derive(session_key: &Secret) -> Self {
        Self(derived_keys(session_key, KEY_LABEL))
    }
}

/// What a link is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// Its id.
    pub id: InvitationId,
    /// When it ends.
    pub expires_at: UnixSeconds,
    /// The agency's metadata.
    pub metadata: Metadata,
    /// Who draws the screens.
    pub mode: Mode,
    /// The agency's name, where it is not that of `EDGE_BRAND`.
    pub agency: Option<String>,
    /// The language of its page, as BCP 47 writes it.
    pub lang: Option<String>,
}

/// As it is sealed: short, as it becomes a link.
#[derive(Serialize, Deserialize)]
struct Sealed {
    i: InvitationId,
    e: i64,
    #[serde(default, skip_serializing_if = "is_empty")]
    m: Metadata,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    a: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    l: Option<String>,
}

fn is_empty(metadata: &Metadata) -> bool {
    *metadata == Metadata::default()
}

impl Invitation {
    /// The token, in letters, digits, `-`, `_` and one `.`. `nonce` must be random and new.
    #[must_use]
    pub fn seal(&self, key: &InvitationKey, nonce: [u8; NONCE_BYTES]) -> String {
        let sealed = Sealed {
            i: self.id.clone(),
            e: self.expires_at.0,
            m: self.metadata.clone(),
            a: self.agency.clone(),
            l: self.lang.clone(),
        };
        let plain = serde_json::to_vec(&sealed).expect("an invitation is plain data");
        let [components, hosted] = MODES;
        let (_, prefix, context) = if self.mode == Mode::Hosted { hosted } else { components };
        let sealed = key.0.seal(&plain, context, nonce).expect("there is a key");
        format!("{prefix}{}", URL_SAFE_NO_PAD.encode(sealed))
    }

    /// Opens a token; `None` for one that this edge did not make, or that was changed since.
    #[must_use]
    pub fn open(token: &str, key: &InvitationKey) -> Option<Self> {
        if token.len() > MAX_TOKEN_LENGTH {
            return None;
        }
        let of_mode = |(mode, prefix, context)| Some((mode, token.strip_prefix(prefix)?, context));
        let (mode, rest, context) = MODES.into_iter().find_map(of_mode)?;
        let mut sealed = URL_SAFE_NO_PAD.decode(rest).ok()?;
        let plain = key.0.read(&mut sealed, true, context).ok()?;
        let Sealed { i, e, m, a, l } = serde_json::from_slice(plain).ok()?;
        Some(Self { id: i, expires_at: UnixSeconds(e), metadata: m, mode, agency: a, lang: l })
    }

    /// Whether its time is over.
    #[must_use]
    pub fn is_expired(&self, now: UnixMillis) -> bool {
        self.expires_at <= now.seconds()
    }

    /// What a session is opened for that comes of it.
    #[must_use]
    pub fn settings(&self) -> Settings {
        let metadata = self.metadata.for_invited(&self.id);
        Settings { mode: Some(self.mode), metadata, servicing_actions: None }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::value::RawValue;

    use super::*;

    fn key() -> InvitationKey {
        InvitationKey::derive(&Secret::new("0123456789abcdef"))
    }

    fn invitation(metadata: &str) -> Invitation {
        let raw = RawValue::from_string(metadata.to_owned()).unwrap();
        Invitation {
            id: InvitationId::parse("0123456789abcdef0123").unwrap(),
            expires_at: UnixSeconds(100),
            metadata: Metadata::from_page(Some(&raw)).unwrap(),
            mode: Mode::Components,
            agency: None,
            lang: None,
        }
    }

    #[test]
    fn a_token_says_what_was_sealed_and_shows_none_of_it() {
        let made = Invitation {
            mode: Mode::Hosted,
            agency: Some("Maple & Main".to_owned()),
            lang: Some("es".to_owned()),
            ..invitation(r#"{"lead":"L-1027","score":1.10}"#)
        };
        let token = made.seal(&key(), [7; 12]);
        assert_eq!(Invitation::open(&token, &key()), Some(made));
        let bytes = URL_SAFE_NO_PAD.decode(token.strip_prefix("h.").unwrap()).unwrap();
        for shown in [&b"L-1027"[..], b"Maple", b"0123456789"] {
            assert!(!bytes.windows(shown.len()).any(|window| window == shown));
        }
        let other = InvitationKey::derive(&Secret::new("0123456789abcdeg"));
        assert_eq!(Invitation::open(&token, &other), None);
        let short = invitation(r#"{"lead":"L-1027"}"#).seal(&key(), [7; 12]);
        assert!(short.len() < 140, "a link fits into a text message: {}", short.len());
    }

    #[test]
    fn a_changed_token_opens_nothing() {
        let token = invitation(r#"{"lead":7}"#).seal(&key(), [7; 12]);
        for at in 0..token.len() {
            let mut changed = token.clone().into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            assert_eq!(Invitation::open(&changed, &key()), None, "{at}");
        }
        for changed in
            [token.get(1..).unwrap(), &format!("{token}A"), &format!("{token}="), &format!(" {token}")]
        {
            assert_eq!(Invitation::open(changed, &key()), None);
        }
    }

    #[test]
    fn a_token_shows_its_mode_and_opens_with_no_other() {
        for (mode, prefix, other) in [(Mode::Components, "c.", "h."), (Mode::Hosted, "h.", "c.")] {
            let token = Invitation { mode, ..invitation("{}") }.seal(&key(), [7; 12]);
            let rest = token.strip_prefix(prefix).unwrap();
            assert_eq!(Invitation::open(&token, &key()).unwrap().mode, mode);
            for changed in [format!("{other}{rest}"), format!("{prefix}{token}"), rest.to_owned()] {
                assert_eq!(Invitation::open(&changed, &key()), None, "{changed}");
            }
        }
    }

    #[test]
    fn it_ends_with_its_last_second() {
        let invitation = invitation("{}");
        assert!(!invitation.is_expired(UnixMillis(99_999)) && invitation.is_expired(UnixMillis(100_000)));
    }

    #[test]
    fn its_sessions_have_its_metadata_and_name_it() {
        let settings = invitation(r#"{"lead":7}"#).settings();
        assert_eq!(settings.metadata.text(), r#"{"lead":7,"edge_invitation":"0123456789abcdef0123"}"#);
        assert_eq!(settings.mode, Some(Mode::Components));
    }

    proptest! {
        #[test]
        fn no_text_whatever_is_a_token(text in ".{0,200}") {
            prop_assert!(Invitation::open(&text, &key()).is_none());
        }
    }
}
