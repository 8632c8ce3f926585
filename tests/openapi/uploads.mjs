// Documents in a login's place, as docs/openapi.json says.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { CONSENT, openPage } from "../edge-client.mjs";
import { alone, ask, beside, canopy, edge, limited, speaksFor } from "./driver.mjs";

const ID = "send-documents";
const PDF = new File(["%PDF-1.7\n"], "a.pdf");

function form({ file = PDF, fields = CONSENT } = {}) {
  const made = new FormData();
  for (const [name, value] of Object.entries(fields)) made.append(name, String(value));
  made.append("documents", file);
  return made;
}

/** What speaks for a session that is new. */
const fresh = async (at = edge) => speaksFor(await openPage(at), at);

test("documents are taken as the document says", async () => {
  const speaks = await fresh();
  const taken = await ask(ID, 200, { ...speaks, body: form({ fields: { ...CONSENT, company: "Sea & Sons", carrier_id: "statefarm" } }) });
  assert.deepEqual([taken.phase, taken.uploaded], ["connected", true]);
  await ask(ID, 409, { ...speaks, body: form(), code: "STATE_CONFLICT" });
  assert.equal((await ask("read-session", 200, speaks)).uploads, true);
  const off = await fresh(alone);
  assert.equal((await ask("read-session", 200, off)).uploads, false);
  await ask(ID, 403, { ...off, body: form(), code: "UPLOADS_OFF" });
});

test("documents are refused as the document says", async () => {
  const speaks = await fresh();
  await ask(ID, 400, { ...speaks, body: "{}", code: "BODY_MALFORMED" });
  await ask(ID, 400, { ...speaks, body: form({ fields: { ...CONSENT, device_identifier: "another" } }), code: "INPUT_INVALID" });
  await ask(ID, 413, { ...speaks, body: form({ file: new File(["%PDF-", Buffer.alloc(10_000_000)], "a.pdf") }), code: "FILE_TOO_LARGE" });
  await ask(ID, 413, { ...speaks, declares: 26_000_000, code: "BODY_TOO_LARGE" });
  await ask(ID, 415, { ...speaks, headers: { ...speaks.headers, "content-encoding": "gzip" }, body: form(), code: "ENCODING_NOT_SUPPORTED" });
  await ask(ID, 422, { ...speaks, body: form({ file: new File(["GIF89a"], "a.pdf") }), code: "FILE_TYPE_UNSUPPORTED" });
  await ask(ID, 401, { path: speaks.path, headers: { origin: edge.url }, body: form(), code: "UNAUTHORIZED" });
  await ask(ID, 403, { ...speaks, headers: { ...speaks.headers, origin: "https://elsewhere.example" }, body: form(), code: "ORIGIN_NOT_ALLOWED" });
  await ask("end-session", 204, speaks);
  await ask(ID, 404, { ...speaks, body: form(), code: "NOT_FOUND" });
  const asks = { ...(await fresh(limited)), body: "{}" };
  const from = { ...asks, headers: { ...asks.headers, "cf-connecting-ip": "192.0.2.9" } };
  await ask(ID, 400, { ...from, code: "BODY_MALFORMED" });
  await ask(ID, 429, { ...from, code: "TOO_MANY_REQUESTS" });
});

test("what Canopy says of documents is told as the document says", async () => {
  const path = "/consentAndDocuments";
  const speaks = await fresh(beside);
  for (const [status, error, ours, code] of [
    [400, "DOCUMENT_UPLOAD_DISABLED", 422, "DOCUMENT_UPLOAD_DISABLED"],
    [400, "COULD_NOT_CREATE", 422, "CANOPY_REFUSED"],
    [429, "BUSY", 429, "TOO_MANY_REQUESTS"],
    [401, "UNAUTHORIZED", 502, "CANOPY_FAILED"],
  ]) {
    canopy.set(path, () => ({ status, body: { error } }));
    await ask(ID, ours, { ...speaks, body: form(), code });
  }
  canopy.set(path, () => ({ body: { pull_id: randomUUID() } }));
  await ask(ID, 200, { ...speaks, body: form() });
  canopy.set(path, () => ({ status: 500 }));
  const lost = await fresh(beside);
  await ask(ID, 504, { ...lost, body: form(), code: "CANOPY_TIMED_OUT" });
  await ask(ID, 409, { ...lost, body: form(), code: "CONNECT_OUTCOME_UNKNOWN" });
});
