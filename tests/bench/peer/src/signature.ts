// `canopy-signature: t=<unix seconds>,s=<hex>`, s = HMAC-SHA256(secret, t + "." + raw body).
import type { Env } from "./env";
import { Problem } from "./problem";

const MAX_HEADER_LENGTH = 1024;
const MAX_SIGNATURES = 8;
const DEFAULT_TOLERANCE_SECONDS = 300;
const encoder = new TextEncoder();

// Imported once an isolate: the secrets do not change while it lives.
let keys: Promise<CryptoKey[]> | undefined;

/** Throws a Problem unless one of the secrets signed `body` within the tolerance. */
export async function verify(env: Env, header: string | undefined, body: ArrayBuffer): Promise<void> {
  if (header === undefined) throw new Problem("SIGNATURE_MISSING", "expected a canopy-signature header");
  const { timestamp, signatures } = parse(header);
  const tolerance = Number(env.WEBHOOK_TOLERANCE_SECONDS ?? DEFAULT_TOLERANCE_SECONDS);
  const distance = Math.abs(Number(timestamp) - Math.floor(Date.now() / 1000));
  if (distance > tolerance) {
    const detail = `expected a timestamp within ${tolerance} s of now, found one ${distance} s away`;
    throw new Problem("SIGNATURE_EXPIRED", detail);
  }
  const prefix = encoder.encode(`${timestamp}.`);
  const message = new Uint8Array(prefix.length + body.byteLength);
  message.set(prefix);
  message.set(new Uint8Array(body), prefix.length);
  keys ??= importKeys(env.CANOPY_WEBHOOK_SIGNING_SECRET);
  for (const key of await keys) {
    for (const signature of signatures) {
      // Compares in constant time.
      if (await crypto.subtle.verify("HMAC", key, signature, message)) return;
    }
  }
  throw new Problem("SIGNATURE_MISMATCH", "expected a signature by one of the configured signing secrets");
}

function importKeys(secrets: string): Promise<CryptoKey[]> {
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const named = secrets.split(",").map((secret) => secret.trim());
  const given = named.filter((secret) => secret !== "");
  return Promise.all(
    given.map((secret) => crypto.subtle.importKey("raw", encoder.encode(secret), algorithm, false, ["verify"])),
  );
}

function parse(header: string): { timestamp: string; signatures: Uint8Array[] } {
  const malformed = new Problem("SIGNATURE_MALFORMED", "expected t=<unix seconds>,s=<64 hex digits>");
  if (header.length > MAX_HEADER_LENGTH) throw malformed;
  const timestamps: string[] = [];
  const signatures: Uint8Array[] = [];
  for (const element of header.split(",")) {
    const at = element.indexOf("=");
    const name = element.slice(0, at).trim();
    const value = element.slice(at + 1).trim();
    if (name === "t") timestamps.push(value);
    if (name === "s" && /^[0-9a-f]{64}$/i.test(value)) signatures.push(fromHex(value));
  }
  const [timestamp, ...others] = timestamps;
  if (timestamp === undefined || others.length > 0 || !/^\d{1,15}$/.test(timestamp)) throw malformed;
  if (signatures.length === 0 || signatures.length > MAX_SIGNATURES) throw malformed;
  return { timestamp, signatures };
}

function fromHex(hex: string): Uint8Array {
  const bytes = new Uint8Array(hex.length / 2);
  for (let at = 0; at < bytes.length; at += 1) bytes[at] = parseInt(hex.slice(at * 2, at * 2 + 2), 16);
  return bytes;
}
