// Everything that an edge is told of a consumer, with a key and without: with one nothing of it stands in any file of its storage.
import assert from "node:assert/strict";
import { createHash, randomUUID } from "node:crypto";
import { readdirSync } from "node:fs";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { authStatus, backOfficeOf, CONSENT, isSettled, openPage, postWebhook, SERVICING, until, webhook } from "../edge-client.mjs";
import { LOCAL, startEdge, temporaryDirectory } from "../harness.mjs";
import { startHooks, status } from "../hooks.mjs";
import { foundBelow, formsOf, namesOf } from "../planted.mjs";
import { pullOf, startStandIn } from "../stand-in.mjs";

const keyOf = (id) => `${id}:${createHash("sha256").update(id).digest("base64")}`;
const WHOLE = "whole-token-0123456789abcdef0123456789abcdef";
const TOKENS = { EDGE_API_TOKENS: `demo:${LOCAL.apiToken},whole:${WHOLE}:read+write+servicing+admin` };

/** What is planted, by what it is; each is found again by its own number. */
const NAMES = `first_name last_name account_email mobile_phone home_phone date_of_birth license street city vehicle_vin
policy_number_auto policy_number_home lienholder agent_name claim_text coverage_text dependent snapshot_note
document_title_one document_title_two document_bytes_one document_bytes_two document_title_late
login_message login_link identity_option identity_label reconnect_url reconnect_token account_identifier masked_contact
metadata_session metadata_session_key metadata_pull metadata_pull_key metadata_patch webhook_data update_data policy_event
servicing_payload servicing_loan monitoring_event validation_text claims_event error_text chosen_option
pull_jwt consent_text household_member employer loan_number username_token password_token identity_code
own_event_data own_event_key own_event_nested own_event_later own_event_later_key own_event_page own_cancelled
stale_webhook repeated_webhook idempotent_answer idempotency_body second_snapshot endpoint_url endpoint_answer endpoint_description umlauts quotes`.split(/\s+/);
const PLANTED = Object.fromEntries(NAMES.map((name, number) => [name, `PLANTED-${number}x-${name.replaceAll("_", "-")}-7f3a`]));
PLANTED.umlauts = "PLANTED-Jürgen-Müller-Straße-7f3a";
PLANTED.quotes = 'PLANTED-"O/Neil"\\co-7f3a';
/** What an edge is told and keeps nowhere in the clear: not even without a key. */
const NEVER_KEPT = ["identity_code", "password_token", "username_token", "metadata_patch", "idempotency_body", "idempotent_answer"];

const policies = (planted) => [
  { policy_id: "p-auto", policy_type: "AUTO", carrier_policy_number: planted.policy_number_auto, status: "ACTIVE", note: planted.coverage_text, lienholder: planted.lienholder, loan_number: planted.loan_number, members: [planted.household_member], vehicles: [{ vin: planted.vehicle_vin }], drivers: [{ first_name: planted.first_name, last_name: planted.last_name, drivers_license: planted.license, employer: planted.employer, date_of_birth: planted.date_of_birth, dependent: planted.dependent }] },
  { policy_id: "p-home", policy_type: "HOME", carrier_policy_number: planted.policy_number_home, status: "ACTIVE", agent: planted.agent_name, claims: [{ text: planted.claim_text }], umlauts: planted.umlauts, quotes: planted.quotes },
];

/** Canopy, as far as an edge asks it here; `late` adds a document and a note to what a pull is. */
function canopyOf(planted, late) {
  const documents = () => [
    { document_id: "d1", title: planted.document_title_one, document_type: "DECLARATIONS", mime_type: "application/pdf" },
    { document_id: "d2", title: planted.document_title_two, mime_type: "application/pdf" },
    ...(late.is ? [{ document_id: "d3", title: planted.document_title_late, mime_type: "application/pdf" }] : []),
  ];
  return ({ path: asked, method }) => {
    if (asked.includes("/documents/d")) return { headers: { "content-type": "application/pdf" }, body: `%PDF-1.4 ${planted[asked.includes("d1") ? "document_bytes_one" : "document_bytes_two"]} ${asked}` };
    if (asked.endsWith("/consentAndConnect")) return { body: { success: true, pull_id: late.pull_id, pull_jwt: planted.pull_jwt, servicing_action_ids: [] } };
    if (method === "PATCH") return { body: { success: true, note: planted.idempotent_answer } };
    if (!pullOf(asked)) return { body: { success: true } };
    const consumer = { account_email: planted.account_email, mobile_phone: planted.mobile_phone, home_phone: planted.home_phone, address: { street: planted.street, city: planted.city } };
    const pull = { pull_id: pullOf(asked), ...consumer, policies: policies(planted), documents: documents(), note: late.is ? planted.second_snapshot : planted.snapshot_note };
    return { body: { success: true, pull } };
  };
}

