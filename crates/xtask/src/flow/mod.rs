//! `cargo xtask flow`: workflow groups that stand as files in the agency's repository.

mod definition;
mod dry_run;
mod line;
mod put;
mod report;
mod validate;

use std::path::PathBuf;

use anyhow::Result;

use crate::address;

/// Validate workflow groups, put them on an edge, or play them on a recorded pull without sending anything.
///
/// The token is read from EDGE_API_TOKEN, or asked for; it is never an argument.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Say all that is wrong with groups, each with its line; no edge is needed.
    Validate {
        /// Groups, each a JSON file.
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// An edge that is asked, too, as https://edge.example.com: it knows what secrets there are, and what it carries.
        #[arg(long, value_parser = address::page_origin)]
        edge: Option<String>,
    },
    /// Put a group on an edge, as its next version; what equals the newest is no other.
    Put {
        #[command(flatten)]
        group: Group,
    },
    /// Play a group on a recorded pull, and show each step with its request. Nothing is sent, written or waited for.
    DryRun {
        #[command(flatten)]
        group: Group,
        #[command(flatten)]
        play: dry_run::Play,
    },
}

/// A group's file, and where the group stands.
#[derive(Debug, clap::Args)]
struct Group {
    /// The group: a JSON file.
    file: PathBuf,
    /// What the group is called; without it as the file is, without .json.
    #[arg(long = "group", value_name = "NAME")]
    name: Option<String>,
    /// The edge, as https://edge.example.com; http only on this machine.
    #[arg(long, value_parser = address::page_origin)]
    edge: String,
}

pub fn run(arguments: &Arguments) -> Result<()> {
    match &arguments.command {
        Command::Validate { files, edge } => validate::run(files, edge.as_deref()),
        Command::Put { group } => put::run(&group.file, group.name.as_deref(), &group.edge),
        Command::DryRun { group, play } => {
            dry_run::run(&group.file, group.name.as_deref(), &group.edge, play)
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        arguments: Arguments,
    }

    fn read(line: &str) -> Result<Command, String> {
        let line = Line::try_parse_from(std::iter::once("flow").chain(line.split_whitespace()));
        line.map(|line| line.arguments.command).map_err(|error| error.to_string())
    }

    #[test]
    fn a_dry_run_takes_its_pull_and_what_is_to_be_answered() {
        let line = r#"dry-run tell.json --edge https://e.example --pull 1 --flow tell --position 7 --config {"a":1} --answers {"mail":{"status":500}} --json"#;
        let Ok(Command::DryRun { group, play }) = read(line) else { panic!("{line}") };
        assert_eq!((group.edge.as_str(), group.name), ("https://e.example", None));
        assert_eq!(
            play.body("{}").unwrap(),
            r#"{"definition":{},"pull_id":"1","flow":"tell","position":7,"config":{"a":1},"answers":{"mail":{"status":500}}}"#
        );
    }

    #[test]
    fn what_is_missing_or_no_address_is_refused() {
        assert!(
            matches!(read("validate a.json b.json"), Ok(Command::Validate { files, edge: None }) if files.len() == 2)
        );
        assert!(
            matches!(read("put a.json --group crm --edge https://e.example"), Ok(Command::Put { group }) if group.name.as_deref() == Some("crm"))
        );
        for (line, said) in [
            ("validate", "<FILES>..."),
            ("put a.json", "--edge"),
            ("put a.json --edge http://e.example", "http, which is for this machine alone"),
            ("dry-run a.json --edge https://e.example", "--pull"),
            ("dry-run a.json --edge https://e.example --pull 1 --config {", "expected JSON"),
            ("dry-run a.json --edge https://e.example --pull 1 --answers none.json", "cannot read none.json"),
            ("dry-run a.json --edge https://e.example --pull 1 --position soon", "--position"),
        ] {
            let error = read(line).expect_err(line);
            assert!(error.contains(said), "{line}: {error}");
        }
    }
}
