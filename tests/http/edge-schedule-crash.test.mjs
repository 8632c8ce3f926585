// What is scheduled comes once and in order, however often workerd is killed on the way through a year. `cargo xtask soak` has the long one.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { backOfficeOf, postWebhook, surely, until, webhook } from "../edge-client.mjs";
import { LOCAL, freePort, startEdge, temporaryDirectory } from "../harness.mjs";
import { pullOf, startStandIn } from "../stand-in.mjs";

const { PULLS, SCHEDULES, KILLS } = { PULLS: 5, SCHEDULES: 100, KILLS: 3, ...JSON.parse(process.env.EDGE_SOAK ?? "{}") };
const DAY = 24 * 60 * 60 * 1_000;
const YEAR = 365 * DAY;
const AT_A_TIME = 16;

const pick = (number) => Math.floor(Math.random() * number);

test(`${SCHEDULES} schedules over ${PULLS} pulls and a year, killed ${KILLS} times: each fires once or is void or cancelled`, async () => {
  const expiries = new Map();
  const canopy = await startStandIn(({ path }) => {
    const pull_id = pullOf(path);
    const policy = { policy_id: "p-1", policy_type: "AUTO", status: "ACTIVE", expiry_date: expiries.get(pull_id) };
    return { body: { success: true, pull: { pull_id, policies: [policy] } } };
  });
  const [port, persist] = [await freePort(), temporaryDirectory()];
  const env = { EDGE_API_TOKENS: `demo:${LOCAL.apiToken},clock:clock-token:admin+read` };
  const start = () => startEdge({ port, persist, sandbox: canopy, env });
  let edge = await start();
  let [office, clock] = [backOfficeOf(edge), backOfficeOf(edge, "clock-token")];
  const restart = async () => {
    await edge.kill9();
    edge = await start();
    [office, clock] = [backOfficeOf(edge), backOfficeOf(edge, "clock-token")];
  };
  const write = async (by, method, path, json) => {
    const response = await by.call(path, { method, body: json && JSON.stringify(json) });
    const answer = await response.json();
    assert.ok(response.ok, JSON.stringify(answer));
    return answer;
  };
  try {
    const begun = Date.parse((await clock.read("/api/v1/clock")).now);
    const ids = Array.from({ length: PULLS }, () => randomUUID());
    for (const id of ids) {
      expiries.set(id, new Date(begun + (30 + pick(300)) * DAY).toISOString());
      await postWebhook(edge, webhook(id, "COMPLETE", { status: "SUCCESS" }));
    }
    for (const id of ids) await office.seen(id, (pull) => pull.snapshots.length === 1, "the snapshot");

    // Scheduled while it falls, by callers who ask again: each once.
    const wanted = Array.from({ length: SCHEDULES }, (_, number) => ({
      id: ids[number % PULLS],
      event: { event_type: "REMINDER", key: `k-${number}`, data: { number }, effective_at: new Date(begun + DAY + pick(YEAR - 2 * DAY)).toISOString() },
    }));
    const queue = wanted.values();
    const caller = async () => {
      for (const { id, event } of queue) await surely(() => write(office, "POST", `/api/v1/pulls/${id}/schedule`, event));
    };
    const callers = Promise.all(Array.from({ length: AT_A_TIME }, caller));
    await restart();
    await callers;
    const cancelled = new Set();
    for (const id of ids) {
      const { schedule } = await office.read(`/api/v1/pulls/${id}/schedule?limit=100`);
      const one = schedule.find((item) => item.origin === "caller");
      await write(office, "DELETE", `/api/v1/pulls/${id}/schedule/${one.schedule_id}`);
      cancelled.add(`${id} ${one.schedule_id}`);
    }

    // Through the year, killed in the middle of a move.
    const moves = 3 * KILLS;
    const renewed = new Set();
    for (let at = 1; at <= moves; at += 1) {
      const now = new Date(begun + (at / moves) * (YEAR + 2 * DAY)).toISOString();
      const moved = surely(() => write(clock, "POST", "/api/v1/clock", { now })).catch((error) => error);
      if (at % 3 === 2) {
        await sleep(pick(60));
        await restart();
      }
      await moved;
      // The fallen edge may have moved or not: what it is asked for now it takes, or has.
      await clock.call("/api/v1/clock", { method: "POST", body: JSON.stringify({ now }) });
      const id = ids[at % PULLS];
      if (at === Math.ceil(moves / 3)) {
        expiries.set(id, new Date(begun + 3 * YEAR).toISOString());
        renewed.add(id);
        await surely(() => postWebhook(edge, webhook(id, "DATA_UPDATED", { data: { at } })));
      }
    }
    const woken = async (id) => {
      const { schedule } = await office.read(`/api/v1/pulls/${id}/schedule?state=due&limit=100`);
      return schedule.every((item) => Date.parse(item.effective_at) > begun + YEAR);
    };
    for (const id of ids) await until(() => woken(id), `what is due of ${id}`, 60_000);

    for (const id of ids) {
      const entries = await office.events(id);
      const ended = entries.filter((entry) => ["fired", "void", "cancelled"].includes(entry.kind));
      const names = ended.map((entry) => entry.body.schedule_id);
      assert.equal(new Set(names).size, names.length, "each once");
      assert.ok(ended.every((entry) => entry.body.because), "each with its reason");
      const fired = entries.filter((entry) => entry.kind === "fired");
      assert.deepEqual(fired.map((entry) => entry.effective_at), fired.map((entry) => entry.effective_at).toSorted(), "in order");
      const scheduled = entries.filter((entry) => entry.kind === "scheduled");
      assert.deepEqual(scheduled.map((entry) => entry.body.key).toSorted(), wanted.filter((one) => one.id === id).map((one) => one.event.key).toSorted());
      const numbers = fired.filter((entry) => entry.event_type === "REMINDER").map((entry) => entry.body.data.number);
      const taken = scheduled.filter((entry) => cancelled.has(`${id} REMINDER.${entry.position}`)).map((entry) => entry.body.data.number);
      assert.deepEqual([...numbers, ...taken].toSorted(), scheduled.map((entry) => entry.body.data.number).toSorted());
      const expired = fired.filter((entry) => entry.event_type === "EDGE_POLICY_EXPIRED").length + ended.filter((entry) => entry.kind === "void" && entry.event_type === "EDGE_POLICY_EXPIRED").length;
      assert.equal(expired, 1, renewed.has(id) ? "expired before, or renewed" : "expired");
    }
  } finally {
    await edge.kill9();
    await canopy.stop();
  }
});
