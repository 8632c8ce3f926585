// The Components flow in a real browser, for Canopy's test logins: with the mouse, and with the keyboard alone.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { control, until } from "../edge-client.mjs";
import { focusOf, pressKey, startAll, tabTo } from "./visitor.mjs";

let all;
before(async () => (all = await startAll({ sandboxEnv: { SANDBOX_PACE_MS: "40" } })));
after(() => all?.stop());

/** Every pull that the sandbox was asked for by this visitor. */
async function pullsOf(visitor) {
  const { session_id } = await visitor.status();
  const { pulls } = await control(all.sandbox, "GET", "/pulls");
  return pulls.filter((pull) => pull.meta_data.edge_session === session_id);
}

/** What must hold at the end of each visit. */
async function endsWell(visitor, { pulls = 1, complete = true } = {}) {
  assert.equal((await pullsOf(visitor)).length, pulls, "one visit, one pull");
  for (const event of ["authenticated", "policies-available", "complete"]) {
    assert.equal((await visitor.heard(event)).length, complete ? 1 : 0, `canopy-${event} once`);
  }
  assert.deepEqual(visitor.seen.problems(), []);
  await visitor.close();
}

/** A carrier of the sandbox's of this form. */
async function carrierWith(wanted) {
  const carriers = await (await fetch(`${all.edge.url}/connect/carriers`)).json();
  return carriers.find(wanted);
}

