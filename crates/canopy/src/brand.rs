//! How the agency's own pages look and whom they name: `EDGE_BRAND`. Source: design, "Configuration".

use std::fmt::Write;

use serde::Deserialize;
use url::Url;

/// Longest name, e-mail address or phone number, in characters.
const MAX_TEXT_LENGTH: usize = 80;

/// Longest address of a picture or a site, in bytes.
const MAX_URL_LENGTH: usize = 500;

/// A colour as CSS writes it: `#` and 3 or 6 hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
struct Color(String);

impl TryFrom<String> for Color {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let digits = text.strip_prefix('#').filter(|digits| [3, 6].contains(&digits.len()));
        let is_color = digits.is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
        if is_color { Ok(Self(text)) } else { Err("expected a colour like #1f5f4a") }
    }
}

/// The colours of a page; what is left out is the edge's own.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Colors {
    accent: Option<Color>,
    accent_text: Option<Color>,
    text: Option<Color>,
    muted: Option<Color>,
    surface: Option<Color>,
    border: Option<Color>,
    danger: Option<Color>,
    background: Option<Color>,
}

/// The custom properties in the order of [`Colors`], with the edge's own colours by day and by night.
const PALETTE: [(&str, &str, &str); 8] = [
    ("--canopy-accent", "#0f5466", "#8fd0e2"),
    ("--canopy-accent-text", "#fff", "#0f1d22"),
    ("--canopy-text", "#15323b", "#e6eff1"),
    ("--canopy-muted", "#4a626a", "#a9bfc6"),
    ("--canopy-surface", "#fff", "#172a31"),
    ("--canopy-border", "#6f858c", "#7c959d"),
    ("--canopy-danger", "#a4262c", "#ff9c94"),
    ("--page-background", "#e9f1f2", "#0f1d22"),
];

impl Colors {
    /// In the order of [`PALETTE`].
    fn all(&self) -> [Option<&Color>; 8] {
        let Self { accent, accent_text, text, muted, surface, border, danger, background } = self;
        [accent, accent_text, text, muted, surface, border, danger, background].map(Option::as_ref)
    }

    /// Declarations, over the colours that `of` takes of a row.
    fn declarations(&self, of: impl Fn(&(&str, &'static str, &'static str)) -> &'static str) -> String {
        PALETTE.iter().zip(self.all()).fold(String::new(), |mut css, (row, own)| {
            let color = own.map_or_else(|| of(row), |color| color.0.as_str());
            let _ = write!(css, "{}:{color};", row.0);
            css
        })
    }
}

/// The agency, as its own pages show it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Brand {
    /// The agency's name.
    pub name: Option<String>,
    colors: Colors,
    dark: Option<Colors>,
    /// Its picture: an `https` URL, or a path on the edge.
    pub logo: Option<String>,
    /// For people to call.
    pub phone: Option<String>,
    /// For people to write to.
    pub email: Option<String>,
    /// Its site.
    pub url: Option<String>,
}

impl Brand {
    /// What is expected of the variable.
    pub const EXPECTED: &'static str = "a JSON object of name, colors, dark, logo, phone, email and url as docs/invitations.md lists them, such as {\"name\": \"Maple & Main\", \"colors\": {\"accent\": \"#1f5f4a\"}}, or nothing";

    /// Reads the variable.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        // An array would be read, too, member by member.
        let brand: Self = serde_json::from_str(text).ok().filter(|_| text.trim_start().starts_with('{'))?;
        let Self { name, logo, phone, email, url, .. } = &brand;
        let is_text = |text: &Option<String>| text.as_deref().is_none_or(is_line);
        let is_phone = phone.as_deref().is_none_or(|phone| !digits(phone).is_empty());
        let is_email = email.as_deref().is_none_or(|email| {
            let parts = email.split_once('@');
            parts.is_some_and(|(name, host)| !name.is_empty() && !host.is_empty() && !host.contains('@'))
                && !email.contains(|character: char| character.is_whitespace() || "?&%,;".contains(character))
        });
        let is_url = url.as_deref().is_none_or(is_https);
        let is_logo = logo.as_deref().is_none_or(|logo| is_path(logo) || is_https(logo));
        let is_brand = is_text(name) && is_text(phone) && is_text(email);
        (is_brand && is_phone && is_email && is_url && is_logo).then_some(brand)
    }

    /// A style sheet of custom properties: those of the element, and `--page-background`. An agency that sets colours for the day
    /// alone has them by night, too.
    #[must_use]
    pub fn style(&self) -> String {
        let day = self.colors.declarations(|row| row.1);
        let is_dark = self.dark.is_some() || self.colors == Colors::default();
        let scheme = if is_dark { "light dark" } else { "light" };
        let night = is_dark.then(|| {
            let declarations = self.dark.clone().unwrap_or_default().declarations(|row| row.2);
            format!("@media (prefers-color-scheme:dark){{:root{{{declarations}}}}}")
        });
        format!(":root{{color-scheme:{scheme};{day}}}{}", night.unwrap_or_default())
    }

    /// What a phone calls.
    #[must_use]
    pub fn tel(&self) -> Option<String> {
        self.phone.as_deref().map(|phone| format!("tel:{}", digits(phone)))
    }

    /// What a mail program writes to.
    #[must_use]
    pub fn mailto(&self) -> Option<String> {
        self.email.as_deref().map(|email| format!("mailto:{email}"))
    }

    /// The origin of the picture, where that is not the edge's.
    #[must_use]
    pub fn logo_origin(&self) -> Option<String> {
        let url = Url::parse(self.logo.as_deref()?).ok()?;
        Some(url.origin().ascii_serialization())
    }
}

