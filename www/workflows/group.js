// One group: its versions, its definition to edit, and beside it a dry run of what stands there.
import { button, element } from "../shared/dom.js";
import { pressed } from "../shared/pressed.js";
import { timeElement } from "../shared/words.js";
import { dryRun } from "./dry-run.js";
import { Editor } from "./editor.js";
import { hashOf } from "./place.js";
import { pullList } from "./pulls.js";
import { choice, documentationOf, doneLine, facts, field, link, panel, problemLine, versionsOf } from "./showing.js";

/** What a group that does not exist yet begins with. */
const BEGINNING = {
  title: "What it is for",
  config: { url: { type: "url", title: "Where it goes", required: true } },
  flows: {
    tell: {
      trigger: { on: "event", types: ["COMPLETE"] },
      steps: [{ id: "tell", use: "http", with: { url: "{{ config.url }}", json: { pull: "{{ pull.pull_id }}" } } }],
    },
  },
};

const SAVED = "Saved. Its instances keep the version that they have until another is chosen for them.";

/** @param {import("./view.js").View} view */
export async function showGroup(view) {
  const { edge, id, query, signal, drafts, render, again } = view;
  const absent = (error) => {
    if (error.status !== 404) throw error;
  };
  const [newest, all, pulls] = await Promise.all([edge.group(id).catch(absent), edge.instances(), pullList(edge)]);
  const instances = all.filter(({ group }) => group === id);
  const asked = query.version && newest && Number(query.version) !== newest.version ? await edge.group(id, query.version) : newest;
  const begun = JSON.stringify(asked?.definition ?? BEGINNING, null, 2);
  const [problem, done] = [problemLine(), doneLine()];

  const editor = new Editor({
    signal,
    check: (text) => {
      dry.offer(flowsOf(JSON.parse(text)));
      return wrongsOf(edge.putGroup(id, text, { check: true }));
    },
    onInput: (text) => {
      if (text === begun) drafts.delete(id);
      else drafts.set(id, text);
      discard.hidden = !drafts.has(id);
    },
  });
  const discard = button("Discard the changes", () => (drafts.delete(id), again("Discarded.")), { class: "quiet" });
  discard.hidden = !drafts.has(id);
  const save = element("button", { type: "submit" }, newest ? `Save as version ${newest.version + 1}` : "Save as version 1");
  const form = element("form", { class: "fields", "aria-label": "Definition", novalidate: true }, editor.node, element("p", { class: "actions" }, save, discard, done), problem);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    pressed(save, problem, edge, async () => {
      if (editor.value === undefined) return editor.look();
      const errors = await wrongsOf(edge.putGroup(id, editor.text));
      if (errors.length > 0) return editor.complain(errors);
      drafts.delete(id);
      if (location.hash === hashOf("groups", id)) again(SAVED);
      else location.hash = hashOf("groups", id);
    });
  });
  const dry = dryRun({
    flows: flowsOf(asked?.definition ?? BEGINNING),
    config: instances[0]?.config ?? {},
    edge,
    // The edge says itself what is wrong with what is no JSON.
    ask: (it) => edge.dryRunGroup(id, { ...it, definition: editor.value ?? editor.text }),
    definition: () => editor.value,
  });
  render(
    newest ? newest.definition.title : `${id}, a new group`,
    element("p", {}, link(hashOf("groups"), "All groups")),
    newest ? standing(id, asked, newest, instances) : false,
    element("div", { class: "bench" }, panel("What it does", form), dry.form),
    pulls,
    dry.answer,
    panel("What steps there are", await stepsOf(edge)),
  );
  editor.text = drafts.get(id) ?? begun;
  if (drafts.has(id)) done.textContent = "These are your changes; they are not saved yet.";
}

/** The names of the flows of what somebody writes, who may not be done. */
const flowsOf = (definition) => Object.keys(definition?.flows ?? {});

/** What the edge finds wrong, as a list; of all else that it refuses it throws. */
async function wrongsOf(asked) {
  try {
    await asked;
    return [];
  } catch (error) {
    if (!error.errors?.length) throw error;
    return error.errors;
  }
}

function standing(id, { version, created_at, caller }, newest, instances) {
  const select = choice("read-version", versionsOf(newest), String(version));
  select.addEventListener("change", () => (location.hash = hashOf("groups", id, { version: select.value === String(newest.version) ? "" : select.value })));
  const links = instances.map(({ instance_id, version: has }) => element("li", {}, link(hashOf("instances", instance_id), instance_id), ` with version ${has}`));
  const deployed = links.length > 0 ? element("ul", { class: "counts", "aria-label": "Its instances" }, ...links) : element("span", {}, "nothing yet: ", link(hashOf("instances", undefined, { group: id }), "deploy it"));
  return element("div", { class: "fields versions" }, field(select, { label: "Version" }), facts([["Saved", element("span", {}, timeElement(created_at), ` by ${caller}`)], ["Deployed as", deployed]]));
}

/** What the edge carries, to look up while writing. */
async function stepsOf(edge) {
  const { steps, connectors } = await edge.connectors();
  const own = steps.map(({ name, description }) => element("div", {}, element("dt", {}, element("code", {}, name)), element("dd", {}, description)));
  const known = connectors.map(({ name, title, documentation, inputs }) => {
    const about = documentationOf(documentation, title);
    return element("div", {}, element("dt", {}, element("code", {}, name)), element("dd", {}, about, element("span", { class: "why" }, inputNames(inputs))));
  });
  return element("details", {}, element("summary", {}, `${steps.length} kinds of steps, and ${connectors.length} connectors to services`), element("dl", { class: "facts-list" }, ...own, ...known));
}

const inputNames = (inputs) => Object.entries(inputs).map(([name, { type, required }]) => `${name}: ${type}${required ? ", required" : ""}`).join("; ");
