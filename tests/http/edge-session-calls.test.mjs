// What a page session asks of Canopy: a login is never sent twice, a lost answer is said to be lost, and the pull's token stays inside.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, test } from "node:test";
import { assertProblem, authOf, authStatus, backOfficeOf, callsOf, CONSENT, control, loginOf, openPage, postWebhook, until, webhook } from "../edge-client.mjs";
import { freePort, LOCAL, startBoth, startEdge, startSandbox, temporaryDirectory } from "../harness.mjs";
import { startStandIn } from "../stand-in.mjs";

const AGENCY = "https://www.agency.example";
let both, edge, sandbox;

before(async () => {
  both = await startBoth({ edgeEnv: { EDGE_ALLOWED_ORIGINS: AGENCY } });
  ({ edge, sandbox } = both);
});
after(() => both?.stop());

/** The pulls that the sandbox made for a session. */
const pullsOf = async (page, at = sandbox) => (await control(at, "GET", "/pulls")).pulls.filter((pull) => pull.meta_data.edge_session === page.session_id);
const isDone = (document) => document.complete && document.auth?.status === "SUCCESS";

test("a login whose answer was lost is not sent again: its pull is followed", async () => {
  await control(sandbox, "POST", "/faults", { operation: "post-consent-and-connect", steps: [{ lost: true }], deliveries: { delay_ms: 1_500 } });
  const page = await openPage(edge, { origin: AGENCY });
  await page.live();
  const login = await loginOf(sandbox, "user_good");
  await assertProblem(await page.post("connect", login), 504, "CANOPY_TIMED_OUT");
  const unknown = await page.shown((document) => document.phase === "unknown", "unknown phase");
  assert.deepEqual([unknown.answer_lost, unknown.pull_id], [true, null]);
  await assertProblem(await page.post("connect", login), 409, "CONNECT_OUTCOME_UNKNOWN");
  const followed = await page.shown((document) => document.phase === "followed", "followed phase");
  const [pull, ...more] = await pullsOf(page);
  assert.deepEqual([followed.pull_id, followed.answer_lost, more], [pull.pull_id, true, []]);
  await page.shown(isDone, "end");
  await assertProblem(await page.post("connect", login), 409, "CONNECT_OUTCOME_UNKNOWN");
  await assertProblem(await page.post("identity-code", { code: "1" }), 409, "CONNECT_OUTCOME_UNKNOWN");
  assert.equal((await pullsOf(page)).length, 1);
  await control(sandbox, "DELETE", "/faults");
});

test("what Canopy answers decides whether a login may be sent again", async () => {
  const login = await loginOf(sandbox, "user_good");
  for (const [fault, status, code, phase] of [
    [{ status: 400, error: "UNSUPPORTED_INSURER" }, 422, "CANOPY_REFUSED", "open"],
    [{ status: 401 }, 502, "CANOPY_FAILED", "open"],
    [{ status: 429 }, 429, "TOO_MANY_REQUESTS", "open"],
    [{ status: 500 }, 504, "CANOPY_TIMED_OUT", "unknown"],
    [{ status: 503 }, 504, "CANOPY_TIMED_OUT", "unknown"],
  ]) {
    await control(sandbox, "POST", "/faults", { operation: "post-consent-and-connect", steps: [fault] });
    const page = await openPage(edge, { origin: AGENCY });
    const before = (await callsOf(sandbox, "post-consent-and-connect")).length;
    await assertProblem(await page.post("connect", login), status, code);
    assert.equal((await page.document()).phase, phase, JSON.stringify(fault));
    assert.equal((await callsOf(sandbox, "post-consent-and-connect")).length, before + 1, "no write is repeated");
  }
});

