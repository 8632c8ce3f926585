// A server in Canopy's place that keeps to no rule of HTTP: it is given bytes, or a way to misbehave, for each call. What only
// answers what Canopy does not is stand-in.mjs.
import { createServer } from "node:net";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const MIB = 1024 * 1024;

/**
 * @param {(call: { method: string, path: string, headers: Record<string, string>, body: string }) => (socket: import("node:net").Socket) => void} behave
 *   what is done to the connection once the call has come whole
 */
export async function startHostile(behave) {
  const calls = [];
  const sockets = new Set();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    // One who hangs up in the middle is no fault of the test's.
    socket.on("error", () => {});
    socket.setEncoding("latin1");
    let text = "";
    const read = (chunk) => {
      text += chunk;
      const call = wholeCall(text);
      if (!call) return;
      socket.off("data", read);
      socket.resume();
      const closed = new Promise((resolve) => socket.once("close", resolve));
      calls.push({ ...call, closed });
      behave(call)(socket);
    };
    socket.on("data", read);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    port: server.address().port,
    /** Everything that was asked so far; `closed` resolves when its connection is. */
    calls,
    stop: () =>
      new Promise((resolve) => {
        server.close(resolve);
        for (const socket of sockets) socket.destroy();
      }),
  };
}

/** The call that `text` is, once its body is there. */
function wholeCall(text) {
  const at = text.indexOf("\r\n\r\n");
  if (at < 0) return undefined;
  const [start, ...lines] = text.slice(0, at).split("\r\n");
  const [method, path] = start.split(" ");
  const headers = Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf(":")).toLowerCase(), line.slice(line.indexOf(":") + 1).trim()]));
  const body = text.slice(at + 4);
  const isChunked = headers["transfer-encoding"] !== undefined;
  const isWhole = isChunked ? body.endsWith("0\r\n\r\n") : body.length >= Number(headers["content-length"] ?? 0);
  return isWhole ? { method, path, headers, body } : undefined;
}

/** The first lines of an answer, as they are given: `headers` is a list of [name, value], in bytes (latin1). */
export function head(status, headers = [], reason = "Odd") {
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  return Buffer.from(`HTTP/1.1 ${String(status).padStart(3, "0")} ${reason}\r\n${lines}\r\n`, "latin1");
}

/** Sends exactly these bytes, then closes. */
export const bytes = (...parts) => (socket) => socket.end(Buffer.concat(parts.map((part) => Buffer.from(part))));

/** A whole answer of the right length. */
export function answer(status, { headers = [], body = "" } = {}) {
  const whole = Buffer.from(body);
  return bytes(head(status, [...headers, ["content-length", whole.length], ["connection", "close"]]), whole);
}

export const redirect = (location, status = 302) => answer(status, { headers: [["location", location]] });

/** Takes the call and says nothing. */
export const silence = () => {};
/** Ends the connection in good order, without an answer. */
export const hangUp = (socket) => socket.end();
/** Ends it by a reset. */
export const reset = (socket) => socket.resetAndDestroy();

/** The start of an answer, then `text` again and again for ever, each after `everyMs` or as fast as it is read. */
export function endless(start, text, everyMs) {
  const part = Buffer.from(text);
  return (socket) => {
    socket.write(start);
    if (everyMs !== undefined) {
      const timer = setInterval(() => socket.write(part), everyMs);
      socket.once("close", () => clearInterval(timer));
      return;
    }
    const write = () => {
      while (!socket.destroyed && socket.write(part));
    };
    socket.on("drain", write);
    write();
  };
}

const CHUNKED = ["transfer-encoding", "chunked"];
const JSON_TYPE = ["content-type", "application/json"];
const chunk = (text) => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;

/** An answer of 200 that comes a byte a second; it would be whole after some minutes. */
export const slowly = (type = "application/json") => endless(head(200, [["content-type", type], ["content-length", 300]]), " ", 1_000);

/** An answer of 200 that never ends. */
export const withoutEnd = (type = "application/json", start = "") =>
  endless(Buffer.concat([head(200, [["content-type", type], CHUNKED]), Buffer.from(start && chunk(start))]), chunk(" ".repeat(64 * 1024)));

/** The size of a bomb unpacked, in bytes. */
export const BOMB_BYTES = 128 * MIB;
const packed = new Map();

/** Some kilobytes that unpack to 128 MiB of zeros behind `start`: `encoding` is `gzip` or `br`. */
export function bomb(encoding, type = "application/json", start = "") {
  const name = `${encoding} ${start}`;
  if (!packed.has(name)) {
    const pack = { gzip: (all) => gzipSync(all, { level: 1 }), br: (all) => brotliCompressSync(all, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } }) };
    const all = Buffer.alloc(BOMB_BYTES);
    all.write(start);
    packed.set(name, pack[encoding](all));
  }
  return answer(200, { headers: [["content-type", type], ["content-encoding", encoding]], body: packed.get(name) });
}

/** Answers that are none: no status can be read from them. */
export const NO_ANSWER = {
  "a hang-up": hangUp,
  "a reset": reset,
  "no HTTP": bytes("SSH-2.0-OpenSSH_9.6\r\n\r\n"),
  "half a status line": bytes("HTTP/1.1 20"),
  "half a head": bytes("HTTP/1.1 200 OK\r\ncontent-type: application/js"),
  "a status of two digits": bytes("HTTP/1.1 20 OK\r\ncontent-length: 0\r\n\r\n"),
  "a status of words": bytes("HTTP/1.1 two OK\r\ncontent-length: 0\r\n\r\n"),
  "a head of a megabyte": bytes(head(200, [["x-filler", "x".repeat(MIB)], ["content-length", "0"]])),
  "a head without end": endless("HTTP/1.1 200 OK\r\n", `x-filler: ${"x".repeat(1024)}\r\n`),
};

/** Answers of 200 whose body is not what its framing or its encoding says. */
export const BROKEN_BODY = {
  "a body cut short": bytes(head(200, [JSON_TYPE, ["content-length", 100]]), '{"success":'),
  "a body cut short between chunks": bytes(head(200, [JSON_TYPE, CHUNKED]), chunk('{"success":')),
  "a body cut short in a chunk": bytes(head(200, [JSON_TYPE, CHUNKED]), "40\r\n{"),
  "a chunk of no length": bytes(head(200, [JSON_TYPE, CHUNKED]), chunk("{"), "zz\r\n}\r\n0\r\n\r\n"),
  "a chunk of more than there is": bytes(head(200, [JSON_TYPE, CHUNKED]), "ffffffffffffffff\r\n{}"),
  "a negative length": bytes(head(200, [JSON_TYPE, ["content-length", -1]]), "{}"),
  "two lengths": bytes(head(200, [JSON_TYPE, ["content-length", 2], ["content-length", 40]]), "{}"),
  "a length and chunks": bytes(head(200, [JSON_TYPE, ["content-length", 40], CHUNKED]), chunk("{}"), "0\r\n\r\n"),
  "gzip that is none": answer(200, { headers: [JSON_TYPE, ["content-encoding", "gzip"]], body: '{"success":true}' }),
  "gzip cut short": answer(200, { headers: [JSON_TYPE, ["content-encoding", "gzip"]], body: gzipSync("{}".repeat(999)).subarray(0, 20) }),
  "an encoding that nobody knows": answer(200, { headers: [JSON_TYPE, ["content-encoding", "rot13"]], body: "\x01\x02\x03" }),
};
