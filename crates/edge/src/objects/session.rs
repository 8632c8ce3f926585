//! The Durable Object of one page session: what was asked, the pull's token, the page's sockets.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use canopy::{
    api::{CallError, read_consent_token, read_done, read_started, read_uploaded},
    contract::Operation,
    id::PullId,
    problem::{Code, Problem},
    pull::{Called, OF_PAGE},
    session::{Answered, Ask, News, Notice, Phase, SUBPROTOCOL, Session, SessionView},
    time::{UnixMillis, UnixSeconds},
};
use serde_json::json;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::{ReadableStream, Response};
use worker::{Env, State, WebSocketPair, WebSocketRequestResponsePair};

use super::calls::{Opening, PullClient, Uploading};
use crate::{
    canopy_client, config,
    platform::{self, Database, ObjectState, ObjectStorage, Thrown, form::Written},
    sealed,
};

/// Sockets of one session at a time: pages opened more than that lose the oldest.
const MAX_SOCKETS: usize = 8;

/// Close code for a socket whose session is over. Source: RFC 6455, section 7.4.1, "normal closure".
const CLOSE_OVER: u16 = 1000;

/// Close code for a socket that others have taken the place of. Source: RFC 6455, section 7.4.1, "policy violation".
const CLOSE_REPLACED: u16 = 1008;

/// Waits after a pull was asked to tell where it stands and did not, in milliseconds.
const ASK_AGAIN_MILLIS: [u64; 3] = [500, 2_000, 8_000];

/// A session is JSON: TEXT in the clear, BLOB sealed. `delete_at` is when it is deleted, in milliseconds, also where it does not open.
const SCHEMA: &str = "CREATE TABLE IF NOT EXISTS session (
  only INTEGER PRIMARY KEY CHECK (only = 1), session TEXT NOT NULL, delete_at INTEGER)";

struct Inner {
    state: State,
    storage: ObjectStorage,
    database: Database,
    env: Env,
    prepared: Cell<bool>,
    held: RefCell<Option<Session>>,
    /// The pull that has told this instance where it stands, or was asked to.
    told_by: RefCell<Option<PullId>>,
    /// Whether a call to Canopy is under way in this instance.
    calling: Cell<bool>,
}

/// The Rust half of the `Session` object.
#[wasm_bindgen]
pub struct SessionObject(Rc<Inner>);

#[wasm_bindgen]
impl SessionObject {
    #[wasm_bindgen(constructor)]
    pub fn new(state: ObjectState, env: Env) -> Self {
        let storage = state.storage();
        let database = storage.database();
        let state =
            State::from(JsValue::from(state).unchecked_into::<worker::worker_sys::DurableObjectState>());
        let (prepared, held, told_by, calling) = Default::default();
        Self(Rc::new(Inner { state, storage, database, env, prepared, held, told_by, calling }))
    }

    /// Opens the session. Gives its view.
    pub fn open(&self, opening: &str, now: f64) -> Result<String, JsValue> {
        let Opening { claims, settings } =
            serde_json::from_str(opening).map_err(|_| JsValue::from_str("session unreadable"))?;
        let (now, expires_at) = (UnixMillis(now as i64), UnixSeconds(claims.expires_at));
        let session = Session::open(claims.session_id, settings, expires_at, now);
        self.0.write(&session)?;
        self.0.storage.set_alarm(session.next_alarm(now).0);
        Ok(text(&session.view()))
    }

    /// The session's view; `undefined` when there is no such session.
    pub fn read(&self) -> Result<JsValue, JsValue> {
        let session = Inner::newest(&self.0)?;
        Ok(session.map_or(JsValue::UNDEFINED, |session| text(&session.view()).into()))
    }

    /// Asks Canopy something for the page. Gives `{"document":…}`, `{"consent_token":…}` or `{"problem":…}`.
    pub async fn ask(&self, name: String, body: JsValue, device: String) -> Result<JsValue, JsValue> {
        let inner = Rc::clone(&self.0);
        let Some(ask) = Ask::read(&name, &platform::from_js(&body)) else { return Ok(JsValue::UNDEFINED) };
        let answer = match ask {
            Ok(ask) => inner.ask(&ask, &device, None).await?,
            Err(problem) => Err(problem),
        };
        let answer = answer.unwrap_or_else(|problem| json!({ "problem": problem }));
        Ok(answer.to_string().into())
    }

