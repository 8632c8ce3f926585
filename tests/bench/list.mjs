// What a page of the list costs, of 100 pulls and of 10,000: filtered by metadata and status, each page's time and the rows of D1 that
// it reads. Arguments: how often each list is walked, then directories of bundles of the edge.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { authStatus, backOfficeOf, postWebhook, until } from "../edge-client.mjs";
import { startEdge } from "../harness.mjs";
import { COUNTING } from "./counting.mjs";

const [FEW, MANY] = [100, 10_000];
const CAMPAIGNS = ["spring", "summer", "autumn", "winter"];
/** One that pulls only pass through among them. */
const STATUSES = ["SUCCESS", "NOT_AUTHENTICATED", "PROVIDER_ERROR", "IDENTITY_VERIFICATION", "INCOMPLETE"];
const FILTERS = {
  "metadata and a status that is an end": { "metadata.campaign": "summer", status: "SUCCESS" },
  "metadata and a status on the way": { "metadata.campaign": "summer", status: "IDENTITY_VERIFICATION" },
  "metadata": { "metadata.campaign": "summer" },
  "two of metadata": { "metadata.campaign": "summer", "metadata.place": "north" },
  "status": { status: "PROVIDER_ERROR" },
  "all": {},
};
/** Of 100 pulls five have a campaign and a status: a page shows as many of both lists. */
const LIMIT = 4;

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

/** Pulls `from` to `to`, each in a status for good. */
async function fill(edge, office, from, to) {
  const numbers = Array.from({ length: to - from }, (_, at) => from + at);
  const post = async (number) => {
    const meta_data = { campaign: CAMPAIGNS[number % 4], place: Math.floor(number / 20) % 2 ? "south" : "north", lead: `L-${number}` };
    const answer = await postWebhook(edge, authStatus(randomUUID(), STATUSES[Math.floor(number / 4) % 5], 1, { meta_data }));
    assert.equal(answer.status, 200);
  };
  while (numbers.length > 0) await Promise.all(numbers.splice(0, 16).map(post));
  const listed = async () => {
    let count = 0;
    for (let cursor = ""; cursor !== null; ) {
      const page = await office.read(`/api/v1/pulls?limit=100&cursor=${encodeURIComponent(cursor)}`);
      [count, cursor] = [count + page.pulls.length, page.cursor];
    }
    return count === to;
  };
  await until(listed, `${to} pulls in the list`, 120_000);
}

/** Walks up to `most` pages; each has the time it took and the rows it read. None is empty before the last. */
async function walk(edge, office, filter, most) {
  const rowsRead = async () => (await (await fetch(`${edge.url}/__counts`)).json())["D1 rows read"] ?? 0;
  const pages = [];
  for (let cursor = ""; cursor !== null && pages.length < most; ) {
    const before = await rowsRead();
    const started = performance.now();
    const page = await office.read(`/api/v1/pulls?${new URLSearchParams({ ...filter, limit: LIMIT, cursor })}`);
    const millis = performance.now() - started;
    assert.ok(page.pulls.length > 0, "no page is empty");
    assert.ok(page.pulls.length === LIMIT || page.cursor === null, "pages are full before the last");
    pages.push({ millis, rows: (await rowsRead()) - before });
    cursor = page.cursor;
  }
  return pages;
}

/** What is read raw does not say how many rows it read. */
const READING = String.raw`
const __read = index_default.fetch;
index_default.fetch = function (request, env, ctx) {
  Object.getPrototypeOf(env.AGENCY.prepare("SELECT 1")).raw = async function () {
    const { results, meta } = await this.all();
    __count("D1 rows read", meta.rows_read);
    return results.map(Object.values);
  };
  return __read.call(this, request, env, ctx);
};
`;

const [rounds, bundle] = process.argv.slice(2);
process.env.CANOPY_EDGE_BUNDLE_EDGE = bundle;
const edge = await startEdge({ patch: (text) => text + COUNTING + READING });
const office = backOfficeOf(edge);
const measured = new Map();
for (const [from, to] of [[0, FEW], [FEW, MANY]]) {
  await fill(edge, office, from, to);
  for (const [name, filter] of Object.entries(FILTERS)) {
    const pages = [];
    for (let round = 0; round < Number(rounds); round += 1) pages.push(...(await walk(edge, office, filter, 50)));
    const of = (what) => pages.map((page) => page[what]);
    measured.set(name, [...(measured.get(name) ?? []), { pages: pages.length, millis: median(of("millis")), rows: median(of("rows")), most: Math.max(...of("rows")) }]);
  }
}
await edge.stop();
const row = (name, cells) => console.log(`${name.padEnd(38)}${cells.map((cell) => String(cell).padStart(12)).join("")}`);
row("a page of 4", ["ms of 100", "of 10,000", "ratio", "rows of 100", "of 10,000", "most"]);
for (const [name, [few, many]] of measured) {
  row(name, [few.millis.toFixed(2), many.millis.toFixed(2), (many.millis / few.millis).toFixed(2), few.rows, many.rows, many.most]);
}
process.exit(0);
