// What groups and instances may be called.
import { complain } from "./showing.js";

export const NAME_HINT = "small letters, digits and -, like renewal-reminders";

/** The name in `control`; `undefined` where it can be none, or is `taken`: then that is said beside it. */
export function nameIn(control, taken = []) {
  const name = control.value.trim();
  const isName = /^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$/.test(name);
  const isTaken = taken.includes(name);
  complain(control, isTaken ? "There is one of that name already: expected another." : isName ? "" : "Expected 1 to 40 small letters, digits and -, a letter first.");
  if (isName && !isTaken) return name;
  control.focus();
  return undefined;
}
