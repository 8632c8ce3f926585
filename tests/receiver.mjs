// A receiver of webhooks for tests: keeps every one, checks its signature, answers what the test wants.
import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";
import { freePort } from "./harness.mjs";

/**
 * @param {{ secret: string, answer?: (webhook: object, attempt: number) => number | null }} options `answer` gives the status, or null
 *   for no answer at all; `attempt` counts the arrivals of the same body from 1.
 */
export async function startReceiver({ secret, answer = () => 200 }) {
  const port = await freePort();
  const received = [];
  const waiting = new Set();
  const server = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const raw = Buffer.concat(chunks).toString();
    const webhook = { raw, body: JSON.parse(raw), signature: request.headers["canopy-signature"], signed: isSigned(secret, request.headers["canopy-signature"], raw) };
    const attempt = received.filter((earlier) => earlier.raw === raw).length + 1;
    received.push(webhook);
    for (const check of waiting) check();
    const status = answer(webhook, attempt);
    if (status !== null) response.writeHead(status).end();
  });
  await new Promise((resolve) => server.listen(port, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${port}/hook`,
    received,
    /** Waits until `wanted(received)` gives something, and gives that. */
    until(wanted, what, limitMs = 10_000) {
      return new Promise((resolve, reject) => {
        const check = () => {
          const found = wanted(received);
          if (!found) return;
          clearTimeout(timer);
          waiting.delete(check);
          resolve(found);
        };
        const timer = setTimeout(() => {
          waiting.delete(check);
          const seen = received.map(({ body }) => `${body.event_type} ${body.status}`).join(", ");
          reject(new Error(`${what} did not arrive within ${limitMs} ms; arrived: ${seen}`));
        }, limitMs);
        waiting.add(check);
        check();
      });
    },
    stop: () => new Promise((resolve) => (server.close(resolve), server.closeAllConnections())),
  };
}

/** Whether `header` is a fresh `canopy-signature` of exactly this body. */
export function isSigned(secret, header, raw) {
  const [, time, given] = /^t=(\d+),s=([0-9a-f]{64})$/.exec(header ?? "") ?? [];
  if (!given || Math.abs(Date.now() / 1000 - Number(time)) > 300) return false;
  const expected = createHmac("sha256", secret).update(`${time}.${raw}`).digest("hex");
  return timingSafeEqual(Buffer.from(given), Buffer.from(expected));
}
