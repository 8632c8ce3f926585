// Workflow groups in each answer that docs/openapi.json lists.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { authStatus, signature, until } from "../edge-client.mjs";
import { operations } from "../edge-contract.mjs";
import { alone, ask, everything as headers, office, refusesStrangers } from "./driver.mjs";

const { example } = operations.get("put-flow").requestBody.content["application/json"];
const put = (group, json, more) => ask("put-flow", 201, { path: { group }, headers, json, ...more });

test("groups are kept as the document says", async () => {
  const first = await put("greeting", example);
  assert.deepEqual([first.version, first.definition], [1, example]);
  assert.deepEqual(await ask("put-flow", 200, { path: { group: "greeting" }, headers, json: example }), first);
  assert.deepEqual(await ask("put-flow", 200, { path: { group: "greeting" }, query: "?check=true", headers, json: { ...example, title: "Other" } }), { group: "greeting", valid: true });
  const second = await put("greeting", { ...example, description: "Says hello" });
  assert.equal(second.version, 2);
  await put("another", example);
  const list = await ask("list-flows", 200, { headers: office, query: "?limit=1" });
  assert.deepEqual([list.flows[0].group, list.cursor], ["another", "another"]);
  const { flows } = await ask("list-flows", 200, { headers: office, query: `?limit=1&cursor=${list.cursor}` });
  assert.deepEqual([flows[0].version, flows[0].description, flows[0].flows], [2, "Says hello", [{ name: "greet", title: null, on: "event" }]]);
  const path = { group: "greeting" };
  assert.deepEqual(await ask("read-flow", 200, { path, query: "?version=1", headers: office }), first);
  assert.deepEqual(await ask("read-flow", 200, { path, headers: office }), second);
  for (const query of ["?version=3", ""]) await ask("read-flow", 404, { path: { group: query ? "greeting" : "none" }, query, headers: office, code: "NOT_FOUND" });
  const { steps } = await ask("list-connectors", 200, { headers: office });
  assert.ok(steps.some(({ name }) => name === "http"));
});

test("groups are refused as the document says", async () => {
  const path = { group: "refused" };
  for (const id of ["list-connectors", "list-flows", "read-flow", "put-flow"]) await refusesStrangers(id, { path, json: example });
  for (const [id, query] of [["list-flows", "?limit=0"], ["list-flows", "?cursor=A"], ["read-flow", "?version=0"], ["put-flow", "?check=maybe"]]) {
    await ask(id, 400, { path, query, headers, json: id === "put-flow" ? example : undefined, code: "INPUT_INVALID" });
  }
  const refused = (status, code, more) => ask("put-flow", status, { path, headers, code, ...more });
  for (const group of ["Greeting", "a_b", "x".repeat(41)]) await refused(400, "INPUT_INVALID", { path: { group }, json: example });
  for (const body of ["", "{", "[1", Buffer.from([0xff])]) await refused(400, "BODY_MALFORMED", { body });
  await refused(413, "BODY_TOO_LARGE", { body: "x".repeat(256 * 1024 + 1) });
  await refused(415, "ENCODING_NOT_SUPPORTED", { json: example, headers: { ...headers, "content-encoding": "gzip" } });
  const { errors } = await refused(422, "WORKFLOW_INVALID", { json: { title: "", flows: { a: { trigger: { on: "manual", of: "pull" }, steps: [{ id: "a", use: "set", with: { values: "{{ 1 + }}" } }] } } } });
  assert.deepEqual(errors.map(({ pointer }) => pointer), ["/title", "/flows/a/steps/0/with/values"]);
  await ask("read-flow", 404, { path, headers: office, code: "NOT_FOUND" });
});

test("no more groups are kept than the document says", async () => {
  const at = alone;
  for (let number = 0; number < 50; number += 1) await put(`group-${number}`, example, { at });
  await ask("put-flow", 409, { at, path: { group: "group-x" }, headers, json: example, code: "STATE_CONFLICT" });
  await put("group-1", { ...example, title: "Again" }, { at });
});

const manual = { title: "By hand", config: { days: { type: "integer", required: true } }, flows: { rest: { trigger: { on: "manual", of: "pull" }, steps: [{ id: "rest", use: "sleep", with: { for: "P1D" } }] }, fail: { trigger: { on: "manual", of: "pull" }, steps: [{ id: "fail", use: "stop", with: { as: "failed", because: "no" } }] } } };

async function begunPull() {
  const id = randomUUID();
  const body = authStatus(id, "PROCESSING", 1);
  await ask("receive-webhook", 200, { body, headers: { "canopy-signature": signature(body) } });
  return id;
}

