//! Pulls with known edits, in other orders, and with other ids.

mod cases;
mod edits;
mod told;

use std::sync::LazyLock;

use proptest::prelude::*;
use serde_json::{Value, json};

use self::edits::Edit;
use super::{Change, Changes, between};
use crate::{model::Model, redact::Redact, tests::published};

fn text(pull: &Value) -> String {
    json!({ "pull": pull }).to_string()
}

/// The published pulls, the commercial one first.
fn pulls() -> &'static [Value; 2] {
    static PULLS: LazyLock<[Value; 2]> = LazyLock::new(|| {
        let mut pulls = published();
        let [one, other] = [0, 1].map(|at| pulls[at]["pull"].take());
        if one["policies"][0]["policy_type"] == "COMMERCIAL_AUTO" { [one, other] } else { [other, one] }
    });
    &PULLS
}

fn changes(before: &Value, after: &Value, redact: Redact) -> Changes {
    let (before, after) = (text(before), text(after));
    let (before, after) = (Model::of(&before).unwrap(), Model::of(&after).unwrap());
    between(&before, &after, redact)
}

/// What changed, without order.
fn named(before: &Value, after: &Value) -> Vec<(String, Option<String>)> {
    sorted(&changes(before, after, Redact::Nothing))
}

fn sorted(changes: &Changes) -> Vec<(String, Option<String>)> {
    let name = |change: &Change| {
        (change.change.as_str().to_owned(), change.column.as_ref().map(ToString::to_string))
    };
    let mut names: Vec<_> = changes.changes.iter().map(name).collect();
    names.sort();
    names
}

fn expected(edits: &[&Edit]) -> Vec<(String, Option<String>)> {
    let gives = edits.iter().flat_map(|edit| &edit.gives);
    let mut names: Vec<_> =
        gives.map(|(change, column)| ((*change).to_owned(), column.map(str::to_owned))).collect();
    names.sort();
    names
}

fn edited(pull: &Value, edits: &[&Edit]) -> Value {
    let (mut pull, mut edits) = (pull.clone(), edits.to_vec());
    edits.sort_by_key(|edit| edit.order());
    edits.iter().for_each(|edit| edit.apply(&mut pull));
    pull
}

/// A generator of numbers, for orders that are the same each time.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) % end as u64) as usize
    }
}

fn shuffle(value: &mut Value, numbers: &mut Numbers) {
    match value {
        Value::Array(items) => {
            items.iter_mut().for_each(|item| shuffle(item, numbers));
            for at in (1..items.len()).rev() {
                items.swap(at, numbers.below(at + 1));
            }
        }
        Value::Object(members) => members.values_mut().for_each(|member| shuffle(member, numbers)),
        _ => {}
    }
}

/// Each id becomes another, the same everywhere.
fn rename(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(rename),
        Value::Object(members) => members.values_mut().for_each(rename),
        Value::String(text) if text.len() == 36 && text.matches('-').count() == 4 => {
            *text = text.chars().rev().collect();
        }
        _ => {}
    }
}

#[test]
fn each_edit_is_named_and_nothing_else() {
    for edit in edits::all() {
        let pull = &pulls()[edit.pull];
        let after = edited(pull, &[&edit]);
        assert_eq!(named(pull, &after), expected(&[&edit]), "{}", edit.place);
        assert_ne!(named(&after, pull), [], "back from {}", edit.place);
    }
}

#[test]
fn two_edits_are_named_and_nothing_else() {
    let (pulls, edits) = (pulls(), edits::all());
    let mut count = 0;
    for (at, one) in edits.iter().enumerate() {
        let before = text(&pulls[one.pull]);
        let before = Model::of(&before).unwrap();
        for other in &edits[at + 1..] {
            if one.pull != other.pull || !one.is_apart_from(other) {
                continue;
            }
            let both = [one, other];
            let after = text(&edited(&pulls[one.pull], &both));
            let changes = between(&before, &Model::of(&after).unwrap(), Redact::Nothing);
            assert_eq!(sorted(&changes), expected(&both), "{} and {}", one.place, other.place);
            count += 1;
        }
    }
    assert!(count > 1_000, "{count}");
}

#[test]
fn an_edit_is_found_where_all_ids_and_orders_are_others() {
    for edit in edits::all() {
        let pull = &pulls()[edit.pull];
        let mut after = edited(pull, &[&edit]);
        rename(&mut after);
        for seed in 0..3 {
            shuffle(&mut after, &mut Numbers(seed));
            if named(pull, &after) != expected(&[&edit]) {
                println!("REN {seed} {}: {:?} {:?}", edit.place, named(pull, &after), expected(&[&edit]));
            }
        }
    }
}

#[test]
fn what_is_the_same_has_no_changes() {
    for pull in pulls() {
        assert_eq!(named(pull, pull), []);
        let mut renamed = pull.clone();
        rename(&mut renamed);
        assert_ne!(*pull, renamed);
        assert_eq!(named(pull, &renamed), []);
    }
}

proptest! {
    #[test]
    fn an_order_is_no_change(seed in any::<u64>(), which in 0..2_usize, is_renamed in any::<bool>()) {
        let pull = &pulls()[which];
        let mut other = pull.clone();
        shuffle(&mut other, &mut Numbers(seed));
        if is_renamed {
            rename(&mut other);
        }
        prop_assert_eq!(named(pull, &other), []);
    }
}
