// Sites as they are: policies that go by nonces, and scripts of the page's own that take keys, clicks, forms and the focus.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { endHosted, hostedFrame, policy, startAll, throughHosted } from "./visitor.mjs";

let all;
before(async () => (all = await startAll({ sandboxEnv: { SANDBOX_PACE_MS: "0" } })));
after(() => all?.stop());

/** Through Canopy's window to the end. */
async function shareHosted(visitor) {
  await visitor.button("Share my insurance").click();
  await throughHosted(visitor.page, "user_good");
  await endHosted(visitor.page);
  await visitor.done();
}

/** Through the element's own screens to the end: each field is clicked at, and typed into key by key. */
async function shareTyping(visitor) {
  const { page, element } = visitor;
  const type = async (field, text) => {
    // So that nothing but the click brings the keyboard there.
    await page.evaluate(() => document.activeElement.blur());
    await field.click();
    await page.keyboard.type(text);
  };
  await visitor.button("Agree and continue").click();
  await type(element.getByRole("combobox"), "state farm");
  await element.getByRole("option", { name: "State Farm", exact: true, selected: true }).waitFor();
  await page.keyboard.press("Enter");
  await type(await visitor.field("username"), "user_mfa");
  await type(await visitor.field("password"), "pass_good");
  await visitor.button("Sign in").click();
  await visitor.sees("send your code");
  await visitor.button("Send the code").click();
  await visitor.sees("Enter the code");
  await type(element.getByLabel("Code"), "123456");
  // A code that is pasted, as out of a message.
  for (const key of ["A", "X", "V"]) await page.keyboard.press(`ControlOrMeta+${key}`);
  assert.equal(await element.getByLabel("Code").inputValue(), "123456");
  await page.keyboard.press("Enter");
  await visitor.done();
}

const WAYS = { components: shareTyping, hosted: shareHosted };

// Policies.

const scripts = (values) => policy(all.edge, all.sandbox).replace(/script-src [^;]*/, `script-src ${values} 'wasm-unsafe-eval'`);
const POLICIES = {
  "of a nonce alone": "'nonce-abc'",
  "of a nonce with `strict-dynamic`": "'nonce-abc' 'strict-dynamic'",
};
for (const [what, values] of Object.entries(POLICIES)) {
  for (const [mode, share] of Object.entries(WAYS)) {
    test(`${mode}, below a policy ${what} it works to the end`, async () => {
      const head = `<script nonce="abc" type="module" src="${all.edge.url}/connect/canopy-connect.js"></script>`;
      const visitor = await all.visit({ attributes: `mode="${mode}"`, csp: scripts(values), head });
      await share(visitor);
      assert.deepEqual(visitor.seen.problems(), []);
      await visitor.close();
    });
  }
}

// Scripts of the page's own. Each runs before anything else; `window.taken` is what it took.

const PAGES = {
  "shortcuts of a single key": () =>
    document.addEventListener("keydown", (event) => {
      if (/^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName) || event.key.length > 1) return;
      window.taken.push(event.key);
      event.preventDefault();
    }),
  "a ban on copying": () => {
    const isAllowed = ({ type, target }) => {
      if (/^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)) return true;
      // Buttons have it, too.
      if (type !== "mousedown") window.taken.push(type);
      return false;
    };
    for (const name of ["mousedown", "selectstart", "cut", "copy", "paste"]) document[`on${name}`] = isAllowed;
  },
  "forms and buttons that do nothing by themselves": () => {
    document.addEventListener("submit", (event) => (window.taken.push(event.type), event.preventDefault()));
    document.addEventListener("click", (event) => event.target.closest?.("button") && (window.taken.push(event.type), event.preventDefault()));
  },
};
for (const [what, script] of Object.entries(PAGES)) {
  test(`on a page with ${what} it works to the end, and nothing is taken from it`, async () => {
    const prepare = async (page) => {
      await page.addInitScript(() => (window.taken = []));
      await page.addInitScript(script);
    };
    const visitor = await all.visit({ body: `<form><label>Name <input name="name"></label><canopy-connect mode="components"></canopy-connect></form>`, prepare });
    await shareTyping(visitor);
    assert.deepEqual(await visitor.page.evaluate(() => window.taken), []);
    assert.equal(visitor.page.url(), visitor.url, "the form around it was not sent");
    await visitor.close();
  });
}

test("keys that the page forbids on their way down are typed all the same", async () => {
  const visitor = await all.visit({ prepare: (page) => page.addInitScript(() => addEventListener("keydown", (event) => event.key.length === 1 && !event.ctrlKey && !event.metaKey && event.preventDefault(), true)) });
  await visitor.button("Agree and continue").click();
  const search = visitor.element.getByRole("combobox");
  await search.click();
  await visitor.page.keyboard.type("stte farm");
  for (const key of ["Home", "ArrowRight", "ArrowRight"]) await visitor.page.keyboard.press(key);
  await visitor.page.keyboard.type("a");
  assert.equal(await search.inputValue(), "state farm");
  await visitor.element.getByRole("option", { name: "State Farm", exact: true }).click();
  await visitor.sees("Sign in to State Farm");
  await visitor.close();
});

test("of the keys in its fields the page hears those that are for what is around", async () => {
  const visitor = await all.visit({ prepare: (page) => page.addInitScript(() => ((window.keys = []), document.addEventListener("keydown", ({ key }) => window.keys.push(key)))) });
  await visitor.button("Agree and continue").click();
  await visitor.element.getByRole("combobox").click();
  for (const key of ["a", "Backspace", "ArrowDown", "Escape", "Tab", "b"]) await visitor.page.keyboard.press(key);
  assert.deepEqual((await visitor.page.evaluate(() => window.keys)).slice(0, 2), ["Escape", "Tab"]);
  await visitor.close();
});

// What keeps the focus to itself, as the windows of Bootstrap and jQuery UI do.

const TRAP = () =>
  addEventListener("focusin", ({ target }) => {
    const modal = document.querySelector("#modal");
    if (target !== document && !modal.contains(target)) modal.focus();
  });
for (const [mode, share] of Object.entries({ ...WAYS, hosted: shareHostedTyping })) {
  test(`${mode}, in a window of the page's that keeps the focus it works to the end`, async () => {
    const body = `<div id="modal" tabindex="-1" role="dialog" aria-modal="true" aria-label="A quote"><label>Name <input></label><canopy-connect mode="${mode}"></canopy-connect></div>`;
    const visitor = await all.visit({ body, prepare: (page) => page.addInitScript(TRAP) });
    await share(visitor);
    await visitor.close();
  });
}

/** Through Canopy's window, key by key: what is typed goes where the focus is. */
async function shareHostedTyping(visitor) {
  const { page } = visitor;
  await visitor.button("Share my insurance").click();
  const frame = hostedFrame(page).contentFrame();
  await frame.getByRole("button", { name: "Agree and continue" }).click();
  await frame.getByRole("button", { name: "Continue" }).first().click();
  for (const [name, value] of [["username", "user_good"], ["password", "pass_good"]]) {
    await frame.locator(`#${name}`).click();
    await page.keyboard.type(value);
    assert.equal(await frame.locator(`#${name}`).inputValue(), value);
  }
  await page.keyboard.press("Enter");
  await frame.locator("#done [data-close]").click();
  await visitor.done();
}
