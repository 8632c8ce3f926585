// The first screen as HTML, for pages that have it in them: it is read, and its button pressed, before any script is there. The element
// goes on from it: `Stage` in stage.js.
import { CSS } from "./style.js";
import { filled, languageOf, learn, localeOf } from "./texts.js";

/** Pressed, the button says so; where no script comes, what the page has between the tags is shown in the end. */
const UNAIDED = `
.root:has(:popover-open) button { position: relative; color: transparent; cursor: progress; }
.root:has(:popover-open) button::after { content: attr(data-busy); position: absolute; inset: 0; display: grid; place-content: center; color: var(--_accent-text); }
.late { height: 0; margin: 0; overflow: hidden; visibility: hidden; animation: late 0s 15s forwards; }
@supports not selector(:popover-open) { #pressed { display: none; } }
@media (forced-colors: active) {
  .root:has(:popover-open) button { forced-color-adjust: none; border-color: ButtonText; background: ButtonFace; }
  .root:has(:popover-open) button::after { color: ButtonText; }
}
@keyframes late { to { height: auto; margin-top: 1em; visibility: visible; } }
`;

const escaped = (text) => text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);

/**
 * What is to stand in `<canopy-connect>` as its first child, for an element with these attributes and texts in this language. What the
 * element itself says in other words it draws anew, and what was pressed before does not count. `nonce` is for a page whose policy asks
 * for one.
 */
export async function firstScreen({ mode = "hosted", consent = false, agency, label, lang = "en", texts, nonce } = {}) {
  const language = languageOf(lang);
  await learn(language, "first");
  const words = { texts: { __proto__: null, ...texts }, language, locale: localeOf(lang) };
  const said = (name, values) => filled(words, name, { __proto__: null, ...(agency && { agency }), ...values });
  const say = (name, values) => escaped(said(name, values));
  const isConsent = mode === "components" || consent;
  const busy = say(isConsent ? "loading" : "opening");
  // A button needs no script to open a popover: that it is open is what is left of the press.
  const button = (text) =>
    `<p><button part="button" class="main" type="button" data-busy="${busy}" popovertarget="pressed" popovertargetaction="show">${text}</button></p>`;
  const card = isConsent
    ? `<h2 part="heading">${say("consentHeading")}</h2>` +
      `<ul part="text">${said("consentPoints").map((point) => `<li>${escaped(point)}</li>`).join("")}</ul>` +
      `<p part="text">${say("consentSentence", { label: said("agree") })}</p>${button(say("agree"))}` +
      `<details><summary>${say("terms")}</summary></details>`
    : `${button(label ? escaped(label) : say("start"))}<p class="muted" part="text">${say("startNote")}</p>`;
  const style = `<style${nonce ? ` nonce="${escaped(nonce)}"` : ""}>${(CSS + UNAIDED).replaceAll("\n", "")}</style>`;
  return (
    `<template shadowrootmode="open"><div class="root">${style}<div part="card" class="card">${card}</div>` +
    `<p id="pressed" class="hidden" popover="manual" role="status">${busy}</p><p class="late"><slot></slot></p></div></template>`
  );
}
