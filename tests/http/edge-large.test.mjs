// Large documents on the real edge: they go into storage and out again in chunks, and what was changed there is never given as whole.
import assert from "node:assert/strict";
import { createCipheriv, createHash, randomBytes, randomUUID } from "node:crypto";
import { createServer } from "node:http";
import { test } from "node:test";
import { withBucket } from "../bucket.mjs";
import { assertProblem, backOfficeOf, isSettled, postWebhook, until, webhook, workOf } from "../edge-client.mjs";
import { freePort, startEdge, temporaryDirectory } from "../harness.mjs";
import { countsWasm, watchMemory } from "../isolate-memory.mjs";

const MIB = 1024 * 1024;
/** As it is sealed: a chunk with its tag. */
const SEALED_CHUNK = MIB + 16;
const RAW_KEY = createHash("sha256").update("k").digest();
const KEY = { EDGE_SNAPSHOT_KEY: `k:${RAW_KEY.toString("base64")}` };
const pdf = (bytes) => Buffer.concat([Buffer.from("%PDF-1.7\n"), randomBytes(bytes - 9)]);
const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");
const placeOf = (pull, id) => `pulls/${pull}/documents/${id}`;

/** Canopy with these documents by id, all of them of each pull. `answer(id, bytes, response)` sends one in another way. */
async function canopyWith(documents, answer = (id, bytes, response) => response.writeHead(200, { "content-type": "application/pdf", "content-length": bytes.length }).end(bytes)) {
  const server = createServer(({ url }, response) => {
    response.on("error", () => {});
    const [, pull_id, id] = /\/pulls\/([^/]+)(?:\/documents\/([^/]+))?/.exec(url);
    if (id !== undefined) return void answer(id, documents.get(id), response);
    const listed = [...documents.keys()].map((document_id) => ({ document_id, title: document_id }));
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ pull: { pull_id, documents: listed } }));
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${server.address().port}`, stop: () => new Promise((resolve) => (server.close(resolve), server.closeAllConnections())) };
}

const took = async (edge, id) => assert.equal((await postWebhook(edge, webhook(id, "COMPLETE"))).status, 200);
const read = (edge, pull, id) => backOfficeOf(edge).call(`/api/v1/pulls/${pull}/documents/${id}`);
/** What a reader gets, and whether it was told that this is all. */
async function readOut(response) {
  const chunks = [];
  try {
    for await (const chunk of response.body) chunks.push(chunk);
    return { bytes: Buffer.concat(chunks), isWhole: true };
  } catch {
    return { bytes: Buffer.concat(chunks), isWhole: false };
  }
}

/** Half of what the platform gives an isolate. */
const ISOLATE_MIB = 64;
/** As much as one document: none stands there whole. */
const WASM_MIB = 24;

for (const [name, env] of [["sealed", KEY], ["without a key", {}]]) {
  test(`six documents of 24 MiB at once are stored and read back, ${name}, within the isolate's memory`, async (t) => {
    const documents = new Map(Array.from({ length: 6 }, (_, at) => [`d${at}`, pdf(24 * MIB)]));
    const canopy = await canopyWith(documents);
    const inspectorPort = await freePort();
    const edge = await startEdge({ sandbox: canopy, env, inspectorPort, patch: countsWasm });
    const pull_id = randomUUID();
    try {
      const storing = await watchMemory(edge, inspectorPort);
      await took(edge, pull_id);
      const pull = await backOfficeOf(edge).seen(pull_id, (pull) => pull.complete && isSettled(pull), "the documents", 120_000);
      const stored = await storing.stop();
      assert.ok(pull.outbox.every(({ failures }) => failures.length === 0));
      assert.deepEqual(pull.documents.map(({ state, size, sha256 }) => [state, size, sha256]), [...documents.values()].map((bytes) => ["stored", bytes.length, sha256(bytes)]));
      const reading = await watchMemory(edge, inspectorPort);
      await Promise.all([...documents].map(async ([id, bytes]) => {
        const response = await read(edge, pull_id, id);
        assert.deepEqual([response.status, response.headers.get("content-length")], [200, String(bytes.length)]);
        const { bytes: given, isWhole } = await readOut(response);
        assert.deepEqual([isWhole, sha256(given)], [true, sha256(bytes)], id);
      }));
      const readBack = await reading.stop();
      t.diagnostic(`isolate at most ${stored.isolate} MiB storing, ${readBack.isolate} MiB reading, ${readBack.wasm} of them WebAssembly's; the runtime grew by ${stored.grown} and ${readBack.grown} MiB`);
      for (const { isolate, wasm } of [stored, readBack]) assert.ok(wasm > 0 && wasm < WASM_MIB && isolate < ISOLATE_MIB, `${isolate} and ${wasm} MiB`);
    } finally {
      await edge.stop();
      await canopy.stop();
    }
  });
}

