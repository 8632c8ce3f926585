//! Text that goes into a spreadsheet. Source: OWASP, "CSV Injection".

use std::borrow::Cow;

/// Text that a spreadsheet would run as a formula, so that it stays text. Not for numbers: a minus sign is theirs.
#[must_use]
pub fn defused(text: Cow<'_, str>) -> Cow<'_, str> {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) {
        Cow::Owned(format!("'{text}"))
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_run_has_an_apostrophe_before_it() {
        for text in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1"] {
            assert_eq!(defused(text.into()), format!("'{text}"));
        }
        for text in ["", "a=1", " =1", "1-1", "'=1"] {
            assert!(matches!(defused(text.into()), Cow::Borrowed(same) if same == text));
        }
    }
}
