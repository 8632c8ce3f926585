// The back office's page of a pull's life: back and forth in it, by keyboard and by mouse, with and without an entry.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { authStatus, backOfficeOf, isSettled, loginOf, openPage, postWebhook, until } from "../edge-client.mjs";
import { LOCAL } from "../harness.mjs";
import { axe, openTab, shot } from "./browser.mjs";
import { startAll } from "./visitor.mjs";

const DAY_MS = 86_400_000;
/** What somebody wrote who would like it to become markup. */
const HOSTILE = '<img src="/gone.png" onerror="document.title = 1">';

let all, office, id, entries;
before(async () => {
  all = await startAll();
  office = backOfficeOf(all.edge);
  const page = await openPage(all.edge);
  id = (await page.ask("connect", await loginOf(all.sandbox, "user_good_complete"))).pull_id;
  await office.seen(id, (view) => view.complete && isSettled(view), "the pull");
  // It comes too late to change anything.
  assert.equal((await postWebhook(all.edge, authStatus(id, "NOT_AUTHENTICATED", 0))).status, 200);
  await tell("events", { event_type: "QUOTE_SENT", data: { carrier: "acme", note: HOSTILE }, key: "quote" });
  await tell("schedule", { event_type: "CALL_BACK", effective_at: new Date(Date.now() + 4 * DAY_MS).toISOString(), key: "call" });
  // What the policies make due at once is an entry, too.
  const isOver = async () => (await office.read(`/api/v1/pulls/${id}/schedule?state=due`)).schedule.every(({ effective_at }) => Date.parse(effective_at) > Date.now());
  await until(isOver, "everything that fell due");
  entries = await timeline();
});
after(() => all?.stop());

async function tell(what, body) {
  const answer = await office.call(`/api/v1/pulls/${id}/${what}`, { method: "POST", body: JSON.stringify(body), headers: { "content-type": "application/json" } });
  assert.equal(answer.status, 201, await answer.text());
}

/** The whole life, page by page. */
async function timeline() {
  const all = [];
  for (let cursor = ""; cursor !== null; ) {
    const page = await office.read(`/api/v1/pulls/${id}/timeline?order=asc&limit=5${cursor && `&cursor=${encodeURIComponent(cursor)}`}`);
    all.push(...page.timeline);
    cursor = page.cursor;
  }
  return all;
}

/** The view at a position, as a merge patch can say it. */
const viewAt = async (position) => withoutNulls(await office.read(`/api/v1/pulls/${id}?position=${position}`));

function withoutNulls(value) {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).flatMap(([name, each]) => (each === null ? [] : [[name, withoutNulls(each)]])));
}

const past = () => entries.filter(({ is_to_come }) => !is_to_come);
const positionOf = (type, kind) => entries.find((entry) => entry.event_type === type && entry.kind === kind).position;

/** A producer at the page. Its clock is UTC, so that the times of its forms can be written down. */
async function visit(options) {
  const tab = await openTab(all.browser, { timezoneId: "UTC", locale: "en-GB", ...options });
  const { page } = tab;
  await page.goto(`${all.edge.url}/timeline`);
  const ask = async (token = LOCAL.apiToken, pull = id) => {
    await page.getByLabel("Pull", { exact: true }).fill(pull);
    await page.getByLabel("Token").fill(token);
    await page.keyboard.press("Enter");
  };
  return {
    ...tab,
    ask,
    slider: page.getByRole("slider", { name: "Entry" }),
    picture: page.getByRole("group", { name: "The life as a line in time" }),
    list: page.getByRole("list", { name: "All entries" }),
    view: page.getByRole("region", { name: "The view after it" }),
    compared: page.getByRole("region", { name: /^As it is, and / }),
    shown: () => page.locator("#json").textContent().then(JSON.parse),
    /** Where the page stands, counted from 1. */
    step: async () => Number(/^Entry (\d+) of/.exec(await page.locator("#step").textContent())?.[1]),
    async open() {
      await ask();
      await page.locator("#shown").waitFor();
    },
  };
}

