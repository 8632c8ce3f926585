// The first moments: the first screen needs no WebAssembly, what is pressed before it counts, and nothing below it jumps.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { readFileSync } from "node:fs";
import { markup, openTab } from "./browser.mjs";
import { startAll } from "./visitor.mjs";

let all;
before(async () => (all = await startAll({ sandboxEnv: { SANDBOX_PACE_MS: "40" } })));
after(() => all?.stop());

/** Lets what comes later than the entry wait until it is told. */
async function held(page, what) {
  let release;
  const free = new Promise((resolve) => (release = resolve));
  await page.route(what, async (route) => (await free, route.continue()));
  return release;
}

test("the consent is there before the WebAssembly, and the press before it counts", async () => {
  let release;
  const visitor = await all.visit({ prepare: async (page) => (release = await held(page, /\.wasm$/)) });
  await visitor.sees("Share your insurance");
  await visitor.press("Agree and continue");
  await visitor.button("One moment").waitFor();
  release();
  await visitor.sees("Who is your insurance company?");
  assert.deepEqual(visitor.seen.problems(), []);
  await visitor.close();
});

test("the terms that are asked for before the WebAssembly come with it", async () => {
  let release;
  const visitor = await all.visit({ prepare: async (page) => (release = await held(page, /\.wasm$/)) });
  await visitor.element.getByText("Read the Privacy Policy").click();
  release();
  await visitor.element.locator("iframe").contentFrame().getByRole("heading", { name: "Privacy" }).waitFor();
  await visitor.close();
});

test("one file is all that the first screen waits for", async () => {
  for (const attributes of ['mode="hosted"', 'mode="components"']) {
    const visitor = await all.visit({ attributes, prepare: (page) => page.route(/canopy-connect-/, () => {}) });
    await visitor.element.getByRole("button").waitFor();
    const own = visitor.seen.answers.filter(({ url }) => url.includes("/connect/"));
    assert.deepEqual(own.map(({ url }) => new URL(url).pathname), ["/connect/canopy-connect.js"]);
    await visitor.close();
  }
});

test("Canopy's script for the fields comes while the company is being chosen", async () => {
  const visitor = await all.visit();
  await visitor.press("Agree and continue");
  await visitor.sees("Who is your insurance company?");
  await visitor.page.waitForFunction(() => globalThis.CanopyConnectComponents);
  await visitor.find("State Farm");
  await visitor.field("password");
  assert.deepEqual(visitor.seen.problems(), []);
  await visitor.close();
});

for (const mode of ["hosted", "components"]) {
  test(`${mode}: what stands below the pasted lines stays where it is`, async () => {
    const [, snippet] = /^```html\n(.*?)^```/ms.exec(readFileSync(new URL("../../docs/page.md", import.meta.url), "utf8"));
    const lines = snippet.replaceAll("https://EDGE", all.edge.url).replace(/mode="\w+"/, `mode="${mode}"`);
    const height = { hosted: "7em", components: "23em" }[mode];
    const body = `${lines.replace(/min-height: ?[\d.]+em/, `min-height: ${height}`)}${"<p>Text below, text below, text below.</p>".repeat(12)}`;
    const { page, close } = await openTab(all.browser, { width: 375 });
    await page.setViewportSize({ width: 375, height: 667 });
    await page.addInitScript(() => {
      window.shift = 0;
      new PerformanceObserver((list) => list.getEntries().forEach((entry) => (window.shift += entry.hadRecentInput ? 0 : entry.value))).observe({ type: "layout-shift", buffered: true });
    });
    await page.route(/canopy-connect\.js$/, async (route) => (await new Promise((resolve) => setTimeout(resolve, 400)), route.continue()));
    await page.goto(all.agency.serve(`/shift-${mode}`, { html: markup(body) }));
    await page.locator("canopy-connect").getByRole("button").waitFor();
    await page.waitForFunction(() => document.querySelector("canopy-connect").session);
    // Drawn, and what is drawn by it.
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
    const shift = await page.evaluate(() => window.shift);
    assert.ok(shift < 0.05, `${mode} shifts by ${shift}`);
    await close();
  });
}
