//! One session of a page: opened when it is needed and remembered by the tab, or opened by the back office; followed live.

use std::cell::{Cell, RefCell};
use std::pin::Pin;
use std::rc::Rc;

use canopy::{
    id::{Id, SessionId},
    page::{Live as Attempts, Milestone, Page, Purpose},
    session::Mode,
};
use js_sys::{Array, Function, Object, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};

use crate::{
    catalogue::Catalogue,
    data,
    edge::{Access, Edge, Refusal},
    live::Following,
    memory,
    platform::{self, member, promise, set},
    standing::Standing,
};

/// What is being done, where anything is.
pub type UnderWay = RefCell<Option<Promise>>;

/// What is to be done; boxed, so that what surrounds it is compiled once.
pub type Work = Pin<Box<dyn Future<Output = Result<(), Refusal>>>>;

/// What the parts of a session share.
pub struct Inner {
    pub edge: Edge,
    pub purpose: Purpose,
    pub page: RefCell<Page>,
    pub catalogue: Catalogue,
    pub form: Standing,
    pub window: Standing,
    pub reconnect_token: Option<String>,
    invitation: Option<String>,
    given: JsValue,
    metadata: JsValue,
    storage_key: Option<String>,
    access: RefCell<Option<Access>>,
    /// Whether the agency takes documents in a login's place, as the edge said last.
    pub uploads: Cell<bool>,
    /// A session being opened, what is kept being taken up, the carriers being read: whoever needs it meanwhile waits for the same.
    opening: UnderWay,
    taking_up: UnderWay,
    pub listing: UnderWay,
    /// Nothing is kept that has not been taken up.
    has_taken_up: Cell<bool>,
    following: Following,
    raw: RefCell<JsValue>,
    notify: Function,
    closed: Cell<bool>,
    /// How often it was started over: what was asked before is of no interest after.
    era: Cell<u32>,
    /// The era of the login that is on its way.
    pub signing_in: Cell<Option<u32>>,
}

/// What a session is made with.
pub struct Settings {
    pub edge: String,
    pub purpose: Purpose,
    pub storage_key: Option<String>,
    pub metadata: JsValue,
    pub reconnect_token: Option<String>,
    /// The token of an invitation's link, which says what the session is for.
    pub invitation: Option<String>,
    /// `[id, token]` of the session that the back office has opened, where the purpose is [`Purpose::Given`].
    pub given: JsValue,
    pub notify: Function,
}

impl Inner {
    /// A session of which nothing has been asked.
    pub fn new(settings: Settings) -> Self {
        let Settings { edge, purpose, storage_key, metadata, reconnect_token, invitation, given, notify } =
            settings;
        Self {
            edge: Edge(edge),
            purpose,
            page: RefCell::new(Page::new(purpose)),
            catalogue: Catalogue::default(),
            form: Standing::default(),
            window: Standing::default(),
            reconnect_token,
            invitation,
            given,
            metadata,
            storage_key,
            access: RefCell::default(),
            uploads: Cell::default(),
            opening: UnderWay::default(),
            taking_up: UnderWay::default(),
            listing: UnderWay::default(),
            has_taken_up: Cell::default(),
            following: Following::default(),
            raw: RefCell::new(JsValue::NULL),
            notify,
            closed: Cell::new(false),
            era: Cell::default(),
            signing_in: Cell::default(),
        }
    }

    /// The session's newest view as the edge sent it.
    pub fn raw_view(&self) -> JsValue {
        self.raw.borrow().clone()
    }

    /// Whether a session has been opened, or is being.
    pub fn is_open(&self) -> bool {
        self.access.borrow().is_some() || self.opening.borrow().is_some()
    }

    /// How the live connection fares.
    pub fn attempts(&self) -> Attempts {
        self.following.attempts()
    }

    /// What is to hang on a pull of the session's: the agency's metadata, or what its invitation says.
    pub fn metadata<'a>(&'a self, access: &'a Access) -> &'a JsValue {
        if access.metadata.is_undefined() { &self.metadata } else { &access.metadata }
    }

    /// The session that stands.
    pub fn access(&self) -> Option<Access> {
        self.access.borrow().clone()
    }

    /// Whether the page is done with this session.
    pub fn is_closed(&self) -> bool {
        self.closed.get()
    }