test("instances and their runs are kept as the document says", async () => {
  await put("by-hand", manual);
  const path = { instance: "hand" };
  const made = await ask("put-instance", 201, { path, headers, json: { group: "by-hand", config: { days: 3 }, enabled: false } });
  assert.deepEqual([made.version, made.enabled_from, made.config], [1, null, { days: 3 }]);
  const pull_id = await begunPull();
  const start = (flow, more = {}) => ask("start-run", more.status ?? 202, { path, headers, json: { flow, pull_id, ...more.json }, code: more.code });
  await start("rest", { status: 409, code: "STATE_CONFLICT" });
  const on = await ask("put-instance", 200, { path, headers, json: { group: "by-hand", version: 1, config: { days: 3 }, enabled: true } });
  assert.ok(on.enabled_from);
  assert.deepEqual(await ask("read-instance", 200, { path, headers: office }), on);
  assert.ok((await ask("list-instances", 200, { headers: office })).instances.some(({ instance_id }) => instance_id === "hand"));
  const [{ run_id: resting }, { run_id: failing }] = [await start("rest"), await start("fail")];
  await start("none", { status: 409, code: "STATE_CONFLICT" });
  await start("rest", { status: 404, json: { pull_id: randomUUID() }, code: "NOT_FOUND" });
  const failed = await until(async () => { const run = await ask("read-run", 200, { path: { run: failing }, headers: office }); return run.status === "failed" && run; }, "the failed run");
  assert.deepEqual([failed.reason, failed.detail, failed.path], ["STOPPED", "no", "fail"]);
  const list = await until(async () => { const page = await ask("list-runs", 200, { headers: office, query: `?pull_id=${pull_id}&limit=1` }); return page.cursor && page; }, "both in the list");
  await ask("list-runs", 200, { headers: office, query: `?pull_id=${pull_id}&limit=1&cursor=${list.cursor}` });
  await ask("list-runs", 200, { headers: office, query: "?instance=hand&status=failed" });
  assert.equal((await ask("cancel-run", 200, { path: { run: resting }, headers })).status, "cancelled");
  await ask("cancel-run", 409, { path: { run: resting }, headers, code: "STATE_CONFLICT" });
  await ask("retry-run", 409, { path: { run: resting }, headers, code: "STATE_CONFLICT" });
  await ask("delete-instance", 204, { path, headers });
  await ask("read-instance", 404, { path, headers: office, code: "NOT_FOUND" });
});

test("a run that failed is made once more as the document says", async () => {
  const step = { id: "post", use: "http", with: { url: "https://10.0.0.1/" } };
  await put("failing", { title: "Failing", flows: { post: { trigger: { on: "manual", of: "pull" }, steps: [step] } } });
  const path = { instance: "failing" };
  await ask("put-instance", 201, { path, headers, json: { group: "failing", enabled: true } });
  const { run_id: run } = await ask("start-run", 202, { path, headers, json: { flow: "post", pull_id: await begunPull() } });
  const failed = () => until(async () => { const found = await ask("read-run", 200, { path: { run }, headers: office }); return found.status === "failed" && found; }, "the failed run");
  assert.equal((await failed()).reason, "DESTINATION");
  await ask("retry-run", 200, { path: { run }, headers });
  await failed();
});

test("instances and runs are refused as the document says", async () => {
  await put("refusing", manual);
  const [path, run] = [{ instance: "none" }, { run: `p-${randomUUID()}-1` }];
  const body = { group: "refusing", config: { days: 1 }, enabled: true };
  const started = { flow: "rest", pull_id: randomUUID() };
  for (const id of ["list-instances", "list-runs"]) await refusesStrangers(id, {});
  for (const [id, json] of [["read-instance"], ["put-instance", body], ["delete-instance"], ["start-run", started]]) {
    await refusesStrangers(id, { path, json });
    await ask(id, 400, { path: { instance: "A" }, headers, json, code: "INPUT_INVALID" });
    if (id !== "put-instance") await ask(id, 404, { path, headers, json, code: "NOT_FOUND" });
  }
  for (const id of ["read-run", "retry-run", "cancel-run"]) {
    await refusesStrangers(id, { path: run });
    await ask(id, 400, { path: { run: "x" }, headers, code: "INPUT_INVALID" });
    await ask(id, 404, { path: run, headers, code: "NOT_FOUND" });
  }
  for (const query of ["?limit=0", "?instance=A", "?status=lost", "?pull_id=a.b", "?cursor=x", "?flow=a"]) await ask("list-runs", 400, { query, headers: office, code: "INPUT_INVALID" });
  const at = { instance: "refusing" };
  await ask("put-instance", 201, { path: at, headers, json: body });
  for (const [id, json] of [["put-instance", body], ["start-run", started]]) {
    await ask(id, 413, { path: at, headers, body: "x".repeat(64 * 1024 + 1), code: "BODY_TOO_LARGE" });
    await ask(id, 415, { path: at, json, headers: { ...headers, "content-encoding": "gzip" }, code: "ENCODING_NOT_SUPPORTED" });
    await ask(id, 400, { path: at, headers, body: "{", code: "BODY_MALFORMED" });
  }
  for (const json of [{ flow: 1, pull_id: randomUUID() }, { flow: "rest", pull_id: "a.b" }]) await ask("start-run", 400, { path: at, headers, json, code: "INPUT_INVALID" });
  for (const json of [{}, { group: "A", enabled: true }, { ...body, group: "gone" }, { ...body, version: 9 }, { ...body, config: { days: "x" } }, { ...body, config: { days: 1, more: 1 } }]) {
    await ask("put-instance", 422, { path: at, headers, json, code: "WORKFLOW_INVALID" });
  }
});

test("of changes to an instance at one time some are refused as the document says", async () => {
  await put("racing", manual);
  const path = { instance: "racing" };
  await ask("put-instance", 201, { path, headers, json: { group: "racing", config: { days: 1 }, enabled: true } });
  const refused = (days) => ask("put-instance", 409, { path, headers, json: { group: "racing", config: { days }, enabled: true }, code: "STATE_CONFLICT" });
  await until(async () => {
    const asked = await Promise.allSettled(Array.from({ length: 20 }, (_, days) => refused(days)));
    return asked.some(({ status }) => status === "fulfilled");
  }, "a conflict");
});
