// The page's API: a session, and who listens to it. What it does is the Rust half's.
import makeGlue from "../../../build/connect/connect.js";
import { soon } from "./part.js";
import { abandon, explain, remembered } from "./platform.js";

/** Members of the metadata that are the edge's own: what a link or a page says there is not taken over. */
const RESERVED = ["edge_session", "edge_call", "edge_company", "edge_invitation"];
const MODES = ["hosted", "components"];
/** What the token of an invitation for Canopy's window begins with. */
const INVITED_HOSTED = "h.";

/** The page itself has something wrong that nobody else can mend. */
const invalid = (why) => Object.assign(new TypeError(`canopy-connect: ${why}`), { code: "PAGE_INVALID" });

const isSaid = (value) => value !== undefined && value !== null;

/** Where this script came from, if an edge served it. */
function ownEdge() {
  const { origin, pathname } = new URL(import.meta.url);
  return /\/connect\/[^/]+\.js$/.test(pathname) ? origin : undefined;
}

/** The page's own `ccmeta-…` and `ccmeta_…` query parameters; none whose name the edge would refuse: a link breaks no page. */
export function queryMetadata(query) {
  const own = [...new URLSearchParams(query)].filter(([name]) => /^ccmeta[-_][^[\]]+$/.test(name));
  return Object.fromEntries(own.map(([name, value]) => [name.slice("ccmeta-".length), value]));
}

/** JSON that is the same for equal values, whatever the order of members. */
const canonical = (value) =>
  JSON.stringify(value, (_, part) => (part && typeof part === "object" && !Array.isArray(part) ? Object.fromEntries(Object.entries(part).sort()) : part));

/**
 * The options as they are meant, and as text what the session is for: one that is remembered is only picked up for the same. A session
 * that the back office has opened has a mode and metadata of its own; it is kept where it came from. An invitation has metadata and
 * a mode of its own, and its token says which mode.
 */
export function settled({ edge = ownEdge(), mode: said = "hosted", metadata, reconnectToken, invitation, sessionId, sessionToken, agency, storageKey, query = globalThis.location?.search }) {
  const isInvited = isSaid(invitation);
  const invited = String(invitation).startsWith(INVITED_HOSTED) ? "hosted" : "components";
  const mode = isInvited ? invited : said;
  if (!MODES.includes(mode)) throw invalid(`there is no mode "${mode}": it is "${MODES.join('" or "')}"`);
  const isGiven = isSaid(sessionId) || isSaid(sessionToken);
  if (isGiven && !(sessionId && sessionToken)) throw invalid("a session of the back office has an id and a token: set both");
  if (isGiven && isSaid(reconnectToken)) throw invalid("a session of the back office brings no account back: leave out the reconnect token, or the session");
  if (isInvited && (isGiven || isSaid(reconnectToken))) throw invalid("an invitation begins a login of its own: leave out the reconnect token and the session, or the invitation");
  const all = isGiven || isInvited ? {} : { ...queryMetadata(query), ...metadata };
  for (const name of RESERVED) delete all[name];
  let address;
  try {
    address = new URL(edge, globalThis.location?.href).origin;
  } catch {}
  if (!edge || !address) throw invalid("set `edge` to the address of your Worker");
  const own = { mode, reconnectToken: reconnectToken ?? undefined, invitation: invitation ?? undefined };
  const given = { mode: "components", sessionId, sessionToken };
  const options = { edge: address, metadata: all, agency, ...(isGiven ? given : own) };
  try {
    return { ...options, storageKey: isGiven ? null : storageKey, purpose: canonical(options) };
  } catch (error) {
    throw invalid(`metadata has to be JSON: ${error.message}`);
  }
}

/** Where what is for this purpose is kept; nowhere where the page may not have a digest: that is no page an edge allows. */
async function keyOf({ storageKey, mode, purpose }) {
  if (storageKey === null || !globalThis.crypto?.subtle) return undefined;
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(purpose));
  return `${storageKey ?? `canopy-connect ${mode}`} ${new Uint8Array(digest).subarray(0, 12).join("-")}`;
}

/** Whether this tab remembers something for this purpose. */
export const isRemembered = async (meant) => {
  const key = await keyOf(meant);
  return key !== undefined && remembered(key) !== undefined;
};

/** WebAssembly, loaded once, with the first session; and once more when it has trapped. */
let loading;

function load() {
  if (!loading) {
    const instance = { sessions: new Set(), isBroken: false };
    const broken = (error) => {
      if (instance.isBroken) return;
      instance.isBroken = true;
      if (loading === own) loading = undefined;
      explain("CRASHED", "", String(error?.message ?? error));
      abandon();
      for (const session of [...instance.sessions]) session.break();
    };
    // After a trap, or an exception that went through it, what it holds is not to be trusted: it is called no more.
    const guarded = (exports) => {
      const guard = (part) => (typeof part === "function" ? (...given) => {
        if (instance.isBroken) return [];
        try {
          return part(...given);
        } catch (error) {
          broken(error);
          return [];
        }
      } : part);
      return Object.fromEntries(Object.entries(exports).map(([name, part]) => [name, guard(part)]));
    };
    const { Core, load: start } = makeGlue(guarded);
    const own = soon(start()).then(
      () => Object.assign(instance, { Core }),
      (error) => {
        loading = undefined;
        explain("WASM_FAILED", new URL(import.meta.url).origin, error.message);
        throw Object.assign(error, { code: "SCRIPT_FAILED" });
      },
    );
    loading = own;
  }
  return loading;
}

