//! The edge's own routes: one table. Methods, `Allow`, HEAD and a trailing slash are the same for all of them.
//!
//! What lies below [`crate::proxy::PREFIX`] is Canopy's and stands in [`crate::contract`].

use std::sync::LazyLock;

use matchit::{Params, Router};

use crate::{
    contract::{self, Scope},
    problem::{Code, Problem},
};

/// What a route answers with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the table says what each is")]
pub enum Endpoint {
    Webhook,
    Health,
    OpenSession,
    Carriers,
    Terms,
    Session,
    EndSession,
    Live,
    Ticket,
    ServicingAction,
    Ask,
    UploadDocuments,
    Pulls,
    Pull,
    Events,
    Snapshot,
    Intake,
    Changes,
    Document,
    Export,
    Retry,
    Rebuild,
    Audit,
    StartSync,
    Sync,
    SessionForPage,
    Tasks,
    Account,
    Policies,
    Happen,
    Schedule,
    ScheduleEvent,
    CancelScheduled,
    Timeline,
    Simulate,
    Clock,
    MoveClock,
    DeletePull,
    DeletePulls,
    DeleteAccount,
    Subscriptions,
    Subscribe,
    Subscription,
    ChangeSubscription,
    Unsubscribe,
    Deliveries,
    Replay,
    TestSubscription,
    Keys,
    RotateKeys,
    Connectors,
    Flows,
    Flow,
    PutFlow,
    Instances,
    Instance,
    PutInstance,
    PatchInstance,
    DeleteInstance,
    StartRun,
    DryRunInstance,
    DryRunFlow,
    Templates,
    Runs,
    Run,
    RetryRun,
    CancelRun,
    DecideRun,
    Approval,
    Decide,
    Invitations,
    Invite,
    Invitation,
    RevokeInvitation,
    InvitationPage,
    OpenInvitation,
    ReportFunnel,
    Funnel,
}

/// Who may ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// Anybody, Canopy among them.
    Anybody,
    /// The agency's pages: their preflight requests are answered.
    Pages,
    /// Whoever has a back-office token, of the row's scope.
    BackOffice(Scope),
}

/// A row of the table.
#[derive(Debug, PartialEq, Eq)]
pub struct Route {
    /// `GET` stands for `HEAD`, too.
    pub method: &'static str,
    /// The template, as the log names the route.
    pub path: &'static str,
    /// Who may ask.
    pub audience: Audience,
    /// What answers.
    pub endpoint: Endpoint,
}

const fn row(method: &'static str, path: &'static str, audience: Audience, endpoint: Endpoint) -> Route {
    Route { method, path, audience, endpoint }
}

