// The page where workflows are seen and steered: runs as pictures, what failed tried again, what is deployed changed, by mouse and by keyboard.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, describe, test } from "node:test";
import { authStatus, backOfficeOf, postWebhook, until, webhook } from "../edge-client.mjs";
import { LOCAL, startEdge } from "../harness.mjs";
import { pullOf, startStandIn } from "../stand-in.mjs";
import { axe, openTab, shot, startBrowser } from "./browser.mjs";
import { standInForWhatIsToCome } from "./workflows-to-come.mjs";

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
  service = await startStandIn(() => answers.shift() ?? { body: { ok: true, said: HOSTILE } });
  const env = { EDGE_API_TOKENS: TOKENS, EDGE_SECRETS: `SHOP:${new URL(service.url).host}:${SECRET}` };
  [edge, browser] = await Promise.all([startEdge({ sandbox: canopy, env }), startBrowser()]);
  [office, boss] = [backOfficeOf(edge), backOfficeOf(edge, "boss-token")];
  await put("flows/welcome", welcome());
  await put("instances/welcome", { group: "welcome", config: { url: `${service.url}/contact`, key: "SHOP" }, enabled: true });
  await put("flows/waiting", { title: "Waits", flows: { bound: { trigger: { on: "manual", of: "pull" }, steps: [{ id: "bound", use: "wait", with: { types: ["POLICY_BOUND"], timeout: "P3D" } }, { id: "behind", use: "set", with: { values: 1 } }] } } });
  await put("instances/waiting", { group: "waiting", enabled: true });
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

async function waiting() {
  const pull_id = randomUUID();
  await postWebhook(edge, authStatus(pull_id, "PULLING_DATA", 1));
  const answer = await office.call("/api/v1/instances/waiting/runs", { method: "POST", body: JSON.stringify({ flow: "bound", pull_id }) });
  assert.equal(answer.status, 202);
  const { run_id } = await answer.json();
  await until(async () => (await office.read(`/api/v1/runs/${run_id}`)).steps.length > 0, "the wait");
  return { run_id, pull_id };
}

/** Somebody at the page, signed in. */
async function visit({ at = "", token = "boss-token", ...options } = {}) {
  const tab = await openTab(browser, { timezoneId: "UTC", locale: "en-GB", ...options });
  const { page } = tab;
  const asked = await standInForWhatIsToCome(page, boss);
  await page.goto(`${edge.url}/workflows${at}`);
  const signIn = async (given = token) => {
    await page.getByLabel("Token").fill(given);
    await page.keyboard.press("Enter");
  };
  await signIn();
  await page.locator("#view").or(page.locator("#problem:not(:empty)")).first().waitFor();
  return {
    ...tab,
    asked,
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
    await visitor.go("#/runs/i-asks-1", "Ask before writing");
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
    await page.getByLabel("Pull", { exact: true }).fill("p");
    await visitor.press("See what would happen");
    await page.getByText("later would not start").waitFor();
    await looked("group");
    await visitor.go("#/templates", "Templates");
    await looked("templates");
    await visitor.go("#/templates/birthday", "Birthday greetings");
    await looked("template");
    await visitor.press("Sign out");
    await looked("door");
    assert.deepEqual(visitor.seen.problems().filter((problem) => !/status of (404|422)/.test(problem)), []);
    await visitor.close();
  });
}
