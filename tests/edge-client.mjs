// How tests talk to a running edge: as Canopy (signed webhooks), as the agency's page (sessions, live), as its back office.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { connect } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { LOCAL } from "./harness.mjs";

/** Waits until `look()` gives something, and gives that. */
export async function until(look, what, limitMs = 20_000) {
  const limit = Date.now() + limitMs;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > limit) throw new Error(`${what}: not seen within ${limitMs} ms`);
    await pause(25);
  }
}

/** Does `work` again until it is answered: whoever asked an edge that fell asks once more. */
export async function surely(work) {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (attempt > 300 || error.code === "ERR_ASSERTION") throw error;
      await pause(100);
    }
  }
}

/** The `canopy-signature` of `body` (text or bytes), made `age` seconds ago. */
export function signature(body, { secret = LOCAL.signingSecret, age = 0 } = {}) {
  const time = Math.floor(Date.now() / 1000) - age;
  return `t=${time},s=${createHmac("sha256", secret).update(`${time}.`).update(body).digest("hex")}`;
}

/** Posts a webhook. `header`: the signature, `null` for none; left out, a right one. */
export function postWebhook(edge, body, { header = signature(body), ...more } = {}) {
  const headers = { "content-type": "application/json", ...(header === null ? {} : { "canopy-signature": header }) };
  return fetch(`${edge.url}/webhooks/canopy`, { method: "POST", body, headers, ...more });
}

/** A webhook's body as text, with the common fields; `more` goes over them. */
export function webhook(pullId, eventType, more = {}) {
  return JSON.stringify({ pull_id: pullId, team_id: LOCAL.teamId, status: "PROCESSING", meta_data: {}, event_type: eventType, data: {}, ...more });
}

export function authStatus(pullId, status, sequence, more = {}) {
  return webhook(pullId, "AUTH_STATUS", { status, sequence, data: { auth_status: status, login_error_message: null }, ...more });
}

/** Holds an answer against the form of the edge's errors; gives the document. */
export async function assertProblem(response, status, code) {
  const text = await response.text();
  assert.equal(response.status, status, text);
  assert.equal(response.headers.get("content-type"), "application/problem+json");
  assert.match(response.headers.get("x-request-id") ?? "", /^[0-9a-f-]{36}$/);
  const problem = JSON.parse(text);
  for (const member of ["type", "title", "detail"]) assert.ok(problem[member]?.length > 0, `${member} in ${text}`);
  assert.deepEqual([problem.status, problem.code], [status, code]);
  return problem;
}

/** The edge's own log lines: one JSON object each. */
export function logLines(worker) {
  return worker.log().split("\n").filter((line) => line.startsWith("{")).map((line) => JSON.parse(line));
}

/** Sends `text` over a connection of its own and gives all that comes back: no client tidies up the path or the framing. */
export function raw(worker, text, { limitMs = 10_000 } = {}) {
  return new Promise((resolve, reject) => {
    let answer = "";
    const socket = connect(worker.port, "127.0.0.1", () => socket.write(text));
    const end = () => (clearTimeout(timer), socket.destroy(), resolve(answer));
    const timer = setTimeout(() => (socket.destroy(), reject(new Error(`no whole answer within ${limitMs} ms: ${answer}`))), limitMs);
    socket.setEncoding("latin1");
    socket.on("data", (chunk) => {
      answer += chunk;
      const [head, body] = split(answer);
      const length = /^content-length: (\d+)/im.exec(head)?.[1];
      if (body !== undefined && (body.endsWith("0\r\n\r\n") || (length !== undefined && body.length >= Number(length)))) end();
    });
    // A server that refuses a body may close while it is still being sent.
    socket.on("error", () => end());
    socket.on("close", () => end());
  });
}

function split(answer) {
  const at = answer.indexOf("\r\n\r\n");
  return at < 0 ? [answer, undefined] : [answer.slice(0, at), answer.slice(at + 4)];
}

/** The status of an answer of [`raw`]. */
export const rawStatus = (answer) => Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1]);

/** The edge as its back office reads it. */
export function backOfficeOf(edge, token = LOCAL.apiToken) {
  const call = (path, init = {}) => fetch(edge.url + path, { ...init, headers: { authorization: `Bearer ${token}`, ...init.headers } });
  const read = async (path) => {
    const response = await call(path);
    const text = await response.text();
    assert.equal(response.status, 200, `${path}: ${text}`);
    return JSON.parse(text);
  };
  const pull = (id) => read(`/api/v1/pulls/${id}`);
  const known = async (id) => {
    const response = await call(`/api/v1/pulls/${id}`);
    const document = await response.json();
    return response.status === 200 ? document : undefined;
  };
  return {
    call,
    read,
    pull,
    /** The pull, or undefined while it is unknown. */
    known,
    /** The whole log, page by page. */
    async events(id, limit = 100) {
      const events = [];
      for (let after = 0; after !== null; ) {
        const page = await read(`/api/v1/pulls/${id}/events?after=${after}&limit=${limit}`);
        assert.ok(page.next === null || page.next > after, "pages go on");
        events.push(...page.events);
        after = page.next;
      }
      return events;
    },
    /** Waits until the pull is known and `wanted(pull)`; gives that pull. */
    async seen(id, wanted, what, limitMs) {
      let last;
      const look = async () => ((last = await known(id)), last && wanted(last) && last);
      return until(look, what, limitMs).catch((error) => {
        throw new Error(`${error.message}; last: ${JSON.stringify(last)}`);
      });
    },
  };
}

