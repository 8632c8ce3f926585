// An agency's endpoints for tests: keep every delivery, have each verified by the official library, answer as badly as the test wants.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { createServer as createNetServer } from "node:net";
import { gzipSync } from "node:zlib";
import { Webhook } from "standardwebhooks";
import { until } from "./edge-client.mjs";
import { componentErrors } from "./edge-contract.mjs";
import { bytes, head, hangUp, reset, silence, withoutEnd } from "./hostile-upstream.mjs";

/**
 * A way to answer a delivery.
 * @typedef {(response: import("node:http").ServerResponse, delivery: Delivery) => void} Way
 *
 * @typedef {object} Delivery
 * @property {number} at when it had come whole, by the machine's clock
 * @property {string} path @property {object} headers @property {Buffer} raw @property {any} body parsed
 * @property {string} id `webhook-id` @property {string} pull_id @property {number} position
 * @property {number} attempt how often the same id has come, from 1
 * @property {number} beside how many of the same pull were not answered yet when it came
 * @property {string[]} signedBy the known secrets that the library takes it with
 * @property {number | null} status what it was answered, where that was a whole answer
 */

/** An answer of this status. @returns {Way} */
export const status = (code, headers = {}, body = "") => (response, delivery) => {
  delivery.status = code;
  response.writeHead(code, { ...(code === 204 ? {} : { "content-length": Buffer.byteLength(body) }), ...headers }).end(body);
};
export const accepts = status(204);
/** As `first` for so many deliveries of whatever id, then as `then`. @returns {Way} */
export const firstly = (times, first, then = accepts) => {
  let count = 0;
  return (...answer) => ((count += 1) <= times ? first : then)(...answer);
};
/** What is done to the connection itself: see hostile-upstream.mjs. @returns {Way} */
const onWire = (way) => ({ socket }) => way(socket);

export const hangs = onWire(silence);
export const hangsUp = onWire(hangUp);
export const resets = onWire(reset);
export const redirects = (location, code = 302) => status(code, { location });
/** As `way`, whose status is 200 whatever comes of the body. @returns {Way} */
const taking = (way) => (response, delivery) => {
  delivery.status = 200;
  onWire(way)(response);
};

/** Answers that take nothing, by name; of each it is known what the edge makes of it. */
export const FAILING = {
  "a server's fault": [status(500, {}, "broken"), 500, "SERVER_ERROR"],
  "a refusal": [status(404, {}, "nobody here"), 404, "REFUSED"],
  "too many": [status(429), 429, "RATE_LIMITED"],
  "a hang-up": [hangsUp, null, "UNREACHABLE"],
  "a reset": [resets, null, "UNREACHABLE"],
  "half a head": [onWire(bytes("HTTP/1.1 200 OK\r\ncontent-le")), null, "UNREACHABLE"],
  "no HTTP": [onWire(bytes("SSH-2.0-OpenSSH_9.6\r\n\r\n")), null, "UNREACHABLE"],
  "a head of a megabyte": [onWire(bytes(head(200, [["x-filler", "x".repeat(1024 * 1024)], ["content-length", "0"]]))), null, "UNREACHABLE"],
};

/** Answers whose status counts, however their body ends, or does not. */
export const TAKEN = {
  "200": status(200, {}, "ok"),
  "204": accepts,
  "a body that is packed": status(200, { "content-encoding": "gzip" }, gzipSync("thank you")),
  "a body that stalls": taking((socket) => socket.write(head(200, [["content-length", "100"]]) + "thank")),
  "a body cut short": taking(bytes(head(200, [["content-length", 100]]), "thank")),
  "a body without end": taking(withoutEnd("text/plain", "thank you")),
};

/** Endpoints of one server on this machine. */
export async function startHooks() {
  const endpoints = new Map();
  const server = createServer(async (request, response) => {
    const endpoint = endpoints.get(request.url);
    if (!endpoint) return void response.writeHead(404).end();
    const chunks = [];
    try {
      for await (const chunk of request) chunks.push(chunk);
    } catch {
      // What breaks off is no delivery.
      return;
    }
    endpoint.take(request, response, Buffer.concat(chunks));
  });
  // One that closes while the next is on its way would be a failure that no test asked for.
  server.keepAliveTimeout = 0;
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const base = `http://127.0.0.1:${server.address().port}`;
  return {
    url: base,
    /** Another address, answered by `way`. */
    endpoint(way = accepts) {
      const path = `/hook/${endpoints.size + 1}`;
      const endpoint = endpointAt(base + path, way);
      endpoints.set(path, endpoint);
      return endpoint;
    },
    stop: () => new Promise((resolve) => (server.close(resolve), server.closeAllConnections())),
  };
}

