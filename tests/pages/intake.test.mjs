// The back office's example page: a pull and a token give the printable page, and nothing of either is left behind.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { backOfficeOf, isSettled, loginOf, openPage, until } from "../edge-client.mjs";
import { LOCAL } from "../harness.mjs";
import { axe, openTab, shot } from "./browser.mjs";
import { startAll } from "./visitor.mjs";

let all, pull;
before(async () => {
  all = await startAll();
  const page = await openPage(all.edge);
  const { pull_id } = await page.ask("connect", await loginOf(all.sandbox, "user_good_complete"));
  pull = await backOfficeOf(all.edge).seen(pull_id, (view) => view.complete && isSettled(view), "the pull");
});
after(() => all?.stop());

/** A producer at the page. */
async function visit(options) {
  const tab = await openTab(all.browser, { permissions: ["clipboard-read", "clipboard-write"], ...options });
  await tab.page.goto(`${all.edge.url}/intake`);
  const ask = async (token = LOCAL.apiToken, id = pull.pull_id) => {
    await tab.page.getByLabel("Pull").fill(id);
    await tab.page.getByLabel("Token").fill(token);
    await tab.page.keyboard.press("Enter");
  };
  return { ...tab, ask, inside: tab.page.frameLocator("#page") };
}

for (const width of [375, 1280]) {
  test(`at ${width} px it shows the page, accessible and without a scroll bar across`, async () => {
    const visitor = await visit({ width });
    const { page, inside } = visitor;
    assert.deepEqual(await axe(page), []);
    await visitor.ask();
    await inside.getByRole("heading", { name: "Clark Joseph Kent" }).waitFor();
    await inside.getByRole("heading", { name: "Worth a talk" }).waitFor();
    const colour = await inside.locator("header").evaluate((header) => getComputedStyle(header).borderBottomWidth);
    assert.equal(colour, "3px", "its style is applied");
    const over = (document) => document.documentElement.scrollWidth - document.documentElement.clientWidth;
    assert.ok((await page.evaluate(`(${over})(document)`)) <= 0 && (await inside.locator("html").evaluate((html) => html.scrollWidth - html.clientWidth)) <= 0);
    const heights = () => page.evaluate(() => { const frame = document.getElementById("page"); return [frame.clientHeight, frame.contentDocument.documentElement.scrollHeight]; });
    await until(async () => { const [outer, inner] = await heights(); return Math.abs(outer - inner) <= 2; }, "the frame as high as its page");
    await shot(page, "intake", width);
    assert.deepEqual(visitor.seen.problems(), []);
    await visitor.close();
  });
}

test("it gives a note, the tables and each document, and leaves out what is asked", async () => {
  const visitor = await visit();
  const { page, inside } = visitor;
  await visitor.ask();
  await inside.getByRole("heading", { name: "Documents" }).waitFor();
  await page.getByRole("button", { name: "Copy as a note" }).click();
  await page.getByText("Copied.").waitFor();
  assert.match(await page.evaluate(() => navigator.clipboard.readText()), /^Insurance intake/);
  const saved = async (work) => (await Promise.all([page.waitForEvent("download"), work()]))[0].suggestedFilename();
  assert.equal(await saved(() => page.getByRole("button", { name: "Tables as CSV" }).click()), `intake-${pull.pull_id}-v${pull.snapshots.length}.zip`);
  const document = inside.locator("li", { hasText: "Declarations" }).locator("a").first();
  assert.match(await saved(() => document.click()), /\.pdf$/);
  await page.getByLabel("Leave out").selectOption("all");
  await visitor.ask();
  await until(async () => !(await inside.locator("body").textContent()).includes("Clark"), "the page without names");
  assert.deepEqual(visitor.seen.problems(), []);
  await visitor.close();
});

test("what cannot be shown is said, and nothing of pull and token is kept", async () => {
  const visitor = await visit();
  const { page } = visitor;
  await visitor.ask("no-token");
  await page.getByRole("alert").getByText("A valid token is needed").waitFor();
  await visitor.ask(LOCAL.apiToken, "nobody");
  await page.getByRole("alert").getByText("There is nothing here").waitFor();
  await visitor.ask();
  await visitor.inside.getByRole("heading", { name: "Policies", exact: true }).waitFor();
  const kept = await page.evaluate(() => [location.href, JSON.stringify(history.state), localStorage.length, sessionStorage.length, document.cookie]);
  assert.deepEqual(kept, [`${all.edge.url}/intake`, "null", 0, 0, ""]);
  for (const { url } of visitor.seen.answers) assert.ok(!url.includes(LOCAL.apiToken), url);
  await page.goto(`${all.edge.url}/`);
  await page.goBack();
  assert.equal(await page.getByLabel("Token").inputValue(), "");
  assert.equal(await page.locator("#shown").isVisible(), false);
  await visitor.close();
});

test("the printable page is accessible, and good on paper", async () => {
  const response = await backOfficeOf(all.edge).call(`/api/v1/pulls/${pull.pull_id}/intake?form=html`);
  const { page, close } = await openTab(all.browser);
  await page.setContent(await response.text());
  assert.deepEqual(await axe(page), []);
  await page.emulateMedia({ media: "print" });
  const wide = await page.evaluate(() => [...document.querySelectorAll("table")].filter((table) => table.getBoundingClientRect().right > innerWidth + 1).length);
  assert.equal(wide, 0, "no table leaves the paper");
  assert.ok((await page.pdf({ format: "Letter" })).length > 10_000);
  await close();
});
