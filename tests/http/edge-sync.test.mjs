// Nothing is missed: the edge compares what it knows with Canopy's list, and fetches what no webhook told of.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { assertProblem, authStatus, backOfficeOf, callsOf, control, delivered, isSettled, loginOf, openPage, postWebhook, until, workOf } from "../edge-client.mjs";
import { LOCAL, startBoth, startEdge, startSandbox, temporaryDirectory } from "../harness.mjs";
import { startReceiver } from "../receiver.mjs";
import { clientOf } from "../sandbox-client.mjs";
import { startStandIn } from "../stand-in.mjs";

const office = (edge) => {
  const { call, read, ...more } = backOfficeOf(edge);
  const start = (body) => call("/api/v1/sync", { method: "POST", body: body && JSON.stringify(body) });
  const view = () => read("/api/v1/sync");
  /** The comparison, when it has come to its end. */
  const ended = (limitMs = 60_000) => until(async () => ((run) => run.state !== "running" && run)(await view()), "the comparison's end", limitMs);
  return { ...more, call, read, start, view, ended };
};

/** A sandbox with pulls whose webhooks went elsewhere: nobody has told the edge of them. */
async function unheardOf(usernames) {
  const receiver = await startReceiver({ secret: LOCAL.signingSecret });
  const sandbox = await startSandbox({ env: { SANDBOX_HOOK_URL: receiver.url } });
  const client = clientOf(sandbox, receiver);
  const pulls = [];
  for (const [number, username] of usernames.entries()) pulls.push((await client.connected(username, { meta_data: { lead_id: `L-${number}` } })).pull_id);
  await until(async () => (await control(sandbox, "GET", "/pulls")).pulls.every((pull) => pull.steps_to_come === 0), "the pulls' end");
  return { sandbox, pulls, stop: async () => void (await Promise.all([sandbox.stop(), receiver.stop()])) };
}

test("fifty pulls whose webhooks were all lost are there after a comparison, with snapshot and documents", async () => {
  const { sandbox, pulls, stop } = await unheardOf(Array.from({ length: 50 }, (_, at) => (at % 10 === 9 ? "user_provider_error" : "user_good_home")));
  const edge = await startEdge({ sandbox });
  const { start, view, ended, call, read, pull, seen } = office(edge);
  assert.deepEqual([(await view()).state, (await view()).listed], ["idle", 0]);
  const begun = await start({});
  const first = await begun.json();
  assert.deepEqual([begun.status, first.state, first.caller, first.since], [202, "running", "demo", null]);
  const shown = new Set();
  const watching = until(async () => {
    const run = await view();
    shown.add(run.listed);
    return run.state === "done";
  }, "the comparison's end", 60_000);
  await watching;
  const run = await ended();
  assert.deepEqual([run.state, run.listed, run.total, run.adopted, run.fetched, run.current, run.failed, run.problem], ["done", 50, 50, 50, 0, 0, 0, null]);
  assert.ok(run.finished_at >= run.started_at);
  assert.ok(shown.size > 1, `progress was seen: ${[...shown]}`);
  for (const [number, id] of pulls.entries()) {
    const isError = number % 10 === 9;
    const found = await seen(id, (pull) => isSettled(pull) && pull.snapshots.length > 0, "the fetched pull", 60_000);
    assert.deepEqual([found.status, found.complete, found.error, found.meta_data], isError ? ["PROVIDER_ERROR", false, "PROVIDER_ERROR", { lead_id: `L-${number}` }] : ["SUCCESS", true, null, { lead_id: `L-${number}` }]);
    if (isError) continue;
    assert.ok(found.documents.length > 0 && found.documents.every((document) => document.stored_at), id);
    const document = await call(`/api/v1/pulls/${id}/documents/${found.documents[0].document_id}`);
    assert.match(await document.text(), /^%PDF/);
    const theirs = (await control(sandbox, "GET", "/pulls")).pulls.find((pull) => pull.pull_id === id);
    assert.equal(found.status, theirs.status);
  }
  const { events } = await read(`/api/v1/pulls/${pulls[0]}/events`);
  assert.deepEqual(events.slice(0, 2).map(({ kind, event_type }) => [kind, event_type ?? null]), [["own", "EDGE_PULL_LISTED"], ["fetched", null]]);
  assert.ok(!JSON.stringify(events[0]).includes("Kent"), "the rest is the snapshot's");
  // They stand in the list by what they are found by, the newest of Canopy's first.
  const found = await until(async () => {
    const page = await read("/api/v1/pulls?limit=100");
    return page.pulls.length === 50 && page.pulls;
  }, "all of them in the list", 60_000);
  assert.deepEqual(found.map((line) => line.pull_id), pulls.toReversed());
  assert.equal((await read("/api/v1/pulls?metadata.lead_id=L-7")).pulls[0].pull_id, pulls[7]);

  // A second time nothing was missed, and nothing is fetched.
  const fetched = (await callsOf(sandbox, "get-pull-by-id")).length;
  await start({});
  assert.deepEqual(await ended().then((run) => [run.adopted, run.fetched, run.current]), [0, 0, 50]);
  const later = new Date(Date.now() + 60_000).toISOString();
  await start({ since: later });
  assert.deepEqual(await ended().then((run) => [run.listed, run.since]), [0, later]);
  assert.equal((await callsOf(sandbox, "get-pull-by-id")).length, fetched);
  assert.equal((await pull(pulls[0])).snapshots.length, 1);
  await edge.stop();
  await stop();
});

