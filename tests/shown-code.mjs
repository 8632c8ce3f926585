// What a page of the documents shows to be copied.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

/** The one block of `docs/<page>` in this language, which has at most `most` lines that are not empty. */
export function shownCode(page, language, most = 15) {
  const text = readFileSync(new URL(`../docs/${page}`, import.meta.url), "utf8");
  const blocks = [...text.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, "gms"))].map(([, code]) => code);
  assert.equal(blocks.length, 1, `${page} in ${language}`);
  const lines = blocks[0].split("\n").filter((line) => line.trim() !== "").length;
  assert.ok(lines <= most, `${lines} lines`);
  return blocks[0];
}
