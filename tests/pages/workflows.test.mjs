// The page where workflows are seen and steered: runs as pictures, what failed tried again, what is deployed changed, by mouse and by keyboard.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, describe, test } from "node:test";
import { authStatus, backOfficeOf, postWebhook, until, webhook } from "../edge-client.mjs";
import { LOCAL, startEdge } from "../harness.mjs";
import { pullOf, startStandIn } from "../stand-in.mjs";
import { axe, openTab, shot, startBrowser } from "./browser.mjs";

const TOKENS = `demo:${LOCAL.apiToken},boss:boss-token:admin+read+write,reader:reader-token:read`;
const SECRET = "hunter2hunter2";
/** What somebody wrote who would like it to become markup. */
const HOSTILE = '<img src="/gone.png" onerror="document.title = 1">';
const WIDTHS = [375, 1280];

let canopy, service, edge, browser, office, boss;
/** What the service answers next; then 200. */
const answers = [];

before(async () => {
  canopy = await startStandIn(({ path }) => ({ body: { success: true, pull: { pull_id: pullOf(path), policies: [], account_identifier: "a-1" } } }));
  service = await startStandIn(() => answers.shift() ?? { body: { id: "m-1", ok: true, said: HOSTILE } });
  const secrets = `SHOP:${new URL(service.url).host}:${SECRET},RESEND:api.resend.com:${SECRET}`;
  const env = { EDGE_API_TOKENS: TOKENS, EDGE_SECRETS: secrets, EDGE_LOCAL_HOSTS: `api.resend.com=${service.url}` };
  [edge, browser] = await Promise.all([startEdge({ sandbox: canopy, env }), startBrowser()]);
  [office, boss] = [backOfficeOf(edge), backOfficeOf(edge, "boss-token")];
  await put("flows/welcome", welcome());
  await put("instances/welcome", { group: "welcome", config: { url: `${service.url}/contact`, key: "SHOP" }, enabled: true });
  await put("flows/waiting", { title: "Waits", flows: { bound: { trigger: { on: "manual", of: "pull" }, steps: [{ id: "bound", use: "wait", with: { types: ["POLICY_BOUND"], timeout: "P3D" } }, { id: "behind", use: "set", with: { values: 1 } }] } } });
  await put("instances/waiting", { group: "waiting", enabled: true });
  await put("flows/asks", asks());
  await put("instances/asks", { group: "asks", enabled: true });
});
after(async () => {
  await browser?.close();
  await edge?.stop();
  await Promise.all([canopy, service].map((it) => it?.stop()));
});

/** A group whose run has a call, two ways, rounds, and an event. */
function welcome() {
  const call = (id, more) => ({ id, use: "http", with: { url: "{{ config.url }}", json: { pull: "{{ pull.pull_id }}", n: "{{ n }}" } }, ...more });
  const contact = { ...call("contact", { title: "Make a contact", secret: { name: "{{ config.key }}", as: "bearer" } }), with: { url: "{{ config.url }}", json: { pull: "{{ pull.pull_id }}" } } };
  const ways = { id: "known", title: "Is it a new one?", use: "if", with: { condition: "steps.contact.status == 200", then: [{ id: "keep", title: "Keep it", use: "set", with: { values: "{{ steps.contact.status }}" } }], else: [{ id: "end", use: "stop", with: { because: "known" } }] } };
  const rounds = { id: "all", title: "Each policy", use: "each", with: { in: "[1, 2, 3, 4]", as: "n", steps: [call("note", { title: "Note it" })] } };
  return {
    title: "Welcome",
    description: "Greets who has shared.",
    config: { url: { type: "url", title: "Where it goes", required: true }, key: { type: "secret", title: "Key" }, days: { type: "integer", title: "Days", minimum: 1, maximum: 30 } },
    flows: { greet: { title: "Greet the household", trigger: { on: "event", types: ["AUTH_STATUS"], when: "event.data.auth_status == 'PROCESSING'" }, steps: [contact, ways, rounds, { id: "told", title: "Say that it was done", use: "emit", with: { event_type: "GREETED" } }] } },
  };
}

