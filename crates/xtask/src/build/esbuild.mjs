// Bundles the page for esbuild.rs. One JSON argument { entry, alone, modules: [{ glue, crate, class, placeholder, wasm }], outdir, chunks }:
// paths from the root, where it runs, and names. Prints esbuild's metafile.
import { readFile } from "node:fs/promises";
import path from "node:path";
import { build } from "esbuild";

const { entry, alone, modules, outdir, chunks } = JSON.parse(process.argv[2]);

const moduleOf = (file) => modules.find(({ glue }) => path.resolve(glue) === file);

/** wasm-bindgen copies the modules that the crate imports; of a module that scripts import as well there must be one. */
const oneOfEach = {
  name: "one of each module",
  setup({ onResolve }) {
    onResolve({ filter: /^\.\/snippets\// }, (module) => {
      const importer = moduleOf(module.importer);
      if (!importer) return undefined;
      const [, , , ...inCrate] = module.path.split("/");
      return { path: path.resolve(importer.crate, ...inCrate) };
    });
  },
};

/**
 * What is changed in wasm-bindgen's glue, each once. With the hashed name in it, what has the glue in it gets another hash whenever
 * the wasm changes. As a function it makes one instance after the other, none of which knows of the one before; what an instance
 * exports is called through `guarded`.
 */
const changes = ({ placeholder, wasm, class: name }) => [
  [placeholder, wasm],
  [`export class ${name}`, `export default function (guarded = (exports) => exports) {\nclass ${name}`],
  ["wasm = instance.exports;", "wasm = guarded(instance.exports);"],
  [/function initSync\(module\) \{.*?^\}/ms, ""],
  // Words to developers, who are told by `advice.js`; what is called without arguments has none to look at.
  [/console\.warn\("`WebAssembly\.instantiateStreaming`.*$/m, ""],
  [/^    if \(module_or_path !== undefined\) \{\n.*?^    \}\n/ms, ""],
  // Each browser of docs/page.md has it.
  [/^if \(!\('encodeInto' in cachedTextEncoder\)\) \{\n.*?^\}\n/ms, ""],
  ["export { initSync, __wbg_init as default };", `return { ${name}, load: __wbg_init };\n}`],
];

const changedGlue = {
  name: "changed glue",
  setup({ onLoad }) {
    onLoad({ filter: /\.js$/ }, async (file) => {
      const module = moduleOf(file.path);
      if (!module) return undefined;
      let contents = await readFile(file.path, "utf8");
      for (const [what, change] of changes(module)) {
        const parts = contents.split(what);
        if (parts.length !== 2) return { errors: [{ text: `expected ${what} once in ${module.glue}, found it ${parts.length - 1} times` }] };
        contents = parts.join(change);
      }
      return { contents };
    });
  },
};

const options = {
  outdir,
  entryNames: "[name]",
  chunkNames: chunks,
  bundle: true,
  format: "esm",
  target: "es2022",
  minify: true,
  legalComments: "none",
  metafile: true,
  logLevel: "warning",
  plugins: [oneOfEach, changedGlue],
};

try {
  const { metafile } = await build({ ...options, entryPoints: [entry], splitting: true });
  // Built together they would share parts, and the entry would wait for those.
  await build({ ...options, entryPoints: [alone] });
  console.log(JSON.stringify(metafile));
} catch {
  // esbuild has said what is wrong where; a stack trace through it says nothing more.
  process.exitCode = 1;
}
