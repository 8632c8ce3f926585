// Every operation of the published document, on the real workerd: its answers have the published form.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { contract, operations, webhookErrors } from "../contract.mjs";
import { LOCAL, startSandbox } from "../harness.mjs";
import { isSigned, startReceiver } from "../receiver.mjs";
import { authStatus, clientOf, consent, isEvent, nobody, team } from "../sandbox-client.mjs";
import { startTappedEdge } from "../tapped-edge.mjs";

const addMortgagee = {
  type: "ADD_MORTGAGEE",
  payload: { carrier_policy_number: "HO132483", name: "BANK", address: "PO BOX 1, ATLANTA, GA 30362", loan_number: "1", mortgagee_type: "FIRST" },
};

/** Whether all of it goes through the edge: see edge-operations.test.mjs. */
const THROUGH_EDGE = process.env.THROUGH === "edge";

let sandbox, receiver, edge, client, call, completed, connected, arrived;

before(async () => {
  receiver = await startReceiver({ secret: LOCAL.signingSecret });
  sandbox = await startSandbox({ env: { SANDBOX_HOOK_URL: receiver.url } });
  if (THROUGH_EDGE) edge = await startTappedEdge(sandbox);
  client = clientOf(sandbox, receiver, edge);
  ({ call, completed, connected, arrived } = client);
});
after(async () => {
  await edge?.stop();
  await sandbox?.stop();
  await receiver?.stop();
});

test("terms, carriers and health need no credentials of Canopy's", async () => {
  const headers = THROUGH_EDGE ? client.basic : {};
  assert.deepEqual((await call("get-health", "/health", { headers })).body, { healthy: true });
  assert.equal((await call("get-tos", "/tos", { headers })).body.terms_version, 1);
  const carriers = (await call("get-carriers", "/carriers", { headers })).body;
  assert.ok(carriers.length > 200);
  assert.ok(carriers.some((it) => it.thirdFieldPlaceholder) && carriers.some((it) => it.disablePasswordField));
  const commercial = (await call("get-carriers", "/carriers?products=commercial", { headers })).body;
  assert.ok(commercial.length > 0 && commercial.every((it) => it.products.includes("commercial")));
  const one = await call("get-carrier", `/carriers/${carriers[3].carrier_id}`, { headers });
  assert.deepEqual(one.body, carriers[3]);
  assert.equal((await call("get-carrier", "/carriers/nobody", { headers })).status, 404);
});

test("consent gives a token", async () => {
  const { body } = await call("post-consent", "/consent", { json: consent() });
  assert.match(body.consent_token, /^[0-9a-f-]{36}$/);
  assert.equal((await call("post-consent", "/consent", { json: consent({ terms_version: 2 }) })).status, 404);
});

test("pulls are listed by time and page, newest first, and can be archived", async () => {
  const made = [];
  for (let count = 0; count < 3; count += 1) made.push((await completed("user_good_home")).pull_id);
  const list = async (query) => (await call("get-pulls", `${team}/pulls?${query}`)).body;
  const all = await list("limit=100");
  assert.equal(all.total_pulls, all.pulls.length);
  assert.deepEqual(all.pulls.slice(0, 3).map((pull) => pull.pull_id), made.toReversed());
  const page = await list("limit=1&offset=1");
  assert.deepEqual([page.total_pulls, page.pulls[0].pull_id], [all.total_pulls, made[1]]);
  const middle = encodeURIComponent(all.pulls[1].created_at);
  assert.ok((await list(`since=${middle}`)).pulls.every((pull) => pull.created_at >= all.pulls[1].created_at));
  assert.ok((await list(`before=${middle}`)).pulls.some((pull) => pull.pull_id === made[1]));
  for (const query of ["limit=0", "limit=101", "limit=x", "since=yesterday"]) {
    assert.deepEqual((await call("get-pulls", `${team}/pulls?${query}`)).body, { error: "VALIDATION_ERROR" }, query);
  }
  const pull = `${team}/pulls/${made[0]}`;
  assert.equal((await call("patch-pull-by-id", pull, { json: { is_archived: true } })).status, 200);
  assert.equal((await call("get-pull-by-id", `${pull}?withPropertyData=true`)).body.pull.is_archived, true);
  assert.equal((await call("patch-pull-by-id", pull, { json: { is_archived: "yes" } })).status, 400);
  assert.deepEqual((await call("get-pull-by-id", `${team}/pulls/${nobody}`)).body, { error: "NOT_FOUND" });
  assert.deepEqual((await call("get-pull-by-id", `${team}/pulls/x`)).body, { error: "VALIDATION_ERROR" });
});

