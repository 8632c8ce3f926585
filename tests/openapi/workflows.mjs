// Workflow groups in each answer that docs/openapi.json lists.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { authStatus, signature, until } from "../edge-client.mjs";
import { operations } from "../edge-contract.mjs";
import { startStandIn } from "../stand-in.mjs";
import { alone, ask, everything as headers, MIB, office, refusesStrangers } from "./driver.mjs";

const KIB = 1024;
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
  for (const more of [{}, { json: { pull_id: null } }]) await start("none", { status: 409, code: "STATE_CONFLICT", ...more });
  await start("rest", { status: 404, json: { pull_id: randomUUID() }, code: "NOT_FOUND" });
  const failed = await until(async () => { const run = await ask("read-run", 200, { path: { run: failing }, headers: office }); return run.status === "failed" && run; }, "the failed run");
  assert.deepEqual([failed.reason, failed.detail, failed.path], ["STOPPED", "no", "fail"]);
  const list = await until(async () => { const page = await ask("list-runs", 200, { headers: office, query: `?pull_id=${pull_id}&limit=1` }); return page.cursor && page; }, "both in the list");
  await ask("list-runs", 200, { headers: office, query: `?pull_id=${pull_id}&limit=1&cursor=${list.cursor}` });
  await ask("list-runs", 200, { headers: office, query: "?instance=hand&status=failed" });
  assert.equal((await ask("cancel-run", 200, { path: { run: resting }, headers })).status, "cancelled");
  await ask("cancel-run", 409, { path: { run: resting }, headers, code: "STATE_CONFLICT" });
  await ask("retry-run", 409, { path: { run: resting }, headers, code: "STATE_CONFLICT" });
  const held = await ask("patch-instance", 200, { path, headers, json: { enabled: false, runs: "hold" } });
  assert.deepEqual([held.enabled, held.runs, held.enabled_from, held.config], [false, "hold", null, { days: 3 }]);
  assert.equal((await ask("patch-instance", 200, { path, headers, json: {} })).runs, "hold");
  await ask("delete-instance", 409, { path, headers, code: "STATE_CONFLICT" });
  await ask("patch-instance", 200, { path, headers, json: { runs: "finish" } });
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
  await ask("retry-run", 200, { path: { run }, headers, query: "?anew=true" });
  await failed();
});

test("instances and runs are refused as the document says", async () => {
  await put("refusing", manual);
  const [path, run] = [{ instance: "none" }, { run: `p-${randomUUID()}-1` }];
  const body = { group: "refusing", config: { days: 1 }, enabled: true };
  const started = { flow: "rest", pull_id: randomUUID() };
  for (const id of ["list-instances", "list-runs", "list-flow-templates"]) await refusesStrangers(id, {});
  for (const [id, json] of [["read-instance"], ["put-instance", body], ["patch-instance", {}], ["delete-instance"], ["start-run", started], ["dry-run-instance", { pull_id: started.pull_id }]]) {
    await refusesStrangers(id, { path, json });
    await ask(id, 400, { path: { instance: "A" }, headers, json, code: "INPUT_INVALID" });
    if (id !== "put-instance") await ask(id, 404, { path, headers, json, code: "NOT_FOUND" });
  }
  for (const [id, json] of [["read-run"], ["retry-run"], ["cancel-run"], ["decide-run", { path: "ask", approved: true }]]) {
    await refusesStrangers(id, { path: run });
    for (const wrong of ["x", "i-A-1", "i-none-0"]) await ask(id, 400, { path: { run: wrong }, headers, json, code: "INPUT_INVALID" });
    for (const path of [run, { run: "i-none-1" }]) await ask(id, 404, { path, headers, json, code: "NOT_FOUND" });
  }
  for (const query of ["?limit=0", "?instance=A", "?status=lost", "?pull_id=a.b", "?cursor=x", "?flow=a"]) await ask("list-runs", 400, { query, headers: office, code: "INPUT_INVALID" });
  const at = { instance: "refusing" };
  await ask("put-instance", 201, { path: at, headers, json: body });
  const bodies = [["put-instance", 64 * KIB, body], ["patch-instance", 64 * KIB, {}], ["start-run", 64 * KIB, started], ["decide-run", 4 * KIB, { path: "ask", approved: true }]];
  for (const [id, most, json] of bodies) {
    const path = { ...at, ...run };
    await ask(id, 413, { path, headers, body: "x".repeat(most + 1), code: "BODY_TOO_LARGE" });
    await ask(id, 415, { path, json, headers: { ...headers, "content-encoding": "gzip" }, code: "ENCODING_NOT_SUPPORTED" });
    await ask(id, 400, { path, headers, body: "{", code: "BODY_MALFORMED" });
  }
  for (const json of [{ path: "ask" }, { path: "ask", approved: 1 }, { path: "ask", approved: true, why: "" }]) await ask("decide-run", 400, { path: run, headers, json, code: "BODY_MALFORMED" });
  for (const json of [{ flow: 1, pull_id: randomUUID() }, { flow: "rest", pull_id: "a.b" }]) await ask("start-run", 400, { path: at, headers, json, code: "INPUT_INVALID" });
  for (const json of [{ group: "refusing" }, { version: 9 }, { config: { days: "x" } }, { runs: "stop" }]) {
    await ask("patch-instance", 422, { path: at, headers, json, code: "WORKFLOW_INVALID" });
  }
  for (const json of [{}, { enabled: true }, { template: "none", enabled: true }, { template: "monitoring-switch", version: 1, enabled: true }, { ...body, template: "monitoring-switch" }, { group: "A", enabled: true }, { ...body, group: "gone" }, { ...body, version: 9 }, { ...body, config: { days: "x" } }, { ...body, config: { days: 1, more: 1 } }]) {
    await ask("put-instance", 422, { path: at, headers, json, code: "WORKFLOW_INVALID" });
  }
});

