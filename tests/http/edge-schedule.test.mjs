// Everything is an event: the back office's own, what is scheduled, what comes by itself, on the real Worker with its clock moved.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, test } from "node:test";
import { assertProblem, authStatus, backOfficeOf, isSettled, openPage, postWebhook, until, webhook } from "../edge-client.mjs";
import { LOCAL, freePort, startEdge, temporaryDirectory } from "../harness.mjs";
import { pullOf, startStandIn } from "../stand-in.mjs";

const DAY = 24 * 60 * 60 * 1_000;
const TOKENS = `demo:${LOCAL.apiToken},clock:clock-token:admin+read,reader:reader-token:read`;

let canopy, edge, office, clock;
/** What Canopy says of each pull's policies. */
const policies = new Map();

before(async () => {
  canopy = await startStandIn(({ path }) => {
    const pull_id = pullOf(path);
    return { body: { success: true, pull: { pull_id, policies: policies.get(pull_id) ?? [], account_identifier: "a-1" } } };
  });
  edge = await startEdge({ sandbox: canopy, env: { EDGE_API_TOKENS: TOKENS } });
  [office, clock] = [backOfficeOf(edge), backOfficeOf(edge, "clock-token")];
});
after(async () => {
  await edge?.stop();
  await canopy?.stop();
});

const asked = async (by, method, path, json) => {
  const response = await by.call(path, { method, body: json && JSON.stringify(json) });
  return [response.status, await response.json()];
};
const of = (id) => `/api/v1/pulls/${id}`;
const move = async (json) => {
  const [status, shown] = await asked(clock, "POST", "/api/v1/clock", json);
  assert.equal(status, 200, JSON.stringify(shown));
  return shown;
};
const now = async () => Date.parse((await clock.read("/api/v1/clock")).now);
const day = (at) => new Date(at).toISOString().slice(0, 10);
const policy = (policy_id, expires, more = {}) => ({ policy_id, policy_type: "AUTO", status: "ACTIVE", expiry_date: `${expires}T00:00:00.000Z`, ...more });

/** A pull that has come to its end, with these policies. */
async function pullWith(...list) {
  const id = randomUUID();
  policies.set(id, list);
  for (const body of [authStatus(id, "PROCESSING", 1), webhook(id, "COMPLETE", { status: "SUCCESS" })]) {
    assert.equal((await postWebhook(edge, body)).status, 200);
  }
  await office.seen(id, (pull) => pull.snapshots.length === 1 && isSettled(pull), "the pull");
  return id;
}

async function refetched(id, versions, ...list) {
  policies.set(id, list);
  await postWebhook(edge, webhook(id, "DATA_UPDATED", { data: { number: versions } }));
  await office.seen(id, (pull) => pull.snapshots.length === versions && isSettled(pull), "the next version");
}

const entriesOf = async (id, kind) => (await office.events(id)).filter((entry) => entry.kind === kind);
const scheduleOf = async (id, query = "") => (await office.read(`${of(id)}/schedule${query}`)).schedule;

test("an own event stands in the log and in the view, once for its key", async () => {
  const id = await pullWith();
  const event = { event_type: "QUOTE_SENT", data: { carrier: "acme", premium: 12345678901234567890n.toString() }, key: "q-1" };
  const [status, entry] = await asked(office, "POST", `${of(id)}/events`, event);
  assert.deepEqual([status, entry.kind, entry.event_type, entry.body.data, entry.body.caller], [201, "own", "QUOTE_SENT", event.data, "demo"]);
  const [again, same] = await asked(office, "POST", `${of(id)}/events`, event);
  assert.deepEqual([again, same], [200, entry]);
  await assertProblem(await office.call(`${of(id)}/events`, { method: "POST", body: JSON.stringify({ ...event, data: {} }) }), 422, "IDEMPOTENCY_KEY_REUSED");
  assert.deepEqual((await entriesOf(id, "own")).map((entry) => entry.position), [entry.position]);
  const { own } = await office.pull(id);
  assert.deepEqual(own.QUOTE_SENT, { position: entry.position, effective_at: entry.effective_at, data: event.data });
  // At once from many: one.
  const many = await Promise.all(Array.from({ length: 20 }, () => asked(office, "POST", `${of(id)}/events`, { event_type: "NOTE", key: "n" })));
  assert.equal(new Set(many.map(([, entry]) => entry.position)).size, 1);
  assert.equal(many.filter(([status]) => status === 201).length, 1);
  await until(async () => (await office.read(`${of(id)}?read=copy`)).own?.NOTE, "the event in the copy");
});

