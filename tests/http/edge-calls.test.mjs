// What is asked of Canopy about a pull, through the edge, stands in that pull's log; and a pull that is read is fetched anew.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { backOfficeOf, callsOf, isSettled, loginOf, openPage, SERVICING, until } from "../edge-client.mjs";
import { startBoth, startEdge, temporaryDirectory } from "../harness.mjs";
import { WHOLE } from "../tapped-edge.mjs";

const PREFIX = "/canopy/api/v1.0.0/teams/-";
const TOKENS = { EDGE_API_TOKENS: `whole:${WHOLE}:read+write+servicing+admin` };
const persist = temporaryDirectory();

let both, office, pull_id;

before(async () => {
  both = await startBoth({ edgeEnv: TOKENS, edgePersist: persist });
  office = backOfficeOf(both.edge, WHOLE);
  const page = await openPage(both.edge);
  ({ pull_id } = await page.ask("connect", await loginOf(both.sandbox, "user_good")));
  await office.seen(pull_id, (pull) => pull.complete && isSettled(pull), "the pull");
});
after(() => both?.stop());

async function ask(method, path, json, headers = {}) {
  const response = await office.call(path, { method, body: json && JSON.stringify(json), headers });
  const text = await response.text();
  return { status: response.status, body: JSON.parse(text), request_id: response.headers.get("x-request-id") };
}
const calls = async (id = pull_id) => (await office.events(id)).filter((event) => event.kind === "call");

test("each kind of call on a known pull is an entry of its log, with who asked, and no word of what was sent", async () => {
  const done = [];
  const touch = async (operation, more, ...asking) => {
    const { status, body, request_id } = await ask(...asking);
    assert.equal(status, 200, `${operation}: ${JSON.stringify(body)}`);
    done.push({ operation, caller: "whole", request_id, status, ...more(body) });
    return body;
  };
  const nothing = () => ({});
  await touch("patch-pull-by-id", nothing, "PATCH", `${PREFIX}/pulls/${pull_id}`, { is_archived: true });
  await touch("post-pull-policy-check", nothing, "POST", `${PREFIX}/pulls/${pull_id}/policyCheck`, { policy_check_settings: { vehicle: { POLICY_NOT_ACTIVE: true } } });
  const { monitoring } = await touch("post-monitoring", ({ monitoring }) => ({ monitoring_id: monitoring.monitoring_id }), "POST", `${PREFIX}/monitorings`, { pull_id, interval: "P30D" });
  const of = () => ({ monitoring_id: monitoring.monitoring_id });
  await touch("patch-monitoring", of, "PATCH", `${PREFIX}/monitorings/${monitoring.monitoring_id}`, { interval: "P60D" });
  await touch("delete-monitoring", of, "DELETE", `${PREFIX}/monitorings/${monitoring.monitoring_id}`);
  const made = await touch("post-servicings", ({ servicing_action_ids }) => ({ servicing_action_ids }), "POST", `${PREFIX}/servicings`, { pull_id, servicing_actions: [SERVICING] });
  const events = await calls();
  assert.deepEqual(events.map((event) => event.body), done);
  assert.ok(events.every((event) => event.event_type === null && event.outcome === "applied"));
  for (const word of [SERVICING.payload.name, SERVICING.payload.loan_number, "is_archived", "P60D", "eyJ"]) assert.ok(!JSON.stringify(events).includes(word), word);

  // The consumer's own answer, by the token that was given for it.
  await office.seen(made.pull_id, (pull) => pull.servicing.length > 0, "the question");
  const confirmation = { servicing_action_id: made.servicing_action_ids[0], is_confirmed: true };
  const path = `/canopy/api/v1.0.0/widget/pull/${made.pull_id}/servicingAction`;
  const confirmed = await fetch(both.edge.url + path, { method: "POST", body: JSON.stringify(confirmation), headers: { "pull-jwt": made.pull_jwt } });
  assert.equal(confirmed.status, 200);
  const [answer] = await calls(made.pull_id);
  assert.deepEqual([answer.body.operation, answer.body.caller, answer.body.servicing_action_ids], ["post-servicing-action", "whole (consumer)", [confirmation.servicing_action_id]]);
});

