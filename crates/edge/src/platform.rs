//! The platform as this Worker uses it beyond the `worker` crate: objects by RPC, SQL, and the calls of
//! `platform.mjs`.

use js_sys::{Array, ArrayBuffer, JsString, Uint8Array};
use wasm_bindgen::prelude::*;
use web_sys::{Request, Response};
use worker::Env;

#[wasm_bindgen(module = "/src/platform.mjs")]
extern "C" {
    /// An answer of the edge's own; `headers` holds names and values in turn.
    #[wasm_bindgen(catch)]
    pub fn reply(
        status: u16,
        request_id: &str,
        headers: Vec<String>,
        body: JsValue,
    ) -> Result<Response, JsValue>;
    /// An answer of Canopy's, streamed, with the `allowed` headers of its own.
    #[wasm_bindgen(catch)]
    pub fn relay(
        response: &Response,
        allowed: Vec<String>,
        request_id: &str,
        headers: Vec<String>,
        is_head: bool,
    ) -> Result<Response, JsValue>;
    /// A WebSocket's answer.
    #[wasm_bindgen(catch)]
    pub fn upgrade(socket: &JsValue, protocol: &str) -> Result<Response, JsValue>;
    /// An object's answer to an upgrade, on its way to the page.
    #[wasm_bindgen(catch)]
    pub fn upgraded(response: &Response, request_id: &str) -> Result<Response, JsValue>;
    /// The request's body, or `undefined` when it is larger than `most` bytes.
    #[wasm_bindgen(catch)]
    pub async fn bounded(source: &Request, most: f64) -> Result<JsValue, JsValue>;
    /// See `platform.mjs`.
    #[wasm_bindgen(catch)]
    pub async fn call(
        method: &str,
        url: &str,
        headers: Vec<String>,
        body: Option<&str>,
        millis: f64,
        most: f64,
        hold: &JsValue,
    ) -> Result<JsValue, JsValue>;
    /// See `platform.mjs`.
    #[wasm_bindgen(catch)]
    pub async fn forward(
        method: &str,
        url: &str,
        headers: Vec<String>,
        body: &JsValue,
        millis: f64,
    ) -> Result<JsValue, JsValue>;
    /// Waits so many milliseconds.
    pub async fn sleep(millis: f64);
    /// See `platform.mjs`; `found` is what [`PullStub::snapshot`] gave.
    #[wasm_bindgen(catch, js_name = ofLength)]
    pub fn of_length(found: &JsValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch)]
    fn rows(cursor: &JsValue) -> Result<Array, JsValue>;
    #[wasm_bindgen(catch)]
    fn first(cursor: &JsValue) -> Result<Option<Array>, JsValue>;
}

#[wasm_bindgen]
extern "C" {
    /// A Durable Object namespace.
    pub type Namespace;
    #[wasm_bindgen(method, catch, js_name = getByName)]
    fn get_by_name(this: &Namespace, name: &str) -> Result<JsValue, JsValue>;

    /// The `Pull` object's methods, called by RPC.
    pub type PullStub;
    #[wasm_bindgen(method, catch)]
    pub async fn read(this: &PullStub) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    pub async fn events(this: &PullStub, after: f64, limit: u32) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    pub async fn snapshot(this: &PullStub, version: f64) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    pub async fn document(this: &PullStub, id: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    pub async fn retry(this: &PullStub, now: f64) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    pub async fn watch(this: &PullStub, pull: &str, session: &str, now: f64) -> Result<JsValue, JsValue>;

    /// The `Session` object's methods, called by RPC.
    pub type SessionStub;
    #[wasm_bindgen(method, catch)]
    pub async fn open(this: &SessionStub, opening: &str, now: f64) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch, js_name = read)]
    pub async fn document(this: &SessionStub) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    pub async fn ask(
        this: &SessionStub,
        name: &str,
        body: &JsValue,
        device: &str,
    ) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    pub async fn notify(this: &SessionStub, notice: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    pub async fn end(this: &SessionStub) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    pub async fn fetch(this: &SessionStub, request: &Request) -> Result<JsValue, JsValue>;

    /// A Durable Object's state.
    pub type ObjectState;
    #[wasm_bindgen(method, getter)]
    pub fn storage(this: &ObjectState) -> ObjectStorage;

    /// Its storage.
    #[derive(Clone)]
    pub type ObjectStorage;
    #[wasm_bindgen(method, getter)]
    fn sql(this: &ObjectStorage) -> SqlStorage;
    /// Runs `change` in one transaction: an error rolls all of it back.
    #[wasm_bindgen(method, catch, js_name = transactionSync)]
    pub fn transaction(
        this: &ObjectStorage,
        change: &mut dyn FnMut() -> Result<JsValue, JsValue>,
    ) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch, js_name = setAlarm)]
    fn set_alarm_at(this: &ObjectStorage, millis: f64) -> Result<js_sys::Promise, JsValue>;
    #[wasm_bindgen(method, catch, js_name = deleteAll)]
    pub async fn delete_all(this: &ObjectStorage) -> Result<JsValue, JsValue>;

    #[derive(Clone)]
    type SqlStorage;
    #[wasm_bindgen(method, variadic, catch)]
    fn exec(this: &SqlStorage, query: &str, bindings: Vec<JsValue>) -> Result<JsValue, JsValue>;

    /// The R2 bucket, as it is used here.
    pub type Bucket;
    #[wasm_bindgen(method, catch)]
    pub async fn put(this: &Bucket, key: &str, bytes: &Uint8Array) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    async fn get(this: &Bucket, key: &str) -> Result<JsValue, JsValue>;

    /// An object of the bucket, its body not read.
    pub type BucketObject;
    #[wasm_bindgen(method, getter)]
    pub fn size(this: &BucketObject) -> f64;
    #[wasm_bindgen(method, getter)]
    pub fn body(this: &BucketObject) -> JsValue;
    #[wasm_bindgen(method, catch, js_name = arrayBuffer)]
    pub async fn array_buffer(this: &BucketObject) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(js_namespace = ["crypto", "subtle"], js_name = digest, catch)]
    async fn subtle_digest(algorithm: &str, bytes: &Uint8Array) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(js_namespace = crypto, js_name = randomUUID)]
    fn random_uuid() -> String;
}

