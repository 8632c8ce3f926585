// Calls that cannot be taken back are made once, however often they are asked for: with an Idempotency-Key, on a real Worker that
// is killed, in front of a Canopy whose answers are lost.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { assertProblem, backOfficeOf, callsOf, control, isSettled, loginOf, openPage, SERVICING, until } from "../edge-client.mjs";
import { LOCAL, startBoth, startEdge, temporaryDirectory } from "../harness.mjs";
import { startStandIn } from "../stand-in.mjs";
import { WHOLE } from "../tapped-edge.mjs";

const PREFIX = "/canopy/api/v1.0.0";
const TOKENS = { EDGE_API_TOKENS: `whole:${WHOLE}:read+write+servicing+admin,other:other-token:servicing` };
const SNAPSHOT_KEY = `k1:${Buffer.alloc(32, 7).toString("base64")}`;

let both, pull_id;

before(async () => {
  both = await startBoth({ edgeEnv: { ...TOKENS, EDGE_SNAPSHOT_KEY: SNAPSHOT_KEY } });
  const page = await openPage(both.edge);
  ({ pull_id } = await page.ask("connect", await loginOf(both.sandbox, "user_good")));
  await backOfficeOf(both.edge, WHOLE).seen(pull_id, (pull) => pull.complete && isSettled(pull), "the pull");
});
after(() => both?.stop());

const post = (edge, path, body, key, { token = WHOLE, ...headers } = {}) =>
  fetch(edge.url + PREFIX + path, { method: "POST", body, headers: { authorization: `Bearer ${token}`, "content-type": "application/json", ...(key && { "idempotency-key": key }), ...headers } });
const change = (more = {}) => JSON.stringify({ pull_id, servicing_actions: [SERVICING], ...more });
/** How many calls Canopy had that are no look. */
const writes = (canopy) => canopy.calls.filter(({ method }) => method !== "GET").length;
const servicings = (edge, body, key, more) => post(edge, "/teams/-/servicings", body, key, more);
/** How many actions there are at the sandbox. */
const actions = async () => (await backOfficeOf(both.edge, WHOLE).read(`${PREFIX}/teams/-/servicings?limit=100`)).servicings.length;

test("five at once with one key are one action, and its answer is given again", async () => {
  const before = await actions();
  const [key, body] = [`"${randomUUID()}"`, change()];
  const answers = await Promise.all(Array.from({ length: 5 }, () => servicings(both.edge, body, key)));
  const texts = await Promise.all(answers.map((answer) => answer.text()));
  const made = texts.filter((_, at) => answers[at].status === 200);
  assert.ok(made.length >= 1 && new Set(made).size === 1, texts.join());
  for (const [at, { status }] of answers.entries()) if (status !== 200) assert.deepEqual([status, JSON.parse(texts[at]).code], [409, "IDEMPOTENCY_KEY_IN_USE"]);
  const again = await servicings(both.edge, body, key.slice(1, -1));
  assert.deepEqual([again.status, await again.text(), again.headers.get("content-type")], [200, made[0], answers.find(({ status }) => status === 200).headers.get("content-type")]);
  assert.equal(await actions(), before + 1);
  const { servicing_action_ids, pull_jwt, ...answer } = JSON.parse(made[0]);
  // The kept token is one to go on with.
  await backOfficeOf(both.edge, WHOLE).seen(answer.pull_id, (pull) => pull.servicing.length > 0, "the question");
  const confirmed = await post(both.edge, `/widget/pull/${answer.pull_id}/servicingAction`, JSON.stringify({ servicing_action_id: servicing_action_ids[0], is_confirmed: true }), undefined, { "pull-jwt": pull_jwt });
  assert.equal(confirmed.status, 200);
});

test("a key is one call's and one caller's", async () => {
  const key = randomUUID();
  const before = await actions();
  assert.equal((await servicings(both.edge, change(), key)).status, 200);
  await assertProblem(await servicings(both.edge, change({ x: 1 }), key), 422, "IDEMPOTENCY_KEY_REUSED");
  await assertProblem(await post(both.edge, "/consent", change(), key), 422, "IDEMPOTENCY_KEY_REUSED");
  assert.equal(await actions(), before + 1);
  assert.equal((await servicings(both.edge, change(), key, { token: "other-token" })).status, 200);
  assert.equal(await actions(), before + 2);
  for (const wrong of ["a b", "x".repeat(256), '""']) await assertProblem(await servicings(both.edge, change(), wrong), 400, "INPUT_INVALID");
  assert.equal(await actions(), before + 2);
});

