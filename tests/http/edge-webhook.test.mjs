// `POST /webhooks/canopy` on the real workerd: what is believed, what is refused and with which code, and what is kept.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, test } from "node:test";
import { assertProblem, authStatus, backOfficeOf, logLines, postWebhook, raw, rawStatus, signature, until, webhook } from "../edge-client.mjs";
import { startEdge } from "../harness.mjs";

const SECRETS = ["first-webhook-secret", "cBiN66y0/second+secret=="];
const MIB = 1024 * 1024;
let edge, office;
const signed = (body, more) => signature(body, { secret: SECRETS[0], ...more });
const post = (body, { header = signed(body), ...more } = {}) => postWebhook(edge, body, { header, ...more });

before(async () => {
  const env = { CANOPY_WEBHOOK_SIGNING_SECRET: SECRETS.join(","), WEBHOOK_TOLERANCE_SECONDS: "60" };
  edge = await startEdge({ env });
  office = backOfficeOf(edge);
});
after(() => edge?.stop());

async function taken(body, more) {
  const response = await post(body, more);
  const text = await response.text();
  assert.equal(response.status, 200, text);
  assert.deepEqual(JSON.parse(text), { received: true });
  assert.match(response.headers.get("x-request-id"), /^[0-9a-f-]{36}$/);
}

test("a signed webhook is in its pull's log when it is answered", async () => {
  const id = randomUUID();
  await taken(webhook(id, "COMPLETE"));
  assert.deepEqual((await office.events(id)).map((event) => event.event_type), ["COMPLETE"]);
});

test("every way of not being signed has its code, and leaves nothing behind", async (t) => {
  const id = randomUUID();
  const body = webhook(id, "COMPLETE");
  const right = signed(body);
  const [time, digest] = [/t=(\d+)/.exec(right)[1], /s=(\w+)/.exec(right)[1]];
  const cases = {
    SIGNATURE_MISSING: [null],
    SIGNATURE_MALFORMED: ["", "nonsense", `s=${digest}`, `t=${time}`, `t=${time},s=`, `t=${time},s=${digest.slice(2)}`, `t=${time},s=${"zz".repeat(32)}`, `t=-1,s=${digest}`, `t=${time},t=${time},s=${digest}`, `t=99999999999999999999,s=${digest}`, `t=${time},s=${digest}${",x=1".repeat(400)}`],
    SIGNATURE_EXPIRED: [signed(body, { age: 90 }), signed(body, { age: -90 })],
    SIGNATURE_MISMATCH: [
      signature(body, { secret: "another-secret" }),
      signature(body, { secret: SECRETS.join(",") }),
      signature(body, { secret: Buffer.from(SECRETS[1], "base64") }),
      signed(`${body} `),
      `t=${Number(time) + 1},s=${digest}`,
    ],
  };
  for (const [code, headers] of Object.entries(cases)) {
    for (const header of headers) {
      await t.test(`${code}: ${header?.slice(0, 30)}`, async () => {
        await assertProblem(await post(body, { header }), 401, code);
      });
    }
  }
  await assertProblem(await office.call(`/api/v1/pulls/${id}`), 404, "NOT_FOUND");
});

test("each configured secret is taken as it stands, at any place in the header", async () => {
  const id = randomUUID();
  const bodies = [0, 1, 2].map((n) => webhook(id, "NEW", { n }));
  await taken(bodies[0]);
  await taken(bodies[1], { header: signature(bodies[1], { secret: SECRETS[1] }) });
  const [time, right] = signature(bodies[2], { secret: SECRETS[1] }).split(",");
  await taken(bodies[2], { header: `v0=ignored, ${time},s=${"0".repeat(64)} ,${right},extra` });
  assert.equal((await office.events(id)).length, 3);
});

test("the tolerance is the configured one", async () => {
  const body = webhook(randomUUID(), "COMPLETE");
  await assertProblem(await post(body, { header: signed(body, { age: 70 }) }), 401, "SIGNATURE_EXPIRED");
  await taken(body, { header: signed(body, { age: 50 }) });
  const usual = await startEdge();
  try {
    const response = await postWebhook(usual, body, { header: signature(body, { age: 280 }) });
    assert.equal(response.status, 200);
    await assertProblem(await postWebhook(usual, body, { header: signature(body, { age: 320 }) }), 401, "SIGNATURE_EXPIRED");
  } finally {
    await usual.stop();
  }
});

