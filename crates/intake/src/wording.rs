//! What sentences and pages make of texts of others.

use crate::{cell::Row, name::Name as N};

/// Characters that a sentence takes of one text.
const MOST_LETTERS: usize = 60;

/// Letters up to which a word in capitals stays so, as BMW and GMC.
const SHORT_NAME: usize = 3;

/// The beginning of a text.
pub fn clip(text: &str) -> &str {
    let text = text.trim();
    text.char_indices().nth(MOST_LETTERS).map_or(text, |(end, _)| &text[..end])
}

/// A word of the contract as one says it: `BODILY_INJURY_LIABILITY` → `bodily injury liability`.
pub fn spaced(word: &str) -> String {
    word.to_lowercase().replace('_', " ")
}

/// With a capital.
pub fn first_large(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// Words in capitals alone as names are written: CHEVROLET is Chevrolet, BMW stays.
fn title(text: &str) -> String {
    let part = |word: &str| {
        let is_shouted = word.chars().all(|letter| letter.is_ascii_uppercase());
        if is_shouted && word.len() > SHORT_NAME {
            first_large(&word.to_lowercase())
        } else {
            word.to_owned()
        }
    };
    let word = |word: &str| word.split('-').map(part).collect::<Vec<_>>().join("-");
    text.split_whitespace().map(word).collect::<Vec<_>>().join(" ")
}

/// A policy's carrier, or a pull's, as people call it.
pub fn carrier<'r>(row: &'r Row<'_>) -> Option<&'r str> {
    row.text(N::carrier_friendly_name).or_else(|| row.text(N::carrier_name))
}

/// A vehicle's year, make and model, `2018 Chevrolet Camaro`, where make or model are there.
pub fn vehicle(row: &Row<'_>) -> Option<String> {
    let names = [N::make, N::model].into_iter().filter_map(|column| row.text(column));
    let names: Vec<String> = names.map(|text| title(clip(text))).collect();
    let year = row.integer(N::year).filter(|_| !names.is_empty()).map(|year| year.to_string());
    let words: Vec<String> = year.into_iter().chain(names).collect();
    (!words.is_empty()).then(|| words.join(" "))
}