    /// Tells what is asked in one session from what was asked in the one before.
    pub fn era(&self) -> u32 {
        self.era.get()
    }

    /// Whether the session of this era has been left.
    pub fn is_left(&self, era: u32) -> bool {
        self.is_closed() || self.era() != era
    }

    /// Says that something may have changed, with what was reached by it.
    pub fn changed(&self) {
        let era = self.era();
        self.tell("screen", &JsValue::UNDEFINED);
        // What a listener did may have reached the same: it has been told then.
        if self.is_left(era) {
            return;
        }
        let pull_id = member(&self.raw_view(), "pull_id");
        let milestones = self.page.borrow_mut().milestones();
        for milestone in milestones {
            let name = match milestone {
                Milestone::Authenticated => "authenticated",
                Milestone::PoliciesAvailable => "policies-available",
                Milestone::Complete => "complete",
            };
            if !self.is_left(era) {
                self.tell(name, &pull_id);
            }
        }
    }

    /// Calls the page.
    pub fn tell(&self, name: &str, detail: &JsValue) {
        if !self.is_closed() {
            platform::call(&self.notify, name, detail);
        }
    }

    /// The session, had now if there is none: the one that is kept, or that the back office has opened, else a new one.
    pub async fn open_access(self: &Rc<Self>) -> Result<Access, Refusal> {
        if let Some(access) = self.access() {
            return Ok(access);
        }
        self.once(|inner| &inner.opening, |inner| Box::pin(inner.have())).await?;
        self.access().ok_or_else(Refusal::left)
    }

    async fn have(self: Rc<Self>) -> Result<(), Refusal> {
        self.take_up().await?;
        match self.purpose {
            _ if self.access().is_some() => Ok(()),
            // The page opens none in its place: it would lack what the back office put into this one.
            Purpose::Given => Ok(()),
            Purpose::Login(mode) | Purpose::Reconnect(mode) => self.open(mode).await,
        }
    }

    /// Does `work` once for all who ask for it while it is under way.
    pub async fn once(
        self: &Rc<Self>,
        slot: fn(&Self) -> &UnderWay,
        work: fn(Rc<Self>) -> Work,
    ) -> Result<(), Refusal> {
        let under_way = slot(self).borrow().clone();
        let under_way = under_way.unwrap_or_else(|| {
            let inner = Rc::clone(self);
            let begun = promise(async move {
                let done = work(Rc::clone(&inner)).await;
                slot(&inner).replace(None);
                done.map(|()| JsValue::UNDEFINED).map_err(|refusal| refusal.error())
            });
            slot(self).replace(Some(begun.clone()));
            begun
        });
        JsFuture::from(under_way).await.map(drop).map_err(|error| Refusal::read(&error))
    }

    async fn open(self: &Rc<Self>, mode: Mode) -> Result<(), Refusal> {
        let body = Object::new();
        let mode = if mode == Mode::Hosted { "hosted" } else { "components" };
        set(&body, "mode", &JsValue::from_str(mode));
        match &self.invitation {
            Some(token) => set(&body, "invitation", &JsValue::from_str(token)),
            None => set(&body, "metadata", &self.metadata),
        }
        let opened = self.edge.post("/connect/sessions", None, &body).await?;
        let access = Access::read(&opened, None).ok_or_else(no_edge)?;
        self.hold(access);
        self.keep();
        self.follow();
        Ok(())
    }

    /// Picks up the session that the back office has opened, or that this tab remembers, if there is one.
    pub async fn resume(self: &Rc<Self>) {
        if self.access().is_some() {
            self.refresh().await;
            return;
        }
        let era = self.era();
        match self.take_up().await {
            _ if self.is_left(era) => {}
            Ok(()) => self.name_carrier(),
            Err(refusal) if is_over(&refusal) => self.refuse(&refusal),
            Err(refusal) => self.lack(&refusal),
        }
    }

    /// Takes up what is kept; nothing is opened by it. While that cannot be read, nothing is opened in its place either.
    async fn take_up(self: &Rc<Self>) -> Result<(), Refusal> {
        if self.has_taken_up.get() {
            return Ok(());
        }
        self.once(|inner| &inner.taking_up, |inner| Box::pin(inner.take_up_kept())).await
    }

