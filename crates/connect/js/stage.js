// What an element shows: one view at a time. Another screen is drawn anew; other words are put where the old ones stand.
import { h, reword } from "./dom.js";
import { part } from "./part.js";
import { explain } from "./platform.js";
import { CSS, dress } from "./style.js";
import { consent, failed, hosted, start } from "./views.js";

const FIRST = { start, hosted, consent, failed };

const camel = (name) => name.replace(/-(\w)/g, (_, letter) => letter.toUpperCase());

/** Whether a screen is there at once; the others are loaded. */
export const isFirst = (name) => Object.hasOwn(FIRST, name);

/** The later screens. */
export const loadScreens = part(() => import("./screens.js"));

export class Stage {
  #root;
  #frame = h("div");
  #live = h("p", { className: "hidden", role: "status" });
  #note = h("p", { className: "muted note", role: "status" });
  #view;
  #key;
  /** The newest screen: while its view is being loaded it may go on. */
  #screen;

  constructor(root) {
    this.#root = root;
    dress(root, CSS);
    root.append(this.#frame, this.#note, this.#live);
  }

  /** The name of what is shown. */
  get name() {
    return this.#screen?.name;
  }

  set note(text) {
    this.#note.textContent = text;
  }

  announce(text) {
    if (this.#live.textContent !== text) this.#live.textContent = text;
  }

  /**
   * Shows `screen`; one with the same `key` goes on in its view. `ui` makes what a view may use, `isEngaged` says whether the keyboard
   * goes along. Gives `false` when the view could not be loaded.
   */
  async draw(key, screen, ui, isEngaged) {
    this.#screen = screen;
    if (key === this.#key) return this.update(screen);
    this.#key = key;
    // What the view before would make of it is of no interest any more.
    const before = this.#view;
    this.#view = before && { node: before.node, leave: before.leave };
    const views = isFirst(screen.name) ? FIRST : await loadScreens().catch((error) => explain("PART_FAILED", "", error.message));
    if (key !== this.#key) return;
    if (!views) return false;
    if (views.CSS) dress(this.#root, views.CSS);
    this.#view?.leave?.();
    const isFirstView = !this.#view;
    this.#view = views[camel(screen.name)](ui(), this.#screen);
    this.#frame.replaceChildren(this.#view.node);
    this.update(this.#screen);
    if (isFirstView) return;
    const title = this.#view.node.querySelector("h2");
    if (title) this.announce(title.textContent);
    if (isEngaged()) (this.#view.focus ?? title)?.focus();
  }

  /** Tells the view of another state of its screen. */
  update(screen) {
    this.#view?.update?.(screen);
  }

  /** Says the same in the words that there are now. */
  reword() {
    this.update(this.#screen);
    reword(this.#frame);
  }

  clear() {
    this.#view?.leave?.();
    this.#view = this.#key = this.#screen = undefined;
    this.#frame.replaceChildren();
  }
}
