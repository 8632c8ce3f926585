// Streams of the platform's, chunk by chunk: one buffer serves a whole stream, and each chunk crosses once.

/** Bytes of a part of an upload whose length is not known: each but the last has as many. Source: Cloudflare, R2, "Multipart". */
const PART = 5 * 1024 * 1024;

/** A stream's bytes, as many at a time as are asked for. */
export class Chunks {
  #reader;
  #buffer;

  /** @param most bytes of the largest chunk, given or put in its place */
  constructor(stream, most) {
    this.#reader = stream?.getReader({ mode: "byob" });
    this.#buffer = new ArrayBuffer(most);
  }

  /** The next `size` bytes, fewer at the end, then none. They stay until the next are asked for. */
  async next(size) {
    let filled = 0;
    while (this.#reader !== undefined && filled < size) {
      const room = new Uint8Array(this.#buffer, filled, size - filled);
      const { value, done } = await this.#reader.readAtLeast(room.length, room);
      // The buffer comes back as another one, of the same memory.
      if (value !== undefined) this.#buffer = value.buffer;
      filled += value?.length ?? 0;
      if (done) this.#reader = undefined;
    }
    return this.place(filled);
  }

  /** The first `length` bytes of the buffer: what is put there takes the place of what was given. */
  place(length) {
    return new Uint8Array(this.#buffer, 0, length);
  }

  /** Ends a stream that nobody reads on. */
  cancel() {
    this.#reader?.cancel().catch(() => {});
    this.#reader = undefined;
  }
}

/** Bytes on their way to a reader, `size` of them where that is known: fewer break off. */
export class Pipe {
  #writer;

  constructor(size) {
    const { readable, writable } = size === undefined ? new IdentityTransformStream() : new FixedLengthStream(size);
    this.readable = readable;
    this.#writer = writable.getWriter();
  }

  /** Done when the reader has taken them: then they may be overwritten. */
  write(bytes) {
    return this.#writer.write(bytes);
  }

  end() {
    return this.#writer.close();
  }

  abort(reason) {
    this.#writer.abort(new Error(reason)).catch(() => {});
  }
}

/** An object on its way into a bucket, there when it has ended, and not before. */
class Sized {
  #pipe;
  #put;

  constructor(bucket, key, size, etag) {
    this.#pipe = new Pipe(size);
    this.#put = bucket.put(key, this.#pipe.readable, etag === undefined ? {} : { onlyIf: { etagMatches: etag } });
    this.#put.catch(() => {});
  }

  write(bytes) {
    // A bucket that fails reads no more.
    return Promise.race([this.#pipe.write(bytes), this.#put]);
  }

  async end() {
    await Promise.race([this.#pipe.end(), this.#put]);
    return (await this.#put) !== null;
  }

  async abort(reason) {
    this.#pipe.abort(reason);
    await this.#put.catch(() => {});
  }
}

/** The same in parts, for a length that is not known. */
class Parted {
  #bucket;
  #key;
  #part = new Uint8Array();
  #filled = 0;
  #upload;
  #parts = [];

  constructor(bucket, key) {
    this.#bucket = bucket;
    this.#key = key;
  }

  async write(bytes) {
    for (let at = 0; at < bytes.length; ) {
      if (this.#filled === PART) await this.#send();
      const some = bytes.subarray(at, at + PART - this.#filled);
      this.#grow(this.#filled + some.length);
      this.#part.set(some, this.#filled);
      this.#filled += some.length;
      at += some.length;
    }
  }

  /** A small object takes no whole part. */
  #grow(length) {
    if (length <= this.#part.length) return;
    const grown = new Uint8Array(Math.min(PART, Math.max(length, 2 * this.#part.length)));
    grown.set(this.#part.subarray(0, this.#filled));
    this.#part = grown;
  }

  async #send() {
    this.#upload ??= await this.#bucket.createMultipartUpload(this.#key);
    this.#parts.push(await this.#upload.uploadPart(this.#parts.length + 1, this.#part.subarray(0, this.#filled)));
    this.#filled = 0;
  }

  async end() {
    if (this.#upload === undefined) {
      await this.#bucket.put(this.#key, this.#part.subarray(0, this.#filled));
    } else {
      await this.#send();
      await this.#upload.complete(this.#parts);
    }
    return true;
  }

  async abort() {
    await this.#upload?.abort().catch(() => {});
  }
}

/**
 * An upload of `size` bytes, or of any number. With `etag` it takes the place of that version alone: `end` gives whether it did.
 */
export function upload(bucket, key, size, etag) {
  return size === undefined ? new Parted(bucket, key) : new Sized(bucket, key, size, etag);
}

/** SHA-256 of bytes that pass. */
export class Digest {
  #stream = new crypto.DigestStream("SHA-256");
  #writer = this.#stream.getWriter();

  constructor() {
    // One that is given up is nobody's failure.
    this.#stream.digest.catch(() => {});
  }

  update(bytes) {
    return this.#writer.write(bytes);
  }

  async end() {
    await this.#writer.close();
    return new Uint8Array(await this.#stream.digest);
  }
}
