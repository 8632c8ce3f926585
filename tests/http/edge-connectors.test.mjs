// Each connector on the real Worker, against a service that holds the request to what its documentation says.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { readFileSync, readdirSync } from "node:fs";
import { after, before, test } from "node:test";
import { authStatus, backOfficeOf, postWebhook, until } from "../edge-client.mjs";
import { LOCAL, startEdge } from "../harness.mjs";
import { startServices } from "../services.mjs";

const FOLDER = new URL("../../crates/flow/connectors/", import.meta.url);
const connectors = readdirSync(FOLDER).filter((name) => name.endsWith(".json")).map((name) => JSON.parse(readFileSync(new URL(name, FOLDER))));
/** Those whose secret is put into the request as it is. */
const plain = connectors.filter(({ secret }) => secret?.as !== "oauth");

let services, edge, office, boss, pull_id;
before(async () => {
  services = await startServices();
  edge = await startEdge({ env: { EDGE_API_TOKENS: `demo:${LOCAL.apiToken},boss:boss-token:admin+read+write`, EDGE_SECRETS: services.secrets(), EDGE_LOCAL_HOSTS: services.localHosts() } });
  [office, boss] = [backOfficeOf(edge), backOfficeOf(edge, "boss-token")];
  pull_id = randomUUID();
  await postWebhook(edge, authStatus(pull_id, "PROCESSING", 1));
});
after(async () => {
  await edge?.stop();
  await services?.stop();
});

const asked = async (method, path, json) => {
  const response = await boss.call(path, { method, body: JSON.stringify(json) });
  const shown = await response.json();
  assert.ok(response.ok, JSON.stringify(shown));
  return shown;
};
const hostOf = ({ example }) => new URL(example.request.url.replace("{secret}", "x")).host;
async function run(connector, more = {}) {
  const name = connector.name;
  const secret = connector.secret ? { secret: services.secretOf(hostOf(connector))[0] } : {};
  const steps = [{ id: "call", use: name, with: connector.example.input, ...secret, ...more }];
  await asked("PUT", `/api/v1/flows/${name}`, { title: connector.title, flows: { flow: { trigger: { on: "manual", of: "pull" }, steps } } });
  await asked("PUT", `/api/v1/instances/${name}`, { group: name, enabled: true });
  const { run_id } = await asked("POST", `/api/v1/instances/${name}/runs`, { flow: "flow", pull_id });
  return until(async () => {
    const found = await office.read(`/api/v1/runs/${run_id}`);
    return found.status !== "running" && found;
  }, `the end of ${name}`);
}

for (const connector of plain) {
  test(`${connector.name}: the service takes its request, once, and no secret stands in the journal`, async () => {
    const before = services.accepted().length;
    const { status, detail, steps } = await run(connector);
    assert.deepEqual([status, detail], ["done", null]);
    assert.equal(services.accepted().length, before + 1);
    assert.deepEqual(Object.keys(steps[0].result ?? {}).toSorted(), Object.keys(connector.example.result).toSorted());
    const [, secret] = connector.secret ? services.secretOf(hostOf(connector)) : [];
    if (secret) assert.ok(!JSON.stringify(steps).includes(secret));
  });
}

test("a service that fails, is busy, breaks off and answers nonsense", async () => {
  const connector = connectors.find(({ name }) => name === "resend");
  const host = hostOf(connector);
  for (const kind of ["error", "busy", "break", "lost"]) {
    services.misbehave(host, kind, 1);
    const { status, detail, steps } = await run(connector);
    assert.deepEqual([status, detail, steps[0].attempts.length], ["done", null, 2], kind);
    const made = services.calls.filter((call) => call.host === host).slice(-2);
    assert.deepEqual([made[0].key, made[0].text], [made[1].key, made[1].text], kind);
  }
  services.misbehave(host, "nonsense", 1);
  const { status, reason, steps } = await run(connector);
  assert.deepEqual([status, reason, steps[0].attempts.length], ["failed", "ANSWER", 1]);
  services.behave(host);
});
