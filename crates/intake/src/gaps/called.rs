//! What rows are called in sentences: never by a name, a number or an address.

use crate::{cell::Row, name::Name as N};

/// Characters that a sentence takes of one text of others.
const MOST_LETTERS: usize = 60;

/// What a policy is called in a sentence: its carrier and type, `State Farm homeowners policy`.
pub fn called(policy: &Row<'_>) -> String {
    let kind = policy.text(N::policy_type).map(|text| clip(text).to_lowercase().replace('_', " "));
    let words = carrier(policy).map(clip).into_iter().chain(kind.as_deref()).chain(["policy"]);
    let words: Vec<&str> =
        if carrier(policy).is_none() { ["The"].into_iter().chain(words).collect() } else { words.collect() };
    words.join(" ")
}

/// A policy's carrier.
pub fn carrier<'r>(policy: &'r Row<'_>) -> Option<&'r str> {
    policy.text(N::carrier_friendly_name).or_else(|| policy.text(N::carrier_name))
}

/// What a vehicle is called in a sentence: `2018 CHEVROLET Camaro`.
pub fn vehicle(vehicle: &Row<'_>) -> String {
    let year = vehicle.integer(N::year).map(|year| year.to_string());
    let words = [N::make, N::model].into_iter().filter_map(|column| vehicle.text(column));
    let words: Vec<String> = year.into_iter().chain(words.map(|text| clip(text).to_owned())).collect();
    if words.is_empty() { "a vehicle".to_owned() } else { words.join(" ") }
}

/// The beginning of a text of others.
pub fn clip(text: &str) -> &str {
    let text = text.trim();
    text.char_indices().nth(MOST_LETTERS).map_or(text, |(end, _)| &text[..end])
}
