// Subscriptions as a resource, on the real Worker: made, shown, changed and taken away, their secret shown once, and no way inside.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, test } from "node:test";
import { Webhook } from "standardwebhooks";
import { assertProblem, authStatus, backOfficeOf, logLines, postWebhook, until } from "../edge-client.mjs";
import { startEdge } from "../harness.mjs";
import { FAILING, hangs, redirects, startHooks, startInside, status, TAKEN } from "../hooks.mjs";
import { subscriptionsOf } from "../subscriptions-client.mjs";
import { WHOLE } from "../tapped-edge.mjs";

const TOKENS = `whole:${WHOLE}:read+write+admin,reader:reader-token:read,crm:crm-token,ops:ops-token:admin`;
const SECRET = /^whsec_[A-Za-z0-9+/]{43}=$/;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

let hooks, edge, subscriptions;
/** Every secret that was shown. */
const secrets = [];

before(async () => {
  hooks = await startHooks();
  edge = await startEdge({ env: { EDGE_API_TOKENS: TOKENS } });
  subscriptions = subscriptionsOf(edge);
});
after(() => Promise.all([edge?.stop(), hooks?.stop()]));

async function created(json = {}) {
  const made = await subscriptions.create({ url: "https://crm.agency.example/hooks/planted-path", types: ["NOBODY_S"], ...json });
  secrets.push(made.secret);
  return made;
}

test("a subscription is made with a secret that is shown once, read, changed and taken away", async () => {
  const { secret, ...made } = await created({ url: "https://crm.agency.example/hooks", types: undefined });
  assert.match(secret, SECRET);
  const { subscription_id, since, created_at, ...rest } = made;
  assert.match(created_at, TIME);
  assert.ok(since >= created_at && Date.parse(since) - Date.parse(created_at) < 10_000, "it begins once it is there");
  assert.deepEqual(rest, { url: "https://crm.agency.example/hooks", types: ["*"], form: "event", description: "", enabled: true, state: "active", notice: null, previous_secret_until: null, failing_since: null });
  assert.deepEqual(await subscriptions.read(subscription_id), made);
  const whole = await created({ types: ["COMPLETE", "QUOTE_SENT"], form: "flat", description: "CRM", enabled: false, from: "beginning" });
  assert.deepEqual([whole.types, whole.form, whole.description, whole.enabled, whole.state, whole.since], [["COMPLETE", "QUOTE_SENT"], "flat", "CRM", false, "disabled", null]);
  assert.notEqual(whole.secret, secret);

  const changes = { url: "https://other.agency.example/", types: ["COMPLETE"], form: "intake", description: "Other", enabled: false };
  const changed = await subscriptions.change(subscription_id, changes);
  assert.deepEqual(changed, { ...made, ...changes, state: "disabled" });
  for (const [member, value] of Object.entries({ description: "", enabled: true })) {
    const { [member]: now } = await subscriptions.change(subscription_id, { [member]: value });
    assert.equal(now, value, member);
  }
  assert.deepEqual(await subscriptions.read(subscription_id), { ...made, ...changes, description: "", enabled: true });
  assert.deepEqual(await subscriptions.change(subscription_id, {}), await subscriptions.read(subscription_id), "nothing asked, nothing changed");

  assert.equal(await subscriptions.remove(subscription_id), "");
  for (const [method, path, json] of [["GET", ""], ["PATCH", "", {}], ["DELETE", ""], ["GET", "/deliveries"], ["POST", "/replay", {}], ["POST", "/test", {}]]) {
    await assertProblem(await subscriptions.call(method, `/${subscription_id}${path}`, json), 404, "NOT_FOUND");
  }
  await subscriptions.remove(whole.subscription_id);
});

