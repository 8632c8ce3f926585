// Page sessions on the real edge: who may use one, what it never does twice, and what it never shows.
import assert from "node:assert/strict";
import { createHmac, randomUUID } from "node:crypto";
import { after, before, test } from "node:test";
import { assertProblem, authOf, authStatus, backOfficeOf, callsOf, CONSENT, control, loginOf, openPage, openSocket, postWebhook, raw, rawStatus, until, webhook } from "../edge-client.mjs";
import { freePort, LOCAL, startBoth, startEdge, startSandbox, temporaryDirectory } from "../harness.mjs";
import { startStandIn } from "../stand-in.mjs";

const AGENCY = "https://www.agency.example";
let both, edge, sandbox;

before(async () => {
  both = await startBoth({ edgeEnv: { EDGE_ALLOWED_ORIGINS: `${AGENCY},https://second.example` }, sandboxEnv: { SANDBOX_RETRY_BASE_MS: "100" } });
  ({ edge, sandbox } = both);
});
after(() => both?.stop());

const get = (page, headers) => fetch(edge.url + page.path, { headers });
/** A token with these claims, signed as the edge does (crates/canopy/src/session/token.rs). */
function forged(claims, key = LOCAL.sessionKey, purpose = "canopy-edge session v1.") {
  const text = Buffer.from(JSON.stringify(claims)).toString("base64url");
  return `${text}.${createHmac("sha256", key).update(purpose + text).digest("base64url")}`;
}
const claimsOf = (token) => JSON.parse(Buffer.from(token.split(".")[0], "base64url"));
const inSeconds = (seconds) => Math.floor(Date.now() / 1000) + seconds;
/** The pulls that the sandbox made for a session. */
const pullsOf = async (page, at = sandbox) => (await control(at, "GET", "/pulls")).pulls.filter((pull) => pull.meta_data.edge_session === page.session_id);
const isDone = (document) => document.complete && document.auth?.status === "SUCCESS";

test("a session's answer has what the page needs", async () => {
  const page = await openPage(edge, { origin: AGENCY, metadata: { lead_id: "L-7" } });
  assert.equal(page.public_alias, LOCAL.publicAlias);
  assert.equal(page.sdk_url, `${sandbox.url}/sdk/v1.0.0/connect.js`);
  assert.equal(page.components_url, `${sandbox.url}/v1/cc-components.js`);
  const lifetime = Date.parse(page.expires_at) - Date.now();
  assert.ok(lifetime > 0 && lifetime <= 3_600_000);
  assert.equal((await page.document()).phase, "open");
  for (const url of [page.sdk_url, page.components_url]) assert.equal((await fetch(url)).status, 200, url);
});

test("a token that is expired, forged or another session's opens nothing", async () => {
  const [page, other] = [await openPage(edge, { origin: AGENCY }), await openPage(edge, { origin: AGENCY })];
  const claims = claimsOf(page.token);
  assert.equal((await get(page, { authorization: `Bearer ${forged(claims)}` })).status, 200, "the forger of this test knows the form");
  const expired = forged({ ...claims, e: inSeconds(-1) });
  const refused = await assertProblem(await get(page, { authorization: `Bearer ${expired}` }), 401, "SESSION_EXPIRED");
  assert.ok(!JSON.stringify(refused).includes(expired));
  const [head, mac] = page.token.split(".");
  const wrong = [
    other.token,
    forged(claims, "another-session-key-0123456789abcdef"),
    forged(claims, LOCAL.sessionKey, ""),
    `${Buffer.from(JSON.stringify({ ...claims, e: claims.e + 3600 })).toString("base64url")}.${mac}`,
    `${head}.`,
    `${head}`,
    `${head}.${mac.slice(0, -2)}`,
    `${head}.${"A".repeat(mac.length)}`,
    forged({ ...claims, o: undefined }),
    "",
    "x".repeat(5000),
    LOCAL.apiToken,
  ];
  for (const token of wrong) await assertProblem(await get(page, { authorization: `Bearer ${token}` }), 401, "UNAUTHORIZED");
  await assertProblem(await get(page, {}), 401, "UNAUTHORIZED");
  await assertProblem(await get(page, { authorization: `Basic ${Buffer.from(`x:${page.token}`).toString("base64")}` }), 401, "UNAUTHORIZED");
  const bearer = { authorization: `Bearer ${page.token}` };
  for (const path of ["/api/v1/pulls", `/canopy/api/v1.0.0/teams/${LOCAL.teamId}/pulls`]) {
    await assertProblem(await fetch(edge.url + path, { headers: bearer }), 401, "UNAUTHORIZED");
  }
});

