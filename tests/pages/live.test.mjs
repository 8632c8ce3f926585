// The status as it comes: twice, late, out of order, over a connection that breaks, to a page that is loaded anew. The screen is
// right all the same.
import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { backOfficeOf, callsOf, control, until } from "../edge-client.mjs";
import { startEdge, temporaryDirectory } from "../harness.mjs";
import { startBrowser } from "./browser.mjs";
import { startAll } from "./visitor.mjs";

const PACE_MS = 40;
const CODE = "123456";
const edgePersist = temporaryDirectory();
let all, office, restarted;
before(async () => {
  all = await startAll({ sandboxEnv: { SANDBOX_PACE_MS: String(PACE_MS), SANDBOX_RETRY_BASE_MS: "100" }, edgePersist });
  office = backOfficeOf(all.edge);
});
afterEach(() => control(all.sandbox, "DELETE", "/faults"));
after(() => Promise.all([all?.stop(), restarted?.stop()]));

// The way of a login.

async function atOptions(options) {
  const visitor = await all.visit(options);
  await visitor.choose();
  await visitor.signIn("user_mfa");
  await visitor.sees("send your code");
  return visitor;
}

async function atCode(options) {
  const visitor = await atOptions(options);
  await visitor.button("Send the code").click();
  await visitor.sees("Enter the code");
  return visitor;
}

/** At a screen on which nothing happens until the next event: the consumer approved elsewhere. */
async function atWaiting(options) {
  const visitor = await atOptions(options);
  await say(visitor, "GETTING_CONSUMERS");
  await visitor.sees("Getting your insurance");
  return visitor;
}

/** Sends a status of the visitor's pull, with the next sequence unless `sequence` is given. */
async function say(visitor, auth_status, { sequence, ...data } = {}) {
  const { pull_id } = await visitor.status();
  const event = { pull_id, event_type: "AUTH_STATUS", status: auth_status, data: { auth_status, login_error_message: null, ...data } };
  await control(all.sandbox, "POST", "/events", sequence === undefined ? event : { ...event, sequence });
}

/** Waits until everything that was sent of the visitor's pull has arrived at the edge, however late. */
async function delivered(visitor) {
  const { pull_id } = await visitor.status();
  await until(async () => (await control(all.sandbox, "GET", `/deliveries?pull_id=${pull_id}`)).deliveries.every(({ state }) => state === "delivered"), "the deliveries");
}

/** Sends what moves no screen, and waits until the page has it: so it has everything before. */
let marks = 0;
async function caughtUp(visitor) {
  const { pull_id } = await visitor.status();
  const policy_type = `MARK_${++marks}`;
  // What was delivered late would come after it.
  await delivered(visitor);
  await control(all.sandbox, "POST", "/events", { pull_id, event_type: "POLICY_AVAILABLE", data: { policy_id: policy_type, policy_type } });
  await until(async () => (await visitor.status()).policy_types.includes(policy_type), "the mark");
}

async function pullsOf(visitor) {
  const { session_id } = await visitor.status();
  const { pulls } = await control(all.sandbox, "GET", "/pulls");
  return pulls.filter((pull) => pull.meta_data.edge_session === session_id);
}

// What a page may show. Source: docs/api.md, the session's document; contract, "Webhooks".

const MAY_MOVE_BACK = ["NOT_AUTHENTICATED", "IDENTITY_VERIFICATION_OPTIONS", "IDENTITY_VERIFICATION"];
const PROGRESS = ["QUEUED", "NOT_AUTHENTICATED", "PROCESSING", "IDENTITY_VERIFICATION_OPTIONS", "IDENTITY_VERIFICATION", "GETTING_CONSUMERS", "PULLING_DATA", "SUCCESS"];
const ASKS = { NOT_AUTHENTICATED: "credentials", IDENTITY_VERIFICATION_OPTIONS: "identity-option", IDENTITY_VERIFICATION: "identity-code" };

