// How much memory a Worker's isolate has, by workerd's inspector, and how much the whole runtime.
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";

const MIB = 1024 * 1024;
const EVERY_MS = 20;

/** For `startEdge`: the edge tells how large its WebAssembly memory is, which the inspector does not count. It never shrinks. */
export const countsWasm = (text) =>
  text.replace(/async fetch\((\w+), \w+, \w+\) \{/, (begun, request) => `${begun} if (${request}.url.endsWith("/wasm-bytes")) return new Response(wasm.memory.buffer.byteLength);`);

/**
 * Watches an edge with an inspector and [`countsWasm`] from here on.
 * @returns {Promise<{ stop: () => Promise<{ isolate: number, wasm: number, grown: number }> }>} peaks in MiB: of the isolate as its limit counts it,
 *   heap, array buffers and WebAssembly's memory; of the last alone; and by how much the runtime's processes grew, R2's stand-in among them
 */
export async function watchMemory({ url, pid }, inspectorPort) {
  const targets = await (await fetch(`http://127.0.0.1:${inspectorPort}/json`)).json();
  const socket = new WebSocket(targets[0].webSocketDebuggerUrl);
  await new Promise((resolve, reject) => ((socket.onopen = resolve), (socket.onerror = reject)));
  const waiting = new Map();
  socket.onmessage = ({ data }) => {
    const { id, result } = JSON.parse(data);
    waiting.get(id)?.(result);
  };
  let last = 0;
  const ask = (method) => new Promise((resolve) => (waiting.set(++last, resolve), socket.send(JSON.stringify({ id: last, method }))));
  const before = resident(pid);
  let [outside, most, isOver] = [0, before, false];
  const watching = (async () => {
    while (!isOver) {
      const { totalSize, embedderHeapUsedSize = 0, backingStorageSize = 0 } = await ask("Runtime.getHeapUsage");
      outside = Math.max(outside, totalSize + embedderHeapUsedSize + backingStorageSize);
      most = Math.max(most, resident(pid));
      await pause(EVERY_MS);
    }
  })();
  return {
    stop: async () => {
      isOver = true;
      await watching;
      socket.close();
      const wasm = Number(await (await fetch(`${url}/wasm-bytes`)).text());
      return { isolate: Math.round((outside + wasm) / MIB), wasm: Math.round(wasm / MIB), grown: Math.round((most - before) / MIB) };
    },
  };
}

/** Bytes that the processes of a group have in memory. */
function resident(group) {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return pids.map((pid) => residentOf(pid, group)).reduce((sum, bytes) => sum + bytes, 0);
}

function residentOf(pid, group) {
  try {
    // The name may have spaces; the third field behind it is the group. Source: proc_pid_stat(5).
    const inGroup = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1).split(" ")[2];
    const kib = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0;
    return Number(inGroup) === group ? Number(kib) * 1024 : 0;
  } catch {
    // It has just ended.
    return 0;
  }
}
