// Documents in a login's place: what is taken and what is refused, once, to the snapshot; and nothing of them stays at the edge.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import path from "node:path";
import { after, before, test } from "node:test";
import { assertProblem, backOfficeOf, callsOf, CONSENT, control, isSettled, loginOf, openPage, postWebhook, raw, rawStatus, surely, until, webhook } from "../edge-client.mjs";
import { freePort, startBoth, startEdge, startSandbox, temporaryDirectory } from "../harness.mjs";
import { NO_ANSWER, startHostile } from "../hostile-upstream.mjs";
import { pullOf, startStandIn } from "../stand-in.mjs";

const OPERATION = "post-consent-and-documents";
const UPLOADS = { EDGE_UPLOADS: "true" };
const MB = 1_000_000;
/** The first bytes of each type that is taken, and what it is called at Canopy. */
const KINDS = {
  "document.pdf": ["application/pdf", "%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"],
  "photo.jpg": ["image/jpeg", "\xff\xd8\xff\xe0\x00\x10JFIF\x00"],
  "photo.png": ["image/png", "\x89PNG\r\n\x1a\n"],
  "photo.heic": ["image/heic", "\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic"],
  "photo.webp": ["image/webp", "RIFF\x24\x00\x00\x00WEBPVP8 "],
};
const PDF = KINDS["document.pdf"][1];
let both, edge, sandbox;

before(async () => {
  both = await startBoth({ edgeEnv: UPLOADS });
  ({ edge, sandbox } = both);
});
after(() => both?.stop());

/** A file that begins so, of `size` bytes. */
function file(beginning = PDF, { size = beginning.length, name = "scan.bin" } = {}) {
  const bytes = Buffer.alloc(size, 7);
  bytes.write(beginning, "latin1");
  return new File([bytes], name);
}

function formOf(files, fields = CONSENT) {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, String(value));
  for (const each of files) form.append("documents", each);
  return form;
}

/** Sends it in one piece: who answers before all of it has come breaks nothing off. */
async function send(page, form, at = edge, headers = page.bearer) {
  const whole = new Response(form);
  const media = { "content-type": whole.headers.get("content-type") };
  return fetch(`${at.url}${page.path}/documents`, { method: "POST", headers: { ...media, ...headers }, body: await whole.arrayBuffer() });
}

/** Sends what must be taken; gives the session's document. */
async function taken(page, form, at = edge) {
  const response = await send(page, form, at);
  const answer = await response.json();
  assert.equal(response.status, 200, JSON.stringify(answer));
  assert.deepEqual([answer.phase, answer.uploaded, answer.answer_lost], ["connected", true, false]);
  return answer;
}

const pullsOf = async (page, at = sandbox) => (await control(at, "GET", "/pulls")).pulls.filter((pull) => pull.meta_data.edge_session === page.session_id);

/** What a form of Canopy's holds. */
const parsed = ({ headers, body }) => new Response(body, { headers: { "content-type": headers["content-type"] } }).formData();

test("documents go to Canopy with the consent that was given, and end in a snapshot", async () => {
  const page = await openPage(edge, { metadata: { lead_id: "L-1", tags: ["a", 1], of: { won: true, none: null } }, mode: "components" });
  assert.equal(page.uploads, true);
  await page.live();
  const files = Object.values(KINDS).map(([, beginning]) => file(beginning, { size: 3_000, name: "Ann Example, 1 Main St.exe" }));
  const { pull_id } = await taken(page, formOf(files, { ...CONSENT, company: " Sea & Sons “Mutual” " }));
  await page.shown((document) => document.phase === "connecting" && document.uploaded, "sending");
  const done = await page.shown((document) => document.complete, "end");
  assert.deepEqual([done.pull_id, done.uploaded, done.auth, done.error], [pull_id, true, null, null]);
  const [pull, ...more] = await pullsOf(page);
  assert.deepEqual([pull.pull_id, pull.type, more], [pull_id, "DOCUMENT_UPLOAD", []]);
  assert.deepEqual(pull.meta_data, { lead_id: "L-1", tags: ["a", "1"], of: { won: "true" }, edge_session: page.session_id, edge_company: "Sea & Sons “Mutual”" });
  const office = backOfficeOf(edge);
  const kept = await office.seen(pull_id, ({ complete, snapshots }) => complete && snapshots.length > 0, "the snapshot");
  const whole = await office.read(`/api/v1/pulls/${pull_id}/snapshots/${kept.snapshots.at(-1).version}`);
  const text = JSON.stringify(whole);
  for (const [name, [media]] of Object.entries(KINDS)) assert.ok(text.includes(name) && text.includes(media), `${name} in ${text.slice(0, 500)}`);
  assert.ok(!text.includes("Ann Example"), "what the consumer called a file stays with them");
  assert.ok(kept.policies_available);
});

