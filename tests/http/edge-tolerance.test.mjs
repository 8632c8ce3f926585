// One unreadable value takes nothing with it on the real edge: bodies as they come, read member by member.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, test } from "node:test";
import { backOfficeOf, callsOf, CONSENT, openPage, postWebhook, until } from "../edge-client.mjs";
import { LOCAL, startBoth, startEdge } from "../harness.mjs";
import { startStandIn } from "../stand-in.mjs";

let both, edge, sandbox, office;

before(async () => {
  both = await startBoth();
  ({ edge, sandbox } = both);
  office = backOfficeOf(edge);
});
after(() => both?.stop());

/** A body with exact JSON text where it matters. */
const bodyOf = (pull, type, { more = "", status = '"PROCESSING"', meta = "{}" } = {}) => `{"pull_id":"${pull}","team_id":"${LOCAL.teamId}","event_type":"${type}","status":${status},"meta_data":${meta}${more}}`;
const send = async (body, at = edge) => assert.equal((await postWebhook(at, body)).status, 200, String(body).slice(0, 200));
const NESTED = "[".repeat(200) + "]".repeat(200);
const HALF = "\\ud83d";

test("a page learns of its pull whatever stands beside its session", async () => {
  for (const odd of [`"Ann ${HALF}"`, "1e400", NESTED, `"${"x".repeat(33_000)}"`, `{"a":1,"a":2}`, `"\\u0000"`]) {
    for (const wrap of [(object) => object, (object) => JSON.stringify(object)]) {
      const page = await openPage(edge);
      const id = randomUUID();
      await send(bodyOf(id, "AUTH_STATUS", { more: ',"sequence":1,"data":{"auth_status":"QUEUED"}', meta: wrap(`{"n":${odd},"edge_session":"${page.session_id}"}`) }));
      await until(async () => (await page.document()).pull_id === id, `${odd.slice(0, 20)} beside the session`);
    }
  }
});

test("an event survives whatever its members hold, and is kept as it came", async () => {
  const deep = "[".repeat(200_000) + "]".repeat(200_000);
  for (const [name, more] of [["half an emoji as data", `,"data":"${HALF}"`], ["in data", `,"data":{"x":"${HALF}"}`], ["in a name", `,"${HALF}":1`], ["a number beyond all", ',"x":1e400'], ["very deep", `,"x":${deep}`], ["a member twice", ',"status":"FAILED","status":"SUCCESS"'], ["data twice", ',"data":{"status":"A","status":"B"}']]) {
    const id = randomUUID();
    const body = bodyOf(id, "COMPLETE", { more, status: '"SUCCESS"' });
    await send(body);
    const pull = await office.pull(id);
    assert.deepEqual([pull.complete, pull.status], [true, "SUCCESS"], name);
    const log = await (await office.call(`/api/v1/pulls/${id}/events`)).text();
    assert.ok(log.includes(body), name);
  }
  const id = randomUUID();
  await send(Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from(bodyOf(id, "COMPLETE"))]));
  await send(Buffer.concat([Buffer.from(bodyOf(id, "NEW").slice(0, -1) + ',"x":"'), Buffer.from([0xff, 0xfe]), Buffer.from('"}')]));
  assert.deepEqual((await office.events(id)).map((event) => event.event_type), ["COMPLETE", "NEW"]);
});

test("a message or an option that cannot be read costs itself alone", async () => {
  const shown = async (data) => {
    const id = randomUUID();
    await send(bodyOf(id, "AUTH_STATUS", { more: `,"sequence":1.0,"data":${data}` }));
    return (await office.pull(id)).auth;
  };
  const locked = await shown(`{"auth_status":"NOT_AUTHENTICATED","login_error_message":"Locked. Call us ${HALF}"}`);
  assert.deepEqual([locked.sequence, locked.message], [1, [{ text: "Locked. Call us \ufffd" }]]);
  const asked = await shown(`{"auth_status":"IDENTITY_VERIFICATION_OPTIONS","mfa_options":{},"options":{"z":5551234,"1":"Mail ${HALF}","a":"Call","10":[1]}}`);
  assert.deepEqual(asked.options, [{ key: "z", label: "5551234" }, { key: "1", label: "Mail \ufffd" }, { key: "a", label: "Call" }, { key: "10", label: "10" }]);
});

