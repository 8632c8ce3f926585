// Runs of workflows come to their end, however often workerd is killed between their steps and in the middle of them. `EDGE_SOAK` sets other
// numbers.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { authStatus, postWebhook, surely, until, webhook } from "../edge-client.mjs";
import { around, chosen, startFalling } from "../falling-edge.mjs";

/** Of a run on a pull, and of each run of an instance, which takes a quarter of a minute to be looked at again. */
const { KILLS, OF_INSTANCES } = { KILLS: 4, OF_INSTANCES: 1, ...JSON.parse(process.env.EDGE_SOAK ?? "{}") };
const LIMIT_MS = 60_000;

const bodyOf = ({ body }) => JSON.parse(body);
const watch = (pull_id) => ({ id: "watch", use: "canopy", with: { operation: "post-monitoring", body: { pull_id } } });
const each = (call) => ({ id: "all", use: "each", with: { in: "['a', 'b']", as: "one", steps: [call("note", "s1", "{{ one }}")] } });
/** Killed in the middle of a call twice. */
const twice = (path) => [`before ${path}`, ...around(path)];

/**
 * Holds what the service saw against the journal: each call made, under one key and with one body, and no call made again but for a kill; each step
 * holds what it was answered, and that is what the steps behind it told.
 * @param {[string, string, string?][]} made of each call its place in the journal, its path, and the place of the step whose answer it says
 */
function assertMade(falling, run, made) {
  const answered = (at) => run.steps.find(({ path }) => path === at).result.body.token;
  for (const [at, path, before] of made) {
    const calls = falling.calls(path);
    assert.ok(calls.length > 0, `${path} was asked`);
    assert.deepEqual(new Set(calls.map(({ headers }) => headers["idempotency-key"])), new Set([`${run.run_id}/${at}`]));
    for (const call of calls) assert.deepEqual(bodyOf(call), { before: before ? answered(before) : "" });
    assert.ok(falling.given.get(path).includes(answered(at)), `${answered(at)}: one of ${falling.given.get(path)}`);
  }
  const count = made.reduce((sum, [, path]) => sum + falling.calls(path).length, 0);
  assert.ok(count <= made.length + falling.falls(), `${count} calls for ${made.length} steps and ${falling.falls()} kills`);
}

/** Places in the journal of the first calls that all runs here make. */
const FIRST = [["s0", "/s0"], ["s1", "/s1", "s0"], ["all[0].note", "/a", "s1"], ["all[1].note", "/b", "s1"]];
/** Steps that are no part of another, as a run has them that came to its end. */
const done = (steps) => steps.map(({ id }) => [id, "done"]);
const states = (run) => run.steps.filter(({ path }) => !path.includes(".")).map(({ path, state }) => [path, state]);

test(`a run of ten steps on a pull, killed up to ${KILLS} times, ends with each call made under one key, and what may not be repeated once`, async () => {
  const first = around("/s0", "/s1", "/a", "/b");
  const last = ["before /s5", ...twice("/s7"), ...twice("/s8"), ...twice("/s9")];
  const falling = await startFalling(chosen([...first, "waiting", "told", ...last], KILLS));
  try {
    const { call, workflows } = falling;
    const own = { id: "own", use: "emit", with: { event_type: "TOLD", data: { token: "{{ steps.s1.body.token }}" } } };
    const bound = { id: "bound", use: "wait", with: { types: ["POLICY_BOUND"], when: "event.data.n == 1", timeout: "P1D" } };
    const steps = [call("s0"), call("s1", "s0"), each(call), own, bound, call("s5", "s1"), watch("{{ pull.pull_id }}"), call("s7", "s5"), call("s8", "s7"), call("s9", "s8")];
    await workflows.deployed("ten", { trigger: { on: "event", types: ["CLAIMS_AVAILABLE"] }, steps });
    const id = randomUUID();
    const run_id = `p-${id}-1`;
    const look = () => workflows.run(run_id);
    assert.equal((await postWebhook(falling, webhook(id, "CLAIMS_AVAILABLE"))).status, 200);
    await falling.fallAt(first, look);
    await until(async () => (await look()).steps.some(({ path }) => path === "bound"), "the wait", LIMIT_MS);
    await falling.fallAfter("waiting", () => {}, look);
    const tell = () => surely(() => workflows.write("POST", `/api/v1/pulls/${id}/events`, { event_type: "POLICY_BOUND", key: "bound", data: { n: 1 } }));
    await falling.fallAfter("told", tell, look);
    await tell();
    await falling.fallAt(last, look);

    const run = await workflows.ended(run_id, LIMIT_MS);
    assert.equal(run.status, "done", JSON.stringify(run));
    assert.deepEqual(states(run), done(steps));
    assertMade(falling, run, [...FIRST, ["s5", "/s5", "s1"], ["s7", "/s7", "s5"], ["s8", "/s8", "s7"], ["s9", "/s9", "s8"]]);
    assert.deepEqual(falling.writes().map(bodyOf).map(({ pull_id }) => pull_id), [id], "written once");
    const log = await workflows.office.events(id);
    const of = (type) => log.filter(({ event_type }) => event_type === type);
    assert.deepEqual(of("TOLD").map(({ body }) => body.data), [{ token: run.steps[1].result.body.token }], "its own event once");
    assert.deepEqual(of("POLICY_BOUND").length, 1);
    assert.equal(run.steps.find(({ path }) => path === "bound").result.event.position, of("POLICY_BOUND")[0].position);
    const listed = () => workflows.runs({ pull_id: id }).then((runs) => runs.map((line) => [line.run_id, line.status]));
    await until(async () => (await listed())[0]?.[1] === "done", "the list");
    assert.deepEqual(await listed(), [[run_id, "done"]]);
  } finally {
    await falling.stop();
  }
});