fn is_line(text: &str) -> bool {
    !text.trim().is_empty() && text.chars().count() <= MAX_TEXT_LENGTH && !text.chars().any(char::is_control)
}

/// The plus sign and the digits of a phone number.
fn digits(phone: &str) -> String {
    phone.chars().filter(|character| character.is_ascii_digit() || *character == '+').collect()
}

fn is_https(text: &str) -> bool {
    let is_url = |url: Url| url.scheme() == "https" && url.username().is_empty() && url.password().is_none();
    text.len() <= MAX_URL_LENGTH && Url::parse(text).is_ok_and(is_url)
}

/// A path below the edge's origin that needs no escaping.
fn is_path(text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-_.".contains(&byte);
    text.len() <= MAX_URL_LENGTH
        && text.starts_with('/')
        && !text.starts_with("//")
        && text.bytes().all(is_plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_brand_is_read_whole_or_refused() {
        let text = r##"{"name":"Maple & Main","colors":{"accent":"#1f5f4a"},"logo":"/img/logo.svg","phone":"+1 (802) 555-0142","email":"hello@maple.example","url":"https://maple.example"}"##;
        let brand = Brand::read(text).unwrap();
        assert_eq!(brand.name.as_deref(), Some("Maple & Main"));
        assert_eq!(brand.tel().as_deref(), Some("tel:+18025550142"));
        assert_eq!(brand.mailto().as_deref(), Some("mailto:hello@maple.example"));
        assert_eq!(brand.logo_origin(), None);
        let elsewhere = Brand::read(r#"{"logo":"https://cdn.maple.example/a.png?v=1"}"#).unwrap();
        assert_eq!(elsewhere.logo_origin().as_deref(), Some("https://cdn.maple.example"));
        assert_eq!(Brand::read("{}"), Some(Brand::default()));
        for wrong in [
            "",
            "[]",
            "7",
            r#"{"nmae":"x"}"#,
            r#"{"name":" "}"#,
            r#"{"name":"a\nb"}"#,
            r#"{"colors":{"accent":"red"}}"#,
            r##"{"colors":{"accent":"#12345"}}"##,
            r##"{"colors":{"accent":"#fff;}"}}"##,
            r##"{"colors":{"page":"#fff"}}"##,
            r#"{"logo":"http://a.example/x.png"}"#,
            r#"{"logo":"//a.example/x.png"}"#,
            r#"{"logo":"javascript:x"}"#,
            r#"{"logo":"/a b"}"#,
            r#"{"url":"javascript:x"}"#,
            r#"{"phone":"call us"}"#,
            r#"{"email":"maple.example"}"#,
            r#"{"email":"a@b.example?subject=x"}"#,
        ] {
            assert_eq!(Brand::read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn colours_are_the_edges_own_unless_they_are_set() {
        let style = |text: &str| Brand::read(text).unwrap().style();
        let own = style("{}");
        assert!(own.starts_with(":root{color-scheme:light dark;--canopy-accent:#0f5466;"), "{own}");
        assert!(own.contains("dark){:root{--canopy-accent:#8fd0e2;"), "{own}");
        let day = style(r##"{"colors":{"accent":"#123456"}}"##);
        assert!(
            day.starts_with(":root{color-scheme:light;--canopy-accent:#123456;--canopy-accent-text:#fff;")
        );
        assert!(!day.contains("prefers-color-scheme"), "{day}");
        let both = style(r##"{"colors":{"accent":"#123456"},"dark":{"accent":"#abc"}}"##);
        assert!(both.contains("dark){:root{--canopy-accent:#abc;--canopy-accent-text:#0f1d22;"), "{both}");
    }
}
