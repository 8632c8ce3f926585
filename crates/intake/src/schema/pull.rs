//! Pull and what hangs on it directly.

use super::{
    Schema, birthday, date, decimal, flag, json, left, loss::CLAIM, loss::DRIVING_RECORD, loss::LOSS_EVENT,
    many, metadata, moment, named, names, object, person::DRIVER, policy::POLICY, text, texts,
};
use crate::name::Name as N;

/// What an answer with a pull is wrapped in.
pub static ENVELOPE: Schema = Schema {
    name: "Envelope",
    id: None,
    members: &[many(N::pull, &PULL), left(N::success, "it is about the call")],
};

/// `Pull`
pub static PULL: Schema = Schema {
    name: "Pull",
    id: Some(N::pull_id),
    members: &[
        text(N::pull_id),
        named(
            N::status,
            "STARTED QUEUED DOCUMENT_PARSING PROCESSING IDENTITY_VERIFICATION_OPTIONS IDENTITY_VERIFICATION \
             GETTING_CONSUMERS PULLING_DATA SERVICING WAITING_FOR_CONSUMER_CONFIRMATION SUBMITTING_CONFIRMATION \
             NOT_AUTHENTICATED INTERNAL_ERROR PROVIDER_ERROR VALIDATION_ERROR SUCCESS INCOMPLETE",
        ),
        text(N::account_identifier).ids(),
        text(N::first_name).contact().apart(),
        text(N::middle_name).contact().apart(),
        text(N::last_name).contact().apart(),
        // In no schema, and in real answers, mostly empty.
        birthday(N::date_of_birth).given(&["date_of_birth_str"]).contact().apart(),
        text(N::email).contact().apart(),
        text(N::account_email).contact().apart(),
        text(N::phone).contact().apart(),
        text(N::mobile_phone).contact().apart(),
        text(N::home_phone).contact().apart(),
        text(N::work_phone).contact().apart(),
        text(N::work_phone_extension).contact().apart(),
        text(N::carrier_name).given(&["insurance_provider_name"]),
        text(N::carrier_friendly_name).given(&["insurance_provider_friendly_name"]),
        text(N::team_id),
        text(N::widget_id),
        metadata(N::metadata).given(&["meta_data"]),
        flag(N::is_archived),
        moment(N::created_at),
        text(N::public_alias),
        text(N::public_url),
        flag(N::encountered_mfa),
        flag(N::no_policies),
        flag(N::no_drivers),
        flag(N::no_documents),
        flag(N::no_claims),
        flag(N::no_loss_events),
        named(
            N::type_,
            "PULLING_DATA SERVICING DOCUMENT_UPLOAD DOCUMENT_PARSING AGENT MANUAL_ENTRY POLICY_LOOKUP CONTACT_ME",
        ),
        text(N::parent_pull_id),
        named(N::policy_check_status, "NONE COMPLIANT NOT_COMPLIANT REVIEW_REQUIRED"),
        many(N::policies, &POLICY),
        many(N::drivers, &DRIVER),
        many(N::documents, &DOCUMENT),
        many(N::addresses, &ADDRESS),
        many(N::claims, &CLAIM),
        many(N::driving_records, &DRIVING_RECORD),
        many(N::loss_events, &LOSS_EVENT),
        many(N::agents, &AGENT_INFO),
        many(N::answers, &ANSWER_SECTION),
        names(N::skipped_product_types, "personal commercial agent"),
        object(N::funnel, &FUNNEL),
    ],
};

/// `PullFunnel`
pub static FUNNEL: Schema = Schema {
    name: "PullFunnel",
    id: None,
    members: &[object(N::assignee, &ASSIGNEE), decimal(N::premium), named(N::stage, "WORKING WON LOST")],
};

/// `PullAssignee`
pub static ASSIGNEE: Schema = Schema {
    name: "PullAssignee",
    id: Some(N::agent_id),
    members: &[
        text(N::agent_id),
        text(N::email).contact(),
        text(N::first_name).contact(),
        text(N::last_name).contact(),
    ],
};

/// `AnswerSection`
pub static ANSWER_SECTION: Schema = Schema {
    name: "AnswerSection",
    id: Some(N::consumer_flow_section_id),
    members: &[text(N::consumer_flow_section_id), many(N::fields, &ANSWER_FIELD)],
};

/// `AnswerField`
pub static ANSWER_FIELD: Schema = Schema {
    name: "AnswerField",
    id: Some(N::consumer_flow_section_field_id),
    members: &[
        text(N::consumer_flow_section_field_id),
        text(N::label),
        json(N::meta),
        named(N::type_, "TEXT NUMBER BOOLEAN DATE FILE_UPLOAD"),
        json(N::value),
    ],
};

/// `Document`
pub static DOCUMENT: Schema = Schema {
    name: "Document",
    id: Some(N::document_id),
    members: &[
        text(N::document_id),
        text(N::title).ids(),
        date(N::date_added),
        named(
            N::document_type,
            "INSURANCE_APPLICATION INSURANCE_BINDER DECLARATIONS ENDORSEMENT INSURANCE_ID_CARD \
             VERIFICATION_OF_INSURANCE LOSS_RUN ESIGN_PACKET NOTICE_OF_CANCELLATION CANCELLATION \
             NONRENEWAL_NOTICE ESIGNATURE QUOTE NOTES",
        ),
        text(N::policy_id),
        text(N::mime_type),
        left(N::download_url, "Canopy's own address; `link` is the edge's"),
    ],
};

/// `AgentInfo`
pub static AGENT_INFO: Schema = Schema {
    name: "AgentInfo",
    id: Some(N::agent_info_id),
    members: &[
        text(N::agent_info_id),
        text(N::address_id),
        text(N::agency_name),
        text(N::agent_full_name).contact(),
        text(N::phone_number).contact(),
        text(N::email).contact(),
        texts(N::policy_ids),
    ],
};

/// `Address`
pub static ADDRESS: Schema = Schema {
    name: "Address",
    id: Some(N::address_id),
    members: &[
        text(N::address_id),
        text(N::full_address).contact(),
        named(
            N::address_nature,
            "MAILING PHYSICAL LIENHOLDER INCIDENT_LOCATION AGENCY_LOCATION MORTGAGEE ADDITIONAL_INTEREST",
        ),
        text(N::country),
        text(N::number).contact(),
        text(N::street).contact(),
        text(N::type_),
        text(N::city),
        text(N::state),
        text(N::sec_unit_type),
        text(N::sec_unit_num).contact(),
        text(N::zip),
        text(N::prefix),
    ],
};
