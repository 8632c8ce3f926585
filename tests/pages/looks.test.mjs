// Every screen for everyone: axe finds nothing, changes are announced, the focus lands where one would look for it; and each
// is kept as a picture at a phone's and a desk's width, in build/screenshots.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { control, until } from "../edge-client.mjs";
import { axe, shot } from "./browser.mjs";
import { closeHosted, focusOf, hostedFrame, startAll } from "./visitor.mjs";

let all;
before(async () => (all = await startAll({ sandboxEnv: { SANDBOX_PACE_MS: "40" } })));
after(() => all?.stop());

const HOSTED = 'mode="hosted" agency="Maple &amp; Main Insurance"';
const COMPONENTS = 'mode="components" agency="Maple &amp; Main Insurance"';

/** Looks at the screen that stands, which must have been announced and must fit a phone. */
async function look(visitor, name) {
  assert.deepEqual(await axe(visitor.page), [], name);
  await shot(visitor.page, name);
  await visitor.page.setViewportSize({ width: 320, height: 800 });
  const overflow = await visitor.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(overflow <= 0, `${name} is ${overflow} px too wide for 320`);
  await visitor.page.setViewportSize({ width: 1280, height: 800 });
}

/** What a screen reader was last told of by the element. */
const announced = (visitor) => visitor.element.evaluate((element) => [...element.shadowRoot.children].at(-1).textContent);

async function isAnnounced(visitor, text) {
  await until(async () => (await announced(visitor)).includes(text), `“${text}” announced`);
}

const pace = (ms) => control(all.sandbox, "POST", "/pace", { ms });

test("the screens of a login with a code, from consent to the end", async () => {
  const visitor = await all.visit({ attributes: COMPONENTS });
  const { page, element } = visitor;
  await visitor.sees("Share your insurance");
  await look(visitor, "consent");
  await element.getByText("Read the Privacy Policy").click();
  await element.locator("iframe").contentFrame().getByRole("heading", { name: "Privacy" }).waitFor();
  await look(visitor, "consent-terms");
  await visitor.button("Agree and continue").click();
  await visitor.sees("Who is your insurance company?");
  await isAnnounced(visitor, "Who is your insurance company?");
  assert.equal((await focusOf(page)).tag, "input");
  await visitor.reads("246 found");
  await look(visitor, "carriers");
  await element.getByRole("combobox").fill("farm");
  await page.keyboard.press("ArrowDown");
  await look(visitor, "carriers-search");
  await element.getByRole("combobox").fill("nobody");
  await visitor.reads("No company of that name");
  await look(visitor, "carriers-none");
  await element.getByRole("combobox").fill("State Farm");
  await page.keyboard.press("Enter");
  await visitor.sees("Sign in to State Farm");
  await isAnnounced(visitor, "Sign in to State Farm");
  assert.equal((await focusOf(page)).tag, "h2");
  await visitor.field("password");
  await look(visitor, "credentials");
  await visitor.button("Sign in").click();
  await visitor.reads("Required");
  await look(visitor, "credentials-missing");
  await visitor.signIn("user_mfa");
  await visitor.sees("send your code");
  await isAnnounced(visitor, "send your code");
  await look(visitor, "identity-option");
  await visitor.button("Send the code").click();
  await visitor.sees("Enter the code");
  assert.equal((await focusOf(page)).text, "Code");
  await look(visitor, "identity-code");
  await visitor.enterCode("000000");
  await visitor.reads("wrong");
  await look(visitor, "identity-code-wrong");
  await pace(1_500);
  await visitor.enterCode("123456");
  await visitor.sees("Getting your insurance");
  await isAnnounced(visitor, "Checking with State Farm");
  await visitor.reads("Reading your policies");
  await isAnnounced(visitor, "Reading your policies");
  await look(visitor, "waiting");
  await pace(40);
  await visitor.done();
  await isAnnounced(visitor, "Thank you");
  assert.equal((await focusOf(page)).text, "Thank you");
  await look(visitor, "done");
  await visitor.close();
});

test("the screens of logins that fail", async () => {
  const visitor = await all.visit({ attributes: COMPONENTS });
  await visitor.choose();
  await visitor.signIn("user_locked");
  await visitor.element.getByRole("alert").getByRole("link").waitFor();
  await visitor.field("password");
  await look(visitor, "credentials-locked");
  await visitor.signIn("user_bad");
  await visitor.reads("did not accept");
  await visitor.field("password");
  await look(visitor, "credentials-refused");
  await visitor.signIn("user_provider_error");
  await visitor.sees("That did not work");
  assert.equal((await focusOf(visitor.page)).tag, "h2");
  await look(visitor, "failed");
  await visitor.close();
});

