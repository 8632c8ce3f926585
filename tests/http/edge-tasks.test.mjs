// What needs a person: opened by what happens, closed by itself, on the real Worker, D1 and the sandbox.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { readdirSync } from "node:fs";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, before, test } from "node:test";
import { assertProblem, authOf, authStatus, backOfficeOf, isSettled, loginOf, openPage, postWebhook, SERVICING, until, webhook } from "../edge-client.mjs";
import { startBoth, startEdge, temporaryDirectory } from "../harness.mjs";
import { pullOf, startStandIn } from "../stand-in.mjs";
import { WHOLE } from "../tapped-edge.mjs";

const PREFIX = "/canopy/api/v1.0.0";
const TOKENS = { EDGE_API_TOKENS: `whole:${WHOLE}:read+write+servicing+admin` };

let both, office;

before(async () => {
  both = await startBoth({ edgeEnv: TOKENS });
  office = backOfficeOf(both.edge, WHOLE);
});
after(() => both?.stop());

async function send(method, path, json, headers = {}) {
  const response = await office.call(path, { method, headers, body: json && JSON.stringify(json) });
  const body = await response.json();
  assert.ok(response.ok, JSON.stringify(body));
  return body;
}

const tasksOf = async (pull_id, query = "", at = office) => (await at.read(`/api/v1/tasks?pull_id=${pull_id}${query}`)).tasks;
const open = (pull_id, kinds, what, at = office) => until(async () => {
  const tasks = await tasksOf(pull_id, "", at);
  return JSON.stringify(tasks.map((task) => task.kind)) === JSON.stringify(kinds) && (tasks.length > 0 ? tasks : true);
}, `${what ?? kinds}`);

/** A monitored account whose refresh asks for its consumer; the refresh, and its monitoring. */
async function away() {
  const page = await openPage(both.edge);
  await page.live();
  const { pull_id } = await page.ask("connect", await loginOf(both.sandbox, "user_optionless_mfa"));
  await page.shown(authOf("IDENTITY_VERIFICATION"), "question");
  await page.ask("identity-code", { code: "123456" });
  await office.seen(pull_id, (pull) => pull.complete && isSettled(pull), "the pull");
  const { monitoring } = await send("POST", `${PREFIX}/teams/-/monitorings`, { pull_id, interval: "P30D" });
  const refresh = await send("POST", `${PREFIX}/teams/-/monitorings/${monitoring.monitoring_id}/refresh`);
  await office.seen(refresh.pull_id, (pull) => pull.reconnect, "the reconnect");
  return { pull_id, refresh: refresh.pull_id, monitoring_id: monitoring.monitoring_id };
}

test("an account that asks for its consumer is a task, whose link brings them back, and which closes with that", async () => {
  const { pull_id, refresh, monitoring_id } = await away();
  const [task] = await open(refresh, ["RECONNECT"]);
  const { since, what_to_do, ...rest } = task;
  assert.deepEqual(rest, { task_id: `RECONNECT.${refresh}.${monitoring_id}`, kind: "RECONNECT", pull_id: refresh, monitoring_id, servicing_action_id: null, link: { method: "GET", path: `${PREFIX}/teams/-/monitorings/${monitoring_id}/reconnectToken` } });
  assert.equal(since, (await office.pull(refresh)).updated_at);
  assert.ok(what_to_do.length > 40);
  assert.deepEqual(await tasksOf(pull_id), [], "the first pull has come to its end");
  const needing = async (filters) => (await office.read(`/api/v1/pulls?${new URLSearchParams({ needs: "reconnect", ...filters })}`)).pulls.map((pull) => pull.pull_id);
  assert.ok((await needing({})).includes(refresh) && !(await needing({})).includes(pull_id));
  assert.deepEqual(await needing({ status: "SUCCESS" }), []);
  await assertProblem(await office.call("/api/v1/pulls?needs=STALLED"), 400, "INPUT_INVALID");
  // The refresh does not know its account before its consumer is back; the account knows its refresh.
  const { account_identifier } = await office.pull(pull_id);
  const account = await until(async () => {
    const found = await office.read(`/api/v1/accounts/${encodeURIComponent(account_identifier)}`);
    return found.pulls.some((pull) => pull.pull_id === refresh) && found;
  }, "the refresh in its account");
  assert.deepEqual([account.tasks.filter((it) => it.pull_id === refresh), account.monitoring.monitoring_id], [[task], monitoring_id]);

  // A fresh token on demand, and another one.
  const fresh = await send(task.link.method, task.link.path);
  const { reconnect_token, reconnect_url } = await send(task.link.method, task.link.path);
  assert.ok(fresh.reconnect_token !== reconnect_token && reconnect_url.includes(reconnect_token));
  const page = await openPage(both.edge);
  await page.live();
  assert.equal((await page.ask("reconnect", { reconnect_token })).pull_id, refresh);
  await page.shown(authOf("IDENTITY_VERIFICATION"), "question");
  await page.ask("identity-code", { code: "123456" });
  await page.shown((document) => document.complete, "end");
  await open(refresh, [], "closed by itself");
});

