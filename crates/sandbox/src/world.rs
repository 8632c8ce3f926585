//! Everything the sandbox remembers. In memory while it runs; each change goes to storage as a row.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    config::Config,
    http::Call,
    ids,
    rows::{self, Delivery, Fault, File, Hook, Monitoring, Part, Pull, Servicing, Switches, Widget},
    table::{Change, Rows, Table},
};

/// One credential as the page handed it over; a token stands for one field only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Token {
    pub field: String,
    pub value: String,
}

/// One call to the API, as `GET /sandbox/requests` shows it. No header values: some are secrets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recorded {
    pub at_ms: u64,
    pub method: String,
    pub path: String,
    pub query: String,
    pub operation: Option<String>,
    /// Status answered; `None` while the call hangs or when its answer was withheld.
    pub status: Option<u16>,
    pub fault: Option<String>,
    pub header_names: Vec<String>,
    pub body_bytes: usize,
}

impl Recorded {
    /// A call that belongs to no operation, not answered yet.
    #[must_use]
    pub fn of(call: &Call, now: u64) -> Self {
        let query: Vec<String> = call.query.iter().map(|(name, value)| format!("{name}={value}")).collect();
        Self {
            at_ms: now,
            method: call.method.clone(),
            path: call.path.clone(),
            query: query.join("&"),
            operation: None,
            status: None,
            fault: None,
            header_names: call.headers.iter().map(|(name, _)| name.clone()).collect(),
            body_bytes: call.body.len(),
        }
    }
}

/// Calls kept for `GET /sandbox/requests`.
const MAX_RECORDED: usize = 20_000;

/// The state of the sandbox and the time it is told.
#[derive(Debug)]
pub struct World {
    pub config: Config,
    /// The machine's clock in Unix milliseconds; set before every call.
    pub now: u64,
    pub switches: Table<Switches>,
    pub faults: Table<Fault>,
    pub tokens: Table<Token>,
    pub consents: Table<Value>,
    pub pulls: Table<Pull>,
    pub hooks: Table<Hook>,
    pub deliveries: Table<Delivery>,
    pub requests: Table<Recorded>,
    pub monitorings: Table<Monitoring>,
    pub servicings: Table<Servicing>,
    /// Links made or changed over the API.
    pub widgets: Table<Widget>,
    /// Settings made over the API: policy check settings, teams.
    pub settings: Table<Value>,
    pub files: Table<File>,
    /// Pieces of files that are not stored yet.
    pub parts: Vec<Part>,
    /// Until then, by the machine's clock, no refresh begins: the edge is being told of a move. 0 when it is not.
    pub refreshes_from_ms: u64,
}

impl World {
    #[must_use]
    pub fn new(config: Config) -> Self {
        Self {
            config,
            now: 0,
            switches: Table::new("switches"),
            faults: Table::new("fault"),
            tokens: Table::new("token"),
            consents: Table::new("consent"),
            pulls: Table::new("pull"),
            hooks: Table::new("hook"),
            deliveries: Table::new("delivery"),
            requests: Table::new("request"),
            monitorings: Table::new("monitoring"),
            servicings: Table::new("servicing"),
            widgets: Table::new("widget"),
            settings: Table::new("setting"),
            files: Table::new(rows::FILE),
            parts: Vec::new(),
            refreshes_from_ms: 0,
        }
    }

    fn tables(&mut self) -> [&mut dyn Rows; 13] {
        [
            &mut self.switches,
            &mut self.faults,
            &mut self.tokens,
            &mut self.consents,
            &mut self.pulls,
            &mut self.hooks,
            &mut self.deliveries,
            &mut self.requests,
            &mut self.monitorings,
            &mut self.servicings,
            &mut self.widgets,
            &mut self.settings,
            &mut self.files,
        ]
    }

    /// Puts a stored row back.
    pub fn load(&mut self, kind: &str, id: &str, document: &str) {
        if let Some(table) = self.tables().into_iter().find(|table| table.kind() == kind) {
            table.load(id, document);
        }
    }

