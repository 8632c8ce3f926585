// The element's looks. Constructed style sheets need no exception from a strict Content-Security-Policy. The names with an
// underline are its own: a page may well define --canopy-accent by an --accent that it has.
const CSS = `
:host {
  --_accent: var(--canopy-accent, #1f5f4a);
  --_accent-text: var(--canopy-accent-text, #fff);
  --_text: var(--canopy-text, #1d2521);
  --_muted: var(--canopy-muted, #55625b);
  --_surface: var(--canopy-surface, #fff);
  --_border: var(--canopy-border, #7d8a83);
  --_danger: var(--canopy-danger, #a4262c);
  --_radius: var(--canopy-radius, 10px);
  display: block; color: var(--_text); font-family: var(--canopy-font, inherit); line-height: 1.5; text-align: start;
}
:host([hidden]) { display: none; }
* { box-sizing: border-box; }
h2 { font-size: 1.375em; line-height: 1.25; margin: 0 0 .5em; text-wrap: balance; }
h2:focus { outline: none; }
p, ul, dl, fieldset, form { margin: 0 0 1em; }
.card > :last-child, form > :last-child { margin-bottom: 0; }
.note { margin-top: .75em; }
.muted, small { color: var(--_muted); font-size: .9375em; }
ul { padding-inline-start: 1.25em; }
li { margin-bottom: .25em; }
a { color: var(--_accent); }
button, input { font: inherit; }
button { min-height: 44px; padding: .5em 1.25em; border-radius: var(--_radius); border: 1px solid transparent; cursor: pointer; }
button.main { background: var(--_accent); color: var(--_accent-text); font-weight: 600; border-color: var(--_accent); }
button.main:hover { filter: brightness(1.1); }
button.other { background: none; color: var(--_text); border-color: var(--_border); }
button.text { background: none; color: var(--_accent); padding-inline: .25em; text-decoration: underline; text-underline-offset: .15em; }
button[aria-disabled="true"] { opacity: .65; cursor: progress; }
:focus-visible { outline: 3px solid var(--_accent); outline-offset: 2px; }
.row { display: flex; flex-wrap: wrap; gap: .5em 1em; align-items: center; margin-bottom: 1em; }
label, .label { display: block; font-weight: 600; margin-bottom: .25em; }
input:not([type=radio]) { width: 100%; min-height: 44px; padding: .5em .75em; color: inherit; background: var(--_surface);
  border: 1px solid var(--_border); border-radius: var(--_radius); }
input[aria-invalid=true], .frame.bad { border-color: var(--_danger); box-shadow: inset 0 0 0 1px var(--_danger); }
.field { margin-bottom: 1em; }
.frame { border: 1px solid var(--_border); border-radius: var(--_radius); background: var(--_surface); min-height: 46px; overflow: hidden; }
.bad-text, .message { color: var(--_danger); }
.message:empty, .bad-text:empty, .note:empty { display: none; }
.message { border-inline-start: 4px solid var(--_danger); padding: .25em 0 .25em .75em; overflow-wrap: anywhere; }
.message a { color: inherit; }
.code input { max-width: 12em; font-size: 1.25em; letter-spacing: .15em; }
.list { list-style: none; padding: 0; margin: .5em 0 0; max-height: 22em; overflow-y: auto; border: 1px solid var(--_border);
  border-radius: var(--_radius); background: var(--_surface); }
.list li { display: flex; align-items: center; gap: .75em; min-height: 48px; padding: .375em .75em; margin: 0; cursor: pointer; }
.list li[aria-selected=true], .list li:hover { background: color-mix(in srgb, var(--_accent) 12%, transparent); }
.list li[aria-selected=true] { box-shadow: inset 3px 0 var(--_accent); }
.badge { flex: none; width: 2em; height: 2em; border-radius: 50%; display: grid; place-items: center; font-weight: 700;
  font-size: .9375em; }
.choice { display: flex; gap: .75em; align-items: center; min-height: 44px; padding: .5em .75em; margin-bottom: .5em;
  border: 1px solid var(--_border); border-radius: var(--_radius); font-weight: 400; cursor: pointer; overflow-wrap: anywhere; }
.choice:has(:checked) { border-color: var(--_accent); box-shadow: inset 0 0 0 1px var(--_accent); }
.choice input { width: 1.25em; height: 1.25em; accent-color: var(--_accent); flex: none; }
fieldset { border: 0; padding: 0; min-width: 0; }
progress { width: 100%; height: .625em; accent-color: var(--_accent); display: block; margin-bottom: .75em; }
.bar { height: .625em; border-radius: 1em; background: color-mix(in srgb, var(--_accent) 18%, transparent); overflow: hidden;
  margin-bottom: .75em; }
.bar i { display: block; height: 100%; border-radius: 1em; background: var(--_accent); transition: width .6s; }
details { margin-bottom: 1em; }
summary { cursor: pointer; color: var(--_accent); text-decoration: underline; text-underline-offset: .15em; min-height: 28px; }
.terms { width: 100%; height: 16em; border: 1px solid var(--_border); border-radius: var(--_radius); background: #fff; margin-top: .5em; }
.change { display: grid; grid-template-columns: repeat(auto-fit, minmax(14em, 1fr)); gap: 1em; margin-bottom: 1em; }
.change section { border: 1px solid var(--_border); border-radius: var(--_radius); padding: .75em 1em; }
.change h3 { margin: 0 0 .5em; font-size: 1em; }
dl { display: grid; grid-template-columns: auto 1fr; gap: .25em .75em; margin: 0; }
dt { color: var(--_muted); } dd { margin: 0; overflow-wrap: anywhere; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
@media (prefers-reduced-motion: reduce) { .bar i { transition: none; } }
@media (forced-colors: active) { .bar i { background: Highlight; } .list li[aria-selected=true] { outline: 2px solid Highlight; } }
`.replace(/\s+/g, " ");

let sheet;

/** The one style sheet of all elements. */
export function styles() {
  if (!sheet) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync(CSS);
  }
  return sheet;
}
