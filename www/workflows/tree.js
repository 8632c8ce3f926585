// A flow's steps as its definition nests them, each with what the journal of a run says of it.

/**
 * @typedef {object} Node
 * @property {string} path the step's id behind those around it, as the journal has it: `all[3].note`
 * @property {string} title
 * @property {string} use
 * @property {"done" | "open" | "waiting" | "skipped" | "failed" | "coming" | "unreached"} state
 * @property {object} step as it is defined
 * @property {object} [record] as the journal has it, once it was begun
 * @property {{ name: string, key: string, isTaken: boolean | undefined, nodes: Node[] }[]} branches the steps inside
 */

/** What a record alone does not say: these wait for something, whatever their time. */
const WAITING = ["wait", "sleep", "approve"];

/**
 * The nodes of `steps`. Of a run that is over, nothing more is to come.
 * @returns {Node[]}
 */
export function treeOf(steps, records, isOver) {
  const known = new Map(records.map((record) => [record.path, record]));
  return nodesOf(steps, "", known, isOver);
}

/** The same where the definition cannot be read: one step below the other. */
export function flatTreeOf(records) {
  return records.map((record) => ({ path: record.path, title: record.path, use: record.use, state: stateOf(record, true), step: {}, record, branches: [] }));
}

function nodesOf(steps, prefix, known, isOver) {
  return (steps ?? []).map((step) => {
    const path = prefix + step.id;
    const record = known.get(path);
    // Behind the end of a step nothing more of what is in it is begun.
    const isBehind = isOver || (record !== undefined && record.state !== "open");
    return { path, title: step.title ?? step.id, use: step.use, state: stateOf(record, isOver), step, record, branches: branchesOf(step, path, record, known, isBehind) };
  });
}

function stateOf(record, isOver) {
  if (!record) return isOver ? "unreached" : "coming";
  if (record.state !== "open") return record.state;
  return record.due || WAITING.includes(record.use) ? "waiting" : "open";
}

function branchesOf({ use, with: given = {} }, path, record, known, isOver) {
  const branch = (name, steps, isTaken) => ({ name, key: `${path} ${name}`, isTaken, nodes: nodesOf(steps, `${path}.`, known, isOver || isTaken === false) });
  if (use === "if") {
    const isSo = record?.input?.condition;
    const ways = [branch("Then", given.then, isSo), branch("Otherwise", given.else, isSo === undefined ? undefined : !isSo)];
    return ways.filter(({ nodes }) => nodes.length > 0);
  }
  if (use === "approve") return given.notify?.length ? [branch("Tells of it", given.notify)] : [];
  if (use === "each") return roundsOf(given, path, record, known, isOver);
  return [];
}

function roundsOf({ as, steps }, path, record, known, isOver) {
  const items = record?.input?.items;
  if (!Array.isArray(items)) return [{ name: `For each ${as}`, key: `${path}[]`, isTaken: undefined, nodes: nodesOf(steps, `${path}[].`, known, isOver) }];
  return items.map((_, at) => ({ name: `Round ${at + 1} of ${items.length}`, key: `${path}[${at}]`, isTaken: undefined, nodes: nodesOf(steps, `${path}[${at}].`, known, isOver) }));
}

/** Every node, those inside others behind them. */
export const allOf = (nodes) => nodes.flatMap((node) => [node, ...node.branches.flatMap((branch) => allOf(branch.nodes))]);
