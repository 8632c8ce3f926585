// Ready groups: each with what it does, and one form that deploys it.
import { element } from "../shared/dom.js";
import { pressed } from "../shared/pressed.js";
import { listed } from "../shared/words.js";
import { ConfigForm, zoneList } from "./config-form.js";
import { NAME_HINT, nameIn } from "./names.js";
import { hashOf } from "./place.js";
import { choice, documentationOf, field, jsonBlock, link, problemLine } from "./showing.js";
import { waysOf } from "./triggers.js";

/** @param {import("./view.js").View} view */
export async function showTemplates({ edge, render }) {
  const templates = await edge.templates();
  const cards = templates.map((template) =>
    element(
      "li",
      { class: "card" },
      element("h3", {}, link(hashOf("templates", template.name), template.title)),
      element("p", {}, template.description),
      element("p", { class: "small" }, `Started ${waysOf(template.flows)}`),
    ),
  );
  render(
    "Templates",
    element("p", { class: "small" }, "Ready workflows. Choose one, fill in its form, and it runs."),
    element("ul", { class: "cards", "aria-label": "Templates" }, ...cards),
  );
}

/** @param {import("./view.js").View} view */
export async function showTemplate({ edge, id, signal, render }) {
  const [templates, instances] = await Promise.all([edge.templates(), edge.instances()]);
  const template = templates.find(({ name }) => name === id);
  if (!template) throw Object.assign(new Error(`There is no template ${id}.`), { status: 404 });
  const problem = problemLine();
  const name = element("input", { id: "instance-name", autocomplete: "off", spellcheck: "false", maxlength: 40 });
  // A second one of the same template wants another name.
  name.value = instances.some(({ instance_id }) => instance_id === template.name) ? "" : template.name;
  const enabled = choice("enabled", [["true", "yes"], ["false", "not yet"]]);
  const form = new ConfigForm(template.config, {}, "config");
  const save = element("button", { type: "submit" }, "Deploy");
  const made = element(
    "form",
    { class: "card fields", "aria-label": "Deploy", novalidate: true },
    field(name, { label: "Name of the instance", hint: NAME_HINT }),
    form.node,
    field(enabled, { label: "Starts runs at once" }),
    element("p", { class: "actions" }, save),
    problem,
  );
  made.addEventListener("submit", (event) => {
    event.preventDefault();
    const config = form.read();
    // One that is there is not to be overwritten by who wants a second one.
    const instance = nameIn(name, instances.map(({ instance_id }) => instance_id));
    if (!config || !instance) return;
    pressed(save, problem, edge, async () => {
      const isPut = await form.takes(() => edge.putInstance(instance, { template: id, config, enabled: enabled.value === "true" }));
      if (isPut && !signal.aborted) location.hash = hashOf("instances", instance);
    });
  });
  const { example } = template;
  render(
    template.title,
    element("p", {}, link(hashOf("templates"), "All templates")),
    element("p", { class: "lead" }, template.description),
    template.documentation && element("p", {}, documentationOf(template.documentation, "How it is set up")),
    zoneList(),
    made,
    example && exampleOf(example),
  );
}

function exampleOf({ config, secrets = [] }) {
  const names = secrets.map((each) => (typeof each === "string" ? each : each.name));
  return element("details", {}, element("summary", {}, "An example"), jsonBlock("Its configuration", config), names.length > 0 && element("p", {}, `In EDGE_SECRETS: ${listed(names)}.`));
}
