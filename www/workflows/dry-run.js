// What would happen with a pull: each step and the request it would make. Nothing is written, and nobody is called.
import { element } from "../shared/dom.js";
import { pressed } from "../shared/pressed.js";
import { exactTime } from "../shared/words.js";
import { FlowShown } from "./flow-shown.js";
import { pullField, pullIn } from "./pulls.js";
import { reasonName } from "./reasons.js";
import { choice, complain, facts, field, problemLine } from "./showing.js";
import { isOver, statusOf } from "./states.js";
import { flatTreeOf, treeOf } from "./tree.js";

/**
 * `form`, `answer`, the element in which it will be, and `offer(flows)`, which gives names to choose from. `ask(asked)` asks the edge,
 * `definition()` gives the group as it was asked for; with `config`, an object, that is asked for, too.
 */
export function dryRun({ flows, ask, definition, config, edge }) {
  const { input: pull, node: pullShown } = pullField("dry-pull");
  const flow = choice("dry-flow", []);
  const position = element("input", { id: "dry-position", inputmode: "numeric", autocomplete: "off" });
  const json = (id, value) => element("textarea", { id, rows: 3, spellcheck: "false", autocomplete: "off" }, value && JSON.stringify(value, null, 2));
  const [configured, answers] = [json("dry-config", config), json("dry-answers")];
  const problem = problemLine();
  const answer = element("div", { class: "dry-answer", role: "region", "aria-label": "What would happen", tabindex: -1 });
  const submit = element("button", { type: "submit" }, "See what would happen");
  const form = element(
    "form",
    { class: "card fields", "aria-labelledby": "dry-heading", novalidate: true },
    element("h3", { id: "dry-heading" }, "Dry run"),
    element("p", { class: "small" }, "Plays the flows on a pull that is here, and shows each step with its request. Nothing is sent and nothing is written."),
    pullShown,
    field(flow, { label: "Flow" }),
    field(position, { label: "Entry (optional)", hint: "the position in the pull’s log of the entry that starts the flow; left empty, the newest that would" }),
    config && field(configured, { label: "Configuration", hint: "as JSON, like an instance has it; secrets by their names" }),
    field(answers, { label: "Answers (optional)", hint: 'what others answer, as JSON by step, like {"contact": {"status": 200, "body": {}}}; left empty, that all goes well' }),
    element("p", { class: "actions" }, submit),
    problem,
  );

  /** What is asked, or `undefined` where a field has to be put right first. */
  function read() {
    for (const each of [position, answers, ...(config ? [configured] : [])]) complain(each, "");
    const pull_id = pullIn(pull);
    if (!pull_id) return undefined;
    if (position.value.trim() && !/^[1-9]\d{0,11}$/.test(position.value.trim())) return wrong(position, "Expected a whole number from 1 on.");
    const given = objectIn(answers);
    if (!given) return wrong(answers, "Expected a JSON object.");
    const settings = objectIn(configured);
    if (!settings) return wrong(configured, "Expected a JSON object.");
    return {
      pull_id,
      ...(flow.value && { flow: flow.value }),
      ...(position.value.trim() && { position: Number(position.value) }),
      ...(config && { config: settings }),
      ...(Object.keys(given).length > 0 && { answers: given }),
    };
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const asked = read();
    if (!asked) return;
    pressed(submit, problem, edge, async () => {
      answer.replaceChildren();
      const group = definition();
      const said = await ask(asked).catch((error) => {
        throw error.errors?.length ? new Error([error.message, ...error.errors.map(({ pointer, detail }) => `${pointer}: ${detail}.`)].join(" ")) : error;
      });
      answer.replaceChildren(...shownOf(said, group));
      answer.focus();
    });
  });
  const offer = (names) => {
    const before = flow.value;
    flow.replaceChildren(...["", ...names].map((name) => element("option", { value: name }, name || "all of them")));
    flow.value = names.includes(before) ? before : "";
  };
  offer(flows);
  return { form, answer, offer };
}

/** The object that stands in `control` as JSON, an empty one where nothing does; `undefined` where it is none. */
function objectIn({ value }) {
  try {
    const given = JSON.parse(value.trim() || "{}");
    return typeof given === "object" && given !== null && !Array.isArray(given) ? given : undefined;
  } catch {
    return undefined;
  }
}

function wrong(control, text) {
  complain(control, text);
  control.focus();
  return undefined;
}

function shownOf({ runs, not_started }, group) {
  const items = not_started.map((each) => element("li", {}, element("strong", {}, each.flow), ` would not start: ${each.why}`));
  return [
    runs.length === 0 && element("p", {}, "No flow would start."),
    ...runs.map((run) => runShown(run, group?.flows?.[run.flow])),
    items.length > 0 && element("ul", { class: "not-started", "aria-label": "Flows that would not start" }, ...items),
  ].filter(Boolean);
}

function runShown(run, flow) {
  const shown = new FlowShown(` of ${run.flow}${run.cause ? ` by entry ${run.cause.position}` : ""}`);
  const began = run.cause ? `Entry ${run.cause.position}, ${run.cause.event_type}` : "Started by hand";
  shown.show(flow ? treeOf(flow.steps, run.steps, isOver(run)) : flatTreeOf(run.steps), began, statusOf(run.status));
  return element(
    "section",
    { class: "dry-run" },
    element("h3", {}, `${flow?.title ?? run.flow} would be `, statusOf(run.status)),
    facts([["Reason", reasonName(run.reason)], ["Detail", run.detail], ["At step", run.path && element("code", {}, run.path)], ["Over at", run.until && exactTime(run.until)]]),
    shown.node,
  );
}
