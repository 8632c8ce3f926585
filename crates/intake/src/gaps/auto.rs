//! Vehicles on roads: limits below the state's minimum, no cover against who has none or too little.

use crate::{
    cell::Row,
    gaps::{
        account::{Account, group, says},
        called::{called, vehicle},
        cover::Cover,
        gap::{Finding, State, pointer},
        liability::{Bar, Liability, Measured},
        minimums::{AS_OF, Duty, Minimum},
        thresholds::Thresholds,
    },
    money::dollars,
    name::Name as N,
    wording::spaced,
};

/// Cents of a thousand dollars.
const THOUSAND: i64 = 100_000;

const COVERAGES: &str = "coverages";

/// What a rule says of a vehicle. Vehicles of a policy of which it says the same are one finding.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Said {
    /// Whether the rule fires.
    pub state: State,
    /// A sentence of which the vehicle is the subject.
    pub text: String,
    /// What is lacking: members of the vehicle's row.
    pub needs: Vec<&'static str>,
}

impl Said {
    fn unknown(text: &str, need: &'static str) -> Self {
        Self { state: State::Unknown, text: text.to_owned(), needs: vec![need] }
    }
}

/// What a rule rests on.
type Rows<'m> = Vec<&'m Row<'m>>;

/// What `rule` says of the vehicles of `policy`: same words once.
pub fn of_vehicles<'m>(
    account: &Account<'m>,
    policy: &'m Row<'m>,
    rule: impl Fn(&'m Row<'m>, &[&'m Row<'m>]) -> Option<(Said, Rows<'m>)>,
) -> Vec<Finding> {
    let vehicles: Vec<_> = account.vehicles(policy).collect();
    if vehicles.is_empty() {
        let because = format!("{}: no vehicle with its coverages is listed", called(policy));
        return vec![Finding::unknown(because, pointer(policy, "vehicles")).about(policy)];
    }
    let said = vehicles.iter().filter_map(|vehicle| {
        let (said, rows) = rule(vehicle, account.of_vehicle(vehicle))?;
        Some((said, (*vehicle, rows)))
    });
    let groups = group(said).into_iter().map(|(said, of)| {
        let subject = match of.as_slice() {
            [(one, _)] => vehicle(one),
            all if all.len() == vehicles.len() => format!("all {} vehicles", all.len()),
            some => format!("{} of {} vehicles", some.len(), vehicles.len()),
        };
        let because = format!("{}, {subject}: {}", called(policy), said.text);
        let mut finding = Finding::new(said.state, because).about(policy);
        if let [(one, _)] = of.as_slice() {
            finding = finding.about(one);
        }
        for (vehicle, rows) in &of {
            finding = rows.iter().fold(finding.rests(vehicle), |finding, row| finding.rests(row));
            finding = said.needs.iter().fold(finding, |finding, need| finding.needs(pointer(vehicle, need)));
        }
        finding
    });
    groups.collect()
}

/// What limits that were measured say, where they say something.
pub fn measured(measured: Measured, asks: &str) -> Option<Said> {
    if !measured.lower.is_empty() {
        let text = format!("{}; {asks}", measured.lower.join("; "));
        return Some(Said { state: State::Open, text, needs: Vec::new() });
    }
    let unsaid: Vec<String> = measured.unsaid.iter().map(|name| spaced(name)).collect();
    let text = format!("the limits of {} are not listed", unsaid.join(" and "));
    (!measured.unsaid.is_empty()).then(|| Said::unknown(&text, COVERAGES))
}

/// Liability limits below what the state of the garaging address asks for, else the policy's.
pub fn limits_below_minimum(account: &Account<'_>, _: &Thresholds) -> Vec<Finding> {
    let findings = account.autos().flat_map(|policy| {
        of_vehicles(account, policy, |vehicle, coverages| {
            let garaged = vehicle.object(N::garaging_address).and_then(|address| address.text(N::state));
            let Some(minimum) = garaged.or_else(|| policy.text(N::state)).and_then(Minimum::of) else {
                let mut said = Said::unknown("in which state it is kept is not known", "garaging_address");
                if coverages.is_empty() {
                    said.text += ", nor what it is insured for";
                    said.needs.push(COVERAGES);
                }
                return Some((said, Vec::new()));
            };
            // Florida's duty is one of vehicles with four wheels.
            let is_free = minimum.duty == Duty::PropertyDamage && says(policy, N::policy_type, "MOTORCYCLE");
            let asks = |what| !is_free && what;
            let liability = Liability::of(coverages);
            let bar = Bar {
                per_person: minimum.per_person * THOUSAND,
                per_incident: minimum.per_incident * THOUSAND,
                property: minimum.property * THOUSAND,
                single: minimum.single.unwrap_or(minimum.per_incident + minimum.property) * THOUSAND,
                asks_bodily: asks(minimum.duty == Duty::Both),
                asks_property: asks(minimum.duty != Duty::Nothing),
            };
            let said = measured(liability.measure(&bar), &asked(minimum, policy))?;
            Some((said, liability.rows().collect()))
        })
    });
    findings.collect()
}