function screenOf(status) {
  if (status.complete) return "done";
  if (status.error) return "failed";
  return (!status.prompt_answered && ASKS[status.auth?.status]) || "waiting";
}

/** That no screen of the visit was wrong, and none went back but to what Canopy asks again. */
async function assertNeverWrong(visitor) {
  const told = (await visitor.heard("status")).filter(({ status }) => status?.pull_id);
  assert.ok(told.length > 2, "the screens were recorded");
  let [revision, furthest, progress] = [0, 0, 0];
  for (const { screen, status } of told) {
    const what = `${screen.name} at ${status.auth?.status}, revision ${status.revision}`;
    assert.equal(screen.name, screenOf(status), what);
    assert.ok(status.revision >= revision, `${what}: an older document`);
    revision = status.revision;
    if (screen.name === "waiting") {
      assert.ok(screen.progress >= progress, `${what}: the progress went back`);
      progress = screen.progress;
    }
    const name = status.auth?.status;
    if (!name) continue;
    assert.ok(PROGRESS.includes(name), `${what} is known to this test`);
    assert.ok(PROGRESS.indexOf(name) >= furthest || MAY_MOVE_BACK.includes(name), `${what}: the login went back`);
    furthest = PROGRESS.indexOf(name);
  }
}

/** The screens without the waiting between them. */
async function questions(visitor) {
  const names = (await visitor.screens()).filter((name) => name !== "waiting");
  return names.filter((name, at) => name !== names[at - 1]);
}

const MILESTONES = ["authenticated", "policies-available", "complete"];

async function assertEachOnce(visitor) {
  for (const event of MILESTONES) assert.equal((await visitor.heard(event)).length, 1, `canopy-${event} once`);
}

// Deliveries.

const late = 200;
const SWITCHES = {
  "each delivered three times": { deliveries: { duplicate: 3 } },
  "every other one overtaken": { deliveries: { reorder: true } },
  "all of them late": { deliveries: { delay_ms: late } },
  "all of this at once, in the other forms that Canopy may send": {
    deliveries: { duplicate: 3, reorder: true, delay_ms: late },
    webhook: { sequence_in_data: true, meta_data_as_string: true, options_as_array: true },
  },
};
for (const [name, faults] of Object.entries(SWITCHES)) {
  test(`webhooks ${name}: no screen is wrong, and none goes back`, async () => {
    await control(all.sandbox, "POST", "/faults", faults);
    const visitor = await atCode();
    await visitor.enterCode("000000");
    await visitor.reads("wrong");
    await visitor.enterCode(CODE);
    await visitor.done();
    await delivered(visitor);
    await until(async () => (await visitor.screen()).policyTypes.length === 2, "both policies, whenever they were announced");
    await assertNeverWrong(visitor);
    assert.deepEqual(await questions(visitor), ["consent", "carriers", "credentials", "identity-option", "identity-code", "done"]);
    await assertEachOnce(visitor);
    assert.equal((await pullsOf(visitor)).length, 1);
    await visitor.page.reload();
    await visitor.done();
    assert.deepEqual(await visitor.screens(), ["done"], "what came late did not take it back");
    assert.deepEqual(visitor.seen.problems(), []);
    await visitor.close();
  });
}

