//! The published test logins and how each behaves, read from `contract/sandbox-users.json`.

use std::{collections::BTreeMap, sync::LazyLock};

use serde::Deserialize;

const PUBLISHED: &str = include_str!("../../../contract/sandbox-users.json");

#[derive(Deserialize)]
struct Published {
    users: Vec<Login>,
}

/// One row of the list. `*` as user name or password means any.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Login {
    pub username: String,
    pub password: String,
    pub outcome: Outcome,
    pub description: String,
    #[serde(default)]
    pub mfa: Option<Mfa>,
    #[serde(default)]
    mfa_codes: BTreeMap<String, CodeEffect>,
}

/// How signing in ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Outcome {
    Success,
    NotAuthenticated,
    ProviderError,
    InternalError,
}

/// Which identity verification stands before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mfa {
    /// The consumer chooses where the code is sent, then enters it.
    Options,
    /// The consumer enters a code.
    Code,
}

/// What a code does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum CodeEffect {
    #[serde(rename = "bad code")]
    Wrong,
    #[serde(rename = "login error message")]
    LoginError,
    #[serde(rename = "good")]
    Right,
}

impl Login {
    /// What entering `code` does at this login.
    #[must_use]
    pub fn code(&self, code: &str) -> CodeEffect {
        self.mfa_codes.get(code).or_else(|| self.mfa_codes.get("*")).copied().unwrap_or(CodeEffect::Right)
    }

    /// Text shown to the consumer when the carrier refuses the login with a reason.
    /// The carrier's text may contain links, as HTML.
    #[must_use]
    pub fn refusal(&self) -> Option<String> {
        let reason = self.description.strip_prefix("login_error_message set: ")?;
        let (sentence, link) = if reason.contains("locked") {
            ("Your account is locked.", "unlock it")
        } else {
            ("Your account has not been activated yet.", "activate it")
        };
        Some(format!(
            "{sentence} Please <a href=\"https://www.example.com/account/help\" target=\"_blank\">{link}</a> on the website of your insurance company, then try again."
        ))
    }
}

static LOGINS: LazyLock<Vec<Login>> = LazyLock::new(|| {
    serde_json::from_str::<Published>(PUBLISHED).expect("the published logins have the shape of Login").users
});

/// All published logins, in the order of the list.
#[must_use]
pub fn all() -> &'static [Login] {
    &LOGINS
}

/// The first row that takes this user name and password; the list ends with a row for all others.
/// A carrier without a password field gives no password, which any row takes.
#[must_use]
pub fn find(username: &str, password: Option<&str>) -> &'static Login {
    let fits = |pattern: &str, given: &str| pattern == "*" || pattern == given;
    LOGINS
        .iter()
        .find(|login| {
            fits(&login.username, username) && password.is_none_or(|given| fits(&login.password, given))
        })
        .expect("the published list ends with a row for all other logins")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_password_or_an_unknown_name_is_a_bad_login() {
        assert_eq!(find("user_good", Some("pass_good")).outcome, Outcome::Success);
        assert_eq!(find("user_good", Some("pass_bad")).outcome, Outcome::NotAuthenticated);
        assert_eq!(find("nobody", Some("pass_good")).username, "*");
        assert_eq!(find("user_provider_error", Some("whatever")).outcome, Outcome::ProviderError);
        assert_eq!(find("user_good", None).outcome, Outcome::Success);
    }

    #[test]
    fn codes_do_what_the_list_says() {
        for name in ["user_mfa", "user_optionless_mfa", "user_good_complete_mfa"] {
            let login = find(name, Some("pass_good"));
            assert!(login.mfa.is_some());
            assert_eq!(login.code("000000"), CodeEffect::Wrong);
            assert_eq!(login.code("000001"), CodeEffect::LoginError);
            assert_eq!(login.code("123456"), CodeEffect::Right);
        }
    }

    #[test]
    fn refusals_of_locked_and_unactivated_accounts_have_a_link() {
        for name in ["user_locked", "user_unactivated"] {
            let refusal = find(name, Some("pass_good")).refusal().unwrap();
            assert!(refusal.contains("<a href=\"https://"), "{refusal}");
        }
        assert_eq!(find("user_bad", Some("x")).refusal(), None);
    }
}
