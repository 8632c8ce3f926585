// The export of one pull on the real edge: a zip that any tool opens, with all that is kept, and without what cannot be opened.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash, randomBytes, randomUUID } from "node:crypto";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { withBucket } from "../bucket.mjs";
import { assertProblem, backOfficeOf, isSettled, loginOf, openPage, postWebhook, until, webhook } from "../edge-client.mjs";
import { freePort, startBoth, startEdge, temporaryDirectory } from "../harness.mjs";
import { countsWasm, watchMemory } from "../isolate-memory.mjs";
import { pullOf, startStandIn } from "../stand-in.mjs";
import { WHOLE } from "../tapped-edge.mjs";

const MIB = 1024 * 1024;
/** Half of what the platform gives an isolate. */
const ISOLATE_MIB = 64;
/** As much as one document: none stands there whole. */
const WASM_MIB = 24;
const TOKENS = { EDGE_API_TOKENS: `whole:${WHOLE}:read+write+servicing+admin,reader:reader-token:read` };
const keyOf = (id) => `${id}:${createHash("sha256").update(id).digest("base64")}`;
const pdf = (bytes) => Buffer.concat([Buffer.from("%PDF-1.7\n"), randomBytes(bytes - 9)]);
const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");

/** Reads a zip as Python does, every checksum with it: names in order, and contents as base64. */
const READ_ZIP = `
import base64, json, sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as archive:
    assert archive.testzip() is None
    print(json.dumps([[name, base64.b64encode(archive.read(name)).decode()] for name in archive.namelist()]))
`;

/** Files of a zip, by name. */
function unzipped(bytes) {
  const file = path.join(temporaryDirectory(), "export.zip");
  writeFileSync(file, bytes);
  const python = process.env.CANOPY_EDGE_PYTHON ?? "python3";
  const files = JSON.parse(execFileSync(python, ["-c", READ_ZIP, file], { encoding: "utf8", maxBuffer: 512 * MIB }));
  return new Map(files.map(([name, text]) => [name, Buffer.from(text, "base64")]));
}

async function exported(edge, pull_id) {
  const response = await backOfficeOf(edge, WHOLE).call(`/api/v1/pulls/${pull_id}/export`);
  assert.equal(response.status, 200, await (response.status === 200 ? "" : response.text()));
  assert.equal(response.headers.get("content-type"), "application/zip");
  assert.equal(response.headers.get("content-disposition"), `attachment; filename="pull-${pull_id}.zip"`);
  return unzipped(Buffer.from(await response.arrayBuffer()));
}

const json = (files, name) => JSON.parse(files.get(name).toString("utf8"));

