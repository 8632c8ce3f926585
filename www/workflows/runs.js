// Runs, the newest first, of an instance, of a status, of a pull.
import { button, element } from "../shared/dom.js";
import { pressed } from "../shared/pressed.js";
import { timeElement } from "../shared/words.js";
import { live } from "./live.js";
import { hashOf } from "./place.js";
import { choice, field, link, problemLine } from "./showing.js";
import { STATUSES, statusOf } from "./states.js";

/** @param {import("./view.js").View} view */
export async function showRuns({ edge, query, signal, render }) {
  const asked = { instance: query.instance, status: query.status, pull_id: query.pull_id };
  const [first, instances] = await Promise.all([edge.runs(asked), edge.instances()]);
  let { runs, cursor } = first;
  let isWhole = true;
  const list = element("ul", { class: "rows runs", "aria-label": "Runs" });
  const problem = problemLine();
  const more = button("More", () =>
    pressed(more, problem, edge, async () => {
      const page = await edge.runs({ ...asked, cursor });
      const at = runs.length;
      [runs, cursor, isWhole] = [[...runs, ...page.runs], page.cursor, false];
      show();
      list.children[at]?.querySelector("a").focus();
    }),
  );
  const none = element("p", {}, "There is no such run.");

  function show() {
    const focused = list.querySelector("a:focus")?.getAttribute("href");
    list.replaceChildren(...runs.map(rowOf));
    if (focused) [...list.querySelectorAll("a")].find((each) => each.getAttribute("href") === focused)?.focus();
    list.hidden = runs.length === 0;
    none.hidden = runs.length > 0;
    more.parentElement.hidden = !cursor;
  }

  const below = element("p", { class: "actions" }, more);
  render("Runs", filters(asked, instances), problem, none, list, below);
  show();
  live(async () => {
    // Who reads on is not brought back to the first page.
    if (!isWhole) return "over";
    const page = await edge.runs(asked);
    if (signal.aborted || !isWhole) return "over";
    const isChanged = JSON.stringify(page.runs) !== JSON.stringify(runs);
    [runs, cursor] = [page.runs, page.cursor];
    if (isChanged) show();
    return isChanged ? "changed" : "same";
  }, signal);
}

function rowOf(run) {
  const why = [run.reason, run.path && `at ${run.path}`].filter(Boolean).join(" ");
  return element(
    "li",
    {},
    statusOf(run.status),
    element("span", { class: "grow" }, link(hashOf("runs", run.run_id), `${run.instance_id}: ${run.flow}`), why && element("span", { class: "why" }, why)),
    element("span", { class: "small" }, run.pull_id ? `pull ${run.pull_id}` : "without a pull"),
    element("span", { class: "small" }, timeElement(run.started_at)),
  );
}

/** What is asked for goes into the address, so that it can be come back to. */
function filters(asked, instances) {
  const names = [...new Set([...instances.map(({ instance_id }) => instance_id), ...(asked.instance ? [asked.instance] : [])])];
  const instance = choice("by-instance", [["", "all"], ...names.map((name) => [name, name])], asked.instance ?? "");
  const status = choice("by-status", [["", "any"], ...STATUSES], asked.status ?? "");
  const pull = element("input", { id: "by-pull", autocomplete: "off", spellcheck: "false", value: asked.pull_id });
  const form = element(
    "form",
    { class: "fields filters", "aria-label": "Which runs" },
    field(instance, { label: "Instance" }),
    field(status, { label: "Status" }),
    field(pull, { label: "Pull" }),
    element("p", {}, element("button", { type: "submit" }, "Show")),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    location.hash = hashOf("runs", undefined, { instance: instance.value, status: status.value, pull_id: pull.value.trim() });
  });
  return form;
}
