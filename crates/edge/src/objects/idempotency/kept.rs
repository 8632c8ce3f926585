//! What the object keeps of its call: how it stands, what was noted when it was sent, and its answer, sealed.

use std::iter::once;

use canopy::{
    config::Config,
    proxy::{
        idempotency::{KEPT_MILLIS, Standing},
        outcome::Sent,
    },
    time::UnixMillis,
};
use js_sys::Uint8Array;
use wasm_bindgen::JsValue;
use web_sys::Response;

use crate::platform::{self, Database, ObjectState, ObjectStorage};

/// Bytes of an answer's part: a row holds 2 MB.
const PART_BYTES: u32 = 1024 * 1024;

/// Most requests noted that asked for the call again: of more it is not known that they made none of their own.
const MAX_ASKED: u32 = 1_000;

/// The call: its fingerprint, how it stands, and the status of the answer.
const CALL: &str =
    "CREATE TABLE IF NOT EXISTS call (only INTEGER PRIMARY KEY CHECK (only = 1), fingerprint TEXT NOT NULL,
  standing TEXT NOT NULL, status INTEGER)";

/// The answer: the headers, then the body.
const PART: &str = "CREATE TABLE IF NOT EXISTS part (number INTEGER PRIMARY KEY, bytes BLOB NOT NULL)";

/// What is needed to look for it: see [`Noted`].
const SENT: &str =
    "CREATE TABLE IF NOT EXISTS sent (only INTEGER PRIMARY KEY CHECK (only = 1), begun_at INTEGER NOT NULL,
  request_id TEXT NOT NULL, marker TEXT, before TEXT, looked_at INTEGER, told TEXT)";

/// The requests that asked for it again.
const ASKED: &str = "CREATE TABLE IF NOT EXISTS asked (request_id TEXT PRIMARY KEY) WITHOUT ROWID";

/// See above.
pub struct Kept {
    storage: ObjectStorage,
    database: Database,
}

/// What was noted of the call when it was sent, and of the looks for it.
pub struct Noted {
    begun_at: UnixMillis,
    /// The request by which it was asked for first.
    pub request_id: String,
    marker: Option<String>,
    before: Option<String>,
    pub looked_at: Option<UnixMillis>,
    /// What the latest look came to.
    pub told: Option<String>,
}

impl Noted {
    /// What it is known again by.
    pub fn sent(&self) -> Sent<'_> {
        let (marker, before) = (self.marker.as_deref(), self.before.as_deref());
        Sent { begun_at: self.begun_at, marker, before }
    }
}

impl Kept {
    pub fn of(state: &ObjectState) -> Self {
        let storage = state.storage();
        let database = storage.database();
        Self { storage, database }
    }

    /// Forgets all of it.
    pub async fn forget(&self) -> Result<(), JsValue> {
        self.storage.delete_all().await.map(drop)
    }

    /// The call's fingerprint and how it stands.
    pub fn call(&self) -> Result<Option<(String, Standing)>, JsValue> {
        if !self.has_table("call")? {
            return Ok(None);
        }
        let Some(row) = self.database.first("SELECT fingerprint, standing FROM call", [])? else {
            return Ok(None);
        };
        let standing = row.text(1).and_then(|text| serde_json::from_value(text.into()).ok());
        // Of what another version wrote nothing is known but that it was begun.
        Ok(Some((row.text(0).unwrap_or_default(), standing.unwrap_or(Standing::Unknown))))
    }

    /// What was noted of it. `None` of a call that another version of the edge began, which noted nothing.
    pub fn noted(&self) -> Result<Option<Noted>, JsValue> {
        if !self.has_table("sent")? {
            return Ok(None);
        }
        let query = "SELECT begun_at, request_id, marker, before, looked_at, told FROM sent";
        let row = self.database.first(query, [])?;
        Ok(row.map(|row| Noted {
            begun_at: row.moment(0),
            request_id: row.text(1).unwrap_or_default(),
            marker: row.text(2),
            before: row.text(3),
            looked_at: row.integer(4).map(UnixMillis),
            told: row.text(5),
        }))
    }

    fn has_table(&self, name: &str) -> Result<bool, JsValue> {
        let query = "SELECT 1 FROM sqlite_schema WHERE name = ?1";
        Ok(self.database.first(query, [name.into()])?.is_some())
    }