for (const width of [375, 1280]) {
  test(`at ${width} px it shows the life, accessible and without a scroll bar across`, async () => {
    const visitor = await visit({ width });
    const { page } = visitor;
    assert.deepEqual(await axe(page), []);
    await visitor.open();
    assert.equal(await visitor.step(), past().length, "it begins with how things stand");
    assert.equal(await visitor.list.getByRole("listitem").count(), entries.length);
    assert.deepEqual(await axe(page), []);
    await page.getByText("What the marks mean").press("Enter");
    await visitor.list.getByLabel(new RegExp(`^leave out entry ${positionOf("QUOTE_SENT", "own")},`)).check();
    await page.getByRole("button", { name: "Compare" }).click();
    await visitor.compared.waitFor();
    assert.deepEqual(await axe(page), []);
    const over = (root) => root.scrollWidth - root.clientWidth;
    assert.ok((await page.evaluate(`(${over})(document.documentElement)`)) <= 0);
    const tight = await visitor.picture.getByRole("button").evaluateAll((marks) => {
      const places = marks.map((mark) => mark.getBoundingClientRect());
      return places.filter((one) => places.some((other) => one !== other && one.top === other.top && Math.abs(one.left - other.left) < 24)).length;
    });
    assert.equal(tight, 0, "a finger hits one mark alone");
    const crossed = await visitor.picture.locator("text, g.mark > .shape").evaluateAll((texts) => {
      const now = document.querySelector("line.now").getBoundingClientRect();
      return texts.filter((text) => text.getBoundingClientRect().left < now.right + 4 && text.getBoundingClientRect().right > now.left - 4 && text.textContent !== "now").map((text) => text.textContent);
    });
    assert.deepEqual(crossed, [], "now stands free");
    await shot(page, "timeline", width);
    assert.deepEqual(visitor.seen.problems(), []);
    await visitor.close();
  });
}

