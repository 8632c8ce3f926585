// A company that is not listed: what the agency says of it, and documents in a login's place; and the way to an account that one has not yet.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { authOf, backOfficeOf, callsOf, control, until } from "../edge-client.mjs";
import { startEdge } from "../harness.mjs";
import { axe, shot } from "./browser.mjs";
import { focusOf, policy, pressKey, startAll, tabTo } from "./visitor.mjs";

const OPERATION = "post-consent-and-documents";
const NOT_LISTED = "My company isn’t listed";
const HEADING = "Send your documents instead";
const CHOOSE = "Choose files";
const RECEIVED = "Your documents were received";
const JPEG = Buffer.from("\xff\xd8\xff\xe0\x00\x10JFIF\x00", "latin1");
const pdf = (name = "declarations.pdf", size = 2_000) => ({ name, mimeType: "application/pdf", buffer: Buffer.concat([Buffer.from("%PDF-1.7\n"), Buffer.alloc(size)]) });
const photo = (name = "page 1.jpg") => ({ name, mimeType: "image/jpeg", buffer: JPEG });

let all;
before(async () => (all = await startAll({ edgeEnv: { EDGE_UPLOADS: "true" } })));
after(() => all?.stop());

const pullOf = async (pull_id) => (await control(all.sandbox, "GET", "/pulls")).pulls.find((pull) => pull.pull_id === pull_id);

/** A visitor at the carriers, who has searched for `query` in vain and says so. */
async function notListed(query = "Sea & Sons", options = {}) {
  const visitor = await all.visit({ attributes: 'mode="components" agency="Maple" metadata-lead_id="L-9"', ...options });
  await visitor.press("Agree and continue");
  await visitor.sees("Who is your insurance company?");
  await visitor.element.getByRole("combobox").fill(query);
  await visitor.press(NOT_LISTED);
  const input = visitor.element.getByLabel(CHOOSE);
  const files = () => visitor.element.getByRole("list", { name: "Files to send" }).getByRole("listitem").allTextContents();
  const alert = () => visitor.element.getByRole("alert", { includeHidden: true }).textContent();
  return { ...visitor, input, files, alert, send: () => visitor.press("Send") };
}

test("by the keyboard alone, from a search in vain to documents received", async () => {
  const visitor = await all.visit({ attributes: 'mode="components" agency="Maple"', keyboard: true });
  const { page, element } = visitor;
  await visitor.press("Agree and continue");
  await visitor.sees("Who is your insurance company?");
  await until(async () => (await focusOf(page)).tag === "input", "the keyboard at the search");
  await page.keyboard.type("zzz mutual");
  await visitor.reads("No company of that name");
  await visitor.press(NOT_LISTED);
  await visitor.sees(HEADING);
  assert.deepEqual(await visitor.heard("not-listed"), [{ query: "zzz mutual" }]);
  assert.deepEqual(await axe(page), []);
  assert.equal(await element.getByLabel("Insurance company").inputValue(), "zzz mutual");
  await tabTo(page, ({ type }) => type === "file", "choice of files");
  const [chooser] = await Promise.all([page.waitForEvent("filechooser"), pressKey(page, "Enter")]);
  assert.equal(chooser.isMultiple(), true);
  await chooser.setFiles([pdf(), photo(), photo("page 2.jpg")]);
  await element.getByText("page 2.jpg").waitFor();
  await tabTo(page, ({ text }) => text === "Remove page 2.jpg", "way to remove a file");
  await pressKey(page, "Enter");
  await element.getByText("page 2.jpg", { exact: true }).waitFor({ state: "detached" });
  assert.notEqual((await focusOf(page)).tag, "body", "the keyboard is still here");
  assert.deepEqual(await axe(page), []);
  await shot(page, "upload-chosen");
  await tabTo(page, ({ text }) => text === "Send", "button to send");
  await pressKey(page, "Enter");
  await visitor.done();
  await visitor.reads(RECEIVED);
  assert.deepEqual(await axe(page), []);
  await shot(page, "upload-done");
  const { pull_id } = await visitor.status();
  const pull = await pullOf(pull_id);
  assert.deepEqual([pull.type, pull.meta_data.edge_company], ["DOCUMENT_UPLOAD", "zzz mutual"]);
  await until(async () => (await visitor.heard("complete")).length > 0, "the end of the pull");
  assert.deepEqual([await visitor.heard("authenticated"), await visitor.heard("complete")], [[], [{ pullId: pull_id }]]);
  await backOfficeOf(all.edge).seen(pull_id, ({ snapshots }) => snapshots.length > 0, "the snapshot");
  assert.deepEqual([(await visitor.screen()).name, (await visitor.status()).uploaded], ["done", true]);
  await visitor.reads(RECEIVED);
  assert.deepEqual((await visitor.screens()).filter((name) => name !== "start"), ["consent", "carriers", "upload", "done"]);
  assert.deepEqual(visitor.seen.problems(), []);
  await visitor.close();
});

