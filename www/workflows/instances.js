// The deployed groups: each with its switch, and how its latest runs stand.
import { element } from "../shared/dom.js";
import { OVERVIEW } from "./edge.js";
import { NAME_HINT, nameIn } from "./names.js";
import { hashOf } from "./place.js";
import { choice, field, link, problemLine } from "./showing.js";
import { switchOf } from "./switch.js";
import { statusOf } from "./states.js";

/** @param {import("./view.js").View} view */
export async function showInstances({ edge, query, render }) {
  const [instances, groups, { runs }] = await Promise.all([edge.instances(), edge.groups(), edge.runs({ limit: OVERVIEW })]);
  const newest = new Map(groups.map(({ group, version }) => [group, version]));
  const problem = problemLine();
  const latest = Map.groupBy(runs, ({ instance_id }) => instance_id);
  const rows = instances.map((instance) => rowOf(instance, newest.get(instance.group), latest.get(instance.instance_id) ?? [], { edge, problem }));
  render(
    "Instances",
    problem,
    element("p", { class: "small" }, `A deployed group, with its configuration. What is on starts runs by itself.${runs.length === OVERVIEW ? ` Counted are the newest ${OVERVIEW} runs.` : ""}`),
    rows.length > 0 && element("ul", { class: "rows instances", "aria-label": "Instances" }, ...rows),
    rows.length === 0 && element("p", {}, "Nothing is deployed yet. Begin with ", link(hashOf("templates"), "a template"), "."),
    groups.length > 0 && deployForm(groups, instances, query.group),
  );
}

function rowOf(instance, newest, runs, { edge, problem }) {
  const { instance_id, group, version } = instance;
  return element(
    "li",
    {},
    switchOf(instance, { edge, problem }),
    element("span", { class: "grow" }, link(hashOf("instances", instance_id), instance_id), element("span", { class: "why" }, `group ${group}, version ${version}${newest > version ? ` of ${newest}` : ""}`)),
    countsOf(instance_id, runs),
  );
}

/** How many runs stand how, each leading to them. */
export function countsOf(instance_id, runs) {
  const statuses = [...new Set(runs.map(({ status }) => status))];
  if (statuses.length === 0) return element("span", { class: "small" }, "no run of late");
  const counts = statuses.map((status) => {
    const count = runs.filter((run) => run.status === status).length;
    return element("a", { href: hashOf("runs", undefined, { instance: instance_id, status }) }, statusOf(status), ` ${count}`);
  });
  return element("span", { class: "counts" }, ...counts);
}

/** Where a group is deployed by hand. What it declares is asked for on the next page. */
function deployForm(groups, instances, chosen) {
  const group = choice("deploy-group", groups.map(({ group, title }) => [group, `${group}: ${title}`]), chosen);
  const name = element("input", { id: "deploy-name", autocomplete: "off", spellcheck: "false", maxlength: 40 });
  const form = element(
    "form",
    { class: "card fields", "aria-labelledby": "deploy-heading", novalidate: true },
    element("h3", { id: "deploy-heading" }, "Deploy a group"),
    field(group, { label: "Group" }),
    field(name, { label: "Name of the instance", hint: NAME_HINT }),
    element("p", { class: "actions" }, element("button", { type: "submit" }, "Configure")),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const instance = nameIn(name, instances.map(({ instance_id }) => instance_id));
    if (instance) location.hash = hashOf("instances", instance, { group: group.value });
  });
  return form;
}
