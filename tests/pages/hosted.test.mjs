// The hosted SDK in a real browser: Canopy's window over the page and in it, each event once.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { control, until } from "../edge-client.mjs";
import { agreeHosted, closeHosted, endHosted, focusOf, hostedFrame, pressKey, signInHosted, startAll } from "./visitor.mjs";

let all;
before(async () => (all = await startAll({ sandboxEnv: { SANDBOX_PACE_MS: "40" } })));
after(() => all?.stop());

const HOSTED = 'mode="hosted" agency="Maple &amp; Main" metadata-lead_id="L-9"';

/** Canopy's window, as the visitor sees it: with the mouse, or with the keyboard alone. */
function windowOf(page, keyboard = false) {
  const frame = hostedFrame(page).contentFrame();
  const has = (place) => until(() => place.evaluate((element) => element === document.activeElement, undefined, { timeout: 2_000 }), "the keyboard in the window", 10_000);
  /** By the keyboard. */
  const press = async (place) => {
    await place.waitFor();
    await has(place);
    await pressKey(page, "Enter");
  };
  return {
    frame,
    button: (name) => frame.getByRole("button", { name }),
    async close() {
      if (!keyboard) return closeHosted(page);
      await has(frame.getByRole("button", { name: "Agree and continue" }));
      // It stands before what the window begins at.
      await pressKey(page, "Shift+Tab");
      await press(frame.getByRole("button", { name: "Close" }));
    },
    agree: () => (keyboard ? press(frame.getByRole("button", { name: "Agree and continue" })) : agreeHosted(page)),
    end: (section) => (keyboard ? press(frame.locator(`#${section} button`)) : endHosted(page, section)),
    async signIn(username) {
      if (keyboard) {
        await frame.getByLabel("Insurance company").waitFor();
        await has(frame.getByLabel("Insurance company"));
        await page.keyboard.type("State Farm");
        await page.keyboard.press("Tab");
        await pressKey(page, "Enter");
        await has(frame.locator("#username"));
        await page.keyboard.type(username);
        await page.keyboard.press("Tab");
        await page.keyboard.type("pass_good");
        return pressKey(page, "Enter");
      }
      return signInHosted(page, username);
    },
  };
}

for (const keyboard of [false, true]) {
  const by = keyboard ? "keyboard" : "mouse";

  test(`${by}: success: the window opens, signs in, closes, and the page says thank you`, async () => {
    const visitor = await all.visit({ attributes: HOSTED, keyboard });
    await visitor.press("Share my insurance");
    const window = windowOf(visitor.page, keyboard);
    await window.agree();
    await window.signIn("user_good");
    await window.frame.getByText("Thank you").waitFor();
    await window.end("done");
    await visitor.done();
    await visitor.reads("Maple & Main has your insurance");
    const { session_id, pull_id } = await visitor.status();
    const { pulls } = await control(all.sandbox, "GET", "/pulls");
    const [pull] = pulls.filter((pull) => pull.pull_id === pull_id);
    assert.deepEqual(pull.meta_data, { lead_id: "L-9", edge_session: session_id });
    for (const event of ["authenticated", "policies-available", "complete", "exit"]) {
      assert.deepEqual(await visitor.heard(event), [{ pullId: pull_id }], `canopy-${event}, once`);
    }
    assert.deepEqual(await visitor.heard("error"), []);
    assert.deepEqual(visitor.seen.problems(), []);
    await visitor.close();
  });

  test(`${by}: error: the company fails, the page says so and offers to try again`, async () => {
    const visitor = await all.visit({ attributes: HOSTED, keyboard });
    await visitor.press("Share my insurance");
    const window = windowOf(visitor.page, keyboard);
    await window.agree();
    await window.signIn("user_provider_error");
    await window.end("failed");
    await visitor.sees("That did not work");
    assert.equal((await visitor.heard("error"))[0].code, "PROVIDER_ERROR");
    assert.deepEqual(await visitor.heard("authenticated"), []);
    await visitor.press("Try again");
    await window.agree();
    await window.signIn("user_good");
    await window.end("done");
    await visitor.done();
    assert.equal((await visitor.heard("complete")).length, 1);
    await visitor.close();
  });

  test(`${by}: a login that was refused is made again in the window`, async () => {
    const visitor = await all.visit({ attributes: HOSTED, keyboard });
    await visitor.press("Share my insurance");
    const window = windowOf(visitor.page, keyboard);
    await window.agree();
    await window.signIn("user_bad");
    await window.frame.getByText("The username or password is wrong").waitFor();
    await window.frame.locator("#username").fill("user_good");
    await window.frame.locator("#password").press("Enter");
    await window.end("done");
    await visitor.done();
    await visitor.close();
  });

  test(`${by}: exit: the window closes, the keyboard is on the button to go on, and that goes well`, async () => {
    const visitor = await all.visit({ attributes: HOSTED, keyboard });
    const { page } = visitor;
    await visitor.press("Share my insurance");
    const window = windowOf(page, keyboard);
    await window.button("Agree and continue").waitFor();
    await until(async () => (await focusOf(page)).tag === "iframe", "the keyboard in the window");
    await window.close();
    await visitor.button("Continue").waitFor();
    await until(async () => (await focusOf(page)).text === "Continue", "the keyboard at the button again");
    assert.deepEqual(await visitor.heard("exit"), [{ pullId: null }]);
    await pressKey(page, "Enter");
    await window.agree();
    await window.signIn("user_good");
    await window.end("done");
    await visitor.done();
    assert.equal((await visitor.heard("exit")).length, 2);
    assert.equal((await visitor.heard("complete")).length, 1);
    assert.deepEqual(visitor.seen.problems(), []);
    await visitor.close();
  });
}

