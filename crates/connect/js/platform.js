// What Rust asks of the browser where one call here saves many crossings between JavaScript and WebAssembly.
import { part, soon } from "./part.js";
import { isSameSite, trusted, violations, watchPolicy } from "./policy.js";

/** How long the edge may take: longer than it waits for Canopy itself. */
const REQUEST_LIMIT_MS = 40_000;
/** How long Canopy's window may say nothing before the visitor is told. */
const SILENCE_MS = 12_000;

/** Origins of edges that have answered this page: they do not refuse it. */
const answering = new Set();

/** A request that is given up after its time. `AbortSignal.timeout` is not in every browser. */
async function fetchInTime(url, options) {
  const giveUp = new AbortController();
  const timer = setTimeout(() => giveUp.abort(), REQUEST_LIMIT_MS);
  try {
    const response = await fetch(url, { credentials: "omit", ...options, signal: giveUp.signal });
    return [response.status, options.mode === "no-cors" || response.status === 204 ? null : await response.json()];
  } catch (error) {
    throw giveUp.signal.aborted ? undefined : error;
  } finally {
    clearTimeout(timer);
  }
}

/**
 * One request to the edge: [status, document], or the reason why there is no answer.
 * A browser does not say whether a request broke, the server is down or it refuses this page's origin: asking again tells.
 */
export async function request(method, url, token, body) {
  const headers = {};
  if (token) headers.authorization = `Bearer ${token}`;
  const { origin } = new URL(url);
  try {
    const parcel = body && Object.hasOwn(body, "send");
    if (body !== undefined) headers["content-type"] = "application/json";
    const answer = await (parcel ? body.send(url, token) : fetchInTime(url, { method, headers, body: body === undefined ? undefined : JSON.stringify(body), cache: "no-store" }));
    answering.add(origin);
    return answer;
  } catch (error) {
    if (answering.has(origin) || !error) return "EDGE_UNREACHABLE";
    // What any page may read that it does not refuse, then what anybody may reach.
    if (await fetchInTime(`${origin}/connect/terms`, { mode: "cors" }).catch(() => undefined)) return "EDGE_UNREACHABLE";
    return fetchInTime(`${origin}/healthz`, { mode: "no-cors" }).then(() => "ORIGIN_NOT_ALLOWED", () => "EDGE_UNREACHABLE");
  }
}

const loadFinder = part(() => import("./finder.js"));

/** What makes carriers searchable. It may come before whoever asks waits for it: that it did not is heard then. */
export function finder() {
  const coming = loadFinder().then(({ load }) => soon(load()));
  coming.catch(() => {});
  return coming;
}

/** Scripts by address: each is loaded once, however many ask for it. One that failed is loaded anew by the next who asks. */
const scripts = new Map();

/** The nonce of the page's scripts: a page that names no hosts allows by it what it does not know. */
const nonce = () => document.querySelector("script[nonce]")?.nonce ?? "";

/** Loads a classic script and gives the global that it sets. */
export function script(url, global) {
  if (!scripts.has(url)) {
    const element = document.createElement("script");
    const loaded = new Promise((resolve, reject) => {
      element.src = trusted("createScriptURL", url);
      element.async = true;
      element.nonce = nonce();
      element.onload = () => (globalThis[global] ? resolve(globalThis[global]) : reject(new Error(`it set no ${global}`)));
      element.onerror = () => reject(new Error("it was blocked or could not be reached"));
      document.head.append(element);
    });
    const loading = soon(loaded);
    scripts.set(url, loading);
    loading.catch(() => (element.remove(), scripts.delete(url)));
  }
  return scripts.get(url);
}

/** What stands or runs in the page, each with the function that ends it. */
const standing = new Map();

/** Ends all of it: who started it can do so no more. */
export function abandon() {
  for (const end of standing.values()) end();
}

/** Calls `callback(name, data)` for each of an emitter's events. */
export function relay(emitter, names, callback) {
  for (const name of names) emitter.on(name, (data) => callback(name, data));
  standing.set(emitter, () => destroy(emitter));
}

/** Who waits for something of an emitter's. */
const waiting = new Map();

export function destroy(emitter) {
  standing.delete(emitter);
  waiting.get(emitter)?.();
  try {
    emitter.destroy();
  } catch (error) {
    console.error(error);
  }
}

/** Rejected when the page's policy forbids a frame of Canopy's; settles when the emitter ends, and with `promise`. */
function whileStanding(emitter, promise, url) {
  let end;
  const stop = new Promise((resolve, reject) => {
    waiting.set(emitter, resolve);
    end = watchPolicy(({ effectiveDirective, blockedURI }) => {
      if (/frame|child/.test(effectiveDirective) && isSameSite(blockedURI, url)) {
        reject(Object.assign(new Error(`the page's policy forbids ${blockedURI}`), { isForbidden: true }));
      }
    });
  });
  return Promise.race([promise, stop]).finally(() => (end(), waiting.delete(emitter)));
}

