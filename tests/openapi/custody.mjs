// The keys that seal what is stored, and their rotation, in each answer that docs/openapi.json lists.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { signature, until, webhook } from "../edge-client.mjs";
import { ask, beside, deployed, edge, everything, office, refusesStrangers } from "./driver.mjs";

test("keys and their rotation are as the document says", async () => {
  const body = webhook(randomUUID(), "CLAIMS_AVAILABLE");
  for (const at of [edge, beside]) await ask("receive-webhook", 200, { at, body, headers: { "canopy-signature": signature(body) } });
  const plain = await until(async () => { const keys = await ask("read-keys", 200, { headers: office }); return keys.in_the_clear > 0 && keys; }, "a pull in the clear");
  assert.deepEqual([plain.keys, plain.sessions_until, plain.rotation.state], [[], null, "idle"]);
  await ask("rotate-keys", 409, { headers: everything, code: "STATE_CONFLICT" });
  await ask("rotate-keys", 202, { at: beside, headers: everything });
  const { rotation, keys } = await until(async () => { const keys = await ask("read-keys", 200, { at: beside, headers: office }); return keys.rotation.state === "done" && keys; }, "the rotation's end");
  assert.deepEqual([rotation.kind, rotation.failed, keys[0].key_id], ["rekey", 0, "k1"]);
  for (const id of ["read-keys", "rotate-keys"]) await refusesStrangers(id, {});
});

test("health warns as the document says", async () => {
  const { warnings } = await ask("get-health", 200, { at: deployed });
  assert.deepEqual(warnings.map(({ code }) => code), ["NOT_SEALED"]);
});