test("where the agency takes no documents, it says what to do, and another company can be chosen", async () => {
  const off = await startEdge({ sandbox: all.sandbox, env: { EDGE_ALLOWED_ORIGINS: all.agency.origin } });
  try {
    const body = `<canopy-connect edge="${off.url}" mode="components" agency="Maple"></canopy-connect>`;
    const visitor = await all.visit({ body, csp: `${policy(all.edge, all.sandbox).replace("connect-src", `connect-src ${off.url} ${off.url.replace("http", "ws")}`)}` });
    await visitor.element.evaluate((element) => (element.texts = { notListedText: "Call {agency} at 555-0100." }));
    await visitor.press("Agree and continue");
    await visitor.element.getByRole("combobox").fill("sea");
    await visitor.press(NOT_LISTED);
    await visitor.sees("Your company isn’t listed");
    await visitor.reads("Call Maple at 555-0100.");
    assert.deepEqual(await visitor.heard("not-listed"), [{ query: "sea" }]);
    assert.equal(await visitor.element.getByLabel(CHOOSE).count(), 0);
    assert.deepEqual(await axe(visitor.page), []);
    await shot(visitor.page, "not-listed");
    await visitor.press("Choose another company");
    await visitor.find("State Farm");
    await visitor.sees("Sign in to State Farm");
    assert.deepEqual(visitor.seen.problems(), []);
    await visitor.close();
  } finally {
    await off.stop();
  }
});

test("what would be refused is said above the field before anything is sent", async () => {
  const visitor = await notListed();
  const { page, input, files, alert } = visitor;
  const asked = [];
  page.on("request", (request) => request.url().endsWith("/documents") && asked.push(request.url()));
  await visitor.send();
  await visitor.reads("Choose at least one file");
  assert.equal((await focusOf(page)).type, "file");
  assert.deepEqual(await axe(page), []);
  await input.setInputFiles([pdf(), { name: "policy.docx", mimeType: "application/vnd.openxmlformats-officedocument.wordprocessingml.document", buffer: Buffer.from("PK") }]);
  assert.match(await alert(), /“policy\.docx” is not a PDF or a photo/);
  await shot(page, "upload-refused");
  await visitor.send();
  await visitor.press("Remove policy.docx");
  assert.deepEqual([await alert(), (await files()).length], ["", 1]);
  await input.setInputFiles([pdf("large.pdf", 10_000_001)]);
  assert.match(await alert(), /“large\.pdf” is larger than 10 MB/);
  await visitor.press("Remove large.pdf");
  await input.setInputFiles([pdf("1.pdf", 9_000_000), pdf("2.pdf", 9_000_000), pdf("3.pdf", 9_000_000)]);
  assert.match(await alert(), /larger than 25 MB together/);
  await input.setInputFiles([{ name: "empty.pdf", mimeType: "application/pdf", buffer: Buffer.alloc(0) }]);
  assert.match(await alert(), /“empty\.pdf” is empty/);
  for (const name of ["1.pdf", "2.pdf", "3.pdf", "empty.pdf"]) await visitor.press(`Remove ${name}`);
  await input.setInputFiles(Array.from({ length: 20 }, (_, at) => photo(`${at}.jpg`)));
  assert.match(await alert(), /more than 20 files/);
  assert.deepEqual(asked, []);
  const box = await visitor.element.getByRole("alert").boundingBox();
  const field = await page.locator("canopy-connect .drop").boundingBox();
  assert.ok(box.y + box.height <= field.y, "it stands above");
  await visitor.close();
});

test("the progress is shown, and what is sent in part can be ended and is nothing", async () => {
  const visitor = await notListed();
  const { page, input, element } = visitor;
  const before = (await callsOf(all.sandbox, OPERATION)).length;
  const slow = await page.context().newCDPSession(page);
  const limit = (uploadThroughput) => slow.send("Network.emulateNetworkConditions", { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput });
  await slow.send("Network.enable");
  await limit(150_000);
  await input.setInputFiles([pdf("large.pdf", 1_500_000)]);
  await visitor.send();
  const bar = element.getByRole("progressbar");
  const share = async () => Number(await bar.getAttribute("value"));
  await until(async () => (await share()) > 0 && (await share()) < 90, "the progress");
  await visitor.reads("% sent");
  assert.deepEqual([await element.getByLabel("Insurance company").isDisabled(), await visitor.button("Choose another company").count()], [true, 0]);
  assert.deepEqual(await axe(page), []);
  await shot(page, "upload-progress");
  await visitor.press("Cancel");
  await bar.waitFor({ state: "hidden" });
  await visitor.sees(HEADING);
  assert.deepEqual([await visitor.alert(), (await visitor.files()).length, await visitor.heard("error")], ["", 1, []]);
  assert.equal((await focusOf(page)).text, "Send");
  await limit(-1);
  await visitor.send();
  await visitor.done();
  assert.equal((await callsOf(all.sandbox, OPERATION)).length, before + 1);
  await visitor.close();
});

