// Documents on the real edge: which redirect is followed, what is stored as what, and under which name it is given.
import assert from "node:assert/strict";
import { createHash, randomUUID } from "node:crypto";
import { after, before, describe, test } from "node:test";
import { assertProblem, backOfficeOf, postWebhook, webhook, workOf } from "../edge-client.mjs";
import { startEdge } from "../harness.mjs";
import { pullOf, startStandIn } from "../stand-in.mjs";

const PDF = { headers: { "content-type": "application/pdf" }, body: "%PDF-1.7\n1 0 obj" };
const PAGE = { headers: { "content-type": "text/html" }, body: "<!doctype html><title>This link has expired</title>" };
const JPEG = Buffer.from("ffd8ffe000104a464946", "hex");
const GONE = { status: 404, body: { error: "NOT_FOUND" } };
const to = (location, status = 302) => ({ status, headers: { location }, body: "" });

describe("documents", () => {
  let canopy, other, edge, office;
  /** What is served below each document, and elsewhere, by path. */
  const served = new Map();
  const pulls = new Map();
  before(async () => {
    canopy = await startStandIn(({ path }) => {
      const documents = pulls.get(pullOf(path));
      if (documents) return { body: { success: true, pull: { pull_id: pullOf(path), documents } } };
      return served.get(/\/documents\/(.*)$/.exec(path)?.[1] ?? path) ?? GONE;
    });
    other = await startStandIn(() => PDF);
    edge = await startEdge({ sandbox: canopy });
    office = backOfficeOf(edge);
  });
  after(() => Promise.all([edge?.stop(), canopy?.stop(), other?.stop()]));

  /** A pull with these documents, once each was stored or has failed at least once. */
  async function pulled(documents) {
    const pull_id = randomUUID();
    pulls.set(pull_id, documents);
    assert.equal((await postWebhook(edge, webhook(pull_id, "COMPLETE"))).status, 200);
    const isTried = ({ document_id, state }, pull) => state === "stored" || workOf(pull, `document:${document_id}`).failures.length > 0;
    return office.seen(pull_id, (pull) => pull.documents.length === documents.length && pull.documents.every((document) => isTried(document, pull)), "the documents");
  }

  const read = async (pull, id) => {
    const response = await office.call(`/api/v1/pulls/${pull.pull_id}/documents/${id}`);
    assert.equal(response.status, 200, await response.clone().text());
    return response;
  };

  test("five kinds of redirect are followed, three deep, and no further", async () => {
    const statuses = [301, 302, 303, 307, 308];
    for (const status of statuses) served.set(`r${status}`, to("/signed", status));
    served.set("/signed", PDF);
    for (const depth of [1, 2, 3, 4]) served.set(`/deep${depth}`, depth === 1 ? PDF : to(`/deep${depth - 1}`));
    served.set("three", to("/deep3"));
    served.set("four", to("/deep4"));
    const pull = await pulled([...statuses.map((status) => ({ document_id: `r${status}` })), { document_id: "three" }, { document_id: "four" }]);
    const states = Object.fromEntries(pull.documents.map(({ document_id, state }) => [document_id, state]));
    assert.deepEqual(states, { four: "pending", ...Object.fromEntries(statuses.map((status) => [`r${status}`, "stored"])), three: "stored" });
    assert.equal(workOf(pull, "document:four").failures[0].code, "MALFORMED");
    for (const { path, headers } of canopy.calls.filter(({ path }) => /^\/(signed|deep)/.test(path))) {
      assert.deepEqual(Object.keys(headers).filter((name) => /authorization|canopy|cookie|jwt/.test(name)), [], path);
    }
  });

  test("a redirect to another origin that is not https on 443, to an address or with user info is not followed", async () => {
    const { port } = new URL(other.url);
    const locations = [other.url, `http://localhost:${port}/`, `${canopy.url.replace("//", "//user:word@")}/signed`, "https://127.0.0.1/", "https://2130706433/", "https://[::1]/", "file:///etc/passwd", "data:application/pdf,%25PDF-"];
    for (const [at, location] of locations.entries()) served.set(`no${at}`, to(location)).set(`no${at}/pdf`, GONE);
    const before = canopy.calls.length;
    const pull = await pulled(locations.map((_, at) => ({ document_id: `no${at}` })));
    assert.ok(pull.documents.every(({ state }) => state === "pending"));
    for (const at of locations.keys()) assert.equal(workOf(pull, `document:no${at}`).failures[0].code, "MALFORMED", locations[at]);
    assert.equal(other.calls.length, 0);
    assert.ok(!canopy.calls.slice(before).some(({ path }) => path === "/signed"));
  });

  test("what is no document is replaced by the other form at once, and stored as none in neither", async () => {
    const wrong = { page: PAGE, posing: { ...PAGE, headers: PDF.headers }, error: { body: { error: "EXPIRED" } }, xml: { headers: PDF.headers, body: '<?xml version="1.0"?><Error/>' }, empty: { headers: PDF.headers, body: "" } };
    const documents = [];
    for (const [name, answer] of Object.entries(wrong)) {
      served.set(name, answer).set(`${name}/pdf`, PDF);
      served.set(`${name}-both`, answer).set(`${name}-both/pdf`, answer);
      for (const document_id of [name, `${name}-both`]) documents.push({ document_id, mime_type: "application/pdf" });
    }
    const pull = await pulled(documents);
    for (const name of Object.keys(wrong)) {
      const state = (id) => pull.documents.find((document) => document.document_id === id).state;
      assert.deepEqual([state(name), state(`${name}-both`)], ["stored", "pending"], name);
      assert.deepEqual(workOf(pull, `document:${name}`).failures, [], name);
      assert.equal(workOf(pull, `document:${name}-both`).failures[0].code, "MALFORMED", name);
      assert.equal(await (await read(pull, name)).text(), PDF.body);
      await assertProblem(await office.call(`/api/v1/pulls/${pull.pull_id}/documents/${name}-both`), 404, "NOT_FOUND");
    }
  });

  test("a document is given as what its bytes say, named after its title", async () => {
    served.set("scan", { headers: { "content-type": "application/pdf" }, body: JPEG });
    served.set("bytes", { headers: { "content-type": "binary/octet-stream" }, body: PDF.body });
    served.set("letter", { headers: { "content-type": "application/rtf" }, body: "{\\rtf1 hello}" });
    served.set("turned", PDF).set("untitled", PDF);
    const pull = await pulled([
      { document_id: "scan", title: "Insurance card.pdf", mime_type: "application/pdf" },
      { document_id: "bytes", title: "Déclarations 2026", mime_type: "application/pdf" },
      { document_id: "letter", title: "Letter", mime_type: "application/rtf" },
      { document_id: "turned", title: "../in\u202efdp.exe\"\r\nx: y", mime_type: "application/pdf" },
      { document_id: "untitled" },
    ]);
    assert.ok(pull.documents.every(({ state }) => state === "stored"));
    const given = {};
    for (const { document_id, size, sha256 } of pull.documents) {
      const response = await read(pull, document_id);
      const bytes = Buffer.from(await response.arrayBuffer());
      assert.deepEqual([bytes.length, createHash("sha256").update(bytes).digest("hex")], [size, sha256]);
      assert.equal(response.headers.get("content-length"), String(size));
      assert.equal(response.headers.get("x-content-type-options"), "nosniff");
      given[document_id] = [response.headers.get("content-type"), response.headers.get("content-disposition")];
    }
    assert.deepEqual(given, {
      scan: ["image/jpeg", "attachment; filename=\"Insurance card.jpg\"; filename*=UTF-8''Insurance%20card.jpg"],
      bytes: ["application/pdf", "attachment; filename=\"D_clarations 2026.pdf\"; filename*=UTF-8''D%C3%A9clarations%202026.pdf"],
      letter: ["application/rtf", "attachment; filename=\"Letter.bin\"; filename*=UTF-8''Letter.bin"],
      turned: ["application/pdf", "attachment; filename=\"_infdp.exe_x_ y.pdf\"; filename*=UTF-8''_infdp.exe_x_%20y.pdf"],
      untitled: ["application/pdf", "attachment; filename=\"untitled.pdf\"; filename*=UTF-8''untitled.pdf"],
    });
  });
});
