//! `meta_data`: what the agency hangs on a pull, and where the edge hides its session, and a mark of the call that began it.
//!
//! Canopy gives it as an object in webhooks and examples, as JSON text in the Pull schema, and it may
//! be null. Source: contract, "Where the published document contradicts itself".

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::{
    id::{InvitationId, SessionId},
    json,
};

/// The member that carries the edge's session id.
pub const SESSION_MEMBER: &str = "edge_session";

/// The member that carries the edge's mark of a call, by which its pull is known again should its answer be lost. Source:
/// [`crate::proxy::outcome`].
pub const CALL_MEMBER: &str = "edge_call";

/// The member that carries the name of the insurance company that a visitor typed where none of the list was theirs.
pub const COMPANY_MEMBER: &str = "edge_company";

/// The member that names the invitation which the pull came of.
pub const INVITATION_MEMBER: &str = "edge_invitation";

/// The members that the edge alone sets.
const OWN_MEMBERS: [&str; 4] = [SESSION_MEMBER, CALL_MEMBER, COMPANY_MEMBER, INVITATION_MEMBER];

/// Largest metadata a page may hand in, in bytes of JSON.
pub const MAX_BYTES: usize = 8 * 1024;

/// The same as fields of a form, in bytes: each value there has the names of all that it stands in.
pub const MAX_FORM_BYTES: usize = 64 * 1024;

/// Most metadata of a webhook kept in a pull's state, in bytes of JSON: what a page may hand in, with room for escaping
/// and for what the agency sets elsewhere.
pub const MAX_KEPT_BYTES: usize = 32 * 1024;

/// Deepest value kept: readers of JSON commonly end at 128.
const MAX_DEPTH: usize = 100;

/// Metadata that a page may not send.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MetadataError {
    /// Not a JSON object.
    #[error("expected metadata to be a JSON object")]
    NotAnObject,
    /// More than [`MAX_BYTES`], or [`MAX_FORM_BYTES`], or nested deeper than any reader follows.
    #[error(
        "expected metadata of at most {MAX_BYTES} bytes of JSON, {MAX_FORM_BYTES} as fields of a form, nested at most {MAX_DEPTH} deep"
    )]
    TooLarge,
    /// The member is the edge's own.
    #[error(
        "expected metadata without the members {SESSION_MEMBER}, {CALL_MEMBER}, {COMPANY_MEMBER} and {INVITATION_MEMBER}, which are set by the edge"
    )]
    Reserved,
    /// A member, at whatever depth, has a name that is taken for another one in a form.
    #[error("expected metadata whose members have names, without square brackets")]
    Name,
}

/// A JSON object, each value the text it came as: numbers keep their digits, members their order.
#[derive(Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Metadata(Box<RawValue>);

impl Metadata {
    /// Reads the `meta_data` of a webhook in each form that Canopy uses; `None` when there is none, or nothing in it.
    ///
    /// Members are kept in order, up to [`MAX_KEPT_BYTES`] together; one that is larger than what is left, or nested too
    /// deep, is left to the raw body. The edge's own members are always kept.
    #[must_use]
    pub fn read(raw: &RawValue) -> Option<Self> {
        let text =
            if raw.get().starts_with('"') { json::text_or_number(Some(raw))? } else { raw.get().to_owned() };
        let entries = json::entries(&text)?;
        let mut room = MAX_KEPT_BYTES;
        let kept = entries.iter().filter(|(name, value)| {
            let size = name.len() + value.get().len();
            let fits = OWN_MEMBERS.contains(&name.as_str())
                || (size <= room && json::depth(value.get()) <= MAX_DEPTH);
            room = room.saturating_sub(if fits { size } else { 0 });
            fits
        });
        let kept: Vec<_> = kept.map(|(name, value)| (name.as_str(), *value)).collect();
        (!kept.is_empty()).then(|| Self::of(&kept))
    }

