//! What comes due: by the sandbox's clock the refreshes and ends of monitorings, by the machine's the steps of pulls.

use crate::{
    monitorings::DAY_MS,
    rows::{Due, Monitoring, interval_days},
    world::World,
};

impl World {
    /// Does what monitorings have to do by the sandbox's clock, and the steps of pulls by the machine's. In the order of
    /// the due dates: what is due on an account that is still refreshed waits, and everything due later waits with it.
    pub fn come_due(&mut self) {
        loop {
            self.run_steps();
            let now = self.clock_ms();
            let Some((at, due, id)) = self.next_of_monitorings().filter(|(at, ..)| *at <= now) else {
                return;
            };
            if self.now < self.refreshes_from_ms {
                return;
            }
            let is_done = match due {
                Due::Refresh if self.is_refreshing(&id) => return,
                Due::Refresh => self.refresh(&id, at).is_some(),
                Due::Stop => false,
            };
            if let Some(monitoring) = self.monitorings.get_mut(&id).filter(|_| !is_done) {
                monitoring.is_active = false;
            }
        }
    }

    /// When a monitoring has something to do next, on the machine's clock; `None` also while it waits for the steps of a pull.
    #[must_use]
    pub fn next_monitoring_ms(&self) -> Option<u64> {
        let (at, due, id) = self.next_of_monitorings()?;
        let waits = due == Due::Refresh && self.is_refreshing(&id);
        (!waits).then(|| at.saturating_sub(self.switches().clock_ahead_ms).max(self.refreshes_from_ms))
    }

    /// What monitorings have to do next that still lies ahead on the sandbox's clock: when, and which does it.
    #[must_use]
    pub fn next_ahead(&self) -> Option<(u64, &Monitoring)> {
        let now = self.clock_ms();
        let next = self.monitorings.values().filter_map(|it| Some((it.next_due()?.0, it)));
        next.filter(|(at, _)| *at > now).min_by_key(|(at, it)| (*at, it.number))
    }

    fn next_of_monitorings(&self) -> Option<(u64, Due, String)> {
        let due =
            |it: &Monitoring| it.next_due().map(|(at, due)| (at, it.number, due, it.monitoring_id.clone()));
        let next = self.monitorings.values().filter_map(due).min_by_key(|(at, number, ..)| (*at, *number));
        next.map(|(at, _, due, id)| (at, due, id))
    }

