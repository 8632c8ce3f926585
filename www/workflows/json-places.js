// Where in a JSON text each of its values stands, by JSON pointer (RFC 6901), or where it is no JSON.

const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const SCALAR = /(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)/y;
const SPACE = /[ \t\n\r]*/y;
/** Deeper is no workflow; a stack has an end. */
const MAX_DEPTH = 100;

class Wrong extends Error {
  constructor(at, expected) {
    super(`Expected ${expected}.`);
    this.at = at;
  }
}

/**
 * @returns {{ places: Map<string, { from: number, to: number }>, wrong?: { at: number, detail: string } }} places of values by their
 *   pointers, offsets into `text`; where it is no JSON, those that were read up to there
 */
export function placesOf(text) {
  const reader = new Reader(text);
  try {
    reader.value("", 0);
    reader.end();
    return { places: reader.places };
  } catch (error) {
    if (!(error instanceof Wrong)) throw error;
    return { places: reader.places, wrong: { at: error.at, detail: error.message } };
  }
}

/** The place of `pointer`, or where there is nothing, the next one around it. */
export function placeIn(places, pointer) {
  for (let each = pointer; ; each = each.slice(0, each.lastIndexOf("/"))) {
    const place = places.get(each);
    if (place || !each.includes("/")) return place;
  }
}

/** The line of an offset, counted from 1. */
export const lineOf = (text, at) => text.slice(0, at).split("\n").length;

class Reader {
  places = new Map();
  #text;
  #at = 0;

  constructor(text) {
    this.#text = text;
  }

  value(pointer, depth) {
    if (depth > MAX_DEPTH) throw new Wrong(this.#at, "less depth");
    this.#token(SPACE);
    const from = this.#at;
    if (this.#takes("{")) this.#members(pointer, depth);
    else if (this.#takes("[")) this.#items(pointer, depth);
    else if (this.#token(STRING) === undefined && this.#token(SCALAR) === undefined) throw new Wrong(from, "a value");
    this.places.set(pointer, { from, to: this.#at });
    this.#token(SPACE);
  }

  end() {
    if (this.#at < this.#text.length) throw new Wrong(this.#at, "nothing more");
  }

  #members(pointer, depth) {
    this.#token(SPACE);
    if (this.#takes("}")) return;
    do {
      this.#token(SPACE);
      const name = this.#token(STRING);
      if (name === undefined) throw new Wrong(this.#at, "the name of a member in quotes");
      this.#token(SPACE);
      if (!this.#takes(":")) throw new Wrong(this.#at, "a colon");
      this.value(`${pointer}/${JSON.parse(name).replaceAll("~", "~0").replaceAll("/", "~1")}`, depth + 1);
    } while (this.#takes(","));
    if (!this.#takes("}")) throw new Wrong(this.#at, "a comma or }");
  }

  #items(pointer, depth) {
    this.#token(SPACE);
    if (this.#takes("]")) return;
    let index = 0;
    do this.value(`${pointer}/${index++}`, depth + 1);
    while (this.#takes(","));
    if (!this.#takes("]")) throw new Wrong(this.#at, "a comma or ]");
  }

  #takes(sign) {
    const isThere = this.#text[this.#at] === sign;
    if (isThere) this.#at += 1;
    return isThere;
  }

  #token(pattern) {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    this.#at += found?.length ?? 0;
    return found;
  }
}
