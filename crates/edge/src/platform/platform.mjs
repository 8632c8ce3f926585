// What Rust asks of the platform where one call here saves many crossings between JavaScript and WebAssembly.

/** Headers as they come from Rust, names and values in turn, in lines: one text crosses sooner than several. */
function pairs(headers) {
  const [lines, all] = [headers.split("\n"), []];
  for (let at = 1; at < lines.length; at += 2) all.push([lines[at - 1], lines[at]]);
  return all;
}

/** An answer of the edge's own. `isHead` leaves out the body, and says its length. */
export function reply(status, requestId, headers, body, isHead) {
  const all = {
    "x-request-id": requestId,
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
  };
  const lines = headers.split("\n");
  for (let at = 1; at < lines.length; at += 2) all[lines[at - 1]] = lines[at];
  if (!isHead || body === null) return new Response(body, { status, headers: all });
  if (body instanceof ReadableStream) body.cancel().catch(() => {});
  else all["content-length"] = new Blob([body]).size;
  return new Response(null, { status, headers: all });
}

/** Statuses whose answers have no body. Source: Fetch, "null body status". */
const BODILESS = new Set([204, 205, 304]);

/** An answer of somebody else's, its body streamed, with none of its headers but the `allowed`. */
export function relay(response, allowed, requestId, headers, isHead) {
  const all = new Headers();
  for (const name of allowed) {
    const value = response.headers.get(name);
    if (value !== null) all.set(name, value);
  }
  all.set("x-request-id", requestId);
  for (const [name, value] of pairs(headers)) all.set(name, value);
  const { status } = response;
  if (!isHead && !BODILESS.has(status)) return new Response(response.body, { status, headers: all });
  response.body?.cancel().catch(() => {});
  return new Response(null, { status, headers: all });
}

/** A WebSocket's answer, with the subprotocol that was chosen. */
export function upgrade(socket, protocol) {
  return new Response(null, {
    status: 101,
    webSocket: socket,
    headers: { "sec-websocket-protocol": protocol },
  });
}

/** An object's answer to an upgrade, on its way to the page. */
export function upgraded(response, requestId) {
  const headers = new Headers(response.headers);
  headers.set("x-request-id", requestId);
  return new Response(null, { status: 101, webSocket: response.webSocket, headers });
}

/**
 * The whole body as an ArrayBuffer, or undefined when it is larger than `most` bytes, or than `hold` has room for, which
 * is asked with the size before that much is read: then it is not read on.
 */
export async function bounded(source, most, hold = () => true) {
  const length = source.headers.get("content-length");
  if (length !== null && !source.headers.has("content-encoding")) {
    if (Number(length) > most || !hold(Number(length))) {
      await source.body?.cancel().catch(() => {});
      return undefined;
    }
    return source.arrayBuffer();
  }
  if (source.body === null) return new ArrayBuffer(0);
  const chunks = [];
  let size = 0;
  for await (const chunk of source.body) {
    size += chunk.byteLength;
    // Leaving the loop cancels the rest.
    if (size > most || !hold(size)) return undefined;
    chunks.push(chunk);
  }
  const whole = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.byteLength;
  }
  return whole.buffer;
}

const keys = new Map();