/** A group that asks somebody before it writes. */
function asks() {
  const mail = { id: "mail", use: "http", with: { url: `${service.url}/mail`, json: { link: "{{ approval.url }}" } } };
  const ok = { id: "ok", title: "Ask the owner", use: "approve", with: { title: "Write to Lois <b>Griffin</b>?", text: "Her policy ends in 30 days.\nThe premium rose by 12 %.", timeout: "P2D", notify: [mail] } };
  const write = { id: "write", title: "Write", use: "http", with: { url: `${service.url}/write`, json: {} } };
  return { title: "Asks first", flows: { ask: { title: "Ask before writing", trigger: { on: "manual", of: "pull" }, steps: [ok, write] } } };
}

async function put(path, json) {
  const answer = await boss.call(`/api/v1/${path}`, { method: "PUT", body: JSON.stringify(json) });
  assert.ok(answer.ok, `${path}: ${answer.status} ${await answer.text()}`);
}

const runsOf = async (query) => (await office.read(`/api/v1/runs?${query}`)).runs;
/** A pull that starts `welcome`; gives its run once it stands at `status`. */
async function greeted(status = "done") {
  const id = randomUUID();
  assert.equal((await postWebhook(edge, authStatus(id, "PROCESSING", 1))).status, 200);
  return until(async () => (await runsOf(`pull_id=${id}&status=${status}`))[0], `the run, ${status}`);
}

async function started(instance, flow) {
  const pull_id = randomUUID();
  await postWebhook(edge, authStatus(pull_id, "PULLING_DATA", 1));
  const answer = await office.call(`/api/v1/instances/${instance}/runs`, { method: "POST", body: JSON.stringify({ flow, pull_id }) });
  assert.equal(answer.status, 202);
  return { run_id: (await answer.json()).run_id, pull_id };
}

async function waiting() {
  const run = await started("waiting", "bound");
  await until(async () => (await office.read(`/api/v1/runs/${run.run_id}`)).steps.length > 0, "the wait");
  return run;
}

/** A run that waits for a person's answer. */
async function asking() {
  const run = await started("asks", "ask");
  await until(async () => (await office.read(`/api/v1/runs/${run.run_id}`)).status === "approval", "the question");
  return run;
}

/** Somebody at the page, signed in. */
async function visit({ at = "", token = "boss-token", ...options } = {}) {
  const tab = await openTab(browser, { timezoneId: "UTC", locale: "en-GB", ...options });
  const { page } = tab;
  await page.goto(`${edge.url}/workflows${at}`);
  const signIn = async (given = token) => {
    await page.getByLabel("Token").fill(given);
    await page.keyboard.press("Enter");
  };
  await signIn();
  await page.locator("#view").or(page.locator("#problem:not(:empty)")).first().waitFor();
  return {
    ...tab,
    signIn,
    title: page.getByRole("heading", { level: 2 }).first(),
    picture: page.getByRole("region", { name: "The steps" }),
    step: page.getByRole("region", { name: "The step", exact: true }),
    node: (path) => page.locator(`[data-path="${path}"]`),
    press: (name) => page.getByRole("button", { name, exact: true }).click(),
    go: async (hash, name) => {
      await page.evaluate((to) => (location.hash = to), hash);
      await page.getByRole("heading", { level: 2, name }).waitFor();
    },
  };
}

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
    await page.getByRole("alert").getByText("There is nothing here").waitFor();
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