test("an edge killed in the middle of a login comes back knowing that the answer is lost", async () => {
  const [port, persist] = [await freePort(), temporaryDirectory()];
  const own = await startSandbox({ env: { SANDBOX_HOOK_URL: `http://127.0.0.1:${port}/webhooks/canopy`, SANDBOX_RETRY_BASE_MS: "200" } });
  let fallen = await startEdge({ port, persist, sandbox: own });
  try {
    await control(own, "POST", "/faults", { operation: "post-consent-and-connect", steps: [{ delay_ms: 60_000 }] });
    const page = await openPage(fallen);
    const login = await loginOf(own, "user_good");
    const asked = page.post("connect", login).then(() => "answered", () => "broken");
    await until(async () => (await pullsOf(page, own)).length === 1, "the pull at Canopy");
    await fallen.kill9();
    assert.equal(await asked, "broken");
    fallen = await startEdge({ port, persist, sandbox: own });
    const { phase, answer_lost } = await page.document();
    assert.ok(["unknown", "followed"].includes(phase), phase);
    assert.equal(answer_lost, true);
    await assertProblem(await page.post("connect", login), 409, "CONNECT_OUTCOME_UNKNOWN");
    const done = await until(async () => {
      const document = await page.document();
      return document.complete && document;
    }, "the end of the adopted pull");
    const pulls = await pullsOf(page, own);
    assert.deepEqual([done.phase, done.pull_id, pulls.length], ["followed", pulls[0].pull_id, 1]);
  } finally {
    await fallen.stop();
    await own.stop();
  }
});

test("a double click on connect makes one pull", async () => {
  const page = await openPage(edge, { origin: AGENCY });
  const login = await loginOf(sandbox, "user_good");
  const answers = await Promise.all(Array.from({ length: 5 }, () => page.post("connect", login)));
  const codes = await Promise.all(answers.map(async (answer) => (answer.status === 200 ? "taken" : (await answer.json()).code)));
  assert.equal(codes.filter((code) => code === "taken").length, 1, codes.join());
  assert.ok(codes.every((code) => ["taken", "CONNECT_IN_PROGRESS", "STATE_CONFLICT"].includes(code)), codes.join());
  assert.equal((await pullsOf(page)).length, 1);
});

test("a monitored account gets its consumer back in a new session", async () => {
  const office = backOfficeOf(edge);
  const api = async (method, path, json) => {
    const response = await office.call(`/canopy/api/v1.0.0/teams/-${path}`, { method, body: json && JSON.stringify(json) });
    assert.equal(response.status, 200);
    return response.json();
  };
  const verify = async (page) => {
    const { auth } = await page.shown(authOf("IDENTITY_VERIFICATION_OPTIONS"), "options");
    await page.ask("identity-option", { option_key: auth.options[0].key });
    await page.shown(authOf("IDENTITY_VERIFICATION"), "prompt");
    await page.ask("identity-code", { code: "123456" });
    await page.shown(isDone, "end");
  };
  const first = await openPage(edge, { origin: AGENCY });
  await first.live();
  const { pull_id } = await first.ask("connect", await loginOf(sandbox, "user_mfa"));
  await verify(first);
  await until(async () => (await control(sandbox, "GET", "/pulls")).pulls.find((pull) => pull.pull_id === pull_id).status === "SUCCESS", "the first pull's end");
  const { monitoring } = await api("POST", "/monitorings", { pull_id, interval: "P30D" });
  const refreshed = (await api("POST", `/monitorings/${monitoring.monitoring_id}/refresh`)).pull_id;
  const waiting = await office.seen(refreshed, (pull) => pull.reconnect, "the call for the consumer");
  assert.deepEqual([waiting.initial_pull_id, waiting.monitoring_id, waiting.is_monitored], [pull_id, monitoring.monitoring_id, true]);
  assert.match(waiting.reconnect.reconnect_url, /reconnectToken=/);
  const { body } = (await office.events(refreshed)).find((event) => event.event_type === "MONITORING_RECONNECT");
  // The webhook's token may have grown old until the consumer comes.
  const { reconnect_token, ...link } = await api("GET", `/monitorings/${monitoring.monitoring_id}/reconnectToken`);
  assert.equal(link.pull_id, refreshed);
  assert.notEqual(reconnect_token, body.data.reconnect_token);

  const second = await openPage(edge, { origin: AGENCY });
  await second.live();
  await assertProblem(await second.post("reconnect", { reconnect_token: "no such token" }), 422, "CANOPY_REFUSED");
  assert.equal((await second.document()).phase, "open");
  const back = await second.ask("reconnect", { reconnect_token });
  assert.deepEqual([back.phase, back.pull_id], ["connected", refreshed]);
  await verify(second);
  await assertProblem(await second.post("reconnect", { reconnect_token: "x" }), 409, "STATE_CONFLICT");
  assert.equal((await first.document()).pull_id, pull_id, "the first session still shows its own pull");
  assert.ok(!JSON.stringify(second.documents).includes(reconnect_token));
});

