// Both modes in stock Firefox, driven over WebDriver BiDi: Playwright drives a Firefox of its own only.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import puppeteer from "puppeteer-core";
import { until } from "../edge-client.mjs";
import { startBoth } from "../harness.mjs";
import { agencySite, markup } from "./browser.mjs";
import { policy } from "./visitor.mjs";

const PATIENCE_MS = 15_000;

let agency, both, browser;
before(async () => {
  agency = await agencySite();
  const env = { EDGE_ALLOWED_ORIGINS: agency.origin };
  [both, browser] = await Promise.all([startBoth({ edgeEnv: env }), puppeteer.launch({ browser: "firefox", executablePath: programOfFirefox() })]);
});
after(() => Promise.all([browser?.close(), both?.stop(), agency?.stop()]));

/** The program that `cargo xtask test` found or installed; for a test run by hand, one on the PATH. */
function programOfFirefox() {
  if (process.env.CANOPY_EDGE_FIREFOX) return process.env.CANOPY_EDGE_FIREFOX;
  const directories = (process.env.PATH ?? "").split(path.delimiter);
  const found = ["firefox-esr", "firefox"].flatMap((name) => directories.map((directory) => path.join(directory, name))).find((place) => existsSync(place));
  if (!found) throw new Error("no Firefox on the PATH: set CANOPY_EDGE_FIREFOX to its program, or run `cargo xtask test`");
  return found;
}

/** A tab with a page of the agency's that holds the element, below the policy of the documents. What goes wrong in it is kept in `problems`. */
async function visit(attributes) {
  const page = await browser.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  const problems = [];
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
  const script = `<script type="module" src="${both.edge.url}/connect/canopy-connect.js"></script>`;
  const html = markup(`<canopy-connect ${attributes}></canopy-connect>`, script);
  await page.goto(agency.serve(`/${Math.random().toString(36).slice(2)}`, { csp: policy(both.edge, both.sandbox), html }));
  return { page, problems };
}

/**
 * What stands in the element's shadow tree. Puppeteer asks whether it is enabled, as it does all of its `waitForFunction`, by code that
 * it evaluates in the document: the page's policy forbids that, and Firefox obeys. What is pressed too early shows by what follows.
 */
const inElement = (page, selector) => page.locator(`canopy-connect >>> ${selector}`).setWaitForEnabled(false);
const reads = (page, text) => inElement(page, `::-p-text(${text})`).wait();

/** The document of the one frame at `selector`, once that is there. */
async function frameAt(page, selector) {
  const element = await page.waitForSelector(selector);
  const frame = await element.contentFrame();
  await element.dispose();
  return frame;
}

const screen = (page) => page.$eval("canopy-connect", (element) => element.session.screen.name);

test("components in Firefox: consent, company, credentials, done", async () => {
  const { page, problems } = await visit('mode="components"');
  await inElement(page, "button.main").click();
  await inElement(page, "input[role=combobox]").wait();
  await page.keyboard.type("State Farm");
  await inElement(page, "[role=option]").wait();
  await page.keyboard.press("Enter");
  for (const [name, value] of [["username", "user_good"], ["password", "pass_good"]]) {
    const frame = await frameAt(page, `canopy-connect [slot="canopy-${name}"] iframe`);
    const input = await frame.waitForSelector("input");
    await until(() => page.$eval("canopy-connect", (element) => !element.shadowRoot.querySelector("[aria-busy=true]")), "the page to be ready");
    await input.type(value);
  }
  await inElement(page, "button[type=submit]").click();
  await reads(page, "Thank you");
  assert.equal(await screen(page), "done");
  assert.deepEqual(problems, []);
  await page.close();
});

test("hosted in Firefox: Canopy's window opens, signs in, closes, and the page says thank you", async () => {
  const { page, problems } = await visit('mode="hosted"');
  await inElement(page, "button").click();
  const frame = await frameAt(page, 'iframe[title="Share your insurance"]');
  // By the keyboard: where a frame lies in its page, for the mouse, Puppeteer asks in words that Firefox 140 does not know.
  const focus = async (selector) => (await frame.waitForSelector(selector, { visible: true })).focus();
  const press = (selector) => focus(selector).then(() => page.keyboard.press("Enter"));
  const fill = (selector, value) => focus(selector).then(() => page.keyboard.type(value));
  await press("[data-next]");
  await press("#carrier button");
  await fill("#username", "user_good");
  await fill("#password", "pass_good");
  await press("#login button");
  await press("#done.shown button");
  await reads(page, "Thank you");
  assert.equal(await screen(page), "done");
  assert.deepEqual(problems, []);
  await page.close();
});
