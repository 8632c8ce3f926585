// The sandbox's clock on the real workerd: what a jump makes due comes, and webhooks stay on the machine's time.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, beforeEach, describe, test } from "node:test";
import { webhookErrors } from "../contract.mjs";
import { LOCAL, startSandbox, temporaryDirectory } from "../harness.mjs";
import { startReceiver } from "../receiver.mjs";
import { authStatus, clientOf, isEvent, nobody, team } from "../sandbox-client.mjs";

const DAY_MS = 86_400_000;
const persist = temporaryDirectory();

let sandbox, receiver, client;

before(async () => {
  receiver = await startReceiver({ secret: LOCAL.signingSecret });
  await start();
});
beforeEach(async () => {
  await client.control("POST", "/reset");
  receiver.received.length = 0;
});
after(async () => {
  await sandbox?.stop();
  await receiver?.stop();
});

async function start() {
  sandbox = await startSandbox({ persist, env: { SANDBOX_HOOK_URL: receiver.url } });
  client = clientOf(sandbox, receiver);
}

const clock = (json) => client.control(json ? "POST" : "GET", "/clock", json);
const pullOf = async (pullId) => (await client.call("get-pull-by-id", `${team}/pulls/${pullId}`)).body.pull;

async function monitored(pullId, more) {
  return (await client.call("post-monitoring", `${team}/monitorings`, { json: { pull_id: pullId, interval: "P30D", ...more } })).body.monitoring;
}

/** A monitoring with its pulls, oldest first. */
async function shown({ monitoring_id }) {
  const { monitoring, pulls } = (await client.call("get-monitoring", `${team}/monitorings/${monitoring_id}?with_pulls=true`)).body;
  return { ...monitoring, pulls: pulls.reverse() };
}

test("a jump brings the refreshes that it makes due, in order and each once, signed at the machine's time", async () => {
  const { pull_id } = await client.completed("user_good_auto");
  const monitoring = await monitored(pull_id);
  assert.equal((await clock({ advance: "P29D" })).refreshes_to_come, 0);
  assert.equal((await shown(monitoring)).pulls.length, 1);
  await clock({ advance: "P63D" });
  await receiver.until((all) => all.filter(({ body }) => body.event_type === "COMPLETE").length === 4, "COMPLETE of three refreshes");
  const { pulls, next_pull_date } = await shown(monitoring);
  const days = pulls.map((pull) => (Date.parse(pull.created_at) - Date.parse(pulls[0].created_at)) / DAY_MS);
  assert.deepEqual(days, [0, 30, 60, 90]);
  assert.equal((Date.parse(next_pull_date) - Date.parse(pulls[3].created_at)) / DAY_MS, 30);
  assert.ok(receiver.received.every((webhook) => webhook.signed), "every webhook is taken by a receiver of now");
  const renewed = await client.arrived(pulls[3].pull_id, isEvent("MONITORING_EVENTS"), "MONITORING_EVENTS");
  assert.deepEqual([renewed.data.events[0].type, webhookErrors(renewed)], ["RENEWAL", []]);
  await clock({ advance: "PT1H" });
  assert.equal((await shown(monitoring)).pulls.length, 4);
});

test("a refresh that comes due and needs the consumer asks for them, and its token expires", async () => {
  const { pull_id: initial, pull_jwt } = await client.connected("user_optionless_mfa");
  await client.arrived(initial, authStatus("IDENTITY_VERIFICATION"), "the question for a code");
  await client.call("post-idv", `/widget/pull/${initial}/idv`, { json: { mfaValue: "123456" }, headers: { "pull-jwt": pull_jwt } });
  await client.arrived(initial, isEvent("COMPLETE"), "COMPLETE");
  const monitoring = await monitored(initial);
  await clock({ now: monitoring.next_pull_date });
  const { pulls } = await shown(monitoring);
  const asked = await client.arrived(pulls[1].pull_id, isEvent("MONITORING_RECONNECT"), "MONITORING_RECONNECT");
  const use = (reconnect_token) => client.call("post-reconnect-token", "/widget/pull/reconnectToken", { json: { reconnect_token } });
  await clock({ advance: "P7D" });
  assert.deepEqual((await use(asked.data.reconnect_token)).body, { error: "INVALID_RECONNECT_TOKEN" });
  const fresh = (await client.call("get-monitoring-reconnect-token", `${team}/monitorings/${monitoring.monitoring_id}/reconnectToken`)).body;
  assert.equal((await use(fresh.reconnect_token)).body.pull_id, pulls[1].pull_id);
});