test("a status with a lower or an equal sequence changes nothing, at a question and while waiting", async () => {
  const visitor = await atCode();
  const { sequence } = (await visitor.status()).auth;
  assert.ok(sequence > 2);
  await visitor.element.getByLabel("Code").fill("12");
  for (const [status, at] of [["NOT_AUTHENTICATED", 1], ["SUCCESS", sequence - 1], ["IDENTITY_VERIFICATION_OPTIONS", sequence], ["PULLING_DATA", sequence], ["PROVIDER_ERROR", 0]]) {
    await say(visitor, status, { sequence: at, login_error_message: `${status} is late` });
  }
  await caughtUp(visitor);
  assert.equal((await visitor.screen()).name, "identity-code");
  assert.equal(await visitor.element.getByLabel("Code").inputValue(), "12", "what was typed stays");
  assert.equal(await visitor.element.getByText("is late").count(), 0);
  await say(visitor, "PULLING_DATA");
  await visitor.sees("Getting your insurance");
  const { sequence: next } = (await visitor.status()).auth;
  for (const [status, at] of [["IDENTITY_VERIFICATION", next - 1], ["IDENTITY_VERIFICATION", next], ["NOT_AUTHENTICATED", 1]]) await say(visitor, status, { sequence: at });
  await caughtUp(visitor);
  assert.equal((await visitor.screen()).name, "waiting");
  await assertNeverWrong(visitor);
  await visitor.close();
});

test("a policy that is announced after the end is named all the same", async () => {
  const visitor = await atWaiting();
  const { pull_id } = await visitor.status();
  const send = (event_type, data) => control(all.sandbox, "POST", "/events", { pull_id, event_type, data });
  await send("COMPLETE", {});
  await visitor.done();
  await send("POLICY_AVAILABLE", { policy_id: "late", policy_type: "FLOOD" });
  await visitor.reads("1 × Flood");
  await visitor.close();
});

test("a status with a higher sequence moves the screen back only to what Canopy asks again", async () => {
  const visitor = await atWaiting();
  const { progress } = await visitor.screen();
  for (const status of ["QUEUED", "PROCESSING"]) await say(visitor, status);
  await caughtUp(visitor);
  assert.deepEqual([(await visitor.screen()).progress, (await visitor.status()).auth.status], [progress, "GETTING_CONSUMERS"], "not to an earlier status");
  await say(visitor, "IDENTITY_VERIFICATION_OPTIONS", { mfa_options: { SMS_0: "Text" } });
  await visitor.sees("send your code");
  await say(visitor, "IDENTITY_VERIFICATION");
  await visitor.sees("Enter the code");
  await say(visitor, "NOT_AUTHENTICATED", { login_error_message: "Your account was locked meanwhile." });
  await visitor.sees("Sign in to State Farm");
  await visitor.reads("locked meanwhile");
  await say(visitor, "QUEUED");
  await caughtUp(visitor);
  assert.equal((await visitor.screen()).name, "credentials", "a question stands until it is answered or overtaken");
  await assertNeverWrong(visitor);
  await visitor.close();
});

// A page that is loaded anew.

test("a reload at the choice of an option goes on there", async () => {
  const visitor = await atOptions();
  await visitor.page.reload();
  await visitor.sees("send your code");
  assert.deepEqual(await visitor.screens(), ["identity-option"], "no other screen before it");
  await visitor.element.getByLabel("Phone call").check();
  await visitor.button("Send the code").click();
  await visitor.sees("Enter the code");
  await visitor.enterCode(CODE);
  await visitor.done();
  await endsAsOne(visitor);
});

test("a reload at the code goes on there, and the code can still be had another way", async () => {
  const visitor = await atCode();
  await visitor.page.reload();
  await visitor.sees("Enter the code");
  assert.deepEqual(await visitor.screens(), ["identity-code"]);
  await visitor.button("another way").waitFor();
  await visitor.enterCode(CODE);
  await visitor.done();
  await endsAsOne(visitor);
});

test("a reload while waiting goes on there, and what came while the page was away is announced", async () => {
  const visitor = await atWaiting();
  const [before, { pull_id }] = [await visitor.screen(), await visitor.status()];
  await visitor.page.reload();
  await visitor.sees("Getting your insurance");
  assert.deepEqual(await visitor.screens(), ["waiting"]);
  assert.deepEqual(await visitor.screen(), before);
  await visitor.page.goto("about:blank");
  for (const event_type of ["POLICIES_AVAILABLE", "COMPLETE"]) await control(all.sandbox, "POST", "/events", { pull_id, event_type });
  await office.seen(pull_id, (pull) => pull.complete, "the end");
  await visitor.page.goto(visitor.url);
  await visitor.done();
  assert.deepEqual(await visitor.screens(), ["done"]);
  await until(async () => (await visitor.heard("complete")).length > 0, "the announcement");
  assert.deepEqual(await visitor.heard("complete"), [{ pullId: pull_id }]);
  await endsAsOne(visitor);
});

