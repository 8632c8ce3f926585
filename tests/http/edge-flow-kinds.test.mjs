// Steps that ask Canopy and the book, flows that start by the clock, and instances that are held.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, test } from "node:test";
import { assertProblem, authStatus, backOfficeOf, postWebhook, until, webhook } from "../edge-client.mjs";
import { LOCAL, freePort, startEdge, temporaryDirectory } from "../harness.mjs";
import { pullOf, startStandIn } from "../stand-in.mjs";
import { asked, putBy } from "../workflows-client.mjs";

const TOKENS = `demo:${LOCAL.apiToken},boss:boss-token:admin+read+write`;
const policies = [{ policy_id: "pol-1", carrier_policy_number: "A-1", policy_type: "AUTO", status: "ACTIVE", expiry_date: "2027-01-15", total_premium_cents: 120_000 }];

let canopy, service, edge, office, boss;
/** What Canopy answers next to a write; then 200. */
const answers = [];

before(async () => {
  canopy = await startStandIn((call) => {
    if (call.method !== "GET") return answers.shift() ?? { body: { success: true, monitoring: { monitoring_id: "m-1" } } };
    return { body: { success: true, pull: { pull_id: pullOf(call.path), policies, insurance_provider_name: "Acme" } } };
  });
  service = await startStandIn(() => ({ body: { ok: true } }));
  edge = await startEdge({ sandbox: canopy, env: { EDGE_API_TOKENS: TOKENS } });
  [office, boss] = [backOfficeOf(edge), backOfficeOf(edge, "boss-token")];
});
after(async () => {
  await edge?.stop();
  await Promise.all([canopy, service].map((it) => it?.stop()));
});

const put = (path, json, by = boss) => putBy(by, path, json);
async function deployed(name, flows, { config = {}, fields = {}, by = boss, more = {} } = {}) {
  await put(`/api/v1/flows/${name}`, { title: name, config: fields, flows }, by);
  return put(`/api/v1/instances/${name}`, { group: name, config, enabled: true, ...more }, by);
}
const byHand = (steps, of = "pull") => ({ trigger: { on: "manual", of }, steps });
const start = async (instance, body) => {
  const [status, shown] = await asked(office, "POST", `/api/v1/instances/${instance}/runs`, body);
  assert.equal(status, 202, JSON.stringify(shown));
  return shown.run_id;
};
const ended = (run_id, by = office) => until(async () => { const run = await by.read(`/api/v1/runs/${run_id}`); return !["running", "approval"].includes(run.status) && run; }, `the end of ${run_id}`);
const begun = async () => {
  const id = randomUUID();
  assert.equal((await postWebhook(edge, authStatus(id, "PULLING_DATA", 1))).status, 200);
  return id;
};
const move = async (advance, by = boss) => assert.equal((await asked(by, "POST", "/api/v1/clock", { advance }))[0], 200);
const writes = () => canopy.calls.filter(({ method }) => method !== "GET");

test("a step asks Canopy with the edge's credentials, once where it may not be repeated, and the pull's log has it", async () => {
  const steps = [
    { id: "note", use: "canopy", with: { operation: "patch-pull-by-id", body: { meta_data: { from: "{{ run.instance }}" } } } },
    { id: "watch", use: "canopy", with: { operation: "post-monitoring", body: { pull_id: "{{ pull.pull_id }}" } } },
  ];
  await deployed("asking-canopy", { flow: byHand(steps) });
  const pull_id = await begun();
  const run = await ended(await start("asking-canopy", { flow: "flow", pull_id }));
  assert.equal(run.status, "done", JSON.stringify(run));
  assert.deepEqual(run.steps.map(({ result }) => result.status), [200, 200]);
  const made = writes().filter(({ body }) => String(body).includes(pull_id) || String(body).includes("asking-canopy"));
  assert.deepEqual(made.map(({ method, path }) => `${method} ${path.replace("/api/v1.0.0", "").replace(LOCAL.teamId, "TEAM").replace(pull_id, "PULL")}`), ["PATCH /teams/TEAM/pulls/PULL", "POST /teams/TEAM/monitorings"]);
  assert.ok(made.every(({ headers }) => headers.authorization.startsWith("Basic ")));
  const log = await until(async () => { const calls = (await office.events(pull_id)).filter(({ kind }) => kind === "call"); return calls.length === 2 && calls; }, "both in the log");
  assert.deepEqual(log.map(({ body }) => [body.operation, body.caller]), [["patch-pull-by-id", "workflow:asking-canopy"], ["post-monitoring", "workflow:asking-canopy"]]);

  answers.push(null);
  const lost = await begun();
  answers.splice(0, 1, { body: { success: true } }, "gone");
  const unknown = await ended(await start("asking-canopy", { flow: "flow", pull_id: lost }));
  assert.deepEqual([unknown.status, unknown.reason, unknown.path], ["failed", "OUTCOME_UNKNOWN", "watch"]);
  assert.equal(writes().filter(({ path, body }) => path.endsWith("/monitorings") && String(body).includes(lost)).length, 1, "asked once");
  const refused = await asked(boss, "PUT", "/api/v1/flows/beyond", { title: "Beyond", flows: { flow: byHand([{ id: "a", use: "canopy", with: { operation: "delete-team" } }]) } });
  assert.deepEqual([refused[0], refused[1].errors[0].pointer], [422, "/flows/flow/steps/0/with/operation"]);
});

