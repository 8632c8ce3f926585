// A dry run as the pages of templates show it: what each step sends, and whose answer it had.
import { readFileSync, writeFileSync } from "node:fs";

/** Most steps that a page shows, and most characters of a body. */
const [MOST, WHOLE] = [10, 150];
const MARKER = "<!-- dry-run -->\n";
const BY = { caller: "as you say", example: "as the service's example", log: "found in the log", assumed: "assumed" };
/** Steps that only decide or compute say nothing to a reader. */
const isTold = ({ use, state }) => state !== "skipped" && !["set", "if", "each"].includes(use);
const id = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

/** The lines of one run: `flow: status`, and a line for each step. Ids are left out, times too: each run has its own. */
export function shownRun({ flow, status, detail, cause, steps }) {
  const told = steps.filter(isTold).map(({ path, use, input, answered_by }) => {
    const request = input?.url ? `${input.method} ${input.url}` : (input?.operation ?? "");
    const body = input?.url && input.body?.length <= WHOLE ? input.body : "";
    return { path, use, request, by: answered_by ? `(${BY[answered_by]})` : "", body };
  });
  const width = (name) => Math.max(...told.map((it) => it[name].length));
  const lines = told.slice(0, MOST).flatMap((it) => [`  ${it.path.padEnd(width("path"))}  ${it.use.padEnd(width("use"))}  ${[it.request, it.by].filter(Boolean).join("  ")}`.trimEnd(), ...(it.body ? [`    ${it.body}`] : [])]);
  const head = `${flow}: ${status}${detail ? `, ${detail}` : ""}${cause ? `, started by ${cause.event_type}` : ""}`;
  if (told.length > MOST) lines.push(`  and ${told.length - MOST} steps more`);
  return [head, ...lines].join("\n").replaceAll(id, "…");
}

const pageOf = (template) => new URL(`../docs/workflows/${template}.md`, import.meta.url);

/** What the page of a template asks a dry run with: its body, where `…` is the pull. */
export function shownAsk(template, pull_id) {
  const [, body] = /\/dry-run" -H "[^"]*" -d '(\{.*?\})'\n/s.exec(readFileSync(pageOf(template), "utf8"));
  return { pull_id, ...JSON.parse(body.replaceAll('"…"', JSON.stringify(pull_id))) };
}

/** The run that the page shows, behind the marker. */
export function shownOn(template) {
  const [, behind] = readFileSync(pageOf(template), "utf8").split(MARKER);
  return /^```text\n(.*?)\n```\n/s.exec(behind)?.[1];
}

/** Puts a run on the page in the place of the one it shows. */
export function showOn(template, run) {
  const text = readFileSync(pageOf(template), "utf8");
  const [before, behind] = text.split(MARKER);
  const rest = behind.replace(/^```text\n.*?\n```\n/s, "");
  writeFileSync(pageOf(template), `${before}${MARKER}\`\`\`text\n${run}\n\`\`\`\n${rest}`);
}
