// Where a Worker's JavaScript and WebAssembly spend their time: samples by workerd's inspector, as a table.
// Arguments: the inspector's port, seconds.
const [port, seconds] = process.argv.slice(2).map(Number);
const SHOWN = 24;

const [target] = await (await fetch(`http://127.0.0.1:${port}/json`)).json();
const socket = new WebSocket(target.webSocketDebuggerUrl);
await new Promise((resolve, reject) => ((socket.onopen = resolve), (socket.onerror = reject)));
let last = 0;
const waiting = new Map();
socket.onmessage = ({ data }) => {
  const { id, result } = JSON.parse(data);
  waiting.get(id)?.(result);
};
const ask = (method, params = {}) => new Promise((resolve) => (waiting.set(++last, resolve), socket.send(JSON.stringify({ id: last, method, params }))));

await ask("Profiler.enable");
await ask("Profiler.setSamplingInterval", { interval: 200 });
await ask("Profiler.start");
await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
const { profile } = await ask("Profiler.stop");
socket.close();

const nameOf = ({ functionName, url, lineNumber }) =>
  url.startsWith("wasm:") || /^wasm-/.test(functionName) ? "(all WebAssembly functions)" : functionName || `(anonymous) ${url.split("/").at(-1)}:${lineNumber + 1}`;
const names = new Map(profile.nodes.map((node) => [node.id, nameOf(node.callFrame)]));
const self = new Map();
let busy = 0;
for (const sample of profile.samples) {
  const name = names.get(sample);
  if (name === "(idle)" || name === "(program)") continue;
  busy += 1;
  self.set(name, (self.get(name) ?? 0) + 1);
}
const outside = profile.samples.filter((sample) => names.get(sample) === "(program)").length;
console.log(`${profile.samples.length} samples, of which ${busy} in functions and ${outside} in workerd itself. Of those in functions:`);
for (const [name, count] of [...self].sort((a, b) => b[1] - a[1]).slice(0, SHOWN)) console.log(`${((100 * count) / busy).toFixed(1).padStart(6)} %  ${name}`);