test("the book is asked, read-only, and what writes, attaches or reads what is not the book is refused with its place", async () => {
  const steps = [{ id: "book", use: "query", with: { sql: "SELECT carrier, count(*) AS policies, sum(total_premium_cents) AS cents FROM policies WHERE expires < ?1 GROUP BY carrier", parameters: ["2028-01-01"] } }];
  await deployed("asking-book", { flow: byHand(steps, "agency") });
  const pull_id = randomUUID();
  await postWebhook(edge, webhook(pull_id, "COMPLETE", { status: "SUCCESS" }));
  await until(async () => (await office.read("/api/v1/policies")).policies.length > 0, "the book");
  const run = await ended(await start("asking-book", { flow: "flow" }));
  assert.deepEqual([run.status, run.pull_id, run.run_id.startsWith("i-asking-book-")], ["done", null, true]);
  assert.deepEqual(run.steps[0].result.rows.map(({ policies, cents }) => [policies, cents]), [[1, 120_000]]);
  const listed = (await office.read("/api/v1/runs?instance=asking-book")).runs;
  assert.deepEqual(listed.map(({ run_id, status, pull_id: of }) => [run_id, status, of]), [[run.run_id, "done", null]]);
  for (const sql of ["DELETE FROM pulls", "SELECT 1; DROP TABLE pulls", "ATTACH 'x' AS y", "PRAGMA writable_schema = 1", "SELECT * FROM subscriptions", "SELECT * FROM sqlite_schema", "SELECT * FROM main.instances", "WITH x AS (SELECT 1 UNION ALL SELECT * FROM x) SELECT * FROM x", "SELECT load_extension('x')", "SELECT * FROM pulls a, pulls b, pulls c, pulls d, pulls e, pulls f, pulls g", "INSERT INTO pulls SELECT * FROM pulls", "SELECT * FROM pulls WHERE pull_id = (SELECT settings FROM instances)", "VACUUM"]) {
    const [status, shown] = await asked(boss, "PUT", "/api/v1/flows/hostile-sql", { title: "Hostile", flows: { flow: byHand([{ id: "a", use: "query", with: { sql } }], "agency") } });
    assert.equal(status, 422, sql);
    assert.equal(shown.errors[0].pointer, "/flows/flow/steps/0/with/sql", sql);
  }
  const failed = await deployed("wrong-sum", { flow: byHand([{ id: "a", use: "query", with: { sql: "SELECT sum(count(*)) FROM policies" } }], "agency") }).then(() => start("wrong-sum", { flow: "flow" })).then((run_id) => ended(run_id));
  assert.deepEqual([failed.status, failed.reason], ["failed", "INPUT"]);
  const task = await until(async () => (await office.read("/api/v1/tasks?kind=FAILED_RUN")).tasks.find(({ run_id }) => run_id === failed.run_id), "the task");
  assert.deepEqual([task.pull_id, task.link.path], [null, `/api/v1/runs/${failed.run_id}`]);
  await asked(office, "POST", `/api/v1/runs/${failed.run_id}/cancel`);
  await until(async () => !(await office.read("/api/v1/tasks?kind=FAILED_RUN")).tasks.some(({ run_id }) => run_id === failed.run_id), "the task to be closed");
});

