// The sandbox's deliveries and faults on the real workerd: retries, restarts, broken answers.
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { webhookErrors } from "../contract.mjs";
import { LOCAL, freePort, startSandbox, temporaryDirectory } from "../harness.mjs";
import { startReceiver } from "../receiver.mjs";
import { authStatus, clientOf, consent, isEvent, team } from "../sandbox-client.mjs";

let sandbox, receiver, client, answer;

before(async () => {
  receiver = await startReceiver({ secret: LOCAL.signingSecret, answer: (...of) => answer(...of) });
  sandbox = await startSandbox({ env: { SANDBOX_HOOK_URL: receiver.url, SANDBOX_RETRY_BASE_MS: "2" } });
  client = clientOf(sandbox, receiver);
});
beforeEach(async () => {
  answer = () => 200;
  await client.control("POST", "/reset");
});
after(async () => {
  await sandbox?.stop();
  await receiver?.stop();
});

/** The deliveries of a pull, once none of them is under way. */
async function settled(pullId) {
  for (;;) {
    const { deliveries } = await client.control("GET", `/deliveries?pull_id=${pullId}`);
    if (deliveries.every((it) => it.state !== "pending")) return deliveries;
  }
}

test("what is not answered with 200 is sent again, with the same body and a fresh signature", async () => {
  answer = ({ body }, attempt) => (body.event_type === "COMPLETE" && attempt <= 3 ? [500, 202, 404][attempt - 1] : 200);
  const { pull_id } = await client.connected("user_good_home");
  const times = await receiver.until((all) => {
    const complete = all.filter(({ body }) => body.pull_id === pull_id && body.event_type === "COMPLETE");
    return complete.length === 4 && complete;
  }, "COMPLETE for the fourth time");
  assert.equal(new Set(times.map((it) => it.raw)).size, 1);
  assert.ok(times.every((it) => it.signed));
  const complete = (await settled(pull_id)).find((it) => it.event_type === "COMPLETE");
  assert.deepEqual(complete.attempts.map((it) => it.status), [500, 202, 404, 200]);
  assert.deepEqual(complete.attempts.map((it) => it.headers["canopy-signature"]), times.map((it) => it.signature));
  assert.equal(complete.body, times[0].raw);
  const waits = complete.attempts.slice(1).map((it, index) => it.at_ms - complete.attempts[index].at_ms);
  assert.ok(waits[0] >= 2 && waits[1] >= 4 && waits[2] >= 8, `${waits}`);
});

test("a receiver that never answers 200 is given up after ten retries", async () => {
  answer = ({ body }) => (body.event_type === "ERROR" ? 503 : 200);
  const { pull_id } = await client.connected("user_provider_error");
  await receiver.until((all) => all.filter(({ body }) => body.pull_id === pull_id && body.event_type === "ERROR").length === 11, "ERROR eleven times", 60_000);
  const error = (await settled(pull_id)).find((it) => it.event_type === "ERROR");
  assert.deepEqual([error.state, error.attempts.length], ["failed", 11]);
});

test("deliveries outlive kill -9 of the process", async () => {
  const persist = temporaryDirectory();
  const port = await freePort();
  let up = false;
  const late = await startReceiver({ secret: LOCAL.signingSecret, answer: () => (up ? 200 : 503) });
  const env = { SANDBOX_HOOK_URL: late.url, SANDBOX_RETRY_BASE_MS: "300" };
  const first = await startSandbox({ persist, port, env });
  const { pull_id } = await clientOf(first, late).connected("user_good_home");
  await late.until((all) => all.some(({ body }) => body.event_type === "COMPLETE"), "COMPLETE, refused");
  await first.kill9();
  up = true;
  late.received.length = 0;
  const second = await startSandbox({ persist, port, env });
  await late.until((all) => all.some(({ body, signed }) => signed && body.event_type === "COMPLETE" && body.pull_id === pull_id), "COMPLETE after the restart", 60_000);
  assert.equal((await clientOf(second, late).call("get-pull-by-id", `${team}/pulls/${pull_id}`)).body.pull.status, "SUCCESS");
  await second.stop();
  await late.stop();
});