test("a reload at the end stays there, and asks Canopy nothing", async () => {
  const visitor = await all.visit();
  await visitor.choose();
  await visitor.signIn("user_good");
  await visitor.done();
  await delivered(visitor);
  const list = visitor.element.getByRole("listitem");
  const shared = await list.allTextContents();
  assert.ok(shared.length > 0);
  const calls = (await control(all.sandbox, "GET", "/requests")).requests.length;
  await visitor.page.reload();
  await visitor.done();
  assert.deepEqual(await visitor.screens(), ["done"]);
  assert.deepEqual(await list.allTextContents(), shared);
  assert.equal((await control(all.sandbox, "GET", "/requests")).requests.length, calls);
  await endsAsOne(visitor);
});

test("a reload at refused credentials goes on with the same company, without a new consent", async () => {
  const visitor = await all.visit();
  await visitor.choose("GEICO");
  await visitor.signIn("user_bad");
  await visitor.reads("did not accept");
  const { login } = await visitor.status();
  await visitor.page.reload();
  await visitor.sees("Sign in to GEICO");
  await visitor.reads("did not accept");
  assert.deepEqual(await visitor.screens(), ["credentials"]);
  await visitor.signIn("user_good");
  await visitor.done();
  assert.deepEqual((await visitor.status()).login, login, "the consent that was given is the one that stands");
  await endsAsOne(visitor);
});

/** What must hold after a reload: one pull, each announcement once since then, nothing complained about. */
async function endsAsOne(visitor) {
  assert.equal((await pullsOf(visitor)).length, 1, "one visit, one pull");
  await assertEachOnce(visitor);
  assert.deepEqual(visitor.seen.problems(), []);
  await visitor.close();
}

/** Keeps the page's sockets in `window.sockets`, and in `window.left` what stood when the page was left: from before the first. */
const watchSockets = (page) =>
  page.addInitScript(() => {
    window.sockets = [];
    window.left = [];
    window.WebSocket = class extends WebSocket {
      constructor(...given) {
        super(...given);
        window.sockets.push(this);
      }
      close(...given) {
        if (window.isLeaving) window.left.push(this.readyState);
        super.close(...given);
      }
    };
    addEventListener("pagehide", ({ persisted }) => (window.isLeaving = true, window.wasKept = persisted));
    addEventListener("pageshow", ({ persisted }) => (window.isLeaving = false, window.isKept = persisted));
  });

const openSockets = (visitor) => visitor.page.evaluate(() => window.sockets.filter(({ readyState }) => readyState === WebSocket.OPEN).length);

test("the back-forward cache keeps the page: its socket is closed while it is away and there is one again when it is back", async () => {
  // Playwright switches it off, and does not wait right for what comes out of it.
  const program = await startBrowser({ ignoreDefaultArgs: ["--disable-back-forward-cache"] });
  try {
    const kept = { "cache-control": "max-age=60" };
    const visitor = await atCode({ program, headers: kept, prepare: watchSockets });
    const { page } = visitor;
    await until(async () => (await openSockets(visitor)) === 1, "the socket");
    await visitor.element.getByLabel("Code").fill("12");
    const opened = await page.evaluate(() => window.sockets.length);
    await page.goto(all.agency.serve("/elsewhere", { html: "<!doctype html><title>Elsewhere</title>", headers: kept }));
    await page.goBack({ waitUntil: "commit" });
    await page.waitForFunction(() => window.isKept);
    assert.deepEqual(await page.evaluate(() => [window.wasKept, window.left]), [true, [WebSocket.OPEN]], "closed when the page was left");
    await until(async () => (await openSockets(visitor)) === 1, "a socket again");
    assert.equal(await page.evaluate(() => window.sockets.length), opened + 1, "one, and no more");
    assert.equal(await visitor.element.getByLabel("Code").inputValue(), "12", "it is the page that was left");
    await say(visitor, "GETTING_CONSUMERS");
    await visitor.sees("Getting your insurance");
    await assertNeverWrong(visitor);
    // Chromium complains of a script of Playwright's in the frame of the terms.
    assert.deepEqual(visitor.seen.problems().filter((text) => !text.includes("Blocked script execution in 'about:blank'")), []);
  } finally {
    await program.close();
  }
});

