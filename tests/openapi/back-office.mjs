// What the agency's back office asks of the edge, in each answer that docs/openapi.json lists.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { backOfficeOf, SERVICING, signature, until, webhook } from "../edge-client.mjs";
import { requestErrors } from "../edge-contract.mjs";
import { LOCAL } from "../harness.mjs";
import { ask, beside, canopy, completePull, edge, everything, office, refusesStrangers } from "./driver.mjs";

test("the back office reads what the document says", async () => {
  const { pull_id, documents } = await completePull();
  const path = { pull_id };
  const headers = office;
  const pull = await ask("read-pull", 200, { path, headers });
  assert.ok(pull.snapshots.length > 0 && pull.documents.length > 0 && Object.keys(pull.policies).length > 0);
  await ask("read-pull", 200, { path, headers, query: "?read=copy" });
  await ask("list-pulls", 200, { headers: { authorization: `basic ${Buffer.from(`any:${LOCAL.apiToken}`).toString("base64")}` } });
  await ask("list-pulls", 200, { headers: { "x-canopy-client-secret": LOCAL.apiToken, "x-canopy-client-id": "any" } });
  await ask("read-pull", 200, { path: { pull_id: pull_id.toUpperCase() }, headers });
  const { cursor } = await ask("list-pulls", 200, { headers, query: "?limit=1" });
  await ask("list-pulls", 200, { headers, query: `?limit=1&cursor=${encodeURIComponent(cursor)}` });
  const { events, next } = await ask("list-events", 200, { path, headers, query: "?limit=2" });
  assert.deepEqual([events.length, next], [2, events[1].position]);
  assert.equal((await ask("list-events", 200, { path, headers, query: `?after=${next}&limit=100` })).next, null);
  for (const version of ["1", "latest"]) await ask("read-snapshot", 200, { path: { ...path, version }, headers });
  for (const form of ["json", "text", "csv", "html", "flat"]) await ask("read-intake", 200, { path, headers, query: `?form=${form}&redact=all&day=2026-01-01` });
  await ask("read-intake", 200, { path, headers, query: "?version=1&form=csv&table=policies" });
  await ask("list-changes", 200, { path, headers, query: "?from=1&to=latest" });
  await ask("list-changes", 200, { path, headers });
  await ask("list-changes", 200, { path, headers, query: `?from_pull=${pull_id}&from=1&redact=ids` });
  const { document_id } = documents[0];
  assert.match((await ask("read-document", 200, { path: { ...path, document_id }, headers })).toString("latin1"), /^%PDF-/);
  assert.equal((await ask("export-pull", 200, { path, headers: everything })).subarray(0, 2).toString(), "PK");
  await ask("retry-pull", 202, { path, headers });
  const filters = `?status=${pull.status}&account_identifier=${pull.account_identifier}&carrier=statefarm&type=auto&email=a@b.example&phone=8885550000&policy_number=1&metadata.a=1&since=2026-01-01T00:00:00Z&before=2099-01-01T00:00:00Z`;
  await ask("list-pulls", 200, { headers, query: `${filters}&needs=RECONNECT` });
  const book = await until(async () => { const page = await ask("list-policies", 200, { headers, query: "?limit=1" }); return page.cursor && page; }, "a second page of the book");
  assert.equal((await ask("list-policies", 200, { headers, query: `?cursor=${encodeURIComponent(book.cursor)}` })).totals, null);
  await ask("list-policies", 200, { headers, query: "?expiring_from=2026-01-01&expiring_before=2099-01-01&line=auto,home&carrier=statefarm&status=ACTIVE,EXPIRED&has=auto&lacks=life&metadata.a=1" });
  assert.ok((await ask("read-account", 200, { path: { account_identifier: encodeURIComponent(pull.account_identifier) }, headers, query: "?limit=1" })).snapshot);
  assert.ok((await ask("rebuild-list", 202, { headers })).pulls > 0);
  await ask("start-sync", 202, { headers });
  await until(async () => (await ask("read-sync", 200, { headers })).state === "done", "the comparison's end");
  const page = await ask("read-audit", 200, { headers, query: `?limit=1&caller=demo&pull_id=${pull_id}&since=2026-01-01T00:00:00Z` });
  await ask("read-audit", 200, { headers, query: `?cursor=${encodeURIComponent(page.cursor)}` });
});

test("work that failed, and a monitored account that needs its consumer, are told as the document says", async () => {
  const pull_id = randomUUID();
  for (const [type, data] of [
    ["POLICY_AVAILABLE", { policy_id: randomUUID(), policy_type: "AUTO" }],
    ["MONITORING_RECONNECT", { auth_status: "NOT_AUTHENTICATED", reconnect_url: "https://app.example/r", reconnect_token: "t" }],
    ["VALIDATION_COMPLETE", {}],
    ["DATA_UPDATED", { updates: [] }],
    ["ERROR", {}],
  ]) {
    const body = webhook(pull_id, type, { data, status: "PROVIDER_ERROR", monitoring: { initial_pull_id: randomUUID(), monitoring_id: randomUUID() } });
    await ask("receive-webhook", 200, { body, headers: { "canopy-signature": signature(body) } });
  }
  const failed = await backOfficeOf(edge).seen(pull_id, (pull) => pull.outbox.some((work) => work.failures.length > 0), "a failed fetch");
  assert.ok(failed.reconnect.reconnect_url && failed.monitoring_id);
  const { tasks } = await until(async () => { const page = await ask("list-tasks", 200, { headers: office, query: `?pull_id=${pull_id}&stalled_hours=0` }); return page.tasks.length > 0 && page; }, "the task");
  assert.equal(tasks[0].kind, "RECONNECT");
  const { cursor } = await until(async () => { const page = await ask("list-tasks", 200, { headers: office, query: "?limit=1&stalled_hours=0" }); return page.cursor && page; }, "a second page");
  await ask("list-tasks", 200, { headers: office, query: `?kind=RECONNECT&cursor=${encodeURIComponent(cursor)}` });
  await ask("read-pull", 200, { path: { pull_id }, headers: office });
});

