//! The page behind an approval's link: who has it reads what is asked, and says yes or no. It needs no script.

use canopy::{brand::Brand, time::UnixMillis};
use maud::{DOCTYPE, Markup, PreEscaped, html};
use serde_json::{Value as Json, json};

/// What a person is asked, and how that stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// The question.
    pub title: String,
    /// What one should know.
    pub text: Option<String>,
    /// Until when it can be answered.
    pub until: Option<UnixMillis>,
    /// How that stands.
    pub standing: Standing,
}

/// How a question stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Nobody has answered.
    Open,
    /// The answer was yes.
    Approved,
    /// The answer was no.
    Refused,
    /// Nobody has answered in time, or the run was ended.
    Over,
}

impl Asked {
    /// Of a run as the back office reads it, and the place of a step in it; `None` where it asks nobody.
    #[must_use]
    pub fn of(run: &Json, place: usize, now: UnixMillis) -> Option<Self> {
        let step = run["steps"].get(place).filter(|step| step["use"] == "approve")?;
        let until = step["input"]["until"].as_str().and_then(UnixMillis::parse);
        let is_under_way = run["status"] == "approval" || run["status"] == "running";
        let (result, is_open) = (&step["result"], is_under_way && step["state"] == "open");
        let standing = match result["approved"].as_bool() {
            _ if result["timed_out"] == true => Standing::Over,
            Some(true) => Standing::Approved,
            Some(false) => Standing::Refused,
            None if is_open && until.is_none_or(|until| now < until) => Standing::Open,
            None => Standing::Over,
        };
        Some(Self {
            title: step["input"]["title"].as_str()?.to_owned(),
            text: step["input"]["text"].as_str().map(str::to_owned),
            until,
            standing,
        })
    }

    /// The same for programs.
    #[must_use]
    pub fn json(&self) -> Json {
        let standing = match self.standing {
            Standing::Open => "open",
            Standing::Approved => "approved",
            Standing::Refused => "refused",
            Standing::Over => "over",
        };
        json!({ "title": self.title, "text": self.text, "until": self.until.map(UnixMillis::rfc3339), "standing": standing })
    }

    /// The page, in the agency's colours. `until` is the time as people write it, `nonce` that of its style.
    #[must_use]
    pub fn page(&self, brand: &Brand, until: Option<&str>, nonce: &str) -> String {
        let paragraphs = self.text.iter().flat_map(|text| text.split('\n'));
        let page = html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="robots" content="noindex";
                    title { (self.title) }
                    style nonce=(nonce) { (PreEscaped(brand.style())) (PreEscaped(STYLE)) }
                }
                body { main {
                    @if let Some(name) = brand.name.as_deref() { p.from { (name) } }
                    h1 { (self.title) }
                    @for line in paragraphs.filter(|line| !line.trim().is_empty()) { p { (line) } }
                    (self.rest(until))
                } }
            }
        };
        page.into_string()
    }

    fn rest(&self, until: Option<&str>) -> Markup {
        let (class, what, then) = match self.standing {
            Standing::Open => {
                return html! {
                    @if let Some(until) = until { p.until { "This can be answered until " (until) "." } }
                    form method="post" {
                        button name="decision" value="approve" { "Approve" }
                        button.no name="decision" value="refuse" { "Refuse" }
                    }
                };
            }
            Standing::Approved => ("approved", "Approved.", "The workflow goes on."),
            Standing::Refused => ("refused", "Refused.", "The workflow was told."),
            Standing::Over => (
                "over",
                "This question is no longer open.",
                "Nobody answered in time, or the workflow was ended.",
            ),
        };
        html! { p class={ "said " (class) } role="status" { strong { (what) } " " (then) } }
    }
}

const STYLE: &str = "*{box-sizing:border-box}\
    body{margin:0;min-height:100vh;display:grid;place-items:center;padding:1.25rem;background:var(--page-background);\
    color:var(--canopy-text);font:1.0625rem/1.6 -apple-system,\"Segoe UI\",Roboto,\"Helvetica Neue\",Arial,sans-serif}\
    main{width:min(36rem,100%);padding:clamp(1.25rem,5vw,2.25rem);border-radius:14px;background:var(--canopy-surface);\
    box-shadow:0 1px 2px #0002,0 8px 28px #0001;overflow-wrap:anywhere}\
    h1{margin:0 0 .75rem;font-size:1.5rem;line-height:1.25;text-wrap:balance}p{margin:0 0 .75rem}\
    .until,.from{color:var(--canopy-muted)}.from{font-weight:600}\
    form{display:flex;flex-wrap:wrap;gap:.75rem;margin-top:1.25rem}\
    button{flex:1 1 10rem;min-height:3rem;padding:.5rem 1.25rem;border:2px solid var(--canopy-accent);border-radius:8px;\
    background:var(--canopy-accent);color:var(--canopy-accent-text);font:inherit;font-weight:600;cursor:pointer}\
    button.no{background:transparent;color:var(--canopy-accent)}\
    button:focus-visible{outline:3px solid var(--canopy-accent);outline-offset:3px}\
    .said{margin:1.25rem 0 0;padding:.875rem 1rem;border-left:4px solid var(--canopy-accent);background:var(--page-background)}\
    .said.refused{border-color:var(--canopy-danger)}";

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixMillis = UnixMillis(1_700_000_000_000);

    fn run(status: &str, result: Json) -> Json {
        let state = if result.is_null() { "open" } else { "done" };
        json!({ "status": status, "steps": [
            { "path": "a", "use": "http" },
            { "path": "ok", "use": "approve", "state": state, "input": { "title": "Send <it>?", "text": "To\n\n\"Jo\"", "until": NOW.plus(9).rfc3339() }, "result": result },
        ]})
    }

    #[test]
    fn it_stands_as_the_run_does() {
        let standing =
            |status: &str, result: Json, now| Asked::of(&run(status, result), 1, now).unwrap().standing;
        for status in ["approval", "running"] {
            assert_eq!(standing(status, json!(null), NOW), Standing::Open);
        }
        assert_eq!(standing("approval", json!(null), NOW.plus(1_009)), Standing::Over);
        assert_eq!(standing("cancelled", json!(null), NOW), Standing::Over);
        assert_eq!(standing("running", json!({ "approved": true }), NOW), Standing::Approved);
        assert_eq!(standing("stopped", json!({ "approved": false }), NOW), Standing::Refused);
        assert_eq!(standing("stopped", json!({ "approved": false, "timed_out": true }), NOW), Standing::Over);
        for place in [0, 2] {
            assert_eq!(Asked::of(&run("approval", json!(null)), place, NOW), None);
        }
    }

    #[test]
    fn the_page_has_no_markup_of_others_and_asks_only_while_it_is_open() {
        let asked = Asked::of(&run("approval", json!(null)), 1, NOW).unwrap();
        let brand = Brand::read(r#"{"name":"Maple & Main"}"#).unwrap();
        let page = asked.page(&brand, Some("Monday & later"), "n0");
        for part in [
            "<p class=\"from\">Maple &amp; Main</p>",
            "<h1>Send &lt;it&gt;?</h1>",
            "<p>To</p><p>&quot;Jo&quot;</p>",
            "until Monday &amp; later",
            "value=\"approve\"",
            "nonce=\"n0\"",
        ] {
            assert!(page.contains(part), "{part}: {page}");
        }
        let over = Asked { standing: Standing::Refused, ..asked }.page(&brand, None, "n0");
        assert!(!over.contains("<form") && over.contains("Refused."));
    }
}
