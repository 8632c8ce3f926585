// What comes after the first login: a monitored account that needs its consumer back, and changes to confirm.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { backOfficeOf, callsOf, control, until } from "../edge-client.mjs";
import { LOCAL } from "../harness.mjs";
import { endHosted, hostedFrame, pressKey, startAll } from "./visitor.mjs";

let all, office;
before(async () => {
  all = await startAll({ sandboxEnv: { SANDBOX_PACE_MS: "40" } });
  office = backOfficeOf(all.edge);
});
after(() => all?.stop());

/** Canopy's API, with the team's credentials. */
async function canopy(method, path, json) {
  const authorization = `Basic ${Buffer.from(`${LOCAL.clientId}:${LOCAL.clientSecret}`).toString("base64")}`;
  const url = `${all.sandbox.url}/api/v1.0.0/teams/${LOCAL.teamId}${path}`;
  const response = await fetch(url, { method, headers: { authorization }, body: json && JSON.stringify(json) });
  const answer = await response.json();
  assert.ok(response.ok, JSON.stringify(answer));
  return answer;
}

async function verify(visitor, code = "123456") {
  await visitor.sees("send your code");
  await visitor.press("Send the code");
  await visitor.sees("Enter the code");
  await visitor.enterCode(code);
}

/** An account that is monitored and whose refresh stands at the consumer. */
async function waitingAccount() {
  const first = await all.visit();
  await first.choose();
  await first.signIn("user_mfa");
  await verify(first);
  await first.done();
  const { pull_id } = await first.status();
  await first.close();
  const { monitoring } = await canopy("POST", "/monitorings", { pull_id, interval: "P30D" });
  const refreshed = (await canopy("POST", `/monitorings/${monitoring.monitoring_id}/refresh`)).pull_id;
  const waiting = await office.seen(refreshed, (pull) => pull.reconnect, "the call for the consumer");
  return { monitoring_id: monitoring.monitoring_id, pull_id: refreshed, ...waiting.reconnect };
}

/** A fresh token: tokens expire, and each is good once. */
const freshToken = async ({ monitoring_id }) => (await canopy("GET", `/monitorings/${monitoring_id}/reconnectToken`)).reconnect_token;

for (const keyboard of [false, true]) {
  const by = keyboard ? "keyboard" : "mouse";

  test(`${by}: reconnect in own screens: the token brings the account back, once`, async () => {
    const account = await waitingAccount();
    const attributes = `mode="components" reconnect-token="${await freshToken(account)}"`;
    const visitor = await all.visit({ attributes, keyboard });
    const before = (await callsOf(all.sandbox, "post-reconnect-token")).length;
    await visitor.button("Reconnect my insurance").waitFor();
    assert.equal((await callsOf(all.sandbox, "post-reconnect-token")).length, before, "nothing is used up before the visitor acts");
    await visitor.press("Reconnect my insurance");
    await verify(visitor);
    await visitor.done();
    assert.equal((await visitor.status()).pull_id, account.pull_id);
    assert.deepEqual(visitor.seen.problems(), []);
    await visitor.close();

    const again = await all.visit({ attributes, keyboard });
    await again.press("Reconnect my insurance");
    await again.reads("This link is no longer valid");
    assert.equal((await again.heard("error"))[0].code, "RECONNECT_REFUSED");
    await again.close();
  });
}

for (const keyboard of [false, true]) {
  test(`${keyboard ? "keyboard" : "mouse"}: reconnect with the hosted SDK: a fresh token opens Canopy's window at the account`, async () => {
    const account = await waitingAccount();
    const visitor = await all.visit({ attributes: `mode="hosted" reconnect-token="${await freshToken(account)}"`, keyboard });
    const { page } = visitor;
    await visitor.press("Reconnect my insurance");
    const frame = hostedFrame(page).contentFrame();
    /** Each step of the window begins at its first field or button. */
    const enter = async (place, text = "") => {
      await until(() => place.evaluate((element) => element === document.activeElement), "the keyboard in the window");
      await page.keyboard.type(text);
      await pressKey(page, "Enter");
    };
    if (keyboard) {
      await enter(frame.locator("#option-list input").first());
      await enter(frame.locator("#mfa"), "123456");
      await enter(frame.locator("#done button"));
    } else {
      await frame.getByRole("button", { name: "Send code" }).click();
      await frame.locator("#mfa").fill("123456");
      await frame.locator("#code button").click();
      await endHosted(page);
    }
    await visitor.done();
    const [{ pullId }] = await visitor.heard("exit");
    assert.equal(pullId, account.pull_id);
    await office.seen(account.pull_id, (pull) => pull.complete, "the refreshed pull");
    assert.deepEqual(visitor.seen.problems(), []);
    await visitor.close();
  });
}

