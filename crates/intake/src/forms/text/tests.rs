use serde_json::json;

use crate::{
    forms::{
        Form, file,
        tests::{changes, of, text, texts_of_pulls},
        text::WIDTH,
    },
    gaps::State,
    name::Name,
    redact::Redact,
    table::Part,
};

#[test]
fn a_note_is_narrow_and_says_what_matters() {
    for pull in texts_of_pulls() {
        let intake = of(&pull, Redact::Nothing);
        let file = file(Form::Text, &intake, &changes(), None);
        let note = text(&file);
        assert!(note.lines().all(|line| line.chars().count() <= WIDTH), "{note}");
        let words = note.split_whitespace().collect::<Vec<_>>().join(" ");
        for gap in &intake.gaps {
            assert_eq!(words.contains(&gap.because), gap.state == State::Open, "{note}");
        }
        assert!(note.contains("from $1,000 to $1,100.\n"), "{note}");
        for policy in intake.model.part(Part::Policies) {
            assert!(note.contains(policy.text(Name::carrier_policy_number).unwrap()), "{note}");
        }
    }
}

#[test]
fn a_note_breaks_what_is_too_long_and_leaves_out_what_cannot_be_seen() {
    let long = format!("{}\u{1b}[31m\u{0}", "ж".repeat(500));
    let pull = json!({ "pull": { "policies": [{ "policy_id": "p", "carrier_name": long }] } }).to_string();
    let file = file(Form::Text, &of(&pull, Redact::Nothing), &[], None);
    assert!(text(&file).lines().all(|line| line.chars().count() <= WIDTH));
    assert!(text(&file).chars().all(|letter| letter == '\n' || !letter.is_control()));
    assert_eq!(text(&file).matches('ж').count(), 500);
}
