// Runs schemathesis with docs/openapi.json against the real edge and the sandbox: see README.md.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { backOfficeOf, isSettled, loginOf, openPage, SERVICING } from "../edge-client.mjs";
import { LOCAL, startBoth, temporaryDirectory } from "../harness.mjs";

const HERE = path.dirname(fileURLToPath(import.meta.url));
const ROOT = path.resolve(HERE, "../..");

const { edge, sandbox, stop } = await startBoth();
const known = await world();
const settings = { EDGE_URL: edge.url, API_TOKEN: LOCAL.apiToken, SIGNING_SECRET: LOCAL.signingSecret, HOOKS: path.join(HERE, "hooks.py") };
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
  const { pull_id } = await (await openPage(edge, { metadata: { lead_id: "L-1" } })).ask("connect", login);
  const pull = await backOfficeOf(edge).seen(pull_id, (pull) => pull.complete && isSettled(pull), "the complete pull", 60_000);
  const { monitoring } = await canopy("POST", "/monitorings", { pull_id, interval: "P30D" });
  const page = await openPage(edge);
  const asked = await page.ask("connect", { ...(await loginOf(sandbox, "user_good")), servicing_actions: [SERVICING] });
  const { servicings } = await canopy("GET", `/servicings?pull_id=${asked.pull_id}`);
  return {
    PULL_ID: pull_id,
    DOCUMENT_ID: pull.documents[0].document_id,
    MONITORING_ID: monitoring.monitoring_id,
    SERVICING_ACTION_ID: servicings[0].servicing_action_id,
    LOGIN: JSON.stringify(login),
  };
}

async function canopy(method, below, json) {
  const headers = { authorization: `Bearer ${LOCAL.apiToken}`, "content-type": "application/json" };
  const response = await fetch(`${edge.url}/canopy/api/v1.0.0/teams/-${below}`, { method, headers, body: json && JSON.stringify(json) });
  const text = await response.text();
  assert.equal(response.status, 200, text);
  return JSON.parse(text);
}
