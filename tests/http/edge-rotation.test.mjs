// A key is set, changed, taken away, and taken away too early: nothing is lost, nothing unreadable, and who needs a key is named.
import assert from "node:assert/strict";
import { createHash, randomUUID } from "node:crypto";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { assertProblem, authStatus, backOfficeOf, CONSENT, isSettled, logLines, openPage, postWebhook, until, webhook } from "../edge-client.mjs";
import { freePort, LOCAL, startEdge, temporaryDirectory } from "../harness.mjs";
import { foundBelow, namesOf } from "../planted.mjs";
import { pullOf, startStandIn } from "../stand-in.mjs";

const WHOLE = "whole-token-0123456789abcdef0123456789abcdef";
const keyOf = (id) => `${id}:${createHash("sha256").update(id).digest("base64")}`;
const keysOf = (...ids) => ids.map(keyOf).join(",") || null;
const PLANTED = Object.fromEntries(["event", "own", "snapshot", "title", "document", "metadata"].map((name) => [name, `PLANTED-${name}-of-a-pull-61bc`]));

/** An edge whose key is changed with each start, and a Canopy whose pulls have so many documents. */
async function custody({ documents = () => 2 } = {}) {
  const canopy = await startStandIn(({ path }) => {
    if (path.includes("/documents/")) return { headers: { "content-type": "application/pdf" }, body: `%PDF-1.4 ${PLANTED.document} ${path}` };
    if (path.endsWith("/consentAndConnect")) return { body: { success: true, pull_id: randomUUID(), pull_jwt: "jwt" } };
    const pull_id = pullOf(path);
    const names = Array.from({ length: documents(pull_id) }, (_, at) => ({ document_id: `d${at + 1}`, title: `${PLANTED.title} ${at}` }));
    return { body: { success: true, pull: { pull_id, policies: [{ policy_id: "p-1", policy_type: "AUTO", note: PLANTED.snapshot }], documents: names } } };
  });
  const [port, persist] = [await freePort(), temporaryDirectory()];
  let edge;
  const it = {
    persist,
    office: undefined,
    log: () => edge.log(),
    url: () => edge.url,
    async start(...ids) {
      const env = { EDGE_API_TOKENS: `demo:${LOCAL.apiToken},whole:${WHOLE}:read+write+servicing+admin`, EDGE_SNAPSHOT_KEY: keysOf(...ids) };
      edge = await startEdge({ port, persist, sandbox: canopy, env });
      it.office = backOfficeOf(edge, WHOLE);
      it.edge = edge;
    },
    async restart(...ids) {
      await edge.stop();
      await it.start(...ids);
    },
    async fall(...ids) {
      await edge.kill9();
      await it.start(...ids);
    },
    async stop() {
      await edge?.stop();
      await canopy.stop();
    },
    /** A pull with everything that may lie somewhere. */
    async pull() {
      const pull_id = randomUUID();
      for (const body of [authStatus(pull_id, "QUEUED", 1, { meta_data: { note: PLANTED.metadata } }), webhook(pull_id, "COMPLETE", { status: "SUCCESS", meta_data: { note: PLANTED.metadata }, data: { note: PLANTED.event } })]) {
        assert.equal((await postWebhook(edge, body)).status, 200);
      }
      const own = await it.office.call(`/api/v1/pulls/${pull_id}/events`, { method: "POST", body: JSON.stringify({ event_type: "NOTE_TAKEN", data: { note: PLANTED.own }, key: pull_id }) });
      assert.equal(own.status, 201, await own.clone().text());
      await it.office.seen(pull_id, (pull) => pull.complete && isSettled(pull) && pull.documents.length === documents(pull_id), "the pull", 120_000);
      return pull_id;
    },
    /** All that can be read of a pull, as text. */
    async read(pull_id) {
      const below = `/api/v1/pulls/${pull_id}`;
      const texts = [JSON.stringify(await it.office.events(pull_id))];
      const { documents } = await it.office.pull(pull_id);
      for (const path of ["", "?read=copy", "/snapshots/latest", "/intake", ...documents.map(({ document_id }) => `/documents/${document_id}`)]) {
        const answer = await it.office.call(below + path);
        texts.push(await answer.text());
        assert.equal(answer.status, 200, `${path}: ${texts.at(-1)}`);
      }
      return texts;
    },
    keys: () => it.office.read("/api/v1/keys"),
    async rotate() {
      const answer = await it.office.call("/api/v1/keys/rotate", { method: "POST" });
      const keys = await answer.json();
      assert.equal(answer.status, 202, JSON.stringify(keys));
      return keys;
    },
    rotated: (limitMs = 120_000) => until(async () => ((keys) => keys.rotation.state === "done" && keys)(await it.keys()), "the rotation's end", limitMs),
    health: async () => (await fetch(`${edge.url}/healthz`)).json(),
  };
  return it;
}