test("the list is the newest first, page by page, without a secret", async () => {
  const ids = [];
  for (let number = 0; number < 5; number += 1) {
    const { subscription_id, created_at } = await created();
    ids.unshift(subscription_id);
    await until(() => Date.now() > Date.parse(created_at), "another moment");
  }
  const whole = await subscriptions.all();
  assert.deepEqual(whole.map((it) => it.subscription_id), ids);
  for (const it of whole) assert.deepEqual(await subscriptions.read(it.subscription_id), it);
  for (const limit of [1, 2, 5]) {
    const found = [];
    for (let cursor = ""; cursor !== null; ) {
      const page = await subscriptions.office.read(`/api/v1/subscriptions?limit=${limit}&cursor=${encodeURIComponent(cursor)}`);
      assert.ok(page.subscriptions.length === limit || page.cursor === null);
      found.push(...page.subscriptions);
      cursor = page.cursor;
    }
    assert.deepEqual(found, whole);
  }
  for (const query of ["limit=0", "limit=101", "cursor=!", "state=active"]) await assertProblem(await subscriptions.call("GET", `?${query}`), 400, "INPUT_INVALID");
  for (const id of ids) await subscriptions.remove(id);
  assert.deepEqual(await subscriptions.all(), []);
});

/** Values that no subscription takes, by member; each is refused when it is made, and when it is changed. */
const WRONG = {
  url: [undefined, null, 1, "", "crm.agency.example/hook", "/hook", "http://crm.agency.example/", `https://a.example/${"a".repeat(2_048)}`],
  types: [[], "COMPLETE", ["complete"], [""], [1], ["A B"], ["A".repeat(65)], Array(101).fill("COMPLETE"), ["*", "COMPLETE"], ["EDGE-X"]],
  form: ["xml", "", 1],
  description: ["d".repeat(201), null, 1, ["d"]],
  enabled: ["yes", 1],
};

test("what is no subscription is refused with the member's name", async () => {
  const { subscription_id } = await created();
  const before = await subscriptions.all();
  const good = { url: "https://crm.agency.example/" };
  const refused = async (method, path, json, member) => {
    const { detail } = await assertProblem(await subscriptions.call(method, path, json), 400, "INPUT_INVALID");
    assert.ok(detail.startsWith(`${member}: expected `), `${JSON.stringify(json)?.slice(0, 200)}: ${detail}`);
  };
  for (const [member, values] of Object.entries(WRONG)) {
    for (const value of values) {
      await refused("POST", "", { ...good, [member]: value }, member);
      if (value !== undefined && value !== null) await refused("PATCH", `/${subscription_id}`, { [member]: value }, member);
    }
  }
  for (const from of ["yesterday", "2026-01-01T00:00:00Z", 1]) await refused("POST", "", { ...good, from }, "from");
  for (const secret of ["new", `whsec_${Buffer.alloc(32).toString("base64")}`, true]) await refused("PATCH", `/${subscription_id}`, { secret }, "secret");
  // What the other takes, and what nobody does.
  for (const [method, path, json] of [["POST", "", { ...good, secret: "rotate" }], ["POST", "", { ...good, ulr: "" }], ["PATCH", `/${subscription_id}`, { from: "now" }], ["PATCH", `/${subscription_id}`, { state: "active" }]]) {
    await assertProblem(await subscriptions.call(method, path, json), 400, "INPUT_INVALID");
  }
  for (const type of ["complete", "", 1, "*"]) await refused("POST", `/${subscription_id}/test`, { type }, "type");
  for (const body of ["", "[]", "null", '"x"', '{"url":']) {
    for (const [method, path] of [["POST", ""], ["PATCH", `/${subscription_id}`], ["POST", `/${subscription_id}/replay`]]) {
      await assertProblem(await subscriptions.office.call(`/api/v1/subscriptions${path}`, { method, body }), 400, "BODY_MALFORMED");
    }
  }
  for (const id of [randomUUID(), "a.b", "%00", "x".repeat(200)]) {
    const response = await subscriptions.call("GET", `/${id}`);
    await response.arrayBuffer();
    assert.ok([400, 404].includes(response.status), id);
  }
  assert.deepEqual(await subscriptions.all(), before);
  await subscriptions.remove(subscription_id);
});

