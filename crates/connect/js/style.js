// The element's looks. Constructed style sheets need no exception from a strict Content-Security-Policy. The names with an
// underline are its own: a page may well define --canopy-accent by an --accent that it has.
export const CSS = `
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
.bad-text, .message { color: var(--_danger); }
.message:empty, .bad-text:empty, .note:empty { display: none; }
.message { border-inline-start: 4px solid var(--_danger); padding: .25em 0 .25em .75em; overflow-wrap: anywhere; }
.message a { color: inherit; }
details { margin-bottom: 1em; }
summary { cursor: pointer; color: var(--_accent); text-decoration: underline; text-underline-offset: .15em; min-height: 28px; }
.terms { width: 100%; height: 16em; border: 1px solid var(--_border); border-radius: var(--_radius); background: #fff; margin-top: .5em; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.above { position: fixed; inset: auto 0 1em; z-index: 2147483647; width: min(30em, 100% - 2em); margin: 0 auto; padding: 1em;
  background: var(--_surface); color: var(--_text); border: 1px solid var(--_border); border-radius: var(--_radius); box-shadow: 0 .25em 2em #0006; }
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
