// A run as a picture: its steps from the top to the bottom, those inside others beside a line of their own, each with its state.
import { element } from "../shared/dom.js";
import { allOf } from "./tree.js";
import { markOf, standOf } from "./states.js";

/** More rounds than that are folded, but for those in which something stands or has failed. */
const MOST_OPEN = 3;

export class Picture {
  /** Where it is shown. */
  node = element("div", { class: "flow-picture" });
  #onChoose;
  #buttons = new Map();
  /** What the reader opened or closed by hand stays so. */
  #folds = new Map();

  /** `onChoose(node)` hears of a step that was pressed. */
  constructor(onChoose) {
    this.#onChoose = onChoose;
    this.node.addEventListener("keydown", (event) => this.#pressed(event));
  }

  /** Shows `nodes` between how it began and how it ended: elements. Focus stays at its step. */
  show(nodes, began, ended) {
    const focused = [...this.#buttons].find(([, button]) => button === document.activeElement)?.[0];
    this.#buttons.clear();
    this.node.replaceChildren(element("ol", { class: "flow" }, element("li", { class: "end" }, began), ...this.#items(nodes), element("li", { class: "end" }, ended)));
    this.#buttons.get(focused)?.focus();
  }

  choose(path) {
    for (const [each, button] of this.#buttons) {
      if (each === path) button.setAttribute("aria-current", "true");
      else button.removeAttribute("aria-current");
    }
  }

  focus(path) {
    const button = this.#buttons.get(path) ?? this.#buttons.values().next().value;
    button.focus();
    button.scrollIntoView({ block: "center" });
  }

  #items(nodes) {
    return nodes.map((node) => {
      const button = element(
        "button",
        { type: "button", class: "node", "data-path": node.path },
        markOf(node.state),
        element("span", { class: "what" }, element("strong", {}, node.title), " ", element("code", {}, node.use)),
        element("span", { class: "stand" }, standOf(node)),
      );
      button.addEventListener("click", () => this.#onChoose(node));
      this.#buttons.set(node.path, button);
      const branches = node.branches.map((branch) => this.#branch(branch, node.branches.length));
      return element("li", { class: node.state }, button, branches.length > 0 && element("div", { class: node.use === "if" ? "branches ways" : "branches" }, ...branches));
    });
  }

  #branch({ name, key, isTaken, nodes }, count) {
    const flow = element("ol", { class: "flow" }, ...this.#items(nodes));
    const said = isTaken === false ? `${name}: not taken` : isTaken ? `${name}: taken` : name;
    if (count <= MOST_OPEN) return element("div", { class: isTaken === false ? "branch left" : "branch" }, element("p", { class: "branch-name" }, said), flow);
    const isOpen = this.#folds.get(key) ?? allOf(nodes).some(({ state }) => ["open", "waiting", "failed"].includes(state));
    const fold = element("details", { class: "branch", open: isOpen }, element("summary", {}, said), flow);
    fold.addEventListener("toggle", () => this.#folds.set(key, fold.open));
    return fold;
  }

  /** Arrow keys go from step to step. */
  #pressed(event) {
    const buttons = [...this.#buttons.values()].filter((button) => button.checkVisibility());
    const at = buttons.indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: buttons.length - 1 }[event.key];
    if (at < 0 || to === undefined) return;
    event.preventDefault();
    buttons[Math.min(Math.max(to, 0), buttons.length - 1)].focus();
  }
}
