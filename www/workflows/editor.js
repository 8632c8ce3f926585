// A group as JSON to edit. As the writer pauses it is looked at, and what is wrong with it is listed, each with its place in the text.
import { button, element } from "../shared/dom.js";
import { counted } from "../shared/words.js";
import { lineOf, placeIn, placesOf } from "./json-places.js";

const PAUSE_MS = 600;

export class Editor {
  /** The text, and below it what is wrong. */
  node;
  #area = element("textarea", { id: "definition", class: "code", rows: 26, wrap: "off", spellcheck: "false", autocomplete: "off", autocapitalize: "off", "aria-describedby": "verdict" });
  #verdict = element("p", { id: "verdict", role: "status" });
  #list = element("ul", { class: "problems", "aria-label": "Problems" });
  #check;
  #signal;
  #timer;
  #asked = 0;

  /**
   * `check(text)` has the edge look at what is JSON: gives its problems, `{ pointer, detail }`; `onInput(text)` hears of what is written.
   * What stands behind a view that was left, `signal`, is not looked at.
   */
  constructor({ check, onInput, signal }) {
    this.#check = check;
    this.#signal = signal;
    this.node = element("div", { class: "editor" }, element("label", { for: "definition" }, "Definition, as JSON"), this.#area, this.#verdict, this.#list);
    this.#area.addEventListener("input", () => {
      onInput(this.#area.value);
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.look(), PAUSE_MS);
    });
    signal.addEventListener("abort", () => clearTimeout(this.#timer), { once: true });
  }

  get text() {
    return this.#area.value;
  }

  set text(text) {
    this.#area.value = text;
    this.look();
  }

  /** The definition as a value, or `undefined` where the text is no JSON. */
  get value() {
    return placesOf(this.text).wrong ? undefined : JSON.parse(this.text);
  }

  /** Has the text looked at. */
  async look() {
    clearTimeout(this.#timer);
    const { text } = this;
    const number = ++this.#asked;
    const { wrong } = placesOf(text);
    if (wrong) return this.#say("It is no JSON yet.", [{ detail: wrong.detail, place: { from: wrong.at, to: wrong.at + 1 } }]);
    this.#verdict.textContent = "It is looked at …";
    try {
      const errors = await this.#check(text);
      if (number === this.#asked && !this.#signal.aborted) this.complain(errors);
    } catch (error) {
      if (number === this.#asked && !this.#signal.aborted) this.#say(error.message, []);
    }
  }

  /** Lists what the edge said is wrong; nothing: it is valid. */
  complain(errors) {
    const { places } = placesOf(this.text);
    const problems = errors.map(({ pointer, detail }) => ({ pointer, detail, place: placeIn(places, pointer) ?? { from: 0, to: 0 } }));
    this.#say(problems.length > 0 ? `${counted(problems.length, "problem")}. Choose one to see its place.` : "It is valid.", problems);
  }

  #say(verdict, problems) {
    this.#verdict.textContent = verdict;
    this.#area.setAttribute("aria-invalid", problems.length > 0);
    const items = problems.map(({ pointer, detail, place }) =>
      element("li", {}, button(`Line ${lineOf(this.text, place.from)}`, () => this.#select(place), { class: "link" }), pointer && element("code", {}, pointer), element("span", {}, detail)),
    );
    this.#list.replaceChildren(...items);
    this.#list.hidden = items.length === 0;
  }

  #select({ from, to }) {
    const area = this.#area;
    area.focus();
    area.setSelectionRange(from, to);
    // A line of text is a line of the field: nothing is wrapped in it.
    const lines = area.value.split("\n").length;
    area.scrollTop = ((lineOf(area.value, from) - 4) / lines) * area.scrollHeight;
    area.scrollLeft = 0;
  }
}
