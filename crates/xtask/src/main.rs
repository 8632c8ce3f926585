//! `cargo xtask`: everything one does with this repository, as one command with nothing to install first.

use std::process::ExitCode;

use clap::{Parser, Subcommand};

mod address;
mod answer;
mod bench;
mod build;
mod bundle;
mod cargo;
mod counts;
mod demo;
mod edge;
mod flow;
#[cfg(test)]
mod modules;
mod progress;
mod rebuild;
mod secret;
mod signature;
mod soak;
mod sync;
mod test;
mod toolchain;
mod webhook;
mod workspace;

/// Build, test and try out Canopy Edge.
///
/// Needs Rust (rustup) and Node.js 20 or newer; each command installs what else it needs.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Build(build::Arguments),
    Test(test::Arguments),
    Demo(demo::Arguments),
    Webhook(webhook::Arguments),
    Rebuild(rebuild::Arguments),
    Sync(sync::Arguments),
    Flow(flow::Arguments),
    Bench(bench::Arguments),
    Soak(soak::Arguments),
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Build(arguments) => build::run(&arguments),
        Command::Test(arguments) => test::run(&arguments),
        Command::Demo(arguments) => demo::run(&arguments),
        Command::Webhook(arguments) => webhook::run(&arguments),
        Command::Rebuild(arguments) => rebuild::run(&arguments),
        Command::Sync(arguments) => sync::run(&arguments),
        Command::Flow(arguments) => flow::run(&arguments),
        Command::Bench(arguments) => bench::run(&arguments),
        Command::Soak(arguments) => soak::run(&arguments),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
