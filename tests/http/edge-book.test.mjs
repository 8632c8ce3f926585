// The book of business on the real edge and D1: each account's policies once, found by what is asked, with nothing of a consumer's.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { readdirSync } from "node:fs";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, before, describe, test } from "node:test";
import { assertProblem, backOfficeOf, isSettled, loginOf, openPage, postWebhook, until, webhook, workOf } from "../edge-client.mjs";
import { startBoth, startEdge, temporaryDirectory } from "../harness.mjs";
import { pullOf, startStandIn } from "../stand-in.mjs";

const query = (filters) => new URLSearchParams(filters).toString();
const databases = (persist) => readdirSync(path.join(persist, "d1"), { recursive: true }).map(String).filter((file) => file.endsWith(".sqlite")).map((file) => path.join(persist, "d1", file));

/** All policies that are selected, page by page, and what the first page says of them together. */
async function all(office, filters, limit = 100) {
  const policies = [];
  let totals;
  for (let cursor = ""; cursor !== null; ) {
    const page = await office.read(`/api/v1/policies?${query({ ...filters, limit, cursor })}`);
    assert.ok(page.cursor === null || page.policies.length === limit, "no page before the last is short");
    assert.equal(page.totals === null, cursor !== "", "totals come with the first page alone");
    totals ??= page.totals;
    policies.push(...page.policies);
    cursor = page.cursor;
  }
  return { policies, totals };
}

/** A policy as Canopy gives it; its name for the tests is its id. */
const policyOf = (policy_id, policy_type, expiry_date, more = {}) => ({
  policy_id, policy_type, expiry_date: expiry_date && `${expiry_date}T00:00:00.000Z`, effective_date: expiry_date && `${Number(expiry_date.slice(0, 4)) - 1}${expiry_date.slice(4)}T00:00:00.000Z`,
  name: "Policy of Lois Lane", carrier_policy_number: `NUMBER-${policy_id}`, carrier_name: "statefarm", status: "ACTIVE", state: "CA", total_premium_cents: 120_000, ...more,
});