describe("back and forth", () => {
  test("by the slider's keys the view is at each entry as the edge has it", async () => {
    const visitor = await visit();
    const { page, slider } = visitor;
    await visitor.open();
    await slider.focus();
    await page.keyboard.press("Home");
    for (const { position } of past()) {
      assert.equal(await visitor.step(), position);
      assert.deepEqual(await visitor.shown(), await viewAt(position), `forwards, at ${position}`);
      await page.keyboard.press("ArrowRight");
    }
    await page.keyboard.press("End");
    const last = entries.at(-1);
    assert.equal(await visitor.step(), entries.length);
    assert.equal((await visitor.shown()).own[last.event_type]?.effective_at, last.effective_at, "what is to come has come");
    assert.match(await slider.getAttribute("aria-valuetext"), new RegExp(`^entry ${entries.length} of ${entries.length}, to come: fired ${last.event_type}, \\d{1,2} [A-Z][a-z]+ \\d{4}`));
    for (const position of [past().length, 2, 1]) {
      while ((await visitor.step()) > position) await page.keyboard.press("ArrowLeft");
      assert.deepEqual(await visitor.shown(), await viewAt(position), `backwards, at ${position}`);
    }
    assert.deepEqual(visitor.seen.problems(), []);
    await visitor.close();
  });

  test("buttons, list and cause go to an entry, and what it changed is said in words", async () => {
    const visitor = await visit();
    const { page, list, view } = visitor;
    await visitor.open();
    const press = (name) => page.getByRole("button", { name, exact: true }).click();
    await press("First");
    assert.equal(await visitor.step(), 1);
    await press("Next");
    assert.equal(await visitor.step(), 2);
    await press("Previous");
    assert.equal(await visitor.step(), 1);
    await press("Last");
    assert.equal(await visitor.step(), entries.length);
    const quote = positionOf("QUOTE_SENT", "own");
    await press(`${quote}. own QUOTE_SENT`);
    assert.equal(await visitor.step(), quote);
    assert.equal(await list.locator("[aria-current]").textContent(), `${quote}. own QUOTE_SENT`);
    const row = view.locator('[data-path="own.QUOTE_SENT"]');
    // The first of them all: before it there is no member of that name.
    assert.equal(await view.locator('[data-path="own"]').locator(".fate").first().textContent(), "added");
    await page.getByText(/^By this entry .*added: .*own(\.QUOTE_SENT)?\b/).waitFor();
    for (const name of ["3 members of own.QUOTE_SENT", "2 members of own.QUOTE_SENT.data"]) await view.getByRole("button", { name, exact: true }).click();
    assert.equal(await row.getByText(HOSTILE).count(), 1, "it stays text");
    assert.equal(await page.locator("main img").count(), 0);
    await press(`${past().findLast(({ event_type }) => event_type === "AUTH_STATUS").position}. webhook AUTH_STATUS`);
    assert.equal(await page.locator("#changed").textContent(), "Nothing but its place in the log.");
    await press("Last");
    assert.match(await page.locator("#changed").textContent(), /^By this entry (?!.*(revision|updated_at|is_to_come|outbox))/);
    const shown = await visitor.shown();
    assert.deepEqual([shown.is_to_come, shown.outbox], [true, []], "the view as JSON is whole");
    const named = await view.locator("#view > dl > div").evaluateAll((rows) => rows.map((row) => row.dataset.path));
    assert.deepEqual(named.toSorted(), Object.keys(shown).filter((name) => name !== "is_to_come" && name !== "outbox").sort());
    const caused = past().find(({ cause }) => cause !== null);
    await list.getByRole("button", { name: new RegExp(`^${caused.position}\\. `) }).click();
    await press(`entry ${caused.cause}`);
    assert.equal(await visitor.step(), caused.cause);
    assert.deepEqual(visitor.seen.problems(), []);
    await visitor.close();
  });

  test("the picture begins with what is near, and says what lies beyond and that its scales are two", async () => {
    const visitor = await visit();
    const { page, picture } = visitor;
    await visitor.open();
    const far = entries.filter(({ effective_at }) => Date.parse(effective_at) > Date.now() + 600 * DAY_MS);
    assert.ok(far.length > 0 && far.length < entries.length - past().length, "some lies beyond, and some does not");
    const drawn = async () => {
      const labels = await picture.getByRole("button").evaluateAll((marks) => marks.map((mark) => mark.getAttribute("aria-label")));
      return labels.map((label) => Number(/^(?:to come, )?(\d+) entries/.exec(label)?.[1] ?? 1)).reduce((sum, count) => sum + count);
    };
    assert.equal(await drawn(), entries.length - far.length);
    const year = new Date(far.at(-1).effective_at).getUTCFullYear();
    assert.match(await page.locator("#window").textContent(), new RegExp(`; ${far.length} more until ${year}\\. Not to one scale: \\d+ \\w+ before now, \\d+ \\w+ after it\\.$`));
    const [left, middle, right] = await Promise.all(["← ", "now", " →"].map((text) => picture.getByText(text).boundingBox()));
    assert.ok(left.x + left.width < middle.x && middle.x + middle.width < right.x, "how long each side is stands on its side");
    const frame = await picture.boundingBox();
    assert.ok(middle.x - frame.x > frame.width / 4, "minutes of past have room");
    const whole = page.getByRole("button", { name: "Whole life" });
    assert.equal(await whole.getAttribute("aria-disabled"), "false");
    await whole.click();
    assert.equal(await whole.getAttribute("aria-disabled"), "true");
    assert.equal(await drawn(), entries.length);
    assert.doesNotMatch(await page.locator("#window").textContent(), /more until/);
    assert.deepEqual(visitor.seen.problems(), []);
    await visitor.close();
  });

  test("a mark of the picture goes there, pressed with a key or with the mouse", async () => {
    const visitor = await visit();
    const { page, picture } = visitor;
    await visitor.open();
    const marks = picture.getByRole("button");
    assert.equal(await picture.locator('[tabindex="0"]').count(), 1, "the picture is one stop of the tab key");
    await picture.locator('[tabindex="0"]').focus();
    await page.keyboard.press("Home");
    await page.keyboard.press("Enter");
    const begin = await visitor.step();
    assert.equal(await marks.first().getAttribute("aria-current"), "true");
    await page.keyboard.press("End");
    await page.keyboard.press(" ");
    assert.notEqual(await visitor.step(), begin);
    assert.equal(await marks.last().getAttribute("aria-current"), "true");
    const callBack = picture.getByRole("button", { name: /^to come: fired CALL_BACK|to come, / }).first();
    await callBack.click();
    assert.ok((await visitor.step()) > past().length);
    await page.getByRole("button", { name: "First", exact: true }).click();
    const near = await page.locator("#window").textContent();
    await page.getByRole("button", { name: "Look closer" }).click();
    assert.notEqual(await page.locator("#window").textContent(), near);
    assert.equal(await marks.and(page.locator("[aria-current]")).count(), 1, "the chosen one stays in sight");
    await visitor.list.getByRole("button", { name: "fired CALL_BACK" }).click();
    assert.equal(await page.locator("#window").textContent(), near, "who leaves that time sees what is near");
    await page.getByRole("button", { name: "Last", exact: true }).click();
    assert.equal(await page.getByRole("button", { name: "Whole life" }).getAttribute("aria-disabled"), "true", "who leaves that, too, sees the whole life");
    assert.deepEqual(visitor.seen.problems(), []);
    await visitor.close();
  });
});

