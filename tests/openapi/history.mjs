// What happens to a pull, what is to come of it, how it stood and would stand, and the clock, in each answer that docs/openapi.json
// lists.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { backOfficeOf, loginOf, openPage, signature, until, webhook } from "../edge-client.mjs";
import { componentErrors, operations, requestErrors } from "../edge-contract.mjs";
import { ahead, ask, canopy, completePull, deployed, edge, everything, LONG, office, refusesStrangers, RENEWAL_DAYS, sandbox, speaksFor } from "./driver.mjs";

const DAY_MS = 86_400_000;
const headers = office;
const inTime = (ms) => new Date(Date.now() + ms).toISOString();
const QUOTE = { event_type: "QUOTE_SENT", key: "quote" };
const LATER = { event_type: "CALL_BACK", key: "call", effective_at: inTime(30 * DAY_MS) };
const exampleOf = (id) => operations.get(id).requestBody.content["application/json"].example;

/** A pull that one webhook has told of. */
async function begun(at) {
  const pull_id = randomUUID();
  const body = webhook(pull_id, "NEW");
  await ask("receive-webhook", 200, { at, body, headers: { "canopy-signature": signature(body) } });
  return { pull_id };
}

test("the back office's events and what is to come are as the document says", async () => {
  const { pull_id } = await completePull();
  const path = { pull_id };
  const entry = await ask("add-event", 201, { path, headers, json: { ...QUOTE, data: { carrier: "acme" }, page: true, effective_at: inTime(-DAY_MS) } });
  assert.deepEqual(await ask("add-event", 200, { path, headers, json: { ...QUOTE, data: { carrier: "acme" }, page: true, effective_at: null } }), entry);
  await ask("add-event", 201, { path, headers, json: exampleOf("add-event") });
  await ask("add-event", 422, { path, headers, json: QUOTE, code: "IDEMPOTENCY_KEY_REUSED" });
  const pull = await ask("read-pull", 200, { path, headers });
  assert.equal(pull.own.QUOTE_SENT.position, entry.position + 1);
  const item = await ask("schedule-event", 201, { path, headers, json: LATER });
  assert.deepEqual(await ask("schedule-event", 200, { path, headers, json: LATER }), item);
  await ask("schedule-event", 422, { path, headers, json: { ...LATER, page: true }, code: "IDEMPOTENCY_KEY_REUSED" });
  await ask("schedule-event", 201, { path, headers, json: exampleOf("schedule-event") });
  const soon = await ask("schedule-event", 201, { path, headers, json: { ...LATER, key: "soon", effective_at: inTime(2_000) } });
  const inState = (state) => ask("list-schedule", 200, { path, headers, query: `?state=${state}` });
  await until(async () => (await inState("fired")).schedule.some(({ schedule_id }) => schedule_id === soon.schedule_id), "the event that was to come");
  const cancelled = await ask("cancel-scheduled", 200, { path: { ...path, schedule_id: item.schedule_id }, headers });
  assert.deepEqual(await ask("cancel-scheduled", 200, { path: { ...path, schedule_id: item.schedule_id }, headers }), cancelled);
  await ask("cancel-scheduled", 409, { path: { ...path, schedule_id: soon.schedule_id }, headers, code: "STATE_CONFLICT" });
  for (const state of ["due", "void", "cancelled"]) await inState(state);
  const all = await ask("list-schedule", 200, { path, headers });
  assert.ok(all.schedule.some(({ origin }) => origin === "automatic") && all.schedule.length > 2);
  const pages = [];
  for (let cursor = ""; cursor !== null; ) {
    const page = await ask("list-schedule", 200, { path, headers, query: `?limit=1&cursor=${encodeURIComponent(cursor)}` });
    pages.push(...page.schedule);
    cursor = page.cursor;
  }
  assert.deepEqual(pages, all.schedule);
  const { events } = await ask("list-events", 200, { path, headers, query: "?limit=100" });
  assert.deepEqual(["own", "scheduled", "fired", "cancelled"].filter((kind) => !events.some((event) => event.kind === kind)), []);
});

