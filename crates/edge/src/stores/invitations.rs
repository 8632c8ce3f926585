//! D1: the agency's personal links, and the pulls that came of them.

use canopy::{
    config::Config,
    id::InvitationId,
    invitation::{Invitation, InvitationCursor, InvitationQuery, Status},
    listing::Line,
    pull::View,
    time::UnixMillis,
};
use js_sys::Array;
use serde_json::{Value, json};
use wasm_bindgen::{JsCast, JsValue};
use worker::Env;

use super::d1::{AGENCY, integer};
use crate::platform::{self, Row, Thrown};

/// Most pulls that are named of one invitation.
const MAX_NAMED: u32 = 20;

/// Most rows let go of at a time.
const MOST_LET_GO: u32 = 10_000;

const MILLIS_A_DAY: i64 = 24 * 60 * 60 * 1_000;

/// Invitations as they stand at `?1`. What somebody has come to counts for more than how it ended.
fn standing() -> String {
    let of_pulls = |what: &str| {
        format!(
            "(SELECT min({what}) FROM invitation_pulls AS p WHERE p.invitation_id = i.invitation_id) AS {what}"
        )
    };
    format!(
        "WITH shown AS (SELECT i.*, {}, {} FROM invitations AS i),
         standing AS (SELECT *, CASE
           WHEN complete_at IS NOT NULL THEN 'complete' WHEN connected_at IS NOT NULL THEN 'connected'
           WHEN revoked_at IS NOT NULL THEN 'revoked' WHEN expires_at <= ?1 THEN 'expired'
           WHEN opened_at IS NOT NULL THEN 'opened' ELSE 'unopened' END AS status FROM shown)
         SELECT invitation_id, created_at, expires_at, revoked_at, caller, token, opened_at, opened_count, connected_at, complete_at,
           status, (SELECT json_group_array(pull_id) FROM (
             SELECT pull_id FROM invitation_pulls AS p WHERE p.invitation_id = standing.invitation_id
             ORDER BY created_at DESC, pull_id DESC LIMIT {MAX_NAMED}))
         FROM standing",
        of_pulls("connected_at"),
        of_pulls("complete_at")
    )
}

/// An invitation as it stands.
pub struct Standing {
    pub id: InvitationId,
    created_at: UnixMillis,
    expires_at: UnixMillis,
    revoked_at: Option<UnixMillis>,
    caller: String,
    token: String,
    opened_at: Option<UnixMillis>,
    opened_count: i64,
    connected_at: Option<UnixMillis>,
    complete_at: Option<UnixMillis>,
    status: String,
    pull_ids: Vec<String>,
}

impl Standing {
    fn of(row: &Row) -> Option<Self> {
        let moment = |column| row.integer(column).map(UnixMillis);
        Some(Self {
            id: InvitationId::parse(&row.text(0)?).ok()?,
            created_at: row.moment(1),
            expires_at: row.moment(2),
            revoked_at: moment(3),
            caller: row.text(4)?,
            token: row.text(5)?,
            opened_at: moment(6),
            opened_count: row.integer(7)?,
            connected_at: moment(8),
            complete_at: moment(9),
            status: row.text(10)?,
            pull_ids: serde_json::from_str(&row.text(11)?).ok()?,
        })
    }

    /// As the back office reads it, at the edge `origin`. Of a link that was erased, or was sealed with another session key and
    /// opens no more, it says when it was made and what came of it.
    pub fn view(&self, config: &Config, origin: &str) -> Value {
        let rfc3339 = |at: Option<UnixMillis>| at.map(UnixMillis::rfc3339);
        let sealed = Invitation::open(&self.token, &config.invitation_key);
        let of = |part: fn(&Invitation) -> Value| sealed.as_ref().map_or(Value::Null, part);
        let url = sealed.as_ref().map(|_| format!("{origin}/i/{}", self.token));
        json!({
            "invitation_id": self.id,
            "url": url,
            "status": self.status,
            "created_at": self.created_at.rfc3339(),
            "expires_at": self.expires_at.rfc3339(),
            "revoked_at": rfc3339(self.revoked_at),
            "created_by": self.caller,
            "metadata": of(|sealed| json!(sealed.metadata)),
            "agency": of(|sealed| json!(sealed.agency)),
            "mode": of(|sealed| json!(sealed.mode)),
            "lang": of(|sealed| json!(sealed.lang)),
            "opened_count": self.opened_count,
            "opened_at": rfc3339(self.opened_at),
            "connected_at": rfc3339(self.connected_at),
            "complete_at": rfc3339(self.complete_at),
            "pull_ids": self.pull_ids,
        })
    }
}

