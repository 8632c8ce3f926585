// The consumer's way through a session, and where it is refused, as docs/openapi.json says.
import assert from "node:assert/strict";
import { createHmac, randomUUID } from "node:crypto";
import { test } from "node:test";
import { authOf, authStatus, CONSENT, loginOf, openPage, openSocket, SERVICING, until, webhook } from "../edge-client.mjs";
import { componentErrors, requestErrors, statusesOf } from "../edge-contract.mjs";
import { LOCAL } from "../harness.mjs";
import { ask, ASKS, beside, canopy, connectedBeside, edge, everything, LOGIN, sandbox, speaksFor } from "./driver.mjs";

/** A token as the edge makes it, for a session it need not know. */
function tokenOf(session, { at = edge, expired = false } = {}) {
  const claims = { s: session, o: at.url, e: Math.floor(Date.now() / 1000) + (expired ? -1 : 60) };
  const text = Buffer.from(JSON.stringify(claims)).toString("base64url");
  return `${text}.${createHmac("sha256", LOCAL.sessionKey).update(`canopy-edge session v1.${text}`).digest("base64url")}`;
}

const bearer = (token, origin) => ({ authorization: `Bearer ${token}`, origin });
const subprotocol = (token, origin) => ({ upgrade: "websocket", "sec-websocket-protocol": `canopy-edge, ${token}`, origin });

/** What needs a session's token, beside the asks. */
const OF_SESSION = ["read-session", "end-session", "open-ticket", "follow-session", "read-servicing-action"];

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
