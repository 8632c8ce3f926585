// A visitor of the agency's page: finds things as a person does, by what they read, with the mouse or with the keyboard alone.
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { openPage, until } from "../edge-client.mjs";
import { LOCAL, startBoth } from "../harness.mjs";
import { agencySite, markup, openTab, startBrowser } from "./browser.mjs";

/** How long a visitor waits for anything. */
const PATIENCE_MS = 15_000;

/** The token with which the back office opens sessions for the agency's pages. */
const OFFICE_TOKEN = "office-token";

/** Where Canopy serves its script for each mode. */
export const CANOPY_SCRIPTS = { hosted: "/sdk/v1.0.0/connect.js", components: "/v1/cc-components.js" };

/** Canopy's window. */
export const hostedFrame = (page) => page.locator('iframe[title="Share your insurance"]');

/**
 * Clicks on `button` in Canopy's window until `place` is in `state`. Of a click into a frame of another origin the event can be lost
 * while the page around it is still being laid out, and the browser's word that it was made where it takes the frame away: who sees
 * that nothing happens clicks again.
 */
async function clickUntil(button, place, state) {
  await button.waitFor();
  const click = () => button.click({ timeout: 3_000 }).catch(() => undefined);
  await click();
  await place.waitFor({ state, timeout: 3_000 }).catch(click);
  await place.waitFor({ state });
}

/** Agrees in Canopy's window with the mouse: the document that was clicked at has to take it. */
export async function agreeHosted(page) {
  const frame = hostedFrame(page).contentFrame();
  const button = frame.getByRole("button", { name: "Agree and continue" });
  await button.evaluate((element) => (element.ownerDocument.isFirst = true));
  const carriers = frame.getByLabel("Insurance company");
  await clickUntil(button, carriers, "visible");
  assert.ok(await carriers.evaluate((element) => element.ownerDocument.isFirst), "the window was loaded anew");
}

/** Closes Canopy's window with the mouse, by the cross above its screens. */
export function closeHosted(page) {
  const window = hostedFrame(page);
  return clickUntil(window.contentFrame().locator("#close"), window, "detached");
}

/** Closes Canopy's window with the mouse, by the button of its last screen: `done`, or `failed`. */
export function endHosted(page, section = "done") {
  const window = hostedFrame(page);
  return clickUntil(window.contentFrame().locator(`#${section} [data-close]`), window, "detached");
}

/** Agrees in Canopy's window, and signs in. */
export async function throughHosted(page, username) {
  await agreeHosted(page);
  await signInHosted(page, username);
}

/** Chooses the company in Canopy's window, and signs in there, with the mouse. */
export async function signInHosted(page, username) {
  const frame = hostedFrame(page).contentFrame();
  await frame.getByLabel("Insurance company").selectOption({ label: "State Farm" });
  await frame.getByRole("button", { name: "Continue" }).first().click();
  await frame.locator("#username").fill(username);
  await frame.locator("#password").fill("pass_good");
  await frame.getByRole("button", { name: "Sign in" }).click();
}

