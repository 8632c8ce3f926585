//! A document's way in: which form is asked for, and which redirect is followed.

use url::{Host, Url};

/// Largest document taken, in bytes.
pub const MAX_DOCUMENT_BYTES: usize = 24 * 1024 * 1024;

/// Most redirects followed for one document.
pub const MAX_REDIRECTS: usize = 3;

/// Canopy serves a document in two forms. Source: contract, "Documents".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DocumentForm {
    /// `GET …/documents/{documentId}` → 302 to a short-lived signed URL.
    SignedUrl,
    /// `GET …/documents/{documentId}/pdf` → the bytes.
    Pdf,
}

impl DocumentForm {
    /// The form to ask for after `attempts` failed ones: the documented one first, then in turn, so that
    /// a fault of one form never keeps a document away.
    #[must_use]
    pub fn after(attempts: u32) -> Self {
        if attempts.is_multiple_of(2) { Self::SignedUrl } else { Self::Pdf }
    }

    /// The other one.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::SignedUrl => Self::Pdf,
            Self::Pdf => Self::SignedUrl,
        }
    }
}

/// Whether an answer of this status says where the document is. Source: RFC 9110, 15.4.
#[must_use]
pub fn is_redirect(status: u16) -> bool {
    matches!(status, 301 | 302 | 303 | 307 | 308)
}

/// The URL that `location` names, seen from `current`, when it may be followed; always without credentials.
///
/// `https` on port 443 of a named host, or the origin of the API itself, which is how local stand-ins are reached.
/// Never one with user info: what stands there would be sent to whoever the answer named.
#[must_use]
pub fn signed_url(location: &str, current: &str, api_base_url: &str) -> Option<String> {
    let base = Url::parse(api_base_url).ok()?;
    let mut url = Url::parse(current).ok()?.join(location).ok()?;
    let is_named_host = matches!(url.host()?, Host::Domain(_));
    let is_public = url.scheme() == "https" && url.port_or_known_default() == Some(443) && is_named_host;
    let has_user = !url.username().is_empty() || url.password().is_some();
    if has_user || !(is_public || url.origin() == base.origin()) {
        return None;
    }
    url.set_fragment(None);
    Some(url.into())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PUBLISHED: &str = "https://app.usecanopy.com/api/v1.0.0";
    const LOCAL: &str = "http://127.0.0.1:8788/api/v1.0.0";

    fn followed(location: &str, base: &str) -> Option<String> {
        signed_url(location, &format!("{base}/teams/t/pulls/p/documents/d"), base)
    }

    #[test]
    fn a_redirect_is_followed_to_the_web_or_to_the_apis_own_origin() {
        for location in ["https://storage.example/a?signature=b%2Fc", "https://storage.example:443/a"] {
            assert_eq!(followed(location, PUBLISHED).unwrap(), location.replace(":443", ""));
            assert!(followed(location, LOCAL).is_some(), "{location}");
        }
        assert_eq!(followed("/signed/a", LOCAL).as_deref(), Some("http://127.0.0.1:8788/signed/a"));
        assert_eq!(
            followed("//storage.example/a#b", PUBLISHED).as_deref(),
            Some("https://storage.example/a")
        );
        assert_eq!(
            followed("d/pdf", PUBLISHED).as_deref(),
            Some("https://app.usecanopy.com/api/v1.0.0/teams/t/pulls/p/documents/d/pdf")
        );
        assert_eq!(
            signed_url("next", "https://storage.example/a/first", LOCAL).as_deref(),
            Some("https://storage.example/a/next")
        );
        assert_eq!(
            signed_url("//127.0.0.1:8788/a", "https://storage.example/", LOCAL),
            None,
            "another scheme"
        );
    }

    #[test]
    fn no_other_redirect_is_followed() {
        for location in [
            "http://storage.example/a",
            "https://storage.example:8443/a",
            "https://user@storage.example/a",
            "https://user:word@storage.example/a",
            "https://:word@storage.example/a",
            "https://10.0.0.1/a",
            "https://169.254.169.254/latest/meta-data",
            "https://[::1]/a",
            "https://[::ffff:10.0.0.1]/a",
            "https://2130706433/a",
            "https://0x7f.1/a",
            "https://0177.0.0.1/a",
            "https://127.1/a",
            "https://127.0.0.1./a",
            "https://%31%32%37.0.0.1/a",
            "file:///etc/passwd",
            "data:application/pdf,%25PDF-",
            "javascript:alert(1)",
            "https://",
            "",
        ] {
            let seen = followed(location, PUBLISHED);
            assert!(seen.is_none() || location.is_empty(), "{location}: {seen:?}");
        }
        for location in ["http://127.0.0.1:8789/a", "http://127.0.0.1/a", "https://127.0.0.1:8788/a"] {
            assert_eq!(followed(location, LOCAL), None, "{location}");
        }
        assert_eq!(followed("http://user@127.0.0.1:8788/a", LOCAL), None);
    }

    #[test]
    fn five_statuses_redirect() {
        let all: Vec<u16> = (100..=599).filter(|status| is_redirect(*status)).collect();
        assert_eq!(all, [301, 302, 303, 307, 308]);
    }

    #[test]
    fn the_two_forms_take_turns() {
        let forms = [0, 1, 2].map(DocumentForm::after);
        assert_eq!(forms, [DocumentForm::SignedUrl, DocumentForm::Pdf, DocumentForm::SignedUrl]);
        assert!(forms.iter().all(|form| form.other() != *form && form.other().other() == *form));
    }

    proptest! {
        #[test]
        fn whatever_is_followed_is_https_on_443_or_the_apis_own(location: String) {
            for base in [PUBLISHED, LOCAL] {
                if let Some(url) = followed(&location, base) {
                    let url = Url::parse(&url).unwrap();
                    prop_assert!(url.username().is_empty() && url.password().is_none());
                    let own = url.origin() == Url::parse(base).unwrap().origin();
                    prop_assert!(own || (url.scheme() == "https" && url.port().is_none() && url.domain().is_some()));
                }
            }
        }
    }
}
