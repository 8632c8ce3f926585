// Salesforce, NetSuite and Google Sheets, as their documentation describes them, each with what gives its tokens.
import { answered, base64, bearer, counter, id, list, members, object, shape, text } from "./rules.mjs";
import { jwtFault, keyPair, tokens } from "./tokens.mjs";

export const records = () => [salesforce(), netsuite(), ...sheets()];

const oauthError = (status, error, error_description) => answered(status, { error, error_description });

/** developer.salesforce.com/docs/platform/api-rest/guide: dome-upsert, dome-sobject-insert-update-blob, errorcodes; help.salesforce.com: client credentials flow */
function salesforce() {
  const codes = { 404: "NOT_FOUND", 429: "REQUEST_LIMIT_EXCEEDED", 500: "UNKNOWN_EXCEPTION" };
  const refused = (status, message, errorCode = codes[status] ?? "JSON_PARSER_ERROR") => answered(status, [{ message, errorCode }]);
  const [given, rows, ids] = [tokens(), new Map(), counter(100)];
  const host = "agency.my.salesforce.com";
  const fieldsWrong = shape(members({ type: ["string", "number", "boolean", "null"] }));
  const record = { type: "string", pattern: "^[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?$" };
  const file = object({ Title: text(1, 255), PathOnClient: text(1, 500), VersionData: base64, FirstPublishLocationId: record }, ["PathOnClient", "VersionData"]);
  const fileWrong = shape(file);
  const made = (prefix) => `${prefix}${ids().padStart(15, "0")}`;
  return {
    name: "salesforce",
    hosts: [host],
    secret: ["SALESFORCE", "made-up-client-id:made-up-client-secret"],
    refused,
    admits: (call) => given.has(bearer(call)) || refused(401, "Session expired or invalid", "INVALID_SESSION_ID"),
    tokens: given,
    routes: [
      {
        method: "POST",
        path: /^\/services\/oauth2\/token$/,
        isToken: true,
        form: true,
        take({ body }) {
          if (body.grant_type !== "client_credentials") return oauthError(400, "unsupported_grant_type", "grant type not supported");
          if (body.client_id !== "made-up-client-id") return oauthError(400, "invalid_client_id", "client identifier invalid");
          if (body.client_secret !== "made-up-client-secret") return oauthError(400, "invalid_client", "invalid client credentials");
          // It says nothing of how long the token is good for.
          return answered(200, {
            access_token: given.give(), signature: "made-up", token_format: "opaque", instance_url: `https://${host}`, id: `https://login.salesforce.com/id/${id()}`,
            token_type: "Bearer", issued_at: String(Date.now()),
          });
        },
      },
      {
        method: "PATCH",
        path: /^\/services\/data\/v\d\d\.0\/sobjects\/(\w+)\/(\w+)\/([^/?]+)$/,
        take({ body }, [, object, field, value]) {
          const [fault] = fieldsWrong(body);
          if (fault) return refused(400, `Cannot deserialize instance of a field: ${fault.member} ${fault.says}`);
          if (field in body) return refused(400, `The ${field} field should not be specified in the sobject data.`, "INVALID_FIELD");
          const [key, before] = [`${object} ${field} ${value}`, rows.get(`${object} ${field} ${value}`)];
          const row = before ?? made("003");
          rows.set(key, row);
          return answered(before ? 200 : 201, { id: row, success: true, errors: [], created: !before });
        },
      },
      {
        method: "POST",
        path: /^\/services\/data\/v\d\d\.0\/sobjects\/ContentVersion\/?$/,
        take({ body }) {
          const [fault] = fileWrong(body);
          if (fault?.missing) return refused(400, `Required fields are missing: [${fault.member}]`, "REQUIRED_FIELD_MISSING");
          if (fault) return refused(400, `${fault.member} ${fault.says}`, "INVALID_FIELD");
          return answered(201, { id: made("068"), success: true, errors: [] });
        },
      },
    ],
  };
}

/**
 * docs.oracle.com/en/cloud/saas/netsuite/ns-online-help: section_156335203191 (upsert), _156334828635 (external ids), _156570709583 (errors), _162755359851
 * and _162790605110 (tokens)
 */
