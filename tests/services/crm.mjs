// HubSpot, HighLevel and Zendesk, as their documentation describes them.
import { ADDRESS, answered, address, basic, bearer, counter, id, list, members, now, object, shape, text } from "./rules.mjs";

export const crm = () => [hubspot(), highlevel(), zendesk()];

/** github.com/HubSpot/HubSpot-public-api-spec-collection, CRM/Contacts and CRM/Notes, 2026-03; developers.hubspot.com/docs (errors, notes guide) */
function hubspot() {
  const refused = (status, message, category = status === 429 ? "RATE_LIMITS" : status < 500 ? "VALIDATION_ERROR" : "INTERNAL_ERROR") =>
    answered(status, { status: "error", message, correlationId: id(), category });
  const ids = counter(511);
  const contacts = new Map();
  const input = object({ id: address, idProperty: { const: "email" }, properties: members({ type: "string" }) }, ["id", "properties", "idProperty"]);
  const contactsWrong = shape(object({ inputs: list(input, 1, 100) }, ["inputs"]));
  const kind = object(
    { associationCategory: { enum: ["HUBSPOT_DEFINED"] }, associationTypeId: { enum: [190, 202, 214, 228] } },
    ["associationCategory", "associationTypeId"],
  );
  const association = object({ to: object({ id: text() }, ["id"]), types: list(kind, 1) }, ["to", "types"]);
  const note = object({ hs_timestamp: text(), hs_note_body: text(0, 65_536), hubspot_owner_id: text(), hs_attachment_ids: text() }, ["hs_timestamp"]);
  const noteWrong = shape(object({ associations: list(association), properties: note }, ["associations", "properties"]));
  return {
    name: "hubspot",
    hosts: ["api.hubapi.com"],
    secret: ["HUBSPOT", "made-up-hubspot-token"],
    refused,
    admits: (call) => bearer(call) === "made-up-hubspot-token" || refused(401, "Authentication credentials not found.", "INVALID_AUTHENTICATION"),
    routes: [
      {
        method: "POST",
        path: /^\/crm\/objects\/2026-03\/contacts\/batch\/upsert$/,
        take({ body }) {
          const [fault] = contactsWrong(body);
          if (fault) return refused(400, `Invalid input JSON: ${fault.member} ${fault.says}`);
          const startedAt = now();
          const results = body.inputs.map((input) => {
            const before = contacts.get(input.id);
            const properties = { email: input.id, ...before?.properties, ...input.properties };
            const contact = { id: before?.id ?? ids(), createdAt: before?.createdAt ?? now(), properties };
            contacts.set(input.id, contact);
            return { ...contact, updatedAt: now(), archived: false, new: !before };
          });
          return answered(200, { status: "COMPLETE", results, startedAt, completedAt: now() });
        },
      },
      {
        method: "POST",
        path: /^\/crm\/objects\/2026-03\/notes$/,
        take({ body }) {
          const [fault] = noteWrong(body);
          if (fault) return refused(400, `Property values were not valid: ${fault.member} ${fault.says}`);
          const { hs_timestamp } = body.properties;
          // Milliseconds, or UTC.
          if (!/^\d{13}$/.test(hs_timestamp) && !/^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(hs_timestamp)) return refused(400, `${hs_timestamp} was not a valid long.`);
          return answered(201, { id: ids(), properties: body.properties, createdAt: now(), updatedAt: now(), archived: false });
        },
      },
    ],
  };
}

