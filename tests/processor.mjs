// What a Worker's process takes of the processor.
import { readFileSync } from "node:fs";

/** Processor time of the workerd that the process `pid` runs, in milliseconds; NaN where the system does not say so as Linux does. */
export function processorTimeOf(pid) {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ");
    const stat = (child) => readFileSync(`/proc/${child}/stat`, "latin1");
    const workerd = children.map(stat).find((text) => text.includes("(workerd)"));
    const fields = workerd.slice(workerd.lastIndexOf(")") + 2).split(" ");
    return (Number(fields[11]) + Number(fields[12])) * 10;
  } catch {
    return NaN;
  }
}