test("documents are PDFs, streamed or behind a signed URL that needs no credentials and belongs to one file", async () => {
  const { pull_id } = await completed("user_good_complete");
  const pull = `${team}/pulls/${pull_id}`;
  const { documents, policies } = (await call("get-pull-by-id", pull)).body.pull;
  assert.ok(documents.length > 5);
  const titles = new Set();
  for (const document of documents) {
    const path = `${pull}/documents/${document.document_id}`;
    assert.equal(document.download_url, `${sandbox.url}/api/v1.0.0${path}`);
    const { body: streamed, headers } = await call("get-document-by-id", `${path}/pdf`);
    assert.equal(headers.get("content-type"), "application/pdf");
    assertPdf(streamed, document.title);
    titles.add(document.title);
    const link = await call("download-document-by-id", path);
    assert.equal(link.status, 302);
    assert.equal(link.headers.get("location"), link.body.url);
    const signed = await fetch(link.body.url);
    assert.deepEqual(Buffer.from(await signed.arrayBuffer()), streamed);
    const other = link.body.url.replace(document.document_id, documents.find((it) => it !== document).document_id);
    assert.equal((await fetch(other)).status, 403, "a signature is for one document");
  }
  assert.equal(titles.size, documents.length, "each has a title of its own");
  for (const [id, status] of [[nobody, 404], ["x", 400]]) {
    assert.equal((await call("get-document-by-id", `${pull}/documents/${id}/pdf`)).status, status);
    assert.equal((await call("download-document-by-id", `${pull}/documents/${id}`)).status, status);
  }
  assert.equal((await call("get-document-by-id", `${pull}/documents/${documents[0].document_id}/pdf`, { headers: {} })).status, 401);
  assert.equal((await call("download-file-by-id", `${pull}/answers/${nobody}/files/${nobody}`)).status, 404);

  const form = policies.flatMap((policy) => policy.forms_and_endorsements)[0];
  assertPdf((await call("get-policy-form-by-id", `/policyforms/${form.policy_form_id}/pdf`)).body, form.form_name);
  const link = await call("download-policy-form-by-id", `${team}/policyForms/${form.policy_form_id}`);
  assertPdf(Buffer.from(await (await fetch(link.body.url)).arrayBuffer()), form.form_name);
  assert.equal((await call("get-policy-form-by-id", `/policyforms/${nobody}/pdf`)).status, 404);
});

function assertPdf(bytes, title) {
  const text = bytes.toString("latin1");
  assert.match(text, /^%PDF-1\.\d\n/);
  const table = Number(/startxref\n(\d+)\n%%EOF\n$/.exec(text)[1]);
  assert.equal(text.slice(table, table + 5), "xref\n");
  assert.ok(text.includes(title), `${title} stands in the file`);
}

test("a policy check judges the policies by the settings", async () => {
  const { pull_id } = await completed("user_good_auto");
  const path = `${team}/pulls/${pull_id}/policyCheck`;
  const check = async (vehicle) => (await call("post-pull-policy-check", path, { json: { policy_check_settings: { vehicle } } })).body.pull.policy_check_status;
  assert.equal(await check({ MAX_COLLISION_DEDUCTIBLE_CENTS: 50_000, NO_COLLISION_COVERAGE: true }), "COMPLIANT");
  assert.equal(await check({ MAX_COLLISION_DEDUCTIBLE_CENTS: 100 }), "NOT_COMPLIANT");
  assertPdf((await call("get-pull-policy-check-pdf", `${path}/pdf`)).body, "Policy Check");
  assert.equal((await call("post-pull-policy-check", `${team}/pulls/${nobody}/policyCheck`, { json: {} })).status, 404);
  await call("get-policy-check-team-settings", `${team}/policyChecks/settings`);
  const json = { policy_check_settings: { vehicle: { POLICY_NOT_ACTIVE: true } } };
  const { body } = await call("post-policy-check-team-settings", `${team}/policyChecks/settings`, { json });
  assert.equal(body.policy_check_settings.vehicle.POLICY_NOT_ACTIVE, true);
});

