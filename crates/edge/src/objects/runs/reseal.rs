//! Bringing runs under the first key.

use canopy::{config::Config, seal::Left};
use wasm_bindgen::JsValue;

use super::{
    home::Home,
    rows::{head_context, step_context},
};
use crate::platform::{self, Database, sql::integer};

/// Most runs of a step.
const STEP_RUNS: u32 = 20;

/// Bytes after which a step ends: sealing a megabyte takes some milliseconds, in which others wait.
const STEP_BYTES: usize = 1024 * 1024;

/// Brings runs with their steps under the first key, from behind the last that was looked at, which `after` is then. Gives whether there are more.
pub fn reseal(home: &dyn Home, config: &Config, after: &mut i64, left: &mut Left) -> Result<bool, JsValue> {
    let database = home.database();
    let query = "SELECT number FROM run WHERE number > ?1 ORDER BY number LIMIT ?2";
    let numbers = database.all(query, [integer(*after), STEP_RUNS.into()])?;
    let owner = home.owner()?;
    let (mut bytes, mut is_cut) = (0, false);
    let mut change = || {
        for row in &numbers {
            is_cut = bytes >= STEP_BYTES;
            if is_cut {
                break;
            }
            let number = row.integer(0).unwrap_or_default();
            let head = "SELECT 0, sealed, head FROM run WHERE number = ?1";
            let update = "UPDATE run SET sealed = 1, head = ?3 WHERE number = ?1 AND ?2 = 0";
            let context = |_| head_context(&owner, number);
            bytes += reseal_all(database, config, number, [head, update], context, left)?;
            let steps = "SELECT place, sealed, record FROM step WHERE run = ?1";
            let update = "UPDATE step SET sealed = 1, record = ?3 WHERE run = ?1 AND place = ?2";
            let context = |place| step_context(&owner, number, place);
            bytes += reseal_all(database, config, number, [steps, update], context, left)?;
            *after = number;
        }
        Ok(JsValue::UNDEFINED)
    };
    home.storage().transaction(&mut change)?;
    Ok(is_cut || numbers.len() == STEP_RUNS as usize)
}

/// Brings under the first key what `select` gives of a run: a place, whether it is sealed, and its bytes. Gives how many those are.
fn reseal_all(
    database: &Database,
    config: &Config,
    number: i64,
    [select, update]: [&str; 2],
    context: impl Fn(i64) -> String,
    left: &mut Left,
) -> Result<usize, JsValue> {
    let mut all = 0;
    for row in database.all(select, [integer(number)])? {
        let (place, mut bytes) = (row.integer(0).unwrap_or_default(), row.bytes(2));
        all += bytes.len();
        match config.keys.reseal(&mut bytes, row.integer(1) == Some(1), &context(place), platform::random()) {
            Ok(Some(resealed)) => {
                database.run(update, [integer(number), integer(place), platform::to_js(&resealed)])?;
            }
            Ok(None) => {}
            Err(error) => left.note(&error),
        }
    }
    Ok(all)
}
