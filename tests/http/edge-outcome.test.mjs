// A call whose answer was lost is looked for, by reads alone: what Canopy's lists or its webhooks show beyond doubt is its answer
// from then on, and what they do not stays unknown. On a real Worker that is killed, in front of the sandbox.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { assertProblem, backOfficeOf, callsOf, control, isSettled, loginOf, openPage, SERVICING, tokensOf, until } from "../edge-client.mjs";
import { answerErrors } from "../edge-contract.mjs";
import { freePort, LOCAL, startEdge, startSandbox, temporaryDirectory } from "../harness.mjs";
import { consent } from "../sandbox-client.mjs";
import { startStandIn } from "../stand-in.mjs";
import { WHOLE } from "../tapped-edge.mjs";

const PREFIX = "/canopy/api/v1.0.0";
/** As the edge counts. Source: crates/canopy/src/proxy/outcome. */
const LOOK_MILLIS = 3_000;
const persist = temporaryDirectory();

let sandbox, edge, port;

const start = (more) => startEdge({ sandbox, env: { EDGE_API_TOKENS: `whole:${WHOLE}:read+write+servicing+admin` }, ...more });

before(async () => {
  port = await freePort();
  sandbox = await startSandbox({ env: { SANDBOX_HOOK_URL: `http://127.0.0.1:${port}/webhooks/canopy` } });
  edge = await start({ port, persist });
});
after(async () => void (await Promise.all([edge?.stop(), sandbox?.stop()])));

const office = () => backOfficeOf(edge, WHOLE);
const read = (path) => office().read(PREFIX + path);
/** Asks with a key, or without one. */
const ask = (path, json, key = randomUUID(), { at = edge, ...headers } = {}) =>
  fetch(at.url + PREFIX + path, { method: "POST", body: json && JSON.stringify(json), headers: { authorization: `Bearer ${WHOLE}`, "content-type": "application/json", ...(key && { "idempotency-key": key }), ...headers } });
const fault = (operation, ...steps) => control(sandbox, "POST", "/faults", { operation, steps });
const countOf = async (operation) => (await callsOf(sandbox, operation)).length;

/** A pull that has come to its end. */
async function pullOf(username = "user_good") {
  const page = await openPage(edge);
  const { pull_id } = await page.ask("connect", await loginOf(sandbox, username));
  await office().seen(pull_id, (pull) => pull.complete && isSettled(pull), "the pull");
  return pull_id;
}

const change = (pull_id, more = {}) => ({ pull_id, servicing_actions: [{ ...SERVICING, ...more }] });
const actions = async () => (await read("/teams/-/servicings?limit=100")).servicings;
const logged = async (pull_id, operation) => (await office().events(pull_id)).filter(({ kind, body }) => kind === "call" && body.operation === operation).map(({ body }) => body);

/** Asks until it is shown; gives the answer, which is held against the edge's document. */
async function found(operation, path, json, key, more) {
  let last;
  const look = async () => {
    const response = await ask(path, json, key, more);
    const text = await response.text();
    if (response.status === 409) {
      last = JSON.parse(text);
      assert.equal(last.code, "OUTCOME_UNKNOWN");
      return pause(LOOK_MILLIS / 4);
    }
    assert.deepEqual([response.status, response.headers.get("x-edge-outcome"), response.headers.get("content-type")], [200, "found", "application/json"], text);
    assert.deepEqual(answerErrors(`canopy-${operation}`, 200, response.headers, Buffer.from(text)), [], text);
    return JSON.parse(text);
  };
  return until(look, "the outcome").catch((error) => {
    throw new Error(`${error.message}; last: ${last?.detail}`);
  });
}

/** Asks for what the sandbox takes, the answer lost on its way; gives the request's id. */
async function lost(operation, path, json, key, headers) {
  await fault(operation, { lost: true });
  const response = await ask(path, json, key, headers);
  const request_id = response.headers.get("x-request-id");
  await assertProblem(response, 409, "OUTCOME_UNKNOWN");
  return request_id;
}

/** Asks for what the sandbox does not take; whether it did is not said. */
async function untaken(operation, path, json, key) {
  await fault(operation, { hang: true, hang_ms: 50 });
  const response = await ask(path, json, key);
  assert.ok([409, 504].includes(response.status), await response.text());
}

async function staysUnknown(detail, path, json, key, more) {
  await pause(LOOK_MILLIS);
  const problem = await assertProblem(await ask(path, json, key, more), 409, "OUTCOME_UNKNOWN");
  assert.match(problem.detail, detail);
}