/** A secret's key, imported once. Kept is the key and not its promise, which belongs to the request that made it. */
async function keyOf(secret) {
  let key = keys.get(secret);
  if (key === undefined) {
    const raw = new TextEncoder().encode(secret);
    key = await crypto.subtle.importKey("raw", raw, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
    keys.set(secret, key);
  }
  return key;
}

/** SHA-256 of `body`, then HMAC-SHA256 of `timestamp + "." + body` with each secret: 32 bytes each in a row. */
export async function hashes([timestamp, ...secrets], body) {
  const prefix = new TextEncoder().encode(`${timestamp}.`);
  const message = new Uint8Array(prefix.length + body.byteLength);
  message.set(prefix);
  message.set(new Uint8Array(body), prefix.length);
  const mac = async (secret) => crypto.subtle.sign("HMAC", await keyOf(secret), message);
  const all = await Promise.all([crypto.subtle.digest("SHA-256", body), ...secrets.map(mac)]);
  const row = new Uint8Array(32 * all.length);
  all.forEach((hash, at) => row.set(new Uint8Array(hash), 32 * at));
  return row;
}

/** How WebCrypto names what a JSON Web Token's `alg` does. Source: RFC 7518, sections 3.3 and 3.5. */
const ALGORITHMS = { RS256: { name: "RSASSA-PKCS1-v1_5" }, PS256: { name: "RSA-PSS", saltLength: 32 } };

/** `text` signed with an RSA key (PKCS #8), or undefined where the key is none. */
export async function rsaSigned(algorithm, pkcs8, text) {
  const way = ALGORITHMS[algorithm];
  try {
    const key = await crypto.subtle.importKey("pkcs8", pkcs8, { ...way, hash: "SHA-256" }, false, ["sign"]);
    return new Uint8Array(await crypto.subtle.sign(way, key, new TextEncoder().encode(text)));
  } catch {
    return undefined;
  }
}

const TIMED_OUT = "TIMED_OUT";
const TOO_LARGE = "TOO_LARGE";

function failure(error, otherwise) {
  return error?.name === "TimeoutError" ? TIMED_OUT : otherwise;
}

/** One call of Canopy's, its answer not read; or the reason why there is none. `millis` are for its body, too. */
export async function asked(method, url, headers, body, millis) {
  try {
    const signal = AbortSignal.timeout(millis);
    return await fetch(url, { method, headers: pairs(headers), body, redirect: "manual", signal });
  } catch (error) {
    return failure(error, "UNREACHABLE");
  }
}

/**
 * The same, read whole: [status, body, retry-after], the body undefined when larger than `most`, or than `hold` has room
 * for; or the reason why there is no answer.
 */
export async function call(method, url, headers, body, millis, most, hold) {
  const response = await asked(method, url, headers, body, millis);
  if (typeof response === "string") return response;
  try {
    const whole = await bounded(response, most, hold);
    const retryAfter = response.headers.get("retry-after") ?? undefined;
    return [response.status, whole && new Uint8Array(whole), retryAfter];
  } catch (error) {
    return failure(error, "MALFORMED");
  }
}

/** Most headers of a service's answer that are read, and the longest. */
const [MAX_HEADERS, MAX_HEADER] = [64, 1024];

/** The same of any service, with the answer's headers, names and values in turn, in place of `retry-after`. */
export async function fetched(method, url, headers, body, millis, most) {
  const response = await asked(method, url, headers, body, millis);
  if (typeof response === "string") return response;
  const read = [...response.headers].filter(([, value]) => value.length <= MAX_HEADER).slice(0, MAX_HEADERS);
  // One that breaks off, or is too long, has been answered nevertheless.
  const whole = await bounded(response, most).catch(() => undefined);
  return [response.status, whole && new Uint8Array(whole), read.flat()];
}

/** How long the first bytes of an answer are waited for, in milliseconds. */
const ANSWER_MILLIS = 1000;

/** The first `most` bytes of a body, or what of them comes in time. */
async function beginning(response, most) {
  const reader = response.body?.getReader();
  if (reader === undefined) return new Uint8Array(0);
  const [whole, late] = [new Uint8Array(most), new Promise((resolve) => setTimeout(resolve, ANSWER_MILLIS, { done: true }))];
  let at = 0;
  try {
    while (at < most) {
      const { done, value } = await Promise.race([reader.read(), late]);
      if (done) break;
      whole.set(value.subarray(0, most - at), at);
      at += Math.min(value.byteLength, most - at);
    }
  } catch {
    // What broke off has said what it said.
  }
  reader.cancel().catch(() => {});
  return whole.subarray(0, at);
}

/** One delivery: [status, retry-after, first bytes of the answer], or the reason why there is no answer. */
export async function deliver(url, headers, body, millis, most) {
  const signal = AbortSignal.timeout(millis);
  let response;
  try {
    response = await fetch(url, { method: "POST", headers: pairs(headers), body, redirect: "manual", signal });
  } catch (error) {
    return failure(error, "UNREACHABLE");
  }
  return [response.status, response.headers.get("retry-after") ?? undefined, await beginning(response, most)];
}

/** One call of the proxy, its answer not read; or the reason why there is none. `millis` ends with the headers. */
export async function forward(method, url, headers, body, millis) {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(new DOMException("", "TimeoutError")), millis);
  try {
    const signal = controller.signal;
    return await fetch(url, { method, headers: pairs(headers), body, redirect: "manual", signal });
  } catch (error) {
    return failure(error, "UNREACHABLE");
  } finally {
    clearTimeout(timer);
  }
}

