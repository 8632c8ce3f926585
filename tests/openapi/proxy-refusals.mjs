// What the proxy refuses, and how, for every operation of docs/openapi.json that it has.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { CONSENT } from "../edge-client.mjs";
import { operations } from "../edge-contract.mjs";
import { LOCAL } from "../harness.mjs";
import { alone, ask, beside, canopy, everything, exhausted, limited, MIB, NAMES, scopeOf, SCOPES, TEAM, tokenWith } from "./driver.mjs";

/** A pull's token as the edge gives it: of the stand-in's pull p, unless it came from elsewhere. */
let pullToken;

/** The least that begins a pull. */
const BEGINNING = { device_identifier: "d", terms_version: 1, consent_language: CONSENT.consent_language, public_alias: LOCAL.publicAlias, insurerName: "statefarm", insurerUsername: "token" };

/** A form as it is sent: in one piece, so that who answers before all of it has come breaks nothing off. */
const FORM = { media: "multipart/form-data; boundary=b", body: '--b\r\ncontent-disposition: form-data; name="logo"; filename="a.png"\r\ncontent-type: image/png\r\n\r\npng\r\n--b--\r\n' };

/** What an operation of the proxy's is asked with, where nothing is wrong but what a test makes so. */
function proxied(id) {
  const { method, requestBody, security } = operations.get(id);
  const isForm = /consentAndDocuments|logo|icon/.test(requestBody?.$ref);
  const headers = { ...everything, ...("pullToken" in security[0] && { "pull-jwt": pullToken }), ...(isForm && { "content-type": FORM.media }) };
  return { path: { ...TEAM, ...NAMES }, headers, body: method === "GET" ? undefined : isForm ? FORM.body : "{}", isForm };
}

test("the proxy refuses as the document says", async () => {
  canopy.set("/consentAndConnect", () => ({ body: { pull_id: "p", pull_jwt: "eyJ" } }));
  ({ pull_jwt: pullToken } = await ask("canopy-post-consent-and-connect", 200, { at: beside, headers: everything, json: BEGINNING }));
  for (const [id, operation] of operations) {
    if (!id.startsWith("canopy-")) continue;
    const right = proxied(id);
    const refused = (status, code, more) => ask(id, status, { ...right, code, ...more });
    const isOnce = "422" in operation.responses;
    await refused(401, "pullToken" in operation.security[0] ? "PULL_TOKEN_INVALID" : "UNAUTHORIZED", { headers: {} });
    await refused(403, "SCOPE_MISSING", { headers: { ...right.headers, ...tokenWith(SCOPES.find((scope) => scope !== scopeOf(id))) } });
    if (operation.path.includes("{teamId}")) await refused(403, "TEAM_NOT_ALLOWED", { path: { ...right.path, teamId: randomUUID() } });
    const [, last] = operation.path.match(/\{(\w+)\}[^{]*$/) ?? [];
    if (last) await refused(404, "NOT_FOUND", { path: { ...right.path, [last]: "a.b" } });
    await refused(400, "INPUT_INVALID", { query: `?${"x".repeat(4097)}` });
    if (isOnce) await refused(400, "INPUT_INVALID", { headers: { ...right.headers, "idempotency-key": " " } });
    await refused(429, "TOO_MANY_REQUESTS", { at: limited, headers: {}, ...(await exhausted()) });
    await (isOnce ? refused(409, "OUTCOME_UNKNOWN", { at: alone }) : refused(502, "CANOPY_FAILED", { at: alone }));
    if (isOnce) {
      const headers = { ...right.headers, "idempotency-key": `${id}-1` };
      await refused(409, "OUTCOME_UNKNOWN", { at: alone, headers });
      await refused(422, "IDEMPOTENCY_KEY_REUSED", { at: alone, headers, query: "?other" });
    }
    if (right.body) {
      await refused(413, "BODY_TOO_LARGE", { body: undefined, declares: (right.isForm ? 50 * MIB : MIB) + 1 });
      await refused(415, "ENCODING_NOT_SUPPORTED", { headers: { ...right.headers, "content-encoding": "gzip" } });
    }
  }
});

test("Canopy's refusal of the edge's own credentials is the operator's to mend", async () => {
  canopy.clear();
  for (const id of [...operations.keys()].filter((id) => id.startsWith("canopy-"))) {
    const { path } = operations.get(id);
    const end = path.replace("/canopy/api/v1.0.0", "").replace(/\{(\w+)\}/g, (_, name) => (name === "teamId" ? LOCAL.teamId : NAMES[name]));
    canopy.set(end, () => ({ status: 401, body: { error: "UNAUTHORIZED" } }));
    const right = proxied(id);
    // The pull's token is the consumer's: that it is refused is for the client to know.
    if ("pullToken" in operations.get(id).security[0]) assert.deepEqual(await ask(id, 401, { at: beside, ...right }), { error: "UNAUTHORIZED" });
    else await ask(id, 502, { at: beside, ...right, code: "CANOPY_FAILED" });
    canopy.delete(end);
  }
});