/// Writes one that was made at `now`. Gives how it stands.
pub async fn put(
    env: &Env,
    made: &Invitation,
    token: &str,
    caller: &str,
    now: UnixMillis,
) -> Result<Standing, Thrown> {
    let query = "INSERT INTO invitations (invitation_id, created_at, expires_at, caller, token) VALUES (?1, ?2, ?3, ?4, ?5)";
    let expires_at = UnixMillis(made.expires_at.0 * 1_000);
    let bindings = [
        query.into(),
        made.id.as_str().into(),
        integer(now.0),
        integer(expires_at.0),
        caller.into(),
        token.into(),
    ];
    platform::write_all(&platform::binding(env, AGENCY)?, vec![Array::from_iter(bindings)]).await?;
    Ok(Standing {
        id: made.id.clone(),
        created_at: now,
        expires_at,
        revoked_at: None,
        caller: caller.to_owned(),
        token: token.to_owned(),
        opened_at: None,
        opened_count: 0,
        connected_at: None,
        complete_at: None,
        status: Status::Unopened.as_str().to_owned(),
        pull_ids: Vec::new(),
    })
}

/// One of them.
pub async fn find(env: &Env, id: &InvitationId, now: UnixMillis) -> Result<Option<Standing>, Thrown> {
    let query = format!("{} WHERE invitation_id = ?2", standing());
    let found = rows(env, &query, Array::of2(&integer(now.0), &id.as_str().into())).await?;
    Ok(found.first().and_then(Standing::of))
}

/// A page of them, the newest first, and the cursor of the next.
pub async fn page(
    env: &Env,
    query: &InvitationQuery,
    now: UnixMillis,
) -> Result<(Vec<Standing>, Option<String>), Thrown> {
    let bindings = Array::of1(&integer(now.0));
    let bind = |value: JsValue| format!("?{}", bindings.push(&value));
    let mut conditions = String::from("true");
    if let Some(status) = query.status {
        conditions += &format!(" AND status = {}", bind(Status::as_str(status).into()));
    }
    if let Some(InvitationCursor { created_at, id }) = &query.after {
        let (at, id) = (bind(integer(created_at.0)), bind(id.as_str().into()));
        conditions += &format!(" AND (created_at, invitation_id) < ({at}, {id})");
    }
    let limit = bind((query.limit + 1).into());
    let text = format!(
        "{} WHERE {conditions} ORDER BY created_at DESC, invitation_id DESC LIMIT {limit}",
        standing()
    );
    let found = rows(env, &text, bindings).await?;
    let found = found.iter().filter_map(Standing::of).collect();
    let cursor =
        |last: &Standing| InvitationCursor { created_at: last.created_at, id: last.id.clone() }.to_string();
    Ok(canopy::paging::page(found, query.limit, cursor))
}

/// Takes one back, which stays in the list. Gives whether there is one.
pub async fn revoke(env: &Env, id: &InvitationId, now: UnixMillis) -> Result<bool, Thrown> {
    let query =
        "UPDATE invitations SET revoked_at = coalesce(revoked_at, ?2) WHERE invitation_id = ?1 RETURNING 1";
    Ok(!rows(env, query, Array::of2(&id.as_str().into(), &integer(now.0))).await?.is_empty())
}

/// Takes one back, unless its time is over, and forgets what was sealed in it. Gives whether there is one.
pub async fn erase(env: &Env, id: &InvitationId, now: UnixMillis) -> Result<bool, Thrown> {
    let query = "UPDATE invitations SET token = '', revoked_at = CASE WHEN expires_at > ?2 THEN coalesce(revoked_at, ?2) ELSE revoked_at END
                 WHERE invitation_id = ?1 RETURNING 1";
    Ok(!rows(env, query, Array::of2(&id.as_str().into(), &integer(now.0))).await?.is_empty())
}

