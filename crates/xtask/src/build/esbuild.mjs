// Bundles the page for esbuild.rs. One JSON argument { entry, glue, crate, placeholder, wasm, outdir, chunks }: paths from the root,
// where it runs, and names. Prints esbuild's metafile.
import { readFile } from "node:fs/promises";
import path from "node:path";
import { build } from "esbuild";

const { entry, glue, crate, placeholder, wasm, outdir, chunks } = JSON.parse(process.argv[2]);

/** wasm-bindgen copies the modules that the crate imports; of a module that scripts import as well there must be one. */
const oneOfEach = {
  name: "one of each module",
  setup({ onResolve }) {
    onResolve({ filter: /^\.\/snippets\// }, (module) => {
      if (module.importer !== path.resolve(glue)) return undefined;
      const [, , , ...inCrate] = module.path.split("/");
      return { path: path.resolve(crate, ...inCrate) };
    });
  },
};

/** Once the hashed name stands in wasm-bindgen's glue, what has the glue in it gets another hash whenever the wasm changes. */
const nameOfWasm = {
  name: "name of the wasm",
  setup({ onLoad }) {
    onLoad({ filter: /\.js$/ }, async (file) => {
      if (file.path !== path.resolve(glue)) return undefined;
      const parts = (await readFile(file.path, "utf8")).split(placeholder);
      if (parts.length !== 2) return { errors: [{ text: `expected ${placeholder} once in ${glue}, found it ${parts.length - 1} times` }] };
      return { contents: parts.join(wasm) };
    });
  },
};

const options = {
  entryPoints: [entry],
  outdir,
  entryNames: "[name]",
  chunkNames: chunks,
  bundle: true,
  splitting: true,
  format: "esm",
  target: "es2022",
  minify: true,
  legalComments: "none",
  metafile: true,
  logLevel: "warning",
  plugins: [oneOfEach, nameOfWasm],
};

try {
  const { metafile } = await build(options);
  console.log(JSON.stringify(metafile));
} catch {
  // esbuild has said what is wrong where; a stack trace through it says nothing more.
  process.exitCode = 1;
}
