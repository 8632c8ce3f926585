//! Documents that a consumer uploads in the place of a login: what the page sends, checked, and the form that Canopy takes.
//! Source: contract, `post-consent-and-documents`.

use super::Consent;
use crate::{
    id::Id,
    metadata::Metadata,
    problem::{Code, Problem},
};

/// Most files of one upload. Source: contract, `documents`, `maxItems`.
pub const MAX_FILES: usize = 20;

/// Most bytes of one file. Canopy takes 10 MB: this is no more than that, whichever megabyte is meant.
pub const MAX_FILE_BYTES: usize = 10_000_000;

/// Most bytes of all files together. Canopy takes 200 MB; an isolate has 128, which all its requests share, and a form stands there
/// twice while it is read.
pub const MAX_FILES_BYTES: usize = 25_000_000;

/// Most bytes of the whole form: the files, and what stands around them.
pub const MAX_FORM_BYTES: usize = MAX_FILES_BYTES + 64 * 1024;

/// Longest time that a form may take to come, in milliseconds.
const MAX_FORM_MILLIS: u32 = 300_000;

/// The least that has to come of a form in each window: bytes, and milliseconds.
pub const FORM_PACE: (u32, u32) = (32 * 1024, 10_000);

/// How long a form of so many bytes may take to come, in milliseconds: twenty seconds, as any body, and as long as it takes at 50 kB a
/// second. Other forms wait for the room that it holds.
#[must_use]
pub fn form_millis(bytes: usize) -> u32 {
    u32::try_from(bytes / 50).unwrap_or(u32::MAX).saturating_add(20_000).min(MAX_FORM_MILLIS)
}

/// How many of a file's first bytes tell what it is.
pub const HEAD_BYTES: usize = 256;

/// Longest name of an insurance company that a visitor types, in characters.
const MAX_COMPANY: usize = 100;

/// The form's part that holds a file, as here and as at Canopy.
const DOCUMENTS: &str = "documents";

/// A part of the form.
#[derive(Debug)]
pub struct Part {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub content: Content,
}

/// What a part holds.
#[derive(Debug)]
pub enum Content {
    /// Text.
    Text(String),
    /// A file, of which its size in bytes and its first [`HEAD_BYTES`] are known.
    File(usize, Vec<u8>),
}

/// What may be passed on: every file of it was looked at.
#[derive(Debug)]
pub struct Upload {
    consent: Consent,
    insurer: Option<Id>,
    company: Option<String>,
    kinds: Vec<FileKind>,
}

/// What a file is, by its first bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileKind {
    /// Its media type.
    pub media: &'static str,
    /// The name that it goes by: what the consumer called it may say more than they meant to share.
    pub name: &'static str,
}

/// Whether a file that begins so is of a kind.
type IsKind = fn(&[u8]) -> bool;

/// The kinds that are taken, each with what tells it.
const KINDS: [(IsKind, FileKind); 5] = [
    (infer::archive::is_pdf, FileKind { media: "application/pdf", name: "document.pdf" }),
    (infer::image::is_jpeg, FileKind { media: "image/jpeg", name: "photo.jpg" }),
    (infer::image::is_png, FileKind { media: "image/png", name: "photo.png" }),
    (infer::image::is_heif, FileKind { media: "image/heic", name: "photo.heic" }),
    (infer::image::is_webp, FileKind { media: "image/webp", name: "photo.webp" }),
];

impl FileKind {
    /// The kind of a file that begins so; `None` where it is none that is taken.
    #[must_use]
    pub fn of(head: &[u8]) -> Option<Self> {
        KINDS.iter().find(|(is_kind, _)| is_kind(head)).map(|(_, kind)| *kind)
    }
}

