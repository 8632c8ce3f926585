// Where workflows are seen and steered. The token stays in this page's memory; the address says which view is looked at, and no more.
import { button } from "./shared/dom.js";
import { pressed } from "./shared/pressed.js";
import { WorkflowsEdge } from "./workflows/edge.js";
import { showGroup } from "./workflows/group.js";
import { showGroups } from "./workflows/groups.js";
import { showInstance } from "./workflows/instance.js";
import { showInstances } from "./workflows/instances.js";
import { hashOf, placeOf } from "./workflows/place.js";
import { showRun } from "./workflows/run.js";
import { showRuns } from "./workflows/runs.js";
import { link } from "./workflows/showing.js";
import { showTemplate, showTemplates } from "./workflows/templates.js";
import { rendererOf } from "./workflows/view.js";

/** What shows a view: all of them, and one by its id. */
const VIEWS = {
  runs: [showRuns, showRun],
  instances: [showInstances, showInstance],
  groups: [showGroups, showGroup],
  templates: [showTemplates, showTemplate],
};

const at = Object.fromEntries([...document.querySelectorAll("[id]")].map((node) => [node.id, node]));

/** Who is asked, once somebody has signed in. */
let asked;
/** Aborted when what is shown is left. */
let left = new AbortController();
const drafts = new Map();

/** Shows what the address says, and then says `said`. */
async function show(said = "") {
  if (!asked) return;
  left.abort();
  left = new AbortController();
  const { signal } = left;
  const { view, id, query } = placeOf(location.hash);
  if (!Object.hasOwn(VIEWS, view)) return void location.replace(hashOf("runs"));
  for (const link of at.nav.querySelectorAll("a")) {
    if (placeOf(link.hash).view === view) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  at.wrong.textContent = "";
  at.elsewhere.hidden = true;
  at.loading.textContent = "Reading …";
  const render = rendererOf(at.view, signal);
  await VIEWS[view][id ? 1 : 0]({ edge: asked, id, query, signal, drafts, render, again: show }).catch((error) => {
    if (signal.aborted) return;
    at.view.replaceChildren();
    at.view.hidden = true;
    fail(error, view, id);
  });
  if (!signal.aborted) at.loading.textContent = said;
}

/** Says that a view cannot be shown, and where to go from there. */
function fail(error, view, id) {
  const isAbsent = error.status === 404 && id;
  at.wrong.textContent = isAbsent ? `There is nothing here: ${id} is not among the ${view}.` : error.message;
  at.elsewhere.replaceChildren(isAbsent ? link(hashOf(view), `All ${view}`) : button("Try again", () => show()));
  at.elsewhere.hidden = false;
  at.elsewhere.firstChild.focus();
}

/** Forgets who asked, and what was shown. */
function forget() {
  asked?.forget();
  asked = undefined;
  left.abort();
  drafts.clear();
  at.ask.reset();
  for (const id of ["view", "loading", "wrong", "elsewhere", "problem"]) at[id].replaceChildren();
  for (const dialog of document.querySelectorAll("dialog")) dialog.close();
  document.title = "Workflows · Canopy Edge";
  at.view.hidden = at.work.hidden = at.nav.hidden = true;
  at.door.hidden = false;
}

at.ask.addEventListener("submit", (event) => {
  event.preventDefault();
  const edge = new WorkflowsEdge(at.token.value.trim());
  pressed(at.show, at.problem, edge, async () => {
    await edge.runs({ limit: 1 });
    asked = edge;
    at.ask.reset();
    at.door.hidden = true;
    at.work.hidden = at.nav.hidden = false;
    await show();
  });
});

at.leave.addEventListener("click", () => {
  forget();
  at.token.focus();
});
// The hash says which view it is, and has no room for a place in it.
at.skip.addEventListener("click", (event) => {
  event.preventDefault();
  at.main.focus();
});
addEventListener("hashchange", () => show());
addEventListener("beforeunload", (event) => drafts.size > 0 && event.preventDefault());
// Whoever comes back by the browser's button may be somebody else.
addEventListener("pagehide", forget);
