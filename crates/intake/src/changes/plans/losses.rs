//! Claims, losses and driving records.

use crate::{
    changes::{
        kind::ChangeKind as K,
        plan::{
            Key::{Id, Linked, Same, SameOrNone},
            Plan, Rule,
        },
    },
    name::Name as N,
    table::Part,
};

/// Its status says whether it is open, and so does the day on which it was closed.
pub const CLAIMS: Plan = Plan {
    part: Part::Claims,
    rules: &[
        Rule::each(&[Id]),
        Rule::each(&[Same(N::carrier_claim_identifier)]),
        Rule::each(&[Linked(N::policy_id, Part::Policies), Same(N::date_occurred), Same(N::type_)]),
    ],
    added: Some(K::ClaimAdded),
    added_where: Some((N::is_open, K::ClaimOpened)),
    removed: Some(K::ClaimRemoved),
    watched: &[(
        K::ClaimChanged,
        &[
            N::carrier_claim_identifier,
            N::date_occurred,
            N::type_,
            N::date_closed,
            N::payout_cents,
            N::representative_name,
            N::representative_phone,
            N::representative_email,
        ],
    )],
    links: &[
        (N::policy_id, Part::Policies),
        (N::dwelling_id, Part::Dwellings),
        (N::vehicle_id, Part::Vehicles),
        (N::person_id, Part::People),
    ],
    relinked: Some(K::ClaimChanged),
    turned: &[(N::is_open, K::ClaimOpened, K::ClaimClosed)],
    told_by: &[(N::date_closed, N::is_open)],
    ..Plan::PLAIN
};

pub const LOSS_EVENTS: Plan = Plan {
    part: Part::LossEvents,
    rules: &[
        Rule::each(&[Id]),
        Rule::each(&[Linked(N::policy_id, Part::Policies), Same(N::date_of_occurrence), Same(N::type_)]),
    ],
    added: Some(K::LossAdded),
    removed: Some(K::LossRemoved),
    watched: &[(
        K::LossChanged,
        &[
            N::date_of_occurrence,
            N::type_,
            N::date_of_claim,
            N::amount_paid_cents,
            N::amount_reserved_cents,
            N::is_subrogation,
        ],
    )],
    links: &[(N::policy_id, Part::Policies)],
    relinked: Some(K::LossChanged),
    turned: &[(N::is_claim_open, K::ClaimOpened, K::ClaimClosed)],
    ..Plan::PLAIN
};

pub const DRIVING_RECORDS: Plan = Plan {
    part: Part::DrivingRecords,
    rules: &[
        Rule::each(&[Id]),
        Rule::each(&[
            Linked(N::person_id, Part::People),
            Same(N::incident_date),
            SameOrNone(N::incident_type),
            SameOrNone(N::violation_type),
        ]),
        Rule::each(&[Linked(N::person_id, Part::People), Same(N::incident_date)]),
    ],
    added: Some(K::DrivingRecordAdded),
    removed: Some(K::DrivingRecordRemoved),
    watched: &[(
        K::DrivingRecordChanged,
        &[N::incident_date, N::incident_type, N::violation_type, N::is_at_fault],
    )],
    links: &[(N::person_id, Part::People)],
    relinked: Some(K::DrivingRecordChanged),
    ..Plan::PLAIN
};
