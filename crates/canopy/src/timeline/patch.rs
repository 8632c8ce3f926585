//! What tells two documents apart, as a JSON merge patch. Source: RFC 7396.

use serde_json::{Map, Value};

/// A document without the members of its objects that are `null`: a merge patch cannot speak of them.
#[must_use]
pub fn without_nulls(document: Value) -> Value {
    match document {
        Value::Object(members) => {
            let members = members.into_iter().filter(|(_, value)| !value.is_null());
            members.map(|(name, value)| (name, without_nulls(value))).collect()
        }
        Value::Array(items) => items.into_iter().map(without_nulls).collect(),
        other => other,
    }
}

/// The merge patch that makes `to` of `from`, both objects without `null`.
#[must_use]
pub fn between(from: &Value, to: &Value) -> Value {
    let (Value::Object(from), Value::Object(to)) = (from, to) else { return to.clone() };
    let mut patch = Map::new();
    for (name, value) in to {
        match from.get(name) {
            Some(before) if before == value => {}
            Some(before) if before.is_object() && value.is_object() => {
                patch.insert(name.clone(), between(before, value));
            }
            _ => drop(patch.insert(name.clone(), value.clone())),
        }
    }
    let gone = from.keys().filter(|name| !to.contains_key(*name));
    patch.extend(gone.map(|name| (name.clone(), Value::Null)));
    Value::Object(patch)
}

/// What a patch makes of a document: RFC 7396, section 2, as it stands there.
#[cfg(test)]
pub(super) fn merged(target: Value, patch: &Value) -> Value {
    let Value::Object(patch) = patch else { return patch.clone() };
    let mut target = if let Value::Object(target) = target { target } else { Map::new() };
    for (name, value) in patch {
        if value.is_null() {
            target.remove(name);
        } else {
            let before = target.remove(name).unwrap_or_default();
            target.insert(name.clone(), merged(before, value));
        }
    }
    Value::Object(target)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn document() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i32>().prop_map(Value::from),
            "[ab]{0,2}".prop_map(Value::from),
        ];
        let any = leaf.prop_recursive(4, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
                prop::collection::btree_map("[abc]", inner, 0..4)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        });
        prop::collection::btree_map("[abc]", any, 0..4)
            .prop_map(|map| Value::Object(map.into_iter().collect()))
    }

    #[test]
    fn a_patch_has_what_differs_and_no_more() {
        let (from, to) = (
            json!({"a": 1, "b": {"c": 1, "d": 2}, "e": [1]}),
            json!({"b": {"c": 1, "d": 3}, "e": [1], "f": {}}),
        );
        assert_eq!(between(&from, &to), json!({"a": null, "b": {"d": 3}, "f": {}}));
        assert_eq!(between(&to, &to), json!({}));
        assert_eq!(without_nulls(json!({"a": null, "b": [null, {"c": null}]})), json!({"b": [null, {}]}));
    }

    proptest! {
        #[test]
        fn a_patch_leads_there_and_its_counterpart_back(from in document(), to in document()) {
            let (from, to) = (without_nulls(from), without_nulls(to));
            prop_assert_eq!(merged(from.clone(), &between(&from, &to)), to.clone());
            prop_assert_eq!(merged(to.clone(), &between(&to, &from)), from);
        }
    }
}
