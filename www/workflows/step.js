// One step of a run, in full: what it was given, how often it was tried, and what it gave.
import { element } from "../shared/dom.js";
import { exactTime, timeElement } from "../shared/words.js";
import { reasonName } from "./reasons.js";
import { facts, jsonBlock } from "./showing.js";
import { markOf, standOf } from "./states.js";

/** Whose answer a step of a dry run had. */
const ANSWERED_BY = {
  caller: "what you said",
  example: "the recorded example of its connector",
  log: "the pull’s log",
  assumed: "nobody: it is assumed that all goes well, and that what is not in the log does not come",
};

/** A node of the flow's tree in one line. */
export const stepHead = (node) => [markOf(node.state), element("span", {}, element("strong", {}, node.title), ` ${standOf(node)}`)];

/** All that is to be read of it. */
export function stepCard({ record, step, use, path }) {
  const rows = [
    ["Step", element("code", {}, path)],
    ["Uses", element("code", {}, use)],
    ["Only when", step.when && element("code", {}, step.when)],
  ];
  if (!record) return [facts(rows), Object.keys(step.with ?? {}).length > 0 && jsonBlock("As it is defined", withoutSteps(step.with))].filter(Boolean);
  return [
    facts([
      ...rows,
      ["Reason", reasonName(record.reason)],
      ["Detail", record.detail],
      ["Answered by", ANSWERED_BY[record.answered_by] ?? record.answered_by],
      ["At", record.at && timeElement(record.at)],
      ["Begun", record.begun_at && timeElement(record.begun_at)],
      ["Ended", record.ended_at && timeElement(record.ended_at)],
      ["Goes on by itself", record.due && timeElement(record.due)],
    ]),
    isSomething(record.input) && jsonBlock("What it was given", record.input),
    record.attempts?.length > 0 && attemptsOf(record.attempts),
    isSomething(record.result) && jsonBlock("What it gave", record.result),
  ].filter(Boolean);
}

const isSomething = (value) => value !== null && value !== undefined;

/** Steps inside are seen in the picture. */
function withoutSteps(given) {
  return Object.fromEntries(Object.entries(given).filter(([name]) => !["then", "else", "steps", "notify"].includes(name)));
}

function attemptsOf(attempts) {
  const rows = attempts.map(({ at, status, reason, duration_ms, answer }) =>
    element(
      "tbody",
      {},
      element("tr", {}, element("td", {}, exactTime(at)), element("td", {}, status ?? "no answer"), element("td", {}, reasonName(reason) ?? "well"), element("td", {}, `${duration_ms} ms`)),
      answer && element("tr", {}, element("td", { colspan: 4 }, element("code", {}, answer))),
    ),
  );
  const heads = ["When", "Status", "Went", "Took"].map((name) => element("th", { scope: "col" }, name));
  return element("table", {}, element("caption", {}, "Attempts, the latest last"), element("thead", {}, element("tr", {}, ...heads)), ...rows);
}
