// Changes to a policy through a page's session: chosen by the back office, asked for with the login, shown from Canopy each time,
// answered once.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, test } from "node:test";
import { assertProblem, authOf, authStatus, backOfficeOf, callsOf, control, loginOf, openPage, postWebhook, SERVICING, webhook } from "../edge-client.mjs";
import { LOCAL, startBoth } from "../harness.mjs";

const REMOVAL = { type: "REMOVE_MORTGAGEE", payload: { carrier_policy_number: "HO900417", mortgagee_type: "SECOND" } };
let both, edge, sandbox;

const OFFICE = { servicing: "servicing-token", write: "write-token" };

before(async () => {
  both = await startBoth({ edgeEnv: { EDGE_API_TOKENS: `demo:${LOCAL.apiToken},a:${OFFICE.servicing}:write+servicing,b:${OFFICE.write}:write,c:only-token:servicing` } });
  ({ edge, sandbox } = both);
});
after(() => both?.stop());

const urlOf = (page, id) => `${edge.url}${page.path}/servicing-actions/${id}`;
const readAction = (page, id, headers = page.bearer) => fetch(urlOf(page, id), { headers });
const confirm = (page, servicing_action_id, is_confirmed) => page.post("servicing-confirmation", { servicing_action_id, is_confirmed });
const reads = async () => (await callsOf(sandbox, "get-servicing")).length;

async function shownAction(page, id) {
  const response = await readAction(page, id);
  assert.equal(response.status, 200);
  return response.json();
}

/** The action as Canopy's API gives it to the team. */
async function theirs(id) {
  const authorization = `Basic ${Buffer.from(`${LOCAL.clientId}:${LOCAL.clientSecret}`).toString("base64")}`;
  const response = await fetch(`${sandbox.url}/api/v1.0.0/teams/${LOCAL.teamId}/servicings/${id}`, { headers: { authorization } });
  assert.equal(response.status, 200);
  return response.json();
}

/** A page logged in with these changes; the first of them waits for its consumer. */
async function asked(servicing_actions = [SERVICING]) {
  const page = await openPage(edge, { token: OFFICE.servicing, servicing_actions });
  await page.live();
  const { pull_id } = await page.ask("connect", await loginOf(sandbox, "user_good"));
  const { servicing } = await page.shown((document) => document.servicing.length > 0, "action to confirm");
  return { page, pull_id, id: servicing[0].servicing_action_id };
}

test("a change is shown as Canopy gives it, answered once, and carried out", async () => {
  const { page, pull_id, id } = await asked();
  assert.deepEqual((await page.document()).servicing, [{ servicing_action_id: id, answer: null }]);
  const original = await theirs(id);
  const shown = await shownAction(page, id);
  const { type, status, confirmation_data } = original;
  assert.deepEqual(shown, { servicing_action_id: id, type, status, confirmation_data });
  assert.deepEqual([shown.type, shown.status], ["ADD_MORTGAGEE", "WAITING_FOR_CONSUMER_CONFIRMATION"]);
  assert.equal(shown.confirmation_data.after.name, SERVICING.payload.name);
  assert.ok("payload" in original, "Canopy gives more than that");

  const clicks = await Promise.all([confirm(page, id, true), confirm(page, id, true)]);
  assert.deepEqual(clicks.map((answer) => answer.status).toSorted(), [200, 409]);
  for (const is_confirmed of [true, false]) await assertProblem(await confirm(page, id, is_confirmed), 409, "ALREADY_ANSWERED");
  assert.equal((await callsOf(sandbox, "post-servicing-action", pull_id)).length, 1);
  // The end may have come while the answer was still on its way.
  await page.shown((document) => document.complete, "end");
  assert.deepEqual((await page.document()).servicing, [{ servicing_action_id: id, answer: "confirmed" }]);

  const before = await reads();
  assert.equal((await shownAction(page, id)).status, "SUCCESS", "it is read anew");
  await shownAction(page, id);
  assert.equal(await reads(), before + 2, "each time");
  const kept = JSON.stringify([page.documents, await page.document(), await backOfficeOf(edge).pull(pull_id)]) + edge.log();
  for (const detail of [SERVICING.payload.name, SERVICING.payload.loan_number, SERVICING.payload.carrier_policy_number]) assert.ok(!kept.includes(detail), `${detail} is kept nowhere`);
});

