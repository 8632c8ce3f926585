// The Components flow on the real edge against the sandbox: for each login, what its page sees and what the back office gets.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, before, test } from "node:test";
import { isDeepStrictEqual } from "node:util";
import { assertProblem, authOf, backOfficeOf, CONSENT, control, delivered, isSettled, loginOf, openPage, until } from "../edge-client.mjs";
import { LOCAL, startBoth } from "../harness.mjs";

let edge, sandbox, both, office;

before(async () => {
  both = await startBoth();
  ({ edge, sandbox } = both);
  office = backOfficeOf(edge);
});
after(() => both?.stop());

/** The webhooks come in any order: both have to be there. */
const isDone = (document) => document.complete && document.auth?.status === "SUCCESS";

/** A page with its socket open, logged in as `username`. */
async function connected(username, { password, metadata } = {}) {
  const page = await openPage(edge, { metadata });
  const socket = await page.live();
  assert.deepEqual([page.documents[0].phase, page.documents[0].pull_id], ["open", null]);
  const { pull_id, phase } = await page.ask("connect", await loginOf(sandbox, username, password));
  assert.equal(phase, "connected");
  return { page, socket, pull_id };
}

/** What every page must be able to rely on, and what it must never be shown. */
async function assertShownSafely({ page, socket, pull_id }) {
  const { pulls } = await control(sandbox, "GET", "/pulls");
  const own = pulls.filter((pull) => pull.meta_data.edge_session === page.session_id);
  assert.deepEqual(own.map((pull) => pull.pull_id), [pull_id], "one pull, and no second one");
  const sequences = page.documents.map((document) => document.auth?.sequence ?? 0);
  assert.deepEqual(sequences, sequences.toSorted((a, b) => a - b), "the screen never goes back");
  const revisions = page.documents.map((document) => document.revision);
  assert.ok(revisions.every((revision, at) => at === 0 || revision > revisions[at - 1]), `the revision grows: ${revisions}`);
  await delivered(sandbox, pull_id);
  const newest = await page.document();
  await until(() => isDeepStrictEqual(page.documents.at(-1), newest), "the newest document on the socket");
  const shown = JSON.stringify(page.documents);
  assert.doesNotMatch(shown, /jwt|eyJ|policy_id|policy_number|meta_data|account_identifier/i);
  assert.doesNotMatch(shown, /<|&lt;/, "no HTML");
  socket.close();
}

/** Everything Canopy has of a complete pull is at the edge, as it is. */
async function assertWhole(pull_id, { policies = true } = {}) {
  const pull = await office.seen(pull_id, (pull) => pull.complete && isSettled(pull), "the complete pull");
  const basic = { authorization: `Basic ${Buffer.from(`${LOCAL.clientId}:${LOCAL.clientSecret}`).toString("base64")}` };
  const base = `${sandbox.url}/api/v1.0.0/teams/${LOCAL.teamId}/pulls/${pull_id}`;
  const theirs = await (await fetch(base, { headers: basic })).text();
  const ours = await (await office.call(`/api/v1/pulls/${pull_id}/snapshots/latest`)).text();
  assert.equal(ours, theirs);
  const latest = pull.snapshots.at(-1);
  assert.deepEqual([latest.size, latest.sha256], [Buffer.byteLength(theirs), createHash("sha256").update(theirs).digest("hex")]);
  assert.deepEqual(pull.snapshots.map((snapshot) => snapshot.version), pull.snapshots.map((_, at) => at + 1));
  const { documents, policies: published } = JSON.parse(theirs).pull;
  assert.equal(published?.length > 0, policies);
  assert.deepEqual(pull.documents.map((document) => document.document_id).toSorted(), (documents ?? []).map((document) => document.document_id).toSorted());
  for (const document of pull.documents) {
    assert.equal(document.state, "stored");
    const stored = await office.call(`/api/v1/pulls/${pull_id}/documents/${document.document_id}`);
    const bytes = Buffer.from(await stored.arrayBuffer());
    const original = await fetch(`${base}/documents/${document.document_id}/pdf`, { headers: basic });
    assert.ok(bytes.equals(Buffer.from(await original.arrayBuffer())), document.title);
    assert.match(bytes.toString("latin1"), /^%PDF-/);
    assert.equal(stored.headers.get("content-type"), "application/pdf");
    assert.deepEqual([document.size, document.sha256], [bytes.length, createHash("sha256").update(bytes).digest("hex")]);
  }
  const deliveries = await delivered(sandbox, pull_id);
  const events = (await office.events(pull_id)).filter((entry) => entry.kind === "webhook");
  assert.deepEqual(events.map((event) => JSON.stringify(event.body)).toSorted(), deliveries.map((delivery) => delivery.body).toSorted(), "the log is what was sent");
  return pull;
}

