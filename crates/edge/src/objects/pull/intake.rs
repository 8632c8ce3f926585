//! The agency's model of a version: mapped once, and kept beside it until the mapping grows.

use canopy::{json, pull::View};
use intake::{
    book::{self, Entry},
    model::{MAPPING, Model},
    read::{MAX_BYTES, ReadError},
};
use wasm_bindgen::JsValue;

use super::{
    ledger::Ledger,
    store,
    view::{self, Unread},
};
use crate::{
    http::note,
    platform,
    room::{self, Reservation},
};

/// A version's model, as it is kept.
pub struct Mapped {
    pub version: i64,
    pub bytes: Vec<u8>,
}

/// Why a version has no model.
pub enum Unmapped {
    /// It is no pull, or too large a one.
    Refused(ReadError),
    /// There is no such version.
    Missing,
    /// Other large bodies are under way.
    NoRoom,
    /// What is kept was not read.
    Unread(Unread),
}

impl<E: Into<Unread>> From<E> for Unmapped {
    fn from(error: E) -> Self {
        Self::Unread(error.into())
    }
}

/// Where a version's model is from, with the room for it.
enum Origin {
    Kept(Vec<u8>, Reservation),
    /// The version itself.
    Snapshot(Vec<u8>, Reservation),
}

/// The model of a version, the latest for 0.
pub fn mapped(ledger: &Ledger, version: i64) -> Result<Mapped, Unmapped> {
    let (version, origin) = origin(ledger, version)?;
    let bytes = match origin {
        Origin::Kept(bytes, _room) => bytes,
        Origin::Snapshot(bytes, _room) => map(ledger, version, &bytes, |_, kept| kept)?,
    };
    Ok(Mapped { version, bytes })
}

/// What the newest version says of the account's policies: nothing where it is not mapped or cannot be opened, or was fetched of a
/// pull that was not ready.
///
/// # Errors
/// Where there is no room, or our own storage failed.
pub fn newest_book(ledger: &Ledger, view: &View) -> Result<Option<Vec<Entry>>, Unmapped> {
    if !view.policies_available {
        return Ok(None);
    }
    let known = |model: &Model<'_>| book::known(model, view);
    let entries = origin(ledger, 0).and_then(|(version, origin)| match origin {
        Origin::Snapshot(bytes, _room) => map(ledger, version, &bytes, |model, _| known(model)),
        Origin::Kept(bytes, _room) => {
            let model = std::str::from_utf8(&bytes).ok().and_then(Model::of_stored);
            Ok(model.and_then(|model| known(&model)))
        }
    });
    match entries {
        Err(Unmapped::Refused(_) | Unmapped::Missing | Unmapped::Unread(Unread::Sealed(_))) => Ok(None),
        entries => entries,
    }
}

/// What is there of a version, the latest for 0.
fn origin(ledger: &Ledger, version: i64) -> Result<(i64, Origin), Unmapped> {
    if !ledger.tables().snapshots {
        return Err(Unmapped::Missing);
    }
    let found = view::found(ledger, version)?.ok_or(Unmapped::Missing)?;
    if let Some(kept) = kept(ledger, found.version)? {
        return Ok((found.version, kept));
    }
    let size = found.size.unsigned_abs() as usize;
    if size > MAX_BYTES {
        return Err(Unmapped::Refused(ReadError::TooLarge));
    }
    let room = room_of(size)?;
    Ok((found.version, Origin::Snapshot(view::whole(ledger, &found)?, room)))
}

fn room_of(size: usize) -> Result<Reservation, Unmapped> {
    let room = Reservation::new();
    if room.hold(room::of_model(size)) { Ok(room) } else { Err(Unmapped::NoRoom) }
}

/// Maps a version, keeps its model, and gives what `then` makes of it and of how it is kept.
fn map<T>(
    ledger: &Ledger,
    version: i64,
    bytes: &[u8],
    then: impl FnOnce(&Model<'_>, Vec<u8>) -> T,
) -> Result<T, Unmapped> {
    let body = json::body(bytes);
    let body = json::mended(&body);
    let model = Model::of(&body).map_err(Unmapped::Refused)?;
    let stored = model.stored().into_bytes();
    // It is mapped again where it was not kept.
    if let Err(error) = keep(ledger, version, &stored) {
        note("keeping a model", &error.into());
    }
    Ok(then(&model, stored))
}

fn context(pull_id: &str, version: i64) -> String {
    format!("intake/{pull_id}/{version}")
}

fn pull_id(ledger: &Ledger) -> Result<String, JsValue> {
    Ok(ledger.read(|record| record.pull_id.to_string())?.unwrap_or_default())
}

/// The model that is kept of a version: none of an earlier mapping, nor one that does not open.
fn kept(ledger: &Ledger, version: i64) -> Result<Option<Origin>, Unmapped> {
    if !ledger.tables().intake {
        return Ok(None);
    }
    let Some(size) = store::intake_size(&ledger.database, version, MAPPING)? else { return Ok(None) };
    let room = room_of(size)?;
    let Some((is_sealed, mut bytes)) = store::intake(&ledger.database, version)? else { return Ok(None) };
    let context = context(&pull_id(ledger)?, version);
    let base = bytes.as_ptr().addr();
    let Ok(opened) = ledger.config()?.keys.read(&mut bytes, is_sealed, &context) else { return Ok(None) };
    // It stands where it was sealed.
    let start = opened.as_ptr().addr() - base;
    let end = start + opened.len();
    bytes.truncate(end);
    bytes.drain(..start);
    Ok(Some(Origin::Kept(bytes, room)))
}

fn keep(ledger: &Ledger, version: i64, bytes: &[u8]) -> Result<(), JsValue> {
    let config = ledger.config()?;
    let context = context(&pull_id(ledger)?, version);
    let sealed = config.keys.seal(bytes, &context, platform::random());
    ledger.prepare_intake()?;
    let kept = sealed.as_deref().unwrap_or(bytes);
    let mut write = || {
        store::put_intake(&ledger.database, version, MAPPING, sealed.is_some(), kept)?;
        Ok(JsValue::UNDEFINED)
    };
    ledger.storage.transaction(&mut write).map(drop)
}
