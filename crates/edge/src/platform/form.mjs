// Forms with files: read within bounds, and written anew. The files stay in the platform's memory.

/** Most parts of a form that is read. */
const MAX_PARTS = 64;

/**
 * The form of a request, of at most `most` bytes and whole within `millis`: its parts in turn, [name, text] or [name, file, the first
 * `head` bytes]; or the reason why it is not here. `hold` is told at each chunk how many bytes there are so far, or will be, and
 * says whether there is still room.
 */
export async function readForm(request, most, millis, head, hold) {
  const { headers, body } = request;
  const declared = Number(headers.get("content-length") ?? 0);
  if (declared > most || body === null) {
    await body?.cancel().catch(() => {});
    return body === null ? "MALFORMED" : "TOO_LARGE";
  }
  let size = 0;
  // What an error is called does not survive its way through the platform's reader.
  let reason = "MALFORMED";
  const transform = (chunk, controller) => {
    size += chunk.byteLength;
    if (size > most) reason = "TOO_LARGE";
    else if (hold(Math.max(size, declared))) return controller.enqueue(chunk);
    controller.error(new Error(reason));
  };
  const timer = new AbortController();
  const late = setTimeout(() => ((reason = "TIMED_OUT"), timer.abort(new Error(reason))), millis);
  try {
    const counted = body.pipeThrough(new TransformStream({ transform }), { signal: timer.signal });
    const form = await new Response(counted, { headers: { "content-type": headers.get("content-type") ?? "" } }).formData();
    const parts = [...form];
    if (parts.length > MAX_PARTS) return "MALFORMED";
    const beginning = async (file) => new Uint8Array(await file.slice(0, head).arrayBuffer());
    return await Promise.all(parts.map(async ([name, value]) => (typeof value === "string" ? [name, value] : [name, value, await beginning(value)])));
  } catch {
    return reason;
  } finally {
    clearTimeout(late);
  }
}

/** A form of `fields`, names and values in turn, and `documents`, each [file, media type, name]: [media type, body]. */
export function writeForm(fields, documents) {
  const form = new FormData();
  for (let at = 1; at < fields.length; at += 2) form.append(fields[at - 1], fields[at]);
  for (const [file, media, name] of documents) form.append("documents", file.slice(0, file.size, media), name);
  const { headers, body } = new Response(form);
  return [headers.get("content-type"), body];
}
