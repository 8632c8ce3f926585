// What whole pulls cost on Cloudflare's bill: each operation that is billed is counted where the Worker asks for it, on workerd
// with Miniflare's stores. Arguments: how many pulls, then directories of bundles of the edge, which are compared.
import { backOfficeOf, isSettled, loginOf, openPage } from "../edge-client.mjs";
import { freePort, startEdge, startSandbox } from "../harness.mjs";
import { processorTimeOf } from "../processor.mjs";
import { COUNTING } from "./counting.mjs";

/** List prices in dollars a million, Workers Paid, beyond what the plan includes; read on 2026-11-25 at
 * developers.cloudflare.com: workers, durable-objects, kv, r2 and d1, each below /platform/pricing or /pricing. */
const PRICES = {
  "Worker requests": 0.3,
  "CPU milliseconds": 0.02,
  "object requests": 0.15,
  // $12.50 a million GB-s, of the 128 MB that each object is counted with.
  "object seconds": 1.6,
  "SQLite rows read": 0.001,
  "SQLite rows written": 1,
  "alarms set": 1,
  "KV reads": 0.5,
  "KV writes": 5,
  "KV deletes": 5,
  "KV lists": 5,
  "R2 class A": 4.5,
  "R2 class B": 0.36,
  "D1 rows read": 0.001,
  "D1 rows written": 1,
};

/** What one pull costs with a bundle, on average over `pulls`. */
async function measure(bundle, pulls) {
  process.env.CANOPY_EDGE_BUNDLE_EDGE = bundle;
  const port = await freePort();
  const sandbox = await startSandbox({ env: { SANDBOX_HOOK_URL: `http://127.0.0.1:${port}/webhooks/canopy`, SANDBOX_PACE_MS: "400" } });
  const edge = await startEdge({ port, sandbox, patch: (text) => text + COUNTING });
  const office = backOfficeOf(edge);
  const counts = async () => ({ ...(await (await fetch(`${edge.url}/__counts`)).json()), "CPU milliseconds": processorTimeOf(edge.pid) });
  const pull = async () => {
    const page = await openPage(edge, { metadata: { lead_id: "lead", campaign: "spring" } });
    const socket = await page.live();
    const { pull_id } = await page.ask("connect", await loginOf(sandbox, "user_good"));
    await page.shown((view) => view.complete, "end");
    // The back office is not asked meanwhile: what it would cost is its own.
    await new Promise((resolve) => setTimeout(resolve, 4_000));
    socket.close();
    return pull_id;
  };
  await pull();
  const before = await counts();
  const ids = [];
  for (let number = 0; number < pulls; number += 1) ids.push(await pull());
  const after = await counts();
  for (const id of ids) {
    const view = await office.pull(id);
    if (!isSettled(view) || view.documents.length !== 6) throw new Error(`expected a whole pull with 6 documents, found ${JSON.stringify(view)}`);
  }
  await Promise.all([edge.stop(), sandbox.stop()]);
  const statements = Object.entries(after.__rowsOf).map(([text, rows]) => [text, (rows - (before.__rowsOf[text] ?? 0)) / pulls]);
  return { statements, ...Object.fromEntries(Object.keys(PRICES).map((name) => [name, ((after[name] ?? 0) - (before[name] ?? 0)) / pulls])) };
}

const [pulls, ...bundles] = process.argv.slice(2);
const measured = [];
for (const bundle of bundles) measured.push(await measure(bundle, Number(pulls)));
const dollars = (costs, name) => (costs[name] * PRICES[name] * 1_000) / 1_000_000;
const row = (name, cells) => console.log(`${name.padEnd(20)}${cells.map((cell) => cell.padStart(12)).join("")}`);
row("a pull", bundles.flatMap((_, at) => [at === 0 ? "this" : "other", "$ per 1,000"]).concat("$ a million"));
for (const name of Object.keys(PRICES)) row(name, measured.flatMap((costs) => [costs[name].toFixed(1), dollars(costs, name).toFixed(5)]).concat(String(PRICES[name])));
const sums = measured.map((costs) => Object.keys(PRICES).reduce((sum, name) => sum + dollars(costs, name), 0));
row("sum", sums.flatMap((sum) => ["", sum.toFixed(5)]));
if (sums.length > 1) console.log(`this is ${(100 * (1 - sums[0] / sums[1])).toFixed(0)} % below the other`);
console.log("\nrows written, by statement of this");
for (const [text, rows] of measured[0].statements.sort(([, one], [, other]) => other - one)) if (rows > 0) console.log(`${rows.toFixed(1).padStart(6)}  ${text}`);
process.exit(0);
