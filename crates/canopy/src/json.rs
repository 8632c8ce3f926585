//! JSON from others, read member by member: what cannot be read in one place costs nothing elsewhere.
//!
//! Values stay the text they came as until somebody needs them. Half a surrogate pair is read as U+FFFD, of a member given
//! twice the last counts (as with `JSON.parse`), a number where text is expected is its digits, and a whole number is one
//! in each of its spellings. Depth and size of what nobody looks at do not matter.

use std::{borrow::Cow, collections::HashMap, fmt};

use serde::{
    Deserializer,
    de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use serde_json::value::RawValue;

/// A body as text: without a byte order mark, with U+FFFD for what is no UTF-8.
#[must_use]
pub fn body(bytes: &[u8]) -> Cow<'_, str> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    // Several times as fast as looking for what is to be replaced.
    str::from_utf8(bytes).map_or_else(|_| String::from_utf8_lossy(bytes), Cow::Borrowed)
}

/// The members `names` of an object. `None` when `json` is no whole object.
#[must_use]
pub fn members<'a, const N: usize>(json: &'a str, names: [&str; N]) -> Option<[Option<&'a RawValue>; N]> {
    whole_text(json, Members(names))
}

/// The members of the object `raw`, none of them when it is none.
pub(crate) fn members_of<'a, const N: usize>(
    raw: Option<&'a RawValue>,
    names: [&str; N],
) -> [Option<&'a RawValue>; N] {
    raw.and_then(|raw| members(raw.get(), names)).unwrap_or([None; N])
}

/// All members of an object in the order in which they came; `None` when `json` is no whole object.
#[must_use]
pub fn entries(json: &str) -> Option<Vec<(String, &RawValue)>> {
    let (mut entries, mut places) = (Vec::<(String, &RawValue)>::new(), HashMap::new());
    for (name, value) in all_entries(json)? {
        let place = *places.entry(name.clone()).or_insert(entries.len());
        match entries.get_mut(place) {
            Some(entry) => entry.1 = value,
            None => entries.push((name, value)),
        }
    }
    Some(entries)
}

/// The same with each of a member that is given several times.
#[must_use]
pub fn all_entries(json: &str) -> Option<Vec<(String, &RawValue)>> {
    whole_text(json, Entries)
}

/// The first `most` items of an array; `None` when `json` is no whole array.
#[must_use]
pub fn items(json: &str, most: usize) -> Option<Vec<&RawValue>> {
    whole_text(json, Items(most))
}

/// A value that is text.
#[must_use]
pub fn text(raw: Option<&RawValue>) -> Option<String> {
    let json = raw?.get();
    if !json.starts_with('"') {
        return None;
    }
    serde_json::from_str(json).ok().or_else(|| whole_text(json, Lossy))
}

/// A value that is text, or a number as its digits.
#[must_use]
pub fn text_or_number(raw: Option<&RawValue>) -> Option<String> {
    let is_number = |raw: &&RawValue| raw.get().starts_with(|c: char| c == '-' || c.is_ascii_digit());
    text(raw).or_else(|| raw.filter(is_number).map(|raw| raw.get().to_owned()))
}

/// A value that is a whole number: `2`, `2.0`, `20e-1`.
#[must_use]
pub fn integer(raw: Option<&RawValue>) -> Option<u64> {
    whole(raw?.get())
}

/// A value that is a whole number, or the text of one.
#[must_use]
pub fn integer_or_text(raw: Option<&RawValue>) -> Option<u64> {
    whole(text_or_number(raw)?.trim())
}

/// The whole number that `text` spells.
#[must_use]
pub fn whole(text: &str) -> Option<u64> {
    text.parse().ok().or_else(|| spelled_otherwise(text))
}

/// Whether a value is `true`.
#[must_use]
pub fn is_true(raw: Option<&RawValue>) -> bool {
    raw.is_some_and(|raw| raw.get() == "true")
}