/** What the outbox says of one piece of work. */
export const workOf = (pull, name) => pull.outbox.find((entry) => entry.work === name);
/** Whether nothing in the outbox waits or has failed. */
export const isSettled = (pull) => pull.outbox.length > 0 && pull.outbox.every((entry) => entry.state === "done");

export const CONSENT = { terms_version: 1, consent_language: "By clicking Connect you agree to the Terms of Service." };

/** A page of `origin` (the edge's own unless given) with a session; with one of the back office's where `token` is given. */
export async function openPage(edge, { origin = edge.url, metadata, mode, servicing_actions, token, headers = {} } = {}) {
  const [path, by, body] = token ? ["/api/v1/sessions", { authorization: `Bearer ${token}` }, { origin, metadata, servicing_actions }] : ["/connect/sessions", { origin }, { metadata, mode }];
  const opened = await fetch(edge.url + path, { method: "POST", headers: { ...by, "content-type": "application/json", ...headers }, body: JSON.stringify(body) });
  const session = await opened.json();
  assert.equal(opened.status, 201, JSON.stringify(session));
  const below = `/connect/sessions/${session.session_id}`;
  const bearer = { authorization: `Bearer ${session.token}`, origin };
  const documents = [];
  const post = (name, body, more = {}) =>
    fetch(`${edge.url}${below}/${name}`, { method: "POST", body: JSON.stringify(body), headers: { ...bearer, ...more } });
  return {
    ...session,
    path: below,
    bearer,
    post,
    /** Everything the socket brought so far. */
    documents,
    /** The session's document as the socket brings it; what the answer has besides are the addresses of the opening. */
    async document() {
      const response = await fetch(edge.url + below, { headers: bearer });
      assert.equal(response.status, 200);
      const { public_alias, sdk_url, components_url, uploads, ...document } = await response.json();
      const told = [session.public_alias, session.sdk_url, session.components_url, session.uploads];
      assert.deepEqual([public_alias, sdk_url, components_url, uploads], told);
      return document;
    },
    /** Sends what must be taken; gives the session's document. */
    async ask(name, body) {
      const response = await post(name, body);
      const answer = await response.json();
      assert.equal(response.status, 200, `${name}: ${JSON.stringify(answer)}`);
      return answer;
    },
    /** Opens the live socket: every document goes to `documents`. */
    async live() {
      const { ticket } = await (await post("ticket")).json();
      const socket = openSocket(edge, below, ["canopy-edge", ticket], { origin });
      socket.addEventListener("message", ({ data }) => documents.push(JSON.parse(data)));
      await until(() => documents.length > 0, "the first document");
      return socket;
    },
    /** Waits for a document of the socket after the first `from`. */
    shown: (wanted, what, from = 0, limitMs = 20_000) =>
      until(() => documents.slice(from).find(wanted), `the page's ${what} (last: ${JSON.stringify(documents.at(-1))})`, limitMs),
  };
}

export function openSocket(edge, path, protocols, headers) {
  return new WebSocket(`${edge.url.replace("http", "ws")}${path}/live`, { protocols, headers });
}

/** Credential tokens as the page's Components give them. */
export async function tokensOf(sandbox, username, password = "pass_good") {
  const { tokens } = await control(sandbox, "POST", "/tokenize", { username, password });
  return { username: tokens.username, password: tokens.password };
}

/** A login as the page sends it. */
export async function loginOf(sandbox, username, password) {
  return { carrier_id: "statefarm", ...CONSENT, ...(await tokensOf(sandbox, username, password)) };
}

/** Calls the sandbox's own controls below `/sandbox`. */
export async function control(sandbox, method, path, json) {
  const response = await fetch(`${sandbox.url}/sandbox${path}`, { method, body: json && JSON.stringify(json) });
  const answer = await response.json();
  assert.ok(response.ok, JSON.stringify(answer));
  return answer;
}

/** How often the sandbox was called, by operation, for a pull or altogether. */
export async function callsOf(sandbox, operation, pullId = "") {
  const { requests } = await control(sandbox, "GET", "/requests");
  return requests.filter((request) => request.operation === operation && request.path.includes(pullId));
}

/** Waits until the sandbox has sent everything it has to say of a pull; gives all of it. */
export function delivered(sandbox, pullId) {
  const look = async () => {
    const { deliveries } = await control(sandbox, "GET", `/deliveries?pull_id=${pullId}`);
    return deliveries.length > 0 && deliveries.every((delivery) => delivery.state === "delivered") && deliveries;
  };
  return until(look, "every delivery");
}

/** A change to a policy that a consumer is asked to confirm, as Canopy's API takes it. */
export const SERVICING = {
  type: "ADD_MORTGAGEE",
  payload: { carrier_policy_number: "HO900417", name: "FIRST METROPOLIS BANK", address: "PO BOX 47020, ATLANTA, GA 30362", loan_number: "9004170001", mortgagee_type: "FIRST" },
};

export const authOf = (status) => (document) => document.auth?.status === status;
