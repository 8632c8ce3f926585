//! A document's way in: which form is asked for, which redirect is followed, and what counts as a document.

use url::{Host, Url};

/// Largest document taken, in bytes.
pub const MAX_DOCUMENT_BYTES: usize = 24 * 1024 * 1024;

/// Most redirects followed for one document.
pub const MAX_REDIRECTS: usize = 3;

/// Bytes of a document that [`judge`] looks at. A PDF's header may stand anywhere in them.
/// Source: ISO 32000-1, annex H, 3.4.1, implementation note 13.
pub const HEAD_BYTES: usize = 1024;

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

/// How a type is known by its bytes.
#[derive(Debug, Clone, Copy)]
enum Sign {
    /// They begin so.
    Start(&'static [u8]),
    /// This stands somewhere in the head.
    Within(&'static [u8]),
    /// They begin with the first, four bytes of any kind and the second.
    Container(&'static [u8], &'static [u8]),
    /// Any four bytes, then this.
    Box(&'static [u8]),
}

impl Sign {
    fn is_on(self, head: &[u8]) -> bool {
        match self {
            Self::Start(start) => head.starts_with(start),
            Self::Within(part) => head.windows(part.len()).any(|window| window == part),
            Self::Container(start, kind) => {
                head.starts_with(start)
                    && head.get(start.len() + 4..).is_some_and(|rest| rest.starts_with(kind))
            }
            Self::Box(kind) => head.get(4..).is_some_and(|rest| rest.starts_with(kind)),
        }
    }
}

/// A type of document with its names, its endings and its signs. The first of each is the one to use.
struct Kind {
    types: &'static [&'static str],
    endings: &'static [&'static str],
    signs: &'static [Sign],
}

/// What insurance companies and consumers' telephones make. Those that must begin a file stand before the one
/// that need not.
const KINDS: [Kind; 7] = [
    Kind {
        types: &["image/jpeg", "image/jpg", "image/pjpeg"],
        endings: &["jpg", "jpeg"],
        signs: &[Sign::Start(b"\xff\xd8\xff")],
    },
    Kind { types: &["image/png"], endings: &["png"], signs: &[Sign::Start(b"\x89PNG\r\n\x1a\n")] },
    Kind {
        types: &["image/gif"],
        endings: &["gif"],
        signs: &[Sign::Start(b"GIF87a"), Sign::Start(b"GIF89a")],
    },
    Kind {
        types: &["image/tiff"],
        endings: &["tiff", "tif"],
        signs: &[Sign::Start(b"II*\0"), Sign::Start(b"MM\0*")],
    },
    Kind { types: &["image/webp"], endings: &["webp"], signs: &[Sign::Container(b"RIFF", b"WEBP")] },
    Kind {
        types: &["image/heic", "image/heif"],
        endings: &["heic", "heif"],
        signs: &[Sign::Box(b"ftypheic"), Sign::Box(b"ftypheix"), Sign::Box(b"ftypmif1")],
    },
    Kind {
        types: &["application/pdf", "application/x-pdf"],
        endings: &["pdf"],
        signs: &[Sign::Within(b"%PDF-")],
    },
];

/// The type to store bytes under; `None` when they are no document, whatever they were called.
///
/// `declared` is the pull's `mime_type`, `served` the answer's `Content-Type`, `head` the first [`HEAD_BYTES`]. A known
/// type is believed from its bytes alone: a scan in JPEG that is called a PDF is better kept than lost. A type that
/// is not known here is believed when the pull and the answer agree on it.
#[must_use]
pub fn judge(declared: Option<&str>, served: Option<&str>, head: &[u8]) -> Option<String> {
    if head.is_empty() || is_page_or_error(head) {
        return None;
    }
    if let Some(kind) = KINDS.iter().find(|kind| kind.signs.iter().any(|sign| sign.is_on(head))) {
        return Some(kind.types[0].to_owned());
    }
    let declared = media_type(declared?)?;
    let is_known = KINDS.iter().any(|kind| kind.types.contains(&declared.as_str()));
    let agree = served.and_then(media_type).as_ref() == Some(&declared);
    (!is_known && agree && !is_of_the_web(&declared)).then_some(declared)
}

/// HTML, XML or a JSON object: how servers write pages and errors. PDFs begin otherwise, and so does RTF (`{\rtf`).
fn is_page_or_error(head: &[u8]) -> bool {
    let is_wide = head.starts_with(b"\xff\xfe") || head.starts_with(b"\xfe\xff");
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    let head = if is_wide { &head[2..] } else { head };
    let mut text =
        head.iter().copied().filter(|byte| !(is_wide && *byte == 0)).filter(|byte| !is_space(*byte));
    match (text.next(), text.next()) {
        (Some(b'<'), Some(next)) => next.is_ascii_alphabetic() || matches!(next, b'!' | b'?'),
        (Some(b'{'), next) => matches!(next, None | Some(b'"' | b'}')),
        (Some(b'['), next) => matches!(next, None | Some(b'{' | b']')),
        _ => false,
    }
}

fn is_space(byte: u8) -> bool {
    byte.is_ascii_whitespace()
}

/// `type/subtype` in lower case, without parameters; `None` when it is no media type. Source: RFC 9110, 8.3.1.
fn media_type(value: &str) -> Option<String> {
    let essence = value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let is_token = |part: &str| {
        (1..=64).contains(&part.len())
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&byte))
    };
    let (kind, subtype) = essence.split_once('/')?;
    (is_token(kind) && is_token(subtype)).then_some(essence)
}