/** What is told once: whoever listens later is told it, too. */
const MILESTONES = ["authenticated", "policies-available", "complete"];

/** What a listener throws is the page's: it is reported, and costs nobody anything. */
function call(listener, detail) {
  try {
    listener(detail);
  } catch (error) {
    (globalThis.reportError ?? console.error)(error);
  }
}

function tell(listeners, name, detail) {
  for (const listener of [...(listeners.get(name) ?? [])]) call(listener, detail);
}

const crashed = () => Object.assign(new Error("CRASHED: its WebAssembly stopped, try again"), { code: "CRASHED", status: 0 });

export class Session {
  #options;
  #key;
  #instance;
  #core;
  #listeners = new Map();
  /** Milestones that were reached, with their pulls. */
  #reached = new Map();
  /** Who waits for an answer that a broken instance will not give. */
  #pending = new Set();

  constructor(options, key, instance) {
    [this.#options, this.#key] = [options, key];
    this.#start(instance);
  }

  #start(instance) {
    const { edge, mode, metadata, reconnectToken, invitation, sessionId, sessionToken } = this.#options;
    this.#instance = instance;
    instance.sessions.add(this);
    Session.#adopt(instance.Core.prototype);
    // WebAssembly's memory holds on to it: it must not hold on to the session, whose end that memory waits for.
    const [listeners, reached] = [this.#listeners, this.#reached];
    const notify = (name, detail) => {
      if (name === "hosted") [name, detail] = detail;
      if (MILESTONES.includes(name)) reached.set(name, detail);
      tell(listeners, name, detail);
    };
    const given = sessionId && [sessionId, sessionToken];
    this.#core = new instance.Core(edge, mode === "hosted", this.#key, invitation ?? metadata, reconnectToken, given, notify);
  }

  /** What Rust can do, this can. */
  static #adopt(core) {
    for (const [name, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(core))) {
      if (name in this.prototype || /^(free$|_)/.test(name)) continue;
      const isGetter = Object.hasOwn(descriptor, "get");
      const get = function () {
        return this.#core[name];
      };
      const value = function (...given) {
        return this.#ask(name, given);
      };
      // A page may have put members into every object.
      Object.defineProperty(this.prototype, name, { __proto__: null, ...(isGetter ? { get } : { value }) });
    }
  }

  #ask(name, given) {
    const answer = this.#core[name](...given);
    if (this.#instance.isBroken) {
      const refused = Promise.reject(crashed());
      refused.catch(() => {});
      return refused;
    }
    if (!(answer instanceof Promise)) return answer;
    return new Promise((resolve, reject) => {
      this.#pending.add(reject);
      answer.then(resolve, reject).finally(() => this.#pending.delete(reject));
    });
  }

  /** The WebAssembly that it ran on has trapped. */
  break() {
    for (const reject of this.#pending) reject(crashed());
    tell(this.#listeners, "screen");
  }

  get screen() {
    return this.#instance.isBroken ? { name: "failed", code: "CRASHED", recovery: "retry" } : this.#core.screen;
  }

  get status() {
    return this.#instance.isBroken ? null : this.#core.status;
  }

  /** Calls `listener` with the screen, now and at each change. Gives a function that ends it. */
  subscribe(listener) {
    const end = this.on("screen", () => listener(this.screen));
    call(listener, this.screen);
    return end;
  }

  /** Calls `listener` at each event of this name. Gives a function that ends it. */
  on(name, listener) {
    if (!this.#listeners.has(name)) this.#listeners.set(name, new Set());
    const own = this.#listeners.get(name).add(listener);
    if (this.#reached.has(name)) queueMicrotask(() => own.has(listener) && call(listener, this.#reached.get(name)));
    return () => own.delete(listener);
  }

  /** Sends documents in a login's place. */
  async uploadDocuments(files, options) {
    const { parcel } = await import("./upload.js");
    return this.#ask("_upload", [parcel(files, options)]);
  }

  async retry() {
    if (!this.#instance.isBroken) return this.#ask("retry", []);
    this.#instance.sessions.delete(this);
    this.#start(await load());
    await this.#ask("resume", []);
    tell(this.#listeners, "screen");
  }

  startOver() {
    this.#reached.clear();
    if (!this.#instance.isBroken) this.#core.startOver();
    else this.retry().then(() => this.#core.startOver(), () => {});
  }

  close() {
    this.#core.close();
    this.#instance.sessions.delete(this);
    for (const own of this.#listeners.values()) own.clear();
  }
}

/** Makes a session, or picks up the one that is given, or that this tab remembers for the same purpose. */
export async function openSession(options = {}) {
  const meant = settled(options);
  const [instance, key] = await Promise.all([load(), keyOf(meant)]);
  const session = new Session(meant, key, instance);
  await session.resume();
  return session;
}
