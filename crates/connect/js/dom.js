// Elements without markup: nothing that anyone sends is ever parsed as HTML here.

/** Texts and attributes made of words that may change: by node, what makes each. */
const makers = new WeakMap();

function put(node, name, value) {
  if (name !== "part" && name !== "role" && name in node) node[name] = value;
  else node.setAttribute(name, value === true ? "" : value);
}

function bind(node, name, make) {
  makers.set(node, { ...makers.get(node), [name]: make });
  put(node, name, make());
  return node;
}

/**
 * An element. Properties that the element has are set as such, others as attributes; `on…` listens. Where text may stand, a function
 * that makes it may stand, too: `reword` asks it again.
 */
export function h(tag, properties, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (typeof value !== "function") put(element, name, value);
    else if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else bind(element, name, value);
  }
  const there = children.flat().filter((child) => child !== undefined && child !== null && child !== false);
  element.append(...there.map((child) => (typeof child === "function" ? bind(document.createTextNode(""), "data", child) : child)));
  return element;
}

/** Says in other words what stands below `root`; nothing else in it changes. */
export function reword(root) {
  const walker = document.createTreeWalker(root);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    for (const [name, make] of Object.entries(makers.get(node) ?? {})) put(node, name, make());
  }
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