const BY = {
  "by hand": { trigger: { on: "manual", of: "agency" }, begin: (workflows) => workflows.start("ten") },
  "by the clock": {
    trigger: { on: "schedule", cron: "0 8 * * *", time_zone: "UTC", missed: "once" },
    async begin(workflows) {
      const { now } = await workflows.office.read("/api/v1/clock");
      const eight = new Date(now);
      eight.setUTCHours(8, 0, 5, 0);
      if (eight <= new Date(now)) eight.setUTCDate(eight.getUTCDate() + 1);
      await workflows.write("POST", "/api/v1/clock", { now: eight.toISOString() });
      return "i-ten-1";
    },
  },
};
for (const [how, { trigger, begin }] of Object.entries(BY)) {
  test(`a run of an instance, started ${how} and killed up to ${OF_INSTANCES} times, ends as one on a pull does`, async () => {
    const boundaries = [...around("/s0", "/s1", "/a", "/b"), "before /s3", ...around("/s5", "/s6", "/s7", "/s8"), ...twice("/s9")];
    const falling = await startFalling(chosen(boundaries, OF_INSTANCES));
    try {
      const { call, workflows } = falling;
      const of = randomUUID();
      const steps = [call("s0"), call("s1", "s0"), each(call), call("s3", "s1"), watch(of), call("s5", "s3"), call("s6", "s5"), call("s7", "s6"), call("s8", "s7"), call("s9", "s8")];
      await workflows.deployed("ten", { trigger, steps });
      const run_id = await begin(workflows);
      const look = () => workflows.run(run_id);
      await falling.fallAt(boundaries, look);
      const run = await workflows.ended(run_id, LIMIT_MS);
      assert.equal(run.status, "done", JSON.stringify(run));
      assert.deepEqual(states(run), done(steps));
      assertMade(falling, run, [...FIRST, ["s3", "/s3", "s1"], ["s5", "/s5", "s3"], ["s6", "/s6", "s5"], ["s7", "/s7", "s6"], ["s8", "/s8", "s7"], ["s9", "/s9", "s8"]]);
      assert.deepEqual(falling.writes().map(bodyOf).map(({ pull_id }) => pull_id), [of], "written once");
      const listed = () => workflows.runs({ instance: "ten" }).then((runs) => runs.map((line) => [line.run_id, line.status, line.cause === null]));
      await until(async () => (await listed())[0]?.[1] === "done", "the list");
      assert.deepEqual(await listed(), [[run_id, "done", trigger.on === "manual"]]);
    } finally {
      await falling.stop();
    }
  });
}

test("a write to Canopy that a kill broke off is made no second time: the run says that its outcome is unknown", async () => {
  const falling = await startFalling(["before /canopy"]);
  try {
    const { call, workflows } = falling;
    await workflows.deployed("unknown", { trigger: { on: "manual", of: "agency" }, steps: [watch(randomUUID()), call("behind")] });
    const run_id = await workflows.start("unknown");
    await falling.fallAt(around("/canopy"), () => workflows.run(run_id));
    const told = ({ status, reason, path }) => [status, reason, path];
    assert.deepEqual(told(await workflows.ended(run_id, LIMIT_MS)), ["failed", "OUTCOME_UNKNOWN", "watch"]);
    await workflows.write("POST", `/api/v1/runs/${run_id}/retry`);
    assert.deepEqual(told(await workflows.ended(run_id, LIMIT_MS)), ["failed", "OUTCOME_UNKNOWN", "watch"]);
    assert.deepEqual([falling.writes().length, falling.calls("/behind").length], [1, 0]);
  } finally {
    await falling.stop();
  }
});

test("whether an entry starts a run is judged once, whatever becomes of the object", async () => {
  const falling = await startFalling([]);
  try {
    const { workflows } = falling;
    await workflows.deployed("judged", { trigger: { on: "event", types: ["AUTH_STATUS", "COMPLETE"], when: "pull.status == 'SUCCESS'" }, steps: [{ id: "a", use: "set", with: { values: 1 } }] });
    const id = randomUUID();
    for (const [at, status] of ["PROCESSING", "PULLING_DATA"].entries()) await postWebhook(falling, authStatus(id, status, at + 1));
    await workflows.office.seen(id, (pull) => pull.revision === 2 && pull.outbox.every(({ state }) => state !== "pending"), "both judged");
    await falling.kill();
    await postWebhook(falling, webhook(id, "COMPLETE", { status: "SUCCESS" }));
    const runs = await until(async () => { const runs = await workflows.runs({ pull_id: id }); return runs.length > 0 && runs; }, "its run");
    assert.deepEqual(runs.map(({ cause }) => cause), [3]);
  } finally {
    await falling.stop();
  }
});