test("the clock starts a flow once for each of its times, also through kills; missed ones once or never", async () => {
  const [port, persist] = [await freePort(), temporaryDirectory()];
  const startOwn = () => startEdge({ port, persist, sandbox: canopy, env: { EDGE_API_TOKENS: TOKENS } });
  let own = await startOwn();
  try {
    const by = () => backOfficeOf(own, "boss-token");
    const flow = (missed) => ({ trigger: { on: "schedule", cron: "{{ config.cron }}", time_zone: "America/New_York", missed }, steps: [{ id: "say", use: "http", with: { url: `${service.url}/${missed}`, json: { run: "{{ run.id }}" } } }] });
    const calls = (path) => service.calls.filter((call) => call.path === path);
    await deployed("daily", { once: flow("once"), skip: flow("skip") }, { fields: { cron: { type: "cron", required: true } }, config: { cron: "0 8 * * *" }, by: by() });
    await until(async () => (await by().call("/api/v1/instances/daily")).status === 200, "the instance");
    assert.equal(calls("/once").length, 0, "nothing is due yet");
    // To a moment after eight in New York.
    const now = new Date((await by().read("/api/v1/clock")).now);
    const eight = new Date(now);
    eight.setUTCHours(13, 0, 5, 0);
    if (eight <= now) eight.setUTCDate(eight.getUTCDate() + 1);
    assert.equal((await asked(by(), "POST", "/api/v1/clock", { now: eight.toISOString() }))[0], 200);
    await until(() => calls("/once").length === 1 && calls("/skip").length === 1, "both runs");
    for (let kill = 0; kill < 3; kill += 1) {
      await own.kill9();
      own = await startOwn();
      await put("/api/v1/instances/daily", { group: "daily", config: { cron: "0 8 * * *" }, enabled: true }, by());
    }
    const runs = await until(async () => { const { runs } = await by().read("/api/v1/runs?instance=daily"); return runs.length === 2 && runs.every(({ status }) => status === "done") && runs; }, "both in the list");
    assert.deepEqual(runs.map(({ flow: name, cause }) => [name, new Date(cause).toISOString().slice(11, 16)]).toSorted(), [["once", "13:00"], ["skip", "13:00"]]);
    for (const path of ["/once", "/skip"]) assert.equal(new Set(calls(path).map(({ headers }) => headers["idempotency-key"])).size, 1);
    const before = [calls("/once").length, calls("/skip").length];
    // Three days with nobody there.
    await own.kill9();
    own = await startOwn();
    await move("PT76H", by());
    await until(() => calls("/once").length === before[0] + 1, "what was missed");
    await until(async () => (await by().read("/api/v1/runs?instance=daily")).runs.filter(({ status }) => status === "done").length === 3, "its end");
    assert.equal(calls("/skip").length, before[1]);
    const keys = service.calls.filter(({ path }) => path === "/once").map(({ headers }) => headers["idempotency-key"]);
    assert.equal(new Set(keys).size, 2);
  } finally {
    await own.stop();
  }
});

test("runs of an instance that is held wait where they are, and others go on", async () => {
  const steps = [{ id: "rest", use: "sleep", with: { for: "PT1H" } }, { id: "say", use: "http", with: { url: `${service.url}/held`, json: {} } }];
  const pull_id = await begun();
  await deployed("held", { flow: byHand(steps) });
  await deployed("finishing", { flow: byHand(steps) });
  const [held, finishing] = [await start("held", { flow: "flow", pull_id }), await start("finishing", { flow: "flow", pull_id })];
  for (const run_id of [held, finishing]) await until(async () => (await office.read(`/api/v1/runs/${run_id}`)).steps.length === 1, "the rest");
  const [, off] = await asked(boss, "PATCH", "/api/v1/instances/held", { enabled: false, runs: "hold" });
  assert.deepEqual([off.enabled, off.runs, off.enabled_from], [false, "hold", null]);
  await asked(boss, "PATCH", "/api/v1/instances/finishing", { enabled: false });
  await assertProblem(await office.call("/api/v1/instances/held", { method: "PATCH", body: "{}" }), 403, "SCOPE_MISSING");
  await assertProblem(await boss.call("/api/v1/instances/held", { method: "PATCH", body: JSON.stringify({ group: "x" }) }), 422, "WORKFLOW_INVALID");
  await assertProblem(await boss.call("/api/v1/instances/nobody", { method: "PATCH", body: "{}" }), 404, "NOT_FOUND");
  await move("PT2H");
  assert.equal((await ended(finishing)).status, "done");
  for (let look = 0; look < 8; look += 1) await move("PT6M");
  assert.equal((await office.read(`/api/v1/runs/${held}`)).status, "running");
  assert.equal(service.calls.filter(({ path }) => path === "/held").length, 1);
  await asked(boss, "PATCH", "/api/v1/instances/held", { enabled: true });
  await move("PT10M");
  assert.equal((await ended(held)).status, "done");
  assert.equal(service.calls.filter(({ path }) => path === "/held").length, 2);
});
