// Canopy's webhook, in each answer that docs/openapi.json lists for it.
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { signature, webhook } from "../edge-client.mjs";
import { ask, MIB } from "./driver.mjs";

test("a webhook is answered as the document says", async () => {
  const body = webhook(randomUUID(), "AUTH_STATUS", { status: "QUEUED" });
  const post = (status, code, header, text = body) => ask("receive-webhook", status, { code, body: text, headers: header ? { "canopy-signature": header } : {} });
  await post(200, undefined, signature(body));
  await post(401, "SIGNATURE_MISSING");
  await post(401, "SIGNATURE_MALFORMED", "s=");
  await post(401, "SIGNATURE_EXPIRED", signature(body, { age: 4000 }));
  await post(401, "SIGNATURE_MISMATCH", signature(body, { secret: "another" }));
  await post(400, "BODY_MALFORMED", signature("{}"), "{}");
  await post(413, "BODY_TOO_LARGE", signature(body), "x".repeat(MIB + 1));
  await ask("receive-webhook", 415, { body, headers: { "canopy-signature": signature(body), "content-encoding": "gzip" }, code: "ENCODING_NOT_SUPPORTED" });
});