test("reads take the scope read, all else admin", async () => {
  const { subscription_id } = await created();
  const reads = [["GET", ""], ["GET", `/${subscription_id}`], ["GET", `/${subscription_id}/deliveries`]];
  const writes = [["POST", "", { url: "https://a.example/" }], ["PATCH", `/${subscription_id}`, {}], ["DELETE", `/${subscription_id}`], ["POST", `/${subscription_id}/replay`, {}], ["POST", `/${subscription_id}/test`, {}]];
  for (const [all, expected, without, withIt] of [[reads, "read", "ops-token", "reader-token"], [writes, "admin", "crm-token", undefined]]) {
    for (const [method, path, json] of all) {
      const { detail } = await assertProblem(await subscriptionsOf(edge, without).call(method, path, json), 403, "SCOPE_MISSING");
      assert.match(detail, new RegExp(`scope ${expected}:`), `${method} ${path}`);
      await assertProblem(await subscriptionsOf(edge, "wrong").call(method, path, json), 401, "UNAUTHORIZED");
      if (withIt) assert.equal((await subscriptionsOf(edge, withIt).call(method, path)).status, 200);
    }
  }
  assert.deepEqual((await subscriptions.all()).map((it) => it.subscription_id), [subscription_id]);
  await subscriptions.remove(subscription_id);
});

test("a new secret and the one before it both sign for a day, an older one does not", async () => {
  const endpoint = hooks.endpoint();
  const made = await subscriptions.create({ url: endpoint.url, types: ["AUTH_STATUS"] });
  const own = [made.secret];
  const next = async () => {
    const pull_id = randomUUID();
    await postWebhook(edge, authStatus(pull_id, "PROCESSING", 1));
    const [delivery] = await endpoint.until(() => endpoint.taken(pull_id).length === 1 && endpoint.of(pull_id), "the delivery");
    return { by: own.filter((secret) => isBy(delivery, secret)), signatures: delivery.headers["webhook-signature"].split(" ").length };
  };
  const isBy = ({ raw, headers }, secret) => {
    try {
      return new Webhook(secret).verify(raw, headers) !== undefined;
    } catch {
      return false;
    }
  };
  assert.deepEqual(await next(), { by: [own[0]], signatures: 1 });
  for (const _ of [1, 2]) {
    const { secret, previous_secret_until, ...rest } = await subscriptions.change(made.subscription_id, { secret: "rotate" });
    assert.match(secret, SECRET);
    own.unshift(secret);
    const left = Date.parse(previous_secret_until) - Date.now();
    assert.ok(left > 86_000_000 && left <= 86_400_000, `${left} ms`);
    assert.deepEqual(await subscriptions.read(made.subscription_id), { ...rest, previous_secret_until });
    assert.deepEqual(await next(), { by: own.slice(0, 2), signatures: 2 });
  }
  assert.equal(own.length, new Set(own).size);
  secrets.push(...own);
  const { headers, raw } = endpoint.deliveries.at(-1);
  assert.equal(isBy({ headers, raw: Buffer.concat([raw, Buffer.from(" ")]) }, own[0]), false, "the library refuses another body");
  await subscriptions.remove(made.subscription_id);
});

test("at most 50 are kept, however many are asked for at once", async () => {
  const asked = await Promise.all(Array.from({ length: 60 }, () => subscriptions.call("POST", "", { url: "https://a.example/", types: ["NOBODY_S"] })));
  const made = [];
  for (const response of asked) {
    if (response.status === 201) made.push((await response.json()).subscription_id);
    else await assertProblem(response, 409, "STATE_CONFLICT");
  }
  assert.equal(made.length, 50);
  assert.deepEqual((await subscriptions.all()).map((it) => it.subscription_id).toSorted(), made.toSorted());
  await subscriptions.remove(made.pop());
  const { subscription_id } = await created();
  await assertProblem(await subscriptions.call("POST", "", { url: "https://a.example/" }), 409, "STATE_CONFLICT");
  for (const id of [...made, subscription_id]) await subscriptions.remove(id);
});

