//! WebAssembly as rustc leaves it to WebAssembly and the JavaScript that loads it. wasm-bindgen's library does it, out
//! of `Cargo.lock`, where cargo keeps it at the version that the compiled crates use.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::Parser;
use wasm_bindgen_cli_support::Bindgen;

/// Makes out of a crate that cargo has compiled to wasm what a Worker or a page imports.
#[derive(Debug, Parser)]
struct Arguments {
    /// What cargo left: `<crate>.wasm`.
    input: PathBuf,
    /// Where `<crate>_bg.wasm`, `<crate>.js` and what they import go.
    #[arg(long, value_name = "DIRECTORY")]
    out_dir: PathBuf,
    /// Also export `__wbg_reset_state`, which starts anew with a memory made afresh.
    #[arg(long)]
    reset_state: bool,
}

fn main() -> ExitCode {
    match bind(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn bind(Arguments { input, out_dir, reset_state }: &Arguments) -> Result<()> {
    Bindgen::new()
        .web(true)?
        // A page's script finds the wasm beside itself.
        .omit_default_module_path(false)
        .reset_state_function(*reset_state)
        .input_path(input)
        .generate(out_dir)
}

#[cfg(test)]
mod tests {
    use std::{env, fs, process, thread};

    use super::*;

    /// The JavaScript for a crate that exports nothing.
    fn glue(reset_state: bool) -> String {
        let name =
            format!("canopy-edge-bindgen-{}-{reset_state}-{:?}", process::id(), thread::current().id());
        let directory = env::temp_dir().join(name);
        fs::create_dir_all(&directory).unwrap();
        let input = directory.join("empty.wasm");
        fs::write(&input, b"\0asm\x01\0\0\0").unwrap();
        let arguments = Arguments { input, out_dir: directory.join("made"), reset_state };
        bind(&arguments).unwrap();
        let glue = fs::read_to_string(arguments.out_dir.join("empty.js")).unwrap();
        assert!(arguments.out_dir.join("empty_bg.wasm").is_file());
        fs::remove_dir_all(directory).unwrap();
        glue
    }

    #[test]
    fn the_glue_names_the_wasm_beside_it() {
        assert!(glue(false).contains("'empty_bg.wasm'"));
    }

    #[test]
    fn a_module_starts_anew_where_it_was_asked_for() {
        assert!(glue(true).contains("__wbg_reset_state"));
        assert!(!glue(false).contains("__wbg_reset_state"));
    }
}
