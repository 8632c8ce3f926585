// A field for a pull, which offers the newest ones.
import { element } from "../shared/dom.js";
import { exactTime } from "../shared/words.js";
import { complain, field } from "./showing.js";

const LIST = "newest-pulls";

/** The newest pulls for the fields of a view to offer. A list that cannot be read is no reason to offer no field. */
export async function pullList(edge) {
  const pulls = await edge.pulls().catch(() => []);
  const options = pulls.map(({ pull_id, status, created_at }) => element("option", { value: pull_id }, `${status}, ${exactTime(created_at)}`));
  return element("datalist", { id: LIST }, ...options);
}

/** `input`, and the field around it. */
export function pullField(id, { label = "Pull", value, hint } = {}) {
  const input = element("input", { id, list: LIST, autocomplete: "off", spellcheck: "false", value });
  return { input, node: field(input, { label, hint }) };
}

/** The pull that was named; where none was, that is said beside the field. */
export function pullIn(input) {
  const pull_id = input.value.trim();
  complain(input, pull_id ? "" : "Expected the pull_id of a pull that is here.");
  if (!pull_id) input.focus();
  return pull_id || undefined;
}
