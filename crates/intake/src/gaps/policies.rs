//! Policies as such: ended, ending, cancelled, or spread over carriers.

use std::collections::{BTreeSet, HashSet};

use crate::{
    address,
    called::plain,
    cell::Row,
    day::Day,
    gaps::{
        account::{Account, group, says},
        called::called,
        gap::{Finding, State, pointer},
        thresholds::Thresholds,
    },
    name::Name as N,
    table::Part,
    vin,
    wording::{carrier, clip},
};

/// A term that begins within so many days after another ended follows it.
const FOLLOWS_WITHIN_DAYS: i64 = 60;

/// Carriers that a sentence names.
const MOST_CARRIERS: usize = 5;

fn day(policy: &Row<'_>, column: N) -> Option<Day> {
    policy.text(column).and_then(Day::parse)
}

/// Whether there was a policy that did not last.
fn is_cancelled(policy: &Row<'_>, on: Day) -> bool {
    says(policy, N::status, "CANCELLED RESCINDED")
        || day(policy, N::canceled_date).is_some_and(|cancelled| cancelled <= on)
}

fn is_quote(policy: &Row<'_>) -> bool {
    says(policy, N::status, "QUOTE")
}

/// What begins when, of policies that lasted.
struct Followers(BTreeSet<(String, Day)>);

impl Followers {
    fn of(account: &Account<'_>) -> Self {
        let lasted = |policy: &&Row<'_>| !is_quote(policy) && !is_cancelled(policy, account.day);
        let policies = account.model.part(Part::Policies).iter().filter(lasted);
        let begun = policies.filter_map(|policy| Some((kind(policy)?, day(policy, N::effective_date)?)));
        Self(begun.collect())
    }

    /// Whether a policy of the same type begins where `policy` ends.
    fn follow(&self, policy: &Row<'_>, end: Option<Day>) -> bool {
        let Some((kind, end)) = kind(policy).zip(end) else { return false };
        let Some(last) = end.plus_days(FOLLOWS_WITHIN_DAYS) else { return false };
        self.0.range((kind.clone(), end)..=(kind, last)).next().is_some()
    }
}

/// What [`insured_by`] calls homes.
const HOME: &str = "HOME";
/// And what renters have in theirs.
const RENTERS: &str = "RENTERS";

/// Vehicles and homes that are insured on the day.
struct Insured(HashSet<(String, String)>);

impl Insured {
    fn of(account: &Account<'_>) -> Self {
        let mut insured = HashSet::new();
        for (kind, one) in account.in_force_all().flat_map(|policy| insured_by(account, policy)).flatten() {
            // A home's policy insures what is in it, too.
            if kind == HOME {
                insured.insert((RENTERS.to_owned(), one.clone()));
            }
            insured.insert((kind, one));
        }
        Self(insured)
    }

    /// Whether whatever `policy` insured is insured by another.
    fn has_all_of(&self, account: &Account<'_>, policy: &Row<'_>) -> bool {
        let mut all = insured_by(account, policy).peekable();
        all.peek().is_some() && all.all(|one| one.is_some_and(|one| self.0.contains(&one)))
    }
}

/// The vehicles and homes of a policy, with what they are insured for: `None` for one that nothing tells from others.
fn insured_by<'i>(
    account: &'i Account<'_>,
    policy: &'i Row<'_>,
) -> impl Iterator<Item = Option<(String, String)>> + 'i {
    // Other types insure other perils.
    let kind = match () {
        () if says(policy, N::line, "home") => Some(HOME.to_owned()),
        () if says(policy, N::line, "auto") || says(policy, N::policy_type, "COMMERCIAL_AUTO") => {
            Some("AUTO".to_owned())
        }
        () => kind(policy),
    };
    let vehicles = account.vehicles(policy).map(|vehicle| {
        let vin = vehicle.text(N::vin).filter(|vin| vin::check(vin) != "none");
        vin.map(plain)
    });
    let homes = account.dwellings(policy).iter().map(|home| {
        let address = home.object(N::address)?;
        // A street alone is no home.
        let is_whole = [N::number, N::full_address].iter().any(|column| address.get(*column).is_some());
        address::key(address).filter(|_| is_whole)
    });
    vehicles.chain(homes).map(move |one| kind.clone().zip(one))
}

fn kind(policy: &Row<'_>) -> Option<String> {
    policy.text(N::policy_type).map(|text| text.trim().to_ascii_uppercase())
}

/// What `rule` says of each policy that is no quote.
fn of_policies(account: &Account<'_>, rule: impl Fn(&Row<'_>) -> Option<Finding>) -> Vec<Finding> {
    let policies = account.policies().filter(|policy| !is_quote(policy));
    policies.filter_map(|policy| Some(rule(policy)?.about(policy))).collect()
}

/// Its term has ended, no other of its type follows, and what it insured is not insured otherwise.
pub fn term_expired(account: &Account<'_>, _: &Thresholds) -> Vec<Finding> {
    let (followers, insured) = (Followers::of(account), Insured::of(account));
    of_policies(account, |policy| {
        let (end, days) = (day(policy, N::expiry_date), policy.integer(N::days_to_expiry));
        let is_expired = days.is_some_and(|days| days <= 0) || says(policy, N::status, "EXPIRED");
        let has_followed = || followers.follow(policy, end) || insured.has_all_of(account, policy);
        if is_cancelled(policy, account.day) || is_expired && has_followed() {
            return None;
        }
        let called = called(policy);
        match (end, is_expired) {
            (Some(end), true) => Some(Finding::open(format!("{called}: the term ended on {}", end.iso()))),
            (None, true) => Some(Finding::open(format!("{called}: the term has ended"))),
            (None, false) if policy.flag(N::is_active).is_none() && !says(policy, N::line, "life") => {
                let because = format!("{called}: whether the term has ended is not known");
                Some(Finding::unknown(because, pointer(policy, "expiry_date")))
            }
            _ => None,
        }
    })
}

