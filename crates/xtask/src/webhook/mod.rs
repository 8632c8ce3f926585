//! `cargo xtask webhook`: the edge as a receiver of Canopy's webhooks.

mod listed;
mod register;
mod registry;

use anyhow::Result;

use crate::address;
use registry::{Registry, Team};

/// Register the edge's webhook with Canopy, or list what is registered.
///
/// The client secret is read from CANOPY_CLIENT_SECRET, or asked for; it is never an argument.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Register a URL, once, and show where its signing secret belongs.
    Register {
        /// The edge's webhook address, as https://edge.example.com/webhooks/canopy; http only on this machine.
        #[arg(long, value_parser = address::webhook)]
        url: String,
        /// Event types to subscribe to, separated by commas; without it all that the edge makes use of.
        #[arg(long, value_delimiter = ',')]
        events: Vec<String>,
        #[command(flatten)]
        team: Team,
    },
    /// List the registered webhooks, without their secrets.
    List {
        #[command(flatten)]
        team: Team,
    },
}

pub fn run(arguments: &Arguments) -> Result<()> {
    match &arguments.command {
        Command::Register { url, events, team } => register::run(team, url, events),
        Command::List { team } => {
            listed::show(&Registry::of(team)?.webhooks()?);
            Ok(())
        }
    }
}