test("of an account's refreshes the newest alone asks for its consumer", async () => {
  const [first, second, third, later, monitoring_id] = Array.from({ length: 5 }, randomUUID);
  const monitoring = { monitoring_id, initial_pull_id: first };
  const tell = async (id, type, more) => assert.equal((await postWebhook(both.edge, webhook(id, type, { monitoring, is_monitored: true, ...more }))).status, 200);
  const asks = { status: "IDENTITY_VERIFICATION", data: { auth_status: "IDENTITY_VERIFICATION", reconnect_url: "https://a.example", reconnect_token: "planted-token" } };
  const listed = (id, wanted) => until(async () => (await office.read("/api/v1/pulls?limit=100")).pulls.find((pull) => pull.pull_id === id && wanted(pull)), "the pull in the list");
  await tell(first, "COMPLETE", { status: "SUCCESS" });
  const { created_at } = await office.pull(first);
  await until(() => Date.now() > Date.parse(created_at), "another moment");
  await tell(second, "MONITORING_RECONNECT", asks);
  await open(second, ["RECONNECT"]);
  // The first pull goes on: it is older.
  await tell(first, "DATA_UPDATED", { status: "SUCCESS" });
  const { updated_at } = await office.pull(first);
  await listed(first, (pull) => pull.updated_at === updated_at);
  assert.equal((await tasksOf(second)).length, 1);
  await tell(third, "MONITORING_RECONNECT", asks);
  await open(third, ["RECONNECT"]);
  await open(second, [], "closed by the next that asks");
  // It is written once more, and asks for nobody; nor does it stand still.
  assert.equal((await office.call("/api/v1/rebuild", { method: "POST" })).status, 202);
  await tell(second, "MONITORING_EVENTS", {});
  const again = await office.pull(second);
  await listed(second, (pull) => pull.updated_at === again.updated_at);
  assert.deepEqual(await tasksOf(second, "&stalled_hours=0"), []);
  await tell(later, "COMPLETE", { status: "SUCCESS" });
  await open(third, [], "closed by the later refresh");
});

test("a monitoring that is stopped asks for nobody, until it goes on", async () => {
  const { refresh, monitoring_id } = await away();
  const change = (method, json) => send(method, `${PREFIX}/teams/-/monitorings/${monitoring_id}`, json);
  await open(refresh, ["RECONNECT"]);
  await change("DELETE");
  await open(refresh, [], "stopped");
  assert.deepEqual(await tasksOf(refresh, "&stalled_hours=0"), [], "nor does it stand still");
  await change("PATCH", { status: "ACTIVE" });
  await open(refresh, ["RECONNECT"]);
  await change("PATCH", { status: "STOPPED" });
  await open(refresh, [], "stopped by a change");
});