/** Tells the edge all there is, as Canopy, page and back office do; ends it in the middle of sessions that still live. */
async function everything(persist, env, planted = PLANTED) {
  const late = { is: false, pull_id: randomUUID() };
  const canopy = await startStandIn(canopyOf(planted, late));
  const edge = await startEdge({ persist, sandbox: canopy, env: { ...TOKENS, ...env } });
  const hooks = await startHooks();
  try {
    const office = backOfficeOf(edge, WHOLE);
    const taken = async (body) => assert.equal((await postWebhook(edge, body)).status, 200, body);
    const write = async (where, method, json, headers = {}) => {
      const answer = await office.call(where, { method, body: JSON.stringify(json), headers });
      assert.ok(answer.ok, `${where}: ${await answer.clone().text()}`);
      return answer.json();
    };

    const endpoint = hooks.endpoint(status(200, {}, planted.endpoint_answer));
    const { secret } = await write("/api/v1/subscriptions", "POST", { url: endpoint.url, form: "intake" });
    await write("/api/v1/subscriptions", "POST", { url: `http://127.0.0.1:9/${planted.endpoint_url}`, description: planted.endpoint_description, enabled: false });

    const servicing_actions = [{ ...SERVICING, payload: { ...SERVICING.payload, name: planted.servicing_payload, loan_number: planted.servicing_loan } }];
    const unused = await openPage(edge, { token: WHOLE, metadata: { [planted.metadata_session_key]: planted.metadata_session }, servicing_actions });
    assert.equal((await unused.document()).phase, "open");
    const page = await openPage(edge, { token: WHOLE, metadata: { [planted.metadata_session_key]: planted.metadata_session } });
    await page.live();
    const login = { carrier_id: "statefarm", ...CONSENT, consent_language: planted.consent_text, username: planted.username_token, password: planted.password_token };
    await page.ask("connect", login);
    const { pull_id } = late;
    const meta_data = { edge_session: page.session_id, [planted.metadata_pull_key]: planted.metadata_pull };
    const tell = (type, data, more = {}) => taken(webhook(pull_id, type, { meta_data, account_identifier: planted.account_identifier, data, ...more }));
    const auth = (status, sequence, data = {}) => taken(authStatus(pull_id, status, sequence, { meta_data, account_identifier: planted.account_identifier, data: { auth_status: status, ...data } }));
    await auth("NOT_AUTHENTICATED", 1, { login_error_message: `${planted.login_message} <a href="https://a.example/${planted.login_link}">here</a>` });
    await page.ask("connect", login);
    const options = { [planted.identity_option]: planted.identity_label, [planted.chosen_option]: planted.masked_contact };
    await auth("IDENTITY_VERIFICATION_OPTIONS", 2, { mfa_options: options, login_error_message: null });
    await page.shown((document) => document.auth?.status === "IDENTITY_VERIFICATION_OPTIONS", "options");
    await page.ask("identity-option", { option_key: planted.chosen_option });
    await auth("IDENTITY_VERIFICATION", 3, { mfa_options: options, login_error_message: planted.login_message });
    await page.shown((document) => document.auth?.status === "IDENTITY_VERIFICATION", "code");
    await page.ask("identity-code", { code: planted.identity_code });
    await auth("QUEUED", 1, { login_error_message: planted.stale_webhook });
    await tell("POLICY_AVAILABLE", { policy_id: randomUUID(), policy_type: "AUTO", note: planted.policy_event });
    for (let times = 0; times < 2; times += 1) await tell("POLICIES_AVAILABLE", { note: planted.repeated_webhook });
    await tell("SERVICING_WAITING_FOR_CONSUMER_CONFIRMATION", { servicing_action_id: "action-1", note: planted.webhook_data });
    await office.seen(pull_id, (pull) => pull.snapshots.length === 1 && isSettled(pull), "the first version");

    // The back office's own words, and what it asks of Canopy.
    const below = `/api/v1/pulls/${pull_id}`;
    await write(`${below}/events`, "POST", { event_type: "QUOTE_SENT", data: { note: planted.own_event_data, more: [{ deep: planted.own_event_nested }] }, key: planted.own_event_key });
    await write(`${below}/events`, "POST", { event_type: "NOTE_TAKEN", data: { note: planted.own_event_page }, key: randomUUID(), page: true });
    const effective_at = new Date(Date.now() + 86_400_000).toISOString();
    await write(`${below}/schedule`, "POST", { event_type: "CALL_BACK", data: { note: planted.own_event_later }, key: planted.own_event_later_key, effective_at });
    const { schedule_id } = await write(`${below}/schedule`, "POST", { event_type: "CALL_LATER", data: { note: planted.own_cancelled }, key: randomUUID(), effective_at });
    await office.call(`${below}/schedule/${schedule_id}`, { method: "DELETE" });
    const patch = { meta_data: { lead: planted.metadata_patch, more: planted.idempotency_body } };
    await office.call(`/canopy/api/v1.0.0/teams/-/pulls/${pull_id}`, { method: "PATCH", body: JSON.stringify(patch), headers: { "content-type": "application/json", "idempotency-key": randomUUID() } });

    late.is = true;
    await tell("COMPLETE", { note: planted.update_data }, { status: "SUCCESS" });
    await tell("DATA_UPDATED", { updates: [planted.update_data] }, { status: "SUCCESS" });
    await tell("CLAIMS_AVAILABLE", { note: planted.claims_event }, { status: "SUCCESS" });
    await tell("VALIDATION_COMPLETE", { status: "VALID", note: planted.validation_text }, { status: "SUCCESS" });
    await tell("MONITORING_EVENTS", { events: [planted.monitoring_event] }, { status: "SUCCESS" });
    await tell("ERROR", { message: planted.error_text }, { status: "SUCCESS" });
    const monitoring = { initial_pull_id: pull_id, monitoring_id: randomUUID() };
    const reconnect = { auth_status: "NOT_AUTHENTICATED", reconnect_url: `https://a.example/r/${planted.reconnect_url}?reconnectToken=${planted.reconnect_token}`, reconnect_token: planted.reconnect_token };
    await tell("MONITORING_RECONNECT", reconnect, { is_monitored: true, monitoring });
    const pull = await office.seen(pull_id, (pull) => isSettled(pull) && pull.documents.length === 3 && pull.reconnect !== null, "the whole pull");
    assert.ok(pull.documents.every((document) => document.stored_at));

    // All of it is there to be read.
    await office.read(`${below}/intake`);
    const copy = await until(async () => ((read) => read.revision === pull.revision && read)(await office.read(`${below}?read=copy`)), "the copy");
    assert.ok(copy.reconnect.reconnect_url.includes(planted.reconnect_token));
    const log = JSON.stringify(await office.events(pull_id));
    for (const name of ["own_event_data", "own_event_key", "claims_event", "stale_webhook"]) assert.ok(log.includes(planted[name]), name);
    assert.ok((await (await office.call(`${below}/documents/d1`)).text()).includes(planted.document_bytes_one));
    assert.ok(pull.documents.some((document) => document.title === planted.document_title_late));
    assert.equal((await page.document()).phase, "connected");
    assert.ok(endpoint.of(pull_id).length > 10, "deliveries");
    return { pull_id, session_id: page.session_id, secret };
  } finally {
    await hooks.stop();
    await edge.stop();
    await canopy.stop();
  }
}

