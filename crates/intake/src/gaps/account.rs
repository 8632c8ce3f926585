//! A model as the rules look at it: policies that may be in force, and what belongs to each.

use std::{
    collections::{HashMap, HashSet},
    hash::Hash,
};

use crate::{
    cell::Row, day::Day, gaps::liability::Liability, model::Model, name::Name as N, scalar::word,
    table::Part, term::OVER, wording::clip,
};

/// Endorsements that give what rules look for.
pub const ENDORSEMENTS: &str = "UNINSURED_AND_UNDERINSURED_MOTORIST_COVERAGE UNINSURED_MOTORIST_COVERAGE \
     UNDERINSURED_MOTORIST_COVERAGE FLOOD_COVERAGE EARTHQUAKE_COVERAGE";

type Index<'m> = HashMap<&'m str, Vec<&'m Row<'m>>>;

/// The account on a day.
pub struct Account<'m> {
    /// The rows.
    pub model: &'m Model<'m>,
    /// The day.
    pub day: Day,
    policies: Vec<&'m Row<'m>>,
    in_force: Vec<&'m Row<'m>>,
    out_of_force: Vec<&'m Row<'m>>,
    vehicles: Index<'m>,
    dwellings: Index<'m>,
    of_vehicles: Index<'m>,
    of_dwellings: Index<'m>,
    endorsed: HashSet<(&'m str, &'static str)>,
    drivers: Index<'m>,
}

impl<'m> Account<'m> {
    /// The account of a model that was filled for `day`.
    pub fn of(model: &'m Model<'m>, day: Day) -> Self {
        let policies: Vec<&Row<'_>> = once(model, Part::Policies, N::policy_id).collect();
        let is_in_force = |policy: &&Row<'_>| policy.flag(N::is_active) != Some(false);
        let (in_force, out_of_force) = policies.iter().copied().partition(is_in_force);
        let forms = model.part(Part::Forms).iter().filter(|form| !form.is(N::is_exclusion_endorsement));
        let endorsed = forms.filter_map(|form| {
            Some((form.text(N::policy_id)?, word(ENDORSEMENTS, form.text(N::endorsement_type)?)?))
        });
        Self {
            model,
            day,
            policies,
            in_force,
            out_of_force,
            vehicles: by_policy(once(model, Part::Vehicles, N::vehicle_id)),
            dwellings: by_policy(once(model, Part::Dwellings, N::dwelling_id)),
            of_vehicles: model.by(Part::Coverages, N::vehicle_id),
            of_dwellings: model.by(Part::Coverages, N::dwelling_id),
            endorsed: endorsed.collect(),
            drivers: model.by(Part::Drivers, N::policy_id),
        }
    }

    /// Policies of `lines` that are, or may be, in force.
    pub fn in_force(&self, lines: &'static str) -> impl Iterator<Item = &'m Row<'m>> {
        self.in_force.iter().copied().filter(move |policy| says(policy, N::line, lines))
    }

    /// All policies, the first of each id.
    pub fn policies(&self) -> impl Iterator<Item = &'m Row<'m>> {
        self.policies.iter().copied()
    }

    /// Those that are, or may be, in force.
    pub fn in_force_all(&self) -> impl Iterator<Item = &'m Row<'m>> {
        self.in_force.iter().copied()
    }

    /// The same by their type.
    pub fn of_type(&self, types: &'static str) -> impl Iterator<Item = &'m Row<'m>> {
        self.in_force.iter().copied().filter(move |policy| says(policy, N::policy_type, types))
    }

