// An edge whose every answer is held against what Canopy, here the sandbox, gave it.
import assert from "node:assert/strict";
import { LOCAL, startEdge } from "./harness.mjs";
import { startTap } from "./tap.mjs";

/** Headers of Canopy's that cross, where it sends them. Source: docs/api.md, "The proxy". */
const CROSSES = ["accept-ranges", "content-disposition", "content-language", "content-range", "content-type", "etag", "last-modified", "location", "retry-after"];
/** Members that are the edge's own: its token in the place of Canopy's. */
const SEALED = /("pull_jwt":")[^"]+/g;
/** A token that is good for everything: 32 characters or more, as one that is deployed. */
export const WHOLE = "whole-token-0123456789abcdef0123456789abcdef";

/** What `clientOf` takes, and what stops it. `edge` and `tap` are for who looks closer. */
export async function startTappedEdge(sandbox, env = {}) {
  const tap = await startTap(sandbox);
  const edge = await startEdge({ sandbox: tap, env: { EDGE_API_TOKENS: `whole:${WHOLE}:read+write+servicing+admin`, ...env } });
  /** Held against: the last call that Canopy had. The edge's own problems are its own. */
  function look(response, bytes) {
    if (response.headers.get("content-type") === "application/problem+json") return;
    const theirs = tap.calls.at(-1);
    const where = `${theirs.method} ${theirs.path}`;
    assert.equal(response.status, theirs.status, where);
    const [ours, canopys] = [bytes, theirs.body].map((body) => body.toString("latin1"));
    assert.equal(ours.replaceAll(SEALED, "$1"), canopys.replaceAll(SEALED, "$1"), where);
    for (const name of CROSSES) assert.equal(response.headers.get(name), theirs.headers[name] ?? null, `${where}: ${name}`);
    // What speaks for the consumer with Canopy is a JWT, and never leaves.
    assert.ok(!ours.includes("eyJ"), where);
    assert.equal(theirs.request.headers["x-canopy-client-secret"], undefined, where);
    const sent = JSON.stringify(theirs.request.headers) + theirs.request.body;
    for (const own of [WHOLE, LOCAL.sessionKey]) assert.ok(!sent.includes(own), `${where} tells Canopy the edge's own`);
  }
  const stop = async () => void (await Promise.all([edge.stop(), tap.stop()]));
  return { url: `${edge.url}/canopy/api/v1.0.0`, clientSecret: WHOLE, look, edge, tap, stop };
}
