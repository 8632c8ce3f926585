// Nothing is acknowledged before it is durable: workerd is killed in the middle of a burst and started again on the same storage.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { authStatus, backOfficeOf, isSettled, openPage, postWebhook, until, webhook, workOf } from "../edge-client.mjs";
import { freePort, startEdge, temporaryDirectory } from "../harness.mjs";
import { pullOf, startStandIn } from "../stand-in.mjs";

const PULLS = 50;
const WEBHOOKS = 2_000;
const AT_A_TIME = 32;

/** The burst: each pull's webhooks interleaved with the others', the type that asks for a fetch among them. */
function burstOf(ids) {
  return Array.from({ length: WEBHOOKS }, (_, number) => {
    const id = ids[number % PULLS];
    const turn = Math.floor(number / PULLS);
    return turn % 10 === 3 ? webhook(id, "POLICIES_AVAILABLE", { number }) : authStatus(id, "PROCESSING", turn, { number });
  });
}

test(`a kill in the middle of ${WEBHOOKS} webhooks over ${PULLS} pulls loses nothing that was answered 200`, async () => {
  let isWell = false;
  const canopy = await startStandIn(({ path }) => ({ status: isWell ? 200 : 503, body: { success: isWell, pull: { pull_id: pullOf(path) } } }));
  const [port, persist] = [await freePort(), temporaryDirectory()];
  let edge = await startEdge({ port, persist, sandbox: canopy });
  try {
    const ids = Array.from({ length: PULLS }, () => randomUUID());
    const burst = burstOf(ids);
    const acknowledged = new Set();
    const attempted = new Set();
    let killed;
    const queue = burst.values();
    const sender = async () => {
      for (const body of queue) {
        if (killed) return;
        attempted.add(body);
        const status = await postWebhook(edge, body).then(
          // The status counts: the kill may come between it and the body.
          (response) => response.arrayBuffer().then(() => response.status, () => response.status),
          () => undefined,
        );
        if (status === 200) acknowledged.add(body);
        if (acknowledged.size >= WEBHOOKS / 2) killed ??= edge.kill9();
      }
    };
    await Promise.all(Array.from({ length: AT_A_TIME }, sender));
    assert.ok(killed, "half of the burst was taken");
    await killed;
    assert.ok(acknowledged.size < WEBHOOKS && acknowledged.size >= WEBHOOKS / 2);

    edge = await startEdge({ port, persist, sandbox: canopy });
    const office = backOfficeOf(edge);
    const logOf = async (id) => (await office.events(id)).filter((entry) => entry.kind === "webhook").map((entry) => JSON.stringify(entry.body));
    const kept = (await Promise.all(ids.map(logOf))).flat();
    assert.equal(new Set(kept).size, kept.length, "none is there twice");
    const missing = acknowledged.difference(new Set(kept));
    assert.equal(missing.size, 0, `${missing.size} answered 200 are lost`);
    assert.ok(new Set(kept).isSubsetOf(attempted));

    // Canopy is well again: without any further webhook the outbox goes on.
    isWell = true;
    const wanting = new Set(kept.map((body) => JSON.parse(body)).filter((body) => body.event_type === "POLICIES_AVAILABLE").map((body) => body.pull_id));
    assert.equal(wanting.size, PULLS);
    for (const id of ids) {
      const pull = await office.seen(id, isSettled, `the outbox of ${id}`, 90_000);
      assert.deepEqual([workOf(pull, "fetch").state, pull.snapshots.length], ["done", 1]);
      assert.ok(canopy.calls.some((call) => pullOf(call.path) === id));
    }
    await assertCopied(office, ids);

    // What was not acknowledged is sent again, as Canopy does; the state is that of an edge that never fell.
    for (const part of chunks(burst, AT_A_TIME)) {
      await Promise.all(part.map(async (body) => assert.equal((await postWebhook(edge, body)).status, 200)));
    }
    const whole = (await Promise.all(ids.map(logOf))).flat();
    assert.deepEqual(whole.toSorted(), burst.toSorted());
    for (const id of ids) {
      const { auth, revision, policies_available } = await office.pull(id);
      const fetched = (await office.events(id)).filter((entry) => entry.kind === "fetched").length;
      assert.deepEqual([auth.sequence, revision, policies_available, fetched], [WEBHOOKS / PULLS - 1, WEBHOOKS / PULLS + fetched, true, 1]);
    }
  } finally {
    await edge.kill9();
    await canopy.stop();
  }
});

/** Every pull is in KV: in the list, page by page, and as a copy that is the newest. */
async function assertCopied(office, ids) {
  await until(async () => {
    const listed = new Set();
    for (let cursor = ""; cursor !== null; ) {
      const page = await office.read(`/api/v1/pulls?limit=20${cursor && `&cursor=${cursor}`}`);
      for (const line of page.pulls) listed.add(line.pull_id);
      cursor = page.cursor;
    }
    return ids.every((id) => listed.has(id));
  }, "every pull in the list");
  for (const id of ids) {
    await until(async () => {
      const [newest, copy] = await Promise.all([office.pull(id), office.read(`/api/v1/pulls/${id}?read=copy`)]);
      return newest.revision === copy.revision && newest.snapshots.length === copy.snapshots.length;
    }, `the copy of ${id}`);
  }
}

function* chunks(all, size) {
  for (let at = 0; at < all.length; at += size) yield all.slice(at, at + size);
}

test("what a session heard in passing it hears again after a kill, as newer than all that its page saw", async () => {
  const [port, persist] = [await freePort(), temporaryDirectory()];
  let edge = await startEdge({ port, persist });
  try {
    const [page, id] = [await openPage(edge), randomUUID()];
    const ofSession = { meta_data: { edge_session: page.session_id } };
    const send = async (body) => assert.equal((await postWebhook(edge, body)).status, 200);
    await send(authStatus(id, "QUEUED", 1, ofSession));
    await send(authStatus(id, "PULLING_DATA", 2, ofSession));
    await send(webhook(id, "POLICY_AVAILABLE", { ...ofSession, data: { policy_id: randomUUID(), policy_type: "AUTO" } }));
    const isThere = ({ auth, policy_types }) => auth?.status === "PULLING_DATA" && policy_types.includes("AUTO");
    const seen = await until(async () => [await page.document()].find(isThere), "the policy in the session");
    // The pull has nothing more to do: it does not wake by itself.
    await until(async () => isSettled(await backOfficeOf(edge).pull(id)), "the pull at rest");
    await sleep(1_000);

    await edge.kill9();
    edge = await startEdge({ port, persist });
    const socket = await page.live();
    const again = await page.shown(isThere, "policy, told again");
    assert.ok(again.revision > seen.revision, `${again.revision} after ${seen.revision}`);
    assert.ok(isThere(await page.document()));
    socket.close();
  } finally {
    await edge.stop();
  }
});
