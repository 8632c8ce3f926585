//! `login_error_message` → segments of text and safe links, never HTML.
//! Source: contract, "Good practice": sanitize `login_error_message`.

use html5gum::{Token, Tokenizer};
use serde::{Deserialize, Serialize};
use url::Url;

/// Longest message shown, in characters of text.
pub const MAX_TEXT: usize = 2000;

/// Most segments shown.
pub const MAX_SEGMENTS: usize = 40;

/// Longest link given to a page, in bytes.
const MAX_HREF: usize = 2048;

/// A piece of a message: plain text, or a link when it has an `href` (`https`, `mailto` or `tel`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Segment {
    /// What is read.
    pub text: String,
    /// Where it leads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub href: Option<String>,
}

/// Elements whose content is not for reading.
const UNREADABLE: [&[u8]; 8] =
    [b"script", b"style", b"template", b"iframe", b"noscript", b"textarea", b"svg", b"title"];

/// Reads `message` as a browser's tokenizer would, and keeps its text and its safe links.
#[must_use]
pub fn segments(message: &str) -> Vec<Segment> {
    let mut segments: Vec<Segment> = Vec::new();
    let (mut href, mut unreadable, mut room) = (None::<String>, None::<Vec<u8>>, MAX_TEXT);
    for Ok(token) in Tokenizer::new(message) {
        if room == 0 {
            break;
        }
        match token {
            Token::StartTag(tag) => {
                let name = &tag.name[..];
                if unreadable.is_some() {
                } else if UNREADABLE.contains(&name) && !tag.self_closing {
                    unreadable = Some(name.to_vec());
                } else if name == b"a" {
                    href = tag.attributes.get(&b"href"[..]).and_then(|value| safe_link(value));
                } else if matches!(name, b"br" | b"p" | b"div" | b"li" | b"tr") {
                    push(&mut segments, None, " ", &mut room);
                }
            }
            Token::EndTag(tag) => {
                if unreadable.as_deref() == Some(&tag.name[..]) {
                    unreadable = None;
                } else if tag.name[..] == b"a"[..] {
                    href = None;
                }
            }
            Token::String(text) if unreadable.is_none() => {
                push(&mut segments, href.as_deref(), &String::from_utf8_lossy(&text), &mut room);
            }
            _ => {}
        }
    }
    if let Some(last) = segments.last_mut() {
        last.text.truncate(last.text.trim_end().len());
    }
    segments.retain(|segment| !segment.text.is_empty());
    segments
}

/// Adds text with runs of blanks made one, joined to what stands there when it leads to the same place.
fn push(segments: &mut Vec<Segment>, href: Option<&str>, text: &str, room: &mut usize) {
    let after_blank = segments.last().is_none_or(|last| last.text.ends_with(' '));
    let mut blank = after_blank;
    let mut clean = String::new();
    for character in text.chars() {
        let is_blank = character.is_whitespace() || character.is_control();
        if *room == 0 {
            break;
        }
        if is_direction_mark(character) || (is_blank && blank) {
            continue;
        }
        clean.push(if is_blank { ' ' } else { character });
        *room -= 1;
        blank = is_blank;
    }
    if clean.is_empty() {
        return;
    }
    let is_full = segments.len() == MAX_SEGMENTS;
    match segments.last_mut() {
        Some(last) if last.href.as_deref() == href => last.text.push_str(&clean),
        _ if is_full => *room = 0,
        _ => segments.push(Segment { text: clean, href: href.map(str::to_owned) }),
    }
}

/// Characters that make text read otherwise than it is.
fn is_direction_mark(character: char) -> bool {
    matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn safe_link(value: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(value).ok()?;
    if text.len() > MAX_HREF {
        return None;
    }
    let url = Url::parse(text).ok()?;
    let is_safe = match url.scheme() {
        "https" => url.username().is_empty() && url.password().is_none(),
        "mailto" | "tel" => true,
        _ => false,
    };
    is_safe.then(|| url.to_string())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shown(message: &str) -> Vec<(String, Option<String>)> {
        segments(message).into_iter().map(|segment| (segment.text, segment.href)).collect()
    }

    fn text(message: &str) -> String {
        segments(message).into_iter().map(|segment| segment.text).collect()
    }

    #[test]
    fn text_and_safe_links_come_out() {
        let found = shown(
            "Locked.<br>Call <a href='tel:+18005551234'>us</a> or <A HREF=\"https://c.example/?a=1&amp;b=2\" onclick=x>unlock &lt;here&gt;</A>!",
        );
        assert_eq!(
            found,
            [
                ("Locked. Call ".to_owned(), None),
                ("us".to_owned(), Some("tel:+18005551234".to_owned())),
                (" or ".to_owned(), None),
                ("unlock <here>".to_owned(), Some("https://c.example/?a=1&b=2".to_owned())),
                ("!".to_owned(), None),
            ]
        );
        assert_eq!(
            shown("mail <a href=mailto:a@b.example>a</a>")[1].1.as_deref(),
            Some("mailto:a@b.example")
        );
    }

    #[test]
    fn no_other_scheme_becomes_a_link() {
        for href in [
            "javascript:alert(1)",
            " javascript:alert(1)",
            "java\nscript:alert(1)",
            "&#106;avascript:alert(1)",
            "JAVASCRIPT:alert(1)",
            "data:text/html,x",
            "http://a.example",
            "//a.example",
            "/a",
            "vbscript:x",
            "blob:https://a/b",
            "https://user:pass@a.example",
            "file:///etc",
            "",
            "https:",
        ] {
            let found = shown(&format!("<a href=\"{href}\">x</a>"));
            assert_eq!(found, [("x".to_owned(), None)], "{href}");
        }
    }

    #[test]
    fn scripts_handlers_and_broken_tags_leave_text_only() {
        assert_eq!(text("a<script>alert(1)</script>b"), "ab");
        assert_eq!(text("a<style>b{}</style><svg><a href=x>c</a></svg>d"), "ad");
        assert_eq!(text("a<img src=x onerror=alert(1)>b"), "ab");
        assert_eq!(text("a<scr<script>ipt>b"), "aipt>b");
        assert_eq!(text("1 < 2 & 3 &amp; 4"), "1 < 2 & 3 & 4");
        assert_eq!(text("a<!-- b -->c<"), "ac<");
        assert_eq!(shown("<a href=\"https://a.example/\"><b>x</b>").len(), 1);
        assert_eq!(text("safe\u{202e}txet"), "safetxet");
    }

    #[test]
    fn junk_is_bounded() {
        assert_eq!(text(&"x".repeat(100_000)).len(), MAX_TEXT);
        assert!(segments(&"<a href=https://a.example>x</a>y".repeat(5_000)).len() <= MAX_SEGMENTS);
        assert_eq!(segments(&"<".repeat(100_000)).len(), 1);
        assert!(segments("").is_empty() && segments(" \n ").is_empty());
    }

    proptest! {
        #[test]
        fn whatever_comes_in_only_safe_segments_come_out(message in "(<|>|a|&|;|#|=|\"|'|/| |script|href|https:|javascript:|x){0,60}") {
            for segment in segments(&message) {
                prop_assert!(!segment.text.is_empty());
                if let Some(href) = segment.href {
                    let scheme = href.split(':').next().unwrap();
                    prop_assert!(["https", "mailto", "tel"].contains(&scheme), "{}", href);
                }
            }
        }
    }
}