/** How many pulls have something under each key, in order. */
const counts = ({ keys }) => Object.fromEntries(keys.map(({ key_id, pulls }) => [key_id, pulls]));

test("what was stored in the clear is read with a key, and a rotation seals it, documents and copies too", async () => {
  // More documents than a pull's record has room for.
  const many = 303;
  let large;
  const it = await custody({ documents: (pull_id) => (pull_id === large ? many : 2) });
  try {
    await it.start();
    const small = [await it.pull(), await it.pull()];
    large = undefined;
    const isLarge = randomUUID();
    large = isLarge;
    for (const body of [webhook(isLarge, "COMPLETE", { status: "SUCCESS", data: { note: PLANTED.event } })]) assert.equal((await postWebhook(it.edge, body)).status, 200);
    await it.office.seen(isLarge, (pull) => pull.complete && isSettled(pull) && pull.documents.length === many, "the large pull", 180_000);
    const before = new Map();
    for (const pull_id of [...small, isLarge]) before.set(pull_id, await it.read(pull_id));
    assert.equal((await it.keys()).in_the_clear, 3);
    const refused = await it.office.call("/api/v1/keys/rotate", { method: "POST" });
    await assertProblem(refused, 409, "STATE_CONFLICT");

    await it.restart("k1");
    assert.deepEqual(namesOf(foundBelow(it.persist, PLANTED, { rows: true })), Object.keys(PLANTED).toSorted(), "the search finds what is plain");
    for (const [pull_id, texts] of before) assert.deepEqual(await it.read(pull_id), texts, "read as it was");
    const first = await it.rotate();
    assert.deepEqual([first.in_the_clear, first.rotation.state, first.rotation.kind, first.rotation.caller], [3, "running", "rekey", "whole"]);
    assert.equal((await it.rotate()).rotation.started_at, first.rotation.started_at, "asked for again it goes on");
    const done = await it.rotated();
    assert.deepEqual([done.in_the_clear, counts(done)], [0, { k1: 3 }]);
    assert.deepEqual([done.rotation.done, done.rotation.left, done.rotation.failed, done.rotation.failures], [3, 0, 0, []]);
    assert.ok(Date.parse(done.sessions_until) - Date.parse(done.rotation.started_at) >= 25 * 3_600_000);
    for (const [pull_id, [events]] of before) assert.equal((await it.read(pull_id))[0], events, "what the log says is as it was");
    assert.ok(before.get(isLarge).length > many);
    await it.office.seen(isLarge, isSettled, "the large pull");

    // Again: nothing is left to do, and nothing is harmed.
    await it.rotate();
    assert.equal((await it.rotated()).rotation.failed, 0);
    await it.restart("k1");
    for (const [pull_id, [events, , , snapshot]] of before) assert.deepEqual(((texts) => [texts[0], texts[3]])(await it.read(pull_id)), [events, snapshot]);
    await it.edge.stop();
    assert.deepEqual(foundBelow(it.persist, PLANTED, { rows: true }), []);
    const deleted = foundBelow(it.persist, PLANTED);
    console.log(`in bytes of files that no row has any more: ${namesOf(deleted).join(" ") || "nothing"} (${[...new Set(deleted.map(({ where }) => where.replace(/\/[0-9a-f]{64}/, "/…")))].join(" ")})`);
  } finally {
    await it.stop();
  }
});

