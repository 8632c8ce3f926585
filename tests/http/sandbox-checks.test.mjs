// Policy checks of the sandbox on the real workerd: the team's settings, and what pulls show of them.
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { LOCAL, startSandbox } from "../harness.mjs";
import { startReceiver } from "../receiver.mjs";
import { clientOf, isEvent, team } from "../sandbox-client.mjs";

let sandbox, receiver, client;

before(async () => {
  receiver = await startReceiver({ secret: LOCAL.signingSecret });
  sandbox = await startSandbox({ env: { SANDBOX_HOOK_URL: receiver.url } });
  client = clientOf(sandbox, receiver);
});
beforeEach(() => client.control("POST", "/reset"));
after(async () => {
  await sandbox?.stop();
  await receiver?.stop();
});

const set = (policy_check_settings) => client.call("post-policy-check-team-settings", `${team}/policyChecks/settings`, { json: { policy_check_settings } });
const checked = async (pullId, json = {}) => (await client.call("post-pull-policy-check", `${team}/pulls/${pullId}/policyCheck`, { json })).body.pull;
const shown = async (pullId) => (await client.call("get-pull-by-id", `${team}/pulls/${pullId}`)).body.pull;

test("a check without settings asks what the team has set, and the pull shows it until it is checked again", async () => {
  const { pull_id } = await client.completed("user_good");
  assert.deepEqual([(await shown(pull_id)).policy_check_status, (await checked(pull_id)).policy_check_status], ["NONE", "NONE"]);
  await set({ vehicle: { MAX_COLLISION_DEDUCTIBLE_CENTS: 50_000 }, dwelling: { DWELLING_POLICY_NOT_ACTIVE: true } });
  assert.equal((await shown(pull_id)).policy_check_status, "NONE", "settings change later checks only");
  assert.equal((await checked(pull_id)).policy_check_status, "COMPLIANT");
  await set({ vehicle: { MAX_COLLISION_DEDUCTIBLE_CENTS: 100 } });
  assert.equal((await shown(pull_id)).policy_check_status, "COMPLIANT");
  const pull = await checked(pull_id);
  assert.equal(pull.policy_check_status, "NOT_COMPLIANT");
  assert.deepEqual(await shown(pull_id), pull);
  const [auto, home] = pull.policies.map((policy) => policy.policy_check);
  assert.deepEqual([auto.status, auto.details.actual, auto.details.expected], ["NOT_COMPLIANT", { MAX_COLLISION_DEDUCTIBLE_CENTS: 50_000 }, { MAX_COLLISION_DEDUCTIBLE_CENTS: 100 }]);
  assert.equal(home.status, "NONE");
  const own = await checked(pull_id, { policy_check_settings: { dwelling: { LOSS_SETTLEMENT_TYPE_EQUALS_REPLACEMENT_COST: true } } });
  assert.deepEqual(own.policies.map((policy) => policy.policy_check.status), ["NONE", "COMPLIANT"], "its own settings take the place of the team's");
  assert.equal((await checked(pull_id)).policy_check_status, "NOT_COMPLIANT");
});

test("every submission is checked by the team's settings, a refresh too", async () => {
  await set({ vehicle: { POLICY_NOT_ACTIVE: true, VEHICLE_REMOVED: true, DRIVER_NAME_MISMATCH: ["Clark Kent"] } });
  const { pull_id } = await client.completed("user_good_auto");
  assert.equal((await shown(pull_id)).policy_check_status, "COMPLIANT");
  const { monitoring } = (await client.call("post-monitoring", `${team}/monitorings`, { json: { pull_id, interval: "P30D" } })).body;
  await set({ vehicle: { MIN_BODILY_INJURY_COVERAGE: { per_person_cents: 10_000_001 } } });
  const refresh = (await client.call("post-monitoring-refresh", `${team}/monitorings/${monitoring.monitoring_id}/refresh`)).body;
  await client.arrived(refresh.pull_id, isEvent("COMPLETE"), "COMPLETE");
  assert.deepEqual([(await shown(refresh.pull_id)).policy_check_status, (await shown(pull_id)).policy_check_status], ["NOT_COMPLIANT", "COMPLIANT"]);
});

test("a filter restricts one check, and settings of another type are refused", async () => {
  const { pull_id } = await client.completed("user_good_auto");
  const { vin } = (await shown(pull_id)).policies[0].vehicles[0];
  await set({ vehicle: { POLICY_NOT_ACTIVE: true } });
  const only = (filter) => checked(pull_id, { filters: { vehicle: { vin: filter } } });
  assert.equal((await only({ eq: vin })).policy_check_status, "COMPLIANT");
  assert.equal((await only({ eq: "1HGCM82633A004352" })).policy_check_status, "NONE");
  assert.equal((await only({ eq: vin.slice(4), partial_match: true })).policy_check_status, "COMPLIANT");
  assert.deepEqual((await set({ vehicle: { POLICY_NOT_ACTIVE: "yes" } })).body, { error: "INVALID_INPUT" });
  const path = `${team}/pulls/${pull_id}/policyCheck`;
  for (const json of [{ policy_check_settings: { vehicle: [] } }, { filters: { vehicle: { vin: {} } } }]) {
    const { status, body } = await client.call("post-pull-policy-check", path, { json });
    assert.deepEqual([status, body], [400, { error: "INVALID_INPUT" }]);
  }
  const settings = (await client.call("get-policy-check-team-settings", `${team}/policyChecks/settings`)).body;
  assert.deepEqual(settings.policy_check_settings, { vehicle: { POLICY_NOT_ACTIVE: true }, dwelling: {} });
});
