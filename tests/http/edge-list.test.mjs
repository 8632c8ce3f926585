// The list of pulls on the real edge and D1: found by what is asked, in pages, with nothing of a consumer's in the clear.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { DatabaseSync } from "node:sqlite";
import { assertProblem, authStatus, backOfficeOf, isSettled, loginOf, openPage, postWebhook, until, webhook } from "../edge-client.mjs";
import { freePort, startBoth, startEdge, temporaryDirectory } from "../harness.mjs";

const query = (filters) => new URLSearchParams(filters).toString();

/** Ids of all pages, each of which but the last has to be full. */
async function all(office, filters, limit = 100) {
  const ids = [];
  for (let cursor = ""; cursor !== null; ) {
    const page = await office.read(`/api/v1/pulls?${query({ ...filters, limit, cursor })}`);
    assert.ok(page.cursor === null || page.pulls.length === limit, "no page before the last is short");
    ids.push(...page.pulls.map((pull) => pull.pull_id));
    cursor = page.cursor;
  }
  return ids;
}

/** Waits until the list has just these, newest first where they are given in an array. */
function listed(office, filters, ids) {
  const wanted = JSON.stringify([...ids].sort());
  return until(async () => JSON.stringify((await all(office, filters, 3)).sort()) === wanted, `${ids.length} pulls of ${query(filters)}`);
}

/** The databases of D1 below a directory, while no edge runs on it. */
const databases = (persist) => readdirSync(path.join(persist, "d1"), { recursive: true }).map(String).filter((file) => file.endsWith(".sqlite")).map((file) => path.join(persist, "d1", file));

describe("a list of many pulls", () => {
  const campaigns = ["spring", "summer"];
  const pulls = [];
  let edge, office, persist;

  before(async () => {
    persist = temporaryDirectory();
    edge = await startEdge({ persist });
    office = backOfficeOf(edge);
    for (let number = 0; number < 24; number += 1) {
      const pull = { id: randomUUID(), campaign: campaigns[number % 2], lead: `lead-${number}`, status: number % 3 ? "SUCCESS" : "NOT_AUTHENTICATED" };
      pulls.push(pull);
      const meta_data = { campaign: pull.campaign, lead: pull.lead, number };
      assert.equal((await postWebhook(edge, authStatus(pull.id, pull.status, 1, { meta_data, account_identifier: `Account ${number}` }))).status, 200);
    }
    await until(async () => (await all(office, {})).length === pulls.length, "every pull in the list");
  });
  after(() => edge?.stop());

  const idsOf = (is) => pulls.filter(is).map((pull) => pull.id);

  test("is found by metadata, account and status, alone and together", async () => {
    await listed(office, { "metadata.campaign": "spring" }, idsOf((pull) => pull.campaign === "spring"));
    await listed(office, { "metadata.campaign": "spring", status: "SUCCESS" }, idsOf((pull) => pull.campaign === "spring" && pull.status === "SUCCESS"));
    await listed(office, { "metadata.lead": "lead-7" }, [pulls[7].id]);
    await listed(office, { "metadata.number": "8" }, [pulls[8].id]);
    await listed(office, { "metadata.campaign": "summer", "metadata.lead": "lead-7" }, [pulls[7].id]);
    await listed(office, { "metadata.campaign": "spring", "metadata.lead": "lead-7" }, []);
    await listed(office, { account_identifier: "Account 3", "metadata.campaign": "summer", status: pulls[3].status }, [pulls[3].id]);
    await listed(office, { status: "NOT_AUTHENTICATED" }, idsOf((pull) => pull.status === "NOT_AUTHENTICATED"));
    await listed(office, { status: "UNHEARD_OF" }, []);
    await listed(office, { status: "", "metadata.campaign": "", limit: "" }, idsOf(() => true));
  });

  test("is newest first, and goes on behind the last whatever its page", async () => {
    const whole = await office.read("/api/v1/pulls?limit=100");
    assert.deepEqual([whole.pulls.length, whole.cursor], [pulls.length, null]);
    const older = (a, b) => Date.parse(a.created_at) - Date.parse(b.created_at) || (a.pull_id < b.pull_id ? -1 : 1);
    assert.deepEqual(whole.pulls, whole.pulls.toSorted(older).reverse());
    for (const limit of [1, 5, 24]) assert.deepEqual(await all(office, {}, limit), whole.pulls.map((pull) => pull.pull_id));
    assert.deepEqual(Object.keys(whole.pulls[0]).sort(), ["complete", "created_at", "initial_pull_id", "monitoring_id", "pull_id", "snapshot", "status", "updated_at"]);
  });

  test("is bounded by the time of the first event, both ends included", async () => {
    const { pulls: whole } = await office.read("/api/v1/pulls?limit=100");
    const [newest, oldest] = [whole[5].created_at, whole[15].created_at];
    const inside = whole.filter(({ created_at }) => Date.parse(created_at) >= Date.parse(oldest) && Date.parse(created_at) <= Date.parse(newest)).map((pull) => pull.pull_id);
    assert.deepEqual(await all(office, { since: oldest, before: newest }), inside);
    assert.deepEqual(await all(office, { since: oldest.replace("Z", "+00:00"), before: newest }), inside);
  });

  test("follows a status that changes, under every name that the pull is found by", async () => {
    const pull = pulls.find((each) => each.status === "NOT_AUTHENTICATED");
    const others = (status) => idsOf((each) => each.status === status && each.campaign === pull.campaign);
    assert.equal((await postWebhook(edge, authStatus(pull.id, "SUCCESS", 2, { meta_data: { campaign: pull.campaign, lead: pull.lead } }))).status, 200);
    await listed(office, { "metadata.campaign": pull.campaign, status: "SUCCESS" }, [...others("SUCCESS"), pull.id]);
    await listed(office, { "metadata.campaign": pull.campaign, status: "NOT_AUTHENTICATED" }, others("NOT_AUTHENTICATED").filter((id) => id !== pull.id));
    pull.status = "SUCCESS";
  });

  test("refuses what cannot be asked, by name", async () => {
    for (const bad of ["limit=0", "limit=101", "limit=x", "cursor=x", "cursor=1.a%2Fb", "since=yesterday", "before=2026-02-30T00:00:00Z", "phone=none", "metdata.lead=7", "metadata.=7"]) {
      const problem = await assertProblem(await office.call(`/api/v1/pulls?${bad}`), 400, "INPUT_INVALID");
      assert.ok(problem.detail.startsWith(decodeURIComponent(bad).split("=")[0]), problem.detail);
    }
  });

  test("holds no metadata and no account in the clear, and is made anew from the objects", async () => {
    await until(async () => (await Promise.all(pulls.map((pull) => office.pull(pull.id)))).every(isSettled), "every copy");
    await edge.stop();
    const files = databases(persist);
    assert.ok(files.length > 0);
    for (const text of files.map((file) => readFileSync(file, "latin1"))) for (const secret of ["spring", "lead-", "Account"]) assert.ok(!text.includes(secret), secret);
    for (const file of files) {
      const database = new DatabaseSync(file);
      const tables = database.prepare("SELECT name FROM sqlite_schema WHERE name IN ('pulls', 'postings')").all();
      for (const { name } of tables) database.exec(`DELETE FROM ${name}`);
      database.close();
    }
    // Of another key, what it is found by is hashed anew, too.
    edge = await startEdge({ persist, env: { EDGE_SESSION_KEY: "another-session-key-0123456789abcdef0123456789" } });
    office = backOfficeOf(edge);
    assert.deepEqual((await office.read("/api/v1/pulls")).pulls, []);
    let told = 0;
    for (let cursor = ""; cursor !== null; ) {
      const response = await office.call(`/api/v1/rebuild?${query({ cursor })}`, { method: "POST" });
      const page = await response.json();
      assert.equal(response.status, 202);
      [told, cursor] = [told + page.pulls, page.cursor];
    }
    assert.equal(told, pulls.length);
    await listed(office, {}, idsOf(() => true));
    await listed(office, { "metadata.campaign": "summer", status: "SUCCESS" }, idsOf((pull) => pull.campaign === "summer" && pull.status === "SUCCESS"));
    await assertProblem(await office.call("/api/v1/rebuild"), 405, "METHOD_NOT_ALLOWED");
  });
});

