// An account with all its pulls, and the refreshes of a monitored one linked both ways: on the real Worker, D1 and the sandbox.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, test } from "node:test";
import { assertProblem, authStatus, backOfficeOf, delivered, isSettled, loginOf, openPage, postWebhook, until, workOf } from "../edge-client.mjs";
import { startBoth, startEdge } from "../harness.mjs";
import { pullOf, startStandIn } from "../stand-in.mjs";

const PREFIX = "/canopy/api/v1.0.0/teams/-";

let both, office, initial, refreshes, monitoring_id, account;

async function send(method, path, json) {
  const response = await office.call(PREFIX + path, { method, body: json && JSON.stringify(json) });
  const body = await response.json();
  assert.equal(response.status, 200, JSON.stringify(body));
  return body;
}

const accountOf = (at, identifier, query = "") => at.read(`/api/v1/accounts/${encodeURIComponent(identifier)}${query}`);

before(async () => {
  both = await startBoth();
  office = backOfficeOf(both.edge);
  const page = await openPage(both.edge);
  ({ pull_id: initial } = await page.ask("connect", await loginOf(both.sandbox, "user_good")));
  const whole = await office.seen(initial, (pull) => pull.complete && isSettled(pull), "the pull");
  account = whole.account_identifier;
  ({ monitoring: { monitoring_id } } = await send("POST", "/monitorings", { pull_id: initial, interval: "P30D" }));
  refreshes = [];
  for (let count = 0; count < 2; count += 1) {
    const { pull_id } = await send("POST", `/monitorings/${monitoring_id}/refresh`);
    await office.seen(pull_id, (pull) => pull.complete && isSettled(pull), "the refresh");
    refreshes.push(pull_id);
  }
});
after(() => both?.stop());

test("a refresh and the pull that its monitoring began with name each other", async () => {
  const first = await office.seen(initial, (pull) => pull.refreshed_pulls.length === 2, "both refreshes");
  assert.deepEqual([first.refreshed_pulls, first.initial_pull_id, first.monitoring_id], [refreshes, null, monitoring_id]);
  for (const id of refreshes) {
    const refresh = await office.pull(id);
    assert.deepEqual([refresh.initial_pull_id, refresh.monitoring_id, refresh.refreshed_pulls], [initial, monitoring_id, []]);
    assert.equal(workOf(refresh, "link").state, "done");
  }
  const told = (await office.events(initial)).filter((event) => event.event_type === "EDGE_PULL_REFRESHED");
  assert.deepEqual(told.map(({ kind, body }) => [kind, body.pull_id, body.data.pull_id, body.data.monitoring_id]), refreshes.map((id) => ["own", initial, id, monitoring_id]));
  // The copy says the same.
  await until(async () => (await office.read(`/api/v1/pulls/${initial}?read=copy`)).refreshed_pulls.length === 2, "the copy");
});

test("an account has its pulls in order, its monitoring as it stands, and its newest snapshot", async () => {
  const ids = [...refreshes.toReversed(), initial];
  const whole = await until(async () => {
    const found = await accountOf(office, account);
    return found.pulls.length === 3 && found.snapshot?.pull_id === ids[0] && found;
  }, "the account");
  assert.deepEqual(whole.pulls.map((pull) => pull.pull_id), ids);
  assert.deepEqual([whole.account_identifier, whole.cursor, whole.tasks], [account, null, []]);
  assert.deepEqual([whole.monitoring.monitoring_id, whole.monitoring.initial_pull_id], [monitoring_id, initial]);
  assert.deepEqual([whole.monitoring.current.status, whole.monitoring.current.latest_pull_id, whole.monitoring.current.interval], ["ACTIVE", ids[0], "P30D"]);
  const { version, fetched_at } = (await office.pull(ids[0])).snapshots.at(-1);
  assert.deepEqual(whole.snapshot, { pull_id: ids[0], version, fetched_at });
  assert.deepEqual(whole.pulls.map((pull) => [pull.initial_pull_id, pull.snapshot.version > 0]), [[initial, true], [initial, true], [null, true]]);
  // The list says the same of each.
  assert.deepEqual((await office.read("/api/v1/pulls?limit=100")).pulls, whole.pulls);

  const pages = [];
  for (let cursor = ""; cursor !== null; ) {
    const page = await accountOf(office, account, `?limit=1&cursor=${cursor}`);
    assert.deepEqual(page.monitoring.monitoring_id, monitoring_id);
    pages.push(...page.pulls.map((pull) => pull.pull_id));
    cursor = page.cursor;
  }
  assert.deepEqual(pages, ids);
  await send("DELETE", `/monitorings/${monitoring_id}`);
  assert.equal((await accountOf(office, account)).monitoring.current.status, "STOPPED");
});

