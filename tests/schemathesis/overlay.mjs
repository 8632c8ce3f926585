// What the sandbox is held to: Canopy's published document, and beyond it what its own examples have (the same places as in
// tests/contract.mjs) and the refusals that some operations have and do not list.
import { contract, exampleCoverages } from "../contract.mjs";

/** Canopy's documents name the statuses of refusals for the whole API; these operations can refuse so and do not list it. */
const REFUSALS = {
  // Each has a query or a body with something in it that is required or has a form.
  400: ["create-team", "get-enrichment-driverlicense", "get-enrichment-drivingrecordiq", "get-enrichment-household", "get-monitorings"],
  // Each names what may not be there.
  404: ["get-monitoring-events", "get-monitoring-reconnect-token"],
};
const REFUSAL = {
  description: "not listed",
  content: { "application/json": { schema: { type: "object", required: ["error"], properties: { error: { type: "string" } } } } },
};

export function overlaid() {
  const document = structuredClone(contract);
  const { Pull, ServicingAction, VehicleCoverage, DwellingCoverage, LocationCoverage, LifePolicy } = document.components.schemas;
  // Enums of what may be null, as it is in examples, list no null.
  for (const schema of below(document)) if (schema.type?.includes?.("null") && Array.isArray(schema.enum)) schema.enum.push(null);
  // Coverages named in the examples but not in the list, and percentages that are numbers there.
  for (const { properties } of [VehicleCoverage, DwellingCoverage, LocationCoverage]) {
    for (const name of ["name", "friendly_name"]) properties[name].enum?.push(...exampleCoverages());
    for (const name of ["per_incident_limit_percent", "deductible_percent"]) properties[name]?.type.push("number");
  }
  // An object in every example of a pull, an array in that of a life policy.
  Pull.properties.meta_data.type.push("object");
  LifePolicy.properties.life_policy_details = { anyOf: [LifePolicy.properties.life_policy_details, { type: "array" }] };
  // The example of a vehicle to be added goes without these.
  const added = ServicingAction.allOf[1].oneOf[3].allOf[0].properties.payload.properties;
  for (const [schema, without] of [[added.vehicle, ["make", "model"]], [added.vehicle_ownership.anyOf[0], ["financing_companies"]]]) {
    schema.required = schema.required.filter((name) => !without.includes(name));
  }
  // Described as null for the default.
  const carrier = document.paths["/carriers/{carrierId}"].get.responses[200].content["application/json"].schema;
  carrier.properties.usernameFieldPlaceholder.type = ["string", "null"];
  for (const operation of Object.values(document.paths).flatMap((methods) => Object.values(methods))) {
    const { operationId, responses, security = document.security } = operation;
    if (!operationId) continue;
    const refused = Object.keys(REFUSALS).filter((status) => REFUSALS[status].includes(operationId));
    // Whatever takes credentials refuses those that are wrong.
    if (security.length > 0) refused.push("401");
    for (const status of refused) responses[status] ??= REFUSAL;
  }
  return document;
}

/** Every object of a document. */
function* below(value) {
  if (typeof value !== "object" || value === null) return;
  yield value;
  for (const member of Object.values(value)) yield* below(member);
}