test("a right token for a session that is gone is NOT_FOUND", async () => {
  const session = randomUUID();
  const token = forged({ s: session, o: AGENCY, e: inSeconds(60) });
  const headers = { authorization: `Bearer ${token}`, origin: AGENCY };
  await assertProblem(await fetch(`${edge.url}/connect/sessions/${session}`, { headers }), 404, "NOT_FOUND");
  await assertProblem(await fetch(`${edge.url}/connect/sessions/${session}/identity-code`, { method: "POST", headers, body: '{"code":"1"}' }), 404, "NOT_FOUND");
});

test("a session belongs to the origin it was opened from", async () => {
  const page = await openPage(edge, { origin: AGENCY });
  const login = JSON.stringify(await loginOf(sandbox, "user_good"));
  for (const origin of ["https://second.example", "https://evil.example", "null", `${AGENCY}.evil.example`, "http://www.agency.example", edge.url]) {
    const headers = { ...page.bearer, origin };
    await assertProblem(await get(page, headers), 403, "ORIGIN_NOT_ALLOWED");
    await assertProblem(await fetch(`${edge.url}${page.path}/connect`, { method: "POST", headers, body: login }), 403, "ORIGIN_NOT_ALLOWED");
  }
  const { origin, ...without } = page.bearer;
  assert.equal((await get(page, without)).status, 200, "a GET of the edge's own page carries no Origin");
  await assertProblem(await fetch(`${edge.url}${page.path}/connect`, { method: "POST", headers: without, body: login }), 403, "ORIGIN_NOT_ALLOWED");
  assert.deepEqual(await pullsOf(page), []);
});

test("only configured origins open sessions and may read answers", async () => {
  const open = (headers, body) => fetch(`${edge.url}/connect/sessions`, { method: "POST", headers, body });
  for (const origin of ["https://evil.example", "null", `${AGENCY}:8443`, `${AGENCY}/`]) {
    const response = await open({ origin });
    assert.equal(response.headers.get("access-control-allow-origin"), null);
    await assertProblem(response, 403, "ORIGIN_NOT_ALLOWED");
    const preflight = await fetch(`${edge.url}/connect/sessions`, { method: "OPTIONS", headers: { origin, "access-control-request-method": "POST" } });
    assert.equal(preflight.headers.get("access-control-allow-origin"), null);
    await assertProblem(preflight, 403, "ORIGIN_NOT_ALLOWED");
    await assertProblem(await fetch(`${edge.url}/connect/carriers`, { headers: { origin } }), 403, "ORIGIN_NOT_ALLOWED");
  }
  await assertProblem(await open({}), 403, "ORIGIN_NOT_ALLOWED");
  const path = `/connect/sessions/${randomUUID()}/connect`;
  const preflight = await fetch(edge.url + path, { method: "OPTIONS", headers: { origin: AGENCY, "access-control-request-method": "POST", "access-control-request-headers": "authorization,content-type" } });
  assert.equal(preflight.status, 204);
  const allowed = (name) => preflight.headers.get(`access-control-allow-${name}`);
  assert.deepEqual([allowed("origin"), allowed("credentials")], [AGENCY, null]);
  assert.match(allowed("methods"), /POST/);
  assert.match(allowed("headers"), /authorization/);
  assert.match(preflight.headers.get("vary"), /origin/i);
  for (const response of [await open({ origin: AGENCY }), await open({ origin: AGENCY }, "not json"), await fetch(edge.url + path, { method: "POST", headers: { origin: AGENCY } })]) {
    assert.equal(response.headers.get("access-control-allow-origin"), AGENCY, "the page may read errors too");
    assert.match(response.headers.get("access-control-expose-headers"), /x-request-id/);
  }
  for (const path of ["/healthz", "/api/v1/pulls", "/webhooks/canopy"]) {
    const response = await fetch(edge.url + path, { headers: { origin: AGENCY, authorization: `Bearer ${LOCAL.apiToken}` } });
    assert.equal(response.headers.get("access-control-allow-origin"), null, `${path} is not for pages`);
  }
});

