// What is sent to the agency's systems, on the real Worker: every entry, in each form, from where it was asked, and again.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, test } from "node:test";
import { contract } from "../contract.mjs";
import { isAtRest, startDelivering, typeOf } from "../delivering-edge.mjs";
import { assertProblem, authStatus, backOfficeOf, loginOf, openPage, until, webhook } from "../edge-client.mjs";
import { startBoth } from "../harness.mjs";
import { accepts, assertSound, hangs, startHooks, status } from "../hooks.mjs";
import { subscriptionsOf, TOKENS } from "../subscriptions-client.mjs";
import { WHOLE } from "../tapped-edge.mjs";

const [personal] = Object.values(contract.paths["/teams/{teamId}/pulls/{pullId}"].get.responses["200"].content["application/json"].examples);

let world, hooks, edge, office, subscriptions, tell, idsOf;
before(async () => {
  world = await startDelivering();
  world.policies.set(null, personal.value.pull.policies);
  ({ hooks, edge, office, subscriptions, tell, idsOf } = world);
});
after(() => world?.stop());

/** Waits until exactly these were taken. */
const taken = (endpoint, ids, what = "every entry") => endpoint.until(() => endpoint.taken().length >= ids.length && assert.deepEqual(endpoint.taken().toSorted(), ids.toSorted()) === undefined, what);
const remove = async (...ids) => {
  for (const id of ids) await subscriptions.remove(id);
};

test("every entry of a log is sent once it is there, in order, as the log shows it", async () => {
  const endpoint = hooks.endpoint();
  const id = await subscriptions.of(endpoint);
  const pull_id = await world.pull(undefined, { meta_data: { lead: "L-1" } });
  const entries = await office.events(pull_id);
  assert.deepEqual(entries.map(typeOf), ["AUTH_STATUS", "AUTH_STATUS", "AUTH_STATUS", "NOTE_TAKEN", "COMPLETE", "EDGE_SNAPSHOT_FETCHED"]);
  await taken(endpoint, await idsOf(pull_id));
  assertSound(endpoint);
  for (const [at, { body, headers, position }] of endpoint.deliveries.entries()) {
    const { type, timestamp, data: { entry, pull, link, ...more }, ...rest } = body;
    assert.deepEqual([rest, more, position], [{}, {}, entries[at].position]);
    assert.deepEqual([type, timestamp, entry], [typeOf(entries[at]), entries[at].effective_at, entries[at]]);
    assert.equal(link, `${edge.url}/api/v1/pulls/${pull_id}`);
    assert.ok(pull.pull_id === pull_id && pull.revision >= position, `revision ${pull.revision} at ${position}`);
    assert.ok(Math.abs(Number(headers["webhook-timestamp"]) - Date.now() / 1_000) < 60, "by the machine's clock");
  }
  assert.equal(endpoint.deliveries[2].body.data.entry.outcome, "stale");
  assert.deepEqual(endpoint.deliveries.at(-1).body.data.pull, { ...(await office.pull(pull_id)), outbox: endpoint.deliveries.at(-1).body.data.pull.outbox });
  const sent = await subscriptions.settled(id);
  assert.deepEqual(sent.map((it) => [it.webhook_id, it.pull_id, it.position, it.type, it.next_at]), entries.toReversed().map((it) => [`${pull_id}_${it.position}`, pull_id, it.position, typeOf(it), null]));
  for (const { attempts } of sent) {
    const [{ at, duration_ms, ...one }, ...others] = attempts;
    assert.deepEqual([one, others], [{ status: 204, reason: null, answer: "" }, []]);
    assert.ok(Date.parse(at) > 0 && duration_ms >= 0);
  }
  await remove(id);
});

