// Finding one's insurance company in a real browser, by what people type into the search of the real list.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { until } from "../edge-client.mjs";
import { startAll } from "./visitor.mjs";

const FINDER = /canopy-connect-finder-/;

let all;
before(async () => (all = await startAll()));
after(() => all?.stop());

/** What is typed, and the company that is meant. */
const TYPED = {
  "farmers insurance": "Farmers",
  "erie insurance": "Erie",
  "allstate insurance company": "Allstate",
  "american family insurance": "American Family",
  "progressive.com": "Progressive",
  amfam: "American Family",
  "U.S.A.A.": "USAA",
  progresive: "Progressive",
  gieco: "GEICO",
  travellers: "Travelers",
  hartfort: "The Hartford",
  "https://www.geico.com/login": "GEICO",
  "libery mutual": "Liberty Mutual",
  "st farm": "State Farm",
  "safe co": "Safeco",
  "nation wide": "Nationwide",
  "metlife auto": "MetLife",
  "state farm fire and casualty company": "State Farm",
  // Letters in one piece, as keyboards give them, and apart.
  "ámfám": "American Family",
  "a\u0301llstate": "Allstate",
};

/** A visitor at the choice of the company. */
async function atCarriers() {
  const visitor = await all.visit();
  await visitor.sees("Share your insurance");
  await visitor.press("Agree and continue");
  await visitor.sees("Who is your insurance company?");
  return { ...visitor, search: visitor.element.getByRole("combobox"), options: visitor.element.getByRole("option") };
}

test("the company that is meant comes first and is chosen with the enter key", async () => {
  const visitor = await atCarriers();
  await visitor.reads("246 found");
  for (const [typed, name] of Object.entries(TYPED)) {
    await visitor.search.fill(typed);
    const first = visitor.options.first();
    // A badge with the first letter stands before the name.
    assert.equal((await first.textContent()).slice(1), name, typed);
    assert.equal(await first.getAttribute("aria-selected"), "true", typed);
  }
  await visitor.search.fill("zzz");
  assert.equal(await visitor.options.count(), 0);
  await visitor.search.fill("");
  await visitor.reads("246 found");
  await visitor.search.pressSequentially("hartfort insurance");
  await visitor.search.press("Enter");
  await visitor.sees("Sign in to The Hartford");
  assert.deepEqual(visitor.seen.problems(), []);
  await visitor.close();
});

test("who shares in Canopy's window does not load the search", async () => {
  const visitor = await all.visit({ attributes: 'mode="hosted" consent' });
  await visitor.press("Agree and continue");
  await visitor.page.locator('iframe[title="Share your insurance"]').waitFor();
  assert.deepEqual(visitor.seen.answers.filter(({ url }) => FINDER.test(url)), []);
  await visitor.close();
});

for (const [what, part] of [["part of the script", /finder-[^/]*\.js(\?\d+)?$/], ["WebAssembly", /finder-[^/]*\.wasm$/]]) {
  test(`where the search's ${what} does not load the visitor is told, and it is tried again`, async () => {
    const visitor = await all.visit({ prepare: (page) => page.route(part, (route) => route.abort()) });
    await visitor.press("Agree and continue");
    await visitor.sees("That did not work");
    assert.deepEqual((await visitor.heard("error")).map(({ code }) => code), ["SCRIPT_FAILED"]);
    await visitor.page.unroute(part);
    await visitor.press("Try again");
    await visitor.reads("246 found");
    await visitor.element.getByRole("combobox").fill("gieco");
    await until(async () => (await visitor.element.getByRole("option").first().textContent()).endsWith("GEICO"), "the company");
    await visitor.close();
  });
}

test("the API finds nothing before the carriers are read, then the best first, at most so many", async () => {
  const visitor = await all.visit({ body: "<p>Ours</p>" });
  const found = await visitor.page.evaluate(async (script) => {
    const { openSession } = await import(script);
    const session = await openSession({ mode: "components" });
    const names = (...given) => session.searchCarriers(...given).map(({ name }) => name);
    const before = names("farm");
    const carriers = await session.carriers();
    const all = names("").length;
    const answer = { before, read: carriers.length, all, two: names("state", 2), none: names("state", 0), unsaid: names().length, first: names("amfam")[0] };
    session.close();
    return answer;
  }, `${all.edge.url}/connect/canopy-connect.js`);
  assert.deepEqual(found, { before: [], read: 246, all: 246, two: ["State Farm", "State Auto"], none: [], unsaid: 246, first: "American Family" });
  await visitor.close();
});
