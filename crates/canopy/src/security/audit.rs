//! The audit log: what of it stands there, and what is asked of it.

use std::borrow::Cow;

use crate::{
    contract::{Access, Method, Operation},
    id::PullId,
    paging::{DEFAULT_LIMIT, Parameter},
    problem::Problem,
    routes::Endpoint,
    time::UnixMillis,
};

/// Longest caller's name looked for, in bytes.
const MAX_CALLER_LENGTH: usize = 256;

/// Whether a call of Canopy's API stands in the log: every write, and every read of what is a consumer's.
#[must_use]
pub fn is_audited(operation: Operation) -> bool {
    let row = operation.row();
    row.method != Method::Get || !(row.access == Access::Open || row.is_for_the_team())
}

/// Whether a call of the edge's own stands in it: every write, and every read of a pull's data, a document or an account, and every export.
#[must_use]
pub fn is_audited_here(endpoint: Endpoint, method: &str) -> bool {
    !matches!(method, "GET" | "HEAD")
        || matches!(
            endpoint,
            Endpoint::Snapshot
                | Endpoint::Intake
                | Endpoint::Changes
                | Endpoint::Document
                | Endpoint::Export
                | Endpoint::Account
        )
}

/// The last entry of a page: the next page begins behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    /// When it was asked.
    pub at: UnixMillis,
    /// The request.
    pub request_id: String,
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.at.0, self.request_id)
    }
}

impl Cursor {
    fn parse(text: &str) -> Option<Self> {
        let (at, request_id) = text.split_once('.')?;
        let is_number = at.len() <= 16 && !at.starts_with('+');
        let is_id = (1..=64).contains(&request_id.len())
            && request_id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        let at = UnixMillis(at.parse().ok().filter(|_| is_number && is_id)?);
        Some(Self { at, request_id: request_id.to_owned() })
    }
}

/// A page of the log, the newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditQuery {
    /// Asked not before.
    pub since: Option<UnixMillis>,
    /// By this caller.
    pub caller: Option<String>,
    /// Of this pull.
    pub pull_id: Option<PullId>,
    /// At most so many.
    pub limit: u32,
    /// Behind this one.
    pub after: Option<Cursor>,
}

impl AuditQuery {
    /// Reads the parameters of a query. One of another name is refused, as it would filter nothing.
    ///
    /// # Errors
    /// [`Code::InputInvalid`], naming the parameter.
    pub fn read<'q>(parameters: impl Iterator<Item = (Cow<'q, str>, Cow<'q, str>)>) -> Result<Self, Problem> {
        let mut query = Self { limit: DEFAULT_LIMIT, ..Self::default() };
        for parameter in Parameter::all(parameters) {
            match parameter.name.as_ref() {
                "since" => query.since = Some(parameter.moment()?),
                "caller" if parameter.value.len() <= MAX_CALLER_LENGTH => {
                    query.caller = Some(parameter.value.into_owned());
                }
                "caller" => return Err(parameter.invalid("the name of a token")),
                "pull_id" => query.pull_id = Some(parameter.pull_id()?),
                "limit" => query.limit = parameter.limit()?,
                "cursor" => query.after = Some(parameter.cursor(Cursor::parse)?),
                _ => {
                    return Err(
                        parameter.invalid("no parameter but since, caller, pull_id, limit and cursor")
                    );
                }
            }
        }
        Ok(query)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problem::Code;

    fn read(query: &str) -> Result<AuditQuery, Code> {
        AuditQuery::read(url::form_urlencoded::parse(query.as_bytes())).map_err(|problem| problem.code)
    }

    #[test]
    fn every_write_is_audited_and_every_read_of_what_is_a_consumers() {
        for operation in Operation::ALL {
            let row = operation.row();
            let names = [
                "{pullId}",
                "{documentId}",
                "{policyFormId}",
                "{servicingActionId}",
                "{monitoringId}",
                "/enrich/",
            ];
            let is_consumers = names.iter().any(|name| row.path.contains(name));
            assert!(is_audited(*operation) || (row.method == Method::Get && !is_consumers), "{}", row.id);
        }
        assert!(!is_audited(Operation::GetCarriers) && !is_audited(Operation::GetWebhooks));
        assert!(is_audited_here(Endpoint::Snapshot, "GET") && is_audited_here(Endpoint::Retry, "POST"));
        assert!(is_audited_here(Endpoint::Account, "GET") && !is_audited_here(Endpoint::Pulls, "GET"));
        assert!(!is_audited_here(Endpoint::Policies, "GET"), "it names no consumer");
    }

    #[test]
    fn a_query_is_read_whole_or_refused() {
        let cursor = Cursor { at: UnixMillis(5), request_id: "r-1".to_owned() };
        let query =
            read(&format!("since=2026-01-01T00:00:00Z&caller=crm&pull_id=P-1&limit=2&cursor={cursor}"));
        let query = query.unwrap();
        assert_eq!((query.limit, query.after, query.caller.as_deref()), (2, Some(cursor), Some("crm")));
        assert_eq!(query.pull_id.unwrap().as_str(), "p-1");
        assert_eq!(read("").unwrap().limit, 50);
        for wrong in [
            "since=x",
            "limit=0",
            "limit=101",
            "cursor=x",
            "cursor=1.",
            "cursor=%2B1.r",
            "cursor=1.r_1",
            "pull_id=a/b",
            "callr=crm",
        ] {
            assert_eq!(read(wrong), Err(Code::InputInvalid), "{wrong}");
        }
    }
}
