// Workflow groups in each answer that docs/openapi.json lists.
import assert from "node:assert/strict";
import { test } from "node:test";
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
