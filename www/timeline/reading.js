// The entries to read: the chosen one in full, and all of them in their order.
import { button, element } from "../shared/dom.js";
import { exactTime, timeElement } from "../shared/words.js";
import { momentOf, nameOf, placeOf } from "./words.js";

/** The chosen entry. `onChoose(position)` hears of the cause that was pressed. */
export function entryCard(entry, onChoose) {
  const moment = momentOf(entry);
  const rows = [
    ["Kind", entry.kind],
    ["Type", entry.event_type],
    [entry.is_to_come ? "Comes" : "When", timeElement(moment)],
    ["Counts from", Date.parse(entry.effective_at) !== moment && timeElement(entry.effective_at)],
    ["Written down", entry.recorded_at && Date.parse(entry.recorded_at) !== moment && timeElement(entry.recorded_at)],
    ["Follows from", entry.cause && button(`entry ${entry.cause}`, () => onChoose(entry.cause), { class: "link" })],
    ["Because", entry.because],
    ["Outcome", entry.outcome],
    ["Schedule", entry.schedule_id && element("code", {}, entry.schedule_id)],
  ];
  return element("dl", { class: "view" }, ...rows.filter(([, value]) => value).map(([name, value]) => element("div", {}, element("dt", {}, name), element("dd", {}, value))));
}

/** The list of all entries, of which one is the chosen one. */
export class EntryList {
  #list;
  #buttons = [];

  constructor(list) {
    this.#list = list;
  }

  /** `onChoose(index)` hears of a press, `onLeaveOut()` of a box that was ticked or not. */
  show(entries, { onChoose, onLeaveOut }) {
    this.#buttons = entries.map((entry, index) => button(entry.is_to_come ? nameOf(entry) : `${entry.position}. ${nameOf(entry)}`, () => onChoose(index), { class: "link" }));
    this.#list.replaceChildren(...entries.map((entry, index) => listItem(entry, this.#buttons[index], onLeaveOut)));
  }

  clear() {
    this.#buttons = [];
    this.#list.replaceChildren();
  }

  choose(index) {
    this.#list.querySelector("[aria-current]")?.removeAttribute("aria-current");
    const chosen = this.#buttons[index];
    chosen.setAttribute("aria-current", "true");
    // Only this list is scrolled: the page stays where the reader is.
    const { top, bottom } = chosen.closest("li").getBoundingClientRect();
    const frame = this.#list.getBoundingClientRect();
    if (top < frame.top) this.#list.scrollTop -= frame.top - top;
    else if (bottom > frame.bottom) this.#list.scrollTop += bottom - frame.bottom;
  }

  /** Positions that are to be left out. */
  get leftOut() {
    return [...this.#list.querySelectorAll("input:checked")].map(({ value }) => Number(value));
  }

  keepAll() {
    for (const box of this.#list.querySelectorAll("input:checked")) box.checked = false;
  }
}

function listItem(entry, choose, onLeaveOut) {
  const item = element("li", { class: entry.is_to_come && "to-come" }, choose, element("span", { class: "when" }, entry.is_to_come && element("strong", {}, "to come "), timeElement(momentOf(entry))));
  const why = entry.because ?? (entry.cause ? `follows from entry ${entry.cause}` : null);
  if (why) item.append(element("span", { class: "why" }, why));
  if (!entry.is_to_come) {
    const box = element("input", { type: "checkbox", value: entry.position, "aria-label": `leave out ${placeOf(entry)}, ${nameOf(entry)}, ${exactTime(momentOf(entry))}` });
    box.addEventListener("change", onLeaveOut);
    item.append(element("label", {}, box, "leave out"));
  }
  return item;
}