test("numbers in metadata keep their digits, and members their order", async () => {
  const id = randomUUID();
  const meta = '{"z":123456789012345678901234567890,"price":1.10,"a":-8.990567403888024e-203}';
  await send(bodyOf(id, "COMPLETE", { meta }));
  const text = await (await office.call(`/api/v1/pulls/${id}`)).text();
  assert.ok(text.includes(`"meta_data":${meta}`), text);
});

test("one pull is one in small and in capital letters", async () => {
  const id = randomUUID();
  await send(bodyOf(id, "COMPLETE"));
  await send(bodyOf(id.toUpperCase(), "NEW"));
  for (const spelled of [id, id.toUpperCase()]) {
    const pull = await office.pull(spelled);
    assert.deepEqual([pull.pull_id, pull.revision], [id, 2]);
  }
});

test("a whole number is whole in each spelling", async () => {
  for (const [first, second] of [["1", "2.0"], ['"9"', '" 10 "'], ["1e0", "20e-1"], ["9007199254740992", "9007199254740993.0"], ["0", "1"]]) {
    const id = randomUUID();
    await send(bodyOf(id, "AUTH_STATUS", { more: `,"sequence":${first},"data":{"auth_status":"QUEUED"}` }));
    await send(bodyOf(id, "AUTH_STATUS", { more: `,"sequence":${second},"data":{"auth_status":"SUCCESS"}` }));
    assert.equal((await office.pull(id)).auth.status, "SUCCESS", `${first}, ${second}`);
  }
  const page = await openPage(edge);
  const body = `{"terms_version":${CONSENT.terms_version}.0,"consent_language":"I agree"}`;
  assert.equal((await fetch(`${edge.url}${page.path}/consent`, { method: "POST", body, headers: page.bearer })).status, 200);
});

test("a repeated body makes its fetch due again, and the log no longer", async () => {
  const id = randomUUID();
  const fetches = async () => (await callsOf(sandbox, "get-pull-by-id", id)).length;
  const body = bodyOf(id, "DATA_UPDATED", { more: ',"data":{"updates":[]}' });
  await send(body);
  await until(async () => (await fetches()) >= 1, "the first fetch");
  await until(async () => (await office.pull(id)).outbox.find((entry) => entry.work === "fetch")?.state === "failed", "a fetch of a pull that Canopy does not know is given up");
  const before = await fetches();
  await send(body);
  await until(async () => (await fetches()) > before, "another fetch");
  const pull = await office.pull(id);
  assert.deepEqual([pull.revision, pull.data_updates], [1, 1]);
});

test("a pull is kept and its documents fetched whatever is written beside them", async () => {
  const answers = {
    "odd-title": (id) => `{"success":true,"pull":{"pull_id":"${id}","documents":[{"document_id":"x","title":"Policy ${HALF}","mime_type":"application/pdf"}]}}`,
    "number-title": (id) => `{"success":true,"pull":{"pull_id":"${id.toUpperCase()}","documents":[{"document_id":"x","title":7}]}}`,
    twice: (id) => `{"success":true,"pull":{"pull_id":"${id}","documents":[],"documents":[{"document_id":"x","${HALF}":1e400}]}}`,
  };
  const canopy = await startStandIn(({ path }) => {
    const [, id] = /\/pulls\/([^/?]+)/.exec(path) ?? [];
    if (path.includes("/documents/")) return { headers: { "content-type": "application/pdf" }, body: "%PDF-1.4 x" };
    return { body: answers[id](id) };
  });
  const own = await startEdge({ sandbox: canopy });
  try {
    for (const id of Object.keys(answers)) {
      await send(bodyOf(id, "COMPLETE"), own);
      const pull = await backOfficeOf(own).seen(id, (pull) => pull.documents.some((document) => document.state === "stored"), `${id} with its document`);
      const kept = await (await backOfficeOf(own).call(`/api/v1/pulls/${id}/snapshots/latest`)).text();
      assert.deepEqual([kept, pull.documents.length], [answers[id](id), 1]);
    }
  } finally {
    await own.stop();
    await canopy.stop();
  }
});
