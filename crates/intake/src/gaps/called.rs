//! What rows are called in sentences: never by a name, a number or an address.

use crate::{
    cell::Row,
    name::Name as N,
    wording::{self, carrier, clip, first_large, spaced},
};

/// What a policy is called in a sentence: its carrier and type, `State Farm homeowners policy`.
pub fn called(policy: &Row<'_>) -> String {
    let kind = policy.text(N::policy_type).map(|text| spaced(clip(text)));
    let first = carrier(policy).map_or("The", clip);
    let words = [Some(first), kind.as_deref(), Some("policy")];
    first_large(&words.into_iter().flatten().collect::<Vec<_>>().join(" "))
}

/// What a vehicle is called in a sentence: `2018 Chevrolet Camaro`.
pub fn vehicle(vehicle: &Row<'_>) -> String {
    wording::vehicle(vehicle).unwrap_or_else(|| "a vehicle".to_owned())
}
