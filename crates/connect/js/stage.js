// What an element shows: one view at a time. Another screen is drawn anew; other words are put where the old ones stand.
import { h, readable, reword, segments } from "./dom.js";
import { part } from "./part.js";
import { explain } from "./platform.js";
import { CSS, dress } from "./style.js";
import { TEXTS } from "./texts.js";
import { alertBox, button, card, consent, failed, heading, hosted, start, state } from "./views.js";

const FIRST = { start, hosted, consent, failed };
const PARTS = { alertBox, button, card, h, heading, readable, reword, segments, state };

const ONLINE_FOR_MS = 5_000;

const camel = (name) => name.replace(/-(\w)/g, (_, letter) => letter.toUpperCase());

/** Whether a screen is there at once; the others are loaded. */
export const isFirst = (name) => Object.hasOwn(FIRST, name);

const screens = part(() => import("./screens.js"));
/** What only few come to, in parts of its own. */
const RARE = { __proto__: null, upload: part(() => import("./upload-view.js")) };

/** Gives a part what it has of the first screens, and takes its texts. */
function join(module) {
  module.take?.(PARTS);
  Object.assign(TEXTS, module.TEXTS);
  return module;
}

/** The later screens. */
export const loadScreens = () => screens().then(join);

/** The parts that a screen needs by name, its view in the last one. */
const partsFor = (name) => ["first", !isFirst(name) && "screens", RARE[name] && name].filter(Boolean);
const load = (part) => (part === "first" ? FIRST : part === "screens" ? loadScreens() : RARE[part]().then(join));

export class Stage {
  #root;
  /** The first screen as the page had it, until it is drawn. */
  given;
  #frame = h("div");
  #live = h("p", { className: "hidden", role: "status" });
  #note = h("p", { className: "muted note", role: "status" });
  #body = h("div", { className: "root" }, this.#frame, this.#note);
  /** Given a part of the screens, a promise of its words; `undefined` where they are there. */
  words = () => undefined;
  #isCut = false;
  #again;
  #view;
  #key;
  /** The newest screen: while its view is being loaded it may go on. */
  #screen;

  constructor(root) {
    this.#root = root;
    this.given = root.firstElementChild;
    dress(root, CSS);
    root.append(this.#body, this.#live);
  }

  /** The name of what is shown. */
  get name() {
    return this.#screen?.name;
  }

  /** Says that the line is cut, and for a while that it is back. */
  setLine(isCut, text) {
    if (isCut === this.#isCut) return;
    this.#isCut = isCut;
    clearTimeout(this.#again);
    this.#note.textContent = text(isCut ? "offline" : "online");
    if (!isCut) this.#again = setTimeout(() => (this.#note.textContent = ""), ONLINE_FOR_MS);
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
    const names = partsFor(screen.name);
    const words = names.map(this.words).filter(Boolean);
    let parts = [FIRST];
    if (names.length > 1) parts = await Promise.all(names.map(load)).catch((error) => explain("PART_FAILED", "", error.message));
    if (words.length > 0) await Promise.all(words);
    if (key !== this.#key) return;
    if (!parts) return false;
    for (const { CSS, keepTyping } of parts) {
      if (CSS) dress(this.#root, CSS);
      keepTyping?.(this.#root);
    }
    this.#view?.leave?.();
    const isFirstView = !this.#view;
    this.#view = parts.at(-1)[camel(screen.name)](ui(), this.#screen, PARTS);
    this.#frame.replaceChildren(this.#view.node);
    this.update(this.#screen);
    if (isFirstView) return this.#goOn();
    const title = this.#view.node.querySelector("h2");
    if (title) this.announce(title.textContent);
    if (!isEngaged()) return;
    (this.#view.focus ?? title)?.focus({ preventScroll: true });
    this.comeIntoView();
  }

  /** In the place of what the page had, with what was done there, if it says the same. */
  #goOn() {
    const given = this.given;
    if (!given) return;
    this.given = undefined;
    const { node } = this.#view;
    const pressed = given.querySelector("[popover]");
    const isPressed = pressed?.popover && pressed.matches(":popover-open");
    const { activeElement: active } = this.#root;
    const terms = given.querySelector("[open]");
    // Who touched a button has not focused it everywhere.
    const place = isPressed ? "button" : given.contains(active) && active.localName;
    given.remove();
    const isSame = given.querySelector(".card")?.textContent === node.textContent;
    if (place) node.querySelector(isSame ? place : "h2, button").focus({ preventScroll: true });
    if (!isSame) return;
    if (terms) node.querySelector("details").open = true;
    if (isPressed) node.querySelector("button").click();
  }

  /** What is new begins at its top; it stays where it is where one sees all of it. */
  comeIntoView() {
    const { top, bottom } = this.#body.getBoundingClientRect();
    if (top >= 0 && bottom <= innerHeight) return;
    this.#body.scrollIntoView({ block: "start", behavior: "instant" });
  }

  /** Draws the same screen once more, as what stood in it is gone. */
  redraw() {
    this.#key = undefined;
  }

  /** Tells the view of another state of its screen. */
  update(screen) {
    this.#view?.update?.(screen);
  }

  /** Says the same in the words that there are now; those that are not are learnt, and said then. */
  reword() {
    if (this.#screen) partsFor(this.#screen.name).forEach(this.words);
    this.update(this.#screen);
    reword(this.#frame);
  }

  /** The visitor has answered before anybody can hear it. */
  wait() {
    this.#screen = { ...this.#screen, busy: true };
    this.update(this.#screen);
  }

  clear() {
    this.#view?.leave?.();
    this.#view = this.#key = this.#screen = undefined;
    this.#isCut = false;
    clearTimeout(this.#again);
    this.#note.textContent = "";
    this.#frame.replaceChildren();
  }
}
