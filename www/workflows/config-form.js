// A form of what a group declares of its configuration.
import { button, element } from "../shared/dom.js";
import { memberOf, textOf, valueOf } from "./config-values.js";
import { choice, complain, field } from "./showing.js";

const INPUTS = { email: "email", phone: "tel", url: "url" };
const HINTS = {
  phone: "like +15555550123",
  url: "like https://example.com/path",
  cron: "minute, hour, day, month and weekday, like 0 8 * * MON-FRI",
  time_zone: "like America/New_York",
  secret: "the name of a secret in EDGE_SECRETS, never its value",
  json: "as JSON",
  html: "markup",
};

export class ConfigForm {
  /** Where the fields are. */
  node;
  #declared;
  #controls;
  #problems = element("div", { class: "problems", role: "alert" });

  /** `declared` is the group's `config`, `values` what is configured; `prefix` begins the ids of the fields. */
  constructor(declared, values, prefix) {
    this.#declared = declared;
    this.#controls = new Map(Object.entries(declared).map(([name, each]) => [name, controlOf(`${prefix}-${name}`, each, values[name] ?? each.default)]));
    const fields = [...this.#controls].map(([name, control]) => {
      const each = declared[name];
      return field(control, { label: `${each.title ?? name}${each.required || each.default !== undefined ? "" : " (optional)"}`, hint: hintOf(each) });
    });
    this.node = element("div", { class: "config" }, ...fields, fields.length === 0 && element("p", {}, "There is nothing to configure."), this.#problems);
  }

  /** The configuration, or `undefined` where a field has to be put right first. */
  read() {
    this.#clear();
    const wrong = [];
    const members = [...this.#controls].flatMap(([name, control]) => {
      try {
        const value = valueOf(this.#declared[name], control.value);
        return value === undefined ? [] : [[name, value]];
      } catch (error) {
        wrong.push({ pointer: `/config/${name}`, detail: error.message });
        return [];
      }
    });
    if (wrong.length === 0) return Object.fromEntries(members);
    this.complain(wrong);
    return undefined;
  }

  /** Says each problem at its field, and all of them below; what is of no field is said there alone. */
  complain(errors) {
    this.#clear();
    const items = errors.map(({ pointer, detail }) => {
      const control = this.#controls.get(memberOf(pointer));
      if (!control) return element("li", {}, `${pointer} ${detail}`.trim());
      complain(control, detail);
      return element("li", {}, button(this.#declared[memberOf(pointer)].title ?? memberOf(pointer), () => control.focus(), { class: "link" }), `: ${detail}`);
    });
    this.#problems.replaceChildren(element("p", {}, "This has to be put right:"), element("ul", {}, ...items));
    this.node.querySelector("[aria-invalid]")?.focus();
  }

  /** Whether the edge takes what `send` sends; where it says what is wrong, that is said at the fields. */
  async takes(send) {
    try {
      await send();
      return true;
    } catch (error) {
      if (!error.errors?.length) throw error;
      this.complain(error.errors);
      return false;
    }
  }

  #clear() {
    for (const control of this.#controls.values()) complain(control, "");
    this.#problems.replaceChildren();
  }
}

/** Whether the group itself says already what is to be known of the type. */
function isSaid(type, description = "") {
  return (type === "secret" && description.includes("EDGE_SECRETS")) || (type === "cron" && /minute/i.test(description));
}

function hintOf({ type, description, list, minimum, maximum }) {
  const bounds = type === "integer" && [minimum !== undefined && `from ${minimum}`, maximum !== undefined && `to ${maximum}`].filter(Boolean).join(" ");
  return [description, isSaid(type, description) ? undefined : HINTS[type], list && type !== "json" && "one on each line", bounds].filter(Boolean).join("; ");
}

function controlOf(id, declared, value) {
  const { type, list, values = [], maximum } = declared;
  const text = textOf(declared, value);
  const given = { id, autocomplete: "off", spellcheck: type === "text" ? undefined : "false", required: declared.required };
  // What has a default always has a value.
  const none = declared.default === undefined ? [["", declared.required ? "choose one" : "not said"]] : [];
  if (!list && type === "boolean") return choice(id, [...none, ["true", "yes"], ["false", "no"]], text);
  if (!list && type === "enum") return choice(id, [...none, ...values.map((each) => [each, each])], text);
  const isLong = type === "json" || type === "html";
  if (isLong || list || (type === "text" && maximum > 200)) return withValue(element("textarea", { ...given, rows: isLong ? 5 : 3 }), text);
  const offered = { inputmode: type === "integer" && "numeric", list: type === "time_zone" && "zones" };
  return withValue(element("input", { ...given, type: INPUTS[type] ?? "text", ...offered }), text);
}

function withValue(control, text) {
  control.value = text;
  return control;
}

/** The zones that this browser knows, for fields of a time zone to offer. */
export const zoneList = () => element("datalist", { id: "zones" }, ...Intl.supportedValuesOf("timeZone").map((value) => element("option", { value })));
