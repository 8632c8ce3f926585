//! Points in time as Canopy and the edge write them.

use std::num::NonZeroU8;

use serde::{Deserialize, Serialize};
use time::{
    OffsetDateTime,
    format_description::well_known::{
        Iso8601, Rfc3339,
        iso8601::{Config, EncodedConfig, TimePrecision},
    },
};

/// Always three digits after the second: so such times are in order also as text.
const MILLISECONDS: EncodedConfig =
    Config::DEFAULT.set_time_precision(TimePrecision::Second { decimal_digits: NonZeroU8::new(3) }).encode();

/// Seconds since 1970-01-01T00:00:00Z, as in a webhook's signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct UnixSeconds(pub i64);

/// Milliseconds since 1970-01-01T00:00:00Z: what the platform's clock gives.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UnixMillis(pub i64);

impl UnixMillis {
    /// The last that is written: the end of the year 9999.
    pub const LAST: Self = Self(253_402_300_799_999);

    /// This moment, `millis` later.
    #[must_use]
    pub fn plus(self, millis: u64) -> Self {
        Self(self.0.saturating_add_unsigned(millis))
    }

    /// Reads an RFC 3339 time. Its plus sign may have become a space, as in a query.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let moment = OffsetDateTime::parse(&text.replace(' ', "+"), &Rfc3339).ok()?;
        i64::try_from(moment.unix_timestamp_nanos().div_euclid(1_000_000)).ok().map(Self)
    }

    /// The whole second this moment lies in.
    #[must_use]
    pub fn seconds(self) -> UnixSeconds {
        UnixSeconds(self.0.div_euclid(1000))
    }

    /// RFC 3339 in UTC with milliseconds, e.g. `2026-01-31T09:30:00.125Z`.
    ///
    /// A moment outside the years 1 to 9999 is given as the epoch: no clock shows one.
    #[must_use]
    pub fn rfc3339(self) -> String {
        OffsetDateTime::from_unix_timestamp_nanos(i128::from(self.0) * 1_000_000)
            .ok()
            .filter(|moment| (1..=9999).contains(&moment.year()))
            .and_then(|moment| moment.format(&Iso8601::<MILLISECONDS>).ok())
            .unwrap_or_else(|| "1970-01-01T00:00:00.000Z".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_written_as_rfc_3339() {
        assert_eq!(UnixMillis(0).rfc3339(), "1970-01-01T00:00:00.000Z");
        assert_eq!(UnixMillis(1_700_000_000_120).rfc3339(), "2023-11-14T22:13:20.120Z");
        assert_eq!(UnixMillis(i64::MAX).rfc3339(), "1970-01-01T00:00:00.000Z");
        assert_eq!(UnixMillis(253_402_300_799_999).rfc3339(), "9999-12-31T23:59:59.999Z");
        assert_eq!(UnixMillis(253_402_300_800_000).rfc3339(), "1970-01-01T00:00:00.000Z");
    }

    #[test]
    fn seconds_round_down_before_the_epoch_too() {
        assert_eq!(UnixMillis(1_999).seconds(), UnixSeconds(1));
        assert_eq!(UnixMillis(-1).seconds(), UnixSeconds(-1));
    }
}