test("a refresh stands in the log of the pull that it begins", async () => {
  const { body } = await ask("POST", `${PREFIX}/monitorings`, { pull_id, interval: "P30D" });
  const refreshed = await ask("POST", `${PREFIX}/monitorings/${body.monitoring.monitoring_id}/refresh`);
  assert.equal(refreshed.status, 200);
  await office.seen(refreshed.body.pull_id, (pull) => pull.complete && isSettled(pull), "the refreshed pull");
  const [{ body: called }, ...more] = await calls(refreshed.body.pull_id);
  assert.deepEqual([called.operation, called.monitoring_id, more], ["post-monitoring-refresh", body.monitoring.monitoring_id, []]);
});

test("an answer that is given again leaves no second entry, and what was refused none", async () => {
  const before = (await calls()).length;
  const key = { "idempotency-key": randomUUID() };
  const json = { pull_id, servicing_actions: [SERVICING] };
  for (let count = 0; count < 3; count += 1) assert.equal((await ask("POST", `${PREFIX}/servicings`, json, key)).status, 200);
  assert.equal((await calls()).length, before + 1);
  assert.equal((await ask("PATCH", `${PREFIX}/pulls/${pull_id}`, { is_archived: "no" })).status, 400);
  assert.equal((await calls()).length, before + 1);
});

test("a call on a pull that is not known makes none of it", async () => {
  const other = await startEdge({ sandbox: both.sandbox, env: TOKENS });
  const asked = await backOfficeOf(other, WHOLE).call(`${PREFIX}/pulls/${pull_id}`, { method: "PATCH", body: '{"is_archived":false}' });
  assert.equal(asked.status, 200);
  assert.equal(await backOfficeOf(other, WHOLE).known(pull_id), undefined);
  await other.stop();
});

test("what stands in the log outlives the edge", async () => {
  const before = await calls();
  await both.edge.kill9();
  both.edge = await startEdge({ sandbox: both.sandbox, persist, port: both.edge.port, env: TOKENS });
  office = backOfficeOf(both.edge, WHOLE);
  assert.deepEqual(await calls(), before);
  await office.seen(pull_id, isSettled, "the copies");
});

test("a pull that is read through the proxy is fetched anew, at most once in ten seconds, and in its own form", async () => {
  const page = await openPage(both.edge);
  const { pull_id } = await page.ask("connect", await loginOf(both.sandbox, "user_good"));
  await office.seen(pull_id, (pull) => pull.complete && isSettled(pull), "the pull");
  const versions = async () => (await office.pull(pull_id)).snapshots.length;
  const fetches = async () => (await callsOf(both.sandbox, "get-pull-by-id", pull_id)).length;
  const read = (query = "") => ask("GET", `${PREFIX}/pulls/${pull_id}${query}`);
  assert.equal((await ask("PATCH", `${PREFIX}/pulls/${pull_id}`, { is_archived: true })).status, 200);
  const [known, asked] = [await versions(), await fetches()];
  await read();
  assert.deepEqual([await versions(), await fetches()], [known, asked + 1], "it was fetched a moment ago");

  await pause(10_000);
  await read("?withPropertyData=true");
  assert.equal(await fetches(), asked + 2, "another form is no newer version");
  const { body } = await read();
  await until(async () => (await versions()) === known + 1, "the newer version");
  const latest = await (await office.call(`/api/v1/pulls/${pull_id}/snapshots/latest`)).json();
  assert.deepEqual([latest.pull.is_archived, latest], [true, body]);
  await read();
  await office.seen(pull_id, isSettled, "the copies");
  assert.equal(await fetches(), asked + 5);
});
