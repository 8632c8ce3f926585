// One run of everything with planted values: none of them may stand in a log line, an error or a URL. And what the edge says of its
// own configuration when that is wrong.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, test } from "node:test";
import { authOf, backOfficeOf, CONSENT, control, isSettled, logLines, loginOf, openPage, postWebhook, raw, signature, until, webhook } from "../edge-client.mjs";
import { LOCAL, startBoth, startEdge } from "../harness.mjs";

const PLANTED = {
  clientSecret: "PLANTED-client-secret-1c9",
  signingSecret: "PLANTED-signing-secret-2c9",
  apiToken: "PLANTED-api-token-3c9",
  sessionKey: "PLANTED-session-key-4c9-0123456789abcdef",
  snapshotKey: Buffer.from("PLANTED-snapshot-key-5c9-0123456").toString("base64"),
  password: "PLANTED-password-6c9",
  username: "PLANTED-username-7c9",
  mfaCode: "PLANTED-code-8c9",
  metadata: "PLANTED-metadata-9c9",
  wrongToken: "PLANTED-wrong-token-ac9",
  body: "PLANTED-body-bc9",
  query: "PLANTED-query-cc9",
  reconnectToken: "PLANTED-reconnect-token-dc9",
};
/** Members of a pull that hold a consumer's data as text of its own: no enum, no common word. */
const PERSONAL = /^(account_email|phone|(mobile|home|work)_phone|carrier_policy_number|policy_number|vin|serial_number|drivers_license.*|full_address|address_one|last_name|date_of_birth.*|loan_number|identification_number)$/;
const team = `/teams/${LOCAL.teamId}`;

let both, edge, sandbox;
/** Every error that the edge answered, as text. */
const errors = [];
const send = globalThis.fetch;

before(async () => {
  assert.equal(Buffer.from(PLANTED.snapshotKey, "base64").length, 32);
  globalThis.fetch = async (url, init) => {
    const response = await send(url, init);
    if (response.status >= 400 && edge && String(url).startsWith(edge.url)) errors.push(`${JSON.stringify([...response.headers])} ${await response.clone().text()}`);
    return response;
  };
  both = await startBoth({
    edgeEnv: {
      CANOPY_CLIENT_SECRET: PLANTED.clientSecret,
      CANOPY_WEBHOOK_SIGNING_SECRET: `older-secret,${PLANTED.signingSecret}`,
      EDGE_API_TOKENS: `crm:${PLANTED.apiToken}`,
      EDGE_SESSION_KEY: PLANTED.sessionKey,
      EDGE_SNAPSHOT_KEY: `k1:${PLANTED.snapshotKey}`,
    },
    sandboxEnv: { SANDBOX_CLIENT_SECRET: PLANTED.clientSecret, SANDBOX_SIGNING_SECRET: PLANTED.signingSecret },
  });
  ({ edge, sandbox } = both);
});
after(async () => {
  globalThis.fetch = send;
  await both?.stop();
});