test("reconnect by Canopy's own link: the back office has it to send", async () => {
  const account = await waitingAccount();
  assert.match(account.reconnect_url, /^http.*reconnectToken=/);
});

const ACTIONS = [
  {
    type: "EDIT_MORTGAGEE",
    payload: {
      carrier_policy_number: "HO132483",
      name: "JP MORGAN CHASE BANK NA ISAOA ATIMA",
      address: "PO BOX 47020, ATLANTA, GA 30362",
      loan_number: "1234567890",
      mortgagee_type: "FIRST",
    },
  },
];

/** A visitor at the confirmation of a change. */
async function atConfirmation(keyboard) {
  const { attributes } = await all.given({ servicing_actions: ACTIONS });
  const visitor = await all.visit({ attributes, keyboard });
  await visitor.choose();
  await visitor.signIn("user_good");
  await visitor.sees("Please confirm this change");
  await visitor.reads("JP MORGAN CHASE BANK NA ISAOA ATIMA");
  await visitor.reads("METROPOLIS BANK");
  return visitor;
}

/** The state of the visitor's servicing action at Canopy. */
async function actionOf(visitor) {
  const { pull_id } = await visitor.status();
  const { servicings } = await canopy("GET", `/servicings?pull_id=${pull_id}`);
  assert.equal(servicings.length, 1);
  return servicings[0];
}

for (const [button, told, status] of [
  ["Confirm", "The change was confirmed", "SUCCESS"],
  ["Do not make this change", "The change was not made", "UNCONFIRMED"],
]) {
  for (const keyboard of [false, true]) {
    test(`${keyboard ? "keyboard" : "mouse"}: servicing: ${button} is sent once, however often it is pressed`, async () => {
      const visitor = await atConfirmation(keyboard);
      if (keyboard) {
        await visitor.press(button);
        await visitor.page.keyboard.press("Enter");
      } else await visitor.button(button).dblclick();
      await visitor.done();
      await visitor.reads(told);
      assert.equal((await actionOf(visitor)).status, status);
      const { pull_id } = await visitor.status();
      assert.equal((await callsOf(all.sandbox, "post-servicing-action", pull_id)).length, 1);
      assert.deepEqual(visitor.seen.problems(), []);
      await visitor.close();
    });
  }
}

test("servicing: a confirmation whose answer was lost is not sent again, and the page says that it does not know", async () => {
  const visitor = await atConfirmation();
  await control(all.sandbox, "POST", "/faults", { operation: "post-servicing-action", steps: [{ lost: true }] });
  await visitor.button("Confirm").click();
  await visitor.done();
  const { pull_id } = await visitor.status();
  assert.equal((await callsOf(all.sandbox, "post-servicing-action", pull_id)).length, 1);
  await visitor.reads("is not known");
  await visitor.close();
});

test("servicing: what would change is asked for again when it could not be had", async () => {
  const { attributes } = await all.given({ servicing_actions: ACTIONS });
  const visitor = await all.visit({ attributes });
  await control(all.sandbox, "POST", "/faults", { operation: "get-servicing", steps: [{ status: 500 }] });
  await visitor.choose();
  await visitor.signIn("user_good");
  await visitor.sees("Please confirm this change");
  await visitor.button("Try again").click();
  await visitor.reads("JP MORGAN CHASE");
  await visitor.button("Do not make this change").click();
  await visitor.done();
  await until(async () => (await actionOf(visitor)).status === "UNCONFIRMED", "the rejection");
  await visitor.close();
});
