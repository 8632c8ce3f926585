// The edge's ingest job as a TypeScript developer would write it: the same checks, the same durability, the same work
// afterwards, by the platform's usual means. What the edge does beside ingest (documents, proxy, sessions of the page,
// sealing at rest) is not here.
import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import type { Env } from "./env";
import { parseEvent } from "./event";
import { Problem } from "./problem";
import { verify } from "./signature";

export { Pull } from "./pull";
export { Session } from "./session";

const MAX_BODY_BYTES = 1024 * 1024;

interface Trace {
  requestId: string;
  code?: string;
  pullId?: string;
  eventType?: string;
  outcome?: string;
}

interface Types {
  Bindings: Env;
  Variables: { trace: Trace };
}
type EdgeContext = Context<Types>;

const app = new Hono<Types>();

app.use(async (c, next) => {
  const started = Date.now();
  const trace: Trace = { requestId: crypto.randomUUID() };
  c.set("trace", trace);
  c.header("x-request-id", trace.requestId);
  c.header("cache-control", "no-store");
  c.header("x-content-type-options", "nosniff");
  await next();
  const line = JSON.stringify({
    request_id: trace.requestId,
    method: c.req.method,
    route: c.req.path,
    status: c.res.status,
    code: trace.code,
    duration_ms: Date.now() - started,
    pull_id: trace.pullId,
    event_type: trace.eventType,
    outcome: trace.outcome,
  });
  if (c.res.status >= 500) console.error(line);
  else console.log(line);
});

app.get("/healthz", (c) => c.json({ status: "ok" }));

const limit = bodyLimit({
  maxSize: MAX_BODY_BYTES,
  onError: () => {
    throw new Problem("BODY_TOO_LARGE", `expected a body of at most ${MAX_BODY_BYTES} bytes`);
  },
});

app.post("/webhooks/canopy", limit, async (c) => {
  const body = await c.req.arrayBuffer();
  await verify(c.env, c.req.header("canopy-signature"), body);
  const event = parseEvent(body);
  const trace = c.get("trace");
  trace.pullId = event.pullId;
  trace.eventType = event.type;
  const digest = await crypto.subtle.digest("SHA-256", body);
  trace.outcome = await c.env.PULL.getByName(event.pullId).ingest(event, digest, body);
  return c.json({ received: true });
});

app.all("/webhooks/canopy", () => {
  throw new Problem("METHOD_NOT_ALLOWED", "expected POST");
});

app.notFound((c) => answer(c, new Problem("NOT_FOUND", "expected one of the routes of the API reference")));

app.onError((error, c) =>
  answer(c, error instanceof Problem ? error : new Problem("INTERNAL", "the request failed: try again")),
);

function answer(c: EdgeContext, problem: Problem): Response {
  c.get("trace").code = problem.code;
  return c.json(problem.document(), problem.status, { "content-type": "application/problem+json" });
}

export default app;
