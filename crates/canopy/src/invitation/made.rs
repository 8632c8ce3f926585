//! An invitation that the back office asks for.

use serde_json::value::RawValue;

use super::Invitation;
use crate::{
    id::InvitationId,
    json,
    metadata::Metadata,
    problem::{Code, Problem},
    session::Mode,
    time::{UnixMillis, UnixSeconds},
};

/// Largest metadata, in bytes of JSON: it becomes a part of the link.
const MAX_METADATA_BYTES: usize = 768;

/// Longest name of the agency, in bytes.
const MAX_AGENCY_BYTES: usize = 120;

/// Longest tag of a language, in bytes.
const MAX_LANG_BYTES: usize = 35;

const DAY_SECONDS: i64 = 24 * 60 * 60;

/// How long an invitation lasts unless it is said, in seconds.
const DEFAULT_SECONDS: i64 = 30 * DAY_SECONDS;

/// The longest that one lasts, in seconds: a leap year.
const MAX_SECONDS: i64 = 366 * DAY_SECONDS;

/// See above.
#[derive(Debug, PartialEq, Eq)]
pub struct NewInvitation {
    metadata: Metadata,
    mode: Mode,
    agency: Option<String>,
    lang: Option<String>,
    expires_at: UnixSeconds,
}

impl NewInvitation {
    /// Reads a body at `now`: `{"metadata": {…}, "agency": "…", "mode": "components", "expires_at": "…", "lang": "es"}`, each of which
    /// may be left out.
    ///
    /// # Errors
    /// [`Code::BodyMalformed`] for what is no object, [`Code::InputInvalid`] with every member that is not what it should be.
    pub fn read(body: &[u8], now: UnixMillis) -> Result<Self, Problem> {
        const MEMBERS: &str = "metadata, agency, mode, expires_at or lang";
        let text = json::body(body);
        let malformed =
            || Problem::new(Code::BodyMalformed, format!("expected a JSON object with {MEMBERS}"));
        let entries = json::entries(&text).ok_or_else(malformed)?;
        let now = now.seconds().0;
        let mut read = Self {
            metadata: Metadata::default(),
            mode: Mode::Components,
            agency: None,
            lang: None,
            expires_at: UnixSeconds(now + DEFAULT_SECONDS),
        };
        let mut errors = Vec::new();
        for (name, value) in entries.iter() {
            let taken = match name.as_str() {
                "metadata" | "agency" | "mode" | "lang" | "expires_at" if value.get() == "null" => Ok(()),
                "metadata" => metadata(value).map(|metadata| read.metadata = metadata),
                "agency" => agency(value).map(|agency| read.agency = Some(agency)),
                "mode" => mode(value).map(|mode| read.mode = mode),
                "lang" => lang(value).map(|lang| read.lang = Some(lang)),
                "expires_at" => expiry(value, now).map(|at| read.expires_at = at),
                _ => Err(format!("expected {MEMBERS}")),
            };
            if let Err(expected) = taken {
                let pointer = name.replace('~', "~0").replace('/', "~1");
                errors.push((format!("/{pointer}"), expected));
            }
        }
        let Some((pointer, expected)) = errors.first() else { return Ok(read) };
        let detail = format!("{}: {expected}", pointer[1..].escape_debug());
        Err(Problem::new(Code::InputInvalid, detail).with_errors(errors))
    }

    /// The invitation of this id.
    #[must_use]
    pub fn made(self, id: InvitationId) -> Invitation {
        let Self { metadata, mode, agency, lang, expires_at } = self;
        Invitation { id, expires_at, metadata, mode, agency, lang }
    }
}

fn metadata(value: &RawValue) -> Result<Metadata, String> {
    let metadata = Metadata::from_page(Some(value)).map_err(|error| error.to_string())?;
    let is_short = metadata.text().len() <= MAX_METADATA_BYTES;
    is_short.then_some(metadata).ok_or_else(|| {
        format!(
            "expected metadata of at most {MAX_METADATA_BYTES} bytes of JSON: it becomes a part of the link"
        )
    })
}

fn agency(value: &RawValue) -> Result<String, String> {
    let is_line = |text: &String| {
        !text.trim().is_empty() && text.len() <= MAX_AGENCY_BYTES && !text.chars().any(char::is_control)
    };
    let expected = || format!("expected a name of at most {MAX_AGENCY_BYTES} bytes");
    json::text(Some(value)).filter(is_line).ok_or_else(expected)
}

fn mode(value: &RawValue) -> Result<Mode, String> {
    serde_json::from_str(value.get()).map_err(|_| "expected hosted or components".to_owned())
}