test("a subscription gets its types alone, each by its name", async () => {
  const [some, other] = [hooks.endpoint(), hooks.endpoint()];
  const ids = [await subscriptions.of(some, { types: ["COMPLETE", "EDGE_SNAPSHOT_FETCHED", "EDGE_EVENT_SCHEDULED", "EDGE_EVENT_CANCELLED"] }), await subscriptions.of(other, { types: ["CALL_BACK"] })];
  const pull_id = await world.pull();
  const at = (ms) => new Date(Date.now() + ms).toISOString();
  const schedule = async (key, effective_at) => {
    const response = await office.call(`/api/v1/pulls/${pull_id}/schedule`, { method: "POST", body: JSON.stringify({ event_type: "CALL_BACK", key, effective_at }) });
    assert.equal(response.status, 201);
    return (await response.json()).schedule_id;
  };
  await schedule("soon", at(1_500));
  const later = await schedule("later", at(86_400_000));
  assert.equal((await office.call(`/api/v1/pulls/${pull_id}/schedule/${later}`, { method: "DELETE" })).status, 200);
  await taken(some, await idsOf(pull_id, (it) => ["COMPLETE", "EDGE_SNAPSHOT_FETCHED", "EDGE_EVENT_SCHEDULED", "EDGE_EVENT_CANCELLED"].includes(typeOf(it))));
  await other.until(() => other.taken().length === 1, "what fired");
  assert.deepEqual(other.taken(), await idsOf(pull_id, (it) => it.kind === "fired"));
  assert.equal(other.deliveries[0].body.type, "CALL_BACK");
  for (const endpoint of [some, other]) assertSound(endpoint);
  await remove(...ids);
});

test("the agency's model goes along, or everything as one object without depth", async () => {
  const [whole, flat] = [hooks.endpoint(), hooks.endpoint()];
  const ids = [await subscriptions.of(whole, { form: "intake" }), await subscriptions.of(flat, { form: "flat" })];
  const pull_id = await world.pull(undefined, { meta_data: { lead: "L-1", nested: { a: 1 } } });
  const expected = await idsOf(pull_id);
  for (const endpoint of [whole, flat]) await taken(endpoint, expected);
  const intake = await office.read(`/api/v1/pulls/${pull_id}/intake`);
  const [first, last] = [whole.deliveries[0].body.data, whole.deliveries.at(-1).body.data];
  assert.deepEqual([first.intake, Object.keys(last).toSorted()], [null, ["entry", "intake", "link", "pull"]]);
  assert.deepEqual(last.intake.policies, intake.policies);
  assert.ok(last.intake.policies.length > 0);

  const entries = await office.events(pull_id);
  for (const [at, { body, position }] of flat.deliveries.entries()) {
    const deep = Object.entries(body).filter(([, value]) => value !== null && typeof value === "object");
    assert.deepEqual(deep, [], "no depth");
    const entry = entries[at];
    const { id, type, timestamp, kind, outcome, link } = body;
    assert.deepEqual([id, type, timestamp, body.pull_id, body.position, kind, outcome, link], [`${pull_id}_${position}`, typeOf(entry), entry.effective_at, pull_id, position, entry.kind, entry.outcome, `${edge.url}/api/v1/pulls/${pull_id}`]);
    assert.equal(body.metadata_lead, "L-1");
    assert.equal(body.data_text, entry.kind === "own" ? "hello" : undefined);
  }
  const end = flat.deliveries.at(-1).body;
  assert.deepEqual([end.status, end.complete], ["SUCCESS", true]);
  const shown = await office.read(`/api/v1/pulls/${pull_id}/intake?form=flat`);
  for (const [name, value] of Object.entries(shown)) if (!name.startsWith("days_") && !name.endsWith("_days_to_expiry")) assert.deepEqual(end[`intake_${name}`], value, name);
  for (const endpoint of [whole, flat]) assertSound(endpoint);
  await remove(...ids);
});