test("a pull that went on without a webhook is fetched, and its page sees it", async () => {
  const both = await startBoth();
  const { start, ended, seen, events } = office(both.edge);
  await control(both.sandbox, "POST", "/faults", { deliveries: { delay_ms: 3_600_000 } });
  const page = await openPage(both.edge);
  const { pull_id } = await page.ask("connect", await loginOf(both.sandbox, "user_good"));
  // One webhook came, the others did not.
  assert.equal((await postWebhook(both.edge, authStatus(pull_id, "QUEUED", 1, { meta_data: { edge_session: page.session_id } }))).status, 200);
  await until(async () => (await control(both.sandbox, "GET", "/pulls")).pulls.every((pull) => pull.steps_to_come === 0), "the pull's end");
  assert.equal((await page.document()).complete, false);
  await start();
  assert.deepEqual(await ended().then((run) => [run.adopted, run.fetched]), [0, 1]);
  const whole = await seen(pull_id, (pull) => pull.complete && isSettled(pull) && pull.snapshots.length > 0, "the whole pull");
  assert.equal(whole.status, "SUCCESS");
  await until(async () => (await page.document()).complete, "the news in the page");
  assert.deepEqual((await events(pull_id)).slice(0, 3).map((event) => event.event_type ?? event.kind), ["AUTH_STATUS", "EDGE_PULL_LISTED", "fetched"]);
  await both.stop();
});

test("webhooks that come late, or again, change nothing of what was found", async () => {
  const both = await startBoth();
  const page = await openPage(both.edge);
  const { pull_id } = await page.ask("connect", await loginOf(both.sandbox, "user_good"));
  const before = await office(both.edge).seen(pull_id, (pull) => pull.complete && isSettled(pull), "the pull");
  const deliveries = await delivered(both.sandbox, pull_id);
  await both.edge.stop();
  const edge = await startEdge({ sandbox: both.sandbox });
  const again = office(edge);
  await again.start();
  await again.ended();
  await again.seen(pull_id, (pull) => pull.complete && isSettled(pull), "the adopted pull");
  for (const { body } of deliveries.toReversed()) assert.equal((await postWebhook(edge, typeof body === "string" ? body : JSON.stringify(body))).status, 200);
  const found = await again.seen(pull_id, (pull) => isSettled(pull) && pull.policies_available, "the pull");
  for (const member of ["status", "complete", "error", "account_identifier", "meta_data", "policies"]) assert.deepEqual(found[member], before[member], member);
  await edge.stop();
  await both.sandbox.stop();
});

test("a comparison survives a kill, asks again while Canopy is busy, and gives up with the reason", async () => {
  const pulls = Array.from({ length: 45 }, (_, at) => ({ pull_id: `p-${String(at).padStart(2, "0")}`, status: "PULLING_DATA", created_at: "2026-01-01T00:00:00.000Z" }));
  const asked = [];
  let answer = () => undefined;
  const canopy = await startStandIn(({ path }) => {
    const query = new URL(path, "http://canopy").searchParams;
    if (!/\/pulls$/.test(new URL(path, "http://canopy").pathname)) return { body: { pull: { pull_id: path.split("/").at(-1) } } };
    asked.push(Number(query.get("offset")));
    const given = answer(query, asked.length);
    if (given !== undefined) return given;
    const [offset, limit] = ["offset", "limit"].map((name) => Number(query.get(name)));
    return { body: { total_pulls: pulls.length, pulls: pulls.slice(offset, offset + limit) } };
  });
  const persist = temporaryDirectory();
  let edge = await startEdge({ sandbox: canopy, persist });
  // The second page never comes: killed while it is awaited.
  answer = (query) => (query.get("offset") === "20" ? null : undefined);
  await office(edge).start();
  await until(() => asked.length === 2, "the second page");
  assert.equal((await office(edge).view()).listed, 20);
  await assertProblem(await office(edge).start(), 409, "SYNC_RUNNING");
  await edge.kill9();
  answer = (query, count) => (count === 3 ? { status: 503 } : undefined);
  edge = await startEdge({ sandbox: canopy, persist });
  const run = await office(edge).ended();
  assert.deepEqual([run.state, run.listed, run.adopted, run.failed], ["done", 45, 45, 0]);
  assert.deepEqual(asked, [0, 20, 20, 20, 40]);
  // What Canopy refuses is asked for a few times.
  answer = () => ({ status: 403, body: { error: "FORBIDDEN" } });
  await office(edge).start();
  const refused = await office(edge).ended();
  assert.equal(refused.state, "failed");
  assert.match(refused.problem, /status 403/);
  answer = () => undefined;
  assert.equal((await office(edge).start()).status, 202);
  assert.equal((await office(edge).ended()).current, 45);
  await edge.stop();
  await canopy.stop();
});

