// The link by which a person says yes or no, in a browser: by keys alone, in light and in dark, on a phone and on a desk.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, test } from "node:test";
import { authStatus, backOfficeOf, postWebhook, until } from "../edge-client.mjs";
import { LOCAL, startEdge } from "../harness.mjs";
import { pullOf, startStandIn } from "../stand-in.mjs";
import { axe, openTab, shot, startBrowser } from "./browser.mjs";

const TITLE = "Send Lois <b>Griffin</b> her summary?";
const WIDTHS = [375, 1280];

let canopy, service, edge, browser, office, pull_id;

before(async () => {
  canopy = await startStandIn(({ path }) => ({ body: { success: true, pull: { pull_id: pullOf(path), policies: [] } } }));
  service = await startStandIn(() => ({ body: { ok: true } }));
  const env = { EDGE_API_TOKENS: `demo:${LOCAL.apiToken},boss:boss-token:admin+read+write` };
  [edge, browser] = await Promise.all([startEdge({ sandbox: canopy, env }), startBrowser()]);
  office = backOfficeOf(edge);
  const call = (id) => ({ id, use: "http", with: { url: `${service.url}/${id}`, json: { link: "{{ approval.url }}" } } });
  const steps = [
    { id: "ask", title: "Ask the owner", use: "approve", with: { title: TITLE, text: "Her policies are with State Farm & Allstate.\n\nShe asked for it this morning.", timeout: "P2D", notify: [call("mail")] } },
    { id: "sent", title: "Send it", use: "http", with: { url: `${service.url}/sent`, json: {} } },
  ];
  const boss = backOfficeOf(edge, "boss-token");
  const put = async (path, json) => assert.ok((await boss.call(`/api/v1/${path}`, { method: "PUT", body: JSON.stringify(json) })).ok, path);
  await put("flows/summary", { title: "Summary", flows: { ask: { title: "Ask before sending", trigger: { on: "manual", of: "pull" }, steps } } });
  await put("instances/summary", { group: "summary", enabled: true });
  pull_id = randomUUID();
  await postWebhook(edge, authStatus(pull_id, "PROCESSING", 1));
});
after(async () => {
  await browser?.close();
  await edge?.stop();
  await Promise.all([canopy, service].map((it) => it?.stop()));
});

/** A run that asks, and the link that somebody was sent. */
async function asking() {
  const sent = service.calls.length;
  const answer = await office.call("/api/v1/instances/summary/runs", { method: "POST", body: JSON.stringify({ flow: "ask", pull_id }) });
  assert.equal(answer.status, 202);
  const { run_id } = await answer.json();
  await until(async () => (await office.read(`/api/v1/runs/${run_id}`)).status === "approval", "the question");
  return { run_id, link: JSON.parse(service.calls[sent].body).link };
}

async function open(link, options) {
  const tab = await openTab(browser, options);
  const answer = await tab.page.goto(link);
  assert.equal(answer.status(), 200);
  return tab;
}

/** Presses the tab key until `place` has the focus. */
async function tabTo(page, place) {
  for (let presses = 0; !(await place.evaluate((each) => each === document.activeElement)); presses += 1) {
    assert.ok(presses < 10, "the tab key leads there");
    await page.keyboard.press("Tab");
  }
}

for (const colorScheme of ["light", "dark"]) {
  for (const width of WIDTHS) {
    test(`in ${colorScheme} at ${width} px the question and its answer are accessible`, async () => {
      const { run_id, link } = await asking();
      const { page, seen, close } = await open(link, { width, colorScheme });
      const looked = async (name) => {
        await shot(page, `approval-${name}-${colorScheme}`, width);
        assert.deepEqual(await axe(page), [], name);
        assert.ok((await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")) <= 0, name);
      };
      await page.getByRole("heading", { level: 1, name: TITLE }).waitFor();
      await page.getByText(/^This can be answered until \w+, \w+ \d/).waitFor();
      const sizes = await page.getByRole("button").evaluateAll((buttons) => buttons.map((each) => [each.getBoundingClientRect().height, Number.parseFloat(getComputedStyle(each).fontSize)]));
      assert.ok(sizes.length === 2 && sizes.every(([height, text]) => height >= 44 && text >= 16), String(sizes));
      await looked("open");
      await page.getByRole("button", { name: "Refuse" }).click();
      await page.getByText("Refused.").waitFor();
      await looked("refused");
      await until(async () => (await office.read(`/api/v1/runs/${run_id}`)).status === "stopped", "the end of the run");
      await page.goto(link);
      await page.getByText("Refused.").waitFor();
      const over = await asking();
      await office.call(`/api/v1/runs/${over.run_id}/cancel`, { method: "POST" });
      await page.goto(over.link);
      await page.getByText("This question is no longer open.").waitFor();
      await looked("over");
      assert.deepEqual(seen.problems(), []);
      await close();
    });
  }
}

test("a yes by keys alone has the run go on, in the eyes of who looks at it", async () => {
  const { run_id, link } = await asking();
  const desk = await openTab(browser, { timezoneId: "UTC", locale: "en-GB" });
  await desk.page.goto(`${edge.url}/workflows#/runs/${run_id}`);
  await desk.page.getByLabel("Token").fill(LOCAL.apiToken);
  await desk.page.keyboard.press("Enter");
  await desk.page.getByRole("region", { name: TITLE }).waitFor();
  const { page, seen, close } = await open(link);
  const [approve, refuse] = ["Approve", "Refuse"].map((name) => page.getByRole("button", { name }));
  await tabTo(page, refuse);
  await page.keyboard.press("Shift+Tab");
  assert.equal(await approve.evaluate((each) => each === document.activeElement), true);
  assert.notEqual(await approve.evaluate((each) => getComputedStyle(each).outlineStyle), "none", "the focus is seen");
  await page.keyboard.press("Enter");
  await page.getByRole("status").getByText("Approved.").waitFor();
  assert.deepEqual(await axe(page), []);
  await desk.page.getByRole("status").getByText("Its status is now: done.").waitFor();
  assert.equal(await desk.page.getByRole("region", { name: TITLE }).count(), 0);
  await desk.page.locator('[data-path="ask"]').click();
  await desk.page.getByRole("group", { name: "What it gave" }).getByText('"by": "link"').waitFor();
  assert.equal(await desk.page.locator('[data-path="sent"] .stand').textContent(), "done");
  assert.ok(!(await desk.page.content()).includes(link), "who reads the run has no link that is good");
  // The second of two who were asked presses the other button on a page that was open all along.
  const late = await asking();
  const second = await open(late.link);
  assert.equal((await fetch(late.link, { method: "POST", body: new URLSearchParams({ decision: "approve" }) })).status, 200);
  const [answer] = await Promise.all([second.page.waitForResponse((response) => response.request().method() === "POST"), second.page.getByRole("button", { name: "Refuse" }).press("Enter")]);
  assert.equal(answer.status(), 409);
  await second.page.getByText("Approved.").waitFor();
  assert.deepEqual([...seen.problems(), ...desk.seen.problems()], []);
  await Promise.all([close(), desk.close(), second.close()]);
});
