// The KV namespace of `cargo xtask bench`: what workerd's KV binding asks by HTTP, answered from memory. Every Worker
// measured has the same one, in a process of its own.
const values = new Map();

export default {
  async fetch(request) {
    const key = new URL(request.url).pathname;
    if (key === "/healthz") return new Response("ok");
    switch (request.method) {
      case "PUT":
        values.set(key, { value: await request.arrayBuffer(), metadata: request.headers.get("cf-kv-metadata") });
        return new Response(null, { status: 200 });
      case "DELETE":
        values.delete(key);
        return new Response(null, { status: 200 });
      default: {
        const kept = values.get(key);
        if (kept === undefined) return new Response(null, { status: 404 });
        const headers = kept.metadata === null ? {} : { "cf-kv-metadata": kept.metadata };
        return new Response(kept.value, { headers });
      }
    }
  },
};
