// A page that has the first screen in it: it is read, and its button pressed, before any script is there.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { firstScreen } from "../../crates/connect/js/first-screen.js";
import { axe, shot } from "./browser.mjs";
import { focusOf, hostedFrame, policy, startAll, tabTo } from "./visitor.mjs";

const AGENCY = 'Maple & "Main" Insurance';
const KINDS = [
  { name: "hosted", options: { mode: "hosted" }, attributes: 'mode="hosted"' },
  { name: "hosted, with a label", options: { mode: "hosted", label: "Share <it>" }, attributes: 'mode="hosted" label="Share &lt;it>"' },
  { name: "hosted, with a consent", options: { mode: "hosted", consent: true }, attributes: 'mode="hosted" consent' },
  { name: "components", options: { mode: "components" }, attributes: 'mode="components"' },
  { name: "components, in Spanish", options: { mode: "components", lang: "es-MX" }, attributes: 'mode="components" lang="es-MX"' },
];

let all;
before(async () => (all = await startAll({ sandboxEnv: { SANDBOX_PACE_MS: "40" } })));
after(() => all?.stop());

/** A visitor of a page with the first screen in it, whose script comes when `release` is called. */
async function visit({ options, attributes }, given) {
  let release;
  const free = new Promise((resolve) => (release = resolve));
  const first = await firstScreen({ agency: AGENCY, nonce: "n1", ...options });
  const visitor = await all.visit({
    body: `<canopy-connect ${attributes} agency="Maple &amp; &quot;Main&quot; Insurance" style="display: block; min-height: 30em">${first}<a href="tel:+15555550123">(555) 555-0123</a></canopy-connect><p>Below</p>`,
    csp: policy(all.edge, all.sandbox).replace("style-src", "style-src-attr 'unsafe-inline'; style-src-elem 'nonce-n1'"),
    prepare: async (page) => {
      await page.route(/canopy-connect\.js$/, async (route) => (await free, route.continue()));
      await page.addInitScript(() => {
        window.shift = 0;
        new PerformanceObserver((list) => list.getEntries().forEach(({ value }) => (window.shift += value))).observe({ type: "layout-shift", buffered: true });
      });
    },
    waitUntil: "commit",
    ...given,
  });
  const words = () => visitor.element.evaluate((element) => element.shadowRoot.querySelector(".card").textContent);
  const isDrawn = () => visitor.page.waitForFunction(() => document.querySelector("canopy-connect").session && !document.querySelector("canopy-connect").shadowRoot.querySelector("[popover]"));
  return { ...visitor, release, words, isDrawn };
}

for (const kind of KINDS) {
  test(`${kind.name}: what the element draws says the same at the same place`, async () => {
    const visitor = await visit(kind);
    const box = () => visitor.element.getByRole("button").boundingBox();
    const [words, place] = [await visitor.words(), await box()];
    visitor.release();
    await visitor.isDrawn();
    assert.equal(await visitor.words(), words);
    assert.deepEqual(await box(), place);
    assert.equal(await visitor.page.evaluate(() => window.shift), 0);
    assert.deepEqual(visitor.seen.problems(), []);
    await visitor.close();
  });
}

test("what is pressed before the script counts, and the keyboard stays", async () => {
  const visitor = await visit({ options: { mode: "components" }, attributes: 'mode="components"' }, { keyboard: true });
  await visitor.button("Agree and continue").waitFor();
  await visitor.page.keyboard.press("Tab");
  await visitor.page.keyboard.press("Enter");
  await visitor.element.getByRole("status").getByText("One moment").waitFor({ state: "attached" });
  await shot(visitor.page, "first-screen-pressed");
  assert.equal(await visitor.element.evaluate((element) => element.session), undefined, "nothing has begun");
  visitor.release();
  await visitor.sees("Who is your insurance company?");
  await visitor.page.waitForFunction(() => document.activeElement.localName === "canopy-connect");
  await visitor.close();
});

