// The looks of the screens that are loaded when one of them is to be shown.
export const CSS = `
button.text { background: none; color: var(--_link); margin-inline: calc(-.25em - 1px); padding-inline: .25em; text-decoration: underline; text-underline-offset: .15em; }
input[aria-invalid=true], .frame.bad { border-color: var(--_danger); box-shadow: inset 0 0 0 1px var(--_danger); }
.field { margin-bottom: 1em; }
.frame { border: 1px solid var(--_border); border-radius: var(--_radius); background: var(--_surface); min-height: 46px; overflow: hidden; }
.frame:focus-within { outline: 3px solid var(--_link); outline-offset: 2px; }
[aria-busy] .frame { border-color: transparent; background: none; opacity: 0; }
[aria-busy] .label { opacity: .6; }
.code input { max-width: 12em; font-size: 1.25em; letter-spacing: .15em; }
.list { list-style: none; padding: 0; margin: .5em 0 0; max-height: 22em; overflow-y: auto; border: 1px solid var(--_border);
  border-radius: var(--_radius); background: var(--_surface); }
.list li { display: flex; align-items: center; gap: .75em; min-height: 48px; padding: .375em .75em; margin: 0; cursor: pointer; }
.list li { border-inline-start: 3px solid transparent; }
.list li[aria-selected=true], .list li:hover { background: color-mix(in srgb, var(--_link) 12%, transparent); }
.list li[aria-selected=true] { border-color: var(--_link); }
.badge { flex: none; width: 2em; height: 2em; border-radius: 50%; display: grid; place-items: center; font-weight: 700;
  font-size: .9375em; }
.choice { display: flex; gap: .75em; align-items: center; min-height: 44px; padding: .5em .75em; margin-bottom: .5em;
  border: 1px solid var(--_border); border-radius: var(--_radius); font-weight: 400; cursor: pointer; overflow-wrap: anywhere; }
.choice:has(:checked) { border-color: var(--_link); box-shadow: inset 0 0 0 1px var(--_link); }
.choice input { width: 1.25em; height: 1.25em; accent-color: var(--_accent); flex: none; }
fieldset { border: 0; padding: 0; min-width: 0; }
.bar { height: .625em; border-radius: 1em; background: color-mix(in srgb, var(--_link) 18%, transparent); overflow: hidden;
  margin-bottom: .75em; }
.bar i { display: block; height: 100%; border-radius: 1em; background: var(--_accent); transition: width .6s; }
.change { display: grid; grid-template-columns: repeat(auto-fit, minmax(14em, 1fr)); gap: 1em; margin-bottom: 1em; }
.change section { border: 1px solid var(--_border); border-radius: var(--_radius); padding: .75em 1em; }
.change h3 { margin: 0 0 .5em; font-size: 1em; }
dl { display: grid; grid-template-columns: auto 1fr; gap: .25em .75em; margin: 0; }
dt { color: var(--_muted); } dd { margin: 0; overflow-wrap: anywhere; }
label, .label { display: block; font-weight: 600; margin-bottom: .25em; }
input:not([type=radio]) { width: 100%; min-height: 46px; padding: .5em .75em; font-size: max(1em, 16px); color: inherit; background: var(--_surface);
  border: 1px solid var(--_border); border-radius: var(--_radius); }
[hidden] { display: none !important; }
@media (prefers-reduced-motion: reduce) { .bar i { transition: none; } }
@media (forced-colors: active) { .bar i { background: Highlight; } button.text, .list li { border-color: Canvas; }
  .list li[aria-selected=true] { border-color: Highlight; outline: 2px solid Highlight; outline-offset: -2px; } }
.later { visibility: hidden; animation: later 0s 30s forwards; }
@keyframes later { to { visibility: visible; } }
`;
