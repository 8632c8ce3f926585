// What every route of the edge does alike: methods, HEAD, challenges, queries, slashes, encodings.
import assert from "node:assert/strict";
import { createHmac, randomUUID } from "node:crypto";
import { after, before, test } from "node:test";
import { gzipSync } from "node:zlib";
import { assertProblem, backOfficeOf, loginOf, openPage, postWebhook, raw, rawStatus, signature, until, webhook } from "../edge-client.mjs";
import { LOCAL, startBoth } from "../harness.mjs";

let both, edge, sandbox, office, pull_id, page;

before(async () => {
  both = await startBoth();
  ({ edge, sandbox } = both);
  office = backOfficeOf(edge);
  page = await openPage(edge);
  ({ pull_id } = await page.ask("connect", await loginOf(sandbox, "user_good")));
  await office.seen(pull_id, (pull) => pull.complete && pull.documents.length > 0 && pull.documents.every((document) => document.state === "stored"), "the whole pull");
});
after(() => both?.stop());

const bearer = { authorization: `Bearer ${LOCAL.apiToken}` };
const PROXY = "/canopy/api/v1.0.0/teams/-/pulls";

test("a method that is not served is told which are", async () => {
  const session = page.path;
  for (const [method, path, allow] of [
    ["GET", "/webhooks/canopy", "POST"],
    ["HEAD", "/webhooks/canopy", "POST"],
    ["OPTIONS", "/webhooks/canopy", "POST"],
    ["POST", "/healthz", "GET, HEAD"],
    ["GET", "/connect/sessions", "POST, OPTIONS"],
    ["POST", "/connect/carriers", "GET, HEAD, OPTIONS"],
    ["PATCH", session, "GET, HEAD, DELETE, OPTIONS"],
    ["GET", `${session}/ticket`, "POST, OPTIONS"],
    ["GET", `${session}/consent`, "POST, OPTIONS"],
    ["PUT", "/api/v1/pulls", "GET, HEAD, DELETE"],
    ["PUT", `/api/v1/pulls/${pull_id}`, "GET, HEAD, DELETE"],
    ["GET", `/api/v1/pulls/${pull_id}/retry`, "POST"],
    ["POST", "/api/v1/instances/a", "GET, HEAD, PUT, PATCH, DELETE"],
    ["GET", "/api/v1/runs/a/decision", "POST"],
    ["PUT", "/approvals/a", "GET, HEAD, POST"],
    ["PUT", "/i/a", "GET, HEAD, POST"],
    ["PUT", "/api/v1/invitations", "GET, HEAD, POST"],
    ["PUT", "/api/v1/invitations/a", "GET, HEAD, DELETE"],
    ["GET", "/connect/funnel", "POST, OPTIONS"],
    ["DELETE", PROXY, "GET, HEAD"],
    ["PUT", `${PROXY}/${pull_id}`, "GET, HEAD, PATCH"],
  ]) {
    const response = await fetch(edge.url + path, { method, headers: bearer });
    assert.deepEqual([response.status, response.headers.get("allow")], [405, allow], `${method} ${path}`);
  }
});

test("HEAD is GET without a body", async () => {
  const { documents } = await office.pull(pull_id);
  const document = `/api/v1/pulls/${pull_id}/documents/${documents[0].document_id}`;
  for (const path of ["/healthz", "/api/v1/pulls", `/api/v1/pulls/${pull_id}`, `/api/v1/pulls/${pull_id}/events`, `/api/v1/pulls/${pull_id}/snapshots/latest`, document, "/connect/terms", PROXY, `${PROXY}/${pull_id}/documents/${documents[0].document_id}/pdf`]) {
    const [get, head] = await Promise.all(["GET", "HEAD"].map((method) => fetch(edge.url + path, { method, headers: bearer })));
    assert.equal(head.status, 200, path);
    assert.equal((await head.arrayBuffer()).byteLength, 0);
    for (const name of ["content-type", "content-disposition", "cache-control"]) assert.equal(head.headers.get(name), get.headers.get(name), `${name} of ${path}`);
    await get.arrayBuffer();
  }
  const head = await fetch(edge.url + document, { method: "HEAD", headers: bearer });
  assert.equal(head.headers.get("content-length"), String(documents[0].size));
});

test("every 401 names a scheme", async () => {
  const body = webhook(randomUUID(), "COMPLETE");
  for (const header of [null, "t=1", signature(body, { age: 4000 }), signature(body, { secret: "x" })]) {
    const response = await postWebhook(edge, body, { header });
    assert.deepEqual([response.status, response.headers.get("www-authenticate")], [401, "Canopy-Signature"]);
  }
  for (const path of ["/api/v1/pulls", PROXY, page.path]) {
    const response = await fetch(edge.url + path);
    assert.deepEqual([response.status, response.headers.get("www-authenticate")], [401, "Bearer"], path);
  }
});