test("what is no event is refused with the member's name, and whose it is not may not bring one", async () => {
  const id = await pullWith();
  const [begun] = await Promise.all([now()]);
  const post = (path, body, by = office) => by.call(`${of(id)}/${path}`, { method: "POST", body: typeof body === "string" ? body : JSON.stringify(body) });
  for (const [member, body] of [
    ["event_type", { event_type: "EDGE_NOTE", key: "k" }],
    ["event_type", { key: "k" }],
    ["key", { event_type: "A" }],
    ["effective_at", { event_type: "A", key: "k", effective_at: new Date(begun + DAY).toISOString() }],
    ["data", { event_type: "A", key: "k", data: { long: "x".repeat(8192) } }],
  ]) {
    assert.match((await assertProblem(await post("events", body), 400, "INPUT_INVALID")).detail, new RegExp(`^${member}: expected`));
  }
  await assertProblem(await post("events", "[]"), 400, "BODY_MALFORMED");
  await assertProblem(await post("schedule", { event_type: "A", key: "k", effective_at: "2020-01-01T00:00:00Z" }), 400, "INPUT_INVALID");
  for (const path of ["events", "schedule"]) await assertProblem(await post(path, { event_type: "A", key: "k" }, backOfficeOf(edge, "reader-token")), 403, "SCOPE_MISSING");
  await assertProblem(await office.call(`/api/v1/pulls/${randomUUID()}/events`, { method: "POST", body: '{"event_type":"A","key":"k"}' }), 404, "NOT_FOUND");
  assert.deepEqual(await entriesOf(id, "own"), []);
});

test("an event for the page is seen there, another is not", async () => {
  const page = await openPage(edge);
  const socket = await page.live();
  const id = randomUUID();
  await postWebhook(edge, authStatus(id, "PROCESSING", 1, { meta_data: { edge_session: page.session_id } }));
  await page.shown((document) => document.pull_id === id, "pull");
  await asked(office, "POST", `${of(id)}/events`, { event_type: "SECRET_NOTE", key: "1" });
  await asked(office, "POST", `${of(id)}/events`, { event_type: "ADVISOR_ASSIGNED", key: "2", data: { name: "Lois" }, page: true });
  const shown = await page.shown((document) => document.events?.ADVISOR_ASSIGNED, "event");
  assert.deepEqual([Object.keys(shown.events), shown.events.ADVISOR_ASSIGNED.data], [["ADVISOR_ASSIGNED"], { name: "Lois" }]);
  // One that is scheduled comes to the page when it fires.
  await asked(office, "POST", `${of(id)}/schedule`, { event_type: "CALL_AT_NOON", key: "3", page: true, effective_at: new Date((await now()) + 60_000).toISOString() });
  assert.ok(!(await page.document()).events?.CALL_AT_NOON);
  await move({ advance: "PT2M" });
  await until(async () => (await page.document()).events?.CALL_AT_NOON, "the event that fired");
  socket.close();
});

