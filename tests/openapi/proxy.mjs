// What the proxy passes on, in each answer of Canopy's that docs/openapi.json lists.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { backOfficeOf, CONSENT, isSettled, loginOf, openPage, SERVICING, until } from "../edge-client.mjs";
import { LOCAL } from "../harness.mjs";
import { ask, beside, canopy, completePull, edge, everything, NAMES, office, sandbox, speaksFor, TEAM, tokenWith } from "./driver.mjs";

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
