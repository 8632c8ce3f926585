// Endpoints that fail, hang, are gone or lead elsewhere, on the real Worker with its clock moved: nothing is lost, nothing is out of
// order, and nobody inside is reached.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startDelivering } from "../delivering-edge.mjs";
import { until } from "../edge-client.mjs";
import { accepts, assertSound, FAILING, firstly, hangs, hangsUp, redirects, startInside, status, TAKEN } from "../hooks.mjs";

const { PULLS } = { PULLS: 50, ...JSON.parse(process.env.EDGE_SOAK ?? "{}") };
const DAY_MS = 86_400_000;

let world, hooks, office, subscriptions, idsOf;
before(async () => {
  world = await startDelivering();
  ({ hooks, office, subscriptions, idsOf } = world);
});
after(() => world?.stop());

const allTaken = (endpoint, ids) => {
  const taken = new Set(endpoint.taken());
  return ids.every((id) => taken.has(id));
};
const broken = status(500, {}, "broken");
/** Answers the attempts at each delivery one after the other, and then takes it. */
const inTurn = (...ways) => (response, delivery) => (ways[delivery.attempt - 1] ?? accepts)(response, delivery);
const onlyAt = (isMeant, way) => (response, delivery) => (isMeant(delivery) ? way : accepts)(response, delivery);

test("the waits between attempts double, and are never shorter than what is asked for", async () => {
  const asked = { seconds: { "retry-after": "3600" }, date: { "retry-after": new Date(Date.now() + 7_200_000).toUTCString() }, long: { "retry-after": "99999999" }, none: {}, nonsense: { "retry-after": "soon" } };
  const expected = { seconds: [3_600_000, 3_601_000], date: [7_190_000, 7_201_000], long: [DAY_MS, DAY_MS + 1_000], none: [2_500, 6_000], nonsense: [2_500, 6_000] };
  const ids = {};
  for (const [what, headers] of Object.entries(asked)) ids[what] = await subscriptions.of(hooks.endpoint(status(429, headers)), { types: ["NOTE_TAKEN"] });
  const pull_id = await world.pull();
  for (const [what, id] of Object.entries(ids)) {
    const [{ next_at, attempts }] = await until(async () => {
      const all = await subscriptions.deliveries(id, { pull_id });
      return all[0]?.attempts[0]?.reason === "RATE_LIMITED" && all;
    }, `the attempt of ${what}`);
    const wait = Date.parse(next_at) - Date.parse(attempts[0].at) - attempts[0].duration_ms;
    const [least, most] = expected[what];
    assert.ok(wait >= least - 1 && wait <= most, `${what}: ${wait} ms`);
    await subscriptions.remove(id);
  }
  const endpoint = hooks.endpoint(broken);
  const id = await subscriptions.of(endpoint, { types: ["NOTE_TAKEN"] });
  await world.event(pull_id, "more");
  await world.passing("PT10S", () => endpoint.deliveries.length >= 5, "five attempts");
  const [{ attempts }] = await until(async () => {
    const all = await subscriptions.deliveries(id);
    return all[0].attempts.length >= 5 && all;
  }, "five attempts written down");
  for (let at = 1; at < 4; at += 1) {
    const wait = Date.parse(attempts[at].at) - Date.parse(attempts[at - 1].at);
    assert.ok(wait >= 2_500 * 2 ** (at - 1), `${wait} ms before attempt ${at + 1}`);
  }
  assert.deepEqual(attempts.map((it) => [it.status, it.reason, it.answer]), attempts.map(() => [500, "SERVER_ERROR", "broken"]));
  await subscriptions.remove(id);
});