test("what is scheduled fires once at its time, in order; what is cancelled does not", async () => {
  const id = await pullWith();
  const begun = await now();
  const at = (millis) => new Date(begun + millis).toISOString();
  const put = (event_type, millis, key) => asked(office, "POST", `${of(id)}/schedule`, { event_type, effective_at: at(millis), key, data: { key } });
  const [status, second] = await put("SECOND", 2 * DAY, "b");
  assert.deepEqual([status, second.state, second.origin, second.because], [201, "due", "caller", "scheduled by demo"]);
  const [, first] = await put("FIRST", DAY, "a");
  const [, third] = await put("THIRD", 3 * DAY, "c");
  assert.deepEqual(await put("FIRST", DAY, "a"), [200, first]);
  const [gone, cancelled] = await asked(office, "DELETE", `${of(id)}/schedule/${third.schedule_id}`);
  assert.deepEqual([gone, cancelled.state, cancelled.schedule_id], [200, "cancelled", third.schedule_id]);
  assert.deepEqual(await asked(office, "DELETE", `${of(id)}/schedule/${third.schedule_id}`), [200, cancelled]);
  await assertProblem(await office.call(`${of(id)}/schedule/NONE.1`, { method: "DELETE" }), 404, "NOT_FOUND");
  assert.deepEqual((await scheduleOf(id, "?state=due")).filter((item) => item.origin === "caller").map((item) => item.event_type), ["FIRST", "SECOND"]);

  await move({ now: at(DAY - 10_000) });
  assert.deepEqual(await entriesOf(id, "fired"), [], "not before");
  await move({ now: at(10 * DAY) });
  const fired = await entriesOf(id, "fired");
  assert.deepEqual(fired.map((entry) => [entry.event_type, entry.effective_at, entry.cause]), [["FIRST", at(DAY), first.cause], ["SECOND", at(2 * DAY), second.cause]]);
  await move({ advance: "P1D" });
  assert.equal((await entriesOf(id, "fired")).length, 2);
  await assertProblem(await office.call(`${of(id)}/schedule/${first.schedule_id}`, { method: "DELETE" }), 409, "STATE_CONFLICT");
  assert.deepEqual((await office.pull(id)).own.SECOND.data, { key: "b" });
  // Its pages.
  const all = [];
  for (let cursor = ""; cursor !== null; ) {
    const page = await office.read(`${of(id)}/schedule?limit=1${cursor && `&cursor=${encodeURIComponent(cursor)}`}`);
    assert.equal(page.schedule.length, 1);
    all.push(...page.schedule);
    cursor = page.cursor;
  }
  assert.deepEqual(all, await scheduleOf(id));
  assert.deepEqual(all.filter((item) => item.state !== "due").map((item) => [item.event_type, item.state]), [["SECOND", "fired"], ["FIRST", "fired"], ["THIRD", "cancelled"]]);
});

test("a renewed policy: its reminder is void, and without the refresh it would have come", async () => {
  const begun = await now();
  const expires = day(begun + 15 * DAY);
  const id = await pullWith(policy("p-1", day(begun + 20 * DAY)));
  const reminder = (await scheduleOf(id)).find((item) => item.schedule_id.endsWith(".14"));
  assert.deepEqual([reminder.event_type, reminder.origin, reminder.state], ["EDGE_POLICY_RENEWAL_DUE", "automatic", "due"]);
  // It is due on the 6th: on the 5th the policy is renewed.
  await move({ now: new Date(Date.parse(reminder.effective_at) - DAY).toISOString() });
  await refetched(id, 2, policy("p-1", day(begun + 385 * DAY)));
  const refresh = (await office.read(`${of(id)}/timeline`)).timeline.findLast((item) => item.kind === "fetched");
  const [told] = (await office.read(`${of(id)}/timeline`)).timeline.filter((item) => item.schedule_id === reminder.schedule_id);
  assert.deepEqual([told.kind, told.cause, told.because, told.is_to_come], ["void", refresh.position, `the policy was renewed: it now expires on ${day(begun + 385 * DAY)}`, false]);
  await move({ advance: "P20D" });
  assert.deepEqual((await entriesOf(id, "fired")).map((entry) => entry.body.schedule_id).filter((name) => name.includes(".p-1.") && !name.endsWith(".45")), [], "never announced as expired");

  const [status, simulated] = await asked(backOfficeOf(edge, "reader-token"), "POST", `${of(id)}/simulations`, { without: [refresh.position] });
  assert.equal(status, 200, JSON.stringify(simulated));
  const fate = simulated.automatic.find((row) => row.schedule_id === reminder.schedule_id);
  assert.deepEqual([fate.as_it_is.state, fate.simulated.state, fate.simulated.effective_at], ["void", "fired", reminder.effective_at]);
  assert.ok(simulated.simulated.timeline.some((item) => item.event_type === "EDGE_POLICY_EXPIRED"));
  assert.ok(!simulated.as_it_is.timeline.some((item) => item.event_type === "EDGE_POLICY_EXPIRED" && item.schedule_id.includes(expires)));
  const [, nothing] = await asked(office, "POST", `${of(id)}/simulations`, {});
  assert.deepEqual([nothing.difference, nothing.as_it_is.timeline, nothing.simulated.timeline], [{ forwards: {}, backwards: {} }, [], []]);
  const before = await office.events(id);
  assert.deepEqual(await office.events(id), before, "nothing was written");
});

