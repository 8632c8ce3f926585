// The element's looks. Constructed style sheets need no exception from a strict Content-Security-Policy.
const CSS = `
:host {
  --accent: var(--canopy-accent, #1f5f4a);
  --accent-text: var(--canopy-accent-text, #fff);
  --text: var(--canopy-text, #1d2521);
  --muted: var(--canopy-muted, #55625b);
  --surface: var(--canopy-surface, #fff);
  --border: var(--canopy-border, #7d8a83);
  --danger: var(--canopy-danger, #a4262c);
  --radius: var(--canopy-radius, 10px);
  display: block; color: var(--text); font: var(--canopy-font, inherit); line-height: 1.5; text-align: start;
}
:host([hidden]) { display: none; }
* { box-sizing: border-box; }
h2 { font-size: 1.375em; line-height: 1.25; margin: 0 0 .5em; text-wrap: balance; }
h2:focus { outline: none; }
p, ul, dl, fieldset, form { margin: 0 0 1em; }
.card > :last-child, form > :last-child { margin-bottom: 0; }
.muted, small { color: var(--muted); font-size: .9375em; }
ul { padding-inline-start: 1.25em; }
li { margin-bottom: .25em; }
a { color: var(--accent); }
button, input { font: inherit; }
button { min-height: 44px; padding: .5em 1.25em; border-radius: var(--radius); border: 1px solid transparent; cursor: pointer; }
button.main { background: var(--accent); color: var(--accent-text); font-weight: 600; border-color: var(--accent); }
button.main:hover { filter: brightness(1.1); }
button.other { background: none; color: var(--text); border-color: var(--border); }
button.text { background: none; color: var(--accent); padding-inline: .25em; text-decoration: underline; text-underline-offset: .15em; }
button[aria-disabled="true"] { opacity: .65; cursor: progress; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.row { display: flex; flex-wrap: wrap; gap: .5em 1em; align-items: center; margin-bottom: 1em; }
label, .label { display: block; font-weight: 600; margin-bottom: .25em; }
input:not([type=radio]) { width: 100%; min-height: 44px; padding: .5em .75em; color: inherit; background: var(--surface);
  border: 1px solid var(--border); border-radius: var(--radius); }
input[aria-invalid=true], .frame.bad { border-color: var(--danger); box-shadow: inset 0 0 0 1px var(--danger); }
.field { margin-bottom: 1em; }
.frame { border: 1px solid var(--border); border-radius: var(--radius); background: var(--surface); min-height: 46px; overflow: hidden; }
.bad-text, .message { color: var(--danger); }
.message:empty, .bad-text:empty, .note:empty { display: none; }
.message { border-inline-start: 4px solid var(--danger); padding: .25em 0 .25em .75em; overflow-wrap: anywhere; }
.message a { color: inherit; }
.code input { max-width: 12em; font-size: 1.25em; letter-spacing: .15em; }
.list { list-style: none; padding: 0; margin: .5em 0 0; max-height: 22em; overflow-y: auto; border: 1px solid var(--border);
  border-radius: var(--radius); background: var(--surface); }
.list li { display: flex; align-items: center; gap: .75em; min-height: 48px; padding: .375em .75em; margin: 0; cursor: pointer; }
.list li[aria-selected=true], .list li:hover { background: color-mix(in srgb, var(--accent) 12%, transparent); }
.list li[aria-selected=true] { box-shadow: inset 3px 0 var(--accent); }
.badge { flex: none; width: 2em; height: 2em; border-radius: 50%; display: grid; place-items: center; font-weight: 700;
  font-size: .9375em; }
.choice { display: flex; gap: .75em; align-items: center; min-height: 44px; padding: .5em .75em; margin-bottom: .5em;
  border: 1px solid var(--border); border-radius: var(--radius); font-weight: 400; cursor: pointer; overflow-wrap: anywhere; }
.choice:has(:checked) { border-color: var(--accent); box-shadow: inset 0 0 0 1px var(--accent); }
.choice input { width: 1.25em; height: 1.25em; accent-color: var(--accent); flex: none; }
fieldset { border: 0; padding: 0; min-width: 0; }
progress { width: 100%; height: .625em; accent-color: var(--accent); display: block; margin-bottom: .75em; }
.bar { height: .625em; border-radius: 1em; background: color-mix(in srgb, var(--accent) 18%, transparent); overflow: hidden;
  margin-bottom: .75em; }
.bar i { display: block; height: 100%; border-radius: 1em; background: var(--accent); transition: width .6s; }
details { margin-bottom: 1em; }
summary { cursor: pointer; color: var(--accent); text-decoration: underline; text-underline-offset: .15em; min-height: 28px; }
.terms { width: 100%; height: 16em; border: 1px solid var(--border); border-radius: var(--radius); background: #fff; margin-top: .5em; }
.change { display: grid; grid-template-columns: repeat(auto-fit, minmax(14em, 1fr)); gap: 1em; margin-bottom: 1em; }
.change section { border: 1px solid var(--border); border-radius: var(--radius); padding: .75em 1em; }
.change h3 { margin: 0 0 .5em; font-size: 1em; }
dl { display: grid; grid-template-columns: auto 1fr; gap: .25em .75em; margin: 0; }
dt { color: var(--muted); } dd { margin: 0; overflow-wrap: anywhere; }
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