test("the screens of a company with three fields, and of a change to confirm", async () => {
  const carriers = await (await fetch(`${all.edge.url}/connect/carriers`)).json();
  const { name } = carriers.find((carrier) => carrier.thirdFieldValidatorRgx && !carrier.disablePasswordField);
  const payload = { carrier_policy_number: "HO132483", name: "JP MORGAN CHASE BANK NA ISAOA ATIMA", address: "PO BOX 47020, ATLANTA, GA 30362", loan_number: "1234567890", mortgagee_type: "FIRST" };
  const { attributes } = await all.given({ servicing_actions: [{ type: "EDIT_MORTGAGEE", payload }] });
  const visitor = await all.visit({ attributes });
  await visitor.choose(name);
  await visitor.field("thirdfield");
  await look(visitor, "credentials-three");
  await visitor.signIn("user_good", { thirdField: "TX" });
  await visitor.sees("Please confirm this change");
  await visitor.reads("JP MORGAN");
  assert.equal((await focusOf(visitor.page)).tag, "h2");
  await look(visitor, "confirmation");
  await visitor.button("Confirm").click();
  await visitor.done();
  await look(visitor, "done-confirmed");
  await visitor.close();
});

test("the screens of a session of the back office, which is not begun anew", async () => {
  const session = await all.given();
  const visitor = await all.visit({ attributes: session.attributes });
  await visitor.choose();
  await visitor.signIn("user_mfa");
  await visitor.sees("send your code");
  await visitor.reads("If you cannot go on here, please ask Maple & Main Insurance for a new link.");
  await look(visitor, "given-identity-option");
  await visitor.button("Send the code").click();
  await visitor.sees("Enter the code");
  await look(visitor, "given-identity-code");
  await fetch(all.edge.url + session.path, { method: "DELETE", headers: session.bearer });
  await visitor.sees("That did not work");
  await isAnnounced(visitor, "That did not work");
  assert.equal((await focusOf(visitor.page)).text, "That did not work");
  await visitor.reads("This link is no longer valid. Please ask Maple & Main Insurance for a new one.");
  await look(visitor, "given-over");
  await visitor.close();
});

test("the screens of hosted mode", async () => {
  const visitor = await all.visit({ attributes: HOSTED });
  const { page } = visitor;
  await visitor.button("Share my insurance").waitFor();
  await look(visitor, "start");
  await visitor.button("Share my insurance").click();
  const frame = hostedFrame(page).contentFrame();
  await frame.getByRole("button", { name: "Agree" }).waitFor();
  await look(visitor, "hosted");
  await closeHosted(page);
  await visitor.button("Continue").waitFor();
  await page.route(`${all.sandbox.url}/sdk/**`, (route) => route.abort());
  await page.reload();
  await visitor.button("Share my insurance").click();
  await visitor.sees("That did not work");
  await look(visitor, "failed-script");
  await visitor.close();
});

test("the element takes the page's colours and shapes", async () => {
  const visitor = await all.visit({ attributes: COMPONENTS });
  await visitor.sees("Share your insurance");
  const style = await visitor.element.evaluate((element) => {
    const properties = { "--accent": "rgb(120, 0, 60)", "--canopy-accent": "var(--accent)", "--canopy-radius": "2px", "--canopy-font": "Georgia, serif" };
    for (const [name, value] of Object.entries(properties)) element.style.setProperty(name, value);
    const { backgroundColor, borderRadius, fontFamily } = getComputedStyle(element.shadowRoot.querySelector("button.main"));
    return { backgroundColor, borderRadius, fontFamily };
  });
  assert.deepEqual(style, { backgroundColor: "rgb(120, 0, 60)", borderRadius: "2px", fontFamily: "Georgia, serif" });
  await shot(visitor.page, "themed", 375);
  await visitor.close();
});

test("other words can be given for every text", async () => {
  const visitor = await all.visit({ attributes: COMPONENTS });
  await visitor.sees("Share your insurance");
  await visitor.element.evaluate((element) => (element.texts = { consentHeading: "Comparta su seguro con {agency}", agree: "Aceptar y continuar" }));
  await visitor.sees("Comparta su seguro con Maple & Main Insurance");
  await visitor.button("Aceptar y continuar").click();
  await visitor.sees("Who is your insurance company?");
  await visitor.close();
});

test("the example pages are accessible, and fit a phone", async () => {
  for (const name of ["", "quote", "quote-components", "reconnect", "reconnect#reconnect_token=t", "intake"]) {
    const visitor = await all.visit({ body: "" });
    await visitor.page.goto(`${all.edge.url}/${name}`);
    await visitor.page.waitForLoadState("networkidle");
    await look(visitor, `page-${name.split("#").join("-").replace("=", "-") || "index"}`);
    assert.deepEqual(visitor.seen.problems(), [], name);
    await visitor.close();
  }
});