test("a servicing action whose answer was lost is found, is the answer from then on, and stands in the log", async () => {
  const [pull_id, key] = [await pullOf(), randomUUID()];
  const [before, sent] = [await actions(), await countOf("post-servicings")];
  const request_id = await lost("post-servicings", "/teams/-/servicings", change(pull_id), key);
  const answer = await found("post-servicings", "/teams/-/servicings", change(pull_id), key);
  const [made, ...more] = (await actions()).filter(({ servicing_action_id: id }) => !before.some(({ servicing_action_id }) => servicing_action_id === id));
  assert.deepEqual(more, []);
  assert.deepEqual(Object.keys(answer).toSorted(), ["pull_id", "servicing_action_ids"]);
  assert.deepEqual(answer.servicing_action_ids, [made.servicing_action_id]);
  assert.deepEqual(await found("post-servicings", "/teams/-/servicings", change(pull_id), key), answer);
  assert.equal(await countOf("post-servicings"), sent + 1);
  const called = { operation: "post-servicings", caller: "whole", request_id, status: 200, servicing_action_ids: answer.servicing_action_ids };
  assert.deepEqual(await logged(pull_id, "post-servicings"), [called]);
  await assertProblem(await ask("/teams/-/servicings", change(pull_id, { x: 1 }), key), 422, "IDEMPOTENCY_KEY_REUSED");
});

test("a kill in between costs the answer, and it is found", async () => {
  const [pull_id, key] = [await pullOf(), randomUUID()];
  const [before, sent] = [(await actions()).length, await countOf("post-servicings")];
  await fault("post-servicings", { delay_ms: 20_000 });
  const asking = ask("/teams/-/servicings", change(pull_id), key).catch(() => {});
  await until(async () => (await countOf("post-servicings")) > sent, "the call at Canopy");
  await edge.kill9();
  await asking;
  edge = await start({ port, persist });
  const { servicing_action_ids } = await found("post-servicings", "/teams/-/servicings", change(pull_id), key);
  assert.ok((await actions()).some((action) => action.servicing_action_id === servicing_action_ids[0]));
  assert.deepEqual([(await actions()).length, await countOf("post-servicings")], [before + 1, sent + 1]);
});

test("what Canopy did not take stays unknown, is never sent again, and is looked for now and then", async () => {
  const [pull_id, key] = [await pullOf(), randomUUID()];
  const [before, sent] = [(await actions()).length, await countOf("post-servicings")];
  await untaken("post-servicings", "/teams/-/servicings", change(pull_id), key);
  const looked = await countOf("get-pulls");
  const began = Date.now();
  for (let count = 0; count < 20; count += 1) {
    const problem = await assertProblem(await ask("/teams/-/servicings", change(pull_id), key), 409, "OUTCOME_UNKNOWN");
    assert.match(problem.detail, /Looked at the pulls that Canopy lists from .*: nothing shows it so far/);
  }
  const most = 1 + Math.ceil((Date.now() - began) / LOOK_MILLIS);
  const looks = (await countOf("get-pulls")) - looked;
  assert.ok(looks >= 1 && looks <= most, `${looks} looks`);
  await staysUnknown(/nothing shows it so far/, "/teams/-/servicings", change(pull_id), key);
  assert.deepEqual([(await actions()).length, await countOf("post-servicings")], [before, sent + 1]);
});

test("what may be another call's stays unknown", async () => {
  // Both lost, one of them taken: whose the action is cannot be told.
  const [pull_id, taken, not] = [await pullOf(), randomUUID(), randomUUID()];
  const sent = await countOf("post-servicings");
  await lost("post-servicings", "/teams/-/servicings", change(pull_id), taken);
  await untaken("post-servicings", "/teams/-/servicings", change(pull_id), not);
  for (const key of [taken, not]) await staysUnknown(/another call of the kind/, "/teams/-/servicings", change(pull_id), key);
  assert.equal(await countOf("post-servicings"), sent + 2);

  // One without a key that was answered, and one that was lost.
  const other = await pullOf();
  assert.equal((await ask("/teams/-/servicings", change(other), null)).status, 200);
  await lost("post-servicings", "/teams/-/servicings", change(other), taken + 1);
  await staysUnknown(/more than one could be it/, "/teams/-/servicings", change(other), taken + 1);

  // Two equal ones, one of them past the edge.
  const third = await pullOf();
  const basic = Buffer.from(`${LOCAL.clientId}:${LOCAL.clientSecret}`).toString("base64");
  const past = await fetch(`${sandbox.url}/api/v1.0.0/teams/${LOCAL.teamId}/servicings`, { method: "POST", body: JSON.stringify(change(third)), headers: { authorization: `Basic ${basic}` } });
  assert.equal(past.status, 200);
  await lost("post-servicings", "/teams/-/servicings", change(third), taken + 2);
  await staysUnknown(/more than one could be it/, "/teams/-/servicings", change(third), taken + 2);
});

