// Runs schemathesis with docs/openapi.json against the real edge and the sandbox: see README.md.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { backOfficeOf, CONSENT, isSettled, loginOf, openPage, SERVICING } from "../edge-client.mjs";
import { LOCAL, startBoth, temporaryDirectory } from "../harness.mjs";
import { WHOLE } from "../tapped-edge.mjs";

const HERE = path.dirname(fileURLToPath(import.meta.url));
const ROOT = path.resolve(HERE, "../..");

const { edge, sandbox, stop } = await startBoth({ edgeEnv: { EDGE_API_TOKENS: `whole:${WHOLE}:read+write+servicing+admin` } });
const known = await world();
const settings = { EDGE_URL: edge.url, API_TOKEN: WHOLE, SIGNING_SECRET: LOCAL.signingSecret, HOOKS: path.join(HERE, "hooks.py") };
// Nothing of Python's stays in the checkout.
const places = { HYPOTHESIS_STORAGE_DIRECTORY: temporaryDirectory(), PYTHONDONTWRITEBYTECODE: "1" };
const env = { ...process.env, ...known, ...settings, ...places };
const args = ["--config-file", path.join(HERE, "schemathesis.toml"), "run", "docs/openapi.json", ...process.argv.slice(2)];
const schemathesis = spawn("schemathesis", args, { cwd: ROOT, env, stdio: "inherit" });
process.exitCode = await new Promise((resolve, reject) => schemathesis.once("error", reject).once("close", (code) => resolve(code ?? 1)));
await stop();

/** What there is: a login, a whole pull, its document, its monitoring, and an action that waits for its consumer. */
async function world() {
  const login = await loginOf(sandbox, "user_good_complete");
  const { terms_version, consent_language } = CONSENT;
  const whose = { insurerName: "statefarm", insurerUsername: login.username, insurerPassword: login.password };
  const consent = { device_identifier: "127.0.0.1", terms_version, consent_language, public_alias: LOCAL.publicAlias };
  const { pull_id, pull_jwt } = await canopy("POST", "/widget/pull/consentAndConnect", { ...consent, ...whose, meta_data: { lead_id: "L-1" } });
  const pull = await backOfficeOf(edge, WHOLE).seen(pull_id, (pull) => pull.complete && isSettled(pull), "the complete pull", 60_000);
  const { monitoring } = await canopy("POST", "/teams/-/monitorings", { pull_id, interval: "P30D" });
  const page = await openPage(edge, { token: WHOLE, servicing_actions: [SERVICING] });
  const asked = await page.ask("connect", await loginOf(sandbox, "user_good"));
  const { servicings } = await canopy("GET", `/teams/-/servicings?pull_id=${asked.pull_id}`);
  return {
    PULL_ID: pull_id,
    PULL_TOKEN: pull_jwt,
    DOCUMENT_ID: pull.documents[0].document_id,
    MONITORING_ID: monitoring.monitoring_id,
    SERVICING_ACTION_ID: servicings[0].servicing_action_id,
    LOGIN: JSON.stringify(login),
  };
}

async function canopy(method, below, json) {
  const headers = { authorization: `Bearer ${WHOLE}`, "content-type": "application/json" };
  const response = await fetch(`${edge.url}/canopy/api/v1.0.0${below}`, { method, headers, body: json && JSON.stringify(json) });
  const text = await response.text();
  assert.equal(response.status, 200, text);
  return JSON.parse(text);
}