/// Where a minimum stands, and since when it is asked for, where the policy began before.
fn asked(minimum: &Minimum, policy: &Row<'_>) -> String {
    let began = policy.text(N::effective_date);
    let since = minimum.since.filter(|since| began.is_some_and(|began| began < *since));
    let since = since.map(|since| format!(" for terms that begin from {since} on")).unwrap_or_default();
    format!("{} asks for that{since} ({}, as of {AS_OF})", minimum.name, minimum.law)
}

const BOTH: &str = "UNINSURED_AND_UNDERINSURED_MOTORISTS \
     UNINSURED_AND_UNDERINSURED_MOTORIST_BODILY_INJURY_LIABILITY \
     UNINSURED_AND_UNDERINSURED_MOTORIST_BODILY_INJURY_AND_PROPERTY_DAMAGE_LIABILITY \
     SUPPLEMENTAL_UNINSURED_AND_UNDERINSURED_MOTORISTS";

/// Coverages that pay for injuries by who has no insurance. Those for property damage alone are none.
pub const UNINSURED: &[&str] = &[
    "UNINSURED_MOTORISTS UNINSURED_MOTORIST_BODILY_INJURY_LIABILITY \
     UNINSURED_MOTORIST_BODILY_INJURY_AND_PROPERTY_DAMAGE_LIABILITY",
    BOTH,
];

/// Coverages that pay for injuries by who has too little.
pub const UNDERINSURED: &[&str] = &[
    "UNDERINSURED_MOTORISTS UNDERINSURED_MOTORIST_BODILY_INJURY_LIABILITY \
     UNDERINSURED_MOTORIST_BODILY_INJURY_AND_PROPERTY_DAMAGE_LIABILITY",
    BOTH,
];

const BOTH_ENDORSED: &str = "UNINSURED_AND_UNDERINSURED_MOTORIST_COVERAGE";

/// What a cover that is not there says.
fn absent<'m>(cover: Cover<'m>, what: &str, coverages: &[&'m Row<'m>]) -> Option<(Said, Rows<'m>)> {
    let open = |text: String| Said { state: State::Open, text, needs: Vec::new() };
    let said = match cover {
        Cover::Given(_) => return None,
        _ if coverages.is_empty() => Said::unknown("no coverages are listed", COVERAGES),
        // A list without these is not whole.
        Cover::NotListed if !Liability::of(coverages).is_listed() => {
            Said::unknown("no liability coverages are listed, so others may be there, too", COVERAGES)
        }
        Cover::Declined(_) => open(format!("{what} cover is declined")),
        Cover::NotListed => open(format!("no {what} cover for injuries is listed")),
    };
    Some((said, cover.row().into_iter().collect()))
}

/// No cover against who has no insurance.
pub fn no_uninsured(account: &Account<'_>, _: &Thresholds) -> Vec<Finding> {
    let is_endorsed = |policy: &Row<'_>| {
        account.is_endorsed(policy, "UNINSURED_MOTORIST_COVERAGE")
            || account.is_endorsed(policy, BOTH_ENDORSED)
    };
    let policies = account.autos().filter(|policy| !is_endorsed(policy));
    let findings = policies.flat_map(|policy| {
        of_vehicles(account, policy, |_, coverages| {
            absent(Cover::of(coverages, UNINSURED), "uninsured motorist", coverages)
        })
    });
    findings.collect()
}

/// No cover against who has too little. In many states that against who has none includes it: then nobody knows.
pub fn no_underinsured(account: &Account<'_>, _: &Thresholds) -> Vec<Finding> {
    let is_endorsed = |policy: &Row<'_>| {
        account.is_endorsed(policy, "UNDERINSURED_MOTORIST_COVERAGE")
            || account.is_endorsed(policy, BOTH_ENDORSED)
    };
    let policies = account.autos().filter(|policy| !is_endorsed(policy));
    let findings = policies.flat_map(|policy| {
        of_vehicles(account, policy, |_, coverages| {
            let (cover, uninsured) = (Cover::of(coverages, UNDERINSURED), Cover::of(coverages, UNINSURED));
            match (cover, uninsured) {
                (Cover::NotListed, Cover::Given(row)) => {
                    let text = "underinsured motorist cover is not listed separately; uninsured motorist cover, \
                                which may include it, is listed";
                    Some((Said::unknown(text, COVERAGES), vec![row]))
                }
                _ => absent(cover, "underinsured motorist", coverages),
            }
        })
    });
    findings.collect()
}

/// What an umbrella presupposes of auto policies.
pub fn umbrella_bar(set: &Thresholds) -> (Bar, String) {
    let bar = Bar {
        per_person: set.umbrella_auto_per_person_cents,
        per_incident: set.umbrella_auto_per_incident_cents,
        property: set.umbrella_auto_property_damage_cents,
        single: set.umbrella_auto_single_limit_cents,
        asks_bodily: true,
        asks_property: true,
    };
    let asks = format!(
        "an umbrella usually requires {}/{}/{}, or one limit of {}",
        dollars(bar.per_person),
        dollars(bar.per_incident),
        dollars(bar.property),
        dollars(bar.single)
    );
    (bar, asks)
}