test("no secret, no token and nothing of a consumer stands in a log line, an error or a URL", async () => {
  const office = backOfficeOf(edge, PLANTED.apiToken);
  const secrets = new Set(Object.values(PLANTED));
  for (const pair of [`${LOCAL.clientId}:${PLANTED.clientSecret}`, `x:${PLANTED.wrongToken}`]) secrets.add(Buffer.from(pair).toString("base64"));
  const page = await openPage(edge, { metadata: { lead: PLANTED.metadata } });
  secrets.add(page.token);
  await page.live();

  // The consumer's way: bad credentials, then a login with a code; each step also done wrong.
  const login = await loginOf(sandbox, PLANTED.username, PLANTED.password);
  for (const token of [login.username, login.password]) secrets.add(token);
  await page.post("connect", { ...login, username: PLANTED.username });
  const { pull_id } = await page.ask("connect", login);
  await page.shown(authOf("NOT_AUTHENTICATED"), "refusal");
  const again = await loginOf(sandbox, "user_mfa");
  await page.ask("connect", again);
  const { auth } = await page.shown(authOf("IDENTITY_VERIFICATION_OPTIONS"), "options");
  await page.post("identity-option", { option_key: PLANTED.body });
  await page.ask("identity-option", { option_key: auth.options[0].key });
  await page.shown(authOf("IDENTITY_VERIFICATION"), "prompt");
  await page.post("identity-code", { code: { text: PLANTED.mfaCode } });
  await page.ask("identity-code", { code: PLANTED.mfaCode });
  await page.shown((document) => document.complete, "COMPLETE");
  await page.post("reconnect", { reconnect_token: PLANTED.reconnectToken });
  const second = await openPage(edge);
  await second.post("reconnect", { reconnect_token: PLANTED.reconnectToken });
  await page.post("connect", PLANTED.body);
  await page.post("consent", { ...CONSENT, consent_language: "" });

  // The back office's way, with failures of Canopy's on it.
  const pull = await office.seen(pull_id, (pull) => pull.complete && isSettled(pull), "the pull");
  const snapshot = await (await office.call(`/api/v1/pulls/${pull_id}/snapshots/latest`)).json();
  await office.call(`/api/v1/pulls/${pull_id}/documents/${pull.documents[0].document_id}`);
  await office.events(pull_id);
  const proxied = (path, init) => office.call(`/canopy/api/v1.0.0${team}/pulls${path}`, { redirect: "manual", ...init });
  await proxied(`?since=${PLANTED.query}`);
  await proxied(`/${pull_id}/documents/${pull.documents[0].document_id}`);
  await proxied(`/${pull_id}`, { method: "PATCH", body: PLANTED.body });
  await proxied(`/${pull_id}`, { method: "DELETE", body: PLANTED.body });
  await control(sandbox, "POST", "/faults", { operation: "get-pull-by-id", steps: [{ status: 401 }, { truncate: true }, { status: 500 }] });
  const update = webhook(pull_id, "DATA_UPDATED", { data: { note: PLANTED.body } });
  await postWebhook(edge, update, { header: signature(update, { secret: PLANTED.signingSecret }) });
  await office.seen(pull_id, (pull) => pull.data_updates === 1 && isSettled(pull), "the update", 60_000);

  // Those who may not.
  for (const path of ["/api/v1/pulls", `/canopy/api/v1.0.0${team}/pulls`, page.path]) {
    for (const authorization of [`Bearer ${PLANTED.wrongToken}`, `Basic ${Buffer.from(`x:${PLANTED.wrongToken}`).toString("base64")}`]) await fetch(edge.url + path, { headers: { authorization, origin: edge.url } });
  }
  await fetch(`${edge.url}${page.path}/live`, { headers: page.bearer });
  await raw(edge, `GET ${page.path}/live HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-protocol: canopy-edge, ${PLANTED.wrongToken}\r\n\r\n`);
  const forged = webhook(randomUUID(), "COMPLETE", { note: PLANTED.body });
  for (const header of [null, PLANTED.body, signature(forged, { secret: PLANTED.wrongToken }), signature(forged, { secret: PLANTED.signingSecret, age: 9_999 })]) await postWebhook(edge, forged, { header });
  for (const body of [PLANTED.body, `{"pull_id":"${PLANTED.body} not an id"}`]) await postWebhook(edge, body, { header: signature(body, { secret: PLANTED.signingSecret }) });
  await fetch(`${edge.url}/${PLANTED.query}?${PLANTED.query}`, { headers: { authorization: `Bearer ${PLANTED.apiToken}` } });
  for (const query of [`status=${PLANTED.query}`, `limit=${PLANTED.query}`, `cursor=${PLANTED.query}%20`]) await office.call(`/api/v1/pulls?${query}`);
  await fetch(`${edge.url}/connect/sessions`, { method: "POST", headers: { origin: `https://${PLANTED.query}.example` }, body: PLANTED.body });
  await fetch(`${edge.url}/connect/sessions`, { method: "POST", headers: { origin: edge.url }, body: PLANTED.body });

  for (const text of textsOf(snapshot)) secrets.add(text);
  assert.ok(secrets.size > Object.keys(PLANTED).length + 8, "the pull has a consumer's data to look for");
  await until(() => logLines(edge).some((line) => line.route === "outbox" && line.code === "MALFORMED"), "the outbox's lines");
  const { requests } = await control(sandbox, "GET", "/requests");
  const places = {
    log: edge.log(),
    error: errors.join("\n"),
    url: requests.filter((request) => !request.query.includes(PLANTED.query)).map((request) => `${request.path}?${request.query}`).join("\n"),
  };
  assert.ok(errors.length > 25 && logLines(edge).length > 60 && requests.length > 20, "there is something to look through");
  for (const [place, text] of Object.entries(places)) {
    const found = [...secrets].filter((secret) => text.toLowerCase().includes(secret.toLowerCase()));
    assert.deepEqual(found, [], `found in the ${place}`);
    // A JWT and a session token both begin so.
    assert.doesNotMatch(text, /eyJ[\w-]{10}/, place);
  }
  assert.doesNotMatch(edge.log(), /uncaught|panicked/i);
});

function textsOf(value, name = "") {
  if (typeof value === "string") return PERSONAL.test(name) && value.length >= 5 ? [value] : [];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([member, inner]) => textsOf(inner, Array.isArray(value) ? name : member));
}