/** The whole body of a request or an answer as an ArrayBuffer, or the reason why it is not here after `millis`. */
export async function received(source, most, millis) {
  let timer;
  const late = new Promise((resolve) => (timer = setTimeout(resolve, millis, TIMED_OUT)));
  try {
    return (await Promise.race([bounded(source, most), late])) ?? TOO_LARGE;
  } catch {
    return "UNREACHABLE";
  } finally {
    clearTimeout(timer);
  }
}

/** SHA-256 of what a form holds: of each part the lengths and bytes of its name, its file's name and type, its value. */
export async function formDigest(body, media) {
  const form = await new Response(body, { headers: { "content-type": media } }).formData();
  const parts = [...form].flatMap(([name, value]) => [name, value.name ?? "", value.type ?? "", value]);
  const blobs = parts.map((part) => new Blob([part]));
  const all = new Blob(blobs.flatMap((blob) => [`${blob.size}:`, blob]));
  return crypto.subtle.digest("SHA-256", await all.arrayBuffer());
}

/** `response` once more: each of the two is read by itself. */
export function copied(response) {
  return response.clone();
}

/** `response` with another body. */
export function withBody({ status, headers }, body) {
  return new Response(BODILESS.has(status) ? null : body, { status, headers });
}

/** An answer that was kept. */
export function answered(status, headers, body) {
  return new Response(BODILESS.has(status) ? null : body, { status, headers: headers === "" ? [] : pairs(headers) });
}

/** Frees the memory behind bytes that nobody reads any more, which garbage collection would do at some later time. */
export function discard(bytes) {
  bytes.buffer.transfer(0);
}

/** A stream of `count` parts, each made when it is asked for. */
export function inParts(count, part) {
  let at = 0;
  return new ReadableStream({
    type: "bytes",
    pull(controller) {
      controller.enqueue(part(at));
      at += 1;
      if (at === count) controller.close();
    },
  });
}

/** The stream `body` as one whose length goes out before it. */
export function ofLength({ size, body }) {
  const { readable, writable } = new FixedLengthStream(size);
  // Whoever reads is told of a failure by the stream itself.
  body.pipeTo(writable).catch(() => {});
  return readable;
}

/** The rows of a query, each an array of its columns. */
export function rows(cursor) {
  return [...cursor.raw()];
}

/** The first row of a query, or undefined. Read to its end, so that the prepared statement is free for the next one. */
export function first(cursor) {
  const all = cursor.raw();
  const row = all.next().value;
  while (!all.next().done);
  return row;
}

function prepared(database, [text, ...bindings]) {
  return database.prepare(text).bind(...bindings);
}

/** Runs statements of D1's, several in one transaction. Each is a text and its bindings. */
export async function writeAll(database, statements) {
  const all = statements.map((statement) => prepared(database, statement));
  await (all.length === 1 ? all[0].run() : database.batch(all));
}

/** The rows of a query of D1's, each an object by its columns' names, as JSON; undefined where that is longer than `most`. */
export async function named(database, text, bindings, most) {
  const { results } = await prepared(database, [text, ...bindings]).all();
  const rows = JSON.stringify(results);
  return rows.length <= most ? rows : undefined;
}

/** The rows of a query of D1's, each an array of its columns. */
export function select(database, text, bindings) {
  return prepared(database, [text, ...bindings]).raw();
}