test("of changes to an instance at one time some are refused as the document says", async () => {
  await put("racing", manual);
  const path = { instance: "racing" };
  await ask("put-instance", 201, { path, headers, json: { group: "racing", config: { days: 1 }, enabled: true } });
  for (const [id, more] of [["put-instance", { group: "racing", enabled: true }], ["patch-instance", {}]]) {
    const refused = (days) => ask(id, 409, { path, headers, json: { ...more, config: { days } }, code: "STATE_CONFLICT" });
    await until(async () => {
      const asked = await Promise.allSettled(Array.from({ length: 20 }, (_, days) => refused(days)));
      return asked.some(({ status }) => status === "fulfilled");
    }, `a conflict of ${id}`);
  }
});

test("templates are shown and deployed as the document says", async () => {
  const { templates } = await ask("list-flow-templates", 200, { headers: office });
  const { name, definition, example: { config } } = templates.find(({ example: { secrets } }) => secrets.length === 0);
  const path = { instance: "ready" };
  const made = await ask("put-instance", 201, { path, headers, json: { template: name, config, enabled: false, runs: "hold" } });
  assert.deepEqual([made.group, made.version, made.runs], [name, 1, "hold"]);
  assert.deepEqual((await ask("read-flow", 200, { path: { group: name }, headers: office })).definition, definition);
  assert.equal((await ask("put-instance", 200, { path, headers, json: { template: name, config, enabled: false } })).version, 1);
});

