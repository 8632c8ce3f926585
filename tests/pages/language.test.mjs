// The element in the visitor's language: Spanish from the first screen to the last, any other by texts of the page, from right to left, too.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { readFileSync } from "node:fs";
import { axe, shot } from "./browser.mjs";
import { startAll } from "./visitor.mjs";

let all;
before(async () => (all = await startAll({ sandboxEnv: { SANDBOX_PACE_MS: "40" } })));
after(() => all?.stop());

const file = (name) => import(new URL(`../../crates/connect/js/${name}`, import.meta.url));
const named = (text) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);

async function look(visitor, name) {
  assert.deepEqual(await axe(visitor.page), [], name);
  await shot(visitor.page, name);
}

test("each text is there in Spanish, with the same blanks", async () => {
  const all = async (ending) => Object.assign({}, ...(await Promise.all(["texts", "screens-texts", "upload-texts"].map((name) => file(`${name}${ending}.js`)))).map(({ TEXTS }) => TEXTS));
  const [english, spanish] = await Promise.all([all(""), all("-es")]);
  assert.deepEqual(Object.keys(english).filter((name) => !(name in spanish)), []);
  const flat = (text) => (typeof text === "string" ? [text] : Object.values(text));
  const blanks = (text) => new Set(flat(text).flatMap(named));
  for (const [name, text] of Object.entries(english)) {
    for (const blank of blanks(spanish[name])) assert.ok(blanks(text).has(blank), `${name} has {${blank}}`);
    assert.notEqual(JSON.stringify(text) === JSON.stringify(spanish[name]) && !/^\W*$|^No$/.test(String(text).replace(/\{\w+\}/g, "")), true, `${name} is not translated`);
  }
});

test("no sentence begins with a small letter where the page gives no name, and a name is as it was given", async () => {
  const { filled, TEXTS } = await file("texts.js");
  for (const ending of ["", "-es"]) {
    const files = await Promise.all(["texts", "screens-texts", "upload-texts"].map((name) => file(`${name}${ending}.js`)));
    const texts = Object.assign({}, ...files.map((file) => file.TEXTS));
    const said = (name, values) => [filled({ texts, language: "en", locale: "en-US" }, name, values)].flat();
    for (const name of Object.keys(texts).filter((name) => !["agency", "carrier"].includes(name))) {
      for (const text of said(name, { count: 2 })) assert.doesNotMatch(text, /(^|[.?!] )\p{Ll}/u, name);
    }
    assert.ok(said("done", { agency: "iSure" })[0].startsWith("iSure "));
  }
  assert.ok(TEXTS.agency.startsWith("your "), "else this proves nothing");
});

test("each type of policy of the contract has a Spanish name", async () => {
  const { TEXTS } = await file("screens-texts-es.js");
  const contract = JSON.parse(readFileSync(new URL("../../contract/openapi.json", import.meta.url), "utf8"));
  const types = contract.components.schemas.Policy.properties.policy_type.enum;
  assert.ok(types.length > 50);
  assert.deepEqual(types.filter((type) => !TEXTS[`policyType.${type}`]), []);
});

test("Spanish, from the consent to the end", async () => {
  const visitor = await all.visit({ attributes: 'mode="components" lang="es-MX" agency="Maple"' });
  const { page, element } = visitor;
  await visitor.sees("Comparta su seguro con Maple");
  await look(visitor, "es-consent");
  await visitor.press("Aceptar y continuar");
  await visitor.sees("¿Cuál es su compañía de seguros?");
  await visitor.reads("246 encontradas");
  await element.getByRole("combobox").fill("usaa");
  await visitor.reads("1 encontrada");
  await look(visitor, "es-carriers");
  await element.getByRole("combobox").fill("State Farm");
  await page.keyboard.press("Enter");
  await visitor.sees("Inicie sesión en State Farm");
  await visitor.field("password");
  await visitor.press("Iniciar sesión");
  await visitor.reads("Falta o no es correcto: Online ID y Contraseña.");
  await look(visitor, "es-credentials");
  await (await visitor.field("username")).fill("user_mfa");
  await (await visitor.field("password")).fill("pass_good");
  await visitor.press("Iniciar sesión");
  await visitor.sees("¿Adónde debe enviar State Farm su código?");
  await look(visitor, "es-option");
  await visitor.press("Enviar el código");
  await visitor.sees("Escriba el código de State Farm");
  await look(visitor, "es-code");
  await element.getByRole("textbox").fill("123456");
  await visitor.press("Continuar");
  await visitor.sees("Gracias");
  await visitor.reads("1 × Vivienda");
  await look(visitor, "es-done");
  // What was agreed to is what was read.
  assert.match((await visitor.status()).login.consent_language, /^Al hacer clic en «Aceptar y continuar»/);
  assert.deepEqual(visitor.seen.problems(), []);
  await visitor.close();
});

test("the page's language is spoken where the element has none, and its texts are loaded only then", async () => {
  const asked = (visitor) => visitor.seen.answers.filter(({ url }) => /\/canopy-connect-texts-es/.test(url)).length;
  const english = await all.visit({ attributes: 'mode="hosted"' });
  await english.button("Share my insurance").waitFor();
  assert.equal(asked(english), 0);
  await english.close();
  const spanish = await all.visit({ body: '<div lang="es"><canopy-connect mode="hosted"></canopy-connect></div>' });
  await spanish.button("Compartir mi seguro").waitFor();
  assert.equal(asked(spanish), 1);
  await spanish.element.evaluate((element) => (element.lang = "en"));
  await spanish.button("Share my insurance").waitFor();
  await spanish.close();
});

test("without the Spanish texts it speaks English", async () => {
  const visitor = await all.visit({ attributes: 'mode="hosted" lang="es"', prepare: (page) => page.route(/texts-es/, (route) => route.abort()) });
  await visitor.button("Share my insurance").waitFor();
  await visitor.close();
});

test("from right to left, in words of the page's own", async () => {
  const visitor = await all.visit({ body: '<div dir="rtl" lang="ar"><canopy-connect mode="components" agency="Maple"></canopy-connect></div>' });
  const texts = { consentHeading: "شارك تأمينك مع {agency}", agree: "موافق ومتابعة", carriersHeading: "من هي شركة التأمين الخاصة بك؟", carriersFound: { one: "شركة واحدة", two: "شركتان", few: "{count} شركات", many: "{count} شركة", other: "{count} شركة" } };
  await visitor.sees("Share your insurance");
  await visitor.element.evaluate((element, texts) => (element.texts = texts), texts);
  await visitor.sees("شارك تأمينك مع Maple");
  await shot(visitor.page, "rtl-consent");
  await visitor.press("موافق ومتابعة");
  await visitor.sees("من هي شركة التأمين الخاصة بك؟");
  await visitor.element.getByRole("combobox").fill("farm bureau");
  await shot(visitor.page, "rtl-carriers");
  await visitor.element.getByRole("combobox").fill("State Farm");
  await visitor.page.keyboard.press("Enter");
  await visitor.field("password");
  await shot(visitor.page, "rtl-credentials");
  const [badge, input] = await visitor.element.evaluate((element) => ["h2", "button"].map((name) => getComputedStyle(element.shadowRoot.querySelector(name)).direction));
  assert.deepEqual([badge, input], ["rtl", "rtl"]);
  await visitor.close();
});
