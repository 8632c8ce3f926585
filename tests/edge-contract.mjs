// docs/openapi.json, the edge's own document, as a judge: is an answer one that it describes, down to headers and body?
import { readFileSync } from "node:fs";
import Ajv from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { answerErrors as canopyErrors, contract, operations as canopyOperations } from "./contract.mjs";

const HERE = "https://canopy-edge.example/docs/openapi.json";
const CANOPY = "../contract/openapi.json";

/** Answers that are Canopy's, beside those of the proxy: by the operation that gives them. */
const PASSED_ON = { "get-carriers": "get-carriers", "get-terms": "get-tos", "read-snapshot": "get-pull-by-id" };

export const document = JSON.parse(readFileSync(new URL("../docs/openapi.json", import.meta.url)));

const ajv = new Ajv({ strict: false, allErrors: true });
addFormats(ajv);
ajv.addFormat("ISO-8601-duration", true);
ajv.addSchema(document, HERE);
ajv.addSchema(contract, new URL(CANOPY, HERE).href);

/** Every operation by its operationId, with its method, its path template and where it stands in the document. */
export const operations = new Map();
for (const [path, methods] of Object.entries(document.paths)) {
  for (const [method, operation] of Object.entries(methods)) {
    const pointer = `#/paths/${escaped(path)}/${method}`;
    const responses = Object.fromEntries(Object.entries(operation.responses).map(([status, response]) => [status, located(response, `${pointer}/responses/${status}`)]));
    operations.set(operation.operationId, { ...operation, method: method.toUpperCase(), path, pointer, responses });
  }
}

/** A response, with the place it stands at. */
function located(response, pointer) {
  if (!response.$ref) return { ...response, pointer };
  return { ...document.components.responses[response.$ref.split("/").at(-1)], pointer: response.$ref };
}

/** What an operation may answer of itself: its statuses, without those that are Canopy's. */
export const statusesOf = (id) => Object.keys(operations.get(id).responses).filter((status) => status !== "default").map(Number);

/** Codes by status, wherever the document lets one be answered. */
export function listedCodes() {
  const listed = new Map();
  const responses = [...operations.values()].flatMap((operation) => Object.values(operation.responses));
  for (const { content } of [...responses, ...Object.values(document.components.responses)]) {
    const { properties } = content?.["application/problem+json"]?.schema.allOf[1] ?? {};
    for (const code of properties?.code.enum ?? []) listed.set(code, properties.status.const);
  }
  return listed;
}

/** What is wrong with an answer, as readable lines; none when it is one of the document's. `bytes` are its body. */
export function answerErrors(id, status, headers, bytes) {
  const { responses } = operations.get(id);
  const key = status in responses ? String(status) : "default";
  const response = responses[key];
  if (!response) return [`status ${status} is not listed: ${bytes}`];
  const wrong = headerErrors(response.headers, headers);
  const media = headers.get("content-type")?.split(";")[0];
  if (!response.content) return key === "default" || media === undefined ? wrong : [...wrong, `${media} is not listed`];
  const kind = [media, "*/*"].find((kind) => kind in response.content);
  if (!kind) return [...wrong, `${media} is not listed for status ${status}`];
  return [...wrong, ...contentErrors(response.content[kind].schema, `${response.pointer}/content/${escaped(kind)}/schema`, bytes)];
}

/** What is wrong with the body of a request. */
export function requestErrors(id, body) {
  const { requestBody, pointer } = operations.get(id);
  if (!requestBody) return body === undefined ? [] : ["takes no body"];
  if (body === undefined) return requestBody.required ? ["a body is required"] : [];
  return schemaErrors(`${requestBody.$ref ?? `${pointer}/requestBody`}/content/application~1json/schema`, body);
}

/** What is wrong with a document that a schema of the components describes. */
export const componentErrors = (name, value) => schemaErrors(`#/components/schemas/${name}`, value);

function headerErrors(described, headers) {
  const wrong = [];
  for (const [name, given] of Object.entries(described ?? {})) {
    const header = given.$ref ? document.components.headers[given.$ref.split("/").at(-1)] : given;
    const value = headers.get(name);
    if (value === null) {
      if (header.required) wrong.push(`header ${name} is missing`);
    } else if (!ajv.validate(header.schema, header.schema.type === "integer" ? Number(value) : value)) {
      wrong.push(`header ${name}: ${value}`);
    }
  }
  return wrong;
}

function contentErrors(schema, pointer, bytes) {
  if (Object.keys(schema).length === 0) return [];
  try {
    return schemaErrors(pointer, JSON.parse(bytes));
  } catch {
    return [`not JSON: ${bytes}`];
  }
}

/**
 * What Canopy's document, which is stricter than this one, says against an answer that the edge passed on. None for an answer
 * of the edge's own, and for one that Canopy's document does not describe.
 */
export function passedOnErrors(id, status, headers, bytes) {
  const canopyId = PASSED_ON[id] ?? (/^canopy-(.*?)(-older)?$/.exec(id)?.[1]);
  if (!canopyId || headers.get("content-type")?.split(";")[0] !== "application/json") return [];
  const { path, method } = canopyOperations.get(canopyId);
  const isJson = "application/json" in (contract.paths[path][method.toLowerCase()].responses[status]?.content ?? {});
  return isJson ? canopyErrors(canopyId, status, JSON.parse(bytes)) : [];
}

/** `pointer` leads from here: into this document, or into Canopy's. */
function schemaErrors(pointer, value) {
  const { href } = new URL(pointer, HERE);
  const validate = ajv.getSchema(href) ?? ajv.compile({ $ref: href });
  return validate(value) ? [] : validate.errors.map((error) => `${error.instancePath} ${error.message} ${JSON.stringify(error.params)}`);
}

function escaped(path) {
  return encodeURIComponent(path.replaceAll("~", "~0").replaceAll("/", "~1"));
}
