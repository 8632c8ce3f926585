// Runs schemathesis against the real edge with docs/openapi.json, or against the sandbox with Canopy's own: see README.md.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { backOfficeOf, isSettled, loginOf, SERVICING, until } from "../edge-client.mjs";
import { LOCAL, startBoth, startSandbox, temporaryDirectory } from "../harness.mjs";
import { startReceiver } from "../receiver.mjs";
import { consent } from "../sandbox-client.mjs";
import { WHOLE } from "../tapped-edge.mjs";
import { overlaid } from "./overlay.mjs";

const HERE = path.dirname(fileURLToPath(import.meta.url));
const ROOT = path.resolve(HERE, "../..");
const TARGETS = { edge: startEdge, sandbox: startAlone };

const [first, ...rest] = process.argv.slice(2);
const [target, given] = first in TARGETS ? [first, rest] : ["edge", process.argv.slice(2)];
const receiver = await startReceiver({ secret: "unused" });
const { document, base, canopy, authorization, teamId, sandbox, completed, scheduled, stop } = await TARGETS[target]();
const settings = {
  BASE_URL: base,
  CANOPY_URL: canopy,
  SANDBOX_URL: sandbox.url,
  AUTHORIZATION: authorization,
  SIGNING_SECRET: LOCAL.signingSecret,
  RECEIVER_URL: receiver.url,
  KNOWN: JSON.stringify(await world()),
  HOOKS: path.join(HERE, "hooks.py"),
};
// Nothing of Python's stays in the checkout.
const places = { HYPOTHESIS_STORAGE_DIRECTORY: temporaryDirectory(), PYTHONDONTWRITEBYTECODE: "1" };
const env = { ...process.env, ...settings, ...places };
const args = ["--config-file", path.join(HERE, "schemathesis.toml"), "run", document, ...given];
const schemathesis = spawn("schemathesis", args, { cwd: ROOT, env, stdio: "inherit" });
process.exitCode = await new Promise((resolve, reject) => schemathesis.once("error", reject).once("close", (code) => resolve(code ?? 1)));
await stop();
await receiver.stop();

/** The edge, with a token that is good for everything. */
async function startEdge() {
  const { edge, sandbox, stop } = await startBoth({ edgeEnv: { EDGE_API_TOKENS: `whole:${WHOLE}:read+write+servicing+admin`, EDGE_UPLOADS: "true", EDGE_FUNNEL: "true" } });
  const backOffice = backOfficeOf(edge, WHOLE);
  return {
    document: "docs/openapi.json",
    base: edge.url,
    canopy: `${edge.url}/canopy/api/v1.0.0`,
    authorization: `Bearer ${WHOLE}`,
    teamId: "-",
    sandbox,
    completed: (id) => backOffice.seen(id, (pull) => pull.complete && isSettled(pull), "the complete pull", 60_000),
    scheduled: async (id) => {
      const event = { event_type: "CALL_BACK", key: "call", effective_at: "2100-01-01T00:00:00Z" };
      const response = await backOffice.call(`/api/v1/pulls/${id}/schedule`, { method: "POST", body: JSON.stringify(event) });
      return (await response.json()).schedule_id;
    },
    stop,
  };
}

