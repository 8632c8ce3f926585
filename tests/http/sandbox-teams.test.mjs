// The sandbox's two teams on the real workerd: each has what is its own, and finds nothing of the other's.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { LOCAL, startSandbox } from "../harness.mjs";
import { isSigned, startReceiver } from "../receiver.mjs";
import { SECOND, authStatus, clientOf, consent, isEvent, nobody, team } from "../sandbox-client.mjs";

const own = `/teams/${SECOND.teamId}`;
const action = {
  type: "ADD_MORTGAGEE",
  payload: { carrier_policy_number: "HO132483", name: "BANK", address: "PO BOX 1, ATLANTA, GA 30362", loan_number: "1", mortgagee_type: "FIRST" },
};

let sandbox, receiver, secondReceiver, first, second, hook;

before(async () => {
  receiver = await startReceiver({ secret: LOCAL.signingSecret });
  secondReceiver = await startReceiver({ secret: "unused" });
  sandbox = await startSandbox({ env: { SANDBOX_HOOK_URL: receiver.url } });
  first = clientOf(sandbox, receiver);
  second = clientOf(sandbox, secondReceiver, SECOND);
  hook = (await second.call("post-webhooks", `${own}/webhooks`, { json: { hookUrl: secondReceiver.url } })).body;
});
after(async () => {
  await sandbox?.stop();
  await receiver?.stop();
  await secondReceiver?.stop();
});

/** One of everything that the first team can have. */
async function belongings() {
  const { pull_id } = await first.completed("user_good");
  const { documents, policies } = (await first.call("get-pull-by-id", `${team}/pulls/${pull_id}`)).body.pull;
  const form = new FormData();
  for (const [name, value] of Object.entries(consent())) form.append(name, String(value));
  form.append("documents", new File(["%PDF"], "a.pdf"));
  const uploaded = (await first.call("post-consent-and-documents", "/widget/pull/consentAndDocuments", { form })).body.pull_id;
  const { answers } = (await first.call("get-pull-by-id", `${team}/pulls/${uploaded}`)).body.pull;
  const monitoring = (await first.call("post-monitoring", `${team}/monitorings`, { json: { pull_id, interval: "P30D" } })).body.monitoring.monitoring_id;
  const [servicing] = (await first.call("post-servicings", `${team}/servicings`, { json: { pull_id, servicing_actions: [action] } })).body.servicing_action_ids;
  const webhook = (await first.call("post-webhooks", `${team}/webhooks`, { json: { hookUrl: "http://127.0.0.1:9/" } })).body.webhook_id;
  const widget = (await first.call("post-widgets", `${team}/widgets`, { json: { public_alias: "firsts" } })).body.widget.widget_id;
  const policyForm = policies.flatMap((policy) => policy.forms_and_endorsements)[0].policy_form_id;
  return { pull_id, document: documents[0].document_id, policyForm, uploaded, field: answers[0].fields[0], monitoring, servicing, webhook, widget };
}