describe("what is deployed", () => {
  test("is switched, holds its runs, and is configured by a form that says at each field what is wrong", async () => {
    await put("instances/second", { group: "welcome", config: { url: `${service.url}/second` }, enabled: false });
    const visitor = await visit({ at: "#/instances" });
    const { page } = visitor;
    const toggle = page.getByRole("switch", { name: "second starts runs" });
    await toggle.press("Space");
    await page.locator('[role="switch"][aria-label="second starts runs"][aria-checked="true"]').waitFor();
    assert.equal((await office.read("/api/v1/instances/second")).enabled, true);
    await page.getByRole("link", { name: "second", exact: true }).click();
    await visitor.title.getByText("second").waitFor();
    await page.getByLabel("While it is off").selectOption("hold");
    await page.getByText("While it is off, its runs stand still until it is on.").waitFor();
    assert.equal((await office.read("/api/v1/instances/second")).runs, "hold");
    const [url, days] = [page.getByLabel("Where it goes"), page.getByLabel("Days")];
    await url.fill("no address");
    await days.fill("99");
    await visitor.press("Save");
    await page.getByText("This has to be put right:").waitFor();
    for (const each of [url, days]) assert.equal(await each.getAttribute("aria-invalid"), "true");
    assert.equal(await url.evaluate((each) => each === document.activeElement), true);
    await days.fill("9");
    await url.fill(`${service.url}/third`);
    await visitor.press("Save");
    await until(async () => (await office.read("/api/v1/instances/second")).config.days === 9, "what was saved");
    await visitor.press("Delete the instance");
    await visitor.press("Delete it");
    await visitor.title.getByText("Instances").waitFor();
    assert.equal((await office.call("/api/v1/instances/second")).status, 404);
    await visitor.close();
  });

  test("is started by hand with a pull", async () => {
    const { pull_id } = await waiting();
    const visitor = await visit({ at: "#/instances/waiting" });
    const start = visitor.page.getByRole("form", { name: "Start by hand" });
    await start.getByRole("button", { name: "Start" }).click();
    await start.getByText("Expected the pull_id of a pull that is here.").waitFor();
    await start.getByLabel("Pull").fill(pull_id);
    await start.getByRole("button", { name: "Start" }).click();
    await visitor.title.getByText("waiting: bound").waitFor();
    await until(async () => (await runsOf(`pull_id=${pull_id}`)).length === 2, "the second run");
    await visitor.close();
  });

  test("holds its runs while it is off, which is said of each, and lets them go on", async () => {
    const { run_id } = await waiting();
    await boss.call("/api/v1/instances/waiting", { method: "PATCH", body: JSON.stringify({ enabled: false, runs: "hold" }) });
    const visitor = await visit({ at: `#/runs/${run_id}` });
    const { page } = visitor;
    await page.getByText("It stands still, because its instance is off.").waitFor();
    await page.getByRole("main").getByRole("link", { name: "waiting", exact: true }).first().click();
    await visitor.title.getByText("waiting").waitFor();
    await page.getByRole("switch", { name: "waiting starts runs" }).press("Enter");
    await page.locator('[role="switch"][aria-checked="true"]').waitFor();
    await page.goBack();
    await visitor.title.getByText("waiting: bound").waitFor();
    assert.equal(await page.getByText("It stands still").count(), 0);
    await visitor.close();
  });

  test("is a template, once its form is filled in, and is started at once", async () => {
    const visitor = await visit({ at: "#/templates" });
    const { page } = visitor;
    await page.getByRole("link", { name: "Reminders of renewals" }).click();
    await page.getByText("How it is set up: docs/workflows/renewal-reminders.md").waitFor();
    await page.getByRole("link", { name: "All templates" }).click();
    await page.getByRole("link", { name: "A report of the book, on a schedule" }).click();
    const name = page.getByLabel("Name of the instance");
    assert.equal(await name.inputValue(), "book-report");
    await name.fill("welcome");
    const fill = async (fields) => {
      for (const [label, value] of Object.entries(fields)) await page.getByLabel(label, { exact: true }).fill(value);
    };
    await fill({ Recipients: "a@agency.example\nno address", "Secret of the e-mail service": "NOBODY", "Days ahead": "731" });
    await visitor.press("Deploy");
    await page.getByText("There is one of that name already").waitFor();
    await name.fill("report");
    await visitor.press("Deploy");
    await page.getByText("This has to be put right:").waitFor();
    assert.deepEqual(await page.locator("[aria-invalid]").evaluateAll((fields) => fields.map(({ id }) => id)), ["config-recipients", "config-days", "config-from"], "in the template's order");
    await fill({ Recipients: "a@agency.example\nb@agency.example", "Days ahead": "30", Sender: "desk@agency.example", When: "0 7 * * MON" });
    await visitor.press("Deploy");
    await page.getByText("expected a secret that EDGE_SECRETS has: NOBODY is none").first().waitFor();
    await fill({ "Secret of the e-mail service": "RESEND" });
    assert.deepEqual(await page.getByLabel("Sent also if nothing expires").getByRole("option").allTextContents(), ["yes", "no"], "what has a default is always said");
    await visitor.press("Deploy");
    await visitor.title.getByText("report", { exact: true }).waitFor();
    const { group, enabled, config } = await office.read("/api/v1/instances/report");
    const recipients = ["a@agency.example", "b@agency.example"];
    assert.deepEqual([group, enabled, config.recipients, config.days, config.cron, config.send_empty, config.mail_key], ["book-report", true, recipients, 30, "0 7 * * MON", true, "RESEND"]);
    const start = page.getByRole("form", { name: "Start by hand" });
    await start.getByLabel("Flow").selectOption("report_at_once");
    assert.equal(await start.getByLabel("Pull").isVisible(), false, "it is about no pull");
    await start.getByRole("button", { name: "Start" }).click();
    await visitor.title.getByText("When somebody asks for it").waitFor();
    await visitor.picture.locator(".end").getByText("done", { exact: true }).waitFor();
    await page.getByText("It was started").waitFor();
    const { body } = service.calls.findLast(({ headers }) => headers["x-edge-host"] === "api.resend.com");
    assert.deepEqual(JSON.parse(body).to, ["a@agency.example", "b@agency.example"]);
    await visitor.close();
  });

  test("is asked for by fields of each type", async () => {
    const config = { more: { type: "json", title: "Headers" }, text: { type: "html", title: "Letter", default: "<p>Hi</p>" }, once: { type: "boolean", title: "Once" }, tone: { type: "enum", title: "Tone", values: ["warm", "formal"], required: true }, desk: { type: "phone", title: "Desk" } };
    await put("flows/types", { title: "Types", config, flows: { a: { trigger: { on: "manual", of: "agency" }, steps: [{ id: "a", use: "set", with: { values: 1 } }] } } });
    const visitor = await visit({ at: "#/instances?group=types" });
    const { page } = visitor;
    assert.equal(await page.getByLabel("Group", { exact: true }).inputValue(), "types");
    await page.getByLabel("Name of the instance").fill("types");
    await visitor.press("Configure");
    await page.getByLabel("Headers").fill("{");
    await visitor.press("Deploy");
    await page.getByText("Expected JSON, like").first().waitFor();
    await page.getByLabel("Headers").fill('{"X-A": 1}');
    await page.getByLabel("Tone").selectOption("formal");
    await page.getByLabel("Once (optional)", { exact: true }).selectOption("no");
    await page.getByLabel("Desk").fill("+15555550123");
    await visitor.press("Deploy");
    await visitor.title.getByText("types", { exact: true }).waitFor();
    assert.deepEqual((await office.read("/api/v1/instances/types")).config, { more: { "X-A": 1 }, text: "<p>Hi</p>", once: false, tone: "formal", desk: "+15555550123" });
    await visitor.close();
  });
});

