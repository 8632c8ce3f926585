// `<canopy-connect>`: one session, drawn.
import { h, readable } from "./dom.js";
import { soon } from "./part.js";
import { explain, script } from "./platform.js";
import { isRemembered, openSession, settled } from "./session.js";
import { Funnel } from "./funnel.js";
import { isFirst, loadScreens, Stage } from "./stage.js";
import { filled, languageOf, learn, localeOf, wordFor } from "./texts.js";

/** A server that renders pages has no elements. */
const Base = globalThis.HTMLElement ?? class {};

/** Attributes that say what the session is for, where it stands, or what is read. */
const WATCHED = /^(mode|edge|invitation|reconnect-token|session-(id|token|key)|inline|consent|agency|label|lang|metadata-.*)$/;
/** What Canopy's script for the fields sets. */
const COMPONENTS = "CanopyConnectComponents";
/** How long the texts of another language may take before the screen is said in English; and where the page has it to be read until then. */
const LANGUAGE_LIMIT_MS = 5_000;
const READ_LIMIT_MS = 20_000;
const isSame = (one, other) => JSON.stringify(one) === JSON.stringify(other);

/** The elements in the page by their mode and number: each keeps a session of its own. */
const places = new Map();

export class CanopyConnectElement extends Base {
  #stage;
  #session;
  /** What the session is for, and how it is shown. */
  #purpose;
  /** Whom the consent that is read names. */
  #agency;
  /** Who draws the screens, whatever `mode` says of a session of the back office. */
  #isHosted;
  /** Where the page was when the element came into it: one that goes on without being loaded anew keeps its session. */
  #place;
  /** Counts the beginnings: what belongs to one before is late. */
  #turn = 0;
  #isEngaged = false;
  /** What was pressed before the session was there. */
  #wanted;
  /** The later screens could not be loaded. */
  #isLacking = false;
  #listening;
  #guests = new Set();
  /** The last news told by `canopy-status`, and the last code by `canopy-error`. */
  #told;
  #error;
  /** The milestones told, each with its pull. */
  #reached = new Set();
  /** The pull that the hosted SDK named since it was opened. */
  #hostedPull;
  /** How Canopy's window was to be opened when it could not be. */
  #options;
  #metadata = {};
  #texts = { __proto__: null };
  #isReconsidering = false;
  /** In which language it speaks: the tag, what `Intl` takes of it, and whose texts are there. */
  #tag = "en";
  #opening;
  #funnel = new Funnel(this);
  #edge;
  /** The screen as it is shown. */
  #shown;
  /** What was searched for where no company was the visitor's. */
  #query = "";
  /** The company's name on the screen. */
  #named;

  constructor() {
    super();
    // The page may have the first screen in it: `first-screen.js`.
    this.#stage = new Stage(this.shadowRoot ?? this.attachShadow({ mode: "open" }));
  }

  /** The session that the element drives. */
  get session() {
    return this.#session;
  }

  get metadata() {
    return this.#metadata;
  }
  set metadata(metadata) {
    this.#metadata = { ...metadata };
    this.#reconsider();
  }

