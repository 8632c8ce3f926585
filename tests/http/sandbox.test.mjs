// The sandbox's logins on the real workerd: each behaves as published, every answer and every webhook has the published form,
// and what is not allowed is refused.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { webhookErrors } from "../contract.mjs";
import { raw, rawStatus } from "../edge-client.mjs";
import { LOCAL, startSandbox } from "../harness.mjs";
import { startReceiver } from "../receiver.mjs";
import { authStatus, clientOf, consent, isEvent, nobody, team } from "../sandbox-client.mjs";

const users = JSON.parse(readFileSync(new URL("../../contract/sandbox-users.json", import.meta.url))).users;

let sandbox, receiver, client, call, control, connected, arrived, eventsOf, tokensOf;

before(async () => {
  receiver = await startReceiver({ secret: LOCAL.signingSecret });
  sandbox = await startSandbox({ env: { SANDBOX_HOOK_URL: receiver.url } });
  client = clientOf(sandbox, receiver);
  ({ call, control, connected, arrived, eventsOf, tokensOf } = client);
});
after(async () => {
  await sandbox?.stop();
  await receiver?.stop();
});

for (const user of users) {
  test(`${user.username} leads to ${user.outcome}`, async () => {
    const { pull_id, pull_jwt } = await connected(user.username, { password: user.password, meta_data: { lead: user.username } });
    const consumer = { "pull-jwt": pull_jwt };
    if (user.mfa === "options") {
      const { data } = await arrived(pull_id, authStatus("IDENTITY_VERIFICATION_OPTIONS"), "the options");
      const optionKey = Object.keys(data.mfa_options)[0];
      assert.equal((await call("post-idvoptions", `/widget/pull/${pull_id}/idvoptions`, { json: { optionKey }, headers: consumer })).status, 200);
    }
    if (user.mfa) {
      const asked = await arrived(pull_id, authStatus("IDENTITY_VERIFICATION"), "the question for a code");
      await call("post-idv", `/widget/pull/${pull_id}/idv`, { json: { mfaValue: "000000" }, headers: consumer });
      const again = await arrived(pull_id, authStatus("IDENTITY_VERIFICATION", asked.sequence), "the question again");
      assert.match(again.data.login_error_message, /wrong/);
      await call("post-idv", `/widget/pull/${pull_id}/idv`, { json: { mfaValue: "123456" }, headers: consumer });
    }
    const last = { SUCCESS: isEvent("COMPLETE"), NOT_AUTHENTICATED: authStatus("NOT_AUTHENTICATED") }[user.outcome] ?? isEvent("ERROR");
    const event = await arrived(pull_id, last, user.outcome);
    assert.equal(event.status, user.outcome);

    const { status, body } = await call("get-pull-by-id", `${team}/pulls/${pull_id}`);
    assert.equal(status, 200);
    assert.equal(body.pull.status, user.outcome);
    const { meta_data } = body.pull;
    assert.deepEqual(typeof meta_data === "string" ? JSON.parse(meta_data) : meta_data, { lead: user.username });
    assert.equal(body.pull.policies.length > 0, user.outcome === "SUCCESS" && !/no_policies|consumer_only/.test(user.username));
    if (user.outcome === "SUCCESS") {
      assert.equal(body.pull.no_policies, body.pull.policies.length === 0);
      await arrived(pull_id, isEvent("POLICIES_AVAILABLE"), "POLICIES_AVAILABLE");
      const policies = await receiver.until((all) => {
        const found = eventsOf(pull_id, all).filter(isEvent("POLICY_AVAILABLE"));
        return found.length === body.pull.policies.length && found;
      }, "a POLICY_AVAILABLE each");
      assert.deepEqual(new Set(policies.map((it) => it.data.policy_id)), new Set(body.pull.policies.map((it) => it.policy_id)));
    }
    if (/locked|unactivated/.test(user.username)) assert.match(event.data.login_error_message, /<a href="https:\/\//);

    const sequences = eventsOf(pull_id).filter(isEvent("AUTH_STATUS")).map((it) => it.sequence);
    assert.deepEqual([...sequences].sort((a, b) => a - b), sequences.map((_, index) => index + 1), "sequences go up by one from 1");
    for (const webhook of eventsOf(pull_id)) assert.deepEqual(webhookErrors(webhook), [], webhook.event_type);
  });
}

test("every webhook is signed over its raw bytes and carries the common fields", () => {
  assert.ok(receiver.received.length > users.length);
  for (const { signed, body } of receiver.received) {
    assert.ok(signed, body.event_type);
    for (const field of ["widget_id", "team_id", "pull_id", "status", "meta_data", "event_type", "account_identifier", "is_monitored", "monitoring", "data"]) {
      assert.ok(field in body, `${body.event_type} without ${field}`);
    }
  }
});

test("code 000001 ends in NOT_AUTHENTICATED with a message, and connect starts again", async () => {
  const { pull_id, pull_jwt } = await connected("user_optionless_mfa");
  const headers = { "pull-jwt": pull_jwt };
  await arrived(pull_id, authStatus("IDENTITY_VERIFICATION"), "the question for a code");
  // The older form of the call: no pull in the path.
  await call("post-idv", "/widget/pull/idv", { json: { mfaValue: "000001" }, headers });
  const refused = await arrived(pull_id, authStatus("NOT_AUTHENTICATED"), "the refusal");
  assert.ok(refused.data.login_error_message);
  const early = await call("post-idv", `/widget/pull/${pull_id}/idv`, { json: { mfaValue: "123456" }, headers });
  assert.deepEqual([early.status, early.body], [400, { error: "INVALID_ACTION" }]);
  const tokens = await tokensOf("user_good");
  const json = { insurerName: "statefarm", insurerUsername: tokens.username, insurerPassword: tokens.password };
  assert.equal((await call("post-connect", `/widget/pull/${pull_id}/connect`, { json, headers })).status, 200);
  await arrived(pull_id, isEvent("COMPLETE"), "COMPLETE");
});

test("two calls of consentAndConnect make two pulls, and the sandbox counts them", async () => {
  const one = await connected("user_good_home");
  const two = await connected("user_good_home");
  assert.notEqual(one.pull_id, two.pull_id);
  await arrived(two.pull_id, isEvent("COMPLETE"), "COMPLETE");
  await call("get-pull-by-id", `${team}/pulls/${two.pull_id}`);
  const { pulls } = await control("GET", "/pulls");
  const mine = pulls.filter((pull) => [one.pull_id, two.pull_id].includes(pull.pull_id));
  assert.equal(mine.length, 2);
  assert.deepEqual(mine[1].calls, { "get-pull-by-id": 1, "post-consent-and-connect": 1 });
});

test("calls without the right credentials are refused in the contract's form", async () => {
  const wrong = { authorization: `Basic ${Buffer.from("demo-client:wrong").toString("base64")}` };
  for (const headers of [{}, wrong, { authorization: "Bearer demo-token" }]) {
    const { status, body } = await call("get-pulls", `${team}/pulls`, { headers });
    assert.deepEqual([status, body], [401, { error: "UNAUTHORIZED" }]);
  }
  assert.equal((await call("get-pulls", `/teams/${nobody}/pulls`)).status, 401);
  const two = { "x-canopy-client-id": LOCAL.clientId, "x-canopy-client-secret": LOCAL.clientSecret };
  assert.equal((await call("get-pulls", `${team}/pulls`, { headers: two })).status, 200);
  const { pull_id, pull_jwt } = await connected("user_optionless_mfa");
  const other = await connected("user_optionless_mfa");
  for (const headers of [client.basic, { "pull-jwt": other.pull_jwt }, { "pull-jwt": `${pull_jwt}x` }]) {
    const { status, body } = await call("post-idv", `/widget/pull/${pull_id}/idv`, { json: { mfaValue: "1" }, headers });
    assert.deepEqual([status, body], [403, { error: "UNAUTHORIZED" }]);
  }
  const unknown = await call("post-idv", `/widget/pull/${nobody}/idv`, { json: { mfaValue: "1" }, headers: { "pull-jwt": pull_jwt } });
  assert.equal(unknown.status, 404);
  const productionKey = { "x-canopy-client-id": "production-client", "x-canopy-client-secret": "x" };
  const otherKey = await call("post-consent-and-connect", "/widget/pull/consentAndConnect", { json: consent(), headers: productionKey });
  assert.deepEqual([otherKey.status, otherKey.body], [400, { error: "INCORRECT_API_KEY_TYPE" }]);
  const elsewhere = await fetch(`${sandbox.url}/api/v1.0.0/nothing/here`, { headers: client.basic });
  assert.deepEqual([elsewhere.status, await elsewhere.json()], [404, { error: "NOT_FOUND" }]);
});

test("consentAndConnect refuses what the contract refuses", async () => {
  const { username, password } = await tokensOf("user_good");
  const good = consent({ insurerUsername: username, insurerPassword: password });
  const rows = [
    [{ device_identifier: "" }, 400, "MISSING_DEVICE_IDENTIFIER"],
    [{ consent_language: "" }, 400, "INVALID_CONSENT_LANGUAGE"],
    [{ consent_language: "x".repeat(1025) }, 400, "CONSENT_LANGUAGE_TOO_LONG"],
    [{ terms_version: 7 }, 404, "INVALID_PRIVACY_POLICY_TERM_ID"],
    [{ public_alias: "nobody" }, 400, "INVALID_PUBLIC_ALIAS"],
    [{ insurerName: "nobody" }, 400, "UNSUPPORTED_INSURER"],
    [{ insurerUsername: "user_good" }, 400, "INVALID_USERNAME"],
    [{ insurerUsername: password }, 400, "INVALID_USERNAME"],
    [{ insurerPassword: "pass_good" }, 400, "INVALID_PASSWORD"],
    [{ insurerName: "nationalgeneral" }, 400, "INVALID_THIRDFIELD"],
    [{ servicing_actions: [] }, 400, "MISSING_SERVICING_ACTIONS"],
    [{ servicing_actions: [{ type: "NOTHING" }] }, 400, "INVALID_SERVICING_ACTIONS"],
  ];
  const before = (await control("GET", "/pulls")).pulls.length;
  for (const [change, status, error] of rows) {
    const answer = await call("post-consent-and-connect", "/widget/pull/consentAndConnect", { json: { ...good, ...change } });
    assert.deepEqual([answer.status, answer.body], [status, { error }], JSON.stringify(change));
  }
  assert.equal((await control("GET", "/pulls")).pulls.length, before, "a refused call makes no pull");
});

test("what the document forbids of a query or a body is refused with a code of the operation", async () => {
  const { pull_id } = await connected("user_good_home");
  await arrived(pull_id, isEvent("COMPLETE"), "COMPLETE");
  const pull = `${team}/pulls/${pull_id}`;
  const { monitoring } = (await call("post-monitoring", `${team}/monitorings`, { json: { pull_id, interval: "P30D" } })).body;
  const one = `${team}/monitorings/${monitoring.monitoring_id}`;
  const { webhook_id } = (await call("post-webhooks", `${team}/webhooks`, { json: { hookUrl: receiver.url, eventTypes: [] } })).body;
  const rows = [
    ["get-servicings", `${team}/servicings?limit=0`, undefined, "INVALID_INPUT"],
    ["get-widgets", `${team}/widgets?limit=0`, undefined, "VALIDATION_ERROR"],
    ["get-pulls", `${team}/pulls?offset=x`, undefined, "VALIDATION_ERROR"],
    ["patch-pull-by-id", pull, { is_archived: null }, "INVALID_INPUT"],
    ["post-pull-policy-check", `${pull}/policyCheck`, { filters: { vehicle: { vin: 1 } } }, "INVALID_INPUT"],
    ["post-policy-check-team-settings", `${team}/policyChecks/settings`, { policy_check_settings: { vehicle: { DRIVER_REMOVED: null } } }, "INVALID_INPUT"],
    ["post-widgets", `${team}/widgets`, { public_alias: {} }, "INVALID_INPUT"],
    ["post-monitoring", `${team}/monitorings`, { pull_id, interval: "P30D", stop_after_date: null }, "INVALID_INPUT"],
    ["patch-monitoring", one, { stop_after_date: null }, "INVALID_STOP_AFTER"],
    ["patch-monitoring", one, { next_pull_date: 1 }, "INVALID_INTERVAL"],
    ["patch-monitoring", one, [], "INVALID_INTERVAL"],
    ["patch-webhook", `${team}/webhooks/${webhook_id}`, { eventTypes: null }, "INVALID_EVENT_TYPE"],
    ["patch-webhook", `${team}/webhooks/${webhook_id}`, { isActive: null }, "INVALID_IS_ACTIVE"],
    ["post-webhooks", `${team}/webhooks`, [], "INVALID_URL"],
    ["post-monitoring-refresh", `${team}/monitorings/x/refresh`, undefined, "NOT_FOUND"],
  ];
  for (const [operation, at, json, error] of rows) assert.deepEqual((await call(operation, at, { json })).body, { error }, `${operation} ${JSON.stringify(json)}`);
  // What it allows is taken, however large, long past or empty.
  for (const query of ["offset=99999999999999999999", "before=0037-05-17T11:40:01Z"]) assert.deepEqual((await call("get-pulls", `${team}/pulls?${query}`)).body.pulls, [], query);
  assert.equal((await call("patch-pull-by-id", pull)).status, 200);
  const settings = (await call("get-policy-check-team-settings", `${team}/policyChecks/settings`)).body;
  assert.deepEqual((await call("post-policy-check-team-settings", `${team}/policyChecks/settings`, { json: {} })).body, settings);
});

test("a team's name is text of at most 255 characters, and empty when none is given", async () => {
  const made = async (json) => {
    const response = await fetch(`${sandbox.url}/api/v1.0.0/teams`, { method: "POST", headers: client.basic, body: JSON.stringify(json) });
    return [response.status, (await response.json()).team?.company_name];
  };
  assert.deepEqual(await made({ company_name: "x".repeat(255) }), [200, "x".repeat(255)]);
  assert.deepEqual(await made({}), [200, ""]);
  for (const company_name of ["x".repeat(256), "", {}, null]) assert.deepEqual(await made({ company_name }), [400, undefined]);
});

test("a method that a path does not have is 405, also one that nobody knows", async () => {
  for (const method of ["DELETE", "QUERY", "TRACE"]) {
    const answer = await raw(sandbox, `${method} /api/v1.0.0/tos HTTP/1.1\r\nhost: sandbox\r\ncontent-length: 0\r\n\r\n`);
    assert.deepEqual([rawStatus(answer), /^allow: (.*)\r$/im.exec(answer)?.[1]], [405, "GET"], method);
  }
});

test("the page behind a link drives a pull without the team's credentials", async () => {
  for (const path of ["/sdk/v1.0.0/connect.js", "/v2/canopy-connect.js", "/v1/cc-components.js"]) {
    const script = await fetch(sandbox.url + path);
    assert.deepEqual([script.status, script.headers.get("content-type")], [200, "text/javascript; charset=utf-8"], path);
    assert.match(await script.text(), /CanopyConnect/);
  }
  for (const path of ["/c/demo", "/frames/field"]) assert.match(await (await fetch(sandbox.url + path)).text(), /^<!doctype html>/);
  const credentials = { username: "user_mfa", password: "pass_good" };
  const body = { carrier_id: "statefarm", credentials, public_alias: LOCAL.publicAlias, meta_data: { lead: "9" } };
  const { pull_id, pull_jwt } = await control("POST", "/link/start", body);
  await arrived(pull_id, authStatus("IDENTITY_VERIFICATION_OPTIONS"), "the options");
  const [[key]] = (await control("GET", `/link/${pull_jwt}`)).options;
  await control("POST", "/link/option", { pull_jwt, key });
  await arrived(pull_id, authStatus("IDENTITY_VERIFICATION"), "the question for a code");
  await control("POST", "/link/code", { pull_jwt, code: "123456" });
  assert.deepEqual((await arrived(pull_id, isEvent("COMPLETE"), "COMPLETE")).meta_data, { lead: "9" });
  assert.equal((await control("GET", `/link/${pull_jwt}`)).auth_status, "SUCCESS");
  assert.deepEqual(await control("GET", "/link/nobody"), { error: "NOT_FOUND" });
});

test("whatever reaches the sandbox beside its controls is recorded", async () => {
  await fetch(`${sandbox.url}/somewhere/else?a=1`);
  const last = (await control("GET", "/requests")).requests.at(-1);
  assert.deepEqual([last.path, last.query, last.operation, last.status], ["/somewhere/else", "a=1", null, 404]);
});
