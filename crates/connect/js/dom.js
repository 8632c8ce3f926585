// Elements without markup: nothing that anyone sends is ever parsed as HTML here.

/** An element. Properties that the element has are set as such, others as attributes; `on…` listens. */
export function h(tag, properties, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else if (name !== "part" && name !== "role" && name in element) element[name] = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== undefined && child !== null && child !== false));
  return element;
}

/** Segments of text and safe links. What is no safe link stays text, whoever sent it. */
export function segments(list) {
  return list.map(({ text, href }) => {
    if (!href || !/^(https|mailto|tel):/i.test(href)) return text;
    const isPage = /^https:/i.test(href);
    return h("a", { part: "link", href, target: isPage && "_blank", rel: "noopener noreferrer" }, text);
  });
}

/** `loan_number` → `Loan number`. */
export function readable(name) {
  const words = String(name).replace(/_cents$/, "").replaceAll("_", " ").toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
