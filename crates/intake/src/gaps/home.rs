//! Dwellings: insured for too little, without flood or earthquake cover, financed without a mortgagee.

use std::collections::HashSet;

use crate::{
    cell::Row,
    gaps::{
        account::{Account, OutOfForce, says},
        called::called,
        cover::{Cover, Limit},
        gap::{Finding, pointer},
        thresholds::Thresholds,
    },
    money::dollars,
    name::Name as N,
    table::Part,
};

/// What `rule` says of each dwelling that a policy of a home insures.
fn of_dwellings<'m>(
    account: &Account<'m>,
    rule: impl Fn(&'m Row<'m>, &'m Row<'m>) -> Option<Finding>,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    for policy in account.in_force("home") {
        let dwellings = account.dwellings(policy);
        if dwellings.is_empty() {
            let because = format!("{}: no dwelling is listed", called(policy));
            findings.push(Finding::unknown(because, pointer(policy, "dwellings")).about(policy));
        }
        let found = dwellings.iter().filter_map(|dwelling| rule(policy, dwelling));
        findings.extend(found.map(|finding| finding.about(policy)));
    }
    findings
}

/// Insured below the replacement cost. A condominium's owner insures a part of the building only.
pub fn below_replacement_cost(account: &Account<'_>, set: &Thresholds) -> Vec<Finding> {
    of_dwellings(account, |policy, dwelling| {
        if says(policy, N::policy_type, "CONDO") {
            return None;
        }
        let coverages = account.of_dwelling(dwelling);
        // Such policies pay what it costs, whatever the limit.
        if Cover::of(coverages, &["REPLACEMENT_COST_FULL_VALUE"]).is_given() {
            return None;
        }
        let cover = Cover::of(coverages, &["DWELLING"]);
        let unknown = |what: &str, need| {
            let because = format!("{}: {what}", called(policy));
            Some(Finding::unknown(because, pointer(dwelling, need)).about(dwelling))
        };
        let limit = match cover {
            Cover::NotListed => None,
            Cover::Declined(_) => Some(0),
            Cover::Given(row) => Limit::of(row).most(),
        };
        let Some(limit) = limit else {
            return unknown("the limit of dwelling coverage is not listed", "coverages");
        };
        let cost = dwelling.integer(N::replacement_cost_cents).filter(|cost| *cost > 0);
        let Some(cost) = cost else {
            return unknown("the replacement cost is not known", "replacement_cost_cents");
        };
        if dwelling.is(N::is_replacement_cost_cents_derived) {
            return unknown(
                "the replacement cost was worked out from the dwelling limit, so the two cannot be compared",
                "replacement_cost_cents",
            );
        }
        let extended = dwelling.integer(N::extended_replacement_cost_percent).unwrap_or(0).clamp(0, 100);
        // In hundredths of cents, so that nothing is rounded.
        let insured = i128::from(limit) * i128::from(100 + extended);
        if insured >= i128::from(cost) * i128::from(set.dwelling_insured_percent) {
            return None;
        }
        let pays = i64::try_from(insured / 100).unwrap_or(i64::MAX);
        let extension =
            if extended > 0 { format!(" ({} with {extended}% more)", dollars(limit)) } else { String::new() };
        let share = if set.dwelling_insured_percent == 100 {
            String::new()
        } else {
            format!("{}% of ", set.dwelling_insured_percent)
        };
        let because = format!(
            "{}: the dwelling is insured for {}{extension}, below {share}its replacement cost of {}",
            called(policy),
            dollars(pays),
            dollars(cost)
        );
        Some(Finding::open(because).about(dwelling).rests_on(cover.row()))
    })
}

/// A peril that policies of homes leave out.
struct Peril {
    called: &'static str,
    coverage: &'static str,
    policy: &'static str,
    endorsement: &'static str,
}

const FLOOD: Peril =
    Peril { called: "flood", coverage: "FLOOD", policy: "FLOOD", endorsement: "FLOOD_COVERAGE" };
