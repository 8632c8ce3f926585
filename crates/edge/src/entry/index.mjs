// The Worker's entry: hands each event to Rust, with no decision of its own.
import { DurableObject } from "cloudflare:workers";
import module from "../../../../build/edge/edge_bg.wasm";
import * as edge from "../../../../build/edge/edge.js";
import { bounded, hashes, inParts } from "../platform/platform.mjs";

// Rust's executor schedules by `queueMicrotask`, which workerd wraps at some cost; a promise's reaction is the same turn.
globalThis.queueMicrotask = (task) => void Promise.resolve().then(task);

edge.initSync({ module });
/** Bodies above so many bytes are hashed by the platform: there its speed is worth another wait. */
const HASHED_HERE = 16384;
const WEBHOOK_LIMIT = edge.webhook_limit();
const WEBHOOK_PATH = "/webhooks/canopy";
/** A slash too many costs no webhook. */
const WEBHOOK_LIKE = /^\/+webhooks\/+canopy\/*$/;
/** The URL that a webhook came to last: the next comes there, too, and need not have its path looked up. */
let webhookUrl;
const panic = globalThis.__worker_init_state;

/** While the clock of a local run is read, before anything asks for the time; elsewhere there is none to be read. */
let winding;

/** A promise while the clock is not there yet. */
function wound(env) {
  winding ??= edge.has_clock(env) && edge.wind(env).then(() => (winding = false));
  return winding;
}

/** After a trap the WebAssembly memory cannot be trusted: the next event starts from a new one. */
function revive() {
  if (panic.criticalError) {
    edge.__wbg_reset_state();
    panic.criticalError = false;
    winding = undefined;
  }
}

/** Who waits for an answer of Rust's that a trap takes away. */
const waiting = new Set();

/** Gives `error` back, having noted whether the memory it came from is lost: a trap, or a stack that ran over. */
function noted(error) {
  const isTrap = error instanceof WebAssembly.RuntimeError || (error instanceof RangeError && /call stack/.test(error.message));
  if (isTrap || panic.criticalError) {
    panic.criticalError = true;
    for (const end of waiting) end(error);
    waiting.clear();
  }
  return error;
}

// A trap in a later turn of a Rust future reaches nobody else: the future is gone, and its promise stays as it is.
addEventListener("unhandledrejection", (event) => void noted(event.reason));
addEventListener("error", (event) => void noted(event.error));

/** What a promise of Rust's gives, or the trap that took it away. */
function outlived(promise) {
  return new Promise((resolve, reject) => {
    waiting.add(reject);
    const settle = (then) => (value) => (waiting.delete(reject), then(value));
    promise.then(settle(resolve), settle((error) => reject(noted(error))));
  });
}

export default {
  async fetch(request, env, context) {
    revive();
    if (winding !== false && wound(env)) await winding;
    const { url } = request;
    const pathname = url === webhookUrl ? WEBHOOK_PATH : new URL(url).pathname;
    const id = crypto.randomUUID();
    const started = Date.now();
    try {
      if (pathname === WEBHOOK_PATH || WEBHOOK_LIKE.test(pathname)) {
        webhookUrl = url;
        return await webhook(request, env, id, started);
      }
      return await outlived(edge.handle(request, request.method, url, env, context, id, started));
    } catch (error) {
      noted(error);
      revive();
      return edge.broken(id, started, request.method, url, String(error));
    }
  },
  scheduled: (event, env) => hourly(env),
};

async function hourly(env) {
  revive();
  await wound(env);
  await outlived(edge.hourly(env));
}

/** The way of almost every request: its two waits are here, so that each crosses into Rust only once. */
async function webhook(request, env, id, started) {
  const { headers } = request;
  const body = await bounded(request, WEBHOOK_LIMIT).catch(() => null);
  const signature = headers.get("canopy-signature") ?? undefined;
  const encoding = headers.get("content-encoding") ?? undefined;
  const plan = body?.byteLength > HASHED_HERE ? edge.plan_hashes(env, signature, started) : undefined;
  const computed = plan && (await hashes(plan, body));
  const opened = edge.open_webhook(env, id, started, request.method, signature, encoding, body, computed);
  if (opened instanceof Response) return opened;
  const [pull, digest, type, event] = opened;
  let outcome;
  try {
    outcome = await env.PULL.getByName(pull).ingest(digest, body, started, event);
  } catch (error) {
    outcome = error;
  }
  return edge.close_webhook(id, started, pull, type, outcome);
}

/** A Durable Object whose Rust half is made anew when the memory it lived in is gone. */
class Halved extends DurableObject {
  #half;
  #life;

  /** What an alarm does: nothing else has come before it in a new isolate. */
  async woken(Half, work) {
    revive();
    await wound(this.env);
    return this.run(Half, work);
  }

