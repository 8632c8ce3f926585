// Canopy delivers at least once and in any order: whatever the order, one final state, no event lost, none twice.
import assert from "node:assert/strict";
import { randomInt, randomUUID } from "node:crypto";
import { after, before, test } from "node:test";
import { authOf, authStatus, backOfficeOf, control, isSettled, loginOf, openPage, postWebhook, until, webhook } from "../edge-client.mjs";
import { startBoth, startEdge } from "../harness.mjs";
import { pullOf, startStandIn } from "../stand-in.mjs";

const SHUFFLES = 200;
const AT_A_TIME = 16;
let edge, canopy, office;

before(async () => {
  // The shuffled pulls exist nowhere else: this Canopy has every pull asked for.
  canopy = await startStandIn(({ path }) => ({ body: { success: true, pull: { pull_id: pullOf(path), documents: [] } } }));
  edge = await startEdge({ sandbox: canopy });
  office = backOfficeOf(edge);
});
after(async () => {
  await edge?.stop();
  await canopy?.stop();
});

/** The bodies of every webhook of a pull that went its whole way, a refused code included. */
async function fullPull() {
  const both = await startBoth();
  try {
    const { sandbox } = both;
    const page = await openPage(both.edge, { metadata: { lead_id: "L-1" } });
    await page.live();
    const { pull_id } = await page.ask("connect", await loginOf(sandbox, "user_mfa"));
    const { auth } = await page.shown(authOf("IDENTITY_VERIFICATION_OPTIONS"), "options");
    await page.ask("identity-option", { option_key: auth.options[0].key });
    await page.shown(authOf("IDENTITY_VERIFICATION"), "prompt");
    await page.ask("identity-code", { code: "000000" });
    await page.shown((document) => document.auth?.message.length > 0, "refused code");
    await page.ask("identity-code", { code: "123456" });
    await page.shown((document) => document.complete, "COMPLETE");
    const deliveries = await until(async () => {
      const { pending, deliveries } = await control(sandbox, "GET", `/deliveries?pull_id=${pull_id}`);
      return pending === 0 && deliveries;
    }, "every delivery");
    return { pull_id, session_id: page.session_id, bodies: deliveries.map((delivery) => delivery.body) };
  } finally {
    await both.stop();
  }
}

/** What else a pull may send, beside what the sandbox's does. */
function further(pullId) {
  const monitoring = { initial_pull_id: "11111111-1111-4111-8111-111111111111", monitoring_id: "22222222-2222-4222-8222-222222222222" };
  return [
    webhook(pullId, "DATA_UPDATED", { status: "SUCCESS", data: { updates: [{ type: "CONTACT" }] } }),
    webhook(pullId, "DATA_UPDATED", { status: "SUCCESS", data: { updates: [{ type: "DRIVER" }] } }),
    webhook(pullId, "MONITORING_EVENTS", { status: "SUCCESS", is_monitored: true, monitoring, data: { events: [] } }),
    webhook(pullId, "MONITORING_RECONNECT", { is_monitored: true, monitoring, data: { auth_status: "NOT_AUTHENTICATED", reconnect_url: "https://a.example/r", reconnect_token: "t" } }),
    webhook(pullId, "SERVICING_WAITING_FOR_CONSUMER_CONFIRMATION", { data: { servicing_action_id: "33333333-3333-4333-8333-333333333333" } }),
    webhook(pullId, "SERVICING_WAITING_FOR_CONSUMER_CONFIRMATION", { data: { servicing_action_id: "44444444-4444-4444-8444-444444444444" } }),
    webhook(pullId, "VALIDATION_COMPLETE", { data: { status: "VALID", completed_at: "2026-01-02T03:04:05.000Z" } }),
    webhook(pullId, "VALIDATION_COMPLETE", { data: { status: "INVALID", completed_at: "2026-01-02T03:04:06.000Z" } }),
    webhook(pullId, "ERROR", { status: "INTERNAL_ERROR", sequence: 2 }),
    webhook(pullId, "ERROR", { status: "PROVIDER_ERROR", sequence: 3 }),
    webhook(pullId, "AUTH_STATUS", { status: "PROCESSING", data: { auth_status: "PROCESSING" } }),
    authStatus(pullId, "QUEUED", 0),
    webhook(pullId, "TYPE_OF_TOMORROW", { status: "STATUS_OF_TOMORROW" }),
  ];
}

