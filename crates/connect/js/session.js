// The page's API: a session, and who listens to it. What it does is the Rust half's.
import init, { Core } from "../../../build/connect/connect.js";
import { queryMetadata } from "./platform.js";

/** WebAssembly is loaded once, with the first session. */
let loading;

/** Where this script came from, if an edge served it. */
function ownEdge() {
  const { origin, pathname } = new URL(import.meta.url);
  return /\/connect\/[^/]+\.js$/.test(pathname) ? origin : undefined;
}

/** What is told once: whoever listens later is told it, too. */
const MILESTONES = ["authenticated", "policies-available", "complete"];

export class Session extends Core {
  #listeners;
  /** Milestones that were reached, with their pulls. */
  #reached;

  constructor(options) {
    const { edge = ownEdge(), mode = "hosted", metadata, reconnectToken, servicingActions, storageKey: key } = options;
    if (!edge) throw new TypeError("canopy-connect: set `edge` to the address of your Worker");
    if (mode !== "hosted" && mode !== "components") throw new TypeError('canopy-connect: `mode` is "hosted" or "components"');
    const address = new URL(edge, globalThis.location?.href).origin;
    const listeners = new Map();
    const reached = new Map();
    const notify = (name, detail) => {
      if (name === "hosted") [name, detail] = detail;
      if (MILESTONES.includes(name)) reached.set(name, detail);
      for (const listener of [...(listeners.get(name) ?? [])]) listener(detail);
    };
    super(
      address,
      mode === "hosted",
      key === null ? undefined : key,
      { ...queryMetadata(), ...metadata },
      reconnectToken ?? undefined,
      servicingActions,
      notify,
    );
    this.#listeners = listeners;
    this.#reached = reached;
  }

  /** Calls `listener` with the screen, now and at each change. Gives a function that ends it. */
  subscribe(listener) {
    const end = this.on("screen", () => listener(this.screen));
    listener(this.screen);
    return end;
  }

  /** Calls `listener` at each event of this name. Gives a function that ends it. */
  on(name, listener) {
    if (!this.#listeners.has(name)) this.#listeners.set(name, new Set());
    const own = this.#listeners.get(name).add(listener);
    if (this.#reached.has(name)) queueMicrotask(() => own.has(listener) && listener(this.#reached.get(name)));
    return () => own.delete(listener);
  }

  startOver() {
    this.#reached.clear();
    super.startOver();
  }

  close() {
    super.close();
    for (const own of this.#listeners.values()) own.clear();
  }
}

/** Each link that brings an account back has a session of its own; the token itself is kept nowhere. */
async function keyOf({ storageKey, reconnectToken, mode = "hosted" }) {
  if (storageKey === null) return null;
  const key = storageKey ?? `canopy-connect ${mode}`;
  if (!reconnectToken) return key;
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(reconnectToken));
  return `${key} ${new Uint8Array(digest).subarray(0, 6).join("-")}`;
}

/** Makes a session, or picks up the one that this tab remembers. */
export async function openSession(options = {}) {
  loading ??= init().catch((error) => {
    loading = undefined;
    const { origin } = new URL(import.meta.url);
    console.error(
      `[canopy-connect] WebAssembly did not load from ${origin}: ${error.message}. Does the page's Content-Security-Policy allow 'wasm-unsafe-eval' in script-src, and ${origin} in connect-src?`,
    );
    throw Object.assign(error, { code: "SCRIPT_FAILED" });
  });
  await loading;
  const session = new Session({ ...options, storageKey: await keyOf(options) });
  await session.resume();
  return session;
}