test("metadata is an object of the agency's, within bounds", async () => {
  const open = (body) => fetch(`${edge.url}/connect/sessions`, { method: "POST", headers: { origin: AGENCY }, body });
  for (const body of ["[]", "x", '"x"', "7"]) await assertProblem(await open(body), 400, "BODY_MALFORMED");
  for (const metadata of ["text", [1], { edge_session: randomUUID() }, { filler: "x".repeat(20_000) }]) {
    await assertProblem(await open(JSON.stringify({ metadata })), 400, "INPUT_INVALID");
  }
  await assertProblem(await open(JSON.stringify({ metadata: { filler: "x".repeat(40_000) } })), 413, "BODY_TOO_LARGE");
  for (const body of ["", "{}", '{"metadata":null}', '{"metadata":{}}']) assert.equal((await open(body)).status, 201);
});

test("one address opens so many sessions a minute, and no more", async () => {
  const open = (address) => fetch(`${edge.url}/connect/sessions`, { method: "POST", headers: { origin: AGENCY, "cf-connecting-ip": address } });
  // The minute may turn in the middle of it: then it begins anew, once.
  let refused;
  for (let opened = 0; opened < 1_300 && !refused; opened += 20) {
    const answers = await Promise.all(Array.from({ length: 20 }, () => open("192.0.2.1")));
    refused = answers.find((answer) => answer.status !== 201);
  }
  assert.ok(refused, "1,300 sessions were opened");
  assert.equal(refused.headers.get("retry-after"), "60");
  await assertProblem(refused, 429, "TOO_MANY_REQUESTS");
  assert.equal((await open("192.0.2.2")).status, 201, "another address is not held for it");
});

test("the live socket opens for the session's own token alone", async () => {
  const [page, other] = [await openPage(edge, { origin: AGENCY }), await openPage(edge, { origin: AGENCY })];
  const upgrade = (more, path = `${page.path}/live`) =>
    raw(edge, `GET ${path} HTTP/1.1\r\nhost: 127.0.0.1:${edge.port}\r\nconnection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n${more}\r\n\r\n`);
  const from = `origin: ${AGENCY}`;
  for (const [more, status] of [
    [from, 401],
    [`${from}\r\nsec-websocket-protocol: canopy-edge`, 401],
    [`${from}\r\nsec-websocket-protocol: ${page.token}`, 401],
    [`${from}\r\nsec-websocket-protocol: canopy-edge, ${other.token}`, 401],
    [`${from}\r\nsec-websocket-protocol: canopy-edge, ${page.token}x`, 401],
    [`${from}\r\nsec-websocket-protocol: canopy-edge, ${forged({ ...claimsOf(page.token), e: inSeconds(-1) })}`, 401],
    [`${from}\r\nauthorization: Bearer ${page.token}`, 401],
    [`origin: https://evil.example\r\nsec-websocket-protocol: canopy-edge, ${page.token}`, 403],
  ]) {
    const answer = await upgrade(more);
    assert.equal(rawStatus(answer), status, `${more}\n${answer}`);
    assert.match(answer, /application\/problem\+json/);
  }
  assert.equal(rawStatus(await upgrade(from, `${page.path}/live?token=${page.token}`)), 401, "never in the URL");
  await assertProblem(await fetch(`${edge.url}${page.path}/live`, { headers: page.bearer }), 426, "UPGRADE_REQUIRED");

  const socket = await page.live();
  assert.equal(socket.protocol, "canopy-edge", "the token is not said back");
  assert.equal(page.documents[0].session_id, page.session_id);
  socket.close();
});

test("a page that opens socket after socket loses the oldest", async () => {
  const page = await openPage(edge, { origin: AGENCY });
  const sockets = [];
  const closed = [];
  for (let number = 0; number < 10; number += 1) {
    const socket = openSocket(edge, page.path, ["canopy-edge", page.token], { origin: AGENCY });
    socket.addEventListener("close", ({ code }) => closed.push([number, code]));
    await new Promise((resolve, reject) => (socket.addEventListener("message", resolve, { once: true }), socket.addEventListener("error", reject)));
    sockets.push(socket);
  }
  await until(() => closed.length >= 2, "two closed sockets");
  assert.deepEqual(closed.toSorted(), [[0, 1008], [1, 1008]]);
  for (const socket of sockets) socket.close();
});