/** Numbers in [0, 1) that a failure can be repeated with (mulberry32). */
function randomFrom(seed) {
  let at = seed;
  return () => {
    at = (at + 0x6d2b79f5) | 0;
    let mixed = Math.imul(at ^ (at >>> 15), 1 | at);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Every body once or twice, in any order. */
function shuffled(bodies, random) {
  const all = bodies.flatMap((body) => Array.from({ length: 1 + Math.floor(random() * 2) }, () => body));
  for (let at = all.length - 1; at > 0; at -= 1) {
    const other = Math.floor(random() * (at + 1));
    [all[at], all[other]] = [all[other], all[at]];
  }
  return all;
}

async function send(bodies) {
  const queue = bodies.values();
  const worker = async () => {
    for (const body of queue) {
      const response = await postWebhook(edge, body);
      assert.equal(response.status, 200, await response.text());
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, worker));
}

/** The state without what differs by moment and by pull. */
function stateOf({ pull_id, created_at, updated_at, outbox, snapshots, ...state }) {
  const text = JSON.stringify({ ...state, versions: snapshots.map((snapshot) => snapshot.version), done: outbox.map(({ work, state }) => [work, state]) });
  return JSON.parse(text.replaceAll(pull_id, "PULL"));
}

test(`${SHUFFLES} shuffles with repetitions of a full pull's webhooks end in one state`, async (t) => {
  const { pull_id, session_id, bodies } = await fullPull();
  const original = [...bodies, ...further(pull_id)];
  const types = new Set(original.map((body) => JSON.parse(body).event_type));
  for (const type of ["AUTH_STATUS", "POLICY_AVAILABLE", "POLICIES_AVAILABLE", "COMPLETE"]) assert.ok(types.has(type), type);
  // One page session of its own for each pull: nobody is told of 200 pulls.
  const asPull = (id) => {
    const session = randomUUID();
    return original.map((body) => body.replaceAll(pull_id, id).replaceAll(session_id, session));
  };
  const settled = (id) => office.seen(id, isSettled, `the settled outbox of ${id}`);
  const inOrder = randomUUID();
  for (const body of asPull(inOrder)) await send([body]);
  const expected = stateOf(await settled(inOrder));
  assert.deepEqual([expected.complete, expected.status, expected.auth.status], [true, "SUCCESS", "SUCCESS"]);
  assert.deepEqual([expected.data_updates, expected.monitoring_events, expected.servicing.length, expected.validation], [2, 1, 2, "INVALID"]);
  assert.deepEqual(expected.versions, [1], "an equal body makes no version");

  const seed = randomInt(2 ** 31);
  t.diagnostic(`seed ${seed}`);
  const random = randomFrom(seed);
  const pulls = [];
  for (let number = 0; number < SHUFFLES; number += 1) {
    const id = randomUUID();
    const own = asPull(id);
    await send(shuffled(own, random));
    pulls.push({ id, own, where: `shuffle ${number} of seed ${seed}` });
  }
  delete expected.meta_data.edge_session;
  for (const { id, own, where } of pulls) {
    const state = stateOf(await settled(id));
    const log = await office.events(id);
    assert.deepEqual(log.map((entry) => entry.position), log.map((_, at) => at + 1), `${where}: positions`);
    const events = log.filter((entry) => entry.kind === "webhook");
    assert.deepEqual(events.map((event) => JSON.stringify(event.body)).toSorted(), own.toSorted(), `${where}: the log`);
    const applied = events.filter((event) => event.event_type === "AUTH_STATUS" && event.outcome === "applied").map((event) => event.sequence ?? -1);
    assert.deepEqual(applied, applied.toSorted((a, b) => a - b), `${where}: what was applied went up`);
    delete state.meta_data.edge_session;
    assert.deepEqual(state, expected, where);
  }
});
