//! On which line of a JSON text a place stands.

use std::collections::HashMap;

use serde_json::value::RawValue;

/// The line, from 1 on, of the value at a JSON pointer (RFC 6901); of one that is not there the line of what it would stand in. Of what is
/// no JSON it is the line up to which it is.
pub fn of(text: &str, pointer: &str) -> usize {
    let mut value = match serde_json::from_str::<&RawValue>(text) {
        Ok(value) => value,
        Err(error) => return error.line(),
    };
    for segment in pointer.split('/').skip(1) {
        let Some(inner) = inner(value, &segment.replace("~1", "/").replace("~0", "~")) else { break };
        value = inner;
    }
    // What is read is lent from the text.
    let before = value.get().as_ptr() as usize - text.as_ptr() as usize;
    1 + text[..before].matches('\n').count()
}

fn inner<'t>(value: &'t RawValue, name: &str) -> Option<&'t RawValue> {
    let text = value.get();
    if text.starts_with('[') {
        let elements: Vec<&RawValue> = serde_json::from_str(text).ok()?;
        elements.get(name.parse::<usize>().ok()?).copied()
    } else {
        let members: HashMap<String, &RawValue> = serde_json::from_str(text).ok()?;
        members.get(name).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_has_the_line_on_which_its_value_begins() {
        let text = "\n{\n  \"a\": 1,\n  \"b/c\": [\n    2,\n    { \"d\": \"\\n\", \"d\":\n 3 }\n  ]\n}\n";
        for (pointer, line) in [
            ("", 2),
            ("/a", 3),
            ("/b~1c", 4),
            ("/b~1c/0", 5),
            ("/b~1c/1", 6),
            ("/b~1c/1/d", 7),
            ("/b~1c/1/missing/deeper", 6),
            ("/b~1c/9", 4),
            ("/a/x", 3),
            ("/missing", 2),
        ] {
            assert_eq!(of(text, pointer), line, "{pointer}");
        }
        assert_eq!((of("{\n\"a\": ]\n}", ""), of("", "/a")), (2, 1));
    }
}