test("a login whose answer was lost is not sent again: its pull is followed", async () => {
  await control(sandbox, "POST", "/faults", { operation: "post-consent-and-connect", steps: [{ lost: true }], deliveries: { delay_ms: 1_500 } });
  const page = await openPage(edge, { origin: AGENCY });
  await page.live();
  const login = await loginOf(sandbox, "user_good");
  await assertProblem(await page.post("connect", login), 504, "CANOPY_TIMED_OUT");
  const unknown = await page.shown((document) => document.phase === "unknown", "unknown phase");
  assert.deepEqual([unknown.answer_lost, unknown.pull_id], [true, null]);
  await assertProblem(await page.post("connect", login), 409, "CONNECT_OUTCOME_UNKNOWN");
  const followed = await page.shown((document) => document.phase === "followed", "followed phase");
  const [pull, ...more] = await pullsOf(page);
  assert.deepEqual([followed.pull_id, followed.answer_lost, more], [pull.pull_id, true, []]);
  await page.shown(isDone, "end");
  await assertProblem(await page.post("connect", login), 409, "CONNECT_OUTCOME_UNKNOWN");
  await assertProblem(await page.post("identity-code", { code: "1" }), 409, "CONNECT_OUTCOME_UNKNOWN");
  assert.equal((await pullsOf(page)).length, 1);
  await control(sandbox, "DELETE", "/faults");
});

test("what Canopy answers decides whether a login may be sent again", async () => {
  const login = await loginOf(sandbox, "user_good");
  for (const [fault, status, code, phase] of [
    [{ status: 400, error: "UNSUPPORTED_INSURER" }, 422, "CANOPY_REFUSED", "open"],
    [{ status: 401 }, 502, "CANOPY_FAILED", "open"],
    [{ status: 429 }, 429, "TOO_MANY_REQUESTS", "open"],
    [{ status: 500 }, 504, "CANOPY_TIMED_OUT", "unknown"],
    [{ status: 503 }, 504, "CANOPY_TIMED_OUT", "unknown"],
  ]) {
    await control(sandbox, "POST", "/faults", { operation: "post-consent-and-connect", steps: [fault] });
    const page = await openPage(edge, { origin: AGENCY });
    const before = (await callsOf(sandbox, "post-consent-and-connect")).length;
    await assertProblem(await page.post("connect", login), status, code);
    assert.equal((await page.document()).phase, phase, JSON.stringify(fault));
    assert.equal((await callsOf(sandbox, "post-consent-and-connect")).length, before + 1, "no write is repeated");
  }
});

test("an edge killed in the middle of a login comes back knowing that the answer is lost", async () => {
  const [port, persist] = [await freePort(), temporaryDirectory()];
  const own = await startSandbox({ env: { SANDBOX_HOOK_URL: `http://127.0.0.1:${port}/webhooks/canopy`, SANDBOX_RETRY_BASE_MS: "200" } });
  let fallen = await startEdge({ port, persist, sandbox: own });
  try {
    await control(own, "POST", "/faults", { operation: "post-consent-and-connect", steps: [{ delay_ms: 60_000 }] });
    const page = await openPage(fallen);
    const login = await loginOf(own, "user_good");
    const asked = page.post("connect", login).then(() => "answered", () => "broken");
    await until(async () => (await pullsOf(page, own)).length === 1, "the pull at Canopy");
    await fallen.kill9();
    assert.equal(await asked, "broken");
    fallen = await startEdge({ port, persist, sandbox: own });
    const { phase, answer_lost } = await page.document();
    assert.ok(["unknown", "followed"].includes(phase), phase);
    assert.equal(answer_lost, true);
    await assertProblem(await page.post("connect", login), 409, "CONNECT_OUTCOME_UNKNOWN");
    const done = await until(async () => {
      const document = await page.document();
      return document.complete && document;
    }, "the end of the adopted pull");
    const pulls = await pullsOf(page, own);
    assert.deepEqual([done.phase, done.pull_id, pulls.length], ["followed", pulls[0].pull_id, 1]);
  } finally {
    await fallen.stop();
    await own.stop();
  }
});