const EARTHQUAKE: Peril = Peril {
    called: "earthquake",
    coverage: "EARTHQUAKE",
    policy: "EARTHQUAKE",
    endorsement: "EARTHQUAKE_COVERAGE",
};

/// No flood cover, neither as coverage nor as policy of the account.
pub fn no_flood(account: &Account<'_>, _: &Thresholds) -> Vec<Finding> {
    no_cover(account, &FLOOD)
}

/// The same of earthquakes.
pub fn no_earthquake(account: &Account<'_>, _: &Thresholds) -> Vec<Finding> {
    no_cover(account, &EARTHQUAKE)
}

fn no_cover(account: &Account<'_>, peril: &Peril) -> Vec<Finding> {
    if account.of_type(peril.policy).next().is_some() {
        return Vec::new();
    }
    let what = peril.called;
    let elsewhere = match account.out_of_force(N::policy_type, peril.policy) {
        OutOfForce::ToBegin => return Vec::new(),
        OutOfForce::Over => format!("and the account's {what} policy is over"),
        OutOfForce::None => format!("and the account has no {what} policy"),
    };
    of_dwellings(account, |policy, dwelling| {
        let coverages = account.of_dwelling(dwelling);
        let cover = Cover::of(coverages, &[peril.coverage]);
        if cover.is_given() || account.is_endorsed(policy, peril.endorsement) {
            return None;
        }
        let called = called(policy);
        if coverages.is_empty() {
            let because = format!("{called}: no coverages are listed, so {what} cover may be there");
            return Some(Finding::unknown(because, pointer(dwelling, "coverages")).about(dwelling));
        }
        let because = match cover {
            Cover::Declined(_) => format!("{called}: {what} cover is declined, {elsewhere}"),
            _ => format!("{called}: no {what} coverage is listed, {elsewhere}"),
        };
        let finding = match account.lacks_policies() {
            Some(member) => {
                let because = format!("{because}, which may lack policies");
                Finding::unknown(because, pointer(account.model.pull(), member))
            }
            None => Finding::open(because),
        };
        Some(finding.about(dwelling).rests_on(cover.row()))
    })
}

/// Financed, and no mortgagee is named. Where nothing says whether it is financed, nobody knows.
pub fn mortgagee_missing(account: &Account<'_>, _: &Thresholds) -> Vec<Finding> {
    let rows = account.model.part(Part::Mortgagees).iter();
    // Of a dwelling; where it has no id, of its policy.
    let named: HashSet<&str> =
        rows.filter_map(|row| row.text(N::dwelling_id).or_else(|| row.text(N::policy_id))).collect();
    let has_mortgagee = |row: &Row<'_>, column| row.text(column).is_some_and(|id| named.contains(id));
    of_dwellings(account, |policy, dwelling| {
        if has_mortgagee(dwelling, N::dwelling_id) || has_mortgagee(policy, N::policy_id) {
            return None;
        }
        let record = dwelling.object(N::property_data);
        let amount = record.and_then(|record| record.integer(N::first_mortgage_amount_cents));
        let has_lender = record.is_some_and(|record| record.get(N::first_mortgage_lender).is_some());
        let called = called(policy);
        let because = match amount {
            Some(amount) if amount > 0 => {
                format!(
                    "{called}: public record has a first mortgage of {}, and no mortgagee is named",
                    dollars(amount)
                )
            }
            _ if has_lender => {
                format!("{called}: public record has a lender of a first mortgage, and no mortgagee is named")
            }
            // On record, and nothing is owed.
            Some(_) => return None,
            None if says(policy, N::policy_type, "HOMEOWNERS CONDO") => {
                let because =
                    format!("{called}: no mortgagee is named, and nothing says whether the home is financed");
                let need = pointer(dwelling, "property_data/first_mortgage_amount_cents");
                return Some(Finding::unknown(because, need).about(dwelling));
            }
            None => return None,
        };
        Some(Finding::open(because).about(dwelling))
    })
}
