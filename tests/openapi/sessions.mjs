// A session opens, and how much a session or an address may ask, as docs/openapi.json says.
import assert from "node:assert/strict";
import { test } from "node:test";
import { CONSENT, openPage, until, webhook } from "../edge-client.mjs";
import { requestErrors } from "../edge-contract.mjs";
import { alone, ask, ASKS, beside, canopy, connectedBeside, edge, limited, speaksFor } from "./driver.mjs";

test("a session is opened as the document says", async () => {
  const origin = { origin: edge.url };
  await ask("open-session", 201, { headers: origin });
  for (const mode of [null, "hosted", "components"]) {
    await ask("open-session", 201, { headers: origin, json: { mode, metadata: { lead_id: "L-1" } } });
  }
  for (const [body, code] of [["[]", "BODY_MALFORMED"], ['{"metadata":7}', "INPUT_INVALID"], ['{"metadata":{"edge_session":"s"}}', "INPUT_INVALID"], ['{"metadata":{"x][edge_session":"s"}}', "INPUT_INVALID"], ['{"mode":"both"}', "INPUT_INVALID"]]) {
    assert.notDeepEqual(requestErrors("open-session", JSON.parse(body)), []);
    await ask("open-session", 400, { headers: origin, body, code });
  }
  await ask("open-session", 403, { code: "ORIGIN_NOT_ALLOWED" });
  await ask("open-session", 413, { headers: origin, body: "x".repeat(32 * 1024 + 1), code: "BODY_TOO_LARGE" });
  await ask("open-session", 415, { headers: { ...origin, "content-encoding": "br" }, body: "{}", code: "ENCODING_NOT_SUPPORTED" });
});

test("too many sessions from one address are refused with the time to wait", async () => {
  const init = { method: "POST", headers: { origin: edge.url, "cf-connecting-ip": "192.0.2.7" }, body: "[]" };
  const open = async () => {
    const response = await fetch(`${edge.url}/connect/sessions`, init);
    await response.arrayBuffer();
    return response.status;
  };
  await until(async () => (await Promise.all(Array.from({ length: 100 }, open))).includes(429), "a refusal");
  await ask("open-session", 429, { headers: init.headers, body: init.body, code: "TOO_MANY_REQUESTS" });
});

test("what costs a call to Canopy is refused to an address that has asked too much", async () => {
  const from = (address, by = {}) => ({ ...by, at: limited, headers: { ...by.headers, "cf-connecting-ip": address }, code: undefined });
  const refused = (address, by) => ({ ...from(address, by), code: "TOO_MANY_REQUESTS" });
  const { tell, speaks, pull_id, meta_data } = await connectedBeside(limited);
  await tell(webhook(pull_id, "SERVICING_WAITING_FOR_CONSUMER_CONFIRMATION", { meta_data, data: { servicing_action_id: "action" } }));
  await ask("give-consent", 400, { ...from("192.0.2.1", speaks), body: "{}" });
  for (const [id, json] of Object.entries(ASKS)) await ask(id, 429, { ...refused("192.0.2.1", speaks), json });
  for (const id of ["get-carriers", "get-terms"]) await ask(id, 429, refused("192.0.2.1"));
  const action = { ...speaks, path: { ...speaks.path, servicing_action_id: "action" } };
  await ask("read-servicing-action", 429, refused("192.0.2.1", action));
  await ask("give-consent", 400, { ...from("2001:db8:1:2::3", speaks), body: "{}" });
  await ask("give-consent", 429, { ...refused("2001:db8:1:2:ffff::4", speaks), json: CONSENT });
});

test("a session that has asked too much is refused", async () => {
  const speaks = speaksFor(await openPage(beside), beside);
  canopy.set("/consent", () => ({ body: { consent_token: "token" } }));
  for (let count = 0; count < 12; count += 1) await ask("give-consent", 200, { ...speaks, json: CONSENT });
  await ask("give-consent", 429, { ...speaks, json: CONSENT, code: "TOO_MANY_REQUESTS" });
});

test("carriers and terms come as Canopy's document says, and 502 without Canopy", async () => {
  for (const id of ["get-carriers", "get-terms"]) {
    await ask(id, 200);
    await ask(id, 200, { headers: { origin: edge.url } });
    await ask(id, 403, { headers: { origin: "https://elsewhere.example" }, code: "ORIGIN_NOT_ALLOWED" });
    await ask(id, 502, { at: alone, code: "CANOPY_FAILED" });
  }
});
