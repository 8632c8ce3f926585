// The Pulls API through the edge: what Canopy answers, byte for byte, and nothing that is not one of its operations.
import assert from "node:assert/strict";
import { randomBytes, randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { assertProblem, callsOf, control, loginOf, openPage, raw, rawStatus, SERVICING, until } from "../edge-client.mjs";
import { operations } from "../edge-contract.mjs";
import { LOCAL, startBoth, startEdge } from "../harness.mjs";
import { startStandIn } from "../stand-in.mjs";
import { WHOLE } from "../tapped-edge.mjs";

const PREFIX = "/canopy/api/v1.0.0";
const MIB = 1024 * 1024;
const basic = (user, password) => `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
const CLIENT = basic(LOCAL.clientId, LOCAL.clientSecret);
/** Opens sessions with changes to a policy. */
const OPENS = "opens-token";
const EDGE = [`Bearer ${LOCAL.apiToken}`, basic("anyone", LOCAL.apiToken), basic("", LOCAL.apiToken), `bearer ${LOCAL.apiToken}`];
const team = `/teams/${LOCAL.teamId}`;
const TABLE = readFileSync(new URL("../../crates/canopy/src/contract/table.rs", import.meta.url), "utf8");
/** What the table says of an operation. */
function rowOf(id) {
  const name = /^canopy-(.*?)(-older)?$/.exec(id)[1];
  const [, access, answer] = new RegExp(`"${name}" +\\w+ +(\\w+) +\\w+ +\\w+ +\\w+ +(\\w+)`).exec(TABLE);
  return { access, answer };
}
/** What may differ: hop-by-hop, framing, the moment, the edge's own id. */
const MAY_DIFFER = ["connection", "content-length", "date", "keep-alive", "transfer-encoding", "x-request-id"];
/** What crosses of Canopy's headers, where the sandbox sends it, and what every answer has of the edge's. */
const CROSSES = ["accept-ranges", "content-disposition", "content-language", "content-range", "content-type", "etag", "last-modified", "location", "retry-after"];
const OWN = { "cache-control": "no-store", "content-security-policy": "sandbox", "x-content-type-options": "nosniff" };
/** An answer of Canopy's as the edge passes it on. */
const passedOn = ({ headers, ...answer }) => ({ ...answer, headers: { ...Object.fromEntries(Object.entries(headers).filter(([name]) => CROSSES.includes(name))), ...OWN } });

describe("in front of the sandbox", () => {
  let both, edge, sandbox, pull_id, pull;

  before(async () => {
    both = await startBoth({ edgeEnv: { EDGE_API_TOKENS: `demo:${LOCAL.apiToken},opens:${OPENS}:write+servicing` } });
    ({ edge, sandbox } = both);
    for (const username of ["user_good", "user_good_no_policies", "user_bad"]) {
      const page = await openPage(edge);
      const document = await page.ask("connect", await loginOf(sandbox, username));
      pull_id ??= document.pull_id;
    }
    await settled();
    pull = JSON.parse((await direct("GET", `${team}/pulls/${pull_id}`)).body).pull;
  });
  after(() => both?.stop());

  /** Waits until no pull has a step to come. */
  const settled = () => until(async () => (await control(sandbox, "GET", "/pulls")).pulls.every((pull) => pull.steps_to_come === 0), "the pulls' end");
  const answer = async (url, init) => {
    // The local set-up packs what it may; that is no header of the edge's.
    const response = await fetch(url, { redirect: "manual", ...init, headers: { "accept-encoding": "identity", ...init.headers } });
    const headers = Object.fromEntries([...response.headers].filter(([name]) => !MAY_DIFFER.includes(name)));
    return { status: response.status, headers, body: Buffer.from(await response.arrayBuffer()) };
  };
  const direct = async (method, path, { body, headers } = {}) => passedOn(await answer(`${sandbox.url}/api/v1.0.0${path}`, { method, body, headers: { ...headers, authorization: CLIENT } }));
  const through = (method, path, { body, headers, as = EDGE[0] } = {}) => answer(edge.url + PREFIX + path, { method, body, headers: { ...headers, authorization: as } });

  /** `makes`: each answer names something else that the call has made. */
  async function assertSame(method, path, { makes = false, ...options } = {}) {
    const theirs = await direct(method, path, options);
    for (const as of EDGE) {
      if (makes) await settled();
      const ours = await through(method, path, { ...options, as });
      assert.equal(ours.status, theirs.status, `${method} ${path}: ${ours.body}`);
      const [left, right] = [ours, theirs].map((answer) => (makes ? unnamed(comparable(answer)) : comparable(answer)));
      assert.deepEqual(left, right, `${method} ${path}`);
      if (makes) assert.notDeepEqual(ours.body, theirs.body);
    }
    return theirs;
  }

  const unnamed = ({ status, headers, body }) => ({ status, headers, body: body.replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "ID") });

  /** A signed URL is another at each call: its time and signature are left out. */
  function comparable({ status, headers, body }) {
    if (status !== 302) return { status, headers, body: body.toString("latin1") };
    const unsigned = (text) => text.replaceAll(/expires=\d+&signature=[0-9a-f]+/g, "SIGNED");
    return { status, headers: { ...headers, location: unsigned(headers.location) }, body: unsigned(body.toString()) };
  }

  test("pulls, documents and checks are answered as Canopy does, byte for byte", async () => {
    const json = { "content-type": "application/json" };
    const one = `${team}/pulls/${pull_id}`;
    const document = `${one}/documents/${pull.documents[0].document_id}`;
    const list = await assertSame("GET", `${team}/pulls`);
    assert.equal(JSON.parse(list.body).total_pulls, 3);
    for (const query of ["limit=1&offset=1", "since=2020-01-01T00:00:00.000Z&before=2100-01-01T00%3A00%3A00.000Z", "since=2100-01-01T00:00:00Z", "limit=0", "limit=x", "offset=99", "a=b&&c=%20+d"]) await assertSame("GET", `${team}/pulls?${query}`);
    assert.equal((await assertSame("GET", one)).status, 200);
    await assertSame("GET", `${one}?withPropertyData=true`);
    for (const id of [randomUUID(), "not-a-uuid"]) assert.ok((await assertSame("GET", `${team}/pulls/${id}`)).status >= 400);
    const pdf = await assertSame("GET", `${document}/pdf`);
    assert.match(pdf.body.toString("latin1"), /^%PDF/);
    const redirect = await assertSame("GET", document);
    assert.deepEqual([redirect.status, JSON.parse(redirect.body).url], [302, redirect.headers.location]);
    assert.ok((await assertSame("GET", `${one}/documents/${randomUUID()}`)).status >= 400);
    for (const body of ['{"is_archived":true}', '{"is_archived":"x"}', "{}", "not json", ""]) await assertSame("PATCH", one, { body, headers: json });
    assert.equal(JSON.parse((await direct("GET", one)).body).pull.is_archived, true, "the write arrived");
    const settings = JSON.stringify({ policy_check_settings: { vehicle: { POLICY_NOT_ACTIVE: true, MAX_COLLISION_DEDUCTIBLE_CENTS: 1 } } });
    for (const body of [settings, "{}", "[]"]) await assertSame("POST", `${one}/policyCheck`, { body, headers: json });
    assert.match((await assertSame("GET", `${one}/policyCheck/pdf`)).body.toString("latin1"), /^%PDF/);
  });

  test("monitorings are kept, refreshed and brought back as Canopy does it", async () => {
    const json = { "content-type": "application/json" };
    const all = `${team}/monitorings`;
    for (const body of ["{}", "", "not json", `{"pull_id":"${pull_id}","interval":"P1D"}`, `{"pull_id":"${randomUUID()}","interval":"P30D"}`]) assert.ok((await assertSame("POST", all, { body, headers: json })).status >= 400);
    const made = await assertSame("POST", all, { body: JSON.stringify({ pull_id, interval: "P30D" }), headers: json, makes: true });
    assert.equal(made.status, 200);
    const { monitoring_id } = JSON.parse(made.body).monitoring;
    const one = `${all}/${monitoring_id}`;
    assert.equal(JSON.parse((await assertSame("GET", all)).body).monitorings_count, 1 + EDGE.length, "each write arrived once");
    for (const query of [`pull_id=${pull_id}`, `pull_id=${randomUUID()}`, "status=STOPPED", "limit=2", `limit=1&before=${monitoring_id}`]) await assertSame("GET", `${all}?${query}`);

    assert.equal((await assertSame("POST", `${one}/refresh`, { makes: true })).status, 200);
    await settled();
    await assertSame("GET", `${one}/events`);
    for (const query of ["", "?with_pulls=true", "?with_pulls=true&limit=1"]) assert.equal((await assertSame("GET", `${one}${query}`)).status, 200);
    const { pulls } = JSON.parse((await direct("GET", `${one}?with_pulls=true`)).body);
    assert.equal(pulls.length, 2 + EDGE.length, "each refresh was asked for once");
    const back = await assertSame("GET", `${one}/reconnectToken`, { makes: true });
    assert.ok(JSON.parse(back.body).reconnect_url.includes(JSON.parse(back.body).reconnect_token));

    for (const body of ['{"interval":"P60D"}', '{"interval":"P1D"}', '{"stop_after_date":"2100-01-01T00:00:00.000Z"}', "{}", "not json"]) await assertSame("PATCH", one, { body, headers: json });
    assert.equal(JSON.parse((await direct("GET", one)).body).monitoring.interval, "P60D", "the write arrived");
    assert.equal(JSON.parse((await assertSame("DELETE", one)).body).monitoring.status, "STOPPED");
    assert.equal((await assertSame("POST", `${one}/refresh`)).status, 400);
    for (const id of [randomUUID(), "not-a-uuid"]) {
      for (const [method, rest] of [["GET", ""], ["PATCH", ""], ["DELETE", ""], ["GET", "/events"], ["GET", "/reconnectToken"], ["POST", "/refresh"]]) assert.ok((await assertSame(method, `${all}/${id}${rest}`, method === "PATCH" ? { body: "{}", headers: json } : {})).status >= 400);
    }
  });

  test("servicing actions are read as Canopy gives them, and asked for by who has their scope", async () => {
    const page = await openPage(edge, { token: OPENS, servicing_actions: [SERVICING] });
    const asked = await page.ask("connect", await loginOf(sandbox, "user_good"));
    await settled();
    const all = `${team}/servicings`;
    const { servicings } = JSON.parse((await assertSame("GET", `${all}?pull_id=${asked.pull_id}`)).body);
    assert.deepEqual(servicings.map((action) => action.type), [SERVICING.type]);
    for (const query of ["", "?limit=1&offset=1", "?limit=1000", "?pull_id=x"]) await assertSame("GET", all + query);
    const one = JSON.parse((await assertSame("GET", `${all}/${servicings[0].servicing_action_id}`)).body);
    assert.deepEqual([one.payload, one.status], [SERVICING.payload, "WAITING_FOR_CONSUMER_CONFIRMATION"]);
    for (const id of [randomUUID(), "not-a-uuid"]) assert.ok((await assertSame("GET", `${all}/${id}`)).status >= 400);

    const body = JSON.stringify({ pull_id, servicing_actions: [SERVICING] });
    const refused = await through("POST", all, { body });
    assert.deepEqual([refused.status, JSON.parse(refused.body).code], [403, "SCOPE_MISSING"]);
    assert.match(JSON.parse(refused.body).detail, /scope servicing/);
    assert.equal((await callsOf(sandbox, "post-servicings")).length, 0);
    assert.match((await direct("POST", all, { body })).body.toString(), /"pull_jwt":"eyJ/, "Canopy answers with the pull's token");
  });

  test("'-' stands for the edge's own team", async () => {
    const ours = await through("GET", `/teams/-/pulls/${pull_id}`);
    assert.deepEqual(comparable(ours), comparable(await direct("GET", `${team}/pulls/${pull_id}`)));
  });

  test("what is not one of the operations is refused before any call", async () => {
    const before = (await control(sandbox, "GET", "/requests")).requests.length;
    const one = `${team}/pulls/${pull_id}`;
    const paths = [
      `${team}/pulls/../nothing`, `${team}/pulls/%2e%2e/nothing`, `${team}/pulls/.%2E/nothing`, `${team}/pulls/..%2fwebhooks`, `${team}/pulls/..%2Fwebhooks`, `${team}/pulls/..%5cwebhooks`, `${team}/pulls/..;/webhooks`,
      `${team}/pulls/${pull_id}%2fdocuments`, `${one}/documents/..%2f..`, `${team}/pulls/%00`, `${team}/pulls/a%20b`, `${team}/pulls/.`.replace(/\.$/, "%252e"), `${team}/pulls/x%3fy`, `${team}/pulls/x%23y`,
      `${team}//pulls`, `/${team}/pulls`, `${team}/pulls/`, `${team}/pulls//`, `${one}/`, `${one}//documents`, `${one}/documents`, `${one}/documents/d/pdf/x`, `${one}/policyCheck/pdf/x`, `${one}/files`,
      `${team}/monitorings/`, `${team}/monitorings/x/`, `${team}/monitorings/x/reconnecttoken`, `${team}/monitorings/x%2frefresh`, `${team}/monitorings/x/events/y`, `${team}/servicings/`, `${team}/servicings/../nothing`, `${team}/servicings/x/y`,
      `${team}/`, `${team}/Webhooks`, `${team}/widgets/`, `${team}/policyChecks`, `${team}/enrich`, "/teams/", "/carriers/", "/carriers/a.b", "/tos/", "/widget/pull", "/policyForms/x/pdf", "/widget/pull/a/consentAndConnect", "/", "",
      `/TEAMS/${LOCAL.teamId}/pulls`, `${team}/Pulls`, `${team}/pulls\\..\\nothing`,
    ];
    for (const path of paths) {
      const answer = await raw(edge, `GET ${PREFIX}${path} HTTP/1.1\r\nhost: 127.0.0.1:${edge.port}\r\nauthorization: ${EDGE[0]}\r\nconnection: close\r\n\r\n`);
      assert.equal(rawStatus(answer), 404, `${path}\n${answer}`);
      assert.match(answer, /"code":"NOT_FOUND"/);
    }
    // What a path leads to when its dots are resolved is held to the scope of that.
    for (const path of [`${team}/pulls/../webhooks`, `${team}/pulls/%2e%2e/webhooks`, `${team}/pulls\\..\\webhooks`]) {
      const answer = await raw(edge, `POST ${PREFIX}${path} HTTP/1.1\r\nhost: 127.0.0.1:${edge.port}\r\nauthorization: ${EDGE[0]}\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}`);
      assert.match(answer, /"code":"SCOPE_MISSING","detail":"expected a token with the scope admin/);
    }
    for (const path of [`/canopy/api/v1.0.0x${team}/pulls`, `/canopy/api/v2.0.0${team}/pulls`, `/canopy${team}/pulls`]) await assertProblem(await fetch(edge.url + path, { headers: { authorization: EDGE[0] } }), 404, "NOT_FOUND");
    const call = (method, path, init) => fetch(edge.url + PREFIX + path, { method, headers: { authorization: EDGE[0] }, ...init });
    for (const other of [randomUUID(), "x", "00000000-0000-4000-8000-00000000000"]) await assertProblem(await call("GET", `/teams/${other}/pulls`), 403, "TEAM_NOT_ALLOWED");
    for (const [method, path] of [["POST", `${team}/pulls`], ["DELETE", one], ["PUT", one], ["POST", one], ["GET", `${one}/policyCheck`], ["PATCH", `${one}/policyCheck/pdf`], ["OPTIONS", one], ["DELETE", `${team}/servicings`], ["PATCH", `${team}/servicings/x`], ["GET", `${team}/policySearch`], ["POST", "/carriers"], ["GET", "/consent"], ["PATCH", "/teams"], ["GET", "/widget/pull/idv"], ["POST", `${team}/monitorings/x`], ["PUT", `${team}/monitorings/x`], ["GET", `${team}/monitorings/x/refresh`], ["POST", `${team}/monitorings/x/reconnectToken`]]) await assertProblem(await call(method, path), 405, "METHOD_NOT_ALLOWED");
    await assertProblem(await call("GET", `${team}/pulls?${"x".repeat(4097)}`), 400, "INPUT_INVALID");
    const large = Buffer.alloc(MIB + 1, "x");
    await assertProblem(await call("PATCH", one, { body: large }), 413, "BODY_TOO_LARGE");
    await assertProblem(await call("PATCH", one, { body: new Blob([large]).stream(), duplex: "half" }), 413, "BODY_TOO_LARGE");
    assert.equal((await control(sandbox, "GET", "/requests")).requests.length, before, "no call reached Canopy");
  });

  test("without the edge's token nothing is passed on", async () => {
    const before = (await control(sandbox, "GET", "/requests")).requests.length;
    const tries = [undefined, "", "Bearer", "Bearer ", `Bearer ${LOCAL.apiToken}x`, `Bearer ${LOCAL.apiToken.slice(1)}`, "Bearer demo:demo-token", CLIENT, basic(LOCAL.apiToken, ""), basic("demo", "x"), "Basic !!!", `Token ${LOCAL.apiToken}`, LOCAL.apiToken, `Bearer ${LOCAL.sessionKey}`];
    for (const authorization of tries) {
      const response = await fetch(`${edge.url}${PREFIX}${team}/pulls`, { headers: authorization === undefined ? {} : { authorization } });
      assert.equal(response.headers.get("www-authenticate"), "Bearer");
      await assertProblem(response, 401, "UNAUTHORIZED");
    }
    const own = { "x-canopy-client-id": LOCAL.clientId, "x-canopy-client-secret": LOCAL.clientSecret };
    await assertProblem(await fetch(`${edge.url}${PREFIX}${team}/pulls`, { headers: own }), 401, "UNAUTHORIZED");
    await assertProblem(await fetch(`${edge.url}${PREFIX}${team}/pulls?token=${LOCAL.apiToken}`), 401, "UNAUTHORIZED");
    assert.equal((await control(sandbox, "GET", "/requests")).requests.length, before);
  });

  test("a read is asked again while Canopy is busy, within bounds; a write never", async () => {
    const one = `${team}/pulls/${pull_id}`;
    const calls = async (operation) => (await callsOf(sandbox, operation)).length;
    const counted = async (operation, steps, ask) => {
      await control(sandbox, "POST", "/faults", { operation, steps });
      const before = await calls(operation);
      const answer = await ask();
      await control(sandbox, "DELETE", "/faults");
      return { ...answer, calls: (await calls(operation)) - before };
    };
    const get = () => through("GET", one);
    const mended = await counted("get-pull-by-id", [{ status: 429, retry_after: 1 }, { status: 503 }], get);
    assert.deepEqual([mended.status, mended.calls], [200, 3]);
    const busy = await counted("get-pull-by-id", [{ status: 503, times: 10 }], get);
    assert.deepEqual([busy.status, busy.calls, JSON.parse(busy.body)], [503, 3, { error: "INTERNAL_ERROR" }]);
    const later = await counted("get-pull-by-id", [{ status: 429, retry_after: 60 }, {}], get);
    assert.deepEqual([later.status, later.calls, later.headers["retry-after"]], [429, 1, "60"]);
    const refused = await counted("get-pull-by-id", [{ status: 403 }, {}], get);
    assert.deepEqual([refused.status, refused.calls], [403, 1]);
    for (const status of [429, 500, 503]) {
      const written = await counted("patch-pull-by-id", [{ status, retry_after: 0 }, {}], () => through("PATCH", one, { body: "{}" }));
      assert.deepEqual([written.status, written.calls], [status, 1]);
      const checked = await counted("post-pull-policy-check", [{ status }, {}], () => through("POST", `${one}/policyCheck`, { body: "{}" }));
      assert.deepEqual([checked.status, checked.calls], [status, 1]);
    }
    const monitoring = `${team}/monitorings/${randomUUID()}`;
    const token = await counted("get-monitoring-reconnect-token", [{ status: 503 }, {}], () => through("GET", `${monitoring}/reconnectToken`));
    assert.deepEqual([token.status, token.calls], [503, 1], "each call makes a token");
    const again = await counted("get-monitoring-reconnect-token", [{ status: 429, retry_after: 0 }, {}], () => through("GET", `${monitoring}/reconnectToken`));
    assert.deepEqual([again.status, again.calls], [404, 2]);
    for (const [operation, method, path] of [["post-monitoring", "POST", `${team}/monitorings`], ["patch-monitoring", "PATCH", monitoring], ["delete-monitoring", "DELETE", monitoring], ["post-monitoring-refresh", "POST", `${monitoring}/refresh`]]) {
      for (const [fault, status] of [[{ status: 429, retry_after: 0 }, 429], [{ status: 503 }, 503], [{}, operation === "post-monitoring" ? 400 : 404]]) {
        const written = await counted(operation, [fault, {}], () => through(method, path, { body: method === "DELETE" ? undefined : "{}" }));
        assert.deepEqual([written.status, written.calls], [status, 1], `${operation} ${JSON.stringify(fault)}`);
      }
    }
  });
});