/** The sandbox alone, whose webhooks go nowhere. */
async function startAlone() {
  const sandbox = await startSandbox();
  const document = path.join(temporaryDirectory(), "openapi.json");
  writeFileSync(document, JSON.stringify(overlaid()));
  const base = `${sandbox.url}/api/v1.0.0`;
  const { clientId, clientSecret, teamId } = LOCAL;
  return {
    document,
    base,
    canopy: base,
    authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString("base64")}`,
    teamId,
    sandbox,
    completed: (id) => until(async () => (await pullOf(id)).status === "SUCCESS", "the complete pull"),
    scheduled: () => undefined,
    stop: sandbox.stop,
  };
}

/** What there is, by the names of paths and bodies: a whole pull and what belongs to it, an upload, a webhook, a link, what waits. */
async function world() {
  const { carrier_id: carrier, username: insurerUsername, password: insurerPassword } = await loginOf(sandbox, "user_good_complete");
  const whose = { insurerName: carrier, insurerUsername, insurerPassword };
  const { pull_id, pull_jwt } = await call("POST", "/widget/pull/consentAndConnect", consent({ ...whose, meta_data: { lead_id: "L-1" } }));
  await completed(pull_id);
  const pull = await pullOf(pull_id);
  const form = new FormData();
  for (const [name, value] of Object.entries(consent())) form.append(name, String(value));
  form.append("documents", new File(["%PDF"], "a.pdf", { type: "application/pdf" }));
  const upload = await call("POST", "/widget/pull/consentAndDocuments", form);
  const [{ consumer_flow_section_field_id: answer, value: files }] = (await pullOf(upload.pull_id)).answers[0].fields;
  const servicing = await call("POST", `/teams/${teamId}/servicings`, { pull_id, servicing_actions: [SERVICING] });
  const webhook = await call("POST", `/teams/${teamId}/webhooks`, { hookUrl: receiver.url });
  const { widget } = await call("POST", `/teams/${teamId}/widgets`, { public_alias: "another" });
  return {
    team: teamId,
    pull: pull_id,
    account: pull.account_identifier,
    jwt: pull_jwt,
    plain: await plainPull("user_good_home"),
    upload: upload.pull_id,
    answer,
    file: files[0].file_id,
    document: pull.documents[0].document_id,
    schedule: await scheduled(pull_id),
    form: pull.policies.flatMap((policy) => policy.forms_and_endorsements)[0].policy_form_id,
    monitoring: await monitored(pull_id),
    reconnecting: await reconnecting(),
    servicing: servicing.servicing_action_ids[0],
    action: SERVICING,
    webhook: webhook.webhook_id,
    widget: widget.widget_id,
    carrier,
    consent: consent(),
    login: { ...consent(whose), carrier_id: carrier, username: insurerUsername, password: insurerPassword },
  };
}

/** A pull of this login that has come to its end, whatever it asks for on the way. */
async function plainPull(name) {
  const { username: insurerUsername, password: insurerPassword } = await loginOf(sandbox, name);
  const { pull_id, pull_jwt } = await call("POST", "/widget/pull/consentAndConnect", consent({ insurerUsername, insurerPassword }));
  const at = async (...statuses) => until(async () => statuses.includes((await pullOf(pull_id)).status), `${name} at ${statuses}`);
  await at("SUCCESS", "IDENTITY_VERIFICATION");
  if ((await pullOf(pull_id)).status !== "SUCCESS") await call("POST", `/widget/pull/${pull_id}/idv`, { mfaValue: "123456" }, { "pull-jwt": pull_jwt });
  await at("SUCCESS");
  return pull_id;
}

/** A monitoring whose refresh waits for its consumer. */
async function reconnecting() {
  const monitoring = await monitored(await plainPull("user_optionless_mfa"));
  const { pull_id } = await call("POST", `/teams/${teamId}/monitorings/${monitoring}/refresh`);
  await until(async () => (await pullOf(pull_id)).status === "IDENTITY_VERIFICATION", "the refresh that waits");
  return monitoring;
}

async function monitored(pull_id) {
  return (await call("POST", `/teams/${teamId}/monitorings`, { pull_id, interval: "P30D" })).monitoring.monitoring_id;
}

async function pullOf(id) {
  return (await call("GET", `/teams/${teamId}/pulls/${id}`)).pull;
}

/** Calls Canopy's API, where the target has it. */
async function call(method, below, body, more = {}) {
  const isForm = body instanceof FormData;
  const headers = { authorization, ...(body && !isForm && { "content-type": "application/json" }), ...more };
  const response = await fetch(canopy + below, { method, headers, body: isForm ? body : body && JSON.stringify(body) });
  const text = await response.text();
  assert.equal(response.status, 200, `${method} ${below}: ${text}`);
  return JSON.parse(text);
}