// A connection that breaks.

/** The sockets of a page between it and the edge: `gate.policy(socket)` decides for each what becomes of it. */
function socketGate() {
  const gate = {
    attempts: [],
    standing: new Set(),
    policy: (socket) => gate.letThrough(socket),
    letThrough(socket, relay = (text) => socket.send(text)) {
      const server = socket.connectToServer();
      server.onMessage(relay);
      gate.standing.add(socket);
      const gone = (other) => (code, reason) => (gate.standing.delete(socket), other.close({ code: code === 1005 ? undefined : code, reason }));
      socket.onClose(gone(server));
      server.onClose(gone(socket));
    },
    drop() {
      for (const socket of gate.standing) socket.close({ code: 1011, reason: "dropped" });
      gate.standing.clear();
    },
    prepare: (page) =>
      page.routeWebSocket(/\/live$/, (socket) => {
        gate.attempts.push(Date.now());
        gate.policy(socket);
      }),
  };
  return gate;
}

const offline = (visitor) => visitor.element.getByText("The connection is lost");

test("a socket that breaks is tried again, each time later, and the screen is right when there is one", async () => {
  const gate = socketGate();
  const visitor = await atCode({ prepare: gate.prepare });
  await until(() => gate.standing.size === 1, "the socket");
  const gets = [];
  visitor.page.on("request", (request) => request.method() === "GET" && gets.push(request.url()));
  gate.policy = (socket) => socket.close({ code: 1011 });
  const first = gate.attempts.length;
  gate.drop();
  await until(() => gate.attempts.length >= first + 4, "four attempts");
  const gaps = gate.attempts.slice(first).map((time, at, times) => time - times[at - 1]);
  assert.ok(gaps[3] > gaps[1], `the waits grow: ${gaps}`);
  gate.policy = (socket) => gate.letThrough(socket);
  await until(() => gate.standing.size === 1, "a socket again");
  await until(() => visitor.element.evaluate((element) => element.session.isLive), "the status live again");
  const asked = gets.length;
  assert.equal(gate.standing.size, 1, "one socket, and no more");
  await visitor.enterCode(CODE);
  await visitor.done();
  assert.equal(gets.length, asked, "with a socket it is not asked for");
  await assertNeverWrong(visitor);
  await assertEachOnce(visitor);
  await visitor.close();
});

test("what happened while the socket was broken is on the screen when there is one again", async () => {
  const gate = socketGate();
  const visitor = await atCode({ prepare: gate.prepare });
  await until(() => gate.standing.size === 1, "the socket");
  // No answer to the question for the document either: it has to come by the socket.
  await visitor.page.route(/\/connect\/sessions\/[^/]+$/, (route) => route.abort());
  let held = true;
  gate.policy = (socket) => (held ? socket.close({ code: 1011 }) : gate.letThrough(socket));
  gate.drop();
  await say(visitor, "GETTING_CONSUMERS");
  const { pull_id } = await visitor.status();
  await office.seen(pull_id, (pull) => pull.auth.status === "GETTING_CONSUMERS", "the status at the edge");
  assert.equal((await visitor.screen()).name, "identity-code");
  held = false;
  await visitor.sees("Getting your insurance");
  await assertNeverWrong(visitor);
  await visitor.close();
});

