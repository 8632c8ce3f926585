// How tests talk to a running sandbox: its API, every JSON answer held against the contract, and its own controls.
import assert from "node:assert/strict";
import { answerErrors, operations } from "./contract.mjs";
import { LOCAL } from "./harness.mjs";

export const team = `/teams/${LOCAL.teamId}`;
/** The sandbox's second team, a stranger to the first. */
export const SECOND = {
  teamId: "00000000-0000-4000-8000-000000000002",
  clientId: "other-client",
  clientSecret: "other-client-secret",
  publicAlias: "other",
};
/** A UUID that names nothing. */
export const nobody = "99999999-9999-4999-8999-999999999999";

/** The body of a call that gives consent, with `more` over it. */
export function consent(more) {
  return {
    device_identifier: "127.0.0.1",
    terms_version: 1,
    consent_language: "By clicking Continue you agree to the Terms of Service",
    public_alias: LOCAL.publicAlias,
    insurerName: "statefarm",
    ...more,
  };
}

export const isEvent = (type) => (body) => body.event_type === type;
/** Matches an `AUTH_STATUS` of this status whose sequence is above `after`. */
export const authStatus = (status, after = 0) => (body) => body.event_type === "AUTH_STATUS" && body.data.auth_status === status && body.sequence > after;

/**
 * @param sandbox what `startSandbox` gave; @param receiver what `startReceiver` gave, where its webhooks go
 * @param at who calls its API, where, and who looks at each answer: `(response, bytes) => void`
 */
export function clientOf(sandbox, receiver, at = {}) {
  const { url = `${sandbox.url}/api/v1.0.0`, clientId, clientSecret, publicAlias, look = () => {} } = { ...LOCAL, ...at };
  const basic = { authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString("base64")}` };
  /** Operations that were answered without an error. */
  const answered = new Set();

  /** Calls the API and holds the answer against the contract; `operation` is the operationId it must be. */
  async function call(operation, path, { json, form, headers = basic } = {}) {
    const body = form ?? (json === undefined ? undefined : JSON.stringify(json));
    const { method } = operations.get(operation);
    const response = await fetch(url + path, { method, body, redirect: "manual", headers: { "accept-encoding": "identity", ...headers } });
    const isJson = response.headers.get("content-type")?.startsWith("application/json");
    const bytes = Buffer.from(await response.arrayBuffer());
    look(response, bytes);
    const content = isJson ? JSON.parse(bytes) : bytes;
    if (isJson) assert.deepEqual(answerErrors(operation, response.status, content), [], `${operation} ${response.status}`);
    if (response.status < 400) answered.add(operation);
    return { status: response.status, body: content, headers: response.headers };
  }

  /** Calls the sandbox's own controls below `/sandbox`. */
  async function control(method, path, json) {
    const response = await fetch(`${sandbox.url}/sandbox${path}`, { method, body: json && JSON.stringify(json) });
    return response.json();
  }

  async function tokensOf(username, password = "pass_good") {
    return (await control("POST", "/tokenize", { username, password })).tokens;
  }

  /** Starts a pull with this login. */
  async function connected(username, { password = "pass_good", ...more } = {}) {
    const tokens = await tokensOf(username, password);
    const json = consent({ public_alias: publicAlias, insurerUsername: tokens.username, insurerPassword: tokens.password, ...more });
    const { status, body } = await call("post-consent-and-connect", "/widget/pull/consentAndConnect", { json });
    assert.equal(status, 200, JSON.stringify(body));
    return body;
  }

  const eventsOf = (pullId, events = receiver.received) => events.map((webhook) => webhook.body).filter((body) => body.pull_id === pullId);
  const arrived = (pullId, wanted, what) => receiver.until((all) => eventsOf(pullId, all).find(wanted), what);

  /** A pull of this login, run through to `COMPLETE`. */
  async function completed(username, more) {
    const made = await connected(username, more);
    await arrived(made.pull_id, isEvent("COMPLETE"), "COMPLETE");
    return made;
  }

  return { basic, answered, call, control, tokensOf, connected, completed, eventsOf, arrived };
}