/// Forgets what was sealed in those whose time was over more than `days` ago.
pub async fn erase_old(env: &Env, days: u16, now: UnixMillis) -> Result<(), Thrown> {
    const ERASE: &str = "UPDATE invitations SET token = '' WHERE invitation_id IN (
        SELECT invitation_id FROM invitations WHERE token <> '' AND expires_at < ?1 ORDER BY expires_at LIMIT ?2)";
    let last = integer(now.0 - i64::from(days) * MILLIS_A_DAY);
    let statement = Array::of3(&ERASE.into(), &last, &MOST_LET_GO.into());
    platform::write_all(&platform::binding(env, AGENCY)?, vec![statement]).await?;
    Ok(())
}

/// Whether one stands and was not taken back.
pub async fn is_good(env: &Env, id: &InvitationId) -> Result<bool, Thrown> {
    let query = "SELECT 1 FROM invitations WHERE invitation_id = ?1 AND revoked_at IS NULL";
    Ok(!rows(env, query, Array::of1(&id.as_str().into())).await?.is_empty())
}

/// Who has opened one.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Opened {
    /// Somebody who looks at the page.
    Page,
    /// Whoever begins; they have been counted where the page could say so.
    Session,
}

/// Counts that somebody has opened one that was not taken back. Gives whether there is such a one.
pub async fn open(env: &Env, id: &InvitationId, by: Opened, now: UnixMillis) -> Result<bool, Thrown> {
    let count = match by {
        Opened::Page => "opened_count + 1",
        Opened::Session => "max(opened_count, 1)",
    };
    let query = format!(
        "UPDATE invitations SET opened_at = coalesce(opened_at, ?2), opened_count = {count}
         WHERE invitation_id = ?1 AND revoked_at IS NULL RETURNING 1"
    );
    Ok(!rows(env, &query, Array::of2(&id.as_str().into(), &integer(now.0))).await?.is_empty())
}

/// How far a pull has come that came of an invitation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Came {
    of: InvitationId,
    has_connected: bool,
    is_complete: bool,
}

impl Came {
    /// Of a pull as it stands; `None` for one that came of none, or by itself.
    pub fn of(line: &Line, view: &View) -> Option<Self> {
        let of = view.meta_data.invitation().filter(|_| !line.is_refresh())?;
        Some(Self { of, has_connected: view.has_connected(), is_complete: view.complete })
    }

    /// The statement that writes it. What was reached once stays so, whatever is written when.
    pub fn statement(&self, line: &Line) -> Array {
        const PUT: &str =
            "INSERT INTO invitation_pulls (invitation_id, pull_id, created_at, connected_at, complete_at)
             SELECT ?1, ?2, ?3, ?4, ?5 WHERE EXISTS (SELECT 1 FROM invitations WHERE invitation_id = ?1)
             ON CONFLICT (invitation_id, pull_id) DO UPDATE SET
               connected_at = coalesce(connected_at, excluded.connected_at), complete_at = coalesce(complete_at, excluded.complete_at)
             WHERE (connected_at IS NULL AND excluded.connected_at IS NOT NULL)
               OR (complete_at IS NULL AND excluded.complete_at IS NOT NULL)";
        let reached = |is_so: bool| if is_so { integer(line.updated_at.0) } else { JsValue::NULL };
        Array::from_iter([
            PUT.into(),
            self.of.as_str().into(),
            line.pull_id.as_str().into(),
            integer(line.created_at.0),
            reached(self.has_connected),
            reached(self.is_complete),
        ])
    }
}

/// Lets go of those that ended more than `days` ago.
pub async fn let_go(env: &Env, days: u32, now: UnixMillis) -> Result<(), Thrown> {
    const ENDED: &str = "SELECT invitation_id FROM invitations WHERE expires_at < ?1 ORDER BY expires_at, invitation_id LIMIT ?2";
    let bound = [integer(now.0 - i64::from(days) * MILLIS_A_DAY), MOST_LET_GO.into()];
    let statement = |table: &str| {
        let query = format!("DELETE FROM {table} WHERE invitation_id IN ({ENDED})");
        Array::from_iter([query.into()].into_iter().chain(bound.clone()))
    };
    let statements = vec![statement("invitation_pulls"), statement("invitations")];
    platform::write_all(&platform::binding(env, AGENCY)?, statements).await?;
    Ok(())
}

async fn rows(env: &Env, query: &str, bindings: Array) -> Result<Vec<Row>, Thrown> {
    let found: Array =
        platform::select(&platform::binding(env, AGENCY)?, query, bindings).await?.unchecked_into();
    Ok(found.iter().map(|row| Row::of(row.unchecked_into())).collect())
}
