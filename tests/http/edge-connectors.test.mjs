// Each connector on the real Worker, against a service that holds the request to what its documentation says.
import assert from "node:assert/strict";
import { createPrivateKey, generateKeyPairSync, randomUUID } from "node:crypto";
import { readFileSync, readdirSync } from "node:fs";
import { after, before, test } from "node:test";
import { authStatus, backOfficeOf, postWebhook, until } from "../edge-client.mjs";
import { LOCAL, startEdge } from "../harness.mjs";
import { startServices } from "../services.mjs";

const FOLDER = new URL("../../crates/flow/connectors/", import.meta.url);
const connectors = readdirSync(FOLDER).filter((name) => name.endsWith(".json")).map((name) => JSON.parse(readFileSync(new URL(name, FOLDER))));
/** Those whose service gives a token for the secret. */
const signing = connectors.filter(({ secret }) => secret?.as === "oauth");
const [SHEETS, GOOGLE_TOKENS, SALESFORCE, NETSUITE] = ["sheets.googleapis.com", "oauth2.googleapis.com", "agency.my.salesforce.com", "1234567.suitetalk.api.netsuite.com"];

/** Other secrets by their names, each with its host: another one, and Google's key as it may be written, too, or may not. */
function otherSecrets() {
  const of = (host, key) => createPrivateKey({ key: Buffer.from(services.secretOf(host)[1], "base64"), format: "der", type: key });
  const google = of(SHEETS, "pkcs8");
  const pem = (type, more = {}) => google.export({ type, format: "pem", ...more });
  const file = { type: "service_account", private_key: pem("pkcs8"), client_email: "edge@agency.iam.gserviceaccount.com", token_uri: "https://elsewhere.example/token" };
  const curve = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ type: "pkcs8", format: "pem" });
  const in64 = (text) => Buffer.from(text).toString("base64");
  return {
    GUESS: [SALESFORCE, "made-up-client-id:made-up-guess"],
    NO_PAIR: [SALESFORCE, "made-up-pair"],
    FILE: [SHEETS, in64(JSON.stringify(file, null, 2))],
    PEM: [SHEETS, in64(pem("pkcs8"))],
    PKCS1: [SHEETS, in64(pem("pkcs1"))],
    LOCKED: [SHEETS, in64(pem("pkcs8", { cipher: "aes-256-cbc", passphrase: "made-up" }))],
    CURVE: [SHEETS, in64(curve)],
    NO_KEY: [SHEETS, "made-up-words"],
  };
}