    /// How many refreshes are due by `until_ms` of the sandbox's clock and have not begun.
    #[must_use]
    pub fn refreshes_due(&self, until_ms: u64) -> u64 {
        let of = |monitoring: &Monitoring| -> Option<u64> {
            let until = monitoring.stop_after_ms.map_or(until_ms, |stop| stop.min(until_ms));
            let latest = self.pulls.get(monitoring.latest_pull_id())?;
            let first = monitoring.next_pull_ms.filter(|_| monitoring.is_active)?.max(latest.created_ms);
            let more =
                until.checked_sub(first)? / (interval_days(&monitoring.interval)?.saturating_mul(DAY_MS));
            Some(1 + more)
        };
        self.monitorings.values().filter_map(of).sum()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::driven::{TEAM, TEAM_PATH, call, connected, world};

    /// Lets everything happen that is due, and what follows it by the machine's clock.
    fn settle(world: &mut World) {
        world.come_due();
        while let Some(due) = world.next_step_ms() {
            world.now = world.now.max(due);
            world.come_due();
        }
    }

    fn paced(world: &mut World, pace_ms: u64) {
        world.change_switches(|switches| switches.pace_ms = Some(pace_ms));
    }

    /// A finished pull of this login, monitored; the monitoring's id.
    fn monitored(world: &mut World, username: &str, more: Value) -> String {
        let (pull_id, _) = connected(world, username);
        settle(world);
        let mut body = json!({"pull_id": pull_id, "interval": "P30D"});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let made = call(world, &format!("{TEAM_PATH}/monitorings"), &TEAM, &body).1;
        made["monitoring"]["monitoring_id"].as_str().unwrap().to_owned()
    }

    fn advance(world: &mut World, by: &str) -> (u16, Value) {
        call(world, "/sandbox/clock", &[], &json!({"advance": by}))
    }

    /// Days after the first pull at which the pulls of a monitoring were made.
    fn days_of(world: &World, monitoring_id: &str) -> Vec<u64> {
        let pull_ids = &world.monitorings.get(monitoring_id).unwrap().pull_ids;
        let made: Vec<u64> = pull_ids.iter().map(|id| world.pulls.get(id).unwrap().created_ms).collect();
        made.iter().map(|at| (at - made[0]) / DAY_MS).collect()
    }

    /// The webhooks of this type, in the order sent.
    fn sent(world: &World, event_type: &str) -> Vec<Value> {
        let sent = world.deliveries.values().filter(|delivery| delivery.event_type == event_type);
        sent.map(|delivery| serde_json::from_str(&delivery.body).unwrap()).collect()
    }

    #[test]
    fn a_jump_brings_each_refresh_once_as_of_its_own_day() {
        let mut world = world();
        paced(&mut world, 0);
        let id = monitored(&mut world, "user_good", json!({}));
        assert_eq!(advance(&mut world, "P29D").1["refreshes_to_come"], 0);
        assert_eq!(days_of(&world, &id), [0]);
        advance(&mut world, "P66D");
        assert_eq!(days_of(&world, &id), [0, 30, 60, 90]);
        advance(&mut world, "PT1H");
        settle(&mut world);
        assert_eq!(days_of(&world, &id), [0, 30, 60, 90]);
        assert_eq!(sent(&world, "COMPLETE").len(), 4);
    }

    #[test]
    fn a_jump_leaves_pulls_their_pace_and_one_refresh_waits_for_the_other() {
        let mut world = world();
        let id = monitored(&mut world, "user_good", json!({}));
        let shown = advance(&mut world, "P95D").1;
        assert_eq!((days_of(&world, &id), &shown["refreshes_to_come"]), (vec![0, 30], &json!(2)));
        assert_eq!(world.next_monitoring_ms(), None, "the next one is begun by the last step of this one");
        let before = world.now;
        settle(&mut world);
        assert_eq!(days_of(&world, &id), [0, 30, 60, 90]);
        assert!(world.now > before && world.now < before + DAY_MS);
    }

    #[test]
    fn what_is_due_on_several_accounts_comes_in_the_order_of_its_dates() {
        let mut world = world();
        paced(&mut world, 0);
        let early = monitored(&mut world, "user_good", json!({}));
        advance(&mut world, "P10D");
        let late = monitored(&mut world, "user_good_home", json!({"interval": "P45D"}));
        world.deliveries.retain(|_| false);
        advance(&mut world, "P60D");
        let order: Vec<Value> =
            sent(&world, "COMPLETE").iter().map(|body| body["monitoring"]["monitoring_id"].clone()).collect();
        assert_eq!(order, [json!(early), json!(late), json!(early)]);
    }

    #[test]
    fn a_monitoring_stops_after_its_date_and_refreshes_until_then() {
        let mut world = world();
        paced(&mut world, 0);
        let stop = crate::days::timestamp(world.now + 60 * DAY_MS);
        let id = monitored(&mut world, "user_good", json!({"stop_after_date": stop}));
        advance(&mut world, "P1Y");
        assert_eq!(days_of(&world, &id), [0, 30, 60]);
        assert!(!world.monitorings.get(&id).unwrap().is_active);
        assert_eq!(world.next_due_ms(), world.next_delivery_ms());
        let again =
            json!({"pull_id": world.monitorings.get(&id).unwrap().initial_pull_id, "interval": "P30D"});
        call(&mut world, &format!("{TEAM_PATH}/monitorings"), &TEAM, &again);
        settle(&mut world);
        assert_eq!(world.refreshes_due(world.clock_ms()), 0, "enabling one refreshes nothing at once");
    }

    #[test]
    fn a_refresh_that_needs_the_consumer_asks_for_them() {
        let mut world = world();
        paced(&mut world, 0);
        let (pull_id, jwt) = connected(&mut world, "user_optionless_mfa");
        settle(&mut world);
        let path = format!("{}/widget/pull/{pull_id}/idv", crate::contract::BASE);
        call(&mut world, &path, &[("pull-jwt", &jwt)], &json!({"mfaValue": "123456"}));
        settle(&mut world);
        let body = json!({"pull_id": pull_id, "interval": "P30D"});
        call(&mut world, &format!("{TEAM_PATH}/monitorings"), &TEAM, &body);
        advance(&mut world, "P30D");
        let asked = sent(&world, "MONITORING_RECONNECT");
        assert_eq!(asked.len(), 1);
        let path = format!("{}/widget/pull/reconnectToken", crate::contract::BASE);
        let token = json!({"reconnect_token": asked[0]["data"]["reconnect_token"]});
        advance(&mut world, "P8D");
        let late = call(&mut world, &path, &TEAM, &token);
        assert_eq!(late, (400, json!({"error": "INVALID_RECONNECT_TOKEN"})));
    }

    #[test]
    fn policies_renew_or_run_out_between_refreshes() {
        for (username, kind, status) in
            [("user_good_flood_expiring", "EXPIRED", "EXPIRED"), ("user_good_auto", "RENEWAL", "ACTIVE")]
        {
            let mut world = world();
            paced(&mut world, 0);
            let id = monitored(&mut world, username, json!({"interval": "P90D"}));
            advance(&mut world, "P90D");
            let events = sent(&world, "MONITORING_EVENTS");
            assert_eq!(events[0]["data"]["events"][0]["type"], kind, "{username}");
            let body = |index: usize| world.body(&world.monitorings.get(&id).unwrap().pull_ids[index]);
            let policy = |index: usize| body(index)["policies"][0].clone();
            assert_eq!((&policy(0)["status"], &policy(1)["status"]), (&json!("ACTIVE"), &json!(status)));
            let is_over = policy(1)["expiry_date"].as_str() < Some(&crate::days::timestamp(world.clock_ms()));
            assert_eq!(is_over, status == "EXPIRED", "{username}");
            if kind == "RENEWAL" {
                let of = |policy: Value, field: &str| policy[field].as_str().unwrap().to_owned();
                let (ends, begins) = (of(policy(0), "expiry_date"), of(policy(1), "effective_date"));
                assert_eq!(crate::days::between(&ends, &begins), Some(0));
            }
        }
    }
}
