// Nothing is lost on its way to the agency's systems, however often workerd is killed meanwhile. `EDGE_SOAK` sets other numbers.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { authStatus, postWebhook, until } from "../edge-client.mjs";
import { freePort, startEdge, temporaryDirectory } from "../harness.mjs";
import { accepts, assertSound, hangsUp, startHooks, status } from "../hooks.mjs";
import { pullOf, startStandIn } from "../stand-in.mjs";
import { subscriptionsOf, TOKENS } from "../subscriptions-client.mjs";

const { PULLS, EVENTS, KILLS, LIMIT_MS } = { PULLS: 20, EVENTS: 400, KILLS: 3, LIMIT_MS: 150_000, ...JSON.parse(process.env.EDGE_SOAK ?? "{}") };
const AT_A_TIME = 16;

test(`${EVENTS} events of ${PULLS} pulls to three subscriptions, killed ${KILLS} times: none missing, each under one id, in order`, async () => {
  const canopy = await startStandIn(({ path }) => ({ body: { success: true, pull: { pull_id: pullOf(path), policies: [] } } }));
  const hooks = await startHooks();
  const [port, persist] = [await freePort(), temporaryDirectory()];
  const start = () => startEdge({ port, persist, sandbox: canopy, env: TOKENS });
  let edge = await start();
  try {
    const slow = (response, delivery) => setTimeout(() => accepts(response, delivery), 20);
    /** Takes one of ten only when it comes again. */
    const flaky = (response, delivery) => (delivery.attempt === 1 && delivery.position % 10 === 5 ? [hangsUp, status(500)][delivery.position % 20 === 5 ? 0 : 1] : accepts)(response, delivery);
    const endpoints = [accepts, slow, flaky].map((way) => hooks.endpoint(way));
    for (const endpoint of endpoints) await subscriptionsOf(edge).of(endpoint);

    const ids = Array.from({ length: PULLS }, () => randomUUID());
    const queue = Array.from({ length: EVENTS }, (_, number) => authStatus(ids[number % PULLS], "PROCESSING", number + 1)).values();
    let acknowledged = 0;
    const sender = async () => {
      for (const body of queue) {
        // Whoever gets no answer sends it again, as Canopy does.
        while ((await postWebhook(edge, body).then((response) => response.arrayBuffer().then(() => response.status, () => response.status), () => 0)) !== 200) await sleep(50);
        acknowledged += 1;
      }
    };
    const senders = Promise.all(Array.from({ length: AT_A_TIME }, sender));
    const came = () => endpoints.reduce((sum, endpoint) => sum + endpoint.deliveries.length, 0);
    for (let kill = 1; kill <= KILLS; kill += 1) {
      // In the middle: some have come, others are under way.
      await until(() => came() >= (kill * 3 * EVENTS) / (KILLS + 2), `deliveries before kill ${kill}`, LIMIT_MS);
      await edge.kill9();
      edge = await start();
    }
    await senders;
    assert.equal(acknowledged, EVENTS);

    const { office } = subscriptionsOf(edge);
    const logs = new Map();
    for (const id of ids) {
      const entries = await office.events(id);
      assert.equal(entries.filter((entry) => entry.kind === "webhook").length, EVENTS / PULLS);
      logs.set(id, entries.map(({ position }) => `${id}_${position}`));
    }
    const all = [...logs.values()].flat();
    for (const endpoint of endpoints) {
      await endpoint.until(() => endpoint.taken().length >= all.length, "every event", LIMIT_MS);
      assertSound(endpoint);
      for (const [id, expected] of logs) assert.deepEqual(endpoint.taken(id), expected, "none missing, in order");
      assert.deepEqual(new Set(endpoint.deliveries.map((it) => it.id)), new Set(all), "no other id");
    }
    // Without another event all of it is at rest.
    const { subscriptions } = await office.read("/api/v1/subscriptions");
    for (const { subscription_id } of subscriptions) {
      const deliveries = await subscriptionsOf(edge).settled(subscription_id, {}, "delivered", LIMIT_MS);
      assert.equal(deliveries.length, all.length);
    }
  } finally {
    await edge.kill9();
    await Promise.all([canopy.stop(), hooks.stop()]);
  }
});
