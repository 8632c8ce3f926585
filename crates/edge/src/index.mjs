// The Worker's entry: hands each event to Rust, with no decision of its own.
import { DurableObject } from "cloudflare:workers";
import module from "../../../build/edge/edge_bg.wasm";
import * as edge from "../../../build/edge/edge.js";
import { bounded, hashes, inParts } from "./platform.mjs";

// Rust's executor schedules by `queueMicrotask`, which workerd wraps at some cost; a promise's reaction is the same turn.
globalThis.queueMicrotask = (task) => void Promise.resolve().then(task);

edge.initSync({ module });
/** Bodies above so many bytes are hashed by the platform: there its speed is worth another wait. */
const HASHED_HERE = 16384;
const WEBHOOK_LIMIT = edge.webhook_limit();
const panic = globalThis.__worker_init_state;

/** After a panic the WebAssembly memory cannot be trusted: the next event starts from a new one. */
function revive() {
  if (panic.criticalError) {
    edge.__wbg_reset_state();
    panic.criticalError = false;
  }
}

export default {
  fetch(request, env) {
    revive();
    const { pathname } = new URL(request.url);
    if (pathname === "/webhooks/canopy") return webhook(request, env);
    return edge.handle(request, request.method, request.url, env);
  },
};

/** The way of almost every request: its two waits are here, so that each crosses into Rust only once. */
async function webhook(request, env) {
  const id = crypto.randomUUID();
  const started = Date.now();
  const body = await bounded(request, WEBHOOK_LIMIT).catch(() => null);
  const signature = request.headers.get("canopy-signature") ?? undefined;
  const plan = body?.byteLength > HASHED_HERE ? edge.plan_hashes(env, signature, started) : undefined;
  const computed = plan && (await hashes(plan, body));
  const opened = edge.open_webhook(env, id, started, request.method, signature, body, computed);
  if (opened instanceof Response) return opened;
  const [pull, delivery, type] = opened;
  let outcome;
  try {
    outcome = await env.PULL.getByName(pull).ingest(delivery, body, started);
  } catch (error) {
    outcome = error;
  }
  return edge.close_webhook(id, started, pull, type, outcome);
}

/** A Durable Object whose Rust half is made anew when the memory it lived in is gone. */
class Carrier extends DurableObject {
  #half;
  #life;

  half(Half) {
    revive();
    if (this.#life !== panic.instanceId) {
      this.#half = new Half(this.ctx, this.env);
      this.#life = panic.instanceId;
    }
    return this.#half;
  }
}

export class Pull extends Carrier {
  ingest(delivery, body, now) {
    const half = this.half(edge.PullObject);
    const outcome = this.ctx.storage.transactionSync(() => half.ingest(delivery, body, now));
    half.follow();
    return outcome;
  }
  alarm() {
    return this.half(edge.PullObject).alarm();
  }
  read() {
    return this.half(edge.PullObject).read();
  }
  events(after, limit) {
    return this.half(edge.PullObject).events(after, limit);
  }
  snapshot(asked) {
    const found = this.half(edge.PullObject).snapshot(asked);
    if (found === undefined) return undefined;
    const [version, chunks, size] = found;
    const body = inParts(chunks, (number) => this.half(edge.PullObject).chunk(version, number));
    return { size, body };
  }
  document(id) {
    return this.half(edge.PullObject).document(id);
  }
  retry(now) {
    return this.half(edge.PullObject).retry(now);
  }
  watch(pull, session, now) {
    return this.half(edge.PullObject).watch(pull, session, now);
  }
}

export class Session extends Carrier {
  open(claims, metadata, now) {
    return this.half(edge.SessionObject).open(claims, metadata, now);
  }
  read() {
    return this.half(edge.SessionObject).read();
  }
  ask(name, body, device) {
    return this.half(edge.SessionObject).ask(name, body, device);
  }
  notify(notice) {
    return this.half(edge.SessionObject).notify(notice);
  }
  alarm() {
    return this.half(edge.SessionObject).alarm();
  }
  fetch() {
    return this.half(edge.SessionObject).live();
  }
  webSocketMessage() {}
  webSocketClose(socket, code) {
    // 1005 and 1006 say that there was no code: they cannot be sent.
    socket.close(code === 1005 || code === 1006 ? 1000 : code);
  }
}
