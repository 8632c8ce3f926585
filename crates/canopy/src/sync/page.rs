//! A page of Canopy's list. Source: `openapi.json`, `get-pulls`.

use crate::{json, pull::Listing};

/// Largest page, in bytes: its pulls come with their policies.
pub const MAX_PAGE_BYTES: usize = 24 * 1024 * 1024;

/// Most pulls read of a page.
const MAX_ITEMS: usize = 100;

/// See above.
#[derive(Debug)]
pub struct Page {
    /// How many pulls there are in all, where Canopy says it.
    pub total: Option<u64>,
    /// How many this page has.
    pub length: u32,
    /// Those that could be read.
    pub listings: Vec<Listing>,
}

impl Page {
    /// Reads the answer of `get-pulls`; `None` when it is none.
    #[must_use]
    pub fn read(body: &[u8]) -> Option<Self> {
        let body = json::body(body);
        let [total, pulls] = json::members(&body, ["total_pulls", "pulls"])?;
        let items = json::items(pulls?.get(), MAX_ITEMS)?;
        Some(Self {
            total: json::integer_or_text(total),
            length: u32::try_from(items.len()).unwrap_or(u32::MAX),
            listings: items.into_iter().filter_map(Listing::read).collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn the_published_example_is_read() {
        let document: Value =
            serde_json::from_str(include_str!("../../../../contract/openapi.json")).unwrap();
        let answer = &document["paths"]["/teams/{teamId}/pulls"]["get"]["responses"]["200"];
        let examples = answer["content"]["application/json"]["examples"].as_object().unwrap();
        for example in examples.values() {
            let page = Page::read(example["value"].to_string().as_bytes()).unwrap();
            let expected = example["value"]["pulls"].as_array().unwrap().len();
            assert_eq!((page.length as usize, page.listings.len()), (expected, expected));
            assert!(page.listings.iter().all(|listing| listing.created_at.is_some()));
        }
    }

    #[test]
    fn what_cannot_be_read_costs_nothing_else() {
        let pulls =
            json!([{"pull_id": "p-1", "status": 7, "meta_data": "{\"lead\":1}"}, {"status": "SUCCESS"}, 3]);
        let page = Page::read(json!({"total_pulls": 7, "pulls": pulls}).to_string().as_bytes()).unwrap();
        assert_eq!((page.total, page.length, page.listings.len()), (Some(7), 3, 1));
        assert_eq!(page.listings[0].event.facts.metadata.as_ref().unwrap().text(), r#"{"lead":1}"#);
        for body in ["", "[]", "{}", r#"{"pulls":{}}"#] {
            assert!(Page::read(body.as_bytes()).is_none(), "{body}");
        }
    }
}