test("a monitoring stops after its date, and a policy that runs out is found expired", async () => {
  const { pull_id } = await client.completed("user_good_flood_expiring");
  const { created_at } = await pullOf(pull_id);
  const monitoring = await monitored(pull_id, { stop_after_date: new Date(Date.parse(created_at) + 40 * DAY_MS).toISOString() });
  await clock({ advance: "P1Y" });
  const { pulls, status, next_pull_date } = await shown(monitoring);
  assert.deepEqual([pulls.length, status, next_pull_date], [2, "STOPPED", null]);
  const event = await client.arrived(pulls[1].pull_id, isEvent("MONITORING_EVENTS"), "MONITORING_EVENTS");
  assert.deepEqual([event.data.events[0].type, webhookErrors(event)], ["EXPIRED", []]);
  const statuses = async (id) => (await pullOf(id)).policies.map((policy) => policy.status);
  assert.deepEqual([await statuses(pull_id), await statuses(pulls[1].pull_id)], [["ACTIVE", "ACTIVE"], ["EXPIRED", "EXPIRED"]]);
  const refused = await client.call("post-monitoring-refresh", `${team}/monitorings/${monitoring.monitoring_id}/refresh`);
  assert.deepEqual(refused.body, { error: "MONITORING_INACTIVE" });
});

test("signed URLs and consent tokens expire by the clock", async () => {
  const { pull_id } = await client.completed("user_good_home");
  const { documents } = await pullOf(pull_id);
  const { url } = (await client.call("download-document-by-id", `${team}/pulls/${pull_id}/documents/${documents[0].document_id}`)).body;
  const json = { device_identifier: "127.0.0.1", terms_version: 1, consent_language: "I agree" };
  const { consent_token } = (await client.call("post-consent", "/consent", { json })).body;
  const hasExpired = async () => (await client.control("POST", "/link/consent", { consent_token })).has_expired;
  assert.deepEqual([(await fetch(url)).status, await hasExpired()], [200, false]);
  await clock({ advance: "PT1M" });
  assert.deepEqual([(await fetch(url)).status, await hasExpired()], [403, false]);
  await clock({ advance: "PT1H" });
  assert.equal(await hasExpired(), true);
});

test("the clock goes forwards only, outlives a restart, and is set back by a reset", async () => {
  const { now } = await clock({ advance: "P100D" });
  const refused = await fetch(`${sandbox.url}/sandbox/clock`, { method: "POST", body: JSON.stringify({ now: new Date().toISOString() }) });
  assert.equal(refused.status, 400);
  assert.match((await refused.json()).detail, /forwards only/);
  assert.match((await clock({ advance: "a month" })).detail, /ISO 8601/);
  await sandbox.stop();
  await start();
  assert.ok((await clock()).now >= now);
  const { pull_id } = await client.completed("user_good_home");
  assert.ok((await pullOf(pull_id)).created_at >= now);
  await client.control("POST", "/reset");
  const { now: back, machine } = await clock();
  assert.equal(back, machine);
});

