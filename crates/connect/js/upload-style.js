// The looks of the screen for a company that is not listed.
export const CSS = `
.drop { position: relative; display: flex; flex-wrap: wrap; gap: .5em 1em; align-items: center; padding: 1em;
  border: 2px dashed var(--_border); border-radius: var(--_radius); }
.drop.over { border-color: var(--_accent); background: color-mix(in srgb, var(--_link) 8%, transparent); }
.drop:has([aria-invalid=true]) { border-color: var(--_danger); }
.drop input { width: 1px; min-height: 1px; padding: 0; border: 0; }
.drop label { min-height: 44px; padding: .5em 1.25em; margin: 0; border: 1px solid var(--_border); border-radius: var(--_radius);
  background: var(--_surface); cursor: pointer; }
.drop :focus-visible + label { outline: 3px solid var(--_link); outline-offset: 2px; }
.files { list-style: none; padding: 0; }
.files li { display: flex; justify-content: space-between; align-items: center; gap: .75em; border-bottom: 1px solid var(--_border); }
.files .name { overflow-wrap: anywhere; min-width: 0; }
.files button:disabled { visibility: hidden; }
.files button { flex: none; min-width: 44px; font-size: 1.25em; line-height: 1; text-decoration: none; }
progress { display: block; width: 100%; accent-color: var(--_accent); margin-bottom: .5em; }
@media (hover: none) { .wide { display: none; } }
`;
