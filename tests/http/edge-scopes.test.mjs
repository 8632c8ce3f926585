// Who may call Canopy through the edge, and with what: refused before any call reached Canopy.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { request } from "node:http";
import { after, before, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { contract } from "../contract.mjs";
import { assertProblem, logLines, raw } from "../edge-client.mjs";
import { LOCAL, startEdge } from "../harness.mjs";
import { startStandIn } from "../stand-in.mjs";

const PREFIX = "/canopy/api/v1.0.0";
const SCOPES = ["read", "write", "servicing", "admin"];
const MIB = 1024 * 1024;
/** Source: design, "Tokens and scopes"; written here once more, so that a change of the table is seen. */
const ADMIN = ["post-policy-check-team-settings", "post-webhooks", "patch-webhook", "delete-webhook", "post-widgets", "patch-widgetId", "delete-widgetId", "put-widgetId-logo", "put-widgetId-icon", "create-team", "delete-team"];
const SERVICING = ["post-servicings", "post-servicing-action"];
/** A GET that is billed, or that lets in who has its answer. */
const WRITING_GETS = ["get-property-data", "get-enrichment-driverlicense", "get-enrichment-drivingrecordiq", "get-enrichment-household", "get-monitoring-reconnect-token"];

function scopeOf(id, method) {
  if (ADMIN.includes(id)) return "admin";
  if (SERVICING.includes(id)) return "servicing";
  return method === "GET" && !WRITING_GETS.includes(id) ? "read" : "write";
}

const all = Object.entries(contract.paths).flatMap(([path, methods]) =>
  Object.entries(methods)
    .filter(([, operation]) => operation.operationId)
    .map(([method, { operationId: id, parameters = [] }]) => ({ id, method: method.toUpperCase(), path: path.replace("{teamId}", "-").replace(/\{\w+\}/g, "p-1"), takesPullToken: parameters.some((it) => it.name === "pull-jwt") })),
);
const older = ["connect", "idv", "idvoptions", "servicingAction"].map((name) => ({ id: { servicingAction: "post-servicing-action" }[name] ?? `post-${name}`, method: "POST", path: `/widget/pull/${name}`, takesPullToken: true }));

let canopy, edge;
/** Sealed by the edge: of pulls p-1 and p-2, for the consumer's login, and for a servicing action. */
const tokens = {};

before(async () => {
  canopy = await startStandIn(({ path, body }) => {
    if (!/\/(servicings|consentAndConnect)$/.test(path) || body.length === 0) return { body: { success: true } };
    const { pull_id } = JSON.parse(body);
    return { body: { success: true, pull_id, pull_jwt: `eyJ.${pull_id}.x` } };
  });
  edge = await startEdge({ sandbox: canopy, env: { EDGE_API_TOKENS: ["demo:demo-token", ...SCOPES.map((scope) => `${scope}:${scope}-token:${scope}`)].join(",") }, limits: { REFUSAL_LIMIT: 100_000 } });
  for (const pull_id of ["p-1", "p-2"]) tokens[pull_id] = await sealed("write", "/widget/pull/consentAndConnect", pull_id);
  tokens.servicing = await sealed("servicing", "/teams/-/servicings", "p-1");
});
after(async () => {
  await edge?.stop();
  await canopy?.stop();
});

const bearer = (token) => ({ authorization: `Bearer ${token}` });

async function sealed(scope, path, pull_id) {
  const response = await fetch(edge.url + PREFIX + path, { method: "POST", headers: bearer(`${scope}-token`), body: JSON.stringify({ pull_id }) });
  return (await response.json()).pull_jwt;
}

function ask({ method, path }, headers, body = method === "GET" ? undefined : '{"pull_id":"p-1"}') {
  return fetch(edge.url + PREFIX + path, { method, headers, body });
}

/** What a test asks, and that none of it reached Canopy. */
async function reachesNobody(asking) {
  const before = canopy.calls.length;
  await asking();
  assert.equal(canopy.calls.length, before, "no call reached Canopy");
}

test("each operation takes its scope and no other", async () => {
  assert.equal(all.length, 54);
  for (const operation of [...all, ...older]) {
    const expected = scopeOf(operation.id, operation.method);
    const pull = operation.takesPullToken ? { "pull-jwt": tokens["p-1"] } : {};
    await reachesNobody(async () => {
      for (const scope of SCOPES.filter((scope) => scope !== expected)) {
        const { detail } = await assertProblem(await ask(operation, { ...bearer(`${scope}-token`), ...pull }), 403, "SCOPE_MISSING");
        assert.match(detail, new RegExp(`scope ${expected}:`), operation.id);
      }
    });
    const before = canopy.calls.length;
    const response = await ask(operation, { ...bearer(`${expected}-token`), ...pull });
    await response.arrayBuffer();
    assert.deepEqual([response.status, canopy.calls.length], [200, before + 1], operation.id);
    if (["read", "write"].includes(expected)) {
      const response = await ask(operation, { ...bearer("demo-token"), ...pull });
      await response.arrayBuffer();
      assert.equal(response.status, 200, `${operation.id} by a token that names no scope`);
    }
  }
});

test("without a token, or with a wrong one, nothing is asked", async () => {
  const wrong = [{}, bearer("wrong"), bearer(LOCAL.clientSecret), { "x-canopy-client-secret": "wrong", "x-canopy-client-id": LOCAL.clientId }, { authorization: `Basic ${btoa("demo-token:")}` }, bearer(tokens["p-1"]), bearer(`demo-token:read`)];
  await reachesNobody(async () => {
    for (const operation of [...all, ...older]) {
      for (const headers of wrong) {
        const isPulls = operation.takesPullToken && Object.keys(headers).length === 0;
        await assertProblem(await ask(operation, headers), 401, isPulls ? "PULL_TOKEN_INVALID" : "UNAUTHORIZED");
      }
    }
  });
});

test("the three ways to bring a token are one", async () => {
  const operation = all.find((it) => it.id === "get-pulls");
  const ways = [bearer("read-token"), { authorization: `Basic ${btoa("anyone:read-token")}` }, { "x-canopy-client-secret": "read-token", "x-canopy-client-id": "any" }, { "x-canopy-client-secret": "read-token" }];
  for (const headers of ways) assert.equal((await ask(operation, headers)).status, 200);
});

test("a pull's token is taken for its own pull, and is no token of Canopy's", async () => {
  const consumers = all.filter((it) => it.takesPullToken);
  for (const operation of [...consumers, ...older]) {
    const isConfirmation = operation.id === "post-servicing-action";
    const isOlder = older.includes(operation);
    // As a page of Canopy's contract calls: no secret.
    const before = canopy.calls.length;
    const response = await ask(operation, { "pull-jwt": isConfirmation ? tokens.servicing : tokens["p-1"] });
    await response.arrayBuffer();
    assert.equal(response.status, 200, operation.id);
    const { headers } = canopy.calls.at(-1);
    assert.deepEqual([canopy.calls.length - before, headers["pull-jwt"], headers.authorization], [1, "eyJ.p-1.x", undefined]);
    await reachesNobody(async () => {
      const refused = (pull_jwt, status = 401, code = "PULL_TOKEN_INVALID", more = {}) => ask(operation, { "pull-jwt": pull_jwt, ...more }).then((response) => assertProblem(response, status, code));
      if (!isOlder) await refused(tokens["p-2"]);
      const changed = tokens["p-1"].replace(/^.{20}/, (head) => [...head].toReversed().join(""));
      for (const text of ["eyJ.p-1.x", "", "x", changed, `${tokens["p-1"]}A`]) await refused(text);
      if (isConfirmation) await refused(tokens["p-1"], 403, "SCOPE_MISSING");
      await refused(tokens["p-1"], 401, "UNAUTHORIZED", bearer("wrong"));
      await refused(tokens["p-1"], 403, "SCOPE_MISSING", bearer("read-token"));
    });
  }
  const other = await startEdge({ sandbox: canopy, env: { EDGE_SESSION_KEY: "another-session-key-0123456789abcdef0123456789" } });
  await reachesNobody(async () => {
    const response = await fetch(`${other.url}${PREFIX}/widget/pull/p-1/idv`, { method: "POST", body: "{}", headers: { "pull-jwt": tokens["p-1"] } });
    await assertProblem(response, 401, "PULL_TOKEN_INVALID");
  });
  await other.stop();
});

test("a pull's token expires", async () => {
  // Only its sealing knows the time: an edge whose clock is a day ahead.
  const later = await startEdge({ sandbox: canopy, patch: (text) => text.replace(/^/, "{ const now = Date.now; Date.now = () => now() + 86_400_000; }\n") });
  await reachesNobody(async () => {
    const response = await fetch(`${later.url}${PREFIX}/widget/pull/p-1/idv`, { method: "POST", body: "{}", headers: { "pull-jwt": tokens["p-1"] } });
    await assertProblem(response, 401, "PULL_TOKEN_EXPIRED");
  });
  await later.stop();
});

test("a change of a policy with a pull's beginning needs the scope of a change", async () => {
  const operation = all.find((it) => it.id === "post-consent-and-connect");
  const body = JSON.stringify({ pull_id: "p-1", servicing_actions: [{}] });
  await reachesNobody(async () => {
    for (const text of [body, body.replace("servicing_actions", "s\\u0065rvicing_actions"), `{"servicing_actions":null,${body.slice(1)}`]) {
      await assertProblem(await ask(operation, bearer("write-token"), text), 403, "SCOPE_MISSING");
    }
    await assertProblem(await ask(operation, bearer("servicing-token"), body), 403, "SCOPE_MISSING");
    // Nor where it could stand unseen.
    for (const text of [body.replace(/\}$/, ',"servicing_actions":null}')]) await assertProblem(await ask(operation, bearer("write-token"), text), 403, "SCOPE_MISSING");
    const hidden = [Buffer.from(body, "utf16le"), "servicing_actions[0][type]=x", Buffer.from([...Buffer.from(body), 0xff]), "[]", ""];
    for (const text of hidden) await assertProblem(await ask(operation, { ...bearer("write-token"), "content-type": "application/json; charset=utf-16le" }, text), 400, "BODY_MALFORMED");
  });
});