test("a refresh is a pull of its own: what it shows stands with the pull that the monitoring began with", async () => {
  const begun = await now();
  const id = await pullWith(policy("p-1", day(begun + 60 * DAY), { carrier_name: "acme", carrier_policy_number: "A 1" }));
  const due = (await scheduleOf(id)).filter((item) => item.event_type.startsWith("EDGE_POLICY")).map((item) => item.schedule_id);
  assert.equal(due.length, 3);
  const refresh = randomUUID();
  // Its ids are others: the policy is known by its number.
  policies.set(refresh, [policy("p-9", day(begun + 425 * DAY), { carrier_name: "acme", carrier_policy_number: "a-1" })]);
  const monitoring = { monitoring_id: "m-1", initial_pull_id: id };
  await postWebhook(edge, authStatus(refresh, "PROCESSING", 1, { monitoring }));
  await postWebhook(edge, webhook(refresh, "COMPLETE", { status: "SUCCESS", monitoring }));
  const voids = await until(async () => {
    const voids = await entriesOf(id, "void");
    return voids.length === 3 && voids;
  }, "what is void");
  const [told] = (await office.events(id)).filter((entry) => entry.event_type === "EDGE_REFRESH_FETCHED");
  assert.deepEqual(voids.map((entry) => [entry.body.schedule_id, entry.cause]).toSorted(), due.map((name) => [name, told.position]).toSorted());
  assert.deepEqual((await scheduleOf(refresh)).filter((item) => item.event_type.startsWith("EDGE_POLICY")), []);
  const next = (await scheduleOf(id, "?state=due")).filter((item) => item.event_type.startsWith("EDGE_POLICY"));
  assert.equal(next.length, 3);
  assert.ok(next.every((item) => item.schedule_id.includes(day(begun + 425 * DAY)) && item.data.policy_id === "p-9"));
});

test("a watch comes when nothing else does, and what came late fires before what came after it", async () => {
  const id = randomUUID();
  await postWebhook(edge, authStatus(id, "PULLING_DATA", 1));
  await office.seen(id, isSettled, "the pull");
  const [stalled] = await scheduleOf(id);
  assert.deepEqual([stalled.event_type, stalled.because], ["EDGE_PULL_STALLED", "2 hours after the last sign of the pull"]);
  await move({ advance: "PT3H" });
  assert.deepEqual((await entriesOf(id, "fired")).map((entry) => [entry.event_type, entry.effective_at]), [["EDGE_PULL_STALLED", stalled.effective_at]]);
  await postWebhook(edge, authStatus(id, "IDENTITY_VERIFICATION", 2));
  assert.equal((await scheduleOf(id, "?state=due"))[0].event_type, "EDGE_LOGIN_ABANDONED");
  const [gone] = await asked(office, "DELETE", `${of(id)}/schedule/${(await scheduleOf(id, "?state=due"))[0].schedule_id}`);
  assert.equal(gone, 200);
  await move({ advance: "PT3H" });
  assert.equal((await entriesOf(id, "fired")).length, 1, "it was cancelled");
});