let services, others, edge, office, boss, pull_id;
before(async () => {
  services = await startServices();
  others = otherSecrets();
  const secrets = [services.secrets(), ...Object.entries(others).map(([name, [host, value]]) => `${name}:${host}:${value}`)].join(",");
  edge = await startEdge({ env: { EDGE_API_TOKENS: `demo:${LOCAL.apiToken},boss:boss-token:admin+read+write`, EDGE_SECRETS: secrets, EDGE_LOCAL_HOSTS: services.localHosts() } });
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

const named = (name) => connectors.find((it) => it.name === name);
const bearers = () => services.calls.map(({ headers }) => /^Bearer (token-.+)$/.exec(headers.authorization ?? "")?.[1]).filter(Boolean);
/** The calls of a run of `connector`, and what became of it. */
async function watched(connector, more) {
  const from = services.calls.length;
  const made = await run(connector, more);
  const calls = services.calls.slice(from);
  return { ...made, calls, tokens: calls.filter(({ host, path }) => host === GOOGLE_TOKENS || path.endsWith("/token")), requests: calls.filter(({ headers }) => headers.authorization) };
}

for (const connector of connectors) {
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

test("a token is asked for once, for all that the secret does there", async () => {
  for (const connector of signing) await run(connector);
  for (const connector of signing) {
    const { status, tokens, requests } = await watched(connector);
    assert.deepEqual([status, tokens.length, requests.length], ["done", 0, 1], connector.name);
  }
  const given = services.calls.filter(({ isToken }) => isToken);
  assert.deepEqual(given.map(({ host }) => host).toSorted(), [NETSUITE, SALESFORCE, GOOGLE_TOKENS].toSorted());
  for (const { headers, key } of given) assert.deepEqual([headers["content-type"], headers.authorization, key], ["application/x-www-form-urlencoded", undefined, undefined]);
});

test("a token that ended is asked for anew within the same attempt, once", async () => {
  services.expireTokens();
  for (const name of ["google-sheets-append", "netsuite-record", "salesforce-file"]) {
    const { status, steps, tokens, requests } = await watched(named(name));
    assert.deepEqual([status, steps[0].attempts.length, tokens.length, requests.length], ["done", 1, 1, 2], name);
    assert.deepEqual([requests[0].key, requests[0].text], [requests[1].key, requests[1].text], name);
  }
  services.misbehave(SHEETS, "stranger", Infinity);
  const { status, reason, tokens, requests } = await watched(named("google-sheets-append"));
  assert.deepEqual([status, reason, tokens.length, requests.length], ["failed", "REFUSED", 1, 2]);
  services.behave(SHEETS);
  const again = await watched(named("google-sheets-append"));
  assert.deepEqual([again.status, again.tokens.length, again.requests.length], ["done", 1, 1], "one that was refused is not kept");
});

test("who is refused a token fails in the service's words, and is not tried again", async () => {
  for (const [name, more, words] of [
    ["salesforce-record", { secret: "GUESS" }, "no token was given for GUESS: invalid_client: invalid client credentials"],
    ["netsuite-record", { with: { ...named("netsuite-record").example.input, client_id: "another" } }, "no token was given for NETSUITE: invalid_grant: Invalid JWT: iss."],
    ["google-sheets-append", { with: { ...named("google-sheets-append").example.input, client_email: "a@b.example" } }, "no token was given for GOOGLE: invalid_grant: Invalid JWT: iss."],
  ]) {
    const { status, reason, detail, tokens, requests } = await watched(named(name), more);
    assert.deepEqual([status, reason, tokens.length, requests.length], ["failed", "SECRET", 1, 0], name);
    assert.ok(detail.includes(words), detail);
  }
});

test("who gives tokens and is busy, fails or breaks off is asked again", async () => {
  for (const kind of ["error", "busy", "break", "nonsense"]) {
    services.expireTokens();
    services.misbehave(GOOGLE_TOKENS, kind);
    const { status, detail, steps, tokens } = await watched(named("google-sheets-append"));
    assert.deepEqual([status, detail, steps[0].attempts.length, tokens.length], ["done", null, 2, 2], kind);
  }
});

test("a key is taken as a JSON file and as PEM, and what is none is refused with what to do", async () => {
  for (const secret of ["FILE", "PEM"]) assert.equal((await watched(named("google-sheets-append"), { secret })).status, "done", secret);
  for (const [name, secret, words] of [
    ["google-sheets-append", "PKCS1", "openssl pkcs8 -topk8 -nocrypt"],
    ["google-sheets-append", "LOCKED", "without a password"],
    ["google-sheets-append", "CURVE", "expected an RSA key"],
    ["google-sheets-append", "NO_KEY", "expected a private key in base64"],
    ["salesforce-record", "NO_PAIR", "with a colon between"],
  ]) {
    const { status, reason, detail, calls } = await watched(named(name), { secret });
    assert.deepEqual([status, reason, calls.length], ["failed", "SECRET", 0], secret);
    assert.ok(detail.includes(words), detail);
  }
});

test("neither a token nor what it was asked with stands in a journal or in the log", async () => {
  const shown = [];
  services.misbehave(SHEETS, "echo");
  const echoed = await watched(named("google-sheets-append"));
  assert.equal(echoed.reason, "REFUSED");
  assert.ok(JSON.stringify(echoed.steps).includes("Got Bearer [secret]"), JSON.stringify(echoed.steps));
  services.expireTokens();
  services.misbehave(GOOGLE_TOKENS, "echo");
  const refused = await watched(named("google-sheets-append"));
  assert.equal(refused.reason, "SECRET");
  assert.match(refused.detail, /Got no token, .*assertion=\[secret\]/);
  const runs = await office.read("/api/v1/runs?limit=100");
  for (const { run_id } of runs.runs) shown.push(JSON.stringify(await office.read(`/api/v1/runs/${run_id}`)));
  assert.ok(shown.length > signing.length && bearers().length > signing.length);
  const assertions = services.calls.map(({ body }) => body?.assertion ?? body?.client_assertion).filter(Boolean);
  const pairs = [services.secretOf(SALESFORCE)[1].split(":")[1], "made-up-guess"];
  const keys = [services.secretOf(SHEETS)[1], services.secretOf(NETSUITE)[1], ...["FILE", "PEM", "PKCS1", "LOCKED", "CURVE"].map((name) => others[name][1])];
  for (const text of [edge.log(), ...shown]) {
    for (const secret of [...bearers(), ...assertions, ...pairs, ...keys]) assert.ok(!text.includes(secret), secret.slice(0, 12));
  }
});
