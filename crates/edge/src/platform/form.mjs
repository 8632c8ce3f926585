// Forms with files: read within bounds, and written anew. The files stay in the platform's memory.

/** Most parts of a form that is read, longest name of one, and longest text, in UTF-16 units: above what any part may have. */
const [MAX_PARTS, MAX_NAME, MAX_TEXT] = [64, 64, 8 * 1024];

/** How often a form that is slow asks whether it still has room. */
const LOOK_MILLIS = 1_000;

/** The boundary in a form's media type, in quotation marks or without. Source: RFC 2046, section 5.1.1. */
const BOUNDARY = /^multipart\/form-data\s*;(?:.*?;)??\s*boundary=(?:"([^"]{1,70})"|([^\s";]{1,70}))\s*(?:;|$)/i;

/**
 * Whether the chunks that it is given in turn have no more parts together than a form may have. The platform makes an object of every
 * one, however small.
 */
function partsCounter(boundary) {
  // One more ends the form.
  const [mark, most, latin1] = [`--${boundary}`, MAX_PARTS + 1, new TextDecoder("latin1")];
  let [rest, count] = ["", 0];
  return (chunk) => {
    const text = rest + latin1.decode(chunk);
    let [at, from] = [text.indexOf(mark), 0];
    for (; at >= 0 && count <= most; at = text.indexOf(mark, from)) [from, count] = [at + mark.length, count + 1];
    rest = text.slice(Math.max(from, text.length - mark.length + 1));
    return count <= most;
  };
}

/** The parts of a form in turn, each with the first `head` bytes if it is a file; undefined when one has no bounds. */
async function partsOf(form, head) {
  const parts = [];
  for (const [name, value] of form) {
    const isText = typeof value === "string";
    if (parts.length === MAX_PARTS || name.length > MAX_NAME || (isText && value.length > MAX_TEXT)) return undefined;
    parts.push(isText ? [name, value] : [name, value, new Uint8Array(await value.slice(0, head).arrayBuffer())]);
  }
  return parts;
}

/**
 * The form of a request, of at most `most` bytes, whole within `millis` and of which `least` bytes come in each `window`, in
 * milliseconds: its parts in turn, [name, text] or [name, file, the first `head` bytes]; or the reason why it is not here. `hold` is
 * told at each chunk and each second how many bytes there are so far, or will be, and says whether there is still room.
 */
export async function readForm(request, most, millis, least, window, head, hold) {
  const { headers, body } = request;
  const [media, declared] = [headers.get("content-type") ?? "", Number(headers.get("content-length") ?? 0)];
  const boundary = BOUNDARY.exec(media);
  if (declared > most || body === null || boundary === null) {
    await body?.cancel().catch(() => {});
    return declared > most ? "TOO_LARGE" : "MALFORMED";
  }
  const isWithin = partsCounter(boundary[1] ?? boundary[2]);
  let [size, before] = [0, 0];
  // What an error is called does not survive its way through the platform's reader.
  let reason = "MALFORMED";
  const hasRoom = () => hold(Math.max(size, declared));
  const transform = (chunk, controller) => {
    size += chunk.byteLength;
    if (size > most) reason = "TOO_LARGE";
    else if (isWithin(chunk) && hasRoom()) return controller.enqueue(chunk);
    controller.error(new Error(reason));
  };
  const ending = new AbortController();
  const ended = new Promise((_, reject) => ending.signal.addEventListener("abort", () => reject(ending.signal.reason)));
  const late = () => ((reason = "TIMED_OUT"), ending.abort(new Error(reason)));
  const pace = () => (size - before < least ? late() : (before = size));
  const look = () => hasRoom() || ending.abort(new Error(reason));
  const [timer, ...intervals] = [setTimeout(late, millis), setInterval(pace, window), setInterval(look, LOOK_MILLIS)];
  try {
    const counted = body.pipeThrough(new TransformStream({ transform }), { signal: ending.signal });
    const form = new Response(counted, { headers: { "content-type": media } }).formData();
    // The pipe alone notices its end at the next chunk, which may never come.
    const read = await Promise.race([form, ended]);
    return (await partsOf(read, head)) ?? "MALFORMED";
  } catch {
    return reason;
  } finally {
    clearTimeout(timer);
    intervals.forEach(clearInterval);
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

/** Ends a form that nobody reads. What a call has taken is locked, and refuses it. */
export function discardForm(body) {
  if (!body.locked) body.cancel().catch(() => {});
}
