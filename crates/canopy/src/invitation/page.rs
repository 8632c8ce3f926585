//! The page behind an invitation's link. All of it comes of the link and of `EDGE_BRAND`; nothing that a preview, a log or a
//! referrer keeps says more than the agency's name.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::{
    Invitation,
    words::{self, Words},
};
use crate::brand::Brand;

/// The picture of a link's preview where the agency has none: 1200 by 630 pixels.
const PREVIEW: &str = "/img/invitation.png";

/// The link under which the funnel counts the visitors of invitations, all of them together.
const FUNNEL_LINK: &str = "invitation";

/// A page of the agency's.
#[derive(Debug)]
pub struct Page<'a> {
    /// Whose it is.
    pub brand: &'a Brand,
    /// Scheme and host of the edge.
    pub origin: &'a str,
    /// That of its style.
    pub nonce: &'a str,
    /// Whether it is counted how far visitors come.
    pub funnel: bool,
}

/// The Content-Security-Policy: that of the example pages, the one style, and the agency's picture. In a local run Canopy's scripts and
/// frames come from a stand-in on this machine.
#[must_use]
pub fn policy(brand: &Brand, nonce: &str, is_local: bool) -> String {
    let (scripts, frames) = match is_local {
        true => ("http://127.0.0.1:*", "http://127.0.0.1:*"),
        false => ("https://cdn.usecanopy.com https://components.usecanopy.com", "https://*.usecanopy.com"),
    };
    let picture = brand.logo_origin().map(|origin| format!(" {origin}")).unwrap_or_default();
    format!(
        "default-src 'none'; script-src 'self' {scripts} 'wasm-unsafe-eval'; connect-src 'self'; frame-src {frames}; style-src 'self' 'nonce-{nonce}'; img-src 'self'{picture}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
}

impl Page<'_> {
    /// The invitation behind `token`.
    #[must_use]
    pub fn invited(&self, invitation: &Invitation, token: &str) -> String {
        let words = words::of(invitation.lang.as_deref());
        let agency = self.agency(invitation);
        let named = agency.unwrap_or(words.agency);
        let lang = invitation.lang.as_deref().unwrap_or(words.lang);
        let main = html! {
            h1 { (filled(words.heading, named)) }
            p.lead { (filled(words.lead, named)) }
            section.card {
                canopy-connect agency=[agency] lang=(lang) funnel=[self.funnel.then_some(FUNNEL_LINK)] invitation=(token) {
                    p { (words.no_script) }
                    (self.contact(words))
                }
            }
        };
        let scripts = html! {
            script type="module" src="/connect/canopy-connect.js" {}
            script type="module" src="/invitation.js" {}
        };
        self.whole(words, named, agency, &main, &scripts)
    }

    /// The invitation's time is over, or the agency took it back.
    #[must_use]
    pub fn over(&self, invitation: &Invitation) -> String {
        let words = words::of(invitation.lang.as_deref());
        let agency = self.agency(invitation);
        self.nothing(words, agency, words.over, words.over_then)
    }

    /// There is no such invitation.
    #[must_use]
    pub fn unknown(&self) -> String {
        let words = words::of(None);
        self.nothing(words, self.brand.name.as_deref(), words.unknown, words.unknown_then)
    }

    fn agency<'i>(&'i self, invitation: &'i Invitation) -> Option<&'i str> {
        invitation.agency.as_deref().or(self.brand.name.as_deref())
    }

    fn nothing(&self, words: &Words, agency: Option<&str>, heading: &str, then: &str) -> String {
        let named = agency.unwrap_or(words.agency);
        let main = html! {
            section.card { h1 { (heading) } p { (filled(then, named)) } }
        };
        self.whole(words, named, agency, &main, &html! {})
    }

    fn whole(
        &self,
        words: &Words,
        named: &str,
        agency: Option<&str>,
        main: &Markup,
        scripts: &Markup,
    ) -> String {
        let (title, description) = (filled(words.title, named), filled(words.description, named));
        let page = html! {
            (DOCTYPE)
            html lang=(words.lang) {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="robots" content="noindex";
                    meta name="referrer" content="no-referrer";
                    title { (title) }
                    meta name="description" content=(description);
                    (self.preview(&title, &description, agency))
                    @if let Some(logo) = self.brand.logo.as_deref() { link rel="icon" href=(logo); }
                    style nonce=(self.nonce) { (PreEscaped(self.brand.style())) (PreEscaped(STYLE)) }
                    (scripts)
                }
                body {
                    header { (self.head(agency)) }
                    main { (main) }
                    footer { (self.contact(words)) }
                }
            }
        };
        page.into_string()
    }

    /// What a link's preview is made of. It has no address of the page: that is the secret.
    fn preview(&self, title: &str, description: &str, agency: Option<&str>) -> Markup {
        // No preview draws an SVG.
        let logo = self.brand.logo.as_deref().filter(|logo| !logo.to_ascii_lowercase().contains(".svg"));
        let picture = logo.unwrap_or(PREVIEW);
        let picture = match picture.starts_with('/') {
            true => format!("{}{picture}", self.origin),
            false => picture.to_owned(),
        };
        html! {
            meta property="og:type" content="website";
            meta property="og:title" content=(title);
            meta property="og:description" content=(description);
            @if let Some(agency) = agency { meta property="og:site_name" content=(agency); }
            meta property="og:image" content=(picture);
            @if logo.is_none() {
                meta property="og:image:width" content="1200";
                meta property="og:image:height" content="630";
            }
            meta name="twitter:card" content=(if logo.is_none() { "summary_large_image" } else { "summary" });
        }
    }

    fn head(&self, agency: Option<&str>) -> Markup {
        let shown = html! {
            @if let Some(logo) = self.brand.logo.as_deref() { img src=(logo) alt="" height="44"; }
            @if let Some(agency) = agency { span { (agency) } }
        };
        html! {
            @match self.brand.url.as_deref() {
                Some(url) => a.brand href=(url) { (shown) },
                None => span.brand { (shown) },
            }
        }
    }

    /// How the agency is reached, as far as it says.
    fn contact(&self, words: &Words) -> Markup {
        let Brand { phone, email, .. } = self.brand;
        html! {
            @if phone.is_some() || email.is_some() {
                p.contact {
                    (words.questions) " "
                    @if let (Some(phone), Some(tel)) = (phone, self.brand.tel()) { a href=(tel) { (phone) } }
                    @if phone.is_some() && email.is_some() { " " (words.or) " " }
                    @if let (Some(email), Some(mailto)) = (email, self.brand.mailto()) { a href=(mailto) { (email) } }
                }
            }
        }
    }
}

