// Runs one Worker on workerd as its wrangler.toml says: bindings, assets and compatibility come from there, the code from
// wrangler's own bundle. `cargo xtask demo` and tests/harness.mjs start it as a process of its own, with one JSON argument
// { config, bundle, port, persist, vars, limits?, inspectorPort? }; it lives until its stdin ends, so it never outlives who started it.
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from "miniflare";
import { unstable_getMiniflareWorkerOptions, unstable_readConfig } from "wrangler";

const { config, bundle, port, persist, vars, limits = {}, inspectorPort } = JSON.parse(process.argv[2]);

const { name, d1_databases: databases = [] } = unstable_readConfig({ config });
// A developer's .dev.vars must not decide what a test sees.
const { workerOptions } = unstable_getMiniflareWorkerOptions(config, undefined, { envFiles: [] });

/** What every Miniflare here is given. */
const common = {
  host: "127.0.0.1",
  // Otherwise it asks a Cloudflare host for a sample of `Request.cf`.
  cf: false,
  resourcePersistencePath: persist,
  log: new Log(LogLevel.WARN),
};

// Before anything is answered: whoever asks finds the tables.
for (const database of databases) await migrate(database);

const miniflare = new Miniflare(
  convertV4MiniflareOptions({
    workers: [
      {
        ...workerOptions,
        name,
        modules: modulesOf(bundle),
        modulesRoot: bundle,
        bindings: { ...workerOptions.bindings, ...vars },
        ratelimits: Object.fromEntries(Object.entries(workerOptions.ratelimits ?? {}).map(limited)),
      },
    ],
    ...common,
    port,
    ...(inspectorPort ? { inspectorPort } : {}),
    // Without it an exception that a Worker does not catch leaves no trace in the log.
    verbose: true,
    // `/cdn-cgi/local/scheduled` is the hour.
    unsafeTriggerHandlers: true,
    logRequests: false,
    handleUncaughtError: (error) => console.error(`uncaught in ${name}: ${error.stack}`),
  }),
);

/** A rate limit of wrangler.toml, with the number that `limits` has for it. */
function limited([name, ratelimit]) {
  return [name, { ...ratelimit, simple: { ...ratelimit.simple, limit: limits[name] ?? ratelimit.simple.limit } }];
}

process.stdin.resume();
process.stdin.once("end", stop);
process.once("SIGTERM", stop);

try {
  await miniflare.ready;
} catch (error) {
  console.error(error.message);
  process.exit(1);
}

/**
 * Applies the migrations which a database has not had yet, as `wrangler d1 migrations apply` does, and notes them as it does. By
 * a Worker: Miniflare's own handle on a database blocks this process at times, and with it a Worker that writes to the log.
 */
async function migrate({ binding, migrations_dir: directory, migrations_table: table = "d1_migrations" }) {
  const folder = path.resolve(path.dirname(config), directory);
  const files = readdirSync(folder).filter((file) => file.endsWith(".sql")).sort();
  const statements = (file) => readFileSync(path.join(folder, file), "utf8").replaceAll(/^--.*$/gm, "").split(/;\s*$/m).filter((statement) => statement.trim() !== "");
  const columns = "id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE, applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL";
  const contents = `
    const [table, columns, migrations] = ${JSON.stringify([table, columns, files.map((file) => [file, statements(file)])])};
    export default {
      async fetch(request, { DATABASE: database }) {
        await database.prepare(\`CREATE TABLE IF NOT EXISTS \${table} (\${columns})\`).run();
        const { results } = await database.prepare(\`SELECT name FROM \${table}\`).all();
        const applied = new Set(results.map((row) => row.name));
        for (const [file, statements] of migrations.filter(([file]) => !applied.has(file))) {
          const note = database.prepare(\`INSERT INTO \${table} (name) VALUES (?)\`).bind(file);
          await database.batch([...statements.map((statement) => database.prepare(statement)), note]);
        }
        return new Response("applied");
      },
    };`;
  const d1Databases = { DATABASE: workerOptions.d1Databases[binding] };
  const { compatibilityDate } = workerOptions;
  const migrating = { name: "migrating", modules: [{ type: "ESModule", path: "index.mjs", contents }], compatibilityDate, d1Databases };
  const miniflare = new Miniflare(convertV4MiniflareOptions({ workers: [migrating], ...common }));
  const answer = await miniflare.dispatchFetch("http://migrating.invalid/");
  if (!answer.ok) throw new Error(`${binding}: ${await answer.text()}`);
  await miniflare.dispose();
}

async function stop() {
  await miniflare.dispose();
  process.exit(0);
}

/** The files of wrangler's bundle as modules; the first one is the entry. */
function modulesOf(directory) {
  const types = { ".js": "ESModule", ".mjs": "ESModule", ".wasm": "CompiledWasm" };
  return readdirSync(directory)
    .filter((file) => path.extname(file) in types)
    .sort((a, b) => isEntry(b) - isEntry(a))
    .map((file) => ({ type: types[path.extname(file)], path: path.join(directory, file) }));
}

function isEntry(file) {
  return /^index\.m?js$/.test(file);
}
