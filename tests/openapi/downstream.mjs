// Subscriptions and what is sent to them, in each answer that docs/openapi.json lists.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, test } from "node:test";
import { authStatus, backOfficeOf, signature, until } from "../edge-client.mjs";
import { operations, requestErrors } from "../edge-contract.mjs";
import { accepts, hangsUp, startHooks, status } from "../hooks.mjs";
import { alone, ask, edge, everything as headers, office, refusesStrangers } from "./driver.mjs";

const exampleOf = (id) => operations.get(id).requestBody.content["application/json"].example;
const URL = "https://crm.agency.example/";

let hooks;
before(async () => (hooks = await startHooks()));
after(() => hooks?.stop());

const make = async (json, at = edge) => ({ subscription_id: (await ask("create-subscription", 201, { at, headers, json })).subscription_id });

test("subscriptions are kept as the document says", async () => {
  const made = [await make(exampleOf("create-subscription")), await make({ url: URL }), await make({ url: "http://127.0.0.1:9/", types: ["*"], form: "flat", description: "", enabled: false, from: "beginning" })];
  const { cursor } = await ask("list-subscriptions", 200, { headers: office, query: "?limit=1" });
  await ask("list-subscriptions", 200, { headers: office, query: `?limit=1&cursor=${encodeURIComponent(cursor)}` });
  const path = made[0];
  const before = await ask("read-subscription", 200, { path, headers: office });
  assert.equal(before.subscription_id, path.subscription_id);
  const changed = await ask("change-subscription", 200, { path, headers, json: exampleOf("change-subscription") });
  assert.match(changed.secret, /^whsec_/);
  for (const json of [{}, { url: URL }, { types: ["COMPLETE"] }, { form: "intake" }, { description: "x".repeat(200) }, { enabled: false }]) {
    assert.equal((await ask("change-subscription", 200, { path, headers, json })).secret, undefined);
  }
  assert.equal((await ask("read-subscription", 200, { path, headers: office })).state, "disabled");
  for (const path of made) await ask("delete-subscription", 204, { path, headers });
  await ask("read-subscription", 404, { path, headers: office, code: "NOT_FOUND" });
});

test("deliveries are shown, and sent again, as the document says", async () => {
  const endpoint = hooks.endpoint((response, delivery) => (delivery.position === 2 ? status(500, {}, "down") : accepts)(response, delivery));
  const path = await make({ url: endpoint.url, form: "intake" });
  const pull_id = randomUUID();
  for (const [number, status] of ["QUEUED", "PROCESSING", "PULLING_DATA"].entries()) {
    const body = authStatus(pull_id, status, number + 1);
    await ask("receive-webhook", 200, { body, headers: { "canopy-signature": signature(body) } });
  }
  const list = (query = "") => ask("list-deliveries", 200, { path, headers: office, query });
  const { deliveries } = await until(async () => { const page = await list(); return page.deliveries.some((it) => it.state === "waiting" && it.attempts.length > 0) && page; }, "the one that waits");
  assert.ok(deliveries.some((it) => it.state === "delivered"));
  endpoint.answer(accepts);
  const last = (await backOfficeOf(edge).events(pull_id)).at(-1).position;
  await until(async () => (await list("?state=delivered&limit=100")).deliveries.some((it) => it.pull_id === pull_id && it.position >= last), "all of it", 40_000);
  const { cursor } = await list(`?pull_id=${pull_id}&limit=1`);
  await list(`?pull_id=${pull_id}&state=delivered&limit=1&cursor=${encodeURIComponent(cursor)}`);
  const replay = (json) => ask("replay-deliveries", 202, { path, headers, json });
  assert.ok((await replay({ pull_id, from: 1, to: 2 })).deliveries === 2);
  await replay({ pull_id, from: "2026-01-31T09:30:00Z", types: ["COMPLETE"], state: "dead" });
  await replay(exampleOf("replay-deliveries"));
  await replay({});
  await ask("replay-deliveries", 404, { path, headers, json: { pull_id: randomUUID() }, code: "NOT_FOUND" });
  const sample = (more) => ask("test-subscription", 200, { path, headers, ...more });
  assert.equal((await sample({})).delivered, true);
  for (const form of ["event", "intake", "flat"]) {
    await ask("change-subscription", 200, { path, headers, json: { form } });
    assert.equal((await sample({ json: exampleOf("test-subscription") })).type, "COMPLETE");
  }
  endpoint.answer(hangsUp);
  assert.deepEqual((({ delivered, reason }) => [delivered, reason])(await sample({ json: {} })), [false, "UNREACHABLE"]);
  await ask("delete-subscription", 204, { path, headers });
});

