//! The session's documents as they change.

use std::rc::Rc;

use canopy::page::Live as Attempts;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::{
    platform::{self, Live},
    session::Inner,
};

impl Inner {
    /// Follows the session live.
    pub fn follow(self: &Rc<Self>) {
        let Some(access) = self.access() else { return };
        if self.is_closed() {
            return;
        }
        let weak = Rc::downgrade(self);
        let call = platform::listener(move |name, data| {
            let Some(inner) = weak.upgrade() else { return JsValue::UNDEFINED };
            match name.as_str() {
                "take" => {
                    inner.note(Attempts::works);
                    inner.take(data);
                }
                "ask" => spawn_local(async move { inner.refresh().await }),
                // How long to wait, in milliseconds.
                _ => {
                    let random = (data.as_f64().unwrap_or_default() * f64::from(u32::MAX)) as u32;
                    return (inner.note(|attempts| attempts.fail(random)) as f64).into();
                }
            }
            JsValue::UNDEFINED
        });
        self.stop_following();
        let url = format!("{}{}", self.edge.0, access.path(""));
        self.live.replace(Live::new(&url, &access.token, &call).ok());
    }

    /// Notes how the live connection fares, and says so where the page shows it.
    pub fn note<T>(&self, what: impl FnOnce(&mut Attempts) -> T) -> T {
        let (before, mut attempts) = (self.attempts.get(), self.attempts.get());
        let noted = what(&mut attempts);
        self.attempts.set(attempts);
        if before.is_cut_off() != attempts.is_cut_off() {
            self.changed();
        }
        noted
    }

    /// Ends the live connection.
    pub fn stop_following(&self) {
        let live = self.live.take();
        if let Some(live) = live {
            let _ = live.close();
        }
    }
}
