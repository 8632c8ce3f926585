// The picture of a flow, and beside it the step that is chosen.
import { element } from "../shared/dom.js";
import { Picture } from "./picture.js";
import { stepCard } from "./step.js";
import { allOf } from "./tree.js";

/** Steps at which a reader wants to look first, in this order. */
const FIRST = ["failed", "waiting", "open"];

export class FlowShown {
  #card = element("div", { class: "step-card" });
  #picture = new Picture((node) => this.#choose(node));
  #chosen;
  #shown;
  node;

  constructor(heading = "The step") {
    this.node = element(
      "div",
      { class: "run-reading" },
      element("section", { "aria-label": "The steps" }, this.#picture.node),
      element("section", { "aria-label": heading, "aria-live": "polite" }, element("h3", {}, heading), this.#card),
    );
  }

  /** Shows `nodes`, at the step that was chosen before, or at the one where it stands. */
  show(nodes, began, ended) {
    this.#picture.show(nodes, began, ended);
    const all = allOf(nodes);
    const before = all.find(({ path }) => path === this.#chosen);
    const first = FIRST.map((state) => all.findLast((node) => node.state === state)).find(Boolean);
    const node = before ?? first ?? all.findLast(({ record }) => record) ?? all[0];
    if (node) this.#read(node);
  }

  #choose(node) {
    this.#chosen = node.path;
    this.#read(node);
  }

  /** What is shown already is not said once more. */
  #read(node) {
    this.#picture.choose(node.path);
    const shown = JSON.stringify([node.path, node.state, node.record]);
    if (shown === this.#shown) return;
    this.#shown = shown;
    this.#card.replaceChildren(...stepCard(node));
  }
}
