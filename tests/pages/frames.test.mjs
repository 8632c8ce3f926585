// Canopy's frames that do not come: forbidden by the page's policy, stopped by a blocker, hanging, or put where nobody can reach them.
// The visitor is told and has a way out, the page hears of it, the developer reads why.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { control, until } from "../edge-client.mjs";
import { shot } from "./browser.mjs";
import { hostedFrame, policy, startAll, throughHosted } from "./visitor.mjs";

let all;
before(async () => (all = await startAll({ sandboxEnv: { SANDBOX_PACE_MS: "0" } })));
after(() => all?.stop());

const FRAMES = { components: /\/frames\/field/, hosted: /\/c\/demo/ };
const SENTENCE = "A part of this page could not be loaded.";

async function go(visitor, mode) {
  if (mode === "hosted") return visitor.button("Share my insurance").click();
  await visitor.button("Agree and continue").click();
  await visitor.find("State Farm");
}

const works = (visitor, mode) => (mode === "hosted" ? hostedFrame(visitor.page).contentFrame().getByRole("button", { name: "Agree" }).waitFor() : visitor.field("password"));

async function assertExplained(visitor, ...parts) {
  const lines = () => visitor.seen.console.filter(({ text }) => text.startsWith("[canopy-connect]")).map(({ text }) => text);
  await until(() => lines().some((line) => parts.every((part) => line.includes(part))), `a line with ${parts.join(", ")}`, 5_000).catch((error) => {
    throw new Error(`${error.message}; there is: ${lines().join(" | ")}`);
  });
}

async function assertTold(visitor) {
  await until(async () => (await visitor.heard("error")).length > 0, "canopy-error", 5_000);
  assert.deepEqual((await visitor.heard("error")).map(({ code }) => code), ["SCRIPT_FAILED"]);
}

for (const mode of ["components", "hosted"]) {
  test(`${mode}, frames forbidden by the page's policy: at once it says so, and names the directive`, async () => {
    const visitor = await all.visit({ attributes: `mode="${mode}"`, csp: policy(all.edge, all.sandbox).replace(`frame-src ${all.sandbox.url}`, "frame-src 'none'") });
    await go(visitor, mode);
    await visitor.sees("That did not work");
    await visitor.reads(SENTENCE);
    await assertTold(visitor);
    await assertExplained(visitor, all.sandbox.url, "frame-src");
    await visitor.button("Try again").waitFor();
    assert.equal(await visitor.page.locator('[role="dialog"]').count(), 0, "nothing stands over the page");
    await visitor.close();
  });
}

for (const [what, fault] of [["stopped by a blocker", (route) => route.abort("blockedbyclient")], ["hanging", () => {}]]) {
  test(`components, frames ${what}: after a time it says so, and trying again works once they are let through`, async () => {
    const visitor = await all.visit({ prepare: async (page) => (await page.clock.install(), await page.route(FRAMES.components, fault)) });
    await go(visitor, "components");
    await visitor.element.locator('[slot="canopy-username"] iframe').waitFor();
    await visitor.page.clock.runFor("00:21");
    await visitor.sees("That did not work");
    await visitor.reads(SENTENCE);
    await assertTold(visitor);
    await assertExplained(visitor, "in time");
    assert.equal(await visitor.element.locator("iframe").count(), 0);
    await visitor.page.unroute(FRAMES.components);
    await visitor.button("Try again").click();
    await works(visitor, "components");
    await visitor.close();
  });

  test(`hosted, its window ${what}: after a time the visitor is told over it, and can leave`, async () => {
    const visitor = await all.visit({ attributes: 'mode="hosted"', prepare: async (page) => (await page.clock.install(), await page.route(FRAMES.hosted, fault)) });
    await go(visitor, "hosted");
    await hostedFrame(visitor.page).waitFor();
    await visitor.page.clock.runFor("00:13");
    await visitor.reads(SENTENCE);
    await assertTold(visitor);
    await assertExplained(visitor, "frame-src");
    assert.equal((await visitor.screen()).problem, "SCRIPT_FAILED");
    await shot(visitor.page, `hosted-silent-${what.split(" ")[0]}`);
    // A press of the mouse where it is seen: the window does not cover it.
    await visitor.button("Stop and go back").click();
    await visitor.sees("That did not work");
    assert.equal(await visitor.page.locator('[role="dialog"]').count(), 0, "the window is gone");
    assert.equal((await visitor.heard("exit")).length, 1);
    await assertTold(visitor);
    await visitor.page.unroute(FRAMES.hosted);
    await visitor.button("Try again").click();
    await works(visitor, "hosted");
    await visitor.close();
  });
}

