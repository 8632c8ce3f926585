//! Replaces members of a JSON text by name, wherever they stand, and leaves every other byte as it is.

use serde_json::value::RawValue;

use crate::json;

/// What stands in the place of a secret that a token may not see.
pub const MASK: &str = "********";

/// Deepest nesting that is looked into.
const MAX_DEPTH: usize = 64;

/// `body` with each text named in `names` replaced by what `replace` gives for it, by name and value; a value that is no
/// text is nobody's secret. `None` when `body` is not JSON as it is looked into here: then nothing can be said of it.
pub fn rewritten(
    body: &[u8],
    names: &[&str],
    mut replace: impl FnMut(&str, &str) -> String,
) -> Option<Vec<u8>> {
    let text = str::from_utf8(body).ok()?;
    if json::depth(text) > MAX_DEPTH {
        return None;
    }
    let whole: &RawValue = serde_json::from_str(text).ok()?;
    // A part of an answer may be a text without its name.
    if !whole.get().starts_with(['{', '[']) {
        return None;
    }
    let mut found = Vec::new();
    find(whole, names, &mut found)?;
    let (mut rewritten, mut kept) = (Vec::with_capacity(body.len() + 256), 0);
    for (name, raw) in found {
        // The value is a part of the text that it was read from.
        let start = raw.get().as_ptr() as usize - text.as_ptr() as usize;
        let value = json::text(Some(raw))?;
        let new = serde_json::to_string(&replace(&name, &value)).expect("a text is JSON");
        rewritten.extend(&body[kept..start]);
        rewritten.extend(new.as_bytes());
        kept = start + raw.get().len();
    }
    rewritten.extend(&body[kept..]);
    Some(rewritten)
}

/// Looks for texts of these names, in the order in which they stand.
fn find<'a>(raw: &'a RawValue, names: &[&str], found: &mut Vec<(String, &'a RawValue)>) -> Option<()> {
    match raw.get().as_bytes().first()? {
        b'{' => {
            for (name, value) in json::all_entries(raw.get())? {
                if names.contains(&name.as_str()) && value.get().starts_with('"') {
                    found.push((name, value));
                } else {
                    find(value, names, found)?;
                }
            }
        }
        b'[' => {
            for item in json::items(raw.get(), usize::MAX)? {
                find(item, names, found)?;
            }
        }
        _ => {}
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn masked(body: &str) -> Option<String> {
        let body = rewritten(body.as_bytes(), &["secret"], |_, _| MASK.to_owned())?;
        Some(String::from_utf8(body).unwrap())
    }

    #[test]
    fn only_the_values_of_these_names_change() {
        for (body, expected) in [
            (r#" { "secret" : "a", "b":1.0 } "#, r#" { "secret" : "********", "b":1.0 } "#),
            (
                r#"{"a":[{"secret":"x\"y"},{"secret":""}]}"#,
                r#"{"a":[{"secret":"********"},{"secret":"********"}]}"#,
            ),
            (r#"{"s\u0065cret":"x","secret":"y"}"#, r#"{"s\u0065cret":"********","secret":"********"}"#),
            (r#"{"secret":null,"other":"secret"}"#, r#"{"secret":null,"other":"secret"}"#),
            (r#"{"secret":{"secret":"x"}}"#, r#"{"secret":{"secret":"********"}}"#),
            ("[]", "[]"),
        ] {
            assert_eq!(masked(body).as_deref(), Some(expected), "{body}");
        }
    }

    #[test]
    fn of_what_is_not_json_nothing_is_said() {
        for body in
            ["", "1", "\"hush\"", "not json", r#"{"secret":"x""#, r#"{"secret":"x"} {}"#, &"[".repeat(100)]
        {
            assert_eq!(masked(body), None, "{body}");
        }
        assert_eq!(masked(&format!("{}{}", "[".repeat(65), "]".repeat(65))), None);
        assert_eq!(rewritten(b"{\"secret\":\"\xff\"}", &["secret"], |_, _| String::new()), None);
    }

    proptest! {
        #[test]
        fn what_has_none_of_the_names_stays_as_it_is(text in r#"[\[\]{}",: a-z0-9\\]{0,40}"#) {
            prop_assert!(masked(&text).is_none_or(|masked| masked == text || text.contains("secret")));
        }
    }
}
