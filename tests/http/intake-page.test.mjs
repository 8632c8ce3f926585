// What docs/intake.md shows to be copied runs as it stands there, against the real edge.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, before, test } from "node:test";
import { contract } from "../contract.mjs";
import { backOfficeOf, postWebhook, until, webhook } from "../edge-client.mjs";
import { freePort, LOCAL, startEdge, temporaryDirectory } from "../harness.mjs";
import { shownCode } from "../shown-code.mjs";
import { pullOf, startStandIn } from "../stand-in.mjs";

const [personal] = Object.values(contract.paths["/teams/{teamId}/pulls/{pullId}"].get.responses["200"].content["application/json"].examples);

let canopy, edge, office;
before(async () => {
  canopy = await startStandIn(({ path }) => ({ body: { success: true, pull: { ...personal.value.pull, pull_id: pullOf(path), documents: [] } } }));
  edge = await startEdge({ sandbox: canopy });
  office = backOfficeOf(edge);
});
after(() => Promise.all([edge?.stop(), canopy?.stop()]));

for (const { language, file, program } of [
  { language: "ts", file: "handler.ts", program: process.execPath },
  { language: "python", file: "handler.py", program: process.env.CANOPY_EDGE_PYTHON ?? "python3" },
]) {
  test(`${language}: from webhook to row in 15 lines`, async () => {
    const directory = temporaryDirectory();
    const [script, DATABASE] = [file, "rows.db"].map((name) => path.join(directory, name));
    writeFileSync(script, shownCode("intake.md", language));
    const PORT = String(await freePort());
    const env = { ...process.env, EDGE: edge.url, TOKEN: LOCAL.apiToken, DATABASE, PORT };
    const handler = spawn(program, [script], { env, stdio: ["ignore", "ignore", "pipe"] });
    let said = "";
    handler.stderr.on("data", (bytes) => (said += bytes));
    const ended = new Promise((resolve) => handler.once("exit", resolve));
    const post = (body) => fetch(`http://127.0.0.1:${PORT}`, { method: "POST", body, headers: { "content-type": "application/json" } });
    try {
      const [unknown, pull_id] = [randomUUID(), randomUUID()];
      const ping = () => post(webhook(pull_id, "AUTH_STATUS")).catch(() => undefined);
      assert.equal((await until(ping, `${file}: ${said}`)).status, 200);
      const refused = await post(webhook(unknown, "COMPLETE")).catch(() => ({ ok: false }));
      assert.equal(refused.ok, false, "the webhook comes again");
      assert.equal((await postWebhook(edge, webhook(pull_id, "COMPLETE"))).status, 200);
      await office.seen(pull_id, (view) => view.snapshots.length === 1, "the pull");
      for (const _ of [1, 2]) assert.equal((await post(webhook(pull_id, "COMPLETE"))).status, 200, said);
      const rows = new DatabaseSync(DATABASE).prepare("SELECT * FROM policies ORDER BY policy_id").all();
      const { policies } = await office.read(`/api/v1/pulls/${pull_id}/intake`);
      const expected = policies.map((it) => ({ policy_id: it.policy_id, pull_id, line: it.line, expiry_date: it.expiry_date, premium_cents: it.total_premium_cents }));
      assert.deepEqual(rows.map((row) => ({ ...row })), expected.sort((a, b) => (a.policy_id < b.policy_id ? -1 : 1)));
      assert.ok(rows.length > 1);
    } finally {
      handler.kill();
      await ended;
    }
  });
}
