//! The steps of a flow.

use std::collections::BTreeMap;

use canopy::{contract::Operation, delivery::Types};

use crate::{
    connector::Connector, expression::Expression, field::Type, sql::Select, template::Template, text::Text,
};

/// A step.
#[derive(Debug)]
pub struct Step {
    /// What later steps read it by; one of its flow.
    pub id: String,
    /// What people call it.
    pub title: Option<String>,
    /// Whether it is made.
    pub when: Option<Expression>,
    /// What it does.
    pub does: Use,
    /// How long a call may take, in milliseconds.
    pub timeout_millis: u64,
    /// How often a call is tried.
    pub retry: Retry,
    /// What a failure does.
    pub on_error: Failing,
    /// The secret of a call.
    pub secret: Option<Secret>,
}

/// How often a call is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retry {
    /// Attempts in all.
    pub attempts: u32,
}

/// What the failure of a step does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failing {
    /// The run fails.
    Fail,
    /// It goes on: the step holds the `error`.
    Continue,
}

/// The secret of a call.
#[derive(Debug)]
pub struct Secret {
    /// Its name.
    pub name: Text,
    /// Of `http`: where it is put.
    pub placement: Option<Template>,
}

/// What becomes of a wait that is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// The run fails.
    Fail,
    /// It goes on.
    Continue,
    /// It ends.
    Stop,
}

/// What a step does.
#[derive(Debug)]
#[allow(missing_docs, reason = "each member is described in the table of kinds")]
pub enum Use {
    Connector {
        connector: &'static Connector,
        with: Template,
        escapes: BTreeMap<String, Type>,
    },
    Http {
        method: &'static str,
        url: Text,
        headers: Option<Template>,
        query: Option<Template>,
        body: Body,
        fails_when: Option<Expression>,
        result: Option<Template>,
    },
    Canopy {
        operation: Operation,
        path: Option<Template>,
        query: Option<Template>,
        body: Option<Template>,
    },
    Wait {
        types: Types,
        when: Option<Expression>,
        timeout_millis: u64,
        on_timeout: Ending,
    },
    Sleep {
        for_millis: Option<u64>,
        until: Option<Text>,
    },
    Approve {
        title: Text,
        text: Option<Text>,
        notify: Vec<Step>,
        timeout_millis: u64,
        on_timeout: Decision,
        on_refusal: Ending,
    },
    If {
        condition: Expression,
        then: Vec<Step>,
        otherwise: Vec<Step>,
    },
    Each {
        list: Expression,
        name: String,
        limit: usize,
        steps: Vec<Step>,
    },
    Query {
        select: Select,
        parameters: Option<Template>,
        limit: u32,
    },
    Csv {
        name: Text,
        columns: Template,
        rows: Template,
    },
    Pdf {
        name: Text,
        document: Template,
    },
    Set {
        values: Template,
    },
    Emit {
        event_type: String,
        data: Option<Template>,
        page: bool,
    },
    Schedule {
        event_type: String,
        effective_at: Text,
        data: Option<Template>,
    },
    Stop {
        because: Option<Text>,
        is_failure: bool,
    },
}

/// What is decided where nobody has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// No.
    Refuse,
    /// Yes.
    Approve,
    /// Nothing: the run fails.
    Fail,
}

/// What a request carries.
#[derive(Debug)]
#[allow(missing_docs, reason = "each is described in the table of kinds")]
pub enum Body {
    None,
    Json(Template),
    Form(Template),
    Text(Text),
}