    async fn take_up_kept(self: Rc<Self>) -> Result<(), Refusal> {
        if self.purpose == Purpose::Given {
            self.pick_up(self.given(), &JsValue::UNDEFINED).await?;
            self.has_taken_up.set(true);
            return Ok(());
        }
        let (era, kept) = (self.era(), memory::kept(self.storage_key.as_deref()));
        let session = ["id", "token"].map(|name| member(&kept, name).as_string());
        // Without a session it had come no further than the consent.
        let had =
            if session[0].is_some() { self.pick_up(session, &kept).await } else { Err(Refusal::unknown()) };
        match had {
            Ok(()) => {}
            // It is over: the page begins anew.
            Err(refusal) if is_over(&refusal) && !self.is_left(era) => {
                self.recall(&kept);
                drop(self.forget());
            }
            Err(refusal) => return Err(refusal),
        }
        self.has_taken_up.set(true);
        Ok(())
    }

    /// `[id, token]` as the page was given them.
    fn given(&self) -> [Option<String>; 2] {
        [0, 1].map(|at| self.given.unchecked_ref::<Array>().get(at).as_string())
    }

    /// Reads the list where it has not been read.
    pub async fn load_carriers(self: &Rc<Self>) -> Result<(), Refusal> {
        self.once(|inner| &inner.listing, |inner| Box::pin(inner.read_carriers())).await
    }

    async fn read_carriers(self: Rc<Self>) -> Result<(), Refusal> {
        if self.catalogue.load_carriers(&self.edge).await? {
            self.changed();
        }
        Ok(())
    }

    /// The carrier of the login, as far as it is known.
    pub fn chosen_carrier(&self) -> Option<JsValue> {
        self.catalogue.carrier(self.page.borrow().carrier()?)
    }

    /// Has the tab remember how far this has come.
    pub fn keep(&self) {
        let Some(key) = &self.storage_key else { return };
        memory::keep(key, self.access().as_ref(), &self.catalogue.given(), self.chosen_carrier().as_ref());
    }

    /// Takes up the consent and the carrier of what was `kept`.
    fn recall(&self, kept: &JsValue) {
        let consent = member(kept, "consent");
        if consent.is_truthy() {
            self.catalogue.recall_consent(consent);
            self.page.borrow_mut().agree();
        }
        let carrier = member(kept, "carrier");
        let id = member(&carrier, "carrier_id").as_string();
        if let Some(id) = id.and_then(|id| Id::parse(&id).ok()) {
            self.catalogue.recall_carrier(carrier);
            self.page.borrow_mut().choose_carrier(Some(id));
        }
    }

    /// The carrier of a login that this page has not seen being made has a name in the list.
    fn name_carrier(self: &Rc<Self>) {
        let is_nameless = self.page.borrow().carrier().is_some_and(|id| self.catalogue.carrier(id).is_none());
        if is_nameless {
            let inner = Rc::clone(self);
            // Without it the screens say "your insurance company".
            spawn_local(async move { drop(inner.load_carriers().await) });
        }
    }

    /// Reads the session of `[id, token]`, and goes on where it stands, with what was `kept` beside it.
    async fn pick_up(
        self: &Rc<Self>,
        [id, token]: [Option<String>; 2],
        kept: &JsValue,
    ) -> Result<(), Refusal> {
        let era = self.era();
        let id = id.and_then(|id| SessionId::parse(&id).ok()).ok_or_else(Refusal::unknown)?;
        let answer = self.edge.get(&format!("/connect/sessions/{id}"), token.as_deref()).await?;
        let access = Access::read(&answer, token.as_deref()).ok_or_else(no_edge)?;
        if self.is_left(era) {
            return Err(Refusal::left());
        }
        self.hold(access);
        self.recall(kept);
        self.take(answer);
        self.follow();
        Ok(())
    }

    fn hold(&self, access: Access) {
        self.uploads.set(access.uploads);
        self.access.replace(Some(access));
    }

