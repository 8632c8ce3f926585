// docs/openapi.json and the real edge: every operation is driven into every answer it lists, and each is held against the document.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { document, listedCodes, operations, statusesOf } from "../edge-contract.mjs";
import { answered } from "../openapi/driver.mjs";
// Each registers its tests: they run in this order, and the two below when all is asked.
import "../openapi/webhook.mjs";
import "../openapi/unconfigured.mjs";
import "../openapi/sessions.mjs";
import "../openapi/flow.mjs";
import "../openapi/uploads.mjs";
import "../openapi/back-office.mjs";
import "../openapi/deletion.mjs";
import "../openapi/custody.mjs";
import "../openapi/history.mjs";
import "../openapi/downstream.mjs";
import "../openapi/workflows.mjs";
import "../openapi/invitations.mjs";
import "../openapi/proxy.mjs";
import "../openapi/proxy-refusals.mjs";
import "../openapi/manners.mjs";

/** Listed, and not for a test to bring about: our own faults, and half a minute without a body or an answer from Canopy: see edge-scopes.test.mjs. */
const NOT_DRIVEN = (id, status) => status === 500 || status === 408 || (status === 504 && id.startsWith("canopy-"));

test("the document lists every code of the edge with its status, and no other", () => {
  const source = readFileSync(new URL("../../crates/canopy/src/problem.rs", import.meta.url), "utf8");
  const codes = Object.fromEntries([...source.matchAll(/\((\d{3}), "([A-Z_]+)", "/g)].map(([, status, code]) => [code, Number(status)]));
  const declared = /ALL: \[Self; (\d+)\]/.exec(source)[1];
  assert.equal(Object.keys(codes).length, Number(declared), "the codes of problem.rs were read");
  assert.deepEqual(Object.fromEntries([...listedCodes()].toSorted()), Object.fromEntries(Object.entries(codes).toSorted()));
  const { code, error, status } = document.components.schemas.Problem.properties;
  for (const listed of [code.enum, error.enum]) assert.deepEqual(listed.toSorted(), Object.keys(codes).toSorted());
  assert.deepEqual(status.enum.toSorted(), [...new Set(Object.values(codes))].toSorted());
});

test("every operation gave every answer that it lists", () => {
  const missing = [];
  for (const id of operations.keys()) {
    const seen = answered.get(id) ?? new Set();
    if (![...seen].some((status) => status < 400)) missing.push(`${id}: no success`);
    missing.push(...statusesOf(id).filter((status) => !seen.has(status) && !NOT_DRIVEN(id, status)).map((status) => `${id}: ${status}`));
  }
  assert.deepEqual(missing, []);
});
