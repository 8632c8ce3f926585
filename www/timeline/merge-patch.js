// Views and the merge patches between them (RFC 7396).

export const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
export const isContainer = (value) => typeof value === "object" && value !== null;

/** `target` after `patch`. Neither is altered. */
export function apply(target, patch) {
  if (!isObject(patch)) return patch;
  // A map, since a consumer's data may have a member `__proto__`.
  const members = new Map(isObject(target) ? Object.entries(target) : []);
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) members.delete(name);
    else members.set(name, apply(members.get(name), value));
  }
  return Object.fromEntries(members);
}

/** Without members that are `null`, of which a patch cannot speak. */
export function prune(value) {
  if (Array.isArray(value)) return value.map(prune);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).flatMap(([name, each]) => (each === null ? [] : [[name, prune(each)]])));
}

/** The names of the members of either, in the order of the second; of a list, the indices. */
export function namesOf(before, after) {
  const keys = (value) => (isContainer(value) ? Object.keys(value) : []);
  return [...new Set([...keys(after), ...keys(before)])];
}

export const memberOf = (value, name) => (isContainer(value) && Object.hasOwn(value, name) ? value[name] : undefined);

/**
 * What differs, down to the single member.
 * @returns {{ path: (string | number)[], before: any, after: any }[]} `undefined` on the side that has none
 */
export function changesBetween(before, after, path = []) {
  const isAlike = isContainer(before) && isContainer(after) && Array.isArray(before) === Array.isArray(after);
  if (!isAlike) return before === after ? [] : [{ path, before, after }];
  const named = (name) => (Array.isArray(after) ? Number(name) : name);
  return namesOf(before, after).flatMap((name) => changesBetween(memberOf(before, name), memberOf(after, name), [...path, named(name)]));
}

/** What became of a member. */
export function fateOf(before, after) {
  if (before === undefined) return "added";
  if (after === undefined) return "removed";
  return changesBetween(before, after).length > 0 ? "changed" : "kept";
}
