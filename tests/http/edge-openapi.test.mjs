// docs/openapi.json and the real edge: every operation is driven into every answer it lists, and each is held against the document.
import assert from "node:assert/strict";
import { createHmac, randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { request as httpRequest } from "node:http";
import { after, before, test } from "node:test";
import { authOf, authStatus, backOfficeOf, CONSENT, isSettled, loginOf, openPage, openSocket, SERVICING, signature, until, webhook } from "../edge-client.mjs";
import { answerErrors, componentErrors, document, listedCodes, operations, passedOnErrors, requestErrors, statusesOf } from "../edge-contract.mjs";
import { LOCAL, startBoth, startEdge } from "../harness.mjs";
import { startStandIn } from "../stand-in.mjs";

const MIB = 1024 * 1024;
const office = { authorization: `Bearer ${LOCAL.apiToken}` };
const TEAM = { teamId: "-" };
/** Names in the proxy's paths that name nothing. */
const NAMES = { pullId: "p", documentId: "d", monitoringId: "m", servicingActionId: "a", carrierId: "c", answerId: "a", fileId: "f", policyFormId: "f", webhookId: "w", widgetId: "w" };
/** The scopes that an operation of the back office takes one of. */
const scopeOf = (id) => Object.values(operations.get(id).security.at(-1)).flat()[0];
/** Whoever has one scope alone, or all. */
const SCOPES = ["read", "write", "servicing", "admin"];
const tokenWith = (scope) => ({ authorization: `Bearer ${scope}-token` });
const TOKENS = [`demo:${LOCAL.apiToken}`, "all:all-token:read+write+servicing+admin", ...SCOPES.map((scope) => `${scope}:${scope}-token:${scope}`)].join(",");
const everything = tokenWith("all");
/** A pull's token as the edge gives it: of the stand-in's pull p, unless it came from elsewhere. */
let pullToken;

/** Listed, and not for a test to bring about: our own faults, and half a minute without a body or an answer from Canopy: see edge-scopes.test.mjs. */
const NOT_DRIVEN = (id, status) => status === 500 || status === 408 || (status === 504 && id.startsWith("canopy-"));

let both, edge, sandbox, standIn, beside, alone, limited, unconfigured;
/** What the stand-in answers, by the end of the path. */
const canopy = new Map();
/** Statuses that were seen, by operation. */
const answered = new Map();

before(async () => {
  both = await startBoth({ edgeEnv: { EDGE_API_TOKENS: TOKENS } });
  ({ edge, sandbox } = both);
  standIn = await startStandIn(({ path }) => {
    const [, answer] = [...canopy].find(([end]) => path.endsWith(end)) ?? [];
    return answer ? answer() : { status: 404, body: { error: "NOT_FOUND" } };
  });
  const env = { EDGE_API_TOKENS: TOKENS };
  beside = await startEdge({ sandbox: standIn, env });
  alone = await startEdge({ env });
  limited = await startEdge({ sandbox: standIn, env, limits: { CALL_LIMIT: 1, REFUSAL_LIMIT: 1 } });
  unconfigured = await startEdge({ env: { CANOPY_TEAM_ID: null, EDGE_API_TOKENS: null } });
});
after(() => Promise.all([both, standIn, beside, alone, limited, unconfigured].map((it) => it?.stop())));

/** Calls an operation, and holds question and answer against the document. Gives the answer's body. */
async function ask(id, status, { at = edge, path = {}, query = "", headers = {}, json, body = json && JSON.stringify(json), declares, code } = {}) {
  const { method, path: template } = operations.get(id);
  const url = at.url + template.replace(/\{(\w+)\}/g, (_, name) => path[name] ?? assert.fail(`${id} needs ${name}`)) + query;
  if (status < 300 && !(body instanceof FormData)) assert.deepEqual(requestErrors(id, json ?? (body && JSON.parse(body))), [], `the request of ${id}`);
  const head = declares ? { ...headers, "content-length": declares } : headers;
  const found = await (headers.upgrade || declares ? begun(url, method, head) : plain(url, { method, headers, body }));
  const shown = `${id}: ${found.bytes.toString().slice(0, 500)}`;
  assert.equal(found.status, status, shown);
  assert.deepEqual(answerErrors(id, found.status, found.headers, found.bytes), [], shown);
  // What the stand-in sends is often what Canopy's document does not allow.
  if (at === edge) assert.deepEqual(passedOnErrors(id, found.status, found.headers, found.bytes), [], shown);
  if (code) assert.equal(JSON.parse(found.bytes).code, code, shown);
  answered.set(id, (answered.get(id) ?? new Set()).add(status));
  return found.headers.get("content-type")?.includes("json") ? JSON.parse(found.bytes) : found.bytes;
}

async function plain(url, init) {
  const response = await fetch(url, { redirect: "manual", ...init });
  return { status: response.status, headers: response.headers, bytes: Buffer.from(await response.arrayBuffer()) };
}

/** What `fetch` does not ask: for an upgrade, or with a body that is only declared. */
function begun(url, method, headers) {
  return new Promise((resolve, reject) => {
    const websocket = { connection: "upgrade", "sec-websocket-version": "13", "sec-websocket-key": "AAAAAAAAAAAAAAAAAAAAAA==" };
    const outgoing = httpRequest(url, { method, headers: { ...(headers.upgrade && websocket), ...headers } });
    const found = (response, bytes) => (outgoing.destroy(), resolve({ status: response.statusCode, headers: new Headers(response.headers), bytes }));
    outgoing.on("upgrade", (response, socket) => (socket.destroy(), found(response, Buffer.alloc(0))));
    outgoing.on("response", async (response) => found(response, Buffer.concat(await response.toArray())));
    outgoing.on("error", reject);
    if (headers["content-length"]) outgoing.flushHeaders();
    else outgoing.end();
  });
}

/** A token as the edge makes it, for a session it need not know. */
function tokenOf(session, { at = edge, expired = false } = {}) {
  const claims = { s: session, o: at.url, e: Math.floor(Date.now() / 1000) + (expired ? -1 : 60) };
  const text = Buffer.from(JSON.stringify(claims)).toString("base64url");
  return `${text}.${createHmac("sha256", LOCAL.sessionKey).update(`canopy-edge session v1.${text}`).digest("base64url")}`;
}

const bearer = (token, origin) => ({ authorization: `Bearer ${token}`, origin });
const subprotocol = (token, origin) => ({ upgrade: "websocket", "sec-websocket-protocol": `canopy-edge, ${token}`, origin });

/** What `ask` needs to speak for a page's session. */
const speaksFor = (page, at = edge) => ({ at, path: { session_id: page.session_id }, headers: page.bearer });

/** A page at an edge beside the stand-in, whose login was taken: its pull, and the means to speak for it. */
async function connectedBeside(at = beside) {
  const page = await openPage(at);
  const pull_id = randomUUID();
  canopy.set("/consentAndConnect", () => ({ body: { pull_id, pull_jwt: "jwt", servicing_action_ids: [] } }));
  await ask("connect", 200, { ...speaksFor(page, at), json: LOGIN });
  const tell = async (body) => {
    const { revision } = await page.document();
    await ask("receive-webhook", 200, { at, body, headers: { "canopy-signature": signature(body) } });
    await until(async () => (await page.document()).revision > revision, "the webhook's news in the session");
  };
  return { page, pull_id, tell, speaks: speaksFor(page, at), meta_data: { edge_session: page.session_id } };
}

const LOGIN = { carrier_id: "statefarm", username: "token-of-username", password: "token-of-password", ...CONSENT };
/** What needs a session's token, beside the asks. */
const OF_SESSION = ["read-session", "end-session", "open-ticket", "follow-session", "read-servicing-action"];
const ASKS = {
  "give-consent": CONSENT,
  connect: LOGIN,
  "choose-identity-option": { option_key: "sms" },
  "enter-identity-code": { code: "123456" },
  reconnect: { reconnect_token: "token" },
  "confirm-servicing": { servicing_action_id: "action", is_confirmed: true },
};

test("a webhook is answered as the document says", async () => {
  const body = webhook(randomUUID(), "AUTH_STATUS", { status: "QUEUED" });
  const post = (status, code, header, text = body) => ask("receive-webhook", status, { code, body: text, headers: header ? { "canopy-signature": header } : {} });
  await post(200, undefined, signature(body));
  await post(401, "SIGNATURE_MISSING");
  await post(401, "SIGNATURE_MALFORMED", "s=");
  await post(401, "SIGNATURE_EXPIRED", signature(body, { age: 4000 }));
  await post(401, "SIGNATURE_MISMATCH", signature(body, { secret: "another" }));
  await post(400, "BODY_MALFORMED", signature("{}"), "{}");
  await post(413, "BODY_TOO_LARGE", signature(body), "x".repeat(MIB + 1));
  await ask("receive-webhook", 415, { body, headers: { "canopy-signature": signature(body), "content-encoding": "gzip" }, code: "ENCODING_NOT_SUPPORTED" });
});

test("an edge without its configuration says so, whatever is asked", async () => {
  await ask("get-health", 200);
  const { errors } = await ask("get-health", 503, { at: unconfigured });
  assert.deepEqual(errors.map((error) => error.variable).toSorted(), ["CANOPY_TEAM_ID", "EDGE_API_TOKENS"]);
  const path = { session_id: "s", servicing_action_id: "a", pull_id: "p", account_identifier: "a", document_id: "d", version: "1", ...TEAM, ...NAMES };
  for (const id of operations.keys()) {
    if (id === "get-health") continue;
    const { detail } = await ask(id, 503, { at: unconfigured, path, code: "NOT_CONFIGURED" });
    assert.match(detail, /CANOPY_TEAM_ID: .*; EDGE_API_TOKENS: /);
  }
});

test("a session is opened as the document says", async () => {
  const origin = { origin: edge.url };
  await ask("open-session", 201, { headers: origin });
  for (const mode of [null, "hosted", "components"]) {
    await ask("open-session", 201, { headers: origin, json: { mode, metadata: { lead_id: "L-1" } } });
  }
  for (const [body, code] of [["[]", "BODY_MALFORMED"], ['{"metadata":7}', "INPUT_INVALID"], ['{"metadata":{"edge_session":"s"}}', "INPUT_INVALID"], ['{"mode":"both"}', "INPUT_INVALID"]]) {
    assert.notDeepEqual(requestErrors("open-session", JSON.parse(body)), []);
    await ask("open-session", 400, { headers: origin, body, code });
  }
  await ask("open-session", 403, { code: "ORIGIN_NOT_ALLOWED" });
  await ask("open-session", 413, { headers: origin, body: "x".repeat(32 * 1024 + 1), code: "BODY_TOO_LARGE" });
  await ask("open-session", 415, { headers: { ...origin, "content-encoding": "br" }, body: "{}", code: "ENCODING_NOT_SUPPORTED" });
});

test("too many sessions from one address are refused with the time to wait", async () => {
  const init = { method: "POST", headers: { origin: edge.url, "cf-connecting-ip": "192.0.2.7" }, body: "[]" };
  const open = async () => {
    const response = await fetch(`${edge.url}/connect/sessions`, init);
    await response.arrayBuffer();
    return response.status;
  };
  await until(async () => (await Promise.all(Array.from({ length: 100 }, open))).includes(429), "a refusal");
  await ask("open-session", 429, { headers: init.headers, body: init.body, code: "TOO_MANY_REQUESTS" });
});

test("what costs a call to Canopy is refused to an address that has asked too much", async () => {
  const from = (address, by = {}) => ({ ...by, at: limited, headers: { ...by.headers, "cf-connecting-ip": address }, code: undefined });
  const refused = (address, by) => ({ ...from(address, by), code: "TOO_MANY_REQUESTS" });
  const { tell, speaks, pull_id, meta_data } = await connectedBeside(limited);
  await tell(webhook(pull_id, "SERVICING_WAITING_FOR_CONSUMER_CONFIRMATION", { meta_data, data: { servicing_action_id: "action" } }));
  await ask("give-consent", 400, { ...from("192.0.2.1", speaks), body: "{}" });
  for (const [id, json] of Object.entries(ASKS)) await ask(id, 429, { ...refused("192.0.2.1", speaks), json });
  for (const id of ["get-carriers", "get-terms"]) await ask(id, 429, refused("192.0.2.1"));
  const action = { ...speaks, path: { ...speaks.path, servicing_action_id: "action" } };
  await ask("read-servicing-action", 429, refused("192.0.2.1", action));
  await ask("give-consent", 400, { ...from("2001:db8:1:2::3", speaks), body: "{}" });
  await ask("give-consent", 429, { ...refused("2001:db8:1:2:ffff::4", speaks), json: CONSENT });
});

test("a session that has asked too much is refused", async () => {
  const speaks = speaksFor(await openPage(beside), beside);
  canopy.set("/consent", () => ({ body: { consent_token: "token" } }));
  for (let count = 0; count < 12; count += 1) await ask("give-consent", 200, { ...speaks, json: CONSENT });
  await ask("give-consent", 429, { ...speaks, json: CONSENT, code: "TOO_MANY_REQUESTS" });
});

test("carriers and terms come as Canopy's document says, and 502 without Canopy", async () => {
  for (const id of ["get-carriers", "get-terms"]) {
    await ask(id, 200);
    await ask(id, 200, { headers: { origin: edge.url } });
    await ask(id, 403, { headers: { origin: "https://elsewhere.example" }, code: "ORIGIN_NOT_ALLOWED" });
    await ask(id, 502, { at: alone, code: "CANOPY_FAILED" });
  }
});

test("the consumer's way through the Components flow is as the document says", async () => {
  const page = await openPage(edge);
  const speaks = speaksFor(page);
  await ask("give-consent", 200, { ...speaks, json: CONSENT });
  const { pull_id } = await ask("connect", 200, { ...speaks, json: await loginOf(sandbox, "user_mfa") });
  const at = (status) => until(async () => (await page.document()).auth?.status === status && page.document(), status);
  const { auth } = await at("IDENTITY_VERIFICATION_OPTIONS");
  await ask("choose-identity-option", 422, { ...speaks, json: { option_key: "none of them" }, code: "CANOPY_REFUSED" });
  await ask("choose-identity-option", 200, { ...speaks, json: { option_key: auth.options[0].key } });
  await at("IDENTITY_VERIFICATION");
  await ask("enter-identity-code", 200, { ...speaks, json: { code: "123456" } });
  await at("SUCCESS");
  const shown = await ask("read-session", 200, speaks);
  assert.deepEqual([shown.pull_id, shown.phase, shown.chosen_option], [pull_id, "connected", auth.options[0].key]);
  assert.notDeepEqual(componentErrors("SessionRead", { ...shown, pull_jwt: "jwt" }), [], "nothing else is let through");
  const { ticket, expires_at } = await ask("open-ticket", 200, speaks);
  assert.ok(Date.parse(expires_at) <= Date.now() + 30_000);
  for (const opens of [ticket, page.token]) await ask("follow-session", 101, { path: speaks.path, headers: subprotocol(opens, edge.url) });
  await ask("read-session", 401, { path: speaks.path, headers: bearer(ticket, edge.url), code: "UNAUTHORIZED" });
  const socket = openSocket(edge, page.path, ["canopy-edge", ticket], { origin: edge.url });
  const first = await new Promise((resolve) => (socket.onmessage = ({ data }) => resolve(JSON.parse(data))));
  assert.deepEqual(componentErrors("SessionDocument", first), []);
  assert.notDeepEqual(componentErrors("SessionDocument", shown), [], "the addresses are of the one answer alone");
  const closed = new Promise((resolve) => (socket.onclose = ({ code }) => resolve(code)));
  await ask("end-session", 204, speaks);
  assert.equal(await closed, 1000);
  await ask("end-session", 204, speaks);
  await ask("read-session", 404, { ...speaks, code: "NOT_FOUND" });
});

test("the consumer's way through a change is as the document says", async () => {
  const { session_id, token } = await ask("open-session-for-page", 201, { headers: everything, json: { origin: edge.url, servicing_actions: [SERVICING] } });
  const speaks = speaksFor({ session_id, bearer: bearer(token, edge.url) });
  const document = async () => ask("read-session", 200, speaks);
  const of = (servicing_action_id) => ({ ...speaks, path: { ...speaks.path, servicing_action_id } });
  await ask("read-servicing-action", 404, { ...of("action"), code: "NOT_FOUND" });
  await ask("connect", 200, { ...speaks, json: await loginOf(sandbox, "user_good") });
  const [{ servicing_action_id }] = await until(async () => (await document()).servicing.length > 0 && (await document()).servicing, "the action");
  const { confirmation_data } = await ask("read-servicing-action", 200, of(servicing_action_id));
  assert.deepEqual(Object.keys(confirmation_data).toSorted(), ["after", "before", "carrier_policy_number"]);
  await ask("read-servicing-action", 404, { ...of(randomUUID()), code: "NOT_FOUND" });
  await ask("confirm-servicing", 200, { ...speaks, json: { servicing_action_id, is_confirmed: true } });
});

test("a carrier's refusal with a link is shown as the document says", async () => {
  const page = await openPage(edge);
  await ask("connect", 200, { ...speaksFor(page), json: await loginOf(sandbox, "user_locked") });
  await until(async () => authOf("NOT_AUTHENTICATED")(await page.document()), "the refusal");
  const { auth } = await ask("read-session", 200, speaksFor(page));
  assert.ok(auth.message.some((segment) => segment.href));
});

test("a session is closed to whoever does not speak for it", async () => {
  const { session_id, token } = await openPage(edge);
  const expired = tokenOf(session_id, { expired: true });
  const path = { session_id, servicing_action_id: "action" };
  for (const [id, json] of [...OF_SESSION.map((id) => [id]), ...Object.entries(ASKS)]) {
    const by = id === "follow-session" ? subprotocol : bearer;
    await ask(id, 401, { path, json, headers: by("no token", edge.url), code: "UNAUTHORIZED" });
    await ask(id, 401, { path, json, headers: by(expired, edge.url), code: "SESSION_EXPIRED" });
    await ask(id, 403, { path, json, headers: by(token, "https://elsewhere.example"), code: "ORIGIN_NOT_ALLOWED" });
    if (!statusesOf(id).includes(404)) continue;
    const gone = randomUUID();
    await ask(id, 404, { path: { ...path, session_id: gone }, json, headers: by(tokenOf(gone), edge.url), code: "NOT_FOUND" });
  }
  await ask("follow-session", 426, { path, headers: bearer(token, edge.url), code: "UPGRADE_REQUIRED" });
});

test("what a page must not send is refused by the document and by the edge", async () => {
  const speaks = speaksFor(await openPage(edge));
  for (const [id, json] of Object.entries(ASKS)) {
    await ask(id, 400, { ...speaks, body: "{}", code: "BODY_MALFORMED" });
    await ask(id, 413, { ...speaks, body: "x".repeat(32 * 1024 + 1), code: "BODY_TOO_LARGE" });
    await ask(id, 415, { ...speaks, body: "{}", headers: { ...speaks.headers, "content-encoding": "gzip" }, code: "ENCODING_NOT_SUPPORTED" });
    for (const [member, value] of Object.entries(json)) {
      for (const wrong of [[], typeof value === "string" ? "" : -1]) {
        const body = { ...json, [member]: wrong };
        assert.notDeepEqual(requestErrors(id, body), [], `${id} ${member}`);
        await ask(id, 400, { ...speaks, json: body });
      }
    }
  }
  await ask("connect", 400, { ...speaks, json: { ...LOGIN, username: "abc" }, code: "INPUT_INVALID" });
  for (const servicing_actions of [[], [SERVICING]]) {
    assert.notDeepEqual(requestErrors("connect", { ...LOGIN, servicing_actions }), []);
    await ask("connect", 400, { ...speaks, json: { ...LOGIN, servicing_actions } });
  }
});

test("what Canopy does to a call reaches the page as the document says", async () => {
  const { page, pull_id, tell, speaks, meta_data } = await connectedBeside();
  await tell(authStatus(pull_id, "IDENTITY_VERIFICATION", 1, { meta_data }));
  await tell(webhook(pull_id, "SERVICING_WAITING_FOR_CONSUMER_CONFIRMATION", { meta_data, data: { servicing_action_id: "action" } }));
  const action = { ...speaks, path: { ...speaks.path, servicing_action_id: "action" } };
  canopy.set("/servicings/action", () => ({ status: 500 }));
  await ask("read-servicing-action", 502, { ...action, code: "CANOPY_FAILED" });
  canopy.set("/servicings/action", () => ({ body: { servicing_action_id: "other", status: "QUEUED" } }));
  await ask("read-servicing-action", 502, { ...action, code: "CANOPY_FAILED" });
  canopy.set("/servicings/action", () => ({ body: { servicing_action_id: "action", status: "QUEUED", payload: {} } }));
  assert.deepEqual(await ask("read-servicing-action", 200, action), { servicing_action_id: "action", type: null, status: "QUEUED", confirmation_data: null });
  const fresh = speaksFor(await openPage(beside), beside);
  const cases = {
    "give-consent": ["/consent", speaks],
    connect: ["/consentAndConnect", fresh],
    reconnect: ["/reconnectToken", fresh],
    "choose-identity-option": ["/idvoptions", speaks],
    "enter-identity-code": ["/idv", speaks],
    "confirm-servicing": ["/servicingAction", speaks],
  };
  const errors = [[400, 422, "CANOPY_REFUSED"], [429, 429, "TOO_MANY_REQUESTS"], [401, 502, "CANOPY_FAILED"]];
  for (const [id, [path, by]] of Object.entries(cases)) {
    for (const [theirs, ours, code] of errors) {
      canopy.set(path, () => ({ status: theirs, body: { error: "REFUSED" } }));
      await ask(id, ours, { ...by, json: ASKS[id], code });
    }
  }
  for (const [id, [path, by]] of Object.entries(cases)) {
    canopy.set(path, () => ({ status: 500 }));
    const lost = ["connect", "reconnect"].includes(id) ? speaksFor(await openPage(beside), beside) : by;
    await ask(id, 504, { ...lost, json: ASKS[id], code: "CANOPY_TIMED_OUT" });
    if (lost === by) continue;
    assert.equal((await ask("read-session", 200, lost)).answer_lost, true);
    for (const again of Object.keys(ASKS)) {
      if (again !== "give-consent") await ask(again, 409, { ...lost, json: ASKS[again], code: "CONNECT_OUTCOME_UNKNOWN" });
    }
  }
  assert.deepEqual((await page.document()).servicing, [{ servicing_action_id: "action", answer: "unknown" }]);
});

test("an answer is given once, and where it belongs", async () => {
  const { pull_id, tell, speaks, meta_data } = await connectedBeside();
  await tell(webhook(pull_id, "SERVICING_WAITING_FOR_CONSUMER_CONFIRMATION", { meta_data, data: { servicing_action_id: "action" } }));
  for (const id of ["connect", "choose-identity-option", "enter-identity-code", "reconnect"]) {
    await ask(id, 409, { ...speaks, json: ASKS[id], code: "STATE_CONFLICT" });
  }
  await ask("confirm-servicing", 409, { ...speaks, json: { servicing_action_id: "other", is_confirmed: true }, code: "STATE_CONFLICT" });
  for (const path of ["/servicingAction", "/connect", "/idv"]) canopy.set(path, () => ({ body: { success: true } }));
  const { servicing } = await ask("confirm-servicing", 200, { ...speaks, json: ASKS["confirm-servicing"] });
  assert.deepEqual(servicing, [{ servicing_action_id: "action", answer: "confirmed" }]);
  await ask("confirm-servicing", 409, { ...speaks, json: ASKS["confirm-servicing"], code: "ALREADY_ANSWERED" });
  await tell(authStatus(pull_id, "NOT_AUTHENTICATED", 1, { meta_data }));
  await ask("connect", 200, { ...speaks, json: LOGIN });
  await ask("connect", 409, { ...speaks, json: LOGIN, code: "ALREADY_ANSWERED" });
  await tell(authStatus(pull_id, "IDENTITY_VERIFICATION", 2, { meta_data }));
  assert.equal((await ask("enter-identity-code", 200, { ...speaks, json: { code: "1" } })).prompt_answered, true);
  for (const id of ["enter-identity-code", "choose-identity-option"]) {
    await ask(id, 409, { ...speaks, json: ASKS[id], code: "ALREADY_ANSWERED" });
  }
});

test("while an answer is awaited nothing else is asked of Canopy", async () => {
  const page = await openPage(beside);
  const speaks = speaksFor(page, beside);
  // The answer never comes: this call ends with the Workers.
  canopy.set("/reconnectToken", () => null);
  page.post("reconnect", ASKS.reconnect).catch(() => {});
  await until(async () => (await page.document()).phase === "connecting", "the call under way");
  for (const id of Object.keys(ASKS)) await ask(id, 409, { ...speaks, json: ASKS[id], code: "CONNECT_IN_PROGRESS" });
});

test("a reconnected pull is as the document says", async () => {
  const page = await openPage(beside);
  const pull_id = randomUUID();
  canopy.set("/reconnectToken", () => ({ body: { pull_id, pull_jwt: "jwt" } }));
  const shown = await ask("reconnect", 200, { ...speaksFor(page, beside), json: ASKS.reconnect });
  assert.deepEqual([shown.pull_id, shown.phase], [pull_id, "connected"]);
});

/** A pull at the edge beside the sandbox, whole. */
async function completePull() {
  const page = await openPage(edge, { metadata: { lead_id: "L-2" } });
  const { pull_id } = await ask("connect", 200, { ...speaksFor(page), json: await loginOf(sandbox, "user_good_complete") });
  return backOfficeOf(edge).seen(pull_id, (pull) => pull.complete && isSettled(pull), "the complete pull");
}

test("the back office reads what the document says", async () => {
  const { pull_id, documents } = await completePull();
  const path = { pull_id };
  const headers = office;
  const pull = await ask("read-pull", 200, { path, headers });
  assert.ok(pull.snapshots.length > 0 && pull.documents.length > 0 && Object.keys(pull.policies).length > 0);
  await ask("read-pull", 200, { path, headers, query: "?read=copy" });
  await ask("list-pulls", 200, { headers: { authorization: `basic ${Buffer.from(`any:${LOCAL.apiToken}`).toString("base64")}` } });
  await ask("list-pulls", 200, { headers: { "x-canopy-client-secret": LOCAL.apiToken, "x-canopy-client-id": "any" } });
  await ask("read-pull", 200, { path: { pull_id: pull_id.toUpperCase() }, headers });
  const { cursor } = await ask("list-pulls", 200, { headers, query: "?limit=1" });
  await ask("list-pulls", 200, { headers, query: `?limit=1&cursor=${encodeURIComponent(cursor)}` });
  const { events, next } = await ask("list-events", 200, { path, headers, query: "?limit=2" });
  assert.deepEqual([events.length, next], [2, events[1].position]);
  assert.equal((await ask("list-events", 200, { path, headers, query: `?after=${next}&limit=100` })).next, null);
  for (const version of ["1", "latest"]) await ask("read-snapshot", 200, { path: { ...path, version }, headers });
  for (const form of ["json", "text", "csv", "html", "flat"]) await ask("read-intake", 200, { path, headers, query: `?form=${form}&redact=all&day=2026-01-01` });
  await ask("read-intake", 200, { path, headers, query: "?version=1&form=csv&table=policies" });
  await ask("list-changes", 200, { path, headers, query: "?from=1&to=latest" });
  await ask("list-changes", 200, { path, headers });
  await ask("list-changes", 200, { path, headers, query: `?from_pull=${pull_id}&from=1&redact=ids` });
  const { document_id } = documents[0];
  assert.match((await ask("read-document", 200, { path: { ...path, document_id }, headers })).toString("latin1"), /^%PDF-/);
  await ask("retry-pull", 202, { path, headers });
  const filters = `?status=${pull.status}&account_identifier=${pull.account_identifier}&carrier=statefarm&type=auto&email=a@b.example&phone=8885550000&policy_number=1&metadata.a=1&since=2026-01-01T00:00:00Z&before=2099-01-01T00:00:00Z`;
  await ask("list-pulls", 200, { headers, query: `${filters}&needs=RECONNECT` });
  const book = await until(async () => { const page = await ask("list-policies", 200, { headers, query: "?limit=1" }); return page.cursor && page; }, "a second page of the book");
  assert.equal((await ask("list-policies", 200, { headers, query: `?cursor=${encodeURIComponent(book.cursor)}` })).totals, null);
  await ask("list-policies", 200, { headers, query: "?expiring_from=2026-01-01&expiring_before=2099-01-01&line=auto,home&carrier=statefarm&status=ACTIVE,EXPIRED&has=auto&lacks=life&metadata.a=1" });
  assert.ok((await ask("read-account", 200, { path: { account_identifier: encodeURIComponent(pull.account_identifier) }, headers, query: "?limit=1" })).snapshot);
  assert.ok((await ask("rebuild-list", 202, { headers })).pulls > 0);
  await ask("start-sync", 202, { headers });
  await until(async () => (await ask("read-sync", 200, { headers })).state === "done", "the comparison's end");
  const page = await ask("read-audit", 200, { headers, query: `?limit=1&caller=demo&pull_id=${pull_id}&since=2026-01-01T00:00:00Z` });
  await ask("read-audit", 200, { headers, query: `?cursor=${encodeURIComponent(page.cursor)}` });
});

test("work that failed, and a monitored account that needs its consumer, are told as the document says", async () => {
  const pull_id = randomUUID();
  for (const [type, data] of [
    ["POLICY_AVAILABLE", { policy_id: randomUUID(), policy_type: "AUTO" }],
    ["MONITORING_RECONNECT", { auth_status: "NOT_AUTHENTICATED", reconnect_url: "https://app.example/r", reconnect_token: "t" }],
    ["VALIDATION_COMPLETE", {}],
    ["DATA_UPDATED", { updates: [] }],
    ["ERROR", {}],
  ]) {
    const body = webhook(pull_id, type, { data, status: "PROVIDER_ERROR", monitoring: { initial_pull_id: randomUUID(), monitoring_id: randomUUID() } });
    await ask("receive-webhook", 200, { body, headers: { "canopy-signature": signature(body) } });
  }
  const failed = await backOfficeOf(edge).seen(pull_id, (pull) => pull.outbox.some((work) => work.failures.length > 0), "a failed fetch");
  assert.ok(failed.reconnect.reconnect_url && failed.monitoring_id);
  const { tasks } = await until(async () => { const page = await ask("list-tasks", 200, { headers: office, query: `?pull_id=${pull_id}&stalled_hours=0` }); return page.tasks.length > 0 && page; }, "the task");
  assert.equal(tasks[0].kind, "RECONNECT");
  const { cursor } = await until(async () => { const page = await ask("list-tasks", 200, { headers: office, query: "?limit=1&stalled_hours=0" }); return page.cursor && page; }, "a second page");
  await ask("list-tasks", 200, { headers: office, query: `?kind=RECONNECT&cursor=${encodeURIComponent(cursor)}` });
  await ask("read-pull", 200, { path: { pull_id }, headers: office });
});

test("the back office refuses as the document says", async () => {
  const path = { pull_id: randomUUID(), document_id: "d", version: "1", account_identifier: "nobody" };
  for (const id of ["list-pulls", "list-policies", "read-account", "list-tasks", "rebuild-list", "start-sync", "read-sync", "read-audit", "open-session-for-page", "read-pull", "list-events", "read-snapshot", "read-intake", "list-changes", "read-document", "retry-pull"]) {
    await ask(id, 401, { path, code: "UNAUTHORIZED" });
    await ask(id, 429, { at: limited, path, ...(await exhausted()), code: "TOO_MANY_REQUESTS" });
    for (const scope of SCOPES) if (scope !== scopeOf(id)) await ask(id, 403, { path, headers: tokenWith(scope), code: "SCOPE_MISSING" });
    if (!operations.get(id).path.includes("{pull_id}")) continue;
    await ask(id, 404, { path, headers: office, code: "NOT_FOUND" });
    await ask(id, 400, { path: { ...path, pull_id: "a.b" }, headers: office, code: "INPUT_INVALID" });
  }
  for (const [id, query] of [["list-pulls", "?limit=0"], ["list-pulls", "?cursor=!"], ["list-pulls", "?metdata.a=1"], ["rebuild-list", `?cursor=${"x".repeat(4097)}`], ["list-pulls", `?cursor=${"x".repeat(4097)}`], ["list-pulls", "?needs=STALLED"], ["list-policies", "?line=boat"], ["list-policies", "?limit=0"], ["list-policies", "?cursor=!"], ["list-policies", "?since=x"], ["read-pull", "?read=both"], ["list-events", "?after=x"], ["list-events", "?limit=101"], ["read-audit", "?limit=0"], ["read-audit", "?since=x"], ["read-audit", "?callr=x"], ["list-tasks", "?kind=OTHER"], ["list-tasks", "?limit=0"], ["list-tasks", "?since=x"], ["read-account", "?limit=0"], ["read-account", "?status=SUCCESS"], ["read-audit", "?cursor=!"], ...["?version=0", "?form=pdf", "?table=policies", "?redact=some", "?day=today", "?verson=1"].map((query) => ["read-intake", query]), ...["?from=0", "?to=x", "?from_pull=a.b", "?redact=some", "?since=1"].map((query) => ["list-changes", query])]) {
    await ask(id, 400, { path, query, headers: office, code: "INPUT_INVALID" });
  }
  const opened = (status, code, more) => ask("open-session-for-page", status, { headers: everything, code, ...more });
  await opened(400, "BODY_MALFORMED", { body: "[]" });
  await opened(413, "BODY_TOO_LARGE", { body: "x".repeat(64 * 1024 + 1) });
  await opened(415, "ENCODING_NOT_SUPPORTED", { body: "{}", headers: { ...everything, "content-encoding": "gzip" } });
  await opened(403, "ORIGIN_NOT_ALLOWED", { json: { origin: "https://elsewhere.example" } });
  for (const wrong of [{}, { origin: edge.url, mode: "hosted" }, { origin: edge.url, metadata: [] }, ...[[], Array(11).fill(SERVICING), ["x"], SERVICING].map((servicing_actions) => ({ origin: edge.url, servicing_actions }))]) {
    assert.notDeepEqual(requestErrors("open-session-for-page", wrong), []);
    await opened(400, "INPUT_INVALID", { json: wrong });
  }
  const sync = (status, code, more) => ask("start-sync", status, { headers: office, code, ...more });
  await sync(400, "BODY_MALFORMED", { body: "[]" });
  await sync(400, "INPUT_INVALID", { body: '{"since":"x"}' });
  await sync(413, "BODY_TOO_LARGE", { body: "x".repeat(4097) });
  await sync(415, "ENCODING_NOT_SUPPORTED", { body: "{}", headers: { ...office, "content-encoding": "gzip" } });
  // The list does not come: it goes on.
  canopy.set("offset=0", () => null);
  await sync(202, undefined, { at: beside, json: { since: "2026-01-01T00:00:00Z" } });
  await sync(409, "SYNC_RUNNING", { at: beside });
  canopy.delete("offset=0");
  await ask("read-account", 404, { path, headers: office, code: "NOT_FOUND" });
  const large = randomUUID();
  canopy.set(`/pulls/${large}`, () => ({ body: { pull: { pull_id: large, policies: Array(30_001).fill({}) } } }));
  const told = webhook(large, "POLICIES_AVAILABLE");
  await ask("receive-webhook", 200, { at: beside, body: told, headers: { "canopy-signature": signature(told) } });
  await backOfficeOf(beside).seen(large, (pull) => pull.snapshots.length > 0, "the large pull");
  for (const id of ["read-intake", "list-changes"]) await ask(id, 422, { at: beside, path: { pull_id: large }, headers: office, code: "PULL_NOT_MAPPED" });
  await ask("read-snapshot", 400, { path: { ...path, version: "0" }, headers: office, code: "INPUT_INVALID" });
  await ask("read-document", 400, { path: { ...path, document_id: "a.b" }, headers: office, code: "INPUT_INVALID" });
});

test("the proxy answers as Canopy's document says", async () => {
  const { pull_id, documents } = await completePull();
  const path = { ...TEAM, pullId: pull_id, documentId: documents[0].document_id };
  const headers = { ...office, "content-type": "application/json" };
  await ask("canopy-get-pulls", 200, { path, headers });
  await ask("canopy-get-pull-by-id", 200, { path, headers, query: "?withPropertyData=true" });
  await ask("canopy-patch-pull-by-id", 200, { path, headers, json: { is_archived: true } });
  await ask("canopy-download-document-by-id", 302, { path, headers });
  await ask("canopy-get-document-by-id", 200, { path, headers });
  await ask("canopy-post-pull-policy-check", 200, { path, headers, json: { policy_check_settings: { vehicle: { NO_COLLISION_COVERAGE: true } } } });
  await ask("canopy-get-pull-policy-check-pdf", 200, { path, headers });
  assert.deepEqual(await ask("canopy-patch-pull-by-id", 400, { path, headers, json: { is_archived: "yes" } }), { error: "INVALID_INPUT" });
  await until(async () => (await backOfficeOf(edge).pull(pull_id)).status === "SUCCESS", "the pull's end");

  const { monitoring } = await ask("canopy-post-monitoring", 200, { path, headers, json: { pull_id, interval: "P30D" } });
  const monitored = { path: { ...path, monitoringId: monitoring.monitoring_id }, headers };
  await ask("canopy-get-monitorings", 200, { path, headers, query: `?pull_id=${pull_id}` });
  await ask("canopy-patch-monitoring", 200, { ...monitored, json: { interval: "P60D" } });
  assert.deepEqual(await ask("canopy-patch-monitoring", 400, { ...monitored, json: { interval: "P1D" } }), { error: "INTERVAL_TOO_SHORT" });
  await ask("canopy-post-monitoring-refresh", 200, monitored);
  await ask("canopy-get-monitoring-events", 200, monitored);
  await ask("canopy-get-monitoring-reconnect-token", 200, monitored);
  await ask("canopy-get-monitoring", 200, { ...monitored, query: "?with_pulls=true" });
  await ask("canopy-delete-monitoring", 200, monitored);
  assert.deepEqual(await ask("canopy-post-monitoring-refresh", 400, monitored), { error: "MONITORING_INACTIVE" });
  const nobodys = { path: { ...path, monitoringId: randomUUID() }, headers };
  for (const id of ["get-monitoring-events", "get-monitoring-reconnect-token"]) {
    assert.deepEqual(await ask(`canopy-${id}`, 404, nobodys), { error: "NOT_FOUND" }, "though Canopy's document does not say so");
  }

  const page = await openPage(edge, { token: "all-token", servicing_actions: [SERVICING] });
  const asked = await ask("connect", 200, { ...speaksFor(page), json: await loginOf(sandbox, "user_good") });
  const { servicings } = await ask("canopy-get-servicings", 200, { path, headers, query: `?pull_id=${asked.pull_id}` });
  await ask("canopy-get-servicing", 200, { path: { ...path, servicingActionId: servicings[0].servicing_action_id }, headers });
});

test("a client of the whole of Canopy's API is answered as the document says", async () => {
  const headers = { ...everything, "content-type": "application/json" };
  const get = (id, more = {}) => ask(`canopy-${id}`, 200, { headers, ...more, path: { ...TEAM, ...more.path } });
  const send = (id, json, more = {}) => get(id, { json, ...more });
  await get("get-health");
  await get("get-tos");
  const [carrier] = await get("get-carriers", { query: `?public_alias=${LOCAL.publicAlias}` });
  await get("get-carrier", { path: { carrierId: carrier.carrier_id } });
  const consent = { device_identifier: "d", terms_version: 1, consent_language: CONSENT.consent_language, public_alias: LOCAL.publicAlias, insurerName: "statefarm" };
  await send("post-consent", { device_identifier: "d", terms_version: 1, consent_language: CONSENT.consent_language });
  const login = async (username) => {
    const { username: insurerUsername, password: insurerPassword } = await loginOf(sandbox, username);
    return { insurerName: "statefarm", insurerUsername, insurerPassword };
  };
  const complete = (pull_id) => backOfficeOf(edge).seen(pull_id, (pull) => pull.complete && isSettled(pull), "the complete pull");

  // A login with a code, by both forms of the consumer's calls, with a wrong one in between.
  for (const form of ["", "-older"]) {
    const { pull_id, pull_jwt } = await send("post-consent-and-connect", { ...consent, ...(await login("user_mfa")) });
    const consumer = { path: { pullId: pull_id }, headers: { "pull-jwt": pull_jwt } };
    const status = (wanted) => backOfficeOf(edge).seen(pull_id, (pull) => pull.auth?.status === wanted, wanted);
    const { auth } = await status("IDENTITY_VERIFICATION_OPTIONS");
    await send(`post-idvoptions${form}`, { optionKey: auth.options[0].key }, consumer);
    await status("IDENTITY_VERIFICATION");
    await send(`post-idv${form}`, { mfaValue: "000001" }, consumer);
    await status("NOT_AUTHENTICATED");
    await send(`post-connect${form}`, await login("user_good_complete"), consumer);
    await complete(pull_id);
  }
  const { pull_id } = await send("post-consent-and-connect", { ...consent, ...(await login("user_good_complete")) });
  await complete(pull_id);
  const { pull } = await get("get-pull-by-id", { path: { pullId: pull_id } });
  const form = pull.policies.flatMap((policy) => policy.forms_and_endorsements ?? [])[0];
  await ask("canopy-download-policy-form-by-id", 302, { path: { ...TEAM, policyFormId: form.policy_form_id }, headers });
  await get("get-policy-form-by-id", { path: { policyFormId: form.policy_form_id } });

  // A change, asked for by the back office and confirmed by the consumer, by both forms.
  for (const form of ["", "-older"]) {
    const made = await send("post-servicings", { pull_id, servicing_actions: [SERVICING] }, { headers: { ...headers, "idempotency-key": randomUUID() } });
    await backOfficeOf(edge).seen(made.pull_id, (pull) => pull.servicing.length > 0, "the question");
    const json = { servicing_action_id: made.servicing_action_ids[0], is_confirmed: true };
    await send(`post-servicing-action${form}`, json, { path: { pullId: made.pull_id }, headers: { "pull-jwt": made.pull_jwt } });
  }
  // A monitored account that needs its consumer.
  const mfa = await send("post-consent-and-connect", { ...consent, ...(await login("user_optionless_mfa")) });
  await backOfficeOf(edge).seen(mfa.pull_id, (pull) => pull.auth?.status === "IDENTITY_VERIFICATION", "the question for a code");
  await send("post-idv", { mfaValue: "123456" }, { path: { pullId: mfa.pull_id }, headers: { "pull-jwt": mfa.pull_jwt } });
  await complete(mfa.pull_id);
  const { monitoring } = await send("post-monitoring", { pull_id: mfa.pull_id, interval: "P30D" });
  const refreshed = await get("post-monitoring-refresh", { path: { monitoringId: monitoring.monitoring_id } });
  await backOfficeOf(edge).seen(refreshed.pull_id, (pull) => pull.reconnect, "the reconnect");
  const { reconnect_token } = await get("get-monitoring-reconnect-token", { path: { monitoringId: monitoring.monitoring_id } });
  await send("post-reconnect-token", { reconnect_token });

  const person = "first_name=Clark&last_name=Kent&address=344%20Clinton%20St&purpose=x&employee_name=x&employee_job_function=x&date_of_birth_str=x";
  await get("get-property-data", { query: "?address=344%20Clinton%20St" });
  for (const id of ["driverlicense", "drivingrecordiq", "household"]) await get(`get-enrichment-${id}`, { query: `?${person}` });
  await send("post-policy-search", { ...consent, insurerName: "farmers", searchType: "AUTO_POLICY", searchData: { zipCode: "90210" } });
  const upload = new FormData();
  for (const [name, value] of Object.entries(consent)) upload.append(name, String(value));
  upload.append("documents", new File(["%PDF-1.4"], "policy.pdf", { type: "application/pdf" }));
  await ask("canopy-post-consent-and-documents", 200, { headers: everything, body: upload });
  await get("get-policy-check-team-settings");
  await send("post-policy-check-team-settings", { policy_check_settings: { vehicle: { POLICY_NOT_ACTIVE: true } } });
  const { webhook_id, signing_secret } = await send("post-webhooks", { hookUrl: "http://127.0.0.1:9/" });
  const secretsAs = async (scope) => (await get("get-webhooks", { headers: tokenWith(scope) })).webhooks.map((it) => it.signing_secret);
  assert.ok((await secretsAs("all")).includes(signing_secret));
  assert.deepEqual([...new Set(await secretsAs("read"))], ["********"]);
  await send("patch-webhook", { isActive: false }, { path: { webhookId: webhook_id } });
  await get("delete-webhook", { path: { webhookId: webhook_id } });
  const { widget } = await send("post-widgets", { public_alias: "second", company_name: "Second" });
  const at = { path: { widgetId: widget.widget_id } };
  await get("get-widgets");
  await get("get-widgetId", at);
  await send("patch-widgetId", { intro_title: "Hello" }, at);
  for (const image of ["logo", "icon"]) {
    const picture = new FormData();
    picture.append(image, new File(["png"], "a.png", { type: "image/png" }));
    await ask(`canopy-put-widgetId-${image}`, 200, { headers: everything, path: { ...TEAM, ...at.path }, body: picture });
  }
  await get("delete-widgetId", at);
  await get("get-team");
  await send("create-team", { company_name: "New" });
  // What no sandbox of one team has, or would come back from.
  canopy.set("/files/f", () => ({ status: 302, headers: { location: "https://canopy.example/file" }, body: { url: "https://canopy.example/file" } }));
  await ask("canopy-download-file-by-id", 302, { at: beside, headers, path: { ...TEAM, ...NAMES } });
  canopy.set(`/teams/${LOCAL.teamId}`, () => ({ body: { success: true } }));
  await get("delete-team", { at: beside });
  canopy.delete(`/teams/${LOCAL.teamId}`);
});

test("the proxy passes on what Canopy's document does not allow, and this one does", async () => {
  const headers = office;
  const path = { ...TEAM, ...NAMES };
  const pulls = [
    { pull_id: "p", meta_data: { lead: 1 }, status: "UNHEARD_OF", policies: [{ coverages: [{ name: "UNLISTED", friendly_name: null }] }] },
    { pull_id: "p", meta_data: '{"lead":1}', status: null, policies: null, documents: null },
    { pull_id: "p", meta_data: null },
  ];
  for (const pull of pulls) {
    canopy.set("/pulls/p", () => ({ body: { success: true, pull } }));
    assert.deepEqual(await ask("canopy-get-pull-by-id", 200, { at: beside, path, headers }), { success: true, pull });
  }
  canopy.set("/pulls", () => ({ body: { total_pulls: 3, pulls } }));
  await ask("canopy-get-pulls", 200, { at: beside, path, headers });
  const servicing = { servicing_action_id: "a", status: "UNHEARD_OF", type: null, validation_error_type: null };
  canopy.set("/servicings/a", () => ({ body: servicing }));
  await ask("canopy-get-servicing", 200, { at: beside, path, headers });
  canopy.set("/monitorings/m", () => ({ status: 400, body: { error: "INVALID_MONITORING_ID" } }));
  for (const id of ["get-monitoring", "patch-monitoring", "delete-monitoring"]) {
    await ask(`canopy-${id}`, 400, { at: beside, path, headers, body: id === "patch-monitoring" ? "{}" : undefined });
  }
  canopy.set("/monitorings/m/refresh", () => ({ status: 400, body: { error: "INVALID_MONITORING_ID" } }));
  await ask("canopy-post-monitoring-refresh", 400, { at: beside, path, headers });
  canopy.set("/pulls/p/documents/d", () => ({ status: 503, headers: { "content-type": "text/html" }, body: "<h1>busy</h1>" }));
  await ask("canopy-download-document-by-id", 503, { at: beside, path, headers });
  canopy.set("public_alias=demo", () => ({ body: [{ carrier_id: "statefarm", name: null, usernameFieldPlaceholder: null, products: null }] }));
  await ask("get-carriers", 200, { at: beside });
});

/** The least that begins a pull. */
const BEGINNING = { device_identifier: "d", terms_version: 1, consent_language: CONSENT.consent_language, public_alias: LOCAL.publicAlias, insurerName: "statefarm", insurerUsername: "token" };

/** A form as it is sent: in one piece, so that who answers before all of it has come breaks nothing off. */
const FORM = { media: "multipart/form-data; boundary=b", body: '--b\r\ncontent-disposition: form-data; name="logo"; filename="a.png"\r\ncontent-type: image/png\r\n\r\npng\r\n--b--\r\n' };

/** What an operation of the proxy's is asked with, where nothing is wrong but what a test makes so. */
function proxied(id) {
  const { method, requestBody, security } = operations.get(id);
  const isForm = /consentAndDocuments|logo|icon/.test(requestBody?.$ref);
  const headers = { ...everything, ...("pullToken" in security[0] && { "pull-jwt": pullToken }), ...(isForm && { "content-type": FORM.media }) };
  return { path: { ...TEAM, ...NAMES }, headers, body: method === "GET" ? undefined : isForm ? FORM.body : "{}", isForm };
}

test("the proxy refuses as the document says", async () => {
  canopy.set("/consentAndConnect", () => ({ body: { pull_id: "p", pull_jwt: "eyJ" } }));
  ({ pull_jwt: pullToken } = await ask("canopy-post-consent-and-connect", 200, { at: beside, headers: everything, json: BEGINNING }));
  for (const [id, operation] of operations) {
    if (!id.startsWith("canopy-")) continue;
    const right = proxied(id);
    const refused = (status, code, more) => ask(id, status, { ...right, code, ...more });
    const isOnce = "422" in operation.responses;
    await refused(401, "pullToken" in operation.security[0] ? "PULL_TOKEN_INVALID" : "UNAUTHORIZED", { headers: {} });
    await refused(403, "SCOPE_MISSING", { headers: { ...right.headers, ...tokenWith(SCOPES.find((scope) => scope !== scopeOf(id))) } });
    if (operation.path.includes("{teamId}")) await refused(403, "TEAM_NOT_ALLOWED", { path: { ...right.path, teamId: randomUUID() } });
    const [, last] = operation.path.match(/\{(\w+)\}[^{]*$/) ?? [];
    if (last) await refused(404, "NOT_FOUND", { path: { ...right.path, [last]: "a.b" } });
    await refused(400, "INPUT_INVALID", { query: `?${"x".repeat(4097)}` });
    if (isOnce) await refused(400, "INPUT_INVALID", { headers: { ...right.headers, "idempotency-key": " " } });
    await refused(429, "TOO_MANY_REQUESTS", { at: limited, headers: {}, ...(await exhausted()) });
    await (isOnce ? refused(409, "OUTCOME_UNKNOWN", { at: alone }) : refused(502, "CANOPY_FAILED", { at: alone }));
    if (isOnce) {
      const headers = { ...right.headers, "idempotency-key": `${id}-1` };
      await refused(409, "OUTCOME_UNKNOWN", { at: alone, headers });
      await refused(422, "IDEMPOTENCY_KEY_REUSED", { at: alone, headers, query: "?other" });
    }
    if (right.body) {
      await refused(413, "BODY_TOO_LARGE", { body: undefined, declares: (right.isForm ? 50 * MIB : MIB) + 1 });
      await refused(415, "ENCODING_NOT_SUPPORTED", { headers: { ...right.headers, "content-encoding": "gzip" } });
    }
  }
});

test("Canopy's refusal of the edge's own credentials is the operator's to mend", async () => {
  canopy.clear();
  for (const id of [...operations.keys()].filter((id) => id.startsWith("canopy-"))) {
    const { path } = operations.get(id);
    const end = path.replace("/canopy/api/v1.0.0", "").replace(/\{(\w+)\}/g, (_, name) => (name === "teamId" ? LOCAL.teamId : NAMES[name]));
    canopy.set(end, () => ({ status: 401, body: { error: "UNAUTHORIZED" } }));
    const right = proxied(id);
    // The pull's token is the consumer's: that it is refused is for the client to know.
    if ("pullToken" in operations.get(id).security[0]) assert.deepEqual(await ask(id, 401, { at: beside, ...right }), { error: "UNAUTHORIZED" });
    else await ask(id, 502, { at: beside, ...right, code: "CANOPY_FAILED" });
    canopy.delete(end);
  }
});

/** Headers of an address that has brought too many wrong tokens. */
async function exhausted() {
  const headers = { "cf-connecting-ip": `192.0.2.${100 + Math.floor(Math.random() * 100)}` };
  await (await fetch(`${limited.url}/api/v1/pulls`, { headers })).arrayBuffer();
  return { headers };
}

/** What `Allow` says of a path. */
function allowOf(path) {
  const methods = Object.keys(document.paths[path]).map((method) => method.toUpperCase());
  const all = [...methods, methods.includes("GET") && "HEAD", path.startsWith("/connect/") && "OPTIONS"];
  return all.filter(Boolean).toSorted();
}

test("another path, and another method of a path, are refused with a problem", async () => {
  for (const path of ["/nowhere", "/connect/nowhere", "/api/v1/nowhere", "/canopy/api/v1.0.0/teams/-/other"]) {
    const { status, bytes } = await plain(edge.url + path, { headers: office });
    assert.deepEqual([status, JSON.parse(bytes).code, componentErrors("Problem", JSON.parse(bytes))], [404, "NOT_FOUND", []], path);
  }
  for (const path of Object.keys(document.paths)) {
    const url = edge.url + path.replace("{teamId}", "-").replace(/\{\w+\}/g, "1");
    for (const method of ["PUT", "PROPFIND"]) {
      if (method.toLowerCase() in document.paths[path]) continue;
      const { status, headers, bytes } = await plain(url, { method, headers: office });
      assert.deepEqual([status, JSON.parse(bytes).code, componentErrors("Problem", JSON.parse(bytes))], [405, "METHOD_NOT_ALLOWED", []], path);
      assert.deepEqual(headers.get("allow").split(", ").toSorted(), allowOf(path), path);
    }
  }
});

test("HEAD is GET without the body, and a slash at the end of a path none too many", async () => {
  for (const { method, path } of operations.values()) {
    const url = edge.url + path.replace(/\{\w+\}/g, "1");
    const found = await plain(url, { method });
    if (!path.startsWith("/canopy/")) assert.equal((await plain(`${url}/`, { method })).status, found.status, path);
    if (method !== "GET") continue;
    const { status, headers, bytes } = await plain(url, { method: "HEAD" });
    assert.deepEqual([status, headers.get("content-type"), bytes.length], [found.status, found.headers.get("content-type"), 0], path);
  }
});

test("a page of an allowed origin may ask beforehand, another may not", async () => {
  for (const [origin, status] of [[edge.url, 204], ["https://elsewhere.example", 403]]) {
    const answer = await plain(`${edge.url}/connect/sessions`, { method: "OPTIONS", headers: { origin, "access-control-request-method": "POST" } });
    assert.deepEqual([answer.status, answer.headers.get("access-control-allow-origin")], [status, status === 204 ? origin : null]);
  }
});

test("the document lists every code of the edge with its status, and no other", () => {
  const source = readFileSync(new URL("../../crates/canopy/src/problem.rs", import.meta.url), "utf8");
  const codes = Object.fromEntries([...source.matchAll(/\((\d{3}), "([A-Z_]+)", "/g)].map(([, status, code]) => [code, Number(status)]));
  const declared = /ALL: \[Self; (\d+)\]/.exec(source)[1];
  assert.equal(Object.keys(codes).length, Number(declared), "the codes of problem.rs were read");
  assert.deepEqual(Object.fromEntries([...listedCodes()].toSorted()), Object.fromEntries(Object.entries(codes).toSorted()));
  const { code, error, status } = document.components.schemas.Problem.properties;
  for (const listed of [code.enum, error.enum]) assert.deepEqual(listed.toSorted(), Object.keys(codes).toSorted());
  assert.deepEqual(status.enum.toSorted(), [...new Set(Object.values(codes))].toSorted());
});

test("every operation gave every answer that it lists", () => {
  const missing = [];
  for (const id of operations.keys()) {
    const seen = answered.get(id) ?? new Set();
    if (![...seen].some((status) => status < 400)) missing.push(`${id}: no success`);
    missing.push(...statusesOf(id).filter((status) => !seen.has(status) && !NOT_DRIVEN(id, status)).map((status) => `${id}: ${status}`));
  }
  assert.deepEqual(missing, []);
});