test("what may not be passed on is refused before Canopy hears of it, and changes nothing", async () => {
  const page = await openPage(edge);
  const before = (await callsOf(sandbox, OPERATION)).length;
  const more = (name, value) => (form) => (form.append(name, value), form);
  for (const [status, code, named, form] of [
    [422, "FILE_TYPE_UNSUPPORTED", "documents/1", formOf([file(), file("MZ\x90", { name: "policy.pdf" })])],
    [422, "FILE_TYPE_UNSUPPORTED", "documents/0", formOf([file("<html>", { name: "a.html" })])],
    [422, "FILE_TYPE_UNSUPPORTED", "documents/0", formOf([new File([], "empty.pdf")])],
    [413, "FILE_TOO_LARGE", "documents/0", formOf([file(PDF, { size: 10 * MB + 1 })])],
    [413, "FILE_TOO_LARGE", "together", formOf([10, 10, 5.001].map((size) => file(PDF, { size: size * MB })))],
    [400, "INPUT_INVALID", "1 to 20", formOf([])],
    [400, "INPUT_INVALID", "1 to 20", formOf(Array.from({ length: 21 }, () => file()))],
    [400, "BODY_MALFORMED", "form", formOf(Array.from({ length: 100 }, () => file()))],
    [400, "INPUT_INVALID", "company", formOf([file()], { ...CONSENT, company: "x".repeat(101) })],
    [400, "INPUT_INVALID", "carrier_id", formOf([file()], { ...CONSENT, carrier_id: "../x" })],
    [400, "INPUT_INVALID", "other parts", more("meta_data[edge_session]", "s")(formOf([file()]))],
    [400, "INPUT_INVALID", "other parts", more("public_alias", "another")(formOf([file()]))],
    [400, "INPUT_INVALID", "other parts", more("documents", "text")(formOf([file()]))],
    [400, "INPUT_INVALID", "consent_language", formOf([file()], { ...CONSENT, consent_language: "" })],
    [400, "BODY_MALFORMED", "terms_version", formOf([file()], {})],
    [400, "BODY_MALFORMED", "form", "{}"],
  ]) {
    const { detail } = await assertProblem(await send(page, form), status, code);
    assert.ok(detail.includes(named), `${named} in ${detail}`);
  }
  await assertProblem(await send(page, formOf([file()]), edge, { ...page.bearer, "content-encoding": "gzip" }), 415, "ENCODING_NOT_SUPPORTED");
  await assertProblem(await send(page, formOf([file()]), edge, { origin: edge.url }), 401, "UNAUTHORIZED");
  assert.equal((await callsOf(sandbox, OPERATION)).length, before);
  const { phase, uploaded } = await page.document();
  assert.deepEqual([phase, uploaded ?? false], ["open", false]);
  await taken(page, formOf([file()]));
});

