//! What a session is opened with, by its page or by the agency's back office.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::Mode;
use crate::{
    api::ServicingActions,
    json,
    metadata::Metadata,
    problem::{Code, Problem},
};

/// What a session is for. Its page cannot change it once it is open.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// Who draws the screens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<Mode>,
    /// The agency's metadata.
    pub metadata: Metadata,
    /// What the insurance company is to change: nothing that a page may choose.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub servicing_actions: Option<ServicingActions>,
}

/// What a page has a session opened for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OfPage {
    /// What it says itself.
    Said(Settings),
    /// What the invitation behind this token says.
    Invited(String),
}

impl Settings {
    /// See [`SessionView::metadata`](super::SessionView::metadata).
    #[must_use]
    pub fn for_window(&self) -> Option<Metadata> {
        for_window(self.mode, &self.metadata)
    }

    /// Reads what a page sent: `{"metadata": {…}, "mode": "hosted"}`, both of which may be left out, or
    /// `{"invitation": "…"}`, beside which neither counts.
    ///
    /// # Errors
    /// [`Code::BodyMalformed`] or [`Code::InputInvalid`], naming the member.
    pub fn of_page(body: &[u8]) -> Result<OfPage, Problem> {
        if body.is_empty() {
            return Ok(OfPage::Said(Self::default()));
        }
        let body = json::body(body);
        let [metadata, mode, invitation] = json::members(&body, ["metadata", "mode", "invitation"])
            .ok_or_else(|| malformed("{\"metadata\": {…}, \"mode\": \"…\"}, {} or nothing"))?;
        if let Some(invitation) = invitation.filter(|raw| raw.get() != "null") {
            let token = json::text(Some(invitation));
            return token
                .map(OfPage::Invited)
                .ok_or_else(|| invalid("invitation: expected the link's token"));
        }
        let mode = mode.map_or(Ok(None), |mode| serde_json::from_str(mode.get()));
        let mode = mode.map_err(|_| invalid("mode: expected hosted, components or nothing"))?;
        Ok(OfPage::Said(Self { mode, metadata: read_metadata(metadata)?, servicing_actions: None }))
    }

    /// Reads what a back office sent, and for which origin: `{"origin": "https://…", "metadata": {…}, "servicing_actions": […]}`.
    /// The session begins its pull itself: one that Canopy's own window begins has the metadata that the page gives it.
    ///
    /// # Errors
    /// [`Code::BodyMalformed`] or [`Code::InputInvalid`], naming the member.
    pub fn of_back_office(body: &[u8]) -> Result<(String, Self), Problem> {
        const NAMES: [&str; 3] = ["origin", "metadata", "servicing_actions"];
        let body = json::body(body);
        let shape = "{\"origin\": \"https://…\", \"metadata\": {…}, \"servicing_actions\": […]}";
        let entries = json::entries(&body).ok_or_else(|| malformed(shape))?;
        if let Some((name, _)) = entries.iter().find(|(name, _)| !NAMES.contains(&name.as_str())) {
            return Err(invalid(&format!("{}: expected {}", name.escape_debug(), NAMES.join(", "))));
        }
        let [origin, metadata, actions] = json::members(&body, NAMES).ok_or_else(|| malformed(shape))?;
        let origin = json::text(origin)
            .ok_or_else(|| invalid("origin: expected the page's, like https://www.agency.example"))?;
        let settings = Self {
            mode: Some(Mode::Components),
            metadata: read_metadata(metadata)?,
            servicing_actions: ServicingActions::read(actions)?,
        };
        Ok((origin, settings))
    }
}

/// What Canopy's window is given of an invitation: the page does not know it, and the edge does not begin the pull there.
pub(super) fn for_window(mode: Option<Mode>, metadata: &Metadata) -> Option<Metadata> {
    let is_invited = mode == Some(Mode::Hosted) && metadata.invitation().is_some();
    is_invited.then(|| metadata.clone())
}

fn read_metadata(raw: Option<&RawValue>) -> Result<Metadata, Problem> {
    Metadata::from_page(raw).map_err(|error| invalid(&error.to_string()))
}

fn invalid(detail: &str) -> Problem {
    Problem::new(Code::InputInvalid, detail)
}

fn malformed(shape: &str) -> Problem {
    Problem::new(Code::BodyMalformed, format!("expected {shape}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_back_office(body: &str) -> Result<(String, Settings), (Code, String)> {
        Settings::of_back_office(body.as_bytes()).map_err(|problem| (problem.code, problem.detail))
    }

    #[test]
    fn a_back_office_says_what_no_page_may() {
        let body = r#"{"origin":"https://a.example","metadata":{"lead":7},"servicing_actions":[{"type":"T","payload":{"n":1.10}}]}"#;
        let (origin, settings) = of_back_office(body).unwrap();
        assert_eq!((origin.as_str(), settings.mode), ("https://a.example", Some(Mode::Components)));
        assert_eq!(settings.metadata.text(), r#"{"lead":7}"#);
        let kept = serde_json::to_string(&settings).unwrap();
        assert!(kept.contains(r#"[{"type":"T","payload":{"n":1.10}}]"#), "{kept}");
        assert_eq!(serde_json::from_str::<Settings>(&kept).unwrap(), settings);
        let metadata = settings.metadata;
        let of_page = Settings { metadata, ..Settings::default() };
        assert_eq!(Settings::of_page(body.as_bytes()).unwrap(), OfPage::Said(of_page));
        assert_eq!(Settings::of_page(b"").unwrap(), OfPage::Said(Settings::default()));
    }

    #[test]
    fn what_a_page_says_beside_an_invitation_is_not_looked_at() {
        let of_page = |body: &str| Settings::of_page(body.as_bytes());
        let invited = OfPage::Invited("t".to_owned());
        assert_eq!(of_page(r#"{"invitation":"t","mode":"other","metadata":7}"#), Ok(invited));
        assert_eq!(of_page(r#"{"invitation":null}"#), Ok(OfPage::Said(Settings::default())));
        assert_eq!(of_page(r#"{"invitation":7}"#).unwrap_err().code, Code::InputInvalid);
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        for (body, code, name) in [
            ("", Code::BodyMalformed, "origin"),
            ("[]", Code::BodyMalformed, "origin"),
            ("{}", Code::InputInvalid, "origin:"),
            (r#"{"origin":7}"#, Code::InputInvalid, "origin:"),
            (r#"{"origin":"o","mode":"hosted"}"#, Code::InputInvalid, "mode:"),
            (r#"{"origin":"o","metadata":[]}"#, Code::InputInvalid, "metadata"),
            (r#"{"origin":"o","metadata":{"edge_session":"s"}}"#, Code::InputInvalid, "edge_session"),
            (r#"{"origin":"o","servicing_actions":[]}"#, Code::InputInvalid, "servicing_actions:"),
        ] {
            let (told, detail) = of_back_office(body).unwrap_err();
            assert!(told == code && detail.contains(name), "{body}: {detail}");
        }
        for (body, code) in [
            ("[]", Code::BodyMalformed),
            (r#"{"mode":"other"}"#, Code::InputInvalid),
            (r#"{"metadata":7}"#, Code::InputInvalid),
        ] {
            assert_eq!(Settings::of_page(body.as_bytes()).unwrap_err().code, code, "{body}");
        }
    }
}
