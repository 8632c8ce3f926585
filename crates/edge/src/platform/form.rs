//! Forms with files, which stay in the platform's memory: see `form.mjs`.

use canopy::{
    api::{Content, FORM_PACE, FileKind, HEAD_BYTES, Part},
    retry::Reason,
};
use js_sys::{Array, Uint8Array};
use wasm_bindgen::prelude::*;
use web_sys::{ReadableStream, Request};

use super::{Thrown, reason_of};
use crate::room::Reservation;

#[wasm_bindgen(module = "/src/platform/form.mjs")]
extern "C" {
    #[wasm_bindgen(catch, js_name = readForm)]
    async fn read_form(
        request: &Request,
        most: f64,
        millis: u32,
        least: u32,
        window: u32,
        head: u32,
        hold: &JsValue,
    ) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch, js_name = writeForm)]
    fn write_form(fields: Vec<String>, documents: &Array) -> Result<Array, JsValue>;

    #[wasm_bindgen(js_name = discardForm)]
    fn discard_form(body: &ReadableStream);

    /// A file of the platform's.
    type File;
    #[wasm_bindgen(method, getter)]
    fn size(this: &File) -> f64;
}

/// A form that was read.
pub struct Form {
    /// Its parts in their order.
    pub parts: Vec<Part>,
    /// Its files in their order.
    files: Vec<JsValue>,
}

/// A form on its way.
pub struct Written {
    /// Its media type, with the boundary.
    pub media: String,
    /// What it is, of a known length.
    pub body: ReadableStream,
}

impl Written {
    /// Ends a form that was not sent: nobody reads it any more. One that was is its call's.
    pub fn discard(&self) {
        discard_form(&self.body);
    }
}

impl Form {
    /// The form of a request, of at most `most` bytes and whole within `millis`, at [`FORM_PACE`]. Room for it is held
    /// anew with each chunk, and each second.
    ///
    /// # Errors
    /// [`Reason::TooLarge`], [`Reason::TimedOut`], or [`Reason::Malformed`] where it is none, breaks off, or finds no room.
    pub async fn read(
        request: &Request,
        most: usize,
        millis: u32,
        room: &Reservation,
    ) -> Result<Self, Reason> {
        let hold = room.asked_from_javascript();
        let ((least, window), head) = (FORM_PACE, HEAD_BYTES as u32);
        let read = read_form(request, most as f64, millis, least, window, head, hold.as_ref()).await;
        let read = read.map_err(|_| Reason::Malformed)?;
        if let Some(reason) = read.as_string() {
            return Err(reason_of(&reason));
        }
        let (mut parts, mut files) = (Vec::new(), Vec::new());
        for part in read.unchecked_into::<Array>().iter() {
            let part: Array = part.unchecked_into();
            let (name, value) = (part.get(0).as_string().unwrap_or_default(), part.get(1));
            let content = match value.as_string() {
                Some(text) => Content::Text(text),
                None => {
                    let size = value.unchecked_ref::<File>().size() as usize;
                    files.push(value);
                    Content::File(size, Uint8Array::new(&part.get(2)).to_vec())
                }
            };
            parts.push(Part { name, content });
        }
        Ok(Self { parts, files })
    }

    /// A form of these fields and of the files, whose kinds are these in their order.
    pub fn write(&self, fields: Vec<(String, String)>, kinds: &[FileKind]) -> Result<Written, Thrown> {
        let fields = fields.into_iter().flat_map(|(name, value)| [name, value]).collect();
        let document =
            |(file, kind): (&JsValue, &FileKind)| Array::of3(file, &kind.media.into(), &kind.name.into());
        let documents: Array = self.files.iter().zip(kinds).map(document).collect();
        let written = write_form(fields, &documents)?;
        let media = written.get(0).as_string().unwrap_or_default();
        Ok(Written { media, body: written.get(1).unchecked_into() })
    }
}