test("without any socket the page asks now and then, and gets to the end", async () => {
  const gate = socketGate();
  gate.policy = (socket) => socket.close({ code: 1011 });
  const visitor = await atCode({ prepare: gate.prepare });
  await visitor.enterCode(CODE);
  await visitor.done();
  await assertNeverWrong(visitor);
  assert.deepEqual(await questions(visitor), ["consent", "carriers", "credentials", "identity-option", "identity-code", "done"]);
  await assertEachOnce(visitor);
  assert.ok(gate.attempts.length > 3, "sockets are tried all the while");
  await visitor.close();
});

test("while requests are answered the page does not say that the connection is lost", async () => {
  const gate = socketGate();
  gate.policy = (socket) => socket.close({ code: 1011 });
  const visitor = await atOptions({ prepare: gate.prepare });
  const before = gate.attempts.length;
  await until(() => gate.attempts.length > before + 4, "more attempts");
  assert.equal(await offline(visitor).count(), 0);
  await visitor.close();
});

test("a socket that looks open and is dead is noticed and replaced", async () => {
  const gate = socketGate();
  const visitor = await atCode({ prepare: async (page) => (await page.clock.install(), await gate.prepare(page)) });
  await until(() => gate.standing.size === 1, "the socket");
  const [dead] = gate.standing;
  // Nothing comes through any more, in either direction.
  let pings = 0;
  dead.onMessage((text) => void (pings += text === "ping"));
  await visitor.page.clock.fastForward("00:30");
  await until(() => pings === 1, "the question whether it is alive");
  const before = gate.attempts.length;
  await visitor.page.clock.fastForward("00:15");
  await until(() => gate.attempts.length > before && gate.standing.size === 1 && !gate.standing.has(dead), "another socket");
  await say(visitor, "GETTING_CONSUMERS");
  await visitor.sees("Getting your insurance");
  await visitor.close();
});

test("while the device is offline the page says so, and it recovers by itself", async () => {
  const visitor = await atCode({ prepare: (page) => page.clock.install() });
  const context = visitor.page.context();
  await context.setOffline(true);
  // Long enough to notice that nobody is there any more, and to try some more times.
  const isNoticed = async () => {
    await visitor.page.clock.fastForward("00:10");
    return offline(visitor).isVisible();
  };
  await until(isNoticed, "the note");
  await visitor.enterCode(CODE);
  await visitor.reads("We cannot be reached right now");
  assert.equal(await visitor.element.getByLabel("Code").inputValue(), CODE, "what was typed stays");
  await context.setOffline(false);
  await offline(visitor).waitFor({ state: "hidden" });
  await visitor.button("Continue").click();
  await visitor.done();
  await assertNeverWrong(visitor);
  const [{ pull_id }] = await pullsOf(visitor);
  assert.equal((await callsOf(all.sandbox, "post-idv", pull_id)).length, 1, "the code was sent once");
  await visitor.close();
});

test("an edge that dies and comes back: the page says so, goes on where it was, and has what happened meanwhile", async () => {
  const visitor = await atCode();
  const { port } = all.edge;
  await all.edge.kill9();
  await offline(visitor).waitFor();
  await visitor.enterCode(CODE);
  await visitor.reads("We cannot be reached right now");
  await say(visitor, "IDENTITY_VERIFICATION", { login_error_message: "Another code is on its way." });
  restarted = await startEdge({ port, persist: edgePersist, sandbox: all.sandbox, env: { EDGE_ALLOWED_ORIGINS: all.agency.origin } });
  await offline(visitor).waitFor({ state: "hidden" });
  await until(async () => (await visitor.screen()).message[0]?.text === "Another code is on its way.", "what happened meanwhile");
  await visitor.button("Continue").click();
  await visitor.done();
  await assertNeverWrong(visitor);
  await assertEachOnce(visitor);
  assert.equal((await pullsOf(visitor)).length, 1);
  await visitor.close();
});