test("a list that cannot be read shows nothing, and later it does", async () => {
  const [pull_id, key] = [await pullOf(), randomUUID()];
  await lost("post-servicings", "/teams/-/servicings", change(pull_id), key);
  await fault("get-pulls", { status: 500 });
  const problem = await assertProblem(await ask("/teams/-/servicings", change(pull_id), key), 409, "OUTCOME_UNKNOWN");
  assert.match(problem.detail, /could not be read/);
  await control(sandbox, "DELETE", "/faults");
  assert.equal((await found("post-servicings", "/teams/-/servicings", change(pull_id), key)).servicing_action_ids.length, 1);
});

/** What begins a pull. */
async function beginning(more) {
  const tokens = await tokensOf(sandbox, "user_good");
  return consent({ insurerUsername: tokens.username, insurerPassword: tokens.password, ...more });
}
const begun = async (lead) => (await control(sandbox, "GET", "/pulls")).pulls.filter(({ meta_data }) => meta_data?.lead_id === lead);

test("a pull whose beginning was lost is found by its webhooks, which show no mark", async () => {
  const [key, lead] = [randomUUID(), randomUUID()];
  const json = await beginning({ meta_data: { lead_id: lead, n: 1.1 } });
  await lost("post-consent-and-connect", "/widget/pull/consentAndConnect", json, key);
  const [pull, ...more] = await begun(lead);
  assert.deepEqual(more, []);
  const { edge_call, ...metadata } = pull.meta_data;
  assert.deepEqual([metadata, typeof edge_call], [json.meta_data, "string"]);
  await office().seen(pull.pull_id, (view) => view.complete && isSettled(view), "the pull");
  const listed = async () => (await office().read(`/api/v1/pulls?metadata.lead_id=${lead}`)).pulls.length === 1;
  await until(listed, "the pull's line in the list");
  const looks = await countOf("get-pulls");
  assert.deepEqual(await found("post-consent-and-connect", "/widget/pull/consentAndConnect", json, key), { pull_id: pull.pull_id });
  assert.equal(await countOf("get-pulls"), looks, "the webhooks had told of it");
  for (const path of [`/api/v1/pulls/${pull.pull_id}`, `/api/v1/pulls/${pull.pull_id}?read=copy`]) assert.deepEqual((await office().read(path)).meta_data, json.meta_data, path);
  assert.equal((await begun(lead)).length, 1);
});

test("a pull whose beginning was lost is found by Canopy's list where no webhook comes, with its servicing actions", async () => {
  const alone = await start();
  for (const [lead, more] of [[randomUUID(), {}], [randomUUID(), { servicing_actions: [SERVICING, { ...SERVICING, payload: { ...SERVICING.payload, loan_number: "2" } }] }]]) {
    const key = randomUUID();
    const json = await beginning({ meta_data: { lead_id: lead }, ...more });
    await lost("post-consent-and-connect", "/widget/pull/consentAndConnect", json, key, { at: alone });
    const answer = await found("post-consent-and-connect", "/widget/pull/consentAndConnect", json, key, { at: alone });
    const [{ pull_id }, ...others] = await begun(lead);
    assert.deepEqual([answer.pull_id, answer.servicing_action_ids?.length, others], [pull_id, more.servicing_actions?.length, []]);
  }
  // Without meta_data it is set, and of one that is no object nothing is changed: then nothing is known again.
  const [key, bare] = [randomUUID(), await beginning()];
  await lost("post-consent-and-connect", "/widget/pull/consentAndConnect", bare, key, { at: alone });
  assert.ok((await found("post-consent-and-connect", "/widget/pull/consentAndConnect", bare, key, { at: alone })).pull_id);
  const none = { ...(await beginning()), meta_data: null };
  await lost("post-consent-and-connect", "/widget/pull/consentAndConnect", none, key + 1, { at: alone });
  await staysUnknown(/no mark/, "/widget/pull/consentAndConnect", none, key + 1, { at: alone });
  await alone.stop();
});

test("a call without a key carries no mark", async () => {
  const lead = randomUUID();
  assert.equal((await ask("/widget/pull/consentAndConnect", await beginning({ meta_data: { lead_id: lead } }), null)).status, 200);
  assert.deepEqual((await begun(lead)).map(({ meta_data }) => meta_data), [{ lead_id: lead }]);
});

