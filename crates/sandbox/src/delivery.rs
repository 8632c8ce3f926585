//! Webhook delivery by Canopy's rules: signed, at least once, retried with exponential backoff.

use std::collections::BTreeMap;

use canopy::{secret::Secret, signature::sign, time::UnixMillis};
use serde_json::Value;

use crate::{
    ids,
    rows::{Attempt, Delivery, DeliveryState, Hook},
    world::World,
};

/// A receiver has this long to answer (contract, "Webhooks").
pub const ANSWER_WITHIN_MS: u64 = 30_000;
/// Times an undelivered webhook is sent again (contract, "Webhooks").
pub const MAX_RETRIES: usize = 10;
/// An attempt whose end was never recorded, because the process died, is made again after this long.
const LEASE_MS: u64 = ANSWER_WITHIN_MS + 5_000;

/// Attempts under way at a time, the next ones wait for their end: each has a timer, of which workerd gives 10,000, and the one
/// more would be the end of the sandbox.
const MAX_UNDER_WAY: usize = 1_000;

/// A webhook to send now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing {
    pub delivery: String,
    pub url: String,
    pub headers: BTreeMap<String, String>,
    pub body: String,
}

/// Milliseconds to wait before the retry that follows `attempts` attempts: doubling, plus up to half again.
#[must_use]
pub fn backoff_ms(attempts: usize, base_ms: u64, random: impl Fn(u64) -> u64) -> u64 {
    let doubled = base_ms.saturating_mul(1 << attempts.saturating_sub(1).min(16));
    doubled + random(doubled / 2)
}

impl World {
    /// Queues a webhook for every receiver of the team that wants it, as the delivery faults say.
    pub fn enqueue(&mut self, team_id: &str, pull_id: &str, event_type: &str, body: &Value) {
        let faults = self.switches().deliveries;
        let hooks: Vec<Hook> = self
            .hooks
            .values()
            .filter(|hook| {
                hook.is_active
                    && hook.team_id == team_id
                    && (hook.event_types.is_empty()
                        || hook.event_types.iter().any(|wanted| wanted == event_type))
            })
            .cloned()
            .collect();
        for hook in hooks {
            for _ in 0..faults.duplicate.max(1) {
                let number = self.deliveries.next_number();
                // Every other webhook waits until later ones have overtaken it.
                let overtaken = faults.reorder && number.ends_with(['1', '3', '5', '7', '9']);
                let wait = faults.delay_ms + if overtaken { self.pace_ms() * 2 + 50 } else { 0 };
                self.deliveries.insert(
                    number,
                    Delivery {
                        pull_id: pull_id.to_owned(),
                        event_type: event_type.to_owned(),
                        webhook_id: hook.webhook_id.clone(),
                        url: hook.url.clone(),
                        body: body.to_string(),
                        state: DeliveryState::Pending,
                        created_ms: self.now,
                        due_ms: self.now + wait,
                        attempts: Vec::new(),
                    },
                );
            }
        }
    }

    /// Starts the attempts that are due, no more than may be under way. An attempt counts from here on, even if the process dies.
    pub fn start_deliveries(&mut self) -> Vec<Outgoing> {
        let due: Vec<String> = self
            .deliveries
            .iter()
            .filter(|(_, delivery)| delivery.state == DeliveryState::Pending && delivery.due_ms <= self.now)
            .map(|(number, _)| number.clone())
            .take(MAX_UNDER_WAY.saturating_sub(self.under_way()))
            .collect();
        due.into_iter().filter_map(|number| self.start_delivery(number)).collect()
    }

    fn start_delivery(&mut self, number: String) -> Option<Outgoing> {
        let now = self.now;
        let secret = self
            .deliveries
            .get(&number)
            .and_then(|delivery| self.hooks.get(&delivery.webhook_id))
            .map(|hook| hook.signing_secret.clone());
        let delivery = self.deliveries.get_mut(&number)?;
        let Some(secret) = secret.filter(|_| delivery.attempts.len() <= MAX_RETRIES) else {
            // Its registration was deleted, or the last attempt died with the process.
            delivery.state = DeliveryState::Failed;
            return None;
        };
        let headers = BTreeMap::from([
            ("content-type".to_owned(), "application/json".to_owned()),
            ("user-agent".to_owned(), "canopy-sandbox".to_owned()),
            (
                "canopy-signature".to_owned(),
                sign(
                    &Secret::new(secret),
                    delivery.body.as_bytes(),
                    UnixMillis(i64::try_from(now).unwrap_or(i64::MAX)).seconds(),
                ),
            ),
        ]);
        delivery.due_ms = now + LEASE_MS;
        delivery.attempts.push(Attempt { at_ms: now, headers: headers.clone(), status: None, error: None });
        Some(Outgoing { delivery: number, url: delivery.url.clone(), headers, body: delivery.body.clone() })
    }

    /// Notes how an attempt ended, and when the next one is due.
    pub fn finish_delivery(&mut self, number: &str, result: Result<u16, String>) {
        let (now, base) = (self.now, self.config.retry_base_ms);
        // Gone when the sandbox was reset meanwhile.
        let Some(delivery) = self.deliveries.get_mut(number) else { return };
        let attempts = delivery.attempts.len();
        if let Some(attempt) = delivery.attempts.last_mut() {
            match &result {
                Ok(status) => attempt.status = Some(*status),
                Err(error) => attempt.error = Some(error.clone()),
            }
        }
        if result == Ok(200) {
            delivery.state = DeliveryState::Delivered;
        } else if attempts > MAX_RETRIES {
            delivery.state = DeliveryState::Failed;
        } else {
            delivery.due_ms = now + backoff_ms(attempts, base, ids::random_up_to);
        }
    }

