//! An account whose data is refreshed.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::days;

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

    #[must_use]
    pub fn latest_pull_id(&self) -> &str {
        self.pull_ids.last().unwrap_or(&self.initial_pull_id)
    }
}

/// Days in an interval of years, months, weeks and days; `None` when it is not one.
#[must_use]
pub fn interval_days(text: &str) -> Option<u64> {
    let (mut days, mut number) = (0, String::new());
    for letter in text.strip_prefix('P')?.chars() {
        let of = match letter {
            '0'..='9' => {
                number.push(letter);
                continue;
            }
            'Y' => 365,
            'M' => 30,
            'W' => 7,
            'D' => 1,
            _ => return None,
        };
        days += std::mem::take(&mut number).parse::<u64>().ok()?.checked_mul(of)?;
    }
    (number.is_empty() && days > 0).then_some(days)
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