describe("with an edge", () => {
  let edge, along, told;
  before(async () => {
    edge = await startEdgeClock();
    const env = { SANDBOX_HOOK_URL: receiver.url, SANDBOX_EDGE_URL: `${edge.url}/`, SANDBOX_EDGE_TOKEN: "edge-token" };
    const sandbox = await startSandbox({ env });
    along = { ...clientOf(sandbox, receiver), url: `${sandbox.url}/sandbox/clock`, stop: sandbox.stop };
  });
  beforeEach(async () => {
    await along.control("POST", "/reset");
    Object.assign(edge, { next_due: null, status: 200, whenTold: () => {} });
    told = edge.told;
    told.length = 0;
  });
  after(async () => {
    await along?.stop();
    await edge?.stop();
  });

  const moved = async (json, headers) => {
    const response = await fetch(along.url, { method: "POST", headers, body: JSON.stringify(json) });
    return { status: response.status, ...(await response.json()) };
  };
  const later = (days) => new Date(Date.now() + days * DAY_MS).toISOString();
  const TOLD = { "canopy-clock": "told" };

  test("it is told of a move once, before anything begins that the move makes due", async () => {
    const { pull_id } = await along.completed("user_good_auto");
    await along.call("post-monitoring", `${team}/monitorings`, { json: { pull_id, interval: "P30D" } });
    let seen;
    edge.whenTold = async (body) => {
      const { pulls } = await along.control("GET", "/pulls");
      seen = { pulls: pulls.length, back: await moved(body, TOLD) };
    };
    const { status, now, edge: shown } = await moved({ advance: "P30D" });
    const { body, ...call } = told[0];
    assert.deepEqual(call, { call: "POST /api/v1/clock", authorization: "Bearer edge-token", mark: "told" });
    assert.deepEqual([status, shown], [200, { now: body.now, next_due: null }]);
    assert.ok(body.now <= now && Date.parse(now) - Date.parse(body.now) < DAY_MS);
    assert.deepEqual([seen.pulls, seen.back.status, told.length], [1, 200, 1], "what it tells in its turn does not come back");
    await receiver.until((all) => all.filter((webhook) => webhook.body.event_type === "COMPLETE").length === 2, "COMPLETE of the refresh");
  });

  test("what it tells is taken, not passed on, and never too early", async () => {
    const now = later(30);
    const first = await moved({ now }, TOLD);
    const second = await moved({ now: later(29) }, TOLD);
    assert.deepEqual([first.status, second.status, told.length], [200, 200, 0]);
    assert.ok(now <= first.now && first.now <= second.now);
    assert.equal((await moved({ now: later(29) })).status, 400);
    assert.equal(told.length, 0, "nor is a move that was refused");
  });

  test("what it has to do next is shown, and moved to", async () => {
    edge.next_due = { pull_id: nobody, at: later(10) };
    assert.deepEqual((await along.control("GET", "/clock")).edge.next_due, edge.next_due);
    assert.equal((await moved({ to: "next_due" })).status, 200);
    assert.deepEqual(told.map(({ call, body }) => [call, body]), [
      ["GET /api/v1/clock", ""],
      ["GET /api/v1/clock", ""],
      ["POST /api/v1/clock", { now: edge.next_due.at }],
    ]);
    const { status, detail } = await moved({ to: "next_due" });
    assert.deepEqual([status, detail], [400, "nothing is due: neither a monitoring here nor the edge has a date ahead"]);
  });

  test("one that refuses, or is not there, is shown as none, and the clock moves all the same", async () => {
    edge.status = 403;
    const { now, edge: shown } = await moved({ advance: "P1D" });
    assert.deepEqual([shown, now >= later(0.9)], [null, true]);
    await edge.stop();
    const further = await moved({ advance: "P1D" });
    assert.deepEqual([further.edge, further.now >= later(1.9)], [null, true]);
    assert.equal((await along.control("GET", "/clock")).edge, null);
    assert.match((await moved({ to: "next_due" })).detail, /the edge did not answer/);
  });
});

/** An edge of which there is only the clock; `told` are the calls that reached it. */
async function startEdgeClock() {
  const edge = { told: [], next_due: null, status: 200, whenTold: () => {} };
  const server = createServer(async (request, response) => {
    let text = "";
    for await (const chunk of request) text += chunk;
    const body = text && JSON.parse(text);
    const { authorization, "canopy-clock": mark } = request.headers;
    edge.told.push({ call: `${request.method} ${request.url}`, authorization, mark, body });
    if (body) await edge.whenTold(body);
    const machine = new Date().toISOString();
    response.writeHead(edge.status, { "content-type": "application/json" });
    response.end(JSON.stringify({ now: body.now ?? machine, machine, next_due: edge.next_due }));
  });
  await new Promise((resolve, reject) => server.once("error", reject).listen(0, "127.0.0.1", resolve));
  edge.url = `http://127.0.0.1:${server.address().port}`;
  edge.stop = () => new Promise((resolve) => (server.close(resolve), server.closeAllConnections()));
  return edge;
}
