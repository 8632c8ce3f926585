//! `README.txt` of an export: what each file is, for who asked for their data.

use std::fmt::Write;

use super::trouble::Troubles;
use crate::{id::PullId, time::UnixMillis};

const FILES: &str = "\
pull.json                  where it stands, and what there is of it
log.json                   all that happened, in order: what Canopy Connect told, with its own
                           words, what was fetched and stored, and what was done here
snapshots/<number>.json    the insurance data as Canopy Connect gave it; each number was fetched
                           later than the one before
intake/<number>.json       the snapshot of the same number as the agency works with it; there is
                           none of a snapshot that cannot be read in this way
documents/                 the policies' documents, named by their titles
runs/<number>.json         what the agency's workflows did with it, step by step, and what was answered
audit.json                 who asked for this data here, when, and what was answered; the newest first
errors.json                what is kept and could not be given; there is none where there was none
";

/// What the text says of one export.
#[derive(Debug)]
pub struct Readme<'a> {
    /// The pull.
    pub pull_id: &'a PullId,
    /// When it was asked for.
    pub at: UnixMillis,
    /// Other pulls of its account.
    pub others: &'a [String],
    /// What is lacking.
    pub troubles: &'a Troubles,
}

impl Readme<'_> {
    /// The text, in lines of any system.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = format!(
            "What is kept of one sharing of insurance data (a \"pull\")\n\n\
             Pull {} as it stood on {} (UTC).\n\
             Times are in UTC, money in cents. Files that end with .json are text in the JSON format (RFC 8259, UTF-8).\n\n\
             {FILES}",
            self.pull_id,
            self.at.rfc3339(),
        );
        if !self.others.is_empty() {
            text += "\nThis is one pull of an account that was read more than once. Each of the others has its own export:\n\n";
            for other in self.others {
                let _ = writeln!(text, "{other}");
            }
        }
        if !self.troubles.list().is_empty() {
            text += "\nNot all that is kept could be given (errors.json says the same):\n\n";
            for trouble in self.troubles.list() {
                let _ = writeln!(text, "{}: {}: {}", trouble.file, trouble.missing, trouble.reason);
            }
        }
        // Editors that know no other line ends are those that a consumer may have.
        text.replace('\n', "\r\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(others: &[String], troubles: &Troubles) -> String {
        let pull_id = PullId::parse("16040e54-f739-45fd-9433-c52662ca9ce8").unwrap();
        Readme { pull_id: &pull_id, at: UnixMillis(1_767_225_600_000), others, troubles }.text()
    }

    #[test]
    fn it_names_the_pull_the_others_and_what_is_lacking() {
        let plain = text(&[], &Troubles::default());
        assert!(
            plain.contains(
                "Pull 16040e54-f739-45fd-9433-c52662ca9ce8 as it stood on 2026-01-01T00:00:00.000Z"
            )
        );
        assert!(!plain.contains("more than once") && !plain.contains("Not all"));
        let mut troubles = Troubles::default();
        troubles.add("documents/a.pdf", "the file", "its key is gone");
        let whole = text(&["p-2".to_owned()], &troubles);
        assert!(whole.contains("its own export:\r\n\r\np-2\r\n"));
        assert!(whole.ends_with("documents/a.pdf: the file: its key is gone\r\n"));
        assert_eq!(whole.matches('\n').count(), whole.matches("\r\n").count());
    }
}