test("it begins now, or with all that the logs have", async () => {
  const [old, other] = [await world.pull(), await world.pull()];
  const [now, beginning] = [hooks.endpoint(), hooks.endpoint()];
  const ids = [await subscriptions.of(now), await subscriptions.of(beginning, { from: "beginning", types: ["COMPLETE", "LATER"] })];
  const all = (await office.read("/api/v1/pulls?limit=100")).pulls.map((pull) => pull.pull_id);
  assert.ok(all.includes(old) && all.includes(other));
  await world.event(old, "later", "LATER");
  await taken(now, [(await idsOf(old)).at(-1)]);
  const expected = (await Promise.all(all.map((id) => idsOf(id, (it) => ["COMPLETE", "LATER"].includes(typeOf(it)))))).flat();
  await taken(beginning, expected);
  for (const endpoint of [now, beginning]) assertSound(endpoint);
  await remove(...ids);
});

test("while it is switched off nothing is sent, and then all of it", async () => {
  const [endpoint, witness] = [hooks.endpoint(), hooks.endpoint()];
  const id = await subscriptions.of(endpoint);
  const other = await subscriptions.of(witness);
  const pull_id = await world.pull();
  const before = await idsOf(pull_id);
  await taken(endpoint, before);
  await subscriptions.change(id, { enabled: false });
  const born = await world.pull();
  await world.event(pull_id, "off");
  const expected = [...(await idsOf(pull_id)), ...(await idsOf(born))];
  await taken(witness, expected);
  assert.equal(endpoint.deliveries.length, before.length);
  await subscriptions.change(id, { enabled: true });
  await taken(endpoint, expected);
  for (const one of [endpoint, witness]) assertSound(one);
  await remove(id, other);
});

test("what came a moment before it was switched on, or begun with, is sent without another event", async () => {
  const [switched, begun] = [hooks.endpoint(), hooks.endpoint()];
  const id = await subscriptions.of(switched, { enabled: false, types: ["AUTH_STATUS"] });
  const expected = [];
  for (const _ of [1, 2, 3]) {
    await subscriptions.change(id, { enabled: false });
    const pull_id = randomUUID();
    await tell(authStatus(pull_id, "QUEUED", 1), authStatus(pull_id, "PROCESSING", 2));
    await subscriptions.change(id, { enabled: true });
    expected.push(...(await idsOf(pull_id)));
    await taken(switched, expected);
  }
  const pull_id = randomUUID();
  await tell(authStatus(pull_id, "QUEUED", 1));
  const other = await subscriptions.of(begun, { from: "beginning", types: ["AUTH_STATUS"] });
  await begun.until(() => begun.taken().includes(`${pull_id}_1`), "what it begins with");
  for (const endpoint of [switched, begun]) assertSound(endpoint);
  await remove(id, other);
});

test("another address, form or choice of types holds from the next attempt on", async () => {
  const [before, after] = [hooks.endpoint(status(500)), hooks.endpoint()];
  const id = await subscriptions.of(before, { types: ["NOTE_TAKEN"] });
  const pull_id = await world.pull();
  await before.until(() => before.deliveries.length > 0, "the attempt");
  const { secret } = await subscriptions.change(id, { url: after.url, form: "flat", types: ["NOTE_TAKEN", "LATER"], secret: "rotate" });
  after.knows(secret);
  await world.event(pull_id, "later", "LATER");
  await world.passing("PT10S", () => after.taken().length === 2, "both at the other address");
  assert.deepEqual(after.taken(), await idsOf(pull_id, (it) => it.kind === "own"));
  assert.equal(after.deliveries[0].body.pull_id, pull_id, "the form");
  assertSound(after);
  await remove(id);
});

