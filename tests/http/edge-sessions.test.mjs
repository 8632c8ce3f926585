// Page sessions on the real edge: who may open one, who may use it, and from where.
import assert from "node:assert/strict";
import { createHmac, randomUUID } from "node:crypto";
import { after, before, test } from "node:test";
import { assertProblem, control, loginOf, openPage, openSocket, raw, rawStatus, until } from "../edge-client.mjs";
import { LOCAL, startBoth } from "../harness.mjs";

const AGENCY = "https://www.agency.example";
let both, edge, sandbox;

before(async () => {
  both = await startBoth({ edgeEnv: { EDGE_ALLOWED_ORIGINS: `${AGENCY},https://second.example` } });
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

test("a page that was reloaded finds its session and its addresses again; nothing else brings them", async () => {
  const page = await openPage(edge, { origin: AGENCY });
  const socket = await page.live();
  const login = await loginOf(sandbox, "user_mfa");
  const taken = await page.ask("connect", login);
  const { auth } = await page.shown((document) => document.auth?.status === "IDENTITY_VERIFICATION_OPTIONS", "options");
  const chosen = await page.ask("identity-option", { option_key: auth.options[1].key });
  socket.close();
  const reloaded = await (await get(page, page.bearer)).json();
  const { public_alias, sdk_url, components_url, carrier_id, terms_version, consent_language } = { ...page, ...login };
  assert.deepEqual({ ...reloaded, public_alias, sdk_url, components_url }, reloaded);
  assert.deepEqual([reloaded.login, reloaded.chosen_option], [{ carrier_id, terms_version, consent_language }, auth.options[1].key]);
  for (const other of [taken, chosen, ...page.documents]) assert.deepEqual(Object.keys(other).filter((member) => member.endsWith("_url") || member === "public_alias"), []);
  assert.ok(!JSON.stringify(reloaded).includes(login.username));
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
  const { pulls } = await control(sandbox, "GET", "/pulls");
  assert.deepEqual(pulls.filter((pull) => pull.meta_data.edge_session === page.session_id), []);
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

test("one address, or all of one /64, opens so many sessions a minute, and no more", async () => {
  const open = (address) => fetch(`${edge.url}/connect/sessions`, { method: "POST", headers: { origin: AGENCY, "cf-connecting-ip": address } });
  // The minute may turn in the middle of it: then it begins anew, once.
  let refused;
  for (let opened = 0; opened < 1_300 && !refused; opened += 20) {
    const answers = await Promise.all(Array.from({ length: 20 }, (_, at) => open(`2001:db8:1:2:${at.toString(16)}::${opened.toString(16)}`)));
    refused = answers.find((answer) => answer.status !== 201);
  }
  assert.ok(refused, "1,300 sessions were opened");
  assert.equal(refused.headers.get("retry-after"), "60");
  await assertProblem(refused, 429, "TOO_MANY_REQUESTS");
  for (const other of ["2001:db8:1:3::1", "192.0.2.2"]) assert.equal((await open(other)).status, 201, "another address is not held for it");
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