    /// What an upload's form says of the session, or the problem with sending one; `undefined` when there is no such session.
    pub fn may_upload(&self) -> Result<JsValue, JsValue> {
        let Some(session) = Inner::newest(&self.0)? else { return Ok(JsValue::UNDEFINED) };
        let uploading = match session.may_upload() {
            _ if self.0.calling.get() => Uploading::Problem(busy().json()),
            Ok(metadata) => Uploading::Metadata(metadata),
            Err(problem) => Uploading::Problem(problem.json()),
        };
        Ok(serde_json::to_string(&uploading).expect("an answer is plain data").into())
    }

    /// Sends an upload's form to Canopy for the page. Gives `{"document":…}` or `{"problem":…}`.
    pub async fn upload(&self, media: String, body: ReadableStream) -> Result<String, JsValue> {
        let inner = Rc::clone(&self.0);
        let form = Written { media, body };
        let answer = inner.ask(&Ask::Documents, "", Some(&form)).await;
        if !matches!(answer, Ok(Ok(_))) {
            form.discard();
        }
        let answer = answer?.unwrap_or_else(|problem| json!({ "problem": problem }));
        Ok(answer.to_string())
    }

    /// Takes a pull's news and passes it on to the page.
    pub fn notify(&self, notice: &str) -> Result<(), JsValue> {
        let notice: Notice =
            serde_json::from_str(notice).map_err(|_| JsValue::from_str("notice unreadable"))?;
        // A session that is gone, or never was one of ours, has nobody to tell.
        let Some(mut session) = self.0.load()? else { return Ok(()) };
        let pull_id = notice.pull_id.clone();
        let news = session.notice(notice, platform::now());
        if news == News::Lasting {
            self.0.write(&session)?;
        }
        if news != News::None {
            self.0.push(&session);
        }
        if session.pull_id().is_none_or(|shown| *shown == pull_id) {
            self.0.told_by.replace(Some(pull_id));
        }
        self.0.held.replace(Some(session));
        // The page that looks on may know more of another pull than this instance does.
        Inner::newest(&self.0).map(drop)
    }

    /// Opens a socket that gets the session's view now and at each change.
    pub fn live(&self) -> Result<Response, JsValue> {
        let inner = &self.0;
        let session = Inner::newest(inner)?.ok_or_else(|| JsValue::from_str("no session"))?;
        let pair = WebSocketPair::new()?;
        // The runtime gives the newest first.
        for socket in inner.state.get_websockets().iter().skip(MAX_SOCKETS - 1) {
            let _ = socket.close(Some(CLOSE_REPLACED), Some("too many sockets"));
        }
        inner.state.accept_web_socket(&pair.server);
        inner.state.set_websocket_auto_response(&WebSocketRequestResponsePair::new("ping", "pong")?);
        pair.server.send_with_str(text(&session.view()))?;
        platform::upgrade(pair.client.as_ref(), SUBPROTOCOL)
    }

    /// Ends the sockets when the page's hour is over, the session when nobody can need it any more, and does what work is
    /// left.
    pub async fn alarm(&self) -> Result<(), JsValue> {
        let inner = Rc::clone(&self.0);
        let now = platform::now();
        let session = match inner.load() {
            // Whatever holds it up, a missing key above all, it is deleted in time.
            Err(error) => match inner.unopened_until()?.filter(|until| now < *until) {
                Some(until) => {
                    let line = json!({ "route": "session", "error": Thrown::from(error).message() });
                    worker::console_warn!("{line}");
                    inner.storage.set_alarm(until.min(now.plus(canopy::retry::CAP_MILLIS)).0);
                    return Ok(());
                }
                None => None,
            },
            session => session?,
        };
        let Some(session) = session else { return inner.end().await };
        if now >= session.delete_at() {
            return inner.end().await;
        }
        if session.is_expired(now) {
            inner.close_sockets();
            let mut session = session;
            session.expire();
            inner.write(&session)?;
        }
        inner.tell_answers().await?;
        inner.watch().await
    }

    /// Leaves the session behind: nothing of it is kept.
    pub async fn end(&self) -> Result<(), JsValue> {
        let inner = Rc::clone(&self.0);
        inner.end().await
    }
}

impl Inner {
    fn close_sockets(&self) {
        for socket in self.state.get_websockets() {
            let _ = socket.close(Some(CLOSE_OVER), Some("session over"));
        }
    }

    async fn end(&self) -> Result<(), JsValue> {
        self.close_sockets();
        self.prepared.set(false);
        self.held.take();
        self.told_by.take();
        self.storage.delete_all().await.map(|_| ())
    }