test("a change that waits for its consumer is a task until they answer, on the page or through the back office", async () => {
  const page = await openPage(both.edge, { token: WHOLE, servicing_actions: [SERVICING] });
  const { pull_id } = await page.ask("connect", await loginOf(both.sandbox, "user_good"));
  const [task] = await open(pull_id, ["CONFIRMATION"]);
  const servicing = await send(task.link.method, task.link.path);
  assert.deepEqual([servicing.servicing_action_id, servicing.status], [task.servicing_action_id, "WAITING_FOR_CONSUMER_CONFIRMATION"]);
  await page.ask("servicing-confirmation", { servicing_action_id: task.servicing_action_id, is_confirmed: true });
  const [called, ...more] = (await office.events(pull_id)).filter((event) => event.kind === "call");
  assert.deepEqual(more, []);
  assert.deepEqual([called.body.operation, called.body.caller, called.body.servicing_action_ids], ["post-servicing-action", "(page)", [task.servicing_action_id]]);
  await open(pull_id, [], "answered on the page");

  const made = await send("POST", `${PREFIX}/teams/-/servicings`, { pull_id, servicing_actions: [SERVICING] }, { "idempotency-key": randomUUID() });
  const [other] = await open(made.pull_id, ["CONFIRMATION"]);
  assert.equal(other.servicing_action_id, made.servicing_action_ids[0]);
  const answer = { servicing_action_id: other.servicing_action_id, is_confirmed: false };
  await send("POST", `${PREFIX}/widget/pull/${made.pull_id}/servicingAction`, answer, { "pull-jwt": made.pull_jwt });
  await open(made.pull_id, [], "answered through the back office");
});

test("work that was given up is a task until it is done", async () => {
  let status = 403;
  const canopy = await startStandIn(({ path }) => (status === 200 ? { body: { success: true, pull: { pull_id: pullOf(path), status: "SUCCESS" } } } : { status, body: { error: "FORBIDDEN" } }));
  const edge = await startEdge({ sandbox: canopy, env: TOKENS });
  const at = backOfficeOf(edge, WHOLE);
  const pull_id = randomUUID();
  assert.equal((await postWebhook(edge, webhook(pull_id, "POLICIES_AVAILABLE", { status: "SUCCESS" }))).status, 200);
  const [task] = await until(async () => {
    const tasks = await tasksOf(pull_id, "", at);
    return tasks.length > 0 && tasks;
  }, "the task", 60_000);
  assert.deepEqual([task.kind, task.monitoring_id, task.servicing_action_id, task.link], ["FAILED_WORK", null, null, { method: "POST", path: `/api/v1/pulls/${pull_id}/retry` }]);
  assert.equal((await at.pull(pull_id)).outbox.find(({ work }) => work === "fetch").state, "failed");
  status = 200;
  const again = await at.call(task.link.path, { method: task.link.method });
  assert.deepEqual([again.status, (await again.json()).retried], [202, 1]);
  await open(pull_id, [], "done", at);
  await edge.stop();
  await canopy.stop();
});

test("a pull that stands still is a task as long as it does, and its other tasks say more", async () => {
  const [left, asked] = [randomUUID(), randomUUID()];
  await postWebhook(both.edge, authStatus(left, "IDENTITY_VERIFICATION", 1));
  await postWebhook(both.edge, authStatus(asked, "WAITING_FOR_CONSUMER_CONFIRMATION", 1));
  await postWebhook(both.edge, webhook(asked, "SERVICING_WAITING_FOR_CONSUMER_CONFIRMATION", { data: { servicing_action_id: "action" } }));
  const stalled = (pull_id) => tasksOf(pull_id, "&stalled_hours=0");
  const [task] = await until(async () => ((await stalled(left)).length > 0 ? stalled(left) : undefined), "the task");
  const { updated_at } = await office.pull(left);
  assert.deepEqual([task.kind, task.task_id, task.since, task.link], ["STALLED", `STALLED.${left}`, updated_at, { method: "GET", path: `/api/v1/pulls/${left}` }]);
  assert.deepEqual(await tasksOf(left), [], "not before two hours");
  assert.deepEqual((await until(async () => ((await stalled(asked)).length > 0 ? stalled(asked) : undefined), "the other")).map(({ kind }) => kind), ["CONFIRMATION"]);
  await postWebhook(both.edge, authStatus(left, "NOT_AUTHENTICATED", 2));
  await until(async () => (await stalled(left)).length === 0, "the end");
});