/// A value's text with `\ufffd` for each lone half of a surrogate pair: strict readers refuse those.
#[must_use]
pub fn mended(json: &str) -> Cow<'_, str> {
    let mut mended = String::new();
    let (mut rest, mut kept) = (json, json);
    while let Some(at) = rest.find('\\') {
        let escape = &rest[at..];
        let length = match (surrogate(escape), escape.get(6..).and_then(surrogate)) {
            (Some(0xd800..0xdc00), Some(0xdc00..)) => 12,
            (Some(_), _) => {
                mended.push_str(&kept[..kept.len() - escape.len()]);
                mended.push_str("\\ufffd");
                kept = &escape[6..];
                6
            }
            (None, _) => 2,
        };
        rest = escape.get(length..).unwrap_or_default();
    }
    if mended.is_empty() {
        return Cow::Borrowed(json);
    }
    mended.push_str(kept);
    Cow::Owned(mended)
}

/// How deep arrays and objects stand in each other; 0 for a value that is neither.
#[must_use]
pub fn depth(json: &str) -> usize {
    let (mut depth, mut deepest, mut in_string, mut bytes) = (0_usize, 0, false, json.bytes());
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => in_string = !in_string,
            b'\\' => drop(bytes.next()),
            b'[' | b'{' if !in_string => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b']' | b'}' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

/// The surrogate that an escape at the start of `text` spells.
fn surrogate(text: &str) -> Option<u16> {
    let unit = u16::from_str_radix(text.strip_prefix("\\u")?.get(..4)?, 16).ok()?;
    (0xd800..0xe000).contains(&unit).then_some(unit)
}

/// A whole number with a fraction of zeros or an exponent, or a negative zero.
fn spelled_otherwise(text: &str) -> Option<u64> {
    let (text, is_negative) = text.strip_prefix('-').map_or((text, false), |text| (text, true));
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (integer, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{integer}{fraction}");
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let digits = digits.trim_start_matches('0');
    if digits.is_empty() {
        return Some(0);
    }
    // Where the decimal point stands, counted from the first digit that is not zero.
    let leading = integer.len() + fraction.len() - digits.len();
    let point = i64::try_from(integer.len()).ok()? - i64::try_from(leading).ok()?;
    let point = usize::try_from(point.checked_add(exponent.parse().ok()?)?).ok()?;
    let (whole, rest) = digits.split_at(point.min(digits.len()));
    let is_whole = !is_negative && point <= 20 && rest.bytes().all(|byte| byte == b'0');
    is_whole.then(|| format!("{whole:0<point$}").parse().ok())?
}

fn whole_text<'a, S: DeserializeSeed<'a>>(json: &'a str, seed: S) -> Option<S::Value> {
    let mut reader = serde_json::Deserializer::from_str(json);
    let value = seed.deserialize(&mut reader).ok()?;
    reader.end().ok()?;
    Some(value)
}

struct Members<'n, const N: usize>([&'n str; N]);

