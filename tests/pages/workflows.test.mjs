// The page where workflows are seen: runs as pictures, what failed tried again, what asks answered, by mouse and by keyboard.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { until } from "../edge-client.mjs";
import { axe, shot } from "./browser.mjs";
import { HOSTILE, SECRET, startWorkflows } from "./workflows-office.mjs";

const WIDTHS = [375, 1280];

let all, answers, office, greeted, waiting, asking, visit;

before(async () => {
  all = await startWorkflows();
  ({ answers, office, greeted, waiting, asking, visit } = all);
});
after(() => all?.stop());

for (const width of WIDTHS) {
  test(`at ${width} px each view is accessible, and has no scroll bar across`, async () => {
    answers.push({ status: 400, body: { message: HOSTILE } });
    const failed = await greeted("failed");
    const done = await greeted();
    const { run_id } = await waiting();
    const asked = await asking();
    const visitor = await visit({ width });
    const { page } = visitor;
    const looked = async (name) => {
      await shot(page, `workflows-${name}`, width);
      assert.deepEqual(await axe(page), [], name);
      assert.ok((await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")) <= 0, name);
    };
    await visitor.title.getByText("Runs").waitFor();
    await looked("runs");
    await visitor.go(`#/runs/${failed.run_id}`, "Greet the household");
    await looked("run-failed");
    await visitor.go(`#/runs/${run_id}`, "waiting: bound");
    await looked("run-waiting");
    await visitor.go(`#/runs/${asked.run_id}`, "Ask before writing");
    await looked("run-asks");
    await visitor.press("Approve");
    await page.getByRole("dialog").waitFor();
    await looked("sure");
    await visitor.press("Leave it");
    await visitor.go(`#/runs/${done.run_id}`, "Greet the household");
    await visitor.node("all").click();
    await looked("run");
    await visitor.go("#/instances", "Instances");
    await looked("instances");
    await visitor.go("#/instances/welcome", "welcome");
    await looked("instance");
    await visitor.go("#/instances/second?group=welcome", "second, a new instance");
    await visitor.press("Deploy");
    await page.getByText("This has to be put right:").waitFor();
    await looked("instance-new");
    await visitor.go("#/groups", "Groups");
    await looked("groups");
    await visitor.go("#/groups/welcome", "Welcome");
    await page.getByText("It is valid.").waitFor();
    await page.getByLabel("Pull", { exact: true }).fill(done.pull_id);
    await visitor.press("See what would happen");
    await page.getByRole("region", { name: "What would happen" }).getByText("Make a contact").first().waitFor();
    await looked("group");
    await visitor.go("#/templates", "Templates");
    await looked("templates");
    await visitor.go("#/templates/book-report", "A report of the book, on a schedule");
    await looked("template");
    await visitor.press("Sign out");
    await looked("door");
    assert.deepEqual(visitor.seen.problems().filter((problem) => !/status of (404|422)/.test(problem)), []);
    await visitor.close();
  });
}

describe("a run", () => {
  test("is a picture of its steps, in which what others wrote is text", async () => {
    const { run_id } = await greeted();
    const visitor = await visit({ at: `#/runs/${run_id}` });
    const { page, picture, step, node } = visitor;
    await visitor.title.getByText("Greet the household").waitFor();
    assert.deepEqual(await picture.locator(".node").evaluateAll((nodes) => nodes.map((each) => [each.dataset.path, each.querySelector(".stand").textContent])), [
      ["contact", "done"],
      ["known", "done"],
      ["known.keep", "done"],
      ["known.end", "not reached"],
      ["all", "done"],
      ...[0, 1, 2, 3].map((round) => [`all[${round}].note`, "done"]),
      ["told", "done"],
    ]);
    await picture.getByText("Otherwise: not taken").waitFor();
    assert.equal(await node("all[2].note").isVisible(), false, "rounds in which nothing stands are folded");
    await picture.getByText("Round 3 of 4").click();
    await node("all[2].note").click();
    await step.getByRole("group", { name: "What it gave" }).getByText(HOSTILE.replaceAll('"', '\\"')).waitFor();
    await step.getByRole("table", { name: "Attempts, the latest last" }).getByRole("cell", { name: "200" }).waitFor();
    await node("contact").click();
    assert.match(await step.getByRole("group", { name: "What it was given" }).textContent(), /"secret": "SHOP"/, "secrets by their names");
    assert.ok(!(await page.content()).includes(SECRET));
    assert.equal(await page.locator("main img").count(), 0);
    assert.deepEqual(visitor.seen.problems(), []);
    await visitor.close();
  });

  test("that failed says why, and is tried again by keys alone, and its picture follows", async () => {
    answers.push({ status: 400, body: { message: HOSTILE } });
    const { run_id } = await greeted("failed");
    const visitor = await visit();
    const { page, picture, step } = visitor;
    await visitor.title.getByText("Runs").waitFor();
    const tabTo = async (place) => {
      for (let presses = 0; !(await place.evaluate((each) => each === document.activeElement)); presses += 1) {
        assert.ok(presses < 60, "the tab key leads there");
        await page.keyboard.press("Tab");
      }
    };
    await tabTo(page.locator(`a[href="#/runs/${run_id}"]`));
    await page.keyboard.press("Enter");
    await visitor.title.getByText("Greet the household").waitFor();
    assert.equal(await picture.locator("[aria-current]").getAttribute("data-path"), "contact", "it begins at what failed");
    await step.getByText("the service answered 400", { exact: true }).waitFor();
    await tabTo(visitor.node("contact"));
    await page.keyboard.press("ArrowDown");
    assert.equal(await page.evaluate(() => document.activeElement.dataset.path), "known");
    await page.keyboard.press("End");
    await page.keyboard.press("Enter");
    assert.equal(await picture.locator("[aria-current]").getAttribute("data-path"), "told");
    await page.keyboard.press("Home");
    await page.keyboard.press("Shift+Tab");
    const again = page.getByRole("button", { name: "Try again" });
    for (let back = 0; !(await again.evaluate((each) => each === document.activeElement)); back += 1) {
      assert.ok(back < 10, "and back");
      await page.keyboard.press("Shift+Tab");
    }
    await page.keyboard.press("Enter");
    await page.getByRole("status").getByText("It is tried again.").or(page.getByRole("status").getByText("Its status is now: done.")).first().waitFor();
    await picture.locator(".end").getByText("done", { exact: true }).waitFor();
    assert.equal(await again.count(), 0);
    assert.deepEqual(visitor.seen.problems(), []);
    await visitor.close();
  });

  test("that waits says for what, is asked for again while somebody looks, and is cancelled by who is sure", async () => {
    const { run_id } = await waiting();
    const visitor = await visit();
    const { page, picture } = visitor;
    await page.clock.install();
    await visitor.go(`#/runs/${run_id}`, "waiting: bound");
    assert.match(await visitor.node("bound").locator(".stand").textContent(), /^waits for POLICY_BOUND until \d/);
    assert.equal(await visitor.node("behind").locator(".stand").textContent(), "to come");
    const looks = () => visitor.seen.answers.filter(({ url }) => url.endsWith(`/runs/${run_id}`)).length;
    const look = async (isHidden) => {
      await page.evaluate((hidden) => {
        Object.defineProperty(document, "hidden", { configurable: true, value: hidden });
        document.dispatchEvent(new Event("visibilitychange"));
      }, isHidden);
    };
    await look(true);
    await page.clock.runFor(2_000);
    const before = looks();
    for (let waits = 0; waits < 5; waits += 1) await page.clock.runFor(20_000);
    assert.equal(looks(), before, "nobody sees it");
    await look(false);
    await until(() => looks() > before, "the next look");
    await visitor.press("Cancel the run");
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    assert.equal((await office.read(`/api/v1/runs/${run_id}`)).status, "running");
    await visitor.press("Cancel the run");
    await visitor.press("Cancel it");
    await picture.locator(".end").getByText("cancelled").waitFor();
    assert.equal((await office.read(`/api/v1/runs/${run_id}`)).status, "cancelled");
    await visitor.close();
  });

  test("that asks a person says what, and takes an answer from who is sure", async () => {
    const { run_id } = await asking();
    const visitor = await visit();
    const { page } = visitor;
    await page.getByRole("link", { name: /^waits for a decision \d/ }).click();
    await page.locator(`a[href="#/runs/${run_id}"]`).click();
    const read = () => office.read(`/api/v1/runs/${run_id}`);
    const asked = page.getByRole("region", { name: "Write to Lois <b>Griffin</b>?" });
    await asked.getByText("The premium rose by 12 %.").waitFor();
    await visitor.press("Refuse");
    await visitor.press("Leave it");
    assert.equal((await read()).status, "approval");
    await visitor.press("Refuse");
    await page.getByRole("dialog").getByRole("button", { name: "Refuse" }).click();
    await visitor.picture.locator(".end").getByText("stopped", { exact: true }).waitFor();
    assert.equal(await asked.count(), 0);
    const { status, steps } = await read();
    assert.deepEqual([status, steps[0].result.approved, steps[0].result.by], ["stopped", false, "boss"]);
    assert.equal(await visitor.node("write").locator(".stand").textContent(), "not reached");
    await visitor.close();
  });

  test("is found by instance, status and pull, and its place outlives a reload", async () => {
    const { run_id, pull_id } = await greeted();
    const visitor = await visit();
    const { page } = visitor;
    await page.getByLabel("Instance").selectOption("welcome");
    await page.getByLabel("Status").selectOption("done");
    await page.getByLabel("Pull").fill(pull_id);
    await page.keyboard.press("Enter");
    const rows = page.getByRole("list", { name: "Runs" }).getByRole("listitem");
    await until(async () => (await rows.count()) === 1, "the one run");
    await rows.getByRole("link").click();
    await visitor.title.getByText("Greet the household").waitFor();
    await page.reload();
    assert.equal(await page.locator("#view").isVisible(), false, "the token is asked for again");
    await visitor.signIn();
    await visitor.title.getByText("Greet the household").waitFor();
    assert.ok(page.url().endsWith(`#/runs/${run_id}`));
    await page.evaluate(() => (location.hash = "#/runs/p-nobody-1?x=%"));
    await page.getByRole("alert").getByText("There is nothing here: p-nobody-1 is not among the runs.").waitFor();
    await page.getByRole("link", { name: "All runs" }).click();
    await visitor.title.getByText("Runs").waitFor();
    await visitor.close();
  });
});

test("more runs come on demand, and the keyboard goes on where they begin", async () => {
  await waiting();
  await greeted();
  const visitor = await visit({ at: "#/groups" });
  const { page } = visitor;
  await page.route("**/api/v1/runs?*", (route) => route.continue({ url: route.request().url().replace(/limit=\d+/, "limit=1") }));
  await visitor.go("#/runs", "Runs");
  const rows = page.getByRole("list", { name: "Runs" }).getByRole("listitem");
  assert.equal(await rows.count(), 1);
  await page.getByRole("button", { name: "More" }).press("Enter");
  await rows.nth(1).waitFor();
  assert.equal(await rows.nth(1).getByRole("link").evaluate((each) => each === document.activeElement), true);
  await visitor.close();
});

test("where there is nothing yet, it is said how to begin", async () => {
  const visitor = await visit({ at: "#/groups" });
  const { page } = visitor;
  for (const [path, body] of [["instances", { instances: [] }], ["runs?*", { runs: [], cursor: null }], ["flows?*", { flows: [], cursor: null }]]) await page.route(`**/api/v1/${path}`, (route) => route.fulfill({ json: body }));
  for (const [view, name] of [["runs", "Runs"], ["instances", "Instances"], ["groups", "Groups"]]) {
    await visitor.go(`#/${view}`, name);
    await page.locator("#view").getByRole("link", { name: /^a template$/i }).click();
    await page.getByRole("heading", { level: 2, name: "Templates" }).waitFor();
  }
  await page.unroute("**/api/v1/instances");
  await visitor.go("#/runs", "Runs");
  await page.getByText("Nothing has run yet.").waitFor();
  await visitor.go("#/runs?status=failed", "Runs");
  await page.getByRole("link", { name: "Show all runs" }).waitFor();
  await visitor.close();
});

test("what may not be done is said, and nothing of the token is kept", async () => {
  const visitor = await visit({ token: "nobody" });
  const { page } = visitor;
  await page.getByRole("alert").getByText("This token is not known here.").waitFor();
  await visitor.signIn("reader-token");
  await visitor.title.getByText("Runs").waitFor();
  const { run_id } = await waiting();
  await visitor.go(`#/runs/${run_id}`, "waiting: bound");
  await visitor.press("Cancel the run");
  await visitor.press("Cancel it");
  await page.getByRole("alert").getByText(/scope write.* Sign out, and come back with a token that may do this\.$/).waitFor();
  await page.route("**/api/v1/runs?*", (route) => route.abort());
  await page.getByRole("link", { name: "Runs", exact: true }).click();
  await page.getByRole("alert").getByText("The edge could not be reached").waitFor();
  await page.unroute("**/api/v1/runs?*");
  await page.getByRole("button", { name: "Try again" }).press("Enter");
  await visitor.title.getByText("Runs").waitFor();
  await visitor.go(`#/runs/${run_id}`, "waiting: bound");
  const kept = await page.evaluate(() => [JSON.stringify(history.state), localStorage.length, sessionStorage.length, document.cookie]);
  assert.deepEqual(kept, ["null", 0, 0, ""]);
  for (const { url } of visitor.seen.answers) assert.ok(!url.includes("reader-token"), url);
  assert.ok(!page.url().includes("token"));
  await page.evaluate(() => dispatchEvent(new PageTransitionEvent("pagehide", { persisted: true })));
  assert.equal(await page.locator("#view").isVisible(), false);
  assert.equal(await page.locator("#view").textContent(), "");
  assert.deepEqual(await page.locator("input, textarea").evaluateAll((fields) => fields.map(({ value }) => value).filter(Boolean)), []);
  await visitor.close();
});
