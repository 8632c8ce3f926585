// Room in an isolate on the real edge: of large documents there is one at a time, and nobody's work fails for it.
import assert from "node:assert/strict";
import { createHash, randomBytes, randomUUID } from "node:crypto";
import { createServer } from "node:http";
import { test } from "node:test";
import { backOfficeOf, isSettled, postWebhook, until, webhook, workOf } from "../edge-client.mjs";
import { startEdge } from "../harness.mjs";

const MIB = 1024 * 1024;
const KEY = `k:${createHash("sha256").update("k").digest("base64")}`;
const pdf = (bytes) => Buffer.concat([Buffer.from("%PDF-1.7\n"), randomBytes(bytes - 9)]);

/**
 * Canopy with documents by id. The body of `held` stops in its middle until `release()`; without a length where `chunked`.
 */
async function canopyWith(documents, { chunked = false } = {}) {
  const calls = [];
  let release;
  const released = new Promise((resolve) => (release = resolve));
  const server = createServer(async ({ url }, response) => {
    calls.push(url);
    response.on("error", () => {});
    const [, pull_id, id] = /\/pulls\/([^/]+)(?:\/documents\/([^/]+))?/.exec(url);
    if (id === undefined) {
      const listed = (documents.get(pull_id) ?? []).map((document_id) => ({ document_id }));
      return void response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ pull: { pull_id, documents: listed } }));
    }
    const bytes = documents.get(id);
    response.writeHead(200, { "content-type": "application/pdf", ...(chunked ? {} : { "content-length": bytes.length }) });
    if (id !== "held") return void response.end(bytes);
    response.write(bytes.subarray(0, -1));
    await released;
    response.end(bytes.subarray(-1));
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    askedFor: (id) => calls.filter((url) => url.includes(`/documents/${id}`)).length,
    release,
    stop: () => new Promise((resolve) => (server.close(resolve), server.closeAllConnections())),
  };
}

const took = async (edge, id) => assert.equal((await postWebhook(edge, webhook(id, "COMPLETE"))).status, 200);

for (const chunked of [false, true]) {
  test(`while a large document${chunked ? " of unknown length" : ""} is under way, others of its size wait and small ones do not`, async () => {
    const [early, holding, waiting] = [randomUUID(), randomUUID(), randomUUID()];
    const documents = new Map([[early, ["sealed"]], [holding, ["held"]], [waiting, ["large", "small"]]]);
    for (const id of ["sealed", "held", "large"]) documents.set(id, pdf(3 * MIB));
    documents.set("small", pdf(MIB));
    const canopy = await canopyWith(documents, { chunked });
    const edge = await startEdge({ sandbox: canopy, env: { EDGE_SNAPSHOT_KEY: KEY } });
    const office = backOfficeOf(edge);
    const read = (pull, id) => office.call(`/api/v1/pulls/${pull}/documents/${id}`);
    try {
      await took(edge, early);
      await office.seen(early, (pull) => pull.complete && isSettled(pull), "the early document");
      await took(edge, holding);
      await until(() => canopy.askedFor("held") === 1, "the large one");
      await took(edge, waiting);
      const pull = await office.seen(waiting, ({ documents }) => documents.some(({ document_id, state }) => document_id === "small" && state === "stored") && canopy.askedFor("large") >= 2, "the small one");
      const { state, attempts, failures } = workOf(pull, "document:large");
      assert.deepEqual([state, attempts, failures], ["pending", 0, []]);
      assert.ok(Buffer.from(await (await read(early, "sealed")).arrayBuffer()).equals(documents.get("sealed")), "readers are not held up");
      canopy.release();
      for (const id of [holding, waiting]) {
        const pull = await office.seen(id, isSettled, "the large documents");
        assert.ok(pull.outbox.every(({ failures }) => failures.length === 0));
        for (const { document_id } of pull.documents) {
          assert.ok(Buffer.from(await (await read(id, document_id)).arrayBuffer()).equals(documents.get(document_id)), document_id);
        }
      }
      assert.equal((await read(early, "sealed")).status, 200);
    } finally {
      canopy.release();
      await edge.stop();
      await canopy.stop();
    }
  });
}

test("a reader that goes away leaves the room to others", async () => {
  const id = randomUUID();
  const documents = new Map([[id, ["large"]], ["large", pdf(8 * MIB)]]);
  const canopy = await canopyWith(documents);
  const edge = await startEdge({ sandbox: canopy, env: { EDGE_SNAPSHOT_KEY: KEY } });
  const office = backOfficeOf(edge);
  try {
    await took(edge, id);
    await office.seen(id, (pull) => pull.complete && isSettled(pull), "the document");
    const hangUp = new AbortController();
    const reading = await office.call(`/api/v1/pulls/${id}/documents/large`, { signal: hangUp.signal });
    await reading.body.getReader().read();
    hangUp.abort();
    const whole = await office.call(`/api/v1/pulls/${id}/documents/large`);
    assert.equal(whole.headers.get("content-length"), String(8 * MIB));
    assert.ok(Buffer.from(await whole.arrayBuffer()).equals(documents.get("large")));
  } finally {
    await edge.stop();
    await canopy.stop();
  }
});
