// R2 as a stopped edge left it: what lies there is looked at and changed past the edge.
import path from "node:path";
import { fileURLToPath } from "node:url";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import { unstable_getMiniflareWorkerOptions } from "wrangler";

const CONFIG = path.resolve(fileURLToPath(import.meta.url), "../../wrangler.toml");
/** A Worker has the bucket: Miniflare's own handles block the process at times. */
const WORKER = `
  export default {
    async fetch(request, { DOCUMENTS: bucket }) {
      const key = decodeURIComponent(new URL(request.url).pathname.slice(1));
      if (key === "") return Response.json((await bucket.list()).objects.map((object) => object.key));
      if (request.method === "PUT") return new Response((await bucket.put(key, await request.arrayBuffer())).key);
      const object = await bucket.get(key);
      return object ? new Response(object.body) : new Response(null, { status: 404 });
    },
  };`;

/** Does `work` with the bucket of the storage at `persist`, which no edge has open. */
export async function withBucket(persist, work) {
  const { workerOptions } = unstable_getMiniflareWorkerOptions(CONFIG, undefined, { envFiles: [] });
  const { compatibilityDate, r2Buckets } = workerOptions;
  const bucket = { name: "bucket", modules: [{ type: "ESModule", path: "index.mjs", contents: WORKER }], compatibilityDate, r2Buckets };
  const miniflare = new Miniflare(convertV4MiniflareOptions({ workers: [bucket], host: "127.0.0.1", cf: false, resourcePersistencePath: persist }));
  const ask = (key, init) => miniflare.dispatchFetch(`http://bucket.invalid/${encodeURIComponent(key)}`, init);
  try {
    return await work({
      keys: async () => (await ask("")).json(),
      get: async (key) => Buffer.from(await (await ask(key)).arrayBuffer()),
      put: async (key, body) => void (await (await ask(key, { method: "PUT", body })).text()),
    });
  } finally {
    await miniflare.dispose();
  }
}