test("each write stands in the audit log, and no secret in it or in a line of the log", async () => {
  const rows = [];
  const asks = async (method, path, json, route) => {
    const response = await subscriptions.call(method, path, json);
    const text = await response.text();
    rows.push([response.headers.get("x-request-id"), "whole", `/api/v1/subscriptions${route}`, method, response.status]);
    return text && JSON.parse(text);
  };
  const { subscription_id: id, secret } = await asks("POST", "", { url: "https://user-of.example/hooks/planted-path?token=planted-query", types: ["NOBODY_S"] }, "");
  await asks("POST", "", { url: "http://10.0.0.1/planted-path" }, "");
  const rotated = await asks("PATCH", `/${id}`, { secret: "rotate", enabled: false }, "/{subscription_id}");
  await asks("POST", `/${id}/replay`, { from: "2026-01-01T00:00:00Z" }, "/{subscription_id}/replay");
  await asks("DELETE", `/${id}`, undefined, "/{subscription_id}");
  secrets.push(secret, rotated.secret);
  const { entries } = await subscriptions.office.read("/api/v1/audit?limit=100&caller=whole");
  const known = (id) => entries.filter((entry) => entry.request_id === id).map((it) => [it.request_id, it.caller, it.operation, it.method, it.status]);
  for (const row of rows) assert.deepEqual(known(row[0]), [row]);
  const { length } = entries;
  for (const path of ["", `/${id}`]) await (await subscriptions.call("GET", path)).arrayBuffer();
  assert.equal((await subscriptions.office.read("/api/v1/audit?limit=100&caller=whole")).entries.length, length, "what only looks is not written down");
  const said = JSON.stringify(entries) + edge.log();
  assert.ok(logLines(edge).some((line) => line.route === "/api/v1/subscriptions/{subscription_id}"));
  for (const text of [...secrets, ...secrets.map((it) => it.slice("whsec_".length)), "planted"]) assert.ok(!said.includes(text), text);
});

