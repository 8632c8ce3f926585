//! `cargo xtask webhook`: the edge as a receiver of Canopy's webhooks.

mod listed;
mod reachable;
mod register;
mod registry;
mod remove;
mod sender;
mod trial;

use anyhow::Result;

use crate::address;
use registry::{Registry, Team};
use remove::Which;

/// Register the edge's webhook with Canopy, list what is registered, remove it, or test it.
///
/// Secrets are read from CANOPY_CLIENT_SECRET and CANOPY_WEBHOOK_SIGNING_SECRET, or asked for; they are never arguments.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Register the address of an edge that answers, once, and show where its signing secret belongs.
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
    /// Remove a registered webhook: Canopy sends it nothing more.
    Remove {
        #[command(flatten)]
        which: Which,
        /// Remove it without asking first.
        #[arg(long)]
        yes: bool,
        #[command(flatten)]
        team: Team,
    },
    /// Test whether an edge would take what Canopy signs with CANOPY_WEBHOOK_SIGNING_SECRET; the edge stores nothing.
    Test {
        /// The edge's webhook address, as https://edge.example.com/webhooks/canopy; http only on this machine.
        #[arg(long, value_parser = address::webhook)]
        url: String,
    },
}

pub fn run(arguments: &Arguments) -> Result<()> {
    match &arguments.command {
        Command::Register { url, events, team } => register::run(team, url, events),
        Command::List { team } => {
            listed::show(&Registry::of(team)?.webhooks()?);
            Ok(())
        }
        Command::Remove { which, yes, team } => remove::run(team, which, *yes),
        Command::Test { url } => trial::run(url),
    }
}