    /// The session, for who looks at it. What its pull told an instance before is not kept where it only passes: the pull
    /// tells it once more.
    fn newest(inner: &Rc<Self>) -> Result<Option<Session>, JsValue> {
        let session = inner.load()?;
        if let Some(pull_id) = session.as_ref().and_then(Session::to_ask_again).cloned()
            && inner.told_by.borrow().as_ref() != Some(&pull_id)
        {
            inner.told_by.replace(Some(pull_id.clone()));
            let inner = Rc::clone(inner);
            spawn_local(async move {
                for wait in ASK_AGAIN_MILLIS {
                    if inner.ask_to_tell(&pull_id).await.is_ok() {
                        return;
                    }
                    platform::sleep(wait).await;
                }
                // The next who looks asks.
                inner.told_by.take();
            });
        }
        Ok(session)
    }

    /// The session, brought up to date after a restart in the middle of a call.
    fn load(&self) -> Result<Option<Session>, JsValue> {
        if let Some(session) = &*self.held.borrow() {
            return Ok(Some(session.clone()));
        }
        if !self.prepared.get() {
            let query = "SELECT instr(sql, 'delete_at') FROM sqlite_schema WHERE name = 'session'";
            let Some(row) = self.database.first(query, [])? else { return Ok(None) };
            if row.integer(0) == Some(0) {
                self.database.run("ALTER TABLE session ADD COLUMN delete_at INTEGER", [])?;
            }
            self.prepared.set(true);
        }
        let Some(row) = self.database.first("SELECT session FROM session", [])? else { return Ok(None) };
        let config = config::read(&self.env).map_err(|_| "not configured")?;
        let text = sealed::text(&config.keys, &row.value(0), &self.context());
        let text = text.map_err(|error| error.to_string())?;
        let mut session: Session =
            serde_json::from_str(&text).map_err(|_| JsValue::from_str("session unreadable"))?;
        if *session.phase() == Phase::Connecting && !self.calling.get() {
            session.resume(platform::now());
            self.write(&session)?;
        }
        self.held.replace(Some(session.clone()));
        Ok(Some(session))
    }

    fn write(&self, session: &Session) -> Result<(), JsValue> {
        if !self.prepared.get() {
            self.database.run(SCHEMA, [])?;
            self.prepared.set(true);
        }
        let text = serde_json::to_string(session).expect("a session is plain data");
        let config = config::read(&self.env).map_err(|_| "not configured")?;
        let row = [
            sealed::column(&config.keys, &text, &self.context()),
            JsValue::from_f64(session.delete_at().0 as f64),
        ];
        // What storage does not take is not what there is, nor what was only passed through before.
        self.held.take();
        let told_by = self.told_by.take();
        let query = "INSERT OR REPLACE INTO session (only, session, delete_at) VALUES (1, ?1, ?2)";
        self.database.run(query, row)?;
        self.held.replace(Some(session.clone()));
        self.told_by.replace(told_by);
        Ok(())
    }

    /// The row's place, for sealing: the object is nobody else's.
    fn context(&self) -> String {
        format!("session/{}", self.state.id())
    }

    /// When a session is deleted that does not open: its key is gone, and nobody can read it any more.
    fn unopened_until(&self) -> Result<Option<UnixMillis>, JsValue> {
        let row = self.database.first("SELECT delete_at FROM session", [])?;
        Ok(row.and_then(|row| row.integer(0)).map(UnixMillis))
    }

    fn push(&self, session: &Session) {
        let view = text(&session.view());
        for socket in self.state.get_websockets() {
            // A socket that is closing says so to the page itself.
            let _ = socket.send_with_str(&view);
        }
    }

