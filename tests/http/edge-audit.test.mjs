// Who asked what: every write, and every read of a pull's data, stands in the audit log, without a word of what was sent.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { assertProblem, backOfficeOf, isSettled, loginOf, openPage, SERVICING } from "../edge-client.mjs";
import { startBoth, startEdge, temporaryDirectory } from "../harness.mjs";
import { startStandIn } from "../stand-in.mjs";
import { WHOLE } from "../tapped-edge.mjs";

const PREFIX = "/canopy/api/v1.0.0";
const TOKENS = { EDGE_API_TOKENS: `whole:${WHOLE}:read+write+servicing+admin,reader:reader-token:read,crm:crm-token` };
const CALLERS = { whole: WHOLE, reader: "reader-token", crm: "crm-token" };

let both, pull_id, document_id;

const ask = (method, path, { as = "whole", body, ...headers } = {}) => fetch(both.edge.url + path, { method, body, redirect: "manual", headers: { authorization: `Bearer ${CALLERS[as]}`, ...headers } });
async function answered(...asking) {
  const response = await ask(...asking);
  await response.arrayBuffer();
  return { status: response.status, id: response.headers.get("x-request-id") };
}
const audit = async (query = "") => (await (await ask("GET", `/api/v1/audit?limit=100${query}`)).json()).entries;
const entryOf = async (id) => (await audit()).find((entry) => entry.request_id === id);

before(async () => {
  both = await startBoth({ edgeEnv: TOKENS });
  const page = await openPage(both.edge);
  ({ pull_id } = await page.ask("connect", await loginOf(both.sandbox, "user_good_complete")));
  const pull = await backOfficeOf(both.edge, WHOLE).seen(pull_id, (pull) => pull.complete && isSettled(pull), "the pull");
  ({ document_id } = pull.documents[0]);
});
after(() => both?.stop());

test("each write, and each read of what is a consumer's, is written down with its answer", async () => {
  const one = `/teams/-/pulls/${pull_id}`;
  const rows = [
    ["PATCH", `${PREFIX}${one}`, { body: '{"is_archived":true}', as: "crm" }, "patch-pull-by-id", pull_id],
    ["PATCH", `${PREFIX}${one}`, { body: '{"is_archived":"no"}', as: "crm" }, "patch-pull-by-id", pull_id],
    ["POST", `${PREFIX}/teams/-/monitorings`, { body: "{}" }, "post-monitoring", null],
    ["POST", `${PREFIX}/teams/-/servicings`, { body: JSON.stringify({ pull_id, servicing_actions: [SERVICING] }), "idempotency-key": "audit-1" }, "post-servicings", pull_id],
    ["POST", `${PREFIX}/teams/-/servicings`, { body: JSON.stringify({ pull_id, servicing_actions: [SERVICING] }), "idempotency-key": "audit-1" }, "post-servicings", pull_id],
    ["GET", `${PREFIX}${one}`, { as: "reader" }, "get-pull-by-id", pull_id],
    ["HEAD", `${PREFIX}${one}`, { as: "reader" }, "get-pull-by-id", pull_id],
    ["GET", `${PREFIX}${one}/documents/${document_id}/pdf`, { as: "reader" }, "get-document-by-id", pull_id],
    ["GET", `${PREFIX}/teams/-/pulls`, { as: "reader" }, "get-pulls", null],
    ["GET", `/api/v1/pulls/${pull_id}/snapshots/latest`, { as: "reader" }, "/api/v1/pulls/{pull_id}/snapshots/{version}", pull_id],
    ["GET", `/api/v1/pulls/${pull_id}/documents/${document_id}`, { as: "reader" }, "/api/v1/pulls/{pull_id}/documents/{document_id}", pull_id],
    ["GET", `/api/v1/pulls/${pull_id}/snapshots/99`, { as: "reader" }, "/api/v1/pulls/{pull_id}/snapshots/{version}", pull_id],
    ["POST", `/api/v1/pulls/${pull_id}/retry`, { as: "crm" }, "/api/v1/pulls/{pull_id}/retry", pull_id],
    ["POST", "/api/v1/rebuild", { as: "crm" }, "/api/v1/rebuild", null],
    ["POST", "/api/v1/sync", { as: "crm" }, "/api/v1/sync", null],
  ];
  const began = Date.now();
  for (const [method, path, options, operation, of] of rows) {
    const { status, id } = await answered(method, path, options);
    const entry = await entryOf(id);
    const { at, ...known } = entry ?? {};
    assert.deepEqual(known, { request_id: id, caller: options.as ?? "whole", operation, method, pull_id: of, status }, `${method} ${path}`);
    assert.ok(Date.parse(at) >= began - 1_000 && Date.parse(at) <= Date.now());
  }
});

