// `cargo xtask sync` against an edge in whose place a server says how the comparison stands.
import assert from "node:assert/strict";
import { test } from "node:test";
import { xtask } from "../command.mjs";
import { startStandIn } from "../stand-in.mjs";

const AT = "2026-01-31T09:00:00.000Z";
const view = (state, more = {}) => ({ state, caller: "ops", since: null, started_at: AT, finished_at: null, listed: 0, total: null, adopted: 0, fetched: 0, current: 0, failed: 0, problem: null, ...more });
const problem = (status, code, detail) => ({ status, headers: { "content-type": "application/problem+json" }, body: { status, code, error: code, detail } });

/** Runs the command against an edge that answers the POST with `begun`, then each GET with the next of `looks`. */
async function sync(begun, looks, ...rest) {
  const edge = await startStandIn(({ method }) => (method === "POST" ? begun : (looks.shift() ?? { status: 404 })));
  try {
    const ended = await xtask(["sync", "--edge", edge.url, ...rest], { EDGE_API_TOKEN: "ops-token" });
    return { ...ended, calls: edge.calls };
  } finally {
    await edge.stop();
  }
}

test("a comparison is begun and followed to its end, through an edge that gives no answer in between", async () => {
  const done = view("done", { listed: 50, total: 50, adopted: 3, fetched: 2, current: 45, finished_at: AT });
  const looks = [{ body: view("running", { listed: 20, total: 50 }) }, problem(503, "NOT_CONFIGURED", "CANOPY_TEAM_ID"), "gone", { body: done }];
  const { code, stdout, stderr, calls } = await sync({ status: 202, body: view("running") }, looks, "--since", AT);
  assert.equal(code, 0, stderr);
  assert.match(stdout, /✓ pulls compared with Canopy's list {2}50: 3 adopted, 2 fetched, 45 current, 0 failed {2}/);
  assert.deepEqual(calls.map(({ method, path }) => `${method} ${path}`), ["POST /api/v1/sync", ...Array(4).fill("GET /api/v1/sync")]);
  assert.ok(calls.every(({ headers }) => headers.authorization === "Bearer ops-token"));
  assert.deepEqual(JSON.parse(calls[0].body), { since: AT });
});

test("without --since all pulls are compared, and what failed is said", async () => {
  const { code, stdout, calls } = await sync({ status: 202, body: view("done", { listed: 2, current: 1, failed: 1 }) }, []);
  assert.equal(code, 0);
  assert.match(stdout, /1 current, 1 failed .*\nWhat failed could not be read or reached/);
  assert.deepEqual([calls.length, JSON.parse(calls[0].body)], [1, {}]);
});

test("one that is under way already is followed", async () => {
  const looks = [{ body: view("running", { caller: "schedule", since: AT }) }, { body: view("done", { listed: 7, current: 7 }) }];
  const { code, stdout, calls } = await sync(problem(409, "SYNC_RUNNING", "look at GET /api/v1/sync until it is done"), looks);
  assert.equal(code, 0);
  assert.match(stdout, new RegExp(`under way already, of pulls since ${AT}, begun by schedule at ${AT}`));
  assert.match(stdout, /7: 0 adopted, 0 fetched, 7 current/);
  assert.equal(calls.length, 3);
});

test("one that the edge gives up, refuses or loses is an error that says why", async () => {
  const begun = { status: 202, body: view("running") };
  const failed = view("failed", { listed: 20, current: 20, problem: "Canopy did not give its list (status 403)" });
  for (const [answer, looks, said] of [
    [begun, [{ body: failed }], /gave up after 20: .*: Canopy did not give its list \(status 403\)/],
    [problem(400, "INPUT_INVALID", "since: expected an RFC 3339 time"), [], /answered 400: since: expected an RFC 3339 time/],
    [problem(403, "SCOPE_MISSING", "the scope write"), [], /answered 403: the scope write/],
    [{ status: 404, body: "" }, [], /answered 404: is that an edge of this version\?/],
    [begun, [problem(403, "SCOPE_MISSING", "the scope read")], /run this again to follow it: .* answered 403: the scope read/],
    [begun, [{ body: {} }], /says nothing of its comparison/],
    ["gone", [], /whether the comparison has begun is not known: run this again/],
  ]) {
    const { code, stderr } = await sync(answer, looks, "--since", "yesterday");
    assert.equal(code, 1, stderr);
    assert.match(stderr, said);
  }
});

test("without a token nothing is asked", async () => {
  const missing = await xtask(["sync", "--edge", "http://127.0.0.1:9"], { EDGE_API_TOKEN: "" });
  assert.equal(missing.code, 1);
  assert.match(missing.stderr, /set EDGE_API_TOKEN/);
});
