// Runs of workflows are kept as all else: sealed, brought under another key, given with an export, gone with their pull.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash, randomUUID } from "node:crypto";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { authStatus, backOfficeOf, postWebhook, until } from "../edge-client.mjs";
import { LOCAL, freePort, startEdge, temporaryDirectory } from "../harness.mjs";
import { foundBelow } from "../planted.mjs";
import { pullOf, startStandIn } from "../stand-in.mjs";

const PLANTED = { config: "PLANTED-config-of-a-run-61bc", input: "PLANTED-input-of-a-run-61bc", answer: "PLANTED-answer-of-a-run-61bc" };
const keyOf = (id) => `${id}:${createHash("sha256").update(id).digest("base64")}`;

test("runs are sealed, rotated with all else, exported and deleted", async () => {
  const canopy = await startStandIn(({ path: at }) => ({ body: { success: true, pull: { pull_id: pullOf(at), policies: [] } } }));
  const service = await startStandIn(() => ({ body: { said: PLANTED.answer } }));
  const [port, persist] = [await freePort(), temporaryDirectory()];
  let edge, boss;
  const start = async (...ids) => {
    edge = await startEdge({ port, persist, sandbox: canopy, env: { EDGE_API_TOKENS: `demo:${LOCAL.apiToken},boss:boss-token:admin+read+write`, EDGE_SNAPSHOT_KEY: ids.map(keyOf).join(",") } });
    boss = backOfficeOf(edge, "boss-token");
  };
  const asked = async (method, at, json) => {
    const response = await boss.call(at, { method, body: json && JSON.stringify(json) });
    assert.ok(response.ok, `${at}: ${response.status} ${response.ok ? "" : await response.text()}`);
    return response.json();
  };
  const done = (run_id) => until(async () => { const run = await boss.read(`/api/v1/runs/${run_id}`); return run.status === "done" && run; }, `the end of ${run_id}`);
  try {
    await start("k1");
    const steps = [{ id: "say", use: "http", with: { url: `${service.url}/say`, json: { note: `${PLANTED.input} {{ config.note }}` } } }];
    const flows = { shared: { trigger: { on: "manual", of: "pull" }, steps }, office: { trigger: { on: "manual", of: "agency" }, steps } };
    await asked("PUT", "/api/v1/flows/kept", { title: "Kept", config: { note: { type: "text" } }, flows });
    await asked("PUT", "/api/v1/instances/kept", { group: "kept", config: { note: PLANTED.config }, enabled: true });
    const pull_id = randomUUID();
    assert.equal((await postWebhook(edge, authStatus(pull_id, "PULLING_DATA", 1))).status, 200);
    const ids = [(await asked("POST", "/api/v1/instances/kept/runs", { flow: "shared", pull_id })).run_id, (await asked("POST", "/api/v1/instances/kept/runs", { flow: "office" })).run_id];
    const runs = [];
    for (const id of ids) runs.push(await done(id));
    assert.ok(runs.every((run) => JSON.stringify(run).includes(PLANTED.answer)));
    const used = async () => (await boss.read("/api/v1/keys")).keys.filter(({ pulls }) => pulls > 0).map(({ key_id, id }) => key_id ?? id);
    await until(async () => (await boss.read("/api/v1/runs?instance=kept&status=done")).runs.length === 2, "both in the list");

    await edge.stop();
    assert.deepEqual(foundBelow(persist, PLANTED), [], "nothing lies in the clear");
    await start("k2", "k1");
    await asked("POST", "/api/v1/keys/rotate");
    await until(async () => (await boss.read("/api/v1/keys")).rotation.state === "done" && !(await used()).includes("k1"), "the rotation", 60_000);
    await edge.stop();
    await start("k2");
    for (const run of runs) assert.deepEqual(await boss.read(`/api/v1/runs/${run.run_id}`), run);
    await asked("GET", "/api/v1/instances/kept");

    const file = path.join(temporaryDirectory(), "export.zip");
    writeFileSync(file, Buffer.from(await (await boss.call(`/api/v1/pulls/${pull_id}/export`)).arrayBuffer()));
    const text = execFileSync(process.env.CANOPY_EDGE_PYTHON ?? "python3", ["-c", "import sys, zipfile; print(zipfile.ZipFile(sys.argv[1]).read('runs/1.json').decode())", file], { encoding: "utf8" });
    assert.deepEqual(JSON.parse(text), runs[0]);

    assert.equal((await asked("DELETE", `/api/v1/pulls/${pull_id}`)).complete, true);
    assert.equal((await boss.call(`/api/v1/runs/${ids[0]}`)).status, 404);
    assert.equal((await boss.call(`/api/v1/runs/${ids[1]}`)).status, 200);
  } finally {
    await edge?.stop();
    await Promise.all([canopy, service].map((it) => it.stop()));
  }
});