test("a document whose length nobody told is stored whole, whatever its size", async () => {
  const sizes = [9, MIB - 1, MIB, MIB + 1, 5 * MIB, 5 * MIB - 5 * 16 - 90, 11 * MIB + 3, 24 * MIB];
  const documents = new Map(sizes.map((size) => [`d${size}`, pdf(size)]));
  const chunked = (id, bytes, response) => response.writeHead(200, { "content-type": "application/pdf" }).end(bytes);
  const canopy = await canopyWith(documents, chunked);
  for (const env of [KEY, {}]) {
    const edge = await startEdge({ sandbox: canopy, env });
    const pull_id = randomUUID();
    try {
      await took(edge, pull_id);
      await backOfficeOf(edge).seen(pull_id, (pull) => pull.complete && isSettled(pull), "the documents", 60_000);
      for (const [id, bytes] of documents) {
        const response = await read(edge, pull_id, id);
        assert.equal(response.headers.get("content-length"), String(bytes.length));
        assert.equal(sha256((await readOut(response)).bytes), sha256(bytes), id);
      }
    } finally {
      await edge.stop();
    }
  }
  await canopy.stop();
});

test("a document that is cut short or too large leaves nothing in storage", async () => {
  const whole = pdf(3 * MIB);
  const documents = new Map([["cut", whole], ["cut-chunked", pdf(7 * MIB)], ["large", pdf(24 * MIB + 1)], ["large-chunked", pdf(24 * MIB + 1)]]);
  const canopy = await canopyWith(documents, (id, bytes, response) => {
    const length = id.endsWith("-chunked") ? {} : { "content-length": bytes.length };
    response.writeHead(200, { "content-type": "application/pdf", ...length });
    if (id.startsWith("large")) return void response.end(bytes);
    response.write(bytes.subarray(0, -1), () => response.destroy());
  });
  const persist = temporaryDirectory();
  const edge = await startEdge({ sandbox: canopy, env: KEY, persist });
  const pull_id = randomUUID();
  try {
    await took(edge, pull_id);
    const isTried = (pull) => pull.documents.length === 4 && pull.documents.every(({ document_id }) => workOf(pull, `document:${document_id}`).failures.length > 0);
    const pull = await backOfficeOf(edge).seen(pull_id, isTried, "the failures", 60_000);
    for (const { document_id, state } of pull.documents) {
      const { failures } = workOf(pull, `document:${document_id}`);
      assert.deepEqual([state, failures[0].code], ["pending", document_id.startsWith("cut") ? "MALFORMED" : "TOO_LARGE"], document_id);
      await assertProblem(await read(edge, pull_id, document_id), 404, "NOT_FOUND");
    }
  } finally {
    await edge.stop();
    await canopy.stop();
  }
  assert.deepEqual(await withBucket(persist, ({ keys }) => keys()), []);
});

test("a kill in the middle of a document leaves nothing that counts, and the next run stores it", async () => {
  const documents = new Map([["held", pdf(6 * MIB)]]);
  let [asked, isHeld] = [0, true];
  const canopy = await canopyWith(documents, (id, bytes, response) => {
    asked += 1;
    response.writeHead(200, { "content-type": "application/pdf", "content-length": bytes.length });
    if (isHeld) response.write(bytes.subarray(0, 5 * MIB));
    else response.end(bytes);
  });
  const persist = temporaryDirectory();
  const pull_id = randomUUID();
  const first = await startEdge({ sandbox: canopy, env: KEY, persist });
  await took(first, pull_id);
  await until(() => asked === 1, "the document to be asked for");
  await first.kill9();
  assert.deepEqual(await withBucket(persist, ({ keys }) => keys()), []);
  isHeld = false;
  const second = await startEdge({ sandbox: canopy, env: KEY, persist });
  try {
    await backOfficeOf(second).seen(pull_id, (pull) => pull.complete && isSettled(pull), "the document", 60_000);
    assert.equal(sha256((await readOut(await read(second, pull_id, "held"))).bytes), sha256(documents.get("held")));
  } finally {
    await second.stop();
    await canopy.stop();
  }
});

/** A pull with these documents, all stored under the key, its edge stopped. */
async function storedPull(documents) {
  const canopy = await canopyWith(documents);
  const persist = temporaryDirectory();
  const pull_id = randomUUID();
  const edge = await startEdge({ sandbox: canopy, env: KEY, persist });
  await took(edge, pull_id);
  await backOfficeOf(edge).seen(pull_id, (pull) => pull.complete && isSettled(pull), "the documents", 60_000);
  await edge.stop();
  return { canopy, persist, pull_id };
}