/// Types that a browser runs or shows as a page, and those of data: an answer in one of them is no document.
fn is_of_the_web(essence: &str) -> bool {
    let subtype = essence.split_once('/').map_or("", |(_, subtype)| subtype);
    ["html", "xml", "json", "script"].iter().any(|word| subtype.contains(word))
}

/// The type to answer with for a document that was stored under `stored`.
#[must_use]
pub fn served_type(stored: Option<&str>) -> String {
    let essence = stored.map_or(Some("application/pdf".to_owned()), media_type);
    essence.filter(|essence| !is_of_the_web(essence)).unwrap_or_else(|| "application/octet-stream".to_owned())
}

/// The endings of a type's files, the usual one first; `bin` for a type that is not known here.
pub(super) fn endings(content_type: &str) -> &'static [&'static str] {
    let essence = media_type(content_type);
    let kind =
        KINDS.iter().find(|kind| essence.as_deref().is_some_and(|essence| kind.types.contains(&essence)));
    kind.map_or(&["bin"], |kind| kind.endings)
}

/// Whether files of a known type end so.
pub(super) fn is_known_ending(ending: &str) -> bool {
    KINDS.iter().any(|kind| kind.endings.iter().any(|known| known.eq_ignore_ascii_case(ending)))
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

    const PDF: &[u8] = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3";

    fn samples() -> [(&'static str, Vec<u8>); 9] {
        [
            ("application/pdf", PDF.to_vec()),
            ("application/pdf", [&[b'\n'; HEAD_BYTES - 5][..], b"%PDF-"].concat()),
            ("image/jpeg", b"\xff\xd8\xff\xe0\0\x10JFIF\0 %PDF-".to_vec()),
            ("image/png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec()),
            ("image/gif", b"GIF89a\x01\0\x01\0".to_vec()),
            ("image/tiff", b"II*\0\x08\0\0\0".to_vec()),
            ("image/tiff", b"MM\0*\0\0\0\x08".to_vec()),
            ("image/webp", b"RIFF\x24\0\0\0WEBPVP8 ".to_vec()),
            ("image/heic", b"\0\0\0\x18ftypheic\0\0\0\0".to_vec()),
        ]
    }

    #[test]
    fn a_known_type_is_stored_as_what_its_bytes_say() {
        for (kind, bytes) in samples() {
            for called in [
                None,
                Some("application/pdf"),
                Some("image/png"),
                Some("application/msword"),
                Some("text/html"),
            ] {
                for served in
                    [None, Some("binary/octet-stream"), Some("text/html; charset=utf-8"), Some("nonsense")]
                {
                    assert_eq!(judge(called, served, &bytes).as_deref(), Some(kind), "{called:?} {served:?}");
                }
            }
        }
    }

    #[test]
    fn a_page_an_error_or_nothing_is_never_a_document() {
        for body in [
            "",
            "<html><body>This link has expired</body></html>",
            "<!DOCTYPE html><title>%PDF-1.7</title>",
            "\u{feff}\n  <html>",
            "<br />\n<b>Warning</b>: %PDF-1.4",
            "<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code></Error>",
            "<Error><Code>AccessDenied</Code></Error>",
            "<!-- %PDF-1.4 -->",
            "<svg xmlns=\"http://www.w3.org/2000/svg\"/>",
            "{\"error\":\"NOT_FOUND\"}",
            "{ }",
            "{",
            " [ { \"error\": \"NOT_FOUND\" } ]",
            "[]",
        ] {
            for called in [None, Some("application/pdf"), Some("text/html"), Some("application/msword")] {
                assert_eq!(judge(called, called, body.as_bytes()), None, "{called:?} {body}");
                assert_eq!(
                    judge(called, Some("application/pdf"), body.as_bytes()),
                    None,
                    "{called:?} {body}"
                );
            }
        }
        let wide: Vec<u8> = "\u{feff}<html>".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(judge(Some("application/pdf"), Some("application/pdf"), &wide), None);
    }

    #[test]
    fn a_type_that_is_not_known_is_taken_when_pull_and_answer_agree() {
        let rtf = b"{\\rtf1\\ansi hello}";
        assert_eq!(
            judge(Some("application/rtf"), Some("Application/RTF; a=b"), rtf).unwrap(),
            "application/rtf"
        );
        assert_eq!(judge(Some("text/csv"), Some("text/csv"), b"a,b\n1,2\n").unwrap(), "text/csv");
        for (declared, served) in [
            (None, Some("application/rtf")),
            (Some("application/rtf"), None),
            (Some("application/rtf"), Some("application/octet-stream")),
            (Some("application/pdf"), Some("application/pdf")),
            (Some("IMAGE/JPEG"), Some("image/jpeg")),
            (Some("image/jpg"), Some("image/jpg")),
            (Some("nonsense"), Some("nonsense")),
            (Some("a/b\r\nc: d"), Some("a/b\r\nc: d")),
            (Some("text/html"), Some("text/html")),
            (Some("application/xhtml+xml"), Some("application/xhtml+xml")),
            (Some("image/svg+xml"), Some("image/svg+xml")),
            (Some("application/problem+json"), Some("application/problem+json")),
            (Some("text/javascript"), Some("text/javascript")),
            (Some("application/x-ecmascript"), Some("application/x-ecmascript")),
        ] {
            assert_eq!(judge(declared, served, rtf), None, "{declared:?} {served:?}");
        }
    }

    #[test]
    fn what_an_earlier_version_stored_is_never_served_as_a_page() {
        assert_eq!(served_type(None), "application/pdf");
        assert_eq!(served_type(Some("image/jpeg")), "image/jpeg");
        assert_eq!(served_type(Some("Text/HTML; charset=utf-8")), "application/octet-stream");
        assert_eq!(served_type(Some("a\r\nb: c")), "application/octet-stream");
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

        #[test]
        fn no_bytes_whatever_make_judging_panic(
            declared in ".{0,40}", served in ".{0,40}", head in prop::collection::vec(any::<u8>(), 0..64),
        ) {
            let _ = judge(Some(&declared), Some(&served), &head);
            let _ = served_type(Some(&declared));
        }
    }
}
