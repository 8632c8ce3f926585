//! Pulls as the tests look at them.

use serde_json::Value;

use super::super::{Shown, View, pull_body};

pub(super) fn view(username: &str, meta_data: &'static Value) -> Value {
    view_as(username, "0e2a5a3e-5ca1-4f1a-9d5e-1f6a7b8c9d0e", false, Shown::Everything, meta_data)
}

pub(super) fn view_as(
    username: &str,
    pull_id: &str,
    later: bool,
    shown: Shown,
    meta_data: &'static Value,
) -> Value {
    pull_body(&View {
        pull_id,
        account_identifier: Some("account"),
        created_ms: 1_790_000_000_000,
        as_of_ms: 1_790_000_000_000,
        username,
        later,
        carrier: "statefarm",
        team_id: "00000000-0000-4000-8000-000000000001",
        widget_id: "00000000-0000-4000-8000-000000000002",
        public_alias: "demo",
        meta_data,
        status: "SUCCESS",
        pull_type: "PULLING_DATA",
        parent_pull_id: None,
        is_archived: false,
        encountered_mfa: false,
        shown,
        origin: "http://127.0.0.1:8788",
    })
}
