//! The session's documents as they change.

use std::rc::Rc;

use canopy::page::Live as Attempts;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::{platform::Live, session::Inner};

/// The live connection with the functions that it calls.
pub struct Following {
    live: Live,
    _take: Closure<dyn FnMut(JsValue)>,
    _fail: Closure<dyn FnMut() -> f64>,
    _ask: Closure<dyn FnMut()>,
}

impl Inner {
    /// Follows the session live.
    pub fn follow(self: &Rc<Self>) {
        let Some(access) = self.access.borrow().clone() else { return };
        if self.is_closed() {
            return;
        }
        let weak = Rc::downgrade(self);
        let take = Closure::<dyn FnMut(JsValue)>::new(move |document| {
            let Some(inner) = weak.upgrade() else { return };
            inner.note(Attempts::works);
            inner.take(document);
        });
        let weak = Rc::downgrade(self);
        let fail = Closure::<dyn FnMut() -> f64>::new(move || {
            let Some(inner) = weak.upgrade() else { return 0.0 };
            let random = (js_sys::Math::random() * f64::from(u32::MAX)) as u32;
            let wait = inner.note(|attempts| attempts.fail(random));
            wait as f64
        });
        let weak = Rc::downgrade(self);
        let ask = Closure::<dyn FnMut()>::new(move || {
            let Some(inner) = weak.upgrade() else { return };
            spawn_local(async move { inner.refresh().await });
        });
        let live = Live::new(
            &self.edge.live_url(&access),
            &access.token,
            take.as_ref().unchecked_ref(),
            fail.as_ref().unchecked_ref(),
            ask.as_ref().unchecked_ref(),
        );
        self.stop_following();
        self.live.replace(Some(Following { live, _take: take, _fail: fail, _ask: ask }));
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
        if let Some(following) = self.live.take() {
            following.live.close();
            // A closure may be what is running now: it is dropped when it is not.
            spawn_local(async move { drop(following) });
        }
    }
}