test("a registration gets its own secret and the events it asked for, until it is switched off or deleted", async () => {
  const secondReceiver = await startReceiver({ secret: "unused" });
  const made = await call("post-webhooks", `${team}/webhooks`, { json: { hookUrl: secondReceiver.url, eventTypes: ["COMPLETE"] } });
  const { webhook_id, signing_secret } = made.body;
  const listed = (await call("get-webhooks", `${team}/webhooks`)).body.webhooks;
  assert.deepEqual(listed.find((it) => it.webhook_id === webhook_id).event_types, ["COMPLETE"]);
  await completed("user_good_home");
  const [webhook] = await secondReceiver.until((all) => all.length && all, "COMPLETE at the second receiver");
  assert.ok(isSigned(signing_secret, webhook.signature, webhook.raw));
  assert.ok(!isSigned(LOCAL.signingSecret, webhook.signature, webhook.raw));
  const path = `${team}/webhooks/${webhook_id}`;
  assert.equal((await call("patch-webhook", path, { json: { isActive: false, eventTypes: [] } })).status, 200);
  await completed("user_good_home");
  assert.equal((await call("delete-webhook", path)).status, 200);
  await completed("user_good_home");
  assert.deepEqual(secondReceiver.received.map((it) => it.body.event_type), ["COMPLETE"]);
  const rows = [
    ["post-webhooks", `${team}/webhooks`, { hookUrl: "no url" }, "INVALID_URL"],
    ["post-webhooks", `${team}/webhooks`, { hookUrl: "http://x/", eventTypes: ["NOTHING"] }, "INVALID_EVENT_TYPE"],
    ["patch-webhook", `${team}/webhooks/x`, {}, "INVALID_WEBHOOK_ID"],
    ["patch-webhook", `${team}/webhooks/${nobody}`, {}, "NOT_FOUND"],
    ["patch-webhook", `${team}/webhooks/${nobody}`, { isActive: 1 }, "INVALID_IS_ACTIVE"],
    ["delete-webhook", `${team}/webhooks/x`, undefined, "INVALID_WEBHOOK_ID"],
  ];
  for (const [operation, at, json, error] of rows) assert.deepEqual((await call(operation, at, { json })).body, { error });
  await secondReceiver.stop();
});

test("a monitoring refreshes into a new pull and says what changed", async () => {
  const first = await completed("user_good_discover");
  const json = { pull_id: first.pull_id, interval: "P30D" };
  const { monitoring } = (await call("post-monitoring", `${team}/monitorings`, { json })).body;
  const path = `${team}/monitorings/${monitoring.monitoring_id}`;
  const { pull_id } = (await call("post-monitoring-refresh", `${path}/refresh`)).body;
  assert.notEqual(pull_id, first.pull_id);
  const event = await arrived(pull_id, isEvent("MONITORING_EVENTS"), "MONITORING_EVENTS");
  assert.deepEqual(webhookErrors(event), []);
  assert.deepEqual([event.is_monitored, event.monitoring], [true, { initial_pull_id: first.pull_id, monitoring_id: monitoring.monitoring_id }]);
  const events = (await call("get-monitoring-events", `${path}/events`)).body;
  assert.deepEqual(events, event.data);
  assert.equal(events.events[0].changes[0].schema, "DWELLING");
  const shown = (await call("get-monitoring", `${path}?with_pulls=true`)).body;
  assert.deepEqual(shown.pulls.map((pull) => pull.pull_id), [pull_id, first.pull_id]);
  assert.equal((await call("get-monitorings", `${team}/monitorings?pull_id=${pull_id}`)).body.monitorings_count, 1);
  assert.equal((await call("patch-monitoring", path, { json: { interval: "P3M" } })).body.monitoring.interval, "P3M");
  assert.deepEqual((await call("patch-monitoring", path, { json: { interval: "P1D" } })).body, { error: "INTERVAL_TOO_SHORT" });
  assert.equal((await call("delete-monitoring", path)).body.monitoring.status, "STOPPED");
  assert.deepEqual((await call("post-monitoring-refresh", `${path}/refresh`)).body, { error: "MONITORING_INACTIVE" });
  assert.deepEqual((await call("post-monitoring", `${team}/monitorings`, { json: { ...json, interval: "P7D" } })).body, { error: "INVALID_INPUT" });
  assert.equal((await call("get-monitoring", `${team}/monitorings/${nobody}`)).status, 404);
});