test(`${PULLS} pulls to endpoints that misbehave in every way: each event arrives, once by its id, in order, and nothing inside is reached`, async () => {
  const inside = await startInside();
  const failing = Object.fromEntries(Object.entries(FAILING).map(([what, [way]], at) => [what, onlyAt((it) => it.position % 2 === at % 2, inTurn(way))]));
  const endpoints = {
    ...failing,
    "takes all": accepts,
    "every fault after the other": inTurn(broken, hangsUp, redirects(inside.url, 307), status(429, { "retry-after": "30" })),
    "leads inside": inTurn(...[301, 302, 303, 307, 308].map((code) => redirects(inside.url, code))),
    "hangs at times": onlyAt((it) => it.position === 2, firstly(3, hangs)),
    "down for hours": broken,
    "gone for a while": firstly(30, accepts, status(410)),
    "says more than is read": onlyAt((it) => it.position % 2 === 0, TAKEN["a body without end"]),
    "is cut short": TAKEN["a body cut short"],
  };
  const made = {};
  for (const [what, way] of Object.entries(endpoints)) {
    const endpoint = hooks.endpoint(way);
    made[what] = { endpoint, id: await subscriptions.of(endpoint) };
  }
  const pulls = [];
  for (let begun = 0; begun < PULLS; begun += 10) pulls.push(...(await Promise.all(Array.from({ length: Math.min(10, PULLS - begun) }, () => world.pull()))));
  const ids = (await Promise.all(pulls.map((id) => idsOf(id)))).flat();
  assert.ok(ids.length >= 6 * PULLS);

  const { "gone for a while": gone, "down for hours": down, ...others } = made;
  await until(async () => (await subscriptions.read(gone.id)).state === "disabled", "the one that is gone switched off");
  assert.match((await subscriptions.read(gone.id)).notice, /410/);
  for (const [what, { endpoint }] of Object.entries(others)) await world.passing("PT30S", () => allTaken(endpoint, ids), `every event at the one that ${what}`, 200_000);
  await world.move({ advance: "PT6H" });
  assert.deepEqual(down.endpoint.taken(), []);
  for (const { endpoint } of [down, gone]) endpoint.answer(accepts);
  await subscriptions.change(gone.id, { enabled: true });
  for (const [what, { endpoint }] of Object.entries({ down, gone })) await world.passing("PT1H", () => allTaken(endpoint, ids), `every event at the one that was ${what}`, 200_000);

  for (const [what, { endpoint, id }] of Object.entries(made)) {
    assertSound(endpoint);
    assert.deepEqual([...new Set(endpoint.deliveries.map((it) => it.id))].toSorted(), ids.toSorted(), what);
    const states = (await subscriptions.settled(id)).map((it) => it.webhook_id);
    assert.deepEqual(states.toSorted(), ids.toSorted(), `what is shown of the one that ${what}`);
    const { state, failing_since } = await subscriptions.read(id);
    assert.deepEqual([state, failing_since], ["active", null], what);
  }
  assert.deepEqual(inside.visits, [], "nobody came inside");
  for (const { id } of Object.values(made)) await subscriptions.remove(id);
  await inside.stop();
});

test("after a day it is a dead letter and a task, what comes after goes on, and it can be sent again", async () => {
  const endpoint = hooks.endpoint(onlyAt((it) => it.position === 2, broken));
  const id = await subscriptions.of(endpoint);
  const [pull_id, other] = [await world.pull(), await world.pull()];
  const ids = [...(await idsOf(pull_id)), ...(await idsOf(other))];
  const rest = ids.filter((it) => !it.endsWith("_2"));
  await endpoint.until(() => endpoint.of(pull_id).length > 1, "the attempt");
  await world.move({ advance: "PT20H" });
  await world.passing("PT10M", () => endpoint.of(pull_id).filter((it) => it.position === 2).length > 3, "more attempts");
  assert.equal(endpoint.of(pull_id).some((it) => it.position > 2), false, "nothing before what comes before it was taken");
  assert.deepEqual(await subscriptions.deliveries(id, { state: "dead" }), []);
  await world.passing("PT1H", () => allTaken(endpoint, rest), "what comes after");
  const dead = await subscriptions.deliveries(id, { state: "dead" });
  assert.deepEqual(dead.map((it) => [it.webhook_id, it.next_at]).toSorted(), [pull_id, other].map((of) => [`${of}_2`, null]).toSorted());
  for (const { attempts } of dead) assert.ok(attempts.length > 3 && attempts.length <= 10, `${attempts.length} attempts`);
  const [first, last] = [endpoint.of(pull_id).find((it) => it.position === 2), dead.find((it) => it.pull_id === pull_id).attempts.at(-1)];
  assert.equal(first.attempt, 1);
  assert.deepEqual([last.status, last.reason, last.answer], [500, "SERVER_ERROR", "broken"]);
  assert.equal((await subscriptions.read(id)).state, "active", "it takes the others");

  const tasksOf = async (of) => (await office.read(`/api/v1/tasks?kind=DELIVERY&pull_id=${of}`)).tasks;
  const [task] = await until(async () => { const tasks = await tasksOf(pull_id); return tasks.length > 0 && tasks; }, "the task");
  const { since, what_to_do, task_id, ...shown } = task;
  assert.deepEqual(shown, { kind: "DELIVERY", pull_id, monitoring_id: null, servicing_action_id: null, subscription_id: id, link: { method: "POST", path: `/api/v1/subscriptions/${id}/replay` } });
  assert.ok(what_to_do.length > 40 && task_id.includes(id) && Date.parse(since) > 0);

  endpoint.answer(accepts);
  assert.deepEqual(await subscriptions.replay(id, { pull_id, state: "dead" }), { deliveries: 1 });
  await endpoint.until(() => endpoint.taken().includes(`${pull_id}_2`), "the dead letter");
  await until(async () => (await tasksOf(pull_id)).length === 0, "the task closed");
  assert.equal((await tasksOf(other)).length, 1);
  assert.deepEqual((await subscriptions.deliveries(id, { state: "dead" })).map((it) => it.webhook_id), [`${other}_2`]);
  // Of all pulls.
  await subscriptions.replay(id, { state: "dead" });
  await endpoint.until(() => endpoint.taken().includes(`${other}_2`), "the other dead letter");
  await until(async () => (await tasksOf(other)).length === 0, "the task closed");
  await subscriptions.settled(id);
  assert.equal(endpoint.deliveries.filter((it) => it.status === 204).length, ids.length, "each was taken once");
  assertSound(endpoint, { replayed: true });

  // What is taken away is nobody's task.
  endpoint.answer(broken);
  const lastOne = await world.pull();
  await endpoint.until(() => endpoint.of(lastOne).length > 0, "the attempt");
  await world.passing("PT4H", async () => (await tasksOf(lastOne)).length === 1, "the task");
  await subscriptions.remove(id);
  await until(async () => (await tasksOf(lastOne)).length === 0, "the task closed");
});

