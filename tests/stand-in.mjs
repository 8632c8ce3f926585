// A server in Canopy's place, for what the sandbox cannot be made to answer, or not be asked: exact bytes, exact headers.
import { createServer } from "node:http";

/**
 * @param {(call: { method: string, path: string, headers: object, body: Buffer }) => { status?: number, headers?: object, body?: any } | null}
 *   may be a promise; answer `body` is JSON unless it is text or bytes; null for no answer at all, "gone" for a connection that breaks.
 */
export async function startStandIn(answer) {
  const calls = [];
  const server = createServer(async (request, response) => {
    const chunks = [];
    try {
      for await (const chunk of request) chunks.push(chunk);
    } catch {
      // What breaks off is no call.
      return;
    }
    const call = { method: request.method, path: request.url, headers: request.headers, body: Buffer.concat(chunks), at: Date.now() };
    calls.push(call);
    const given = await answer(call, calls.length);
    if (given === null) return;
    if (given === "gone") return void request.socket.destroy();
    const { status = 200, headers = {}, body = {} } = given;
    const bytes = typeof body === "string" || Buffer.isBuffer(body) ? Buffer.from(body) : Buffer.from(JSON.stringify(body));
    response.writeHead(status, { "content-type": "application/json", "content-length": bytes.length, ...headers });
    // One who hangs up in the middle is no fault of the test's.
    response.on("error", () => {});
    response.end(bytes);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    /** Everything that was asked so far. */
    calls,
    stop: () => new Promise((resolve) => (server.close(resolve), server.closeAllConnections())),
  };
}

/** The pull that a path asks for. */
export const pullOf = (path) => /\/pulls\/([^/?]+)$/.exec(path)?.[1];
