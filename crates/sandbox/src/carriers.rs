//! The carriers a consumer can choose from: the two of the published example, well-known names, and
//! made-up regional companies, so that a page meets a list as long as the real one.

use std::sync::LazyLock;

use canopy::contract::Operation;
use serde_json::{Value, json};

use crate::{contract, ids};

/// Id and name. The ids are those the published documents use where they name one.
const KNOWN: [(&str, &str); 44] = [
    ("statefarm", "State Farm"),
    ("allstate", "Allstate"),
    ("amfam", "American Family"),
    ("autoowners", "Auto-Owners"),
    ("farmers", "Farmers"),
    ("nationwide", "Nationwide"),
    ("progressive", "Progressive"),
    ("usaa", "USAA"),
    ("geico", "GEICO"),
    ("libertymutual", "Liberty Mutual"),
    ("travelers", "Travelers"),
    ("erie", "Erie"),
    ("esurance", "Esurance"),
    ("mercury", "Mercury"),
    ("safeco", "Safeco"),
    ("hartford", "The Hartford"),
    ("amica", "Amica"),
    ("kemper", "Kemper"),
    ("metlife", "MetLife"),
    ("lemonade", "Lemonade"),
    ("root", "Root"),
    ("hippo", "Hippo"),
    ("plymouthrock", "Plymouth Rock"),
    ("westfield", "Westfield"),
    ("grange", "Grange"),
    ("stateauto", "State Auto"),
    ("shelter", "Shelter"),
    ("countryfinancial", "Country Financial"),
    ("cincinnati", "Cincinnati"),
    ("donegal", "Donegal"),
    ("encompass", "Encompass"),
    ("foremost", "Foremost"),
    ("thegeneral", "The General"),
    ("infinity", "Infinity"),
    ("dairyland", "Dairyland"),
    ("bristolwest", "Bristol West"),
    ("hanover", "Hanover"),
    ("arbella", "Arbella"),
    ("mapfre", "MAPFRE"),
    ("njm", "NJM"),
    ("wawanesa", "Wawanesa"),
    ("elephant", "Elephant"),
    ("clearcover", "Clearcover"),
    ("openly", "Openly"),
];

const REGIONS: [&str; 40] = [
    "Alabama",
    "Arizona",
    "Arkansas",
    "Bluegrass",
    "Cascade",
    "Chesapeake",
    "Colorado",
    "Connecticut",
    "Dakota",
    "Delaware",
    "Everglades",
    "Georgia",
    "Great Lakes",
    "Hawaii",
    "Hoosier",
    "Idaho",
    "Iowa",
    "Kansas",
    "Lone Star",
    "Maine",
    "Minnesota",
    "Mississippi",
    "Missouri",
    "Montana",
    "Nebraska",
    "Nevada",
    "New Mexico",
    "Ohio Valley",
    "Oklahoma",
    "Oregon",
    "Ozark",
    "Palmetto",
    "Piedmont",
    "Rhode Island",
    "Rocky Mountain",
    "Sierra",
    "Tennessee",
    "Utah",
    "Vermont",
    "Wyoming",
];

const COMPANIES: [&str; 5] = ["Mutual", "Casualty", "Farm Bureau", "Fire and Marine", "Assurance"];

static CARRIERS: LazyLock<Vec<Value>> = LazyLock::new(|| {
    let published = contract::example(Operation::GetCarriers, "200", None)
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    let known = KNOWN.iter().map(|(id, name)| carrier(id, name));
    let regional = REGIONS.iter().flat_map(|region| {
        COMPANIES.iter().map(move |company| {
            let name = format!("{region} {company}");
            carrier(&name.to_lowercase().replace(' ', ""), &name)
        })
    });
    published.into_iter().chain(known).chain(regional).collect()
});

fn username_label(kind: u64) -> &'static str {
    match kind % 4 {
        0 => "Username",
        1 => "User ID",
        2 => "Email",
        _ => "Online ID",
    }
}

/// Every seventh has a third field, every eleventh no password, every fifth no resetting of passwords.
fn carrier(id: &str, name: &str) -> Value {
    let kind = ids::derived_number(&["carrier", id], 7 * 11 * 5);
    let color = ids::derived_number(&["color", id], 0x0100_0000);
    let host = format!("www.{id}.example");
    let mut carrier = json!({
        "carrier_id": id,
        "name": name,
        "usernameFieldPlaceholder": username_label(kind),
        "thirdFieldPlaceholder": null,
        "color": format!("#{color:06x}"),
        "homepageUrl": host,
        "createAccountUrl": format!("https://{host}/register"),
        "resetPasswordUrl": format!("https://{host}/reset"),
        "disablePasswordField": kind.is_multiple_of(11),
        "servicingActions": if kind.is_multiple_of(3) { json!(["ADD_MORTGAGEE", "EDIT_MORTGAGEE", "REMOVE_MORTGAGEE"]) } else { json!([]) },
        "products": if kind.is_multiple_of(2) { json!(["personal", "commercial"]) } else { json!(["personal"]) },
    });
    if kind.is_multiple_of(7) {
        carrier["thirdFieldPlaceholder"] = json!("State");
        carrier["thirdFieldValidatorError"] = json!("Enter one of FL, LA, NC, SC, TX");
        carrier["thirdFieldValidatorRgx"] = json!("^(FL|LA|NC|SC|TX)$");
        carrier["thirdFieldValidatorRgxFlags"] = json!("i");
    }
    if kind.is_multiple_of(5) {
        carrier["resetPasswordUrl"] = Value::Null;
    }
    carrier
}

/// All carriers with at least one of `products`; no products given means all carriers.
#[must_use]
pub fn list(products: Option<&str>) -> Vec<&'static Value> {
    let wanted: Option<Vec<&str>> = products.map(|products| products.split(',').map(str::trim).collect());
    let offers = |carrier: &Value, product: &str| {
        carrier["products"].as_array().is_some_and(|all| all.iter().any(|one| one == product))
    };
    CARRIERS
        .iter()
        .filter(|carrier| {
            wanted.as_ref().is_none_or(|wanted| wanted.iter().any(|product| offers(carrier, product)))
        })
        .collect()
}

#[must_use]
pub fn find(id: &str) -> Option<&'static Value> {
    CARRIERS.iter().find(|carrier| carrier["carrier_id"] == id)
}

/// The name people know the carrier by, or the id itself.
#[must_use]
pub fn friendly_name(id: &str) -> &str {
    find(id).and_then(|carrier| carrier["name"].as_str()).unwrap_or(id)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_list_is_long_and_has_carriers_of_every_form() {
        let all = list(None);
        let ids: BTreeSet<&str> = all.iter().map(|carrier| carrier["carrier_id"].as_str().unwrap()).collect();
        assert_eq!(ids.len(), all.len(), "no id twice");
        assert!(all.len() >= 240);
        assert!(all.iter().any(|carrier| carrier["disablePasswordField"] == true));
        assert!(all.iter().filter(|carrier| carrier["thirdFieldPlaceholder"].is_string()).count() > 10);
        assert!(list(Some("commercial")).len() < all.len());
        assert_eq!(friendly_name("statefarm"), "State Farm");
    }
}