impl ObjectStorage {
    /// Wakes the object at `millis` since the epoch, which has to lie after it. The alarm is written with what else this turn of the
    /// event loop writes, so its promise need not be waited for.
    pub fn set_alarm(&self, millis: i64) {
        let _ = self.set_alarm_at(millis.max(1) as f64);
    }

    /// The object's database.
    pub fn database(&self) -> Database {
        Database(self.sql())
    }
}

/// The SQLite database of a Durable Object.
#[derive(Clone)]
pub struct Database(SqlStorage);

impl Database {
    /// Runs a statement.
    pub fn run<const N: usize>(&self, query: &str, bindings: [JsValue; N]) -> Result<(), JsValue> {
        self.0.exec(query, bindings.into()).map(|_| ())
    }

    /// Runs a statement and gives its first row.
    pub fn first<const N: usize>(&self, query: &str, bindings: [JsValue; N]) -> Result<Option<Row>, JsValue> {
        Ok(first(&self.0.exec(query, bindings.into())?)?.map(Row))
    }

    /// Runs a statement and gives all its rows.
    pub fn all<const N: usize>(&self, query: &str, bindings: [JsValue; N]) -> Result<Vec<Row>, JsValue> {
        let rows = rows(&self.0.exec(query, bindings.into())?)?;
        Ok(rows.iter().map(|row| Row(row.unchecked_into())).collect())
    }
}

/// One row of a query.
pub struct Row(Array);

impl Row {
    /// A column that holds text; `None` for NULL.
    pub fn text(&self, column: u32) -> Option<String> {
        self.0.get(column).as_string()
    }

    /// A column that holds an integer; `None` for NULL.
    pub fn integer(&self, column: u32) -> Option<i64> {
        self.0.get(column).as_f64().map(|number| number as i64)
    }

    /// A column that holds bytes; empty for NULL.
    pub fn bytes(&self, column: u32) -> Vec<u8> {
        let value = self.0.get(column);
        if value.is_null() { Vec::new() } else { Uint8Array::new(&value).to_vec() }
    }

    /// A column as it is.
    pub fn value(&self, column: u32) -> JsValue {
        self.0.get(column)
    }
}

impl Bucket {
    /// An object, where there is one.
    pub async fn find(&self, key: &str) -> Result<Option<BucketObject>, JsValue> {
        let found = self.get(key).await?;
        Ok((!found.is_null()).then(|| found.unchecked_into()))
    }
}

/// SHA-256 of bytes that are JavaScript's, by the platform.
pub async fn sha256(bytes: &Uint8Array) -> Result<Uint8Array, JsValue> {
    Ok(Uint8Array::new(&subtle_digest("SHA-256", bytes).await?))
}

/// The bucket of a binding.
pub fn bucket(env: &Env, name: &str) -> Result<Bucket, JsValue> {
    binding(env, name).map(JsCast::unchecked_into)
}

/// The object of one pull.
pub fn pull_stub(env: &Env, pull_id: &str) -> Result<PullStub, JsValue> {
    Ok(binding(env, "PULL")?.unchecked_into::<Namespace>().get_by_name(pull_id)?.unchecked_into())
}

/// The object of one session.
pub fn session_stub(env: &Env, session_id: &str) -> Result<SessionStub, JsValue> {
    Ok(binding(env, "SESSION")?.unchecked_into::<Namespace>().get_by_name(session_id)?.unchecked_into())
}

/// A variable or binding of the Worker.
pub fn binding(env: &Env, name: &str) -> Result<JsValue, JsValue> {
    js_sys::Reflect::get(env.as_ref(), &JsString::from(name))
}

/// Bytes for JavaScript, copied out of this Worker's memory.
pub fn to_js(bytes: &[u8]) -> JsValue {
    Uint8Array::from(bytes).into()
}

/// Bytes from JavaScript.
pub fn from_js(buffer: &JsValue) -> Vec<u8> {
    Uint8Array::new(buffer.unchecked_ref::<ArrayBuffer>()).to_vec()
}

/// The platform's clock.
pub fn now() -> canopy::time::UnixMillis {
    canopy::time::UnixMillis(js_sys::Date::now() as i64)
}

/// A new random UUID.
pub fn new_id() -> String {
    random_uuid()
}

/// Random bytes.
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the platform has a random generator");
    bytes
}
