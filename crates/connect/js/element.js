// `<canopy-connect>`: one session, drawn.
import { readable, h } from "./dom.js";
import { openSession } from "./session.js";
import { styles } from "./style.js";
import { filled } from "./texts.js";
import * as views from "./views.js";

/** A server that renders pages has no elements. */
const Base = globalThis.HTMLElement ?? class {};

const LAZY = new Set(["carriers", "credentials", "identity-option", "identity-code", "confirmation"]);
/** Changes of these make the element begin anew. */
const WATCHED = ["mode", "edge", "reconnect-token", "session-key", "inline", "consent"];
const unloaded = (error) =>
  console.error(`[canopy-connect] ${error.message}. Is it there, and allowed by the page's Content-Security-Policy in script-src?`);
const camel = (name) => name.replace(/-(\w)/g, (_, letter) => letter.toUpperCase());

/** The elements in the page by their mode and number: each keeps a session of its own. */
const places = new Map();

export class CanopyConnectElement extends Base {
  static observedAttributes = WATCHED;

  #root;
  #frame;
  #live;
  #offline;
  #session;
  #view;
  #key;
  /** The newest screen: while its view is being loaded it may go on. */
  #screen;
  /** Counts the beginnings: what belongs to one before is late. */
  #turn = 0;
  #isEngaged = false;
  /** The button was pressed before the session was there. */
  #isWanted = false;
  /** The screens of the Components flow could not be loaded. */
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
  #texts = {};
  #servicingActions;

  constructor() {
    super();
    this.#frame = h("div");
    this.#live = h("p", { className: "hidden", role: "status" });
    this.#offline = h("p", { className: "muted note", role: "status" });
    this.#root = this.attachShadow({ mode: "open" });
    this.#root.adoptedStyleSheets = [styles()];
    this.#root.append(this.#frame, this.#offline, this.#live);
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
    this.#restart();
  }

  get servicingActions() {
    return this.#servicingActions;
  }
  set servicingActions(actions) {
    this.#servicingActions = actions;
    this.#restart();
  }