test("of what comes by itself only that stands open which differs", async () => {
  const visitor = await visit();
  const { page, list, compared } = visitor;
  await visitor.open();
  const come = entries.filter(({ is_to_come, event_type }) => is_to_come && event_type.startsWith("EDGE_")).length;
  const fold = compared.locator("details", { hasText: "alike on both sides" });
  const alike = async () => Number(/^(\d+) automatic events? alike on both sides$/.exec(await fold.locator("summary").textContent())[1]);
  const compareWithout = async (position) => {
    await page.getByRole("button", { name: "Start over" }).click();
    await list.getByLabel(new RegExp(`^leave out entry ${position},`)).check();
    await page.getByRole("button", { name: "Compare" }).click();
    await compared.waitFor();
  };
  await compareWithout(positionOf("QUOTE_SENT", "own"));
  await compared.getByText("None of it differs.").waitFor();
  assert.equal(await compared.getByRole("table").count(), 0, "what is alike is folded away");
  const before = await alike();
  assert.ok(before >= come, `${before} of ${come}`);
  await fold.locator("summary").press("Enter");
  assert.equal(await compared.getByRole("table").locator("tbody").count(), before);
  // Without the data no policy makes anything due.
  await compareWithout(entries.find(({ kind }) => kind === "fetched").position);
  const table = compared.getByRole("table", { name: "Automatic events that differ" });
  await table.waitFor();
  const differing = await table.locator("tbody").count();
  assert.ok(differing > 0);
  assert.equal(await table.getByText("differs", { exact: true }).count(), differing);
  assert.deepEqual(await axe(page), []);
  assert.equal(differing + ((await fold.count()) > 0 ? await alike() : 0), before, "each is on one of the two");
  assert.deepEqual(visitor.seen.problems(), []);
  await visitor.close();
});

