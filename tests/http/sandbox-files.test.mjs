// Files that consumers upload to the sandbox on the real workerd: shown in their pull, and downloaded as they were sent.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, test } from "node:test";
import { LOCAL, startSandbox, temporaryDirectory } from "../harness.mjs";
import { startReceiver } from "../receiver.mjs";
import { clientOf, consent, isEvent, nobody, team } from "../sandbox-client.mjs";

const MB = 1024 * 1024;
const persist = temporaryDirectory();

let sandbox, receiver, client;

before(async () => {
  receiver = await startReceiver({ secret: LOCAL.signingSecret });
  await start();
});
after(async () => {
  await sandbox?.stop();
  await receiver?.stop();
});

async function start() {
  sandbox = await startSandbox({ persist, env: { SANDBOX_HOOK_URL: receiver.url } });
  client = clientOf(sandbox, receiver);
}

/** The answer to an upload of these files. */
function uploaded(files) {
  const form = new FormData();
  for (const [name, value] of Object.entries(consent())) form.append(name, String(value));
  for (const file of files) form.append("documents", file);
  return client.call("post-consent-and-documents", "/widget/pull/consentAndDocuments", { form });
}

/** The field of a pull that holds its files. */
async function fieldOf(pullId) {
  const { answers } = (await client.call("get-pull-by-id", `${team}/pulls/${pullId}`)).body.pull;
  return answers.flatMap((section) => section.fields).find((field) => field.type === "FILE_UPLOAD");
}

/** What a file's link leads to. */
async function downloaded({ download_url }) {
  const link = await client.call("download-file-by-id", new URL(download_url).pathname.replace("/api/v1.0.0", ""));
  assert.deepEqual([link.status, link.headers.get("location")], [302, link.body.url]);
  const { status, headers } = await fetch(link.body.url, { method: "HEAD" });
  assert.equal(status, 200);
  return { headers, url: link.body.url, bytes: Buffer.from(await (await fetch(link.body.url)).arrayBuffer()) };
}

const picture = new File([randomBytes(3 * MB + 5)], 'my "card"; ünïcode.jpg', { type: "image/jpeg" });
const paper = new File(["%PDF-1.4\r\n--not a boundary\r\n"], "policy.pdf", { type: "application/pdf" });
const empty = new File([], "empty");

test("uploaded files stand among the answers of their pull, and come back with their bytes, type and name", async () => {
  const { body } = await uploaded([picture, paper, empty]);
  const field = await fieldOf(body.pull_id);
  assert.deepEqual(field.value.map(({ name, size, type }) => [name, size, type]), [
    ['my "card"; ünïcode.jpg', picture.size, "image/jpeg"],
    ["policy.pdf", paper.size, "application/pdf"],
    ["empty", 0, "application/octet-stream"],
  ]);
  for (const [index, file] of [picture, paper, empty].entries()) {
    const { headers, bytes } = await downloaded(field.value[index]);
    assert.equal(headers.get("content-type"), field.value[index].type);
    const name = /^attachment; filename\*=UTF-8''(.*)$/.exec(headers.get("content-disposition"))[1];
    assert.equal(decodeURIComponent(name), file.name);
    assert.ok(bytes.equals(Buffer.from(await file.arrayBuffer())), file.name);
  }
  await client.arrived(body.pull_id, isEvent("COMPLETE"), "COMPLETE");
  assert.deepEqual(await fieldOf(body.pull_id), field, "the same before and after the documents are read");
});

test("a file is found by its own pull and answer only, and its URL stands for it alone", async () => {
  const [one, other] = [(await uploaded([paper])).body, (await uploaded([picture])).body];
  const [field, foreign] = [await fieldOf(one.pull_id), await fieldOf(other.pull_id)];
  const at = (pull, answer, file) => client.call("download-file-by-id", `${team}/pulls/${pull}/answers/${answer}/files/${file}`);
  const [answer, [{ file_id }]] = [field.consumer_flow_section_field_id, field.value];
  assert.equal((await at(one.pull_id, answer, file_id)).status, 302);
  const rows = [
    [other.pull_id, answer, file_id, 404, "NOT_FOUND"],
    [one.pull_id, foreign.consumer_flow_section_field_id, file_id, 404, "NOT_FOUND"],
    [one.pull_id, answer, foreign.value[0].file_id, 404, "NOT_FOUND"],
    [nobody, answer, file_id, 404, "NOT_FOUND"],
    [one.pull_id, "x", file_id, 400, "VALIDATION_ERROR"],
    [one.pull_id, answer, "x", 400, "VALIDATION_ERROR"],
  ];
  for (const [pull, of, file, status, error] of rows) {
    const refused = await at(pull, of, file);
    assert.deepEqual([refused.status, refused.body], [status, { error }]);
  }
  const { url } = await downloaded(field.value[0]);
  assert.equal((await fetch(url.replace(file_id, foreign.value[0].file_id))).status, 403);
  await client.control("POST", "/faults", { operation: "signed-url", steps: [{ truncate: true }, { status: 503 }] });
  await assert.rejects(fetch(url).then((response) => response.arrayBuffer()), "the body breaks off");
  assert.equal((await fetch(url)).status, 503);
});

test("more or larger files than the contract allows make no pull", async () => {
  const before = (await client.control("GET", "/pulls")).pulls.length;
  const rows = [[new File([Buffer.alloc(10 * MB + 1)], "large")], Array.from({ length: 21 }, () => paper), []];
  for (const files of rows) {
    const { status, body } = await uploaded(files);
    assert.deepEqual([status, body], [400, { error: "COULD_NOT_CREATE" }]);
  }
  assert.equal((await client.control("GET", "/pulls")).pulls.length, before);
  const largest = await uploaded([new File([Buffer.alloc(10 * MB)], "largest")]);
  assert.equal((await fieldOf(largest.body.pull_id)).value[0].size, 10 * MB);
});

test("files outlive a restart, and a reset forgets them", async () => {
  const { body } = await uploaded([picture]);
  await sandbox.stop();
  await start();
  const [file] = (await fieldOf(body.pull_id)).value;
  const { bytes, url } = await downloaded(file);
  assert.ok(bytes.equals(Buffer.from(await picture.arrayBuffer())));
  await client.control("POST", "/reset");
  assert.equal((await fetch(url)).status, 403);
});
