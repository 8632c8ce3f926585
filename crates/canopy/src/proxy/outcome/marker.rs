//! A mark by which the pull that a call begins is known again.

use crate::{contract::Operation, json, metadata::CALL_MEMBER};

/// Whether such a call can carry one: what it sends as `meta_data` comes back with the pull.
#[must_use]
pub const fn takes_marker(operation: Operation) -> bool {
    matches!(operation, Operation::ConsentAndConnect)
}

/// `body` with `marker` in its `meta_data`, and every other byte as it is. `None` where there is no one place for it: the
/// `meta_data` is no object, stands there twice, or has that member already.
#[must_use]
pub fn marked(body: &[u8], marker: &str) -> Option<Vec<u8>> {
    let text = str::from_utf8(body).ok()?;
    let entries = json::all_entries(text)?;
    let member = serde_json::to_string(marker).expect("text is plain data");
    let member = format!("\"{CALL_MEMBER}\":{member}");
    let mut given = entries.iter().filter(|(name, _)| name == "meta_data").map(|(_, value)| value.get());
    let (opens_at, is_empty, member) = match (given.next(), given.next()) {
        (None, _) => (text.find('{')?, entries.is_empty(), format!("\"meta_data\":{{{member}}}")),
        (Some(object), None) => {
            let members = json::all_entries(object)?;
            if members.iter().any(|(name, _)| name == CALL_MEMBER) {
                return None;
            }
            // The value is a part of the text that it was read from.
            (object.as_ptr() as usize - text.as_ptr() as usize, members.is_empty(), member)
        }
        (Some(_), Some(_)) => return None,
    };
    let (head, rest) = text.split_at(opens_at + 1);
    let comma = if is_empty { "" } else { "," };
    Some([head, &member, comma, rest].concat().into_bytes())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn mark(body: &str) -> Option<String> {
        marked(body.as_bytes(), "m").map(|body| String::from_utf8(body).unwrap())
    }

    #[test]
    fn the_mark_is_added_and_no_other_byte_is_changed() {
        for (body, expected) in [
            (r#"{"a":1.10}"#, r#"{"meta_data":{"edge_call":"m"},"a":1.10}"#),
            (" {} ", r#" {"meta_data":{"edge_call":"m"}} "#),
            (
                r#"{"a":"{\"meta_data\":{}}","meta_data": { "x":"\ud83d"}, "b":2}"#,
                r#"{"a":"{\"meta_data\":{}}","meta_data": {"edge_call":"m", "x":"\ud83d"}, "b":2}"#,
            ),
            (r#"{"m\u0065ta_data":{ }}"#, r#"{"m\u0065ta_data":{"edge_call":"m" }}"#),
            (r#"{"b":{"meta_data":7}}"#, r#"{"meta_data":{"edge_call":"m"},"b":{"meta_data":7}}"#),
        ] {
            assert_eq!(mark(body).as_deref(), Some(expected), "{body}");
        }
    }

    #[test]
    fn where_there_is_no_one_place_for_it_nothing_is_added() {
        for body in [
            r#"{"meta_data":null}"#,
            r#"{"meta_data":"{}"}"#,
            r#"{"meta_data":[]}"#,
            r#"{"meta_data":{},"meta_data":{}}"#,
            r#"{"meta_data":{"edge_call":"theirs"}}"#,
            r#"{"meta_data":{"edge\u005fcall":1}}"#,
            "[]",
            "",
            "not json",
        ] {
            assert_eq!(mark(body), None, "{body}");
        }
        assert_eq!(marked(b"{\"a\":\"\xff\"}", "m"), None);
    }

    proptest! {
        #[test]
        fn no_body_whatever_makes_it_panic_or_be_no_json(text in r#"[\\"{}\[\]:, a-em_0-9]{0,40}"#) {
            if let Some(body) = mark(&text) {
                prop_assert!(json::all_entries(&body).is_some());
            }
        }
    }
}
