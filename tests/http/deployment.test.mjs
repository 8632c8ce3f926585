// What wrangler.toml says of each environment, read as wrangler reads it.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { unstable_readConfig } from "wrangler";

const config = fileURLToPath(new URL("../../wrangler.toml", import.meta.url));
const ENVIRONMENTS = [undefined, "sandbox", "production"];
const read = (env) => unstable_readConfig({ config, env });

/** Names of everything that is bound, by kind. */
const bindingsOf = ({ durable_objects, kv_namespaces, r2_buckets, ratelimits, assets, triggers }) => ({
  objects: durable_objects.bindings.map(({ name, class_name }) => [name, class_name]),
  kv: kv_namespaces.map(({ binding }) => binding),
  r2: r2_buckets.map(({ binding }) => binding),
  limits: ratelimits.map(({ name }) => name),
  assets: assets.binding,
  hourly: triggers.crons,
});

describe("each environment", () => {
  test("has every binding of a local run", () => {
    const local = bindingsOf(read());
    assert.deepEqual(local.limits, ["SESSION_LIMIT", "CALL_LIMIT", "REFUSAL_LIMIT", "REPORT_LIMIT"]);
    for (const env of ENVIRONMENTS) assert.deepEqual(bindingsOf(read(env)), local, env);
  });

  test("has storage and counts of its own", () => {
    const each = ENVIRONMENTS.map(read).flatMap(({ name, kv_namespaces, r2_buckets, ratelimits }) => [
      name,
      ...kv_namespaces.map(({ id }) => `kv ${id}`),
      ...r2_buckets.map(({ bucket_name }) => `r2 ${bucket_name}`),
      ...ratelimits.map(({ namespace_id }) => `limit ${namespace_id}`),
    ]);
    assert.deepEqual(each.toSorted(), [...new Set(each)].toSorted());
  });

  test("logs what the Worker says, and no request's headers", () => {
    for (const env of ENVIRONMENTS) {
      const { enabled, logs } = read(env).observability;
      assert.deepEqual([enabled, logs.enabled, logs.invocation_logs], [true, true, false], env);
    }
  });

  test("deployed, holds one address to what a visitor needs", () => {
    for (const env of ENVIRONMENTS.slice(1)) {
      const limits = read(env).ratelimits.map(({ name, simple: { limit, period } }) => [name, limit, period]);
      assert.deepEqual(limits, [["SESSION_LIMIT", 20, 60], ["CALL_LIMIT", 60, 60], ["REFUSAL_LIMIT", 60, 60], ["REPORT_LIMIT", 60, 60]], env);
    }
  });
});
