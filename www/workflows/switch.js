// The switch of an instance: whether it starts runs.
import { element } from "../shared/dom.js";
import { pressed } from "../shared/pressed.js";

/** `onChange(instance)` hears how it is then. */
export function switchOf(instance, { edge, problem, onChange = () => {} }) {
  let isOn = instance.enabled;
  const word = element("span", { "aria-hidden": "true" });
  const about = { role: "switch", "aria-label": `${instance.instance_id} starts runs` };
  const made = element("button", { type: "button", class: "switch", ...about }, element("span", { class: "knob", "aria-hidden": "true" }), word);
  const show = () => {
    made.setAttribute("aria-checked", isOn);
    word.textContent = isOn ? "on" : "off";
  };
  made.addEventListener("click", async () => {
    await pressed(made, problem, edge, async () => {
      const next = await edge.changeInstance(instance.instance_id, { enabled: !isOn });
      isOn = next.enabled;
      show();
      onChange(next);
    });
    made.focus();
  });
  show();
  return made;
}