describe("in front of a Canopy that is watched", () => {
  const bytes = randomBytes(8 * MIB);
  let canopy, edge;
  const hostile = {
    "set-cookie": "canopy_session=1", "clear-site-data": '"*"', "www-authenticate": "Basic", "access-control-allow-origin": "*", refresh: "0", link: "</x>; rel=preload", "content-security-policy": "script-src *", "pull-jwt": "a.b.c", authorization: CLIENT, "x-canopy-client-id": LOCAL.clientId, "x-canopy-client-secret": LOCAL.clientSecret, "proxy-authenticate": "Basic",
    etag: '"v1"', "x-anything": "stays", "content-type": "application/x-test", "cache-control": "public", "x-request-id": "canopys-own",
  };

  before(async () => {
    canopy = await startStandIn(({ path }) => {
      if (path.includes("/pulls/moved")) return { status: 302, headers: { location: `${canopy.url}/elsewhere` } };
      return { headers: hostile, body: bytes };
    });
    edge = await startEdge({ sandbox: canopy, env: { EDGE_API_TOKENS: `demo:${LOCAL.apiToken},whole:${WHOLE}:read+write+servicing+admin` } });
  });
  after(async () => {
    await edge?.stop();
    await canopy?.stop();
  });

  test("credentials cross in neither direction", async () => {
    const given = { cookie: "mine=1", "x-canopy-client-id": "mine", "x-canopy-client-secret": "mine", "pull-jwt": "mine", "x-forwarded-for": "192.0.2.7", "if-none-match": '"v0"', accept: "application/pdf" };
    for (const authorization of EDGE) {
      const response = await fetch(`${edge.url}${PREFIX}${team}/pulls?b=2&a=%41+%20&a=`, { headers: { ...given, authorization } });
      assert.ok(Buffer.from(await response.arrayBuffer()).equals(bytes), "streamed whole");
      for (const name of ["set-cookie", "pull-jwt", "authorization", "x-canopy-client-id", "x-canopy-client-secret", "proxy-authenticate", "clear-site-data", "www-authenticate", "access-control-allow-origin", "refresh", "link", "x-anything"]) assert.equal(response.headers.get(name), null, name);
      for (const name of ["etag", "content-type"]) assert.equal(response.headers.get(name), hostile[name], name);
      for (const [name, value] of Object.entries(OWN)) assert.equal(response.headers.get(name), value, name);
      assert.match(response.headers.get("x-request-id"), /^[0-9a-f-]{36}$/);
      const { headers, path } = canopy.calls.at(-1);
      assert.equal(path, `/api/v1.0.0${team}/pulls?b=2&a=%41+%20&a=`);
      assert.deepEqual([headers.authorization, headers["if-none-match"], headers.accept], [CLIENT, '"v0"', "application/pdf"]);
      for (const name of ["cookie", "x-canopy-client-id", "x-canopy-client-secret", "pull-jwt", "x-forwarded-for"]) assert.equal(headers[name], undefined, name);
      const sent = JSON.stringify([headers, path]);
      assert.ok(!sent.includes(LOCAL.apiToken) && !sent.includes(authorization), "Canopy never sees the edge's token");
    }
  });

  test("each operation is one call, and its answer comes as it is", async () => {
    for (const [id, { method, path }] of operations) {
      if (!id.startsWith("canopy-")) continue;
      const filled = path.replace(PREFIX, "").replace("{teamId}", LOCAL.teamId).replace(/\{\w+\}/g, "x-1");
      // What is looked into crosses whole: edge-operations.test.mjs.
      const { access, answer } = rowOf(id);
      if (access === "Pull" || answer !== "AsIs") continue;
      const before = canopy.calls.length;
      const body = ["GET", "DELETE"].includes(method) ? undefined : `{ "${id}" : 1}`;
      const response = await fetch(`${edge.url}${PREFIX}${filled}?q=%20`, { method, body, headers: { authorization: `Bearer ${WHOLE}` } });
      assert.equal(response.status, 200, id);
      assert.ok(Buffer.from(await response.arrayBuffer()).equals(bytes), id);
      assert.equal(response.headers.get("pull-jwt"), null, id);
      const [call, ...more] = canopy.calls.slice(before);
      assert.deepEqual([call.method, call.path, call.body.toString(), more], [method, `/api/v1.0.0${filled}?q=%20`, body ?? "", []], id);
    }
  });

  test("a body goes as it came", async () => {
    const body = Buffer.concat([Buffer.from('{ "is_archived" :true,\t"x":"'), Buffer.from([0xc3, 0xab]), Buffer.from('"}\n')]);
    const response = await fetch(`${edge.url}${PREFIX}${team}/pulls/p-1`, { method: "PATCH", body, headers: { authorization: EDGE[0], "content-type": "application/json; charset=utf-8" } });
    await response.arrayBuffer();
    const call = canopy.calls.at(-1);
    assert.deepEqual([call.method, call.headers["content-type"]], ["PATCH", "application/json; charset=utf-8"]);
    assert.ok(call.body.equals(body));
  });

  test("a redirect is the client's to follow", async () => {
    const before = canopy.calls.length;
    const response = await fetch(`${edge.url}${PREFIX}${team}/pulls/moved`, { headers: { authorization: EDGE[0] }, redirect: "manual" });
    assert.deepEqual([response.status, response.headers.get("location")], [302, `${canopy.url}/elsewhere`]);
    assert.equal(canopy.calls.length, before + 1);
  });

  test("a Canopy that cannot be reached is said to be, and a write to be looked after", async () => {
    const alone = await startEdge();
    try {
      const call = (method, body) => fetch(`${alone.url}${PREFIX}${team}/pulls/p-1`, { method, body, headers: { authorization: EDGE[0] } });
      await assertProblem(await call("GET"), 502, "CANOPY_FAILED");
      const { detail } = await assertProblem(await call("PATCH", "{}"), 502, "CANOPY_FAILED");
      assert.match(detail, /may have taken effect/);
    } finally {
      await alone.stop();
    }
  });
});