/// Every route of the edge's own.
pub const ROUTES: &[Route] = &{
    use Audience::{Anybody, Pages};
    const READ: Audience = Audience::BackOffice(Scope::Read);
    const WRITE: Audience = Audience::BackOffice(Scope::Write);
    const ADMIN: Audience = Audience::BackOffice(Scope::Admin);
    [
        row("POST", "/webhooks/canopy", Anybody, Endpoint::Webhook),
        row("GET", "/healthz", Anybody, Endpoint::Health),
        row("POST", "/connect/sessions", Pages, Endpoint::OpenSession),
        row("GET", "/connect/carriers", Pages, Endpoint::Carriers),
        row("GET", "/connect/terms", Pages, Endpoint::Terms),
        row("POST", "/connect/funnel", Pages, Endpoint::ReportFunnel),
        row("GET", "/connect/sessions/{id}", Pages, Endpoint::Session),
        row("DELETE", "/connect/sessions/{id}", Pages, Endpoint::EndSession),
        row("GET", "/connect/sessions/{id}/live", Pages, Endpoint::Live),
        row("POST", "/connect/sessions/{id}/ticket", Pages, Endpoint::Ticket),
        row(
            "GET",
            "/connect/sessions/{id}/servicing-actions/{servicing_action_id}",
            Pages,
            Endpoint::ServicingAction,
        ),
        row("POST", "/connect/sessions/{id}/consent", Pages, Endpoint::Ask),
        row("POST", "/connect/sessions/{id}/connect", Pages, Endpoint::Ask),
        row("POST", "/connect/sessions/{id}/documents", Pages, Endpoint::UploadDocuments),
        row("POST", "/connect/sessions/{id}/identity-option", Pages, Endpoint::Ask),
        row("POST", "/connect/sessions/{id}/identity-code", Pages, Endpoint::Ask),
        row("POST", "/connect/sessions/{id}/reconnect", Pages, Endpoint::Ask),
        row("POST", "/connect/sessions/{id}/servicing-confirmation", Pages, Endpoint::Ask),
        row("GET", "/api/v1/pulls", READ, Endpoint::Pulls),
        row("DELETE", "/api/v1/pulls", ADMIN, Endpoint::DeletePulls),
        row("POST", "/api/v1/rebuild", WRITE, Endpoint::Rebuild),
        row("POST", "/api/v1/sync", WRITE, Endpoint::StartSync),
        row("GET", "/api/v1/sync", READ, Endpoint::Sync),
        row("GET", "/api/v1/clock", READ, Endpoint::Clock),
        row("POST", "/api/v1/clock", ADMIN, Endpoint::MoveClock),
        row("GET", "/api/v1/subscriptions", READ, Endpoint::Subscriptions),
        row("POST", "/api/v1/subscriptions", ADMIN, Endpoint::Subscribe),
        row("GET", "/api/v1/subscriptions/{subscription_id}", READ, Endpoint::Subscription),
        row("PATCH", "/api/v1/subscriptions/{subscription_id}", ADMIN, Endpoint::ChangeSubscription),
        row("DELETE", "/api/v1/subscriptions/{subscription_id}", ADMIN, Endpoint::Unsubscribe),
        row("GET", "/api/v1/subscriptions/{subscription_id}/deliveries", READ, Endpoint::Deliveries),
        row("POST", "/api/v1/subscriptions/{subscription_id}/replay", ADMIN, Endpoint::Replay),
        row("POST", "/api/v1/subscriptions/{subscription_id}/test", ADMIN, Endpoint::TestSubscription),
        row("GET", "/api/v1/connectors", READ, Endpoint::Connectors),
        row("GET", "/api/v1/flows", READ, Endpoint::Flows),
        row("GET", "/api/v1/flows/{group}", READ, Endpoint::Flow),
        row("PUT", "/api/v1/flows/{group}", ADMIN, Endpoint::PutFlow),
        row("GET", "/api/v1/instances", READ, Endpoint::Instances),
        row("GET", "/api/v1/instances/{instance}", READ, Endpoint::Instance),
        row("PUT", "/api/v1/instances/{instance}", ADMIN, Endpoint::PutInstance),
        row("PATCH", "/api/v1/instances/{instance}", ADMIN, Endpoint::PatchInstance),
        row("DELETE", "/api/v1/instances/{instance}", ADMIN, Endpoint::DeleteInstance),
        row("POST", "/api/v1/instances/{instance}/runs", WRITE, Endpoint::StartRun),
        row("POST", "/api/v1/instances/{instance}/dry-run", READ, Endpoint::DryRunInstance),
        row("POST", "/api/v1/flows/{group}/dry-run", READ, Endpoint::DryRunFlow),
        row("GET", "/api/v1/flow-templates", READ, Endpoint::Templates),
        row("GET", "/api/v1/runs", READ, Endpoint::Runs),
        row("GET", "/api/v1/runs/{run}", READ, Endpoint::Run),
        row("POST", "/api/v1/runs/{run}/retry", WRITE, Endpoint::RetryRun),
        row("POST", "/api/v1/runs/{run}/cancel", WRITE, Endpoint::CancelRun),
        row("POST", "/api/v1/runs/{run}/decision", WRITE, Endpoint::DecideRun),
        row("GET", "/approvals/{token}", Anybody, Endpoint::Approval),
        row("POST", "/approvals/{token}", Anybody, Endpoint::Decide),
        row("GET", "/i/{token}", Anybody, Endpoint::InvitationPage),
        row("POST", "/i/{token}", Anybody, Endpoint::OpenInvitation),
        row("GET", "/api/v1/invitations", READ, Endpoint::Invitations),
        row("POST", "/api/v1/invitations", WRITE, Endpoint::Invite),
        row("GET", "/api/v1/invitations/{invitation_id}", READ, Endpoint::Invitation),
        row("DELETE", "/api/v1/invitations/{invitation_id}", WRITE, Endpoint::RevokeInvitation),
        row("GET", "/api/v1/funnel", READ, Endpoint::Funnel),
        row("GET", "/api/v1/keys", READ, Endpoint::Keys),
        row("POST", "/api/v1/keys/rotate", ADMIN, Endpoint::RotateKeys),
        row("GET", "/api/v1/audit", READ, Endpoint::Audit),
        row("GET", "/api/v1/tasks", READ, Endpoint::Tasks),
        row("GET", "/api/v1/policies", READ, Endpoint::Policies),
        row("GET", "/api/v1/accounts/{account_identifier}", READ, Endpoint::Account),
        row("DELETE", "/api/v1/accounts/{account_identifier}", ADMIN, Endpoint::DeleteAccount),
        row("POST", "/api/v1/sessions", WRITE, Endpoint::SessionForPage),
        row("GET", "/api/v1/pulls/{pull_id}", READ, Endpoint::Pull),
        row("DELETE", "/api/v1/pulls/{pull_id}", ADMIN, Endpoint::DeletePull),
        row("GET", "/api/v1/pulls/{pull_id}/events", READ, Endpoint::Events),
        row("POST", "/api/v1/pulls/{pull_id}/events", WRITE, Endpoint::Happen),
        row("GET", "/api/v1/pulls/{pull_id}/schedule", READ, Endpoint::Schedule),
        row("POST", "/api/v1/pulls/{pull_id}/schedule", WRITE, Endpoint::ScheduleEvent),
        row("DELETE", "/api/v1/pulls/{pull_id}/schedule/{schedule_id}", WRITE, Endpoint::CancelScheduled),
        row("GET", "/api/v1/pulls/{pull_id}/timeline", READ, Endpoint::Timeline),
        row("POST", "/api/v1/pulls/{pull_id}/simulations", READ, Endpoint::Simulate),
        row("GET", "/api/v1/pulls/{pull_id}/snapshots/{version}", READ, Endpoint::Snapshot),
        row("GET", "/api/v1/pulls/{pull_id}/intake", READ, Endpoint::Intake),
        row("GET", "/api/v1/pulls/{pull_id}/changes", READ, Endpoint::Changes),
        row("GET", "/api/v1/pulls/{pull_id}/documents/{document_id}", READ, Endpoint::Document),
        row("GET", "/api/v1/pulls/{pull_id}/export", ADMIN, Endpoint::Export),
        row("POST", "/api/v1/pulls/{pull_id}/retry", WRITE, Endpoint::Retry),
    ]
};

