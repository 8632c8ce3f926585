//! The name that a browser gives a document it saves.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::document_type::{endings, is_known_ending};
use crate::id::DocumentId;

/// Most characters of a name before its ending: with it, and in any alphabet, below the 255 bytes of common file systems.
const MAX_NAME_CHARS: usize = 60;

/// What stands as it is in `filename*`. Source: RFC 8187, 3.2.1, `attr-char`.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// `Content-Disposition` of a document: its title where there is one, else its id, ending as its type says. ASCII.
/// Source: RFC 6266, 4.
#[must_use]
pub fn disposition(title: Option<&str>, id: &DocumentId, content_type: &str) -> String {
    let (stem, ending) = file_name(title, id, content_type);
    let name = format!("{stem}.{ending}");
    // Some browsers decode `%` in the plain form, so it does not stand there.
    let ascii = name.replace(|character: char| !character.is_ascii() || character == '%', "_");
    format!("attachment; filename=\"{ascii}\"; filename*=UTF-8''{}", utf8_percent_encode(&name, ENCODED))
}

/// The same name for a file system: what stands before its last dot, and its ending.
#[must_use]
pub fn file_name(title: Option<&str>, id: &DocumentId, content_type: &str) -> (String, &'static str) {
    let endings = endings(content_type);
    let name = title.map(|title| stem(title, endings)).filter(|name| !name.is_empty());
    (name.unwrap_or_else(|| id.as_str().to_owned()), endings[0])
}

/// A title as a name that every file system takes, without the ending that it has or wrongly claims.
fn stem(title: &str, endings: &[&str]) -> String {
    let kept = title.chars().filter(|character| !is_invisible(*character));
    let name: String = kept.map(|character| if is_reserved(character) { '_' } else { character }).collect();
    let trimmed = |name: &str| {
        name.trim_matches(|character: char| character.is_whitespace() || character == '.').to_owned()
    };
    let name = trimmed(&name);
    let is_ending = |ending: &str| endings.contains(&ending) || is_known_ending(ending);
    let name = match name.rsplit_once('.') {
        Some((stem, ending)) if is_ending(ending) => stem,
        _ => &name,
    };
    trimmed(&name.chars().take(MAX_NAME_CHARS).collect::<String>())
}

/// Separators of paths, and what Windows does not take in a name.
fn is_reserved(character: char) -> bool {
    matches!(character, '/' | '\\' | ':' | '"' | '<' | '>' | '|' | '?' | '*' | '\u{2044}' | '\u{2215}')
}

/// Control characters, and those that turn or hide the text beside them: `fdp.exe` is not to read `exe.pdf`.
fn is_invisible(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn named(title: &str, content_type: &str) -> String {
        disposition(Some(title), &DocumentId::parse("d-1").unwrap(), content_type)
    }

    fn plain(title: &str, content_type: &str) -> String {
        let header = named(title, content_type);
        header.split('"').nth(1).unwrap().to_owned()
    }

    #[test]
    fn a_download_is_named_after_its_title_and_ends_as_its_type() {
        assert_eq!(
            named("Auto Policy", "application/pdf"),
            "attachment; filename=\"Auto Policy.pdf\"; filename*=UTF-8''Auto%20Policy.pdf"
        );
        for (title, content_type, name) in [
            ("Card", "image/jpeg", "Card.jpg"),
            ("Card.JPEG", "image/jpeg", "Card.jpg"),
            ("Scan.pdf", "image/png", "Scan.png"),
            ("v1.2", "application/pdf", "v1.2.pdf"),
            ("setup.exe", "application/pdf", "setup.exe.pdf"),
            ("Letter.doc", "application/msword", "Letter.doc.bin"),
            ("Letter", "text/html", "Letter.bin"),
            ("", "application/pdf", "d-1.pdf"),
            (" .. ", "application/pdf", "d-1.pdf"),
            (".pdf", "application/pdf", "pdf.pdf"),
        ] {
            assert_eq!(plain(title, content_type), name, "{title:?}");
        }
        let id = DocumentId::parse("d-1").unwrap();
        assert!(disposition(None, &id, "application/pdf").contains("\"d-1.pdf\""));
    }

    #[test]
    fn a_title_cannot_leave_its_quotes_its_folder_or_its_direction() {
        for (title, name) in [
            ("a\"; filename=\"b.exe", "a_; filename=_b.exe.pdf"),
            ("../../etc/passwd", "_.._etc_passwd.pdf"),
            ("C:\\boot", "C__boot.pdf"),
            ("a\r\nset-cookie: b\0", "aset-cookie_ b.pdf"),
            ("in\u{202e}fdp.exe", "infdp.exe.pdf"),
            ("100%41", "100_41.pdf"),
        ] {
            assert_eq!(plain(title, "application/pdf"), name, "{title:?}");
        }
        assert_eq!(
            named("Zoë 保険", "application/pdf"),
            "attachment; filename=\"Zo_ __.pdf\"; filename*=UTF-8''Zo%C3%AB%20%E4%BF%9D%E9%99%BA.pdf"
        );
    }

    proptest! {
        #[test]
        fn whatever_the_title_it_is_one_header_of_bounded_length(title: String) {
            let header = named(&title, "application/pdf");
            prop_assert!(header.bytes().all(|byte| (0x20..0x7f).contains(&byte)));
            prop_assert_eq!(header.matches('"').count(), 2);
            prop_assert!(header.ends_with(".pdf") && header.contains(".pdf\"; "));
            let name = header.split("UTF-8''").nth(1).unwrap();
            let name = percent_encoding::percent_decode_str(name).decode_utf8().unwrap();
            prop_assert!(name.len() <= 255 && !name.contains(['/', '\\']) && !name.starts_with('.'));
        }
    }
}
