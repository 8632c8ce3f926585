// One server in the place of all services that connectors speak to, told apart by `x-edge-host`: each holds requests to its own documentation and
// answers in its own form.
import { createServer } from "node:http";
import { chat } from "./services/chat.mjs";
import { crm } from "./services/crm.mjs";
import { mail } from "./services/mail.mjs";
import { models } from "./services/models.mjs";
import { records } from "./services/records.mjs";

/**
 * Something that was asked.
 * @typedef {object} Call
 * @property {string | null} service @property {string} host @property {string} method @property {string} path with its query
 * @property {object} headers @property {any} body parsed: JSON, or a form as an object @property {string} text the body as it came
 * @property {string | undefined} key `idempotency-key` @property {number} at when it had come whole, by the machine's clock
 * @property {boolean} accepted whether the service did what was asked, or had done so for the same key before
 * @property {boolean} repeated whether it had, so that nothing was done @property {boolean} isToken whether it asked for a token
 * @property {number | null} status what it was answered, where that was a whole answer @property {string | null} misbehaviour
 */

/** How a service can fail, by name: what is done to the call, and whether the service has done what was asked for. */
const WAYS = {
  /** Answers 500. */
  error: { answer: (service) => service.refused(500, "Internal error") },
  /** Answers 429, to be asked again after a second. */
  busy: { answer: (service) => withHeader(service.refused(429, "Too many requests"), "retry-after", "1") },
  /** Knows nobody. */
  stranger: { answer: (service) => service.refused(401, "Nobody is known by that") },
  /** Refuses, and says again what it was sent. */
  echo: { answer: (service, { headers, text }) => service.refused(400, `Got ${headers.authorization ?? "no token"}, ${text}`) },
  /** Gives no answer. */
  hang: { answer: () => null },
  /** Breaks the connection. */
  break: { answer: () => "gone" },
  /** Does it, and breaks the connection before it says so. */
  lost: { isDone: true, answer: () => "gone" },
  /** Answers 200 with what is none of its answers. */
  nonsense: { answer: () => ({ status: 200, body: "<html>It works!</html>", headers: { "content-type": "text/html" } }) },
};