test("the back office's events for the page reach it as the document says", async () => {
  const page = await openPage(edge);
  const { pull_id } = await ask("connect", 200, { ...speaksFor(page), json: await loginOf(sandbox, "user_good_auto") });
  const path = { pull_id };
  await backOfficeOf(edge).seen(pull_id, () => true, "the pull");
  await ask("add-event", 201, { path, headers, json: { ...QUOTE, data: { carrier: "acme" }, page: true } });
  await ask("add-event", 201, { path, headers, json: { ...QUOTE, event_type: "NOTE", key: "note" } });
  const { events } = await until(async () => { const shown = await ask("read-session", 200, speaksFor(page)); return shown.events && shown; }, "the event on the page");
  assert.deepEqual([Object.keys(events), events.QUOTE_SENT.data], [["QUOTE_SENT"], { carrier: "acme" }]);
});

test("a pull's past, what is to come of it, and what if, are as the document says", async () => {
  const { pull_id } = await completePull();
  const path = { pull_id };
  await ask("add-event", 201, { path, headers, json: QUOTE });
  await ask("schedule-event", 201, { path, headers, json: LATER });
  for (const [query, is_to_come] of [["position=1", false], [`at=${inTime(0)}`, false], [`at=${inTime(400 * DAY_MS)}`, true]]) {
    const seen = await ask("read-pull", 200, { path, headers, query: `?${query}` });
    assert.deepEqual([seen.is_to_come, seen.outbox], [is_to_come, []], query);
  }
  await ask("read-pull", 400, { path, headers, query: "?position=4294967295", code: "INPUT_INVALID" });
  await ask("read-pull", 404, { path, headers, query: "?at=2000-01-01T00:00:00Z", code: "NOT_FOUND" });
  const whole = await ask("read-timeline", 200, { path, headers, query: "?limit=100" });
  assert.ok(whole.timeline.some((item) => item.is_to_come) && whole.timeline.some((item) => !item.is_to_come));
  for (const order of ["asc", "desc"]) {
    const items = [];
    for (let cursor = ""; cursor !== null; ) {
      const page = await ask("read-timeline", 200, { path, headers, query: `?limit=7&order=${order}&cursor=${cursor}` });
      items.push(...page.timeline);
      cursor = page.cursor;
    }
    assert.deepEqual(order === "asc" ? items : items.toReversed(), whole.timeline);
  }
  const range = await ask("read-timeline", 200, { path, headers, query: `?from=2&to=${encodeURIComponent(inTime(0))}` });
  assert.equal(range.timeline[0].position, 2);
  const policies = [{ policy_id: "p-1", expiry_date: "2100-03-01", renewal_date: null, status: "ACTIVE", policy_type: "AUTO" }];
  const json = {
    ...exampleOf("simulate-pull"),
    with: [{ ...QUOTE, key: undefined, effective_at: inTime(0) }, { webhook: JSON.parse(webhook(pull_id, "DATA_UPDATED")) }, { webhook: { event_type: "ERROR" } }, { policies, effective_at: inTime(DAY_MS) }],
  };
  const told = await ask("simulate-pull", 200, { path, headers, json });
  assert.ok(told.simulated.timeline.length > 0 && told.automatic.length > 0);
  const nothing = await ask("simulate-pull", 200, { path, headers, json: { until: null, without: [], with: null, policy: null } });
  assert.deepEqual([nothing.as_it_is.timeline, nothing.difference], [[], { forwards: {}, backwards: {} }]);
  const gone = await ask("simulate-pull", 200, { path, headers, json: { without: range.timeline.map(({ position }) => position).concat(1) } });
  assert.deepEqual(componentErrors("Pull", gone.simulated.view), []);
});