test("of a subscription that is taken away nothing more is sent, not even what waits", async () => {
  const [endpoint, witness] = [hooks.endpoint(status(503)), hooks.endpoint()];
  const [id, other] = [await subscriptions.of(endpoint), await subscriptions.of(witness)];
  const pull_id = await world.pull();
  await endpoint.until(() => endpoint.deliveries.length > 0, "the attempt");
  await subscriptions.remove(id);
  const { length } = endpoint.deliveries;
  endpoint.answer(accepts);
  await world.event(pull_id, "after");
  await taken(witness, await idsOf(pull_id));
  await world.move({ advance: "P2D" });
  await world.event(pull_id, "long after");
  await taken(witness, await idsOf(pull_id));
  assert.ok(endpoint.deliveries.length <= length + 1, "but for one that was on its way");
  assert.deepEqual(endpoint.taken(), []);
  assert.deepEqual((await office.read(`/api/v1/tasks?pull_id=${pull_id}&kind=DELIVERY`)).tasks, []);
  await remove(other);
});

test("deliveries are shown page by page, of a pull, of a state", async () => {
  const isBad = ({ position }) => position === 4;
  const endpoint = hooks.endpoint((response, delivery) => (isBad(delivery) ? status(503, {}, "down for maintenance") : accepts)(response, delivery));
  const id = await subscriptions.of(endpoint);
  const pulls = [];
  for (let number = 0; number < 3; number += 1) {
    pulls.push(await world.pull());
    await endpoint.until(() => endpoint.of(pulls[number]).some(isBad), "the one that is not taken");
  }
  const read = (query) => office.read(`/api/v1/subscriptions/${id}/deliveries?${query}`);
  const whole = await until(async () => {
    const all = await subscriptions.deliveries(id);
    return all.filter((it) => it.state === "waiting" && it.attempts.length > 0).length >= 3 && all.filter((it) => it.state === "delivered").length === 9 && all;
  }, "nine delivered, three that wait");
  for (const pull_id of pulls) {
    const [waiting, ...delivered] = whole.filter((it) => it.pull_id === pull_id && it.position <= 4);
    assert.deepEqual([waiting.position, waiting.state, delivered.map((it) => [it.position, it.state])], [4, "waiting", [[3, "delivered"], [2, "delivered"], [1, "delivered"]]]);
    const { at, duration_ms, ...attempt } = waiting.attempts[0];
    assert.deepEqual(attempt, { status: 503, reason: "SERVER_ERROR", answer: "down for maintenance" });
    assert.ok(waiting.next_at > at);
    const positions = (await subscriptions.deliveries(id, { pull_id })).map((it) => it.position);
    assert.deepEqual(positions, positions.toSorted((a, b) => b - a));
    assert.deepEqual((await subscriptions.deliveries(id, { pull_id: pull_id.toUpperCase(), state: "delivered" })).map((it) => it.position), [3, 2, 1]);
  }
  const delivered = await subscriptions.deliveries(id, { state: "delivered" });
  assert.deepEqual([delivered.length, delivered.every((it) => it.state === "delivered")], [9, true]);
  for (const limit of [1, 2, 5, 100]) {
    const found = [];
    for (let cursor = ""; cursor !== null; ) {
      const page = await read(`state=delivered&limit=${limit}&cursor=${encodeURIComponent(cursor)}`);
      assert.ok(page.deliveries.length === limit || page.cursor === null, `a page of ${page.deliveries.length}`);
      found.push(...page.deliveries);
      cursor = page.cursor;
    }
    assert.deepEqual(found.map((it) => it.webhook_id).toSorted(), delivered.map((it) => it.webhook_id).toSorted(), `by ${limit}`);
  }
  await assertProblem(await subscriptions.call("GET", `/${id}/deliveries?pull_id=${randomUUID()}`), 404, "NOT_FOUND");
  for (const wrong of ["limit=0", "limit=101", "cursor=x", "state=lost", "pull_id=a.b", "type=COMPLETE"]) await assertProblem(await subscriptions.call("GET", `/${id}/deliveries?${wrong}`), 400, "INPUT_INVALID");
  await remove(id);
});