for (const keyboard of [false, true]) {
  const by = keyboard ? "keyboard" : "mouse";

  test(`${by}: user_good: consent, carrier, credentials, done`, async () => {
    const visitor = await all.visit({ keyboard, attributes: 'mode="components" agency="Maple &amp; Main" metadata-lead_id="L-7"', query: "?ccmeta_campaign=spring" });
    await visitor.choose();
    await visitor.signIn("user_good");
    await visitor.done();
    await visitor.reads("Maple & Main has your insurance");
    const [pull] = await pullsOf(visitor);
    const { session_id } = await visitor.status();
    assert.deepEqual(pull.meta_data, { campaign: "spring", lead_id: "L-7", edge_session: session_id });
    assert.deepEqual(await visitor.screens(), ["consent", "carriers", "credentials", "waiting", "done"]);
    await endsWell(visitor);
  });

  test(`${by}: the consent is recorded with the exact sentence that was shown, and the terms' version`, async () => {
    const visitor = await all.visit({ keyboard });
    await visitor.sees("Share your insurance");
    await visitor.element.getByText("Read the Privacy Policy").click();
    await visitor.element.locator("iframe").contentFrame().getByRole("heading", { name: "Privacy Policy" }).waitFor();
    const sentence = await visitor.element.getByText("By clicking").textContent();
    await visitor.choose();
    await visitor.signIn("user_good");
    await visitor.done();
    const { login } = await visitor.status();
    assert.deepEqual(login, { carrier_id: "statefarm", terms_version: 1, consent_language: sentence });
    await endsWell(visitor);
  });

  test(`${by}: user_mfa: an option, a wrong code, one that ends the login, a right one`, async () => {
    const visitor = await all.visit({ keyboard });
    await visitor.choose();
    await visitor.signIn("user_mfa");
    await visitor.sees("send your code");
    await visitor.pick("Text message");
    await visitor.press("Send the code");
    await visitor.sees("Enter the code");
    await visitor.enterCode("000000");
    await visitor.reads("wrong");
    assert.equal(await visitor.element.getByLabel("Code").getAttribute("aria-invalid"), "true");
    await visitor.enterCode("000001");
    await visitor.sees("Sign in to State Farm");
    assert.notEqual(await visitor.element.getByRole("alert").first().textContent(), "");
    await visitor.signIn("user_mfa");
    await visitor.sees("send your code");
    await visitor.press("Send the code");
    await visitor.sees("Enter the code");
    await visitor.enterCode("123456");
    await visitor.done();
    await endsWell(visitor);
  });

  test(`${by}: another code is sent on request, and another way can be chosen`, async () => {
    const visitor = await all.visit({ keyboard });
    await visitor.choose();
    await visitor.signIn("user_mfa");
    await visitor.sees("send your code");
    await visitor.press("Send the code");
    await visitor.sees("Enter the code");
    // Canopy asks for the code anew when it has sent one; before, it takes none.
    const isAskedAfter = (prompt) => until(async () => (await visitor.status()).prompt > prompt && !(await visitor.screen()).busy, "another code");
    const { prompt: first } = await visitor.status();
    await visitor.press("Send another code");
    await visitor.reads("on its way");
    await isAskedAfter(first);
    await visitor.press("another way");
    await visitor.sees("send your code");
    await visitor.pick("Phone call");
    const { prompt: second } = await visitor.status();
    await visitor.press("Send the code");
    await visitor.sees("Enter the code");
    await isAskedAfter(second);
    assert.equal((await visitor.status()).chosen_option, "VOICE_0");
    await visitor.enterCode("123456");
    await visitor.done();
    await endsWell(visitor);
  });

  test(`${by}: user_optionless_mfa: a code without a choice where it is sent`, async () => {
    const visitor = await all.visit({ keyboard });
    await visitor.choose();
    await visitor.signIn("user_optionless_mfa");
    await visitor.sees("Enter the code");
    assert.equal(await visitor.button("another").count(), 0, "there is no other way");
    await visitor.enterCode("123456");
    await visitor.done();
    await endsWell(visitor);
  });

  test(`${by}: user_locked: the company's message with its link, and another account instead`, async () => {
    const visitor = await all.visit({ keyboard });
    await visitor.choose();
    await visitor.signIn("user_locked");
    const link = visitor.element.getByRole("alert").getByRole("link");
    await link.waitFor();
    assert.match(await link.getAttribute("href"), /^https:/);
    assert.equal(await link.getAttribute("rel"), "noopener noreferrer");
    await visitor.signIn("user_good");
    await visitor.done();
    await endsWell(visitor);
  });

  test(`${by}: user_bad, then user_good: the same pull goes on`, async () => {
    const visitor = await all.visit({ keyboard });
    await visitor.choose();
    await visitor.signIn("user_bad");
    await visitor.reads("did not accept");
    await visitor.signIn("user_good");
    await visitor.done();
    await endsWell(visitor);
  });

  test(`${by}: after a refused login another company can be chosen`, async () => {
    const visitor = await all.visit({ keyboard });
    await visitor.choose();
    await visitor.signIn("user_bad");
    await visitor.reads("did not accept");
    await visitor.press("Choose another company");
    await visitor.find("GEICO");
    await visitor.sees("Sign in to GEICO");
    const carrier = await visitor.element.evaluate((element) => element.session.carrier);
    await visitor.signIn("user_good", { password: carrier.disablePasswordField ? null : "pass_good", thirdField: carrier.thirdFieldPlaceholder && "TX" });
    await visitor.done();
    await endsWell(visitor);
  });

  test(`${by}: user_provider_error: says so, and starts again with a new session`, async () => {
    const visitor = await all.visit({ keyboard });
    await visitor.choose();
    await visitor.signIn("user_provider_error");
    await visitor.sees("That did not work");
    await visitor.reads("could not be reached");
    const [{ code }] = await visitor.heard("error");
    assert.equal(code, "PROVIDER_ERROR");
    const { session_id: first } = await visitor.status();
    await visitor.press("Start again");
    await visitor.find("State Farm");
    await visitor.signIn("user_good");
    await visitor.done();
    assert.notEqual((await visitor.status()).session_id, first);
    await endsWell(visitor);
  });

  test(`${by}: user_good_no_policies: says that there are none, and shares what another company has`, async () => {
    const visitor = await all.visit({ keyboard, attributes: 'mode="components" agency="Maple" metadata-lead_id="L-7"' });
    await visitor.choose();
    await visitor.signIn("user_good_no_policies");
    await visitor.sees("No policies were found");
    assert.equal(await visitor.element.getByText("has your insurance").count(), 0);
    assert.deepEqual(await visitor.screens(), ["consent", "carriers", "credentials", "waiting", "no-policies"], "nothing else was claimed before");
    const { session_id: first } = await visitor.status();
    await visitor.press("Share from another company");
    await visitor.find("State Farm");
    await visitor.signIn("user_good");
    await visitor.done();
    assert.notEqual((await visitor.status()).session_id, first);
    const [pull] = await pullsOf(visitor);
    assert.equal(pull.meta_data.lead_id, "L-7");
    assert.equal((await visitor.heard("complete")).length, 2, "once a pull");
    assert.deepEqual(visitor.seen.problems(), []);
    await visitor.close();
  });

  test(`${by}: a company with a third field asks for it, and says what it expects`, async () => {
    const { name, thirdFieldPlaceholder } = await carrierWith((carrier) => carrier.thirdFieldValidatorRgx && !carrier.disablePasswordField);
    const visitor = await all.visit({ keyboard });
    await visitor.choose(name);
    await visitor.reads(thirdFieldPlaceholder);
    await visitor.signIn("user_good", { thirdField: "ZZ" });
    await visitor.reads("Enter one of");
    await visitor.signIn("user_good", { thirdField: "TX" });
    await visitor.done();
    await endsWell(visitor);
  });

  test(`${by}: a company without a password field asks for none`, async () => {
    const { name } = await carrierWith((carrier) => carrier.disablePasswordField && !carrier.thirdFieldPlaceholder);
    const visitor = await all.visit({ keyboard });
    await visitor.choose(name);
    await visitor.field("username");
    assert.equal(await visitor.element.locator('[slot="canopy-password"]').count(), 0);
    await visitor.signIn("user_good", { password: null });
    await until(async () => (await visitor.screen()).name !== "credentials" || (await visitor.screen()).refused, "the login's end");
    assert.equal((await pullsOf(visitor)).length, 1);
    assert.deepEqual(visitor.seen.problems(), []);
    await visitor.close();
  });
}

