//! The tables of the book that queries read. `docs/workflows.md` says what their columns mean; a test holds both, and these
//! to the migrations.

/// A table and what may be named of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Table {
    /// Its name.
    pub name: &'static str,
    /// How many columns `*` gives.
    pub width: usize,
    /// Those that may be named. The others are keyed hashes and bookkeeping, and worth nothing to anyone.
    pub columns: &'static [&'static str],
}

/// All of them.
pub const TABLES: &[Table] = &[
    Table {
        name: "pulls",
        width: 15,
        columns: &[
            "pull_id",
            "status",
            "complete",
            "created_at",
            "updated_at",
            "initial_pull_id",
            "monitoring_id",
            "version",
            "fetched_at",
            "account",
            "book",
            "next_at",
        ],
    },
    Table {
        name: "policies",
        width: 13,
        columns: &[
            "account",
            "policy_id",
            "pull_id",
            "expires",
            "line",
            "policy_type",
            "carrier",
            "status",
            "effective_date",
            "total_premium_cents",
            "annualized_premium_cents",
            "state",
            "is_held",
        ],
    },
    Table { name: "tasks", width: 4, columns: &["pull_id", "kind", "subject", "since"] },
    Table {
        name: "runs",
        width: 11,
        columns: &[
            "run_id",
            "instance_id",
            "group_id",
            "version",
            "flow",
            "pull_id",
            "cause",
            "status",
            "started_at",
            "updated_at",
            "ended",
        ],
    },
];

/// The table that a list in JSON is. Source: <https://sqlite.org/json1.html#jeach>.
pub const JSON_EACH: Table = Table {
    name: "json_each",
    width: 8,
    columns: &["key", "value", "type", "atom", "id", "parent", "fullkey", "path"],
};

/// Names that stand for a table of the database, beside [`TABLES`], and so for none of a WITH.
pub const OTHERS: &[&str] = &[
    "audit",
    "flow_groups",
    "funnel",
    "instances",
    "invitation_pulls",
    "invitations",
    "json_each",
    "json_tree",
    "lanes",
    "postings",
    "pull_keys",
    "subscriptions",
];

/// Beginnings of names that SQLite and D1 keep for themselves.
pub const KEPT: &[&str] = &["sqlite_", "_cf_", "d1_", "pragma_"];

/// Whether a small name may stand for what a WITH gives.
pub fn is_free(name: &str) -> bool {
    !TABLES.iter().any(|table| table.name == name)
        && !OTHERS.contains(&name)
        && !KEPT.iter().any(|kept| name.starts_with(kept))
}