test("what is another team's is refused as what does not exist", async () => {
  const its = await belongings();
  const at = (path) => (id) => `${own}${path.replace("*", id)}`;
  const { consumer_flow_section_field_id: answer, value: [{ file_id }] } = its.field;
  const rows = [
    ["GET", its.pull_id, at("/pulls/*")],
    ["PATCH", its.pull_id, at("/pulls/*"), { is_archived: true }],
    ["GET", its.pull_id, at(`/pulls/*/documents/${its.document}/pdf`)],
    ["GET", its.pull_id, at(`/pulls/*/documents/${its.document}`)],
    ["GET", its.uploaded, at(`/pulls/*/answers/${answer}/files/${file_id}`)],
    ["POST", its.pull_id, at("/pulls/*/policyCheck"), {}],
    ["GET", its.pull_id, at("/pulls/*/policyCheck/pdf")],
    ["GET", its.policyForm, at("/policyForms/*")],
    ["GET", its.policyForm, (id) => `/policyforms/${id}/pdf`],
    ...["", "/events", "/reconnectToken"].map((rest) => ["GET", its.monitoring, at(`/monitorings/*${rest}`)]),
    ["PATCH", its.monitoring, at("/monitorings/*"), { status: "STOPPED" }],
    ["DELETE", its.monitoring, at("/monitorings/*")],
    ["POST", its.monitoring, at("/monitorings/*/refresh")],
    ["GET", its.pull_id, at("/monitorings?pull_id=*")],
    ["POST", its.pull_id, at("/monitorings"), (pull_id) => ({ pull_id, interval: "P30D" })],
    ["GET", its.servicing, at("/servicings/*")],
    ["GET", its.pull_id, at("/servicings?pull_id=*")],
    ["POST", its.pull_id, at("/servicings"), (pull_id) => ({ pull_id, servicing_actions: [action] })],
    ["PATCH", its.webhook, at("/webhooks/*"), { isActive: false }],
    ["DELETE", its.webhook, at("/webhooks/*")],
    ["GET", its.widget, at("/widgets/*")],
    ["PATCH", its.widget, at("/widgets/*"), { intro_title: "Mine" }],
    ["DELETE", its.widget, at("/widgets/*")],
    ["PUT", its.widget, at("/widgets/*/logo")],
  ];
  const before = (await first.control("GET", "/pulls")).pulls;
  for (const [method, foreign, path, json] of rows) {
    const ask = async (id, headers = second.basic, to = path(id)) => {
      const body = json && JSON.stringify(typeof json === "function" ? json(id) : json);
      const response = await fetch(`${sandbox.url}/api/v1.0.0${to}`, { method, body, headers, redirect: "manual" });
      return [response.status, await response.text()];
    };
    assert.deepEqual(await ask(foreign), await ask(nobody), `${method} ${path("*")}`);
    // The other team's own path is no way round.
    if (path("").startsWith(own)) assert.equal((await ask(foreign, second.basic, path(foreign).replace(own, team)))[1], '{"error":"UNAUTHORIZED"}');
  }
  assert.deepEqual((await first.control("GET", "/pulls")).pulls, before, "nothing was done, and no call counted");
  assert.equal((await first.call("get-monitoring", `${team}/monitorings/${its.monitoring}`)).body.monitoring.status, "ACTIVE");
  assert.equal((await first.call("get-widgetId", `${team}/widgets/${its.widget}`)).body.widget.intro_title, "Share your insurance");
});

test("each team lists its own, and its webhooks go to its own receivers", async () => {
  const [mine, theirs] = [await second.completed("user_good_home"), await first.completed("user_good_home")];
  const { pulls, total_pulls } = (await second.call("get-pulls", `${own}/pulls`)).body;
  assert.deepEqual([total_pulls, pulls.map((pull) => [pull.pull_id, pull.team_id, pull.public_alias])], [1, [[mine.pull_id, SECOND.teamId, SECOND.publicAlias]]]);
  const listed = (await first.call("get-pulls", `${team}/pulls?limit=100`)).body.pulls.map((pull) => pull.pull_id);
  assert.ok(listed.includes(theirs.pull_id) && !listed.includes(mine.pull_id));

  const arrived = secondReceiver.received.filter(({ body }) => body.pull_id === mine.pull_id);
  assert.ok(arrived.every(({ signature, raw, body }) => isSigned(hook.signing_secret, signature, raw) && body.team_id === SECOND.teamId));
  assert.deepEqual(first.eventsOf(mine.pull_id), []);
  assert.deepEqual(second.eventsOf(theirs.pull_id), []);
  const webhooks = (await second.call("get-webhooks", `${own}/webhooks`)).body.webhooks;
  assert.deepEqual(webhooks.map((it) => it.webhook_id), [hook.webhook_id]);
  assert.ok((await first.call("get-webhooks", `${team}/webhooks`)).body.webhooks.every((it) => it.webhook_id !== hook.webhook_id));

  const widgets = async (client, at) => (await client.call("get-widgets", `${at}/widgets`)).body.widgets.map((widget) => widget.public_alias);
  assert.deepEqual(await widgets(second, own), [SECOND.publicAlias]);
  assert.ok(!(await widgets(first, team)).includes(SECOND.publicAlias));
  const { monitoring } = (await second.call("post-monitoring", `${own}/monitorings`, { json: { pull_id: mine.pull_id, interval: "P30D" } })).body;
  assert.deepEqual((await second.call("get-monitorings", `${own}/monitorings`)).body.monitorings, [monitoring]);
  await second.call("post-servicings", `${own}/servicings`, { json: { pull_id: mine.pull_id, servicing_actions: [action] } });
  assert.equal((await second.call("get-servicings", `${own}/servicings`)).body.total_servicings, 1);
  assert.deepEqual((await second.call("get-team", own)).body, { team_id: SECOND.teamId, company_name: "Other Company", client_id: SECOND.clientId });
  assert.deepEqual((await first.control("GET", "/pulls")).pulls.filter((pull) => [mine.pull_id, theirs.pull_id].includes(pull.pull_id)).length, 2, "the overview shows all");
});

