// The groups, each in its newest version, and where a new one begins.
import { element } from "../shared/dom.js";
import { timeElement } from "../shared/words.js";
import { NAME_HINT, nameIn } from "./names.js";
import { hashOf } from "./place.js";
import { field, link } from "./showing.js";
import { flowsLine } from "./triggers.js";

/** @param {import("./view.js").View} view */
export async function showGroups({ edge, drafts, render }) {
  const groups = await edge.groups();
  const rows = groups.map(({ group, version, title, description, created_at, flows }) =>
    element(
      "li",
      {},
      element("span", { class: "grow" }, link(hashOf("groups", group), title), element("span", { class: "why" }, [group, description].filter(Boolean).join(": "))),
      element("span", { class: "small" }, flowsLine(flows)),
      element("span", { class: "small" }, `version ${version}, `, timeElement(created_at), drafts.has(group) && element("strong", {}, " with changes that are not saved yet")),
    ),
  );
  const list = rows.length > 0 ? element("ul", { class: "rows groups", "aria-label": "Groups" }, ...rows) : element("p", {}, "There is no group yet. ", link(hashOf("templates"), "A template"), " becomes one when it is deployed; or write your own.");
  render("Groups", element("p", { class: "small" }, "What can be deployed: a group’s flows and their steps, as JSON. Each save is a version."), list, beginning());
}

function beginning() {
  const name = element("input", { id: "group-name", autocomplete: "off", spellcheck: "false", maxlength: 40 });
  const form = element(
    "form",
    { class: "card fields", "aria-labelledby": "begin-heading", novalidate: true },
    element("h3", { id: "begin-heading" }, "Write a group of your own"),
    field(name, { label: "Name of the group", hint: NAME_HINT }),
    element("p", { class: "actions" }, element("button", { type: "submit" }, "Begin")),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const group = nameIn(name);
    if (group) location.hash = hashOf("groups", group);
  });
  return form;
}