    /// The same of a person's vehicles on roads: auto, and vehicles to live in with liability coverages as those have.
    pub fn personal_autos(&self) -> impl Iterator<Item = &'m Row<'m>> {
        let is_liable = |policy: &&Row<'_>| {
            self.vehicles(policy).any(|vehicle| Liability::of(self.of_vehicle(vehicle)).is_listed())
        };
        self.in_force("auto").chain(self.of_type("RECREATIONAL_VEHICLE").filter(is_liable))
    }

    /// The same of all vehicles on roads.
    pub fn autos(&self) -> impl Iterator<Item = &'m Row<'m>> {
        self.personal_autos().chain(self.of_type("COMMERCIAL_AUTO"))
    }

    /// Of policies that have one of `words` under `column` and are not in force: whether one is to begin, else whether one is over.
    pub fn out_of_force(&self, column: N, words: &'static str) -> OutOfForce {
        let is_to_begin = |policy: &&Row<'_>| {
            let begins = policy.text(N::effective_date).and_then(Day::parse);
            let is_over = says(policy, N::status, OVER) || policy.get(N::canceled_date).is_some();
            begins.is_some_and(|day| day > self.day) && !is_over
        };
        let policies = || {
            let those = self.out_of_force.iter().filter(|policy| says(policy, column, words));
            those.copied().filter(|policy| !says(policy, N::status, "QUOTE"))
        };
        if policies().any(|policy| is_to_begin(&policy)) {
            OutOfForce::ToBegin
        } else if policies().next().is_some() {
            OutOfForce::Over
        } else {
            OutOfForce::None
        }
    }

    /// The same where nobody knows the line.
    pub fn of_no_line(&self) -> impl Iterator<Item = &'m Row<'m>> {
        self.in_force.iter().copied().filter(|policy| policy.get(N::line).is_none())
    }

    /// The vehicles of a policy: neither removed, nor trailers.
    pub fn vehicles(&self, policy: &Row<'_>) -> impl Iterator<Item = &'m Row<'m>> {
        let is_trailer = |vehicle: &Row<'_>| {
            vehicle.text(N::type_).is_some_and(|text| clip(text).to_ascii_uppercase().contains("TRAILER"))
        };
        let vehicles = found(&self.vehicles, policy, N::policy_id);
        vehicles.iter().copied().filter(move |vehicle| !vehicle.is(N::is_removed) && !is_trailer(vehicle))
    }

    /// The dwellings of a policy.
    pub fn dwellings(&self, policy: &Row<'_>) -> &[&'m Row<'m>] {
        found(&self.dwellings, policy, N::policy_id)
    }

    /// The coverages of a vehicle.
    pub fn of_vehicle(&self, vehicle: &Row<'_>) -> &[&'m Row<'m>] {
        found(&self.of_vehicles, vehicle, N::vehicle_id)
    }

    /// The coverages of a dwelling.
    pub fn of_dwelling(&self, dwelling: &Row<'_>) -> &[&'m Row<'m>] {
        found(&self.of_dwellings, dwelling, N::dwelling_id)
    }

    /// Who drives the vehicles of a policy, those that were removed as well.
    pub fn drivers(&self, policy: &Row<'_>) -> &[&'m Row<'m>] {
        found(&self.drivers, policy, N::policy_id)
    }

    /// Whether an endorsement of the policy, one of [`ENDORSEMENTS`], gives `kind`.
    pub fn is_endorsed(&self, policy: &Row<'_>, kind: &'static str) -> bool {
        policy.text(N::policy_id).is_some_and(|id| self.endorsed.contains(&(id, kind)))
    }

    /// Where the pull says that it may lack policies of the person.
    pub fn lacks_policies(&self) -> Option<&'static str> {
        let pull = self.model.pull();
        let is_skipped = |text: &str| word("personal", text).is_some();
        if says(pull, N::status, "INCOMPLETE INTERNAL_ERROR PROVIDER_ERROR") {
            Some("status")
        } else {
            pull.texts(N::skipped_product_types).any(is_skipped).then_some("skipped_product_types")
        }
    }
}

/// What an account has of policies that are not in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutOfForce {
    /// One begins later.
    ToBegin,
    /// One is over, and none begins later.
    Over,
    /// It has none.
    None,
}

/// The rows of a part, the first of each id: what repeats one adds nothing, and would be looked at once for each row of it.
fn once<'m>(model: &'m Model<'m>, part: Part, id: N) -> impl Iterator<Item = &'m Row<'m>> {
    let mut seen = HashSet::new();
    model.part(part).iter().filter(move |row| row.text(id).is_none_or(|id| seen.insert(id)))
}

fn by_policy<'m>(rows: impl Iterator<Item = &'m Row<'m>>) -> Index<'m> {
    let mut index = Index::new();
    for row in rows {
        if let Some(policy) = row.text(N::policy_id) {
            index.entry(policy).or_default().push(row);
        }
    }
    index
}

fn found<'i, 'm>(index: &'i Index<'m>, row: &Row<'_>, column: N) -> &'i [&'m Row<'m>] {
    row.text(column).and_then(|id| index.get(id)).map_or(&[], Vec::as_slice)
}

/// Whether what stands under `column` is one of `words`.
pub fn says(row: &Row<'_>, column: N, words: &'static str) -> bool {
    row.text(column).is_some_and(|text| word(words, text).is_some())
}

/// Values by their key, in the order in which keys first come.
pub fn group<K: Hash + Eq + Clone, V>(pairs: impl Iterator<Item = (K, V)>) -> Vec<(K, Vec<V>)> {
    let mut places: HashMap<K, usize> = HashMap::new();
    let mut groups: Vec<(K, Vec<V>)> = Vec::new();
    for (key, value) in pairs {
        let place = *places.entry(key.clone()).or_insert(groups.len());
        match groups.get_mut(place) {
            Some((_, values)) => values.push(value),
            None => groups.push((key, vec![value])),
        }
    }
    groups
}