  get texts() {
    return this.#texts;
  }
  set texts(texts) {
    const before = this.#texts;
    // A page may have put members into every object.
    this.#texts = { __proto__: null, ...texts };
    if (!isSame(before, this.#texts)) this.#stage.reword();
  }

  /** Moved as a whole (`moveBefore`), frames and all: nothing has changed. */
  connectedMoveCallback() {}

  connectedCallback() {
    // What was set before this class was there hides its accessors.
    for (const name of ["metadata", "texts"].filter((name) => Object.hasOwn(this, name))) {
      const value = this[name];
      delete this[name];
      this[name] = value;
    }
    this.#place = { path: location.pathname, query: location.search };
    this.#listening = new AbortController();
    // Moved within the page: the frames in it have been loaded anew, all else is as it was.
    if (this.#session && this.#guests.size > 0) this.#renew();
    const { signal } = this.#listening;
    // Whether the visitor is busy here: only then a new screen takes the keyboard along.
    document.addEventListener("focusin", (event) => (this.#isEngaged = event.composedPath().includes(this)), { signal });
    this.addEventListener("pointerdown", () => (this.#isEngaged = true), { signal });
    addEventListener("blur", () => (this.#isEngaged ||= this.contains(document.activeElement)), { signal });
    // `observedAttributes` knows no wildcard.
    const observer = new MutationObserver((changes) => changes.some(({ attributeName }) => WATCHED.test(attributeName)) && this.#reconsider());
    observer.observe(this, { attributes: true });
    signal.addEventListener("abort", () => observer.disconnect());
    addEventListener("online", () => this.#comeBack(), { signal });
    addEventListener("pagehide", () => this.#funnel.leave(this.#edge), { signal });
    this.#reconsider();
  }

  disconnectedCallback() {
    this.#listening?.abort();
    queueMicrotask(() => {
      if (this.isConnected) return;
      this.#funnel.leave(this.#edge);
      this.#stop();
      for (const [place, element] of places) if (element === this) places.delete(place);
    });
  }

  /** What stood in frames of Canopy's is gone: the fields are drawn again, its window can be opened again. */
  #renew() {
    if (this.#session.screen.name === "hosted") return this.#session.closeHosted();
    this.#stage.redraw();
    this.#show(this.#session.screen);
  }

  /** The network is back: what could not be reached is asked for again by itself; nothing is begun that nobody asked for. */
  #comeBack() {
    const { recovery, problem } = this.#shown ?? {};
    if (recovery === "retry") this.#retry(false);
    else if (problem === "EDGE_UNREACHABLE") this.#session?.retry().catch(() => {});
  }

  #stop() {
    this.#stage.clear();
    this.#leave();
    this.#isLacking = false;
    this.#wanted = this.#error = undefined;
    for (const guest of this.#guests) guest.remove();
    this.#guests.clear();
  }

  #leave() {
    this.#turn += 1;
    this.#purpose = undefined;
    this.#session?.close();
    this.#session = undefined;
  }

  /** Looks, once for however many changes come in one go, whether the session is still for what the element now says. */
  #reconsider() {
    if (this.#isReconsidering) return;
    this.#isReconsidering = true;
    queueMicrotask(() => {
      this.#isReconsidering = false;
      if (this.isConnected) this.#settle();
    });
  }

  #settle() {
    this.#speak();
    let options;
    try {
      options = settled({
        mode: this.getAttribute("mode") ?? undefined,
        edge: this.getAttribute("edge") ?? undefined,
        metadata: { ...this.#attributes(), ...this.#metadata },
        reconnectToken: this.getAttribute("reconnect-token") ?? undefined,
        invitation: this.getAttribute("invitation") ?? undefined,
        sessionId: this.getAttribute("session-id") ?? undefined,
        sessionToken: this.getAttribute("session-token") ?? undefined,
        agency: this.getAttribute("agency") ?? undefined,
        query: this.#place.query,
      });
    } catch (error) {
      this.#stop();
      return this.#fail(error, "none");
    }
    const { purpose, mode } = options;
    const shown = ["inline", "consent"].map((name) => this.hasAttribute(name));
    const key = this.getAttribute("session-key") ?? `${this.#place.path} ${this.#number(mode)}`;
    const whole = JSON.stringify([purpose, key, ...shown]);
    if (whole === this.#purpose) return this.#stage.reword();
    // Nothing was begun for what it said before: that is taken over, and nothing on the screen is cleared.
    const isFresh = this.#purpose && !this.#session?.isOpen && isFirst(this.#stage.name);
    // A consent is given to what was read.
    if (isFresh && this.#stage.name === "consent" && options.agency !== this.#agency) this.#wanted = undefined;
    this.#agency = options.agency;
    if (isFresh) this.#leave();
    else this.#stop();
    this.#purpose = whole;
    this.#isHosted = mode === "hosted";
    this.#edge = options.edge;
    this.#stage.reword();
    this.#begin({ ...options, storageKey: `canopy-connect ${key}` });
  }

  /** Has the words of the language that the element is in: of its own `lang`, or of what it stands in. */
  #speak() {
    this.#tag = this.closest("[lang]")?.lang || document.documentElement.lang || "en";
    const language = languageOf(this.#tag);
    // Nothing is drawn before: words that change under one's eyes are worse than a moment without.
    this.#stage.words = (part) => {
      const learning = learn(language, part);
      // What came late is said once it is there.
      learning?.then(() => this.#stage.reword(), () => {});
      return learning && soon(learning, this.#stage.given ? READ_LIMIT_MS : LANGUAGE_LIMIT_MS).catch((error) => explain("PART_FAILED", "", error.message));
    };
  }

  async #begin(options) {
    const turn = this.#turn;
    const { mode } = options;
    const opening = (this.#opening = openSession(options));
    const isButton = this.#isReconnect || (mode === "hosted" && !this.hasAttribute("consent"));
    // What failed is said when they are wanted.
    if (mode !== "hosted") loadScreens().catch(() => {});
    // The first screen needs nothing that has to be loaded, unless another one is where the visitor left.
    if (isButton) this.#show({ name: "start" });
    else if (!options.sessionId && !(await isRemembered(options)) && turn === this.#turn && !this.#session) this.#show({ name: "consent" });
    let session;
    try {
      session = await opening;
    } catch (error) {
      return turn === this.#turn && this.#fail(error, "retry");
    }
    if (turn !== this.#turn) return session.close();
    this.#session = session;
    for (const name of ["authenticated", "policies-available", "complete"]) {
      session.on(name, (pullId) => this.#reach(`canopy-${name}`, pullId ?? this.#hostedPull ?? null));
    }
    session.on("notListed", (query) => this.#fire("canopy-not-listed", { query }));
    session.on("authenticationSuccess", (data) => (this.#hostedPull = data?.pull?.pull_id));
    session.on("exit", () => {
      // Whoever was in Canopy's window was busy here.
      this.#isEngaged = true;
      this.#fire("canopy-exit", { pullId: this.#hostedPull ?? null });
    });
    session.subscribe((screen) => this.#show(screen));
    const wanted = this.#wanted;
    this.#wanted = undefined;
    if (["start", "consent"].includes(session.screen.name)) wanted?.();
  }

  #fail(error, recovery) {
    if (error.code === "PAGE_INVALID") explain(error.code, "", error.message);
    else if (!error.code) console.error(error);
    this.#show({ name: "failed", code: error.code ?? "SCRIPT_FAILED", recovery });
  }

  #attributes() {
    const own = [...this.attributes].filter(({ name }) => name.startsWith("metadata-"));
    return Object.fromEntries(own.map(({ name, value }) => [name.slice("metadata-".length), value]));
  }

  /** Which element of its mode this is, counted from the first free number: what comes back takes up where it left. */
  #number(mode) {
    const own = [...places].find(([place, element]) => element === this && place.startsWith(`${mode} `));
    if (own) return own[0];
    let at = 1;
    while (places.has(`${mode} ${at}`)) at += 1;
    places.set(`${mode} ${at}`, this);
    return `${mode} ${at}`;
  }

  /** Once a pull, also where the element begins anew with the same session. */
  #reach(name, pullId) {
    if (this.#reached.has(`${name} ${pullId}`)) return;
    this.#reached.add(`${name} ${pullId}`);
    this.#fire(name, { pullId });
  }

  #fire(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
  }

  #show(screen) {
    if (this.#isLacking && !isFirst(screen.name)) screen = { name: "failed", code: "SCRIPT_FAILED", recovery: "retry" };
    const session = this.#session;
    // Canopy's first screen is ours where the element has `consent`.
    const isOurs = screen.name === "start" && !screen.resumes && this.hasAttribute("consent") && !this.#isReconnect;
    const shown = isOurs ? { ...screen, name: "consent" } : screen;
    const isSilent = !session?.isOpen || shown.name === "failed";
    this.#stage.setLine(!isSilent && session.isCutOff, isSilent ? () => "" : (name) => this.#text(name));
    // Wanted next. What fails is asked for again then, and said.
    if (shown.name === "carriers" && session.componentsUrl) script(session.componentsUrl, COMPONENTS).catch(() => {});
    // A prompt that is asked again because the answer was wrong begins anew; one that is only repeated goes on.
    const again = shown.refused && shown.prompt;
    const { name, carrierId, actionId, code, policyTypes, confirmations } = shown;
    this.#shown = shown;
    this.#funnel.see(shown, session, this.#edge);
    const isNamed = session?.carrier?.name !== this.#named;
    this.#named = session?.carrier?.name;
    if (name === "hosted") loadScreens().catch(() => {});
    const key = [name, again, carrierId, actionId, code, policyTypes, confirmations].join();
    this.#stage.draw(key, shown, () => this.#ui(), () => this.#isEngaged).then((isDrawn) => {
      if (isDrawn !== false) return isNamed && this.#stage.reword();
      this.#isLacking = true;
      this.#show(screen);
    });
    const { busy, ...settled } = shown;
    const news = JSON.stringify([settled, session?.status?.revision]);
    // Of a beginning there is nothing to tell before the session is there.
    if (news !== this.#told && (session || code)) {
      this.#told = news;
      this.#fire("canopy-status", { screen, status: session?.status ?? null });
    }
    const error = code ?? shown.problem ?? undefined;
    if (error !== this.#error && !busy) {
      this.#error = error;
      if (error) this.#fire("canopy-error", { code: error, message: this.#why({ ...shown, code: error }) });
    }
  }

  #text(name, values) {
    const carrier = this.#session?.carrier?.name;
    const agency = this.getAttribute("agency") ?? undefined;
    return filled(this.#words, name, { __proto__: null, ...(carrier && { carrier }), ...(agency && { agency }), ...values });
  }

  get #words() {
    return { texts: this.#texts, language: languageOf(this.#tag), locale: localeOf(this.#tag) };
  }

  /** Why it cannot go on, and what helps. */
  #why({ code, recovery }) {
    const [again, later] = ["again", "later"].map((name) => this.#text(recovery === "none" ? "newLink" : name));
    return this.#text(code, { again, later });
  }

  /** What a view may use, as it is at the time. */
  #ui() {
    const element = this;
    // The session of a first screen may be another one before it is used; a later screen is of its own.
    const own = !isFirst(this.#stage.name) && this.#session;
    return {
      get session() {
        return own || element.#session;
      },
      get label() {
        return element.getAttribute("label") ?? undefined;
      },
      isInline: this.#isInline,
      isReconnect: this.#isReconnect,
      canStartOver: this.#session?.canStartOver,
      text: (name, values) => this.#text(name, values),
      say: (name, values) => () => this.#text(name, values),
      word: (kind, value) => wordFor(this.#words, kind, value) ?? readable(value),
      list: (items) => new Intl.ListFormat(localeOf(this.#tag)).format(items),
      get locale() {
        return localeOf(element.#tag);
      },
      grown: () => this.#isEngaged && this.#stage.comeIntoView(),
      terms: () => this.#opening.then((session) => session.terms()),
      leaveList: (query) => this.#leaveList(query),
      get query() {
        return element.#query;
      },
      searched: (query) => this.#funnel.searched(query),
      why: (failed) => this.#why(failed),
      announce: (text) => this.#stage.announce(text),
      begin: () => this.#do(() => this.#open()),
      agree: (sentence) => this.#do(() => this.#agree(sentence)),
      startOver: () => this.#session?.startOver(),
      another: () => this.#another(),
      retry: () => this.#retry(),
      guest: (name) => this.#guest(name),
      formOptions: () => this.formOptions ?? {},
    };
  }

  get #isReconnect() {
    return this.hasAttribute("reconnect-token");
  }

  /** Canopy puts its window into the page's body: from within what lies above all else it could not be reached. */
  get #isInline() {
    if (this.hasAttribute("inline")) return true;
    for (let node = this; node; node = node.assignedSlot ?? node.parentNode ?? node.host) {
      if (node.matches?.(":is(dialog[open], [aria-modal=true], :popover-open, :fullscreen):not(:root)")) return true;
    }
    return false;
  }

  /** An element in the page itself, shown at a slot of the shadow tree. */
  #guest(name) {
    const slot = name ? `canopy-${name}`.toLowerCase() : "canopy";
    for (const guest of this.#guests) if (guest.slot === slot) (guest.remove(), this.#guests.delete(guest));
    const guest = h("div", { slot });
    this.#guests.add(guest);
    this.append(guest);
    return guest;
  }

  /** Does it with the session: now, or when that is there. */
  #do(what) {
    if (this.#session) return what();
    this.#wanted = what;
    this.#stage.wait();
  }

  async #open(options) {
    const { session } = this;
    if (session.screen.name === "start" && !this.#isHosted) return session.reconnect().catch(() => {});
    this.#hostedPull = undefined;
    const inline = this.#isInline && { modal: false, mount: this.#guest("") };
    this.#options = { ...this.#options, ...options };
    // What was agreed to is not asked again because Canopy's script did not come.
    await session.openHosted({ ...inline, ...this.#options }).then(() => (this.#options = undefined), () => {});
  }

  async #agree(sentence) {
    const { session } = this;
    if (session.screen.name === "consent") return session.agree(sentence).catch(() => {});
    const consentToken = await session.consent(sentence).catch(() => {});
    if (consentToken && session === this.#session) await this.#open({ consentToken });
  }

  /** No company of the list is the visitor's. What a session has begun stays with it: documents have one of their own. */
  #leaveList(query) {
    this.#query = query;
    if (this.#session.status?.pull_id && this.#session.canStartOver) this.#session.startOver();
    this.#session.notListed(query);
  }

  /** Shares what another company has, in a session of its own. */
  #another() {
    this.#session.startOver();
    if (this.#isHosted && !this.hasAttribute("consent")) this.#open();
  }

  /** `isWanted`: the visitor asks for it. Canopy's window is opened only for them, and not where what failed is the picking up of a session. */
  async #retry(isWanted = true) {
    this.#isLacking = false;
    const session = this.#session;
    if (!session) return this.#leave(), this.#settle();
    const opens = isWanted && this.#isHosted && (session.isOpen || this.#options !== undefined);
    await session.retry().catch(() => {});
    if (opens && session === this.#session && ["start", "failed"].includes(session.screen.name)) await this.#open();
  }
}
