//! What an export lacks.

use serde::Serialize;

/// A file, or a part of one, that is not there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Trouble {
    /// The file's name in the export.
    pub file: String,
    /// What is missing: the file, what of it follows, or an entry.
    pub missing: String,
    /// Why.
    pub reason: String,
}

/// All that is lacking, for `errors.json`.
#[derive(Debug, Default, Serialize)]
pub struct Troubles {
    errors: Vec<Trouble>,
}

impl Troubles {
    /// One more.
    pub fn add(&mut self, file: &str, missing: impl Into<String>, reason: impl Into<String>) {
        let (file, missing, reason) = (file.to_owned(), missing.into(), reason.into());
        self.errors.push(Trouble { file, missing, reason });
    }

    /// What is lacking, in the order in which it was found.
    #[must_use]
    pub fn list(&self) -> &[Trouble] {
        &self.errors
    }

    /// The file `errors.json`.
    #[must_use]
    pub fn json(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("troubles are plain data")
    }
}
