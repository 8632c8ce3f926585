//! A policy's entry.

use std::collections::HashSet;

use canopy::{id::Id, pull::View};
use serde::Serialize;

use crate::{cell::Row, model::Model, name::Name as N, scalar::word, table::Part, tables::LINES};

/// Most policies of one pull.
pub const MAX_ENTRIES: usize = 500;

/// Stands for a day that is not known where entries are in order of days: behind all of them.
pub const NO_DAY: &str = "none";

/// Largest premium taken, in cents, of either sign: ten billion dollars. Sums of a million of them are whole numbers yet.
const MAX_PREMIUM_CENTS: i64 = 1_000_000_000_000;

/// Longest identifier of an insurance company, and longest word of a list that the contract has not, in bytes.
const MAX_WORD_LENGTH: usize = 64;

/// A policy as it stands in the book.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// Canopy's id.
    pub policy_id: String,
    /// Line of business, one of [`LINES`].
    pub line: Option<&'static str>,
    /// In capital letters, with `_` between them.
    pub policy_type: Option<String>,
    /// Canopy's identifier of the insurance company, in small letters.
    pub carrier: Option<String>,
    /// As `policy_type`.
    pub status: Option<String>,
    /// `YYYY-MM-DD`.
    pub effective_date: Option<String>,
    /// `YYYY-MM-DD`.
    pub expiry_date: Option<String>,
    /// For its term.
    pub total_premium_cents: Option<i64>,
    /// For twelve months.
    pub annualized_premium_cents: Option<i64>,
    /// Two capital letters.
    pub state: Option<String>,
    /// Whether its line counts as one that the account has: unless its status says that it is over, or was only offered.
    pub is_held: bool,
}

/// The policies of a pull, each id once, at most [`MAX_ENTRIES`]. What has no id has no entry.
#[must_use]
pub fn entries(model: &Model<'_>) -> Vec<Entry> {
    let mut known = HashSet::new();
    let of_pull = model.pull().text(N::carrier_name);
    let policies = model.part(Part::Policies).iter();
    let entries = policies.filter_map(|policy| {
        let policy_id = policy.text(N::policy_id).filter(|id| Id::parse(id).is_ok())?;
        known.insert(policy_id).then(|| entry(policy_id, policy, of_pull))
    });
    entries.take(MAX_ENTRIES).collect()
}

/// The policies of a pull where they are what its account has: without any, only if the insurance company says that there are none.
/// So a refresh that came to nothing takes no place of one that did.
#[must_use]
pub fn known(model: &Model<'_>, view: &View) -> Option<Vec<Entry>> {
    let entries = entries(model);
    let is_known = view.policies_available && (!entries.is_empty() || view.no_policies == Some(true));
    is_known.then_some(entries)
}

fn entry(policy_id: &str, policy: &Row<'_>, carrier_of_pull: Option<&str>) -> Entry {
    let text = |column| policy.text(column);
    let premium = |column| {
        policy.integer(column).filter(|cents: &i64| cents.unsigned_abs() <= MAX_PREMIUM_CENTS.unsigned_abs())
    };
    let status = text(N::status).and_then(enumeration);
    Entry {
        policy_id: policy_id.to_owned(),
        line: text(N::line).and_then(line),
        policy_type: text(N::policy_type).and_then(enumeration),
        carrier: text(N::carrier_name).or(carrier_of_pull).and_then(carrier),
        is_held: status.as_deref().is_none_or(|status| word(crate::term::OVER, status).is_none()),
        status,
        effective_date: text(N::effective_date).map(str::to_owned),
        expiry_date: text(N::expiry_date).map(str::to_owned),
        total_premium_cents: premium(N::total_premium_cents),
        annualized_premium_cents: premium(N::annualized_premium_cents),
        state: text(N::state).and_then(state),
    }
}

/// A word of one of the contract's lists, or of a later one, as it is compared.
pub(super) fn enumeration(text: &str) -> Option<String> {
    let text = text.trim();
    let is_word = (1..=MAX_WORD_LENGTH).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b' '));
    is_word.then(|| text.to_ascii_uppercase().replace(['-', ' '], "_"))
}

/// An insurance company's identifier as it is compared.
pub(super) fn carrier(text: &str) -> Option<String> {
    let text = text.trim();
    let is_identifier = (1..=MAX_WORD_LENGTH).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ');
    is_identifier.then(|| text.to_ascii_lowercase())
}

/// A line of business.
pub(super) fn line(text: &str) -> Option<&'static str> {
    word(LINES, text)
}

fn state(text: &str) -> Option<String> {
    let text = text.trim();
    let is_state = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_alphabetic());
    is_state.then(|| text.to_ascii_uppercase())
}