test("consent for the hosted SDK gives its token", async () => {
  const page = await openPage(edge, { origin: AGENCY });
  const { consent_token } = await page.ask("consent", CONSENT);
  assert.match(consent_token, /^[0-9a-f-]{36}$/);
  await assertProblem(await page.post("consent", { ...CONSENT, terms_version: 99 }), 422, "CANOPY_REFUSED");
  await assertProblem(await page.post("consent", {}), 400, "BODY_MALFORMED");
  await assertProblem(await fetch(`${edge.url}${page.path}/consent`, { method: "POST", headers: { origin: AGENCY }, body: JSON.stringify(CONSENT) }), 401, "UNAUTHORIZED");
});

test("a pull of the hosted SDK is followed by its metadata", async () => {
  const page = await openPage(edge, { origin: AGENCY });
  await page.live();
  const id = randomUUID();
  assert.equal((await postWebhook(edge, authStatus(id, "PROCESSING", 1, { meta_data: { edge_session: page.session_id } }))).status, 200);
  const followed = await page.shown((document) => document.phase === "followed", "followed pull");
  assert.deepEqual([followed.pull_id, followed.answer_lost], [id, false]);
  await assertProblem(await page.post("identity-code", { code: "1" }), 409, "STATE_CONFLICT");
});

test("carriers and terms are asked for once for many pages, and passed on as they are", async () => {
  for (const [name, operation, path] of [["carriers", "get-carriers", `/carriers?public_alias=${LOCAL.publicAlias}`], ["terms", "get-tos", "/tos"]]) {
    const texts = new Set();
    for (let reader = 0; reader < 6; reader += 1) {
      const response = await fetch(`${edge.url}/connect/${name}`, { headers: { origin: AGENCY } });
      assert.equal(response.status, 200);
      texts.add(await response.text());
    }
    assert.equal((await callsOf(sandbox, operation)).length, 1, name);
    assert.deepEqual([...texts], [await (await fetch(`${sandbox.url}/api/v1.0.0${path}`)).text()]);
  }
});

test("carriers that are no longer new are given out at once while newer ones are asked for, and while Canopy is away", async () => {
  let [answer, waits] = [{ body: '["old"]' }, 0];
  const canopy = await startStandIn(async () => (await new Promise((resolve) => setTimeout(resolve, waits)), answer));
  const persist = temporaryDirectory();
  /** An edge, so many minutes later. */
  const later = (minutes) => startEdge({ sandbox: canopy, persist, patch: (text) => `{ const now = Date.now; Date.now = () => now() + ${minutes * 60_000}; }\n${text}` });
  const carriers = async (at) => {
    const [began, response] = [Date.now(), await fetch(`${at.url}/connect/carriers`)];
    return { status: response.status, text: await response.text(), took: Date.now() - began };
  };
  let at = await later(0);
  assert.equal((await carriers(at)).text, '["old"]');
  await at.stop();
  // Within ten minutes another isolate asks nobody.
  at = await later(9);
  assert.equal((await carriers(at)).text, '["old"]');
  assert.equal(canopy.calls.length, 1);
  await at.stop();
  [answer, waits] = [{ body: '["new"]' }, 1_500];
  at = await later(11);
  const meanwhile = await Promise.all(Array.from({ length: 5 }, () => carriers(at)));
  assert.ok(meanwhile.every(({ text, took }) => text === '["old"]' && took < 1_400), JSON.stringify(meanwhile));
  await until(async () => (await carriers(at)).text === '["new"]', "the newer carriers");
  assert.equal(canopy.calls.length, 2, "one at a time");
  await at.stop();
  [answer, waits] = [{ status: 503 }, 0];
  at = await later(60);
  for (let count = 0; count < 5; count += 1) assert.equal((await carriers(at)).text, '["new"]');
  await until(() => canopy.calls.length === 3, "the question");
  for (let count = 0; count < 5; count += 1) assert.equal((await carriers(at)).text, '["new"]');
  assert.equal(canopy.calls.length, 3, "a failure is not multiplied");
  await at.stop();
  // After a day they are not known any more.
  at = await later(25 * 60);
  assert.equal((await carriers(at)).status, 502);
  await at.stop();
  await canopy.stop();
});

