//! The object's tables: each row whose value is not under the first key, in transactions of so many bytes.

use canopy::{config::Config, pull::Rekeying, seal::Left};
use wasm_bindgen::JsValue;

use super::super::{
    deliveries::delivery_context,
    ledger::{Ledger, entry_context},
    store::{self, integer},
    view::chunk_context,
};
use crate::{
    objects::runs::reseal,
    platform::{self, Database},
    sealed,
};

/// Bytes after which a step ends: sealing a megabyte takes some milliseconds, in which webhooks wait.
const STEP_BYTES: usize = 1024 * 1024;

/// Entries of which a step looks at the seals.
const STEP_ENTRIES: i64 = 1_000;

/// The log, from behind the last entry that was looked at.
pub fn entries(ledger: &Ledger, config: &Config, mut at: Rekeying) -> Result<Rekeying, JsValue> {
    const NEXT: &str = "SELECT position, key, sealed, body FROM entry
        WHERE position > ?1 AND position <= ?4 AND (sealed = 0 OR substr(body, 1, ?2) IS NOT ?3)
        ORDER BY position LIMIT 1";
    let (database, keys) = (&ledger.database, &config.keys);
    let Some(head) = keys.head() else { return Ok(at.then()) };
    let pull_id = pull_id(ledger)?;
    let end = ledger.read(|record| record.end.position)?.unwrap_or_default();
    let last = at.after + STEP_ENTRIES;
    let mut bytes = 0;
    in_transaction(ledger, || {
        while bytes < STEP_BYTES {
            let head_bytes = (head.len() as u32).into();
            let bound = [integer(at.after), head_bytes, platform::to_js(&head), integer(last)];
            let Some(row) = database.first(NEXT, bound)? else {
                at.after = last;
                break;
            };
            at.after = row.integer(0).unwrap_or(at.after + 1);
            let (mut body, context) = (row.bytes(3), entry_context(&pull_id, &row.bytes(1)));
            bytes += body.len();
            match keys.reseal(&mut body, row.integer(2) == Some(1), &context, platform::random()) {
                Ok(resealed) => {
                    let resealed = resealed.map_or(JsValue::NULL, |bytes| platform::to_js(&bytes));
                    let query = "UPDATE entry SET body = ?1, sealed = 1 WHERE position = ?2";
                    database.run(query, [resealed, integer(at.after)])?;
                }
                Err(error) => at.left.note(&error),
            }
        }
        Ok(())
    })?;
    // What comes behind the end meanwhile is sealed with the first key.
    Ok(if at.after >= end { at.then() } else { at })
}

/// The next version, whole: one flag says of all its bytes how they lie.
pub fn snapshots(ledger: &Ledger, config: &Config, mut at: Rekeying) -> Result<Rekeying, JsValue> {
    let database = &ledger.database;
    let query =
        "SELECT version, sealed, bytes IS NOT NULL FROM snapshot WHERE version > ?1 ORDER BY version LIMIT 1";
    let Some(row) = database.first(query, [integer(at.after)])? else { return Ok(at.then()) };
    let (version, is_sealed) = (row.integer(0).unwrap_or_default(), row.integer(1) == Some(1));
    let mut places = Vec::new();
    if row.integer(2) == Some(1) {
        places.push(Place { version, number: 0, of: "snapshot WHERE version = ?1 AND ?2 = 0" });
    }
    if has_table(database, "chunk")? {
        let query = "SELECT number FROM chunk WHERE version = ?1 ORDER BY number";
        let numbers = database.all(query, [integer(version)])?;
        let of = "chunk WHERE version = ?1 AND number = ?2";
        places.extend(numbers.iter().filter_map(|row| Some(Place { version, number: row.integer(0)?, of })));
    }
    let pull_id = pull_id(ledger)?;
    let mut left = Left::default();
    let done = in_transaction(ledger, || {
        for place in &places {
            place.reseal(database, config, &pull_id, is_sealed, &mut left)?;
        }
        // The flag goes with the bytes, all of them.
        if !is_sealed && left.why().is_some() {
            return Err("a part of it is no stored value".into());
        }
        database.run("UPDATE snapshot SET sealed = 1 WHERE version = ?1", [integer(version)])
    });
    if left.why().is_none() {
        done?;
    }
    at.left.append(left);
    at.after = version;
    Ok(at)
}

/// Where bytes of a version lie: `of` is the table with its condition.
struct Place {
    version: i64,
    number: i64,
    of: &'static str,
}

impl Place {
    fn reseal(
        &self,
        database: &Database,
        config: &Config,
        pull_id: &str,
        is_sealed: bool,
        left: &mut Left,
    ) -> Result<(), JsValue> {
        let Self { version, number, of } = *self;
        let head = config.keys.head().unwrap_or_default();
        let bound = || [integer(version), integer(number)];
        let start = format!("SELECT substr(bytes, 1, {}) FROM {of}", head.len());
        let start = database.first(&start, bound())?.map(|row| row.bytes(0)).unwrap_or_default();
        if config.keys.is_current(&start, is_sealed) {
            return Ok(());
        }
        let row = database.first(&format!("SELECT bytes FROM {of}"), bound())?;
        let mut bytes = row.map(|row| row.bytes(0)).unwrap_or_default();
        let context = chunk_context(pull_id, version, number as usize);
        match config.keys.reseal(&mut bytes, is_sealed, &context, platform::random()) {
            Ok(resealed) => {
                let resealed = resealed.map_or(JsValue::NULL, |bytes| platform::to_js(&bytes));
                let [version, number] = bound();
                database.run(&format!("UPDATE {} ", update(of)), [version, number, resealed])
            }
            Err(error) => {
                left.note(&error);
                Ok(())
            }
        }
    }
}