test("where the edge does not know the first pull, its refresh brings it in", async () => {
  const young = await startEdge({ sandbox: both.sandbox });
  const at = backOfficeOf(young);
  const sent = await delivered(both.sandbox, refreshes[0]);
  const bodies = sent.map((delivery) => delivery.body);
  assert.ok(bodies.length > 2);
  for (const body of [...bodies, bodies[0]]) assert.equal((await postWebhook(young, typeof body === "string" ? body : JSON.stringify(body))).status, 200);
  const first = await at.seen(initial, (pull) => pull.complete && isSettled(pull) && pull.refreshed_pulls.length === 1, "the first pull");
  assert.deepEqual([first.refreshed_pulls, first.account_identifier, first.status], [[refreshes[0]], account, "SUCCESS"]);
  assert.ok(first.snapshots.length === 1 && first.documents.every((document) => document.state === "stored"));
  assert.deepEqual((await at.events(initial)).filter(({ kind }) => kind === "own").map(({ event_type }) => event_type), ["EDGE_PULL_LISTED", "EDGE_PULL_REFRESHED"]);
  await young.stop();
});

test("a first pull that is gone, and a Canopy that does not answer, keep nothing up", async () => {
  const canopy = await startStandIn(({ path }) => (pullOf(path) ? { status: 404, body: { error: "NOT_FOUND" } } : { status: 500 }));
  const edge = await startEdge({ sandbox: canopy });
  const at = backOfficeOf(edge);
  const [pull_id, gone] = [randomUUID(), randomUUID()];
  const monitoring = { monitoring_id: randomUUID(), initial_pull_id: gone };
  const name = "a/b c%ü?#";
  assert.equal((await postWebhook(edge, authStatus(pull_id, "PULLING_DATA", 1, { account_identifier: name, is_monitored: true, monitoring }))).status, 200);
  await at.seen(pull_id, (pull) => workOf(pull, "link")?.state === "done", "the end of the work");
  assert.equal(await at.known(gone), undefined);
  const found = await until(async () => ((await at.call(`/api/v1/accounts/${encodeURIComponent(name)}`)).status === 200 ? accountOf(at, name) : undefined), "the account");
  assert.deepEqual([found.account_identifier, found.snapshot, found.pulls[0].snapshot], [name, null, null]);
  assert.deepEqual(found.monitoring, { ...monitoring, current: null });
  await edge.stop();
  await canopy.stop();
});

test("what names no account is refused", async () => {
  const ask = (path) => office.call(`/api/v1/accounts/${path}`);
  for (const unknown of ["nobody", encodeURIComponent(account.toUpperCase() + "x")]) await assertProblem(await ask(unknown), 404, "NOT_FOUND");
  for (const wrong of ["%20", "%ff", `${"x".repeat(300)}`, "a?status=SUCCESS", "a?limit=0", "a?cursor=x"]) await assertProblem(await ask(wrong), 400, "INPUT_INVALID");
  await assertProblem(await ask("a/b"), 404, "NOT_FOUND");
  await assertProblem(await fetch(`${both.edge.url}/api/v1/accounts/${account}`), 401, "UNAUTHORIZED");
  await assertProblem(await office.call(`/api/v1/accounts/${account}`, { method: "POST" }), 405, "METHOD_NOT_ALLOWED");
});
