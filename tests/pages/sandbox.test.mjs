// The sandbox's own page: its clock by keyboard, at a phone's and a desk's width, in light and dark.
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { startSandbox } from "../harness.mjs";
import { clientOf } from "../sandbox-client.mjs";
import { axe, openTab, shot, startBrowser } from "./browser.mjs";

const DAY_MS = 86_400_000;

let browser, sandbox, client;
before(async () => {
  sandbox = await startSandbox();
  browser = await startBrowser();
  client = clientOf(sandbox);
});
beforeEach(() => client.control("POST", "/reset"));
after(async () => {
  await browser?.close();
  await sandbox?.stop();
});

for (const [width, colorScheme] of [[375, "light"], [1280, "dark"]]) {
  test(`at ${width} px, ${colorScheme}, time goes on by a key and what cannot be is said in words`, async () => {
    const { page, seen, close } = await openTab(browser, { width, colorScheme });
    await page.goto(`${sandbox.url}/sandbox`);
    const status = page.getByRole("status");
    await status.getByText("Read at").waitFor();
    const button = (name) => page.getByRole("button", { name, exact: true });
    await button("+30 days").press("Enter");
    await status.getByText("Moved to").waitFor();
    const { now, machine } = await client.control("GET", "/clock");
    assert.equal(Math.round((Date.parse(now) - Date.parse(machine)) / DAY_MS), 30);
    assert.match(await page.locator("#sandbox-now").textContent(), new RegExp(`^${now.slice(0, 10)} .* UTC$`));
    assert.equal(await button("+30 days").evaluate((it) => it === document.activeElement), true);
    assert.deepEqual(await axe(page), []);
    assert.ok((await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)) <= 0);
    await shot(page, `sandbox-${colorScheme}`, width);
    assert.deepEqual(seen.problems(), []);
    await button("to the next due").press("Space");
    await status.getByText("Not moved: nothing is due").waitFor();
    await close();
  });
}
