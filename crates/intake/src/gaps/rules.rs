//! The rules.

use crate::{
    day::Day,
    gaps::{
        account::Account,
        auto,
        gap::{Finding, Gap},
        home, people, policies,
        thresholds::Thresholds,
        umbrella,
    },
    model::Model,
};

/// Most gaps of one rule.
const MOST_GAPS: usize = 100;

/// A rule.
struct Rule {
    id: &'static str,
    closes: &'static str,
    find: fn(&Account<'_>, &Thresholds) -> Vec<Finding>,
}

const RULES: &[Rule] = &[
    Rule {
        id: "auto_limits_below_state_minimum",
        closes: "Liability limits of at least the state's minimum on each vehicle.",
        find: auto::limits_below_minimum,
    },
    Rule {
        id: "no_uninsured_motorist",
        closes: "Uninsured motorist cover for bodily injury on each vehicle, or a signed rejection on file.",
        find: auto::no_uninsured,
    },
    Rule {
        id: "no_underinsured_motorist",
        closes: "Underinsured motorist cover for bodily injury on each vehicle, or a signed rejection on file.",
        find: auto::no_underinsured,
    },
    Rule {
        id: "dwelling_below_replacement_cost",
        closes: "A dwelling limit of at least the replacement cost, or a higher extended replacement cost.",
        find: home::below_replacement_cost,
    },
    Rule {
        id: "no_flood_cover",
        closes: "A flood policy or endorsement, or word that one is held elsewhere.",
        find: home::no_flood,
    },
    Rule {
        id: "no_earthquake_cover",
        closes: "An earthquake policy or endorsement, or word that one is held elsewhere.",
        find: home::no_earthquake,
    },
    Rule {
        id: "no_umbrella",
        closes: "An umbrella policy over home and auto, or word that one is held elsewhere.",
        find: umbrella::missing,
    },
    Rule {
        id: "auto_limits_below_umbrella",
        closes: "Auto liability limits that the umbrella asks for.",
        find: umbrella::auto_below,
    },
    Rule {
        id: "home_liability_below_umbrella",
        closes: "A personal liability limit that the umbrella asks for.",
        find: umbrella::home_below,
    },
    Rule {
        id: "young_driver_unlisted",
        closes: "The driver is listed on an auto policy, excluded from it, or insured elsewhere.",
        find: people::young_unlisted,
    },
    Rule {
        id: "excluded_driver",
        closes: "Word that the excluded driver uses none of the vehicles, or cover for them.",
        find: people::excluded,
    },
    Rule {
        id: "mortgagee_missing",
        closes: "The lender is named as mortgagee, or word that the home is paid off.",
        find: home::mortgagee_missing,
    },
    Rule {
        id: "several_carriers",
        closes: "A quote for all of them with one carrier.",
        find: policies::several_carriers,
    },
    Rule {
        id: "term_expired",
        closes: "A policy for the time since, or word that none is wanted.",
        find: policies::term_expired,
    },
    Rule { id: "term_ending", closes: "A renewal, or a policy that follows.", find: policies::term_ending },
    Rule {
        id: "policy_cancelled",
        closes: "A policy for the time since, or word that none is wanted.",
        find: policies::cancelled,
    },
    Rule {
        id: "cancellation_pending",
        closes: "What the carrier asks for in its notice, or a policy that follows.",
        find: policies::cancellation_pending,
    },
];

/// Their ids.
pub fn ids() -> impl Iterator<Item = &'static str> {
    RULES.iter().map(|rule| rule.id)
}

/// The gaps of a model that was filled for `day`, by rule; of each rule at most a hundred.
#[must_use]
pub fn of(model: &Model<'_>, day: Day, thresholds: &Thresholds) -> Vec<Gap> {
    let account = Account::of(model, day);
    let rules = RULES.iter().filter(|rule| thresholds.off.iter().all(|off| off != rule.id));
    let gaps = rules.flat_map(|rule| {
        let findings = (rule.find)(&account, thresholds).into_iter().take(MOST_GAPS);
        findings.map(|finding| finding.by(rule.id, rule.closes))
    });
    gaps.collect()
}
