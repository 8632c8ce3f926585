// What the edge serves to the agency's pages loads where they are: on another origin, below a strict policy.
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { startBoth } from "../harness.mjs";
import { agencySite, axe, markup, openTab, shot, startBrowser } from "./browser.mjs";

const SERVED = fileURLToPath(new URL("../../www/connect", import.meta.url));
let agency, both, edge, browser;

before(async () => {
  agency = await agencySite();
  [both, browser] = await Promise.all([startBoth({ edgeEnv: { EDGE_ALLOWED_ORIGINS: agency.origin } }), startBrowser()]);
  ({ edge } = both);
});
after(() => Promise.all([browser?.close(), both?.stop(), agency?.stop()]));

/** Nothing but the edge, and of it nothing but scripts, WebAssembly and requests. */
const strict = () => `default-src 'none'; script-src ${edge.url} 'wasm-unsafe-eval'; connect-src ${edge.url} ${edge.url.replace("http", "ws")}; base-uri 'none'; form-action 'none'`;
const script = () => `<script type="module" src="${edge.url}/connect/canopy-connect.js"></script>`;

test("the module defines its element and starts WebAssembly on another origin's page below a strict policy", async () => {
  const { page, seen, close } = await openTab(browser);
  await page.goto(agency.serve("/", { csp: strict(), html: markup("<canopy-connect></canopy-connect>", script()) }));
  await page.waitForFunction(() => customElements.get("canopy-connect"));
  const screen = await page.evaluate(async (url) => {
    const { openSession } = await import(url);
    const session = await openSession({ mode: "components", storageKey: null });
    const { name } = session.screen;
    session.close();
    return name;
  }, `${edge.url}/connect/canopy-connect.js`);
  assert.equal(screen, "consent");
  const wasm = seen.answers.filter(({ url }) => url.endsWith(".wasm"));
  assert.deepEqual(wasm.map(({ status }) => status), [200], "WebAssembly is loaded once");
  assert.deepEqual(seen.problems(), []);
  await close();
});

test("hosted mode loads no more than the entry's own parts before a click, and nothing of Canopy", async () => {
  const { page, seen, close } = await openTab(browser);
  await page.goto(agency.serve("/", { csp: strict(), html: markup('<canopy-connect mode="hosted"></canopy-connect>', script()) }));
  await page.getByRole("button").waitFor();
  await page.waitForLoadState("networkidle");
  const loaded = seen.answers.map(({ url }) => url);
  assert.deepEqual(loaded.filter((url) => !url.startsWith(agency.origin) && !url.startsWith(`${edge.url}/connect/canopy-connect`)), []);
  assert.deepEqual(loaded.filter((url) => url.includes("/canopy-connect-screens-")), []);
  assert.deepEqual(await axe(page), []);
  await shot(page, "hosted-start");
  assert.deepEqual(seen.problems(), []);
  await close();
});

/** What pages name themselves, so that its name says nothing of what is in it. */
const ENTRIES = ["canopy-connect.js", "first-screen.js"];

test("what the edge serves has its type, may be used by every origin, and is kept by its name", async () => {
  const types = { js: "text/javascript", wasm: "application/wasm" };
  const names = readdirSync(SERVED);
  assert.ok(ENTRIES.every((name) => names.includes(name)) && names.some((name) => name.endsWith(".wasm")), names.join());
  for (const name of names) {
    const answer = await fetch(`${edge.url}/connect/${name}`);
    await answer.arrayBuffer();
    const header = (of) => answer.headers.get(of);
    assert.equal(answer.status, 200, name);
    assert.equal(header("content-type").split(";")[0], types[name.split(".").at(-1)], name);
    assert.equal(header("access-control-allow-origin"), "*", name);
    assert.equal(header("cross-origin-resource-policy"), "cross-origin", name);
    assert.equal(header("x-content-type-options"), "nosniff", name);
    const kept = ENTRIES.includes(name) ? "public, max-age=0, must-revalidate" : "public, max-age=31536000, immutable";
    assert.equal(header("cache-control"), kept, name);
  }
  const entry = await fetch(`${edge.url}/connect/canopy-connect.js`);
  await entry.arrayBuffer();
  const again = await fetch(entry.url, { headers: { "if-none-match": entry.headers.get("etag") } });
  assert.equal(again.status, 304, "an entry that is still the same is not sent again");
});

test("pages have their headers, and what is no file below /connect is the Worker's", async () => {
  const page = await fetch(`${edge.url}/`);
  await page.arrayBuffer();
  assert.equal(page.headers.get("x-content-type-options"), "nosniff");
  assert.equal(page.headers.get("referrer-policy"), "strict-origin-when-cross-origin");
  assert.equal(page.headers.get("access-control-allow-origin"), null);
  assert.match(page.headers.get("content-security-policy"), /frame-ancestors 'none'/);
  const session = await fetch(`${edge.url}/connect/sessions`, {
    method: "POST",
    headers: { origin: agency.origin, "content-type": "application/json" },
    body: "{}",
  });
  assert.equal(session.status, 201, await session.text());
  assert.equal(session.headers.get("access-control-allow-origin"), agency.origin);
  const missing = await fetch(`${edge.url}/connect/canopy-connect-gone.js`);
  assert.equal(missing.status, 404, await missing.text());
  assert.equal(missing.headers.get("content-type"), "application/problem+json");
});