    /// The agency's metadata as a page sent it, checked.
    ///
    /// # Errors
    /// [`MetadataError`] when it is no object, too large, or claims the edge's own member.
    pub fn from_page(raw: Option<&RawValue>) -> Result<Self, MetadataError> {
        let Some(raw) = raw.filter(|raw| raw.get() != "null") else { return Ok(Self::default()) };
        let entries = json::entries(raw.get()).ok_or(MetadataError::NotAnObject)?;
        if entries.iter().any(|(name, _)| OWN_MEMBERS.contains(&name.as_str())) {
            return Err(MetadataError::Reserved);
        }
        if raw.get().len() > MAX_BYTES || json::depth(raw.get()) > MAX_DEPTH {
            return Err(MetadataError::TooLarge);
        }
        let mut size = 0;
        if !each_leaf(&mut String::new(), raw, &mut |path, value| size += path.len() + value.get().len()) {
            return Err(MetadataError::Name);
        }
        if size > MAX_FORM_BYTES {
            return Err(MetadataError::TooLarge);
        }
        let entries: Vec<_> = entries.iter().map(|(name, value)| (name.as_str(), *value)).collect();
        Ok(Self::of(&entries))
    }

    /// The edge session that started the pull, if its metadata names one.
    #[must_use]
    pub fn session(&self) -> Option<SessionId> {
        let [session] = json::members_of(Some(&self.0), [SESSION_MEMBER]);
        SessionId::parse(&json::text_or_number(session)?).ok()
    }

    /// The invitation that the pull came of, if its metadata names one.
    #[must_use]
    pub fn invitation(&self) -> Option<InvitationId> {
        let [invitation] = json::members_of(Some(&self.0), [INVITATION_MEMBER]);
        InvitationId::parse(&json::text(invitation)?).ok()
    }

    /// The mark of the call that began the pull, if it has one.
    #[must_use]
    pub fn call(&self) -> Option<String> {
        let [call] = json::members_of(Some(&self.0), [CALL_MEMBER]);
        json::text(call)
    }

    /// The same without the mark of a call, which is nobody's but the edge's.
    #[must_use]
    pub fn without_call(&self) -> Self {
        let entries = json::entries(self.0.get()).unwrap_or_default();
        let entries = entries.iter().filter(|(name, _)| name != CALL_MEMBER);
        Self::of(&entries.map(|(name, value)| (name.as_str(), *value)).collect::<Vec<_>>())
    }

    /// The metadata of a pull that `session` starts.
    #[must_use]
    pub fn for_pull(&self, session: &SessionId) -> Self {
        self.with(SESSION_MEMBER, session)
    }

    /// The metadata of the sessions that an invitation opens.
    #[must_use]
    pub fn for_invited(&self, invitation: &InvitationId) -> Self {
        self.with(INVITATION_MEMBER, invitation)
    }

    fn with(&self, name: &str, id: &impl Serialize) -> Self {
        let entries = json::entries(self.0.get()).unwrap_or_default();
        let id = serde_json::value::to_raw_value(id).expect("an identifier is plain data");
        let mut entries: Vec<_> = entries.iter().map(|(name, value)| (name.as_str(), *value)).collect();
        entries.push((name, &id));
        Self::of(&entries)
    }

    /// The same with the insurance company that the visitor named, if they did.
    #[must_use]
    pub fn with_company(&self, company: Option<&str>) -> Self {
        let Some(company) = company else { return self.clone() };
        let entries = json::entries(self.0.get()).unwrap_or_default();
        let company = serde_json::value::to_raw_value(company).expect("text is plain data");
        let mut entries: Vec<_> = entries.iter().map(|(name, value)| (name.as_str(), *value)).collect();
        entries.push((COMPANY_MEMBER, &company));
        Self::of(&entries)
    }

    /// Its values as the fields of a form have them, each with where it stands: `[of][a][0]`. Text is as it is; numbers and truth
    /// values become text. What is null or has nothing in it is left out, and so is a member whose name is none in a form: it
    /// could be taken for one of the edge's own.
    #[must_use]
    pub fn texts(&self) -> Vec<(String, String)> {
        let mut texts = Vec::new();
        each_leaf(&mut String::new(), &self.0, &mut |path, value| {
            let text = json::text(Some(value)).unwrap_or_else(|| value.get().to_owned());
            texts.push((path.to_owned(), text));
        });
        texts
    }

    /// As JSON.
    #[must_use]
    pub fn text(&self) -> &str {
        self.0.get()
    }

    fn of(entries: &[(&str, &RawValue)]) -> Self {
        let mut object = String::from("{");
        for (name, value) in entries {
            let comma = if object.len() > 1 { "," } else { "" };
            let name = serde_json::to_string(name).expect("text is plain data");
            object.extend([comma, &name, ":", &json::mended(value.get())]);
        }
        object.push('}');
        Self(RawValue::from_string(object).expect("an object of whole values is whole"))
    }
}

