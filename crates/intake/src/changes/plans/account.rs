//! What belongs to the account, and to no policy.

use crate::{
    changes::{
        kind::ChangeKind as K,
        plan::{
            Key::{Here, Id, Linked, Same, SameOrNone},
            Plan, Rule,
        },
    },
    name::Name as N,
    table::Part,
};

/// Birth date and addresses are other rows' own: they change there.
pub const CONTACT: Plan = Plan {
    part: Part::Contact,
    rules: &[Rule::each(&[])],
    watched: &[(
        K::ContactChanged,
        &[
            N::first_name,
            N::middle_name,
            N::last_name,
            N::email,
            N::phone,
            N::mobile_phone,
            N::home_phone,
            N::work_phone,
            N::work_phone_extension,
        ],
    )],
    ..Plan::PLAIN
};

/// Which declarations are the latest follows from the others; whether a document is stored, from the edge.
pub const DOCUMENTS: Plan = Plan {
    part: Part::Documents,
    rules: &[
        Rule::each(&[Id]),
        Rule::each(&[
            Linked(N::policy_id, Part::Policies),
            Same(N::title),
            SameOrNone(N::document_type),
            SameOrNone(N::date_added),
        ]),
        Rule::each(&[Same(N::title), SameOrNone(N::date_added)]),
    ],
    added: Some(K::DocumentAdded),
    removed: Some(K::DocumentRemoved),
    watched: &[(K::DocumentChanged, &[N::title, N::date_added, N::document_type, N::mime_type])],
    links: &[(N::policy_id, Part::Policies)],
    relinked: Some(K::DocumentChanged),
    ..Plan::PLAIN
};

pub const AGENTS: Plan = Plan {
    part: Part::Agents,
    rules: &[
        Rule::each(&[Id]),
        Rule::each(&[Same(N::agent_full_name), SameOrNone(N::agency_name)]),
        Rule::each(&[Same(N::email)]),
        Rule::alone(&[Same(N::agency_name)]),
    ],
    added: Some(K::AgentAdded),
    removed: Some(K::AgentRemoved),
    watched: &[(K::AgentChanged, &[N::agency_name, N::agent_full_name, N::phone_number, N::email])],
    links: &[(N::policy_ids, Part::Policies)],
    relinked: Some(K::AgentChanged),
    ..Plan::PLAIN
};

pub const ADDRESSES: Plan = Plan {
    part: Part::Addresses,
    rules: &[
        Rule::each(&[Id]),
        Rule::each(&[SameOrNone(N::address_nature), Here]),
        Rule::alone(&[Same(N::address_nature)]),
    ],
    added: Some(K::AddressAdded),
    removed: Some(K::AddressRemoved),
    watched: &[(
        K::AddressChanged,
        &[
            N::full_address,
            N::address_nature,
            N::country,
            N::number,
            N::street,
            N::type_,
            N::city,
            N::state,
            N::sec_unit_type,
            N::sec_unit_num,
            N::zip,
            N::prefix,
        ],
    )],
    is_whole: true,
    ..Plan::PLAIN
};

/// What a question is and how it is set up is the agency's own.
pub const ANSWERS: Plan = Plan {
    part: Part::Answers,
    rules: &[Rule::each(&[Id]), Rule::each(&[Same(N::label), SameOrNone(N::type_)])],
    added: Some(K::AnswerAdded),
    removed: Some(K::AnswerRemoved),
    watched: &[(K::AnswerChanged, &[N::label, N::type_, N::value])],
    ..Plan::PLAIN
};
