// The element's looks. Constructed style sheets need no exception from a strict Content-Security-Policy. The names with an
// underline are its own: a page may well define --canopy-accent by an --accent that it has. Colours are the page's where it sets none: what
// can be read around the element can be read in it.
export const CSS = `
:host { display: block; }
:host([hidden]) { display: none; }
.root {
  --_accent: var(--canopy-accent, #1f5f4a);
  --_accent-text: var(--canopy-accent-text, #fff);
  --_link: var(--canopy-accent, currentColor);
  --_muted: var(--canopy-muted, color-mix(in srgb, currentColor 80%, transparent));
  --_surface: var(--canopy-surface, color-mix(in srgb, currentColor 3%, transparent));
  --_border: var(--canopy-border, color-mix(in srgb, currentColor 55%, transparent));
  --_danger: var(--canopy-danger, color-mix(in srgb, #e0182d 62%, currentColor));
  --_radius: var(--canopy-radius, 10px);
  color: var(--canopy-text, inherit); font-family: var(--canopy-font, inherit); font-size: max(1em, 15px); font-style: normal; font-weight: 400;
  line-height: 1.5; text-align: start; text-indent: 0; text-shadow: none; text-transform: none; letter-spacing: normal; word-spacing: normal;
  white-space: normal; overflow-wrap: break-word; cursor: auto; scroll-margin: 16px;
}
* { box-sizing: border-box; }
h2 { font-size: 1.375em; line-height: 1.25; margin: 0 0 .5em; text-wrap: balance; }
h2:focus { outline: none; }
p, ul, dl, fieldset, form { margin: 0 0 1em; }
.card > :last-child, form > :last-child { margin-bottom: 0; }
.note { margin-top: .75em; }
.muted, small { color: var(--_muted); font-size: .9375em; }
ul { padding-inline-start: 1.25em; }
li { margin-bottom: .25em; }
a { color: var(--_link); }
button, input { font: inherit; letter-spacing: inherit; }
button { min-height: 44px; padding: .5em 1.25em; border-radius: var(--_radius); border: 1px solid transparent; cursor: pointer; }
button.main { background: var(--_accent); color: var(--_accent-text); font-weight: 600; border-color: var(--_accent); }
button.main:hover { filter: brightness(1.1); }
button.other { background: none; color: inherit; border-color: var(--_border); }
button[aria-disabled="true"] { opacity: .65; cursor: progress; }
:focus-visible { outline: 3px solid var(--_link); outline-offset: 2px; }
.row { display: flex; flex-wrap: wrap; gap: .5em 1em; align-items: center; margin-bottom: 1em; }
.bad-text, .message { color: var(--_danger); }
.message:empty, .bad-text:empty, .note:empty { display: none; }
.message { border-inline-start: 4px solid; padding: .25em 0 .25em .75em; overflow-wrap: anywhere; }
.message a { color: inherit; }
details { margin-bottom: 1em; }
summary { cursor: pointer; color: var(--_link); text-decoration: underline; text-underline-offset: .15em; min-height: 28px; }
.terms { width: 100%; height: 16em; border: 1px solid var(--_border); border-radius: var(--_radius); background: #fff; margin-top: .5em; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.above { position: fixed; inset: auto 0 1em; z-index: 2147483647; width: min(30em, 100% - 2em); margin: 0 auto; padding: 1em;
  background: var(--canopy-surface, Canvas); color: var(--canopy-text, CanvasText); border: 1px solid; border-radius: var(--_radius);
  box-shadow: 0 .25em 2em #0006; }
slot[name]::slotted(*) { all: initial !important; display: block !important; visibility: inherit !important; }
@media (forced-colors: active) { button.main { border-color: ButtonText; } }
`;

/** Style sheets by what is in them: one for all elements. */
const sheets = new Map();

/** Has what stands in the shadow tree `root` look as `css` says. */
export function dress(root, css) {
  try {
    if (!sheets.has(css)) {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(css);
      sheets.set(css, sheet);
    }
    const sheet = sheets.get(css);
    if (!root.adoptedStyleSheets.includes(sheet)) root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
  } catch {
    // A browser without them. Where the page's policy forbids this one, too, it works without looks.
    if ([...root.querySelectorAll("style")].some(({ textContent }) => textContent === css)) return;
    const style = document.createElement("style");
    style.textContent = css;
    root.prepend(style);
  }
}