/// Gives each value below this one that holds no other, and is not null, with where it stands. Leaves out members whose names are
/// empty or hold a bracket; gives whether there are none.
fn each_leaf(path: &mut String, value: &RawValue, leaf: &mut impl FnMut(&str, &RawValue)) -> bool {
    let json = value.get();
    let below = match json.as_bytes().first() {
        Some(b'{') => json::entries(json).unwrap_or_default(),
        Some(b'[') => {
            let items = json::items(json, usize::MAX).unwrap_or_default();
            items.into_iter().enumerate().map(|(at, item)| (at.to_string(), item)).collect()
        }
        Some(b'n') => return true,
        _ => {
            leaf(path, value);
            return true;
        }
    };
    let (above, mut are_names) = (path.len(), true);
    for (name, value) in below {
        if name.is_empty() || name.contains(['[', ']']) {
            are_names = false;
            continue;
        }
        path.extend(["[", &name, "]"]);
        are_names &= each_leaf(path, value, leaf);
        path.truncate(above);
    }
    are_names
}

impl Default for Metadata {
    fn default() -> Self {
        Self::of(&[])
    }
}

impl PartialEq for Metadata {
    fn eq(&self, other: &Self) -> bool {
        self.0.get() == other.0.get()
    }
}

impl Eq for Metadata {}

