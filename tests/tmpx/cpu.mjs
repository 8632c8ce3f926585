import { randomUUID } from "node:crypto";
import { readFileSync, readdirSync } from "node:fs";
import { contract } from "../contract.mjs";
import { backOfficeOf, postWebhook, webhook } from "../edge-client.mjs";
import { startEdge } from "../harness.mjs";
import { pullOf, startStandIn } from "../stand-in.mjs";
const [personal] = Object.values(contract.paths["/teams/{teamId}/pulls/{pullId}"].get.responses["200"].content["application/json"].examples).map((e) => e.value.pull);
const cpu = () => { let t = 0; for (const p of readdirSync("/proc")) { if (!/^\d+$/.test(p)) continue; try { if (!readFileSync(`/proc/${p}/cmdline`, "utf8").includes("workerd")) continue; const f = readFileSync(`/proc/${p}/stat`, "utf8").split(") ")[1].split(" "); t += Number(f[11]) + Number(f[12]); } catch {} } return t * 10; };
const bodies = new Map();
const canopy = await startStandIn(({ path }) => ({ body: bodies.get(pullOf(path)) ?? "{}" }));
const edge = await startEdge({ sandbox: canopy });
const office = backOfficeOf(edge);
const form = process.argv[2] ?? "json";
for (const copies of [1, 10, 60, 250]) {
  const pull_id = randomUUID();
  const policies = Array.from({ length: copies * 3 }, (_, at) => { const p = structuredClone(personal.policies[at % 3]); return JSON.parse(JSON.stringify(p).replace(/([0-9a-f]{8})-([0-9a-f]{4})-/g, (m, a, b) => `${(at).toString(16).padStart(8, "0")}-${b}-`)); });
  const body = JSON.stringify({ pull: { ...personal, pull_id, documents: [], policies } });
  bodies.set(pull_id, body);
  await postWebhook(edge, webhook(pull_id, "POLICIES_AVAILABLE"));
  await office.seen(pull_id, (v) => v.snapshots.length > 0 && v.outbox.every((w) => w.state === "done"), "fetched");
  const one = async () => { const c = cpu(); const r = await office.call(`/api/v1/pulls/${pull_id}/intake?form=${form}`); const b = await r.arrayBuffer(); return [cpu() - c, b.byteLength, r.status]; };
  const first = await one();
  const times = copies > 50 ? 5 : 40;
  const c = cpu(); for (let i = 0; i < times; i++) { const r = await office.call(`/api/v1/pulls/${pull_id}/intake?form=${form}`); await r.arrayBuffer(); }
  const warm = (cpu() - c) / times;
  const s = cpu(); for (let i = 0; i < times; i++) { const r = await office.call(`/api/v1/pulls/${pull_id}/snapshots/latest`); await r.arrayBuffer(); }
  console.log(`${(body.length / 1024).toFixed(0)} KB: first ${first}, each ${warm.toFixed(1)} ms CPU; reading the snapshot ${((cpu() - s) / times).toFixed(1)} ms`);
}
await edge.stop(); await canopy.stop(); process.exit(0);