test("a signed body that is no webhook is BODY_MALFORMED", async () => {
  const bodies = ["", "not json", "[]", "null", '"text"', "{}", '{"pull_id":null}', '{"pull_id":7}', '{"pull_id":""}', '{"pull_id":"a/b"}', '{"pull_id":"../x"}', '{"pull_id":"p","data":{}', `{"pull_id":"${"x".repeat(300)}"}`, Buffer.from([0x7b, 0xff, 0x7d])];
  for (const body of bodies) {
    const { detail } = await assertProblem(await post(body), 400, "BODY_MALFORMED");
    assert.ok(!detail.includes("not json"), "a refusal does not repeat what came");
  }
});

test("the signature covers bytes, not text", async () => {
  const id = randomUUID();
  const text = `{ "pull_id" : "${id}",\t"event_type":"N\\u00e4me","data":{"e":1.50,"big":12345678901234567890,"n":"Zoë"} }`;
  await taken(text);
  const response = await office.call(`/api/v1/pulls/${id}/events`);
  assert.ok((await response.text()).includes(`"body":${text}`), "the body stands in the log as it was sent");
});

test("a body of 1 MiB is taken, one byte more is BODY_TOO_LARGE", async () => {
  const id = randomUUID();
  const whole = (size) => {
    const empty = webhook(id, "NEW", { filler: "" });
    return webhook(id, "NEW", { filler: "x".repeat(size - empty.length) });
  };
  await taken(whole(MIB));
  await assertProblem(await post(whole(MIB + 1)), 413, "BODY_TOO_LARGE");
  assert.equal((await office.events(id)).length, 1);
});

test("a body announced as too large is refused without being read", async () => {
  const head = (more) => `POST /webhooks/canopy HTTP/1.1\r\nhost: edge\r\ncontent-type: application/json\r\ncanopy-signature: t=1,s=00\r\n${more}\r\n\r\n`;
  const answer = await raw(edge, `${head(`content-length: ${1024 * MIB}`)}{"pull_id":`);
  assert.equal(rawStatus(answer), 413, answer);
  assert.match(answer, /"code":"BODY_TOO_LARGE"/);
});

test("a body of no announced length is read up to the limit and no further", async () => {
  const chunk = `10000\r\n${"x".repeat(0x10000)}\r\n`;
  const head = "POST /webhooks/canopy HTTP/1.1\r\nhost: edge\r\ntransfer-encoding: chunked\r\ncanopy-signature: t=1,s=00\r\n\r\n";
  // 17 chunks are just above 1 MiB: the body never ends, and is answered all the same.
  const answer = await raw(edge, head + chunk.repeat(17));
  assert.equal(rawStatus(answer), 413, answer);
  assert.match(answer, /"code":"BODY_TOO_LARGE"/);
  const id = randomUUID();
  const body = webhook(id, "COMPLETE");
  const stream = new Blob([body]).stream();
  const response = await post(stream, { header: signed(body), duplex: "half" });
  assert.equal(response.status, 200);
});

test("other methods are METHOD_NOT_ALLOWED", async () => {
  for (const method of ["GET", "PUT", "DELETE", "PATCH", "OPTIONS"]) {
    await assertProblem(await fetch(`${edge.url}/webhooks/canopy`, { method }), 405, "METHOD_NOT_ALLOWED");
  }
  const head = await fetch(`${edge.url}/webhooks/canopy`, { method: "HEAD" });
  assert.equal(head.status, 405);
});

test("a repetition is answered 200 and is in the log once", async () => {
  const id = randomUUID();
  const body = authStatus(id, "QUEUED", 1);
  for (let n = 0; n < 3; n += 1) await taken(body, { header: signed(body, { age: n }) });
  await Promise.all([1, 2, 3, 4].map(() => taken(body)));
  assert.equal((await office.events(id)).length, 1);
  assert.equal((await office.pull(id)).revision, 1);
});

