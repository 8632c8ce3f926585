//! Names of documents in an export: each once, whatever file system it is unpacked on.

use std::collections::HashSet;

use crate::{id::DocumentId, pull::file_name};

/// Most characters of a title before an id: together below the 255 bytes of common file systems.
const MAX_TITLE_CHARS: usize = 30;

/// The names that were given.
#[derive(Debug, Default)]
pub struct Names(HashSet<String>);

impl Names {
    /// A name for a document: by its title, and by its id where another has that name, in any case.
    pub fn of(&mut self, title: Option<&str>, id: &DocumentId, content_type: &str) -> String {
        let (stem, ending) = file_name(title, id, content_type);
        let short: String = stem.chars().take(MAX_TITLE_CHARS).collect();
        let by_title = format!("{stem}.{ending}");
        let by_id = (1..).map(|number| match number {
            1 => format!("{short} {}.{ending}", id.as_str()),
            _ => format!("{short} {} {number}.{ending}", id.as_str()),
        });
        let mut names = std::iter::once(by_title).chain(by_id);
        let free = names.find(|name| self.0.insert(name.to_lowercase()));
        free.expect("there are more numbers than names")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_was_given_is_not_given_again() {
        let mut names = Names::default();
        let mut name = |title, id| names.of(title, &DocumentId::parse(id).unwrap(), "application/pdf");
        assert_eq!(name(Some("Auto Policy"), "d-1"), "Auto Policy.pdf");
        assert_eq!(name(Some("auto policy.pdf"), "d-2"), "auto policy d-2.pdf");
        assert_eq!(name(Some("../../etc/passwd"), "d-3"), "_.._etc_passwd.pdf");
        assert_eq!(
            (name(None, "d-4"), name(Some("d-4"), "d-5")),
            ("d-4.pdf".to_owned(), "d-4 d-5.pdf".to_owned())
        );
    }
}
