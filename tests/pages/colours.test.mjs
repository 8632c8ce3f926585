// The element in the page's colours: on a dark page, and where the visitor has colours of their own for every page. axe finds nothing, and
// each screen is kept as a picture at a phone's and a desk's width, in build/screenshots.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { axe, shot } from "./browser.mjs";
import { startAll } from "./visitor.mjs";

let all;
before(async () => (all = await startAll({ sandboxEnv: { SANDBOX_PACE_MS: "40" } })));
after(() => all?.stop());

const KINDS = {
  dark: { style: "body { background: #14181d; color: #e8eaed; }", context: { colorScheme: "dark" } },
  "color-scheme": { style: ":root { color-scheme: dark; background: Canvas; }", context: { colorScheme: "dark" } },
  "forced-light": { context: { forcedColors: "active", colorScheme: "light" } },
  "forced-dark": { context: { forcedColors: "active", colorScheme: "dark" } },
};

for (const [name, { style, context }] of Object.entries(KINDS)) {
  test(`${name}: every screen is readable`, async () => {
    const script = `<script type="module" src="${all.edge.url}/connect/canopy-connect.js"></script>`;
    const visitor = await all.visit({ head: `${style ? `<style>${style}</style>` : ""}${script}`, csp: null, context });
    const look = async (screen) => {
      assert.deepEqual(await axe(visitor.page), [], screen);
      await shot(visitor.page, `${name}-${screen}`);
    };
    await visitor.sees("Share your insurance");
    await look("consent");
    await visitor.press("Agree and continue");
    await visitor.sees("Who is your insurance company?");
    await look("carriers");
    await visitor.find("State Farm");
    await visitor.field("password");
    await visitor.element.locator('[aria-busy="true"]').waitFor({ state: "detached" });
    await look("credentials");
    await visitor.press("Sign in");
    await look("credentials-missing");
    await visitor.signIn("user_good");
    await visitor.done();
    await look("done");
    await visitor.close();
  });
}
