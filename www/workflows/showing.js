// How facts and values are shown. Whatever the edge says is text here, never markup.
import { element } from "../shared/dom.js";

/** `[name, value]` one below the other; a value is text or an element. What is not there is left out. */
export function facts(rows) {
  const there = rows.filter(([, value]) => value !== null && value !== undefined && value !== false && value !== "");
  return element("dl", { class: "facts-list" }, ...there.map(([name, value]) => element("div", {}, element("dt", {}, name), element("dd", {}, value))));
}

/** A value as JSON below its name. It scrolls in itself, so the keyboard has to reach it. */
export function jsonBlock(name, value) {
  const text = typeof value === "string" ? value : JSON.stringify(value, null, 2);
  return element("div", { class: "json" }, element("h4", {}, name), element("pre", { tabindex: 0, role: "group", "aria-label": name }, text));
}

export const link = (hash, text, attributes) => element("a", { href: hash, ...attributes }, text);

/** Where something is documented: a link to the web, or as a path of this project, the path. */
export function documentationOf(place, text) {
  if (!URL.canParse(place) || new URL(place).protocol !== "https:") return element("span", {}, `${text}: `, element("code", {}, place));
  return element("a", { href: place, rel: "noreferrer" }, text);
}

/** What `children` say, with its name above. */
export function panel(name, ...children) {
  const id = `panel-${name.toLowerCase().replace(/[^a-z]+/g, "-")}`;
  return element("section", { class: "panel", "aria-labelledby": id }, element("h3", { id }, name), ...children);
}

/** Where something is said once it has happened, or has gone wrong. */
export const problemLine = () => element("p", { class: "news", role: "alert" });
export const doneLine = () => element("p", { class: "small", role: "status" });

/** A label above its control, and below what should be known of it and what is wrong with it. */
export function field(control, { label, hint }) {
  const { id } = control;
  const told = [hint && `${id}-hint`, `${id}-wrong`].filter(Boolean).join(" ");
  control.setAttribute("aria-describedby", told);
  const known = hint && element("span", { class: "small", id: `${id}-hint` }, hint);
  return element("p", { class: "field" }, element("label", { for: id }, label), control, known, element("span", { class: "wrong", id: `${id}-wrong` }));
}

/** Says beside `control` what it should be; nothing takes it back. */
export function complain(control, text) {
  document.getElementById(`${control.id}-wrong`).textContent = text;
  if (text) control.setAttribute("aria-invalid", "true");
  else control.removeAttribute("aria-invalid");
}

/** A select of `[value, text]`. */
export function choice(id, options, chosen, attributes) {
  const made = element("select", { id, ...attributes }, ...options.map(([value, text]) => element("option", { value }, text)));
  made.value = chosen ?? options[0]?.[0] ?? "";
  return made;
}

/** The versions of a group, the newest first, to choose from. */
export function versionsOf({ version: newest }) {
  return Array.from({ length: newest }, (_, at) => String(newest - at)).map((each, at) => [each, at === 0 ? `${each}, the newest` : each]);
}