    /// The call begins.
    pub fn begin(&self, fingerprint: &str, request_id: &str, marker: Option<&str>) -> Result<(), JsValue> {
        let now = platform::now();
        let mut change = || {
            for table in [CALL, PART, SENT] {
                self.database.run(table, [])?;
            }
            self.database.run(
                "INSERT INTO call (only, fingerprint, standing) VALUES (1, ?1, ?2)",
                [fingerprint.into(), code(Standing::Begun)],
            )?;
            self.database.run(
                "INSERT INTO sent (only, begun_at, request_id, marker) VALUES (1, ?1, ?2, ?3)",
                [millis(now), request_id.into(), marker.map_or(JsValue::NULL, JsValue::from_str)],
            )?;
            Ok(JsValue::UNDEFINED)
        };
        self.storage.transaction(&mut change)?;
        self.storage.set_alarm(now.plus(KEPT_MILLIS).0);
        Ok(())
    }

    /// Notes what there was before it.
    pub fn remember(&self, before: &str) -> Result<(), JsValue> {
        self.database.run("UPDATE sent SET before = ?1", [before.into()])
    }

    /// Its answer was lost, or is none.
    pub fn lose(&self) -> Result<(), JsValue> {
        self.database.run("UPDATE call SET standing = ?1", [code(Standing::Unknown)])
    }

    /// A look for it begins.
    pub fn look(&self, now: UnixMillis) -> Result<(), JsValue> {
        self.database.run("UPDATE sent SET looked_at = ?1", [millis(now)])
    }

    /// What that came to.
    pub fn tell(&self, detail: &str) -> Result<(), JsValue> {
        self.database.run("UPDATE sent SET told = ?1", [detail.into()])
    }

    /// Notes that a request asked for the call again: it made none of its own.
    pub fn note_asked(&self, request_id: &str) -> Result<(), JsValue> {
        self.database.run(ASKED, [])?;
        let query =
            "INSERT OR IGNORE INTO asked (request_id) SELECT ?1 WHERE (SELECT count(*) FROM asked) < ?2";
        self.database.run(query, [request_id.into(), MAX_ASKED.into()])
    }

    pub fn was_asked_by(&self, request_id: &str) -> bool {
        let query = "SELECT 1 FROM asked WHERE request_id = ?1";
        self.database.first(query, [request_id.into()]).is_ok_and(|row| row.is_some())
    }

    /// Keeps its answer; `head` are the headers, names and values in turn, in lines.
    pub fn keep(
        &self,
        config: &Config,
        fingerprint: &str,
        status: u16,
        head: &str,
        body: &Uint8Array,
    ) -> Result<(), JsValue> {
        let mut change = || {
            let starts = (0..body.length()).step_by(PART_BYTES as usize);
            let parts = starts
                .map(|start| body.slice(start, start.saturating_add(PART_BYTES).min(body.length())).to_vec());
            for (number, part) in once(head.as_bytes().to_vec()).chain(parts).enumerate() {
                let sealed = config.kept_keys.seal(&part, &place(fingerprint, number), platform::random());
                self.database.run(
                    "INSERT INTO part (number, bytes) VALUES (?1, ?2)",
                    [(number as u32).into(), platform::to_js(&sealed.ok_or("no key")?)],
                )?;
            }
            self.database.run(
                "UPDATE call SET standing = ?1, status = ?2",
                [code(Standing::Answered), status.into()],
            )?;
            Ok(JsValue::UNDEFINED)
        };
        self.storage.transaction(&mut change).map(drop)
    }

    /// The kept answer.
    pub fn answer(&self, config: &Config, fingerprint: &str) -> Result<Response, JsValue> {
        let row = self.database.first("SELECT status FROM call", [])?.ok_or("no answer is kept")?;
        let (mut head, mut body) = (String::new(), Vec::new());
        for part in self.database.all("SELECT number, bytes FROM part ORDER BY number", [])? {
            let number = part.integer(0).unwrap_or_default() as usize;
            let mut bytes = part.bytes(1);
            let opened = config.kept_keys.read(&mut bytes, true, &place(fingerprint, number));
            let opened = opened.map_err(|error| error.to_string())?;
            match number {
                0 => head = String::from_utf8_lossy(opened).into_owned(),
                _ => body.extend(opened),
            }
        }
        let status = row.integer(0).unwrap_or_default() as u16;
        platform::answered(status, &head, &platform::to_js(&body))
    }
}

/// Where a part lies, for sealing.
fn place(fingerprint: &str, number: usize) -> String {
    format!("idempotency/{fingerprint}/{number}")
}

fn code(standing: Standing) -> JsValue {
    serde_json::to_value(standing).ok().and_then(|code| Some(code.as_str()?.into())).unwrap_or_default()
}

fn millis(moment: UnixMillis) -> JsValue {
    JsValue::from_f64(moment.0 as f64)
}