test("rotation while 1,000 webhooks come in, killed in its middle: nothing is lost, and the old key is taken away", async () => {
  const [PULLS, WEBHOOKS, AT_A_TIME] = [40, 1_000, 8];
  const it = await custody();
  try {
    await it.start("k1");
    const ids = [];
    for (let number = 0; number < PULLS; number += 1) ids.push(await it.pull());
    await it.restart("k2", "k1");
    assert.deepEqual(counts(await it.keys()), { k2: 0, k1: PULLS });

    // As Canopy does: what is not answered with 200 is sent again.
    const sent = new Map(ids.map((id) => [id, []]));
    let number = 0;
    const surely = async (body) => {
      for (let attempt = 0; attempt < 600; attempt += 1) {
        const status = await postWebhook(it.edge, body).then(async (answer) => (await answer.arrayBuffer(), answer.status), () => null).catch(() => null);
        if (status === 200) return;
        await sleep(50);
      }
      assert.fail("a webhook is not taken");
    };
    // The last of them come when the rotation was seen in its middle, however fast the others are.
    let seen;
    const [isSeen, BEFORE] = [new Promise((resolve) => (seen = resolve)), WEBHOOKS - 200];
    const send = async () => {
      while (number < WEBHOOKS) {
        if (number >= BEFORE) await isSeen;
        const at = number++;
        if (at >= WEBHOOKS) return;
        const id = ids[at % PULLS];
        const body = webhook(id, at % 3 ? "CLAIMS_AVAILABLE" : "VALIDATION_COMPLETE", { status: "SUCCESS", meta_data: { note: PLANTED.metadata }, data: { number: at, note: PLANTED.event } });
        sent.get(id).push(body);
        await surely(body);
      }
    };
    const sending = Promise.all(Array.from({ length: AT_A_TIME }, send));
    await it.rotate();
    const middle = await until(async () => ((keys) => keys.rotation.done >= 3 && keys)(await it.keys()), "some pulls that are done");
    assert.equal(middle.rotation.state, "running");
    assert.ok(middle.rotation.left > 0 && number < WEBHOOKS, `in the middle: ${JSON.stringify(middle.rotation)}, ${number} webhooks`);
    seen();
    await it.fall("k2", "k1");
    await sending;
    const done = await it.rotated();
    assert.deepEqual([done.rotation.failed, done.rotation.failures, counts(done)], [0, [], { k2: PULLS, k1: 0 }]);
    assert.equal(done.rotation.done, PULLS, "each pull once, the kill notwithstanding");

    // Not yet taken away, and then: the same, and nothing is missing.
    for (const id of ids) await it.office.seen(id, isSettled, "the pull's work", 60_000);
    const events = new Map();
    for (const id of ids) events.set(id, (await it.read(id))[0]);
    await it.restart("k2");
    const health = await it.health();
    assert.deepEqual(health, { status: "ok" });
    for (const id of ids) {
      const [log] = await it.read(id);
      assert.equal(log, events.get(id));
      for (const body of sent.get(id)) assert.ok(log.includes(body), "a webhook that was answered stands in the log");
    }
    assert.deepEqual(counts(await it.keys()), { k2: PULLS });
    await it.edge.stop();
    assert.deepEqual(foundBelow(it.persist, PLANTED), [], "nor does anything stand in the clear");
  } finally {
    await it.stop();
  }
});