test("user_good: connected, and read whole", async () => {
  const flow = await connected("user_good", { metadata: { lead_id: "L-42" } });
  const done = await flow.page.shown(isDone, "end");
  assert.deepEqual([done.status, done.error, done.policies_available, done.auth.status], ["SUCCESS", null, true, "SUCCESS"]);
  assert.deepEqual(done.login, { carrier_id: "statefarm", ...CONSENT });
  await assertShownSafely(flow);
  const pull = await assertWhole(flow.pull_id);
  assert.deepEqual((await flow.page.document()).policy_types.toSorted(), Object.values(pull.policies).toSorted());
  assert.equal(pull.meta_data.lead_id, "L-42");
  assert.equal(pull.meta_data.edge_session, flow.page.session_id);
  assert.ok(Object.keys(pull.policies).length > 0);
});

test("user_mfa: an option, a wrong code, a right one", async () => {
  const flow = await connected("user_mfa");
  const { page } = flow;
  const choice = await page.shown(authOf("IDENTITY_VERIFICATION_OPTIONS"), "options");
  assert.ok(choice.auth.options.length > 1);
  for (const option of choice.auth.options) assert.deepEqual(Object.keys(option).toSorted(), ["key", "label"]);
  await assertProblem(await page.post("identity-code", { code: "123456" }), 409, "STATE_CONFLICT");
  await assertProblem(await page.post("identity-option", { option_key: "no such key" }), 422, "CANOPY_REFUSED");
  await page.ask("identity-option", { option_key: choice.auth.options[0].key });
  const asked = await page.shown(authOf("IDENTITY_VERIFICATION"), "prompt for the code");
  assert.deepEqual(asked.auth.message, []);
  await page.ask("identity-code", { code: "000000" });
  const wrong = await page.shown((document) => authOf("IDENTITY_VERIFICATION")(document) && document.auth.message.length > 0, "refused code");
  assert.match(wrong.auth.message[0].text, /wrong/);
  assert.ok(wrong.auth.sequence > asked.auth.sequence);
  assert.deepEqual([wrong.prompt, wrong.prompt_answered, wrong.prompt_refused], [asked.prompt + 1, false, true]);
  assert.deepEqual([asked.prompt_refused, asked.chosen_option], [false, choice.auth.options[0].key]);
  for (const { auth } of [asked, wrong]) assert.deepEqual(auth.options, choice.auth.options, "the ways to get a code stay known");
  await page.ask("identity-code", { code: "123456" });
  await page.shown(isDone, "end");
  await assertShownSafely(flow);
  await assertWhole(flow.pull_id);
});

test("user_optionless_mfa: a code without options; the code that ends the login, and a second login in the same pull", async () => {
  const flow = await connected("user_optionless_mfa");
  const { page } = flow;
  await page.shown(authOf("IDENTITY_VERIFICATION"), "prompt for the code");
  await page.ask("identity-code", { code: "000001" });
  const ended = await page.shown(authOf("NOT_AUTHENTICATED"), "end of the login");
  assert.ok(ended.auth.message[0].text.length > 0);
  const from = page.documents.length;
  await page.ask("connect", await loginOf(sandbox, "user_optionless_mfa"));
  await page.shown(authOf("IDENTITY_VERIFICATION"), "second prompt", from);
  await page.ask("identity-code", { code: "424242" });
  await page.shown(isDone, "end");
  await assertShownSafely(flow);
  await assertWhole(flow.pull_id);
});

test("a prompt is answered once", async () => {
  const { page, pull_id } = await connected("user_optionless_mfa");
  await page.shown(authOf("IDENTITY_VERIFICATION"), "prompt for the code");
  const answers = await Promise.all([1, 2, 3].map(() => page.post("identity-code", { code: "000000" })));
  const statuses = answers.map((answer) => answer.status).toSorted();
  assert.deepEqual(statuses, [200, 409, 409]);
  const { pulls } = await control(sandbox, "GET", "/pulls");
  assert.equal(pulls.find((pull) => pull.pull_id === pull_id).calls["post-idv"], 1);
  await page.shown((document) => document.auth?.message.length > 0, "refused code");
  await page.ask("identity-code", { code: "123456" });
  await page.shown(isDone, "end");
});

test("user_locked: the carrier's message arrives as text and a safe link", async () => {
  const flow = await connected("user_locked");
  const locked = await flow.page.shown(authOf("NOT_AUTHENTICATED"), "refusal");
  assert.equal(locked.auth.message.length, 3);
  const [before, link, rest] = locked.auth.message;
  assert.deepEqual([before.href, link.href, rest.href], [undefined, "https://www.example.com/account/help", undefined]);
  assert.equal(link.text, "unlock it");
  assert.match(before.text, /^Your account is locked\./);
  await assertShownSafely(flow);
  const pull = await office.pull(flow.pull_id);
  assert.deepEqual([pull.status, pull.snapshots, pull.complete], ["NOT_AUTHENTICATED", [], false]);
});

