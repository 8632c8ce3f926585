//! The zip on its way to its reader.

use canopy::{export::Archive, time::UnixMillis};
use js_sys::Uint8Array;
use serde_json::json;
use web_sys::ReadableStream;

use crate::{
    platform::{self, Thrown, stream::Pipe},
    room::Reservation,
};

/// Why an export ends before its end.
pub enum Stop {
    /// Its reader went away.
    Unread,
    /// The zip cannot be written on.
    Archive(String),
}

impl Stop {
    /// Tells the operator, where it is a fault of ours.
    pub fn report(self, what: &'static str) {
        if let Self::Archive(error) = self {
            worker::console_error!("{}", json!({ "route": "internal", "what": what, "error": error }));
        }
    }
}

fn unwritten(error: impl std::fmt::Display) -> Stop {
    Stop::Archive(error.to_string())
}

pub struct Sink {
    /// Until it has ended.
    archive: Option<Archive>,
    pipe: Pipe,
    room: Reservation,
}

impl Sink {
    /// An empty zip, its files of `now`, and what reads it.
    pub fn new(now: UnixMillis, room: Reservation) -> Result<(Self, ReadableStream), Thrown> {
        let pipe = Pipe::of(None)?;
        let readable = pipe.readable();
        Ok((Self { archive: Some(Archive::new(now)), pipe, room }, readable))
    }

    fn archive(&mut self) -> Result<&mut Archive, Stop> {
        self.archive.as_mut().ok_or_else(|| unwritten("the zip has ended"))
    }

    /// A file that is here.
    pub async fn file(&mut self, name: &str, bytes: &[u8]) -> Result<(), Stop> {
        self.begin(name)?;
        self.write(bytes).await
    }

    /// Begins a file.
    pub fn begin(&mut self, name: &str) -> Result<(), Stop> {
        self.archive()?.file(name).map_err(unwritten)
    }

    /// More of the file that was begun last; done when its reader has taken them.
    pub async fn write(&mut self, bytes: &[u8]) -> Result<(), Stop> {
        let archive = self.archive()?;
        archive.write(bytes).map_err(unwritten)?;
        let written = archive.take(|written| Uint8Array::from(written));
        self.give(&written).await
    }

    async fn give(&self, bytes: &Uint8Array) -> Result<(), Stop> {
        self.room.keep();
        let given = self.pipe.write(bytes).await;
        platform::discard(bytes);
        given.map_err(|_| Stop::Unread)
    }

    /// Ends it: without this it is broken off.
    pub async fn end(mut self) -> Result<(), Stop> {
        let archive = self.archive.take().ok_or_else(|| unwritten("the zip has ended"))?;
        let rest = archive.end().map_err(unwritten)?;
        self.give(&Uint8Array::from(rest.as_slice())).await?;
        self.pipe.end().await.map_err(|_| Stop::Unread)
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        if self.archive.is_some() {
            self.pipe.abort("the export broke off");
        }
    }
}