test("a status that comes late is kept, marked stale, and changes nothing", async () => {
  const id = randomUUID();
  await taken(authStatus(id, "IDENTITY_VERIFICATION", 5));
  await taken(authStatus(id, "SUCCESS", 5));
  await taken(authStatus(id, "QUEUED", 1));
  await taken(webhook(id, "AUTH_STATUS", { data: { auth_status: "PROCESSING", sequence: 4 } }));
  const before = await office.pull(id);
  assert.deepEqual([before.auth.status, before.auth.sequence, before.status], ["IDENTITY_VERIFICATION", 5, "IDENTITY_VERIFICATION"]);
  assert.deepEqual((await office.events(id)).map(({ outcome, sequence }) => `${outcome} ${sequence}`), ["applied 5", "stale 5", "stale 1", "stale 4"]);
  await taken(webhook(id, "AUTH_STATUS", { data: { auth_status: "NOT_AUTHENTICATED", sequence: 6 } }));
  assert.equal((await office.pull(id)).auth.status, "NOT_AUTHENTICATED");
});

test("a type or a field that nobody knows yet is kept, and does no harm", async () => {
  const id = randomUUID();
  const bodies = [
    webhook(id, "SOMETHING_NEW", { status: "BRAND_NEW", surprise: { deep: [1, { er: null }] } }),
    JSON.stringify({ pull_id: id }),
    webhook(id, "AUTH_STATUS", { data: "no object", sequence: "seven", team_id: 9, meta_data: [1], monitoring: "x", is_monitored: "yes", account_identifier: {} }),
    webhook(id, "POLICY_AVAILABLE", { data: [] }),
    webhook(id, "T".repeat(500)),
  ];
  for (const body of bodies) await taken(body);
  const events = await office.events(id);
  assert.deepEqual(events.map((event) => JSON.stringify(event.body)), bodies);
  assert.equal(events[0].event_type, "SOMETHING_NEW");
});

test("meta_data is read as an object and as text", async () => {
  const lead = { lead_id: "L-1", nested: { a: [1] } };
  for (const meta_data of [lead, JSON.stringify(lead)]) {
    const id = randomUUID();
    await taken(webhook(id, "COMPLETE", { meta_data }));
    assert.deepEqual((await office.pull(id)).meta_data, lead);
  }
  for (const meta_data of [null, "no json", "[]", 7]) {
    const id = randomUUID();
    await taken(webhook(id, "COMPLETE", { meta_data }));
    assert.deepEqual((await office.pull(id)).meta_data, {});
  }
});

test("every answer of the edge has a request id of its own", async () => {
  const paths = ["/healthz", "/api/v1/pulls", "/api/v1/nothing", "/canopy/api/v1.0.0/x", "/connect/x", "/connect/carriers", "/webhooks/canopy", "/webhooks/other"];
  const ids = await Promise.all(paths.map(async (path) => (await fetch(edge.url + path)).headers.get("x-request-id")));
  for (const [at, id] of ids.entries()) assert.match(id ?? "", /^[0-9a-f-]{36}$/, paths[at]);
  assert.equal(new Set(ids).size, ids.length);
});

test("the log has one JSON line a request, with what an operator asks for and nothing of the body", async () => {
  const id = randomUUID();
  const body = webhook(id, "POLICY_AVAILABLE", { data: { policy_id: "POL-7", policy_type: "AUTO" }, account_identifier: "planted-account", meta_data: { lead: "planted-lead" } });
  const answer = await post(body);
  await (await post(body)).text();
  await (await post(body, { header: null })).text();
  const requestId = answer.headers.get("x-request-id");
  const lines = await until(() => {
    const lines = logLines(edge).filter((line) => line.pull_id === id);
    return lines.length >= 2 && lines;
  }, "both lines");
  assert.equal(lines.length, 2);
  const { duration_ms, ...line } = lines.find((line) => line.request_id === requestId);
  assert.ok(Number.isInteger(duration_ms));
  assert.deepEqual(line, { request_id: requestId, method: "POST", route: "/webhooks/canopy", status: 200, pull_id: id, event_type: "POLICY_AVAILABLE", outcome: "applied" });
  assert.equal(lines.find((line) => line.request_id !== requestId).outcome, "duplicate");
  const refused = await until(() => logLines(edge).find((line) => line.code === "SIGNATURE_MISSING"), "the refusal's line");
  assert.equal(refused.status, 401);
  assert.doesNotMatch(edge.log(), /planted-/);
  const requests = logLines(edge).filter((line) => line.request_id);
  assert.equal(new Set(requests.map((line) => line.request_id)).size, requests.length);
});