export function inTime(form, promise, url) {
  return whileStanding(form, soon(promise), url);
}

/** Canopy's window says something: to its script by messages, whatever that tells of them. */
export function signOfLife(emitter, url) {
  let hear;
  const heard = new Promise((resolve) => addEventListener("message", (hear = ({ origin }) => isSameSite(origin, url) && resolve())));
  return whileStanding(emitter, soon(heard, SILENCE_MS), url)
    .catch((error) => Promise.reject(error.isForbidden === true))
    .finally(() => removeEventListener("message", hear));
}

/** What this tab remembers under `key`: the session's id and token, the consent that was given, the company that was chosen. */
export function remembered(key) {
  try {
    const kept = JSON.parse(sessionStorage.getItem(key));
    return kept && typeof kept === "object" ? kept : undefined;
  } catch {
    // Storage may be forbidden, or hold what is not ours.
    return undefined;
  }
}

/** Remembers what there is; forgets where that is nothing. */
export function remember(key, id, token, consent, carrier) {
  try {
    const kept = { id, token, consent, carrier: carrier && { carrier_id: carrier.carrier_id, name: carrier.name } };
    if (id || consent || carrier) sessionStorage.setItem(key, JSON.stringify(kept));
    else sessionStorage.removeItem(key);
  } catch {
    // Then a reload starts over.
  }
}

/** Tells the developer why it cannot go on. What the visitor reads says what they can do. */
export function explain(code, of, why = "") {
  import("./advice.js").then(
    ({ advise }) => advise(code, of, why, violations, isSameSite),
    () => console.error(`[canopy-connect] ${code}: ${of} ${why}`),
  );
}

const OPEN_LIMIT_MS = 8_000;
const PING_EVERY_MS = 25_000;
const PONG_LIMIT_MS = 10_000;

/**
 * A session's documents as they change: over a WebSocket, asked for while there is none. `url` is the session's.
 * `call` is told `take` with each document, `ask` when it is to be asked for, and says at `fail` how long to wait.
 * A page that is hidden in the back-forward cache, asleep or offline holds no socket; it has one again when it is back.
 */
export class Live {
  #url;
  #token;
  #call;
  #socket;
  #timers = new Set();
  #listening = new AbortController();

  constructor(url, token, call) {
    [this.#url, this.#token, this.#call] = [url, token, call];
    const { signal } = this.#listening;
    addEventListener("pagehide", () => this.#drop(), { signal });
    addEventListener("pageshow", (event) => event.persisted && this.#check(), { signal });
    addEventListener("online", () => this.#again(), { signal });
    addEventListener("offline", () => this.#broken(), { signal });
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.#check(), { signal });
    standing.set(this, () => this.close());
    this.#open();
  }

  close() {
    standing.delete(this);
    this.#listening.abort();
    this.#drop();
  }

  #later(millis, then) {
    // Whom it called may have ended it.
    if (this.#listening.signal.aborted) return;
    const timer = setTimeout(() => (this.#timers.delete(timer), then()), millis);
    this.#timers.add(timer);
    return timer;
  }

  #drop() {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close?.();
  }

  #again() {
    this.#drop();
    this.#open();
  }

  /** With a ticket, which is good for one socket: what stands in the subprotocol is kept by logs. */
  async #open() {
    // Whoever opens another one meanwhile takes its place.
    const coming = (this.#socket = {});
    const limit = this.#later(OPEN_LIMIT_MS, () => this.#broken());
    const [status, answer] = await request("POST", `${this.#url}/ticket`, this.#token);
    if (this.#socket !== coming) return;
    if (status !== 200) return this.#broken();
    let socket;
    try {
      socket = new WebSocket(`${this.#url.replace("http", "ws")}/live`, ["canopy-edge", answer.ticket]);
    } catch {
      // A Content-Security-Policy may forbid it.
      return this.#broken();
    }
    this.#socket = socket;
    const isOurs = () => this.#socket === socket;
    socket.onmessage = ({ data }) => {
      if (!isOurs()) return;
      for (const timer of this.#timers) clearTimeout(timer);
      this.#timers.clear();
      this.#later(PING_EVERY_MS, () => this.#check());
      if (data !== "pong") this.#call("take", JSON.parse(data));
    };
    socket.onclose = () => isOurs() && (clearTimeout(limit), this.#broken());
  }

  /** Whether the other side is still there: after a sleep a socket can look open and be dead. */
  #check() {
    if (this.#socket?.readyState !== WebSocket.OPEN) return this.#socket ? undefined : this.#again();
    this.#socket.send("ping");
    this.#later(PONG_LIMIT_MS, () => this.#again());
  }

  #broken() {
    this.#drop();
    const wait = this.#call("fail", Math.random());
    this.#call("ask");
    this.#later(wait, () => this.#open());
  }
}
