//! What the sandbox is started with: its teams, its receivers, its pace.

use canopy::secret::Secret;

use crate::ids;

/// A team that exists from the start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Team {
    pub team_id: String,
    pub company_name: &'static str,
    pub client_id: String,
    pub client_secret: String,
    /// Of the link that exists from the start.
    pub public_alias: String,
}

impl Team {
    /// The link that exists from the start.
    #[must_use]
    pub fn widget_id(&self) -> String {
        ids::derived_uuid(&["widget", &self.public_alias])
    }
}

/// The edge whose clock goes with the sandbox's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edge {
    /// Without a slash at the end.
    pub origin: String,
    /// One of its tokens with the scope `admin`.
    pub token: Option<Secret>,
}

/// What the sandbox is started with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// The first is the one that a demo uses, the second a stranger to it.
    pub teams: [Team; 2],
    /// Where the first team's webhooks go from the start, besides registrations made over the API.
    pub hook_urls: Vec<String>,
    pub signing_secret: String,
    pub retry_base_ms: u64,
    pub pace_ms: u64,
    pub edge: Option<Edge>,
}

impl Config {
    /// Reads the variables by name; what is missing has the value of a local demo.
    #[must_use]
    pub fn read(variable: impl Fn(&str) -> Option<String>) -> Self {
        let given = |name: &str| variable(name).filter(|value| !value.is_empty());
        let text = |name: &str, default: &str| given(name).unwrap_or_else(|| default.to_owned());
        let number = |name: &str, default: u64| {
            variable(name).and_then(|value| value.trim().parse().ok()).unwrap_or(default)
        };
        Self {
            teams: [
                Team {
                    team_id: text("SANDBOX_TEAM_ID", "00000000-0000-4000-8000-000000000001"),
                    company_name: "Demo Company",
                    client_id: text("SANDBOX_CLIENT_ID", "demo-client"),
                    client_secret: text("SANDBOX_CLIENT_SECRET", "demo-client-secret"),
                    public_alias: text("SANDBOX_PUBLIC_ALIAS", "demo"),
                },
                Team {
                    team_id: text("SANDBOX_SECOND_TEAM_ID", "00000000-0000-4000-8000-000000000002"),
                    company_name: "Other Company",
                    client_id: text("SANDBOX_SECOND_CLIENT_ID", "other-client"),
                    client_secret: text("SANDBOX_SECOND_CLIENT_SECRET", "other-client-secret"),
                    public_alias: text("SANDBOX_SECOND_PUBLIC_ALIAS", "other"),
                },
            ],
            hook_urls: text("SANDBOX_HOOK_URL", "")
                .split(',')
                .map(str::trim)
                .filter(|url| !url.is_empty())
                .map(str::to_owned)
                .collect(),
            signing_secret: text("SANDBOX_SIGNING_SECRET", "demo-signing-secret"),
            retry_base_ms: number("SANDBOX_RETRY_BASE_MS", 1000),
            pace_ms: number("SANDBOX_PACE_MS", 400),
            edge: given("SANDBOX_EDGE_URL").map(|url| Edge {
                origin: url.trim().trim_end_matches('/').to_owned(),
                token: given("SANDBOX_EDGE_TOKEN").map(Secret::new),
            }),
        }
    }

    /// The team of the local set-up. Its secret is also the key of whatever the sandbox signs for itself.
    #[must_use]
    pub fn first(&self) -> &Team {
        &self.teams[0]
    }

    /// The team with this id.
    #[must_use]
    pub fn team(&self, team_id: &str) -> Option<&Team> {
        self.teams.iter().find(|team| team.team_id == team_id)
    }
}
