// The form of what else might have been: reads it into a request, and says what is wrong with a field beside it.

export class Wish {
  #form;

  constructor(form) {
    this.#form = form;
  }

  /** The request, or `undefined` where a field has to be put right first. */
  read(leftOut) {
    const fields = this.#form.elements;
    const [type, at, data, until] = ["event_type", "effective_at", "data", "until"].map((name) => fields.namedItem(name));
    for (const field of [type, at, data, until]) complain(field, "");
    const name = type.value.trim();
    const told = name || at.value || data.value.trim();
    if (told && !/^[A-Z][A-Z0-9_]{0,63}$/.test(name)) return complain(type, "Expected 1 to 64 capital letters, digits and _, the first a letter, like QUOTE_SENT.");
    if (told && !at.value) return complain(at, "Expected the day and the time of the event.");
    const members = told ? readObject(data.value) : {};
    if (!members) return complain(data, 'Expected a JSON object, like {"carrier": "acme"}.');
    if (!told && leftOut.length === 0) return complain(type, "Tick an entry to leave out in the list above, or name an event to add.");
    return {
      ...(until.value && { until: new Date(until.value).toISOString() }),
      ...(leftOut.length > 0 && { without: leftOut }),
      ...(told && { with: [{ event_type: name, data: members, effective_at: new Date(at.value).toISOString() }] }),
    };
  }

  clear() {
    this.#form.reset();
    for (const field of this.#form.querySelectorAll("[aria-invalid]")) complain(field, "");
  }
}

function readObject(text) {
  try {
    const value = JSON.parse(text.trim() || "{}");
    return typeof value === "object" && !Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}

/** Says beside `field` what it should be; nothing takes it back. */
function complain(field, text) {
  document.getElementById(`${field.id}-wrong`).textContent = text;
  if (!text) return void field.removeAttribute("aria-invalid");
  field.setAttribute("aria-invalid", "true");
  field.focus();
}