describe("a consumer's whole pull", () => {
  let both, office, pull;
  before(async () => {
    both = await startBoth({ edgeEnv: { ...TOKENS, EDGE_SNAPSHOT_KEY: keyOf("k") } });
    office = backOfficeOf(both.edge, WHOLE);
    const page = await openPage(both.edge, { metadata: { lead_id: "L-7" } });
    const { pull_id } = await page.ask("connect", await loginOf(both.sandbox, "user_good_complete"));
    pull = await office.seen(pull_id, (pull) => pull.complete && isSettled(pull), "the pull");
    const noted = await office.call(`/api/v1/pulls/${pull_id}/events`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ event_type: "NOTE", key: "note-1", data: { text: "Zoë 保険" } }) });
    assert.equal(noted.status, 201, await noted.text());
  });
  after(() => both?.stop());

  test("has each file as the back office shows it, and says what each is", async () => {
    const { pull_id } = pull;
    const events = await office.events(pull_id);
    const view = await office.pull(pull_id);
    const files = await exported(both.edge, pull_id);
    const versions = view.snapshots.map(({ version }) => version);
    assert.ok(versions.length > 0 && view.documents.length > 1);
    const documents = [...files.keys()].filter((name) => name.startsWith("documents/"));
    assert.deepEqual([...files.keys()], ["pull.json", "log.json", ...versions.map((version) => `snapshots/${version}.json`), ...versions.map((version) => `intake/${version}.json`), ...documents, "audit.json", "README.txt"]);
    assert.deepEqual(json(files, "pull.json"), view);
    assert.deepEqual(json(files, "log.json"), { events });
    assert.ok(events.some(({ body }) => JSON.stringify(body).includes("Zoë 保険")));
    for (const version of versions) {
      const at = `/api/v1/pulls/${pull_id}`;
      assert.equal(files.get(`snapshots/${version}.json`).toString("utf8"), await (await office.call(`${at}/snapshots/${version}`)).text());
      assert.deepEqual(json(files, `intake/${version}.json`), await office.read(`${at}/intake?version=${version}`));
    }
    assert.deepEqual(documents.map((name) => sha256(files.get(name))).toSorted(), view.documents.map(({ sha256 }) => sha256).toSorted());
    const { entries } = json(files, "audit.json");
    assert.deepEqual([entries[0].operation, entries[0].caller], ["/api/v1/pulls/{pull_id}/export", "whole"]);
    assert.ok(entries.every((entry) => entry.pull_id === pull_id));
    const readme = files.get("README.txt").toString("utf8");
    for (const word of [pull_id, "pull.json", "log.json", "snapshots/", "intake/", "documents/", "audit.json"]) assert.ok(readme.includes(word), word);
    assert.doesNotMatch(readme, /Not all|more than once/);
  });

  test("is given to whoever administers, and each time written down", async () => {
    const url = `/api/v1/pulls/${pull.pull_id}/export`;
    await assertProblem(await backOfficeOf(both.edge, "reader-token").call(url), 403, "SCOPE_MISSING");
    const head = await office.call(url, { method: "HEAD" });
    assert.deepEqual([head.status, head.headers.get("content-type"), (await head.arrayBuffer()).byteLength], [200, "application/zip", 0]);
    const { entries } = await office.read(`/api/v1/audit?pull_id=${pull.pull_id}&limit=100`);
    const asked = entries.filter(({ operation }) => operation === "/api/v1/pulls/{pull_id}/export");
    assert.deepEqual(asked.map(({ method, status }) => [method, status]), [["HEAD", 200], ["GET", 200]]);
    await assertProblem(await office.call(`/api/v1/pulls/${randomUUID()}/export`), 404, "NOT_FOUND");
  });
});

test("what cannot be opened is named, and keeps no other file away", async () => {
  const documents = new Map([["one", pdf(2 * MIB + 5)], ["two", pdf(2 * MIB + 5)]]);
  const names = ["one"];
  const canopy = await startStandIn(({ path }) => {
    const pull_id = pullOf(path);
    if (pull_id) return { body: { pull: { pull_id, policies: [], documents: names.map((document_id) => ({ document_id, title: `Policy ${document_id}` })) } } };
    return { headers: { "content-type": "application/pdf" }, body: documents.get(/documents\/(\w+)/.exec(path)[1]) };
  });
  const persist = temporaryDirectory();
  const pull_id = randomUUID();
  const run = (keys) => startEdge({ sandbox: canopy, persist, env: { ...TOKENS, EDGE_SNAPSHOT_KEY: keys.map(keyOf).join(",") } });
  const settled = (edge, known) => backOfficeOf(edge, WHOLE).seen(pull_id, (pull) => pull.documents.length === known && isSettled(pull), "the documents");
  const told = async (edge, type) => assert.equal((await postWebhook(edge, webhook(pull_id, type))).status, 200);
  let edge = await run(["old"]);
  await told(edge, "COMPLETE");
  await settled(edge, 1);
  await edge.stop();
  names.push("two", "three");
  documents.set("three", pdf(2 * MIB + 5));
  edge = await run(["new", "old"]);
  await told(edge, "DATA_UPDATED");
  await settled(edge, 3);
  await edge.stop();
  // Of one document the second chunk is changed.
  await withBucket(persist, async (bucket) => {
    const key = `pulls/${pull_id}/documents/three`;
    const bytes = await bucket.get(key);
    bytes[bytes.length - MIB] ^= 1;
    await bucket.put(key, bytes);
  });
  edge = await run(["new"]);
  try {
    const files = await exported(edge, pull_id);
    assert.equal(sha256(files.get("documents/Policy two.pdf")), sha256(documents.get("two")));
    assert.ok(!files.has("documents/Policy one.pdf") && !files.has("snapshots/1.json") && files.has("snapshots/2.json"));
    assert.ok(documents.get("three").subarray(0, MIB).equals(files.get("documents/Policy three.pdf")), "what was opened of it");
    const { events } = json(files, "log.json");
    assert.deepEqual([events[0].body, events.at(-1).body !== null], [null, true]);
    const { errors } = json(files, "errors.json");
    const named = new Set(errors.map(({ file }) => file));
    for (const file of ["log.json", "snapshots/1.json", "documents/Policy one.pdf", "documents/Policy three.pdf"]) assert.ok(named.has(file), file);
    assert.ok(errors.some(({ missing }) => missing === `what follows its first ${MIB} bytes`));
    const readme = files.get("README.txt").toString("utf8");
    for (const { file, missing, reason } of errors) assert.ok(readme.includes(`${file}: ${missing}: ${reason}`), file);
  } finally {
    await edge.stop();
    await canopy.stop();
  }
});

