// What a stranger can do to a session, or with one, on the real edge.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, test } from "node:test";
import { assertProblem, authStatus, backOfficeOf, callsOf, CONSENT, control, loginOf, openPage, openSocket, postWebhook, until, webhook } from "../edge-client.mjs";
import { startBoth, startEdge } from "../harness.mjs";
import { startStandIn } from "../stand-in.mjs";

const AGENCY = "https://www.agency.example";
let both, edge, sandbox;

before(async () => {
  both = await startBoth({ edgeEnv: { EDGE_ALLOWED_ORIGINS: AGENCY } });
  ({ edge, sandbox } = both);
});
after(() => both?.stop());

const open = (mode, more) => openPage(edge, { origin: AGENCY, mode, ...more });
/** A pull of somebody else's whose link named this session. */
async function strangersPull(session, data = { auth_status: "IDENTITY_VERIFICATION_OPTIONS", mfa_options: { sms: "Text 1234" }, login_error_message: "Call 555" }) {
  const id = randomUUID();
  await postWebhook(edge, authStatus(id, data.auth_status, 1, { data, meta_data: { edge_session: session } }));
  return id;
}

test("a session that begins its pulls itself takes no other", async () => {
  const page = await open("components");
  await page.live();
  await strangersPull(page.session_id);
  for (let flood = 0; flood < 25; flood += 1) await strangersPull(page.session_id, { auth_status: "QUEUED" });
  assert.deepEqual([(await page.document()).phase, (await page.document()).pull_id], ["open", null]);
  const { pull_id } = await page.ask("connect", await loginOf(sandbox, "user_good"));
  for (let flood = 0; flood < 25; flood += 1) await strangersPull(page.session_id, { auth_status: "QUEUED" });
  const done = await page.shown((document) => document.complete, "end");
  assert.equal(done.pull_id, pull_id);
});

test("of a pull that a session only heard of it sees no contacts and no message", async () => {
  for (const mode of ["hosted", undefined]) {
    const page = await open(mode);
    const id = await strangersPull(page.session_id);
    const document = await until(async () => {
      const document = await page.document();
      return document.pull_id === id && document;
    }, "the pull");
    assert.deepEqual([document.phase, document.auth.status, document.auth.options, document.auth.message], ["followed", "IDENTITY_VERIFICATION_OPTIONS", [], []]);
    assert.ok(!JSON.stringify(document).includes("1234"));
  }
});

test("a pull that was only heard of keeps nobody from a login of their own, but where Canopy's window speaks for them", async () => {
  for (const [mode, status] of [[undefined, 200], ["components", 200], ["hosted", 409]]) {
    const page = await open(mode);
    await strangersPull(page.session_id);
    if (mode !== "components") await until(async () => (await page.document()).phase === "followed", "the stranger's pull");
    assert.equal((await page.post("connect", await loginOf(sandbox, "user_good"))).status, status, mode);
  }
});

test("a mode is one of two", async () => {
  const post = (body) => fetch(`${edge.url}/connect/sessions`, { method: "POST", headers: { origin: AGENCY }, body });
  for (const mode of ['"other"', "7", "[]"]) await assertProblem(await post(`{"mode":${mode}}`), 400, "INPUT_INVALID");
  for (const mode of ["null", '"hosted"', '"components"']) assert.equal((await post(`{"mode":${mode}}`)).status, 201);
});

test("a socket opens by a ticket that is good for nothing else, and a session's end closes it", async () => {
  const page = await open();
  const ticket = async () => (await page.ask("ticket", {})).ticket;
  const { ticket: one, expires_at } = await page.ask("ticket", {});
  const life = Date.parse(expires_at) - Date.now();
  assert.ok(life > 0 && life <= 31_000, `${life} ms`);
  await assertProblem(await fetch(edge.url + page.path, { headers: { ...page.bearer, authorization: `Bearer ${one}` } }), 401, "UNAUTHORIZED");
  const socket = openSocket(edge, page.path, ["canopy-edge", await ticket()], { origin: AGENCY });
  await new Promise((resolve, reject) => (socket.addEventListener("message", resolve, { once: true }), socket.addEventListener("error", reject)));
  assert.equal(socket.protocol, "canopy-edge");
  const end = () => fetch(edge.url + page.path, { method: "DELETE", headers: page.bearer });
  assert.equal((await end()).status, 204);
  await until(() => socket.readyState >= WebSocket.CLOSING, "the end of the socket");
  await assertProblem(await fetch(edge.url + page.path, { headers: page.bearer }), 404, "NOT_FOUND");
  assert.equal((await end()).status, 204, "a second time it is as gone");
  const other = await open();
  await assertProblem(await fetch(edge.url + other.path, { method: "DELETE", headers: page.bearer }), 401, "UNAUTHORIZED");
});