/// Paths, each with the rows of the methods that it takes.
static ROUTER: LazyLock<Router<Vec<&'static Route>>> = LazyLock::new(|| {
    let mut router = Router::new();
    for route in ROUTES {
        let rows = ROUTES.iter().filter(|other| other.path == route.path).collect();
        // A path that stands twice in the table is in the router once.
        let _ = router.insert(route.path, rows);
    }
    router
});

/// A request's route.
#[derive(Debug)]
pub struct Found<'p> {
    /// Rows of this path; never empty.
    rows: &'static [&'static Route],
    parameters: Params<'static, 'p>,
}

impl<'p> Found<'p> {
    /// The rows of `path`; a slash at its end is none too many.
    ///
    /// # Errors
    /// [`Code::NotFound`]
    pub fn at(path: &'p str) -> Result<Self, Problem> {
        let path = path.strip_suffix('/').unwrap_or(path);
        let found = ROUTER.at(path);
        let found = found
            .map_err(|_| Problem::new(Code::NotFound, "expected one of the routes of the API reference"))?;
        Ok(Self { rows: found.value, parameters: found.params })
    }

    /// The path's template.
    #[must_use]
    pub fn path(&self) -> &'static str {
        self.rows[0].path
    }

    /// Who may ask with `method`, which the path takes.
    #[must_use]
    pub fn audience(&self, method: &str) -> Audience {
        self.row(method).unwrap_or(self.rows[0]).audience
    }

    /// Whether the agency's pages ask.
    #[must_use]
    pub fn is_for_pages(&self) -> bool {
        self.rows[0].audience == Audience::Pages
    }

    /// The methods that the path takes.
    #[must_use]
    pub fn methods(&self) -> Vec<&'static str> {
        contract::allowed(self.rows.iter().map(|route| route.method), self.is_for_pages())
    }

    /// What answers `method`.
    ///
    /// # Errors
    /// [`Code::MethodNotAllowed`]
    pub fn endpoint(&self, method: &str) -> Result<Endpoint, Problem> {
        self.row(method)
            .map(|route| route.endpoint)
            .ok_or_else(|| Problem::method_not_allowed(&self.methods()))
    }

    fn row(&self, method: &str) -> Option<&'static Route> {
        let method = if method == "HEAD" { "GET" } else { method };
        self.rows.iter().copied().find(|route| route.method == method)
    }

    /// A segment of the path by its name in the template.
    #[must_use]
    pub fn segment(&self, name: &str) -> &str {
        self.parameters.get(name).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::*;
    use crate::{
        contract::{OLDER_FORMS, Operation},
        proxy,
        session::Ask,
    };

    #[test]
    fn the_document_has_every_route_and_no_other() {
        let document: Value = serde_json::from_str(include_str!("../../../docs/openapi.json")).unwrap();
        let mut documented = BTreeSet::new();
        for (path, methods) in document["paths"].as_object().unwrap() {
            let methods = methods.as_object().unwrap().keys();
            documented.extend(methods.map(|method| format!("{} {path}", method.to_uppercase())));
        }
        let own = ROUTES.iter().map(|route| (route.method, route.path.replace("{id}", "{session_id}")));
        let current = Operation::ALL.iter().map(|operation| (operation.row().path, operation));
        let older = OLDER_FORMS.iter().map(|(path, operation)| (*path, operation));
        let passed_on = current
            .chain(older)
            .map(|(path, of)| (of.row().method.as_str(), format!("{}{path}", proxy::PREFIX)));
        let served: BTreeSet<_> =
            own.chain(passed_on).map(|(method, path)| format!("{method} {path}")).collect();
        assert_eq!(served, documented);
    }

    #[test]
    fn every_row_is_found_with_and_without_a_slash_at_its_end() {
        for route in ROUTES {
            for path in [route.path.to_owned(), format!("{}/", route.path)] {
                let path = path.replace(['{', '}'], "");
                let found = Found::at(&path).unwrap();
                assert_eq!((found.path(), found.endpoint(route.method)), (route.path, Ok(route.endpoint)));
            }
        }
        for path in [
            "",
            "/",
            "//healthz",
            "/healthz//",
            "/api/v1",
            "/api/v1/pulls/a/other",
            "/connect/sessions/a/other",
        ] {
            assert_eq!(Found::at(path).unwrap_err().code, Code::NotFound, "{path}");
        }
    }

    #[test]
    fn a_session_has_a_route_for_each_ask() {
        let asks = ROUTES.iter().filter(|route| route.endpoint == Endpoint::Ask);
        let names: Vec<&str> = asks.map(|route| route.path.rsplit('/').next().unwrap()).collect();
        assert_eq!(names, Ask::NAMES);
    }

    #[test]
    fn other_methods_are_told_which_there_are() {
        let allow = |path, method| {
            let problem = Found::at(path).unwrap().endpoint(method).unwrap_err();
            problem.header().unwrap().1
        };
        assert_eq!(allow("/webhooks/canopy", "GET"), "POST");
        assert_eq!(allow("/api/v1/pulls", "POST"), "GET, HEAD, DELETE");
        assert_eq!(allow("/connect/sessions/a", "PUT"), "GET, HEAD, DELETE, OPTIONS");
        let pulls = Found::at("/api/v1/pulls").unwrap();
        assert_eq!(pulls.endpoint("HEAD"), Ok(Endpoint::Pulls));
    }

    #[test]
    fn segments_are_known_by_name() {
        let found = Found::at("/api/v1/pulls/p-1/documents/d-1").unwrap();
        assert_eq!(
            (found.segment("pull_id"), found.segment("document_id"), found.segment("x")),
            ("p-1", "d-1", "")
        );
    }
}