test("the terms that are opened before the script stay open, with the keyboard at them, and nothing is agreed to", async () => {
  const visitor = await visit({ options: { mode: "components" }, attributes: 'mode="components"' }, { keyboard: true });
  await visitor.button("Agree and continue").waitFor();
  await tabTo(visitor.page, ({ tag }) => tag === "summary", "way to the terms");
  await visitor.page.keyboard.press("Enter");
  visitor.release();
  await visitor.isDrawn();
  assert.equal((await focusOf(visitor.page)).tag, "summary");
  await visitor.element.locator("details[open] .terms").waitFor();
  assert.equal((await visitor.screen()).name, "consent");
  await visitor.close();
});

test("a press counts where the page says only then what goes along with the pull", async () => {
  const visitor = await visit({ options: { mode: "components" }, attributes: 'mode="components"' });
  await visitor.press("Agree and continue");
  await visitor.page.evaluate(() => {
    customElements.whenDefined("canopy-connect").then(() => (document.querySelector("canopy-connect").metadata = { lead_id: "L-1" }));
  });
  visitor.release();
  await visitor.sees("Who is your insurance company?");
  await visitor.close();
});

test("hosted: what is pressed before the script opens Canopy's window", async () => {
  const visitor = await visit({ options: { mode: "hosted" }, attributes: 'mode="hosted"' });
  await visitor.press("Share my insurance");
  visitor.release();
  await hostedFrame(visitor.page).waitFor();
  await visitor.close();
});

test("what was pressed under other words does not count", async () => {
  const visitor = await visit({ options: { mode: "components", texts: { agree: "I agree to all" } }, attributes: 'mode="components"' });
  await visitor.press("I agree to all");
  visitor.release();
  await visitor.button("Agree and continue").waitFor();
  await visitor.isDrawn();
  assert.equal((await visitor.screen()).name, "consent");
  assert.notEqual((await visitor.screen()).busy, true);
  await visitor.close();
});

test("where no script comes, what stands between the tags is shown", async () => {
  const visitor = await visit({ options: { mode: "components" }, attributes: 'mode="components"' });
  const call = visitor.page.getByRole("link", { name: "(555) 555-0123" });
  await visitor.button("Agree and continue").waitFor();
  assert.equal(await call.isVisible(), false);
  // Fifteen seconds later.
  await visitor.page.evaluate(() => document.querySelector("canopy-connect").shadowRoot.getAnimations().forEach((animation) => animation.finish()));
  await call.waitFor();
  await shot(visitor.page, "first-screen-alone");
  await visitor.close();
});

test("it is readable and usable before the script, at each width", async () => {
  for (const [kind, width] of KINDS.flatMap((kind) => [375, 1280].map((width) => [kind, width]))) {
    const visitor = await visit(kind, { width });
    await visitor.element.getByRole("button").waitFor();
    assert.deepEqual(await axe(visitor.page), []);
    await shot(visitor.page, `first-screen-${kind.name.replace(/\W+/g, "-")}`);
    await visitor.close();
  }
});

test("a console on a page of the Worker's has it made, as docs/page.md says", async () => {
  const visitor = await all.visit({ body: "" });
  await visitor.page.goto(`${all.edge.url}/quote.html`);
  const docs = readFileSync(new URL("../../docs/page.md", import.meta.url), "utf8");
  const [, lines] = /^```js\n(const put = copy.*?)^```/ms.exec(docs);
  // As the console of the developer tools runs them.
  const console = await visitor.page.context().newCDPSession(visitor.page);
  await console.send("Runtime.enable");
  const copied = new Promise((resolve) => console.on("Runtime.inspectRequested", ({ object, hints }) => hints.copyToClipboard && resolve(object.value)));
  const { exceptionDetails } = await console.send("Runtime.evaluate", { expression: lines, includeCommandLineAPI: true, replMode: true, awaitPromise: true });
  assert.equal(exceptionDetails, undefined);
  const made = await copied;
  assert.equal(made, await firstScreen({ mode: "components", agency: "Maple & Main Insurance" }));
  await visitor.close();
});