/** Every row of every object's and D1's tables of this name. */
function rowsOf(persist, table) {
  const files = readdirSync(persist, { recursive: true }).map(String).filter((file) => file.endsWith(".sqlite"));
  return files.flatMap((file) => {
    const database = new DatabaseSync(path.join(persist, file), { readOnly: true });
    try {
      return database.prepare("SELECT 1 FROM sqlite_schema WHERE name = ?").get(table) ? database.prepare(`SELECT * FROM ${table}`).all() : [];
    } finally {
      database.close();
    }
  });
}

test("a planted value is found in each of its forms, wherever it begins", () => {
  assert.ok(NAMES.length >= 60, `${NAMES.length} values`);
  for (const [form, bytes] of formsOf(PLANTED.umlauts)) assert.ok(bytes.length >= 12, form);
  for (const before of ["", "a", "ab", "abc"]) {
    const text = Buffer.from(`${before}${PLANTED.umlauts}xyz`);
    for (const encoding of ["base64", "base64url"]) {
      const encoded = text.toString(encoding);
      assert.ok(formsOf(PLANTED.umlauts).some(([, bytes]) => encoded.includes(bytes.toString())), `${encoding} behind ${before.length}`);
    }
  }
});

test("with a key no file of storage has a planted value in any form; without one they are found", async () => {
  const [plain, sealed] = [temporaryDirectory(), temporaryDirectory()];
  const { secret } = await everything(plain, {});
  assert.deepEqual(namesOf(foundBelow(plain, { secret })), ["secret"]);
  const kept = namesOf(foundBelow(plain, PLANTED));
  const live = namesOf(foundBelow(plain, PLANTED, { rows: true }));
  console.log(`without a key: ${kept.length} of ${NAMES.length} values in files, ${live.length} in live rows; not kept: ${NAMES.filter((name) => !kept.includes(name)).join(" ")}`);
  assert.ok(kept.length >= 60, `found without a key: ${kept.join(" ")}`);
  for (const name of NEVER_KEPT) assert.ok(!kept.includes(name), `${name} is kept nowhere`);

  const { session_id, secret: other } = await everything(sealed, { EDGE_SNAPSHOT_KEY: keyOf("k1") });
  assert.deepEqual(foundBelow(sealed, { other }), []);
  assert.deepEqual(foundBelow(sealed, PLANTED), []);
  assert.deepEqual(foundBelow(sealed, PLANTED, { rows: true }), []);

  // Each value that may hold a consumer's data is bytes, and names its key.
  const isSealed = (value) => value instanceof Uint8Array && Buffer.from(value).subarray(0, 7).equals(Buffer.from([0, 67, 69, 1, 2, 107, 49]));
  for (const [table, columns] of Object.entries({ pull: ["state", "documents"], entry: ["body"], snapshot: ["bytes"], session: ["session"], delivery: ["attempts"] })) {
    const rows = rowsOf(sealed, table);
    assert.ok(rows.length > 0, table);
    for (const row of rows) for (const column of columns) assert.ok(isSealed(row[column]), `${table}.${column}`);
  }
  assert.ok(!JSON.stringify(rowsOf(sealed, "pulls")).includes(session_id));
});