/// Shows nothing of it: what the agency hangs on a pull may be personal.
impl fmt::Debug for Metadata {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Metadata({} bytes)", self.0.get().len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Option<Metadata> {
        Metadata::read(&RawValue::from_string(json.to_owned()).unwrap())
    }

    fn from_page(json: &str) -> Result<Metadata, MetadataError> {
        Metadata::from_page(Some(&RawValue::from_string(json.to_owned()).unwrap()))
    }

    #[test]
    fn an_object_and_its_text_are_the_same() {
        let object = read(r#"{"lead":"7"}"#).unwrap();
        assert_eq!(read(r#""{\"lead\":\"7\"}""#), Some(object));
        for none in ["null", "{}", r#""""#, r#""text""#, "[1]", "7", r#""[1]""#] {
            assert_eq!(read(none), None, "{none}");
        }
    }

    #[test]
    fn the_session_survives_the_way_through_canopy() {
        let session = SessionId::parse("5e55").unwrap();
        let sent = from_page(r#"{"lead":123456789012345678901234567890}"#).unwrap().for_pull(&session);
        assert_eq!(sent.0.get(), r#"{"lead":123456789012345678901234567890,"edge_session":"5e55"}"#);
        let text = serde_json::to_string(sent.0.get()).unwrap();
        assert_eq!(read(&text).unwrap().session(), Some(session));
        assert_eq!(read(r#"{"edge_session":"../x"}"#).unwrap().session(), None);
    }

    #[test]
    fn the_invitation_goes_with_every_pull_of_its_sessions() {
        let invitation = InvitationId::parse("a1").unwrap();
        let metadata = from_page(r#"{"lead":7}"#).unwrap().for_invited(&invitation);
        let sent = metadata.for_pull(&SessionId::parse("5e55").unwrap());
        assert_eq!(sent.text(), r#"{"lead":7,"edge_invitation":"a1","edge_session":"5e55"}"#);
        assert_eq!(read(sent.text()).unwrap().invitation(), Some(invitation));
        assert_eq!(read(r#"{"edge_invitation":7}"#).unwrap().invitation(), None);
    }

    #[test]
    fn the_session_is_read_whatever_stands_beside_it() {
        let (deep, long) =
            ("[".repeat(200) + &"]".repeat(200), format!("\"{}\"", "x".repeat(MAX_KEPT_BYTES)));
        for (neighbour, kept) in [
            (r#""Ann \ud83d""#, r#"{"n":"Ann \ufffd","edge_session":"s"}"#),
            ("1e400", r#"{"n":1e400,"edge_session":"s"}"#),
            (&deep, r#"{"edge_session":"s"}"#),
            (&long, r#"{"edge_session":"s"}"#),
        ] {
            let metadata = read(&format!(r#"{{"n":{neighbour},"edge_session":"s"}}"#)).unwrap();
            assert_eq!((metadata.0.get(), metadata.session().unwrap().as_str()), (kept, "s"));
        }
    }

    #[test]
    fn the_mark_of_a_call_is_read_and_left_out() {
        let long = format!("\"{}\"", "x".repeat(MAX_KEPT_BYTES));
        let metadata = read(&format!(r#"{{"a":1.0,"n":{long},"edge_call":"m","b":"x"}}"#)).unwrap();
        assert_eq!(metadata.call().as_deref(), Some("m"));
        let shown = metadata.without_call();
        assert_eq!((shown.text(), shown.call()), (r#"{"a":1.0,"b":"x"}"#, None));
        assert_eq!(read(r#"{"edge_call":"m"}"#).unwrap().without_call(), Metadata::default());
    }

    #[test]
    fn what_is_kept_is_bounded_and_keeps_digits_and_order() {
        let kept = read(r#"{"b":1.10,"a":-8.990567403888024e-203,"b":30}"#).unwrap();
        assert_eq!(kept.0.get(), r#"{"b":30,"a":-8.990567403888024e-203}"#);
        let many: Vec<String> = (0..10_000).map(|n| format!("\"{n}\":\"xxxxxxxxxx\"")).collect();
        let kept = read(&format!("{{{}}}", many.join(","))).unwrap();
        assert!((MAX_KEPT_BYTES / 2..2 * MAX_KEPT_BYTES).contains(&kept.0.get().len()));
    }

    #[test]
    fn a_form_has_each_value_with_where_it_stands() {
        let metadata = from_page(
            r#"{"lead":7.10,"of":{"a":[1,null,{"b":"x]"}],"n":null},"t":true,"no":{},"none":[],"e":""}"#,
        );
        let texts = metadata.unwrap().for_pull(&SessionId::parse("s").unwrap()).texts();
        let texts: Vec<_> = texts.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
        assert_eq!(
            texts,
            [
                ("[lead]", "7.10"),
                ("[of][a][0]", "1"),
                ("[of][a][2][b]", "x]"),
                ("[t]", "true"),
                ("[e]", ""),
                ("[edge_session]", "s"),
            ]
        );
    }

    #[test]
    fn a_name_that_a_form_takes_for_another_is_refused_and_never_written() {
        for name in
            ["x][edge_session", "edge_session]", "[edge_session", "a[b]", "", "]", "a\\u005d[edge_call"]
        {
            for json in [
                format!(r#"{{"{name}":"x"}}"#),
                format!(r#"{{"a":1,"of":[{{"{name}":{{}}}}]}}"#),
                format!(r#"{{"a":{{"{name}":null}}}}"#),
            ] {
                assert_eq!(from_page(&json), Err(MetadataError::Name), "{json}");
                let kept = read(&json).unwrap().texts();
                assert!(kept.iter().all(|(path, _)| path == "[a]"), "{kept:?}");
            }
        }
    }

    #[test]
    fn what_is_small_as_json_is_bounded_as_a_form_too() {
        let under = |name: usize, items: usize| {
            from_page(&format!(r#"{{"{}":[{}1]}}"#, "n".repeat(name), "1,".repeat(items - 1)))
        };
        assert!(under(4, 3_000).is_ok() && under(4_000, 10).is_ok());
        assert_eq!(under(4_000, 1_500), Err(MetadataError::TooLarge));
    }

    #[test]
    fn a_page_may_send_a_small_object_only() {
        assert_eq!(Metadata::from_page(None), Ok(Metadata::default()));
        assert_eq!(from_page("null"), Ok(Metadata::default()));
        assert_eq!(from_page(r#"{ "lead": 7 }"#).unwrap().0.get(), r#"{"lead":7}"#);
        assert_eq!(from_page("\"x\""), Err(MetadataError::NotAnObject));
        assert_eq!(from_page(r#"{"edge_session":"x"}"#), Err(MetadataError::Reserved));
        assert_eq!(from_page(r#"{"edge\u005fsession":"x"}"#), Err(MetadataError::Reserved));
        assert_eq!(from_page(r#"{"edge_call":"x"}"#), Err(MetadataError::Reserved));
        assert_eq!(from_page(r#"{"edge_invitation":"x"}"#), Err(MetadataError::Reserved));
        assert_eq!(
            from_page(&format!("{{\"a\":\"{}\"}}", "x".repeat(MAX_BYTES))),
            Err(MetadataError::TooLarge)
        );
        let deep = format!("{{\"a\":{}{}}}", "[".repeat(200), "]".repeat(200));
        assert_eq!(from_page(&deep), Err(MetadataError::TooLarge));
    }
}