fn filled(text: &str, agency: &str) -> String {
    let filled = text.replace("{agency}", agency);
    let mut characters = filled.chars();
    characters.next().map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}

const STYLE: &str = "*{box-sizing:border-box}\
    body{margin:0;min-height:100vh;background:var(--page-background);color:var(--canopy-text);\
    font:1.0625rem/1.6 -apple-system,\"Segoe UI\",Roboto,\"Helvetica Neue\",Arial,sans-serif;overflow-wrap:anywhere}\
    header,main,footer{width:min(40rem,100% - 2.5rem);margin-inline:auto}header{padding-block:1.25rem}\
    .brand{display:inline-flex;align-items:center;gap:.75rem;min-height:2.75rem;color:inherit;font-weight:700;text-decoration:none}\
    .brand img{max-width:10rem;object-fit:contain}\
    h1{margin:.5rem 0 .75rem;font-size:clamp(1.5rem,1.2rem + 1.6vw,2rem);line-height:1.2;text-wrap:balance}\
    .lead{margin:0 0 1.5rem;color:var(--canopy-muted)}\
    .card{padding:clamp(1.25rem,5vw,2rem);border-radius:14px;background:var(--canopy-surface);\
    box-shadow:0 1px 2px #0002,0 8px 28px #0001}\
    .card h1{font-size:1.5rem}.card>:last-child{margin-bottom:0}canopy-connect{display:block;min-height:12rem}\
    a{color:var(--canopy-accent)}a.brand{color:inherit}a:focus-visible{outline:3px solid var(--canopy-accent);outline-offset:3px}\
    footer{padding-block:1.5rem 2.5rem;color:var(--canopy-muted)}.contact{margin:0}\
    .contact a{display:inline-block}";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{id::InvitationId, metadata::Metadata, session::Mode, time::UnixSeconds};

    fn invitation(lang: Option<&str>) -> Invitation {
        let raw = serde_json::value::to_raw_value(&serde_json::json!({"lead": "L-1027"})).unwrap();
        Invitation {
            id: InvitationId::parse("a1").unwrap(),
            expires_at: UnixSeconds(1),
            metadata: Metadata::from_page(Some(&raw)).unwrap(),
            mode: Mode::Components,
            agency: Some("A <b> & C".to_owned()),
            lang: lang.map(str::to_owned),
        }
    }

    fn page(brand: &Brand) -> Page<'_> {
        Page { brand, origin: "https://edge.example", nonce: "n0", funnel: false }
    }

    #[test]
    fn the_page_has_the_agencys_name_and_nothing_of_the_lead() {
        let brand = Brand::read(r#"{"name":"Other","phone":"802-555-0142","email":"a@b.example"}"#).unwrap();
        let shown = page(&brand).invited(&invitation(None), "t0k");
        for part in [
            "<html lang=\"en\">",
            "<title>Share your insurance with A &lt;b&gt; &amp; C</title>",
            "<canopy-connect agency=\"A &lt;b&gt; &amp; C\" lang=\"en\" invitation=\"t0k\">",
            "<a href=\"tel:8025550142\">802-555-0142</a>",
            "content=\"https://edge.example/img/invitation.png\"",
            "<style nonce=\"n0\">",
        ] {
            assert!(shown.contains(part), "{part}: {shown}");
        }
        assert!(!shown.contains("<b>") && !shown.contains("L-1027") && !shown.contains("Other"));
        let head = shown.split("<body>").next().unwrap();
        assert!(!head.contains("t0k"), "a preview does not have the link");
    }

    #[test]
    fn its_visitors_are_counted_together_where_the_funnel_is_on() {
        let brand = Brand::default();
        let counted = Page { funnel: true, ..page(&brand) }.invited(&invitation(None), "t0k");
        assert!(counted.contains(" funnel=\"invitation\" invitation=\"t0k\">"), "{counted}");
        assert!(!page(&brand).invited(&invitation(None), "t0k").contains("funnel"));
    }

    #[test]
    fn a_language_that_is_not_known_is_the_elements_to_speak() {
        let brand = Brand::default();
        let spanish = page(&brand).invited(&invitation(Some("es-MX")), "t");
        assert!(spanish.contains("<html lang=\"es\">") && spanish.contains("lang=\"es-MX\" invitation"));
        let french = page(&brand).invited(&invitation(Some("fr")), "t");
        assert!(french.contains("<html lang=\"en\">") && french.contains("lang=\"fr\" invitation"));
        let unnamed = page(&brand).invited(&Invitation { agency: None, ..invitation(Some("es")) }, "t");
        assert!(unnamed.contains("y su agencia de seguros tendrá") && !unnamed.contains("agency=\""));
    }

    #[test]
    fn what_is_over_begins_nothing() {
        let brand = Brand::read(r#"{"logo":"https://cdn.example/logo.PNG"}"#).unwrap();
        for shown in [page(&brand).over(&invitation(None)), page(&brand).unknown()] {
            assert!(!shown.contains("<script") && !shown.contains("canopy-connect "), "{shown}");
            assert!(shown.contains("property=\"og:image\" content=\"https://cdn.example/logo.PNG\""));
        }
    }

    #[test]
    fn the_policy_lets_in_what_the_page_needs_and_no_more() {
        let brand = Brand::read(r#"{"logo":"https://cdn.example/logo.png"}"#).unwrap();
        let deployed = policy(&brand, "n0", false);
        assert!(deployed.contains("img-src 'self' https://cdn.example;") && deployed.contains("'nonce-n0'"));
        assert!(!deployed.contains("127.0.0.1") && !deployed.contains("unsafe-inline"));
        assert!(policy(&Brand::default(), "n0", true).contains("frame-src http://127.0.0.1:*;"));
    }
}