test("a refresh that needs the consumer is brought back by a reconnect token", async () => {
  const { pull_id: initial, pull_jwt } = await connected("user_optionless_mfa");
  await arrived(initial, authStatus("IDENTITY_VERIFICATION"), "the question for a code");
  await call("post-idv", `/widget/pull/${initial}/idv`, { json: { mfaValue: "123456" }, headers: { "pull-jwt": pull_jwt } });
  await arrived(initial, isEvent("COMPLETE"), "COMPLETE");
  const { monitoring } = (await call("post-monitoring", `${team}/monitorings`, { json: { pull_id: initial, interval: "P30D" } })).body;
  const path = `${team}/monitorings/${monitoring.monitoring_id}`;
  const { pull_id } = (await call("post-monitoring-refresh", `${path}/refresh`)).body;
  const { data } = await arrived(pull_id, isEvent("MONITORING_RECONNECT"), "MONITORING_RECONNECT");
  assert.equal(data.auth_status, "IDENTITY_VERIFICATION");
  assert.ok(data.reconnect_url.endsWith(`reconnectToken=${data.reconnect_token}`));
  const fresh = (await call("get-monitoring-reconnect-token", `${path}/reconnectToken`)).body;
  assert.equal(fresh.pull_id, pull_id);
  const use = (reconnect_token) => call("post-reconnect-token", "/widget/pull/reconnectToken", { json: { reconnect_token } });
  assert.deepEqual((await use(data.reconnect_token)).body, { error: "INVALID_RECONNECT_TOKEN" }, "a fresh token takes the place of the old one");
  const back = (await use(fresh.reconnect_token)).body;
  assert.equal(back.pull_id, pull_id);
  assert.deepEqual((await use(fresh.reconnect_token)).body, { error: "INVALID_RECONNECT_TOKEN" }, "a token is used once");
  await call("post-idv", `/widget/pull/${pull_id}/idv`, { json: { mfaValue: "123456" }, headers: { "pull-jwt": back.pull_jwt } });
  await arrived(pull_id, isEvent("COMPLETE"), "COMPLETE");
});

test("servicing actions wait for the consumer one after the other", async () => {
  const source = await completed("user_good_home");
  const json = { pull_id: source.pull_id, servicing_actions: [addMortgagee, { ...addMortgagee, type: "EDIT_MORTGAGEE" }] };
  const made = (await call("post-servicings", `${team}/servicings`, { json })).body;
  assert.equal(made.servicing_action_ids.length, 2);
  const headers = { "pull-jwt": made.pull_jwt };
  const answer = (servicing_action_id, is_confirmed) =>
    call("post-servicing-action", `/widget/pull/${made.pull_id}/servicingAction`, { json: { servicing_action_id, is_confirmed }, headers });
  for (const [index, id] of made.servicing_action_ids.entries()) {
    const asks = (body) => body.event_type === "SERVICING_WAITING_FOR_CONSUMER_CONFIRMATION" && body.data.servicing_action_id === id;
    await arrived(made.pull_id, asks, "the question for a confirmation");
    const shown = (await call("get-servicing", `${team}/servicings/${id}`)).body;
    assert.equal(shown.status, "WAITING_FOR_CONSUMER_CONFIRMATION");
    assert.equal(shown.confirmation_data.after.name, "BANK");
    assert.equal((await answer(id, index === 0)).status, 200);
    assert.deepEqual((await answer(id, true)).body, { error: "INVALID_ACTION" }, "it cannot be answered twice");
  }
  await arrived(made.pull_id, isEvent("COMPLETE"), "COMPLETE");
  const { servicings } = (await call("get-servicings", `${team}/servicings?pull_id=${made.pull_id}`)).body;
  assert.deepEqual(servicings.map((it) => it.status), ["UNCONFIRMED", "SUCCESS"]);
  const alone = await connected("user_good_home", { servicing_actions: [addMortgagee] });
  assert.equal(alone.servicing_action_ids.length, 1);
  assert.deepEqual((await call("post-servicings", `${team}/servicings`, { json: { ...json, servicing_actions: [] } })).body, { error: "INVALID_INPUT" });
  const verified = await completed("user_servicing_verification");
  assert.equal((await call("get-servicings", `${team}/servicings?pull_id=${verified.pull_id}`)).body.servicings[0].status, "VERIFIED");
});

