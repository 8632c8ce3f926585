// Pages that lack something, or forbid it: the element works there all the same, or says what is missing to whom it concerns.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { until } from "../edge-client.mjs";
import { agencySite, startBrowser } from "./browser.mjs";
import { hostedFrame, policy, startAll } from "./visitor.mjs";

let all;
before(async () => (all = await startAll({ sandboxEnv: { SANDBOX_PACE_MS: "0" } })));
after(() => all?.stop());

async function assertExplained(visitor, ...parts) {
  const lines = () => visitor.seen.console.filter(({ text }) => text.startsWith("[canopy-connect]")).map(({ text }) => text);
  await until(() => lines().some((line) => parts.every((part) => line.includes(part))), `a line with ${parts.join(", ")}`, 5_000).catch((error) => {
    throw new Error(`${error.message}; there is: ${lines().join(" | ")}`);
  });
}

async function share(visitor) {
  await visitor.choose();
  await visitor.signIn("user_good");
  await visitor.done();
}

/** What a browser or a page may lack. */
const LACKING = {
  "`AbortSignal.timeout`": () => delete AbortSignal.timeout,
  "constructed style sheets": () => (window.CSSStyleSheet = function () { throw new TypeError("Illegal constructor"); }),
  "`adoptedStyleSheets`": () => delete ShadowRoot.prototype.adoptedStyleSheets && delete Document.prototype.adoptedStyleSheets,
  "`reportError`": () => delete window.reportError,
  "popovers": () => delete HTMLElement.prototype.popover && delete HTMLElement.prototype.showPopover,
  "storage": () => Object.defineProperty(window, "sessionStorage", { get() { throw new DOMException("denied", "SecurityError"); } }),
  "finalization": () => delete window.FinalizationRegistry,
  "objects that are empty": () => Object.assign(Object.prototype, { title: "x", href: "https://other.example", code: "Y", method: "GET", value: "v" }),
};
for (const [what, without] of Object.entries(LACKING)) {
  test(`without ${what} it works to the end`, async () => {
    const visitor = await all.visit({ csp: null, prepare: (page) => page.addInitScript(without) });
    await share(visitor);
    const [color, rule] = await visitor.element.evaluate((element) => [getComputedStyle(element.shadowRoot.querySelector("h2")).fontSize, getComputedStyle(element.shadowRoot.querySelector(".card")).lineHeight]);
    assert.notEqual(color, "24px", `it has its looks: ${rule}`);
    await visitor.close();
  });
}

test("without constructed style sheets below a strict policy it works without looks", async () => {
  const visitor = await all.visit({ prepare: (page) => page.addInitScript(LACKING["constructed style sheets"]) });
  await share(visitor);
  await visitor.close();
});

test("what stands between its tags is read where the script does not run", async () => {
  const visitor = await all.visit({ body: '<canopy-connect mode="hosted"><p>Call us: 802-555-0142</p></canopy-connect>', prepare: (page) => page.route(/canopy-connect\.js$/, (route) => route.abort()) });
  await visitor.page.getByText("Call us").waitFor();
  await visitor.close();
});

for (const mode of ["components", "hosted"]) {
  test(`${mode}: a page that requires Trusted Types is one like any other`, async () => {
    const csp = `${policy(all.edge, all.sandbox)}; require-trusted-types-for 'script'; trusted-types canopy-connect`;
    const visitor = await all.visit({ attributes: `mode="${mode}"`, csp });
    if (mode === "hosted") {
      await visitor.button("Share my insurance").click();
      await until(() => visitor.page.evaluate(() => Boolean(window.CanopyConnect)), "Canopy's script");
    } else {
      await visitor.element.getByText("Read the Privacy Policy").click();
      await visitor.element.locator("iframe").contentFrame().getByRole("heading", { name: "Privacy Policy" }).waitFor();
      await share(visitor);
    }
    await visitor.close();
  });

  test(`${mode}: Trusted Types that allow no policy of ours are named`, async () => {
    const visitor = await all.visit({ attributes: `mode="${mode}"`, csp: `${policy(all.edge, all.sandbox)}; require-trusted-types-for 'script'; trusted-types 'none'` });
    if (mode === "hosted") await visitor.button("Share my insurance").click();
    else await visitor.choose().catch(() => {});
    await visitor.sees("That did not work");
    await assertExplained(visitor, "Trusted Types", "canopy-connect", "trusted-types");
    await visitor.close();
  });

  test(`${mode}: a page of an origin that this edge on loopback refuses reads of the demo's flag`, async () => {
    const other = await agencySite();
    const visitor = await all.visit({ attributes: `mode="${mode}"`, site: other });
    await visitor.button(mode === "hosted" ? "Share my insurance" : "Agree and continue").click();
    await assertExplained(visitor, "ORIGIN_NOT_ALLOWED", `--allow-origin ${other.origin}`, "EDGE_ALLOWED_ORIGINS");
    await visitor.close();
    await other.stop();
  });
}