  get texts() {
    return this.#texts;
  }
  set texts(texts) {
    this.#texts = { ...texts };
    this.#key = undefined;
    if (this.#session) this.#show(this.#session.screen);
  }

  connectedCallback() {
    // What was set before this class was there hides its accessors.
    for (const name of ["metadata", "servicingActions", "texts"].filter((name) => Object.hasOwn(this, name))) {
      const value = this[name];
      delete this[name];
      this[name] = value;
    }
    this.#listening = new AbortController();
    const { signal } = this.#listening;
    // Whether the visitor is busy here: only then a new screen takes the keyboard along.
    document.addEventListener("focusin", (event) => (this.#isEngaged = event.composedPath().includes(this)), { signal });
    this.addEventListener("pointerdown", () => (this.#isEngaged = true), { signal });
    addEventListener("blur", () => (this.#isEngaged ||= this.contains(document.activeElement)), { signal });
    this.#restart();
  }

  disconnectedCallback() {
    this.#listening?.abort();
    this.#stop();
    for (const [place, element] of places) if (element === this) places.delete(place);
  }

  attributeChangedCallback(_, before, after) {
    if (before !== after) this.#restart();
  }

  #stop() {
    this.#turn += 1;
    this.#session?.close();
    this.#session = undefined;
    this.#isWanted = this.#isLacking = false;
    this.#view?.leave?.();
    this.#view = this.#key = this.#error = undefined;
    for (const guest of this.#guests) guest.remove();
    this.#guests.clear();
    this.#frame.replaceChildren();
  }

  /** Begins, once for however many changes come in one go. */
  #restart() {
    if (!this.isConnected) return;
    this.#stop();
    const turn = this.#turn;
    queueMicrotask(() => turn === this.#turn && this.isConnected && this.#begin(turn));
  }

  async #begin(turn) {
    const mode = this.getAttribute("mode") ?? "hosted";
    if (mode === "hosted" && !this.hasAttribute("consent")) this.#draw("start", { name: "start" });
    // They are there before they are wanted, also when the edge is deployed anew meanwhile. `#draw` says what failed.
    if (mode === "components") import("./screens.js").catch(() => {});
    let session;
    try {
      session = await openSession({
        mode,
        edge: this.getAttribute("edge") ?? undefined,
        metadata: { ...this.#attributes(), ...this.#metadata },
        reconnectToken: this.getAttribute("reconnect-token") ?? undefined,
        servicingActions: this.#servicingActions,
        storageKey: `canopy-connect ${this.getAttribute("session-key") ?? `${location.pathname} ${this.#place(mode)}`}`,
      });
    } catch (error) {
      if (turn !== this.#turn) return;
      console.error(error);
      return this.#show({ name: "failed", code: error.code ?? "SCRIPT_FAILED", recovery: "retry" });
    }
    if (turn !== this.#turn) return session.close();
    this.#session = session;
    for (const name of ["authenticated", "policies-available", "complete"]) {
      session.on(name, (pullId) => this.#reach(`canopy-${name}`, pullId ?? this.#hostedPull ?? null));
    }
    session.on("authenticationSuccess", (data) => (this.#hostedPull = data?.pull?.pull_id));
    session.on("exit", () => {
      // Whoever was in Canopy's window was busy here.
      this.#isEngaged = true;
      this.#fire("canopy-exit", { pullId: this.#hostedPull ?? null });
    });
    session.subscribe((screen) => this.#show(screen));
    if (this.#isWanted && session.screen.name === "start") this.#open();
  }

  #attributes() {
    const own = [...this.attributes].filter(({ name }) => name.startsWith("metadata-"));
    return Object.fromEntries(own.map(({ name, value }) => [name.slice("metadata-".length), value]));
  }

  /** Which element of its mode this is, counted from the first free number: what comes back takes up where it left. */
  #place(mode) {
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
    if (this.#isLacking && LAZY.has(screen.name)) screen = { name: "failed", code: "SCRIPT_FAILED", recovery: "retry" };
    const session = this.#session;
    // Canopy's first screen is ours where the element has `consent`.
    const isOurs = screen.name === "start" && this.hasAttribute("consent") && !this.hasAttribute("reconnect-token");
    const shown = isOurs ? { ...screen, name: "consent" } : screen;
    this.#offline.textContent = session && session.isCutOff && shown.name !== "failed" ? this.#text("offline") : "";
    // A prompt that is asked again because the answer was wrong begins anew; one that is only repeated goes on.
    const again = shown.refused && shown.prompt;
    const { name, carrierId, actionId, code, policyTypes, confirmations } = shown;
    this.#draw([name, again, carrierId, actionId, code, policyTypes, confirmations].join(), shown);
    const { busy, ...settled } = shown;
    const news = JSON.stringify([settled, session?.status?.revision]);
    if (news !== this.#told) {
      this.#told = news;
      this.#fire("canopy-status", { screen, status: session?.status ?? null });
    }
    const error = shown.code ?? shown.problem ?? undefined;
    if (error !== this.#error && !busy) {
      this.#error = error;
      if (error) this.#fire("canopy-error", { code: error, message: this.#text(error) });
    }
  }

  async #draw(key, screen) {
    this.#screen = screen;
    if (key === this.#key) return this.#view?.update?.(screen);
    this.#key = key;
    // What the view before would make of it is of no interest any more.
    const before = this.#view;
    this.#view = before && { node: before.node, leave: before.leave };
    const set = LAZY.has(screen.name) ? await import("./screens.js").catch(unloaded) : views;
    if (key !== this.#key) return;
    if (!set) {
      this.#isLacking = true;
      return this.#show(screen);
    }
    this.#view?.leave?.();
    const isFirst = !this.#view;
    this.#view = set[camel(screen.name)](this.#ui(), this.#screen);
    this.#frame.replaceChildren(this.#view.node);
    this.#view.update?.(this.#screen);
    if (isFirst) return;
    const title = this.#view.node.querySelector("h2");
    if (title) this.#announce(title.textContent);
    if (this.#isEngaged) (this.#view.focus ?? title)?.focus();
  }

  #announce(text) {
    if (this.#live.textContent !== text) this.#live.textContent = text;
  }

  #text(name, values) {
    const carrier = this.#session?.carrier?.name;
    const agency = this.getAttribute("agency") ?? undefined;
    return filled(this.#texts, name, { ...(carrier && { carrier }), ...(agency && { agency }), ...values });
  }

  /** What a view may use. */
  #ui() {
    const session = this.#session;
    return {
      session,
      readable,
      text: (name, values) => this.#text(name, values),
      label: this.getAttribute("label") ?? undefined,
      isInline: this.hasAttribute("inline"),
      isReconnect: this.hasAttribute("reconnect-token"),
      announce: (text) => this.#announce(text),
      begin: () => this.#open(),
      agree: (sentence) => this.#agree(sentence),
      startOver: () => session.startOver(),
      retry: () => this.#retry(),
      guest: (name) => this.#guest(name),
      formOptions: () => this.formOptions ?? {},
    };
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

  async #open(options) {
    this.#isWanted = true;
    if (!this.#session) return this.#view?.update?.({ busy: true });
    const { session } = this;
    if (session.screen.name === "start" && this.getAttribute("mode") === "components") return session.reconnect().catch(() => {});
    this.#hostedPull = undefined;
    const inline = this.hasAttribute("inline") && { modal: false, mount: this.#guest("") };
    this.#options = { ...this.#options, ...options };
    // What was agreed to is not asked again because Canopy's script did not come.
    await session.openHosted({ ...inline, ...this.#options }).then(() => (this.#options = undefined), () => {});
  }

  async #agree(sentence) {
    const { session } = this;
    if (session.screen.name === "consent") return session.agree(sentence).catch(() => {});
    const consentToken = await session.consent(sentence).catch(() => {});
    if (consentToken) await this.#open({ consentToken });
  }

  async #retry() {
    this.#isLacking = false;
    if (!this.#session) return this.#restart();
    await this.#session.retry();
    const isHosted = (this.getAttribute("mode") ?? "hosted") === "hosted";
    if (isHosted && ["start", "failed"].includes(this.#session?.screen.name)) await this.#open();
  }
}
