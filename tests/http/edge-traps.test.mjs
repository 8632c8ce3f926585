// A trap in WebAssembly on the real edge: whoever waits is answered, and the next request finds a new module.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { assertProblem, authStatus, backOfficeOf, openPage, postWebhook, signature, until, webhook } from "../edge-client.mjs";
import { LOCAL, startEdge } from "../harness.mjs";
import { startStandIn } from "../stand-in.mjs";

/** What ends WebAssembly, each by the module's own code. */
const TRAPS = {
  "out of memory": "wasm.__wbindgen_malloc(0xfffffff0, 1)",
  "unreachable": "wasm.__wbindgen_realloc(0, 0x7fffffff, 0xfffffff0, 1)",
  "memory access out of bounds": "wasm.__wbindgen_free(0xfffffff0, 64, 4)",
};

/** A request with `x-trap: KIND` traps at the next look at the clock, wherever that is: Rust looks often. */
function withTraps(text) {
  const kinds = Object.entries(TRAPS).map(([kind, code]) => `${JSON.stringify(kind)}: () => ${code}`);
  return text
    .replace(/(__wbg_now_\w+: function\(\) \{\s+const ret = Date\.now\(\);)/, "$1 globalThis.trap?.();")
    .replace(
      /async fetch\(request, env, context\) \{/,
      `$& const kind = request.headers.get("x-trap");
      if (kind) globalThis.trap = () => { globalThis.trap = undefined; ({${kinds.join(",")}})[kind](); };`,
    );
}

let canopy, edge;
const hung = new Set();

before(async () => {
  canopy = await startStandIn(({ path }) => (path.includes("/pulls/hangs") ? (hung.add(path), null) : { body: { success: true, pull: { pull_id: path.split("/").at(-1), documents: [] } } }));
  edge = await startEdge({ sandbox: canopy, patch: withTraps });
});
after(async () => {
  await edge?.stop();
  await canopy?.stop();
});

const trapped = (kind, path, init = {}) => fetch(edge.url + path, { ...init, headers: { ...init.headers, "x-trap": kind }, signal: AbortSignal.timeout(10_000) });

for (const kind of Object.keys(TRAPS)) {
  test(`${kind}: answered with a problem, and everything goes on`, async () => {
    const id = randomUUID();
    assert.equal((await postWebhook(edge, authStatus(id, "QUEUED", 1))).status, 200);
    const page = await openPage(edge);
    await assertProblem(await trapped(kind, "/healthz"), 500, "INTERNAL");
    assert.equal((await fetch(`${edge.url}/healthz`)).status, 200);
    assert.equal((await postWebhook(edge, authStatus(id, "SUCCESS", 2))).status, 200);
    const office = backOfficeOf(edge);
    assert.equal((await office.pull(id)).auth.status, "SUCCESS", "the pull's object has a new half");
    assert.equal((await page.document()).phase, "open", "the session's, too");
    await until(async () => (await office.pull(id)).outbox.every((entry) => entry.state === "done"), "the outbox");
  });
}

test("a call of Canopy's that a trap takes away is not to be made again blindly", async () => {
  const post = (path) => trapped("unreachable", `/canopy/api/v1.0.0${path}`, { method: "POST", body: "{}", headers: { authorization: `Bearer ${LOCAL.apiToken}` } });
  await assertProblem(await post("/widget/pull/consentAndConnect"), 409, "OUTCOME_UNKNOWN");
  await assertProblem(await post("/teams/-/pulls"), 500, "INTERNAL");
  assert.equal((await fetch(`${edge.url}/healthz`)).status, 200);
});

test("a webhook whose answer is lost in a trap is a problem, and repeated it is known", async () => {
  const id = randomUUID();
  const body = webhook(id, "POLICY_AVAILABLE", { data: { policy_id: randomUUID() } });
  const headers = { "canopy-signature": signature(body) };
  await assertProblem(await trapped("unreachable", "/webhooks/canopy", { method: "POST", body, headers }), 500, "INTERNAL");
  assert.equal((await postWebhook(edge, body)).status, 200);
  assert.equal((await backOfficeOf(edge).pull(id)).revision, 1);
});

test("who waits for something else while the memory is lost is answered, too", async () => {
  const waiting = fetch(`${edge.url}/canopy/api/v1.0.0/teams/-/pulls/hangs`, { headers: { authorization: `Bearer ${LOCAL.apiToken}` } });
  await until(() => hung.size > 0, "the call that hangs");
  await assertProblem(await trapped("unreachable", "/healthz"), 500, "INTERNAL");
  const answered = await Promise.race([waiting, pause(10_000, undefined, { ref: false })]);
  assert.ok(answered, "an answer within 10 s");
  await assertProblem(answered, 500, "INTERNAL");
});
