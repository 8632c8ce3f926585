//! The object's alarm: set for what is due, set again where it was lost, and what is done when it goes off.

use std::rc::Rc;

use canopy::{pull::Alarm, time::UnixMillis};
use futures_util::future::join_all;
use wasm_bindgen::JsValue;

use super::{
    object::Inner,
    store,
    work::{self, Ending},
};
use crate::{config, platform};

impl Inner {
    /// Works off what is due.
    pub async fn went_off(self: &Rc<Self>) -> Result<(), JsValue> {
        self.change_alarm(|alarm| alarm.begin(platform::now()));
        let due = self.work_off().await.inspect_err(|_| self.change_alarm(Alarm::break_off))?;
        if let (Some(due), true) = (due, self.change_alarm(|alarm| alarm.end(due))) {
            self.storage.set_alarm(due.0);
        }
        Ok(())
    }

    /// Whether anything was ever stored here: then the object is awake, and so is its outbox.
    pub fn is_known(&self) -> Result<bool, JsValue> {
        let is_known = self.prepared.get() || store::exists(&self.database)?;
        if is_known {
            self.rearm()?;
        }
        Ok(is_known)
    }

    /// Sets the alarm to `due` unless it goes off before.
    pub fn wake_at(&self, due: i64) {
        if self.change_alarm(|alarm| alarm.set(UnixMillis(due), platform::now())) {
            self.storage.set_alarm(due);
        }
    }

    /// Sets an alarm that was lost: to be called by whatever wakes the object.
    pub fn rearm(&self) -> Result<(), JsValue> {
        let now = platform::now();
        if !self.alarm.get().must_compare(now) {
            return Ok(());
        }
        let due = self.outbox.next_due()?.map(UnixMillis);
        if let (Some(due), true) = (due, self.change_alarm(|alarm| alarm.compare(due, now))) {
            self.storage.set_alarm(due.0);
        }
        Ok(())
    }

    fn change_alarm<T>(&self, change: impl FnOnce(&mut Alarm) -> T) -> T {
        let mut alarm = self.alarm.get();
        let changed = change(&mut alarm);
        self.alarm.set(alarm);
        changed
    }

    /// Works off what is due; gives when the next work is.
    async fn work_off(self: &Rc<Self>) -> Result<Option<UnixMillis>, JsValue> {
        self.outbox.begin();
        if !self.prepared.get() && !store::exists(&self.database)? {
            return Ok(None);
        }
        let Ok(config) = config::read(&self.env) else {
            return Ok(Some(platform::now().plus(canopy::retry::CAP_MILLIS)));
        };
        loop {
            let (entries, given_up) = self.outbox.take_due(platform::now())?;
            if entries.is_empty() && given_up.is_empty() {
                break;
            }
            work::give_up(self, &given_up)?;
            // The platform tries an alarm again that was interrupted, but not for ever.
            let again = entries.iter().filter(|entry| entry.taken.attempts > 1);
            if let Some(lease) = again.map(|entry| entry.lease.0).min() {
                self.wake_at(lease);
            }
            let attempts = entries.iter().map(|entry| work::attempt(self, &config, entry, false));
            let endings = join_all(attempts).await;
            for (entry, ending) in entries.iter().zip(endings) {
                if ending == Ending::NoRoom {
                    work::attempt(self, &config, entry, true).await;
                }
            }
        }
        Ok(self.outbox.next_due()?.map(UnixMillis))
    }
}