test("a form that is too large is refused before it is read, and one that does not say so while it is", async () => {
  const page = await openPage(edge);
  const head = (more) => [`POST ${page.path}/documents HTTP/1.1`, `host: 127.0.0.1:${edge.port}`, `authorization: Bearer ${page.token}`, `origin: ${edge.url}`, "content-type: multipart/form-data; boundary=b", ...more, "", ""].join("\r\n");
  const answer = await raw(edge, head(["content-length: 26000000", "connection: close"]));
  assert.deepEqual([rawStatus(answer), answer.includes("BODY_TOO_LARGE")], [413, true], answer);
  const chunk = Buffer.alloc(MB, "x");
  let sent = 0;
  const body = new ReadableStream({
    pull(controller) {
      if ((sent += 1) > 27) return controller.close();
      controller.enqueue(chunk);
    },
  });
  const headers = { ...page.bearer, "content-type": "multipart/form-data; boundary=b" };
  await assertProblem(await fetch(`${edge.url}${page.path}/documents`, { method: "POST", headers, body, duplex: "half" }), 413, "BODY_TOO_LARGE");
  assert.equal((await page.document()).phase, "open");
});

test("texts, names and parts without bounds are refused, and others are answered at once", async () => {
  const page = await openPage(edge);
  const before = (await callsOf(sandbox, OPERATION)).length;
  const formed = { "content-type": "multipart/form-data; boundary=b" };
  const empties = "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n\r\n".repeat(200_000);
  for (const [name, headers, body] of [
    ["a text of 20 MB", {}, formOf([file()], { ...CONSENT, company: "x".repeat(20 * MB) })],
    ["a text of 20 MB in another alphabet", {}, formOf([file()], { ...CONSENT, company: "Ж".repeat(10 * MB) })],
    ["a long name", {}, formOf([file()], { ...CONSENT, ["n".repeat(65)]: "x" })],
    ["a file with a long name of its part", {}, ((form) => (form.append("n".repeat(65), file()), form))(formOf([file()]))],
    ["65 parts", {}, formOf([], Object.fromEntries(Array.from({ length: 65 }, (_, at) => [`part${at}`, "x"])))],
    ["200,000 empty parts", formed, `${empties}--b--\r\n`],
    ["fields of a URL, 20 MB", { "content-type": "application/x-www-form-urlencoded" }, `company=${"x".repeat(20 * MB)}`],
    ["fields of a URL", {}, new URLSearchParams({ ...CONSENT, company: "Sea" })],
    ["a form without boundary", { "content-type": "multipart/form-data" }, "--b--\r\n"],
    ["a form without a type", { "content-type": "" }, Buffer.from("--b--\r\n")],
  ]) {
    // What is refused before it is sent may break off while it is.
    const response = await surely(() => fetch(`${edge.url}${page.path}/documents`, { method: "POST", headers: { ...page.bearer, ...headers }, body }));
    const { detail } = await assertProblem(response, 400, "BODY_MALFORMED");
    assert.ok(detail.includes("multipart/form-data"), `${name}: ${detail}`);
    assert.equal((await page.document()).phase, "open", name);
  }
  assert.equal((await callsOf(sandbox, OPERATION)).length, before);
  await taken(page, formOf([file()]));
});

