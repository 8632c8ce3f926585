//! The platform as this Worker uses it beyond the `worker` crate: objects by RPC, SQL, and the calls of
//! `platform.mjs`.

pub mod clock;
pub mod form;
pub mod sql;
pub mod stream;

use std::{collections::BTreeMap, time::Duration};

use canopy::{retry::Reason, time::UnixMillis};
pub use clock::now;
use http::{HeaderName, HeaderValue};
use js_sys::{Array, ArrayBuffer, JsString, Uint8Array};
use wasm_bindgen::prelude::*;
use web_sys::{ReadableStream, Response};
use worker::Env;

#[wasm_bindgen(module = "/src/platform/platform.mjs")]
extern "C" {
    #[wasm_bindgen(catch, js_name = reply)]
    fn reply_with(
        status: u16,
        request_id: &str,
        headers: &str,
        body: JsValue,
        is_head: bool,
    ) -> Result<Response, JsValue>;
    #[wasm_bindgen(catch, js_name = relay)]
    fn relay_with(
        response: &Response,
        allowed: Vec<String>,
        request_id: &str,
        headers: &str,
        is_head: bool,
    ) -> Result<Response, JsValue>;
    /// A WebSocket's answer.
    #[wasm_bindgen(catch)]
    pub fn upgrade(socket: &JsValue, protocol: &str) -> Result<Response, JsValue>;
    /// An object's answer to an upgrade, on its way to the page.
    #[wasm_bindgen(catch)]
    pub fn upgraded(response: &Response, request_id: &str) -> Result<Response, JsValue>;
    #[wasm_bindgen(catch)]
    async fn call(
        method: &str,
        url: &str,
        headers: &str,
        body: Option<&str>,
        millis: f64,
        most: f64,
        hold: &JsValue,
    ) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch, js_name = asked)]
    async fn ask(
        method: &str,
        url: &str,
        headers: &str,
        body: Option<&str>,
        millis: f64,
    ) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch, js_name = fetched)]
    async fn fetch_whole(
        method: &str,
        url: &str,
        headers: &str,
        body: Option<&str>,
        millis: f64,
        most: f64,
    ) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch, js_name = rsaSigned)]
    async fn rsa_signed_with(algorithm: &str, pkcs8: Uint8Array, text: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch)]
    async fn deliver(
        url: &str,
        headers: &str,
        body: &str,
        millis: u32,
        most: u32,
    ) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch)]
    async fn forward(
        method: &str,
        url: &str,
        headers: &str,
        body: &JsValue,
        millis: f64,
    ) -> Result<JsValue, JsValue>;
    /// The body of a request or an answer, or the reason why there is none.
    #[wasm_bindgen(catch, js_name = received)]
    async fn received_of(source: &JsValue, most: f64, millis: f64) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch, js_name = formDigest)]
    async fn form_digest_of(body: &JsValue, media: &str) -> Result<JsValue, JsValue>;
    /// `response` once more: each of the two is read by itself.
    #[wasm_bindgen(catch)]
    pub fn copied(response: &Response) -> Result<Response, JsValue>;
    /// `response` with another body.
    #[wasm_bindgen(catch, js_name = withBody)]
    pub fn with_body(response: &Response, body: &JsValue) -> Result<Response, JsValue>;
    /// An answer that was kept, its headers in lines.
    #[wasm_bindgen(catch)]
    pub fn answered(status: u16, headers: &str, body: &JsValue) -> Result<Response, JsValue>;
    /// Statements of D1's in one transaction, each an array of its text and its bindings.
    #[wasm_bindgen(catch, js_name = writeAll)]
    pub async fn write_all(database: &JsValue, statements: Vec<Array>) -> Result<JsValue, JsValue>;
    /// The rows of a query of D1's, each an object by its columns' names, as JSON; `undefined` where that is longer than `most`.
    #[wasm_bindgen(catch)]
    pub async fn named(
        database: &JsValue,
        query: &str,
        bindings: Array,
        most: u32,
    ) -> Result<JsValue, JsValue>;
    /// The rows of a query of D1's, each an array of its columns.
    #[wasm_bindgen(catch)]
    pub async fn select(database: &JsValue, query: &str, bindings: Array) -> Result<JsValue, JsValue>;
    /// See `platform.mjs`; `found` is what the pull's object gave for a snapshot.
    #[wasm_bindgen(catch, js_name = ofLength)]
    pub fn of_length(found: &JsValue) -> Result<ReadableStream, JsValue>;
    #[wasm_bindgen(catch, js_name = discard)]
    fn try_discard(bytes: &Uint8Array) -> Result<(), JsValue>;
    #[wasm_bindgen(catch)]
    fn rows(cursor: &JsValue) -> Result<Array, JsValue>;
    #[wasm_bindgen(catch)]
    fn first(cursor: &JsValue) -> Result<Option<Array>, JsValue>;
}