test("bodies that are too large, too slow or compressed reach nobody", async () => {
  const json = all.find((it) => it.id === "post-servicings");
  const form = all.find((it) => it.id === "post-consent-and-documents");
  const url = (operation) => `${edge.url}${PREFIX}${operation.path}`;
  const by = { [json.id]: bearer("servicing-token"), [form.id]: { ...bearer("write-token"), "content-type": "multipart/form-data; boundary=b" } };
  await reachesNobody(async () => {
    const large = new Blob([Buffer.alloc(MIB + 1, " ")]);
    await assertProblem(await fetch(url(json), { method: "POST", headers: by[json.id], body: large }), 413, "BODY_TOO_LARGE");
    await assertProblem(await fetch(url(json), { method: "POST", headers: by[json.id], body: large.stream(), duplex: "half" }), 413, "BODY_TOO_LARGE");
    for (const encoding of ["gzip", "br", "deflate", "zstd", "x"]) {
      for (const operation of [json, form]) {
        const headers = { ...by[operation.id], "content-encoding": encoding };
        await assertProblem(await fetch(url(operation), { method: "POST", headers, body: gzipSync("{}") }), 415, "ENCODING_NOT_SUPPORTED");
      }
    }
    const slow = await begun(url(json), { ...by[json.id], "content-length": 100 }, (outgoing) => outgoing.write("{"));
    assert.deepEqual([slow.status, slow.code], [408, "BODY_TIMED_OUT"]);
    const declared = await begun(url(form), { ...by[form.id], "content-length": 50 * MIB + 1 });
    assert.deepEqual([declared.status, declared.code], [413, "BODY_TOO_LARGE"]);
    const chunk = Buffer.alloc(MIB, "x");
    const undeclared = await begun(url(form), by[form.id], (outgoing) => {
      for (let count = 0; count < 9; count += 1) outgoing.write(chunk);
    });
    assert.deepEqual([undeclared.status, undeclared.code], [413, "BODY_TOO_LARGE"]);
  });
});

