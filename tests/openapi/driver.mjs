// What tests/http/edge-openapi.test.mjs and the modules of its tests share: the edges, the stand-in beside them, and the one way to ask.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { request as httpRequest } from "node:http";
import { after, before } from "node:test";
import { backOfficeOf, CONSENT, isSettled, loginOf, openPage, signature, until } from "../edge-client.mjs";
import { answerErrors, operations, passedOnErrors, requestErrors } from "../edge-contract.mjs";
import { LOCAL, startBoth, startEdge } from "../harness.mjs";
import { startStandIn } from "../stand-in.mjs";

export const MIB = 1024 * 1024;
export const office = { authorization: `Bearer ${LOCAL.apiToken}` };
export const TEAM = { teamId: "-" };
/** Names in the proxy's paths that name nothing. */
export const NAMES = { pullId: "p", documentId: "d", monitoringId: "m", servicingActionId: "a", carrierId: "c", answerId: "a", fileId: "f", policyFormId: "f", webhookId: "w", widgetId: "w" };
/** The scopes that an operation of the back office takes one of. */
export const scopeOf = (id) => Object.values(operations.get(id).security.at(-1)).flat()[0];
/** Whoever has one scope alone, or all. */
export const SCOPES = ["read", "write", "servicing", "admin"];
export const tokenWith = (scope) => ({ authorization: `Bearer ${scope}-token` });
const TOKENS = [`demo:${LOCAL.apiToken}`, "all:all-token:read+write+servicing+admin", ...SCOPES.map((scope) => `${scope}:${scope}-token:${scope}`)].join(",");
export const everything = tokenWith("all");
/** What an edge takes for a secret whose Canopy is not of this machine. */
export const LONG = "long-0123456789abcdef0123456789abcdef";
/** Days before a renewal on which the edge whose clock is moved says so. */
export const RENEWAL_DAYS = [50, 45, 40, 35, 30, 25, 20, 15, 10, 5];

/**
 * With the sandbox as its Canopy; the others: with the stand-in and a key, with none to be reached, with limits of one, without its
 * configuration, with the stand-in and a clock that is moved, with a Canopy elsewhere.
 */
export let edge, sandbox, beside, alone, limited, unconfigured, ahead, deployed;
let both, standIn;
/** What the stand-in answers, by the end of the path. */
export const canopy = new Map();
/** Statuses that were seen, by operation. */
export const answered = new Map();

before(async () => {
  both = await startBoth({ edgeEnv: { EDGE_API_TOKENS: TOKENS, EDGE_UPLOADS: "true", EDGE_FUNNEL: "true" } });
  ({ edge, sandbox } = both);
  standIn = await startStandIn(({ path }) => {
    const [, answer] = [...canopy].find(([end]) => path.endsWith(end)) ?? [];
    return answer ? answer() : { status: 404, body: { error: "NOT_FOUND" } };
  });
  const env = { EDGE_API_TOKENS: TOKENS };
  const uploads = { EDGE_UPLOADS: "true" };
  beside = await startEdge({ sandbox: standIn, env: { ...env, ...uploads, EDGE_SNAPSHOT_KEY: `k1:${Buffer.alloc(32, 7).toString("base64")}` } });
  alone = await startEdge({ env });
  limited = await startEdge({ sandbox: standIn, env: { ...env, ...uploads, EDGE_FUNNEL: "true" }, limits: { CALL_LIMIT: 1, REFUSAL_LIMIT: 1, REPORT_LIMIT: 1 } });
  unconfigured = await startEdge({ env: { CANOPY_TEAM_ID: null, EDGE_API_TOKENS: null } });
  ahead = await startEdge({ sandbox: standIn, env: { ...env, EDGE_SCHEDULE: JSON.stringify({ renewal_days: RENEWAL_DAYS }) } });
  deployed = await startEdge({ env: { CANOPY_API_BASE_URL: "https://canopy.invalid/api/v1.0.0", CANOPY_WEBHOOK_SIGNING_SECRET: LONG, EDGE_API_TOKENS: `all:${LONG}:read+admin` } });
});
after(() => Promise.all([both, standIn, beside, alone, limited, unconfigured, ahead, deployed].map((it) => it?.stop())));

/** Calls an operation, and holds question and answer against the document. Gives the answer's body. */
export async function ask(id, status, { at = edge, path = {}, query = "", headers = {}, json, body = json && JSON.stringify(json), declares, code } = {}) {
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

export async function plain(url, init) {
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

/** What `ask` needs to speak for a page's session. */
export const speaksFor = (page, at = edge) => ({ at, path: { session_id: page.session_id }, headers: page.bearer });

/** A page at an edge beside the stand-in, whose login was taken: its pull, and the means to speak for it. */
export async function connectedBeside(at = beside) {
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

/** What a page asks that goes on to Canopy, where nothing is wrong with it. */
export const LOGIN = { carrier_id: "statefarm", username: "token-of-username", password: "token-of-password", ...CONSENT };
export const ASKS = {
  "give-consent": CONSENT,
  connect: LOGIN,
  "choose-identity-option": { option_key: "sms" },
  "enter-identity-code": { code: "123456" },
  reconnect: { reconnect_token: "token" },
  "confirm-servicing": { servicing_action_id: "action", is_confirmed: true },
};

/** A pull at the edge beside the sandbox, whole. */
export async function completePull() {
  const page = await openPage(edge, { metadata: { lead_id: "L-2" } });
  const { pull_id } = await ask("connect", 200, { ...speaksFor(page), json: await loginOf(sandbox, "user_good_complete") });
  return backOfficeOf(edge).seen(pull_id, (pull) => pull.complete && isSettled(pull), "the complete pull");
}

/** What every operation of the back office refuses alike: who may not ask, and a pull that there is not. `json`: a body that it takes. */
export async function refusesStrangers(id, { path, json } = {}) {
  await ask(id, 401, { path, code: "UNAUTHORIZED" });
  await ask(id, 429, { at: limited, path, ...(await exhausted()), code: "TOO_MANY_REQUESTS" });
  for (const scope of SCOPES) if (scope !== scopeOf(id)) await ask(id, 403, { path, headers: tokenWith(scope), code: "SCOPE_MISSING" });
  if (!operations.get(id).path.includes("{pull_id}")) return;
  const headers = tokenWith(scopeOf(id));
  await ask(id, 404, { path, json, headers, code: "NOT_FOUND" });
  await ask(id, 400, { path: { ...path, pull_id: "a.b" }, json, headers, code: "INPUT_INVALID" });
}

/** Headers of an address that has brought too many wrong tokens. */
export async function exhausted() {
  const headers = { "cf-connecting-ip": `192.0.2.${100 + Math.floor(Math.random() * 100)}` };
  await (await fetch(`${limited.url}/api/v1/pulls`, { headers })).arrayBuffer();
  return { headers };
}