test("the pull is seen as it was at every position and time, and as it will be", async () => {
  const begun = await now();
  const id = await pullWith(policy("p-1", day(begun + 30 * DAY)));
  await asked(office, "POST", `${of(id)}/events`, { event_type: "NOTE", key: "n", data: { text: "hello" } });
  const events = await office.events(id);
  const pruned = (value) => {
    if (Array.isArray(value)) return value.map(pruned);
    if (typeof value !== "object") return value;
    return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== null).map(([name, member]) => [name, pruned(member)]));
  };
  const merged = (target, patch) => {
    if (typeof patch !== "object" || patch === null || Array.isArray(patch)) return patch;
    const result = typeof target === "object" && target !== null && !Array.isArray(target) ? { ...target } : {};
    for (const [name, value] of Object.entries(patch)) {
      if (value === null) delete result[name];
      else result[name] = merged(result[name], value);
    }
    return result;
  };
  const { timeline } = await office.read(`${of(id)}/timeline?limit=100`);
  const past = timeline.filter((item) => !item.is_to_come);
  assert.deepEqual(past.map((item) => item.position), events.map((entry) => entry.position));
  let before;
  for (const item of past) {
    const { is_to_come, ...view } = await office.read(`${of(id)}?position=${item.position}`);
    assert.deepEqual([view.revision, is_to_come], [item.position, false]);
    if (before) {
      assert.deepEqual(merged(before, item.forwards), pruned(view));
      assert.deepEqual(merged(pruned(view), item.backwards), before);
    }
    before = pruned(view);
  }
  const { outbox, ...newest } = await office.pull(id);
  const { outbox: none, is_to_come, ...last } = await office.read(`${of(id)}?at=${encodeURIComponent(new Date(await now()).toISOString())}`);
  assert.deepEqual([last, none], [newest, []]);
  const later = await office.read(`${of(id)}?at=${encodeURIComponent(new Date(begun + 31 * DAY).toISOString())}`);
  assert.ok(later.is_to_come && later.own.EDGE_POLICY_EXPIRED && later.own.NOTE);
  assert.deepEqual(timeline.filter((item) => item.is_to_come).map((item) => item.effective_at), (await scheduleOf(id, "?state=due")).map((item) => item.effective_at));

  // Both ways, page by page, and in part.
  const paged = async (query) => {
    const all = [];
    for (let cursor = ""; cursor !== null; ) {
      const page = await office.read(`${of(id)}/timeline?limit=2&${query}${cursor && `&cursor=${cursor}`}`);
      assert.ok(page.timeline.length > 0 || page.cursor === null);
      all.push(...page.timeline);
      cursor = page.cursor;
    }
    return all;
  };
  assert.deepEqual(await paged("order=asc"), timeline);
  assert.deepEqual(await paged("order=desc"), timeline.toReversed());
  assert.deepEqual((await paged("from=2&to=3")).map((item) => item.position), [2, 3]);
  assert.deepEqual(await paged(`from=${encodeURIComponent(new Date(begun + DAY).toISOString())}`), timeline.filter((item) => item.is_to_come && Date.parse(item.effective_at) >= begun + DAY));
  for (const wrong of ["?position=0", "?position=999", "?at=now", "?position=1&at=2026-01-01T00:00:00Z"]) await assertProblem(await office.call(of(id) + wrong), 400, "INPUT_INVALID");
  await assertProblem(await office.call(`${of(id)}?at=2020-01-01T00:00:00Z`), 404, "NOT_FOUND");
});

test("what an entry brought bears the entry's time, however slow the machine", async () => {
  const one = await startStandIn(({ path }) => {
    const pull_id = pullOf(path);
    if (pull_id) return { body: { pull: { pull_id, policies: [], documents: [{ document_id: "one", title: "Policy" }] } } };
    return { headers: { "content-type": "application/pdf" }, body: "%PDF-1.7" };
  });
  // Each reading of the clock is later than the one before it.
  const slow = (text) => text.replace("const ret = Date.now();", "globalThis.readings = (globalThis.readings ?? 0) + 1;\n      const ret = Date.now() + 7 * globalThis.readings;");
  const own = await startEdge({ sandbox: one, env: { EDGE_API_TOKENS: TOKENS }, patch: slow });
  try {
    const [at, id] = [backOfficeOf(own), randomUUID()];
    await postWebhook(own, webhook(id, "COMPLETE", { status: "SUCCESS" }));
    const { outbox, ...pull } = await at.seen(id, (pull) => pull.documents[0]?.state === "stored" && isSettled(pull), "the document");
    const { outbox: none, is_to_come, ...walked } = await at.read(`${of(id)}?position=${pull.revision}`);
    assert.deepEqual(walked, pull);
    const brought = (await at.events(id)).filter((entry) => ["fetched", "stored"].includes(entry.kind)).map((entry) => entry.recorded_at);
    assert.deepEqual([pull.snapshots[0].fetched_at, pull.documents[0].stored_at], brought);
  } finally {
    await own.stop();
    await one.stop();
  }
});