test("what only looks at the edge's own is not", async () => {
  const before = (await audit()).length;
  for (const path of ["/api/v1/pulls", `/api/v1/pulls/${pull_id}`, "/api/v1/sync", "/api/v1/audit", `${PREFIX}/carriers`, `${PREFIX}/teams/-/webhooks`]) assert.equal((await answered("GET", path)).status, 200, path);
  // Nor what was not let in.
  assert.equal((await answered("POST", `${PREFIX}/teams/-/servicings`, { as: "crm", body: "{}" })).status, 403);
  assert.equal((await audit()).length, before);
});

test("the log is found by caller, pull and time, and turned page by page", async () => {
  const all = await audit();
  assert.deepEqual(all.map((entry) => entry.at), all.map((entry) => entry.at).toSorted().toReversed());
  assert.ok((await audit("&caller=reader")).every((entry) => entry.caller === "reader"));
  assert.ok((await audit(`&pull_id=${pull_id.toUpperCase()}`)).every((entry) => entry.pull_id === pull_id));
  assert.equal((await audit("&caller=nobody")).length, 0);
  const since = all[4].at;
  assert.deepEqual(await audit(`&since=${since}`), all.filter((entry) => entry.at >= since));
  const paged = [];
  for (let cursor = ""; cursor !== null; ) {
    const page = await (await ask("GET", `/api/v1/audit?limit=4${cursor && `&cursor=${cursor}`}`)).json();
    assert.ok(page.entries.length > 0, "no page is empty");
    paged.push(...page.entries);
    cursor = page.cursor;
  }
  assert.deepEqual(paged, all);
});

test("nothing that was sent or answered stands in it", async () => {
  const text = JSON.stringify(await audit());
  for (const secret of [...Object.values(CALLERS), SERVICING.payload.name, SERVICING.payload.loan_number, "is_archived", "audit-1"]) assert.ok(!text.includes(secret), secret);
});

test("a call whose end was never seen stands there without a status", async () => {
  const canopy = await startStandIn(() => null);
  const persist = temporaryDirectory();
  let edge = await startEdge({ sandbox: canopy, persist, env: TOKENS });
  const office = () => backOfficeOf(edge, WHOLE);
  const asking = office().call(`${PREFIX}/teams/-/servicings`, { method: "POST", body: "{}" }).catch(() => {});
  while (canopy.calls.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
  await edge.kill9();
  await asking;
  edge = await startEdge({ sandbox: canopy, persist, env: TOKENS });
  const { entries } = await office().read("/api/v1/audit");
  assert.deepEqual(entries.map(({ operation, status }) => [operation, status]), [["post-servicings", null]]);
  await edge.stop();
  await canopy.stop();
});

test("what is older than it is to be kept goes within the hour", async () => {
  const persist = temporaryDirectory();
  // Written two days ago, by the edge's own clock.
  const before = await startEdge({ persist, env: TOKENS, patch: (text) => `{ const now = Date.now; Date.now = () => now() - 2 * 86_400_000; }\n${text}` });
  await (await backOfficeOf(before, WHOLE).call("/api/v1/rebuild", { method: "POST" })).arrayBuffer();
  await before.stop();
  for (const [days, kept] of [["3", 1], ["1", 0]]) {
    const edge = await startEdge({ persist, env: { ...TOKENS, EDGE_AUDIT_DAYS: days } });
    assert.equal((await fetch(`${edge.url}/cdn-cgi/local/scheduled`)).status, 200);
    assert.equal((await backOfficeOf(edge, WHOLE).read("/api/v1/audit")).entries.length, kept, `${days} days`);
    await edge.stop();
  }
});

test("what cannot be written down is not done", async () => {
  const canopy = await startStandIn(() => ({ body: { success: true } }));
  // As before `wrangler d1 migrations apply`.
  const patch = (text) => text.replace(/async function writeAll\([^)]*\) \{/, (head) => `${head} throw new Error("D1_ERROR: no such table: audit");`);
  const edge = await startEdge({ sandbox: canopy, env: TOKENS, patch });
  const office = backOfficeOf(edge, WHOLE);
  const { detail } = await assertProblem(await office.call(`${PREFIX}/teams/-/servicings`, { method: "POST", body: "{}" }), 503, "NOT_CONFIGURED");
  assert.match(detail, /wrangler d1 migrations apply/);
  await assertProblem(await office.call(`${PREFIX}/teams/-/pulls`), 503, "NOT_CONFIGURED");
  assert.equal(canopy.calls.length, 0);
  await edge.stop();
  await canopy.stop();
});
