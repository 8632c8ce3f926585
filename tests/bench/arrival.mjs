// How soon a visitor on a slow line sees and can use the element: Chromium on DevTools' "Slow 3G" with a processor four times slower, on
// an agency's page with the two lines of docs/page.md, and with the first screen in them. Argument: rounds.
import { readFileSync } from "node:fs";
import { firstScreen } from "../../crates/connect/js/first-screen.js";
import { markup } from "../pages/browser.mjs";
import { startAll } from "../pages/visitor.mjs";

const rounds = Number(process.argv[2]);
const SLOW_3G = { offline: false, latency: 2_000, downloadThroughput: (500_000 / 8) * 0.8, uploadThroughput: (500_000 / 8) * 0.8 };
const PROCESSOR = 4;
const HEIGHT = { hosted: "7em", components: "23em" };
const [, SNIPPET] = /^```html\n(.*?)^```/ms.exec(readFileSync(new URL("../../docs/page.md", import.meta.url), "utf8"));

const all = await startAll();
try {
  console.log("seconds from the press of a link           first words   the element   carriers   fields   layout shift\n");
  for (const [mode, isGiven] of Object.keys(HEIGHT).flatMap((mode) => [[mode, false], [mode, true]])) {
    const seen = [];
    for (let round = 0; round < rounds; round += 1) seen.push(await arrive(mode, isGiven));
    const column = (name, digits, width) => (name in seen[0] ? median(seen.map((each) => each[name])).toFixed(digits) : "").padStart(width);
    console.log(`${`mode="${mode}"${isGiven ? ", its first screen in it" : ""}`.padEnd(41)} ${column("words", 1, 13)} ${column("element", 1, 13)} ${column("carriers", 1, 10)} ${column("fields", 1, 8)} ${column("shift", 3, 14)}`);
  }
} finally {
  await all.stop();
}

/** One visit. Times in seconds since the page was asked for, of `carriers` and `fields` since the press before. */
async function arrive(mode, isGiven) {
  const given = isGiven ? await firstScreen({ mode, agency: "Maple & Main Insurance" }) : "";
  const lines = SNIPPET.replaceAll("https://EDGE", all.edge.url).replace(/mode="\w+"/, `mode="${mode}"`).replace(/min-height: ?[\d.]+em/, `min-height: ${HEIGHT[mode]}`).replace(/<canopy-connect .*?>/, (tag) => tag + given);
  const url = all.agency.serve(`/arrival-${mode}-${isGiven}`, { html: markup(`${lines}${"<p>What the agency says.</p>".repeat(12)}`) });
  const context = await all.browser.newContext({ viewport: { width: 375, height: 667 } });
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  const devtools = await context.newCDPSession(page);
  await devtools.send("Network.emulateNetworkConditions", SLOW_3G);
  await devtools.send("Emulation.setCPUThrottlingRate", { rate: PROCESSOR });
  // By the page's own clock: what asks costs it nothing.
  await page.addInitScript(() => {
    window.at = { shift: 0 };
    new PerformanceObserver((list) => list.getEntries().forEach((entry) => (window.at.shift += entry.hadRecentInput ? 0 : entry.value))).observe({ type: "layout-shift", buffered: true });
    const look = () => {
      const element = document.querySelector("canopy-connect");
      if (element?.textContent.trim()) window.at.words ??= performance.now();
      if (element?.shadowRoot?.querySelector("button")) window.at.element ??= performance.now();
      if (!window.at.element) requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  });
  await page.goto(url, { waitUntil: "commit" });
  await page.waitForFunction(() => window.at?.element);
  const { words, element, shift } = await page.evaluate(() => window.at);
  const times = { words: words / 1_000, element: element / 1_000, shift };
  if (mode === "components") {
    const own = page.locator("canopy-connect");
    times.carriers = await after(() => own.getByRole("button", { name: /agree/i }).click(), () => own.getByRole("option").first().waitFor());
    times.fields = await after(() => own.getByRole("option").first().click(), () => own.locator('[slot="canopy-password"] iframe').waitFor().then(() => own.locator('[aria-busy="true"]').waitFor({ state: "detached" })));
  }
  await context.close();
  return times;
}

/** Seconds from what is done to what is waited for. */
async function after(act, wait) {
  const begun = performance.now();
  await act();
  await wait();
  return (performance.now() - begun) / 1_000;
}

function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}
