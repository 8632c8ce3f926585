// Many runs of workflows at once: each once, all of them to their end. `EDGE_SOAK` sets other numbers.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { QUIET } from "../delivering-edge.mjs";
import { authStatus, postWebhook, until, webhook, workOf } from "../edge-client.mjs";
import { startEdge } from "../harness.mjs";
import { processorTimeOf } from "../processor.mjs";
import { pullOf, startStandIn } from "../stand-in.mjs";
import { TOKENS, workflowsOf } from "../workflows-client.mjs";

/** Each round has each pull start `RUNS / PULLS` runs. */
const { PULLS, RUNS, ROUNDS, QUIET_MS, LIMIT_MS } = { PULLS: 20, RUNS: 200, ROUNDS: 1, QUIET_MS: 1_000, LIMIT_MS: 120_000, ...JSON.parse(process.env.EDGE_SOAK ?? "{}") };
/** What one entry starts. */
const INSTANCES = ["one", "two", "three", "four", "five"];
const STARTS = "VALIDATION_COMPLETE";
/** Webhooks that a client has under way, for this many pulls that start nothing. */
const [AT_A_TIME, OTHERS] = [4, 40];

const REST_MS = 3_600_000;
const CALLS = ["first", "second", "third"];

const at = (values, share) => values.toSorted((a, b) => a - b)[Math.floor(values.length * share)];
const median = (values) => at(values, 0.5);
const times = (count, make) => Array.from({ length: count }, (_, number) => make(number));

/** An edge with runs that call a service, rest until the clock is moved, and call again. */
async function startRunning() {
  const service = await startStandIn(({ path }) => ({ body: { path } }));
  const canopy = await startStandIn(({ path }) => ({ body: { success: true, pull: { pull_id: pullOf(path), policies: [] } } }));
  const edge = await startEdge({ sandbox: canopy, env: { ...TOKENS, EDGE_SCHEDULE: QUIET } });
  const workflows = workflowsOf(edge);
  const call = (id, json) => ({ id, use: "http", with: { url: `${service.url}/${id}`, json } });
  const rest = { id: "rest", use: "sleep", with: { for: "PT1H" } };
  // What it waits for has come before it: a step of its own, in which nothing is called.
  const heard = { id: "heard", use: "wait", with: { types: ["AUTH_STATUS"], timeout: "PT1H", on_timeout: "fail" } };
  const steps = [call("first", { pull: "{{ pull.pull_id }}" }), rest, heard, call("second", { of: "{{ steps.first.body.path }}" }), call("third", {})];
  await workflows.deployed("many", { trigger: { on: "event", types: [STARTS] }, steps }, INSTANCES);
  let told = 0;
  /** Posts each of the bodies, so many at a time. */
  const post = async (bodies, most = 16) => {
    const queue = bodies.values();
    const sender = async () => {
      for (const body of queue) assert.equal((await postWebhook(edge, body)).status, 200);
    };
    await Promise.all(times(most, sender));
  };
  return {
    edge,
    workflows,
    service,
    post,
    /** Waits until the service was called so often, and all runs of these pulls rest; then what they wait for afterwards comes. */
    async rested(called, ids) {
      await until(() => service.calls.length >= called, `${called} calls`, LIMIT_MS);
      const soon = Date.parse((await workflows.office.read("/api/v1/clock")).now) + REST_MS / 2;
      for (const id of ids) await workflows.office.seen(id, (pull) => Date.parse(workOf(pull, "runs")?.next_at) > soon, "runs that rest", LIMIT_MS);
      told += 1;
      await post(ids.map((id) => authStatus(id, "PROCESSING", told)));
    },
    /** Waits until so many runs are in the list, all done: each of another instance, pull and entry; and each made each call once. */
    async assertDone(expected) {
      // The list is long: it is looked at when there is something to see.
      await until(() => service.calls.length >= expected * CALLS.length, `the calls of ${expected} runs`, LIMIT_MS);
      await until(async () => (await workflows.runs({ status: "running" })).length === 0, `the end of ${expected} runs`, LIMIT_MS);
      const runs = await until(async () => {
        const all = await workflows.runs();
        return all.filter(({ status }) => status === "done").length >= expected && all;
      }, "all in the list", LIMIT_MS);
      assert.deepEqual([runs.length, new Set(runs.map(({ run_id }) => run_id)).size], [expected, expected]);
      assert.ok(runs.every(({ status }) => status === "done"));
      assert.equal(new Set(runs.map(({ instance_id, flow, pull_id, cause }) => `${instance_id} ${flow} ${pull_id} ${cause}`)).size, expected);
      const keys = service.calls.map(({ headers }) => headers["idempotency-key"]);
      assert.deepEqual([keys.length, new Set(keys)], [expected * CALLS.length, new Set(runs.flatMap(({ run_id }) => CALLS.map((name) => `${run_id}/${name}`)))]);
    },
    stop: () => Promise.all([edge.stop(), service.stop(), canopy.stop()]),
  };
}