test("without an entry, and with another one, both lives stand side by side", async () => {
  const visitor = await visit();
  const { page, list, compared } = visitor;
  await visitor.open();
  const quote = positionOf("QUOTE_SENT", "own");
  await list.getByLabel(new RegExp(`^leave out entry ${quote},`)).focus();
  await page.keyboard.press(" ");
  await page.getByText(`Left out: ${quote} (own QUOTE_SENT)`).waitFor();
  await page.getByLabel("Event", { exact: true }).fill("POLICY_BOUND");
  await page.getByRole("button", { name: "Compare" }).click();
  assert.match(await page.locator("#effective_at-wrong").textContent(), /^Expected the day and the time/);
  await page.getByLabel("When", { exact: true }).fill(new Date().toISOString().slice(0, 19));
  await page.getByLabel("Data, as JSON").fill('{"carrier": "acme"}');
  await page.getByLabel("Until", { exact: true }).fill(new Date(Date.now() + 10 * DAY_MS).toISOString().slice(0, 19));
  await page.getByLabel("Until", { exact: true }).press("Enter");
  await compared.waitFor();
  const side = (name) => compared.locator("section", { has: page.getByRole("heading", { name }) });
  const without = `Without entry ${quote}, with POLICY_BOUND`;
  const itemOf = (name, text) => side(name).getByRole("listitem").filter({ hasText: text });
  await itemOf("As it is", "own QUOTE_SENT").getByText("only here").waitFor();
  await itemOf(without, "own POLICY_BOUND").getByText("only here").waitFor();
  assert.equal(await itemOf(without, "own QUOTE_SENT").count(), 0);
  await compared.getByRole("heading", { name: "What comes by itself" }).waitFor();
  const changes = compared.locator(".changes").getByRole("listitem");
  await changes.filter({ hasText: "own.QUOTE_SENT" }).getByText("removed").waitFor();
  await changes.filter({ hasText: "own.POLICY_BOUND" }).getByText("added").waitFor();
  assert.equal(await changes.filter({ hasText: /^(revision|updated_at) / }).count(), 0);
  assert.deepEqual(await timeline(), entries, "nothing was written");
  await page.getByRole("button", { name: "Start over" }).click();
  assert.equal(await list.getByRole("checkbox", { checked: true }).count(), 0);
  assert.deepEqual(visitor.seen.problems(), []);
  await visitor.close();
});

test("what cannot be shown is said, and nothing of pull and token is kept", async () => {
  const visitor = await visit();
  const { page } = visitor;
  await visitor.ask("no-token");
  await page.getByRole("alert").getByText("A valid token is needed").waitFor();
  await visitor.ask(LOCAL.apiToken, "nobody");
  await page.getByRole("alert").getByText("There is nothing here").waitFor();
  await page.route("**/timeline?*", (route) => route.abort());
  await visitor.ask();
  await page.getByRole("alert").getByText("The edge could not be reached").waitFor();
  await page.unroute("**/timeline?*");
  await visitor.open();
  const kept = await page.evaluate(() => [location.href, JSON.stringify(history.state), history.length, localStorage.length, sessionStorage.length, document.cookie]);
  assert.deepEqual(kept, [`${all.edge.url}/timeline`, "null", 2, 0, 0, ""]);
  for (const { url } of visitor.seen.answers) assert.ok(!url.includes(LOCAL.apiToken), url);
  // Whoever comes back by the browser's button finds what is there after this event, or a page loaded anew.
  await page.evaluate(() => dispatchEvent(new PageTransitionEvent("pagehide", { persisted: true })));
  const isEmpty = async () => {
    assert.equal(await page.locator("#shown").isVisible(), false);
    assert.deepEqual(await page.locator("input, textarea").evaluateAll((fields) => fields.flatMap(({ type, value }) => (type === "range" || !value ? [] : [value]))), []);
    const text = await page.locator("#shown").evaluate((section) => section.textContent);
    for (const known of [id, "QUOTE_SENT", "AUTH_STATUS", "acme"]) assert.ok(!text.includes(known), known);
  };
  await isEmpty();
  await page.goto(`${all.edge.url}/`);
  await page.goBack();
  await isEmpty();
  await visitor.close();
});