test("a servicing action is answered once, and the pull's token stays in the session", async () => {
  const jwt = "PLANTED.pull-jwt.6f1d";
  const pull_id = randomUUID();
  const answers = [{ status: 400, body: { error: "INVALID_ACTION" } }, { body: { pull_id } }, { status: 500 }];
  const canopy = await startStandIn(({ path }) => {
    if (path.endsWith("/consentAndConnect")) return { body: { pull_id, pull_jwt: jwt } };
    return path.endsWith("/servicingAction") ? answers.shift() : { status: 404 };
  });
  const own = await startEdge({ sandbox: canopy });
  try {
    const page = await openPage(own);
    await page.live();
    const [one, two] = [randomUUID(), randomUUID()];
    const confirm = (servicing_action_id, is_confirmed) => page.post("servicing-confirmation", { servicing_action_id, is_confirmed });
    await assertProblem(await confirm(one, true), 409, "STATE_CONFLICT");
    const login = { carrier_id: "statefarm", username: "PLANTED-user-token", password: "PLANTED-pass-token", ...CONSENT };
    await page.ask("connect", login);
    await assertProblem(await confirm(one, true), 409, "STATE_CONFLICT");
    for (const id of [one, two]) await postWebhook(own, webhook(pull_id, "SERVICING_WAITING_FOR_CONSUMER_CONFIRMATION", { data: { servicing_action_id: id }, meta_data: { edge_session: page.session_id } }));
    await page.shown((document) => document.servicing.length === 2, "both actions");
    await assertProblem(await page.post("servicing-confirmation", { servicing_action_id: one }), 400, "BODY_MALFORMED");
    await assertProblem(await confirm(randomUUID(), true), 409, "STATE_CONFLICT");
    await assertProblem(await confirm(one, true), 422, "CANOPY_REFUSED");
    const clicks = await Promise.all([confirm(one, false), confirm(one, true)]);
    assert.deepEqual(clicks.map((answer) => answer.status).toSorted(), [200, 409]);
    await assertProblem(await confirm(one, true), 409, "ALREADY_ANSWERED");
    await assertProblem(await confirm(two, true), 504, "CANOPY_TIMED_OUT");
    await assertProblem(await confirm(two, true), 409, "ALREADY_ANSWERED");
    const { servicing } = await page.document();
    const given = Object.fromEntries(servicing.map((action) => [action.servicing_action_id, action.answer]));
    assert.deepEqual([["confirmed", "rejected"].includes(given[one]), given[two]], [true, "unknown"]);

    const [started] = canopy.calls.filter((call) => call.path.endsWith("/consentAndConnect"));
    const asked = JSON.parse(started.body);
    assert.deepEqual([asked.public_alias, asked.insurerUsername, asked.insurerPassword, asked.meta_data], [LOCAL.publicAlias, login.username, login.password, { edge_session: page.session_id }]);
    assert.ok(asked.device_identifier.length > 0);
    const confirmations = canopy.calls.filter((call) => call.path.endsWith("/servicingAction"));
    assert.equal(confirmations.length, 3);
    for (const { path, headers } of confirmations) assert.deepEqual([path, headers["pull-jwt"], headers.authorization], [`/api/v1.0.0/widget/pull/${pull_id}/servicingAction`, jwt, undefined]);
    const shown = JSON.stringify([page.documents, await page.document(), await backOfficeOf(own).pull(pull_id)]) + own.log();
    for (const secret of [jwt, login.username, login.password, LOCAL.clientSecret]) assert.ok(!shown.includes(secret), secret);
  } finally {
    await own.stop();
    await canopy.stop();
  }
});