test("subscriptions are refused as the document says", async () => {
  const none = { subscription_id: randomUUID() };
  const bodies = { "create-subscription": { url: URL }, "change-subscription": {}, "replay-deliveries": {}, "test-subscription": {} };
  for (const id of ["list-subscriptions", "create-subscription", "read-subscription", "change-subscription", "delete-subscription", "list-deliveries", "replay-deliveries", "test-subscription"]) {
    await refusesStrangers(id, { path: none, json: bodies[id] });
    if (id.endsWith("-subscriptions") || id.startsWith("create")) continue;
    await ask(id, 404, { path: none, headers, json: bodies[id], code: "NOT_FOUND" });
    await ask(id, 400, { path: { subscription_id: "a.b" }, headers, json: bodies[id], code: "INPUT_INVALID" });
  }
  const path = await make({ url: URL, enabled: false });
  for (const [id, query] of [["list-subscriptions", "?limit=0"], ["list-subscriptions", "?cursor=x"], ["list-subscriptions", "?state=active"], ["list-deliveries", "?limit=101"], ["list-deliveries", "?cursor=x"], ["list-deliveries", "?state=lost"], ["list-deliveries", "?pull_id=a.b"], ["list-deliveries", "?type=COMPLETE"]]) {
    await ask(id, 400, { path, query, headers: office, code: "INPUT_INVALID" });
  }
  for (const [id, json] of Object.entries(bodies)) {
    const refused = (status, code, more) => ask(id, status, { path, headers, code, ...more });
    await refused(400, "BODY_MALFORMED", { body: "[]" });
    await refused(413, "BODY_TOO_LARGE", { body: "x".repeat(16 * 1024 + 1) });
    await refused(415, "ENCODING_NOT_SUPPORTED", { json, headers: { ...headers, "content-encoding": "gzip" } });
  }
  const wrong = {
    "create-subscription": [{}, { url: 1 }, { url: "ftp://a.example/" }, { url: URL, types: [] }, { url: URL, types: ["a"] }, { url: URL, types: Array(101).fill("A") }, { url: URL, types: ["*", "A"] }, { url: URL, form: "xml" }, { url: URL, description: "x".repeat(201) }, { url: URL, enabled: "yes" }, { url: URL, from: "then" }, { url: URL, secret: "rotate" }],
    "change-subscription": [{ url: "/" }, { types: "A" }, { form: null }, { description: null }, { enabled: 1 }, { secret: "mine" }, { from: "now" }],
    "replay-deliveries": [{ pull_id: "a.b" }, { from: "soon" }, { to: -1 }, { types: [] }, { state: "delivered" }, { all: true }],
    "test-subscription": [{ type: "" }, { type: "complete" }, { type: 1 }],
  };
  for (const [id, all] of Object.entries(wrong)) {
    for (const json of all) {
      assert.notDeepEqual(requestErrors(id, json), [], `${id}: ${JSON.stringify(json)}`);
      await ask(id, 400, { path, json, headers, code: "INPUT_INVALID" });
    }
  }
  // What a schema cannot say.
  for (const url of ["https://10.0.0.1/", "https://a:b@crm.agency.example/", "http://crm.agency.example/"]) await ask("create-subscription", 400, { json: { url }, headers, code: "INPUT_INVALID" });
  await ask("replay-deliveries", 400, { path, json: { from: 3 }, headers, code: "INPUT_INVALID" });
  await ask("delete-subscription", 204, { path, headers });
});

test("of changes at one time some are refused as the document says", async () => {
  const path = await make({ url: URL, enabled: false });
  const refused = (number) => ask("change-subscription", 409, { path, headers, json: { description: String(number) }, code: "STATE_CONFLICT" });
  await until(async () => {
    const asked = await Promise.allSettled(Array.from({ length: 20 }, (_, number) => refused(number)));
    return asked.some(({ status }) => status === "fulfilled");
  }, "a conflict");
  await ask("delete-subscription", 204, { path, headers });
});

test("no more subscriptions are kept than the document says", async () => {
  const at = alone;
  for (let number = 0; number < 50; number += 1) await make({ url: URL }, at);
  await ask("create-subscription", 409, { at, headers, json: { url: URL }, code: "STATE_CONFLICT" });
});
