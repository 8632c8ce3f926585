// A pull is deleted while webhooks, documents and deliveries are still coming: no byte of it is left, and what comes late is not kept.
import assert from "node:assert/strict";
import { createHash, randomUUID } from "node:crypto";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { assertProblem, authStatus, backOfficeOf, isSettled, openPage, postWebhook, until, webhook } from "../edge-client.mjs";
import { freePort, LOCAL, startEdge, temporaryDirectory } from "../harness.mjs";
import { accepts, startHooks, status } from "../hooks.mjs";
import { foundBelow, namesOf } from "../planted.mjs";
import { pullOf, startStandIn } from "../stand-in.mjs";

const WHOLE = "whole-token-0123456789abcdef0123456789abcdef";
const TOKENS = `demo:${LOCAL.apiToken},whole:${WHOLE}:read+write+servicing+admin`;
const DAY = 86_400_000;
const PLANTED = Object.fromEntries(
  ["event", "own", "scheduled", "snapshot", "policy", "title", "document", "metadata", "account", "message", "session", "late", "answer"].map((name) => [name, `PLANTED-${name}-of-a-pull-93ad`]),
);

/** An edge without a key, so that what is left is found, and a Canopy that gives documents slowly. */
async function custody({ env = {}, documentMs = 0 } = {}) {
  const canopy = await startStandIn(async ({ path }) => {
    if (path.includes("/documents/")) {
      await sleep(documentMs);
      return { headers: { "content-type": "application/pdf" }, body: `%PDF-1.4 ${PLANTED.document} ${path}` };
    }
    const names = Array.from({ length: 6 }, (_, at) => ({ document_id: `d${at + 1}`, title: `${PLANTED.title} ${at}` }));
    const policies = [{ policy_id: `p-${pullOf(path)}`, policy_type: "AUTO", status: "ACTIVE", note: PLANTED.snapshot, carrier_policy_number: PLANTED.policy }];
    return { body: { success: true, pull: { pull_id: pullOf(path), policies, documents: names } } };
  });
  const [port, persist] = [await freePort(), temporaryDirectory()];
  const it = {
    persist,
    canopy,
    async start(more) {
      it.edge = await startEdge({ port, persist, sandbox: canopy, env: { EDGE_API_TOKENS: TOKENS, ...env, ...more } });
      it.office = backOfficeOf(it.edge, WHOLE);
    },
    async fall() {
      await it.edge.kill9();
      await it.start();
    },
    async stop() {
      await it.edge?.stop();
      await canopy.stop();
    },
    async write(path, method, json) {
      const answer = await it.office.call(path, { method, body: json && JSON.stringify(json) });
      const text = await answer.text();
      assert.ok(answer.ok, `${method} ${path}: ${text}`);
      return text && JSON.parse(text);
    },
    async tell(pull_id, type, more = {}) {
      const meta_data = { note: PLANTED.metadata, lead: `lead-${pull_id}`, ...more.meta_data };
      const body = webhook(pull_id, type, { account_identifier: `${PLANTED.account}-${more.account ?? pull_id}`, data: { note: PLANTED.event }, ...more, meta_data });
      const answer = await postWebhook(it.edge, body);
      assert.deepEqual([answer.status, await answer.json()], [200, { received: true }]);
    },
    /** A pull with everything that may lie somewhere; all of it told, not all of it done. */
    async begun(more) {
      const pull_id = randomUUID();
      const login = authStatus(pull_id, "NOT_AUTHENTICATED", 1, { data: { auth_status: "NOT_AUTHENTICATED", login_error_message: PLANTED.message } });
      assert.equal((await postWebhook(it.edge, login)).status, 200);
      await it.tell(pull_id, "COMPLETE", { status: "SUCCESS", ...more });
      const below = `/api/v1/pulls/${pull_id}`;
      await it.write(`${below}/events`, "POST", { event_type: "NOTE_TAKEN", data: { note: PLANTED.own }, key: pull_id });
      await it.write(`${below}/schedule`, "POST", { event_type: "CALL_BACK", data: { note: PLANTED.scheduled }, key: pull_id, effective_at: new Date(Date.now() + DAY).toISOString() });
      return pull_id;
    },
    whole: (pull_id) => it.office.seen(pull_id, (pull) => pull.complete && isSettled(pull) && pull.documents.length === 6, "the pull", 60_000),
    stored: (pull_id) => it.office.seen(pull_id, (pull) => pull.documents.length === 6 && pull.documents.every(({ state }) => state === "stored"), "the documents", 60_000),
    async gone(pull_id) {
      const below = `/api/v1/pulls/${pull_id}`;
      for (const path of ["", "?read=copy", "/events", "/snapshots/latest", "/documents/d1", "/intake", "/timeline", "/schedule", "/export"]) await assertProblem(await it.office.call(below + path), 404, "NOT_FOUND");
      for (const [list, rows] of [["pulls", "pulls"], ["policies", "policies"], ["tasks", "tasks"]]) {
        const shown = await it.office.read(`/api/v1/${list}`);
        assert.ok(!JSON.stringify(shown[rows]).includes(pull_id), `${list}: ${JSON.stringify(shown)}`);
      }
    },
  };
  await it.start();
  return it;
}

