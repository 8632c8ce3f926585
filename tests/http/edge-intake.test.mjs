// A pull as the agency's rows, on the real edge: as its document says, in each form, sealed at rest, and refused where it is too much.
import assert from "node:assert/strict";
import { createHash, randomUUID } from "node:crypto";
import { after, before, describe, test } from "node:test";
import { contract } from "../contract.mjs";
import { assertProblem, backOfficeOf, postWebhook, until, webhook } from "../edge-client.mjs";
import { componentErrors } from "../edge-contract.mjs";
import { startEdge } from "../harness.mjs";
import { pullOf, startStandIn } from "../stand-in.mjs";

const KEY = `k:${createHash("sha256").update("k").digest("base64")}`;
const examples = contract.paths["/teams/{teamId}/pulls/{pullId}"].get.responses["200"].content["application/json"].examples;
const [personal, commercial] = Object.values(examples).map(({ value }) => value.pull);

describe("the intake", () => {
  let canopy, edge, office;
  /** What Canopy has of each pull, as text. */
  const bodies = new Map();
  before(async () => {
    canopy = await startStandIn(({ path }) => ({ body: bodies.get(pullOf(path)) ?? "{}", headers: { "content-type": "application/json" } }));
    edge = await startEdge({ sandbox: canopy, env: { EDGE_SNAPSHOT_KEY: KEY } });
    office = backOfficeOf(edge);
  });
  after(() => Promise.all([edge?.stop(), canopy?.stop()]));

  /** A pull that Canopy has, once version `version` of it was fetched. */
  async function fetched(pull, { pull_id = randomUUID(), version = 1 } = {}) {
    const body = typeof pull === "function" ? pull(pull_id) : JSON.stringify({ success: true, pull: { ...pull, pull_id, documents: [] } });
    bodies.set(pull_id, body);
    assert.equal((await postWebhook(edge, webhook(pull_id, "POLICIES_AVAILABLE", { data: { version } }))).status, 200);
    await office.seen(pull_id, (view) => view.snapshots.some((its) => its.version === version), `version ${version}`);
    return pull_id;
  }
  const path = (id, query = "") => `/api/v1/pulls/${id}/intake${query}`;

  test("the published pulls are rows as the document describes them, and nothing is not understood", async () => {
    for (const pull of [personal, commercial]) {
      const id = await fetched(pull);
      const intake = await office.read(path(id));
      assert.deepEqual(componentErrors("Intake", intake), []);
      assert.deepEqual(intake.not_understood, []);
      assert.deepEqual([intake.intake, intake.version, intake.pull.pull_id], [1, 1, id]);
      assert.equal(intake.policies.length, pull.policies.length);
      const sum = (policies) => policies.reduce((total, policy) => total + (policy.total_premium_cents ?? 0), 0);
      assert.equal(sum(intake.policies), sum(pull.policies));
      assert.deepEqual(await office.read(path(id)), intake, "kept beside its snapshot, and read again");
    }
  });

  test("each version has its own", async () => {
    const id = await fetched(personal);
    const raised = structuredClone(personal);
    raised.policies[0].total_premium_cents += 100;
    await fetched(raised, { pull_id: id, version: 2 });
    const premium = async (query) => (await office.read(path(id, query))).policies[0].total_premium_cents;
    assert.deepEqual([await premium("?version=1"), await premium("?version=2"), await premium("")], [0, 100, 100].map((more) => personal.policies[0].total_premium_cents + more));
    await assertProblem(await office.call(path(id, "?version=3")), 404, "NOT_FOUND");
    await assertProblem(await office.call(path(randomUUID())), 404, "NOT_FOUND");
  });

  test("what is larger than is mapped is said to be, and costs nobody else anything", async () => {
    const small = await fetched(personal);
    const padded = (bytes) => (pull_id) => `{"pull":{"pull_id":"${pull_id}","policies":[],"x":"${"y".repeat(bytes)}"}}`;
    const crowded = (pull_id) => `{"pull":{"pull_id":"${pull_id}","policies":[${"{},".repeat(30_001)}{}]}}`;
    for (const [what, body] of [["9 MiB", padded(9 * 1024 * 1024)], ["24 MB", padded(24_000_000)], ["30,001 objects", crowded]]) {
      const id = await fetched(body);
      const problem = await assertProblem(await office.call(path(id)), 422, "PULL_NOT_MAPPED");
      assert.equal(problem.detail, "expected a pull of at most 8 MiB with at most 30000 objects", what);
      assert.equal((await office.call(path(small))).status, 200);
    }
    const almost = await fetched(padded(7 * 1024 * 1024));
    assert.equal((await office.read(path(almost))).not_understood[0].pointer, "/pull/x");
  });
});