test("deliveries are duplicated, overtaken and delayed on demand", async () => {
  await client.control("POST", "/faults", { deliveries: { duplicate: 2, reorder: true, delay_ms: 100 } });
  const { pull_id } = await client.connected("user_good_home");
  const all = await receiver.until((received) => {
    const mine = received.filter(({ body }) => body.pull_id === pull_id);
    return mine.length === 14 && mine;
  }, "7 webhooks twice");
  assert.equal(new Set(all.map((it) => it.raw)).size, 7);
  const deliveries = await settled(pull_id);
  assert.ok(deliveries.every((it) => it.attempts[0].at_ms - it.created_ms >= 100));
  const order = deliveries.toSorted((a, b) => a.attempts[0].at_ms - b.attempts[0].at_ms).map((it) => it.number);
  assert.notDeepEqual(order, order.toSorted((a, b) => a - b), "some overtook others");
});

test("an operation fails step by step, then works", async () => {
  const { pull_id } = await client.completed("user_good_home");
  const steps = [{ status: 429, retry_after: 2 }, { status: 500, times: 2 }, { truncate: true }, { hang: true, hang_ms: 200 }];
  const set = await client.control("POST", "/faults", { operation: "get-pull-by-id", steps });
  assert.equal(set.operations[0].steps.length, 4);
  const path = `/api/v1.0.0${team}/pulls/${pull_id}`;
  const get = () => fetch(sandbox.url + path, { headers: client.basic });
  const limited = await get();
  assert.deepEqual([limited.status, limited.headers.get("retry-after"), await limited.json()], [429, "2", { error: "TOO_MANY_REQUESTS" }]);
  for (const status of [500, 500]) assert.equal((await get()).status, status);
  const cut = await get();
  assert.equal(cut.status, 200);
  await assert.rejects(cut.text(), "the body breaks off");
  assert.equal((await get()).status, 504);
  const whole = await get();
  assert.equal((await whole.json()).pull.pull_id, pull_id);
  const { requests } = await client.control("GET", "/requests");
  const seen = requests.filter((it) => it.path === path).map((it) => [it.status, it.fault]);
  assert.deepEqual(seen, [[429, "status 429"], [500, "status 500"], [500, "status 500"], [200, "truncate"], [null, "hang"], [200, null]]);
  assert.deepEqual((await client.control("GET", "/faults")).operations, []);
});

test("an answer that is lost leaves its work done", async () => {
  await client.control("POST", "/faults", { operation: "post-consent-and-connect", steps: [{ lost: true }] });
  const tokens = await client.tokensOf("user_good_home");
  const body = JSON.stringify(consent({ insurerUsername: tokens.username, insurerPassword: tokens.password, meta_data: { edge_session: "s" } }));
  const lost = fetch(`${sandbox.url}/api/v1.0.0/widget/pull/consentAndConnect`, { method: "POST", headers: client.basic, body });
  await assert.rejects(lost.then((response) => response.text()));
  const { pulls } = await client.control("GET", "/pulls");
  assert.deepEqual(pulls.map((it) => it.meta_data), [{ edge_session: "s" }]);
  await client.arrived(pulls[0].pull_id, isEvent("COMPLETE"), "COMPLETE");
});

test("a signed URL that expired is refused", async () => {
  const { pull_id } = await client.completed("user_good_home");
  const { documents } = (await client.call("get-pull-by-id", `${team}/pulls/${pull_id}`)).body.pull;
  await client.control("POST", "/faults", { documents: { expire_signed_urls: 1 } });
  const link = async () => (await client.call("download-document-by-id", `${team}/pulls/${pull_id}/documents/${documents[0].document_id}`)).body.url;
  assert.equal((await fetch(await link())).status, 403);
  assert.equal((await fetch(await link())).status, 200);
});