test("an endpoint that takes nothing for two days is paused with a notice, and goes on where it stood, dead letters first", async () => {
  const [endpoint, witness] = [hooks.endpoint(broken), hooks.endpoint()];
  const [id, other] = [await subscriptions.of(endpoint), await subscriptions.of(witness)];
  const pulls = [await world.pull(), await world.pull()];
  await endpoint.until(() => pulls.every((of) => endpoint.of(of).length > 0), "the first attempts");
  await until(async () => (await subscriptions.read(id)).failing_since, "since when it fails");
  const { failing_since } = await subscriptions.read(id);
  const paused = await world.passing("PT2H", async () => { const it = await subscriptions.read(id); return it.state === "paused" && it; }, "the pause");
  assert.deepEqual([paused.enabled, paused.failing_since], [true, failing_since]);
  assert.ok(paused.notice.includes(failing_since) && paused.notice.includes("enabled"), paused.notice);
  const waited = Date.parse((await office.read("/api/v1/clock")).now) - Date.parse(failing_since);
  assert.ok(waited >= 2 * DAY_MS && waited < 3 * DAY_MS, `${waited} ms`);
  const dead = await subscriptions.deliveries(id, { state: "dead" });
  assert.ok(dead.length > 0);

  const { length } = endpoint.deliveries;
  const born = await world.pull();
  await world.move({ advance: "P5D" });
  await world.event(pulls[0], "while it is paused");
  const expected = (await Promise.all([...pulls, born].map((of) => idsOf(of)))).flat();
  await witness.until(() => allTaken(witness, expected), "all of it at the other");
  assert.equal(endpoint.deliveries.length, length, "nothing is tried");
  assert.deepEqual((await subscriptions.deliveries(id, { state: "dead" })).length, dead.length, "nothing is given up");

  endpoint.answer(accepts);
  const active = await subscriptions.change(id, { enabled: true });
  assert.deepEqual([active.state, active.notice, active.failing_since], ["active", null, null]);
  await world.passing("PT10S", () => allTaken(endpoint, expected), "all of it");
  for (const of of [...pulls, born]) assert.deepEqual(endpoint.taken(of), await idsOf(of), "dead letters first, then what waited");
  await subscriptions.settled(id);
  await until(async () => (await office.read("/api/v1/tasks?kind=DELIVERY")).tasks.every((task) => task.subscription_id !== id), "the tasks closed");
  assertSound(endpoint, { replayed: true });
  assertSound(witness);
  for (const one of [id, other]) await subscriptions.remove(one);
});

test("410 switches it off with a notice, and it goes on where it stood once it is wanted again", async () => {
  const endpoint = hooks.endpoint(firstly(2, accepts, status(410, {}, "gone")));
  const id = await subscriptions.of(endpoint);
  const pull_id = await world.pull();
  const off = await until(async () => { const it = await subscriptions.read(id); return !it.enabled && it; }, "switched off");
  assert.equal(off.state, "disabled");
  assert.match(off.notice, /410/);
  const { length } = endpoint.deliveries;
  await world.event(pull_id, "while it is off");
  await world.move({ advance: "P3D" });
  assert.equal(endpoint.deliveries.length, length);
  assert.deepEqual((await office.read(`/api/v1/tasks?kind=DELIVERY&pull_id=${pull_id}`)).tasks, []);
  endpoint.answer(accepts);
  assert.deepEqual((({ state, notice }) => [state, notice])(await subscriptions.change(id, { enabled: true })), ["active", null]);
  await world.passing("PT10S", () => endpoint.taken().length === 7, "all of it");
  assert.deepEqual(endpoint.taken(), await idsOf(pull_id));
  assertSound(endpoint);
  await subscriptions.remove(id);
});
