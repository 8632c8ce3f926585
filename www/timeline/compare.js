// The pull's life as it is, beside the same with and without something.
import { element } from "../shared/dom.js";
import { counted, listed, timeElement } from "../shared/words.js";
import { apply, prune } from "./merge-patch.js";
import { momentOf, nameOf } from "./words.js";
import { changeRows, changesOfViews } from "./view.js";

/** What is asked, in words: `Without entries 8 and 9, with QUOTE_SENT`. */
export function askedName({ without = [], with: added = [] }) {
  const left = without.length > 0 && `without ${without.length === 1 ? "entry" : "entries"} ${listed(without.map(String))}`;
  const name = [left, added.length > 0 && `with ${listed(added.map(({ event_type }) => event_type))}`].filter(Boolean).join(", ");
  return name.charAt(0).toUpperCase() + name.slice(1);
}

/** What the edge answered to `asked`, to be read side by side. */
export function comparisonOf(asked, { until, as_it_is, simulated, difference, automatic }) {
  const [left, right] = uniqueIn(as_it_is.timeline, simulated.timeline);
  const view = prune(as_it_is.view);
  const changes = changesOfViews(view, prune(apply(view, difference.forwards)));
  return [
    element("p", {}, "Until ", timeElement(until), ", from the first entry that differs."),
    element("div", { class: "sides" }, sideOf("As it is", as_it_is, left), sideOf(askedName(asked), simulated, right)),
    element("h3", {}, "What comes by itself"),
    ...automaticOf(askedName(asked), automatic),
    element("h3", {}, "What the view has in the end"),
    changes.length > 0 ? element("ul", { class: "changes" }, ...changeRows(changes)) : element("p", {}, "The same on both sides, but for its place in the log."),
  ];
}

/** For both sides the entries that the other one has not. Positions say nothing: what is left out moves those behind it. */
function uniqueIn(left, right) {
  const keyOf = ({ kind, event_type, schedule_id, effective_at, outcome }) => JSON.stringify([kind, event_type, schedule_id, effective_at, outcome]);
  const missing = (these, those) => {
    const keys = those.map(keyOf);
    return new Set(
      these.filter((item) => {
        const at = keys.indexOf(keyOf(item));
        if (at >= 0) keys.splice(at, 1);
        return at < 0;
      }),
    );
  };
  return [missing(left, right), missing(right, left)];
}

function sideOf(name, { timeline, work }, unique) {
  const items = timeline.map((item) =>
    element(
      "li",
      { class: item.is_to_come && "to-come" },
      element("span", {}, `${nameOf(item)} `, unique.has(item) && element("strong", { class: "fate" }, "only here")),
      element("span", { class: "when" }, item.is_to_come && element("strong", {}, "to come "), timeElement(momentOf(item))),
      item.because && element("span", { class: "why" }, item.because),
    ),
  );
  const side = element("section", {}, element("h3", {}, name));
  side.append(items.length > 0 ? element("ul", { class: "entries" }, ...items) : element("p", {}, "No entry that differs."));
  // Each entry makes some.
  if (work.length > 0) side.append(element("details", { class: "small" }, element("summary", {}, `${counted(work.length, "piece")} of work for the edge`), `${listed(work.map(workName))}.`));
  return side;
}

const workName = ({ work, cause }) => `${work} (entry ${cause})`;

/** What differs as a table; what is alike is folded away, there may be dozens. */
function automaticOf(name, automatic) {
  if (automatic.length === 0) return [element("p", {}, "Nothing, on either side.")];
  const isAlike = ({ as_it_is, simulated }) => isSame(as_it_is, simulated);
  const alike = automatic.filter(isAlike);
  const differing = automatic.filter((event) => !isAlike(event));
  return [
    differing.length > 0 ? automaticTable(name, differing, "Automatic events that differ") : element("p", {}, "None of it differs."),
    alike.length > 0 && element("details", {}, element("summary", {}, `${counted(alike.length, "automatic event")} alike on both sides`), automaticTable(name, alike, "Automatic events alike on both sides")),
  ].filter(Boolean);
}

function automaticTable(name, automatic, caption) {
  const columns = ["As it is", name].map((text) => element("th", { scope: "col" }, text));
  return element(
    "table",
    {},
    element("caption", {}, caption),
    element("thead", {}, element("tr", {}, ...columns)),
    ...automatic.map(({ event_type, schedule_id, as_it_is, simulated }) =>
      element(
        "tbody",
        {},
        element("tr", {}, element("th", { scope: "rowgroup", colspan: 2 }, `${event_type} `, isSame(as_it_is, simulated) ? null : element("strong", { class: "fate" }, "differs"), element("code", {}, schedule_id))),
        element("tr", {}, standOf(as_it_is), standOf(simulated)),
      ),
    ),
  );
}

const isSame = (one, other) => one?.state === other?.state && one?.effective_at === other?.effective_at;

function standOf(event) {
  if (!event) return element("td", {}, "does not come");
  const { state, effective_at, because } = event;
  return element("td", {}, element("strong", {}, state), " ", effective_at && timeElement(effective_at), because && element("span", { class: "why" }, because));
}
