// What a page's screen stands at while statuses come late, early or twice: a prompt stays until it is answered, and each is answered once.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { assertProblem, authOf, callsOf, control, delivered, loginOf, openPage } from "../edge-client.mjs";
import { startBoth } from "../harness.mjs";

let both, edge, sandbox;

before(async () => {
  both = await startBoth();
  ({ edge, sandbox } = both);
});
after(() => both?.stop());

const isDone = (document) => document.complete && document.auth?.status === "SUCCESS";

/** A page whose consumer is asked for the code. */
async function askedForCode(username = "user_optionless_mfa") {
  const page = await openPage(edge);
  await page.live();
  const { pull_id } = await page.ask("connect", await loginOf(sandbox, username));
  if (username === "user_mfa") {
    const { auth } = await page.shown(authOf("IDENTITY_VERIFICATION_OPTIONS"), "options");
    await page.ask("identity-option", { option_key: auth.options[0].key });
  }
  const prompt = await page.shown((document) => authOf("IDENTITY_VERIFICATION")(document) && !document.prompt_answered, "prompt for the code");
  /** Sends a status from Canopy, so much after the prompt; gives the session once the status has reached it. */
  const tell = async (status, after, data = {}) => {
    const body = { pull_id, event_type: "AUTH_STATUS", status, sequence: prompt.auth.sequence + after, data: { auth_status: status, login_error_message: null, ...data } };
    const from = page.documents.length;
    await control(sandbox, "POST", "/events", body);
    return page.shown((document) => document.status === status, status, from);
  };
  return { page, pull_id, prompt, tell };
}

function assertRevisionsGrow({ documents }) {
  const revisions = documents.map((document) => document.revision);
  assert.ok(revisions.length > 3 && revisions.every((revision, at) => at === 0 || revision > revisions[at - 1]), revisions.join());
}

test("a prompt survives a later status that is less far on, and can still be answered", async () => {
  const { page, pull_id, prompt, tell } = await askedForCode();
  const later = await tell("PROCESSING", 1);
  assert.ok(later.revision > prompt.revision);
  assert.deepEqual([later.status, later.auth, later.prompt, later.prompt_answered], ["PROCESSING", prompt.auth, prompt.prompt, false]);
  assert.deepEqual(await page.document(), page.documents.at(-1));
  await page.ask("identity-code", { code: "123456" });
  await page.shown(isDone, "end");
  assert.equal((await callsOf(sandbox, "post-idv", pull_id)).length, 1);
  assertRevisionsGrow(page);
});

test("a late status of a lower or equal sequence changes nothing", async () => {
  const { page, prompt, tell } = await askedForCode();
  await tell("PROCESSING", 1);
  for (const after of [0, 1]) await control(sandbox, "POST", "/events", { pull_id: prompt.pull_id, event_type: "AUTH_STATUS", status: "SUCCESS", sequence: prompt.auth.sequence + after, data: { auth_status: "SUCCESS" } });
  const told = await tell("SERVICING", 2);
  assert.deepEqual([told.auth.status, told.prompt], ["SERVICING", prompt.prompt + 1], "further on: approved elsewhere");
  await delivered(sandbox, prompt.pull_id);
  assert.deepEqual((await page.document()).auth, told.auth);
  assert.ok(!page.documents.some(authOf("SUCCESS")));
});

test("what asks the consumer again takes the prompt's place", async () => {
  const { page, prompt, tell } = await askedForCode("user_mfa");
  const again = await tell("IDENTITY_VERIFICATION_OPTIONS", 1, { mfa_options: { CALL_1: "Call me" } });
  assert.deepEqual([again.auth.status, again.auth.options, again.prompt], ["IDENTITY_VERIFICATION_OPTIONS", [{ key: "CALL_1", label: "Call me" }], prompt.prompt + 1]);
  assert.deepEqual([again.prompt_answered, again.prompt_refused], [false, false]);
  await assertProblem(await page.post("identity-code", { code: "1" }), 409, "STATE_CONFLICT");
  const refused = await tell("NOT_AUTHENTICATED", 2, { login_error_message: "Sign in again." });
  assert.deepEqual([refused.auth.status, refused.auth.message, refused.prompt, refused.prompt_refused], ["NOT_AUTHENTICATED", [{ text: "Sign in again." }], prompt.prompt + 2, true]);
  const waiting = await tell("PROCESSING", 3);
  assert.deepEqual([waiting.auth.status, waiting.prompt], ["PROCESSING", prompt.prompt + 3], "a login under way is further on than a refused one");
});

test("a status that comes before the answer to the code is a prompt of its own", async () => {
  const { page, pull_id, prompt } = await askedForCode("user_mfa");
  await control(sandbox, "POST", "/faults", { operation: "post-idv", steps: [{ delay_ms: 1_500 }] });
  const from = page.documents.length;
  const answer = page.post("identity-code", { code: "000000" });
  const early = await page.shown((document) => document.auth.sequence > prompt.auth.sequence, "status before the answer", from);
  assert.deepEqual([early.auth.status, early.prompt, early.prompt_answered, early.prompt_refused], ["IDENTITY_VERIFICATION", prompt.prompt + 1, false, true]);
  await assertProblem(await page.post("identity-code", { code: "123456" }), 409, "CONNECT_IN_PROGRESS");
  const taken = await (await answer).json();
  assert.ok(taken.revision > early.revision, "the answer came last");
  assert.deepEqual([taken.prompt, taken.prompt_answered, taken.prompt_refused], [prompt.prompt + 1, false, true], "the answer to the code before is none to this one");
  await page.ask("identity-code", { code: "123456" });
  await page.shown(isDone, "end");
  assert.equal((await callsOf(sandbox, "post-idv", pull_id)).length, 2);
  assertRevisionsGrow(page);
});

test("whichever comes first, a wrong code is asked for again each time", async () => {
  const { page, pull_id, prompt } = await askedForCode();
  for (let wrong = 1; wrong <= 8; wrong += 1) {
    await page.ask("identity-code", { code: "000000" });
    const again = await page.shown((document) => document.prompt === prompt.prompt + wrong, `prompt ${wrong} after the first`);
    assert.deepEqual([again.auth.status, again.prompt_answered, again.prompt_refused], ["IDENTITY_VERIFICATION", false, true]);
  }
  await page.ask("identity-code", { code: "123456" });
  await page.shown(isDone, "end");
  assert.equal((await callsOf(sandbox, "post-idv", pull_id)).length, 9);
  assertRevisionsGrow(page);
});

test("another code sent is no wrong one", async () => {
  const { page, prompt } = await askedForCode("user_mfa");
  const [, other] = prompt.auth.options;
  await page.ask("identity-option", { option_key: other.key });
  const sent = await page.shown((document) => document.prompt > prompt.prompt, "prompt for the new code");
  assert.deepEqual([sent.auth.status, sent.prompt_answered, sent.prompt_refused], ["IDENTITY_VERIFICATION", false, false]);
  assert.deepEqual([(await page.document()).chosen_option, sent.auth.options], [other.key, prompt.auth.options]);
  await page.ask("identity-code", { code: "123456" });
  await page.shown(isDone, "end");
});
