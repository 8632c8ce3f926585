//! `cargo xtask build`: a Worker crate to `build/<worker>/`, as the Worker's `index.mjs` imports it; with the edge, the
//! page crate to `www/connect/`, from where the edge serves it.

mod esbuild;
mod npm_package;
mod page;
mod page_weight;
mod wasm;
mod worker;

use std::thread;

use anyhow::Result;

use crate::toolchain::{self, npm};

pub use page::build as page;
pub use wasm::gzipped_size;
pub use worker::{Worker, package};

/// Build a Worker into build/<worker>/ by cargo, wasm-bindgen and wasm-opt. It is wrangler's build command.
///
/// With the edge it builds what the edge serves to the agency's pages: by cargo, wasm-bindgen, wasm-opt and
/// esbuild into www/connect/, and the same as an npm package into build/npm/.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The Worker to build.
    #[arg(long, value_enum, default_value_t = Worker::Edge)]
    worker: Worker,
}

pub fn run(arguments: &Arguments) -> Result<()> {
    worker(arguments.worker)
}

/// Builds `worker`, and the page that it serves. What is up to date is left alone, so a build with nothing to do
/// takes a moment.
pub fn worker(worker: Worker) -> Result<()> {
    if worker == Worker::Edge {
        page()?;
    }
    package(worker.name())
}

/// Builds every Worker and the page, the same as one after the other but in less time where there is much to do: cargo
/// is kept busy, and meanwhile the tools are installed that come after it, and do their work.
pub fn all() -> Result<()> {
    thread::scope(|scope| {
        let mut others =
            vec![scope.spawn(npm::ensure_packages), scope.spawn(|| toolchain::ensure_bindgen().map(drop))];
        // Both write to the same place, and cargo would let one wait for the other anyway.
        let page = page::compile()?;
        others.push(scope.spawn(move || page::finish(&page).map(drop)));
        let workers = Worker::ALL.map(Worker::name);
        let compiled = worker::compile(workers)?;
        for (name, compiled) in workers.into_iter().zip(compiled) {
            others.push(scope.spawn(move || worker::finish(name, &compiled)));
        }
        others.into_iter().try_for_each(|other| other.join().expect("no build step panics"))
    })
}
