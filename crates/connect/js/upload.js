// Documents that a visitor sends in a login's place: what may be sent, and the sending, with its progress.

export const MAX_FILES = 20;
const MAX_BYTES = 10_000_000;
const MAX_BYTES_TOGETHER = 25_000_000;

/** The types that are taken, each with what files of it are called: not every system knows the type of a HEIC photo. */
const TYPES = { "application/pdf": "pdf", "image/jpeg": "jpe?g", "image/png": "png", "image/heic": "hei[cf]", "image/heif": "hei[cf]", "image/webp": "webp" };
export const ACCEPT = [...Object.keys(TYPES), ".heic"].join();
const NAMES = new RegExp(`\\.(${Object.values(TYPES).join("|")})$`, "i");

/** How long the sending may stand still, in milliseconds. */
const STALL_MS = 60_000;

/** What keeps these files from being sent: the name of its text, and of the file; nothing where they may be. The edge looks closer. */
export function flaw(files) {
  const isOfType = ({ type, name }) => (type ? Object.hasOwn(TYPES, type) : NAMES.test(name));
  if (files.length === 0) return ["uploadNone"];
  if (files.length > MAX_FILES) return ["uploadTooMany"];
  for (const [text, isFlawed] of [
    ["uploadWrongType", (file) => !isOfType(file)],
    ["uploadEmpty", (file) => file.size === 0],
    ["uploadTooLarge", (file) => file.size > MAX_BYTES],
  ]) {
    const file = files.find(isFlawed);
    if (file) return [text, file.name];
  }
  return files.reduce((sum, { size }) => sum + size, 0) > MAX_BYTES_TOGETHER ? ["uploadTooLargeTogether"] : undefined;
}

/**
 * What `platform.js` sends in a body's place, and Rust writes the consent into. `onProgress` is told from 0 to 1 how much has been
 * sent; `signal` ends the sending: what was sent in part is nothing.
 */
export function parcel(files, { company, onProgress, signal } = {}) {
  function send(url, token) {
    const { terms_version, consent_language } = this;
    const form = new FormData();
    for (const [name, value] of Object.entries({ terms_version, consent_language, company })) if (value) form.append(name, value);
    for (const file of files) form.append("documents", file);
    return post(url, token, form, onProgress, signal);
  }
  return { send };
}

/** [status, document], or `UPLOAD_CANCELLED`. `fetch` does not tell how much it has sent. */
function post(url, token, form, onProgress, signal) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    let stalled;
    const alive = () => (clearTimeout(stalled), (stalled = setTimeout(() => request.abort(), STALL_MS)));
    const cancel = () => (resolve("UPLOAD_CANCELLED"), request.abort());
    if (signal?.aborted) return cancel();
    signal?.addEventListener("abort", cancel);
    request.open("POST", url);
    request.setRequestHeader("authorization", `Bearer ${token}`);
    request.responseType = "json";
    request.upload.onprogress = ({ loaded, total }) => (alive(), onProgress?.(loaded / total));
    request.onload = () => (request.response ? resolve([request.status, request.response]) : reject());
    request.onerror = () => reject(new TypeError("no answer"));
    request.onabort = () => reject();
    request.onloadend = () => (clearTimeout(stalled), signal?.removeEventListener("abort", cancel));
    alive();
    request.send(form);
  });
}