test("a sandboxed frame without an origin is named as what it is", async () => {
  const visitor = await all.visit({ body: "" });
  const inner = await all.visit({ attributes: 'mode="components" agency="Maple"' });
  await visitor.page.goto(all.agency.serve("/outer", { html: `<!doctype html><iframe sandbox="allow-scripts" src="${inner.url}" width="600" height="600"></iframe>` }));
  const frame = visitor.page.locator("iframe").contentFrame();
  await frame.getByRole("button", { name: "Agree and continue" }).click();
  await frame.getByText("Sharing does not work on this page").waitFor();
  await assertExplained(visitor, "sandboxed frame", "allow-same-origin");
  await inner.close();
  await visitor.close();
});

test("a page over plain http is named as what it is, also one that brings an account back", async () => {
  const program = await startBrowser({ args: ["--no-sandbox", "--disable-gpu", "--host-resolver-rules=MAP agency.test 127.0.0.1"] });
  try {
    for (const attributes of ['mode="components"', 'mode="components" reconnect-token="t"']) {
      const visitor = await all.visit({ attributes, program, csp: null });
      await visitor.page.goto(visitor.url.replace("localhost", "agency.test"));
      assert.equal(await visitor.page.evaluate(() => isSecureContext), false);
      await visitor.button(/Agree and continue|Reconnect/).click();
      await assertExplained(visitor, "ORIGIN_NOT_ALLOWED", "plain http", "https");
      await visitor.close();
    }
  } finally {
    await program.close();
  }
});

/** What a page may get wrong, and what names it. */
const MISTAKES = {
  "a mode that does not exist": ['mode="component"', ["component", '"hosted"', '"components"']],
  "an address that is none": ['mode="components" edge="https://"', ["edge"]],
};
for (const [what, [attributes, named]] of Object.entries(MISTAKES)) {
  test(`${what} is named, the visitor reads whom to ask, and once it is mended it works`, async () => {
    const visitor = await all.visit({ attributes: `${attributes} agency="Maple"` });
    await visitor.sees("That did not work");
    await visitor.reads("Please get in touch with Maple");
    await assertExplained(visitor, "PAGE_INVALID", ...named);
    assert.deepEqual((await visitor.heard("error")).map(({ code }) => code), ["PAGE_INVALID"]);
    assert.equal(await visitor.button("Try again").count(), 0);
    await visitor.element.evaluate((element) => (element.setAttribute("mode", "components"), element.removeAttribute("edge")));
    await share(visitor);
    await visitor.close();
  });
}

test("metadata that is no JSON is named", async () => {
  const visitor = await all.visit({ attributes: 'mode="hosted"' });
  await visitor.element.evaluate((element) => {
    const circle = {};
    circle.circle = circle;
    element.metadata = circle;
  });
  await visitor.sees("That did not work");
  await assertExplained(visitor, "PAGE_INVALID", "metadata", "JSON");
  await visitor.element.evaluate((element) => (element.metadata = {}));
  await visitor.button("Share my insurance").click();
  await hostedFrame(visitor.page).waitFor();
  await visitor.close();
});

for (const [what, broken] of [["throws", "throw new TypeError('blocked')"], ["gives nothing", "return undefined"]]) {
  test(`a \`fetch\` of the page's own that ${what} is a failure like others`, async () => {
    const spoil = `const real = window.fetch; window.fetch = function (url) { if (String(url).includes("/connect/") && !String(url).includes(".wasm")) { ${broken}; } return real.apply(this, arguments); };`;
    const visitor = await all.visit({ prepare: (page) => page.addInitScript(spoil) });
    await visitor.button("Agree and continue").click();
    await visitor.sees("That did not work");
    assert.equal((await visitor.heard("error")).length, 1);
    assert.deepEqual(visitor.seen.errors, []);
    await visitor.close();
  });
}
