// One deployed group: its switch, its configuration, a start by hand, a dry run. Or one that comes to be: its configuration alone.
import { button, element } from "../shared/dom.js";
import { pressed } from "../shared/pressed.js";
import { timeElement } from "../shared/words.js";
import { ConfigForm, zoneList } from "./config-form.js";
import { dryRun } from "./dry-run.js";
import { OVERVIEW } from "./edge.js";
import { countsOf } from "./instances.js";
import { hashOf } from "./place.js";
import { pullField, pullIn, pullList } from "./pulls.js";
import { choice, doneLine, facts, field, link, panel, problemLine, versionsOf } from "./showing.js";
import { isSure } from "./sure.js";
import { switchOf } from "./switch.js";
import { isOfPull, isStartable } from "./triggers.js";

/** @param {import("./view.js").View} view */
export async function showInstance(view) {
  const { edge, id, query, render } = view;
  // One that is not there, with a group, is one that comes to be.
  const instance = await edge.instance(id).catch((error) => {
    if (error.status !== 404 || !query.group) throw error;
  });
  const newest = await edge.group(instance?.group ?? query.group);
  const back = element("p", {}, link(hashOf("instances"), "All instances"));
  if (!instance) return render(`${id}, a new instance`, back, await configuration(view, undefined, newest));
  const [{ runs }, pulls, group] = await Promise.all([edge.runs({ instance: id, limit: OVERVIEW }), pullList(edge), instance.version === newest.version ? newest : edge.group(instance.group, instance.version)]);
  const form = await configuration(view, instance, newest, group);
  const dry = dryOf(view, group.definition);
  render(id, back, standing(view, instance, newest, runs), form, byHand(view, group.definition), pulls, dry.form, dry.answer, ending(view));
}

function standing({ edge }, instance, newest, runs) {
  const { instance_id, group, version } = instance;
  const [problem, done] = [problemLine(), doneLine()];
  const since = element("span", {});
  const show = ({ enabled_from }) => since.replaceChildren(enabled_from ? timeElement(enabled_from) : "it is off");
  show(instance);
  const held = choice("held", [["finish", "go on to their end"], ["hold", "stand still until it is on"]], instance.runs ?? "finish");
  let before = held.value;
  held.addEventListener("change", async () => {
    const isTaken = await pressed(held, problem, edge, async () => {
      ({ runs: before } = await edge.changeInstance(instance_id, { runs: held.value }));
      done.textContent = `While it is off, its runs ${held.selectedOptions[0].text}.`;
    });
    if (!isTaken) held.value = before;
    held.focus();
  });
  return panel(
    "How it stands",
    element("p", { class: "switch-line" }, switchOf(instance, { edge, problem, onChange: show }), "It starts runs"),
    element("div", { class: "fields" }, field(held, { label: "While it is off, runs that are under way" })),
    facts([
      ["Group", element("span", {}, link(hashOf("groups", group, { version: String(version) }), `${group}, version ${version}`), newest.version > version && `; ${newest.version} is the newest`)],
      ["On since", since],
      ["Newest runs", countsOf(instance_id, runs)],
      ["Changed", timeElement(instance.updated_at)],
    ]),
    problem,
    done,
  );
}

async function configuration({ edge, id, again, signal }, instance, newest, group = newest) {
  const [problem, place] = [problemLine(), element("div", {})];
  const version = choice("version", versionsOf(newest), String(group.version));
  const enabled = choice("enabled", [["true", "yes"], ["false", "not yet"]]);
  let form;
  const show = ({ definition }, values) => {
    form = new ConfigForm(definition.config ?? {}, values, "config");
    place.replaceChildren(form.node);
  };
  show(group, instance?.config ?? {});
  version.addEventListener("change", () => pressed(version, problem, edge, async () => show(await edge.group(newest.group, Number(version.value)), instance?.config ?? {})));
  const save = element("button", { type: "submit" }, instance ? "Save" : "Deploy");
  const made = element(
    "form",
    { class: "fields", "aria-label": "Configuration", novalidate: true },
    field(version, { label: `Version of ${newest.group}`, hint: instance && "this and what is below is for runs to come: those under way keep what they began with" }),
    place,
    !instance && field(enabled, { label: "Starts runs at once" }),
    element("p", { class: "actions" }, save),
    problem,
  );
  made.addEventListener("submit", (event) => {
    event.preventDefault();
    const config = form.read();
    if (!config) return;
    const settings = { version: Number(version.value), config };
    const send = () => (instance ? edge.changeInstance(id, settings) : edge.putInstance(id, { group: newest.group, ...settings, enabled: enabled.value === "true" }));
    pressed(save, problem, edge, async () => {
      if (!(await form.takes(send)) || signal.aborted) return;
      if (instance) again("Saved.");
      else location.hash = hashOf("instances", id);
    });
  });
  return panel("Configuration", zoneList(), made);
}

function byHand({ edge, id }, { flows }) {
  const startable = Object.entries(flows).filter(([, flow]) => isStartable(flow));
  if (startable.length === 0) return false;
  const problem = problemLine();
  const flow = choice("start-flow", startable.map(([name, { title }]) => [name, title ?? name]));
  const { input: pull, node: pullShown } = pullField("start-pull");
  const show = () => (pullShown.hidden = !isOfPull(flows[flow.value]));
  flow.addEventListener("change", show);
  show();
  const submit = element("button", { type: "submit" }, "Start");
  const form = element(
    "form",
    { class: "fields", "aria-label": "Start by hand", novalidate: true },
    field(flow, { label: "Flow" }),
    pullShown,
    element("p", { class: "actions" }, submit),
    problem,
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const pull_id = isOfPull(flows[flow.value]) ? pullIn(pull) : null;
    if (pull_id === undefined) return;
    pressed(submit, problem, edge, async () => {
      const { run_id } = await edge.start(id, flow.value, pull_id);
      location.hash = hashOf("runs", run_id);
    });
  });
  return panel("Start by hand", form);
}

const dryOf = ({ edge, id }, definition) => dryRun({ flows: Object.keys(definition.flows), edge, ask: (asked) => edge.dryRunInstance(id, asked), definition: () => definition });

function ending({ edge, id }) {
  const problem = problemLine();
  const end = button(
    "Delete the instance",
    async () => {
      if (!(await isSure(`Delete ${id}?`, "It starts nothing more. Runs that are under way go on to their end.", "Delete it"))) return;
      await pressed(end, problem, edge, async () => {
        await edge.deleteInstance(id);
        location.hash = hashOf("instances");
      });
    },
    { class: "quiet" },
  );
  return panel("End it", element("p", { class: "actions" }, end), problem);
}
