// Deleting pulls, in each answer that docs/openapi.json lists.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { signature, until, webhook } from "../edge-client.mjs";
import { alone, ask, completePull, everything as headers, office, refusesStrangers } from "./driver.mjs";

/** A pull of this metadata that is in the list. */
async function listed(meta_data, account_identifier) {
  const pull_id = randomUUID();
  const body = webhook(pull_id, "NEW", { meta_data, account_identifier });
  await ask("receive-webhook", 200, { at: alone, body, headers: { "canopy-signature": signature(body) } });
  await until(async () => (await ask("list-pulls", 200, { at: alone, headers: office })).pulls.some((pull) => pull.pull_id === pull_id), "the list");
  return pull_id;
}

test("pulls are deleted as the document says", async () => {
  const { pull_id } = await completePull();
  const path = { pull_id };
  const deleted = await ask("delete-pull", 200, { path, headers });
  assert.equal(deleted.complete, true);
  assert.deepEqual(await ask("delete-pull", 200, { path, headers }), deleted);
  await ask("read-pull", 404, { path, headers: office, code: "NOT_FOUND" });
  const account = `account-${randomUUID()}`;
  const ids = [await listed({ lead: account }, account), await listed({ lead: account }, account)];
  const query = `?metadata.lead=${account}`;
  const both = await ask("delete-pulls", 200, { at: alone, query, headers });
  assert.deepEqual([both.pull_ids.sort(), both.more, both.complete], [ids.sort(), false, true]);
  assert.deepEqual((await ask("delete-pulls", 200, { at: alone, query, headers })).pull_ids, []);
  const third = await listed({}, account);
  const ofAccount = { at: alone, path: { account_identifier: account }, headers };
  assert.deepEqual((await ask("delete-account", 200, ofAccount)).pull_ids, [third]);
  await ask("delete-account", 404, { ...ofAccount, code: "NOT_FOUND" });
});

test("deleting pulls is refused as the document says", async () => {
  await refusesStrangers("delete-account", { path: { account_identifier: "a" } });
  await refusesStrangers("delete-pulls");
  await refusesStrangers("delete-pull", { path: { pull_id: randomUUID() } });
  await ask("delete-account", 400, { path: { account_identifier: "%20" }, headers, code: "INPUT_INVALID" });
  for (const query of ["", "?status=SUCCESS", "?metadata.=1", "?metadata.lead=1&email=a@b.example"]) await ask("delete-pulls", 400, { query, headers, code: "INPUT_INVALID" });
});
