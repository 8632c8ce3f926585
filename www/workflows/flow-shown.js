// The picture of a flow, and beside it the step that is chosen.
import { button, element } from "../shared/dom.js";
import { Picture } from "./picture.js";
import { stepCard, stepHead } from "./step.js";
import { allOf } from "./tree.js";

/** Steps at which a reader wants to look first, in this order. */
const FIRST = ["failed", "waiting", "open"];

export class FlowShown {
  node;
  #picture = new Picture((node) => this.#choose(node));
  #head = element("p", { class: "chosen", "aria-live": "polite" });
  #card = element("div", { class: "step-card" });
  #beside;
  #chosen;
  #shown;

  /** `of` tells it from others on the same page. */
  constructor(of = "") {
    const back = button("Back to the picture", () => this.#picture.focus(this.#chosen), { class: "link back" });
    this.#beside = element("section", { "aria-label": `The step${of}` }, element("h3", {}, `The step${of}`), this.#head, this.#card, element("p", {}, back));
    this.node = element("div", { class: "run-reading" }, element("section", { "aria-label": `The steps${of}` }, this.#picture.node), this.#beside);
  }

  /** Shows `nodes`, at the step that was chosen before, or at the one where it stands. */
  show(nodes, began, ended) {
    this.#picture.show(nodes, began, ended);
    const all = allOf(nodes);
    const before = all.find(({ path }) => path === this.#chosen);
    const first = FIRST.map((state) => all.findLast((node) => node.state === state)).find(Boolean);
    const node = before ?? first ?? all.findLast(({ state }) => state === "done") ?? all[0];
    if (node) this.#read(node);
  }

  #choose(node) {
    this.#chosen = node.path;
    this.#read(node);
    // On a phone it stands below the picture.
    if (this.#beside.getBoundingClientRect().top > innerHeight - 100) this.#beside.scrollIntoView();
  }

  /** What is shown already is not said once more. */
  #read(node) {
    this.#picture.choose(node.path);
    const shown = JSON.stringify([node.path, node.state, node.record]);
    if (shown === this.#shown) return;
    this.#shown = shown;
    this.#head.replaceChildren(...stepHead(node));
    this.#card.replaceChildren(...stepCard(node));
  }
}