test("the clock goes forwards, to what is due next too, is read by who may read, and outlives a start", async () => {
  const shown = await move({ advance: "PT1H" });
  assert.ok(Date.parse(shown.now) - Date.parse(shown.machine) > 3_000_000);
  for (const body of [{ now: "2020-01-01T00:00:00Z" }, { advance: "yesterday" }, {}, { to: "end" }]) {
    await assertProblem(await clock.call("/api/v1/clock", { method: "POST", body: JSON.stringify(body) }), 400, "INPUT_INVALID");
  }
  await assertProblem(await office.call("/api/v1/clock", { method: "POST", body: '{"advance":"P1D"}' }), 403, "SCOPE_MISSING");
  const id = await pullWith();
  const at = new Date((await now()) + 1_000).toISOString();
  await asked(office, "POST", `${of(id)}/schedule`, { event_type: "NEXT", key: "n", effective_at: at });
  await until(async () => (await clock.read("/api/v1/clock")).next_due?.pull_id === id || (await entriesOf(id, "fired")).length === 1, "what is due next");
});

test("where Canopy is not stood in for on this machine the clock is the machine's", async () => {
  const token = "x".repeat(32);
  const deployed = await startEdge({
    env: { CANOPY_API_BASE_URL: "https://app.usecanopy.com/api/v1.0.0", EDGE_API_TOKENS: `a:${token}:admin+read`, EDGE_SESSION_KEY: "y".repeat(32) },
  });
  try {
    const admin = backOfficeOf(deployed, token);
    await assertProblem(await admin.call("/api/v1/clock"), 403, "LOCAL_RUNS_ONLY");
    await assertProblem(await admin.call("/api/v1/clock", { method: "POST", body: '{"advance":"P1D"}' }), 403, "LOCAL_RUNS_ONLY");
  } finally {
    await deployed.stop();
  }
});

test("what lost its alarm is woken by the hour, before what comes after it", async () => {
  const [port, persist] = [await freePort(), temporaryDirectory()];
  const start = (patch) => startEdge({ port, persist, sandbox: canopy, env: { EDGE_API_TOKENS: TOKENS }, patch });
  // A move of its clock wakes nobody: as if the alarms in between had been lost.
  let own = await start((text) => text.replace("\n  wake() {\n", "\n  wake() {\n    return;\n"));
  try {
    const id = randomUUID();
    await postWebhook(own, webhook(id, "COMPLETE", { status: "SUCCESS" }));
    let at = backOfficeOf(own);
    await at.seen(id, isSettled, "the pull");
    const due = new Date(Date.now() + DAY).toISOString();
    await asked(at, "POST", `${of(id)}/schedule`, { event_type: "CALL_BACK", key: "k", effective_at: due });
    await until(async () => (await at.read(`${of(id)}?read=copy`)).revision === (await at.pull(id)).revision, "the copy");
    const moved = await asked(backOfficeOf(own, "clock-token"), "POST", "/api/v1/clock", { advance: "P2D" });
    assert.equal(moved[0], 200);
    await own.kill9();
    own = await start();
    at = backOfficeOf(own);
    // Whoever reads the pull wakes it, too: the first who does sees what the hour has done.
    assert.equal((await fetch(`${own.url}/cdn-cgi/local/scheduled`)).status, 200);
    const fired = (await at.events(id)).filter((entry) => entry.kind === "fired");
    assert.deepEqual(fired.map((entry) => [entry.event_type, entry.effective_at]), [["CALL_BACK", due]]);
  } finally {
    await own.stop();
  }
});