test("the back office refuses as the document says", async () => {
  const path = { pull_id: randomUUID(), document_id: "d", version: "1", account_identifier: "nobody" };
  for (const id of ["list-pulls", "list-policies", "read-account", "list-tasks", "rebuild-list", "start-sync", "read-sync", "read-audit", "open-session-for-page", "read-pull", "list-events", "read-snapshot", "read-intake", "list-changes", "read-document", "export-pull", "retry-pull"]) {
    await refusesStrangers(id, { path });
  }
  for (const [id, query] of [["list-pulls", "?limit=0"], ["list-pulls", "?cursor=!"], ["list-pulls", "?metdata.a=1"], ["rebuild-list", `?cursor=${"x".repeat(4097)}`], ["list-pulls", `?cursor=${"x".repeat(4097)}`], ["list-pulls", "?needs=STALLED"], ["list-policies", "?line=boat"], ["list-policies", "?limit=0"], ["list-policies", "?cursor=!"], ["list-policies", "?since=x"], ["read-pull", "?read=both"], ...["?position=0", "?position=x", "?at=x", "?position=1&at=2026-01-01T00:00:00Z"].map((query) => ["read-pull", query]), ["list-events", "?after=x"], ["list-events", "?limit=101"], ["read-audit", "?limit=0"], ["read-audit", "?since=x"], ["read-audit", "?callr=x"], ["list-tasks", "?kind=OTHER"], ["list-tasks", "?limit=0"], ["list-tasks", "?since=x"], ["read-account", "?limit=0"], ["read-account", "?status=SUCCESS"], ["read-audit", "?cursor=!"], ...["?version=0", "?form=pdf", "?table=policies", "?redact=some", "?day=today", "?verson=1"].map((query) => ["read-intake", query]), ...["?from=0", "?to=x", "?from_pull=a.b", "?redact=some", "?since=1"].map((query) => ["list-changes", query])]) {
    await ask(id, 400, { path, query, headers: office, code: "INPUT_INVALID" });
  }
  const opened = (status, code, more) => ask("open-session-for-page", status, { headers: everything, code, ...more });
  await opened(400, "BODY_MALFORMED", { body: "[]" });
  await opened(413, "BODY_TOO_LARGE", { body: "x".repeat(64 * 1024 + 1) });
  await opened(415, "ENCODING_NOT_SUPPORTED", { body: "{}", headers: { ...everything, "content-encoding": "gzip" } });
  await opened(403, "ORIGIN_NOT_ALLOWED", { json: { origin: "https://elsewhere.example" } });
  for (const wrong of [{}, { origin: edge.url, mode: "hosted" }, { origin: edge.url, metadata: [] }, ...[[], Array(11).fill(SERVICING), ["x"], SERVICING].map((servicing_actions) => ({ origin: edge.url, servicing_actions }))]) {
    assert.notDeepEqual(requestErrors("open-session-for-page", wrong), []);
    await opened(400, "INPUT_INVALID", { json: wrong });
  }
  const sync = (status, code, more) => ask("start-sync", status, { headers: office, code, ...more });
  await sync(400, "BODY_MALFORMED", { body: "[]" });
  await sync(400, "INPUT_INVALID", { body: '{"since":"x"}' });
  await sync(413, "BODY_TOO_LARGE", { body: "x".repeat(4097) });
  await sync(415, "ENCODING_NOT_SUPPORTED", { body: "{}", headers: { ...office, "content-encoding": "gzip" } });
  // The list does not come: it goes on.
  canopy.set("offset=0", () => null);
  await sync(202, undefined, { at: beside, json: { since: "2026-01-01T00:00:00Z" } });
  await sync(409, "SYNC_RUNNING", { at: beside });
  canopy.delete("offset=0");
  await ask("read-account", 404, { path, headers: office, code: "NOT_FOUND" });
  const large = randomUUID();
  canopy.set(`/pulls/${large}`, () => ({ body: { pull: { pull_id: large, policies: Array(30_001).fill({}) } } }));
  const told = webhook(large, "POLICIES_AVAILABLE");
  await ask("receive-webhook", 200, { at: beside, body: told, headers: { "canopy-signature": signature(told) } });
  await backOfficeOf(beside).seen(large, (pull) => pull.snapshots.length > 0, "the large pull");
  for (const id of ["read-intake", "list-changes"]) await ask(id, 422, { at: beside, path: { pull_id: large }, headers: office, code: "PULL_NOT_MAPPED" });
  await ask("read-snapshot", 400, { path: { ...path, version: "0" }, headers: office, code: "INPUT_INVALID" });
  await ask("read-document", 400, { path: { ...path, document_id: "a.b" }, headers: office, code: "INPUT_INVALID" });
});