test("a key that is taken away too early is named with how many pulls need it, and costs those alone", async () => {
  const it = await custody();
  try {
    await it.start("k1");
    const old = [await it.pull(), await it.pull()];
    const before = await it.read(old[0]);
    const page = await openPage(it.edge);
    await page.ask("connect", { carrier_id: "statefarm", ...CONSENT, username: "token-u", password: "token-p" });
    await it.restart("k2");
    const young = await it.pull();

    const { status, warnings } = await it.health();
    assert.deepEqual([status, warnings.map(({ code, key_id, pulls }) => [code, key_id, pulls])], ["ok", [["KEY_MISSING", "k1", 2]]]);
    const keys = await it.keys();
    assert.deepEqual(keys.keys, [{ key_id: "k2", is_configured: true, seals: true, pulls: 1 }, { key_id: "k1", is_configured: false, seals: false, pulls: 2 }]);
    assert.deepEqual(keys.warnings, warnings);
    const said = await it.rotate();
    assert.deepEqual(said.warnings, warnings);
    const done = await it.rotated();
    assert.deepEqual([done.rotation.done, done.rotation.failed], [1, 2]);
    assert.deepEqual(done.rotation.failures.map(({ pull_id }) => pull_id).toSorted(), old.toSorted());
    for (const { why } of done.rotation.failures) assert.match(why, /EDGE_SNAPSHOT_KEY.* k1/);
    assert.deepEqual(counts(done), { k2: 1, k1: 2 });
    await fetch(`${it.url()}/cdn-cgi/local/scheduled`);
    await until(() => logLines(it.edge).some((line) => line.route === "hourly" && line.warning?.key_id === "k1"), "the hourly line");

    // What needs the key says so; what does not goes on; webhooks are kept until it is back.
    for (const path of ["", "?read=copy", "/events", "/snapshots/1", "/documents/d1"]) {
      const { detail } = await assertProblem(await it.office.call(`/api/v1/pulls/${old[0]}${path}`), 500, "INTERNAL");
      assert.match(detail, /EDGE_SNAPSHOT_KEY to hold the key k1/, path);
    }
    await assertProblem(await fetch(it.url() + page.path, { headers: { ...page.bearer, origin: it.url() } }), 500, "INTERNAL");
    await it.read(young);
    assert.equal((await it.office.read("/api/v1/pulls")).pulls.length, 3);
    const late = webhook(old[0], "CLAIMS_AVAILABLE", { status: "SUCCESS", meta_data: { note: PLANTED.metadata }, data: { note: "it came meanwhile" } });
    for (let times = 0; times < 2; times += 1) assert.equal((await postWebhook(it.edge, late)).status, 200);
    assert.doesNotMatch(it.log(), /panicked|RuntimeError/i, "no trap");

    await it.restart("k2", "k1");
    assert.equal((await it.health()).warnings, undefined);
    const events = await it.office.events(old[0]);
    assert.deepEqual(JSON.parse(before[0]), events.slice(0, JSON.parse(before[0]).length), "nothing was written over");
    assert.equal(events.filter(({ body }) => JSON.stringify(body) === late).length, 1, "and what came meanwhile is there once");
    assert.equal((await page.document()).phase, "connected");
    await it.rotate();
    const whole = await it.rotated();
    assert.deepEqual([whole.rotation.failed, counts(whole)], [0, { k2: 3, k1: 0 }]);
    await it.restart("k2");
    for (const id of [...old, young]) await it.read(id);
  } finally {
    await it.stop();
  }
});

test("without a key an edge that is no local run says so, and one with a key says nothing", async () => {
  const long = "long-0123456789abcdef0123456789abcdef";
  for (const [ids, warned] of [[[], ["NOT_SEALED"]], [["k1"], undefined]]) {
    const edge = await startEdge({ env: { CANOPY_API_BASE_URL: "https://canopy.invalid/api/v1.0.0", CANOPY_WEBHOOK_SIGNING_SECRET: long, EDGE_API_TOKENS: `all:${long}:read`, EDGE_SNAPSHOT_KEY: keysOf(...ids) } });
    try {
      const { status, warnings } = await (await fetch(`${edge.url}/healthz`)).json();
      assert.deepEqual([status, warnings?.map(({ code }) => code)], ["ok", warned]);
    } finally {
      await edge.stop();
    }
  }
});
