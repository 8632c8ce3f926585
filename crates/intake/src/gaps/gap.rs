//! One gap, and what a rule finds.

use serde::Serialize;

use crate::{cell::Row, name::Name as N};

/// Most pointers of one gap.
pub const MOST_POINTERS: usize = 20;

/// Whether the rule fires.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It does.
    Open,
    /// The account lacks what would decide it.
    Unknown,
}

/// A gap.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Gap {
    /// The rule's id.
    pub rule: &'static str,
    /// Whether it fires.
    pub state: State,
    /// The policy that it is about; `None` where it is about several.
    pub policy_id: Option<String>,
    /// The one vehicle that it is about.
    pub vehicle_id: Option<String>,
    /// The dwelling that it is about.
    pub dwelling_id: Option<String>,
    /// The person that it is about.
    pub person_id: Option<String>,
    /// Why, with amounts, in one sentence without names, numbers and addresses.
    pub because: String,
    /// JSON pointers into the snapshot: what it rests on, at most [`MOST_POINTERS`].
    pub rests_on: Vec<String>,
    /// What would close it.
    pub closes: &'static str,
    /// What an unknown one lacks: JSON pointers to where it would stand, or names; at most [`MOST_POINTERS`].
    pub needs: Vec<String>,
}

/// What a rule finds.
#[derive(Debug, Clone)]
pub struct Finding {
    state: State,
    policy_id: Option<String>,
    vehicle_id: Option<String>,
    dwelling_id: Option<String>,
    person_id: Option<String>,
    because: String,
    rests_on: Vec<String>,
    needs: Vec<String>,
}

impl Finding {
    /// The rule fires, or not, `because` of this.
    pub fn new(state: State, because: String) -> Self {
        Self {
            state,
            policy_id: None,
            vehicle_id: None,
            dwelling_id: None,
            person_id: None,
            because,
            rests_on: Vec::new(),
            needs: Vec::new(),
        }
    }

    /// The rule fires.
    pub fn open(because: String) -> Self {
        Self::new(State::Open, because)
    }

    /// The rule lacks `need`.
    pub fn unknown(because: String, need: String) -> Self {
        Self::new(State::Unknown, because).needs(need)
    }

    /// It is about `row`: takes its ids, and rests on it.
    pub fn about(mut self, row: &Row<'_>) -> Self {
        let ids = [
            (&mut self.policy_id, N::policy_id),
            (&mut self.vehicle_id, N::vehicle_id),
            (&mut self.dwelling_id, N::dwelling_id),
            (&mut self.person_id, N::person_id),
        ];
        for (id, column) in ids {
            if let Some(text) = row.text(column) {
                *id = Some(text.to_owned());
            }
        }
        self.rests(row)
    }

    /// It is about several vehicles.
    pub fn of_several_vehicles(mut self) -> Self {
        self.vehicle_id = None;
        self
    }

    /// It rests on `row`.
    pub fn rests(mut self, row: &Row<'_>) -> Self {
        let source = row.text(N::source).filter(|source| self.rests_on.iter().all(|its| its != source));
        self.rests_on.extend(source.filter(|_| self.rests_on.len() < MOST_POINTERS).map(str::to_owned));
        self
    }

    /// It rests on each of `rows`.
    pub fn rests_on<'r>(self, rows: impl IntoIterator<Item = &'r Row<'r>>) -> Self {
        rows.into_iter().take(MOST_POINTERS).fold(self, |finding, row| finding.rests(row))
    }

    /// It lacks `need`.
    pub fn needs(mut self, need: String) -> Self {
        if self.needs.len() < MOST_POINTERS {
            self.needs.push(need);
        }
        self
    }

    /// The gap that it is by a rule.
    pub fn by(self, rule: &'static str, closes: &'static str) -> Gap {
        Gap {
            rule,
            state: self.state,
            policy_id: self.policy_id,
            vehicle_id: self.vehicle_id,
            dwelling_id: self.dwelling_id,
            person_id: self.person_id,
            because: format!("{}.", self.because),
            rests_on: self.rests_on,
            closes,
            needs: self.needs,
        }
    }
}

/// Where `member` of `row` would stand.
pub fn pointer(row: &Row<'_>, member: &str) -> String {
    format!("{}/{member}", row.text(N::source).unwrap_or_default())
}