impl Upload {
    /// Reads and checks the form that a page sent: `terms_version`, `consent_language`, one to [`MAX_FILES`] files `documents`, and where
    /// they are known `carrier_id` and `company`, the name that the visitor typed.
    ///
    /// # Errors
    /// [`Code::BodyMalformed`], [`Code::InputInvalid`], [`Code::FileTooLarge`] or [`Code::FileTypeUnsupported`], naming the part.
    pub fn read(parts: &[Part]) -> Result<Self, Problem> {
        let (mut sum, mut kinds) = (0, Vec::new());
        let (mut version, mut language, mut insurer, mut company) = (None, None, None, None);
        for Part { name, content } in parts {
            match (name.as_str(), content) {
                (DOCUMENTS, Content::File(size, head)) => {
                    sum += size;
                    kinds.push(checked(kinds.len(), *size, sum, head)?);
                }
                ("terms_version", Content::Text(text)) => version = Some(text),
                ("consent_language", Content::Text(text)) => language = Some(text),
                ("carrier_id", Content::Text(text)) => insurer = Some(text),
                ("company", Content::Text(text)) => company = Some(text),
                _ => {
                    return Err(invalid(
                        "expected no other parts than terms_version, consent_language, carrier_id, company and files named documents",
                    ));
                }
            }
        }
        if !(1..=MAX_FILES).contains(&kinds.len()) {
            return Err(invalid(&format!("documents: expected 1 to {MAX_FILES} files")));
        }
        let insurer = insurer.map(|id| Id::parse(id)).transpose();
        let company = company.map(|name| name.trim()).filter(|name| !name.is_empty());
        if company.is_some_and(|name| name.chars().count() > MAX_COMPANY) {
            return Err(invalid(&format!("company: expected at most {MAX_COMPANY} characters")));
        }
        Ok(Self {
            consent: Consent::of_form(version.map(String::as_str), language.map(String::as_str))?,
            insurer: insurer.map_err(|error| invalid(&format!("carrier_id: {error}")))?,
            company: company.map(str::to_owned),
            kinds,
        })
    }

    /// What the files are, in their order.
    #[must_use]
    pub fn kinds(&self) -> &[FileKind] {
        &self.kinds
    }

    /// The fields that go to Canopy before the files, names and values. `metadata` is the session's, written as a `deepObject`.
    #[must_use]
    pub fn fields(&self, device: &str, public_alias: &str, metadata: &Metadata) -> Vec<(String, String)> {
        let mut fields = vec![
            ("device_identifier".to_owned(), device.to_owned()),
            ("terms_version".to_owned(), self.consent.terms_version().to_string()),
            ("consent_language".to_owned(), self.consent.language().to_owned()),
            ("public_alias".to_owned(), public_alias.to_owned()),
        ];
        fields.extend(self.insurer.iter().map(|id| ("insurerName".to_owned(), id.to_string())));
        let metadata = metadata.with_company(self.company.as_deref());
        fields.extend(metadata.texts().into_iter().map(|(path, text)| (format!("meta_data{path}"), text)));
        fields
    }
}

/// What the file is that stands `at` this place, `sum` bytes being of it and all before it.
fn checked(at: usize, size: usize, sum: usize, head: &[u8]) -> Result<FileKind, Problem> {
    if size > MAX_FILE_BYTES {
        let detail = format!("documents/{at}: expected a file of at most {MAX_FILE_BYTES} bytes");
        return Err(Problem::new(Code::FileTooLarge, detail));
    }
    if sum > MAX_FILES_BYTES {
        let detail = format!("documents: expected files of at most {MAX_FILES_BYTES} bytes together");
        return Err(Problem::new(Code::FileTooLarge, detail));
    }
    FileKind::of(head).ok_or_else(|| {
        let detail = format!("documents/{at}: expected a PDF, or a photo as JPEG, PNG, HEIC or WebP");
        Problem::new(Code::FileTypeUnsupported, detail)
    })
}

