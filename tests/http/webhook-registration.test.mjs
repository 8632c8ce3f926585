// `cargo xtask webhook` against the sandbox and an edge, and against a Canopy that takes only the event types its document lists.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { teamOf, xtask } from "../command.mjs";
import { webhook as bodyOf, logLines, postWebhook, signature, until } from "../edge-client.mjs";
import { freePort, LOCAL, startEdge, startSandbox } from "../harness.mjs";
import { startStandIn } from "../stand-in.mjs";

const URL_OF_EDGE = "https://edge.example.com/webhooks/canopy";
const UNSET = { CANOPY_TEAM_ID: null, CANOPY_CLIENT_SECRET: null, CANOPY_WEBHOOK_SIGNING_SECRET: null };
let sandbox, edge, hook;

before(async () => {
  [sandbox, edge] = await Promise.all([startSandbox(), startEdge()]);
  hook = hookOf(edge);
});
after(() => Promise.all([sandbox?.stop(), edge?.stop()]));

const hookOf = (worker) => `${worker.url}/webhooks/canopy`;
const webhook = (canopy, ...rest) => xtask(["webhook", ...rest], teamOf(canopy));
const tried = (url, secret) => xtask(["webhook", "test", "--url", url], { CANOPY_WEBHOOK_SIGNING_SECRET: secret });

/** A Canopy without webhooks. */
const emptyCanopy = () => startStandIn(() => ({ body: { webhooks: [] } }));

test("a webhook is registered once, listed without its secret, and removed by its address", async () => {
  const registered = await webhook(sandbox, "register", "--url", hook);
  assert.equal(registered.code, 0, registered.stderr);
  assert.match(registered.stdout, /wrangler secret put CANOPY_WEBHOOK_SIGNING_SECRET --env production/);
  assert.match(registered.stdout, /OLD,NEW/);
  const secret = registered.stdout.match(/signing secret: (\S+)/)[1];

  const again = await webhook(sandbox, "register", "--url", hook.replace("http:", "HTTP:"));
  assert.equal(again.code, 1);
  assert.match(again.stderr, /is registered already/);

  const listed = await webhook(sandbox, "list");
  assert.equal(listed.stdout.split(hook).length, 2);
  assert.match(listed.stdout, /sandbox, active {2}.*COMPLETE/);
  assert.ok(!listed.stdout.includes(secret));

  const removed = await webhook(sandbox, "remove", "--url", hook, "--yes");
  assert.equal(removed.code, 0, removed.stderr);
  assert.match(removed.stdout, new RegExp(`Removed webhook ${registered.stdout.match(/as webhook (\S+)\./)[1]}, ${hook}:`));
  assert.match((await webhook(sandbox, "list")).stdout, /No webhook is registered/);
});

test("a webhook is removed by its id, and an unknown one is an error that says what is registered", async () => {
  const registered = await webhook(sandbox, "register", "--url", hook, "--events", "COMPLETE");
  const id = registered.stdout.match(/as webhook (\S+)\./)[1];
  for (const which of [["--url", URL_OF_EDGE], ["--id", "another"]]) {
    const unknown = await webhook(sandbox, "remove", ...which, "--yes");
    assert.equal(unknown.code, 1);
    assert.match(unknown.stderr, new RegExp(`no such webhook; registered are:\n {2}${id} {2}${hook} `));
  }
  const unasked = await webhook(sandbox, "remove", "--id", id);
  assert.equal(unasked.code, 1);
  assert.match(unasked.stderr, /--yes removes the webhook without asking/);
  assert.notEqual((await webhook(sandbox, "remove", "--yes")).code, 0, "one of them has to be named");
  assert.match((await webhook(sandbox, "list")).stdout, new RegExp(id));

  assert.equal((await webhook(sandbox, "remove", "--id", id, "--yes")).code, 0);
  const gone = await webhook(sandbox, "remove", "--id", id, "--yes");
  assert.equal(gone.code, 1);
  assert.match(gone.stderr, /no webhook is registered/);
});