test(`${ROUNDS} times ${RUNS} runs over ${PULLS} pulls: each once and to its end, while webhooks of others come`, async (context) => {
  const running = await startRunning();
  try {
    const { edge, post, service, workflows } = running;
    const [ids, others] = [PULLS, OTHERS].map((count) => times(count, () => randomUUID()));
    let sequence = 0;
    /** Tells of other pulls until that is over; webhooks a second, the 95th percentile of their milliseconds, and the processor's time. */
    const told = async (isOver) => {
      const [begun, worked, took] = [performance.now(), processorTimeOf(edge.pid), []];
      const client = async () => {
        while (!isOver()) {
          const body = authStatus(others[sequence % OTHERS], "PROCESSING", (sequence += 1));
          const sent = performance.now();
          const answer = await postWebhook(edge, body);
          await answer.arrayBuffer();
          assert.equal(answer.status, 200);
          took.push(performance.now() - sent);
        }
      };
      await Promise.all(times(AT_A_TIME, client));
      const millis = performance.now() - begun;
      return { millis, count: took.length, rate: (1_000 * took.length) / millis, p95: at(took, 0.95), cpu: processorTimeOf(edge.pid) - worked };
    };
    const quiet = () => {
      const end = performance.now() + QUIET_MS;
      return told(() => performance.now() > end);
    };
    const rounds = [];
    for (let round = 1; round <= ROUNDS; round += 1) {
      await post(times(RUNS / PULLS / INSTANCES.length, (number) => ids.map((id) => webhook(id, STARTS, { data: { round, number } }))).flat());
      await running.rested(RUNS * (CALLS.length * (round - 1) + 1), ids);
      const before = await quiet();
      const called = service.calls.length;
      const moved = workflows.write("POST", "/api/v1/clock", { advance: "PT2H" });
      await until(() => service.calls.length > called, "the first that goes on", LIMIT_MS);
      const during = await told(() => service.calls.length >= CALLS.length * RUNS * round);
      await moved;
      await running.assertDone(RUNS * round);
      // What changes with time, as logs grow and the machine has other work, is not the runs'.
      rounds.push({ before, during, after: await quiet() });
    }
    const of = (when, what) => median(rounds.map((round) => round[when][what]));
    const figures = (when) => `${of(when, "rate").toFixed(0)} webhooks/s, p95 ${of(when, "p95").toFixed(1)} ms`;
    const mean = (round, of) => (of(round.before) + of(round.after)) / 2;
    const each = median(rounds.map((round) => mean(round, ({ cpu, count }) => cpu / count)));
    const ofRuns = (during) => during.cpu - each * during.count;
    context.diagnostic(`before runs: ${figures("before")}; after them: ${figures("after")}; workerd works ${each.toFixed(2)} ms for each`);
    context.diagnostic(`during ${RUNS} runs, which take ${of("during", "millis").toFixed(0)} ms: ${figures("during")}`);
    context.diagnostic(`workerd works ${median(rounds.map(({ during }) => ofRuns(during) / RUNS)).toFixed(2)} ms for each run, ${(100 * median(rounds.map(({ during }) => ofRuns(during) / during.millis))).toFixed(0)} % of the time`);
    context.diagnostic(`ingest during runs: ${(100 * median(rounds.map((round) => round.during.rate / mean(round, ({ rate }) => rate)))).toFixed(0)} % of that without`);
  } finally {
    await running.stop();
  }
});

test("webhooks that come three times, and alarms that go off more often than they were set, start and make nothing twice", async () => {
  const running = await startRunning();
  try {
    const { post, service, workflows } = running;
    const expected = PULLS * INSTANCES.length;
    const move = (advance) => workflows.write("POST", "/api/v1/clock", { advance });
    /** Has what is due and what is due soon woken, over and over. */
    const again = async (isOver) => {
      while (!isOver()) await move("PT1S");
    };
    const ids = times(PULLS, () => randomUUID());
    const bodies = ids.map((id) => webhook(id, STARTS));
    let isPosted = false;
    const moved = again(() => isPosted && service.calls.length >= expected);
    await Promise.all(times(3, () => post(bodies)));
    isPosted = true;
    await moved;
    await running.rested(expected, ids);
    await Promise.all(times(3, () => move("PT2H")));
    await Promise.all([post(bodies), again(() => service.calls.length >= CALLS.length * expected)]);
    await running.assertDone(expected);
  } finally {
    await running.stop();
  }
});