test("a monitoring, its refresh, a webhook and a widget are found", async () => {
  const [pull_id, key] = [await pullOf(), randomUUID()];
  const json = { pull_id, interval: "P30D" };
  const request_id = await lost("post-monitoring", "/teams/-/monitorings", json, key);
  const { monitoring, ...answer } = await found("post-monitoring", "/teams/-/monitorings", json, key);
  assert.deepEqual([answer, monitoring], [{ success: true }, (await read(`/teams/-/monitorings/${monitoring.monitoring_id}`)).monitoring]);
  assert.deepEqual((await logged(pull_id, "post-monitoring")).map((call) => [call.request_id, call.monitoring_id]), [[request_id, monitoring.monitoring_id]]);

  const path = `/teams/-/monitorings/${monitoring.monitoring_id}/refresh`;
  await lost("post-monitoring-refresh", path, undefined, key + 1);
  const refreshed = await found("post-monitoring-refresh", path, undefined, key + 1);
  const { pulls } = await read(`/teams/-/monitorings/${monitoring.monitoring_id}?with_pulls=true`);
  assert.deepEqual(pulls.map((pull) => pull.pull_id), [refreshed.pull_id, pull_id]);
  assert.equal((await logged(refreshed.pull_id, "post-monitoring-refresh")).length, 1);

  const hookUrl = `http://127.0.0.1:9/${key}`;
  await lost("post-webhooks", "/teams/-/webhooks", { hookUrl, eventTypes: ["COMPLETE"] }, key + 2);
  const hook = await found("post-webhooks", "/teams/-/webhooks", { hookUrl, eventTypes: ["COMPLETE"] }, key + 2);
  const known = (await read("/teams/-/webhooks")).webhooks.filter(({ url }) => url === hookUrl);
  assert.deepEqual(known.map(({ webhook_id, signing_secret }) => ({ webhook_id, signing_secret })), [hook]);

  const widget = { public_alias: `w-${key.slice(0, 8)}`, company_name: "Maple" };
  await lost("post-widgets", "/teams/-/widgets", widget, key + 3);
  const made = await found("post-widgets", "/teams/-/widgets", widget, key + 3);
  assert.deepEqual([made.success, made.widget.public_alias], [true, widget.public_alias]);
});

test("what was there before is not taken for what was asked", async () => {
  const [pull_id, key] = [await pullOf(), randomUUID()];
  const json = { pull_id, interval: "P30D" };
  assert.equal((await ask("/teams/-/monitorings", json, null)).status, 200);
  await untaken("post-monitoring", "/teams/-/monitorings", json, key);
  await staysUnknown(/Looked at the monitorings of the pull: nothing shows it so far/, "/teams/-/monitorings", json, key);
  // Where that could not be read, the call is made all the same, and nothing is concluded.
  await fault("get-monitorings", { status: 500 });
  await lost("post-monitoring", "/teams/-/monitorings", json, key + 1);
  await staysUnknown(/what there was before is not known/, "/teams/-/monitorings", json, key + 1);
});

test("a confirmation is found when the action stands as it was asked", async () => {
  const pull_id = await pullOf();
  for (const is_confirmed of [true, false]) {
    const made = await (await ask("/teams/-/servicings", change(pull_id), null)).json();
    await office().seen(made.pull_id, (pull) => pull.servicing.length > 0, "the question");
    const path = `/widget/pull/${made.pull_id}/servicingAction`;
    const json = { servicing_action_id: made.servicing_action_ids[0], is_confirmed };
    const more = { "pull-jwt": made.pull_jwt };
    const [key, sent] = [randomUUID(), await countOf("post-servicing-action")];
    await lost("post-servicing-action", path, json, key, more);
    assert.deepEqual(await found("post-servicing-action", path, json, key, more), { pull_id: made.pull_id });
    assert.equal(await countOf("post-servicing-action"), sent + 1);
    assert.equal((await logged(made.pull_id, "post-servicing-action")).length, 1);
  }
});

test("what no list shows stays unknown and says so", async () => {
  const key = randomUUID();
  const { insurerUsername, insurerPassword, ...given } = await beginning();
  const json = { ...given, insurerName: "progressive", searchType: "AUTO_POLICY", searchData: { a: "b" } };
  await lost("post-policy-search", "/teams/-/policySearch", json, key);
  const problem = await assertProblem(await ask("/teams/-/policySearch", json, key), 409, "OUTCOME_UNKNOWN");
  assert.match(problem.detail, /Canopy lists nothing that would show it/);
});

test("only the edge says that an answer was found", async () => {
  const canopy = await startStandIn(() => ({ body: { pull_id: "p-1" }, headers: { "x-edge-outcome": "found" } }));
  const other = await start({ sandbox: canopy });
  for (const key of [null, "a", "a"]) assert.equal((await ask("/teams/-/servicings", change("p-1"), key, { at: other })).headers.get("x-edge-outcome"), null);
  assert.equal(canopy.calls.length, 2);
  await Promise.all([other.stop(), canopy.stop()]);
});