test("a token counts in each form, and schemes have no case", async () => {
  const base64 = (text) => Buffer.from(text, "latin1").toString("base64");
  for (const headers of [
    { authorization: `bEARER ${LOCAL.apiToken}` },
    { authorization: `basic ${base64(`\xe9:${LOCAL.apiToken}`)}` },
    { authorization: `Basic ${base64(`any:${LOCAL.apiToken}`).replace(/=+$/, "")}` },
    { "x-canopy-client-id": "any", "x-canopy-client-secret": LOCAL.apiToken },
  ]) {
    for (const path of ["/api/v1/pulls?limit=1", `${PROXY}?limit=1`]) assert.equal((await fetch(edge.url + path, { headers })).status, 200, JSON.stringify(headers));
  }
  const { origin } = page.bearer;
  assert.equal((await fetch(edge.url + page.path, { headers: { origin, authorization: `BEARER ${page.token}` } })).status, 200);
});

test("queries are decoded, and a slash at the end is none too many", async () => {
  const id = randomUUID();
  await postWebhook(edge, webhook(id, "SOMETHING", { status: "BRAND NEW+1" }));
  const found = async (query) => (await office.read(`/api/v1/pulls?${query}`)).pulls.map((pull) => pull.pull_id);
  await until(async () => (await found("status=BRAND+NEW%2B1")).includes(id), "the line");
  for (const query of ["status=BRAND%20NEW%2b1", "st%61tus=%42RAND%20NEW%2B1&limit=%31"]) assert.deepEqual(await found(query), [id], query);
  for (const path of ["/healthz/", "/api/v1/pulls/", `/api/v1/pulls/${pull_id}/`, `${page.path}/`]) {
    assert.equal((await fetch(edge.url + path, { headers: path.startsWith("/connect") ? page.bearer : bearer })).status, 200, path);
  }
  for (const path of ["/webhooks/canopy/", "//webhooks/canopy", "/webhooks/canopy?from=canopy"]) {
    const body = webhook(id, "SOMETHING", { path });
    const answer = await raw(edge, `POST ${path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: ${Buffer.byteLength(body)}\r\ncanopy-signature: ${signature(body)}\r\n\r\n${body}`);
    assert.equal(rawStatus(answer), 200, `${path}\n${answer}`);
  }
});

test("a cursor survives a client that encodes all of it", async () => {
  await Promise.all(Array.from({ length: 5 }, () => postWebhook(edge, webhook(randomUUID(), "SOMETHING", { status: "PAGED" }))));
  await until(async () => (await office.read("/api/v1/pulls?status=PAGED")).pulls.length === 5, "the lines");
  const all = [];
  for (let cursor = ""; cursor !== null; ) {
    const encoded = [...Buffer.from(cursor)].map((byte) => `%${byte.toString(16).padStart(2, "0")}`).join("");
    const list = await office.read(`/api/v1/pulls?limit=2${encoded && `&cursor=${encoded}`}`);
    all.push(...list.pulls.map((pull) => pull.pull_id));
    ({ cursor } = list);
  }
  assert.equal(new Set(all).size, all.length);
  assert.ok(all.length >= 5);
});

test("a body that is encoded is refused as such where it is read here, and passed on where it is not", async () => {
  const id = randomUUID();
  const json = webhook(id, "COMPLETE");
  const zipped = gzipSync(json);
  for (const header of [signature(json), signature(zipped)]) {
    const response = await postWebhook(edge, zipped, { headers: { "canopy-signature": header, "content-encoding": "gzip" } });
    assert.equal(response.headers.get("accept-encoding"), "identity");
    await assertProblem(response, 415, "ENCODING_NOT_SUPPORTED");
  }
  await assertProblem(await fetch(`${edge.url}/connect/sessions`, { method: "POST", body: gzipSync("{}"), headers: { origin: edge.url, "content-encoding": "gzip" } }), 415, "ENCODING_NOT_SUPPORTED");
  assert.equal((await postWebhook(edge, json, { headers: { "canopy-signature": signature(json), "content-encoding": "identity" } })).status, 200);
});

test("a signature in two lines is one", async () => {
  const body = webhook(randomUUID(), "COMPLETE");
  const right = signature(body);
  const [time] = right.split(",");
  const wrong = `${time},s=${createHmac("sha256", "old").update(body).digest("hex")}`;
  const send = (...lines) => raw(edge, `POST /webhooks/canopy HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: ${Buffer.byteLength(body)}\r\n${lines.map((line) => `canopy-signature: ${line}\r\n`).join("")}\r\n${body}`);
  assert.equal(rawStatus(await send(wrong, right)), 200);
  assert.equal(rawStatus(await send(right, right)), 200);
  assert.equal(rawStatus(await send(`t=1,${right.split(",")[1]}`, right)), 401, "two times are a contradiction");
});

test("what was retried is counted in whole numbers", async () => {
  const answer = await office.call(`/api/v1/pulls/${pull_id}/retry`, { method: "POST" });
  assert.match(await answer.text(), /^\{"retried":\d+\}$/);
});
