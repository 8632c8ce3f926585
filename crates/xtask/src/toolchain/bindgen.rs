//! wasm-bindgen: the program of `crates/bindgen`. It is not a part of this one, which would take longer to compile.

use std::path::PathBuf;
use std::sync::Mutex;

use anyhow::Result;

use crate::cargo;

/// Its path, once it is known to be up to date.
static PROGRAM: Mutex<Option<PathBuf>> = Mutex::new(None);

/// Compiles it where it is not up to date, the first time; its path.
pub fn ensure_bindgen() -> Result<PathBuf> {
    let mut program = PROGRAM.lock().expect("nothing panics while it compiles");
    if let Some(program) = &*program {
        return Ok(program.clone());
    }
    let made = cargo::build("wasm-bindgen", &["--package", "bindgen"])?;
    let path = made.file(&format!("bindgen{}", std::env::consts::EXE_SUFFIX))?.to_owned();
    Ok(program.insert(path).clone())
}
