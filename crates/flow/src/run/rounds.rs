//! The rounds of a loop.

use serde_json::{Map, Value as Json, json};

use super::{
    journal::{bytes_of, is_deeper},
    machine::{Course, Machine},
};
use crate::definition::{MAX_DEPTH_OF_VALUE, MAX_RESULT, Step};

impl<'f> Machine<'f> {
    /// Makes the steps of each round, one round after the other.
    pub(super) fn rounds(&mut self, name: &str, steps: &'f [Step], path: &str, items: &Json) -> Course<'f> {
        let mut rounds = Vec::new();
        for (at, item) in items.as_array().into_iter().flatten().enumerate() {
            let prefix = format!("{path}[{at}].");
            self.values.put(name, item.clone());
            let course = self.steps(steps, &prefix);
            if matches!(course, Course::Next(_)) {
                return course;
            }
            let gave = |step: &Step| {
                Some((step.id.clone(), self.journal.result(&format!("{prefix}{}", step.id))?.clone()))
            };
            rounds.push(Json::Object(steps.iter().filter_map(gave).collect::<Map<_, _>>()));
            self.values.forget(steps.iter().map(|step| step.id.as_str()));
        }
        self.values.remove(name);
        // What is too much to be held is not held: it was made nevertheless.
        let count = rounds.len();
        let held = json!({ "count": count, "rounds": rounds });
        let is_held = bytes_of(&held) <= MAX_RESULT && !is_deeper(&held, MAX_DEPTH_OF_VALUE);
        self.gave(path, if is_held { held } else { json!({ "count": count, "rounds": null }) });
        Course::On
    }
}