fn invalid(detail: &str) -> Problem {
    Problem::new(Code::InputInvalid, detail)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::id::SessionId;

    const PDF: &[u8] = b"%PDF-1.7\n";

    fn part(name: &str, content: Content) -> Part {
        Part { name: name.to_owned(), content }
    }

    fn text(name: &str, value: &str) -> Part {
        part(name, Content::Text(value.to_owned()))
    }

    fn file(size: usize, head: &[u8]) -> Part {
        part(DOCUMENTS, Content::File(size, head.to_vec()))
    }

    fn consent() -> Vec<Part> {
        vec![text("terms_version", "1"), text("consent_language", "I agree")]
    }

    fn read(more: Vec<Part>) -> Result<Upload, (Code, String)> {
        let parts: Vec<Part> = consent().into_iter().chain(more).collect();
        Upload::read(&parts).map_err(|problem| (problem.code, problem.detail))
    }

    #[test]
    fn a_file_is_what_its_first_bytes_say() {
        for (head, media) in [
            (PDF, Some("application/pdf")),
            (b"\xff\xd8\xff\xe0\0\x10JFIF", Some("image/jpeg")),
            (b"\x89PNG\r\n\x1a\n", Some("image/png")),
            (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", Some("image/heic")),
            (b"\0\0\0\x1cftypmif1\0\0\0\0mif1heicmiaf", Some("image/heic")),
            (b"RIFF\x24\0\0\0WEBPVP8 ", Some("image/webp")),
            (b"\0\0\0\x18ftypavif\0\0\0\0mif1avif", None),
            (b"GIF89a", None),
            (b"PK\x03\x04", None),
            (b"<html>", None),
            (b"", None),
        ] {
            assert_eq!(FileKind::of(head).map(|kind| kind.media), media, "{head:?}");
        }
    }

    #[test]
    fn a_larger_form_has_longer_to_come_and_none_for_ever() {
        for (bytes, millis) in
            [(0, 20_000), (3_000_000, 80_000), (MAX_FORM_BYTES, 300_000), (usize::MAX, 300_000)]
        {
            assert_eq!(form_millis(bytes), millis, "{bytes}");
        }
    }

    #[test]
    fn what_may_not_be_passed_on_is_named() {
        let many = || (0..=MAX_FILES).map(|_| file(1, PDF)).collect();
        for (parts, code, named) in [
            (vec![], Code::InputInvalid, "documents:"),
            (many(), Code::InputInvalid, "documents:"),
            (vec![file(1, PDF), file(1, b"MZ")], Code::FileTypeUnsupported, "documents/1"),
            (vec![file(0, b"")], Code::FileTypeUnsupported, "documents/0"),
            (vec![file(MAX_FILE_BYTES + 1, PDF)], Code::FileTooLarge, "documents/0"),
            (
                vec![file(9_000_000, PDF), file(9_000_000, PDF), file(9_000_000, PDF)],
                Code::FileTooLarge,
                "together",
            ),
            (vec![file(1, PDF), text("public_alias", "another")], Code::InputInvalid, "parts"),
            (vec![file(1, PDF), text("meta_data[edge_session]", "s")], Code::InputInvalid, "parts"),
            (vec![text("documents", "%PDF")], Code::InputInvalid, "parts"),
            (
                vec![file(1, PDF), part("company", Content::File(1, PDF.to_vec()))],
                Code::InputInvalid,
                "parts",
            ),
            (
                vec![file(1, PDF), text("company", &"x".repeat(MAX_COMPANY + 1))],
                Code::InputInvalid,
                "company",
            ),
            (vec![file(1, PDF), text("carrier_id", "a/b")], Code::InputInvalid, "carrier_id"),
            (vec![file(1, PDF), text("consent_language", "")], Code::InputInvalid, "consent_language"),
            (vec![file(1, PDF), text("terms_version", "1.5")], Code::BodyMalformed, "terms_version"),
        ] {
            let (told, detail) = read(parts).unwrap_err();
            assert!(told == code && detail.contains(named), "{detail}");
        }
        assert_eq!(Upload::read(&[file(1, PDF)]).unwrap_err().code, Code::BodyMalformed);
        assert!(read(vec![file(MAX_FILE_BYTES, PDF), file(MAX_FILE_BYTES, PDF)]).is_ok());
    }

    #[test]
    fn the_form_has_what_the_edge_knows_and_what_the_visitor_said() {
        let upload = read(vec![text("company", " Sea & Sons "), file(1, PDF)]).unwrap();
        assert_eq!(upload.kinds()[0].name, "document.pdf");
        let session = SessionId::parse("s").unwrap();
        let raw = serde_json::value::RawValue::from_string(
            r#"{"lead":7,"of":{"a":[1]},"n":null,"t":"x"}"#.to_owned(),
        );
        let metadata = Metadata::from_page(Some(&raw.unwrap())).unwrap().for_pull(&session);
        let fields = upload.fields("192.0.2.1", "demo", &metadata);
        let fields: Vec<(&str, &str)> =
            fields.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
        assert_eq!(
            fields,
            [
                ("device_identifier", "192.0.2.1"),
                ("terms_version", "1"),
                ("consent_language", "I agree"),
                ("public_alias", "demo"),
                ("meta_data[lead]", "7"),
                ("meta_data[of][a][0]", "1"),
                ("meta_data[t]", "x"),
                ("meta_data[edge_session]", "s"),
                ("meta_data[edge_company]", "Sea & Sons"),
            ]
        );
    }

    proptest! {
        #[test]
        fn no_parts_are_read_into_more_than_is_taken(sizes in prop::collection::vec(0..2 * MAX_FILE_BYTES, 0..30)) {
            let parts = sizes.iter().map(|size| file(*size, PDF)).collect();
            let fits = !sizes.is_empty()
                && sizes.len() <= MAX_FILES
                && sizes.iter().all(|size| *size <= MAX_FILE_BYTES)
                && sizes.iter().sum::<usize>() <= MAX_FILES_BYTES;
            prop_assert_eq!(read(parts).is_ok(), fits);
        }
    }
}
