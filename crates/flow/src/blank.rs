//! Secrets that a service says again.

/// What stands in the place of a secret.
const BLANK: &str = "[secret]";

/// A text without the secrets that stand in it; `None` where there are none.
#[must_use]
pub fn blanked(text: &str, secrets: &[&str]) -> Option<String> {
    let mut found = secrets.iter().filter(|secret| !secret.is_empty() && text.contains(**secret)).peekable();
    found.peek()?;
    Some(found.fold(text.to_owned(), |text, secret| text.replace(secret, BLANK)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_blanked_out_wherever_they_stand() {
        let text = blanked("a token and a key, a token", &["token", "key"]);
        assert_eq!(text.as_deref(), Some("a [secret] and a [secret], a [secret]"));
        assert_eq!(blanked("nothing", &["token", ""]), None);
    }
}
