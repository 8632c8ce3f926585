// An edge that delivers to endpoints of this machine, with a clock to move, and pulls to tell of.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { authStatus, postWebhook, until, webhook } from "./edge-client.mjs";
import { startEdge } from "./harness.mjs";
import { startHooks } from "./hooks.mjs";
import { pullOf, startStandIn } from "./stand-in.mjs";
import { subscriptionsOf, TOKENS } from "./subscriptions-client.mjs";

/** `EDGE_SCHEDULE` with which nothing comes by itself: what does is what the test brings about. */
export const QUIET = JSON.stringify({ renewal_days: [], expired: null, refresh_days: null, reconnect_overdue_days: null, login_abandoned_minutes: null, stalled_hours: null });

/** The type of an entry downstream. Source: docs/downstream.md, "Types". */
export function typeOf({ kind, event_type }) {
  const names = { scheduled: "EDGE_EVENT_SCHEDULED", cancelled: "EDGE_EVENT_CANCELLED", void: "EDGE_EVENT_VOID" };
  const unnamed = { fetched: "EDGE_SNAPSHOT_FETCHED", stored: "EDGE_DOCUMENT_STORED", call: "EDGE_CANOPY_CALLED" };
  return names[kind] ?? event_type ?? unnamed[kind];
}

/** Whether nothing of the pull's own work waits or has failed: what goes to subscriptions may. */
export const isAtRest = (pull) => pull.outbox.length > 0 && pull.outbox.every(({ work, state }) => state === "done" || work.startsWith("deliver:"));

/** @param at what `startEdge` takes beside */
export async function startDelivering(at = {}) {
  const hooks = await startHooks();
  const policies = new Map([[null, []]]);
  const canopy = await startStandIn(({ path }) => ({ body: { success: true, pull: { pull_id: pullOf(path), policies: policies.get(pullOf(path)) ?? policies.get(null), account_identifier: "a-1" } } }));
  const edge = await startEdge({ sandbox: canopy, env: { ...TOKENS, EDGE_SCHEDULE: QUIET }, ...at });
  const subscriptions = subscriptionsOf(edge);
  const { office } = subscriptions;
  const tell = async (...bodies) => {
    for (const body of bodies) assert.equal((await postWebhook(edge, body)).status, 200);
  };
  const write = async (path, json) => {
    const response = await office.call(path, { method: "POST", body: JSON.stringify(json) });
    const answer = await response.json();
    assert.ok(response.ok, `${path}: ${JSON.stringify(answer)}`);
    return answer;
  };
  const move = (json) => write("/api/v1/clock", json);
  return {
    hooks,
    /** What Canopy says of a pull's policies, under `null` of every other. */
    policies,
    edge,
    office,
    subscriptions,
    tell,
    move,
    /** Two logins, one that comes late, the back office's note and the end, which has the pull fetched: six entries; gives its id. */
    async pull(id = randomUUID(), more = {}) {
      await tell(authStatus(id, "QUEUED", 1, more), authStatus(id, "PROCESSING", 3, more), authStatus(id, "PULLING_DATA", 2, more));
      await write(`/api/v1/pulls/${id}/events`, { event_type: "NOTE_TAKEN", key: "note", data: { text: "hello" } });
      await tell(webhook(id, "COMPLETE", { status: "SUCCESS", ...more }));
      await office.seen(id, (pull) => pull.snapshots.length > 0 && isAtRest(pull), "the pull at rest");
      return id;
    },
    event: (id, key, event_type = "NOTE_TAKEN", data = {}) => write(`/api/v1/pulls/${id}/events`, { event_type, key, data }),
    /** The `webhook-id` of each entry of the log, or of those that `wanted` chooses, in order. */
    idsOf: async (id, wanted = () => true) => (await office.events(id)).filter(wanted).map(({ position }) => `${id}_${position}`),
    /** Moves the clock on, by `advance` at a time, until `look()` gives something. */
    passing: (advance, look, what, limitMs = 120_000) =>
      until(async () => {
        const found = await look();
        if (!found) await move({ advance });
        return found;
      }, what, limitMs),
    stop: () => Promise.all([edge.stop(), canopy.stop(), hooks.stop()]),
  };
}
