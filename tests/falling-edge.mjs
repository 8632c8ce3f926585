// An edge that is killed at the boundaries of a run's steps: a service and Canopy, which its steps ask, see the run come to each of them.
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort, startEdge, temporaryDirectory } from "./harness.mjs";
import { pullOf, startStandIn } from "./stand-in.mjs";
import { TOKENS, workflowsOf } from "./workflows-client.mjs";

/** How long a run may take to its next boundary. */
const LIMIT_MS = 60_000;
/** Within this time after an answer workerd is killed: about as long as it takes to write it down. */
const AFTER_MS = 20;

/** Boundaries of a call: it has come and has no answer, and it has one. */
export const around = (...paths) => paths.flatMap((path) => [`before ${path}`, `after ${path}`]);

/** At most `count` of the boundaries, evenly spread from a random one on. */
export function chosen(boundaries, count) {
  const step = Math.max(1, boundaries.length / count);
  const first = Math.random() * step;
  return Array.from({ length: Math.min(count, boundaries.length) }, (_, at) => boundaries[Math.floor(first + at * step)]);
}

/**
 * @param {string[]} boundaries where it is killed, in the order of the run: those of `around`, and others that only the test sees. `/canopy`
 *   is a write to Canopy
 */
export async function startFalling(boundaries) {
  const stops = boundaries.map((name) => ({ name, ...Promise.withResolvers() }));
  let [reached, fallen, isFalling] = [0, 0, false];
  /** What was answered to the calls of a path, in turn. */
  const given = new Map();
  const answer = ({ path }) => {
    // What comes between the boundary and the kill has no answer: nobody knows how far it would come.
    if (isFalling) return null;
    const stop = stops[reached];
    isFalling = around(path).includes(stop?.name);
    if (isFalling) reached += 1;
    if (isFalling && stop.name.startsWith("before")) return void stop.resolve() ?? null;
    if (isFalling) setTimeout(stop.resolve, Math.random() * AFTER_MS);
    const tokens = given.get(path) ?? [];
    given.set(path, [...tokens, `${path} ${tokens.length}`]);
    return { body: { success: true, token: given.get(path).at(-1) } };
  };
  const service = await startStandIn(answer);
  const isWrite = ({ method, path }) => method !== "GET" && path.includes("/teams/");
  const canopy = await startStandIn((call) => (isWrite(call) ? answer({ path: "/canopy" }) : { body: { success: true, pull: { pull_id: pullOf(call.path), policies: [] } } }));
  const [port, persist] = [await freePort(), temporaryDirectory()];
  const start = () => startEdge({ port, persist, sandbox: canopy, env: TOKENS });
  let edge = await start();
  const kill = async () => {
    await edge.kill9();
    isFalling = false;
    edge = await start();
  };
  return {
    /** Its address stays the same. */
    url: edge.url,
    workflows: workflowsOf(edge),
    kill,
    given,
    calls: (path) => service.calls.filter((call) => call.path === path),
    /** Writes to Canopy. */
    writes: () => canopy.calls.filter(isWrite),
    /** A step that asks the service, and says what `before` was given. */
    call: (id, before, path = id) => ({ id, use: "http", with: { url: `${service.url}/${path}`, json: { before: before ? `{{ steps.${before}.body.token }}` : "" } } }),
    /** Kills the edge at each of these boundaries of calls where it is to be; `look` wakes what the run is in when the edge stands again. */
    async fallAt(boundaries, look) {
      for (; boundaries.includes(stops[fallen]?.name); fallen += 1) {
        const { name, promise } = stops[fallen];
        const late = sleep(LIMIT_MS, null, { ref: false }).then(() => assert.fail(`${name}: not seen within ${LIMIT_MS} ms`));
        await Promise.race([promise, late]);
        await kill();
        await look();
      }
    },
    /** Does `act`, and then kills the edge if the boundary `name` is next: what `act` brings about has no answer before. */
    async fallAfter(name, act, look) {
      const isNext = stops[fallen]?.name === name;
      isFalling ||= isNext;
      await act();
      if (!isNext) return;
      [reached, fallen] = [reached + 1, fallen + 1];
      await kill();
      await look();
    },
    /** How often it fell; each boundary has come. */
    falls() {
      assert.equal(fallen, stops.length, `fell at ${boundaries.slice(0, fallen)} of ${boundaries}`);
      return fallen;
    },
    stop: () => Promise.all([edge.kill9(), service.stop(), canopy.stop()]),
  };
}
