//! Umbrellas: one is missing, or what it lies upon is too low for it.

use crate::{
    cell::Row,
    gaps::{
        account::{Account, OutOfForce, group},
        auto::{measured, of_vehicles, umbrella_bar},
        called::called,
        cover::{Cover, Limit},
        gap::{Finding, State, pointer},
        liability::Liability,
        thresholds::Thresholds,
    },
    money::dollars,
    name::Name as N,
};

/// Coverages of a home that pay for what its people are liable for.
pub const LIABILITY: &[&str] = &["PERSONAL_LIABILITY FAMILY_LIABILITY_PROTECTION PREMISES_LIABILITY"];

/// Home and auto, and no umbrella.
pub fn missing(account: &Account<'_>, _: &Thresholds) -> Vec<Finding> {
    let (mut homes, mut autos) = (account.in_force("home"), account.in_force("auto"));
    let (Some(home), Some(auto)) = (homes.next(), autos.next()) else { return Vec::new() };
    if account.in_force("umbrella").next().is_some() {
        return Vec::new();
    }
    let because = match account.out_of_force(N::line, "umbrella") {
        OutOfForce::ToBegin => return Vec::new(),
        OutOfForce::Over => "Home and auto policies are listed, and the umbrella is over".to_owned(),
        OutOfForce::None => "Home and auto policies are listed, and no umbrella is".to_owned(),
    };
    let finding = if let Some(policy) = account.of_no_line().next() {
        let because = format!("{because}, but a policy whose type is not known is");
        Finding::unknown(because, pointer(policy, "policy_type"))
    } else if let Some(member) = account.lacks_policies() {
        let because = format!("{because}, in an account that may lack policies");
        Finding::unknown(because, pointer(account.model.pull(), member))
    } else {
        Finding::open(because)
    };
    vec![finding.rests_on([home, auto].into_iter().chain(homes).chain(autos))]
}

/// Auto limits below what the umbrella that is there presupposes.
pub fn auto_below(account: &Account<'_>, set: &Thresholds) -> Vec<Finding> {
    let Some(umbrella) = account.in_force("umbrella").next() else { return Vec::new() };
    let (bar, asks) = umbrella_bar(set);
    let findings = account.personal_autos().flat_map(|policy| {
        of_vehicles(account, policy, |_, coverages| {
            let liability = Liability::of(coverages);
            let said = measured(liability.measure(&bar), &asks)?;
            Some((said, liability.rows().collect()))
        })
    });
    findings.map(|finding| finding.rests(umbrella)).collect()
}

/// Personal liability of a home below what the umbrella that is there presupposes.
pub fn home_below(account: &Account<'_>, set: &Thresholds) -> Vec<Finding> {
    let Some(umbrella) = account.in_force("umbrella").next() else { return Vec::new() };
    let least = set.umbrella_home_liability_cents;
    let mut findings = Vec::new();
    for policy in account.in_force("home renters") {
        let said = |dwelling: &Row<'_>| {
            let cover = Cover::of(account.of_dwelling(dwelling), LIABILITY);
            let what = match cover {
                Cover::Declined(_) if least > 0 => "is declined".to_owned(),
                Cover::Given(row) => match Limit::of(row).most() {
                    Some(limit) if limit < least => format!("is {}", dollars(limit)),
                    Some(_) => return None,
                    None => return Some((State::Unknown, "has no limit listed".to_owned())),
                },
                Cover::NotListed => return Some((State::Unknown, "is not listed".to_owned())),
                Cover::Declined(_) => return None,
            };
            Some((State::Open, what))
        };
        let dwellings = account.dwellings(policy);
        let pairs = dwellings.iter().filter_map(|dwelling| Some((said(dwelling)?, *dwelling)));
        for ((state, what), of) in group(pairs) {
            let because = format!(
                "{}: personal liability {what}; an umbrella usually requires {}",
                called(policy),
                dollars(least)
            );
            let mut finding = Finding::new(state, because).about(policy);
            if let [one] = of.as_slice() {
                finding = finding.about(one);
            }
            for dwelling in of {
                let cover = Cover::of(account.of_dwelling(dwelling), LIABILITY);
                finding = finding.rests(dwelling).rests_on(cover.row());
                if state == State::Unknown {
                    finding = finding.needs(pointer(dwelling, "coverages"));
                }
            }
            findings.push(finding.rests(umbrella));
        }
        if dwellings.is_empty() {
            let because = format!("{}: personal liability is not listed", called(policy));
            let finding = Finding::unknown(because, pointer(policy, "dwellings"));
            findings.push(finding.about(policy).rests(umbrella));
        }
    }
    findings
}