test("an upload goes as it comes, whole or not at all", async () => {
  const form = all.find((it) => it.id === "post-consent-and-documents");
  const url = `${edge.url}${PREFIX}${form.path}`;
  const headers = { ...bearer("write-token"), "content-type": "multipart/form-data; boundary=b" };
  const bytes = Buffer.alloc(30 * MIB, "x");
  const response = await fetch(url, { method: "POST", headers, body: bytes });
  await response.arrayBuffer();
  assert.equal(response.status, 200);
  const { body, headers: sent } = canopy.calls.at(-1);
  assert.ok(body.equals(bytes));
  assert.deepEqual([sent["content-type"], sent["content-length"]], [headers["content-type"], String(bytes.length)]);
  // One that does not say how long it is, up to 8 MiB.
  const undeclared = await fetch(url, { method: "POST", headers, body: new Blob([bytes.subarray(0, 5 * MIB)]).stream(), duplex: "half" });
  await undeclared.arrayBuffer();
  assert.deepEqual([undeclared.status, canopy.calls.at(-1).body.length], [200, 5 * MIB]);
  const before = canopy.calls.length;
  for (const length of [30 * MIB, undefined]) {
    const broken = new AbortController();
    const outgoing = request(url, { method: "POST", headers: { ...headers, ...(length && { "content-length": length }) }, signal: broken.signal });
    outgoing.on("error", () => {});
    outgoing.write(Buffer.alloc(3 * MIB, "x"));
    await pause(500);
    broken.abort();
  }
  await pause(1000);
  assert.equal(canopy.calls.length, before, "what breaks off is no call");
});

