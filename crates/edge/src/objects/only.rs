//! The one row of an object that keeps one thing.

use serde::{Serialize, de::DeserializeOwned};
use wasm_bindgen::JsValue;

use crate::platform::Database;

/// What is kept; what it is to begin with where there is nothing, or what another version wrote otherwise.
pub fn load<T: DeserializeOwned + Default>(database: &Database) -> Result<T, JsValue> {
    let schema =
        "CREATE TABLE IF NOT EXISTS run (only INTEGER PRIMARY KEY CHECK (only = 1), run TEXT NOT NULL)";
    database.run(schema, [])?;
    let row = database.first("SELECT run FROM run", [])?;
    Ok(row.and_then(|row| serde_json::from_str(&row.text(0)?).ok()).unwrap_or_default())
}

/// Keeps it.
pub fn write(database: &Database, what: &impl Serialize) -> Result<(), JsValue> {
    let text = serde_json::to_string(what).expect("what is kept is plain data");
    database.run("INSERT OR REPLACE INTO run (only, run) VALUES (1, ?1)", [text.into()])
}