test("a wrong key is named as Canopy names it", async () => {
  const refused = await webhook(sandbox, "list", "--client-id", "another-client");
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /401 UNAUTHORIZED/);
});

test("event types that Canopy refuses by name are left out, and said to be", async () => {
  const listed = ["COMPLETE", "POLICIES_AVAILABLE", "POLICY_AVAILABLE", "AUTH_STATUS", "VALIDATION_COMPLETE"];
  const asked = [];
  const canopy = await startStandIn(({ method, body }) => {
    if (method === "GET") return { body: { webhooks: [] } };
    const { eventTypes } = JSON.parse(body);
    asked.push(eventTypes);
    if (eventTypes.some((name) => !listed.includes(name))) return { status: 400, body: { error: "INVALID_EVENT_TYPE" } };
    return { body: { webhook_id: "w1", signing_secret: "s1" } };
  });
  try {
    const registered = await webhook(canopy, "register", "--url", hook);
    assert.equal(registered.code, 0, registered.stderr);
    assert.match(registered.stdout, /left out: .*MONITORING_RECONNECT/);
    assert.equal(asked.length, 2);
    assert.deepEqual(asked[1].toSorted(), listed.toSorted());
  } finally {
    await canopy.stop();
  }
});

test("a registration whose answer was lost is not tried again", async () => {
  const canopy = await startStandIn(({ method }) => (method === "GET" ? { body: { webhooks: [] } } : "gone"));
  try {
    const lost = await webhook(canopy, "register", "--url", hook);
    assert.equal(lost.code, 1);
    assert.match(lost.stderr, /is not known/);
    assert.equal(canopy.calls.filter((call) => call.method === "POST").length, 1);
  } finally {
    await canopy.stop();
  }
});

test("an address that the edge would not answer is refused before any call", async () => {
  const canopy = await emptyCanopy();
  try {
    for (const [url, found] of [
      [`${URL_OF_EDGE}/`, "the path /webhooks/canopy/"],
      [URL_OF_EDGE.replace("https", "http"), "http, which is for this machine alone"],
      [`${URL_OF_EDGE}?key=1`, "the query ?key=1"],
      [`${URL_OF_EDGE}#top`, "the fragment #top"],
    ]) {
      for (const command of ["register", "test"]) {
        const refused = await webhook(canopy, command, "--url", url);
        assert.notEqual(refused.code, 0, url);
        assert.ok(refused.stderr.includes(`expected https://HOST/webhooks/canopy, found ${found}`), refused.stderr);
      }
    }
    assert.equal(canopy.calls.length, 0);
  } finally {
    await canopy.stop();
  }
});

test("an address where no edge answers is not registered", async () => {
  const canopy = await emptyCanopy();
  const elsewhere = await startStandIn(() => ({ status: 301, headers: { location: hook } }));
  try {
    const nobody = await webhook(canopy, "register", "--url", `http://127.0.0.1:${await freePort()}/webhooks/canopy`);
    assert.equal(nobody.code, 1);
    assert.match(nobody.stderr, /gave no answer: deploy the edge before/);
    const redirected = await webhook(canopy, "register", "--url", hookOf(elsewhere));
    assert.equal(redirected.code, 1);
    assert.match(redirected.stderr, /found 301 .*: is the edge deployed there\?/);
    assert.equal(canopy.calls.length, 0);
  } finally {
    await Promise.all([canopy.stop(), elsewhere.stop()]);
  }
});

test("an edge that lacks more than its signing secret is not registered, and what it lacks is named", async () => {
  const [canopy, unset] = await Promise.all([emptyCanopy(), startEdge({ env: UNSET })]);
  try {
    const refused = await webhook(canopy, "register", "--url", hookOf(unset));
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /\n {2}CANOPY_TEAM_ID: expected the team's id\n {2}CANOPY_CLIENT_SECRET: expected .*\n$/);
    assert.equal(canopy.calls.length, 0);
    const tested = await tried(hookOf(unset), LOCAL.signingSecret);
    assert.equal(tested.code, 1);
    assert.match(tested.stderr, /answers, but is not configured; set what it names: CANOPY_TEAM_ID: /);
  } finally {
    await Promise.all([canopy.stop(), unset.stop()]);
  }
});