/** A request whose body does not end: its answer. */
function begun(url, headers, write = () => {}) {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { method: "POST", headers });
    outgoing.on("response", async (response) => {
      const problem = JSON.parse(Buffer.concat(await response.toArray()));
      outgoing.destroy();
      resolve({ status: response.statusCode, code: problem.code });
    });
    outgoing.on("error", reject);
    outgoing.flushHeaders();
    write(outgoing);
  });
}

test("what is looked into crosses whole, and a JSON body is said to be one", async () => {
  const webhooks = all.find((it) => it.id === "get-webhooks");
  const partial = { range: "bytes=10-20", "if-range": '"a"', "if-none-match": '"a"', "if-modified-since": "Tue, 14 Nov 2023 22:13:50 GMT" };
  await (await ask(webhooks, { ...bearer("read-token"), ...partial })).arrayBuffer();
  const { headers } = canopy.calls.at(-1);
  for (const name of Object.keys(partial)) assert.equal(headers[name], undefined, name);
  await (await ask(all.find((it) => it.id === "get-pulls"), { ...bearer("read-token"), ...partial })).arrayBuffer();
  assert.equal(canopy.calls.at(-1).headers.range, partial.range);
  const patch = all.find((it) => it.id === "patch-pull-by-id");
  for (const [given, sent] of [["text/plain", "application/json"], ["application/json; charset=utf-16le", "application/json"], ["application/json; charset=utf-8", "application/json; charset=utf-8"]]) {
    await (await ask(patch, { ...bearer("write-token"), "content-type": given })).arrayBuffer();
    assert.equal(canopy.calls.at(-1).headers["content-type"], sent);
  }
});

test("headers and queries say nothing that was not asked", async () => {
  const head = (text) => `GET ${PREFIX}${text} HTTP/1.1\r\nhost: 127.0.0.1:${edge.port}\r\nauthorization: Bearer read-token\r\n`;
  const before = canopy.calls.length;
  await raw(edge, `${head("/teams/-/pulls?x=%0d%0ax-canopy-client-id:%20evil")}connection: close\r\nif-none-match: "a"\r\n\r\n`);
  const { path, headers } = canopy.calls.at(-1);
  assert.deepEqual([path, headers["x-canopy-client-id"], canopy.calls.length], [`/api/v1.0.0/teams/${LOCAL.teamId}/pulls?x=%0d%0ax-canopy-client-id:%20evil`, undefined, before + 1]);
  await reachesNobody(async () => {
    for (const text of ["/teams/-/pulls\r\nx-canopy-client-id: evil", "/teams/-/pulls%0d%0a/x"]) {
      const answer = await raw(edge, `${head(text)}connection: close\r\n\r\n`);
      assert.doesNotMatch(answer, /^HTTP\/1\.1 200/, text);
    }
  });
});

test("whoever brings too many wrong tokens is told to wait", async () => {
  const limited = await startEdge({ sandbox: canopy, limits: { REFUSAL_LIMIT: 5 } });
  const from = (address, token) => fetch(`${limited.url}${PREFIX}/teams/-/pulls`, { headers: { ...bearer(token), "cf-connecting-ip": address } });
  await reachesNobody(async () => {
    for (let count = 0; count < 5; count += 1) await assertProblem(await from("192.0.2.1", "wrong"), 401, "UNAUTHORIZED");
    const response = await from("192.0.2.1", "wrong");
    assert.equal(response.headers.get("retry-after"), "60");
    await assertProblem(response, 429, "TOO_MANY_REQUESTS");
    await assertProblem(await from("192.0.2.2", "wrong"), 401, "UNAUTHORIZED");
  });
  assert.equal((await from("192.0.2.1", LOCAL.apiToken)).status, 200, "a right token is none of them");
  await limited.stop();
});

test("no token and no pull's token stands in the log", () => {
  const lines = logLines(edge);
  assert.ok(lines.some((line) => line.caller === "servicing" && line.route === "post-servicings"));
  assert.ok(lines.some((line) => line.caller === "write (consumer)" && line.route === "post-idv" && line.pull_id === "p-1"));
  for (const secret of [...SCOPES.map((scope) => `${scope}-token`), "demo-token", "eyJ.p-1.x", tokens["p-1"], randomUUID()]) assert.ok(!edge.log().includes(secret));
});