test("the rest of the document is answered in its form", async () => {
  const person = "first_name=Clark&last_name=Kent&address=344%20Clinton%20St&purpose=x&employee_name=x&employee_job_function=x&date_of_birth_str=x";
  await call("get-property-data", `${team}/enrich/propertyData?address=344%20Clinton%20St`);
  assert.deepEqual((await call("get-property-data", `${team}/enrich/propertyData`)).body, { error: "INVALID_ADDRESS" });
  await call("get-enrichment-driverlicense", `${team}/enrich/driverLicense?${person}`);
  await call("get-enrichment-drivingrecordiq", `${team}/enrich/drivingRecordIq?${person}`);
  await call("get-enrichment-household", `${team}/enrich/household?${person}&lookup_vehicles=true`);

  const search = consent({ insurerName: "farmers", searchType: "AUTO_POLICY", searchData: { zipCode: "90210" } });
  const found = (await call("post-policy-search", `${team}/policySearch`, { json: search })).body;
  await arrived(found.pull_id, isEvent("COMPLETE"), "COMPLETE");
  assert.deepEqual((await call("post-policy-search", `${team}/policySearch`, { json: { ...search, searchData: {} } })).body, { error: "INVALID_POLICY_LOOKUP_DATA" });

  const form = new FormData();
  for (const [name, value] of Object.entries(consent({ "meta_data[lead]": "7" }))) form.append(name, String(value));
  form.append("documents", new File(["%PDF-1.4"], "policy.pdf", { type: "application/pdf" }));
  const uploaded = (await call("post-consent-and-documents", "/widget/pull/consentAndDocuments", { form })).body;
  const { meta_data } = await arrived(uploaded.pull_id, isEvent("COMPLETE"), "COMPLETE");
  const { answers } = (await call("get-pull-by-id", `${team}/pulls/${uploaded.pull_id}`)).body.pull;
  const [file] = answers[0].fields[0].value;
  assert.equal((await call("download-file-by-id", new URL(file.download_url).pathname.replace("/api/v1.0.0", ""))).status, 302);
  assert.deepEqual(meta_data, { lead: "7" });

  const widget = (await call("post-widgets", `${team}/widgets`, { json: { public_alias: "second", company_name: "Second" } })).body.widget;
  const path = `${team}/widgets/${widget.widget_id}`;
  assert.deepEqual((await call("get-widgetId", path)).body.widget, widget);
  assert.equal((await call("patch-widgetId", path, { json: { intro_title: "Hello" } })).body.widget.intro_title, "Hello");
  assert.deepEqual((await call("post-widgets", `${team}/widgets`, { json: { public_alias: "second" } })).body, { error: "ALREADY_EXISTS" });
  for (const image of ["logo", "icon"]) {
    const picture = new FormData();
    picture.append(image, new File(["png"], "a.png", { type: "image/png" }));
    assert.ok((await call(`put-widgetId-${image}`, `${path}/${image}`, { form: picture })).body);
  }
  await completed("user_good_home", { public_alias: "second" });
  assert.deepEqual((await call("get-widgets", `${team}/widgets`)).body.widgets.map((it) => it.public_alias), [LOCAL.publicAlias, "second"]);
  assert.equal((await call("delete-widgetId", path)).status, 200);
  assert.equal((await call("get-widgetId", path)).status, 404);

  await call("get-team", team);
  const made = (await call("create-team", "/teams", { json: { company_name: "New" } })).body;
  if (THROUGH_EDGE) {
    for (const operation of ["get-team", "delete-team"]) assert.equal((await call(operation, `/teams/${made.team.team_id}`)).status, 403);
    // An edge is one team's: another's is asked for through one of its own.
    const env = { CANOPY_TEAM_ID: made.team.team_id, CANOPY_CLIENT_ID: made.client_id, CANOPY_CLIENT_SECRET: made.client_secret };
    const other = await startTappedEdge(sandbox, env);
    const { call: ask, answered } = clientOf(sandbox, receiver, other);
    assert.equal((await ask("get-team", "/teams/-")).body.company_name, "New");
    assert.equal((await ask("delete-team", "/teams/-")).status, 200);
    for (const operation of answered) client.answered.add(operation);
    return other.stop();
  }
  const own = { "x-canopy-client-id": made.client_id, "x-canopy-client-secret": made.client_secret };
  assert.equal((await call("get-team", `/teams/${made.team.team_id}`, { headers: own })).body.company_name, "New");
  assert.equal((await call("delete-team", `/teams/${made.team.team_id}`)).status, 200);
});

