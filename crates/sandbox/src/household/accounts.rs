//! Which policies each login has, and what is particular about them.

use super::{kinds::Kind, twists::Twist};

/// What stands behind a login at its carrier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    pub policies: Vec<(Kind, Twist)>,
    pub drivers: bool,
    pub claims: bool,
    pub driving_records: bool,
    /// Dates as published instead of around the day of the pull.
    pub static_dates: bool,
    /// Policy numbers drawn anew at each pull.
    pub random_policy_numbers: bool,
    pub answers: bool,
    /// `meta_data` as the schema types it, JSON text, and not as every example shows it.
    pub meta_data_as_text: bool,
    /// The type of the pull when it is not a plain one.
    pub pull_type: Option<&'static str>,
}

impl Account {
    fn with(policies: impl IntoIterator<Item = Kind>) -> Self {
        Self::with_twist(policies, Twist::None)
    }

    fn with_twist(policies: impl IntoIterator<Item = Kind>, twist: Twist) -> Self {
        Self {
            policies: policies.into_iter().map(|kind| (kind, twist)).collect(),
            drivers: true,
            claims: true,
            driving_records: true,
            static_dates: false,
            random_policy_numbers: false,
            answers: false,
            meta_data_as_text: false,
            pull_type: None,
        }
    }
}

/// The account of a login that can sign in. `later` is true for a monitoring pull after the first.
#[must_use]
pub fn account(username: &str, later: bool) -> Account {
    use Kind::{
        Auto, BusinessOwners, CommercialAuto, CommercialUmbrella, Flood, GeneralLiability, Home,
        InlandMarine, Landlord, RecreationalVehicle, TermLife, Umbrella, UniversalLife, WholeLife,
        WorkersCompensation,
    };
    match username {
        "user_good_commercial" => Account::with([
            CommercialAuto,
            BusinessOwners,
            WorkersCompensation,
            GeneralLiability,
            CommercialUmbrella,
        ]),
        "user_good_transportation" => Account::with([CommercialAuto, InlandMarine]),
        "user_good_flood" => Account::with([Flood, Home]),
        "user_good_flood_only" => Account::with([Flood]),
        "user_good_flood_expiring" => Account::with_twist([Flood, Home], Twist::ExpiresInDays(15)),
        "user_good_flood_expired" => Account::with_twist([Flood, Home], Twist::ExpiresInDays(-15)),
        "user_good_discover" if later => {
            Account { policies: vec![(Flood, Twist::Mortgagee), (Home, Twist::None)], ..Account::with([]) }
        }
        "user_good_discover" => Account::with([Flood, Home]),
        "user_adams" => Account { static_dates: true, ..Account::with([Flood, Home]) },
        "user_good_expensive" => Account::with_twist([Auto, Home], Twist::DwellingPremiums { percent: 245 }),
        "user_good_underinsured" => {
            Account::with_twist([Auto, Home], Twist::DwellingLimit { cents: 87_500_000 })
        }
        "user_good_home" => Account::with([Home]),
        "user_good_home_no_pd" => Account::with_twist([Home], Twist::NoPropertyData),
        "user_good_auto" => Account::with([Auto]),
        "user_good_auto_compliant" => {
            Account::with_twist([Auto], Twist::AutoLimits { percent: 250, deductible_cents: 25_000 })
        }
        "user_good_auto_noncompliant" => {
            Account::with_twist([Auto], Twist::AutoLimits { percent: 25, deductible_cents: 250_000 })
        }
        "user_good_partial_auto" => Account {
            meta_data_as_text: true,
            ..Account::with_twist([Auto, Home], Twist::NoVehicleCoverages)
        },
        "user_good_landlord" => Account::with([Landlord]),
        "user_good_no_policies" => {
            Account { drivers: false, claims: false, driving_records: false, ..Account::with([]) }
        }
        "user_good_complete" | "user_good_complete_mfa" => complete(Twist::Status("CANCELLED")),
        "user_good_complete_active" => complete(Twist::None),
        "user_good_life" => Account::with([TermLife, WholeLife]),
        "user_good_term_life" => Account::with([TermLife]),
        "user_good_whole_life" => Account::with([WholeLife]),
        "user_good_universal_life" => Account::with([UniversalLife]),
        "user_good_agent" if later => {
            Account { pull_type: Some("AGENT"), ..Account::with_twist([Auto, Home], Twist::RaisedPremium) }
        }
        "user_good_agent" => {
            Account { pull_type: Some("AGENT"), ..Account::with_twist([Auto, Home], Twist::AgentPortal) }
        }
        "user_good_diffs" if later => Account::with_twist([Auto, Home], Twist::RaisedPremium),
        "user_standard" => Account::with([Auto, Home, Umbrella, RecreationalVehicle, Flood]),
        "user_good_rater" => Account::with_twist([Auto, Home], Twist::Rated),
        "user_random_policy_number" => Account { random_policy_numbers: true, ..Account::with([Auto, Home]) },
        "user_good_tx" => Account {
            claims: false,
            driving_records: false,
            ..Account::with_twist([Auto, Home], Twist::Texas)
        },
        "user_consumer_data" => Account { answers: true, ..Account::with([Auto, Home]) },
        "user_consumer_only" => Account {
            answers: true,
            claims: false,
            driving_records: false,
            pull_type: Some("MANUAL_ENTRY"),
            ..Account::with([])
        },
        _ => Account::with([Auto, Home]),
    }
}

/// Every kind of personal policy, two cars' policies among them; the second car's has `second_auto`.
fn complete(second_auto: Twist) -> Account {
    let policies = vec![
        (Kind::Auto, Twist::Rated),
        (Kind::Auto, second_auto),
        (Kind::Home, Twist::Rated),
        (Kind::Landlord, Twist::None),
        (Kind::Flood, Twist::Mortgagee),
        (Kind::Umbrella, Twist::None),
        (Kind::RecreationalVehicle, Twist::None),
        (Kind::TermLife, Twist::None),
        (Kind::Condo, Twist::None),
        (Kind::Motorcycle, Twist::None),
        (Kind::Boat, Twist::None),
        (Kind::Renters, Twist::None),
        (Kind::PersonalArticles, Twist::None),
        (Kind::Earthquake, Twist::None),
    ];
    Account { policies, ..Account::with([]) }
}