test("the operator's variables say what comes by itself, where a day begins, and are refused when they cannot be", async () => {
  const env = {
    EDGE_API_TOKENS: TOKENS,
    EDGE_SCHEDULE: JSON.stringify({ renewal_days: [30], expired: null, refresh_days: null, stalled_hours: 1 }),
    EDGE_TIME_ZONE: "Pacific/Honolulu",
    EDGE_RETENTION_DAYS: "10",
  };
  const own = await startEdge({ sandbox: canopy, env });
  try {
    const at = backOfficeOf(own);
    const [ended, stalled] = [randomUUID(), randomUUID()];
    policies.set(ended, [policy("p-1", "2032-03-30")]);
    await postWebhook(own, webhook(ended, "COMPLETE", { status: "SUCCESS" }));
    await postWebhook(own, authStatus(stalled, "PULLING_DATA", 1));
    for (const id of [ended, stalled]) await at.seen(id, isSettled, "the pull");
    const due = async (id) => (await at.read(`${of(id)}/schedule?state=due`)).schedule;
    const [retention, renewal, ...none] = await due(ended);
    assert.deepEqual([retention.event_type, none], ["EDGE_RETENTION_DUE", []]);
    // Thirty days before, by way of nothing but days: the leap day is behind it.
    assert.deepEqual([renewal.schedule_id, renewal.effective_at], ["EDGE_POLICY_RENEWAL_DUE.p-1.2032-03-30.30", "2032-02-29T10:00:00.000Z"]);
    assert.equal((await due(stalled))[0].because, "1 hour after the last sign of the pull");
  } finally {
    await own.stop();
  }
  for (const [variable, value] of [["EDGE_SCHEDULE", '{"renewal":[1]}'], ["EDGE_TIME_ZONE", "Mars/Olympus"], ["EDGE_RETENTION_DAYS", "0"]]) {
    const wrong = await startEdge({ env: { [variable]: value } }).catch((error) => error);
    if (wrong instanceof Error) throw wrong;
    try {
      const answer = await fetch(`${wrong.url}/healthz`);
      assert.deepEqual([answer.status, (await answer.json()).errors.map((error) => error.variable)], [503, [variable]]);
    } finally {
      await wrong.stop();
    }
  }
});

test("days where clocks are changed begin where the agency is", async () => {
  const id = await pullWith(policy("p-1", "2032-03-14"), policy("p-2", "2032-03-15"));
  const expires = (await scheduleOf(id, "?state=due")).filter((item) => item.event_type === "EDGE_POLICY_EXPIRED");
  assert.deepEqual(expires.map((item) => item.effective_at), ["2032-03-14T05:00:00.000Z", "2032-03-15T04:00:00.000Z"]);
});

test("where the account's first pull is gone its refresh has the account's events", async () => {
  const without = await startStandIn(({ path }) => {
    const pull_id = pullOf(path);
    if (!policies.has(pull_id)) return { status: 404, body: { success: false, error: "NOT_FOUND" } };
    return { body: { success: true, pull: { pull_id, policies: policies.get(pull_id) } } };
  });
  const own = await startEdge({ sandbox: without, env: { EDGE_API_TOKENS: TOKENS } });
  try {
    const [at, id] = [backOfficeOf(own), randomUUID()];
    policies.set(id, [policy("p-1", "2032-06-01")]);
    await postWebhook(own, webhook(id, "COMPLETE", { status: "SUCCESS", monitoring: { monitoring_id: "m-9", initial_pull_id: randomUUID() } }));
    await at.seen(id, (pull) => pull.own?.EDGE_FIRST_PULL_GONE && isSettled(pull), "that it is gone");
    const due = (await at.read(`${of(id)}/schedule?state=due`)).schedule.filter((item) => item.event_type.startsWith("EDGE_POLICY"));
    assert.equal(due.length, 3);
    assert.equal((await at.events(id)).filter((entry) => entry.event_type === "EDGE_FIRST_PULL_GONE").length, 1, "said once");
  } finally {
    await own.stop();
    await without.stop();
  }
});
