//! The agency's model of a version: mapped once, and kept beside it until the mapping grows.

use canopy::{json, pull::View, seal::OpenError};
use intake::{
    book::{self, Entry},
    model::{MAPPING, Model},
    read::{MAX_BYTES, ReadError},
};
use js_sys::Uint8Array;
use wasm_bindgen::JsValue;

use super::{
    download::Miss,
    ledger::Ledger,
    store::{self, integer},
    view,
};
use crate::{
    platform,
    room::{self, Reservation},
};

/// Largest model kept, in bytes: a row of storage holds 2 MB. One that is larger is mapped when it is asked for.
const MAX_KEPT_BYTES: usize = 1_900_000;

/// A version's model.
pub enum Mapped {
    /// As it is kept.
    Model { version: i64, bytes: Vec<u8> },
    /// It has none.
    Refused(ReadError),
    /// There is no such version.
    Missing,
    /// Other large bodies are under way.
    NoRoom,
}

/// The model of a version, the latest for 0.
pub fn mapped(ledger: &Ledger, version: i64) -> Result<Mapped, JsValue> {
    if !ledger.tables().snapshots {
        return Ok(Mapped::Missing);
    }
    let Some(found) = view::snapshot(ledger, version)? else { return Ok(Mapped::Missing) };
    let version = found.version;
    if let Some(bytes) = kept(ledger, version)? {
        return Ok(Mapped::Model { version, bytes });
    }
    let size = found.size.unsigned_abs() as usize;
    if size > MAX_BYTES {
        return Ok(Mapped::Refused(ReadError::TooLarge));
    }
    let room = Reservation::new();
    if !room.hold(room::of_model(size)) {
        return Ok(Mapped::NoRoom);
    }
    let mut bytes = Vec::with_capacity(size);
    for number in 0..found.chunks {
        bytes.extend(Uint8Array::new(&view::chunk(ledger, version, number)?).to_vec());
    }
    let body = json::body(&bytes);
    match Model::of(&json::mended(&body)) {
        Ok(model) => {
            let bytes = model.stored().into_bytes();
            keep(ledger, version, &bytes)?;
            Ok(Mapped::Model { version, bytes })
        }
        Err(error) => Ok(Mapped::Refused(error)),
    }
}

/// What the newest version says of the account's policies: nothing where it is not mapped or cannot be read, or was fetched of a pull
/// that was not ready.
pub fn newest_book(ledger: &Ledger, view: &View) -> Result<Option<Vec<Entry>>, Miss> {
    if !view.policies_available {
        return Ok(None);
    }
    match mapped(ledger, 0) {
        Ok(Mapped::Model { bytes, .. }) => {
            let room = Reservation::new();
            if !room.hold(room::of_model(bytes.len())) {
                return Err(Miss::NoRoom);
            }
            let model = std::str::from_utf8(&bytes).ok().and_then(Model::of_stored);
            Ok(model.and_then(|model| book::known(&model, view)))
        }
        Ok(Mapped::Refused(_) | Mapped::Missing) | Err(_) => Ok(None),
        Ok(Mapped::NoRoom) => Err(Miss::NoRoom),
    }
}

fn context(pull_id: &str, version: i64) -> String {
    format!("intake/{pull_id}/{version}")
}

fn pull_id(ledger: &Ledger) -> Result<String, JsValue> {
    Ok(ledger.read(|record| record.pull_id.to_string())?.unwrap_or_default())
}

fn kept(ledger: &Ledger, version: i64) -> Result<Option<Vec<u8>>, JsValue> {
    if !ledger.tables().intake {
        return Ok(None);
    }
    let query = "SELECT sealed, bytes FROM intake WHERE version = ?1 AND mapping = ?2";
    let Some(row) = ledger.database.first(query, [integer(version), MAPPING.into()])? else {
        return Ok(None);
    };
    let (config, mut bytes) = (ledger.config()?, row.bytes(1));
    let context = context(&pull_id(ledger)?, version);
    let opened = config.keys.read(&mut bytes, row.integer(0) == Some(1), &context);
    let opened = opened.map_err(|error: OpenError| JsValue::from_str(&error.to_string()))?;
    Ok(Some(opened.to_vec()))
}

fn keep(ledger: &Ledger, version: i64, bytes: &[u8]) -> Result<(), JsValue> {
    if bytes.len() > MAX_KEPT_BYTES {
        return Ok(());
    }
    let config = ledger.config()?;
    let context = context(&pull_id(ledger)?, version);
    let sealed = config.keys.seal(bytes, &context, platform::random());
    let kept = sealed.as_deref().unwrap_or(bytes);
    ledger.prepare_intake()?;
    store::put_intake(&ledger.database, version, MAPPING, sealed.is_some(), platform::to_js(kept))
}
