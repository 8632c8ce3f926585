//! What the edge does for a run, and what it says of it.

use canopy::{contract::Operation, delivery::Types, schedule::When, time::UnixMillis};
use serde_json::{Value as Json, json};

use super::outcome::Ended;
use crate::{asked::AskedCanopy, request::Request};

/// What is done next.
#[derive(Debug)]
pub enum Next<'f> {
    /// A request: its attempt is counted, then it is made.
    Call {
        /// The step.
        path: String,
        /// Without its secret.
        request: Box<Request>,
        /// The same at each attempt.
        key: String,
        /// How long the service may take, in milliseconds.
        timeout_millis: u64,
    },
    /// The same of Canopy.
    Canopy {
        /// The step.
        path: String,
        /// What is asked.
        operation: Operation,
        /// As its API has it.
        asked: AskedCanopy,
        /// The same at each attempt.
        key: String,
    },
    /// Nothing before this time.
    Until(UnixMillis),
    /// An entry of these types behind this position is looked for. [`Machine::is_awaited`] says of each whether it is the one.
    Await {
        /// The step.
        path: String,
        /// Of the entry.
        types: &'f Types,
        /// Where the search begins.
        after: i64,
        /// When it is over.
        until: UnixMillis,
    },
    /// A person's yes or no is waited for.
    Approval {
        /// The step.
        path: String,
        /// When it is over.
        until: UnixMillis,
    },
    /// The book is asked.
    Query {
        /// The step.
        path: String,
        /// One SELECT, with a limit of rows as its last parameter.
        sql: &'f str,
        /// What stands for ?1, ?2, …: texts, numbers, true, false and null; the last is one more than `limit`.
        parameters: Vec<Json>,
        /// Most rows. One more says that there are too many.
        limit: u32,
    },
    /// An event is written into the pull's log, in one transaction with what it gives.
    Write {
        /// The step.
        path: String,
        /// The event.
        event: Box<Event>,
    },
    /// Nothing more.
    End(Ended),
}

/// An event that a step writes.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// Its type.
    pub event_type: String,
    /// What it says.
    pub data: Json,
    /// One for each step of each run.
    pub key: String,
    /// When it comes.
    pub writing: Writing,
}

impl Event {
    /// Whether it comes at once.
    #[must_use]
    pub fn when(&self) -> When {
        match self.writing {
            Writing::Emit { .. } => When::Now,
            Writing::Schedule(_) => When::Later,
        }
    }

    /// What the log reads it from. Source: docs/api.md, `POST …/events` and `POST …/schedule`.
    #[must_use]
    pub fn body(&self) -> Json {
        let mut body = json!({ "event_type": self.event_type, "key": self.key });
        if !self.data.is_null() {
            body["data"] = self.data.clone();
        }
        match self.writing {
            Writing::Emit { page } => body["page"] = page.into(),
            Writing::Schedule(at) => body["effective_at"] = at.rfc3339().into(),
        }
        body
    }
}

/// When an event comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Writing {
    /// At once.
    Emit {
        /// Whether the consumer's page sees it.
        page: bool,
    },
    /// At this time.
    Schedule(UnixMillis),
}

/// What a service answered.
#[derive(Debug, Clone, Copy)]
pub struct Answer<'a> {
    /// HTTP status.
    pub status: u16,
    /// Its headers by small name.
    pub headers: &'a Json,
    /// Its body; `None` where it is longer than is read, or broke off.
    pub body: Option<&'a [u8]>,
    /// `Retry-After`.
    pub retry_after: Option<&'a str>,
    /// How long it took.
    pub duration_ms: u64,
}
