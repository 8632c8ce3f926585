// What the page's own policies forbid, and what they let through.

/** The last violations of the page's Content-Security-Policy, for the advice to the developer. */
export const violations = [];
const watching = new Set();

// From before the first: whoever waits for what is forbidden need not wait.
globalThis.addEventListener?.("securitypolicyviolation", (event) => {
  if (event.disposition !== "enforce") return;
  violations.push(event);
  if (violations.length > 20) violations.shift();
  for (const tell of watching) tell(event);
});

/** Calls `tell` at each violation from here on. Gives a function that ends it. */
export function watchPolicy(tell) {
  watching.add(tell);
  return () => watching.delete(tell);
}

/** Whether two addresses are of one site, as those of Canopy's scripts and frames are. */
export function isSameSite(one, other) {
  const site = (url) => {
    const { hostname, host } = new URL(url);
    return /[a-z]$/.test(hostname) ? hostname.split(".").slice(-2).join(".") : host;
  };
  try {
    return site(one) === site(other);
  } catch {
    // What was blocked may have no address.
    return false;
  }
}

let trust;

/** What a page that requires Trusted Types takes for `createScriptURL` and `createHTML`: both stand where they can do no harm. */
export function trusted(how, text) {
  const types = globalThis.trustedTypes;
  if (!types) return text;
  const same = (value) => value;
  trust ??= types.createPolicy("canopy-connect", { createScriptURL: same, createHTML: same });
  return trust[how](text);
}