    async fn ask(
        self: &Rc<Self>,
        ask: &Ask,
        device: &str,
        form: Option<&Written>,
    ) -> Result<Result<serde_json::Value, Problem>, JsValue> {
        let config = match config::required(&self.env) {
            Ok(config) => config,
            Err(problem) => return Ok(Err(problem)),
        };
        let Some(mut session) = Self::newest(self)? else {
            return Ok(Err(Problem::new(Code::NotFound, "expected a session that is still kept")));
        };
        if self.calling.get() {
            return Ok(Err(busy()));
        }
        let call = match session.begin(ask, device, &config.public_alias, platform::now()) {
            Ok(call) => call,
            Err(problem) => return Ok(Err(problem)),
        };
        self.write(&session)?;
        self.calling.set(true);
        self.push(&session);
        let answer = match form {
            Some(form) => canopy_client::upload(&config, &call, form).await,
            None => canopy_client::write(&config, &call).await,
        };
        let answer = answer.and_then(|(status, body)| match ask {
            Ask::Consent(_) => read_consent_token(status, &body).map(Answered::Consented),
            Ask::Documents => read_uploaded(status, &body).map(Answered::Uploaded),
            Ask::Reconnect(_) => read_started(status, &body).map(Answered::Started),
            Ask::Connect(_) if *session.phase() == Phase::Connecting => {
                read_started(status, &body).map(Answered::Started)
            }
            _ => read_done(status, &body).map(|()| Answered::Done),
        });
        // Webhooks may have come in while Canopy was answering.
        let session = self.load();
        self.calling.set(false);
        let Some(mut session) = session? else { return Ok(Err(CallError::Unknown.problem())) };
        let now = platform::now();
        session.finish(ask, &answer, now);
        self.write(&session)?;
        self.push(&session);
        if matches!(ask, Ask::Reconnect(_)) {
            self.storage.set_alarm(session.next_alarm(now).0);
            self.watch().await?;
        }
        if matches!(ask, Ask::Confirm { .. }) {
            self.storage.set_alarm(session.next_alarm(now).0);
            // It was done: what could not be told is told by the alarm.
            let _ = self.tell_answers().await;
        }
        Ok(match answer {
            Ok(Answered::Consented(token)) => Ok(json!({ "consent_token": token })),
            Ok(_) => Ok(json!({ "document": session.view() })),
            Err(error) => Err(error.problem()),
        })
    }

    /// Tells a pull of the session that took it over, if that is due, and sets the alarm for what comes next.
    async fn watch(&self) -> Result<(), JsValue> {
        let now = platform::now();
        let Some(mut session) = self.load()? else { return Ok(()) };
        if let Some(pull_id) = session.begin_watch(now, u32::from_ne_bytes(platform::random())) {
            self.write(&session)?;
            self.storage.set_alarm(session.next_alarm(now).0);
            let told = self.tell(&pull_id, &session).await;
            let Some(newest) = self.load()? else { return Ok(()) };
            session = newest;
            match told {
                Ok(()) => {
                    session.watched(&pull_id);
                    self.write(&session)?;
                }
                Err(_) => {
                    let line = json!({ "route": "reconnect", "pull_id": pull_id, "code": "WATCH_FAILED" });
                    worker::console_warn!("{line}");
                }
            }
        }
        self.storage.set_alarm(session.next_alarm(platform::now()).0);
        Ok(())
    }

    /// Tells the pull of what its consumer has answered, where that is due, and sets the alarm for what comes next.
    async fn tell_answers(&self) -> Result<(), JsValue> {
        let now = platform::now();
        let Some(mut session) = self.load()? else { return Ok(()) };
        let (due, given_up) = session.begin_telling(now, u32::from_ne_bytes(platform::random()));
        for pull_id in &given_up {
            let line = json!({ "route": "confirmation", "pull_id": pull_id, "code": "TELL_FAILED" });
            worker::console_warn!("{line}");
        }
        if due.is_empty() && given_up.is_empty() {
            return Ok(());
        }
        self.write(&session)?;
        self.storage.set_alarm(session.next_alarm(now).0);
        for (pull_id, action) in due {
            let called = Called {
                operation: Operation::ConfirmServicing.row().id.to_owned(),
                caller: OF_PAGE.to_owned(),
                request_id: format!("{}.{action}", session.id()),
                status: 200,
                servicing_action_ids: vec![action.clone()],
                ..Called::default()
            };
            let told = async { PullClient::of(&self.env, &pull_id)?.called(&called, None, true, now).await };
            if told.await.is_ok()
                && let Some(mut session) = self.load()?
            {
                session.told(&action);
                self.write(&session)?;
            }
        }
        if let Some(session) = self.load()? {
            self.storage.set_alarm(session.next_alarm(platform::now()).0);
        }
        Ok(())
    }

    async fn ask_to_tell(&self, pull_id: &PullId) -> Result<(), Thrown> {
        PullClient::of(&self.env, pull_id)?.tell().await
    }

    async fn tell(&self, pull_id: &PullId, session: &Session) -> Result<(), Thrown> {
        PullClient::of(&self.env, pull_id)?.watch(pull_id, session.id(), platform::now()).await
    }
}

fn busy() -> Problem {
    Problem::new(Code::ConnectInProgress, "wait for the answer to the call before")
}

fn text(view: &SessionView) -> String {
    serde_json::to_string(view).expect("a view is plain data")
}