function netsuite() {
  const codes = { 401: "INVALID_LOGIN", 429: "CONCURRENCY_LIMIT_EXCEEDED", 500: "UNEXPECTED_ERROR" };
  const refused = (status, detail, code = codes[status] ?? "USER_ERROR") =>
    answered(status, { type: "https://www.rfc-editor.org/rfc/rfc9110.html", title: "Error", status, "o:errorDetails": [{ detail, "o:errorCode": code }] });
  const host = "1234567.suitetalk.api.netsuite.com";
  const [given, rows, ids, pair] = [tokens(), new Map(), counter(646), keyPair(3072)];
  const claims = { aud: `https://${host}/services/rest/auth/oauth2/v1/token`, iss: "made-up-client-id", scope: "rest_webservices" };
  return {
    name: "netsuite",
    hosts: [host],
    secret: ["NETSUITE", pair.secret],
    refused,
    admits: (call) => given.has(bearer(call)) || refused(401, "Invalid login attempt. For more details, see the Login Audit Trail in the NetSuite UI."),
    tokens: given,
    routes: [
      {
        method: "POST",
        path: /^\/services\/rest\/auth\/oauth2\/v1\/token$/,
        isToken: true,
        form: true,
        take({ body }) {
          const isAsked = body.grant_type === "client_credentials" && body.client_assertion_type === "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
          if (!isAsked) return oauthError(400, "invalid_request", "grant_type and client_assertion_type");
          // Its end is less than 60 minutes after `iat`.
          const expected = { algorithm: "PS256", publicKey: pair.publicKey, header: { kid: "made-up-certificate" }, claims, most: 3599 };
          const fault = jwtFault(body.client_assertion, expected);
          if (fault) return oauthError(400, "invalid_grant", fault);
          return answered(200, { access_token: given.give(), expires_in: "3600", token_type: "bearer" });
        },
      },
      {
        method: "PUT",
        path: /^\/services\/rest\/record\/v1\/([A-Za-z_]+)\/eid:([^/?]+)$/,
        take({ body }, [, record, external]) {
          if (!/^[A-Za-z0-9_-]+$/.test(external)) return refused(400, "Invalid external ID.", "INVALID_ID");
          if (Object.keys(body).length === 0) return refused(400, "Error while accessing a resource. Please enter value(s).");
          const key = `${record} ${external}`;
          if (!rows.has(key)) rows.set(key, ids());
          return answered(204, "", { location: `https://${host}/services/rest/record/v1/${record}/${rows.get(key)}` });
        },
      },
    ],
  };
}

/**
 * developers.google.com/workspace/sheets/api/reference/rest/v4/spreadsheets.values/append; developers.google.com/identity/protocols/oauth2/service-account;
 * cloud.google.com/apis/design/errors
 */
function sheets() {
  const states = { 401: "UNAUTHENTICATED", 404: "NOT_FOUND", 429: "RESOURCE_EXHAUSTED", 500: "INTERNAL" };
  const refused = (code, message) => answered(code, { error: { code, message, status: states[code] ?? "INVALID_ARGUMENT" } });
  const [given, pair, rows] = [tokens(), keyPair(), new Map()];
  const row = list({ type: ["string", "number", "boolean", "null"] }, 1);
  const wrong = shape(object({ range: text(), majorDimension: { enum: ["ROWS", "COLUMNS"] }, values: list(row, 1) }, ["values"]));
  const claims = { aud: "https://oauth2.googleapis.com/token", iss: "edge@agency.iam.gserviceaccount.com", scope: "https://www.googleapis.com/auth/spreadsheets" };
  const api = {
    name: "google-sheets",
    hosts: ["sheets.googleapis.com"],
    secret: ["GOOGLE", pair.secret],
    refused,
    admits: (call) => given.has(bearer(call)) || refused(401, "Request had invalid authentication credentials. Expected OAuth 2 access token."),
    tokens: given,
    routes: [
      {
        method: "POST",
        path: /^\/v4\/spreadsheets\/([^/]+)\/values\/([^/?]+):append(\?.*)?$/,
        take({ body }, [, spreadsheetId, range, search]) {
          const query = new URLSearchParams(search);
          if (!["RAW", "USER_ENTERED"].includes(query.get("valueInputOption"))) return refused(400, "'valueInputOption' is required but not specified");
          if (!["OVERWRITE", "INSERT_ROWS", null].includes(query.get("insertDataOption"))) return refused(400, "Invalid value at 'insert_data_option'");
          const [fault] = wrong(body);
          if (fault) return refused(400, `Invalid value at 'data.${fault.member}': ${fault.says}`);
          const sheet = decodeURIComponent(range).split("!")[0];
          const [width, from] = [Math.max(...body.values.map((row) => row.length)), (rows.get(sheet) ?? 1) + 1];
          rows.set(sheet, from + body.values.length - 1);
          const column = String.fromCharCode(64 + Math.min(width, 26));
          const updates = {
            spreadsheetId, updatedRange: `${sheet}!A${from}:${column}${rows.get(sheet)}`, updatedRows: body.values.length, updatedColumns: width,
            updatedCells: body.values.flat().length,
          };
          return answered(200, { spreadsheetId, tableRange: `${sheet}!A1:${column}${from - 1}`, updates });
        },
      },
    ],
  };
  const token = {
    name: "google-oauth",
    hosts: ["oauth2.googleapis.com"],
    refused: (status, message) => oauthError(status, "invalid_request", message),
    admits: () => true,
    routes: [
      {
        method: "POST",
        path: /^\/token$/,
        isToken: true,
        form: true,
        take({ body }) {
          const isAsked = body.grant_type === "urn:ietf:params:oauth:grant-type:jwt-bearer";
          if (!isAsked) return oauthError(400, "unsupported_grant_type", `Invalid grant_type: ${body.grant_type}`);
          const fault = jwtFault(body.assertion, { algorithm: "RS256", publicKey: pair.publicKey, claims, most: 3600 });
          return fault ? oauthError(400, "invalid_grant", fault) : answered(200, { access_token: given.give(), expires_in: 3599, token_type: "Bearer" });
        },
      },
    ],
  };
  return [api, token];
}
