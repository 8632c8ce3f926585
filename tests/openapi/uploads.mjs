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

/** The same as it is sent in one piece: who answers before all of it has come breaks nothing off. */
async function whole(given) {
  const { headers, body } = new Response(form(given));
  return { media: { "content-type": headers.get("content-type") }, body: Buffer.from(await new Response(body).arrayBuffer()) };
}

/** What speaks for a session that is new. */
const fresh = async (at = edge) => speaksFor(await openPage(at), at);

test("documents are taken as the document says", async () => {
  const speaks = await fresh();
  const taken = await ask(ID, 200, { ...speaks, body: form({ fields: { ...CONSENT, company: "Sea & Sons", carrier_id: "statefarm" } }) });
  assert.deepEqual([taken.phase, taken.uploaded], ["connected", true]);
  const again = await whole();
  const once = { headers: { ...speaks.headers, ...again.media }, body: again.body };
  await ask(ID, 409, { ...speaks, ...once, code: "STATE_CONFLICT" });
  assert.equal((await ask("read-session", 200, speaks)).uploads, true);
  const off = await fresh(alone);
  assert.equal((await ask("read-session", 200, off)).uploads, false);
  await ask(ID, 403, { ...off, headers: { ...off.headers, ...again.media }, body: again.body, code: "UPLOADS_OFF" });
});

test("documents are refused as the document says", async () => {
  const speaks = await fresh();
  const refused = async (status, code, { headers = speaks.headers, ...given } = {}) => {
    const { media, body } = await whole(given);
    await ask(ID, status, { ...speaks, headers: { ...headers, ...media }, body, code });
  };
  await ask(ID, 400, { ...speaks, body: "{}", code: "BODY_MALFORMED" });
  await refused(400, "INPUT_INVALID", { fields: { ...CONSENT, device_identifier: "another" } });
  await refused(413, "FILE_TOO_LARGE", { file: new File(["%PDF-", Buffer.alloc(10_000_000)], "a.pdf") });
  await ask(ID, 413, { ...speaks, declares: 26_000_000, code: "BODY_TOO_LARGE" });
  await refused(415, "ENCODING_NOT_SUPPORTED", { headers: { ...speaks.headers, "content-encoding": "gzip" } });
  await refused(422, "FILE_TYPE_UNSUPPORTED", { file: new File(["GIF89a"], "a.pdf") });
  await refused(401, "UNAUTHORIZED", { headers: { origin: edge.url } });
  await refused(403, "ORIGIN_NOT_ALLOWED", { headers: { ...speaks.headers, origin: "https://elsewhere.example" } });
  await ask("end-session", 204, speaks);
  await refused(404, "NOT_FOUND");
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
  const { media, body } = await whole();
  await ask(ID, 409, { ...lost, headers: { ...lost.headers, ...media }, body, code: "CONNECT_OUTCOME_UNKNOWN" });
});
