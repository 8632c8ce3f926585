// Shows a view member by member, with what one entry made of it, in words.
import { button, element } from "../shared/dom.js";
import { counted } from "../shared/words.js";
import { changesBetween, fateOf, isContainer, memberOf, namesOf } from "./merge-patch.js";
import { pathName, valueName } from "./words.js";

/** Of now alone, or said beside the entry: no row tells it. */
const NO_ROW = ["outbox", "is_to_come"];
/** What every entry moves: nothing that an entry is said to have changed. */
const NO_CHANGE = [...NO_ROW, "revision", "updated_at"];

/** What the reader opened or closed by hand stays so from view to view. */
const unfolded = new Map();

export const forgetFolds = () => unfolded.clear();

/** A row for each member of `after`, and of `before` where it is gone. */
export function viewOf(before, after, path = []) {
  const isList = Array.isArray(after ?? before);
  const names = namesOf(before, after).filter((name) => path.length > 0 || !NO_ROW.includes(name));
  const rows = names.map((name) => rowOf([...path, isList ? Number(name) : name], memberOf(before, name), memberOf(after, name)));
  return element("dl", { class: "view" }, ...rows);
}

function rowOf(path, before, after) {
  const fate = fateOf(before, after);
  const here = after ?? before;
  const row = element("div", { class: fate, "data-path": pathName(path) }, element("dt", {}, pathName(path.slice(-1))));
  const hasRows = isContainer(here) && Object.keys(here).length > 0;
  if (hasRows) row.append(...folded(path, fate, before, here));
  else row.append(element("dd", {}, valueName(here), " ", fateName(fate, before)));
  return row;
}

/** What has members of its own: how many, and those below. What came or went as a whole is not marked once more in each of them. */
function folded(path, fate, before, here) {
  const key = pathName(path);
  const inside = element("dd", { class: "inside" }, viewOf(fate === "changed" && isContainer(before) ? before : here, here, path));
  const size = Array.isArray(here) ? counted(here.length, "item") : counted(Object.keys(here).length, "member");
  const fold = button(size, () => {
    unfolded.set(key, inside.hidden);
    unfold(inside.hidden);
  }, { class: "link fold", "aria-label": `${size} of ${key}` });
  const unfold = (isOpen) => {
    fold.setAttribute("aria-expanded", isOpen);
    inside.hidden = !isOpen;
  };
  unfold(unfolded.get(key) ?? fate !== "kept");
  return [element("dd", {}, fold, " ", fateName(fate)), inside];
}

/** `was` is told of a value that stands there no more. */
function fateName(fate, was) {
  if (fate === "kept") return null;
  return element("strong", { class: "fate" }, fate === "changed" && was !== undefined ? `changed, was ${valueName(was)}` : fate);
}

/** What differs between two views, but for where they stand in the log. */
export const changesOfViews = (before, after) => changesBetween(before, after).filter(({ path }) => !NO_CHANGE.includes(path[0]));

/** `changed: status; added: own.NOTE`, or that there is nothing. */
export function changesName(before, after) {
  const changes = changesOfViews(before, after);
  const named = (fate) => changes.filter((change) => fateOf(change.before, change.after) === fate).map(({ path }) => pathName(path));
  const parts = ["changed", "added", "removed"].flatMap((fate) => (named(fate).length > 0 ? [`${fate}: ${named(fate).join(", ")}`] : []));
  return parts.length > 0 ? `By this entry ${parts.join("; ")}.` : "Nothing but its place in the log.";
}

/** Changes one below the other, each with its values before and after. */
export function changeRows(changes) {
  return changes.map(({ path, before, after }) =>
    element(
      "li",
      { class: fateOf(before, after) },
      element("code", {}, pathName(path)),
      " ",
      element("strong", { class: "fate" }, fateOf(before, after)),
      element("span", {}, before === undefined ? valueName(after) : after === undefined ? `was ${valueName(before)}` : `${valueName(before)} → ${valueName(after)}`),
    ),
  );
}