test("connect calls of the consumer in their older forms", async () => {
  const { pull_id, pull_jwt } = await connected("user_mfa");
  const headers = { "pull-jwt": pull_jwt };
  await arrived(pull_id, authStatus("IDENTITY_VERIFICATION_OPTIONS"), "the options");
  assert.deepEqual((await call("post-idvoptions", "/widget/pull/idvoptions", { json: { optionKey: "PIGEON" }, headers })).body, { error: "INVALID_INPUT" });
  assert.deepEqual((await call("post-idvoptions", "/widget/pull/idvoptions", { json: { optionKey: "EMAIL_0" }, headers })).body, { pull_id });
  await arrived(pull_id, authStatus("IDENTITY_VERIFICATION"), "the question for a code");
  await call("post-idv", "/widget/pull/idv", { json: { mfaValue: "000001" }, headers });
  await arrived(pull_id, authStatus("NOT_AUTHENTICATED"), "the refusal");
  const tokens = await client.tokensOf("user_good_home");
  const json = { insurerName: "statefarm", insurerUsername: tokens.username, insurerPassword: tokens.password };
  assert.equal((await call("post-connect", "/widget/pull/connect", { json, headers })).status, 200);
  await arrived(pull_id, isEvent("COMPLETE"), "COMPLETE");
});

test("every request that the document gives as an example is taken", async () => {
  const { pull_id } = await completed("user_good_complete");
  const tokens = await client.tokensOf("user_good");
  /** What an example leaves to its reader: whose pull, which link, whose credentials. */
  const ours = { pull_id, public_alias: LOCAL.publicAlias, insurerUsername: tokens.username, insurerPassword: tokens.password };
  const filled = (example) => Object.fromEntries(Object.entries(example).map(([name, value]) => [name, ours[name] ?? value]));
  let count = 0;
  for (const [path, methods] of Object.entries(contract.paths)) {
    for (const { operationId, requestBody } of Object.values(methods)) {
      for (const [name, { value }] of Object.entries(requestBody?.content["application/json"]?.examples ?? {})) {
        const { status, body } = await call(operationId, path.replace("{teamId}", LOCAL.teamId), { json: filled(value) });
        assert.equal(status, 200, `${operationId}, ${name}: ${JSON.stringify(body)}`);
        count += 1;
      }
    }
  }
  assert.equal(count, 11);
});

test("no operation of the document was left out", () => {
  const missing = [...operations.keys()].filter((id) => !client.answered.has(id));
  assert.deepEqual(missing, []);
});
