//! An account whose data is refreshed.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{days, durations};

/// A refresh comes at most once in this many days (contract, "Monitoring").
pub const MIN_INTERVAL_DAYS: u64 = 30;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Monitoring {
    pub monitoring_id: String,
    pub number: u64,
    pub initial_pull_id: String,
    /// Every pull of it, oldest first.
    pub pull_ids: Vec<String>,
    pub is_active: bool,
    /// ISO 8601 duration.
    pub interval: String,
    pub next_pull_ms: Option<u64>,
    pub stop_after_ms: Option<u64>,
    /// Taken once, by `POST /widget/pull/reconnectToken`.
    pub reconnect_token: Option<String>,
    #[serde(default)]
    pub reconnect_token_expires_ms: u64,
}

/// What a monitoring does when its time comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    Refresh,
    Stop,
}

impl Monitoring {
    /// As the API shows it.
    #[must_use]
    pub fn shown(&self) -> Value {
        json!({
            "monitoring_id": self.monitoring_id,
            "latest_pull_id": self.latest_pull_id(),
            "status": if self.is_active { "ACTIVE" } else { "STOPPED" },
            "next_pull_date": self.next_pull_ms.filter(|_| self.is_active).map(days::timestamp),
            "interval": self.interval,
            "stop_after_date": self.stop_after_ms.map(days::timestamp),
        })
    }

    /// What it does next, and when.
    #[must_use]
    pub fn next_due(&self) -> Option<(u64, Due)> {
        let refresh = self.next_pull_ms.map(|at| (at, Due::Refresh));
        let stop = self.stop_after_ms.map(|at| (at, Due::Stop));
        // A refresh at the very end still takes place.
        [refresh, stop].into_iter().flatten().filter(|_| self.is_active).min_by_key(|(at, _)| *at)
    }

    #[must_use]
    pub fn latest_pull_id(&self) -> &str {
        self.pull_ids.last().unwrap_or(&self.initial_pull_id)
    }
}

/// Days in an interval of years, months, weeks and days; `None` when it is not one.
#[must_use]
pub fn interval_days(text: &str) -> Option<u64> {
    let days = durations::parsed(text).filter(|_| !text.contains('T'))?.whole_days();
    u64::try_from(days).ok().filter(|days| *days > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_are_iso_8601_dates() {
        assert_eq!(interval_days("P30D"), Some(30));
        assert_eq!(interval_days("P1M"), Some(30));
        assert_eq!(interval_days("P1Y2M"), Some(425));
        for wrong in ["P", "30D", "P30", "P0D", "PT1H", "P99999999999999999999D"] {
            assert_eq!(interval_days(wrong), None, "{wrong}");
        }
    }
}
