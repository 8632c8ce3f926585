//! Streams of the platform's, chunk by chunk: see `stream.mjs`.

use js_sys::Uint8Array;
use wasm_bindgen::prelude::*;
use web_sys::ReadableStream;

use super::{Bucket, Thrown};

#[wasm_bindgen(module = "/src/platform/stream.mjs")]
extern "C" {
    /// A stream's bytes, as many at a time as are asked for.
    pub type Chunks;
    #[wasm_bindgen(constructor, catch)]
    fn new(stream: &JsValue, most: u32) -> Result<Chunks, JsValue>;
    #[wasm_bindgen(method, catch, js_name = next)]
    async fn read(this: &Chunks, size: u32) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method)]
    fn place(this: &Chunks, length: u32) -> Uint8Array;
    /// Ends a stream that nobody reads on.
    #[wasm_bindgen(method)]
    pub fn cancel(this: &Chunks);

    /// Bytes on their way to a reader.
    pub type Pipe;
    #[wasm_bindgen(constructor, catch)]
    fn new(size: Option<f64>) -> Result<Pipe, JsValue>;
    #[wasm_bindgen(method, getter)]
    pub fn readable(this: &Pipe) -> ReadableStream;
    #[wasm_bindgen(method, catch, js_name = write)]
    async fn write_to(this: &Pipe, bytes: &Uint8Array) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch, js_name = end)]
    async fn end_it(this: &Pipe) -> Result<JsValue, JsValue>;
    /// Breaks it off: the reader sees that it is not whole.
    #[wasm_bindgen(method)]
    pub fn abort(this: &Pipe, reason: &str);

    /// An object on its way into a bucket.
    pub type Upload;
    #[wasm_bindgen(catch, js_name = upload)]
    fn upload_to(
        bucket: &Bucket,
        key: &str,
        size: Option<f64>,
        etag: Option<&str>,
    ) -> Result<Upload, JsValue>;
    #[wasm_bindgen(method, catch, js_name = write)]
    async fn write_to(this: &Upload, bytes: &Uint8Array) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch, js_name = end)]
    async fn end_it(this: &Upload) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch, js_name = abort)]
    async fn abort_it(this: &Upload, reason: &str) -> Result<JsValue, JsValue>;

    /// SHA-256 of bytes that pass.
    pub type Digest;
    #[wasm_bindgen(constructor, catch)]
    fn new() -> Result<Digest, JsValue>;
    #[wasm_bindgen(method, catch, js_name = update)]
    async fn update_with(this: &Digest, bytes: &Uint8Array) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch, js_name = end)]
    async fn end_it(this: &Digest) -> Result<JsValue, JsValue>;
}

impl Chunks {
    /// Of `stream`, which may be `null` for none; no chunk has more than `most` bytes.
    pub fn of(stream: &JsValue, most: usize) -> Result<Self, Thrown> {
        Ok(Self::new(stream, most as u32)?)
    }

    /// The next `size` bytes, fewer at the end, then none. They are good until the next are asked for.
    pub async fn next(&self, size: usize) -> Result<Uint8Array, Thrown> {
        Ok(self.read(size as u32).await?.unchecked_into())
    }

    /// The same memory with other bytes in the place of those that were given.
    pub fn replaced(&self, bytes: &[u8]) -> Uint8Array {
        let place = self.place(bytes.len() as u32);
        place.copy_from(bytes);
        place
    }
}

impl Pipe {
    /// Of `size` bytes, which the reader is told before, or of any number.
    pub fn of(size: Option<u64>) -> Result<Self, Thrown> {
        Ok(Self::new(size.map(|size| size as f64))?)
    }

    /// Done when the reader has taken them.
    pub async fn write(&self, bytes: &Uint8Array) -> Result<(), Thrown> {
        Ok(self.write_to(bytes).await.map(drop)?)
    }

    pub async fn end(&self) -> Result<(), Thrown> {
        Ok(self.end_it().await.map(drop)?)
    }
}

impl Upload {
    /// Of `size` bytes, or of any number. With `etag` it takes the place of that version alone.
    pub fn begin(bucket: &Bucket, key: &str, size: Option<u64>, etag: Option<&str>) -> Result<Self, Thrown> {
        Ok(upload_to(bucket, key, size.map(|size| size as f64), etag)?)
    }

    pub async fn write(&self, bytes: &Uint8Array) -> Result<(), Thrown> {
        Ok(self.write_to(bytes).await.map(drop)?)
    }

    /// Has it stored; gives whether it took its place.
    pub async fn end(&self) -> Result<bool, Thrown> {
        Ok(self.end_it().await?.as_bool() == Some(true))
    }

    /// Leaves what was there as it was.
    pub async fn abort(&self, reason: &str) {
        let _ = self.abort_it(reason).await;
    }
}

impl Digest {
    pub fn begin() -> Result<Self, Thrown> {
        Ok(Self::new()?)
    }

    pub async fn update(&self, bytes: &Uint8Array) -> Result<(), Thrown> {
        Ok(self.update_with(bytes).await.map(drop)?)
    }

    /// The digest: 32 bytes.
    pub async fn end(&self) -> Result<Uint8Array, Thrown> {
        Ok(self.end_it().await?.unchecked_into())
    }
}