test("once an hour the edge compares by itself, three days back, and leaves what has just begun", async () => {
  const canopy = await startStandIn(({ path }) => (/\/pulls\?/.test(path) ? { body: { total_pulls: 1, pulls: [{ pull_id: "p-1", status: "SUCCESS", created_at: "2026-01-01T00:00:00.000Z" }] } } : { body: { pull: { pull_id: "p-1" } } }));
  const edge = await startEdge({ sandbox: canopy });
  const fired = await fetch(`${edge.url}/cdn-cgi/local/scheduled`);
  assert.equal(fired.status, 200, await fired.text());
  const run = await office(edge).ended();
  assert.deepEqual([run.caller, run.adopted], ["schedule", 1]);
  const asked = new URL(canopy.calls[0].path, "http://canopy").searchParams;
  const ago = (name) => Math.round((Date.parse(run.started_at) - Date.parse(asked.get(name))) / 1_000);
  assert.deepEqual([ago("since"), ago("before")], [3 * 86_400, 15 * 60]);
  const pull = await office(edge).seen("p-1", (pull) => pull.complete && pull.snapshots.length > 0, "the pull");
  assert.equal(pull.created_at, "2026-01-01T00:00:00.000Z");
  await edge.stop();
  await canopy.stop();
});

test("what was given up while Canopy was away is fetched", async () => {
  let status = 403;
  const canopy = await startStandIn(({ path }) => (/\/pulls\?/.test(path) ? { body: { total_pulls: 1, pulls: [{ pull_id: "p-1", status: "SUCCESS" }] } } : { status, body: { pull: { pull_id: "p-1" } } }));
  const edge = await startEdge({ sandbox: canopy });
  const { start, ended, seen } = office(edge);
  await postWebhook(edge, JSON.stringify({ pull_id: "p-1", event_type: "COMPLETE", status: "SUCCESS" }));
  await seen("p-1", (pull) => workOf(pull, "fetch")?.state === "failed", "the fetch given up", 60_000);
  status = 200;
  await start();
  assert.deepEqual(await ended().then((run) => [run.fetched, run.current]), [1, 0]);
  await seen("p-1", (pull) => pull.snapshots.length === 1, "the snapshot");
  await start();
  assert.deepEqual(await ended().then((run) => [run.fetched, run.current]), [0, 1]);
  await edge.stop();
  await canopy.stop();
});

test("what is asked of a comparison is read or refused", async () => {
  const edge = await startEdge();
  const { call } = office(edge);
  const post = (body, more) => call("/api/v1/sync", { method: "POST", body, ...more });
  for (const body of ["[]", "x", "7"]) await assertProblem(await post(body), 400, "BODY_MALFORMED");
  for (const since of ["yesterday", 7, {}]) await assertProblem(await post(JSON.stringify({ since })), 400, "INPUT_INVALID");
  await edge.stop();
});

test("pulls are fetched with the property's own data where that is set", async () => {
  for (const [value, query] of [["true", "?withPropertyData=true"], ["false", ""], [null, ""]]) {
    const pull_id = randomUUID();
    const canopy = await startStandIn(() => ({ body: { success: true, pull: { pull_id } } }));
    const edge = await startEdge({ sandbox: canopy, env: { CANOPY_PROPERTY_DATA: value } });
    await postWebhook(edge, JSON.stringify({ pull_id, event_type: "COMPLETE", status: "SUCCESS" }));
    await office(edge).seen(pull_id, (pull) => workOf(pull, "fetch")?.state === "done", "the fetch");
    assert.equal(canopy.calls[0].path, `/api/v1.0.0/teams/${LOCAL.teamId}/pulls/${pull_id}${query}`);
    await edge.stop();
    await canopy.stop();
  }
});