test("a pull is found by what its snapshot holds, and nothing of that stands in the list", async () => {
  const edgePersist = temporaryDirectory();
  const both = await startBoth({ edgePersist });
  const office = backOfficeOf(both.edge);
  const page = await openPage(both.edge);
  const id = (await page.ask("connect", await loginOf(both.sandbox, "user_good"))).pull_id;
  await office.seen(id, (pull) => pull.complete && isSettled(pull), "the pull");
  const { pull } = await office.read(`/api/v1/pulls/${id}/snapshots/latest`);
  const policy = pull.policies[0];
  const [email, phone] = [pull.account_email, pull.mobile_phone ?? pull.phone];
  assert.ok(email && phone && policy.carrier_policy_number && policy.policy_type && pull.insurance_provider_name, JSON.stringify(pull).slice(0, 500));
  for (const filter of [
    { email: email.toUpperCase() },
    { phone: `+1 (${phone.slice(0, 3)}) ${phone.slice(3)}` },
    { policy_number: policy.carrier_policy_number.toLowerCase() },
    { type: policy.policy_type },
    { carrier: pull.insurance_provider_name, status: "SUCCESS", email },
  ]) await listed(office, filter, [id]);
  await listed(office, { email: "nobody@example.com" }, []);
  await both.stop();
  for (const text of databases(edgePersist).map((file) => readFileSync(file, "latin1"))) for (const secret of [email, phone, policy.carrier_policy_number, pull.last_name]) assert.ok(!text.includes(secret), secret);
});

test("without its tables the list says which command makes them, and what is copied waits", async () => {
  const persist = temporaryDirectory();
  let edge = await startEdge({ persist });
  await edge.stop();
  const drop = (statement) => databases(persist).forEach((file) => {
    const database = new DatabaseSync(file);
    if (database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'd1_migrations'").get()) database.exec(statement);
    database.close();
  });
  drop("DROP TABLE pulls; DROP TABLE postings");
  const port = await freePort();
  edge = await startEdge({ persist, port });
  const office = backOfficeOf(edge);
  try {
    const problem = await assertProblem(await office.call("/api/v1/pulls"), 503, "NOT_CONFIGURED");
    assert.match(problem.detail, /d1 migrations apply AGENCY/);
    const id = randomUUID();
    assert.equal((await postWebhook(edge, webhook(id, "COMPLETE"))).status, 200);
    await office.seen(id, (pull) => pull.outbox.some((entry) => entry.work === "copy" && entry.failures.at(-1)?.code === "STORAGE"), "the copy that failed");
    await edge.stop();
    // What a migration added to a table it adds anew: all that were changed are made from their beginning.
    drop("DELETE FROM d1_migrations; DROP TABLE instances");
    edge = await startEdge({ persist, port });
    await office.call(`/api/v1/pulls/${id}/retry`, { method: "POST" });
    await listed(office, {}, [id]);
  } finally {
    await edge.stop();
  }
});
