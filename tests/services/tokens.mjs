// What gives tokens of an hour for a secret: OAuth 2.0, and the JSON Web Tokens that it is asked with.
import { constants, generateKeyPairSync, randomUUID, verify } from "node:crypto";

const decoded = (part) => JSON.parse(Buffer.from(part, "base64url").toString());

/** A key pair for tests alone; its private half is what a secret of kind `jwt` is. */
export function keyPair(modulusLength = 2048) {
  const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength });
  return { publicKey, secret: privateKey.export({ type: "pkcs8", format: "der" }).toString("base64") };
}

/**
 * What is wrong with a JSON Web Token, or null. Source: RFC 7519, section 4.1, and RFC 7523, section 3.
 * @param {{ algorithm: "RS256" | "PS256", publicKey: import("node:crypto").KeyObject, header: object, claims: object, most: number }} expected `most` seconds from
 * `iat` to `exp`
 */
export function jwtFault(token, { algorithm, publicKey, header = {}, claims, most }) {
  const parts = String(token).split(".");
  let given;
  try {
    given = [decoded(parts[0]), decoded(parts[1])];
  } catch {
    return "Invalid JWT: Token must be in three parts.";
  }
  const [head, body] = given;
  if (head.alg !== algorithm || head.typ !== "JWT") return "Invalid JWT Header.";
  const key = algorithm === "PS256" ? { key: publicKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 } : publicKey;
  if (!verify("sha256", Buffer.from(`${parts[0]}.${parts[1]}`), key, Buffer.from(parts[2] ?? "", "base64url"))) return "Invalid JWT Signature.";
  for (const [name, value] of Object.entries(header)) if (head[name] !== value) return `Invalid JWT Header: ${name}.`;
  for (const [name, value] of Object.entries(claims)) if (![body[name]].flat().includes(value)) return `Invalid JWT: ${name}.`;
  const now = Date.now() / 1000;
  const isTimely = Number.isInteger(body.iat) && Number.isInteger(body.exp) && body.iat <= now + 60 && body.exp > now && body.exp - body.iat <= most;
  return isTimely ? null : "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check your iat and exp values in the JWT claim.";
}

/** Tokens that were given. */
export function tokens() {
  const known = new Set();
  return {
    give() {
      const token = `token-${randomUUID()}`;
      known.add(token);
      return token;
    },
    has: (token) => known.has(token),
    /** None is known from here on, as after an hour. */
    forget: () => known.clear(),
  };
}
