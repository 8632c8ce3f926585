//! What a page's session is for, and whether another one can take its place.

use super::screen::Recovery;
use crate::session::Mode;

/// What a page's session is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// A login.
    Login(Mode),
    /// A monitored account is brought back: there is no consent and no carrier to choose before.
    Reconnect(Mode),
    /// A login in a session that the back office has opened, and which alone knows what the insurance company is to
    /// change: one that the page opened in its place would be another one.
    Given,
}

impl Purpose {
    /// Who draws the screens.
    #[must_use]
    pub fn mode(self) -> Mode {
        match self {
            Self::Login(mode) | Self::Reconnect(mode) => mode,
            Self::Given => Mode::Components,
        }
    }

    /// Whether the page can leave its session for another one of the same purpose.
    #[must_use]
    pub fn can_start_over(self) -> bool {
        self != Self::Given
    }

    /// What helps where a session leads on no more.
    pub(super) fn recovery(self) -> Recovery {
        if self.can_start_over() { Recovery::StartOver } else { Recovery::None }
    }

    /// Whether the visitor begins by a button of the page's own.
    pub(super) fn begins_by_button(self) -> bool {
        matches!(self, Self::Login(Mode::Hosted) | Self::Reconnect(_))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::page::{
        Page,
        tests::{auth, name, shown_for, view},
    };

    #[test]
    fn a_session_of_the_back_office_begins_as_a_login_in_the_pages_own_screens() {
        let mut page = Page::new(Purpose::Given);
        assert_eq!(name(&page.screen()), "consent");
        let refused = shown_for(Purpose::Given, &json!({"auth": auth("NOT_AUTHENTICATED"), "prompt": 1}));
        assert_eq!((&refused["name"], &refused["refused"]), (&json!("credentials"), &json!(true)));
    }

    #[test]
    fn a_session_of_the_back_office_that_is_over_is_replaced_by_none() {
        for code in ["SESSION_EXPIRED", "UNAUTHORIZED", "NOT_FOUND"] {
            let mut page = Page::new(Purpose::Given);
            page.begin();
            page.refuse(code);
            let screen = serde_json::to_value(page.screen()).unwrap();
            assert_eq!(
                screen,
                json!({"name": "failed", "code": "SESSION_OVER", "recovery": "none"}),
                "{code}"
            );
        }
        let mut page = Page::new(Purpose::Given);
        page.agree();
        page.start_over();
        assert_eq!(serde_json::to_value(page.screen()).unwrap()["code"], "SESSION_OVER");
        page.lack("EDGE_UNREACHABLE");
        assert_eq!(serde_json::to_value(page.screen()).unwrap()["recovery"], "retry", "that may pass");
    }

    #[test]
    fn what_ends_a_pull_ends_the_session_of_the_back_office() {
        let lost = json!({"phase": "followed", "answer_lost": true, "auth": auth("IDENTITY_VERIFICATION")});
        let ends = [
            ("PROVIDER_ERROR", json!({"auth": auth("PROVIDER_ERROR")})),
            ("INTERNAL_ERROR", json!({"auth": auth("SUCCESS"), "error": "INTERNAL_ERROR"})),
            ("ANSWER_LOST", lost),
        ];
        for (code, change) in ends {
            for (purpose, recovery) in
                [(Purpose::Given, "none"), (Purpose::Login(Mode::Components), "start-over")]
            {
                let screen = shown_for(purpose, &change);
                assert_eq!((&screen["code"], &screen["recovery"]), (&json!(code), &json!(recovery)));
            }
        }
    }

    #[test]
    fn what_is_over_in_a_minute_does_not_end_a_session_that_cannot_be_replaced() {
        let mut page = Page::new(Purpose::Given);
        page.take(view(1, &json!({"auth": auth("IDENTITY_VERIFICATION"), "prompt": 1})));
        page.refuse("TOO_MANY_REQUESTS");
        assert_eq!(serde_json::to_value(page.screen()).unwrap()["problem"], "TOO_MANY_REQUESTS");
    }

    #[test]
    fn consent_that_was_given_stays_given_in_the_next_session() {
        let mut page = Page::new(Purpose::Login(Mode::Components));
        page.agree();
        page.take(view(1, &json!({"auth": auth("PROVIDER_ERROR")})));
        page.start_over();
        assert_eq!((name(&page.screen()), page.view()), ("carriers".to_owned(), None));
    }
}