describe("a group's definition", () => {
  test("is looked at as the writer pauses, leads to each problem's place, and is saved as the next version", async () => {
    const visitor = await visit({ at: "#/groups" });
    const { page } = visitor;
    await page.getByLabel("Name of the group").fill("Not a name");
    await visitor.press("Begin");
    await page.getByText("Expected 1 to 40 small letters").waitFor();
    await page.getByLabel("Name of the group").fill("edited");
    await visitor.press("Begin");
    await visitor.title.getByText("edited, a new group").waitFor();
    await page.getByText("It is valid.").waitFor();
    const text = page.getByLabel("Definition, as JSON");
    const problems = page.getByRole("list", { name: "Problems" });
    const chosen = () => text.evaluate((area) => area.value.slice(area.selectionStart, area.selectionEnd));
    const begun = await text.inputValue();
    await text.fill(begun.replace('"title"', "title"));
    await page.getByText("It is no JSON yet.").waitFor();
    await problems.getByRole("button", { name: "Line 2" }).press("Enter");
    assert.equal(await chosen(), "t");
    const wrong = begun.replace("{{ config.url }}", "{{ config. }}").replace('"COMPLETE"', '"no type"');
    await text.fill(wrong);
    await page.getByText("2 problems. Choose one to see its place.").waitFor();
    await problems.getByRole("listitem").filter({ hasText: "/flows/tell/steps/0/with/url" }).getByRole("button").press("Enter");
    assert.equal(await chosen(), '"{{ config. }}"');
    await visitor.press("Save as version 1");
    assert.equal((await office.call("/api/v1/flows/edited")).status, 404);
    await visitor.go("#/groups", "Groups");
    await page.goBack();
    await page.getByText("These are your changes; they are not saved yet.").waitFor();
    assert.equal(await text.inputValue(), wrong);
    await visitor.press("Discard the changes");
    await page.getByText("Discarded.").waitFor();
    assert.equal(await text.inputValue(), begun);
    await page.getByText("It is valid.").waitFor();
    await visitor.press("Save as version 1");
    await visitor.press("Save as version 2");
    await page.getByRole("button", { name: "Save as version 2" }).waitFor();
    assert.equal((await office.read("/api/v1/flows/edited")).version, 1, "what equals the newest is no other");
    await text.fill(begun.replace("What it is for", "Tells"));
    await visitor.press("Save as version 2");
    await visitor.title.getByText("Tells").waitFor();
    await page.getByLabel("Version").selectOption("1");
    await visitor.title.getByText("Tells").waitFor();
    await until(async () => (await text.inputValue()) === begun, "the version before");
    assert.deepEqual(visitor.seen.problems().filter((problem) => !/status of (404|422)/.test(problem)), []);
    await visitor.close();
  });

  test("is tried on a pull before it is saved", async () => {
    const { pull_id } = await greeted();
    const calls = service.calls.length;
    const visitor = await visit({ at: "#/groups/welcome" });
    const { page } = visitor;
    await page.getByText("It is valid.").waitFor();
    const text = page.getByLabel("Definition, as JSON");
    const changed = JSON.parse((await text.inputValue()).replace("Make a contact", "Make another"));
    changed.flows.later = { trigger: { on: "event", types: ["POLICY_BOUND"] }, steps: [{ id: "a", use: "set", with: { values: 1 } }] };
    await text.fill(JSON.stringify(changed));
    const flow = page.getByLabel("Flow", { exact: true });
    await flow.getByRole("option", { name: "later" }).waitFor({ state: "attached" });
    await visitor.press("See what would happen");
    await page.getByText("Expected the pull_id of a pull that is here.").waitFor();
    await page.getByLabel("Pull", { exact: true }).fill(pull_id);
    await page.getByLabel("Entry").fill("1");
    assert.deepEqual(JSON.parse(await page.getByLabel("Configuration").inputValue()), { url: `${service.url}/contact`, key: "SHOP" }, "as one of its instances has it");
    await page.getByLabel("Configuration").fill('{"url": ""');
    await visitor.press("See what would happen");
    await page.getByText("Expected a JSON object.").waitFor();
    await page.getByLabel("Configuration").fill('{"url": "https://a.example/contact", "key": "SHOP"}');
    await page.getByLabel("Answers").fill('{"contact": {"status": 200}}');
    await visitor.press("See what would happen");
    const shown = page.getByRole("region", { name: "What would happen" });
    await shown.getByText("Make another").first().waitFor();
    await shown.getByText("later would not start: there is no entry of its types at position 1").waitFor();
    await shown.locator('[data-path="contact"]').click();
    await shown.getByText("https://a.example/contact").waitFor();
    await shown.getByText("what you said").waitFor();
    await shown.locator('[data-path="told"]').click();
    await shown.getByText("nobody: it is assumed that all goes well").waitFor();
    assert.ok(!(await page.content()).includes(SECRET));
    await page.getByLabel("Pull", { exact: true }).fill(randomUUID());
    await visitor.press("See what would happen");
    await page.getByRole("alert").getByText(/pull/).first().waitFor();
    assert.equal((await office.read("/api/v1/flows/welcome")).version, 1);
    assert.equal(service.calls.length, calls, "nobody was called");
    await visitor.close();
  });
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
  await page.getByRole("alert").getByText("A valid token is needed").waitFor();
  await visitor.signIn("reader-token");
  await visitor.title.getByText("Runs").waitFor();
  const { run_id } = await waiting();
  await visitor.go(`#/runs/${run_id}`, "waiting: bound");
  await visitor.press("Cancel the run");
  await visitor.press("Cancel it");
  await page.getByRole("alert").getByText(/scope/i).waitFor();
  await page.route("**/api/v1/runs?*", (route) => route.abort());
  await page.getByRole("link", { name: "Runs", exact: true }).click();
  await page.getByRole("alert").getByText("The edge could not be reached").waitFor();
  await page.unroute("**/api/v1/runs?*");
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
