// A pull's log on the real edge: what it holds beside webhooks, and that storage of an earlier form goes on.
import assert from "node:assert/strict";
import { createHash, randomUUID } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { authStatus, backOfficeOf, control, isSettled, loginOf, openPage, postWebhook, until, webhook } from "../edge-client.mjs";
import { startBoth, startEdge, temporaryDirectory } from "../harness.mjs";

const fixture = (name) => readFileSync(fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url)), "utf8");
/** The name that workerd gives the storage of the fixture's pull: it follows from the class and the pull's id. */
const STORAGE = "do/canopy-edge-Pull/7918408363a31c29c0a83a4c5d95655047a1d25f9421c67d7d9e5eb29a2423c7.sqlite";

/** What makes storage as earlier edges left it, by the form of its tables. */
const FORMS = { first: ["first-form.sql"], second: ["first-form.sql", "second-form.sql"] };

/** Storage in which the fixture's pull stands as an earlier edge left it. */
function earlierStorage(form) {
  const persist = temporaryDirectory();
  mkdirSync(path.join(persist, path.dirname(STORAGE)), { recursive: true });
  const database = new DatabaseSync(path.join(persist, STORAGE));
  for (const name of FORMS[form]) database.exec(fixture(name));
  database.close();
  return persist;
}

const work = (view, name) => view.outbox.find((entry) => entry.work === name);
const without = (view, ...names) => ({ ...view, outbox: view.outbox.filter((entry) => !names.includes(entry.work)) });

for (const form of Object.keys(FORMS)) {
  test(`storage of the ${form} form is taken over by a webhook that comes before anybody reads`, async () => {
    const { view: before, events } = JSON.parse(fixture("first-form.json"));
    const edge = await startEdge({ persist: earlierStorage(form) });
    try {
      const office = backOfficeOf(edge);
      assert.equal((await postWebhook(edge, webhook(before.pull_id, "VALIDATION_COMPLETE", { data: { status: "VALID" } }))).status, 200);
      const log = await office.events(before.pull_id);
      assert.deepEqual(log.map((entry) => entry.event_type), [...events.map((event) => event.event_type), "VALIDATION_COMPLETE"]);
      assert.deepEqual(log.map((entry) => entry.position), log.map((_, at) => at + 1));
      await until(async () => (await office.read("/api/v1/pulls?metadata.lead_id=L-1")).pulls.length === 1, "the pull in the list");
    } finally {
      await edge.stop();
    }
  });

  test(`storage of the ${form} form is read, listed and continued`, async () => {
    const { view: before, events } = JSON.parse(fixture("first-form.json"));
    const id = before.pull_id;
    const persist = earlierStorage(form);
    let edge = await startEdge({ persist });
    try {
      let office = backOfficeOf(edge);
      const taken = await office.pull(id);
      assert.deepEqual(without(taken, "copy"), { ...without(before, "copy"), refreshed_pulls: [] });
      const log = await office.events(id);
      const moments = (at) => ({ recorded_at: at, effective_at: at });
      assert.deepEqual(log, events.map((event) => ({ ...event, kind: "webhook", cause: null, ...moments(event.received_at) })));
      const snapshot = await (await office.call(`/api/v1/pulls/${id}/snapshots/latest`)).arrayBuffer();
      assert.equal(createHash("sha256").update(Buffer.from(snapshot)).digest("hex"), before.snapshots[0].sha256);
      for (const filter of ["", "?metadata.lead_id=L-1", `?account_identifier=${before.account_identifier}&status=${before.status}`, "?carrier=statefarm", "?type=auto"]) {
        const listed = await until(async () => (await office.read(`/api/v1/pulls${filter}`)).pulls[0], `the pull in the list ${filter}`);
        assert.deepEqual([listed.pull_id, listed.status, listed.created_at], [id, before.status, before.created_at], filter);
      }
      assert.equal((await postWebhook(edge, JSON.stringify(events[0].body))).status, 200, "a repetition of what is there");
      assert.equal((await postWebhook(edge, webhook(id, "VALIDATION_COMPLETE", { data: { status: "VALID" } }))).status, 200);
      await edge.kill9();
      edge = await startEdge({ persist });
      office = backOfficeOf(edge);
      const continued = await office.events(id);
      assert.deepEqual(continued.slice(0, -1), log);
      assert.deepEqual([continued.at(-1).position, continued.at(-1).event_type], [events.length + 1, "VALIDATION_COMPLETE"]);
      assert.equal((await office.pull(id)).validation, "VALID");
    } finally {
      await edge.stop();
    }
  });
}