#[wasm_bindgen]
extern "C" {
    /// A request's context.
    pub type Context;
    #[wasm_bindgen(method, js_name = waitUntil)]
    pub fn wait_until(this: &Context, promise: &js_sys::Promise);

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
    #[wasm_bindgen(method, catch, js_name = deleteAlarm)]
    fn delete_alarm_of(this: &ObjectStorage) -> Result<js_sys::Promise, JsValue>;
    #[wasm_bindgen(method, catch, js_name = deleteAll)]
    pub async fn delete_all(this: &ObjectStorage) -> Result<JsValue, JsValue>;

    /// The same, without waiting for it: what is written next is written after it.
    #[wasm_bindgen(method, catch, js_name = deleteAll)]
    pub fn delete_all_now(this: &ObjectStorage) -> Result<js_sys::Promise, JsValue>;

    #[derive(Clone)]
    type SqlStorage;
    #[wasm_bindgen(method, variadic, catch)]
    fn exec(this: &SqlStorage, query: &str, bindings: Vec<JsValue>) -> Result<JsValue, JsValue>;

    type Cursor;
    #[wasm_bindgen(method, getter, js_name = rowsWritten)]
    fn rows_written(this: &Cursor) -> f64;

    /// The R2 bucket, as it is used here.
    pub type Bucket;
    #[wasm_bindgen(method, catch)]
    async fn get(this: &Bucket, key: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    async fn list(this: &Bucket, options: &JsValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    async fn delete(this: &Bucket, keys: &Array) -> Result<JsValue, JsValue>;

    /// An object of the bucket, its body not read.
    pub type BucketObject;
    #[wasm_bindgen(method, getter)]
    pub fn size(this: &BucketObject) -> f64;
    #[wasm_bindgen(method, getter)]
    pub fn body(this: &BucketObject) -> ReadableStream;
    /// Of this version.
    #[wasm_bindgen(method, getter)]
    pub fn etag(this: &BucketObject) -> String;

    #[wasm_bindgen(js_namespace = crypto, js_name = randomUUID)]
    fn random_uuid() -> String;
}

impl ObjectStorage {
    /// Wakes the object at `millis` since the epoch, which has to lie after it. The alarm is written with what else this
    /// turn of the event loop writes, so its promise need not be waited for.
    pub fn set_alarm(&self, millis: i64) {
        let _ = self.set_alarm_at(clock::on_machine(UnixMillis(millis)).0.max(1) as f64);
    }

    /// Has nothing wake the object.
    pub fn delete_alarm(&self) {
        let _ = self.delete_alarm_of();
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

    /// Runs a statement that gives no rows; gives how many it wrote, entries of indexes included.
    pub fn write<const N: usize>(&self, query: &str, bindings: [JsValue; N]) -> Result<f64, JsValue> {
        Ok(self.0.exec(query, bindings.into())?.unchecked_into::<Cursor>().rows_written())
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

    /// A column that holds a moment; the epoch for NULL.
    pub fn moment(&self, column: u32) -> UnixMillis {
        UnixMillis(self.integer(column).unwrap_or_default())
    }

    /// A column that holds bytes; empty for NULL.
    pub fn bytes(&self, column: u32) -> Vec<u8> {
        let value = self.0.get(column);
        if value.is_null() { Vec::new() } else { Uint8Array::new(&value).to_vec() }
    }

    /// A row of D1's.
    pub fn of(columns: Array) -> Self {
        Self(columns)
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

    /// Deletes all whose keys begin with `prefix`.
    pub async fn delete_below(&self, prefix: &str) -> Result<(), JsValue> {
        let options = js_sys::Object::new();
        js_sys::Reflect::set(&options, &"prefix".into(), &prefix.into())?;
        loop {
            let page = self.list(&options).await?;
            let objects: Array = js_sys::Reflect::get(&page, &"objects".into())?.unchecked_into();
            if objects.length() == 0 {
                return Ok(());
            }
            let key = |object: JsValue| js_sys::Reflect::get(&object, &"key".into());
            let keys = objects.iter().map(key).collect::<Result<Array, _>>()?;
            self.delete(&keys).await?;
        }
    }
}

/// Headers as they cross to JavaScript: names and values in turn, in lines, which none of them has.
fn lines(headers: &[(HeaderName, HeaderValue)]) -> String {
    let mut lines = String::new();
    for (name, value) in headers {
        if !lines.is_empty() {
            lines.push('\n');
        }
        lines.push_str(name.as_str());
        lines.push('\n');
        lines.push_str(&String::from_utf8_lossy(value.as_bytes()));
    }
    lines
}

/// An answer of the edge's own.
pub fn reply(
    status: u16,
    request_id: &str,
    headers: &[(HeaderName, HeaderValue)],
    body: JsValue,
    is_head: bool,
) -> Result<Response, JsValue> {
    reply_with(status, request_id, &lines(headers), body, is_head)
}

/// An answer of Canopy's, streamed, with the `allowed` headers of its own.
pub fn relay(
    response: &Response,
    allowed: Vec<String>,
    request_id: &str,
    headers: &[(HeaderName, HeaderValue)],
    is_head: bool,
) -> Result<Response, JsValue> {
    relay_with(response, allowed, request_id, &lines(headers), is_head)
}

/// One call of Canopy's, its answer not read; or why there is none. `millis` are for its body, too.
pub async fn asked(
    method: &str,
    url: &str,
    headers: &[(HeaderName, HeaderValue)],
    millis: f64,
) -> Result<Response, Reason> {
    // What it does not give a reason for is an answer that the platform itself could not take.
    let answer = ask(method, url, &lines(headers), None, millis).await.map_err(|_| Reason::Malformed)?;
    match answer.as_string() {
        Some(reason) => Err(reason_of(&reason)),
        None => Ok(answer.unchecked_into()),
    }
}

/// One call of Canopy's, read whole, as `platform.mjs` gives it.
pub async fn called(
    method: &str,
    url: &str,
    headers: &[(HeaderName, HeaderValue)],
    body: Option<&str>,
    millis: f64,
    most: f64,
    hold: &JsValue,
) -> Result<JsValue, JsValue> {
    call(method, url, &lines(headers), body, millis, most, hold).await
}

/// Bytes of JavaScript's, moved here: the memory that they leave is free at once.
pub fn moved(bytes: &Uint8Array) -> Vec<u8> {
    let moved = bytes.to_vec();
    discard(bytes);
    moved
}

/// Frees the memory of bytes that nobody reads any more.
pub fn discard(bytes: &Uint8Array) {
    // Left alone it is garbage, and goes with the next collection.
    let _ = try_discard(bytes);
}

/// The bucket of a binding.
pub fn bucket(env: &Env, name: &str) -> Result<Bucket, JsValue> {
    binding(env, name).map(JsCast::unchecked_into)
}

/// A variable or binding of the Worker.
pub fn binding(env: &Env, name: &str) -> Result<JsValue, JsValue> {
    js_sys::Reflect::get(env.as_ref(), &JsString::from(name))
}

/// What JavaScript threw.
#[derive(Debug)]
pub struct Thrown(JsValue);

impl Thrown {
    /// What it says of itself.
    pub fn message(&self) -> Option<String> {
        let error = self.0.dyn_ref::<js_sys::Error>().map(|error| String::from(error.message()));
        error.or_else(|| self.0.as_string())
    }

    /// Whether it is the end of a wait.
    pub fn is_timeout(&self) -> bool {
        let name = js_sys::Reflect::get(&self.0, &JsString::from("name"));
        name.is_ok_and(|name| name.as_string().as_deref() == Some("TimeoutError"))
    }
}

impl From<JsValue> for Thrown {
    fn from(thrown: JsValue) -> Self {
        Self(thrown)
    }
}

impl From<Thrown> for JsValue {
    fn from(thrown: Thrown) -> Self {
        thrown.0
    }
}

/// A whole body, in JavaScript's memory.
pub struct Bytes(ArrayBuffer);

impl Bytes {
    /// Of bytes that are here.
    pub fn copied(bytes: &[u8]) -> Self {
        Self(Uint8Array::from(bytes).buffer())
    }

    /// Copies them here.
    pub fn to_vec(&self) -> Vec<u8> {
        Uint8Array::new(&self.0).to_vec()
    }
}

impl From<JsValue> for Bytes {
    /// Of an `ArrayBuffer`.
    fn from(buffer: JsValue) -> Self {
        Self(buffer.unchecked_into())
    }
}

impl AsRef<JsValue> for Bytes {
    fn as_ref(&self) -> &JsValue {
        &self.0
    }
}

/// The whole body of a request or an answer, of at most `most` bytes, if it comes within `millis`.
///
/// # Errors
/// [`Reason::TooLarge`], [`Reason::TimedOut`], or [`Reason::Unreachable`] when the connection broke.
pub async fn received(source: &JsValue, most: usize, millis: u32) -> Result<Bytes, Reason> {
    let body = received_of(source, most as f64, millis.into()).await.map_err(|_| Reason::Malformed)?;
    match body.as_string() {
        Some(reason) => Err(reason_of(&reason)),
        None => Ok(Bytes(body.unchecked_into())),
    }
}

/// SHA-256 of the fields and files of a form, whatever its boundary.
///
/// # Errors
/// When it is none.
pub async fn form_digest(body: &Bytes, media: &str) -> Result<Vec<u8>, Thrown> {
    Ok(Uint8Array::new(&form_digest_of(body.as_ref(), media).await?).to_vec())
}

/// One call of the proxy's, its answer not read; or why there is none. `millis` end with the headers.
pub async fn forwarded(
    method: &str,
    url: &str,
    headers: &[(HeaderName, HeaderValue)],
    body: &JsValue,
    millis: u32,
) -> Result<Response, Reason> {
    let answer =
        forward(method, url, &lines(headers), body, millis.into()).await.map_err(|_| Reason::Malformed)?;
    match answer.as_string() {
        Some(reason) => Err(reason_of(&reason)),
        None => Ok(answer.unchecked_into()),
    }
}

/// An endpoint's answer to a delivery.
pub struct Answered {
    /// HTTP status.
    pub status: u16,
    /// `Retry-After`
    pub retry_after: Option<String>,
    /// Its first bytes.
    pub head: Vec<u8>,
}

/// Makes one delivery. No redirect is followed; `millis` end with the headers, and `most` bytes of the answer are read.
pub async fn delivered(
    url: &str,
    headers: &[(HeaderName, HeaderValue)],
    body: &str,
    millis: u32,
    most: usize,
) -> Result<Answered, Reason> {
    let answer = deliver(url, &lines(headers), body, millis, most as u32).await;
    let answer = answer.map_err(|_| Reason::Malformed)?;
    if let Some(reason) = answer.as_string() {
        return Err(reason_of(&reason));
    }
    let answer: Array = answer.unchecked_into();
    Ok(Answered {
        status: answer.get(0).as_f64().map_or(0, |status| status as u16),
        retry_after: answer.get(1).as_string(),
        head: Uint8Array::new(&answer.get(2)).to_vec(),
    })
}

/// An answer that was read whole.
pub struct Fetched {
    pub status: u16,
    /// By small name.
    pub headers: BTreeMap<String, String>,
    /// `None` where it is too long or broke off.
    pub body: Option<Vec<u8>>,
}

/// Makes one request of any service and reads its answer, of at most so many bytes. No redirect is followed; `millis` end with the body.
pub async fn fetched(
    method: &str,
    url: &str,
    headers: &[(HeaderName, HeaderValue)],
    body: Option<&str>,
    millis: u64,
    most: usize,
) -> Result<Fetched, Reason> {
    let answer = fetch_whole(method, url, &lines(headers), body, millis as f64, most as f64).await;
    let answer = answer.map_err(|_| Reason::Malformed)?;
    if let Some(reason) = answer.as_string() {
        return Err(reason_of(&reason));
    }
    let answer: Array = answer.unchecked_into();
    let body = answer.get(1);
    let pairs: Vec<_> = Array::from(&answer.get(2)).iter().filter_map(|text| text.as_string()).collect();
    let pairs = pairs.chunks_exact(2).map(|pair| (pair[0].clone(), pair[1].clone()));
    Ok(Fetched {
        status: answer.get(0).as_f64().map_or(0, |status| status as u16),
        headers: pairs.collect(),
        body: (!body.is_undefined()).then(|| Uint8Array::new(&body).to_vec()),
    })
}

/// A text signed with an RSA key (PKCS #8) as `RS256` or `PS256`; `None` where the key is none.
pub async fn rsa_signed(algorithm: &str, pkcs8: &[u8], text: &str) -> Option<Vec<u8>> {
    let signature = rsa_signed_with(algorithm, Uint8Array::from(pkcs8), text).await.ok()?;
    signature.dyn_ref().map(Uint8Array::to_vec)
}

/// The reasons that `platform.mjs` gives.
pub fn reason_of(reason: &str) -> Reason {
    match reason {
        "TIMED_OUT" => Reason::TimedOut,
        "TOO_LARGE" => Reason::TooLarge,
        "MALFORMED" => Reason::Malformed,
        _ => Reason::Unreachable,
    }
}

/// Bytes for JavaScript, copied out of this Worker's memory.
pub fn to_js(bytes: &[u8]) -> JsValue {
    Uint8Array::from(bytes).into()
}

/// Bytes from JavaScript.
pub fn from_js(buffer: &JsValue) -> Vec<u8> {
    Uint8Array::new(buffer.unchecked_ref::<ArrayBuffer>()).to_vec()
}

/// Waits so many milliseconds, or until nobody waits for that any more: a timer that is left keeps an object awake.
pub async fn sleep(millis: u64) {
    worker::Delay::from(Duration::from_millis(millis)).await;
}

/// A new random UUID.
pub fn new_id() -> String {
    random_uuid()
}

/// A random number.
pub fn random_u32() -> u32 {
    u32::from_ne_bytes(random())
}

/// Random bytes.
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the platform has a random generator");
    bytes
}
