// Counts what Cloudflare bills where the Worker asks for it, and says which statement wrote rows.

/** Put behind a bundle's code: counts, and answers with the counts at /__counts. */
export const COUNTING = String.raw`
const __counts = {}, __rowsOf = {}, __cursors = [];
/** The statement that wrote rows: its verb and its table. */
const __note = (text, rows) => rows && (__rowsOf[text.trim().split(/[\s(]+/).slice(0, 3).join(" ")] = (__rowsOf[text.trim().split(/[\s(]+/).slice(0, 3).join(" ")] ?? 0) + rows);
const __count = (name, by = 1) => (__counts[name] = (__counts[name] ?? 0) + by);
const __seen = new WeakSet();
/** Has each call of a method counted, on the prototype that all handles share. */
const __watch = (handle, methods) => {
  const prototype = Object.getPrototypeOf(handle);
  if (__seen.has(prototype)) return;
  __seen.add(prototype);
  for (const [method, note] of Object.entries(methods)) {
    const original = prototype[method];
    prototype[method] = function (...given) {
      const result = original.apply(this, given);
      note(result, ...given);
      if (method === "bind") __texts.set(result, __texts.get(this));
      return result;
    };
  }
};
/** A cursor counts what the last of several statements wrote: each is made by itself. */
const __each = (sql) => {
  const prototype = Object.getPrototypeOf(sql);
  if (__seen.has(prototype)) return;
  __seen.add(prototype);
  const { exec } = prototype;
  prototype.exec = function (text, ...bindings) {
    const statements = bindings.length > 0 ? [text] : text.split(";").filter((part) => part.trim() !== "");
    return statements.map((part) => (__cursors.push([part, exec.call(this, part, ...bindings)]), __cursors.at(-1)[1])).at(-1);
  };
};
const __texts = new WeakMap();
const __rows = (results, statements) =>
  [results].flat().forEach(({ meta }, at) => (__count("D1 rows read", meta.rows_read), __count("D1 rows written", meta.rows_written), __note("D1 " + (__texts.get(statements?.[at]) ?? ""), meta.rows_written)));
const __stores = ({ PULLS, DOCUMENTS, AGENCY }) => {
  __watch(PULLS, { get: () => __count("KV reads"), put: () => __count("KV writes"), delete: () => __count("KV deletes"), list: () => __count("KV lists") });
  __watch(DOCUMENTS, { put: () => __count("R2 class A"), get: () => __count("R2 class B") });
  if (AGENCY === undefined) return;
  const later = (result, statements) => void result.then((results) => __rows(results, statements), () => {});
  __watch(AGENCY, { batch: later, prepare: (statement, text) => __texts.set(statement, text) });
  __watch(AGENCY.prepare("SELECT 1"), { run: (result) => later(result), bind: () => {} });
};
const __fetch = index_default.fetch;
index_default.fetch = function (request, env, ctx) {
  if (new URL(request.url).pathname === "/__counts") {
    for (const [text, cursor] of __cursors.splice(0)) __count("SQLite rows read", cursor.rowsRead), __count("SQLite rows written", cursor.rowsWritten), __note(text, cursor.rowsWritten);
    return Response.json({ ...__counts, __rowsOf });
  }
  __stores(env);
  __count("Worker requests");
  return __fetch.call(this, request, env, ctx);
};
/** An object is paid for by its time: as long as a call of it is under way. */
const __awake = new WeakMap();
const __enter = (object) => {
  const { calls, since } = __awake.get(object) ?? { calls: 0 };
  __awake.set(object, { calls: calls + 1, since: calls > 0 ? since : Date.now() });
};
const __leave = (object) => {
  const { calls, since } = __awake.get(object);
  if (calls === 1) __count("object seconds", (Date.now() - since) / 1_000);
  __awake.set(object, { calls: calls - 1, since });
};
for (const { prototype } of [Pull, Session]) {
  for (const name of Object.getOwnPropertyNames(prototype).filter((name) => name !== "constructor")) {
    const method = prototype[name];
    prototype[name] = function (...given) {
      __stores(this.env);
      __each(this.ctx.storage.sql);
      __watch(this.ctx.storage, { setAlarm: () => __count("alarms set") });
      __count("object requests");
      __enter(this);
      const result = method.apply(this, given);
      if (result instanceof Promise) result.then(() => __leave(this), () => __leave(this));
      else __leave(this);
      return result;
    };
  }
}
`;
