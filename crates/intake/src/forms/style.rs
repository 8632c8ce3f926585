//! How the page looks. It is one text: whoever shows the page allows this style alone, by its hash.

/// For a screen of any width, light or dark, and for paper.
pub const STYLE: &str = "
:root { --ink: #15252b; --muted: #4f636b; --line: #c9d6da; --soft: #eef4f5; --mark: #0f5466; --warn: #8a3b12; --paper: #fff; color-scheme: light dark; }
@media (prefers-color-scheme: dark) { @media screen { :root { --ink: #e8eef0; --muted: #a9bac0; --line: #37494f; --soft: #1b282d; --mark: #7fc4d6; --warn: #f0a878; --paper: #11191c; } } }
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body { margin: 0 auto; max-width: 72rem; padding: 1.25rem clamp(1rem, 4vw, 2.5rem) 3rem; background: var(--paper); color: var(--ink); font: 1rem/1.5 -apple-system, \"Segoe UI\", Roboto, \"Helvetica Neue\", Arial, sans-serif; }
h1, h2, h3, p, dl, dd, ul { margin: 0; }
h1 { font-size: 1.75rem; line-height: 1.2; }
h2 { margin-bottom: 0.625rem; font-size: 1.25rem; line-height: 1.3; overflow-wrap: anywhere; }
h3 { margin: 1.25rem 0 0.375rem; font-size: 1rem; }
a { color: var(--mark); }
:focus-visible { outline: 3px solid var(--mark); outline-offset: 2px; }
header { padding-bottom: 0.75rem; border-bottom: 3px solid var(--mark); }
.lead { margin-top: 0.25rem; }
.small, .lead { color: var(--muted); overflow-wrap: anywhere; }
.small { font-size: 0.875rem; }
section { margin-top: 1.75rem; }
.policy { padding-top: 1rem; border-top: 1px solid var(--line); }
dl { display: grid; grid-template-columns: repeat(auto-fill, minmax(11rem, 1fr)); gap: 0.5rem 1.5rem; }
dt { color: var(--muted); font-size: 0.8125rem; }
dd { overflow-wrap: anywhere; }
section > * + p, section > * + dl { margin-top: 0.5rem; }
ul { padding-left: 1.25rem; }
li + li { margin-top: 0.25rem; }
.talk { padding: 0; list-style: none; }
.talk li { padding: 0.625rem 0.875rem; border-left: 4px solid var(--warn); border-radius: 4px; background: var(--soft); }
.talk li + li { margin-top: 0.5rem; }
.note { padding: 0.5rem 0.875rem; border-radius: 4px; background: var(--soft); }
.columns { columns: 16rem; }
.sum { text-align: right; }
.scroll { margin-top: 0.625rem; overflow-x: auto; }
table { width: 100%; border-collapse: collapse; font-size: 0.9375rem; font-variant-numeric: tabular-nums; }
caption { padding-bottom: 0.25rem; font-size: 0.9375rem; font-weight: 600; text-align: left; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
th, td { padding: 0.375rem 0.75rem 0.375rem 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
thead th { color: var(--muted); font-size: 0.8125rem; font-weight: 600; white-space: nowrap; border-bottom-color: var(--muted); }
tbody th { font-weight: 600; min-width: 9rem; }
td { min-width: 4.5rem; }
.number, .day { white-space: nowrap; }
.number { text-align: right; }
tr > :last-child { padding-right: 0; }
@media print {
  @page { margin: 14mm; }
  body { max-width: none; padding: 0; font-size: 9.5pt; }
  h1 { font-size: 17pt; }
  h2 { font-size: 12.5pt; }
  h2, h3 { break-after: avoid; }
  tr, li, dl div { break-inside: avoid; }
  thead { display: table-header-group; }
  table { font-size: 8.5pt; }
  .scroll { overflow: visible; }
  .talk li, .note { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
  a { color: inherit; text-decoration: none; }
}
";

/// Its hash, for a policy of content. Source: Content Security Policy Level 3, section 2.3.1.
pub const STYLE_HASH: &str = "sha256-/MZBJMIh1aoqXrtOoaKP+BRBbV2jBNVRUBg1UdUG4jQ=";
