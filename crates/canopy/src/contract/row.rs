//! What the table says of an operation.

use super::Method;

/// One operation of `openapi.json`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// `operationId`
    pub id: &'static str,
    /// Method of the call.
    pub method: Method,
    /// What Canopy lets in.
    pub access: Access,
    /// What the edge asks of a token that wants it.
    pub scope: Scope,
    /// What is sent.
    pub body: Body,
    /// What a second call does.
    pub repeat: Repeat,
    /// What its answer holds.
    pub answer: Answer,
    /// Path template below the base URL.
    pub path: &'static str,
}

impl Row {
    /// Whether it is about what is set for the whole team, and about nobody's insurance.
    #[must_use]
    pub fn is_for_the_team(&self) -> bool {
        let parts = ["/webhooks", "/widgets", "/policyChecks"];
        parts.iter().any(|part| self.path.contains(part)) || matches!(self.path, "/teams" | "/teams/{teamId}")
    }
}

/// What a call authenticates with. Source: contract, "Authentication".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// The team's client id and secret.
    Client,
    /// Header `pull-jwt`, and no client credentials.
    Pull,
    /// Nothing.
    Open,
}

/// What a back-office token may be good for. Source: design, "Tokens and scopes".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// A GET that only looks.
    Read,
    /// What starts, changes or costs something, the consumer's calls among it. Two kinds of GET are of it: a lookup of
    /// enrichment is billed and states a purpose, and a reconnect token is made by asking, and lets in who has it.
    Write,
    /// What an insurance company is told to change: it cannot be taken back. `post-consent-and-connect` is of it, too,
    /// where its body has `servicing_actions`: that its row cannot say.
    Servicing,
    /// What is set for the whole team: webhooks, widgets, teams, policy checks.
    Admin,
}

impl Scope {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Read, Self::Write, Self::Servicing, Self::Admin];

    /// As a token's entry in `EDGE_API_TOKENS` names it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Servicing => "servicing",
            Self::Admin => "admin",
        }
    }
}

/// What a call carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Body {
    /// Nothing.
    NoBody,
    /// `application/json`
    Json,
    /// `multipart/form-data`
    Multipart,
}

/// What happens when a call is made again because its answer was lost. Canopy's API takes no idempotency key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repeat {
    /// Nothing: a GET.
    Safe,
    /// It sets or removes what the first call did; only its answer may differ.
    Same,
    /// It may make another pull, charge again, use up a code.
    Once,
}

/// How an answer may cross to a client of the edge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// As it is.
    AsIs,
    /// It holds a `pull_jwt`, which never leaves the edge.
    PullJwt,
    /// It holds a `signing_secret` or a `client_secret`, which are for [`Scope::Admin`].
    Secret,
}
