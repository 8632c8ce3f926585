//! What stands in one member, read as what its schema says.

use std::borrow::Cow;

use canopy::{json, metadata::Metadata, time::UnixMillis};
use serde_json::value::RawValue;

use crate::{cell::Cell, day::Day, schema::Kind};

/// Largest whole number taken: beyond it readers of JSON round.
const MAX_INTEGER: u64 = 1 << 53;

/// Largest value of any kind that is passed on as it is, in bytes, and its depth.
const MAX_JSON_BYTES: usize = 32 * 1024;
const MAX_JSON_DEPTH: usize = 100;

/// Longest text that is taken, in bytes.
const MAX_TEXT_BYTES: usize = 8 * 1024;

/// Most texts of a list.
const MAX_TEXTS: usize = 1_000;

/// What a member holds; where that is not what was expected, what was.
pub struct Scalar<'a> {
    pub cell: Option<Cell<'a>>,
    pub expected: Option<&'static str>,
}

impl<'a> Scalar<'a> {
    fn of(cell: Option<Cell<'a>>, expected: &'static str) -> Self {
        let expected = cell.is_none().then_some(expected);
        Self { cell, expected }
    }

    /// Reads `raw` as `kind`. `null` and blank text are absent, whatever the kind.
    pub fn read(kind: Kind, raw: &'a RawValue) -> Self {
        let absent = Self { cell: None, expected: None };
        if matches!(kind, Kind::Left(_)) {
            return absent;
        }
        let words = text(raw);
        if raw.get() == "null" || words.as_ref().is_some_and(|text| text.trim().is_empty()) {
            return absent;
        }
        let is_long = |text: &Cow<'_, str>| text.len() > MAX_TEXT_BYTES;
        if !matches!(kind, Kind::Json | Kind::Metadata | Kind::Many(_) | Kind::Object(_))
            && words.as_ref().is_some_and(is_long)
        {
            return Self { cell: None, expected: Some("at most 8 KiB of text") };
        }
        if matches!(kind, Kind::Text) {
            return Self::of(words.map(Cell::Text), "text");
        }
        let words = words.as_deref();
        match kind {
            Kind::Integer => Self::of(words.and_then(integer).map(Cell::Integer), "a whole number"),
            Kind::Cents => Self::of(words.and_then(integer).map(Cell::Integer), "whole cents"),
            Kind::Decimal => Self::of(words.and_then(decimal).map(Cell::from), "a number"),
            Kind::Flag => Self::of(flag(raw, words).map(Cell::Flag), "true or false"),
            Kind::Date => Self::of(words.and_then(date).map(|day| Cell::from(day.iso())), "a date"),
            Kind::Birthday => Self::of(words.and_then(birthday).map(|day| Cell::from(day.iso())), "a date"),
            Kind::Moment => Self::of(words.and_then(moment).map(Cell::from), "a time with its zone"),
            Kind::Named(list) => {
                let expected = words.and_then(|text| word(list, text)).is_none();
                Self {
                    cell: text(raw).map(Cell::Text),
                    expected: expected.then_some("one of the contract's values"),
                }
            }
            Kind::Names(list) => {
                let texts = texts(raw);
                let is_known = |text: &Cow<'_, str>| word(list, text).is_some();
                let is_read = texts.as_ref().is_some_and(|texts| texts.iter().all(is_known));
                let expected = (!is_read).then_some("a list of the contract's values");
                Self { cell: texts.map(Cell::Texts), expected }
            }
            Kind::Texts => Self::of(texts(raw).map(Cell::Texts), "a list of texts"),
            Kind::Json => {
                let fits = raw.get().len() <= MAX_JSON_BYTES && json::depth(raw.get()) <= MAX_JSON_DEPTH;
                Self::of(fits.then_some(Cell::Json(Cow::Borrowed(raw))), "at most 32 KiB")
            }
            Kind::Metadata => metadata(raw),
            Kind::Text | Kind::Object(_) | Kind::Many(_) | Kind::Left(_) => absent,
        }
    }
}

/// A text, or a number as its digits.
fn text(raw: &RawValue) -> Option<Cow<'_, str>> {
    let json = raw.get();
    match json.as_bytes() {
        [b'"', inner @ .., b'"'] if !inner.contains(&b'\\') => Some(Cow::Borrowed(&json[1..json.len() - 1])),
        [b'"' | b'-' | b'0'..=b'9', ..] => json::text_or_number(Some(raw)).map(Cow::Owned),
        _ => None,
    }
}

/// Texts that are not blank; one alone is a list of one.
fn texts(raw: &RawValue) -> Option<Vec<Cow<'_, str>>> {
    if !raw.get().starts_with('[') {
        return text(raw).map(|text| vec![text]);
    }
    let items = json::items(raw.get(), MAX_TEXTS)?;
    let items = items.into_iter().filter(|item| item.get() != "null" && item.get().len() <= MAX_TEXT_BYTES);
    let texts = items.map(text).collect::<Option<Vec<_>>>()?;
    Some(texts.into_iter().filter(|text| !text.trim().is_empty()).collect())
}

fn integer(text: &str) -> Option<i64> {
    let text = text.trim();
    let (digits, sign) = text.strip_prefix('-').map_or((text, 1), |digits| (digits, -1));
    let number = json::whole(digits).filter(|number| *number <= MAX_INTEGER)?;
    i64::try_from(number).ok().map(|number| number * sign)
}

/// Digits with at most one point, without zeros that say nothing.
fn decimal(text: &str) -> Option<String> {
    let number: f64 = text.trim().parse().ok()?;
    // Below that it is written without an exponent, and is exact to the thousandth.
    (number.abs() < 1e12).then(|| number.to_string())
}

fn flag(raw: &RawValue, words: Option<&str>) -> Option<bool> {
    words.unwrap_or(raw.get()).parse().ok()
}

fn date(text: &str) -> Option<Day> {
    let (day, rest) = text.trim().split_at_checked(10)?;
    (rest.is_empty() || rest.starts_with(['T', ' '])).then(|| Day::parse(day))?
}

fn birthday(text: &str) -> Option<Day> {
    date(text).or_else(|| Day::parse_american(text.trim()))
}

fn moment(text: &str) -> Option<String> {
    UnixMillis::parse(text.trim()).map(UnixMillis::rfc3339)
}

fn metadata(raw: &RawValue) -> Scalar<'_> {
    if let Some(metadata) = Metadata::read(raw) {
        let text = metadata.without_call().text().to_owned();
        let json = RawValue::from_string(text).expect("metadata is JSON");
        return Scalar { cell: Some(Cell::Json(Cow::Owned(json))), expected: None };
    }
    let is_empty =
        text(raw).is_none_or(|text| json::entries(&text).is_some()) && json::entries(raw.get()).is_some();
    Scalar { cell: None, expected: (!is_empty).then_some("an object, or the text of one") }
}

/// The word of `list` that `text` is, in whatever case and with whatever between its parts.
#[must_use]
pub fn word(list: &'static str, text: &str) -> Option<&'static str> {
    let same = |word: &str| {
        let plain = |byte: u8| if matches!(byte, b' ' | b'-') { b'_' } else { byte.to_ascii_uppercase() };
        word.len() == text.len()
            && word.bytes().zip(text.bytes()).all(|(one, other)| plain(one) == plain(other))
    };
    let text = text.trim();
    if text.len() < 2 { None } else { list.split(' ').find(|word| same(word)) }
}