    /// Makes attempts due again that died with the process: their end was never noted.
    pub fn resume_deliveries(&mut self) {
        let unfinished = |delivery: &Delivery| {
            let last = delivery.attempts.last();
            delivery.state == DeliveryState::Pending
                && last.is_some_and(|attempt| attempt.status.is_none() && attempt.error.is_none())
        };
        let died: Vec<String> = self
            .deliveries
            .iter()
            .filter(|(_, it)| unfinished(it))
            .map(|(number, _)| number.clone())
            .collect();
        for number in died {
            if let Some(delivery) = self.deliveries.get_mut(&number) {
                delivery.due_ms = 0;
            }
        }
    }

    fn under_way(&self) -> usize {
        self.deliveries.values().filter(|delivery| delivery.is_under_way(self.now)).count()
    }

    /// When the next attempt can begin.
    #[must_use]
    pub fn next_delivery_ms(&self) -> Option<u64> {
        let is_full = self.under_way() >= MAX_UNDER_WAY;
        self.deliveries
            .values()
            .filter(|delivery| delivery.state == DeliveryState::Pending)
            .filter(|delivery| !is_full || delivery.is_under_way(self.now))
            .map(|delivery| delivery.due_ms)
            .min()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::config::Config;

    const TEAM: &str = "00000000-0000-4000-8000-000000000001";

    fn world() -> World {
        let mut world = World::new(Config::read(|name| {
            (name == "SANDBOX_HOOK_URL").then(|| "http://edge/hook".to_owned())
        }));
        world.register_configured_hooks();
        world.now = 1_700_000_000_000;
        world
    }

    #[test]
    fn an_undelivered_webhook_is_retried_ten_times_with_fresh_signatures_and_the_same_body() {
        let mut world = world();
        world.enqueue(TEAM, "p", "COMPLETE", &json!({"pull_id": "p"}));
        let mut signatures = std::collections::BTreeSet::new();
        let mut waits = Vec::new();
        while let Some(due) = world.next_delivery_ms() {
            waits.push(due.saturating_sub(world.now));
            world.now = world.now.max(due) + 1000;
            let sent = world.start_deliveries();
            assert_eq!(sent.len(), 1);
            assert_eq!(sent[0].body, r#"{"pull_id":"p"}"#);
            signatures.insert(sent[0].headers["canopy-signature"].clone());
            world.finish_delivery(&sent[0].delivery, Ok(500));
        }
        assert_eq!(signatures.len(), MAX_RETRIES + 1);
        assert!(waits[2..].windows(2).all(|pair| pair[1] > pair[0]), "{waits:?}");
        assert_eq!(world.deliveries.values().next().unwrap().state, DeliveryState::Failed);
    }

    #[test]
    fn only_a_200_ends_a_delivery() {
        let mut world = world();
        world.enqueue(TEAM, "p", "COMPLETE", &json!({}));
        let sent = world.start_deliveries();
        assert!(world.start_deliveries().is_empty(), "an attempt in flight is not started again");
        world.finish_delivery(&sent[0].delivery, Ok(202));
        assert!(world.next_delivery_ms().is_some());
        world.now = world.next_delivery_ms().unwrap();
        let sent = world.start_deliveries();
        world.finish_delivery(&sent[0].delivery, Ok(200));
        assert_eq!(world.next_delivery_ms(), None);
    }

    #[test]
    fn an_attempt_that_died_with_the_process_is_made_again() {
        let mut world = world();
        world.enqueue(TEAM, "p", "COMPLETE", &json!({}));
        assert_eq!(world.start_deliveries().len(), 1);
        assert!(world.start_deliveries().is_empty());
        world.resume_deliveries();
        assert_eq!(world.start_deliveries().len(), 1);
    }

    #[test]
    fn however_many_are_due_no_more_are_under_way_than_may_be() {
        let mut world = world();
        for _ in 0..=MAX_UNDER_WAY {
            world.enqueue(TEAM, "p", "COMPLETE", &json!({}));
        }
        let sent = world.start_deliveries();
        assert_eq!(sent.len(), MAX_UNDER_WAY);
        assert!(world.start_deliveries().is_empty());
        assert!(world.next_delivery_ms().unwrap() > world.now, "nothing is to do before one has ended");
        world.finish_delivery(&sent[0].delivery, Ok(200));
        assert!(world.next_delivery_ms().unwrap() <= world.now);
        assert_eq!(world.start_deliveries().len(), 1);
    }

    #[test]
    fn receivers_get_what_is_their_teams() {
        let mut world = world();
        world.enqueue("00000000-0000-4000-8000-000000000002", "p", "COMPLETE", &json!({}));
        assert!(world.deliveries.is_empty());
    }

    #[test]
    fn receivers_get_the_event_types_they_asked_for() {
        let mut world = world();
        let id = world.hooks.first_id().unwrap();
        world.hooks.get_mut(&id).unwrap().event_types = vec!["COMPLETE".into()];
        world.enqueue(TEAM, "p", "AUTH_STATUS", &json!({}));
        world.enqueue(TEAM, "p", "COMPLETE", &json!({}));
        assert_eq!(world.deliveries.len(), 1);
    }
}
