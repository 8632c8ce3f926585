// What a page may count of a visit: `canopy-event`, screen by screen, with nothing of the visitor's in it.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { until } from "../edge-client.mjs";
import { LOCAL } from "../harness.mjs";
import { agreeHosted, closeHosted, startAll } from "./visitor.mjs";

let all;
before(async () => (all = await startAll({ edgeEnv: { EDGE_FUNNEL: "true" }, sandboxEnv: { SANDBOX_PACE_MS: "40" } })));
after(() => all?.stop());

const told = async (visitor) => (await visitor.heard("event")).map(({ stage, outcome }) => `${stage} ${outcome}`);

test("each screen is told with its outcome, once it is left", async () => {
  const visitor = await all.visit();
  await visitor.press("Agree and continue");
  await visitor.sees("Who is your insurance company?");
  await visitor.element.getByRole("combobox").fill("state fram");
  await visitor.find("State Farm");
  await visitor.field("password");
  await visitor.press("Choose another company");
  await visitor.find("State Farm");
  await visitor.signIn("user_bad", { password: "a password" });
  await visitor.reads("did not accept");
  await visitor.signIn("user_mfa");
  await visitor.sees("send your code");
  await visitor.press("Send the code");
  await visitor.sees("Enter the code");
  await visitor.enterCode("123456");
  await visitor.done();
  await until(async () => (await told(visitor)).at(-1) === "done done", "the end");
  const seen = await told(visitor);
  assert.deepEqual(seen.slice(0, 4), ["consent next", "carriers next", "credentials back", "carriers next"]);
  assert.deepEqual(seen.slice(-2), ["waiting next", "done done"]);
  assert.deepEqual(seen.filter((each) => each.endsWith(" refused")), ["credentials refused"]);
  assert.ok(seen.includes("credentials next") && seen.includes("identity-option next") && seen.includes("identity-code next"), seen.join());
  const events = await visitor.heard("event");
  for (const event of events) {
    assert.deepEqual(Object.keys(event).toSorted(), ["company", "duration", "outcome", "queryLength", "stage"]);
    assert.ok(Number.isInteger(event.duration) && event.duration >= 0);
  }
  assert.equal(events[1].queryLength, "State Farm".length);
  assert.equal(events.at(-1).company, "State Farm");
  assert.doesNotMatch(JSON.stringify(events), /user_|password|123456|fram/);
  await visitor.close();
});

test("whoever goes is told as gone", async () => {
  const visitor = await all.visit({ attributes: 'mode="hosted"' });
  await visitor.press("Share my insurance");
  await agreeHosted(visitor.page);
  await closeHosted(visitor.page);
  await visitor.button("Continue").waitFor();
  const gone = await visitor.element.evaluate((element) => {
    const heard = new Promise((resolve) => element.addEventListener("canopy-event", ({ detail }) => resolve(detail), { once: true }));
    element.remove();
    return heard;
  });
  assert.deepEqual([gone.stage, gone.outcome], ["start", "left"]);
  assert.deepEqual(await told(visitor), ["start next", "hosted back"]);
  await visitor.close();
});

test("what fails is told as failed, and a page that is closed as left", async () => {
  const visitor = await all.visit();
  await visitor.choose();
  await visitor.signIn("user_provider_error");
  await visitor.sees("That did not work");
  assert.ok((await told(visitor)).some((event) => event.endsWith(" failed")));
  await visitor.page.evaluate(() => dispatchEvent(new PageTransitionEvent("pagehide")));
  assert.equal((await told(visitor)).at(-1), "failed left");
  await visitor.close();
});

test("where the page asks for it, the edge counts", async () => {
  const visitor = await all.visit({ attributes: 'mode="components" funnel="/quote"' });
  await visitor.choose();
  await visitor.signIn("user_good");
  await visitor.done();
  const gone = await all.visit({ attributes: 'mode="hosted" funnel="/quote"' });
  await gone.button("Share my insurance").waitFor();
  await gone.page.goto("about:blank");
  const count = async () => {
    const answer = await fetch(`${all.edge.url}/api/v1/funnel`, { headers: { authorization: `Bearer ${LOCAL.apiToken}` } });
    const { days } = await answer.json();
    return Object.fromEntries((days.find(({ link }) => link === "/quote")?.stages ?? []).map(({ stage, outcomes }) => [stage, Object.fromEntries(outcomes.map(({ outcome, count }) => [outcome, count]))]));
  };
  await until(async () => (await count()).start && (await count()).done, "both visits");
  const { start, consent, carriers, done } = await count();
  assert.deepEqual([start, consent, carriers, done], [{ left: 1 }, { next: 1 }, { next: 1 }, { done: 1 }]);
  assert.deepEqual(visitor.seen.problems(), []);
  await visitor.close();
  await gone.close();
});