test("Canopy's refusal is an answer, and kept; that it was too busy is none", async () => {
  const [key, body] = [randomUUID(), change({ servicing_actions: [] })];
  const before = (await callsOf(both.sandbox, "post-servicings")).length;
  for (let count = 0; count < 2; count += 1) {
    const refused = await servicings(both.edge, body, key);
    assert.deepEqual([refused.status, await refused.json()], [400, { error: "INVALID_INPUT" }]);
  }
  assert.equal((await callsOf(both.sandbox, "post-servicings")).length, before + 1);
  await control(both.sandbox, "POST", "/faults", { operation: "post-servicings", steps: [{ status: 429, retry_after: 1 }, {}] });
  const busy = randomUUID();
  const told = await servicings(both.edge, change(), busy);
  assert.deepEqual([told.status, told.headers.get("retry-after")], [429, "1"]);
  assert.equal((await servicings(both.edge, change(), busy)).status, 200);
  await control(both.sandbox, "DELETE", "/faults");
});

test("a fault of Canopy's is no answer that is kept, nor that it does not let the edge in", async () => {
  let status = 503;
  const canopy = await startStandIn(() => ({ status, body: { error: "X" } }));
  const edge = await startEdge({ sandbox: canopy, env: TOKENS });
  const [fault, refused] = [randomUUID(), randomUUID()];
  assert.equal((await servicings(edge, change(), fault)).status, 503, "given through once");
  for (let count = 0; count < 2; count += 1) await assertProblem(await servicings(edge, change(), fault), 409, "OUTCOME_UNKNOWN");
  assert.equal(writes(canopy), 1);
  status = 401;
  await assertProblem(await servicings(edge, change(), refused), 502, "CANOPY_FAILED");
  status = 200;
  assert.equal((await servicings(edge, change(), refused)).status, 200, "it was not taken");
  await edge.stop();
  await canopy.stop();
});

test("a key of a pull's own token is that pull's", async () => {
  const canopy = await startStandIn(({ path, body }) => ({ body: path.endsWith("/consentAndConnect") ? { pull_id: JSON.parse(body).pull_id, pull_jwt: "eyJ" } : { pull_id: path } }));
  const edge = await startEdge({ sandbox: canopy, env: TOKENS });
  for (const pull_id of ["p-1", "p-2"]) {
    const { pull_jwt } = await (await post(edge, "/widget/pull/consentAndConnect", JSON.stringify({ pull_id }))).json();
    const ask = () => fetch(`${edge.url}${PREFIX}/widget/pull/idv`, { method: "POST", body: '{"mfaValue":"123456"}', headers: { "pull-jwt": pull_jwt, "idempotency-key": "same" } });
    for (let count = 0; count < 2; count += 1) assert.equal((await ask()).status, 200, pull_id);
  }
  assert.equal(canopy.calls.length, 4);
  await edge.stop();
  await canopy.stop();
});

test("an upload with a key is made once, whatever its boundary", async () => {
  const upload = async (bytes, key) => {
    const form = new FormData();
    const fields = { device_identifier: "d", terms_version: "1", consent_language: "By clicking Continue you agree to the Terms of Service", public_alias: LOCAL.publicAlias, insurerName: "statefarm" };
    for (const [name, value] of Object.entries(fields)) form.append(name, value);
    form.append("documents", new File([bytes], "policy.pdf", { type: "application/pdf" }));
    const response = await fetch(`${both.edge.url}${PREFIX}/widget/pull/consentAndDocuments`, { method: "POST", body: form, headers: { authorization: `Bearer ${WHOLE}`, "idempotency-key": key } });
    return { status: response.status, text: await response.text() };
  };
  const key = randomUUID();
  const first = await upload("%PDF-1.4 a", key);
  assert.equal(first.status, 200, first.text);
  assert.deepEqual(await upload("%PDF-1.4 a", key), first);
  assert.equal((await upload("%PDF-1.4 b", key)).status, 422);
  assert.equal((await callsOf(both.sandbox, "post-consent-and-documents")).length, 1);
});

test("a call whose answer is lost says so, and is not sent again", async () => {
  let mode = "lost";
  const canopy = await startStandIn(() => (mode === "lost" ? "gone" : { body: { success: true } }));
  const edge = await startEdge({ sandbox: canopy, env: TOKENS });
  const [key, body] = [randomUUID(), change()];
  await assertProblem(await servicings(edge, body, key), 409, "OUTCOME_UNKNOWN");
  mode = "back";
  for (let count = 0; count < 2; count += 1) await assertProblem(await servicings(edge, body, key), 409, "OUTCOME_UNKNOWN");
  assert.equal(writes(canopy), 1);
  // Without a key as with one: it is said, and left to who asked.
  mode = "lost";
  await assertProblem(await servicings(edge, body), 409, "OUTCOME_UNKNOWN");
  assert.equal(writes(canopy), 2);
  await edge.stop();
  await canopy.stop();
});