/** Edge, sandbox, the agency's site and a browser: what a file of page tests needs. `origins` are those of other sites that the edge allows. */
export async function startAll({ edgeEnv = {}, sandboxEnv = {}, edgePersist, origins = [] } = {}) {
  const agency = await agencySite();
  const tokens = `demo:${LOCAL.apiToken},office:${OFFICE_TOKEN}:write+servicing`;
  const env = { EDGE_ALLOWED_ORIGINS: [agency.origin, ...origins].join(), EDGE_API_TOKENS: tokens, ...edgeEnv };
  const [both, browser] = await Promise.all([startBoth({ edgeEnv: env, sandboxEnv, edgePersist }), startBrowser()]);
  const { edge, sandbox } = both;
  return {
    agency,
    edge,
    sandbox,
    browser,
    stop: () => Promise.all([browser.close(), both.stop(), agency.stop()]),
    /** A session that the back office opens for the agency's pages, with the attributes by which the element is given it. */
    async given(options) {
      const session = await openPage(edge, { token: OFFICE_TOKEN, origin: agency.origin, ...options });
      return { ...session, attributes: `session-id="${session.session_id}" session-token="${session.token}" agency="Maple &amp; Main Insurance"` };
    },
    /**
     * A tab with a page of the agency's that holds `body`, by default one element with `attributes`. `csp` is its policy, `null` for
     * none; `head` loads the script; `site` another agency's; `prepare(page)` is called before anything is loaded; `program` is another browser,
     * `context` are Playwright's options of its context, `waitUntil` is its of a `goto`. A visitor with `keyboard` has no mouse.
     */
    async visit({
      attributes = 'mode="components"',
      body = `<canopy-connect ${attributes}></canopy-connect>`,
      width,
      query = "",
      head = `<script type="module" src="${edge.url}/connect/canopy-connect.js"></script>`,
      csp = policy(edge, sandbox),
      headers,
      site = agency,
      prepare = () => {},
      program = browser,
      keyboard = false,
      context,
      waitUntil,
    } = {}) {
      const tab = await openTab(program, { width, ...context });
      const html = markup(body, head);
      const url = site.serve(`/${Math.random().toString(36).slice(2)}`, { csp, html, headers });
      await listen(tab.page);
      await prepare(tab.page);
      await tab.page.goto(url + query, { waitUntil });
      return { ...tab, url, ...visitorOf(tab.page, "canopy-connect", keyboard) };
    },
  };
}