test("a double click on connect makes one pull", async () => {
  const page = await openPage(edge, { origin: AGENCY });
  const login = await loginOf(sandbox, "user_good");
  const answers = await Promise.all(Array.from({ length: 5 }, () => page.post("connect", login)));
  const codes = await Promise.all(answers.map(async (answer) => (answer.status === 200 ? "taken" : (await answer.json()).code)));
  assert.equal(codes.filter((code) => code === "taken").length, 1, codes.join());
  assert.ok(codes.every((code) => ["taken", "CONNECT_IN_PROGRESS", "STATE_CONFLICT"].includes(code)), codes.join());
  assert.equal((await pullsOf(page)).length, 1);
});

test("a monitored account gets its consumer back in a new session", async () => {
  const basic = { authorization: `Basic ${Buffer.from(`${LOCAL.clientId}:${LOCAL.clientSecret}`).toString("base64")}` };
  const api = async (method, path, json) => {
    const response = await fetch(`${sandbox.url}/api/v1.0.0/teams/${LOCAL.teamId}${path}`, { method, headers: basic, body: json && JSON.stringify(json) });
    assert.equal(response.status, 200);
    return response.json();
  };
  const verify = async (page) => {
    const { auth } = await page.shown(authOf("IDENTITY_VERIFICATION_OPTIONS"), "options");
    await page.ask("identity-option", { option_key: auth.options[0].key });
    await page.shown(authOf("IDENTITY_VERIFICATION"), "prompt");
    await page.ask("identity-code", { code: "123456" });
    await page.shown(isDone, "end");
  };
  const office = backOfficeOf(edge);
  const first = await openPage(edge, { origin: AGENCY });
  await first.live();
  const { pull_id } = await first.ask("connect", await loginOf(sandbox, "user_mfa"));
  await verify(first);
  await until(async () => (await control(sandbox, "GET", "/pulls")).pulls.find((pull) => pull.pull_id === pull_id).status === "SUCCESS", "the first pull's end");
  const { monitoring } = await api("POST", "/monitorings", { pull_id, interval: "P30D" });
  const refreshed = (await api("POST", `/monitorings/${monitoring.monitoring_id}/refresh`)).pull_id;
  const waiting = await office.seen(refreshed, (pull) => pull.reconnect, "the call for the consumer");
  assert.deepEqual([waiting.initial_pull_id, waiting.monitoring_id, waiting.is_monitored], [pull_id, monitoring.monitoring_id, true]);
  assert.match(waiting.reconnect.reconnect_url, /reconnectToken=/);
  const { body } = (await office.events(refreshed)).find((event) => event.event_type === "MONITORING_RECONNECT");

  const second = await openPage(edge, { origin: AGENCY });
  await second.live();
  await assertProblem(await second.post("reconnect", { reconnect_token: "no such token" }), 422, "CANOPY_REFUSED");
  assert.equal((await second.document()).phase, "open");
  const back = await second.ask("reconnect", { reconnect_token: body.data.reconnect_token });
  assert.deepEqual([back.phase, back.pull_id], ["connected", refreshed]);
  await verify(second);
  await assertProblem(await second.post("reconnect", { reconnect_token: "x" }), 409, "STATE_CONFLICT");
  assert.equal((await first.document()).pull_id, pull_id, "the first session still shows its own pull");
  assert.ok(!JSON.stringify(second.documents).includes(body.data.reconnect_token));
});

test("consent for the hosted SDK gives its token", async () => {
  const page = await openPage(edge, { origin: AGENCY });
  const { consent_token } = await page.ask("consent", CONSENT);
  assert.match(consent_token, /^[0-9a-f-]{36}$/);
  await assertProblem(await page.post("consent", { ...CONSENT, terms_version: 99 }), 422, "CANOPY_REFUSED");
  await assertProblem(await page.post("consent", {}), 400, "BODY_MALFORMED");
  await assertProblem(await fetch(`${edge.url}${page.path}/consent`, { method: "POST", headers: { origin: AGENCY }, body: JSON.stringify(CONSENT) }), 401, "UNAUTHORIZED");
});

test("a pull of the hosted SDK is followed by its metadata", async () => {
  const page = await openPage(edge, { origin: AGENCY });
  await page.live();
  const id = randomUUID();
  assert.equal((await postWebhook(edge, authStatus(id, "PROCESSING", 1, { meta_data: { edge_session: page.session_id } }))).status, 200);
  const followed = await page.shown((document) => document.phase === "followed", "followed pull");
  assert.deepEqual([followed.pull_id, followed.answer_lost], [id, false]);
  await assertProblem(await page.post("identity-code", { code: "1" }), 409, "STATE_CONFLICT");
});