test("what the edge or Canopy refuses is said, and the files stay to be changed", async () => {
  const visitor = await notListed();
  const { input, files } = visitor;
  await input.setInputFiles([pdf(), { name: "really a gif.pdf", mimeType: "application/pdf", buffer: Buffer.from("GIF89a") }]);
  await visitor.send();
  await visitor.reads("One of the files is not a PDF or a photo");
  assert.equal((await files()).length, 2);
  assert.equal((await visitor.heard("error")).at(-1).code, "FILE_TYPE_UNSUPPORTED");
  await visitor.press("Remove really a gif.pdf");
  await control(all.sandbox, "POST", "/faults", { operation: OPERATION, steps: [{ status: 400, error: "DOCUMENT_UPLOAD_DISABLED" }] });
  await visitor.send();
  await visitor.reads("Documents cannot be sent here. Please get in touch with Maple.");
  assert.equal((await files()).length, 1);
  await control(all.sandbox, "DELETE", "/faults");
  await visitor.send();
  await visitor.done();
  await visitor.close();
});

test("documents whose answer was lost are not sent twice, and received once they are known", async () => {
  await control(all.sandbox, "POST", "/faults", { operation: OPERATION, steps: [{ lost: true }], deliveries: { delay_ms: 2_000 } });
  const visitor = await notListed();
  await visitor.input.setInputFiles([pdf()]);
  await visitor.send();
  await visitor.reads("We could not tell yet whether your documents arrived");
  assert.deepEqual(await axe(visitor.page), []);
  await visitor.done();
  await visitor.reads(RECEIVED);
  await control(all.sandbox, "DELETE", "/faults");
  await visitor.close();
});

test("a company that refused a login and is none of the visitor's leads to documents in a session of their own", async () => {
  const visitor = await all.visit();
  await visitor.choose();
  await visitor.signIn("user_good", { password: "pass_bad" });
  await until(async () => authOf("NOT_AUTHENTICATED")(await visitor.status()), "the refusal");
  const { session_id } = await visitor.status();
  await visitor.press("Choose another company");
  await visitor.press(NOT_LISTED);
  await visitor.sees(HEADING);
  await visitor.element.getByLabel(CHOOSE).setInputFiles([photo()]);
  await visitor.press("Send");
  await visitor.done();
  assert.notEqual((await visitor.status()).session_id, session_id);
  await visitor.close();
});

test("who draws their own screens sends documents by the session", async () => {
  const visitor = await all.visit({ body: "" });
  const seen = await visitor.page.evaluate(async (url) => {
    const { openSession } = await import(`${url}/connect/canopy-connect.js`);
    const session = await openSession({ mode: "components" });
    const [heard, shares] = [[], []];
    session.on("notListed", (query) => heard.push(query));
    await session.agree("I agree");
    session.notListed("Sea & Sons");
    const asked = session.screen;
    const send = (bytes, options) => session.uploadDocuments([new File(bytes, "a.pdf")], options).then(() => "sent", ({ code, status }) => [code, status]);
    const ended = new AbortController();
    ended.abort();
    const answers = [await send(["GIF89a"]), await send(["%PDF-1.7"], { signal: ended.signal }), await send(["%PDF-1.7"], { onProgress: (share) => shares.push(share) })];
    return { heard, asked, answers, last: shares.at(-1), done: session.screen, uploaded: session.status.uploaded };
  }, all.edge.url);
  assert.deepEqual(seen.heard, ["Sea & Sons"]);
  assert.deepEqual(seen.asked, { name: "upload", allowed: true, busy: false, problem: null });
  assert.deepEqual(seen.answers, [["FILE_TYPE_UNSUPPORTED", 422], ["UPLOAD_CANCELLED", 0], "sent"]);
  assert.deepEqual([seen.last, seen.done.name, seen.uploaded, seen.done.policyTypes], [1, "done", true, []]);
  await visitor.close();
});

test("an online account is offered where Canopy names a page for it, by an address that is safe", async () => {
  const name = "State Farm";
  for (const [url, has] of [["https://www.statefarm.example/register", true], ["http://www.statefarm.example/register", false], [null, false]]) {
    const prepare = (page) =>
      page.route(/\/connect\/carriers$/, async (route) => {
        const response = await route.fetch();
        const json = (await response.json()).map((carrier) => (carrier.name === name ? { ...carrier, createAccountUrl: url } : carrier));
        await route.fulfill({ response, json });
      });
    const visitor = await all.visit({ prepare });
    await visitor.choose(name);
    await visitor.field("username");
    const link = visitor.element.getByRole("link", { name: "Create an online account" });
    assert.equal(await link.count(), has ? 1 : 0, String(url));
    if (has) assert.deepEqual([await link.getAttribute("href"), await link.getAttribute("rel")], [url, "noopener noreferrer"]);
    await visitor.close();
  }
});