test("a socket ends when its session does", async () => {
  // Alarms come within a second, and the clock goes on by an hour when it is told so.
  const later = (text) =>
    text
      .replace(/(arg0\.setAlarm\()arg1\)/, "$1Math.min(arg1, Date.now() + 1000))")
      .replace(/(__wbg_now_\w+: function\(\) \{\s+const ret = Date\.now\(\))/, "$1 + (globalThis.ahead ?? 0)")
      .replace(/async fetch\(request, env, context\) \{/, '$& globalThis.ahead ??= 0; if (request.headers.has("x-ahead")) globalThis.ahead = Number(request.headers.get("x-ahead"));');
  const own = await startEdge({ patch: later });
  try {
    const page = await openPage(own);
    const socket = await page.live();
    await fetch(`${own.url}/healthz`, { headers: { "x-ahead": String(3_601_000) } });
    await until(() => socket.readyState >= WebSocket.CLOSING, "the end of the socket");
    await assertProblem(await fetch(own.url + page.path, { headers: page.bearer }), 401, "SESSION_EXPIRED");
  } finally {
    await own.stop();
  }
});

test("a session asks only so often, whatever the answers", async () => {
  const page = await open();
  const consents = [];
  for (let ask = 0; ask < 15; ask += 1) consents.push((await page.post("consent", CONSENT)).status);
  assert.deepEqual([consents.filter((status) => status === 200).length, consents.at(-1)], [12, 429]);
  await control(sandbox, "POST", "/faults", { operation: "post-consent-and-connect", steps: [{ status: 400, error: "INVALID_USERNAME", times: 100 }] });
  const before = (await callsOf(sandbox, "post-consent-and-connect")).length;
  const login = await loginOf(sandbox, "user_good");
  const logins = [];
  for (let ask = 0; ask < 15; ask += 1) logins.push((await page.post("connect", login)).status);
  await control(sandbox, "DELETE", "/faults");
  assert.deepEqual([logins.filter((status) => status === 422).length, logins.at(-1)], [12, 429]);
  assert.equal((await callsOf(sandbox, "post-consent-and-connect")).length, before + 12);
});

test("what Canopy does not answer is asked once for however many pages, and again after seconds", async () => {
  for (const [name, path] of [["terms", "/tos"], ["carriers", "/carriers"]]) {
    const canopy = await startStandIn(() => ({ status: 503 }));
    const own = await startEdge({ sandbox: canopy });
    try {
      const asked = () => canopy.calls.filter((call) => call.path.includes(path)).length;
      const answers = await Promise.all(Array.from({ length: 40 }, () => fetch(`${own.url}/connect/${name}`)));
      for (const answer of answers) await assertProblem(answer, 502, "CANOPY_FAILED");
      assert.equal(asked(), 1);
      await until(async () => (await fetch(`${own.url}/connect/${name}`), asked() === 2), "another question");
    } finally {
      await own.stop();
      await canopy.stop();
    }
  }
});

test("a pull that was brought back learns of its session even where the first call to it fails", async () => {
  const pull_id = randomUUID();
  const canopy = await startStandIn(({ path }) => (path.endsWith("/reconnectToken") ? { body: { pull_id, pull_jwt: "a.b.c" } } : { status: 404 }));
  const fault = (text) => text.replace(/watch\(pull, session, now\) \{/, "$& if ((globalThis.watches = (globalThis.watches ?? 0) + 1) < 3) throw new Error('planted');");
  const own = await startEdge({ sandbox: canopy, patch: fault });
  try {
    const page = await openPage(own);
    await page.live();
    await postWebhook(own, webhook(pull_id, "MONITORING_RECONNECT", { status: "NOT_AUTHENTICATED", meta_data: { edge_session: randomUUID() } }));
    const back = await page.ask("reconnect", { reconnect_token: "token" });
    assert.deepEqual([back.phase, back.status], ["connected", null]);
    await postWebhook(own, authStatus(pull_id, "IDENTITY_VERIFICATION", 1));
    const shown = await page.shown((document) => document.auth, "status of the pull");
    assert.equal(shown.auth.status, "IDENTITY_VERIFICATION");
    await backOfficeOf(own).seen(pull_id, (pull) => pull.outbox.every((entry) => entry.work !== "notify" || entry.state === "done"), "the notice");
  } finally {
    await own.stop();
    await canopy.stop();
  }
});