test("a pull's history refuses as the document says", async () => {
  const strange = { pull_id: randomUUID(), schedule_id: "A.1" };
  for (const [id, json] of Object.entries({ "add-event": QUOTE, "list-schedule": undefined, "schedule-event": LATER, "cancel-scheduled": undefined, "read-timeline": undefined, "simulate-pull": {}, "read-clock": undefined, "move-clock": undefined })) {
    await refusesStrangers(id, { path: strange, json });
  }
  const path = await begun(edge);
  for (const schedule_id of ["A.1", "a", "A".repeat(257)]) await ask("cancel-scheduled", 404, { path: { ...path, schedule_id }, headers, code: "NOT_FOUND" });
  const queries = {
    "list-schedule": ["?state=over", "?limit=0", "?cursor=x", "?cursor=e.0", "?sate=due"],
    "read-timeline": ["?from=0", "?to=x", "?order=up", "?limit=101", "?cursor=e.0", "?since=1"],
  };
  for (const [id, all] of Object.entries(queries)) for (const query of all) await ask(id, 400, { path, query, headers, code: "INPUT_INVALID" });
  const bodies = { "add-event": [64 * 1024, { ...QUOTE, key: "other" }], "schedule-event": [64 * 1024, LATER], "simulate-pull": [1024 * 1024, {}], "move-clock": [4096, { advance: "PT0S" }] };
  for (const [id, [most, json]] of Object.entries(bodies)) {
    const refused = (status, code, more) => ask(id, status, { path, headers: everything, code, ...more });
    await refused(400, "BODY_MALFORMED", { body: "[]" });
    await refused(413, "BODY_TOO_LARGE", { body: "x".repeat(most + 1) });
    await refused(415, "ENCODING_NOT_SUPPORTED", { json, headers: { ...everything, "content-encoding": "gzip" } });
  }
  const event = { ...QUOTE, key: "other" };
  const wrong = {
    "add-event": [{}, { ...event, event_type: "EDGE_A" }, { ...event, event_type: "a" }, { ...event, key: "" }, { ...event, key: "k".repeat(256) }, { ...event, data: [] }, { ...event, effective_at: "x" }, { ...event, page: "yes" }, { ...event, kye: "k" }],
    "schedule-event": [event, { ...event, effective_at: null }],
    "simulate-pull": [{ until: "x" }, { with: [{}] }, { with: [{ event_type: "A", webhook: {} }] }, { with: [{ event_type: "EDGE_A" }] }, { with: [{ policies: [{}] }] }, { without: [0] }, { without: Array(101).fill(1) }, { with: Array(101).fill({ event_type: "A" }) }, { policy: { renewal_days: [0] } }, { policy: { days: 1 } }, { wit: [] }],
    "move-clock": [{}, { advance: 30 }, { to: "end" }, { now: "x" }, { advance: "P1D", to: "next_due" }],
  };
  for (const [id, all] of Object.entries(wrong)) {
    for (const json of all) {
      assert.notDeepEqual(requestErrors(id, json), [], `${id}: ${JSON.stringify(json)}`);
      await ask(id, 400, { path, json, headers: everything, code: "INPUT_INVALID" });
    }
  }
  // What a schema cannot say.
  for (const [id, json] of [["add-event", { ...event, effective_at: inTime(DAY_MS) }], ["schedule-event", { ...event, effective_at: inTime(-DAY_MS) }], ["schedule-event", { ...event, effective_at: inTime(40_000 * DAY_MS) }], ["add-event", { ...event, data: { text: "x".repeat(8 * 1024) } }], ["simulate-pull", { without: [1000] }], ["simulate-pull", { with: [{ webhook: { pull_id: "other" } }] }], ["move-clock", { now: "2000-01-01T00:00:00Z" }], ["move-clock", { advance: "P8000Y" }]]) {
    await ask(id, 400, { path, json, headers: everything, code: "INPUT_INVALID" });
  }
});

