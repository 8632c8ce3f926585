//! What kinds of steps there are, beside the connectors, and what each is given: one table for reading, for the JSON Schema and for the docs.

use super::bounds::{MAX_ROUNDS, MAX_ROWS};

/// What a member of a step's `with` is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// A text with expressions in it.
    Text,
    /// A text without.
    Written,
    /// A SELECT.
    Sql,
    /// The same, as part of a URL.
    Url,
    /// Any JSON, with expressions in its texts.
    Value,
    /// An expression.
    Expression,
    /// A length of time.
    Span,
    /// Steps.
    Steps,
    /// Types of entries.
    Types,
    /// A whole number.
    Integer(i64, i64),
    /// One of some words.
    Word(&'static [&'static str]),
    /// Yes or no.
    Boolean,
    /// A name that expressions may read.
    Name,
    /// An operation of Canopy's.
    Operation,
}

/// A member of a step's `with`.
#[derive(Debug, Clone, Copy)]
pub struct Member {
    /// Its name.
    pub name: &'static str,
    /// What it is.
    pub shape: Shape,
    /// Whether there must be one.
    pub required: bool,
    /// What it says.
    pub description: &'static str,
}

/// A kind of step.
#[derive(Debug, Clone, Copy)]
pub struct Kind {
    /// What `use` names it by.
    pub name: &'static str,
    /// What it does.
    pub description: &'static str,
    /// What it is given.
    pub members: &'static [Member],
}

const fn must(name: &'static str, shape: Shape, description: &'static str) -> Member {
    Member { name, shape, required: true, description }
}

const fn may(name: &'static str, shape: Shape, description: &'static str) -> Member {
    Member { name, shape, required: false, description }
}

/// All kinds.
pub const KINDS: &[Kind] = &[
    Kind {
        name: "http",
        description: "Makes a request to any public address.",
        members: &[
            may(
                "method",
                Shape::Word(&["GET", "POST", "PUT", "PATCH", "DELETE"]),
                "Its method; POST where none is said.",
            ),
            must("url", Shape::Url, "Where it goes. What an expression gives is encoded as one part of it."),
            may("headers", Shape::Value, "Its headers."),
            may("query", Shape::Value, "What is added to the URL's query."),
            may("json", Shape::Value, "Its body as JSON."),
            may("form", Shape::Value, "Its body as a form."),
            may("text", Shape::Text, "Its body as text."),
            may(
                "fails_when",
                Shape::Expression,
                "Over `answer` (`status`, `body`): whether a success is none.",
            ),
            may(
                "result",
                Shape::Value,
                "Over `answer`: what the step holds; `status` and `body` where nothing is said.",
            ),
        ],
    },
    Kind {
        name: "canopy",
        description: "Asks something of Canopy, as the edge's own proxy would.",
        members: &[
            must("operation", Shape::Operation, "Its operationId in Canopy's API."),
            may("path", Shape::Value, "What stands in its path, beside the team and the pull of the run."),
            may("query", Shape::Value, "Its query."),
            may("body", Shape::Value, "Its body."),
        ],
    },
    Kind {
        name: "wait",
        description: "Waits for an entry of the pull's log; one that came since the run began is taken, too.",
        members: &[
            must("types", Shape::Types, "Types of entries."),
            may("when", Shape::Expression, "Over `event`: which of them."),
            must("timeout", Shape::Span, "How long."),
            may(
                "on_timeout",
                Shape::Word(&["fail", "continue", "stop"]),
                "What happens then; `fail` where nothing is said.",
            ),
        ],
    },
    Kind {
        name: "sleep",
        description: "Waits for a time.",
        members: &[
            may("for", Shape::Span, "How long."),
            may("until", Shape::Text, "Until when: a time or a day."),
        ],
    },
    Kind {
        name: "approve",
        description: "Waits for a person's yes or no, by a link or in the tasks.",
        members: &[
            must("title", Shape::Text, "What is asked."),
            may("text", Shape::Text, "What the person should know."),
            may("notify", Shape::Steps, "Steps that tell somebody of it: `approval.url` is the link."),
            must("timeout", Shape::Span, "How long."),
            may(
                "on_timeout",
                Shape::Word(&["refuse", "approve", "fail"]),
                "What happens then; `refuse` where nothing is said.",
            ),
            may(
                "on_refusal",
                Shape::Word(&["stop", "continue", "fail"]),
                "What a no does; `stop` where nothing is said.",
            ),
        ],
    },
    Kind {
        name: "if",
        description: "Goes one way or the other.",
        members: &[
            must("condition", Shape::Expression, "Which."),
            must("then", Shape::Steps, "Where it is true."),
            may("else", Shape::Steps, "Where it is not."),
        ],
    },
    Kind {
        name: "each",
        description: "Makes steps for each element of a list, one after the other.",
        members: &[
            must("in", Shape::Expression, "The list."),
            must("as", Shape::Name, "What the element is called in the steps."),
            may("limit", Shape::Integer(1, MAX_ROUNDS), "Most elements; what is more fails the step."),
            must("steps", Shape::Steps, "The steps."),
        ],
    },
    Kind {
        name: "query",
        description: "Reads the agency's book with SQL.",
        members: &[
            must("sql", Shape::Sql, "One SELECT over the documented tables."),
            may("parameters", Shape::Value, "A list of what stands for ?1, ?2, …"),
            may("limit", Shape::Integer(1, MAX_ROWS), "Most rows."),
        ],
    },
    Kind {
        name: "csv",
        description: "Makes a table that spreadsheets read.",
        members: &[
            must("name", Shape::Text, "The file's name."),
            must("columns", Shape::Value, "Its columns."),
            must("rows", Shape::Value, "Its rows."),
        ],
    },
    Kind {
        name: "pdf",
        description: "Makes a document.",
        members: &[
            must("name", Shape::Text, "The file's name."),
            must("document", Shape::Value, "What stands in it."),
        ],
    },
    Kind {
        name: "set",
        description: "Keeps values for later steps.",
        members: &[must("values", Shape::Value, "The values.")],
    },
    Kind {
        name: "emit",
        description: "Writes an own event into the pull's log.",
        members: &[
            must("event_type", Shape::Written, "Its type."),
            may("data", Shape::Value, "What it says."),
            may("page", Shape::Boolean, "Whether the consumer's page sees it."),
        ],
    },
    Kind {
        name: "schedule",
        description: "Schedules an own event of the pull.",
        members: &[
            must("event_type", Shape::Written, "Its type."),
            must("effective_at", Shape::Text, "When."),
            may("data", Shape::Value, "What it says."),
        ],
    },
    Kind {
        name: "stop",
        description: "Ends the run.",
        members: &[
            may("because", Shape::Text, "Why."),
            may("as", Shape::Word(&["done", "failed"]), "As what; `done` where nothing is said."),
        ],
    },
];
