// How tests keep subscriptions of a running edge, and read what became of deliveries.
import assert from "node:assert/strict";
import { backOfficeOf, until } from "./edge-client.mjs";
import { componentErrors } from "./edge-contract.mjs";
import { WHOLE } from "./tapped-edge.mjs";

/** Tokens of an edge for `subscriptionsOf`. */
export const TOKENS = { EDGE_API_TOKENS: `whole:${WHOLE}:read+write+servicing+admin` };

const BASE = "/api/v1/subscriptions";
/** What the edge's document calls a page of each list. */
const PAGES = { subscriptions: "SubscriptionList", deliveries: "DeliveryList" };

export function subscriptionsOf(edge, token = WHOLE) {
  const office = backOfficeOf(edge, token);
  const call = (method, path = "", json) => office.call(BASE + path, { method, body: json && JSON.stringify(json) });
  async function write(method, path, json, expected) {
    const response = await call(method, path, json);
    const text = await response.text();
    assert.equal(response.status, expected, `${method} ${path} ${JSON.stringify(json)}: ${text}`);
    return text && JSON.parse(text);
  }
  const list = async (name, path, query) => {
    const all = [];
    for (let cursor = ""; cursor !== null; ) {
      const page = await office.read(`${BASE}${path}?limit=100&${new URLSearchParams(query)}${cursor && `&cursor=${encodeURIComponent(cursor)}`}`);
      assert.deepEqual(componentErrors(PAGES[name], page), []);
      assert.ok(page[name].length > 0 || cursor === "", "no page behind a cursor is empty");
      all.push(...page[name]);
      cursor = page.cursor;
    }
    return all;
  };
  const deliveries = (id, query = {}) => list("deliveries", `/${id}/deliveries`, query);
  return {
    office,
    call,
    write,
    create: (json) => write("POST", "", json, 201),
    /** A subscription of an endpoint of `hooks.mjs`, which then knows its secret; gives its id. */
    async of(endpoint, json = {}) {
      const { subscription_id, secret } = await write("POST", "", { url: endpoint.url, ...json }, 201);
      endpoint.knows(secret);
      return subscription_id;
    },
    read: (id) => office.read(`${BASE}/${id}`),
    all: () => list("subscriptions", "", {}),
    change: (id, json) => write("PATCH", `/${id}`, json, 200),
    remove: (id) => write("DELETE", `/${id}`, undefined, 204),
    test: (id, json) => write("POST", `/${id}/test`, json, 200),
    replay: (id, json) => write("POST", `/${id}/replay`, json, 202),
    deliveries,
    /** Waits until all deliveries that `query` chooses, at least one, are in this state; gives them. */
    settled: (id, query = {}, state = "delivered", limitMs) =>
      until(async () => {
        const all = await deliveries(id, query);
        return all.length > 0 && all.every((it) => it.state === state) && all;
      }, `every delivery of ${id} ${state}`, limitMs),
  };
}