test("user_bad, then user_good in the same session: one pull, brought to its end by connect", async () => {
  const flow = await connected("user_bad");
  const { page } = flow;
  const refused = await page.shown(authOf("NOT_AUTHENTICATED"), "refusal");
  assert.deepEqual(refused.auth.message, []);
  const again = await page.ask("connect", await loginOf(sandbox, "user_good"));
  assert.deepEqual([again.pull_id, again.phase], [flow.pull_id, "connected"]);
  await page.shown(isDone, "end");
  await assertShownSafely(flow);
  await assertWhole(flow.pull_id);
  const { pulls } = await control(sandbox, "GET", "/pulls");
  const { calls } = pulls.find((pull) => pull.pull_id === flow.pull_id);
  assert.deepEqual([calls["post-consent-and-connect"], calls["post-connect"]], [1, 1]);
});

test("user_provider_error: the error reaches the page and the back office", async () => {
  const flow = await connected("user_provider_error");
  const failed = await flow.page.shown((document) => document.error, "error");
  assert.deepEqual([failed.error, failed.status, failed.complete], ["PROVIDER_ERROR", "PROVIDER_ERROR", false]);
  await assertShownSafely(flow);
  const pull = await office.pull(flow.pull_id);
  assert.deepEqual([pull.error, pull.status], ["PROVIDER_ERROR", "PROVIDER_ERROR"]);
  const error = (await delivered(sandbox, flow.pull_id)).find((delivery) => delivery.event_type === "ERROR");
  assert.deepEqual([error.attempts.length, error.last_status], [1, 200]);
});

test("user_good_no_policies: complete without policies", async () => {
  const flow = await connected("user_good_no_policies");
  await flow.page.shown(isDone, "end");
  await assertShownSafely(flow);
  const pull = await assertWhole(flow.pull_id, { policies: false });
  assert.deepEqual(pull.policies, {});
});

test("what the sandbox may send in another form ends the same", async () => {
  await control(sandbox, "POST", "/faults", {
    deliveries: { duplicate: 3, reorder: true },
    webhook: { sequence_in_data: true, meta_data_as_string: true, options_as_array: true },
  });
  try {
    const page = await openPage(edge, { metadata: { lead_id: "L-43" } });
    await page.live();
    const { pull_id } = await page.ask("connect", await loginOf(sandbox, "user_mfa"));
    const { auth } = await page.shown(authOf("IDENTITY_VERIFICATION_OPTIONS"), "options");
    assert.ok(auth.options.every((option) => option.key && option.label));
    await page.ask("identity-option", { option_key: auth.options[0].key });
    await page.shown(authOf("IDENTITY_VERIFICATION"), "prompt for the code");
    await page.ask("identity-code", { code: "123456" });
    await page.shown(isDone, "end");
    const deliveries = await delivered(sandbox, pull_id);
    const pull = await office.seen(pull_id, isSettled, "the settled outbox");
    assert.equal(pull.meta_data.lead_id, "L-43");
    const bodies = new Set(deliveries.map((delivery) => delivery.body));
    assert.ok(deliveries.length >= 3 * bodies.size);
    assert.ok(deliveries.every((delivery) => delivery.attempts.length === 1), "no delivery had to be repeated");
    assert.equal((await office.events(pull_id)).filter((entry) => entry.kind === "webhook").length, bodies.size);
  } finally {
    await control(sandbox, "DELETE", "/faults");
  }
});

test("a login that Canopy refuses starts no pull, and the session can go on", async () => {
  const page = await openPage(edge);
  const login = await loginOf(sandbox, "user_good");
  const refused = await assertProblem(await page.post("connect", { ...login, username: "11111111-1111-4111-8111-111111111111" }), 422, "CANOPY_REFUSED");
  assert.equal(refused.detail, "INVALID_USERNAME");
  assert.equal((await page.document()).phase, "open");
  for (const [body, code] of [
    [{ ...login, terms_version: "x" }, "BODY_MALFORMED"],
    [{ ...login, username: "abc" }, "INPUT_INVALID"],
    [{ ...login, consent_language: "" }, "INPUT_INVALID"],
    [{ ...CONSENT, carrier_id: "a/b", username: "12345" }, "INPUT_INVALID"],
  ]) {
    await assertProblem(await page.post("connect", body), 400, code);
  }
  assert.equal((await page.ask("connect", login)).phase, "connected");
});