/// `table WHERE …` as an update of its bytes.
fn update(of: &str) -> String {
    of.replacen(" WHERE", " SET bytes = ?3 WHERE", 1)
}

/// Models, which are made anew where they are asked for, and descriptions of documents that the record has no room for.
pub fn beside(ledger: &Ledger, config: &Config, at: &mut Rekeying) -> Result<(), JsValue> {
    let (database, keys) = (&ledger.database, &config.keys);
    let Some(head) = keys.head() else { return Ok(()) };
    let pull_id = pull_id(ledger)?;
    let tables = ledger.tables();
    in_transaction(ledger, || {
        if tables.intake {
            let other = "SELECT version FROM intake WHERE sealed = 0 OR substr(bytes, 1, ?1) IS NOT ?2";
            for table in ["intake_rest", "intake"] {
                let query = format!("DELETE FROM {table} WHERE version IN ({other})");
                database.run(&query, [(head.len() as u32).into(), platform::to_js(&head)])?;
            }
        }
        if !tables.documents {
            return Ok(());
        }
        for row in database.all("SELECT document_id, description FROM document", [])? {
            let id = row.text(0).unwrap_or_default();
            let context = store::description_context(&pull_id, &id);
            match sealed::text(keys, &row.value(1), &context) {
                Ok(description) => database.run(
                    "UPDATE document SET description = ?1 WHERE document_id = ?2",
                    [sealed::column(keys, &description, &context), id.into()],
                )?,
                Err(error) => at.left.note(&error),
            }
        }
        Ok(())
    })
}

/// Deliveries, from behind the last that was looked at.
pub fn deliveries(ledger: &Ledger, config: &Config, mut at: Rekeying) -> Result<Rekeying, JsValue> {
    const NEXT: &str = "SELECT subscription_id, position, sealed, attempts FROM delivery
        WHERE (subscription_id, position) > (?1, ?2) AND (sealed = 0 OR substr(attempts, 1, ?3) IS NOT ?4)
        ORDER BY subscription_id, position LIMIT ?5";
    let (database, keys) = (&ledger.database, &config.keys);
    let Some(head) = keys.head() else { return Ok(at.then()) };
    let pull_id = pull_id(ledger)?;
    let behind = at.document.clone().unwrap_or_default();
    let bound = [
        behind.into(),
        integer(at.after),
        (head.len() as u32).into(),
        platform::to_js(&head),
        integer(STEP_ENTRIES),
    ];
    let rows = database.all(NEXT, bound)?;
    in_transaction(ledger, || {
        for row in &rows {
            let (id, position) = (row.text(0).unwrap_or_default(), row.integer(1).unwrap_or_default());
            let (mut attempts, context) = (row.bytes(3), delivery_context(&pull_id, &id, position));
            match keys.reseal(&mut attempts, row.integer(2) == Some(1), &context, platform::random()) {
                Ok(resealed) => {
                    let resealed = resealed.map_or(JsValue::NULL, |bytes| platform::to_js(&bytes));
                    let query = "UPDATE delivery SET attempts = ?1, sealed = 1 WHERE subscription_id = ?2 AND position = ?3";
                    database.run(query, [resealed, id.as_str().into(), integer(position)])?;
                }
                Err(error) => at.left.note(&error),
            }
            (at.document, at.after) = (Some(id), position);
        }
        Ok(())
    })?;
    Ok(if rows.len() < STEP_ENTRIES as usize { at.then() } else { at })
}

fn has_table(database: &Database, name: &str) -> Result<bool, JsValue> {
    let query = "SELECT 1 FROM sqlite_schema WHERE name = ?1";
    Ok(database.first(query, [name.into()])?.is_some())
}

/// Runs with their steps, from behind the last that was looked at.
pub fn runs(ledger: &Ledger, config: &Config, mut at: Rekeying) -> Result<Rekeying, JsValue> {
    let more = reseal(ledger, config, &mut at.after, &mut at.left)?;
    Ok(if more { at } else { at.then() })
}

fn pull_id(ledger: &Ledger) -> Result<String, JsValue> {
    Ok(ledger.read(|record| record.pull_id.to_string())?.unwrap_or_default())
}

fn in_transaction(ledger: &Ledger, work: impl FnOnce() -> Result<(), JsValue>) -> Result<(), JsValue> {
    let mut work = Some(work);
    let mut change = || {
        work.take().map_or(Ok(()), |work| work())?;
        Ok(JsValue::UNDEFINED)
    };
    ledger.storage.transaction(&mut change).map(drop)
}