describe("the book of several accounts", () => {
  const pulls = new Map();
  const persist = temporaryDirectory();
  let canopy, edge, office;

  before(async () => {
    canopy = await startStandIn(({ path }) => {
      const pull = pulls.get(pullOf(path.split("?")[0]));
      return pull ? { body: { pull } } : { status: 404, body: { error: "NOT_FOUND" } };
    });
    edge = await startEdge({ sandbox: canopy, persist });
    office = backOfficeOf(edge);
    await share("lois", { policies: [policyOf("auto-1", "AUTO", "2026-03-01"), policyOf("home-1", "HOMEOWNERS", "2026-01-15", { carrier_name: "allstate", total_premium_cents: 200_000 })] }, { campaign: "spring" });
    await share("perry", { policies: [policyOf("auto-2", "AUTO", "2026-02-01", { status: "PENDING_CANCELLATION" })] }, { campaign: "summer" });
    await share("jimmy", { policies: [policyOf("auto-3", "MOTORCYCLE", null), policyOf("home-3", "RENTERS", "2026-02-01", { status: "EXPIRED", total_premium_cents: null, state: "12 Main Street" })] }, { campaign: "spring" });
  });
  after(async () => {
    await edge?.stop();
    await canopy?.stop();
  });

  /** Has a pull be shared, and waits until all that follows is done. */
  async function share(account, { events = ["POLICIES_AVAILABLE", "COMPLETE"], monitoring, ...pull }, meta_data = {}, pull_id = randomUUID()) {
    pulls.set(pull_id, { pull_id, account_identifier: account, last_name: "Lane", account_email: "lois@planet.example", no_policies: false, documents: [], ...pull });
    for (const event of events) assert.equal((await postWebhook(edge, webhook(pull_id, event, { status: "SUCCESS", account_identifier: account, meta_data, monitoring }))).status, 200);
    await office.seen(pull_id, (seen) => isSettled(seen) && workOf(seen, "copy") && (seen.snapshots.length > 0 || !events.includes("COMPLETE")), "the pull");
    return pull_id;
  }

  const ids = async (filters, limit) => (await all(office, filters, limit)).policies.map((policy) => policy.policy_id);
  const is = (filters, wanted) => until(async () => JSON.stringify(await ids(filters)) === JSON.stringify(wanted), `${wanted} for ${query(filters)}`);
  const WHOLE = ["home-1", "auto-2", "home-3", "auto-1", "auto-3"];

  test("is in order of expiry, those without a day last, whatever the page", async () => {
    await is({}, WHOLE);
    for (const limit of [1, 2, 4, 5]) assert.deepEqual(await ids({}, limit), WHOLE);
    const { policies } = await all(office, {});
    const [pull_id] = [...pulls].find(([, pull]) => pull.account_identifier === "lois");
    assert.deepEqual(policies[0], {
      pull_id, policy_id: "home-1", line: "home", policy_type: "HOMEOWNERS", carrier: "allstate", status: "ACTIVE",
      effective_date: "2025-01-15", expiry_date: "2026-01-15", total_premium_cents: 200_000, annualized_premium_cents: 200_000, state: "CA",
    });
    const { expiry_date, effective_date, line } = policies[4];
    assert.deepEqual([expiry_date, effective_date, line], [null, null, "auto"]);
    assert.deepEqual([policies[2].state, policies[2].total_premium_cents], [null, null]);
  });

  test("is found by window, line, carrier, status, the account's other lines and metadata, alone and together", async () => {
    await is({ expiring_from: "2026-02-01" }, ["auto-2", "home-3", "auto-1"]);
    await is({ expiring_before: "2026-02-01" }, ["home-1"]);
    await is({ expiring_from: "2026-02-01", expiring_before: "2026-03-01" }, ["auto-2", "home-3"]);
    assert.deepEqual(await ids({ expiring_from: "2026-01-01", expiring_before: "2026-04-01" }, 1), WHOLE.slice(0, 4));
    await is({ line: "auto" }, ["auto-2", "auto-1", "auto-3"]);
    await is({ line: "Home,renters" }, ["home-1", "home-3"]);
    await is({ carrier: "ALLSTATE" }, ["home-1"]);
    await is({ status: "expired,pending cancellation" }, ["auto-2", "home-3"]);
    await is({ has: "auto,home" }, ["home-1", "auto-1"]);
    await is({ has: "auto", lacks: "home" }, ["auto-2", "home-3", "auto-3"]);
    await is({ has: "renters" }, []);
    await is({ lacks: "renters,home", line: "auto" }, ["auto-2", "auto-3"]);
    await is({ "metadata.campaign": "spring" }, ["home-1", "home-3", "auto-1", "auto-3"]);
    await is({ "metadata.campaign": "spring", line: "auto", expiring_before: "2027-01-01" }, ["auto-1"]);
    await is({ "metadata.campaign": "autumn" }, []);
  });

  test("comes to a sum, and says of how many nothing is known", async () => {
    assert.deepEqual((await all(office, {}, 2)).totals, { policies: 5, total_premium_cents: 560_000, annualized_premium_cents: 440_000, without_total_premium: 1, without_annualized_premium: 2 });
    assert.deepEqual((await all(office, { status: "EXPIRED" })).totals, { policies: 1, total_premium_cents: null, annualized_premium_cents: null, without_total_premium: 1, without_annualized_premium: 1 });
    assert.deepEqual((await all(office, { carrier: "nobody" })).totals, { policies: 0, total_premium_cents: null, annualized_premium_cents: null, without_total_premium: 0, without_annualized_premium: 0 });
  });

  test("has of an account what its newest refresh brought, and no refresh that came to nothing", async () => {
    const [initial_pull_id] = [...pulls].find(([, pull]) => pull.account_identifier === "perry");
    const monitoring = { monitoring_id: randomUUID(), initial_pull_id };
    const of = async (wanted) => is({ "metadata.campaign": "summer" }, wanted);
    const renewed = await share("perry", { policies: [policyOf("auto-2", "AUTO", "2026-08-01"), policyOf("umbrella-2", "UMBRELLA", "2026-09-01")], monitoring });
    await of(["auto-2", "umbrella-2"]);
    assert.deepEqual((await all(office, { lacks: "home", line: "auto", status: "ACTIVE" })).policies.map(({ pull_id }) => pull_id)[0], renewed);
    const failed = await share("perry", { policies: [], monitoring, events: ["ERROR"] });
    assert.deepEqual((await office.pull(failed)).snapshots, []);
    const partial = await share("perry", { policies: [], no_policies: false, monitoring });
    await of(["auto-2", "umbrella-2"]);
    // A refresh that does not know its account is of the one that its monitoring began with.
    await share(null, { policies: [policyOf("auto-9", "AUTO", "2026-10-01")], monitoring });
    await of(["auto-9"]);
    // What came first changes nothing of what came last.
    pulls.get(initial_pull_id).policies = [policyOf("auto-0", "AUTO", "2026-01-01")];
    await postWebhook(edge, webhook(initial_pull_id, "DATA_UPDATED", { account_identifier: "perry" }));
    await office.seen(initial_pull_id, (pull) => pull.snapshots.length === 2 && isSettled(pull), "another version");
    await of(["auto-9"]);
    const none = await share("perry", { policies: [], no_policies: true, monitoring });
    await of([]);
    // The same pull has more to say.
    Object.assign(pulls.get(none), { no_policies: false, policies: [policyOf("auto-8", "AUTO", "2026-11-01")] });
    await postWebhook(edge, webhook(none, "DATA_UPDATED", { account_identifier: "perry" }));
    await of(["auto-8"]);
    assert.ok((await office.pull(partial)).snapshots.length === 1);
    // A version that cannot be mapped says nothing: the one before it counts.
    Object.assign(pulls.get(none), { filler: "x".repeat(8 * 1024 * 1024) });
    await postWebhook(edge, webhook(none, "DATA_UPDATED", { account_identifier: "perry", data: { again: true } }));
    await of(["auto-9"]);
  });

  test("refuses what cannot be asked, by name, and whoever may not", async () => {
    for (const bad of ["expiring_from=tomorrow", "expiring_before=2026-02-30", "line=boat", "has=auto;home", "lacks=,", "status=%C3%A4", "limit=0", "cursor=x", "since=2026-01-01", "email=a%40b.example"]) {
      const problem = await assertProblem(await office.call(`/api/v1/policies?${bad}`), 400, "INPUT_INVALID");
      assert.ok(problem.detail.startsWith(bad.split("=")[0]), problem.detail);
    }
    await assertProblem(await fetch(`${edge.url}/api/v1/policies`), 401, "UNAUTHORIZED");
    await assertProblem(await office.call("/api/v1/policies", { method: "POST" }), 405, "METHOD_NOT_ALLOWED");
  });

  test("holds nothing of a consumer's, and is made anew from the objects, with another key, too", async () => {
    await is({}, ["home-1", "home-3", "auto-1", "auto-9", "auto-3"]);
    const before = await all(office, {});
    await edge.stop();
    const rows = [];
    for (const file of databases(persist)) {
      const database = new DatabaseSync(file);
      const tables = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE '\\_cf%' ESCAPE '\\'").all();
      for (const { name } of tables) rows.push(...database.prepare(`SELECT * FROM ${name}`).all());
      if (tables.some(({ name }) => name === "policies")) database.exec("DELETE FROM policies");
      database.close();
    }
    const text = JSON.stringify(rows);
    assert.ok(text.includes("auto-9"));
    for (const secret of ["Lane", "Lois", "NUMBER", "planet.example", "perry", "spring", "Main Street"]) assert.ok(!text.includes(secret), secret);
    edge = await startEdge({ sandbox: canopy, persist, env: { EDGE_SESSION_KEY: "another-session-key-0123456789abcdef0123456789" } });
    office = backOfficeOf(edge);
    assert.deepEqual(await ids({}), []);
    assert.equal((await office.call("/api/v1/rebuild", { method: "POST" })).status, 202);
    await is({}, before.policies.map((policy) => policy.policy_id));
    await until(async () => JSON.stringify(await all(office, {})) === JSON.stringify(before), "the same book");
    await is({ "metadata.campaign": "summer" }, ["auto-9"]);
  });
});

test("what the sandbox's consumer shares stands in the book as the snapshot has it", async () => {
  const both = await startBoth();
  const office = backOfficeOf(both.edge);
  const page = await openPage(both.edge);
  const { pull_id } = await page.ask("connect", await loginOf(both.sandbox, "user_good"));
  await office.seen(pull_id, (pull) => pull.complete && isSettled(pull), "the pull");
  const { pull } = await office.read(`/api/v1/pulls/${pull_id}/snapshots/latest`);
  const { policies, totals } = await until(async () => {
    const book = await all(office, {});
    return book.policies.length === pull.policies.length && book;
  }, "its policies");
  assert.ok(policies.length > 0);
  assert.equal(totals.total_premium_cents, pull.policies.reduce((sum, policy) => sum + policy.total_premium_cents, 0));
  for (const policy of pull.policies) {
    const entry = policies.find((entry) => entry.policy_id === policy.policy_id);
    assert.deepEqual([entry.pull_id, entry.policy_type, entry.carrier, entry.status, entry.expiry_date, entry.total_premium_cents], [pull_id, policy.policy_type, policy.carrier_name, policy.status, policy.expiry_date.slice(0, 10), policy.total_premium_cents]);
  }
  await both.stop();
});