test("a test shows what comes back, whatever that is, and changes nothing", async () => {
  const inside = await startInside();
  const endpoint = hooks.endpoint();
  const id = await subscriptions.of(endpoint, { types: ["NOBODY_S"], enabled: false });
  const before = await subscriptions.read(id);
  const shown = async (way, json) => {
    endpoint.answer(way);
    const { deliveries } = endpoint;
    const count = deliveries.length;
    const { webhook_id, type, delivered, status, reason, duration_ms, answer, sent, ...rest } = await subscriptions.test(id, json);
    assert.deepEqual([rest, deliveries.length], [{}, count + 1], "one attempt");
    const { id: arrived, body, signedBy } = deliveries.at(-1);
    assert.deepEqual([webhook_id, sent, signedBy.length], [arrived, body, 1]);
    assert.ok(Number.isInteger(duration_ms) && duration_ms >= 0);
    assert.ok(answer === null || Buffer.byteLength(answer) <= 1_024, answer);
    return { type, delivered, status, reason, answer, sent };
  };
  try {
    const { type, sent } = await shown(TAKEN["200"]);
    assert.deepEqual([typeof type, sent.type], ["string", type]);
    for (const type of ["COMPLETE", "QUOTE_SENT", "EDGE_POLICY_RENEWAL_DUE", "EDGE_SNAPSHOT_FETCHED", "EDGE_EVENT_VOID"]) {
      const { sent, ...rest } = await shown(TAKEN["200"], { type });
      assert.deepEqual(rest, { type, delivered: true, status: 200, reason: null, answer: "ok" });
      assert.deepEqual([sent.type, Object.keys(sent.data).toSorted()], [type, ["entry", "link", "pull"]]);
    }
    for (const [what, way] of Object.entries(TAKEN)) {
      const { delivered, status, reason } = await shown(way);
      assert.deepEqual([delivered, status >= 200 && status < 300, reason], [true, true, null], what);
    }
    for (const [what, [way, status, reason]] of Object.entries(FAILING)) {
      const found = await shown(way);
      assert.deepEqual([found.delivered, found.status, found.reason], [false, status, reason], what);
    }
    for (const code of [301, 302, 303, 307, 308]) {
      const found = await shown(redirects(inside.url, code));
      assert.deepEqual([found.delivered, found.status, found.reason], [false, code, "REFUSED"]);
    }
    const gone = await shown(status(410, {}, "gone"));
    assert.deepEqual([gone.delivered, gone.status, gone.answer], [false, 410, "gone"]);
    assert.equal((await shown(TAKEN["a body without end"])).answer.length, 1_024);
    const hung = await shown(hangs);
    assert.deepEqual([hung.delivered, hung.status, hung.reason, hung.answer], [false, null, "TIMED_OUT", null]);
    for (const form of ["intake", "flat"]) {
      await subscriptions.change(id, { form });
      const { sent } = await shown(TAKEN["204"], { type: "COMPLETE" });
      assert.ok(form === "flat" ? Object.values(sent).every((value) => value === null || typeof value !== "object") : "intake" in sent.data, form);
    }
    await subscriptions.change(id, { form: "event" });
    assert.deepEqual(inside.visits, [], "nobody came where a redirect led");
    assert.deepEqual([await subscriptions.read(id), await subscriptions.deliveries(id)], [before, []]);
  } finally {
    await subscriptions.remove(id);
    await inside.stop();
  }
});

/** Where no delivery may go, deployed or local, with https or http. */
const INSIDE = [
  // Private, shared, link-local, reserved, of every notation that a URL has.
  "10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.255.254", "192.168.0.1", "192.168.255.255", "100.64.0.1", "100.127.255.254", "169.254.0.1", "192.0.0.1", "192.0.0.192", "198.18.0.1", "198.19.255.255",
  "0.0.0.0", "0.1.2.3", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255", "192.0.2.1", "198.51.100.1", "203.0.113.1",
  "167772161", "0xa000001", "0x0A.0x00.0x00.0x01", "012.0.0.1", "0300.0250.0.1", "10.1", "192.168.257", "0", "0x0", "00000012.0.0.1", "10.0.0.1.", "2852039166", "0xA9FEA9FE", "0251.0376.0251.0376",
  "%31%30.0.0.1", "１０.０.０.１", "①⑨②.168.0.1", "10。0。0。1", "１２７.0.0.1", "ｌocalhost",
  "[::]", "[::ffff:10.0.0.1]", "[::ffff:a9fe:a9fe]", "[0:0:0:0:0:ffff:c0a8:1]", "[::10.0.0.1]", "[64:ff9b::10.0.0.1]", "[64:ff9b::a9fe:a9fe]", "[64:ff9b:1::a00:1]", "[2002:a00:1::]", "[2002:c0a8:101::1]", "[2001:0:4136:e378::1]",
  "[fc00::1]", "[fd12:3456:789a::1]", "[fe80::1]", "[fec0::1]", "[ff02::1]", "[2001:db8::1]", "[100::1]", "[fd00:ec2::254]",
  // Metadata services, by address and name, and names of a local network.
  "169.254.169.254", "169.254.170.2", "169.254.169.254.", "100.100.100.200", "metadata.google.internal", "METADATA.GOOGLE.INTERNAL.", "metadata", "instance-data.ec2.internal",
  "printer.local", "printer.local.", "nas.home.arpa", "router.lan", "db.internal", "host.docker.internal", "intranet", "crm",
];