test("tasks are given the newest first, in pages, by kind, and nothing of a consumer's stands with them", async () => {
  const persist = temporaryDirectory();
  const edge = await startEdge({ env: TOKENS, persist });
  const at = backOfficeOf(edge, WHOLE);
  const ids = Array.from({ length: 7 }, randomUUID);
  for (const [number, id] of ids.entries()) {
    const of = number % 2 ? ["MONITORING_RECONNECT", { reconnect_url: "https://planted.example" }] : ["SERVICING_WAITING_FOR_CONSUMER_CONFIRMATION", { servicing_action_id: `action-${number}` }];
    await postWebhook(edge, webhook(id, of[0], { data: of[1], account_identifier: "planted@example.com" }));
    const { updated_at } = await at.pull(id);
    await until(() => Date.now() > Date.parse(updated_at), "another moment");
  }
  const read = (query) => at.read(`/api/v1/tasks?${query}`);
  const whole = await until(async () => { const { tasks } = await read("limit=100"); return tasks.length === ids.length && tasks; }, "every task");
  assert.deepEqual(whole.map((task) => task.pull_id), ids.toReversed());
  assert.equal(whole.find(({ kind }) => kind === "RECONNECT").link.path, `/api/v1/pulls/${ids[5]}`, "no monitoring is known");
  for (const limit of [1, 3, 7]) {
    const found = [];
    for (let cursor = ""; cursor !== null; ) {
      const page = await read(`limit=${limit}&cursor=${cursor}`);
      assert.ok(page.tasks.length === limit || page.cursor === null);
      found.push(...page.tasks);
      cursor = page.cursor;
    }
    assert.deepEqual(found, whole);
  }
  const kinds = async (kind) => (await read(`kind=${kind}`)).tasks.map((task) => task.kind);
  assert.deepEqual([await kinds("RECONNECT"), await kinds("CONFIRMATION"), await kinds("STALLED")], [Array(3).fill("RECONNECT"), Array(4).fill("CONFIRMATION"), []]);
  for (const wrong of ["kind=OTHER", "limit=0", "stalled_hours=1000", "cursor=x", "since=2026-01-01T00:00:00Z"]) await assertProblem(await at.call(`/api/v1/tasks?${wrong}`), 400, "INPUT_INVALID");
  await assertProblem(await fetch(`${edge.url}/api/v1/tasks`), 401, "UNAUTHORIZED");
  await edge.stop();
  const files = readdirSync(path.join(persist, "d1"), { recursive: true }).map(String).filter((file) => file.endsWith(".sqlite")).map((file) => path.join(persist, "d1", file));
  const tables = files.flatMap((file) => {
    const database = new DatabaseSync(file, { readOnly: true });
    const names = database.prepare("SELECT name FROM sqlite_schema WHERE name = 'tasks'").all();
    return names.length > 0 ? [database.prepare("SELECT * FROM tasks").all(), database.prepare("SELECT * FROM pulls").all()] : [];
  });
  assert.equal(tables[0].length, ids.length);
  assert.ok(!JSON.stringify(tables).includes("planted"));
  for (const file of files) {
    const database = new DatabaseSync(file);
    if (database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'tasks'").get()) database.exec("DELETE FROM tasks");
    database.close();
  }
  // They are written again where the list is.
  const woken = await startEdge({ env: TOKENS, persist });
  const again = backOfficeOf(woken, WHOLE);
  assert.deepEqual((await again.read("/api/v1/tasks")).tasks, []);
  assert.equal((await again.call("/api/v1/rebuild", { method: "POST" })).status, 202);
  const rebuilt = await until(async () => { const { tasks } = await again.read("/api/v1/tasks"); return tasks.length === ids.length && tasks; }, "every task");
  assert.deepEqual(rebuilt.map(({ since, ...task }) => task.task_id).toSorted(), whole.map((task) => task.task_id).toSorted());
  await woken.stop();
});
