// How tests deploy workflows on a running edge, start runs, and read what became of them.
import assert from "node:assert/strict";
import { backOfficeOf, until } from "./edge-client.mjs";

const BOSS = "boss-token";
/** Tokens of an edge for `workflowsOf`. */
export const TOKENS = { EDGE_API_TOKENS: `boss:${BOSS}:admin+read+write` };

/** What is answered to somebody: the status, and the JSON where there is any. */
export async function asked(by, method, path, json) {
  const response = await by.call(path, { method, body: json && JSON.stringify(json) });
  const text = await response.text();
  return [response.status, text && JSON.parse(text)];
}

/** What is then kept; fails where it is not taken. */
export async function putBy(by, path, json) {
  const [status, shown] = await asked(by, "PUT", path, json);
  assert.ok(status === 200 || status === 201, JSON.stringify(shown));
  return shown;
}

export function workflowsOf(edge) {
  const office = backOfficeOf(edge, BOSS);
  async function write(method, path, json) {
    const response = await office.call(path, { method, body: json && JSON.stringify(json) });
    const text = await response.text();
    assert.ok(response.ok, `${method} ${path}: ${text}`);
    return JSON.parse(text);
  }
  /** A run with its journal, as soon as the edge answers: one that fell does not for a moment. */
  const run = (run_id) => until(() => office.read(`/api/v1/runs/${run_id}`).catch(() => undefined), `the run ${run_id}`, 60_000);
  return {
    office,
    write,
    run,
    /** A group with one flow, `flow`, and instances of it that are switched on. */
    async deployed(group, flow, instances = [group]) {
      await write("PUT", `/api/v1/flows/${group}`, { title: group, flows: { flow } });
      for (const name of instances) await write("PUT", `/api/v1/instances/${name}`, { group, enabled: true });
    },
    /** Starts the flow by hand; gives the run's id. */
    start: async (instance, pull_id) => (await write("POST", `/api/v1/instances/${instance}/runs`, { flow: "flow", pull_id })).run_id,
    /** Waits for a run's end; gives it. */
    ended: (run_id, limitMs) => until(async () => {
      const found = await run(run_id);
      return !["running", "approval"].includes(found.status) && found;
    }, `the end of ${run_id}`, limitMs),
    /** The whole list, page by page. */
    async runs(query = {}) {
      const all = [];
      for (let cursor = ""; cursor !== null; ) {
        const page = await office.read(`/api/v1/runs?limit=100&${new URLSearchParams(query)}${cursor && `&cursor=${encodeURIComponent(cursor)}`}`);
        assert.ok(page.runs.length > 0 || cursor === "", "no page behind a cursor is empty");
        all.push(...page.runs);
        cursor = page.cursor;
      }
      return all;
    },
  };
}