test("a range is sent again, by position, time, type, of one pull or of all", async () => {
  const endpoint = hooks.endpoint();
  const id = await subscriptions.of(endpoint);
  const [pull_id, other] = [await world.pull(), await world.pull()];
  const entries = await office.events(pull_id);
  const [ids, others] = [await idsOf(pull_id), await idsOf(other)];
  await taken(endpoint, [...ids, ...others]);
  await subscriptions.settled(id);
  const again = async (json, expected) => {
    const { length } = endpoint.deliveries;
    const answer = await subscriptions.replay(id, json);
    await endpoint.until(() => endpoint.deliveries.length >= length + expected.length, `what ${JSON.stringify(json)} asks for`);
    await subscriptions.settled(id);
    const came = endpoint.deliveries.slice(length).map((it) => it.id);
    assert.deepEqual(came.toSorted(), expected.toSorted(), JSON.stringify(json));
    for (const of of [pull_id, other]) assert.deepEqual(came.filter((it) => it.startsWith(of)), expected.filter((it) => it.startsWith(of)), "in order");
    return answer;
  };
  assert.deepEqual(await again({ pull_id, from: 2, to: 4 }, ids.slice(1, 4)), { deliveries: 3 });
  assert.deepEqual(await again({ pull_id: pull_id.toUpperCase(), from: 5 }, ids.slice(4)), { deliveries: 2 });
  assert.deepEqual(await again({ pull_id, to: 1 }, ids.slice(0, 1)), { deliveries: 1 });
  assert.deepEqual(await again({ pull_id }, ids), { deliveries: 6 });
  assert.deepEqual(await again({ pull_id, types: ["COMPLETE", "NOTE_TAKEN"] }, ids.slice(3, 5)), { deliveries: 2 });
  assert.deepEqual(await again({ pull_id, types: ["NO_SUCH"] }, []), { deliveries: 0 });
  assert.deepEqual(await again({ pull_id, state: "dead" }, []), { deliveries: 0 });
  const { recorded_at } = entries[3];
  const since = entries.filter((it) => it.recorded_at >= recorded_at).map((it) => `${pull_id}_${it.position}`);
  await again({ pull_id, from: recorded_at }, since);
  await again({ pull_id, from: 4, to: "2100-01-01T00:00:00Z" }, ids.slice(3));
  const began = entries[0].recorded_at;
  await again({ from: began, types: ["COMPLETE"] }, [ids[4], others[4]]);
  await again({ from: began, to: "2100-01-01T00:00:00Z" }, [...ids, ...others]);
  assertSound(endpoint, { replayed: true });

  const { length } = endpoint.deliveries;
  for (const [member, json] of [["from", { from: 3 }], ["to", { to: 3 }], ["pull_id", { pull_id: "a.b" }], ["from", { pull_id, from: "soon" }], ["from", { pull_id, from: 0.5 }], ["types", { types: [] }], ["state", { state: "delivered" }]]) {
    const { detail } = await assertProblem(await subscriptions.call("POST", `/${id}/replay`, json), 400, "INPUT_INVALID");
    assert.ok(detail.startsWith(`${member}: expected `), detail);
  }
  await assertProblem(await subscriptions.call("POST", `/${id}/replay`, { pull_id, all: true }), 400, "INPUT_INVALID");
  await assertProblem(await subscriptions.call("POST", `/${id}/replay`, { pull_id: randomUUID() }), 404, "NOT_FOUND");
  // Before it began, too, whoever asks for it.
  const earlier = await subscriptions.of(hooks.endpoint());
  assert.deepEqual(await subscriptions.replay(earlier, { pull_id, from: 1, to: 2 }), { deliveries: 2 });
  await subscriptions.settled(earlier);
  assert.equal(endpoint.deliveries.length, length);
  await remove(id, earlier);
});