/** Live values of sessions' rows. */
const sessionsOf = (persist) => JSON.stringify(rowsOf(persist, "session").map(({ session }) => session));

test("the pull's token is forgotten at the pull's end, and at its expiry", async () => {
  const canopy = await startStandIn(({ path: asked }) =>
    asked.endsWith("/consentAndConnect") ? { body: { success: true, pull_id: randomUUID(), pull_jwt: PLANTED.pull_jwt } } : { body: { success: true, pull: { pull_id: pullOf(asked), policies: [] } } },
  );
  const connected = async (edge) => {
    const page = await openPage(edge, {});
    await page.ask("connect", { carrier_id: "statefarm", ...CONSENT, username: PLANTED.username_token, password: PLANTED.password_token });
    return page;
  };
  const ended = async (persist, act, more) => {
    const edge = await startEdge({ persist, sandbox: canopy, env: TOKENS, ...more });
    try {
      await act(edge);
    } finally {
      await edge.stop();
    }
    return sessionsOf(persist);
  };
  // An edge that begins most of an hour behind, and then is on time: what is opened at its beginning expires in seconds.
  const behind = `{ const real = Date.now; let first = 0; Date.now = () => { const at = real(); first ||= at; return at - (at - first < 8_000 ? 3_590_000 : 0); }; }\n`;
  try {
    const [kept, whole, expired] = [temporaryDirectory(), temporaryDirectory(), temporaryDirectory()];
    assert.ok((await ended(kept, connected)).includes(PLANTED.pull_jwt), "while it is needed it is there");
    const shown = await ended(whole, async (edge) => {
      const page = await connected(edge);
      const { pull_id } = await page.document();
      assert.equal((await postWebhook(edge, webhook(pull_id, "COMPLETE", { status: "SUCCESS", meta_data: { edge_session: page.session_id } }))).status, 200);
      await until(async () => (await page.document()).complete === true, "the pull's end");
    });
    assert.ok(shown.length > 2 && !shown.includes(PLANTED.pull_jwt), shown);
    const late = await ended(expired, async (edge) => {
      const page = await connected(edge);
      await until(async () => (await fetch(edge.url + page.path, { headers: page.bearer })).status === 401, "its expiry", 30_000);
      await sleep(3_000);
    }, { patch: (text) => behind + text });
    assert.ok(late.length > 2 && !late.includes(PLANTED.pull_jwt), late);
  } finally {
    await canopy.stop();
  }
});