test("what was changed in storage breaks off or is refused, and is never given as whole", async () => {
  const names = ["begun", "middle", "last", "cut", "swapped", "longer", "moved", "head", "plain", "untouched"];
  const documents = new Map(names.map((name) => [name, pdf(3 * MIB + 7)]));
  const { canopy, persist, pull_id } = await storedPull(documents);
  await withBucket(persist, async (bucket) => {
    const untouched = await bucket.get(placeOf(pull_id, "untouched"));
    const head = untouched.length - (3 * MIB + 7 + 4 * 16);
    assert.deepEqual([...untouched.subarray(0, 9)], [0, 0x43, 0x45, 2, 0, 0x43, 0x45, 1, 1]);
    assert.ok(untouched.indexOf(documents.get("untouched").subarray(64, 96)) < 0, "it is sealed");
    const flipped = (at) => (bytes) => ((bytes[at] ^= 1), bytes);
    const swapped = (bytes) => Buffer.concat([bytes.subarray(0, head), bytes.subarray(head + SEALED_CHUNK, head + 2 * SEALED_CHUNK), bytes.subarray(head, head + SEALED_CHUNK), bytes.subarray(head + 2 * SEALED_CHUNK)]);
    const change = {
      begun: flipped(head + 5),
      middle: flipped(head + SEALED_CHUNK + 5),
      last: flipped(untouched.length - 1),
      cut: (bytes) => bytes.subarray(0, head + 3 * SEALED_CHUNK),
      swapped,
      longer: (bytes) => Buffer.concat([bytes, bytes.subarray(head, head + SEALED_CHUNK)]),
      moved: () => untouched,
      head: flipped(20),
      plain: () => documents.get("plain"),
    };
    for (const [name, changed] of Object.entries(change)) {
      const key = placeOf(pull_id, name);
      await bucket.put(key, changed(await bucket.get(key)));
    }
  });
  const edge = await startEdge({ sandbox: canopy, env: KEY, persist });
  try {
    const seen = {};
    for (const [name, bytes] of documents) {
      const response = await read(edge, pull_id, name);
      if (response.status !== 200) {
        await assertProblem(response, 500, "INTERNAL");
        seen[name] = "refused";
        continue;
      }
      const given = await readOut(response);
      assert.ok(bytes.subarray(0, given.bytes.length).equals(given.bytes), `${name}: nothing but what it begins with`);
      seen[name] = given.isWhole ? "whole" : "broken off";
    }
    assert.deepEqual(seen, { begun: "refused", middle: "broken off", last: "broken off", cut: "broken off", swapped: "refused", longer: "broken off", moved: "refused", head: "refused", plain: "refused", untouched: "whole" });
  } finally {
    await edge.stop();
    await canopy.stop();
  }
});

/** A value as the edge sealed it whole: in the first form, and in the one after it, which has a mark and authenticates its head. */
function sealedWhole(bytes, place, { isFirstForm }) {
  const head = isFirstForm ? Buffer.from([1, 0x6b]) : Buffer.from([0, 0x43, 0x45, 1, 1, 0x6b]);
  const nonce = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", RAW_KEY, nonce).setAAD(Buffer.concat([isFirstForm ? Buffer.alloc(0) : head, Buffer.from(place)]));
  const sealed = Buffer.concat([cipher.update(bytes), cipher.final()]);
  return Buffer.concat([head, nonce, sealed, cipher.getAuthTag()]);
}

test("documents of earlier forms still open, large ones where there is room", async () => {
  const documents = new Map([["first", pdf(10_000)], ["second", pdf(3 * MIB)], ["tiny", pdf(10)]]);
  const { canopy, persist, pull_id } = await storedPull(documents);
  await withBucket(persist, async (bucket) => {
    for (const [name, bytes] of documents) {
      const place = placeOf(pull_id, name);
      await bucket.put(place, sealedWhole(bytes, place, { isFirstForm: name === "first" }));
    }
  });
  await canopy.stop();
  const held = new Map([["held", pdf(3 * MIB)]]);
  let release;
  const holding = await canopyWith(held, async (id, bytes, response) => {
    response.writeHead(200, { "content-type": "application/pdf", "content-length": bytes.length });
    response.write(bytes.subarray(0, -1));
    await new Promise((resolve) => (release = resolve));
    response.end(bytes.subarray(-1));
  });
  const edge = await startEdge({ sandbox: holding, env: KEY, persist });
  try {
    for (const [name, bytes] of documents) {
      const response = await read(edge, pull_id, name);
      assert.equal(response.headers.get("content-length"), String(bytes.length));
      assert.equal(sha256((await readOut(response)).bytes), sha256(bytes), name);
    }
    await took(edge, randomUUID());
    await until(() => release, "a large document under way");
    await assertProblem(await read(edge, pull_id, "second"), 429, "TOO_MANY_REQUESTS");
    assert.equal((await read(edge, pull_id, "first")).status, 200);
  } finally {
    release?.();
    await edge.stop();
    await holding.stop();
  }
});