/// Its term ends within the days that are set, and no other of its type follows.
pub fn term_ending(account: &Account<'_>, set: &Thresholds) -> Vec<Finding> {
    let followers = Followers::of(account);
    of_policies(account, |policy| {
        let end = day(policy, N::expiry_date);
        if policy.flag(N::is_active) == Some(false) || followers.follow(policy, end) {
            return None;
        }
        let called = called(policy);
        match policy.integer(N::days_to_expiry) {
            Some(days) if (1..=set.expiring_days).contains(&days) => {
                let count = if days == 1 { "1 day".to_owned() } else { format!("{days} days") };
                let end = end.map(|end| format!(", on {}", end.iso())).unwrap_or_default();
                Some(Finding::open(format!("{called}: the term ends in {count}{end}")))
            }
            None if policy.is(N::is_active) && !says(policy, N::line, "life") => {
                let because = format!("{called}: when the term ends is not known");
                Some(Finding::unknown(because, pointer(policy, "expiry_date")))
            }
            _ => None,
        }
    })
}

/// It was cancelled or rescinded, no other of its type follows, and what it insured is not insured otherwise.
pub fn cancelled(account: &Account<'_>, _: &Thresholds) -> Vec<Finding> {
    let (followers, insured) = (Followers::of(account), Insured::of(account));
    of_policies(account, |policy| {
        let called = called(policy);
        let end = day(policy, N::canceled_date);
        if is_cancelled(policy, account.day) {
            let last = end.or_else(|| day(policy, N::expiry_date));
            if followers.follow(policy, last) || insured.has_all_of(account, policy) {
                return None;
            }
            let what = if says(policy, N::status, "RESCINDED") { "rescinded" } else { "cancelled" };
            let with = end.map(|end| format!(" on {}", end.iso())).unwrap_or_default();
            return Some(Finding::open(format!("{called}: it was {what}{with}")));
        }
        let says_nothing = policy.get(N::status).is_none() || says(policy, N::status, "UNVERIFIED");
        (says_nothing && policy.flag(N::is_active) != Some(false)).then(|| {
            let because = format!("{called}: whether it is cancelled is not known");
            Finding::unknown(because, pointer(policy, "status"))
        })
    })
}

/// It is to be cancelled. Where the status is not known, the rule for cancelled ones says so.
pub fn cancellation_pending(account: &Account<'_>, _: &Thresholds) -> Vec<Finding> {
    of_policies(account, |policy| {
        let end = day(policy, N::canceled_date).filter(|end| *end > account.day);
        let is_pending = says(policy, N::status, "PENDING_CANCELLATION") || end.is_some();
        if !is_pending || is_cancelled(policy, account.day) || policy.flag(N::is_active) == Some(false) {
            return None;
        }
        let with = end.map(|end| format!(" on {}", end.iso())).unwrap_or_default();
        Some(Finding::open(format!("{}: it is to be cancelled{with}", called(policy))))
    })
}

/// Home, renters, auto and umbrella, which carriers price together, are with several.
pub fn several_carriers(account: &Account<'_>, _: &Thresholds) -> Vec<Finding> {
    let policies: Vec<&Row<'_>> = account.in_force("auto home renters umbrella").collect();
    let (named, unnamed): (Vec<&Row<'_>>, Vec<&Row<'_>>) =
        policies.iter().partition(|policy| carrier(policy).is_some());
    let key = |policy: &Row<'_>| {
        let id = policy.text(N::carrier_name).or_else(|| carrier(policy));
        id.unwrap_or_default().trim().to_lowercase()
    };
    let carriers = group(named.iter().map(|policy| (key(policy), *policy)));
    let finding = match (carriers.len(), unnamed.as_slice()) {
        (2.., _) => {
            let names = carriers.iter().take(MOST_CARRIERS).map(|(_, policies)| {
                let lines: BTreeSet<&str> =
                    policies.iter().filter_map(|policy| policy.text(N::line)).collect();
                let lines: Vec<&str> = lines.into_iter().collect();
                let name = carrier(policies[0]).map(clip).unwrap_or_default();
                format!("{name} ({})", lines.join(", "))
            });
            let names: Vec<String> = names.collect();
            let more = carriers.len().saturating_sub(MOST_CARRIERS);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            let count = carriers.len();
            Finding::open(format!("Policies are with {count} carriers: {}{more}", names.join(", ")))
        }
        (_, []) => return Vec::new(),
        _ if policies.len() < 2 => return Vec::new(),
        (_, unnamed) => {
            let because = "The carrier of some policies is not known".to_owned();
            let needs = unnamed.iter().map(|policy| pointer(policy, "carrier_name"));
            needs.fold(Finding::new(State::Unknown, because), Finding::needs)
        }
    };
    vec![finding.rests_on(policies)]
}