/** github.com/GoHighLevel/highlevel-api-docs, apps/contacts.json: Version 2021-07-28 */
function highlevel() {
  const words = { 400: "Bad Request", 401: "Unauthorized", 404: "Not Found", 422: "Unprocessable Entity", 429: "Too Many Requests" };
  const refused = (statusCode, message) => answered(statusCode, { statusCode, message, error: words[statusCode] ?? "Internal Server Error" });
  const field = object({ id: text(), key: text(), field_value: {} }, ["id"]);
  const plain = ["firstName", "lastName", "phone", "address1", "city", "state", "postalCode", "source", "dateOfBirth", "locationId"];
  const contact = { ...Object.fromEntries(plain.map((name) => [name, text()])), email: address, tags: list(text()), customFields: list(field) };
  const contactWrong = shape(object(contact, ["locationId"]));
  const noteWrong = shape(object({ body: text(), title: text(), userId: text() }, ["body"]));
  const contacts = new Map();
  const made = counter(1000);
  const versioned = (take) => (call, match) => (call.headers.version === "2021-07-28" ? take(call, match) : refused(400, "version header was not found."));
  return {
    name: "highlevel",
    hosts: ["services.leadconnectorhq.com"],
    secret: ["HIGHLEVEL", "made-up-highlevel-token"],
    refused,
    admits: (call) => bearer(call) === "made-up-highlevel-token" || refused(401, "Invalid JWT"),
    routes: [
      {
        method: "POST",
        path: /^\/contacts\/upsert$/,
        take: versioned(({ body }) => {
          const faults = contactWrong(body);
          if (faults.length) return refused(422, faults.map(({ member, says }) => `${member} ${says}`));
          const isSame = (it) => it.locationId === body.locationId && ["email", "phone"].some((name) => body[name] && it[name] === body[name]);
          const known = [...contacts.values()].find(isSame);
          const contact = { ...known, ...body, id: known?.id ?? `contact${made()}`, dateAdded: known?.dateAdded ?? now() };
          contacts.set(contact.id, contact);
          return answered(200, { new: !known, contact, traceId: id() });
        }),
      },
      {
        method: "POST",
        path: /^\/contacts\/([^/]+)\/notes$/,
        take: versioned(({ body }, [, contactId]) => {
          const faults = noteWrong(body);
          if (faults.length) return refused(422, faults.map(({ member, says }) => `${member} ${says}`));
          return answered(201, { note: { id: `note${made()}`, ...body, contactId, dateAdded: now() } });
        }),
      },
    ],
  };
}

/** developer.zendesk.com/api-reference/ticketing/tickets/tickets/#create-ticket, /ticketing/introduction (errors, idempotency), /introduction/security-and-auth */
function zendesk() {
  const refused = (status, error, description) => answered(status, description ? { error, description } : { error });
  const wrong = shape(
    object(
      {
        ticket: object(
          {
            comment: object({ body: text(1, 65_536), public: { type: "boolean" } }, ["body"]),
            requester: object({ name: text(), email: address }, ["name", "email"]),
            subject: text(), external_id: text(), priority: { enum: ["urgent", "high", "normal", "low"] }, type: { enum: ["problem", "incident", "question", "task"] },
            tags: list(text()), custom_fields: list(object({ id: { type: ["integer", "string"] }, value: {} }, ["id", "value"])),
          },
          ["comment"],
        ),
      },
      ["ticket"],
    ),
  );
  const ids = counter(35_435);
  const host = "agency.zendesk.com";
  return {
    name: "zendesk",
    hosts: [host],
    secret: ["ZENDESK", "made-up-zendesk-token"],
    refused: (status, message) => refused(status, { 404: "InvalidEndpoint", 429: "APIRateLimitExceeded", 500: "InternalError" }[status] ?? "InvalidValue", message),
    admits(call) {
      const [user, password] = basic(call)?.split("/token:") ?? [];
      return (new RegExp(ADDRESS).test(user) && password === "made-up-zendesk-token") || refused(401, "Couldn't authenticate you");
    },
    // For two hours; here, for a server's life. The answer says so in `x-idempotency-lookup`.
    keyed: {
      admits: () => true,
      other: () => refused(400, "IdempotentRequestError", "The request parameters do not match those that this idempotency key was first used with."),
      says: (isHit) => ({ "x-idempotency-lookup": isHit ? "hit" : "miss" }),
    },
    routes: [
      {
        method: "POST",
        path: /^\/api\/v2\/tickets(?:\.json)?$/,
        take({ body }) {
          const [fault] = wrong(body);
          if (fault) {
            const [says, error] = fault.missing ? ["cannot be blank", "BlankValue"] : [fault.says, "InvalidValue"];
            const details = { base: [{ description: `${fault.member}: ${says}`, error }] };
            return answered(422, { error: "RecordInvalid", description: "Record validation errors", details });
          }
          const { ticket } = body;
          const number = Number(ids());
          const made = {
            id: number, url: `https://${host}/api/v2/tickets/${number}.json`, external_id: ticket.external_id ?? null, subject: ticket.subject,
            raw_subject: ticket.subject, description: ticket.comment.body, priority: ticket.priority ?? null, type: ticket.type ?? null, status: "new",
            requester_id: 20978392, submitter_id: 76872, tags: ticket.tags ?? [], created_at: now(), updated_at: now(),
          };
          return answered(201, { ticket: made, audit: { id: 2127301143, ticket_id: number, created_at: now(), author_id: 76872, events: [] } }, { location: made.url });
        },
      },
    ],
  };
}