// Answers that are lost.

/** How often Canopy was asked to start a pull. */
const starts = async () => (await callsOf(all.sandbox, "post-consent-and-connect")).length;

test("a login whose answer was lost is not sent twice: the page waits for its webhooks and gets to the end", async () => {
  const before = await starts();
  // What is said until the webhooks come has to be seen, on a busy machine, too.
  await control(all.sandbox, "POST", "/faults", { operation: "post-consent-and-connect", steps: [{ lost: true }], deliveries: { delay_ms: 2_000 } });
  const visitor = await all.visit();
  await visitor.choose();
  await visitor.signIn("user_good");
  await visitor.reads("It is not sent twice");
  await visitor.done();
  assert.deepEqual(await visitor.screens(), ["consent", "carriers", "credentials", "waiting", "done"]);
  assert.equal((await starts()) - before, 1, "the login was sent once");
  assert.equal((await pullsOf(visitor)).length, 1);
  await assertNeverWrong(visitor);
  await assertEachOnce(visitor);
  await visitor.close();
});

test("a lost login that asks for a code cannot be answered: the page says so, and starts again with a session of its own", async () => {
  const before = await starts();
  await control(all.sandbox, "POST", "/faults", { operation: "post-consent-and-connect", steps: [{ lost: true }] });
  const visitor = await all.visit();
  await visitor.choose();
  await visitor.signIn("user_mfa");
  await visitor.reads("it is not sent twice. Please start again");
  assert.equal((await visitor.heard("error"))[0].code, "ANSWER_LOST");
  const { session_id } = await visitor.status();
  assert.equal((await starts()) - before, 1);
  await visitor.button("Start again").click();
  await visitor.element.getByRole("combobox").fill("State Farm");
  await visitor.element.getByRole("option", { name: "State Farm", exact: true }).click();
  await visitor.signIn("user_good");
  await visitor.done();
  assert.notEqual((await visitor.status()).session_id, session_id);
  assert.equal((await starts()) - before, 2, "the second by the visitor's own will");
  await visitor.close();
});

test("an answer of the edge that never reaches the page is no second login", async () => {
  const before = await starts();
  const visitor = await all.visit();
  await visitor.page.route(/\/connect\/sessions\/[^/]+\/connect$/, async (route) => {
    await route.fetch();
    await route.abort();
  });
  await visitor.choose();
  await visitor.signIn("user_good");
  await visitor.done();
  assert.equal((await starts()) - before, 1);
  assert.equal((await pullsOf(visitor)).length, 1);
  await visitor.close();
});

test("a request that breaks on its way is told, and the same answer can be given again", async () => {
  const visitor = await atCode();
  await visitor.page.route(/\/identity-code$/, (route) => route.abort("connectionreset"), { times: 1 });
  await visitor.enterCode(CODE);
  await visitor.reads("We cannot be reached right now");
  assert.equal(await visitor.element.getByLabel("Code").inputValue(), CODE);
  await visitor.button("Continue").click();
  await visitor.done();
  await assertNeverWrong(visitor);
  await visitor.close();
});

test("a double click is one answer", async () => {
  const visitor = await atOptions();
  const [{ pull_id }] = await pullsOf(visitor);
  await control(all.sandbox, "POST", "/faults", { operations: [{ operation: "post-idvoptions", steps: [{ delay_ms: late }] }, { operation: "post-idv", steps: [{ delay_ms: late }] }] });
  await visitor.button("Send the code").dblclick();
  await visitor.sees("Enter the code");
  await visitor.element.getByLabel("Code").fill(CODE);
  await visitor.button("Continue").dblclick();
  await visitor.done();
  for (const operation of ["post-idvoptions", "post-idv"]) assert.equal((await callsOf(all.sandbox, operation, pull_id)).length, 1, operation);
  await visitor.close();
});
