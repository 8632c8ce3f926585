// A pull as the agency's rows, on the real edge: as its document says, in each form, sealed at rest, and refused where it is too much.
import assert from "node:assert/strict";
import { createHash, randomUUID } from "node:crypto";
import { readdirSync } from "node:fs";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, before, describe, test } from "node:test";
import { contract } from "../contract.mjs";
import { assertProblem, backOfficeOf, postWebhook, until, webhook } from "../edge-client.mjs";
import { componentErrors } from "../edge-contract.mjs";
import { startEdge, temporaryDirectory } from "../harness.mjs";
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
  async function fetched(pull, { pull_id = randomUUID(), version = 1, ...told } = {}) {
    const body = typeof pull === "function" ? pull(pull_id) : JSON.stringify({ success: true, pull: { ...pull, pull_id, documents: [] } });
    bodies.set(pull_id, body);
    assert.equal((await postWebhook(edge, webhook(pull_id, "POLICIES_AVAILABLE", { data: { version }, ...told }))).status, 200);
    await office.seen(pull_id, (view) => view.snapshots.some((its) => its.version === version), `version ${version}`);
    return pull_id;
  }
  const at = (id, query = "") => `/api/v1/pulls/${id}/intake${query}`;

  test("the published pulls are rows as the document describes them, and nothing is not understood", async () => {
    for (const pull of [personal, commercial]) {
      const id = await fetched(pull);
      const intake = await office.read(at(id));
      assert.deepEqual(componentErrors("Intake", intake), []);
      assert.deepEqual(intake.not_understood, []);
      assert.deepEqual([intake.intake, intake.version, intake.pull.pull_id], [1, 1, id]);
      assert.equal(intake.policies.length, pull.policies.length);
      const sum = (policies) => policies.reduce((total, policy) => total + (policy.total_premium_cents ?? 0), 0);
      assert.equal(sum(intake.policies), sum(pull.policies));
      assert.deepEqual(await office.read(at(id)), intake, "kept beside its snapshot, and read again");
    }
  });

  test("each version has its own", async () => {
    const id = await fetched(personal);
    const raised = structuredClone(personal);
    raised.policies[0].total_premium_cents += 100;
    await fetched(raised, { pull_id: id, version: 2 });
    const premium = async (query) => (await office.read(at(id, query))).policies[0].total_premium_cents;
    assert.deepEqual([await premium("?version=1"), await premium("?version=2"), await premium("")], [0, 100, 100].map((more) => personal.policies[0].total_premium_cents + more));
    await assertProblem(await office.call(at(id, "?version=3")), 404, "NOT_FOUND");
    await assertProblem(await office.call(at(randomUUID())), 404, "NOT_FOUND");
  });

  test("what is larger than is mapped is said to be, and costs nobody else anything", async () => {
    const small = await fetched(personal);
    const padded = (bytes) => (pull_id) => `{"pull":{"pull_id":"${pull_id}","policies":[],"x":"${"y".repeat(bytes)}"}}`;
    const crowded = (pull_id) => `{"pull":{"pull_id":"${pull_id}","policies":[${"{},".repeat(30_001)}{}]}}`;
    for (const [what, body] of [["9 MiB", padded(9 * 1024 * 1024)], ["24 MB", padded(24_000_000)], ["30,001 objects", crowded]]) {
      const id = await fetched(body);
      const problem = await assertProblem(await office.call(at(id)), 422, "PULL_NOT_MAPPED");
      assert.equal(problem.detail, "expected a pull of at most 8 MiB with at most 30000 objects, whose rows are at most 12 MiB of JSON without any value", what);
      assert.equal((await office.call(at(small))).status, 200);
    }
    const almost = await fetched(padded(7 * 1024 * 1024));
    assert.equal((await office.read(at(almost))).not_understood[0].pointer, "/pull/x");
  });

  test("each form is what it says, and the page allows its own style and nothing else", async () => {
    const id = await fetched(personal);
    const form = async (name, more = "") => {
      const response = await office.call(at(id, `?form=${name}${more}`));
      assert.equal(response.status, 200);
      return response;
    };
    const html = await form("html");
    assert.match(html.headers.get("content-type"), /^text\/html/);
    const [, style] = /<style>(.*?)<\/style>/s.exec(await html.text());
    const hash = createHash("sha256").update(style).digest("base64");
    assert.equal(html.headers.get("content-security-policy"), `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`);
    const zip = await form("csv");
    assert.equal(zip.headers.get("content-disposition"), `attachment; filename="intake-${id}-v1.zip"`);
    assert.equal(Buffer.from(await zip.arrayBuffer()).subarray(0, 2).toString(), "PK");
    const [head, ...rows] = (await (await form("csv", "&table=policies")).text()).trimEnd().split("\r\n");
    assert.ok(head.startsWith('\uFEFF"policy_id",') || head.startsWith('"policy_id",'));
    assert.equal(rows.length, personal.policies.length);
    assert.match(await (await form("text")).text(), /Clark Joseph Kent/);
    const flat = await (await form("flat")).json();
    assert.ok(Object.values(flat).every((value) => value === null || typeof value !== "object"));
    const redacted = await (await form("text", "&redact=all")).text();
    for (const secret of ["Clark", "Kent", "HO132483", "1G1FK1R62J0158884"]) assert.ok(!redacted.includes(secret), secret);
    assert.equal((await office.call(at(id, "?form=csv"), { method: "HEAD" })).headers.get("content-type"), "application/zip");
  });

  test("what changed is named, within a pull and from a refresh to the next, and said on the page", async () => {
    const id = await fetched(personal);
    const raised = structuredClone(personal);
    const auto = raised.policies.find((policy) => policy.policy_type === "AUTO");
    auto.total_premium_cents += 1_000;
    auto.vehicles[0].coverages.find((coverage) => coverage.name === "COLLISION").deductible_cents = 100_000;
    raised.policies.reverse();
    await fetched(raised, { pull_id: id, version: 2 });
    const changes = async (query = "", of = id) => office.read(`/api/v1/pulls/${of}/changes${query}`);
    const page = await changes();
    assert.deepEqual(componentErrors("ChangePage", page), []);
    assert.deepEqual([page.from, page.to], [{ pull_id: id, version: 1 }, { pull_id: id, version: 2 }]);
    assert.deepEqual(page.changes.map((it) => it.change).sort(), ["deductible_changed", "premium_changed"]);
    assert.deepEqual((await changes("?from=2&to=1")).changes.map((it) => it.after).sort(), [50_000, auto.total_premium_cents - 1_000].sort());
    assert.deepEqual(await changes("?to=1"), { from: null, to: { pull_id: id, version: 1 }, changes: [], changes_more: 0 });
    const renamed = JSON.parse(JSON.stringify(raised).replace(/([0-9a-f]{8})-([0-9a-f]{4}-[0-9a-f]{4})/g, (_, first, rest) => `${first.split("").reverse().join("")}-${rest}`));
    const next = await fetched(renamed, { monitoring: { monitoring_id: randomUUID(), initial_pull_id: id } });
    assert.deepEqual((await office.read(at(next))).pull.initial_pull_id, id, "as its webhooks tell");
    assert.deepEqual((await changes(`?from_pull=${id}`, next)).changes, [], "other ids are no change");
    assert.equal((await changes(`?from_pull=${id}&from=1`, next)).changes.length, 2);
    const text = await (await office.call(at(id, "?form=text"))).text();
    assert.ok(text.replace(/\s+/g, " ").includes(page.changes[0].sentence), text);
    await assertProblem(await office.call(`/api/v1/pulls/${id}/changes?from=9`), 404, "NOT_FOUND");
    await assertProblem(await office.call(`/api/v1/pulls/${next}/changes?from_pull=${randomUUID()}`), 404, "NOT_FOUND");
  });

  test("pulls are compared within an account, and both stand in the audit log", async () => {
    const [one, other] = [await fetched({ account_identifier: "a-1" }), await fetched({ account_identifier: "a-1" })];
    const stranger = await fetched({ account_identifier: "a-2" });
    await assertProblem(await office.call(`/api/v1/pulls/${one}/changes?from_pull=${stranger}`), 400, "INPUT_INVALID");
    const answer = await office.call(`/api/v1/pulls/${one}/changes?from_pull=${other}`);
    assert.deepEqual([answer.status, (await answer.json()).from], [200, { pull_id: other, version: 1 }]);
    const log = async (id) => {
      const { entries } = await office.read(`/api/v1/audit?pull_id=${id}`);
      return entries.map(({ request_id, operation, status }) => [request_id, operation, status]);
    };
    const [request, route] = [answer.headers.get("x-request-id"), "/api/v1/pulls/{pull_id}/changes"];
    assert.deepEqual(await log(other), [[`${request}-from`, route, 200]]);
    assert.deepEqual((await log(one))[0], [request, route, 200]);
    const [refused] = await log(stranger);
    assert.deepEqual(refused.slice(1), [route, 400]);
  });

  test("gaps are for the day that is asked for, and every reading is in the audit log", async () => {
    const id = await fetched(personal);
    const rules = async (day) => (await office.read(at(id, `?day=${day}`))).gaps.filter((gap) => gap.state === "open").map((gap) => gap.rule);
    assert.ok(!(await rules("2023-01-01")).includes("term_expired"));
    assert.ok((await rules("2023-12-01")).includes("term_ending"));
    assert.ok((await rules("2026-01-01")).includes("term_expired"));
    const { entries } = await until(async () => {
      const page = await office.read(`/api/v1/audit?pull_id=${id}`);
      return page.entries.length === 3 && page;
    }, "the audit log");
    assert.deepEqual([...new Set(entries.map(({ status }) => status))], [200]);
  });
});

