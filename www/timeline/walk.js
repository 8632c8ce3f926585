// Goes through the views of a pull's life, one entry at a time, by the patches that the entries carry.
import { apply, prune } from "./merge-patch.js";

export class Walk {
  #entries;
  #index = 0;
  #view;

  /** `first`: the view at the first of `entries`. */
  constructor(entries, first) {
    this.#entries = entries;
    this.#view = prune(first);
  }

  /** The views after the entry at `index` and before it. */
  to(index) {
    while (this.#index < index) this.#view = prune(apply(this.#view, this.#entries[++this.#index].forwards));
    while (this.#index > index) this.#view = prune(apply(this.#view, this.#entries[this.#index--].backwards));
    return { after: this.#view, before: prune(apply(this.#view, this.#entries[index].backwards)) };
  }
}