test("a run that is about no pull asks a person, by a link and in the tasks, as the document says", async () => {
  const heard = await startStandIn(() => ({}));
  try {
    const notify = [{ id: "tell", use: "http", with: { url: `${heard.url}/`, json: { link: "{{ approval.url }}" } } }];
    const step = { id: "ask", use: "approve", with: { title: "Send it?", text: "To Jo", timeout: "P1D", on_refusal: "continue", notify } };
    await put("asking", { title: "Asking", flows: { ask: { trigger: { on: "manual", of: "agency" }, steps: [step] } } });
    const path = { instance: "asking" };
    await ask("put-instance", 201, { path, headers, json: { group: "asking", enabled: true } });
    const waiting = async () => {
      const { run_id: run } = await ask("start-run", 202, { path, headers, json: { flow: "ask" } });
      const asks = async () => (await ask("read-run", 200, { path: { run }, headers: office })).status === "approval";
      await until(asks, "the run that asks");
      return { run, token: JSON.parse(heard.calls.at(-1).body).link.split("/").at(-1) };
    };
    const [{ run, token }, other] = [await waiting(), await waiting()];
    const first = await until(async () => { const page = await ask("list-runs", 200, { headers: office, query: "?instance=asking&limit=1" }); return page.cursor && page; }, "both in the list");
    const second = await ask("list-runs", 200, { headers: office, query: `?instance=asking&limit=1&cursor=${first.cursor}` });
    assert.deepEqual([...first.runs, ...second.runs].map(({ run_id, pull_id, cause }) => [run_id, pull_id, cause]), [[other.run, null, null], [run, null, null]]);
    const tasks = await until(async () => { const page = await ask("list-tasks", 200, { headers: office, query: "?kind=APPROVAL" }); return page.tasks.length === 2 && page.tasks; }, "both tasks");
    assert.deepEqual(tasks.map(({ run_id }) => run_id).toSorted(), [run, other.run].toSorted());
    const { cursor } = await ask("list-tasks", 200, { headers: office, query: "?kind=APPROVAL&limit=1" });
    assert.equal((await ask("list-tasks", 200, { headers: office, query: `?kind=APPROVAL&cursor=${cursor}` })).tasks.length, 1);
    await ask("list-pulls", 200, { headers: office, query: "?needs=APPROVAL" });

    const json = { accept: "application/json" };
    const at = { path: { token } };
    assert.match((await ask("read-approval", 200, at)).toString(), /Send it\?/);
    const { until: limit, ...asked } = await ask("read-approval", 200, { ...at, headers: json });
    assert.deepEqual([asked, Date.parse(limit) > Date.now()], [{ title: "Send it?", text: "To Jo", standing: "open" }, true]);
    for (const wrong of ["x", token.slice(0, -1), `${token}A`, other.token.replace(other.run, run)]) {
      await ask("read-approval", 404, { path: { token: wrong }, code: "NOT_FOUND" });
      await ask("decide-approval", 404, { path: { token: wrong }, json: { approved: true }, code: "NOT_FOUND" });
    }
    const form = { "content-type": "application/x-www-form-urlencoded" };
    for (const more of [{ body: "{" }, { json: {} }, { body: "decision=maybe", headers: form }]) await ask("decide-approval", 400, { ...at, ...more, code: "BODY_MALFORMED" });
    await ask("decide-approval", 413, { ...at, body: "x".repeat(4 * KIB + 1), code: "BODY_TOO_LARGE" });
    await ask("decide-approval", 415, { ...at, json: { approved: true }, headers: { "content-encoding": "gzip" }, code: "ENCODING_NOT_SUPPORTED" });
    assert.equal((await ask("decide-approval", 200, { ...at, headers: json, json: { approved: false } })).standing, "refused");
    assert.match((await ask("decide-approval", 200, { ...at, json: { approved: false } })).toString(), /Refused\./);
    assert.equal((await ask("decide-approval", 409, { ...at, headers: json, json: { approved: true } })).standing, "refused");
    assert.match((await ask("decide-approval", 409, { ...at, body: "decision=approve", headers: form })).toString(), /Refused\./);

    const decision = { path: { run: other.run }, headers, json: { path: "ask", approved: true } };
    await ask("decide-run", 409, { ...decision, json: { path: "tell", approved: true }, code: "STATE_CONFLICT" });
    await ask("decide-run", 200, decision);
    await ask("decide-run", 409, { ...decision, code: "STATE_CONFLICT" });
    assert.equal((await ask("read-approval", 200, { path: { token: other.token }, headers: json })).standing, "approved");
  } finally {
    await heard.stop();
  }
});

const played = {
  title: "Played",
  config: { days: { type: "integer" } },
  flows: {
    seen: { trigger: { on: "event", types: ["AUTH_STATUS"] }, steps: [{ id: "post", use: "http", with: { url: "https://crm.agency.example/", json: { days: "{{ config.?days }}" } } }] },
    quoted: { trigger: { on: "event", types: ["QUOTE_SENT"], when: "event.data.?sum.hasValue()" }, steps: [{ id: "rest", use: "sleep", with: { for: "P1D" } }] },
  },
};

