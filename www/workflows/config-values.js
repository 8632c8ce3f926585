// What a group declares of its configuration, between a value and the text of a form's field.

/** Whether the value is written as JSON: what no text says. */
const isJson = ({ type }) => type === "json";

/** The text that shows `value` in a field; of a list, a line for each. */
export function textOf(declared, value) {
  if (value === undefined || value === null) return "";
  if (isJson(declared)) return JSON.stringify(value, null, 2);
  if (declared.list) return (Array.isArray(value) ? value : [value]).join("\n");
  return String(value);
}

/**
 * The value that a field's text is, or `undefined` where nothing is said. What is no number stays text: the edge says what it expects.
 * @throws {Error} where it should be JSON and is not
 */
export function valueOf(declared, text) {
  if (text.trim() === "") return undefined;
  if (isJson(declared)) return jsonOf(text);
  if (declared.list) return text.split("\n").map((line) => line.trim()).filter(Boolean).map((line) => oneOf(declared, line));
  return oneOf(declared, declared.type === "text" || declared.type === "html" ? text : text.trim());
}

function oneOf({ type }, text) {
  if (type === "boolean" && (text === "true" || text === "false")) return text === "true";
  if (type === "integer" && /^-?\d{1,15}$/.test(text)) return Number(text);
  return text;
}

function jsonOf(text) {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error('Expected JSON, like {"name": "value"}, [1, 2] or "text".');
  }
}

/** The member of the configuration of which a problem speaks: `/config/name/0` is of `name`. */
export const memberOf = (pointer) => (pointer.startsWith("/config/") ? pointer.split("/")[2].replaceAll("~1", "/").replaceAll("~0", "~") : undefined);