test("of two changes each has its own answer", async () => {
  const { page, pull_id, id } = await asked([SERVICING, REMOVAL]);
  await page.ask("servicing-confirmation", { servicing_action_id: id, is_confirmed: false });
  const both = await page.shown((document) => document.servicing.length === 2, "second action");
  const { servicing_action_id: second } = both.servicing.find((action) => action.servicing_action_id !== id);
  assert.deepEqual((await shownAction(page, second)).confirmation_data.after, null);
  await page.ask("servicing-confirmation", { servicing_action_id: second, is_confirmed: true });
  await page.shown((document) => document.complete, "end");
  const answers = Object.fromEntries((await page.document()).servicing.map((action) => [action.servicing_action_id, action.answer]));
  assert.deepEqual(answers, { [id]: "rejected", [second]: "confirmed" });
  assert.deepEqual([(await theirs(id)).status, (await theirs(second)).status], ["UNCONFIRMED", "SUCCESS"]);
  assert.equal((await callsOf(sandbox, "post-servicing-action", pull_id)).length, 2);
});

test("an action is for the session that was asked, and Canopy is asked for no other", async () => {
  const { page, id } = await asked();
  const stranger = await openPage(edge);
  const { id: strangers, page: other } = await asked();
  const hosted = await openPage(edge);
  const pull_id = randomUUID();
  const meta_data = { edge_session: hosted.session_id };
  await hosted.live();
  await postWebhook(edge, webhook(pull_id, "SERVICING_WAITING_FOR_CONSUMER_CONFIRMATION", { meta_data, data: { servicing_action_id: id } }));
  await hosted.shown((document) => document.phase === "followed" && document.servicing.length === 1, "followed pull");

  const before = await reads();
  for (const token of [stranger.token, other.token]) await assertProblem(await readAction(page, id, { ...page.bearer, authorization: `Bearer ${token}` }), 401, "UNAUTHORIZED");
  await assertProblem(await readAction(page, id, { origin: edge.url }), 401, "UNAUTHORIZED");
  await assertProblem(await readAction(page, id, { ...page.bearer, origin: "https://evil.example" }), 403, "ORIGIN_NOT_ALLOWED");
  for (const [of, action] of [[stranger, id], [other, id], [page, strangers], [hosted, id]]) await assertProblem(await readAction(of, action), 404, "NOT_FOUND");
  for (const action of [randomUUID(), "x", id.slice(1), id.toUpperCase(), `${id}%2f..`, "a".repeat(5000)]) await assertProblem(await readAction(page, action), 404, "NOT_FOUND");
  await assertProblem(await fetch(urlOf(page, id), { method: "POST", headers: page.bearer }), 405, "METHOD_NOT_ALLOWED");
  assert.equal(await reads(), before, "no call reached Canopy");

  const { authorization } = page.bearer;
  assert.equal((await readAction(page, id, { authorization })).status, 200, "a GET of the edge's own page carries no Origin");
});

test("a change that Canopy does not give is not made up, and can be read again", async () => {
  const { page, id } = await asked();
  const steps = [{ status: 404 }, { status: 401 }, { status: 429 }, { status: 500 }, { truncate: true }];
  await control(sandbox, "POST", "/faults", { operation: "get-servicing", steps });
  for (const step of steps) {
    const before = await reads();
    await assertProblem(await readAction(page, id), 502, "CANOPY_FAILED");
    assert.equal(await reads(), before + 1, JSON.stringify(step));
  }
  assert.equal((await shownAction(page, id)).servicing_action_id, id);
});

test("changes go to Canopy with the first login alone", async () => {
  const page = await openPage(edge, { token: OFFICE.servicing, servicing_actions: [SERVICING] });
  await page.live();
  const { pull_id } = await page.ask("connect", await loginOf(sandbox, "user_bad"));
  await page.shown(authOf("NOT_AUTHENTICATED"), "refusal");
  await page.ask("connect", await loginOf(sandbox, "user_good"));
  const { servicing } = await page.shown((document) => document.servicing.length > 0, "action to confirm");
  assert.equal((await shownAction(page, servicing[0].servicing_action_id)).type, SERVICING.type);
  await page.ask("servicing-confirmation", { servicing_action_id: servicing[0].servicing_action_id, is_confirmed: true });
  const done = await page.shown((document) => document.complete, "end");
  assert.deepEqual([done.pull_id, done.servicing.length], [pull_id, 1]);
});