const REQUIRED = ["CANOPY_TEAM_ID", "CANOPY_CLIENT_ID", "CANOPY_CLIENT_SECRET", "CANOPY_WEBHOOK_SIGNING_SECRET", "EDGE_API_TOKENS", "EDGE_SESSION_KEY"];
const MALFORMED = {
  CANOPY_API_BASE_URL: "PLANTED-no-url",
  CANOPY_TEAM_ID: "PLANTED team/id",
  CANOPY_CLIENT_ID: "PLANTED-clïent",
  CANOPY_CLIENT_SECRET: "PLANTED\nsecret",
  CANOPY_WEBHOOK_SIGNING_SECRET: "PLANTED-one,,PLANTED-two",
  WEBHOOK_TOLERANCE_SECONDS: "PLANTED",
  EDGE_API_TOKENS: "PLANTED-token-without-name",
  EDGE_SESSION_KEY: "PLANTED-short",
  EDGE_SNAPSHOT_KEY: "k1:PLANTED",
  EDGE_ALLOWED_ORIGINS: "https://PLANTED.example/path",
};

/** What an edge with this configuration says of it, everywhere it says something. */
async function configured(env) {
  const wrong = await startEdge({ env });
  try {
    const health = await fetch(`${wrong.url}/healthz`);
    const text = await health.text();
    const asked = ["/webhooks/canopy", "/connect/carriers", "/api/v1/pulls", `/canopy/api/v1.0.0${team}/pulls`];
    const answers = await Promise.all(asked.map((path) => fetch(wrong.url + path, { headers: { authorization: `Bearer ${LOCAL.apiToken}` } })));
    const bodies = await Promise.all(answers.map((answer) => answer.text()));
    return { health: health.status, errors: JSON.parse(text).errors, said: text + bodies.join(), answers: answers.map((answer) => answer.status), details: bodies, log: wrong.log() };
  } finally {
    await wrong.stop();
  }
}

for (const [what, env] of [
  ["missing", Object.fromEntries(REQUIRED.map((name) => [name, null]))],
  ["empty", Object.fromEntries(REQUIRED.map((name) => [name, ""]))],
  ["malformed", MALFORMED],
  ["malformed alone", { EDGE_SESSION_KEY: MALFORMED.EDGE_SESSION_KEY }],
]) {
  test(`what is ${what} is named on /healthz, in answers and in the log, and its value never shown`, async () => {
    const names = Object.keys(env).toSorted();
    const { health, errors, said, answers, details, log } = await configured(env);
    assert.equal(health, 503);
    assert.deepEqual(errors.map((error) => error.variable).toSorted(), names);
    assert.ok(errors.every((error) => error.expected.length > 0));
    assert.deepEqual(answers, [503, 503, 503, 503]);
    for (const name of names) {
      for (const detail of details) assert.ok(detail.includes(name), `${name} in ${detail}`);
      assert.ok(log.includes(name), `${name} in the log`);
    }
    assert.doesNotMatch(said + log, /PLANTED/i);
    for (const secret of [LOCAL.clientSecret, LOCAL.signingSecret, LOCAL.apiToken, LOCAL.sessionKey]) assert.ok(!(said + log).includes(secret));
  });
}

test("a right configuration is healthy, and what has a default may be left out", async () => {
  const deployed = { WEBHOOK_TOLERANCE_SECONDS: null, EDGE_SNAPSHOT_KEY: null, EDGE_ALLOWED_ORIGINS: null, CANOPY_API_BASE_URL: null };
  const right = await startEdge({ env: { ...deployed, EDGE_API_TOKENS: `crm:${"x".repeat(32)}` } });
  try {
    const health = await fetch(`${right.url}/healthz`);
    const { status, warnings } = await health.json();
    assert.deepEqual([health.status, status, warnings.map(({ code }) => code)], [200, "ok", ["NOT_SEALED"]]);
    const { sdk_url } = await openPage(right);
    assert.equal(sdk_url, "https://cdn.usecanopy.com/sdk/v1.0.0/connect.js");
  } finally {
    await right.stop();
  }
  // What local runs have is for them alone.
  const { health, errors, answers } = await configured({ ...deployed, EDGE_SESSION_KEY: "x".repeat(31), EDGE_API_TOKENS: `good:${"x".repeat(32)},short:${"y".repeat(31)}` });
  assert.deepEqual([health, answers], [503, [503, 503, 503, 503]]);
  assert.deepEqual(errors.map((error) => error.variable).toSorted(), ["EDGE_API_TOKENS", "EDGE_SESSION_KEY"]);
});
