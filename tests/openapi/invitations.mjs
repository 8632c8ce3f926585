// Personal links, and how far visitors come, in each answer that docs/openapi.json lists.
import assert from "node:assert/strict";
import { test } from "node:test";
import { until } from "../edge-client.mjs";
import { operations } from "../edge-contract.mjs";
import { ask, beside, edge, everything as headers, limited, office, refusesStrangers, tokenWith } from "./driver.mjs";

const { example } = operations.get("create-invitation").requestBody.content["application/json"];
const tokenOf = ({ url }) => ({ token: url.split("/").at(-1) });
const invite = (json = example) => ask("create-invitation", 201, { headers, json });
const origin = () => ({ origin: edge.url });

test("invitations are kept, opened and taken back as the document says", async () => {
  const nothing = { metadata: null, agency: null, mode: null, expires_at: null, lang: null };
  const made = [await invite(), await invite({}), await invite(nothing), await invite({ mode: "hosted", agency: "Maple & Main", expires_at: new Date(Date.now() + 60_000).toISOString() })];
  const { cursor } = await ask("list-invitations", 200, { headers: office, query: "?limit=1&status=unopened" });
  await ask("list-invitations", 200, { headers: office, query: `?limit=1&cursor=${cursor}` });
  const path = { invitation_id: made[0].invitation_id };
  assert.deepEqual(await ask("read-invitation", 200, { path, headers: office }), made[0]);
  await ask("read-invitation-page", 200, { path: tokenOf(made[0]) });
  await ask("open-invitation", 204, { path: tokenOf(made[0]) });
  for (const invitation of made) await ask("open-session", 201, { headers: origin(), json: { invitation: tokenOf(invitation).token } });
  assert.equal((await ask("read-invitation", 200, { path, headers: office })).opened_count, 1);
  await ask("revoke-invitation", 204, { path, headers });
  await ask("revoke-invitation", 204, { path, headers });
  await ask("revoke-invitation", 204, { path: { invitation_id: made[1].invitation_id }, headers, query: "?erase=true" });
  await ask("read-invitation", 200, { path: { invitation_id: made[1].invitation_id }, headers: office });
  await ask("read-invitation-page", 410, { path: tokenOf(made[0]) });
  await ask("open-invitation", 410, { path: tokenOf(made[0]), code: "INVITATION_REVOKED" });
  await ask("open-session", 410, { headers: origin(), json: { invitation: tokenOf(made[0]).token }, code: "INVITATION_REVOKED" });
  const short = await invite({ expires_at: new Date(Date.now() + 1_200).toISOString() });
  await until(async () => (await fetch(short.url)).status === 410, "the end of its time");
  await ask("open-invitation", 410, { path: tokenOf(short), code: "INVITATION_EXPIRED" });
  await ask("open-session", 410, { headers: origin(), json: { invitation: tokenOf(short).token }, code: "INVITATION_EXPIRED" });
});

test("invitations are refused as the document says", async () => {
  const path = { invitation_id: "none" };
  for (const id of ["list-invitations", "create-invitation", "read-invitation", "revoke-invitation"]) await refusesStrangers(id, { path, json: example });
  for (const query of ["?limit=0", "?cursor=x", "?status=lost", "?since=1"]) await ask("list-invitations", 400, { query, headers: office, code: "INPUT_INVALID" });
  for (const id of ["read-invitation", "revoke-invitation"]) {
    await ask(id, 404, { path, headers, code: "NOT_FOUND" });
    await ask(id, 400, { path: { invitation_id: "a.b" }, headers, code: "INPUT_INVALID" });
  }
  await ask("revoke-invitation", 400, { path, headers, query: "?erase=1", code: "INPUT_INVALID" });
  await ask("revoke-invitation", 403, { path, headers: tokenWith("write"), query: "?erase=true", code: "SCOPE_MISSING" });
  const refused = (status, code, more) => ask("create-invitation", status, { headers, code, ...more });
  for (const body of ["", "{", "[]"]) await refused(400, "BODY_MALFORMED", { body });
  for (const json of [{ metadata: 7 }, { metadata: { edge_session: "s" } }, { metadata: { "x][edge_session": "s" } }, { mode: "both" }, { lang: "" }, { agency: 7 }, { expires_at: "soon" }, { more: 1 }]) await refused(400, "INPUT_INVALID", { json });
  await refused(413, "BODY_TOO_LARGE", { body: "x".repeat(16 * 1024 + 1) });
  await refused(415, "ENCODING_NOT_SUPPORTED", { json: example, headers: { ...headers, "content-encoding": "gzip" } });
  await ask("read-invitation-page", 404, { path: { token: "x" } });
  await ask("open-invitation", 404, { path: { token: "x" }, code: "INVITATION_INVALID" });
  await ask("open-session", 404, { headers: origin(), json: { invitation: "x" }, code: "INVITATION_INVALID" });
});

test("an address that opens too many is refused with the time to wait", async () => {
  const from = { "cf-connecting-ip": "192.0.2.9" };
  const open = async () => (await fetch(`${edge.url}/i/x`, { method: "POST", headers: from })).status;
  await until(async () => (await Promise.all(Array.from({ length: 100 }, open))).includes(429), "a refusal");
  await ask("open-invitation", 429, { path: { token: "x" }, headers: from, code: "TOO_MANY_REQUESTS" });
});

test("the funnel is counted and read as the document says", async () => {
  const report = operations.get("report-funnel").requestBody.content["application/json"].example;
  const count = (status, more) => ask("report-funnel", status, { headers: origin(), json: report, ...more });
  await count(204);
  await count(204, { json: { ...report, link: "spring" } });
  const { cursor } = await ask("read-funnel", 200, { headers: office, query: "?limit=1" });
  await ask("read-funnel", 200, { headers: office, query: `?limit=1&cursor=${cursor}&from=2026-01-01&link=spring` });
  await count(400, { json: { ...report, link: "A" }, code: "INPUT_INVALID" });
  await count(400, { json: { ...report, more: 1 }, code: "BODY_MALFORMED" });
  await count(403, { headers: { origin: "https://elsewhere.example" }, code: "ORIGIN_NOT_ALLOWED" });
  await count(413, { json: undefined, body: "x".repeat(2 * 1024 + 1), code: "BODY_TOO_LARGE" });
  await count(415, { headers: { ...origin(), "content-encoding": "br" }, code: "ENCODING_NOT_SUPPORTED" });
  const from = { at: limited, headers: { origin: limited.url, "cf-connecting-ip": "192.0.2.10" } };
  await count(204, from);
  await count(429, { ...from, code: "TOO_MANY_REQUESTS" });
  await count(404, { at: beside, headers: { origin: beside.url }, code: "FUNNEL_OFF" });
  await ask("read-funnel", 404, { at: beside, headers: office, code: "FUNNEL_OFF" });
  await refusesStrangers("read-funnel");
  for (const query of ["?limit=0", "?from=yesterday", "?to=1", "?link=A", "?cursor=x", "?day=1"]) await ask("read-funnel", 400, { query, headers: office, code: "INPUT_INVALID" });
});
