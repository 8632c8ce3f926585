// Runs, the newest first, of an instance, of a status, of a pull.
import { button, element } from "../shared/dom.js";
import { pressed } from "../shared/pressed.js";
import { timeElement } from "../shared/words.js";
import { OVERVIEW } from "./edge.js";
import { live } from "./live.js";
import { hashOf } from "./place.js";
import { pullField, pullList } from "./pulls.js";
import { reasonName } from "./reasons.js";
import { choice, field, link, problemLine } from "./showing.js";
import { STATUSES, statusOf } from "./states.js";

/** @param {import("./view.js").View} view */
export async function showRuns({ edge, query, signal, render }) {
  const asked = { instance: query.instance, status: query.status, pull_id: query.pull_id };
  const isAll = !Object.values(asked).some(Boolean);
  const duties = isAll ? new Duties(edge) : undefined;
  const [first, instances, pulls] = await Promise.all([edge.runs(asked), edge.instances(), pullList(edge), duties?.look()]);
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
  const none = noneOf(isAll, instances);

  function show() {
    const focused = list.querySelector("a:focus")?.getAttribute("href");
    list.replaceChildren(...runs.map(rowOf));
    if (focused) [...list.querySelectorAll("a")].find((each) => each.getAttribute("href") === focused)?.focus();
    list.hidden = runs.length === 0;
    none.hidden = runs.length > 0;
    more.parentElement.hidden = !cursor;
  }

  const below = element("p", { class: "actions" }, more);
  const about = element("p", { class: "small" }, "Each time that a flow was started, the newest first.");
  render("Runs", about, duties?.node, filters(asked, instances), pulls, problem, none, list, below);
  show();
  live(async () => {
    // Who reads on is not brought back to the first page.
    if (!isWhole) return "over";
    const page = await edge.runs(asked);
    if (signal.aborted || !isWhole) return "over";
    const isChanged = JSON.stringify(page.runs) !== JSON.stringify(runs);
    [runs, cursor] = [page.runs, page.cursor];
    if (isChanged) {
      show();
      await duties?.look();
    }
    return isChanged ? "changed" : "same";
  }, signal);
}

/** What waits for a person, as links to it. */
class Duties {
  node = element("p", { class: "counts duties" });
  #edge;

  constructor(edge) {
    this.#edge = edge;
    this.node.hidden = true;
  }

  async look() {
    const statuses = ["approval", "failed"];
    const pages = await Promise.all(statuses.map((status) => this.#edge.runs({ status, limit: OVERVIEW })));
    const links = statuses.flatMap((status, at) => {
      const { runs, cursor } = pages[at];
      return runs.length > 0 ? [element("a", { href: hashOf("runs", undefined, { status }) }, statusOf(status), ` ${runs.length}${cursor ? " or more" : ""}`)] : [];
    });
    this.node.replaceChildren(element("strong", {}, "For you to do:"), ...links);
    this.node.hidden = links.length === 0;
  }
}

/** What to do where there is no run. */
function noneOf(isAll, instances) {
  if (!isAll) return element("p", {}, "No run is like that. ", link(hashOf("runs"), "Show all runs"), ".");
  if (instances.length === 0) return element("p", {}, "Nothing is deployed yet. Begin with ", link(hashOf("templates"), "a template"), ".");
  return element("p", {}, "Nothing has run yet. What ", link(hashOf("instances"), "your instances"), " start shows up here by itself.");
}

function rowOf(run) {
  const why = [reasonName(run.reason), run.path && `at ${run.path}`].filter(Boolean).join(", ");
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
  const { input: pull, node: pullShown } = pullField("by-pull", { value: asked.pull_id });
  const form = element(
    "form",
    { class: "fields filters", "aria-label": "Which runs" },
    field(instance, { label: "Instance" }),
    field(status, { label: "Status" }),
    pullShown,
    element("p", {}, element("button", { type: "submit" }, "Show")),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    location.hash = hashOf("runs", undefined, { instance: instance.value, status: status.value, pull_id: pull.value.trim() });
  });
  return form;
}