impl<'de, const N: usize> DeserializeSeed<'de> for Members<'_, N> {
    type Value = [Option<&'de RawValue>; N];

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de, const N: usize> Visitor<'de> for Members<'_, N> {
    type Value = [Option<&'de RawValue>; N];

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut found = [None; N];
        while let Some(at) = map.next_key_seed(Among(&self.0))? {
            match at {
                Some(at) => found[at] = Some(map.next_value()?),
                None => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(found)
    }
}

/// A member's name as its position among those that are looked for. Read as bytes, so that half an emoji in a name of no
/// interest is no error.
struct Among<'n>(&'n [&'n str]);

impl<'de> DeserializeSeed<'de> for Among<'_> {
    type Value = Option<usize>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_bytes(self)
    }
}

impl Visitor<'_> for Among<'_> {
    type Value = Option<usize>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_bytes<E>(self, given: &[u8]) -> Result<Self::Value, E> {
        Ok(self.0.iter().position(|name| name.as_bytes() == given))
    }
}

struct Entries;

impl<'de> DeserializeSeed<'de> for Entries {
    type Value = Vec<(String, &'de RawValue)>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Entries {
    type Value = Vec<(String, &'de RawValue)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut entries = Vec::new();
        while let Some(name) = map.next_key_seed(Lossy)? {
            entries.push((name, map.next_value()?));
        }
        Ok(entries)
    }
}

struct Items(usize);

impl<'de> DeserializeSeed<'de> for Items {
    type Value = Vec<&'de RawValue>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Items {
    type Value = Vec<&'de RawValue>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut items = Vec::new();
        while items.len() < self.0 {
            let Some(item) = seq.next_element()? else { return Ok(items) };
            items.push(item);
        }
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(items)
    }
}

/// Text with U+FFFD for lone surrogates.
struct Lossy;

impl<'de> DeserializeSeed<'de> for Lossy {
    type Value = String;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_bytes(self)
    }
}

impl Visitor<'_> for Lossy {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("text")
    }

    fn visit_bytes<E>(self, bytes: &[u8]) -> Result<String, E> {
        let mut text = String::with_capacity(bytes.len());
        for chunk in bytes.utf8_chunks() {
            text.push_str(chunk.valid());
            // WTF-8 has three bytes for a lone surrogate, the first of them 0xED.
            if chunk.invalid().first() == Some(&0xed) {
                text.push(char::REPLACEMENT_CHARACTER);
            }
        }
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn member(json: &str) -> Option<&RawValue> {
        members(json, ["a"]).unwrap()[0]
    }

    fn text_of(value: &str) -> Option<String> {
        text_or_number(member(&format!(r#"{{"a":{value}}}"#)))
    }

    fn whole_of(value: &str) -> Option<u64> {
        integer_or_text(member(&format!(r#"{{"a":{value}}}"#)))
    }

    #[test]
    fn a_member_is_read_whatever_stands_beside_it() {
        let deep = format!(r#""x":{}{}"#, "[".repeat(200_000), "]".repeat(200_000));
        for neighbour in [r#""\ud83d":1"#, r#""x":"\ud83d""#, r#""x":1e400"#, r#""x":"\u0000""#, &deep] {
            for json in [format!(r#"{{{neighbour},"a":"b"}}"#), format!(r#"{{"a":"b",{neighbour}}}"#)] {
                assert_eq!(text_or_number(member(&json)).as_deref(), Some("b"), "{:.60}", json);
            }
        }
    }

    #[test]
    fn of_a_member_given_twice_the_last_counts() {
        assert_eq!(text_or_number(member(r#"{"a":"b","a":"c"}"#)).as_deref(), Some("c"));
        let entries = entries(r#"{"x":1,"y":2,"x":3}"#).unwrap();
        let entries: Vec<_> = entries.iter().map(|(name, value)| (name.as_str(), value.get())).collect();
        assert_eq!(entries, [("x", "3"), ("y", "2")]);
    }

    #[test]
    fn half_a_pair_is_one_replacement_and_a_whole_one_itself() {
        assert_eq!(text_of(r#""Ann \ud83d""#).unwrap(), "Ann \u{fffd}");
        assert_eq!(text_of(r#""\ude00\ud83d!""#).unwrap(), "\u{fffd}\u{fffd}!");
        assert_eq!(text_of(r#""\ud83d\ude00é""#).unwrap(), "😀é");
        for (json, right) in [
            (r#""a\ud83d""#, r#""a\ufffd""#),
            (r#"{"\uDE00":["\ud83d\ud83d\ude00"]}"#, r#"{"\ufffd":["\ufffd\ud83d\ude00"]}"#),
            (r#""\\ud83d \u00e9 \n""#, r#""\\ud83d \u00e9 \n""#),
            (r#""\ud83d\\ude00""#, r#""\ufffd\\ude00""#),
        ] {
            assert_eq!(mended(json), right);
        }
    }

    #[test]
    fn numbers_count_as_their_digits() {
        let digits = "123456789012345678901234567890";
        assert_eq!(text_of(digits).as_deref(), Some(digits));
        assert_eq!(text_of("1e400").as_deref(), Some("1e400"));
        for other in ["null", "true", "[1]", "{}"] {
            assert_eq!(text_of(other), None, "{other}");
        }
    }

    #[test]
    fn a_whole_number_is_one_in_each_spelling() {
        for (value, number) in [
            ("0", 0),
            ("-0", 0),
            ("-0.00e7", 0),
            ("2.0", 2),
            ("20e-1", 2),
            ("0.2e1", 2),
            ("0.0002E+4", 2),
            ("2e3", 2_000),
            ("\" 2 \"", 2),
            ("\"2.000\"", 2),
            ("9007199254740993.0", 9_007_199_254_740_993),
            ("18446744073709551615", u64::MAX),
            ("1.8446744073709551615e19", u64::MAX),
        ] {
            assert_eq!(whole_of(value), Some(number), "{value}");
        }
        for other in [
            "-1",
            "1.5",
            "15e-1",
            "1e400",
            "1e-400",
            "18446744073709551616",
            "\"\"",
            "\"x\"",
            "\".\"",
            "null",
        ] {
            assert_eq!(whole_of(other), None, "{other}");
        }
    }

    #[test]
    fn only_a_whole_object_has_members() {
        let whole = r#"{"a":[1,{"b":"c"}],"d":"\u00e9"}"#;
        assert!(members(whole, ["a", "d"]).unwrap().iter().all(Option::is_some));
        for end in 0..whole.len() {
            assert!(members(&whole[..end], ["a"]).is_none(), "{end}");
        }
        for other in ["", "null", "[]", "7", "\"{}\"", "{} x", "{}{}"] {
            assert!(members(other, ["a"]).is_none() && entries(other).is_none(), "{other}");
        }
        assert_eq!(items("[1,2,3]", 2).unwrap().len(), 2);
        assert!(items("{}", 2).is_none() && items("[1,2", 1).is_none());
    }

    #[test]
    fn bytes_that_are_no_text_cost_themselves_alone() {
        assert_eq!(body(b"\xef\xbb\xbf{}"), "{}");
        assert_eq!(text_or_number(member(&body(b"{\"x\":\"\xff\",\"a\":\"b\"}"))).as_deref(), Some("b"));
    }

    #[test]
    fn brackets_in_text_are_not_deep() {
        for (json, deep) in [("1", 0), (r#""[[\"[""#, 0), (r#"{"a":[[]],"b":{}}"#, 3)] {
            assert_eq!(depth(json), deep, "{json}");
        }
    }

    proptest! {
        #[test]
        fn no_text_whatever_makes_it_panic(text in r#"[\\"u0-9a-fdDeE.\[\]{}:, -]{0,60}"#) {
            let _ = (members(&text, ["a"]), entries(&text), items(&text, 3), depth(&text), spelled_otherwise(&text));
            let _ = mended(&text);
        }

        #[test]
        fn mended_text_is_read_strictly(units in prop::collection::vec(0xd7f0..0xe010_u16, 0..8)) {
            let json: String = units.iter().map(|unit| format!("\\u{unit:04x}")).collect();
            let json = format!("\"{json}\"");
            let read: String = serde_json::from_str(&mended(&json)).unwrap();
            prop_assert_eq!(read, String::from_utf16_lossy(&units));
        }

        #[test]
        fn every_whole_number_survives_its_spellings(number: u64, zeros in 0..5_usize) {
            let text = number.to_string();
            let (head, tail) = text.split_at(1);
            let spellings = [format!("{text}.{}", "0".repeat(zeros)), format!("{head}.{tail}{}e{}", "0".repeat(zeros), tail.len())];
            for spelling in spellings {
                prop_assert_eq!(spelled_otherwise(&spelling), Some(number), "{}", spelling);
            }
        }
    }
}