test("a page chooses no change, and alters none", async () => {
  const login = await loginOf(sandbox, "user_good");
  const before = (await callsOf(sandbox, "post-consent-and-connect")).length;
  const pages = [await openPage(edge), await openPage(edge, { token: OFFICE.servicing, servicing_actions: [SERVICING], metadata: { lead_id: "L-9" } })];
  for (const page of pages) {
    for (const servicing_actions of [[SERVICING], [REMOVAL], [], "x"]) {
      const problem = await assertProblem(await page.post("connect", { ...login, servicing_actions }), 400, "INPUT_INVALID");
      assert.match(problem.detail, /^servicing_actions: .*back office/);
    }
    assert.deepEqual([(await page.document()).phase, (await page.document()).pull_id], ["open", null]);
  }
  assert.equal((await callsOf(sandbox, "post-consent-and-connect")).length, before, "no call reached Canopy");
  assert.equal((await pages[0].ask("connect", { ...login, servicing_actions: null })).phase, "connected");
  // What a page says besides is not heard: metadata is of the opening.
  const { pull_id } = await pages[1].ask("connect", { ...login, metadata: { lead_id: "L-1" }, meta_data: { lead_id: "L-1" } });
  const { meta_data } = await backOfficeOf(edge).seen(pull_id, (pull) => pull.meta_data.lead_id, "metadata");
  assert.equal(meta_data.lead_id, "L-9");
});

test("a session of the back office is for its page's origin, and takes no pull that it did not begin", async () => {
  const page = await openPage(edge, { token: OFFICE.write });
  const pull_id = randomUUID();
  await postWebhook(edge, webhook(pull_id, "POLICIES_AVAILABLE", { status: "SUCCESS", meta_data: { edge_session: page.session_id } }));
  await backOfficeOf(edge).seen(pull_id, (pull) => pull.policies_available, "the pull");
  assert.deepEqual([(await page.document()).phase, (await page.document()).pull_id], ["open", null]);
  for (const origin of ["https://evil.example", edge.url.replace("127.0.0.1", "localhost")]) {
    const headers = { ...page.bearer, origin };
    await assertProblem(await fetch(`${edge.url}${page.path}`, { headers }), 403, "ORIGIN_NOT_ALLOWED");
  }
});

test("who opens a session says what it may", async () => {
  const open = (token, body) => fetch(`${edge.url}/api/v1/sessions`, { method: "POST", headers: { ...(token && { authorization: `Bearer ${token}` }) }, body: typeof body === "string" ? body : JSON.stringify(body) });
  const wanted = { origin: edge.url, servicing_actions: [SERVICING] };
  for (const token of [undefined, "wrong-token"]) await assertProblem(await open(token, wanted), 401, "UNAUTHORIZED");
  for (const [token, scope] of [[OFFICE.write, "servicing"], ["only-token", "write"], [LOCAL.apiToken, "servicing"]]) {
    assert.match((await assertProblem(await open(token, wanted), 403, "SCOPE_MISSING")).detail, new RegExp(scope));
  }
  await assertProblem(await open(OFFICE.servicing, { ...wanted, origin: "https://evil.example" }), 403, "ORIGIN_NOT_ALLOWED");
  for (const [body, code] of [
    ["", "BODY_MALFORMED"],
    ["[]", "BODY_MALFORMED"],
    [{}, "INPUT_INVALID"],
    [{ ...wanted, mode: "hosted" }, "INPUT_INVALID"],
    [{ ...wanted, metadata: { edge_session: "s" } }, "INPUT_INVALID"],
    ...["x", [], ["x"], Array(11).fill(SERVICING), [{ type: "X" }], { ...SERVICING }].map((servicing_actions) => [{ ...wanted, servicing_actions }, "INPUT_INVALID"]),
  ]) {
    await assertProblem(await open(OFFICE.servicing, body), 400, code);
  }
  await assertProblem(await open(OFFICE.servicing, "x".repeat(64 * 1024 + 1)), 413, "BODY_TOO_LARGE");
  const { entries } = await backOfficeOf(edge).read("/api/v1/audit?caller=a&limit=1");
  assert.deepEqual([entries[0].operation, entries[0].method, entries[0].status], ["/api/v1/sessions", "POST", 413]);
});

test("what Canopy refuses to change is told, and may be signed in for again", async () => {
  const page = await openPage(edge, { token: OFFICE.servicing, servicing_actions: [{ ...SERVICING, type: "SELL_HOUSE" }] });
  for (let count = 0; count < 2; count += 1) await assertProblem(await page.post("connect", await loginOf(sandbox, "user_good")), 422, "CANOPY_REFUSED");
  assert.equal((await page.document()).phase, "open");
  const most = await openPage(edge, { token: OFFICE.servicing, servicing_actions: Array(10).fill(SERVICING) });
  assert.equal((await most.ask("connect", await loginOf(sandbox, "user_good"))).phase, "connected");
});