test("a slow form is waited for by other forms alone, and ended when it keeps no pace", async () => {
  const large = "x".repeat(3 * MB);
  const taking = { body: { pull_id: "22222222-2222-4222-8222-222222222222" } };
  const canopy = await startStandIn(({ path }) => (pullOf(path) ? { body: { pull: { pull_id: pullOf(path), documents: [], large } } } : taking));
  const beside = await startEdge({ sandbox: canopy, env: UPLOADS });
  const pages = [];
  /** A page that sends a large form, slowly and without end. */
  const slowly = async () => {
    const page = await openPage(beside);
    const head = [`POST ${page.path}/documents HTTP/1.1`, `host: 127.0.0.1:${beside.port}`, `authorization: Bearer ${page.token}`, `origin: ${beside.url}`, "content-type: multipart/form-data; boundary=b", `content-length: ${12 * MB}`, "", ""].join("\r\n");
    const socket = connect(beside.port, "127.0.0.1");
    const sending = { page, answer: "", stop: () => clearInterval(feeding), end: () => (sending.stop(), socket.destroy()) };
    socket.setEncoding("latin1").on("data", (chunk) => (sending.answer += chunk)).on("error", () => {});
    socket.write(`${head}--b\r\nContent-Disposition: form-data; name="documents"; filename="a"\r\n\r\n${PDF}`);
    const feeding = setInterval(() => socket.write(Buffer.alloc(16 * 1024, 7)), 250);
    pages.push(sending);
  };
  try {
    await slowly();
    await slowly();
    const refused = await until(() => pages.find(({ answer }) => answer !== ""), "the end of one of them");
    assert.deepEqual([rawStatus(refused.answer), /^retry-after: 60\r$/im.test(refused.answer)], [429, true], refused.answer);
    refused.end();
    const [slow] = pages.filter((sending) => sending !== refused);
    await taken(await openPage(beside), formOf([file()]), beside);
    const pull_id = "33333333-3333-4333-8333-333333333333";
    assert.equal((await postWebhook(beside, webhook(pull_id, "COMPLETE"))).status, 200);
    const pull = await backOfficeOf(beside).seen(pull_id, (pull) => pull.snapshots.length > 0 && isSettled(pull), "the snapshot");
    assert.ok(pull.outbox.every(({ failures }) => failures.length === 0), "it waited for no form");
    assert.equal(slow.answer, "", "and the form goes on");
    slow.stop();
    await until(() => slow.answer.includes("BODY_TIMED_OUT"), "the end of the slow form", 25_000);
    assert.equal(rawStatus(slow.answer), 408);
    assert.equal((await slow.page.document()).phase, "open");
    await taken(refused.page, formOf([file(PDF, { size: 3 * MB })]), beside);
  } finally {
    for (const sending of pages) sending.end();
    await beside.stop();
    await canopy.stop();
  }
});

test("a form that breaks off changes nothing", async () => {
  const page = await openPage(edge);
  const before = (await callsOf(sandbox, OPERATION)).length;
  const request = new Request("http://edge", { method: "POST", body: formOf([file(PDF, { size: 200_000 })]) });
  const bytes = Buffer.from(await request.arrayBuffer());
  const head = [`POST ${page.path}/documents HTTP/1.1`, `host: 127.0.0.1:${edge.port}`, `authorization: Bearer ${page.token}`, `origin: ${edge.url}`, `content-type: ${request.headers.get("content-type")}`, `content-length: ${bytes.length}`, "", ""];
  await new Promise((resolve) => {
    const socket = connect(edge.port, "127.0.0.1", () => socket.write(Buffer.concat([Buffer.from(head.join("\r\n")), bytes.subarray(0, 150_000)]), () => socket.resetAndDestroy()));
    socket.on("close", resolve);
    socket.on("error", () => {});
  });
  const { phase, uploaded } = await page.document();
  assert.deepEqual([phase, uploaded ?? false], ["open", false]);
  await taken(page, formOf([file()]));
  assert.equal((await callsOf(sandbox, OPERATION)).length, before + 1);
});

test("an edge that takes no documents says so, and is asked for none", async () => {
  const off = await startEdge({ sandbox });
  try {
    const page = await openPage(off);
    assert.equal(page.uploads, false);
    await assertProblem(await send(page, formOf([file()]), off), 403, "UPLOADS_OFF");
  } finally {
    await off.stop();
  }
  const changing = await startEdge({ sandbox, env: { ...UPLOADS, EDGE_API_TOKENS: "boss:boss-token:write+servicing" } });
  try {
    const action = { type: "REMOVE_MORTGAGEE", payload: { carrier_policy_number: "HO-1" } };
    const page = await openPage(changing, { token: "boss-token", servicing_actions: [action] });
    await assertProblem(await send(page, formOf([file()]), changing), 403, "UPLOADS_OFF");
  } finally {
    await changing.stop();
  }
});

