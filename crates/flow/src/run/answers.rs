//! What becomes of a step by what others say: a service, Canopy, the log.

use canopy::{
    delivery::Tried,
    retry::{self, MAX_RETRY_AFTER_MILLIS, read_retry_after},
};
use serde_json::{Value as Json, json};

use super::{machine::Machine, next::Answer, outcome::Reason};
use crate::{
    asked::counts,
    connector::Answered,
    definition::{Step, Use},
    expression::Fault,
    text::Escape,
};

/// Wait before the second attempt of a call, in milliseconds; doubled for each one after.
const BASE_MILLIS: u64 = 2_000;

/// Longest wait between two attempts, in milliseconds.
const CAP_MILLIS: u64 = 60 * 60 * 1_000;

impl Machine<'_> {
    /// Whether an entry is the one that a step waits for: `event` is its document.
    ///
    /// # Errors
    /// Where its condition gives nothing.
    pub fn is_awaited(&mut self, path: &str, event: &Json) -> Result<bool, Fault> {
        let Some(Use::Wait { when, .. }) = self.find(path).map(|step| &step.does) else { return Ok(false) };
        let Some(when) = when else { return Ok(true) };
        // The steps' results are those that stand there when it waits.
        let mut values = self.values.clone();
        values.put("event", event.clone());
        Ok(when.evaluate(&values.scope())? == Json::Bool(true))
    }

    /// The entry that a step waited for is there: `event` is its document.
    pub fn found(&mut self, path: &str, position: i64, event: Json) {
        self.gave(path, json!({ "position": position, "event": event }));
    }

    /// The log up to now does not have the entry. Where the time is over it does not come.
    pub fn missed(&mut self, path: &str) {
        let is_over =
            self.journal.find(path).is_some_and(|record| record.due.is_none_or(|due| due <= self.now));
        if is_over {
            self.gave(path, json!({ "timed_out": true }));
        }
    }

    /// The service, or Canopy, answered the attempt under way.
    pub fn answered(&mut self, path: &str, answer: Answer<'_>, random: u32) {
        let Answer { status, headers, body, retry_after, duration_ms } = answer;
        let began = self
            .journal
            .find(path)
            .and_then(|record| record.attempts.last())
            .map_or(self.now, |last| last.at);
        self.journal.change(path, |record| {
            record.tried(Tried::answered(began, status, duration_ms, body.unwrap_or_default()))
        });
        let is_passing = matches!(status, 408 | 425 | 429 | 500..);
        if is_passing {
            let asked = retry_after.and_then(|value| read_retry_after(value, self.now));
            return self.again(path, asked, &format!("the service answered {status}"), random);
        }
        let Some(body) = body else {
            let reason = if (200..300).contains(&status) { Reason::Answer } else { Reason::Refused };
            return self.fail(
                path,
                reason,
                &format!("the service answered {status}, with more than is read, or broke off"),
            );
        };
        let json = serde_json::from_slice(body)
            .unwrap_or_else(|_| Json::String(String::from_utf8_lossy(body).into_owned()));
        let answer = json!({ "status": status, "headers": headers, "body": json });
        match self.read(path, &answer) {
            Ok(Answered::Done(result)) => self.gave(path, result),
            Ok(Answered::Failed(words)) => {
                let words = words.map_or_else(String::new, |words| format!(": {words}"));
                self.fail(path, Reason::Refused, &format!("the service answered {status}{words}"));
            }
            // It may well have done what it was asked: it is not asked again.
            Err(fault) => self.fail(
                path,
                Reason::Answer,
                &format!("the service answered {status}, and not what is expected: {fault}"),
            ),
        }
    }

    /// The attempt under way had no answer.
    pub fn unanswered(&mut self, path: &str, reason: retry::Reason, duration_ms: u64, random: u32) {
        let began = self
            .journal
            .find(path)
            .and_then(|record| record.attempts.last())
            .map_or(self.now, |last| last.at);
        self.journal.change(path, |record| record.tried(Tried::unanswered(began, reason, duration_ms)));
        let asks = self.find(path).map(|step| &step.does);
        if matches!(asks, Some(Use::Canopy { operation, .. }) if counts(*operation)) {
            let detail = "Canopy did not answer: it is not known whether it took the call";
            return self.fail(path, Reason::OutcomeUnknown, detail);
        }
        self.again(path, None, "the service did not answer", random);
    }

    fn again(&mut self, path: &str, asked: Option<u64>, detail: &str, random: u32) {
        let most = self.find(path).map_or(1, Step::attempts);
        let count = self.journal.find(path).map_or(most, |record| record.count);
        if count >= most {
            return self.fail(path, Reason::Unavailable, &format!("{detail}, the last of {count} attempts"));
        }
        let wait = retry::backoff(count, BASE_MILLIS, CAP_MILLIS, random);
        let due = self.now.plus(wait.max(asked.unwrap_or(0).min(MAX_RETRY_AFTER_MILLIS)));
        self.journal.change(path, |record| record.due = Some(due));
    }

    fn read(&self, path: &str, answer: &Json) -> Result<Answered, Fault> {
        let is_success = answer["status"].as_u64().is_some_and(|status| (200..300).contains(&status));
        match self.find(path).map(|step| &step.does) {
            Some(Use::Connector { connector, .. }) => connector.answered(answer),
            Some(Use::Http { fails_when, result, .. }) => {
                let mut values = self.values.clone();
                values.put("answer", answer.clone());
                let scope = values.scope();
                let fails = match fails_when {
                    Some(fails) if is_success => fails.evaluate(&scope)? == Json::Bool(true),
                    _ => !is_success,
                };
                if fails {
                    return Ok(Answered::Failed(None));
                }
                let result = result.as_ref().map(|result| result.render(&scope, Escape::None)).transpose()?;
                Ok(Answered::Done(result.map_or_else(|| held(answer), Json::from)))
            }
            Some(Use::Query { .. }) if is_success => Ok(Answered::Done(answer["body"].clone())),
            _ if is_success => Ok(Answered::Done(held(answer))),
            _ => Ok(Answered::Failed(None)),
        }
    }
}

/// What a step holds of an answer where nothing else is said.
fn held(answer: &Json) -> Json {
    json!({ "status": answer["status"], "body": answer["body"] })
}