test("no more waits than the document says, and nothing larger is simulated", async () => {
  const path = await begun(edge);
  const one = (number) => ask("schedule-event", 201, { path, headers, json: { ...LATER, key: `call-${number}` } });
  for (let number = 0; number < 1_000; number += 20) await Promise.all(Array.from({ length: 20 }, (_, at) => one(number + at)));
  await ask("schedule-event", 409, { path, headers, json: LATER, code: "STATE_CONFLICT" });
  const year = (number) => `${2100 + number}-03-01`;
  const policies = (number) => Array.from({ length: 100 }, (_, at) => ({ policy_id: `p-${at}`, expiry_date: year(number + 1) }));
  const json = { until: `${year(40)}T00:00:00Z`, policy: { renewal_days: RENEWAL_DAYS }, with: Array.from({ length: 12 }, (_, number) => ({ policies: policies(number), effective_at: `${year(number)}T12:00:00Z` })) };
  assert.deepEqual(requestErrors("simulate-pull", json), []);
  await ask("simulate-pull", 422, { path, headers, json, code: "SIMULATION_TOO_LARGE" });
});

test("the clock goes forwards as the document says, in local runs alone", async () => {
  const at = ahead;
  const move = (json, status = 200, code) => ask("move-clock", status, { at, headers: everything, json, code });
  assert.equal((await ask("read-clock", 200, { at, headers })).next_due, null);
  await move({ to: "next_due" }, 409, "STATE_CONFLICT");
  const { pull_id } = await begun(at);
  const { next_due } = await until(async () => { const clock = await ask("read-clock", 200, { at, headers }); return clock.next_due && clock; }, "what is due next");
  assert.equal(next_due.pull_id, pull_id);
  assert.equal((await move({ to: "next_due" })).now >= next_due.at, true);
  await move(exampleOf("move-clock"));
  await move({ now: inTime(DAY_MS) });
  const elsewhere = { at: deployed, headers: { authorization: `Bearer ${LONG}` }, code: "LOCAL_RUNS_ONLY" };
  await ask("read-clock", 403, elsewhere);
  await ask("move-clock", 403, { ...elsewhere, json: { advance: "PT1S" } });
});

test("a log that is too long is not walked", async () => {
  const at = ahead;
  const path = await begun(at);
  // Each term of each policy brings eleven entries: most of the first are void, as the second comes before its end.
  for (let term = 1; term <= 4; term += 1) {
    const { now } = await ask("read-clock", 200, { at, headers });
    const expiry_date = new Date(Date.parse(now) + 60 * DAY_MS).toISOString().slice(0, 10);
    const policies = Array.from({ length: 500 }, (_, number) => ({ policy_id: `p-${number}`, expiry_date }));
    canopy.set(`/pulls/${path.pull_id}`, () => ({ body: { pull: { ...path, status: "SUCCESS", policies } } }));
    const body = webhook(path.pull_id, "COMPLETE", { status: "SUCCESS", data: { term } });
    await ask("receive-webhook", 200, { at, body, headers: { "canopy-signature": signature(body) } });
    await backOfficeOf(at).seen(path.pull_id, (pull) => pull.snapshots.length === term, "the term's snapshot");
    await ask("move-clock", 200, { at, headers: everything, json: { advance: term === 1 ? "P12D" : "P62D" } });
  }
  await until(async () => (await ask("read-pull", 200, { at, path, headers })).revision > 20_000, "the long log");
  const { schedule } = await ask("list-schedule", 200, { at, path, headers, query: "?state=void&limit=100" });
  await ask("list-events", 200, { at, path, headers, query: `?limit=100&after=${schedule.at(-1).ended - 1}` });
  for (const [id, more] of [["read-pull", { query: "?position=1" }], ["read-timeline", {}], ["simulate-pull", { json: {} }]]) {
    await ask(id, 422, { at, path, headers, code: "SIMULATION_TOO_LARGE", ...more });
  }
  const definition = { title: "Long", flows: { rest: { trigger: { on: "manual", of: "pull" }, steps: [{ id: "rest", use: "sleep", with: { for: "P1D" } }] } } };
  await ask("dry-run-flow", 422, { at, path: { group: "long" }, headers, json: { pull_id: path.pull_id, definition }, code: "SIMULATION_TOO_LARGE" });
});
