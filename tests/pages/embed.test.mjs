// The lines of the documents that are pasted into a page: in a new one, and in one that has Canopy's own embed or button.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { control } from "../edge-client.mjs";
import { markup, openTab } from "./browser.mjs";
import { endHosted, hostedFrame, startAll, throughHosted, visitorOf } from "./visitor.mjs";

let all;
before(async () => (all = await startAll({ sandboxEnv: { SANDBOX_PACE_MS: "0" } })));
after(() => all?.stop());

/** The blocks of HTML that a document shows, with this edge in them. */
function shownHtml(document) {
  const text = readFileSync(new URL(`../../${document}`, import.meta.url), "utf8");
  return [...text.matchAll(/^```html\n(.*?)^```/gms)].map(([, html]) => html.replaceAll("https://EDGE", all.edge.url));
}

for (const document of ["README.md", "docs/page.md"]) {
  test(`the lines of ${document} show a telephone number without the script, and the button in its place with it`, async () => {
    const [lines] = shownHtml(document);
    const url = all.agency.serve("/pasted", { html: markup(lines) });
    const without = await openTab(all.browser, { javaScriptEnabled: false });
    await without.page.goto(url);
    await without.page.getByRole("link", { name: /\d{3}-\d{4}/ }).waitFor();
    await without.close();
    const { page, seen, close } = await openTab(all.browser);
    await page.goto(url);
    await page.getByRole("button", { name: "Share my insurance" }).waitFor();
    assert.equal(await page.getByText(/\d{3}-\d{4}/).isVisible(), false);
    assert.deepEqual(seen.problems(), []);
    await close();
  });
}

const EMBEDS = `
  <div id="place" class="canopy-connect-mount" style="height: 40px" data-canopy-connect-public-alias="demo" agency="Maple" metadata-lead_id="L-1"></div>
  <p>Or <a id="link" class="canopy-connect-embed button" href="https://app.usecanopy.com/c/demo?ccmeta-lead_id=L-2&utm_source=x" target="_blank">Get a <b>quote</b></a></p>
  <a href="/contact">Contact</a>`;

/** The page of an agency that has changed the line of Canopy's script as the documents say. */
const changed = () => all.visit({ body: EMBEDS, csp: null, head: shownHtml("docs/page.md").find((html) => html.includes("?upgrade")) });

test("with `?upgrade` Canopy's place and its link become the element, with what stood on them", async () => {
  const visitor = await changed();
  const { page } = visitor;
  await page.locator("canopy-connect#link").waitFor();
  const tags = await page.locator("canopy-connect").evaluateAll((elements) => elements.map((element) => Object.fromEntries([...element.attributes].map(({ name, value }) => [name, value]))));
  assert.deepEqual(tags, [{ id: "place", agency: "Maple", "metadata-lead_id": "L-1", inline: "" }, { id: "link", label: "Get a quote" }]);
  assert.equal(await page.getByRole("link").count(), 1, "another link is left alone");
  assert.deepEqual(visitor.seen.problems(), []);
  await visitor.close();
});

test("what was Canopy's link opens Canopy's window, and its metadata reach the pull", async () => {
  const visitor = await changed();
  const link = visitorOf(visitor.page, "#link");
  await link.button("Get a quote").click();
  await throughHosted(visitor.page, "user_good");
  await endHosted(visitor.page);
  await link.done();
  const { session_id } = await link.status();
  const { pulls } = await control(all.sandbox, "GET", "/pulls");
  const { meta_data } = pulls.find(({ meta_data }) => meta_data.edge_session === session_id);
  assert.deepEqual([meta_data.lead_id, meta_data.utm_source], ["L-2", undefined]);
  await visitor.close();
});

test("what was Canopy's place holds Canopy's screens", async () => {
  const visitor = await changed();
  await visitorOf(visitor.page, "#place").button("Share my insurance").click();
  await hostedFrame(visitor.page).waitFor();
  assert.ok(await hostedFrame(visitor.page).evaluate((frame) => document.querySelector("#place").contains(frame)));
  await visitor.close();
});

test("a tag that a script of the page's brings later becomes the element, too", async () => {
  const visitor = await changed();
  const { page } = visitor;
  await page.locator("canopy-connect#link").waitFor();
  await page.evaluate(() => document.querySelector("main").insertAdjacentHTML("beforeend", '<div><a id="late" @click="go" class="canopy-connect-embed" href="https://app.usecanopy.com/c/demo">Later</a></div>'));
  await visitorOf(page, "#late").button("Later").waitFor();
  assert.equal(await page.locator("#late").evaluate((element) => element.getAttribute("@click")), "go", "a name that only a parser gives goes along");
  assert.deepEqual(visitor.seen.problems(), []);
  await visitor.close();
});

test("without `?upgrade` Canopy's tags are left as they are, and nothing is loaded for them", async () => {
  const visitor = await all.visit({ body: `${EMBEDS}<canopy-connect></canopy-connect>`, csp: null });
  await visitor.button("Share my insurance").waitFor();
  await visitor.page.waitForLoadState("networkidle");
  assert.equal(await visitor.page.locator("canopy-connect").count(), 1);
  assert.ok(await visitor.page.getByRole("link", { name: "Get a quote" }).isVisible());
  assert.deepEqual(visitor.seen.answers.filter(({ url }) => url.includes("upgrade")), []);
  await visitor.close();
});
