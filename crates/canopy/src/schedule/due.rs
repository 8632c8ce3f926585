//! One event that is to come.

use super::{
    Data, OwnEvent, Plan,
    policy::{EXPIRED, Policy, RENEWAL_DUE},
    since::Since,
    waiting::Waiting,
    watch::Watch,
};
use crate::{id::Position, time::UnixMillis};

/// See above.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due<'a> {
    /// When it comes.
    pub at: UnixMillis,
    pub(super) timer: Timer<'a>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Timer<'a> {
    Called(&'a Waiting),
    Renewal(&'a Policy, u16),
    Expiry(&'a Policy),
    Watch(Watch, Since),
}

/// The name of what a caller scheduled at `position`.
#[must_use]
pub fn of_caller(event_type: &str, position: Position) -> String {
    format!("{event_type}.{position}")
}

impl Due<'_> {
    /// Its name: the same as long as it is to come, of no other.
    #[must_use]
    pub fn schedule_id(&self) -> String {
        match self.timer {
            Timer::Called(waiting) => of_caller(&waiting.event_type, waiting.position),
            Timer::Renewal(policy, days) => {
                let day = policy.term.renewal().map(|day| day.to_string()).unwrap_or_default();
                format!("{RENEWAL_DUE}.{}.{day}.{days}", policy.id)
            }
            Timer::Expiry(policy) => {
                let day = policy.term.expiry_date.map(|day| day.to_string()).unwrap_or_default();
                format!("{EXPIRED}.{}.{day}", policy.id)
            }
            Timer::Watch(watch, since) => of_caller(watch.event_type(), since.position),
        }
    }

    /// Its type.
    #[must_use]
    pub fn event_type(&self) -> &str {
        match &self.timer {
            Timer::Called(waiting) => &waiting.event_type,
            Timer::Renewal(..) => RENEWAL_DUE,
            Timer::Expiry(_) => EXPIRED,
            Timer::Watch(watch, _) => watch.event_type(),
        }
    }

    /// The entry that it follows from.
    #[must_use]
    pub fn cause(&self) -> Position {
        match self.timer {
            Timer::Called(waiting) => waiting.position,
            Timer::Renewal(policy, _) | Timer::Expiry(policy) => policy.since.position,
            Timer::Watch(_, since) => since.position,
        }
    }

    /// The entry of the log that has what goes with it, for one that a caller scheduled.
    #[must_use]
    pub fn scheduled_at(&self) -> Option<Position> {
        if let Timer::Called(waiting) = self.timer { Some(waiting.position) } else { None }
    }

    /// The event. `scheduled` is what the caller scheduled.
    #[must_use]
    pub fn event(&self, plan: &Plan, scheduled: Option<OwnEvent>) -> OwnEvent {
        let because = self.because(plan, scheduled.as_ref().and_then(|event| event.caller.as_deref()));
        let (data, page) = match self.timer {
            Timer::Called(_) => scheduled.map(|event| (event.data, event.page)).unwrap_or_default(),
            Timer::Renewal(policy, days) => (policy.data(Some(days)), false),
            Timer::Expiry(policy) => (policy.data(None), false),
            Timer::Watch(..) => (Data::default(), false),
        };
        OwnEvent {
            schedule_id: Some(self.schedule_id()),
            event_type: self.event_type().to_owned(),
            effective_at: self.at,
            data,
            key: None,
            page,
            because: Some(because),
            caller: None,
        }
    }

    fn because(&self, plan: &Plan, caller: Option<&str>) -> String {
        match self.timer {
            Timer::Called(_) => format!("scheduled by {}", caller.unwrap_or("the back office")),
            Timer::Renewal(policy, days) => {
                let day = policy.term.renewal().map(|day| day.to_string()).unwrap_or_default();
                format!("{} before the policy's renewal on {day}", counted(days, "days"))
            }
            Timer::Expiry(policy) => {
                let day = policy.term.expiry_date.map(|day| day.to_string()).unwrap_or_default();
                format!("the policy expires on {day}")
            }
            Timer::Watch(watch, _) => {
                let (_, count, unit) = watch.span(plan).unwrap_or_default();
                format!("{} after {}", counted(count, unit), watch.after())
            }
        }
    }
}

/// A number of something whose name in the plural is given.
fn counted(count: u16, plural: &str) -> String {
    let name = if count == 1 { plural.trim_end_matches('s') } else { plural };
    format!("{count} {name}")
}