test("a model that a row has no room for is kept whole, sealed, and read again", async () => {
  const [persist, pull_id] = [temporaryDirectory(), randomUUID()];
  const policies = Array.from({ length: 4_000 }, (_, at) => ({ policy_id: `policy-${at}`, policy_type: "AUTO", description: "d".repeat(600), total_premium_cents: at }));
  const canopy = await startStandIn(() => ({ body: { pull: { ...personal, pull_id, policies, documents: [] } } }));
  const start = () => startEdge({ sandbox: canopy, persist, env: { EDGE_SNAPSHOT_KEY: KEY } });
  let edge = await start();
  const read = () => backOfficeOf(edge).read(`/api/v1/pulls/${pull_id}/intake`);
  try {
    assert.equal((await postWebhook(edge, webhook(pull_id, "POLICIES_AVAILABLE"))).status, 200);
    await backOfficeOf(edge).seen(pull_id, (view) => view.snapshots.length > 0, "the pull");
    const first = await read();
    assert.equal(first.policies.reduce((sum, policy) => sum + policy.total_premium_cents, 0), (3_999 * 4_000) / 2);
    await edge.stop();
    const sizes = change((database) => {
      const rows = database.prepare("SELECT bytes FROM intake UNION ALL SELECT bytes FROM intake_rest").all().map(({ bytes }) => Buffer.from(bytes));
      for (const bytes of rows) assert.ok(!bytes.includes("policy-1"), "it is sealed");
      database.exec("UPDATE snapshot SET bytes = x'00'; UPDATE chunk SET bytes = x'00'");
      return rows.map((bytes) => bytes.length);
    });
    assert.ok(sizes.length > 1 && sizes.every((size) => size <= 1_900_000), `${sizes}`);
    edge = await start();
    assert.deepEqual(await read(), first, "read from what is kept: its snapshot is gone");
    await edge.stop();
    change((database) => database.exec("DELETE FROM intake_rest"));
    edge = await start();
    await assertProblem(await backOfficeOf(edge).call(`/api/v1/pulls/${pull_id}/intake`), 500, "INTERNAL");
  } finally {
    await Promise.all([edge.stop(), canopy.stop()]);
  }

  /** Works on the storage of the pull's object. */
  function change(work) {
    const files = readdirSync(persist, { recursive: true }).map(String).filter((file) => file.endsWith(".sqlite"));
    const results = files.map((file) => {
      const database = new DatabaseSync(path.join(persist, file));
      try {
        return database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'intake_rest'").get() && { value: work(database) };
      } finally {
        database.close();
      }
    });
    return results.find((result) => result)?.value;
  }
});