test("with `consent` the element asks, and Canopy's first screen is skipped", async () => {
  const visitor = await all.visit({ attributes: `${HOSTED} consent` });
  await visitor.sees("Share your insurance with Maple & Main");
  await visitor.button("Agree and continue").click();
  const window = windowOf(visitor.page);
  await window.signIn("user_good");
  await window.end("done");
  await visitor.done();
  assert.deepEqual(visitor.seen.problems(), []);
  await visitor.close();
});

test("with `inline` Canopy's screens stand in the page", async () => {
  const visitor = await all.visit({ attributes: `${HOSTED} inline` });
  await visitor.button("Share my insurance").click();
  const frame = visitor.element.locator('[slot="canopy"] iframe');
  await frame.waitFor();
  const window = windowOf(visitor.page);
  await window.agree();
  await window.signIn("user_good");
  await until(async () => (await visitor.heard("complete")).length === 1, "the end");
  assert.equal(await visitor.page.locator('[role="dialog"]').count(), 0);
  await visitor.close();
});

test("the API drives the window: every option, every event, once each", async () => {
  const visitor = await all.visit({ body: '<div id="here"></div>' });
  const { page } = visitor;
  await page.evaluate(async (url) => {
    const { openSession } = await import(url);
    const session = await openSession({ mode: "hosted", metadata: { lead_id: "L-1" } });
    window.session = session;
    window.events = [];
    const names = ["authenticationSuccess", "sectionViewed", "userAction", "selectCustomInsuranceProvider", "exit", "error", "destroy"];
    for (const name of names) session.on(name, (data) => window.events.push([name, data]));
    const consentToken = await session.consent("I agree to the terms.");
    await session.openHosted({ modal: false, mount: "#here", hideCloseButton: true, consentToken });
  }, `${all.edge.url}/connect/canopy-connect.js`);
  const frame = page.locator("#here iframe");
  await frame.waitFor();
  const settings = JSON.parse(decodeURIComponent(new URL(await frame.getAttribute("src")).hash.slice(1)));
  const { session_id } = await page.evaluate(() => window.session.status ?? {});
  assert.equal(settings.hideCloseButton, true);
  assert.match(settings.consentToken, /^[0-9a-f-]{36}$/);
  assert.equal(settings.metaData.lead_id, "L-1");
  assert.ok(settings.metaData.edge_session, "the session goes with the pull");
  assert.ok(session_id === undefined || settings.metaData.edge_session === session_id);
  const window_ = windowOf(page);
  await window_.signIn("user_good");
  await page.waitForFunction(() => window.session.screen.name === "hosted" && window.events.some(([name]) => name === "authenticationSuccess"));
  await page.waitForFunction(() => window.session.status?.complete);
  await page.evaluate(() => window.session.closeHosted());
  await page.waitForFunction(() => window.session.screen.name === "done");
  const events = await page.evaluate(() => window.events);
  const count = (name) => events.filter(([event]) => event === name).length;
  assert.deepEqual([count("authenticationSuccess"), count("exit"), count("destroy"), count("error")], [1, 1, 1, 0]);
  assert.ok(count("sectionViewed") > 2 && count("userAction") >= 2);
  assert.ok(events.find(([name]) => name === "authenticationSuccess")[1].pull.pull_id);
  assert.equal(await page.locator("iframe").count(), 0);
  await visitor.close();
});