    /// Rows changed since the last call, to be stored.
    pub fn take_changes(&mut self) -> Vec<Change> {
        self.tables().into_iter().flat_map(|table| table.take_changes()).collect()
    }

    /// Pieces of files that came since the last call, to be stored.
    pub fn take_parts(&mut self) -> Vec<Part> {
        std::mem::take(&mut self.parts)
    }

    /// Makes the registrations of the configuration exist, and those of an earlier configuration go.
    pub fn register_configured_hooks(&mut self) {
        let urls = self.config.hook_urls.clone();
        self.hooks.retain(|hook| !hook.is_configured || urls.contains(&hook.url));
        for url in urls {
            let webhook_id = ids::derived_uuid(&["webhook", &url]);
            let hook = Hook {
                team_id: self.config.first().team_id.clone(),
                webhook_id: webhook_id.clone(),
                signing_secret: self.config.signing_secret.clone(),
                url,
                is_active: true,
                is_configured: true,
                event_types: Vec::new(),
            };
            if self.hooks.get(&webhook_id).is_none_or(|known| {
                known.signing_secret != hook.signing_secret || known.team_id != hook.team_id
            }) {
                self.hooks.insert(webhook_id, hook);
            }
        }
    }

    /// Forgets everything except the configured registrations.
    pub fn reset(&mut self) {
        self.switches.retain(|_| false);
        self.faults.retain(|_| false);
        self.tokens.retain(|_| false);
        self.consents.retain(|_| false);
        self.pulls.retain(|_| false);
        self.hooks.retain(|_| false);
        self.deliveries.retain(|_| false);
        self.requests.retain(|_| false);
        self.monitorings.retain(|_| false);
        self.servicings.retain(|_| false);
        self.widgets.retain(|_| false);
        self.settings.retain(|_| false);
        self.files.retain(|_| false);
        self.register_configured_hooks();
    }

    /// What is switched on at run time.
    #[must_use]
    pub fn switches(&self) -> Switches {
        self.switches.get("all").cloned().unwrap_or_default()
    }

    pub fn change_switches(&mut self, change: impl FnOnce(&mut Switches)) {
        let mut switches = self.switches();
        change(&mut switches);
        self.switches.insert("all", switches);
    }

    /// The sandbox's own clock in Unix milliseconds.
    #[must_use]
    pub fn clock_ms(&self) -> u64 {
        self.now + self.switches().clock_ahead_ms
    }

    /// Milliseconds between two steps of a pull.
    #[must_use]
    pub fn pace_ms(&self) -> u64 {
        self.switches().pace_ms.unwrap_or(self.config.pace_ms)
    }

    pub fn record(&mut self, call: Recorded) -> String {
        while self.requests.len() >= MAX_RECORDED {
            let Some(oldest) = self.requests.first_id() else { break };
            self.requests.remove(&oldest);
        }
        let number = self.requests.next_number();
        self.requests.insert(number.clone(), call);
        number
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reset_keeps_configured_registrations_only() {
        let config = Config::read(|name| {
            (name == "SANDBOX_HOOK_URL").then(|| "http://a/hook, http://b/hook".to_owned())
        });
        let mut world = World::new(config);
        world.register_configured_hooks();
        world.tokens.insert("t", Token { field: "username".into(), value: "user_good".into() });
        world.reset();
        assert_eq!((world.hooks.len(), world.tokens.len()), (2, 0));
    }

    #[test]
    fn stored_rows_come_back() {
        let mut world = World::new(Config::read(|_| None));
        world.tokens.insert("t", Token { field: "username".into(), value: "user_good".into() });
        let changes = world.take_changes();
        let mut again = World::new(Config::read(|_| None));
        for change in &changes {
            again.load(change.kind, &change.id, change.document.as_deref().unwrap());
        }
        assert_eq!(again.tokens.get("t"), world.tokens.get("t"));
        assert!(again.take_changes().is_empty());
    }
}