test("the other pulls of a monitored account are named", async () => {
  const canopy = await startStandIn(({ path }) => ({ body: { pull: { pull_id: pullOf(path), policies: [], documents: [] } } }));
  const edge = await startEdge({ sandbox: canopy, env: TOKENS });
  const office = backOfficeOf(edge, WHOLE);
  const [first, second, third, monitoring_id] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
  try {
    for (const id of [first, second, third]) {
      const monitoring = { initial_pull_id: first, monitoring_id };
      assert.equal((await postWebhook(edge, webhook(id, "COMPLETE", { monitoring, account_identifier: "a-1" }))).status, 200);
      await office.seen(id, (pull) => pull.complete && isSettled(pull), "the pull");
    }
    await until(async () => (await office.read("/api/v1/pulls")).pulls.filter((line) => line.monitoring_id === monitoring_id).length === 3, "the list");
    for (const id of [first, second, third]) {
      const readme = (await exported(edge, id)).get("README.txt").toString("utf8");
      const listed = readme.split("\r\n").filter((line) => /^[0-9a-f-]{36}$/.test(line));
      assert.deepEqual(listed, [first, second, third].filter((other) => other !== id).toSorted());
    }
  } finally {
    await edge.stop();
    await canopy.stop();
  }
});

test("a pull with 72 MiB of documents is exported within the isolate's memory, by three readers at once", async (t) => {
  const documents = new Map(["a", "b", "c"].map((id) => [id, pdf(24 * MIB)]));
  const canopy = await startStandIn(({ path }) => {
    const pull_id = pullOf(path);
    if (pull_id) return { body: { pull: { pull_id, documents: [...documents.keys()].map((document_id) => ({ document_id })) } } };
    return { headers: { "content-type": "application/pdf" }, body: documents.get(/documents\/(\w+)/.exec(path)[1]) };
  });
  const inspectorPort = await freePort();
  const edge = await startEdge({ sandbox: canopy, inspectorPort, patch: countsWasm, env: { ...TOKENS, EDGE_SNAPSHOT_KEY: keyOf("k") } });
  const pull_id = randomUUID();
  try {
    assert.equal((await postWebhook(edge, webhook(pull_id, "COMPLETE"))).status, 200);
    await backOfficeOf(edge, WHOLE).seen(pull_id, (pull) => pull.complete && isSettled(pull), "the documents", 60_000);
    const watched = await watchMemory(edge, inspectorPort);
    const exports = await Promise.all([1, 2, 3].map(() => exported(edge, pull_id)));
    const { isolate, wasm, grown } = await watched.stop();
    for (const files of exports) for (const [id, bytes] of documents) assert.equal(sha256(files.get(`documents/${id}.pdf`)), sha256(bytes), id);
    t.diagnostic(`isolate at most ${isolate} MiB, ${wasm} of them WebAssembly's; the runtime grew by ${grown} MiB`);
    assert.ok(wasm > 0 && wasm < WASM_MIB && isolate < ISOLATE_MIB, `${isolate} and ${wasm} MiB`);
  } finally {
    await edge.stop();
    await canopy.stop();
  }
});