/** @param {{ port?: number }} options a free port where it is left out */
export async function startServices({ port = 0 } = {}) {
  const services = [...mail(), ...chat(), ...crm(), ...records(), ...models()];
  const known = (host) => services.find((service) => service.hosts.includes(host));
  /** @type {Call[]} */
  const calls = [];
  const misbehaviours = [];
  const done = new Map();

  const server = createServer(async (request, response) => {
    const chunks = [];
    try {
      for await (const chunk of request) chunks.push(chunk);
    } catch {
      // What breaks off is no call.
      return;
    }
    const { method, url: path, headers } = request;
    const [host, text] = [headers["x-edge-host"] ?? "", Buffer.concat(chunks).toString()];
    const service = known(host);
    const call = {
      service: service?.name ?? null, host, method, path, headers, body: undefined, text, key: headers["idempotency-key"], at: Date.now(), accepted: false,
      repeated: false, isToken: false, status: null, misbehaviour: null,
    };
    calls.push(call);
    const answer = service ? answerOf(service, call) : { status: 421, body: { error: `no service is played at ${host || "no host"}` } };
    if (answer === null) return;
    if (answer === "gone") return void request.socket.destroy();
    call.status = answer.status;
    send(response, answer);
  });
  // One that closes while the next is on its way would be a failure that no test asked for.
  server.keepAliveTimeout = 0;

  function answerOf(service, call) {
    const way = misbehaviours.find((it) => it.host === call.host && it.times > 0);
    if (way) {
      way.times -= 1;
      call.misbehaviour = way.kind;
      if (WAYS[way.kind].isDone) take(service, call);
      return WAYS[way.kind].answer(service, call);
    }
    return take(service, call);
  }

  /** What the service makes of a call. */
  function take(service, call) {
    const route = service.routes.find((it) => it.method === call.method && it.path.test(call.path));
    if (!route) {
      const admitted = service.admits(call);
      return admitted === true ? service.refused(404, `${call.method} ${call.path} was not found`) : admitted;
    }
    call.isToken = route.isToken ?? false;
    const admitted = call.isToken ? true : service.admits(call);
    if (admitted !== true) return admitted;
    const isForm = route.form ?? service.form ?? false;
    const type = isForm ? "application/x-www-form-urlencoded" : "application/json";
    if (call.headers["content-type"]?.split(";")[0] !== type) return service.refused(415, `The Content-Type header is not ${type}`);
    call.body = isForm ? formOf(call.text) : jsonOf(call.text);
    if (call.body === undefined) return service.refused(400, "The body cannot be read");
    const answer = service.keyed && call.key ? once(service, route, call) : route.take(call, route.path.exec(call.path));
    call.accepted = answer.accepted;
    return answer;
  }

  /** A service that honours keys does what was asked for once. */
  function once(service, route, call) {
    const admitted = service.keyed.admits(call.key);
    if (admitted !== true) return admitted;
    const [name, says] = [`${service.name} ${call.key}`, service.keyed.says ?? (() => ({}))];
    const before = done.get(name);
    if (before) {
      if (before.text !== call.text) return service.keyed.other();
      call.repeated = true;
      return { ...before.answer, headers: { ...before.answer.headers, ...says(true) } };
    }
    const answer = route.take(call, route.path.exec(call.path));
    if (answer.accepted) done.set(name, { text: call.text, answer });
    return { ...answer, headers: { ...answer.headers, ...says(false) } };
  }

  await new Promise((resolve) => server.listen(port, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${server.address().port}`;
  return {
    url,
    calls,
    /** What was done, each thing once: no tokens, nothing that a key kept from being done again. */
    accepted: (service) => calls.filter((call) => call.accepted && !call.repeated && !call.isToken && (!service || call.service === service)),
    /** @param {string} host @param {keyof typeof WAYS} kind @param {number} times how many of the next calls to it are treated so, after those before */
    misbehave(host, kind, times = 1) {
      if (!known(host) || !WAYS[kind]) throw new Error(`expected a host that is played and one of ${Object.keys(WAYS).join(", ")}, got ${host}, ${kind}`);
      misbehaviours.push({ host, kind, times });
    },
    /** It does as it should from here on. */
    behave: (host) => misbehaviours.filter((it) => it.host === host).forEach((it) => (it.times = 0)),
    /** Every token that was given is good for nothing. */
    expireTokens: () => services.forEach((service) => service.tokens?.forget()),
    /** The secret of a host, `[NAME, value]`. */
    secretOf: (host) => known(host)?.secret,
    /** The value of EDGE_SECRETS. */
    secrets: () => services.flatMap(({ hosts, secret }) => (secret ? hosts.map((host) => `${secret[0]}:${host}:${secret[1]}`) : [])).join(","),
    /** The value of EDGE_LOCAL_HOSTS. */
    localHosts: () => services.flatMap(({ hosts }) => hosts.map((host) => `${host}=${url}`)).join(","),
    stop: () => new Promise((resolve) => (server.close(resolve), server.closeAllConnections())),
  };
}

const withHeader = (answer, name, value) => ({ ...answer, headers: { ...answer.headers, [name]: value } });

const formOf = (text) => Object.fromEntries(new URLSearchParams(text));

/** Undefined for what is no object. */
function jsonOf(text) {
  try {
    const body = JSON.parse(text);
    return body !== null && typeof body === "object" && !Array.isArray(body) ? body : undefined;
  } catch {
    return undefined;
  }
}

function send(response, { status, headers = {}, body }) {
  const bytes = Buffer.from(typeof body === "string" ? body : JSON.stringify(body));
  const length = status === 204 ? {} : { "content-length": bytes.length };
  const type = typeof body === "string" ? {} : { "content-type": "application/json" };
  // One who hangs up in the middle is no fault of the test's.
  response.on("error", () => {});
  response.writeHead(status, { ...type, ...length, ...headers }).end(bytes);
}
