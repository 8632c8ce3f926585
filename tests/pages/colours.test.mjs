// The element in the page's colours: on a dark page, and where the visitor has colours of their own for every page. axe finds nothing, and
// each screen is kept as a picture at a phone's and a desk's width, in build/screenshots.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { firstScreen } from "../../crates/connect/js/first-screen.js";
import { axe, shot } from "./browser.mjs";
import { startAll } from "./visitor.mjs";

let all;
before(async () => (all = await startAll({ sandboxEnv: { SANDBOX_PACE_MS: "40" }, edgeEnv: { EDGE_UPLOADS: "true" } })));
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
    const page = { head: `${style ? `<style>${style}</style>` : ""}${script}`, csp: null, context };
    let visitor = await all.visit(page);
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
    await visitor.signIn("user_mfa");
    await visitor.sees("send your code");
    await visitor.pick("Text message");
    await look("options");
    await visitor.press("Send the code");
    await visitor.sees("Enter the code");
    await visitor.enterCode("000000");
    await visitor.reads("wrong");
    await look("code-wrong");
    await visitor.enterCode("123456");
    await visitor.done();
    await look("done");
    await visitor.close();

    visitor = await all.visit(page);
    await visitor.press("Agree and continue");
    await visitor.element.getByRole("combobox").fill("Sea & Sons");
    await visitor.press("My company isn’t listed");
    await visitor.sees("Send your documents instead");
    const files = [["policy.pdf", "application/pdf"], ["notes.txt", "text/plain"]].map(([name, mimeType]) => ({ name, mimeType, buffer: Buffer.from("%PDF-1.7") }));
    await visitor.element.getByLabel("Choose files").setInputFiles(files);
    await visitor.reads("notes.txt");
    await look("upload-refused");
    await visitor.close();

    // The page has the first screen in it, and no script comes: it is pressed, and in the end the link is shown.
    const given = `<canopy-connect mode="components">${await firstScreen({ mode: "components" })}<a href="tel:+15555550123">(555) 555-0123</a></canopy-connect>`;
    visitor = await all.visit({ ...page, head: page.head.replace(script, `<style>a { color: ${name === "dark" ? "#9cf" : "revert"}; }</style>`), body: given });
    await visitor.press("Agree and continue");
    await visitor.element.getByRole("status").getByText("One moment").waitFor({ state: "attached" });
    await visitor.element.evaluate((element) => element.shadowRoot.getAnimations().forEach((animation) => animation.finish()));
    await visitor.page.getByRole("link", { name: "(555) 555-0123" }).waitFor();
    await look("given-pressed");
    await visitor.close();
  });
}