test("a range of before it began is sent, and nothing between that and its beginning", async () => {
  const pull_id = await world.pull();
  const ids = await idsOf(pull_id);
  const endpoint = hooks.endpoint();
  const id = await subscriptions.of(endpoint);
  assert.deepEqual(await subscriptions.replay(id, { pull_id, from: 2, to: 3 }), { deliveries: 2 });
  await taken(endpoint, ids.slice(1, 3));
  await subscriptions.settled(id);
  const added = await office.call(`/api/v1/pulls/${pull_id}/events`, { method: "POST", body: JSON.stringify({ event_type: "QUOTE_SENT", key: "after" }) });
  const { position } = await added.json();
  await taken(endpoint, [...ids.slice(1, 3), `${pull_id}_${position}`]);
  assert.deepEqual(endpoint.of(pull_id).map((it) => it.position), [2, 3, position]);
});

test("a webhook of almost a megabyte goes whole, and a model beyond one is left to the link", async () => {
  const endpoint = hooks.endpoint();
  const id = await subscriptions.of(endpoint, { form: "intake", types: ["ERROR", "EDGE_SNAPSHOT_FETCHED"] });
  const pull_id = randomUUID();
  world.policies.set(pull_id, Array.from({ length: 1_500 }, (_, number) => ({ policy_id: `p-${number}`, policy_type: "AUTO", status: "ACTIVE" })));
  const text = "é".repeat(500_000);
  await tell(webhook(pull_id, "ERROR", { data: { text } }));
  await world.pull(pull_id);
  assert.ok((await (await office.call(`/api/v1/pulls/${pull_id}/intake`)).text()).length > 1024 * 1024);
  await taken(endpoint, await idsOf(pull_id, (it) => ["ERROR", "EDGE_SNAPSHOT_FETCHED"].includes(typeOf(it))));
  const [large, fetched] = endpoint.deliveries.map((it) => it.body.data);
  assert.equal(large.entry.body.data.text, text);
  assert.deepEqual([fetched.intake, fetched.link], [null, `${edge.url}/api/v1/pulls/${pull_id}`]);
  for (const { raw } of endpoint.deliveries) assert.ok(raw.length <= 2 * 1024 * 1024);
  assertSound(endpoint);
  await remove(id);
});

test("an endpoint that hangs holds up neither the pull's own work nor the other subscriptions", async () => {
  const sinks = await startHooks();
  const both = await startBoth({ edgeEnv: TOKENS });
  try {
    const [own, subs] = [backOfficeOf(both.edge, WHOLE), subscriptionsOf(both.edge)];
    const [stuck, good] = [sinks.endpoint(hangs), sinks.endpoint()];
    await subs.of(stuck);
    const id = await subs.of(good);
    const page = await openPage(both.edge);
    const { pull_id } = await page.ask("connect", await loginOf(both.sandbox, "user_good_complete"));
    const pull = await own.seen(pull_id, (it) => it.complete && isAtRest(it) && it.documents.length > 0 && it.documents.every((one) => one.state === "stored"), "the pull with its documents");
    await until(async () => (await own.read(`/api/v1/pulls/${pull_id}?read=copy`)).documents.length === pull.documents.length, "the copy");
    const ids = (await own.events(pull_id)).map((it) => `${pull_id}_${it.position}`);
    await good.until(() => good.taken().length === ids.length, "every entry at the other");
    assert.deepEqual(good.taken(), ids);
    assert.deepEqual(stuck.deliveries.map((it) => [it.id, it.attempt]), [[ids[0], 1]], "the one that hangs is still at its first");
    stuck.answer(accepts);
    await stuck.until(() => stuck.taken().length === ids.length, "every entry", 40_000);
    for (const endpoint of [stuck, good]) assertSound(endpoint);
    const [first] = (await subs.deliveries((await subs.all()).find((it) => it.subscription_id !== id).subscription_id)).toReversed();
    assert.deepEqual([first.attempts[0].status, first.attempts[0].reason, first.attempts[0].answer], [null, "TIMED_OUT", null]);
    assert.ok(first.attempts[0].duration_ms >= 14_000);
  } finally {
    await both.stop();
    await sinks.stop();
  }
});
