// Builds elements. Whatever is said in them is text: data of a consumer never becomes markup.

const SVG = "http://www.w3.org/2000/svg";

export const element = (name, attributes, ...children) => filled(document.createElement(name), attributes, children);
export const drawn = (name, attributes, ...children) => filled(document.createElementNS(SVG, name), attributes, children);

const isThere = (value) => value !== false && value !== null && value !== undefined;

/** `true` is an attribute without a value; `false`, `null` and `undefined` are no attribute and no child. */
function filled(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (isThere(value)) node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter(isThere));
  return node;
}

/** A button that does `work`. */
export function button(text, work, attributes) {
  const made = element("button", { type: "button", ...attributes }, text);
  made.addEventListener("click", work);
  return made;
}