  run(Half, work) {
    revive();
    if (this.#life !== panic.instanceId) {
      this.#half = new Half(this.ctx, this.env);
      this.#life = panic.instanceId;
    }
    try {
      const result = work(this.#half);
      return result instanceof Promise ? outlived(result) : result;
    } catch (error) {
      throw noted(error);
    }
  }
}

export class Pull extends Halved {
  ingest(digest, body, now, event) {
    return this.run(edge.PullObject, (half) => half.ingest(digest, body, now, event));
  }
  alarm() {
    return this.woken(edge.PullObject, (half) => half.alarm());
  }
  read() {
    return this.run(edge.PullObject, (half) => half.read());
  }
  events(after, limit, isWhole = true) {
    return this.run(edge.PullObject, (half) => half.events(after, limit, isWhole));
  }
  snapshot(asked) {
    const found = this.run(edge.PullObject, (half) => half.snapshot(asked));
    if (found === undefined) return undefined;
    const [version, chunks, size] = found;
    const body = inParts(chunks, (number) => this.run(edge.PullObject, (half) => half.chunk(version, number)));
    return { size, body };
  }
  model(version) {
    return this.run(edge.PullObject, (half) => half.model(version));
  }
  document(id) {
    return this.run(edge.PullObject, (half) => half.document(id));
  }
  tell() {
    return this.run(edge.PullObject, (half) => half.tell());
  }
  retry(now) {
    return this.run(edge.PullObject, (half) => half.retry(now));
  }
  called(body, begins, again, now) {
    return this.run(edge.PullObject, (half) => half.called(body, begins, again, now));
  }
  refresh(now) {
    return this.run(edge.PullObject, (half) => half.refresh(now));
  }
  refreshed(refresh) {
    return this.run(edge.PullObject, (half) => half.refreshed(refresh));
  }
  listed(body, createdAt, now) {
    return this.run(edge.PullObject, (half) => half.listed(body, createdAt, now));
  }
  relist(now) {
    return this.run(edge.PullObject, (half) => half.relist(now));
  }
  happen(event, isLater, caller) {
    return this.run(edge.PullObject, (half) => half.happen(event, isLater, caller));
  }
  cancel(scheduleId, caller) {
    return this.run(edge.PullObject, (half) => half.cancel(scheduleId, caller));
  }
  schedule(query) {
    return this.run(edge.PullObject, (half) => half.schedule(query));
  }
  at(moment) {
    return this.run(edge.PullObject, (half) => half.at(moment));
  }
  timeline(query) {
    return this.run(edge.PullObject, (half) => half.timeline(query));
  }
  simulate(body) {
    return this.run(edge.PullObject, (half) => half.simulate(new Uint8Array(body)));
  }
  deliveries(asked) {
    return this.run(edge.PullObject, (half) => half.deliveries(asked));
  }
  findRun(number) {
    return this.run(edge.PullObject, (half) => half.find_run(number));
  }
  dryRun(asked) {
    return this.run(edge.PullObject, (half) => half.dry_run(asked));
  }
  beginRun(instance, flow) {
    return this.run(edge.PullObject, (half) => half.begin_run(instance, flow));
  }
  changeRun(number, change, caller) {
    return this.run(edge.PullObject, (half) => half.change_run(number, change, caller));
  }
  redeliver(subscription, replay) {
    return this.run(edge.PullObject, (half) => half.redeliver(subscription, replay));
  }
  erase() {
    return this.run(edge.PullObject, (half) => half.erase());
  }
  wake() {
    return this.run(edge.PullObject, (half) => half.wake());
  }
  rekey(argument, within) {
    return this.run(edge.PullObject, (half) => half.rekey(argument, within));
  }
  watch(pull, session, now) {
    return this.run(edge.PullObject, (half) => half.watch(pull, session, now));
  }
}

export class Idempotency extends Halved {
  answer(call, fingerprint, body) {
    return this.run(edge.IdempotencyObject, (half) => half.answer(call, fingerprint, body));
  }
  alarm() {
    return this.woken(edge.IdempotencyObject, (half) => half.alarm());
  }
}

export class Sync extends Halved {
  begin(caller, since, before, now) {
    return this.run(edge.SyncObject, (half) => half.begin(caller, since, before, now));
  }
  read() {
    return this.run(edge.SyncObject, (half) => half.read());
  }
  alarm() {
    return this.woken(edge.SyncObject, (half) => half.alarm());
  }
}

export class Sweep extends Halved {
  begin(kind, argument, caller, now) {
    return this.run(edge.SweepObject, (half) => half.begin(kind, argument, caller, now));
  }
  read() {
    return this.run(edge.SweepObject, (half) => half.read());
  }
  alarm() {
    return this.woken(edge.SweepObject, (half) => half.alarm());
  }
}

export class Instance extends Halved {
  settle(id) {
    return this.run(edge.InstanceObject, (half) => half.settle(id));
  }
  rekey() {
    return this.run(edge.InstanceObject, (half) => half.rekey());
  }
  beginRun(id, flow) {
    return this.run(edge.InstanceObject, (half) => half.begin_run(id, flow));
  }
  findRun(number) {
    return this.run(edge.InstanceObject, (half) => half.find_run(number));
  }
  changeRun(number, change, caller) {
    return this.run(edge.InstanceObject, (half) => half.change_run(number, change, caller));
  }
  alarm() {
    return this.woken(edge.InstanceObject, (half) => half.alarm());
  }
}

export class Session extends Halved {
  open(opening, now) {
    return this.run(edge.SessionObject, (half) => half.open(opening, now));
  }
  read() {
    return this.run(edge.SessionObject, (half) => half.read());
  }
  ask(name, body, device) {
    return this.run(edge.SessionObject, (half) => half.ask(name, body, device));
  }
  mayUpload() {
    return this.run(edge.SessionObject, (half) => half.may_upload());
  }
  upload(media, body) {
    return this.run(edge.SessionObject, (half) => half.upload(media, body));
  }
  notify(notice) {
    return this.run(edge.SessionObject, (half) => half.notify(notice));
  }
  end() {
    return this.run(edge.SessionObject, (half) => half.end());
  }
  alarm() {
    return this.woken(edge.SessionObject, (half) => half.alarm());
  }
  fetch() {
    return this.run(edge.SessionObject, (half) => half.live());
  }
  webSocketMessage() {}
  webSocketClose(socket, code) {
    // 1005 and 1006 say that there was no code: they cannot be sent.
    socket.close(code === 1005 || code === 1006 ? 1000 : code);
  }
}