function endpointAt(url, way) {
  /** @type {Delivery[]} */
  const deliveries = [];
  const secrets = new Set();
  const [underWay, attempts] = [new Set(), new Map()];
  const verify = (delivery) => (delivery.signedBy = [...secrets].filter((secret) => isSigned(delivery, secret)));
  return {
    url,
    deliveries,
    /** Answers so from here on. */
    answer: (other) => (way = other),
    /** A secret that deliveries may be signed with, of those that have come, too. */
    knows(secret) {
      secrets.add(secret);
      deliveries.forEach(verify);
    },
    of: (pull_id) => deliveries.filter((delivery) => delivery.pull_id === pull_id),
    /** Each `webhook-id` that was answered 2xx, in the order of the first time. */
    taken: (pull_id) => [...new Set(deliveries.filter((it) => it.status >= 200 && it.status < 300 && (!pull_id || it.pull_id === pull_id)).map((it) => it.id))],
    /** Waits for a delivery, or for whatever `look` gives. */
    until: (look, what, limitMs) => until(() => look(deliveries), `${what} at ${url}`, limitMs),
    take(request, response, raw) {
      const id = request.headers["webhook-id"] ?? "";
      const [, pull_id, position] = /^(.+)_(\d+)$/.exec(id) ?? [];
      const attempt = (attempts.get(id) ?? 0) + 1;
      attempts.set(id, attempt);
      const beside = [...underWay].filter((other) => other.pull_id === pull_id && other.status === null).length;
      const { method, url: path, headers } = request;
      const delivery = { at: Date.now(), method, path, headers, raw, body: parsed(raw), id, pull_id, position: Number(position), attempt, beside, status: null };
      verify(delivery);
      deliveries.push(delivery);
      underWay.add(delivery);
      response.once("close", () => underWay.delete(delivery));
      // One who hangs up in the middle is no fault of the test's.
      response.on("error", () => {});
      way(response, delivery);
    },
  };
}

function parsed(raw) {
  try {
    return JSON.parse(raw);
  } catch {
    return undefined;
  }
}

function isSigned({ raw, headers }, secret) {
  try {
    new Webhook(secret).verify(raw, headers);
    return true;
  } catch {
    return false;
  }
}

/** That all that came is what the document promises: signed, under the id of its pull and position, one of a pull at a time and in order. */
export function assertSound(endpoint, { replayed = false } = {}) {
  assert.ok(endpoint.deliveries.length > 0, "something came");
  for (const { id, method, headers, body, signedBy, pull_id, beside } of endpoint.deliveries) {
    const what = `${id} at ${endpoint.url}`;
    assert.deepEqual(componentErrors("data" in body ? "DeliveredEvent" : "DeliveredFlat", body), [], what);
    assert.ok(signedBy.length > 0, `the library refuses ${what}`);
    assert.deepEqual([method, headers["content-type"]], ["POST", "application/json"], what);
    assert.match(headers["webhook-signature"], /^v1,[A-Za-z0-9+/]{43}=( v1,[A-Za-z0-9+/]{43}=)?$/, what);
    assert.ok(pull_id, `${what} is the id of a pull and a position`);
    assert.equal(beside, 0, `${what} came beside another of its pull`);
  }
  if (replayed) return;
  for (const pull_id of new Set(endpoint.deliveries.map((it) => it.pull_id))) {
    const positions = endpoint.of(pull_id).map((it) => it.position);
    assert.deepEqual(positions, positions.toSorted((a, b) => a - b), `the order of ${pull_id} at ${endpoint.url}`);
  }
}

/** A listener that stands for what must not be reached: whoever comes is counted. */
export async function startInside() {
  const visits = [];
  const server = createNetServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", (bytes) => visits.push(bytes.toString("latin1")));
    visits.push("connected");
    socket.end("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address();
  return { port, url: `http://127.0.0.1:${port}/latest/meta-data`, visits, stop: () => new Promise((resolve) => server.close(resolve)) };
}