test("documents whose answer was lost are not sent again: their pull is followed", async () => {
  await control(sandbox, "POST", "/faults", { operation: OPERATION, steps: [{ lost: true }], deliveries: { delay_ms: 1_500 } });
  const page = await openPage(edge);
  await page.live();
  await assertProblem(await send(page, formOf([file()])), 504, "CANOPY_TIMED_OUT");
  const unknown = await page.shown((document) => document.phase === "unknown", "unknown phase");
  assert.deepEqual([unknown.answer_lost, unknown.uploaded, unknown.pull_id], [true, true, null]);
  await assertProblem(await send(page, formOf([file()])), 409, "CONNECT_OUTCOME_UNKNOWN");
  await assertProblem(await page.post("connect", await loginOf(sandbox, "user_good")), 409, "CONNECT_OUTCOME_UNKNOWN");
  const followed = await page.shown((document) => document.complete, "end of the adopted pull");
  const [pull, ...more] = await pullsOf(page);
  assert.deepEqual([followed.phase, followed.pull_id, followed.uploaded, more], ["followed", pull.pull_id, true, []]);
  await control(sandbox, "DELETE", "/faults");
});

test("what Canopy answers decides whether documents may be sent again", async () => {
  for (const [fault, status, code, phase] of [
    [{ status: 400, error: "DOCUMENT_UPLOAD_DISABLED" }, 422, "DOCUMENT_UPLOAD_DISABLED", "open"],
    [{ status: 400, error: "COULD_NOT_CREATE" }, 422, "CANOPY_REFUSED", "open"],
    [{ status: 401 }, 502, "CANOPY_FAILED", "open"],
    [{ status: 429 }, 429, "TOO_MANY_REQUESTS", "open"],
    [{ status: 500 }, 504, "CANOPY_TIMED_OUT", "unknown"],
    [{ status: 503 }, 504, "CANOPY_TIMED_OUT", "unknown"],
  ]) {
    await control(sandbox, "POST", "/faults", { operation: OPERATION, steps: [fault] });
    const page = await openPage(edge);
    const before = (await callsOf(sandbox, OPERATION)).length;
    await assertProblem(await send(page, formOf([file()])), status, code);
    const shown = await page.document();
    assert.deepEqual([shown.phase, shown.uploaded ?? false], [phase, phase === "unknown"], JSON.stringify(fault));
    assert.equal((await callsOf(sandbox, OPERATION)).length, before + 1, "no write is repeated");
    if (phase === "open") await taken(page, formOf([file()]));
  }
  await control(sandbox, "DELETE", "/faults");
});

test("a double click on send makes one pull, and a session has one alone", async () => {
  const page = await openPage(edge);
  const answers = await Promise.all(Array.from({ length: 5 }, () => send(page, formOf([file()]))));
  const codes = await Promise.all(answers.map(async (answer) => (answer.status === 200 ? "taken" : (await answer.json()).code)));
  assert.equal(codes.filter((code) => code === "taken").length, 1, codes.join());
  assert.ok(codes.every((code) => ["taken", "CONNECT_IN_PROGRESS", "STATE_CONFLICT"].includes(code)), codes.join());
  await assertProblem(await send(page, formOf([file()])), 409, "STATE_CONFLICT");
  await assertProblem(await page.post("connect", await loginOf(sandbox, "user_good")), 409, "STATE_CONFLICT");
  assert.equal((await pullsOf(page)).length, 1);
});

