//! Whether two pulls are of one account.

use crate::{model::Model, name::Name as N};

/// A pull as it is told from those of other accounts.
#[derive(Debug, Clone, Copy)]
pub struct Pull<'p> {
    /// Its id.
    pub pull_id: &'p str,
    /// The first pull of its monitoring.
    pub initial_pull_id: Option<&'p str>,
    /// The identifier of its account, as webhooks tell it.
    pub account: Option<&'p str>,
    /// Its rows.
    pub model: &'p Model<'p>,
}

impl Pull<'_> {
    /// Whether both have the same account identifier, which Canopy keeps over all pulls of an account, or were begun by the same pull.
    #[must_use]
    pub fn is_of_the_account_of(&self, other: &Self) -> bool {
        let is_told = |own: &str| other.accounts().any(|its| its == own);
        self.first() == other.first() || self.accounts().any(is_told)
    }

    fn first(&self) -> &str {
        self.initial_pull_id.unwrap_or(self.pull_id)
    }

    fn accounts(&self) -> impl Iterator<Item = &str> {
        self.account.into_iter().chain(self.model.pull().text(N::account_identifier))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_told_by_its_identifier_or_its_first_pull() {
        let [none, a, b] = [r"{}", r#"{"account_identifier":"a"}"#, r#"{"account_identifier":"b"}"#]
            .map(|pull| format!(r#"{{"pull":{pull}}}"#));
        let [none, a, b] = [&none, &a, &b].map(|text| Model::of(text).unwrap());
        let pull = |pull_id, initial_pull_id, model| Pull { pull_id, initial_pull_id, account: None, model };
        let first = pull("p-1", Some("p-1"), &a);
        for (other, is_same) in [
            (pull("p-1", None, &none), true),
            (pull("p-2", Some("p-1"), &none), true),
            (pull("p-2", None, &a), true),
            (pull("p-2", None, &b), false),
            (pull("p-2", Some("p-3"), &none), false),
        ] {
            assert_eq!(first.is_of_the_account_of(&other), is_same, "{other:?}");
            assert_eq!(other.is_of_the_account_of(&first), is_same, "{other:?}");
        }
        let told = Pull { account: Some("a"), ..pull("p-2", None, &none) };
        assert!(told.is_of_the_account_of(&first) && first.is_of_the_account_of(&told), "by its webhooks");
        assert!(
            !pull("p-2", None, &none).is_of_the_account_of(&pull("p-3", None, &none)),
            "nothing told twice"
        );
    }
}