test("webhooks take the forms the published documents leave open", async () => {
  await client.control("POST", "/faults", { webhook: { sequence_in_data: true, meta_data_as_string: true, options_as_array: true } });
  const { pull_id } = await client.connected("user_mfa", { meta_data: { lead: 7 } });
  const asked = await client.arrived(pull_id, (body) => body.data.auth_status === "IDENTITY_VERIFICATION_OPTIONS", "the options");
  assert.deepEqual([asked.sequence, asked.data.sequence, asked.meta_data], [undefined, 3, '{"lead":7}']);
  assert.deepEqual(Object.keys(asked.data.mfa_options[0]), ["key", "label"]);
});

test("any event of a pull can be sent", async () => {
  const { pull_id } = await client.completed("user_good_home");
  const send = (event) => client.control("POST", "/events", { pull_id, ...event });
  await send({ event_type: "SOMETHING_NEW", data: { a: 1 }, status: "SOMETHING", extra: true });
  const unknown = await client.arrived(pull_id, isEvent("SOMETHING_NEW"), "the unknown event");
  assert.deepEqual([unknown.data, unknown.status, unknown.extra, unknown.team_id], [{ a: 1 }, "SOMETHING", true, LOCAL.teamId]);
  const update = { type: "CONTACT_UPDATED", data: { first_name: "Clark", last_name: null, mobile_phone: null, email: null } };
  await send({ event_type: "DATA_UPDATED", data: { updates: [update] } });
  assert.deepEqual(webhookErrors(await client.arrived(pull_id, isEvent("DATA_UPDATED"), "DATA_UPDATED")), []);
  await send({ event_type: "AUTH_STATUS", data: { auth_status: "NOT_AUTHENTICATED", login_error_message: "<b>No</b>" } });
  const refused = await client.arrived(pull_id, authStatus("NOT_AUTHENTICATED"), "the refusal");
  assert.deepEqual([refused.sequence, refused.data.login_error_message], [5, "<b>No</b>"]);
  assert.deepEqual(await send({ event_type: "X", pull_id: "none" }), { error: "NOT_FOUND" });
});

test("requests are listed without their secrets", async () => {
  const { pull_id } = await client.completed("user_good_home");
  const { requests } = await client.control("GET", "/requests");
  assert.equal(requests[0].operation, "post-consent-and-connect");
  assert.ok(requests[0].header_names.includes("authorization"));
  assert.ok(!JSON.stringify(requests).includes(client.basic.authorization.slice(6)));
  await client.call("get-pull-by-id", `${team}/pulls/${pull_id}`);
  const later = (await client.control("GET", `/requests?after=${requests.at(-1).number}`)).requests;
  assert.deepEqual(later.map((it) => it.operation), ["get-pull-by-id"]);
});

test("the pace decides how fast a pull goes, and a mistaken fault is named", async () => {
  await client.control("POST", "/pace", { ms: 60_000 });
  const { pull_id } = await client.connected("user_good_home");
  assert.equal((await client.call("get-pull-by-id", `${team}/pulls/${pull_id}`)).body.pull.status, "STARTED");
  await client.control("POST", "/pace", { ms: 0 });
  await client.completed("user_good_home");
  assert.match((await client.control("POST", "/faults", { operation: "get-nothing", steps: [{}] })).detail, /get-nothing/);
  assert.match((await client.control("POST", "/faults", { deliverys: {} })).detail, /deliverys/);
  assert.match((await client.control("POST", "/faults", { operation: "*", steps: [{ stauts: 500 }] })).detail, /stauts/);
});

test("the overview is a page, and pages may hand over credentials from anywhere", async () => {
  const overview = await fetch(`${sandbox.url}/sandbox`);
  assert.match(overview.headers.get("content-type"), /^text\/html/);
  const text = await overview.text();
  for (const path of ["/sandbox/tokenize", "/sandbox/faults", "/sandbox/deliveries", "/sandbox/events", "/sandbox/requests", "/sandbox/pulls", "/sandbox/pace", "/sandbox/reset"]) {
    assert.ok(text.includes(path), path);
  }
  const asked = await fetch(`${sandbox.url}/sandbox/tokenize`, { method: "OPTIONS" });
  assert.equal(asked.headers.get("access-control-allow-origin"), "*");
  const { tokens } = await client.control("POST", "/tokenize", { third_field: "TX" });
  assert.deepEqual(Object.keys(tokens), ["thirdfield"]);
});