/// A tag as BCP 47 writes it: parts of letters and digits.
fn lang(value: &RawValue) -> Result<String, String> {
    let is_tag = |text: &String| {
        let is_part = |part: &str| {
            (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
        };
        text.len() <= MAX_LANG_BYTES
            && text.starts_with(|first: char| first.is_ascii_alphabetic())
            && text.split('-').all(is_part)
    };
    json::text(Some(value)).filter(is_tag).ok_or_else(|| "expected a language such as en or es-MX".to_owned())
}

fn expiry(value: &RawValue, now: i64) -> Result<UnixSeconds, String> {
    let moment = json::text(Some(value)).and_then(|text| UnixMillis::parse(&text)).map(UnixMillis::seconds);
    let is_ahead = |at: &UnixSeconds| (now + 1..=now + MAX_SECONDS).contains(&at.0);
    moment.filter(is_ahead).ok_or_else(|| {
        "expected an RFC 3339 time, like 2026-01-31T09:30:00Z, that is to come within a year".to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixMillis = UnixMillis(1_700_000_000_500);

    fn read(body: &str) -> Result<NewInvitation, Problem> {
        NewInvitation::read(body.as_bytes(), NOW)
    }

    #[test]
    fn what_is_left_out_is_sensible() {
        let invitation = read("{}").unwrap().made(InvitationId::parse("i").unwrap());
        assert_eq!(invitation.expires_at, UnixSeconds(1_700_000_000 + 30 * 86_400));
        assert_eq!((invitation.mode, invitation.metadata.text()), (Mode::Components, "{}"));
        assert_eq!(
            read(r#"{"agency":null,"metadata":null,"mode":null,"lang":null,"expires_at":null}"#),
            read("{}")
        );
        let all = r#"{"metadata":{"lead":1.10},"agency":"A","mode":"hosted","lang":"es-MX","expires_at":"2023-11-15T00:00:00.9Z"}"#;
        let all = read(all).unwrap().made(InvitationId::parse("i").unwrap());
        assert_eq!((all.metadata.text(), all.mode), (r#"{"lead":1.10}"#, Mode::Hosted));
        assert_eq!((all.lang.as_deref(), all.expires_at), (Some("es-MX"), UnixSeconds(1_700_006_400)));
    }

    #[test]
    fn everything_that_is_wrong_is_named_at_once() {
        let wrong = r#"{"metadata":[],"agency":"","mode":"both","lang":"e s","expires_at":"2023-11-14T22:13:20Z","a/b":1,"":null}"#;
        let problem = read(wrong).unwrap_err();
        let json = problem.json();
        let pointers =
            json["errors"].as_array().unwrap().iter().map(|error| error["pointer"].as_str().unwrap());
        let expected = ["/metadata", "/agency", "/mode", "/lang", "/expires_at", "/a~1b", "/"];
        assert_eq!(pointers.collect::<Vec<_>>(), expected);
        assert!(problem.detail.starts_with("metadata: expected metadata"), "{}", problem.detail);
        for body in ["", "[]", "7", "{"] {
            assert_eq!(read(body).unwrap_err().code, Code::BodyMalformed, "{body}");
        }
    }

    #[test]
    fn what_would_make_the_link_long_or_last_for_ever_is_refused() {
        let longest = format!("{{\"metadata\":{{\"a\":\"{}\"}}}}", "x".repeat(MAX_METADATA_BYTES - 8));
        let token = read(&longest).unwrap().made(InvitationId::parse(&"i".repeat(20)).unwrap());
        let key = super::super::InvitationKey::derive(&crate::secret::Secret::new("k"));
        assert!(token.seal(&key, [7; 12]).len() < 1_200);
        for (member, value) in [
            ("metadata", format!("{{\"a\":\"{}\"}}", "x".repeat(MAX_METADATA_BYTES - 7))),
            ("metadata", r#"{"edge_invitation":"x"}"#.to_owned()),
            ("agency", format!("\"{}\"", "x".repeat(MAX_AGENCY_BYTES + 1))),
            ("agency", r#""a\nb""#.to_owned()),
            ("lang", "\"en-\"".to_owned()),
            ("lang", "\"1\"".to_owned()),
            ("expires_at", "\"2024-11-15T22:13:21Z\"".to_owned()),
            ("expires_at", "\"tomorrow\"".to_owned()),
            ("expires_at", "1800000000".to_owned()),
        ] {
            let problem = read(&format!("{{\"{member}\":{value}}}")).unwrap_err();
            assert_eq!(
                (problem.code, problem.detail.starts_with(member)),
                (Code::InputInvalid, true),
                "{value}"
            );
        }
    }
}
