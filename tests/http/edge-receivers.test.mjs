// The receivers that docs/downstream.md shows run as they stand there, against deliveries of the real edge.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { after, before, test } from "node:test";
import { Webhook } from "standardwebhooks";
import { authStatus, backOfficeOf, postWebhook, until } from "../edge-client.mjs";
import { freePort, startEdge } from "../harness.mjs";
import { PROGRAMS } from "../receivers/programs.mjs";
import { WHOLE } from "../tapped-edge.mjs";

let edge, office;
before(async () => {
  edge = await startEdge({ env: { EDGE_API_TOKENS: `whole:${WHOLE}:read+write+admin` } });
  office = backOfficeOf(edge, WHOLE);
});
after(() => edge?.stop());

async function write(method, path, json) {
  const response = await office.call(`/api/v1/subscriptions${path}`, { method, body: json && JSON.stringify(json) });
  const text = await response.text();
  assert.ok(response.ok, `${method} ${path}: ${text}`);
  return text && JSON.parse(text);
}

/** Runs a program with this secret until it answers; `stop` ends it. */
async function started({ directory, command: [name, ...args] }, port, secret) {
  const child = spawn(name, args, { cwd: directory, env: { ...process.env, SECRET: secret, PORT: String(port) }, stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  child.stderr.on("data", (bytes) => (said += bytes));
  child.once("error", (error) => (said += error));
  const ended = new Promise((resolve) => child.once("close", resolve));
  const post = (headers, body) => fetch(`http://127.0.0.1:${port}/`, { method: "POST", body, headers });
  const isUp = async () => assert.equal(child.exitCode, null, said) ?? post({}, "{}").then(({ status }) => status, () => undefined);
  assert.equal(await until(isUp, `${name} up`), 401, "who does not sign is not known");
  return { post, stop: () => (child.kill(), ended) };
}

/** A message with its headers, as whoever knows `secret` signs it. */
function signed(secret, { id = `${randomUUID()}_1`, body = '{"type":"NOTE"}', age = 0 } = {}) {
  const at = new Date(Date.now() - age * 1_000);
  const headers = { "webhook-id": id, "webhook-timestamp": String(Math.floor(at / 1_000)), "webhook-signature": new Webhook(secret).sign(id, at, body) };
  return [headers, body];
}

/** Two events of a new pull; what the subscription is to get of it. */
async function happens() {
  const pull_id = randomUUID();
  for (const [number, status] of ["QUEUED", "PROCESSING"].entries()) {
    assert.equal((await postWebhook(edge, authStatus(pull_id, status, number + 1))).status, 200);
  }
  return (await office.events(pull_id)).filter((entry) => entry.event_type === "AUTH_STATUS").map(({ position }) => `${pull_id}_${position}`);
}

for (const [language, prepare] of Object.entries(PROGRAMS)) {
  test(`${language}: a receiver in 15 lines keeps each delivery once, and nothing that is not signed`, async () => {
    const program = await prepare();
    const port = await freePort();
    const { subscription_id, secret } = await write("POST", "", { url: `http://127.0.0.1:${port}/`, types: ["AUTH_STATUS"] });
    const has = (ids, what) => until(() => ids.every((id) => program.kept().has(id)), what);
    let running = await started(program, port, secret);
    try {
      const first = await happens();
      await has(first, "what happened");
      const [pull_id] = first[0].split("_");
      await write("POST", `/${subscription_id}/replay`, { pull_id, from: 1, to: 1 });
      const again = await until(async () => {
        const { deliveries } = await office.read(`/api/v1/subscriptions/${subscription_id}/deliveries?pull_id=${pull_id}`);
        return deliveries.find((it) => it.webhook_id === first[0] && it.state === "delivered" && it.attempts.length > 1);
      }, "the one that is sent again");
      assert.ok(again.attempts.every(({ status }) => status === 204));
      assert.deepEqual([...program.kept().keys()].toSorted(), first.toSorted(), "each once");
      assert.equal(JSON.parse(program.kept().get(first[1])).data.entry.position, 2);

      const good = signed(secret);
      const [headers, body] = signed(secret, { id: "forged_1" });
      const refused = {
        "another body": [headers, `${body} `],
        "another id": [{ ...headers, "webhook-id": "forged_2" }, body],
        "an old one": signed(secret, { id: "forged_3", age: 600 }),
        "one to come": signed(secret, { id: "forged_4", age: -600 }),
        "another's secret": signed(`whsec_${Buffer.alloc(32, 7).toString("base64")}`, { id: "forged_5" }),
        "no signature": [{ "webhook-id": "forged_6" }, body],
        "half a signature": [{ ...headers, "webhook-signature": "v1," }, body],
        "a signature of another kind": [{ ...headers, "webhook-signature": headers["webhook-signature"].replace("v1", "v2") }, body],
        "no words": [{ ...headers, "webhook-signature": "!" }, body],
      };
      for (const [what, message] of Object.entries(refused)) assert.equal((await running.post(...message)).status, 401, what);
      for (const _ of [1, 2]) assert.equal((await running.post(...good)).status, 204);
      const kept = [...program.kept()];
      assert.equal(kept.filter(([id]) => id.startsWith("forged")).length, 0);
      assert.equal(program.kept().get(good[0]["webhook-id"]), good[1]);

      // While two secrets are valid, who knows either takes what comes.
      const rotated = await write("PATCH", `/${subscription_id}`, { secret: "rotate" });
      assert.notEqual(rotated.secret, secret);
      await has(await happens(), "what happened after the rotation, by the secret before");
      await running.stop();
      running = await started(program, port, rotated.secret);
      await has(await happens(), "what happened after the rotation, by the new secret");
      assert.equal((await running.post(...signed(secret))).status, 401);
    } finally {
      await running.stop();
      await write("DELETE", `/${subscription_id}`);
    }
  });
}