test("a kill in between makes no second action, and what was answered before it is still given", async () => {
  const canopy = await startStandIn(async ({ method, body }) => (method === "POST" && JSON.parse(body).waits ? null : { body: { success: true, pull_id: "p-1", pull_jwt: "eyJ.a.b" } }));
  const persist = temporaryDirectory();
  let edge = await startEdge({ sandbox: canopy, persist, env: TOKENS });
  const [kept, cut] = [randomUUID(), randomUUID()];
  const [body, waiting] = [change(), change({ waits: true })];
  const first = await servicings(edge, body, kept);
  const text = await first.text();
  const asking = servicings(edge, waiting, cut).catch(() => {});
  await until(() => canopy.calls.length === 2, "the call at Canopy");
  await edge.kill9();
  await asking;
  edge = await startEdge({ sandbox: canopy, persist, env: TOKENS });
  for (let count = 0; count < 2; count += 1) await assertProblem(await servicings(edge, waiting, cut), 409, "OUTCOME_UNKNOWN");
  const again = await servicings(edge, body, kept);
  assert.deepEqual([again.status, await again.text()], [200, text]);
  assert.ok(!text.includes("eyJ"));
  assert.equal(writes(canopy), 2);
  await edge.stop();
  await canopy.stop();
});

test("a key of before the session key was changed says that nothing is known, and its call is not sent again", async () => {
  const canopy = await startStandIn(() => ({ body: { success: true, pull_id: "p-1", pull_jwt: "eyJ.a.b" } }));
  const persist = temporaryDirectory();
  let edge = await startEdge({ sandbox: canopy, persist, env: TOKENS });
  const [key, body] = [randomUUID(), change()];
  assert.equal((await servicings(edge, body, key)).status, 200);
  await edge.stop();
  edge = await startEdge({ sandbox: canopy, persist, env: { ...TOKENS, EDGE_SESSION_KEY: "another-session-key-of-32-characters" } });
  const { detail } = await assertProblem(await servicings(edge, body, key), 409, "OUTCOME_UNKNOWN");
  assert.match(detail, /EDGE_SESSION_KEY/);
  assert.equal(canopy.calls.length, 1);
  await edge.stop();
  await canopy.stop();
});

test("one who hangs up takes no answer with it", async () => {
  let answer;
  const held = new Promise((resolve) => (answer = resolve));
  const canopy = await startStandIn(() => held);
  const edge = await startEdge({ sandbox: canopy, env: TOKENS });
  const [key, body] = [randomUUID(), change()];
  const hung = new AbortController();
  const asking = fetch(`${edge.url}${PREFIX}/teams/-/servicings`, { method: "POST", body, signal: hung.signal, headers: { authorization: `Bearer ${WHOLE}`, "idempotency-key": key } }).catch(() => {});
  await until(() => canopy.calls.length === 1, "the call at Canopy");
  hung.abort();
  await asking;
  await pause(200);
  answer({ body: { success: true, pull_id: "p-1" } });
  const look = async () => {
    const response = await servicings(edge, body, key);
    const text = await response.text();
    return JSON.parse(text).code === "IDEMPOTENCY_KEY_IN_USE" ? undefined : { status: response.status, text };
  };
  assert.equal((await until(look, "the kept answer")).status, 200);
  assert.equal(canopy.calls.length, 1);
  await edge.stop();
  await canopy.stop();
});

test("a large answer is kept whole", async () => {
  const bytes = Buffer.from(JSON.stringify({ pull: "x".repeat(3_500_000) }));
  const canopy = await startStandIn(() => ({ body: bytes }));
  const edge = await startEdge({ sandbox: canopy, env: { ...TOKENS, EDGE_SNAPSHOT_KEY: SNAPSHOT_KEY } });
  const key = randomUUID();
  for (let count = 0; count < 2; count += 1) {
    const response = await post(edge, "/teams/-/pulls/p-1/policyCheck", "{}", key);
    assert.ok(Buffer.from(await response.arrayBuffer()).equals(bytes));
  }
  assert.equal(canopy.calls.length, 1);
  await edge.stop();
  await canopy.stop();
});