    /// Follows the session live.
    fn follow(self: &Rc<Self>) {
        let Some(access) = self.access().filter(|_| !self.is_closed()) else { return };
        let weak = Rc::downgrade(self);
        let heard = platform::listener(move |name, data| {
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
        self.following.begin(&format!("{}{}", self.edge.0, access.path("")), &access.token, &heard);
    }

    /// Notes how the live connection fares, and says so where the page shows it.
    fn note<T>(&self, what: impl FnOnce(&mut Attempts) -> T) -> T {
        let (noted, is_news) = self.following.note(what);
        if is_news {
            self.changed();
        }
        noted
    }

    /// Asks for the view.
    pub async fn refresh(self: &Rc<Self>) {
        let (Some(access), era) = (self.access(), self.era()) else { return };
        let answer = self.edge.get(&access.path(""), Some(&access.token)).await;
        if self.is_left(era) {
            return;
        }
        let is_settled = self.page.borrow().is_settled();
        match answer {
            Ok(view) => {
                self.note(|attempts| attempts.asked(true));
                self.take(view);
            }
            // The session's time is over, but its pull has come to its end: nothing was lost.
            Err(refusal) if is_over(&refusal) && is_settled => self.following.end(),
            Err(refusal) if is_over(&refusal) => {
                self.leave();
                self.forget();
                self.refuse(&refusal);
            }
            // The live connection goes on trying.
            Err(_) => self.note(|attempts| attempts.asked(false)),
        }
    }

    /// Takes a view of the session, from an answer or from the live connection.
    pub fn take(&self, raw: JsValue) {
        let Some(view) = data::session(&raw) else { return };
        let is_own = self.access().is_some_and(|access| access.session_id == view.session_id);
        if !is_own || self.is_closed() {
            return;
        }
        let is_back = self.page.borrow_mut().reach();
        let is_news = self.page.borrow_mut().take(view);
        if is_news {
            self.raw.replace(raw);
        }
        if is_news || is_back {
            self.changed();
        }
    }

    /// Leaves this session behind: the next step opens a new one, where there can be one.
    pub fn start_over(&self) {
        self.era.set(self.era.get() + 1);
        self.leave();
        // What the tab remembered is left behind; what the back office has opened is asked for again, and is over.
        self.has_taken_up.set(self.purpose != Purpose::Given);
        self.page.borrow_mut().start_over();
        if let Some(access) = self.forget() {
            let edge = self.edge.clone();
            // Where it cannot be told, the session ends within its hour by itself.
            spawn_local(async move { drop(edge.delete(&access.path(""), &access.token).await) });
        }
        self.changed();
    }

    /// Ends all of it; nothing is left in the page.
    pub fn close(&self) {
        self.closed.set(true);
        self.leave();
    }

    /// Ends what runs: socket, form, window.
    fn leave(&self) {
        self.following.end();
        self.form.end();
        self.window.end();
    }

    /// Forgets the session, and gives it.
    fn forget(&self) -> Option<Access> {
        self.raw.replace(JsValue::NULL);
        self.following.forget();
        let access = self.access.take();
        self.keep();
        access
    }

    /// An answer was refused.
    pub fn refuse(&self, refusal: &Refusal) {
        self.fail(refusal, Page::refuse);
    }

    /// What the next screen needs could not be had.
    pub fn lack(&self, refusal: &Refusal) {
        self.fail(refusal, Page::lack);
    }

    /// The fields for an answer could not be had.
    pub fn lack_form(&self, refusal: &Refusal) {
        self.fail(refusal, Page::lack_form);
    }

    /// Canopy's window stands, and says nothing.
    pub fn lack_window(&self, refusal: &Refusal) {
        self.fail(refusal, |page, _| page.set_silent(true));
    }

    fn fail(&self, refusal: &Refusal, note: fn(&mut Page, &str)) {
        if self.is_closed() {
            return;
        }
        let of = refusal.of.as_deref().unwrap_or(&self.edge.0);
        let _ = platform::explain(&refusal.code, of, &refusal.detail);
        note(&mut self.page.borrow_mut(), &refusal.code);
        self.changed();
    }
}

/// What is there is something else.
fn no_edge() -> Refusal {
    Refusal::of("EDGE_UNREACHABLE", "what answered is no edge")
}

/// Whether the edge knows the session no more, or its token has expired.
fn is_over(refusal: &Refusal) -> bool {
    matches!(refusal.status, 401 | 404)
}
