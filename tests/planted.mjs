// Looks for planted values in everything below a directory, in each form in which a store may have them.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";

/** A planted value is long enough that no chance brings it about: its base64 without the ends still has to be. */
const SHORTEST = 12;

/** The forms of a text: what each is called, and its bytes. */
export function formsOf(text) {
  const bytes = Buffer.from(text);
  assert.ok(bytes.length >= SHORTEST, `expected a planted value of ${SHORTEST} bytes or more, found ${text}`);
  const escaped = JSON.stringify(text).slice(1, -1);
  const ascii = escaped.replace(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
  const wide = Buffer.from(text, "utf16le");
  const forms = {
    plain: bytes,
    json: Buffer.from(escaped),
    "json in a string": Buffer.from(JSON.stringify(escaped).slice(1, -1)),
    "json, ASCII": Buffer.from(ascii),
    "json, slashes escaped": Buffer.from(escaped.replaceAll("/", "\\/")),
    "percent-encoded": Buffer.from(encodeURIComponent(text)),
    hex: Buffer.from(bytes.toString("hex")),
    "hex, upper case": Buffer.from(bytes.toString("hex").toUpperCase()),
    "UTF-16LE": wide,
    "UTF-16BE": Buffer.from(wide).swap16(),
  };
  for (const alphabet of ["base64", "base64url"]) {
    for (const before of [0, 1, 2]) forms[`${alphabet}, ${before} before`] = base64Within(bytes, before, alphabet);
  }
  return Object.entries(forms);
}

/** The characters of base64 that say nothing but `bytes`, where so many bytes (modulo three) stand before them. */
function base64Within(bytes, before, alphabet) {
  const text = Buffer.concat([Buffer.alloc(before), bytes]).toString(alphabet).replaceAll("=", "");
  const mixed = (before + bytes.length) % 3 === 0 ? 0 : 1;
  return Buffer.from(text.slice(Math.ceil((before * 8) / 6), text.length - mixed));
}

/** Every file below `directory`: its name there, and its bytes. */
function filesBelow(directory) {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const files = entries.map((entry) => path.join(entry.parentPath, entry.name));
  assert.ok(files.length > 0, `expected files below ${directory}`);
  return files.map((file) => [path.relative(directory, file), readFileSync(file)]);
}

/** Every value in every row of every SQLite database below `directory`: where it stands, and its bytes. */
function rowsBelow(directory) {
  const files = readdirSync(directory, { recursive: true }).map(String).filter((file) => file.endsWith(".sqlite"));
  return files.flatMap((file) => {
    const database = new DatabaseSync(path.join(directory, file), { readOnly: true });
    try {
      const tables = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all().map(({ name }) => name);
      return tables.flatMap((table) => {
        const all = database.prepare(`SELECT * FROM "${table}"`);
        all.setReadBigInts(true);
        return all.all().flatMap((row) => Object.entries(row).map(([column, value]) => [`${file} ${table}.${column}`, bytesOf(value)]));
      });
    } finally {
      database.close();
    }
  });
}

function bytesOf(value) {
  return value instanceof Uint8Array ? Buffer.from(value) : Buffer.from(String(value));
}

/**
 * Where planted values stand: `{ name, form, where }` each. `planted` is name to value. Of the places, `rows` are live rows alone,
 * and R2's and KV's files that one of them names: what a kill broke off before its row was written is nobody's to read or delete. Without it every byte of every file is looked at, what was deleted among them.
 */
export function foundBelow(directory, planted, { rows = false } = {}) {
  const isDatabase = (name) => /\.sqlite(-wal|-shm)?$/.test(name);
  const live = rows ? rowsBelow(directory) : [];
  const isNamed = (name) => !name.includes("/blobs/") || live.some(([, content]) => content.includes(path.basename(name)));
  const places = rows ? [...filesBelow(directory).filter(([name]) => !isDatabase(name) && isNamed(name)), ...live] : filesBelow(directory);
  const forms = Object.entries(planted).flatMap(([name, value]) => formsOf(value).map(([form, bytes]) => ({ name, form, bytes })));
  return places.flatMap(([where, content]) => forms.filter(({ bytes }) => content.includes(bytes)).map(({ name, form }) => ({ name, form, where })));
}

/** The names of those that were found, each once. */
export const namesOf = (found) => [...new Set(found.map(({ name }) => name))].toSorted();