test("a first edge is registered, given the secret that was shown, and tested", async () => {
  const first = await startEdge({ env: { CANOPY_WEBHOOK_SIGNING_SECRET: null } });
  const url = hookOf(first);
  const registered = await webhook(sandbox, "register", "--url", url).finally(() => first.stop());
  assert.equal(registered.code, 0, registered.stderr);
  assert.match(registered.stdout, /Until then the edge answers 503/);
  const secret = registered.stdout.match(/signing secret: (\S+)/)[1];
  const second = await startEdge({ env: { CANOPY_WEBHOOK_SIGNING_SECRET: secret }, port: first.port });
  try {
    const tested = await tried(url, secret);
    assert.equal(tested.code, 0, tested.stderr);
    assert.match(tested.stdout, /All is well; nothing was stored/);
    const body = bodyOf("5d1b7c52-7d3f-4d0c-8a53-2f6a5a0c9e11", "COMPLETE");
    assert.equal((await postWebhook(second, body, { header: signature(body, { secret }) })).status, 200);
  } finally {
    await second.stop();
    await webhook(sandbox, "remove", "--url", url, "--yes");
  }
});

test("a test says which secrets the edge does not know, and leaves nothing at it", async () => {
  const secrets = [LOCAL.signingSecret, "another-secret"];
  const wrong = await tried(hook, secrets[1]);
  assert.equal(wrong.code, 1);
  assert.match(wrong.stdout, /✓ .* answers, is configured, and its clock/);
  assert.match(wrong.stderr, /does not know this secret: set the one that registration showed/);
  assert.ok(!(wrong.stdout + wrong.stderr).includes(secrets[1]));

  const half = await tried(hook, secrets.join(" , "));
  assert.equal(half.code, 1);
  assert.match(half.stderr, /does not know number 2 of these 2 secrets/);

  const right = await tried(hook, secrets[0]);
  assert.equal(right.code, 0, right.stderr);
  const refusals = await until(() => {
    const lines = logLines(edge).filter((line) => line.route === "/webhooks/canopy");
    return lines.some((line) => line.code === "BODY_MALFORMED") && lines;
  }, "the refusals' lines");
  assert.ok(refusals.every((line) => line.status >= 400 && !line.outcome && !line.pull_id), JSON.stringify(refusals));

  const none = await tried(hook, "");
  assert.equal(none.code, 1);
  assert.match(none.stderr, /set CANOPY_WEBHOOK_SIGNING_SECRET/);
});

test("a test tells clocks that do not agree from a wrong secret, and from an edge that is not there", async () => {
  const hourLate = (text) => text.replaceAll("Date.now()", "(Date.now() - 3600000)");
  const late = await startEdge({ patch: hourLate });
  try {
    const tested = await tried(hookOf(late), LOCAL.signingSecret);
    assert.equal(tested.code, 1);
    assert.match(tested.stderr, /its clock and this machine's do not agree: .* found one 3\d\d\d s away/);
  } finally {
    await late.stop();
  }
  const nobody = await tried(`http://127.0.0.1:${await freePort()}/webhooks/canopy`, LOCAL.signingSecret);
  assert.equal(nobody.code, 1);
  assert.match(nobody.stderr, /gave no answer/);
  const other = await startStandIn(() => ({ status: 404, body: "<h1>Not found</h1>" }));
  const elsewhere = await tried(hookOf(other), LOCAL.signingSecret).finally(other.stop);
  assert.equal(elsewhere.code, 1);
  assert.match(elsewhere.stderr, /found 404 .*: is the edge deployed there\?/);
});