const nothingIsLeft = (persist) => assert.deepEqual(foundBelow(persist, PLANTED, { rows: true }), []);

test("one that is deleted while webhooks, documents and deliveries come leaves no byte, and what comes late is not kept", async () => {
  const it = await custody({ documentMs: 300 });
  const hooks = await startHooks();
  let coming = true;
  try {
    const refusing = hooks.endpoint(status(500, {}, PLANTED.answer));
    await it.write("/api/v1/subscriptions", "POST", { url: refusing.url, form: "intake" });
    const page = await openPage(it.edge, { token: WHOLE, metadata: { note: PLANTED.session } });
    const others = [await it.begun(), await it.begun()];
    const pull_id = await it.begun({ meta_data: { edge_session: page.session_id } });
    await it.office.seen(pull_id, (pull) => pull.documents.some(({ state }) => state === "stored"), "the first of its documents");
    await refusing.until(() => refusing.of(pull_id).length > 0, "a delivery");
    const webhooks = (async () => {
      for (let number = 0; coming; number += 1) await it.tell(pull_id, "DATA_UPDATED", { data: { note: PLANTED.late, number } });
    })();
    await sleep(100);
    const deleted = await it.write(`/api/v1/pulls/${pull_id}`, "DELETE");
    assert.deepEqual([deleted.pull_id, deleted.complete], [pull_id, true], JSON.stringify(deleted));
    assert.match(deleted.note, /Canopy/);
    await it.gone(pull_id);
    await sleep(500);
    coming = false;
    await webhooks;
    await it.gone(pull_id);
    assert.deepEqual(await it.write(`/api/v1/pulls/${pull_id}`, "DELETE"), deleted, "again it says the same");
    await assertProblem(await fetch(it.edge.url + page.path, { headers: page.bearer }), 404, "NOT_FOUND");
    // The others are as they were; then they go, too.
    for (const other of others) await it.stored(other);
    const [tried, late] = [refusing.of(pull_id).length, new Set(others)];
    await refusing.until((all) => all.some(({ pull_id: of, attempt }) => late.has(of) && attempt > 1), "a second attempt of another's");
    assert.equal(refusing.of(pull_id).length, tried, "what waited to be delivered is gone");
    for (const other of others) assert.equal((await it.write(`/api/v1/pulls/${other}`, "DELETE")).complete, true);
    await it.tell(pull_id, "COMPLETE", { status: "SUCCESS", data: { note: PLANTED.late } });
    await sleep(2_000);
    await it.edge.stop();
    nothingIsLeft(it.persist);
  } finally {
    coming = false;
    await hooks.stop();
    await it.stop();
  }
});

test("what is to be found without a deletion is found, so that the search can fail", async () => {
  const it = await custody();
  try {
    await it.whole(await it.begun());
    await it.edge.stop();
    const absent = ["session", "late", "answer"];
    assert.deepEqual(namesOf(foundBelow(it.persist, PLANTED, { rows: true })), Object.keys(PLANTED).filter((name) => !absent.includes(name)).toSorted());
  } finally {
    await it.stop();
  }
});

test("a deletion that is killed in its middle is finished, and its tombstone outlives the edge", async () => {
  const it = await custody();
  try {
    const ids = [];
    for (let number = 0; number < 10; number += 1) ids.push(await it.begun());
    for (const id of ids) await it.whole(id);
    const asked = ids.map((id) => it.office.call(`/api/v1/pulls/${id}`, { method: "DELETE" }).then((answer) => answer.status, () => undefined));
    await sleep(30);
    await it.fall();
    await Promise.all(asked);
    for (const id of ids) assert.equal((await it.write(`/api/v1/pulls/${id}`, "DELETE")).complete, true);
    await it.fall();
    for (const id of ids) {
      await it.gone(id);
      await it.tell(id, "COMPLETE", { status: "SUCCESS", data: { note: PLANTED.late } });
      await it.gone(id);
    }
    await it.edge.stop();
    nothingIsLeft(it.persist);
  } finally {
    await it.stop();
  }
});

