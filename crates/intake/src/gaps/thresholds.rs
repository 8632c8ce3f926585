//! Where gaps begin.

/// Where gaps begin, and which rules are off.
///
/// What umbrellas presuppose differs by carrier: 250/500/100 thousand for auto and 300 thousand for personal liability is
/// what most ask for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thresholds {
    /// A term that ends within so many days is worth a talk.
    pub expiring_days: i64,
    /// Who is younger, in years, is a young driver.
    pub young_driver_age: i64,
    /// What part of the replacement cost a dwelling is to be insured for, in percent.
    pub dwelling_insured_percent: i64,
    /// Bodily injury liability per person below an umbrella, in cents.
    pub umbrella_auto_per_person_cents: i64,
    /// The same per accident.
    pub umbrella_auto_per_incident_cents: i64,
    /// Property damage liability below an umbrella, in cents.
    pub umbrella_auto_property_damage_cents: i64,
    /// A combined single limit below an umbrella, in cents.
    pub umbrella_auto_single_limit_cents: i64,
    /// Personal liability of a home below an umbrella, in cents.
    pub umbrella_home_liability_cents: i64,
    /// Ids of rules that are off.
    pub off: Vec<String>,
}

impl Default for Thresholds {
    fn default() -> Self {
        Self {
            expiring_days: 45,
            young_driver_age: 26,
            dwelling_insured_percent: 100,
            umbrella_auto_per_person_cents: 25_000_000,
            umbrella_auto_per_incident_cents: 50_000_000,
            umbrella_auto_property_damage_cents: 10_000_000,
            umbrella_auto_single_limit_cents: 50_000_000,
            umbrella_home_liability_cents: 30_000_000,
            off: Vec::new(),
        }
    }
}
