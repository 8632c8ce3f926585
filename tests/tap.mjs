// Stands between the edge and what it takes for Canopy: passes everything on as it is and keeps both sides of it.
import { createServer, request as send } from "node:http";
import { freePort } from "./harness.mjs";

/** Hop-by-hop. Source: RFC 9110, section 7.6.1. */
const HOP = new Set(["connection", "keep-alive", "transfer-encoding", "upgrade"]);

/**
 * @param {{ alter?: (call: { method, path, body: Buffer }) => Buffer, hold?: (body: Buffer) => Promise<void> }} options `alter` gives another body
 *   for an answer, where something is to be missing; `hold` is over when a request may go on
 * @returns {Promise<{ url: string, calls: { method, path, request: { headers, body }, status, headers, body }[], stop }>}
 */
export async function startTap(target, { alter = ({ body }) => body, hold = async () => {} } = {}) {
  const port = await freePort();
  const calls = [];
  const { hostname, port: behind, host } = new URL(target.url);
  const server = createServer(async (incoming, outgoing) => {
    try {
      const body = Buffer.concat(await incoming.toArray());
      await hold(body);
      const headers = { ...kept(incoming.headers), host, "content-length": body.length };
      const answer = await new Promise((resolve, reject) => {
        const { method, url } = incoming;
        send({ hostname, port: behind, method, path: url, headers }, resolve).once("error", reject).end(body);
      });
      const bytes = alter({ method: incoming.method, path: incoming.url, body: Buffer.concat(await answer.toArray()) });
      calls.push({ method: incoming.method, path: incoming.url, request: { headers: incoming.headers, body }, status: answer.statusCode, headers: answer.headers, body: bytes });
      outgoing.writeHead(answer.statusCode, { ...kept(answer.headers), "content-length": bytes.length });
      outgoing.end(bytes);
    } catch {
      // The edge, or a body of its client's, broke off: so does this.
      outgoing.destroy();
    }
  });
  await new Promise((resolve) => server.listen(port, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${port}`, calls, stop: () => new Promise((resolve) => (server.close(resolve), server.closeAllConnections())) };
}

const kept = (headers) => Object.fromEntries(Object.entries(headers).filter(([name]) => !HOP.has(name)));
