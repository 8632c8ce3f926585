// An edge with deployed workflows, what starts their runs, and somebody at the page of workflows.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { authStatus, backOfficeOf, postWebhook, until } from "../edge-client.mjs";
import { LOCAL, startEdge } from "../harness.mjs";
import { pullOf, startStandIn } from "../stand-in.mjs";
import { openTab, startBrowser } from "./browser.mjs";

const TOKENS = `demo:${LOCAL.apiToken},boss:boss-token:admin+read+write,reader:reader-token:read`;
export const SECRET = "hunter2hunter2";
/** What somebody wrote who would like it to become markup. */
export const HOSTILE = '<img src="/gone.png" onerror="document.title = 1">';

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

/** A group whose run waits for an entry. */
function waits() {
  const steps = [{ id: "bound", use: "wait", with: { types: ["POLICY_BOUND"], timeout: "P3D" } }, { id: "behind", use: "set", with: { values: 1 } }];
  return { title: "Waits", flows: { bound: { trigger: { on: "manual", of: "pull" }, steps } } };
}

/** A group that asks somebody before it writes. */
function asks(service) {
  const mail = { id: "mail", use: "http", with: { url: `${service.url}/mail`, json: { link: "{{ approval.url }}" } } };
  const ok = { id: "ok", title: "Ask the owner", use: "approve", with: { title: "Write to Lois <b>Griffin</b>?", text: "Her policy ends in 30 days.\nThe premium rose by 12 %.", timeout: "P2D", notify: [mail] } };
  const write = { id: "write", title: "Write", use: "http", with: { url: `${service.url}/write`, json: {} } };
  return { title: "Asks first", flows: { ask: { title: "Ask before writing", trigger: { on: "manual", of: "pull" }, steps: [ok, write] } } };
}

/**
 * The edge with `welcome`, `waiting` and `asks` deployed, a `service` for their calls, which next answers what stands in `answers`, a
 * browser, and ways to start their runs.
 */
export async function startWorkflows() {
  const started = [];
  const begun = async (it) => (started.push(await it), started.at(-1));
  const stop = async () => {
    for (const each of started.splice(0).reverse()) await (each.stop?.() ?? each.close());
  };
  try {
    return { ...(await workflowsOf(begun)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function workflowsOf(begun) {
  const answers = [];
  const canopy = await begun(startStandIn(({ path }) => ({ body: { success: true, pull: { pull_id: pullOf(path), policies: [], account_identifier: "a-1" } } })));
  const service = await begun(startStandIn(() => answers.shift() ?? { body: { id: "m-1", ok: true, said: HOSTILE } }));
  const secrets = `SHOP:${new URL(service.url).host}:${SECRET},RESEND:api.resend.com:${SECRET}`;
  const env = { EDGE_API_TOKENS: TOKENS, EDGE_SECRETS: secrets, EDGE_LOCAL_HOSTS: `api.resend.com=${service.url}` };
  const edge = await begun(startEdge({ sandbox: canopy, env }));
  const browser = await begun(startBrowser());
  const [office, boss] = [backOfficeOf(edge), backOfficeOf(edge, "boss-token")];

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

  async function byHand(instance, flow) {
    const pull_id = randomUUID();
    await postWebhook(edge, authStatus(pull_id, "PULLING_DATA", 1));
    const answer = await office.call(`/api/v1/instances/${instance}/runs`, { method: "POST", body: JSON.stringify({ flow, pull_id }) });
    assert.equal(answer.status, 202);
    return { run_id: (await answer.json()).run_id, pull_id };
  }

  async function waiting() {
    const run = await byHand("waiting", "bound");
    await until(async () => (await office.read(`/api/v1/runs/${run.run_id}`)).steps.length > 0, "the wait");
    return run;
  }

  /** A run that waits for a person's answer. */
  async function asking() {
    const run = await byHand("asks", "ask");
    await until(async () => (await office.read(`/api/v1/runs/${run.run_id}`)).status === "approval", "the question");
    return run;
  }

  await put("flows/welcome", welcome());
  await put("instances/welcome", { group: "welcome", config: { url: `${service.url}/contact`, key: "SHOP" }, enabled: true });
  await put("flows/waiting", waits());
  await put("instances/waiting", { group: "waiting", enabled: true });
  await put("flows/asks", asks(service));
  await put("instances/asks", { group: "asks", enabled: true });
  const visit = (options) => visitorOf(browser, edge, options);
  return { edge, service, answers, office, boss, put, runsOf, greeted, waiting, asking, visit };
}

/** Somebody at the page, signed in. */
async function visitorOf(browser, edge, { at = "", token = "boss-token", ...options } = {}) {
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