test("carriers and terms are asked for once for many pages, and passed on as they are", async () => {
  for (const [name, operation, path] of [["carriers", "get-carriers", `/carriers?public_alias=${LOCAL.publicAlias}`], ["terms", "get-tos", "/tos"]]) {
    const texts = new Set();
    for (let reader = 0; reader < 6; reader += 1) {
      const response = await fetch(`${edge.url}/connect/${name}`, { headers: { origin: AGENCY } });
      assert.equal(response.status, 200);
      texts.add(await response.text());
    }
    assert.equal((await callsOf(sandbox, operation)).length, 1, name);
    assert.deepEqual([...texts], [await (await fetch(`${sandbox.url}/api/v1.0.0${path}`)).text()]);
  }
});

test("a servicing action is answered once, and the pull's token stays in the session", async () => {
  const jwt = "PLANTED.pull-jwt.6f1d";
  const pull_id = randomUUID();
  const answers = [{ status: 400, body: { error: "INVALID_ACTION" } }, { body: { pull_id } }, { status: 500 }];
  const canopy = await startStandIn(({ path }) => {
    if (path.endsWith("/consentAndConnect")) return { body: { pull_id, pull_jwt: jwt } };
    return path.endsWith("/servicingAction") ? answers.shift() : { status: 404 };
  });
  const own = await startEdge({ sandbox: canopy });
  try {
    const page = await openPage(own);
    await page.live();
    const [one, two] = [randomUUID(), randomUUID()];
    const confirm = (servicing_action_id, is_confirmed) => page.post("servicing-confirmation", { servicing_action_id, is_confirmed });
    await assertProblem(await confirm(one, true), 409, "STATE_CONFLICT");
    const login = { carrier_id: "statefarm", username: "PLANTED-user-token", password: "PLANTED-pass-token", ...CONSENT };
    await page.ask("connect", login);
    await assertProblem(await confirm(one, true), 409, "STATE_CONFLICT");
    for (const id of [one, two]) await postWebhook(own, webhook(pull_id, "SERVICING_WAITING_FOR_CONSUMER_CONFIRMATION", { data: { servicing_action_id: id }, meta_data: { edge_session: page.session_id } }));
    await page.shown((document) => document.servicing.length === 2, "both actions");
    await assertProblem(await page.post("servicing-confirmation", { servicing_action_id: one }), 400, "BODY_MALFORMED");
    await assertProblem(await confirm(randomUUID(), true), 409, "STATE_CONFLICT");
    await assertProblem(await confirm(one, true), 422, "CANOPY_REFUSED");
    const clicks = await Promise.all([confirm(one, false), confirm(one, true)]);
    assert.deepEqual(clicks.map((answer) => answer.status).toSorted(), [200, 409]);
    await assertProblem(await confirm(one, true), 409, "ALREADY_ANSWERED");
    await assertProblem(await confirm(two, true), 504, "CANOPY_TIMED_OUT");
    await assertProblem(await confirm(two, true), 409, "ALREADY_ANSWERED");
    const { servicing } = await page.document();
    const given = Object.fromEntries(servicing.map((action) => [action.servicing_action_id, action.answer]));
    assert.deepEqual([["confirmed", "rejected"].includes(given[one]), given[two]], [true, "unknown"]);

    const [started] = canopy.calls.filter((call) => call.path.endsWith("/consentAndConnect"));
    const asked = JSON.parse(started.body);
    assert.deepEqual([asked.public_alias, asked.insurerUsername, asked.insurerPassword, asked.meta_data], [LOCAL.publicAlias, login.username, login.password, { edge_session: page.session_id }]);
    assert.ok(asked.device_identifier.length > 0);
    const confirmations = canopy.calls.filter((call) => call.path.endsWith("/servicingAction"));
    assert.equal(confirmations.length, 3);
    for (const { path, headers } of confirmations) assert.deepEqual([path, headers["pull-jwt"], headers.authorization], [`/api/v1.0.0/widget/pull/${pull_id}/servicingAction`, jwt, undefined]);
    const shown = JSON.stringify([page.documents, await page.document(), await backOfficeOf(own).pull(pull_id)]) + own.log();
    for (const secret of [jwt, login.username, login.password, LOCAL.clientSecret]) assert.ok(!shown.includes(secret), secret);
  } finally {
    await own.stop();
    await canopy.stop();
  }
});