test("a window that is late is left alone once it speaks", async () => {
  let release;
  const released = new Promise((resolve) => (release = resolve));
  const visitor = await all.visit({
    attributes: 'mode="hosted"',
    prepare: async (page) => (await page.clock.install(), await page.route(FRAMES.hosted, async (route) => (await released, route.continue()))),
  });
  await go(visitor, "hosted");
  await hostedFrame(visitor.page).waitFor();
  await visitor.page.clock.runFor("00:13");
  await visitor.reads(SENTENCE);
  release();
  await works(visitor, "hosted");
  await visitor.element.getByText(SENTENCE).waitFor({ state: "hidden" });
  assert.equal((await visitor.screen()).problem, null);
  await visitor.close();
});

test("a window that is well can be stopped from the page, too", async () => {
  const visitor = await all.visit({ attributes: 'mode="hosted" inline' });
  await go(visitor, "hosted");
  await works(visitor, "hosted");
  await visitor.button("Stop and go back").click();
  await visitor.button("Continue").waitFor();
  assert.equal(await visitor.page.locator("iframe").count(), 0);
  assert.deepEqual(await visitor.heard("exit"), [{ pullId: null }]);
  await visitor.close();
});

test("a window that does not say that it was closed is gone all the same", async () => {
  const visitor = await all.visit({
    attributes: 'mode="hosted"',
    prepare: (page) =>
      page.route(/connect\.js$/, async (route) => {
        if (!route.request().url().startsWith(all.sandbox.url)) return route.fallback();
        const response = await route.fetch();
        await route.fulfill({ response, body: `${await response.text()};{ const make = CanopyConnect.create; CanopyConnect.create = (o) => Object.assign(make(o), { close() {} }); }` });
      }),
  });
  await go(visitor, "hosted");
  await works(visitor, "hosted");
  await visitor.element.evaluate((element) => element.session.closeHosted());
  await visitor.button("Continue").waitFor();
  assert.equal(await hostedFrame(visitor.page).count(), 0);
  assert.equal((await visitor.heard("exit")).length, 1);
  await visitor.close();
});

test("tokens that never come are told, too", async () => {
  const visitor = await all.visit({ prepare: async (page) => (await page.clock.install(), await page.route(/\/sandbox\/tokenize/, () => {})) });
  await go(visitor, "components");
  await visitor.signIn("user_good");
  await until(async () => (await visitor.page.clock.runFor("00:05"), visitor.title("That did not work").isVisible()), "the failure");
  await visitor.close();
});

/** What lies above all else: Canopy's window in the page's body would be below it. */
const ABOVE = {
  "a modal dialog": ["<dialog id=\"above\">", "</dialog>", "document.querySelector('#above').showModal()"],
  "a popover": ['<div id="above" popover="manual">', "</div>", "document.querySelector('#above').showPopover()"],
};
for (const [what, [open, close, show]] of Object.entries(ABOVE)) {
  test(`in ${what} Canopy's screens stand where they can be reached`, async () => {
    const visitor = await all.visit({ body: `${open}<h2>Quote</h2><canopy-connect mode="hosted"></canopy-connect>${close}` });
    await visitor.page.evaluate(show);
    await go(visitor, "hosted");
    await throughHosted(visitor.page, "user_good");
    await until(async () => (await visitor.heard("complete")).length === 1, "the end");
    await visitor.close();
  });
}

for (const [what, parts] of [["WebAssembly", /\.wasm$/], ["a part of the element's own", /canopy-connect-screens-[^/]*\.js(\?\d+)?$/]]) {
  test(`${what} that hangs is not waited for without an end`, async () => {
    let isAskedFor = false;
    const hang = () => void (isAskedFor = true);
    const visitor = await all.visit({ prepare: async (page) => (await page.clock.install(), await page.route(parts, hang)) });
    if (what !== "WebAssembly") await visitor.button("Agree and continue").click();
    // Before that the clock stands: a session is over after an hour of it.
    await until(() => isAskedFor, "the request");
    await until(async () => (await visitor.page.clock.runFor("00:05"), visitor.title("That did not work").isVisible()), "the failure");
    assert.deepEqual((await visitor.heard("error")).map(({ code }) => code), ["SCRIPT_FAILED"]);
    await visitor.page.unroute(parts);
    await visitor.button("Try again").click();
    await (what === "WebAssembly" ? visitor.sees("Share your insurance") : visitor.sees("Who is your insurance company?"));
    await visitor.close();
  });
}

test("where nothing more comes while waiting, there is a way out after half a minute", async () => {
  const visitor = await all.visit({ prepare: (page) => page.addInitScript(() => (window.waits = () => document.querySelector("canopy-connect").shadowRoot.getAnimations())) });
  await control(all.sandbox, "POST", "/faults", { operation: "post-consent-and-connect", steps: [{ delay_ms: 20_000 }] });
  await visitor.choose();
  await visitor.signIn("user_good");
  await visitor.sees("Getting your insurance");
  assert.equal(await visitor.button("Start again").isVisible(), false);
  await visitor.page.evaluate(() => window.waits().forEach((animation) => animation.finish()));
  await visitor.button("Start again").click();
  await visitor.sees("Who is your insurance company?");
  await visitor.close();
});
