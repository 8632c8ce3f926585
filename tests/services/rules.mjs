// What the services' rules are written with: shapes of bodies, addresses, who one is.
import { randomUUID } from "node:crypto";
import Ajv from "ajv";

const ajv = new Ajv({ allErrors: true, allowUnionTypes: true });

export const ADDRESS = "^[^\\s@<>\",]+@[^\\s@<>\",]+\\.[^\\s@<>\",]+$";
const NAMED = /^(?:"[^"]+"|[^",<>]+) <([^<>]+)>$/;
const BASE64 = "^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$";

/** `office@agency.example` or `Agency <office@agency.example>`, in quotes where the name has a comma. */
export const isMailbox = (text) => new RegExp(ADDRESS).test(NAMED.exec(text)?.[1] ?? text);

export const text = (minLength = 1, maxLength = undefined) => ({ type: "string", minLength, ...(maxLength && { maxLength }) });
export const address = { type: "string", pattern: ADDRESS };
export const base64 = { type: "string", pattern: BASE64, minLength: 4 };
export const list = (items, minItems = 0, maxItems = undefined) => ({ type: "array", items, minItems, ...(maxItems && { maxItems }) });
/** An object of these members and no other: what a service passes over is a mistake of ours. */
export const object = (properties, required = []) => ({ type: "object", properties, required, additionalProperties: false });
/** An object of whatever members, each of this shape. */
export const members = (each) => ({ type: "object", additionalProperties: each, minProperties: 1 });

/**
 * @returns {(body: any) => { member: string, missing: boolean, says: string }[]} what is wrong with a body, the first of each member
 */
export function shape(schema) {
  const validate = ajv.compile(schema);
  return (body) => {
    if (validate(body)) return [];
    return validate.errors.map(({ instancePath, keyword, params, message }) => {
      const at = instancePath.slice(1).replaceAll("/", ".");
      const missing = keyword === "required";
      const more = params.missingProperty ?? params.additionalProperty;
      return { member: [at, more].filter(Boolean).join("."), missing, says: message };
    });
  };
}

export const bearer = ({ headers }) => /^Bearer (.+)$/.exec(headers.authorization ?? "")?.[1];

/** `user:password`. */
export function basic({ headers }) {
  const encoded = /^Basic (.+)$/.exec(headers.authorization ?? "")?.[1];
  return encoded && Buffer.from(encoded, "base64").toString();
}

export const answered = (status, body, headers = {}) => ({ status, body, headers, accepted: status < 300 });
export const now = () => new Date().toISOString();
export const id = () => randomUUID();

/** Ids as a service counts them. */
export function counter(from) {
  let next = from;
  return () => String((next += 1));
}