test("flows are played, and told of in simulations, as the document says", async () => {
  await put("played", played);
  const [pull_id, path, group] = [await begunPull(), { instance: "played" }, { group: "played" }];
  const whole = await ask("dry-run-flow", 200, { path: group, headers: office, json: { pull_id } });
  assert.deepEqual(whole.runs.map(({ flow, cause, status, steps: [step] }) => [flow, cause, status, step.answered_by]), [["seen", { position: 1, event_type: "AUTH_STATUS" }, "done", "assumed"]]);
  assert.deepEqual(whole.not_started.map(({ flow }) => flow), ["quoted"]);
  const json = { pull_id, flow: "seen", position: 1, version: 1, config: { days: 3 }, answers: { post: { status: 400, body: null, headers: {} } } };
  const [refused] = (await ask("dry-run-flow", 200, { path: group, headers: office, json })).runs;
  assert.deepEqual([refused.status, refused.path, refused.steps[0].answered_by], ["failed", "post", "caller"]);
  const rest = { ...manual, config: {}, flows: { rest: manual.flows.rest } };
  const { runs: [rested] } = await ask("dry-run-flow", 200, { path: { group: "not-put" }, headers: office, json: { pull_id, definition: rest } });
  assert.deepEqual([rested.flow, rested.cause, rested.status], ["rest", null, "done"]);
  await ask("put-instance", 201, { path, headers, json: { group: "played", config: { days: 5 }, enabled: true } });
  const { runs: [configured] } = await ask("dry-run-instance", 200, { path, headers: office, json: { pull_id, flow: null, position: null, config: null, answers: null } });
  assert.match(JSON.stringify(configured.steps[0].input), /days[^0-9]+5/);

  const effective_at = "2090-01-01T00:00:00Z";
  const { as_it_is, simulated } = await ask("simulate-pull", 200, { path: { pull_id }, headers: office, json: { until: "2091-01-01T00:00:00Z", with: [{ event_type: "QUOTE_SENT", effective_at }] } });
  const of = ({ workflows }) => workflows.filter(({ instance_id }) => instance_id === "played").map(({ flow, when, type, position }) => [flow, when, type, position]);
  assert.deepEqual([of(as_it_is), of(simulated)], [[], [["quoted", played.flows.quoted.trigger.when, "QUOTE_SENT", null]]]);
  await ask("delete-instance", 204, { path, headers });
});

test("what cannot be played is refused as the document says", async () => {
  await put("unplayed", played);
  const pull_id = await begunPull();
  await ask("put-instance", 201, { path: { instance: "unplayed" }, headers, json: { group: "unplayed", enabled: false } });
  await refusesStrangers("dry-run-flow", { path: { group: "unplayed" } });
  await ask("dry-run-flow", 400, { path: { group: "A" }, headers: office, json: { pull_id }, code: "INPUT_INVALID" });
  for (const id of ["dry-run-flow", "dry-run-instance"]) {
    const refused = (status, code, more) => ask(id, status, { path: { group: "unplayed", instance: "unplayed" }, headers: office, code, ...more });
    for (const body of ["{", "[]", JSON.stringify({ pull_id, steps: 1 })]) await refused(400, "BODY_MALFORMED", { body });
    for (const json of [{ pull_id: "a.b" }, { pull_id, flow: "none" }, { pull_id, version: 1, definition: played }]) await refused(400, "INPUT_INVALID", { json });
    await refused(404, "NOT_FOUND", { json: { pull_id: randomUUID() } });
    await refused(413, "BODY_TOO_LARGE", { body: "x".repeat(MIB + 256 * KIB + 1) });
    await refused(415, "ENCODING_NOT_SUPPORTED", { json: { pull_id }, headers: { ...office, "content-encoding": "gzip" } });
    for (const json of [{ config: { days: "x" } }, { config: { more: 1 } }, { answers: { post: 1 } }]) await refused(422, "WORKFLOW_INVALID", { json: { pull_id, ...json } });
  }
  const path = { group: "unplayed" };
  for (const [group, json] of [["unplayed", { version: 2 }], ["gone", {}]]) await ask("dry-run-flow", 404, { path: { group }, headers: office, json: { pull_id, ...json }, code: "NOT_FOUND" });
  const { errors } = await ask("dry-run-flow", 422, { path, headers: office, json: { pull_id, definition: { ...played, title: "" } }, code: "WORKFLOW_INVALID" });
  assert.deepEqual(errors.map(({ pointer }) => pointer), ["/definition/title"]);
});
