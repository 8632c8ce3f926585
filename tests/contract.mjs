// Canopy's published OpenAPI document as a judge: does an answer or a webhook have the published form?
import { readFileSync } from "node:fs";
import Ajv from "ajv/dist/2020.js";
import addFormats from "ajv-formats";

export const contract = JSON.parse(readFileSync(new URL("../contract/openapi.json", import.meta.url)));

/**
 * Where the published document contradicts its own examples, its guide, or what is known to be sent. Each entry is as narrow
 * as its contradiction: where (instance path), which rule, and for which values.
 */
const EXCEPTIONS = [
  { why: "examples have null where an enum lists no null", keyword: "enum", when: (value) => value === null },
  { why: "meta_data: string in the Pull schema, object in every example", at: /\/meta_data$/, keyword: "type", when: isObject },
  { why: "coverages named in the examples but not in the list", at: /\/coverages\/\d+\/(name|friendly_name)$/, keyword: "enum", when: isExampleCoverage },
  { why: "percentages: string in the schema, number in every example", at: /\/coverages\/\d+\/(per_incident_limit|deductible)_percent$/, keyword: "type", when: Number.isFinite },
  { why: "life.life_policy_details: object in the schema, array in the example", at: /\/life_policy_details$/, keyword: "type", when: Array.isArray },
  { why: "usernameFieldPlaceholder: described as null for the default, typed string", at: /\/usernameFieldPlaceholder$/, keyword: "type", when: (value) => value === null },
  { why: "MONITORING_EVENTS is sent though the list omits it", at: /\/event_type$/, keyword: "enum", when: (value) => value === "MONITORING_EVENTS" },
  { why: "get-webhooks lists fewer event types than are sent", at: /\/event_types\/\d+$/, keyword: "enum", when: (value) => listedEventTypes().includes(value) },
];

/** Fields that stand in a published example, or are required, without being declared. */
const UNDECLARED = ["vehicle"];

let coverages;
const ajv = new Ajv({ strict: false, allErrors: true, verbose: true });
addFormats(ajv);
for (const format of ["ISO-8601-duration", "byte", "int32", "int64", "binary"]) ajv.addFormat(format, true);
ajv.addSchema(contract, "contract");

/** Every operation by its operationId: `{ method, path, responses, pointer }`. */
export const operations = new Map();
for (const [path, methods] of Object.entries(contract.paths)) {
  for (const [method, operation] of Object.entries(methods)) {
    if (!operation.operationId) continue;
    const pointer = `#/paths/${escaped(path)}/${method}`;
    operations.set(operation.operationId, { method: method.toUpperCase(), path, responses: operation.responses, pointer });
  }
}

/** What is wrong with the JSON answer of an operation, as readable lines; none when it conforms. */
export function answerErrors(operationId, status, body) {
  const operation = operations.get(operationId);
  const response = operation.responses[status];
  if (!response) return [`${operationId} does not declare status ${status}: ${JSON.stringify(body)}`];
  if (!response.content?.["application/json"]) return [`${operationId} declares no JSON for status ${status}`];
  const schema = response.content["application/json"].schema;
  // The document forbids nothing beyond what it declares: a misspelt field would pass.
  const undeclared = schema.type === "object" ? Object.keys(body).filter((field) => !(field in schema.properties) && !UNDECLARED.includes(field)) : [];
  return [
    ...undeclared.map((field) => `/${field} is not declared`),
    ...errors(`${operation.pointer}/responses/${status}/content/application~1json/schema`, body),
  ];
}

/** What is wrong with a webhook's body. */
export const webhookErrors = (body) => errors("#/components/schemas/WebhookBody", body);

/** The event types the document names. */
export function listedEventTypes() {
  return contract.components.schemas.WebhookBody.properties.event_type.enum;
}

function errors(pointer, body) {
  const validate = ajv.getSchema(`contract${pointer}`) ?? ajv.compile({ $ref: `contract${pointer}` });
  if (validate(body)) return [];
  return validate.errors
    .filter((error) => !EXCEPTIONS.some((it) => it.keyword === error.keyword && (it.at ?? /./).test(error.instancePath) && it.when(error.data)))
    .map((error) => `${error.instancePath} ${error.message}: ${JSON.stringify(error.data)?.slice(0, 200)}`);
}

function escaped(path) {
  return encodeURIComponent(path.replaceAll("~", "~0").replaceAll("/", "~1"));
}

function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isExampleCoverage(value) {
  coverages ??= exampleCoverages();
  return coverages.has(value);
}

/** Names in the examples, those of coverages among them. */
export function exampleCoverages() {
  return new Set([...JSON.stringify(contract.paths).matchAll(/"(?:friendly_)?name":"([^"]*)"/g)].map((found) => found[1]));
}