test("what was fetched and stored is in the log, with what brought it", async () => {
  const both = await startBoth();
  try {
    const office = backOfficeOf(both.edge);
    const page = await openPage(both.edge);
    const id = (await page.ask("connect", await loginOf(both.sandbox, "user_good"))).pull_id;
    await office.seen(id, (pull) => pull.complete && isSettled(pull), "the pull");
    await control(both.sandbox, "POST", "/events", { pull_id: id, event_type: "DATA_UPDATED", data: { updates: [] } });
    const view = await office.seen(id, (pull) => pull.data_updates === 1 && isSettled(pull), "the update");
    const log = await office.events(id);
    assert.deepEqual(log.map((entry) => entry.position), log.map((_, at) => at + 1));
    assert.equal(view.revision, log.length);
    for (const [at, entry] of log.entries()) {
      assert.ok(at === 0 || Date.parse(entry.recorded_at) >= Date.parse(log[at - 1].recorded_at), "times do not go back");
      assert.deepEqual([entry.received_at, entry.effective_at], [entry.recorded_at, entry.recorded_at]);
      // Webhooks of one moment may overtake each other on their way.
      assert.ok(entry.outcome === "applied" || (entry.outcome === "stale" && entry.event_type === "AUTH_STATUS"), entry.outcome);
    }
    const of = (kind) => log.filter((entry) => entry.kind === kind);
    const caused = (entry) => log[entry.cause - 1];
    assert.deepEqual([...new Set(log.map((entry) => entry.kind))].sort(), ["fetched", "stored", "webhook"]);
    assert.ok(of("webhook").every((entry) => entry.cause === null && entry.event_type !== null));
    const versions = new Map(of("fetched").map((entry) => [entry.body.version, entry]));
    assert.deepEqual([...versions.keys()], view.snapshots.map((snapshot) => snapshot.version), "one for each version, none for a fetch that brought nothing new");
    for (const { version, size, sha256 } of view.snapshots) {
      const { body, event_type } = versions.get(version);
      assert.deepEqual([body.size, body.sha256, body.no_policies, event_type], [size, sha256, false, null]);
      assert.match(caused(versions.get(version)).event_type, /^(POLICIES_AVAILABLE|COMPLETE)$/);
    }
    const documents = view.documents.map(({ document_id, size, sha256 }) => ({ document_id, size, sha256, content_type: "application/pdf" }));
    assert.deepEqual(of("stored").map((entry) => entry.body).sort((a, b) => (a.document_id < b.document_id ? -1 : 1)), documents);
    assert.ok(of("stored").every((entry) => caused(entry).kind === "fetched"));
  } finally {
    await both.stop();
  }
});

test("entries of a burst are written in the order in which they are answered", async () => {
  const edge = await startEdge();
  try {
    const id = randomUUID();
    const sent = Array.from({ length: 40 }, (_, sequence) => authStatus(id, "PROCESSING", sequence));
    const answers = await Promise.all(sent.map((body) => postWebhook(edge, body)));
    assert.ok(answers.every((answer) => answer.status === 200));
    const log = await backOfficeOf(edge).events(id, 7);
    assert.deepEqual(log.map((entry) => entry.position), sent.map((_, at) => at + 1));
    assert.deepEqual(new Set(log.map((entry) => entry.sequence)), new Set(sent.map((_, sequence) => sequence)));
  } finally {
    await edge.stop();
  }
});

test("a repeated webhook is known in a short log, in one that has just grown long, and in a long one, also after a kill", async () => {
  const persist = temporaryDirectory();
  let edge = await startEdge({ persist });
  try {
    const id = randomUUID();
    const bodies = Array.from({ length: 300 }, (_, number) => webhook(id, "NEW", number % 2 ? { number } : { number, sequence: number }));
    const send = async (numbers) => {
      for (const number of numbers) assert.equal((await postWebhook(edge, bodies[number])).status, 200);
      const log = (await backOfficeOf(edge).events(id)).filter((entry) => entry.kind === "webhook");
      return log.map((entry) => entry.body.number);
    };
    const upTo = (count) => Array.from({ length: count }, (_, number) => number);
    const again = async () => {
      await edge.kill9();
      edge = await startEdge({ persist });
    };
    assert.deepEqual(await send([...upTo(3), 0, 2]), upTo(3));
    await again();
    assert.deepEqual(await send([1, 0, 3]), upTo(4));
    assert.deepEqual(await send([...upTo(256), 255, 0]), upTo(256), "as many as are known by heart");
    assert.deepEqual(await send([256, 0, 256, 100]), upTo(257), "it has an index now");
    await again();
    assert.deepEqual(await send([...upTo(280), 279, 278, 0, 1]), upTo(280));
    await edge.kill9();
    const directory = path.join(persist, path.dirname(STORAGE));
    const [file] = readdirSync(directory).filter((name) => /^[0-9a-f]{64}\.sqlite$/.test(name));
    const database = new DatabaseSync(path.join(directory, file));
    database.exec("DROP INDEX webhook; CREATE UNIQUE INDEX webhook ON entry (key) WHERE kind = 0");
    database.close();
    edge = await startEdge({ persist });
    assert.deepEqual(await send([...upTo(300), 299, 298, 0, 1]), upTo(300), "with the index of an earlier form");
  } finally {
    await edge.stop();
  }
});