test("one whose key is gone is deleted all the same", async () => {
  const keyOf = (id) => ({ EDGE_SNAPSHOT_KEY: `${id}:${createHash("sha256").update(id).digest("base64")}` });
  const it = await custody({ env: keyOf("k1") });
  try {
    const pull_id = await it.begun();
    await it.whole(pull_id);
    await it.edge.stop();
    await it.start(keyOf("k2"));
    await assertProblem(await it.office.call(`/api/v1/pulls/${pull_id}`), 500, "INTERNAL");
    assert.equal((await it.write(`/api/v1/pulls/${pull_id}`, "DELETE")).complete, true);
    await it.gone(pull_id);
    await it.tell(pull_id, "COMPLETE", { status: "SUCCESS" });
    await it.gone(pull_id);
  } finally {
    await it.stop();
  }
});

test("by account, and by metadata", async () => {
  const it = await custody();
  try {
    const [one, two] = [await it.begun({ account: "same" }), await it.begun({ account: "same" })];
    const [three, four] = [await it.begun({ meta_data: { household: "h-1" } }), await it.begun({ meta_data: { household: "h-2" } })];
    for (const id of [one, two, three, four]) await it.whole(id);
    const account = encodeURIComponent(`${PLANTED.account}-same`);
    assert.deepEqual((await it.write(`/api/v1/accounts/${account}`, "DELETE")).pull_ids.toSorted(), [one, two].toSorted());
    assert.deepEqual((await it.write("/api/v1/pulls?metadata.household=h-1", "DELETE")).pull_ids, [three]);
    for (const id of [one, two, three]) await it.gone(id);
    assert.equal((await it.office.pull(four)).pull_id, four);
    const policies = (await it.office.read("/api/v1/policies")).policies.map(({ policy_id }) => policy_id);
    assert.deepEqual(policies, [`p-${four}`]);
    await assertProblem(await it.office.call("/api/v1/pulls?metadata.household=h-2", { method: "DELETE", headers: { authorization: `Bearer ${LOCAL.apiToken}` } }), 403, "SCOPE_MISSING");
  } finally {
    await it.stop();
  }
});

test("retention deletes by itself, sooner what never signed in, and not what came to life again", async () => {
  const it = await custody({ env: { EDGE_RETENTION_DAYS: "30", EDGE_SCHEDULE: JSON.stringify({ unauthenticated_days: 7 }) } });
  const hooks = await startHooks();
  const move = (json) => it.write("/api/v1/clock", "POST", json);
  try {
    const endpoint = hooks.endpoint(accepts);
    await it.write("/api/v1/subscriptions", "POST", { url: endpoint.url, types: ["EDGE_RETENTION_DUE", "EDGE_UNAUTHENTICATED_DUE"] });
    const kept = await it.begun();
    await it.whole(kept);
    const never = randomUUID();
    assert.equal((await postWebhook(it.edge, authStatus(never, "NOT_AUTHENTICATED", 1))).status, 200);
    const back = randomUUID();
    assert.equal((await postWebhook(it.edge, authStatus(back, "NOT_AUTHENTICATED", 1))).status, 200);
    await it.office.seen(back, isSettled, "the pull");
    await move({ advance: "P7D" });
    await move({ advance: "PT1M" });
    await it.tell(back, "COMPLETE", { status: "SUCCESS" });
    await it.stored(back);
    assert.equal((await it.office.pull(never)).own.EDGE_UNAUTHENTICATED_DUE !== undefined, true);
    await move({ advance: "PT2H" });
    await until(async () => (await it.office.call(`/api/v1/pulls/${never}`)).status === 404, "the first deletion");
    await it.gone(never);
    for (const id of [kept, back]) assert.equal((await it.office.pull(id)).pull_id, id);
    await move({ advance: "P24D" });
    await move({ advance: "PT2H" });
    await until(async () => (await it.office.call(`/api/v1/pulls/${kept}`)).status === 404, "the second deletion");
    await it.gone(kept);
    assert.equal((await it.office.pull(back)).pull_id, back, "it came to life later");
  } finally {
    await hooks.stop();
    await it.stop();
  }
});