test("settings are a team's own", async () => {
  const json = { policy_check_settings: { vehicle: { MAX_COLLISION_DEDUCTIBLE_CENTS: 1 } } };
  await second.call("post-policy-check-team-settings", `${own}/policyChecks/settings`, { json });
  const [mine, theirs] = [await second.completed("user_good_auto"), await first.completed("user_good_auto")];
  const status = async (client, at, id) => (await client.call("get-pull-by-id", `${at}/pulls/${id}`)).body.pull.policy_check_status;
  assert.deepEqual([await status(second, own, mine.pull_id), await status(first, team, theirs.pull_id)], ["NOT_COMPLIANT", "NONE"]);
});

test("a pull begins for the team whose credentials or link it has", async () => {
  const tokens = await second.tokensOf("user_good_home");
  const json = consent({ insurerUsername: tokens.username, insurerPassword: tokens.password });
  const foreign = await second.call("post-consent-and-connect", "/widget/pull/consentAndConnect", { json });
  assert.deepEqual([foreign.status, foreign.body], [400, { error: "INVALID_PUBLIC_ALIAS" }]);
  const credentials = { username: "user_good_home", password: "pass_good" };
  const { pull_id } = await second.control("POST", "/link/start", { carrier_id: "statefarm", credentials, public_alias: SECOND.publicAlias });
  await second.arrived(pull_id, isEvent("COMPLETE"), "COMPLETE");
  assert.equal((await second.call("get-pull-by-id", `${own}/pulls/${pull_id}`)).body.pull.team_id, SECOND.teamId);
});

test("a reconnect token is taken from its own team, and by the link it is for", async () => {
  const { pull_id, pull_jwt } = await second.connected("user_optionless_mfa");
  await second.arrived(pull_id, authStatus("IDENTITY_VERIFICATION"), "the question for a code");
  await second.call("post-idv", `/widget/pull/${pull_id}/idv`, { json: { mfaValue: "123456" }, headers: { "pull-jwt": pull_jwt } });
  await second.arrived(pull_id, isEvent("COMPLETE"), "COMPLETE");
  const { monitoring } = (await second.call("post-monitoring", `${own}/monitorings`, { json: { pull_id, interval: "P30D" } })).body;
  const refresh = (await second.call("post-monitoring-refresh", `${own}/monitorings/${monitoring.monitoring_id}/refresh`)).body;
  const { data } = await second.arrived(refresh.pull_id, isEvent("MONITORING_RECONNECT"), "MONITORING_RECONNECT");
  const json = { reconnect_token: data.reconnect_token };
  const foreign = await first.call("post-reconnect-token", "/widget/pull/reconnectToken", { json });
  assert.deepEqual(foreign.body, { error: "INVALID_RECONNECT_TOKEN" });
  assert.equal((await second.control("POST", "/link/reconnect", json)).pull_id, refresh.pull_id);
});

test("a team that was made over the API is its maker's, and has nothing of theirs", async () => {
  const made = (await second.call("create-team", "/teams", { json: { company_name: "New" } })).body;
  const at = `/teams/${made.team.team_id}`;
  const itself = clientOf(sandbox, secondReceiver, { clientId: made.client_id, clientSecret: made.client_secret });
  for (const client of [itself, second]) assert.equal((await client.call("get-pulls", `${at}/pulls`)).body.total_pulls, 0);
  assert.equal((await first.call("get-pulls", `${at}/pulls`)).status, 401);
  assert.deepEqual((await itself.call("get-widgets", `${at}/widgets`)).body.widgets, []);
  assert.equal((await second.call("delete-team", at)).status, 200);
  assert.equal((await second.call("delete-team", own)).status, 404, "a team of the configuration stays");
});
