// What Rust asks of the browser where one call here saves many crossings between JavaScript and WebAssembly.

/** Origins of edges that have answered this page: they do not refuse it. */
const answering = new Set();

/**
 * One request to the edge: [status, document], or the reason why there is no answer.
 * A browser does not say whether a request broke, the server is down or it refuses this page's origin: asking again tells.
 */
export async function request(method, url, token, body, millis) {
  const headers = {};
  if (token) headers.authorization = `Bearer ${token}`;
  if (body !== undefined) headers["content-type"] = "application/json";
  let response;
  try {
    response = await fetch(url, {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      credentials: "omit",
      cache: "no-store",
      signal: AbortSignal.timeout(millis),
    });
    answering.add(new URL(url).origin);
    return [response.status, await response.json()];
  } catch (error) {
    const { origin } = new URL(url);
    if (answering.has(origin) || error.name === "TimeoutError") return "EDGE_UNREACHABLE";
    const probe = (path, mode) => fetch(origin + path, { mode, credentials: "omit", signal: AbortSignal.timeout(millis) });
    // What any page may read that it does not refuse, then what anybody may reach.
    if (await probe("/connect/terms", "cors").catch(() => undefined)) return "EDGE_UNREACHABLE";
    return probe("/healthz", "no-cors").then(() => "ORIGIN_NOT_ALLOWED", () => "EDGE_UNREACHABLE");
  }
}

/** Scripts by address: each is loaded once, however many ask for it. One that failed is loaded anew by the next who asks. */
const scripts = new Map();
const SCRIPT_LIMIT_MS = 20_000;

/** Loads a classic script and gives the global that it sets. */
export function script(url, global) {
  if (!scripts.has(url)) {
    const loading = new Promise((resolve, reject) => {
      const element = document.createElement("script");
      const failed = (why) => (element.remove(), reject(new Error(why)));
      const timer = setTimeout(failed, SCRIPT_LIMIT_MS, "it did not arrive in time");
      element.src = url;
      element.async = true;
      element.onload = () => {
        clearTimeout(timer);
        if (globalThis[global]) resolve(globalThis[global]);
        else failed(`it set no ${global}`);
      };
      element.onerror = () => (clearTimeout(timer), failed("it was blocked or could not be reached"));
      document.head.append(element);
    });
    scripts.set(url, loading);
    loading.catch((error) => {
      scripts.delete(url);
      console.error(`[canopy-connect] ${url}: ${error.message}. Does the page's Content-Security-Policy allow it in script-src?`);
    });
  }
  return scripts.get(url);
}

/** Calls `callback(name, data)` for each of an emitter's events. */
export function relay(emitter, names, callback) {
  for (const name of names) emitter.on(name, (data) => callback(name, data));
}

/** What this tab remembers under `key`: the session's id and token, nothing else. */
export function remembered(key) {
  try {
    const { id, token } = JSON.parse(sessionStorage.getItem(key)) ?? {};
    return id && token ? [id, token] : undefined;
  } catch {
    // Storage may be forbidden, or hold what is not ours.
    return undefined;
  }
}

/** Remembers; without an id it forgets. */
export function remember(key, id, token) {
  try {
    if (id) sessionStorage.setItem(key, JSON.stringify({ id, token }));
    else sessionStorage.removeItem(key);
  } catch {
    // Then a reload starts over.
  }
}

/** The page's own `ccmeta_…` query parameters. */
export function queryMetadata() {
  const own = [...new URLSearchParams(location.search)].filter(([name]) => name.startsWith("ccmeta_"));
  return Object.fromEntries(own.map(([name, value]) => [name.slice("ccmeta_".length), value]));
}

/** Why it cannot go on, for the developer. What the visitor reads says what they can do. */
export function explain(code, edge) {
  const why = {
    ORIGIN_NOT_ALLOWED: `the edge ${edge} refuses pages of ${location.origin}: add it to EDGE_ALLOWED_ORIGINS`,
    EDGE_UNREACHABLE: `the edge ${edge} gave no answer: is it up, and allowed by the page's Content-Security-Policy in connect-src?`,
    NOT_CONFIGURED: `the edge ${edge} is not configured: ${edge}/healthz names what is missing`,
    CANOPY_FAILED: `Canopy did not answer the edge as it should: the edge's log says more`,
    TOO_MANY_REQUESTS: "too many sessions were opened from this address",
  }[code];
  console.error(`[canopy-connect] ${code}${why ? `: ${why}` : ""}`);
}

const OPEN_LIMIT_MS = 8_000;
const PING_EVERY_MS = 25_000;
const PONG_LIMIT_MS = 10_000;

/**
 * The session's documents as they change: over a WebSocket, asked for while there is none.
 * `take(document)` gets each; `fail()` is told of each failure and says how long to wait; `ask()` asks for the document.
 * A page that is hidden in the back-forward cache, asleep or offline holds no socket; it has one again when it is back.
 */
export class Live {
  #url;
  #token;
  #take;
  #fail;
  #ask;
  #socket;
  #timers = new Set();
  #listening = new AbortController();

  constructor(url, token, take, fail, ask) {
    [this.#url, this.#token, this.#take, this.#fail, this.#ask] = [url, token, take, fail, ask];
    const { signal } = this.#listening;
    addEventListener("pagehide", () => this.#drop(), { signal });
    addEventListener("pageshow", (event) => event.persisted && this.#check(), { signal });
    addEventListener("online", () => this.#again(), { signal });
    addEventListener("offline", () => this.#broken(), { signal });
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.#check(), { signal });
    this.#open();
  }

  close() {
    this.#listening.abort();
    this.#drop();
  }

  #later(millis, then) {
    const timer = setTimeout(() => (this.#timers.delete(timer), then()), millis);
    this.#timers.add(timer);
    return timer;
  }

  #drop() {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close();
  }

  #again() {
    this.#drop();
    this.#open();
  }

  #open() {
    let socket;
    try {
      socket = new WebSocket(this.#url, ["canopy-edge", this.#token]);
    } catch {
      // A Content-Security-Policy may forbid it.
      return this.#broken();
    }
    this.#socket = socket;
    const isOurs = () => this.#socket === socket;
    const limit = this.#later(OPEN_LIMIT_MS, () => this.#broken());
    socket.onmessage = ({ data }) => {
      if (!isOurs()) return;
      for (const timer of this.#timers) clearTimeout(timer);
      this.#timers.clear();
      this.#later(PING_EVERY_MS, () => this.#check());
      if (data !== "pong") this.#take(JSON.parse(data));
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
    const wait = this.#fail();
    this.#ask();
    this.#later(wait, () => this.#open());
  }
}