test("what is left empty is named beside its field, and nothing is sent", async () => {
  const visitor = await all.visit();
  await visitor.choose();
  await visitor.field("password");
  await visitor.button("Sign in").click();
  await visitor.reads("Required");
  assert.equal((await pullsOf(visitor)).length, 0);
  await visitor.close();
});

test("the keyboard alone is enough, from the consent to a code entered twice", async () => {
  const visitor = await all.visit();
  const { page } = visitor;
  const press = (key) => pressKey(page, key);
  await visitor.sees("Share your insurance");
  await tabTo(page, ({ text }) => text === "Agree and continue", "button to agree");
  await press("Enter");
  await visitor.sees("Who is your insurance company?");
  assert.equal((await focusOf(page)).tag, "input", "the search has the focus");
  await page.keyboard.type("farm");
  await visitor.reads("found");
  await press("ArrowDown");
  await press("ArrowUp");
  const active = await visitor.element.locator('[role=option][aria-selected=true]').textContent();
  await press("Enter");
  await visitor.sees("Sign in to");
  assert.equal((await focusOf(page)).tag, "h2", "a screen begins at its heading");
  assert.ok((await visitor.title("Sign in to").textContent()).includes(active.slice(1)));
  await Promise.all([visitor.field("username"), visitor.field("password")]);
  await visitor.tabToField("username", await visitor.field("username"));
  await page.keyboard.type("user_mfa");
  await visitor.tabToField("password", await visitor.field("password"));
  await page.keyboard.type("pass_good");
  await press("Enter");
  await visitor.sees("send your code");
  await tabTo(page, ({ type }) => type === "radio", "choice");
  await press("ArrowDown");
  await press("Enter");
  await visitor.sees("Enter the code");
  assert.equal((await focusOf(page)).text, "Code", "the code can be typed at once");
  await page.keyboard.type("000000");
  await press("Enter");
  await visitor.reads("wrong");
  await until(async () => (await focusOf(page)).text === "Code", "the focus at the code again");
  await page.keyboard.type("123456");
  await press("Enter");
  await visitor.done();
  await endsWell(visitor);
});
