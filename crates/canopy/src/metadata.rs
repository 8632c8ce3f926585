//! `meta_data`: what the agency hangs on a pull, and where the edge hides its session.
//!
//! Canopy gives it as an object in webhooks and examples, as JSON text in the Pull schema, and it may
//! be null. Source: contract, "Where the published document contradicts itself".

use serde_json::{Map, Value};

use crate::id::SessionId;

/// The member that carries the edge's session id.
pub const SESSION_MEMBER: &str = "edge_session";

/// Largest metadata a page may hand in, in bytes of JSON.
pub const MAX_BYTES: usize = 8 * 1024;

/// Largest `meta_data` of a webhook kept in a pull's state, in bytes as Canopy wrote it: what a page may
/// hand in, with room for the session, for escaping, and for what the agency sets elsewhere.
pub const MAX_KEPT_BYTES: usize = 32 * 1024;

/// Metadata that a page may not send.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MetadataError {
    /// Not a JSON object.
    #[error("expected metadata to be a JSON object")]
    NotAnObject,
    /// More than [`MAX_BYTES`].
    #[error("expected metadata of at most {MAX_BYTES} bytes of JSON")]
    TooLarge,
    /// The member is the edge's own.
    #[error("expected metadata without the member {SESSION_MEMBER}, which is set by the edge")]
    Reserved,
}

/// Reads metadata in each form that Canopy uses. What is neither an object nor the text of one is none.
#[must_use]
pub fn tolerant(json: &str) -> Option<Map<String, Value>> {
    let object = match serde_json::from_str(json).ok()? {
        Value::String(text) => serde_json::from_str(&text).ok()?,
        value => value,
    };
    match object {
        Value::Object(map) if !map.is_empty() => Some(map),
        _ => None,
    }
}

/// The edge session that started the pull, if its metadata names one.
#[must_use]
pub fn session(metadata: &Map<String, Value>) -> Option<SessionId> {
    SessionId::parse(metadata.get(SESSION_MEMBER)?.as_str()?).ok()
}

/// The agency's metadata as a page sent it, checked.
///
/// # Errors
/// [`MetadataError`] when it is no object, too large, or claims the edge's own member.
pub fn from_page(value: Option<Value>) -> Result<Map<String, Value>, MetadataError> {
    let map = match value {
        None | Some(Value::Null) => return Ok(Map::new()),
        Some(Value::Object(map)) => map,
        Some(_) => return Err(MetadataError::NotAnObject),
    };
    if map.contains_key(SESSION_MEMBER) {
        return Err(MetadataError::Reserved);
    }
    if serde_json::to_string(&map).map_or(usize::MAX, |json| json.len()) > MAX_BYTES {
        return Err(MetadataError::TooLarge);
    }
    Ok(map)
}

/// The metadata of a pull that `session` starts.
#[must_use]
pub fn for_pull(mut metadata: Map<String, Value>, session: &SessionId) -> Map<String, Value> {
    metadata.insert(SESSION_MEMBER.to_owned(), Value::String(session.to_string()));
    metadata
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_object_and_its_text_are_the_same() {
        let object = tolerant(r#"{"lead":"7"}"#).unwrap();
        assert_eq!(tolerant(r#""{\"lead\":\"7\"}""#), Some(object));
        for none in ["null", "{}", r#""""#, r#""text""#, "[1]", "7", r#""[1]""#] {
            assert_eq!(tolerant(none), None, "{none}");
        }
    }

    #[test]
    fn the_session_survives_the_way_through_canopy() {
        let session_id = SessionId::parse("5e55").unwrap();
        let map = for_pull(Map::new(), &session_id);
        let text = Value::String(Value::Object(map).to_string()).to_string();
        assert_eq!(session(&tolerant(&text).unwrap()), Some(session_id));
        assert_eq!(session(&tolerant(r#"{"edge_session":"../x"}"#).unwrap()), None);
    }

    #[test]
    fn a_page_may_send_a_small_object_only() {
        assert_eq!(from_page(None), Ok(Map::new()));
        assert_eq!(from_page(Some(json!({"lead": 7}))).unwrap()["lead"], 7);
        assert_eq!(from_page(Some(json!("x"))), Err(MetadataError::NotAnObject));
        assert_eq!(from_page(Some(json!({"edge_session": "x"}))), Err(MetadataError::Reserved));
        assert_eq!(from_page(Some(json!({"a": "x".repeat(MAX_BYTES)}))), Err(MetadataError::TooLarge));
    }
}