/** The policy of docs/page.md, with the local addresses in the place of Canopy's and the edge's. */
export function policy(edge, sandbox) {
  return [
    "default-src 'none'",
    `script-src ${edge.url} ${sandbox.url} 'wasm-unsafe-eval'`,
    `connect-src ${edge.url} ${edge.url.replace("http", "ws")}`,
    `frame-src ${sandbox.url}`,
    "style-src 'self'",
    "img-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
}

/** Keeps the element's events in `window.heard`, each as [name, detail], from before the first one. */
async function listen(page) {
  await page.addInitScript(() => {
    window.heard = [];
    for (const name of ["status", "authenticated", "policies-available", "complete", "not-listed", "error", "exit", "event"]) {
      addEventListener(`canopy-${name}`, (event) => window.heard.push([event.type, event.detail, event.target.id]));
    }
  });
}

/** What a visitor does with the element `at`: with the mouse, or with the keyboard alone. */
export function visitorOf(page, at = "canopy-connect", keyboard = false) {
  page.setDefaultTimeout(PATIENCE_MS);
  const element = page.locator(at);
  const title = (text) => element.getByRole("heading", { name: text });
  const button = (text) => element.getByRole("button", { name: text });
  const field = async (name) => {
    const frame = element.locator(`[slot="canopy-${name}"] iframe`);
    const input = frame.contentFrame().locator("input");
    await input.waitFor();
    // What is typed or submitted before is lost.
    await element.locator('[aria-busy="true"]').waitFor({ state: "detached" });
    return input;
  };
  const self = {
    element,
    title,
    button,
    field,
    /** Waits for the screen with this heading. */
    sees: (text) => title(text).waitFor(),
    reads: (text) => element.getByText(text).first().waitFor(),
    /** The screen as data. */
    screen: () => element.evaluate((element) => element.session?.screen),
    status: () => element.evaluate((element) => element.session?.status),
    /** Details of the element's events of this name. */
    heard: (name) => page.evaluate((name) => window.heard.filter(([type]) => type === `canopy-${name}`).map(([, detail]) => detail), name),
    /** Names of the screens that were shown, in order, each once in a row. */
    async screens() {
      const names = (await self.heard("status")).map(({ screen }) => screen.name);
      return names.filter((name, at) => name !== names[at - 1]);
    },
    /** Presses a button. */
    async press(text) {
      if (!keyboard) return button(text).click();
      await button(text).waitFor();
      await tabTo(page, (focused) => focused.tag === "button" && focused.text.includes(text), `button “${text}”`);
      await pressKey(page, "Enter");
    },
    /** Chooses among radio buttons. */
    async pick(label) {
      if (!keyboard) return element.getByLabel(label).check();
      await tabTo(page, ({ type }) => type === "radio", "choice");
      for (let presses = 0; !(await element.getByLabel(label).isChecked()); presses += 1) {
        assert.ok(presses < 10, `no “${label}” among the choices`);
        await page.keyboard.press("ArrowDown");
      }
    },
    /** Searches a carrier and chooses it. */
    async find(carrier) {
      await self.sees("Who is your insurance company?");
      const option = element.getByRole("option", { name: carrier, exact: true });
      if (!keyboard) {
        await element.getByRole("combobox").fill(carrier);
        return option.click();
      }
      await until(async () => (await focusOf(page)).tag === "input", "the keyboard at the search");
      await page.keyboard.type(carrier);
      await option.waitFor();
      for (let presses = 0; (await option.getAttribute("aria-selected")) !== "true"; presses += 1) {
        assert.ok(presses < 60, `no ${carrier} in the list`);
        await page.keyboard.press("ArrowDown");
      }
      await pressKey(page, "Enter");
    },
    /** To the credentials of a carrier. */
    async choose(carrier = "State Farm") {
      await self.sees("Share your insurance");
      await self.press("Agree and continue");
      await self.find(carrier);
      await self.sees(`Sign in to ${carrier}`);
    },
    /** Presses Tab until what is typed comes to the `input` of a credential's frame. */
    tabToField: (name, input) =>
      tabTo(page, async ({ slot }) => slot === `canopy-${name}` && (await hasKeyboard(input)), `field ${name}`),
    /** Types the credentials and submits them: by the button, or by the enter key in the last field. */
    async signIn(username, { password = "pass_good", thirdField } = {}) {
      const values = Object.entries({ username, password, thirdfield: thirdField }).filter(([, value]) => value);
      const inputs = await Promise.all(values.map(([name]) => field(name)));
      for (const [at, [name, value]] of values.entries()) {
        const input = inputs[at];
        if (!keyboard) {
          await input.fill(value);
          continue;
        }
        await self.tabToField(name, input);
        await page.keyboard.press("ControlOrMeta+A");
        await page.keyboard.type(value);
      }
      await (keyboard ? pressKey(page, "Enter") : button("Sign in").click());
    },
    async enterCode(code) {
      if (!keyboard) {
        await element.getByLabel("Code").fill(code);
        return button("Continue").click();
      }
      await until(async () => (await focusOf(page)).text === "Code", "the keyboard at the code");
      await page.keyboard.type(code);
      await pressKey(page, "Enter");
    },
    done: () => self.sees("Thank you"),
  };
  return self;
}

/** Whether what is typed comes to `input`, if it does so soon. */
const hasKeyboard = (input) =>
  until(() => input.evaluate((element) => element === document.activeElement && document.hasFocus()), "the keyboard in the frame", 1_000).catch(() => false);

/** Presses a key. Chromium never answers for one whose frame goes while it is down, so the answer is not waited for longer than that. */
export async function pressKey(page, key, patienceMs = 1_000) {
  const pressed = page.keyboard.press(key);
  // After the wait nobody asks for it any more.
  pressed.catch(() => {});
  await Promise.race([pressed, sleep(patienceMs)]);
}

/** Presses Tab until `wanted(describe)` holds for what has the focus, in whatever shadow tree or frame it is. */
export async function tabTo(page, wanted, what) {
  for (let presses = 0; presses < 60; presses += 1) {
    // No frame goes by it: one that is late would come after the look, and take the focus further than was seen.
    await pressKey(page, "Tab", PATIENCE_MS);
    const focused = await settledFocus(page);
    if (await wanted(focused)) return focused;
  }
  assert.fail(`no ${what} within 60 presses of Tab`);
}

/** Where the focus is once it has come to rest: to and from a frame of another process it is a moment on its way. */
async function settledFocus(page) {
  let focused = await focusOf(page);
  for (;;) {
    await sleep(40);
    const before = focused;
    focused = await focusOf(page);
    if (isDeepStrictEqual(before, focused)) return focused;
  }
}

/** What has the focus, looked for through shadow trees; of a frame, its title. */
export function focusOf(page) {
  return page.evaluate(() => {
    let active = document.activeElement;
    while (active?.shadowRoot?.activeElement) active = active.shadowRoot.activeElement;
    const text = active?.title || active?.ariaLabel || active?.labels?.[0]?.textContent || active?.textContent || "";
    return { tag: active?.localName, text: text.trim(), type: active?.type, slot: active?.parentElement?.slot };
  });
}