test("thresholds move the gaps, and are refused with what was expected", async () => {
  const canopy = await startStandIn(({ path }) => ({ body: { pull: { ...personal, pull_id: pullOf(path), documents: [] } } }));
  const edge = await startEdge({ sandbox: canopy, env: { EDGE_GAPS: '{"expiring_days":366,"off":["no_umbrella"]}' } });
  const wrong = await startEdge({ sandbox: canopy, env: { EDGE_GAPS: '{"expiring":1}' } });
  try {
    const [office, pull_id] = [backOfficeOf(edge), randomUUID()];
    assert.equal((await postWebhook(edge, webhook(pull_id, "POLICIES_AVAILABLE"))).status, 200);
    await office.seen(pull_id, (view) => view.snapshots.length > 0, "the pull");
    const { gaps } = await office.read(`/api/v1/pulls/${pull_id}/intake?day=2023-01-01`);
    const rules = gaps.map((gap) => gap.rule);
    assert.ok(rules.includes("term_ending") && !rules.includes("no_umbrella"), rules.join(" "));
    const health = await fetch(`${wrong.url}/healthz`);
    assert.equal(health.status, 503);
    assert.deepEqual((await health.json()).errors.map((error) => error.variable), ["EDGE_GAPS"]);
  } finally {
    await Promise.all([edge.stop(), wrong.stop(), canopy.stop()]);
  }
});