/** This machine: let in by a local run alone. */
const LOOPBACK = [
  "127.0.0.1", "127.0.0.1.", "127.1", "127.255.255.254", "2130706433", "0x7f000001", "0177.0.0.1", "0x7f.1", "%31%32%37.0.0.1", "[::1]", "[0:0:0:0:0:0:0:1]", "localhost", "localhost.", "LOCALHOST", "a.localhost",
];

/** What is no URL of an endpoint, whatever its host. */
const NO_ENDPOINT = [
  "ftp://hooks.agency.example/", "ws://hooks.agency.example/", "wss://hooks.agency.example/", "file:///etc/passwd", "data:application/json,1", "javascript:1", "gopher://10.0.0.1/", "blob:https://a.example/1", "about:blank",
  "https://planted-user@hooks.agency.example/", "https://planted-user:planted-word@hooks.agency.example/", "https://:planted-word@hooks.agency.example/", "https://planted-user@10.0.0.1/",
  "https://hooks.agency.example/#fragment", "https://", "https:///", "https:// /", "https://a b.example/", "https://[fe80::1%25eth0]/", "https://[fe80::1%eth0]/", "https://[::1/", "https://256.1.1.1/", "https://1.2.3.4.5/", "https://hooks.agency.example:99999/", "//hooks.agency.example/", "hooks.agency.example",
];

const OUTSIDE = ["https://hooks.agency.example/", "https://hooks.agency.example:8443/a?b=c", "https://8.8.8.8/", "https://172.32.0.1/", "https://[2606:4700:4700::1111]/", "https://xn--mnchen-3ya.example/hook", "https://localhost.agency.example/", "https://internal.agency.example/"];

test("no address inside is taken, in whatever notation, deployed or local", async () => {
  const long = "long-token-0123456789abcdef0123456789abcdef";
  const deployed = await startEdge({
    env: { CANOPY_API_BASE_URL: "https://canopy.invalid/api/v1.0.0", CANOPY_WEBHOOK_SIGNING_SECRET: long, EDGE_API_TOKENS: `ops:${long}:read+admin` },
  });
  try {
    for (const [at, isLocal] of [[subscriptionsOf(deployed, long), false], [subscriptions, true]]) {
      const { subscription_id } = await at.create({ url: OUTSIDE[0], types: ["NOBODY_S"] });
      const refuses = async (url) => {
        for (const [method, path] of [["POST", ""], ["PATCH", `/${subscription_id}`]]) {
          const { detail } = await assertProblem(await at.call(method, path, { url }), 400, "INPUT_INVALID");
          assert.match(detail, /^url: expected an? /, url);
          assert.ok(!detail.includes("planted"), "no credentials in an error");
        }
      };
      const takes = async (url) => {
        await at.change(subscription_id, { url });
        await at.remove((await at.create({ url, types: ["NOBODY_S"] })).subscription_id);
      };
      for (const host of INSIDE) for (const scheme of ["https", "http"]) await refuses(`${scheme}://${host}/hook`);
      for (const url of NO_ENDPOINT) await refuses(url);
      for (const url of OUTSIDE) {
        await takes(url);
        await refuses(url.replace("https", "http"));
      }
      for (const host of LOOPBACK) for (const scheme of ["https", "http"]) await (isLocal ? takes : refuses)(`${scheme}://${host}:8799/hook`);
      await at.remove(subscription_id);
    }
    assert.ok(INSIDE.length + LOOPBACK.length >= 60);
  } finally {
    await deployed.stop();
  }
});

test("no secret that was shown stands in the log", async () => {
  assert.ok(secrets.length > 10);
  for (const secret of secrets) assert.ok(!edge.log().includes(secret.slice("whsec_".length)));
  const office = backOfficeOf(edge, WHOLE);
  assert.ok(!JSON.stringify(await office.read("/api/v1/audit?limit=100")).includes("whsec_"));
});