test("an edge killed while Canopy answers comes back knowing that the answer is lost", async () => {
  const [port, persist] = [await freePort(), temporaryDirectory()];
  const own = await startSandbox({ env: { SANDBOX_HOOK_URL: `http://127.0.0.1:${port}/webhooks/canopy`, SANDBOX_RETRY_BASE_MS: "200" } });
  let fallen = await startEdge({ port, persist, sandbox: own, env: UPLOADS });
  try {
    await control(own, "POST", "/faults", { operation: OPERATION, steps: [{ delay_ms: 60_000 }] });
    const page = await openPage(fallen);
    const asked = send(page, formOf([file()]), fallen).then(() => "answered", () => "broken");
    await until(async () => (await pullsOf(page, own)).length === 1, "the pull at Canopy");
    await fallen.kill9();
    assert.equal(await asked, "broken");
    fallen = await startEdge({ port, persist, sandbox: own, env: UPLOADS });
    const { phase, answer_lost, uploaded } = await page.document();
    assert.ok(["unknown", "followed"].includes(phase), phase);
    assert.deepEqual([answer_lost, uploaded], [true, true]);
    await assertProblem(await send(page, formOf([file()]), fallen), 409, "CONNECT_OUTCOME_UNKNOWN");
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

test("whatever Canopy's server does in an answer's place, documents are sent once", async () => {
  let behave;
  const hostile = await startHostile(() => behave);
  const beside = await startEdge({ sandbox: hostile, env: UPLOADS });
  const withoutEnd = new Set(["a head without end"]);
  try {
    for (const [name, way] of Object.entries(NO_ANSWER).filter(([name]) => !withoutEnd.has(name))) {
      behave = way;
      const page = await openPage(beside);
      const before = hostile.calls.length;
      await assertProblem(await send(page, formOf([file()]), beside), 504, "CANOPY_TIMED_OUT");
      assert.equal(hostile.calls.length, before + 1, name);
      await assertProblem(await send(page, formOf([file()]), beside), 409, "CONNECT_OUTCOME_UNKNOWN");
      assert.equal(hostile.calls.length, before + 1, name);
    }
  } finally {
    await beside.stop();
    await hostile.stop();
  }
});

test("25 MB come through as they are, of a length that is said before, and nothing of them stays", async () => {
  const persist = temporaryDirectory();
  const canopy = await startStandIn(() => ({ body: { pull_id: "11111111-1111-4111-8111-111111111111" } }));
  const beside = await startEdge({ sandbox: canopy, persist, env: UPLOADS });
  try {
    const page = await openPage(beside);
    const marker = `planted-${randomBytes(8).toString("hex")}`;
    const files = [10, 10, 4.99].map((size) => file(`${PDF}${marker}`, { size: size * MB, name: `${marker}.pdf` }));
    await taken(page, formOf(files, { ...CONSENT, company: "Sea & Sons" }), beside);
    const [call, ...more] = canopy.calls;
    assert.deepEqual([call.method, call.path, more], ["POST", "/api/v1.0.0/widget/pull/consentAndDocuments", []]);
    assert.equal(Number(call.headers["content-length"]), call.body.length);
    assert.match(call.headers.authorization, /^Basic /);
    const form = await parsed(call);
    const sent = form.getAll("documents");
    for (const [at, each] of sent.entries()) {
      assert.deepEqual([each.name, each.type, each.size], ["document.pdf", "application/pdf", files[at].size]);
      assert.ok(Buffer.from(await each.arrayBuffer()).equals(Buffer.from(await files[at].arrayBuffer())), `file ${at}`);
    }
    const fields = Object.fromEntries([...form].filter(([, value]) => typeof value === "string"));
    assert.deepEqual(fields, {
      device_identifier: "127.0.0.1",
      terms_version: "1",
      consent_language: CONSENT.consent_language,
      public_alias: "demo",
      "meta_data[edge_session]": page.session_id,
      "meta_data[edge_company]": "Sea & Sons",
    });
    await beside.stop();
    const all = readdirSync(persist, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    assert.ok(all.length > 0);
    for (const entry of all) assert.ok(!readFileSync(path.join(entry.parentPath, entry.name)).includes(marker), entry.name);
    assert.ok(!beside.log().includes(marker));
  } finally {
    await beside.stop();
    await canopy.stop();
  }
});
