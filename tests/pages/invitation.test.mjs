// The page behind a personal link, on a phone: from a text message to the book, with the agency's looks and the consumer's language.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { backOfficeOf, until } from "../edge-client.mjs";
import { LOCAL } from "../harness.mjs";
import { axe, openTab, shot } from "./browser.mjs";
import { startAll, throughHosted, visitorOf } from "./visitor.mjs";

const BRAND = { name: "Maple & Main", phone: "802-555-0142", email: "hello@maple.example", url: "https://maple.example" };
const COLOURS = { colors: { accent: "#8a2f1d" }, dark: { accent: "#f0a392", accent_text: "#2a0d06" }, logo: "/img/logo.svg" };

let all, office;
before(async () => {
  all = await startAll({ edgeEnv: { EDGE_BRAND: JSON.stringify({ ...BRAND, ...COLOURS }), EDGE_API_TOKENS: `demo:${LOCAL.apiToken}` }, sandboxEnv: { SANDBOX_PACE_MS: "40" } });
  office = backOfficeOf(all.edge);
});
after(() => all?.stop());

async function invite(json) {
  const answer = await office.call("/api/v1/invitations", { method: "POST", body: JSON.stringify(json) });
  assert.equal(answer.status, 201);
  return answer.json();
}
const read = ({ invitation_id }) => office.read(`/api/v1/invitations/${invitation_id}`);
const complete = (invitation) => until(async () => { const now = await read(invitation); return now.status === "complete" && now; }, "the invitation to be complete");

async function open({ url }, options) {
  const tab = await openTab(all.browser, { width: 375, ...options });
  const answer = await tab.page.goto(url);
  return { ...tab, answered: answer.status(), ...visitorOf(tab.page) };
}

/** Nothing on it is wider than it is. */
async function fits(page) {
  assert.deepEqual(await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]), [375, 375]);
}

test("on a phone: opened, signed in, complete; the metadata as they were sealed", async () => {
  const invitation = await invite({ metadata: { lead_id: "L-1027" } });
  const visitor = await open(invitation);
  await visitor.sees("Share your insurance");
  await fits(visitor.page);
  assert.deepEqual(await axe(visitor.page), []);
  assert.equal((await read(invitation)).opened_count, 0, "a page that nobody moves on is not opened");
  const said = [];
  visitor.page.on("request", (request) => request.method() === "POST" && request.url() === invitation.url && said.push(request));
  await visitor.page.evaluate(async () => {
    for (const name of ["scroll", "pointerdown", "keydown"]) dispatchEvent(new Event(name));
    await fetch("/invitation.js");
  });
  assert.deepEqual(said, [], "what a script does is no move");
  await visitor.choose();
  await until(async () => (await read(invitation)).opened_count === 1, "the first move to be counted");
  await visitor.signIn("user_good");
  await visitor.done();
  const { pull_ids } = await complete(invitation);
  const { meta_data } = await office.pull(pull_ids[0]);
  assert.deepEqual([meta_data.lead_id, meta_data.edge_invitation], ["L-1027", invitation.invitation_id]);
  await visitor.page.reload();
  await visitor.element.getByRole("heading").first().waitFor();
  await visitor.page.keyboard.press("Tab");
  assert.deepEqual([said.length, (await read(invitation)).opened_count], [1, 1], "a tab counts once");
  await fits(visitor.page);
  assert.deepEqual(visitor.seen.problems(), []);
  await visitor.close();
});

test("in Canopy's window: the metadata are the edge's, not the page's", async () => {
  const invitation = await invite({ metadata: { lead_id: "L-7" }, mode: "hosted" });
  const visitor = await open({ url: `${invitation.url}?ccmeta-lead_id=L-other` });
  await visitor.press("Share my insurance");
  await throughHosted(visitor.page, "user_good");
  const { pull_ids } = await complete(invitation);
  assert.equal((await office.pull(pull_ids[0])).meta_data.lead_id, "L-7");
  await visitor.close();
});

test("in a page of the agency's own, its mode is the invitation's, whatever the page says", async () => {
  for (const [mode, said] of [["components", ""], ["components", 'mode="hosted"'], ["hosted", 'mode="components"']]) {
    const invitation = await invite({ metadata: { lead_id: "L-8" }, mode });
    const visitor = await all.visit({ attributes: `${said} invitation="${invitation.url.split("/").at(-1)}"` });
    if (mode === "hosted") {
      await visitor.press("Share my insurance");
      await throughHosted(visitor.page, "user_good");
    } else {
      await visitor.choose();
      await visitor.signIn("user_good");
      await visitor.done();
    }
    const { pull_ids } = await complete(invitation);
    assert.equal((await office.pull(pull_ids[0])).meta_data.lead_id, "L-8", `${mode} ${said}`);
    await visitor.close();
  }
});

test("a link that was taken back while it was open begins nothing, and says what to do", async () => {
  const invitation = await invite({});
  const visitor = await open(invitation);
  await visitor.sees("Share your insurance");
  assert.equal((await office.call(`/api/v1/invitations/${invitation.invitation_id}`, { method: "DELETE" })).status, 204);
  await visitor.press("Agree and continue");
  await visitor.reads("no longer valid");
  await visitor.reads("ask Maple & Main");
  await visitor.close();
  const again = await open(invitation);
  assert.equal(again.answered, 410);
  assert.match(await again.page.locator("main").innerText(), /ask Maple & Main for a new link/);
  await fits(again.page);
  assert.deepEqual(await axe(again.page), []);
  await shot(again.page, "invitation-over");
  await again.close();
});

for (const colorScheme of ["light", "dark"]) {
  for (const lang of ["en", "es"]) {
    test(`it is readable in ${colorScheme}, ${lang}`, async () => {
      const visitor = await open(await invite({ lang }), { colorScheme });
      await visitor.element.getByRole("heading").first().waitFor();
      assert.equal(await visitor.page.locator("html").getAttribute("lang"), lang);
      assert.deepEqual(await axe(visitor.page), []);
      await shot(visitor.page, `invitation-${colorScheme}-${lang}`);
      assert.deepEqual(visitor.seen.problems(), []);
      await visitor.close();
    });
  }
}

test("without JavaScript the agency can be reached", async () => {
  const visitor = await open(await invite({}), { javaScriptEnabled: false });
  assert.match(await visitor.page.locator("canopy-connect").innerText(), /JavaScript[\s\S]*802-555-0142 or hello@maple\.example/);
  await visitor.close();
});
