// The KV namespace and the D1 database of `cargo xtask bench`: what workerd's bindings ask by HTTP. Every Worker measured has
// the same ones, in a process of their own, whose time is nobody's: KV is answered from memory, and of D1's statements none
// is run.
const values = new Map();

/** D1's answer to so many statements. */
function ran(statements, format) {
  const results = format === "ROWS_AND_COLUMNS" ? { columns: [], rows: [] } : [];
  return Response.json(statements.map(() => ({ success: true, results, meta: {} })));
}

export default {
  async fetch(request) {
    const { pathname: key, searchParams } = new URL(request.url);
    if (key === "/healthz") return new Response("ok");
    if (request.method === "POST") return ran([await request.json()].flat(), searchParams.get("resultsFormat"));
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
