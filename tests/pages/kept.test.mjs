// Nothing that a visitor has answered is lost: by a reload, a dropped tab, a move of the element, a closed window, a line that was cut.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { until } from "../edge-client.mjs";
import { agreeHosted, closeHosted, focusOf, hostedFrame, signInHosted, startAll } from "./visitor.mjs";

let all;
before(async () => (all = await startAll({ sandboxEnv: { SANDBOX_PACE_MS: "40" } })));
after(() => all?.stop());

const pulls = async () => (await (await fetch(`${all.sandbox.url}/sandbox/pulls`)).json()).pulls.length;
/** A tab that the browser dropped comes back with what its storage held, and nothing else. */
const reload = (visitor) => visitor.page.reload();
const kept = (visitor) => visitor.page.evaluate(() => Object.values(sessionStorage).map((text) => JSON.parse(text)));

test("after a reload the consent is given, and the company chosen", async () => {
  const visitor = await all.visit({ attributes: 'mode="components" agency="Maple"' });
  await visitor.press("Agree and continue");
  await visitor.sees("Who is your insurance company?");
  await reload(visitor);
  await visitor.sees("Who is your insurance company?");
  await visitor.find("State Farm");
  await visitor.field("password");
  await reload(visitor);
  await visitor.sees("Sign in to State Farm");
  await visitor.field("password");
  const before = await pulls();
  await visitor.signIn("user_good");
  await visitor.done();
  assert.equal(await pulls(), before + 1);
  const { login } = await visitor.status();
  assert.match(login.consent_language, /^By clicking “Agree and continue”/);
  assert.deepEqual(visitor.seen.problems(), []);
  await visitor.close();
});

test("what is kept is neither a name nor a password", async () => {
  const visitor = await all.visit();
  await visitor.choose();
  await visitor.signIn("user_bad", { password: "a password" });
  await visitor.reads("did not accept");
  const text = JSON.stringify(await kept(visitor));
  assert.match(text, /"carrier":\{"carrier_id":"statefarm","name":"State Farm"\}/);
  assert.doesNotMatch(text, /user_bad|a password/);
  await visitor.close();
});

test("the company's name is known where the page begins with a code", async () => {
  const visitor = await all.visit();
  await visitor.choose();
  await visitor.signIn("user_optionless_mfa");
  await visitor.sees("Enter the code from State Farm");
  await reload(visitor);
  await visitor.sees("Enter the code from State Farm");
  // Where nobody has kept the name, the list has it.
  await visitor.page.evaluate(() => {
    for (const [key, text] of Object.entries(sessionStorage)) sessionStorage.setItem(key, JSON.stringify({ ...JSON.parse(text), carrier: undefined }));
  });
  await reload(visitor);
  await visitor.sees("Enter the code from State Farm");
  await visitor.close();
});

test("whoever went back to choose another company is there again after a reload", async () => {
  const visitor = await all.visit();
  await visitor.choose();
  await visitor.field("password");
  await visitor.press("Choose another company");
  await visitor.sees("Who is your insurance company?");
  await reload(visitor);
  await visitor.sees("Who is your insurance company?");
  await visitor.close();
});

test("a session that is over keeps the consent, and nobody is signed in twice", async () => {
  const visitor = await all.visit();
  await visitor.choose();
  await visitor.field("password");
  const [{ id, token }] = await kept(visitor);
  const ended = await fetch(`${all.edge.url}/connect/sessions/${id}`, { method: "DELETE", headers: { authorization: `Bearer ${token}`, origin: all.agency.origin } });
  assert.equal(ended.status, 204);
  await reload(visitor);
  await visitor.sees("Sign in to State Farm");
  await visitor.signIn("user_good");
  await visitor.done();
  assert.notEqual((await visitor.status()).session_id, id);
  await visitor.close();
});

for (const how of ["append", "moveBefore"]) {
  test(`moved in the page by ${how}, the element shows what it showed`, async () => {
    const visitor = await all.visit({ body: '<canopy-connect mode="components"></canopy-connect><section id="there"></section>' });
    const { page } = visitor;
    const move = () => page.evaluate((how) => (document.querySelector("#there")[how] ?? Element.prototype.append).call(document.querySelector("#there"), document.querySelector("canopy-connect"), null), how);
    await visitor.press("Agree and continue");
    await visitor.element.getByRole("combobox").fill("farm");
    await move();
    assert.equal(await visitor.element.getByRole("combobox").inputValue(), "farm");
    await visitor.find("State Farm");
    await (await visitor.field("username")).fill("user_good");
    await move();
    await visitor.sees("Sign in to State Farm");
    // Frames that stand elsewhere are loaded anew, unless the browser moves them as they are.
    if (how === "moveBefore") assert.equal(await (await visitor.field("username")).inputValue(), "user_good");
    await visitor.signIn("user_good");
    await visitor.done();
    await visitor.close();
  });
}

test("a window that was closed in the middle is continued, also after a reload", async () => {
  const visitor = await all.visit({ attributes: 'mode="hosted"' });
  await visitor.press("Share my insurance");
  await agreeHosted(visitor.page);
  await signInHosted(visitor.page, "user_mfa");
  await hostedFrame(visitor.page).contentFrame().locator("#options.shown").waitFor();
  await closeHosted(visitor.page);
  await visitor.button("Continue").waitFor();
  await visitor.reads("Nothing is lost");
  await until(async () => (await focusOf(visitor.page)).text === "Continue", "the keyboard at it");
  await reload(visitor);
  await visitor.press("Continue");
  await hostedFrame(visitor.page).waitFor();
  await visitor.close();
});

test("once the line is back the page says so, and asks again by itself", async () => {
  const visitor = await all.visit();
  const { page } = visitor;
  await visitor.button("Agree and continue").waitFor();
  await page.waitForFunction(() => document.querySelector("canopy-connect").session);
  await page.context().setOffline(true);
  await visitor.press("Agree and continue");
  await visitor.reads("We cannot be reached right now.");
  await page.context().setOffline(false);
  await until(async () => (await visitor.screen()).problem === null, "no complaint");
  await visitor.press("Agree and continue");
  await visitor.find("State Farm");
  await visitor.signIn("user_mfa");
  await visitor.sees("send your code");
  await page.context().setOffline(true);
  await visitor.reads("The connection is lost. Trying again…");
  await visitor.press("Send the code");
  await visitor.reads("We cannot be reached right now.");
  await page.context().setOffline(false);
  await visitor.reads("You are connected again.");
  await until(async () => (await visitor.screen()).problem === null, "no complaint");
  await visitor.press("Send the code");
  await visitor.sees("Enter the code");
  await visitor.close();
});
