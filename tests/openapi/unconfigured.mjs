// An edge without its configuration: every operation of docs/openapi.json says so.
import assert from "node:assert/strict";
import { test } from "node:test";
import { operations } from "../edge-contract.mjs";
import { ask, NAMES, TEAM, unconfigured } from "./driver.mjs";

test("an edge without its configuration says so, whatever is asked", async () => {
  await ask("get-health", 200);
  const { errors } = await ask("get-health", 503, { at: unconfigured });
  assert.deepEqual(errors.map((error) => error.variable).toSorted(), ["CANOPY_TEAM_ID", "EDGE_API_TOKENS"]);
  const path = { session_id: "s", servicing_action_id: "a", pull_id: "p", account_identifier: "a", schedule_id: "A.1", subscription_id: "s", invitation_id: "i", document_id: "d", version: "1", group: "g", instance: "i", run: "p-p-1", token: "t", ...TEAM, ...NAMES };
  for (const id of operations.keys()) {
    if (id === "get-health") continue;
    const { detail } = await ask(id, 503, { at: unconfigured, path, code: "NOT_CONFIGURED" });
    assert.match(detail, /CANOPY_TEAM_ID: .*; EDGE_API_TOKENS: /);
  }
});
